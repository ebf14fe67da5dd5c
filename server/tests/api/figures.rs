//! Figures of reports over the API: ranges and days of a zone, groups, trends, what an answer says of itself, and the facts
//! behind each figure.

use super::desk::{Desk, opening};
use docket_core::time::DurationMs;
use serde_json::{Value, json};

/// Three tickets: one answered after half an hour and resolved, one answered after an hour and a half, one that waits.
async fn desk_with_history() -> Desk {
    let desk = Desk::open().await;
    for priority in ["urgent", "urgent", "low"] {
        let mut ticket = opening();
        ticket["priority"] = json!(priority);
        ticket["category"] = json!(if priority == "low" { "other" } else { "billing" });
        desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    }
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.pass(DurationMs::from_minutes(30));
    desk.act(1, "reply", json!({ "body": "x" })).by("ines", "agent").await.ok(200);
    desk.pass(DurationMs::from_minutes(60));
    desk.act(2, "reply", json!({ "body": "x" })).by("bob", "agent").await.ok(200);
    desk.act(1, "resolve", json!({ "resolution": "solved" })).by("ines", "agent").await.ok(200);
    desk
}

async fn figures(desk: &Desk, report: &str) -> Value {
    desk.read(&format!("/api/v1/reports/{report}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_say_what_they_are_about_and_by_which_definition() {
    let desk = desk_with_history().await;
    let report =
        figures(&desk, "first-response?by=category&zone=Europe/Madrid&from=2026-11-21&to=2026-11-21").await;
    let about = json!({
        "report": "first-response", "definition": 5, "position": desk.head(),
        "evaluated_at": "2026-11-21T11:00:00Z", "covers": "everything",
        "from": "2026-11-20T23:00:00Z", "to": "2026-11-21T23:00:00Z", "zone": "Europe/Madrid",
        "tzdata": docket_core::open_hours::TZDATA, "by": "category", "placed": "began", "each": null, "periods": [],
    });
    for (name, value) in about.as_object().unwrap() {
        assert_eq!(report[name], *value, "{name}");
    }
    let billing = json!({
        "n": 2, "open": 0, "sum_s": 7200, "mean_s": 3600.0, "p50_s": 3600.0, "p90_s": 5040.0, "p95_s": 5220.0,
        "negative": 0, "counts": { "merged": 0, "resolved_without": 0 },
    });
    assert_eq!(report["groups"]["billing"], billing);
    let other = json!({
        "n": 0, "open": 1, "sum_s": 0, "negative": 0, "counts": { "merged": 0, "resolved_without": 0 },
    });
    assert_eq!(report["groups"]["other"], other);
    assert_eq!(report["all"]["open"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_report_answers_by_every_group_and_period() {
    let desk = desk_with_history().await;
    let reports = [
        ("first-response", 2),
        ("next-reply", 0),
        ("response", 2),
        ("first-resolution", 1),
        ("full-resolution", 1),
        ("requester-wait", 1),
        ("agent-work", 1),
        ("satisfaction", 0),
        ("hand-over", 0),
        ("activity", 4),
        ("backlog", 3),
        ("sla-first-response", 2),
        ("sla-next-reply", 0),
        ("sla-requester-wait", 0),
        ("sla-agent-work", 0),
        ("sla-resolution", 0),
    ];
    for (report, n) in reports {
        assert_eq!(figures(&desk, report).await["all"]["n"], n, "{report}");
        for by in ["category", "intake", "resolution", "priority", "team", "agent", "channel", "language"] {
            let query = format!("{report}?by={by}&each=day&from=2026-11-20&to=2026-11-22");
            let told = figures(&desk, &query).await;
            let periods = told["periods"].as_array().unwrap();
            assert_eq!((periods.len(), &periods[1]["all"]["n"]), (3, &json!(n)), "{query}");
            let of_groups =
                told["groups"].as_object().unwrap().values().map(|group| group["n"].as_u64().unwrap());
            assert_eq!(of_groups.sum::<u64>(), n, "{query}");
        }
    }
    let attainment = figures(&desk, "sla-first-response").await;
    assert_eq!(
        (&attainment["all"]["counts"]["met"], &attainment["all"]["counts"]["missed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(attainment["all"]["rates"], json!({ "met": 0.5 }));
    let resolved = figures(&desk, "full-resolution").await;
    assert_eq!(resolved["all"]["rates"], json!({ "first_contact": 1.0, "one_touch": 1.0 }));
    let backlog = figures(&desk, "backlog?each=day&from=2026-11-21&to=2026-11-22").await;
    assert_eq!(
        (&backlog["periods"][0]["all"]["open"], &backlog["periods"][1]["all"]["open"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trend_has_the_days_that_the_clocks_of_its_zone_have() {
    let desk = Desk::open().await;
    let report = figures(&desk, "backlog?each=day&zone=Europe/Madrid&from=2026-10-24&to=2026-10-26").await;
    let bounds: Vec<_> = report["periods"].as_array().unwrap().iter().map(|period| &period["from"]).collect();
    assert_eq!(bounds, ["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]);
    assert_eq!(report["periods"][2]["to"], "2026-10-26T23:00:00Z");
    let months = figures(&desk, "backlog?each=month&zone=Europe/Madrid&from=2026-03-01&to=2026-04-30").await;
    assert_eq!(months["periods"][1]["from"], "2026-03-31T22:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_facts_behind_a_figure_name_tickets_and_events_page_by_page() {
    let desk = desk_with_history().await;
    let path = "/api/v1/reports/first-response/facts?by=category&group=billing&limit=1";
    let first = desk.read(path).await;
    let expected = json!({
        "ticket": 1, "outcome": "done", "began_at": "2026-11-21T09:30:00Z", "began_position": 1,
        "ended_at": "2026-11-21T10:00:00Z", "ended_position": first["facts"][0]["ended_position"], "value_s": 1800,
        "missed_after": null, "is": [],
        "groups": { "agent": "ines", "category": "billing", "channel": "api", "intake": "billing", "language": "en",
            "priority": "urgent" },
    });
    assert_eq!(first["facts"], json!([expected]));
    let position = first["facts"][0]["ended_position"].as_u64().unwrap();
    let events = desk.get(format!("/api/v1/events?after={}&limit=1", position - 1)).await.ok(200);
    assert_eq!(events["events"][0]["type"], "ticket.replied");
    let next = first["next"].as_str().unwrap();
    let second = desk.read(&format!("{path}&after={next}")).await;
    assert_eq!((&second["facts"][0]["ticket"], &second["next"]), (&json!(2), &Value::Null));
    assert_eq!((&second["moved"], &second["began_at"]), (&json!(false), &json!(desk.head())));
    let other =
        desk.get(format!("/api/v1/reports/first-response/facts?by=category&group=other&after={next}")).await;
    other.problem(422, "cursor-of-another-query");
    let open = desk.read("/api/v1/reports/first-response/facts?outcome=open").await;
    assert_eq!((&open["facts"][0]["ticket"], &open["facts"][0]["value_s"]), (&json!(3), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_cannot_be_are_refused() {
    let desk = Desk::open().await;
    desk.get("/api/v1/reports/mood").await.problem(404, "not-found");
    desk.get("/api/v1/reports/mood/facts").await.problem(404, "not-found");
    for (query, field) in [
        ("by=mood", "by"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("to=10000-01-01T00:00:00Z", "to"),
        ("from=2026-11-21T09:30:00", "from"),
        ("zone=Mars/Olympus", "zone"),
        ("zone=%20", "zone"),
        ("placed=never", "placed"),
        ("each=hour&from=2026-11-21&to=2026-11-22", "each"),
        ("each=day", "each"),
        ("each=day&from=2026-11-21", "each"),
        ("each=day&from=1990-01-01&to=2026-11-22", "each"),
    ] {
        let refused = desk.get(format!("/api/v1/reports/first-response?{query}")).await;
        assert_eq!(refused.problem(422, "invalid")["field"], field, "{query}");
    }
    for (query, field) in [
        ("group=billing", "group"),
        ("outcome=happy", "outcome"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
    ] {
        let refused = desk.get(format!("/api/v1/reports/first-response/facts?{query}")).await;
        assert_eq!(refused.problem(422, "invalid")["field"], field, "{query}");
    }
    desk.get("/api/v1/reports/first-response/facts?after=00").await.problem(422, "cursor-not-valid");
    let empty = desk.read("/api/v1/reports/first-response?from=2026-11-22&to=2026-11-20").await;
    assert_eq!(empty["all"]["n"], 0);
}
