//! What people configured is called by its label wherever a page names it, in the language of whoever looks.

use super::desk::Desk;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use docket_core::names::TicketNumber;
use serde_json::{Value, json};

async fn setting(desk: &Desk, path: &str, command: &str, body: &Value) {
    let request = Request::post(format!("/api/v1/settings/{path}/{command}"))
        .header("docket-role", "admin")
        .header("content-type", "application/json");
    let answer = desk.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.html);
}

async fn publish(desk: &Desk, path: &str, [en, es]: [&str; 2]) {
    let mut content = json!({ "label": { "en": en, "es": es } });
    if path.starts_with("resolution-categories") {
        content["needs_assignee"] = json!(false);
    }
    setting(desk, path, "publish", &json!({ "content": content, "reason": "as agreed" })).await;
}

async fn does(desk: &Desk, number: TicketNumber, action: &str, typed: &[(&str, &str)]) {
    let address = format!("/tickets/{number}");
    let page = desk.get(&address).await;
    let sent = desk.submit(&page, &format!("{address}/{action}"), typed).await;
    desk.follow(&sent).await;
}

async fn shows(desk: &Desk, address: &str, texts: &[[&str; 2]]) {
    for (language, place) in [("en", 0), ("es", 1)] {
        let page = desk
            .get(&format!("{address}{}lang={language}", if address.contains('?') { '&' } else { '?' }))
            .await;
        for text in texts {
            page.shows(text[place]);
        }
        for slug in ["legal-team", "tax-matter", "law-suit", "settled-out"] {
            let told = page.html.replace(&format!("value=\"{slug}\""), "");
            assert!(!told.contains(slug), "{language}: {slug} in {told}");
        }
    }
}

#[tokio::test]
async fn teams_categories_and_reasons_are_called_by_their_labels_wherever_a_page_names_them() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    for (path, label) in [
        ("teams/legal-team", ["Legal & tax", "Jurídico e impuestos"]),
        ("intake-categories/tax-matter", ["Taxes", "Impuestos"]),
        ("escalation-reasons/law-suit", ["Lawsuit", "Demanda"]),
        ("resolution-categories/settled-out", ["Settled", "Acordado"]),
        // What Docket ships with is called what people call it now.
        ("teams/technical", ["Engineering", "Ingeniería"]),
    ] {
        publish(&desk, path, label).await;
    }
    does(&desk, number, "change-category", &[("to", "tax-matter")]).await;
    does(&desk, number, "change-team", &[("to", "legal-team")]).await;
    let escalated = [("to", "technical"), ("reason", "law-suit"), ("context", "Read the letter")];
    does(&desk, number, "escalate", &escalated).await;
    desk.caught_up().await;
    shows(
        &desk,
        "/queue?lane=new",
        &[
            ["<small>Taxes</small>", "<small>Impuestos</small>"],
            ["escalated by Legal &#38; tax", "escalado por Jurídico e impuestos"],
        ],
    )
    .await;
    let steps = [
        ["set the category to Taxes", "la categoría de Facturación a Impuestos"],
        ["moved it to the team Legal &#38; tax", "lo pasó al equipo Jurídico e impuestos"],
        ["escalated it to Engineering: Lawsuit", "lo escaló a Ingeniería: Demanda"],
    ];
    let address = format!("/tickets/{number}");
    shows(&desk, &address, &steps[1..]).await;
    shows(
        &desk,
        &address,
        &[
            ["from Billing to Taxes", steps[0][1]],
            ["Escalated: Lawsuit", "Escalado: Demanda"],
            ["escalated by Legal &#38; tax", "escalado por Jurídico e impuestos"],
            ["<bdi>Taxes</bdi>", "<bdi>Impuestos</bdi>"],
            ["<bdi>Engineering</bdi>", "<bdi>Ingeniería</bdi>"],
        ],
    )
    .await;
    does(&desk, number, "return", &[("context", "Read it")]).await;
    does(&desk, number, "resolve", &[("resolution", "settled-out")]).await;
    // What is in force no more is called what it was called last.
    setting(&desk, "resolution-categories/settled-out", "retire", &json!({ "reason": "x" })).await;
    shows(
        &desk,
        &address,
        &[
            ["returned it to Legal &#38; tax", "lo devolvió a Jurídico e impuestos"],
            ["resolved it: Settled", "lo resolvió: Acordado"],
            ["<bdi>Settled</bdi>", "<bdi>Acordado</bdi>"],
        ],
    )
    .await;
}
