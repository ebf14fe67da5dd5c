//! Who works here: added, changed and let go by admins, read by the staff.

use super::desk::Desk;
use serde_json::{Value, json};

/// Alma, an admin, and Ines, who works tickets.
async fn staffed() -> Desk {
    let desk = Desk::open().await;
    add(&desk, json!({ "id": "alma", "name": "Alma Ruiz", "role": "admin" })).await;
    add(&desk, ines()).await;
    desk
}

fn ines() -> Value {
    json!({ "id": "ines", "name": "Inés Peña", "role": "agent", "teams": ["support", "billing"], "language": "es" })
}

async fn add(desk: &Desk, member: Value) -> Value {
    desk.post("/api/v1/staff").by("alma", "admin").json(&member).await.ok(201)
}

/// A body that a command on the staff takes.
pub(crate) fn body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "staff" => ines(),
        "rename" => json!({ "to": "Inés" }),
        "change-role" => json!({ "to": "supervisor" }),
        "change-teams" => json!({ "to": ["billing"] }),
        "deactivate" | "reactivate" => json!({ "reason": "on leave" }),
        other => panic!("{other} takes a body that nobody wrote down"),
    }
}

/// A command of Alma's on Ines.
fn change<'a>(desk: &'a Desk, command: &str, body: Value) -> crate::call::Call<'a> {
    desk.post(format!("/api/v1/staff/ines/{command}")).by("alma", "admin").json(&body)
}

async fn member(desk: &Desk, id: &str) -> Value {
    let staff = desk.get("/api/v1/staff").by("ines", "agent").await.ok(200);
    staff["members"].as_array().unwrap().iter().find(|member| member["id"] == id).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_added_is_listed_and_recorded_with_whoever_added_them() {
    let desk = staffed().await;
    let expected = json!({
        "id": "ines", "name": "Inés Peña", "role": "agent", "teams": ["billing", "support"],
        "language": "es", "active": true,
    });
    assert_eq!(member(&desk, "ines").await, expected);
    assert_eq!(desk.events_after(0).await, ["staff staff.added", "staff staff.added"]);
    let record = desk.log().await.pop().unwrap();
    assert_eq!(record["actor"], json!({ "id": "alma", "role": "admin" }));
    assert_eq!(record["data"]["teams"], json!(["billing", "support"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_answered_with_its_position_and_shown() {
    let desk = staffed().await;
    let changes = [
        ("rename", json!({ "to": "Inés" }), "renamed", ("name", json!("Inés"))),
        (
            "change-role",
            json!({ "to": "supervisor", "reason": "promoted" }),
            "role_changed",
            ("role", json!("supervisor")),
        ),
        ("change-teams", json!({ "to": ["technical"] }), "teams_changed", ("teams", json!(["technical"]))),
        ("deactivate", json!({ "reason": "on leave" }), "deactivated", ("active", json!(false))),
        ("reactivate", json!({}), "reactivated", ("active", json!(true))),
    ];
    for (command, body, event, (field, value)) in changes {
        let before = desk.head();
        let answer = change(&desk, command, body.clone()).await;
        let position = before + 1;
        let expected =
            json!({ "member": "ines", "version": position, "position": position, "outcome": "appended" });
        assert_eq!(answer.ok(200), expected, "{command}");
        assert_eq!(answer.header("docket-position"), Some(position.to_string().as_str()));
        assert_eq!(desk.events_after(before).await, [format!("staff staff.{event}")]);
        assert_eq!(member(&desk, "ines").await[field], value, "{command}");
        // Wished again, it holds already.
        assert_eq!(change(&desk, command, body).await.ok(200)["outcome"], "already_so", "{command}");
        assert_eq!(desk.head(), position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_never_acts_twice() {
    let desk = staffed().await;
    let left = json!({ "reason": "on leave" });
    let first = change(&desk, "deactivate", left.clone()).key("1").await.ok(200);
    change(&desk, "reactivate", json!({})).await.ok(200);
    let again = change(&desk, "deactivate", left).key("1").await.ok(200);
    assert_eq!((&again["outcome"], &again["position"]), (&json!("found"), &first["position"]));
    assert_eq!(member(&desk, "ines").await["active"], true);
    let other = change(&desk, "deactivate", json!({})).key("1").await;
    other.problem(422, "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_and_records_nothing() {
    let desk = staffed().await;
    let before = desk.head();
    let of = |member: &str, command: &str, body: Value| {
        desk.post(format!("/api/v1/staff/{member}/{command}")).by("alma", "admin").json(&body)
    };
    of("alma", "deactivate", json!({})).await.problem(409, "last-admin");
    of("alma", "change-role", json!({ "to": "agent" })).await.problem(409, "last-admin");
    of("nobody", "rename", json!({ "to": "x" })).await.problem(404, "member-not-found");
    of("a%00b", "rename", json!({ "to": "x" })).await.problem(404, "member-not-found");
    of("ines", "change-role", json!({ "to": "system" })).await.problem(422, "role-not-of-staff");
    of("ines", "change-role", json!({ "to": "king" })).await.problem(422, "invalid");
    of("ines", "rename", json!({ "to": " " })).await.problem(422, "invalid");
    let other = json!({ "id": "ines", "name": "Another Ines", "role": "agent" });
    let there = desk.post("/api/v1/staff").by("alma", "admin").json(&other).await;
    there.problem(409, "member-already-there");
    let teams: Vec<String> = (0..65).map(|team| format!("team-{team}")).collect();
    of("ines", "change-teams", json!({ "to": teams })).await.problem(422, "too-many-teams");
    of("ines", "change-teams", json!({ "to": teams[1..] })).await.ok(200);
    assert_eq!(desk.head(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_change_the_staff_and_only_the_staff_reads_it() {
    let desk = staffed().await;
    let before = desk.head();
    for role in ["customer", "agent", "supervisor", "auditor", "analyst"] {
        let member = json!({ "id": "otto", "name": "Otto", "role": "agent" });
        let refused = desk.post("/api/v1/staff").by("somebody", role).json(&member).await;
        refused.problem(403, "role-not-allowed");
        for command in ["deactivate", "reactivate"] {
            let path = format!("/api/v1/staff/nobody/{command}");
            let refused = desk.post(path).by("somebody", role).json(&json!({})).await;
            refused.problem(403, "role-not-allowed");
        }
        let may_read = ["agent", "supervisor", "auditor"].contains(&role);
        let read = desk.get("/api/v1/staff").by("somebody", role).await;
        assert_eq!(read.status, if may_read { 200 } else { 403 }, "{role}");
    }
    assert_eq!(desk.head(), before);
}
