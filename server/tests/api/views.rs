//! Saved views: one's own and the shared ones, each with exact counts as of one position.

use super::desk::{Desk, opening};
use serde_json::{Value, json};

async fn save(desk: &Desk, who: (&str, &str), name: &str, filter: &str, shared: bool) -> Value {
    let view = json!({ "name": name, "filter": filter, "shared": shared });
    desk.post("/api/v1/views").by(who.0, who.1).json(&view).await.ok(201)["view"].clone()
}

const INES: (&str, &str) = ("ines", "agent");
const OMAR: (&str, &str) = ("omar", "agent");
const BEATRIZ: (&str, &str) = ("beatriz", "supervisor");

async fn views(desk: &Desk, who: (&str, &str)) -> Value {
    desk.settled().await;
    desk.get("/api/v1/views").by(who.0, who.1).await.ok(200)
}

fn names(views: &Value) -> Vec<&str> {
    views["views"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_listed_with_what_each_person_sees_in_them() {
    let desk = Desk::open().await;
    for team in ["billing", "account"] {
        let mut fields = opening();
        fields["team"] = json!(team);
        desk.post("/api/v1/tickets").json(&fields).await.ok(201);
    }
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let shared = save(&desk, BEATRIZ, "Todo lo mío", "assignee:me", true).await;
    save(&desk, INES, "Billing", " Team:BILLING  status:open ", false).await;
    let shown = views(&desk, INES).await;
    let expected = json!([
        {
            "id": shared, "name": "Todo lo mío", "filter": "assignee:me", "shared": true, "author": "beatriz",
            "tickets": 1, "late": 0,
        },
        {
            "id": shown["views"][1]["id"], "name": "Billing", "filter": "team:billing status:open", "shared": false,
            "author": "ines", "tickets": 1, "late": 0,
        },
    ]);
    assert_eq!(shown["views"], expected);
    assert_eq!(shown["position"], desk.head());
    let of_omar = views(&desk, OMAR).await;
    assert_eq!((names(&of_omar), &of_omar["views"][0]["tickets"]), (vec!["Todo lo mío"], &json!(0)));
    let auditor = views(&desk, ("alma", "auditor")).await;
    assert_eq!(names(&auditor), ["Todo lo mío"]);
    let position = desk.done(2, "assign", json!({ "to": "omar" })).await;
    let again = desk.get(format!("/api/v1/views?at_least={position}")).by("omar", "agent").await.ok(200);
    assert_eq!((&again["position"], &again["views"][0]["tickets"]), (&json!(position), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_saved_once_saved_over_and_removed() {
    let desk = Desk::open().await;
    let fields = json!({ "name": "Mine", "filter": "assignee:me" });
    let post = |fields: &Value| desk.post("/api/v1/views").by("ines", "agent").json(fields);
    let first = post(&fields).key("1").await.ok(201);
    assert_eq!((&first["outcome"], &first["position"]), (&json!("appended"), &json!(1)));
    let again = post(&fields).key("1").await.ok(201);
    assert_eq!((&again["outcome"], &again["view"]), (&json!("found"), &first["view"]));
    assert_eq!(names(&views(&desk, INES).await), ["Mine"]);
    let id = first["view"].as_str().unwrap();
    let over = json!({ "id": id, "name": "Mías", "filter": "assignee:me -is:late" });
    assert_eq!(post(&over).await.ok(201)["view"], id);
    assert_eq!(post(&over).await.ok(201)["outcome"], "already_so");
    assert_eq!(names(&views(&desk, INES).await), ["Mías"]);
    let remove = || desk.post(format!("/api/v1/views/{id}/remove")).by("ines", "agent");
    assert_eq!(remove().key("2").await.ok(200)["outcome"], "appended");
    assert_eq!(remove().key("2").await.ok(200)["outcome"], "found");
    remove().await.problem(404, "view-not-found");
    assert_eq!(names(&views(&desk, INES).await), [""; 0]);
    assert_eq!(desk.events_after(0).await, ["views view.saved", "views view.saved", "views view.removed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ones_own_is_not_there_and_what_is_shared_is_for_leads() {
    let desk = Desk::open().await;
    let own = save(&desk, INES, "Own", "assignee:me", false).await;
    let shared = save(&desk, BEATRIZ, "Shared", "", true).await;
    let remove = |view: &Value, who: (&str, &str)| {
        desk.post(format!("/api/v1/views/{}/remove", view.as_str().unwrap())).by(who.0, who.1)
    };
    for who in [OMAR, BEATRIZ, ("alma", "admin")] {
        let elsewhere = remove(&own, who).await.problem(404, "view-not-found");
        let nowhere = remove(&json!("00000000-0000-4000-8000-000000000000"), who).await;
        assert_eq!(nowhere.problem(404, "view-not-found"), elsewhere, "whose it is, is not told");
    }
    remove(&shared, INES).await.problem(403, "view-shared");
    let sharing = json!({ "name": "x", "filter": "", "shared": true });
    desk.post("/api/v1/views").by("ines", "agent").json(&sharing).await.problem(403, "view-shared");
    remove(&json!("no-id"), INES).await.problem(404, "not-found");
    remove(&shared, ("alma", "admin")).await.ok(200);
    let refused = json!({ "name": "x", "filter": "status:opn" });
    let refused = desk.post("/api/v1/views").json(&refused).await.problem(422, "filter-not-understood");
    assert_eq!(refused["field"], "filter");
    for fields in [
        json!({ "name": " ", "filter": "" }),
        json!({ "name": "x" }),
        json!({ "id": 7, "name": "x", "filter": "" }),
    ] {
        desk.post("/api/v1/views").json(&fields).await.problem(422, "invalid");
    }
    for who in ["customer", "auditor", "analyst"] {
        let fields = json!({ "name": "x", "filter": "" });
        desk.post("/api/v1/views").by("x", who).json(&fields).await.problem(403, "role-not-allowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_views_as_there_may_be_and_no_more() {
    let desk = Desk::open().await;
    for index in 0..50 {
        save(&desk, INES, &format!("{index}"), "assignee:me", false).await;
        save(&desk, BEATRIZ, &format!("{index}"), "assignee:me", true).await;
    }
    let more = |shared: bool, who: (&'static str, &'static str)| {
        let fields = json!({ "name": "x", "filter": "", "shared": shared });
        desk.post("/api/v1/views").by(who.0, who.1).json(&fields)
    };
    more(false, INES).await.problem(409, "too-many-views");
    more(true, BEATRIZ).await.problem(409, "too-many-shared-views");
    more(false, BEATRIZ).await.ok(201);
    assert_eq!(views(&desk, INES).await["views"].as_array().unwrap().len(), 100);
}
