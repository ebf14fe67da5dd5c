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
        "change-skills" => json!({ "to": ["refunds"] }),
        "change-permissions" => json!({ "to": ["take-routed", "take-escalated"] }),
        "change-capacity" => half(),
        "set-availability" => json!({ "to": "online" }),
        "{name}" => json!({}),
        "deactivate" | "reactivate" => json!({ "reason": "on leave" }),
        other => panic!("{other} takes a body that nobody wrote down"),
    }
}

/// Half as much as usual.
fn half() -> Value {
    json!({ "points": 5, "weights": { "urgent": 3, "high": 2, "normal": 1, "low": 1 } })
}

/// A command of Alma's on Ines.
fn change<'a>(desk: &'a Desk, command: &str, body: Value) -> crate::call::Call<'a> {
    desk.post(format!("/api/v1/staff/ines/{command}")).by("alma", "admin").json(&body)
}

async fn member(desk: &Desk, id: &str) -> Value {
    let staff = desk.get("/api/v1/staff").by("omar", "agent").await.ok(200);
    staff["members"].as_array().unwrap().iter().find(|member| member["id"] == id).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_added_is_listed_and_recorded_with_whoever_added_them() {
    let desk = staffed().await;
    let expected = json!({
        "id": "ines", "name": "Inés Peña", "role": "agent", "teams": ["billing", "support"],
        "language": "es", "active": true, "skills": [], "permissions": ["take-routed"],
        "capacity": { "points": 10, "weights": { "urgent": 3, "high": 2, "normal": 1, "low": 1 } },
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
        ("change-skills", json!({ "to": ["refunds"] }), "skills_changed", ("skills", json!(["refunds"]))),
        (
            "change-permissions",
            json!({ "to": ["take-escalated", "take-routed"] }),
            "permissions_changed",
            ("permissions", json!(["take-routed", "take-escalated"])),
        ),
        ("change-capacity", half(), "capacity_changed", ("capacity", half())),
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
    of("ines", "change-skills", json!({ "to": teams })).await.problem(422, "too-many-skills");
    of("ines", "change-permissions", json!({ "to": ["fly"] })).await.problem(422, "invalid");
    let mut heavy = half();
    heavy["weights"]["low"] = json!(0);
    of("ines", "change-capacity", heavy).await.problem(422, "capacity-out-of-range");
    of("ines", "change-capacity", json!({ "points": 5 })).await.problem(422, "invalid");
    of("ines", "change-teams", json!({ "to": teams[1..] })).await.problem(422, "unknown-team");
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_team_that_is_not_in_force_and_a_retired_one_stays_with_who_has_it() {
    let desk = staffed().await;
    let setting = |command: &str, at: &str| {
        let content = json!({ "label": { "en": "Front desk", "es": "Recepción" } });
        let mut body = json!({ "reason": "as agreed" });
        if command == "publish" {
            body["content"] = content;
        }
        if !at.is_empty() {
            body["effective_at"] = json!(at);
        }
        desk.post(format!("/api/v1/settings/teams/front-desk/{command}")).by("alma", "admin").json(&body)
    };
    let teams = |to: Value| change(&desk, "change-teams", json!({ "to": to })).key("teams");
    let added = |teams: Value| {
        let member = json!({ "id": "otto", "name": "Otto", "role": "agent", "teams": teams });
        desk.post("/api/v1/staff").by("alma", "admin").json(&member)
    };
    let refused = teams(json!(["billing", "front-desk"])).await.problem(422, "unknown-team");
    assert!(refused["detail"].as_str().unwrap().contains("front-desk"), "{refused}");
    added(json!(["front-desk"])).await.problem(422, "unknown-team");
    // Nor one that will be in force one day.
    setting("publish", "2027-01-01T00:00:00Z").await.ok(200);
    teams(json!(["billing", "front-desk"])).await.problem(422, "unknown-team");
    setting("publish", "").await.ok(200);
    let given = teams(json!(["billing", "front-desk"])).await.ok(200);
    assert_eq!(given["outcome"], "appended", "what was refused has not used its key up");
    setting("retire", "").await.ok(200);
    let again = teams(json!(["billing", "front-desk"])).await.ok(200);
    assert_eq!((&again["outcome"], &again["position"]), (&json!("found"), &given["position"]));
    change(&desk, "change-teams", json!({ "to": ["account", "front-desk"] })).await.ok(200);
    added(json!(["front-desk"])).await.problem(422, "unknown-team");
    change(&desk, "change-teams", json!({ "to": ["account"] })).await.ok(200);
    let taken = change(&desk, "change-teams", json!({ "to": ["account", "front-desk"] })).await;
    taken.problem(422, "unknown-team");
    assert_eq!(member(&desk, "ines").await["teams"], json!(["account"]));
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

async fn availability(desk: &Desk) -> Value {
    desk.get("/api/v1/staff/ines").by("omar", "agent").await.ok(200)["availability"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_say_themselves_whether_they_are_there_and_supervisors_of_anybody() {
    let desk = staffed().await;
    assert_eq!(availability(&desk).await, "offline");
    let set = |by: &str, role: &str, to: &str| {
        let body = json!({ "to": to, "reason": "lunch" });
        desk.post("/api/v1/staff/ines/set-availability").by(by, role).json(&body)
    };
    let before = desk.head();
    let answer = set("ines", "agent", "online").key("1").await.ok(200);
    let expected = json!({ "member": "ines", "version": 1, "position": before + 1, "outcome": "appended" });
    assert_eq!(answer, expected);
    assert_eq!(desk.events_after(before).await, ["agent-ines agent.availability_changed"]);
    assert_eq!(availability(&desk).await, "online");
    set("lena", "supervisor", "transfers_only").await.ok(200);
    assert_eq!(availability(&desk).await, "transfers_only");
    assert_eq!(set("alma", "admin", "transfers_only").await.ok(200)["outcome"], "already_so");
    assert_eq!(set("ines", "agent", "online").key("1").await.ok(200)["outcome"], "found");
    let record = desk.log().await.pop().unwrap();
    assert_eq!(record["data"], json!({ "from": "online", "to": "transfers_only", "reason": "lunch" }));

    let before = desk.head();
    set("omar", "agent", "away").await.problem(403, "role-not-allowed");
    set("aud", "auditor", "away").await.problem(403, "role-not-allowed");
    set("lena", "supervisor", "asleep").await.problem(422, "invalid");
    let of = |member: &str| {
        let path = format!("/api/v1/staff/{member}/set-availability");
        desk.post(path).by("lena", "supervisor").json(&json!({ "to": "away" }))
    };
    of("nobody").await.problem(404, "member-not-found");
    desk.get("/api/v1/staff/nobody").by("omar", "agent").await.problem(404, "member-not-found");
    assert_eq!(desk.head(), before);
    add(&desk, json!({ "id": "any", "name": "Ana", "role": "analyst" })).await;
    of("any").await.problem(409, "member-takes-no-tickets");
    change(&desk, "deactivate", json!({})).await.ok(200);
    of("ines").await.problem(409, "member-inactive");
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_tickets_and_saying_who_is_there_get_along_on_one_stream() {
    let desk = staffed().await;
    let set = async |to: &str| {
        let path = "/api/v1/staff/ines/set-availability";
        desk.post(path).by("ines", "agent").json(&json!({ "to": to })).await.ok(200)
    };
    set("online").await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    assert_eq!(set("away").await["version"], 3);
    assert_eq!(availability(&desk).await, "away");
}
