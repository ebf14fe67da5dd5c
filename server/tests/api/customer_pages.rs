//! Customers who come to the staff's pages are told where they stand, and are let into nothing that they cannot use.

use super::call::Answer;
use super::customer_access::customer;
use super::desk::Desk;
use super::letting_in::{guarded, hired};
use docket_core::actor::Role;
use docket_server::credentials::Person;
use serde_json::{Value, json};

const PASSWORD: &str = "four words and a lamp";

/// What the page says in each language.
const SAYS: [(&str, &str, &str); 2] = [
    ("en", "These pages are for people who work here", "There are no pages for customers here yet."),
    ("es", "Estas páginas son para quien trabaja aquí", "Aquí todavía no hay páginas para clientes."),
];

fn invited(desk: &Desk, id: &str) -> String {
    desk.app.credentials.invite(&Person::Customer(id.parse().unwrap()), desk.app.now()).unwrap().0
}

async fn form(desk: &Desk, path: &str, language: &str, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
    let call = desk.post(path).header("content-type", "application/x-www-form-urlencoded");
    call.header("accept-language", language).raw(fields.join("&")).await
}

/// The page says where a customer stands, leads to nothing that is not theirs, and lets nobody in.
#[track_caller]
fn check(answer: &Answer, status: u16, language: &str) {
    let (_, title, text) = SAYS.into_iter().find(|(code, ..)| *code == language).unwrap();
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(title) && answer.text().contains(text), "{}", answer.text());
    for elsewhere in ["href=\"/queue?lane=new\"", "href=\"/reports\""] {
        assert!(!answer.text().contains(elsewhere), "{}", answer.text());
    }
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_chooses_a_password_is_told_that_it_is_set_and_where_it_is_good() {
    let desk = guarded().await;
    for ((language, ..), set) in SAYS.into_iter().zip([
        "Your password is set, and your user name is noor.",
        "Tu contraseña ya está guardada, y tu nombre de usuario es noor.",
    ]) {
        let code = invited(&desk, "noor");
        let weak = form(&desk, "/welcome", language, &[("code", &code), ("password", "short")]).await;
        assert_eq!(weak.status, 422, "the code is not used up by that");
        let answer = form(&desk, "/welcome", language, &[("code", &code), ("password", PASSWORD)]).await;
        check(&answer, 200, language);
        assert!(answer.text().contains(set), "{}", answer.text());
        let body = json!({ "id": "noor", "password": PASSWORD, "customer": true });
        desk.post("/api/v1/session").json(&body).await.ok(201);
        let again = form(&desk, "/welcome", language, &[("code", &code), ("password", PASSWORD)]).await;
        assert_eq!(again.status, 422, "a code works once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_signs_in_where_the_staff_does_is_told_where_they_stand_by_their_own_password_alone() {
    let desk = guarded().await;
    customer(&desk, "noor").await;
    let enter = async |language: &str, id: &str, password: &str| {
        form(&desk, "/sign-in", language, &[("id", id), ("password", password)]).await
    };
    for (language, ..) in SAYS {
        check(&enter(language, "noor", PASSWORD).await, 200, language);
    }
    // Whoever does not know the password does not learn that there is a customer of that name.
    let mut told = Vec::new();
    for id in ["noor", "nobody-at-all"] {
        let refused = enter("en", id, "another password altogether").await;
        assert_eq!(refused.status, 401);
        assert!(refused.text().contains("The name or the password is not right."), "{}", refused.text());
        told.push(refused.text().replace(id, ""));
    }
    assert_eq!(told[0], told[1]);
    // Somebody of the same name who works here is somebody else.
    hired(&desk, "noor", Role::Agent, &[]).await;
    let code =
        desk.app.credentials.invite(&Person::Staff("noor".parse().unwrap()), desk.app.now()).unwrap().0;
    let own = [("code", code.as_str()), ("password", "a lamp and four words")];
    assert_eq!(form(&desk, "/welcome", "en", &own).await.status, 303);
    let entered = enter("en", "noor", "a lamp and four words").await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/queue?lane=new")));
    assert!(entered.header("set-cookie").is_some());
    check(&enter("en", "noor", PASSWORD).await, 200, "en");
    // Guessing is slowed down as for everybody.
    for _ in 0..10 {
        enter("en", "noor", "another password altogether").await;
    }
    assert_eq!(enter("en", "noor", PASSWORD).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_has_signed_in_elsewhere_is_told_where_they_stand_on_every_page_of_the_staff() {
    let desk = guarded().await;
    let noor = customer(&desk, "noor").await;
    for path in ["/queue", "/queue?lane=open", "/tickets/1", "/tickets/1/note", "/reports"] {
        for (language, ..) in SAYS {
            let call = desk.get(path).header("cookie", &noor).header("accept-language", language);
            let answer = call.await;
            check(&answer, 403, language);
            assert!(answer.text().contains("action=\"/sign-out\""), "they can leave: {}", answer.text());
        }
    }
    let left = desk.post("/sign-out").header("cookie", &noor).await;
    assert_eq!((left.status, left.header("location")), (303, Some("/sign-in")));
    // Others who may not see a page are led to where they may go.
    let analyst = hired(&desk, "ada", Role::Analyst, &[]).await;
    let refused = desk.get("/queue").header("cookie", &analyst).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("href=\"/reports\">Go to the reports"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_names_a_page_to_those_alone_who_have_pages() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let member = json!({ "id": "ines", "name": "Inés Peña", "role": "agent" });
    desk.post("/api/v1/staff").by("alma", "admin").json(&member).await.ok(201);
    let page =
        async |path: &str| desk.post(path).by("alma", "admin").json(&json!({})).await.ok(201)["page"].take();
    assert_eq!(page("/api/v1/staff/ines/invite").await, "/welcome");
    assert_eq!(page("/api/v1/customers/noor/invite").await, Value::Null);
}
