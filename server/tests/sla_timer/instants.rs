//! Which instants are noted, and which are not.

use super::desk::Desk;
use super::noticed::{HOUR, MINUTE, all, breached, look, look_at, open, reply, set, warned};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_is_noted_when_it_comes_near_and_when_it_is_missed() {
    for (priority, due) in [("urgent", HOUR), ("high", 4 * HOUR), ("normal", 24 * HOUR), ("low", 48 * HOUR)] {
        let desk = Desk::open().await;
        open(&desk, priority).await;
        let near = due - (due / 5).max(15 * MINUTE);
        assert_eq!(look_at(&desk, 0).await, Some(near), "{priority}");
        assert_eq!(look_at(&desk, near - 1).await, Some(near), "{priority}");
        assert_eq!(all(&desk).await, []);
        // A target is met at the very instant it is due, so a breach begins a millisecond later.
        assert_eq!(look_at(&desk, near).await, Some(due + 1));
        assert_eq!(look_at(&desk, due).await, Some(due + 1));
        assert_eq!(all(&desk).await, [warned(1, near, near, due)], "{priority}");
        assert_eq!(look_at(&desk, due + 1).await, None);
        let both = [warned(1, near, near, due), breached(1, due, due + 1, due)];
        assert_eq!(all(&desk).await, both, "{priority}");
        look_at(&desk, 1000 * HOUR).await;
        assert_eq!(all(&desk).await, both, "noted once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_noted_is_shown_where_people_look() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    look_at(&desk, HOUR + 1).await;
    let timeline = desk.read("/api/v1/tickets/1/timeline").await;
    let entries = &timeline["entries"].as_array().unwrap()[1..];
    for (entry, (event, at)) in
        entries.iter().zip([("sla.warned", "2026-11-21T10:15:00Z"), ("sla.breached", "2026-11-21T10:30:00Z")])
    {
        assert_eq!((&entry["event"], &entry["at"]), (&json!(event), &json!(at)));
        assert_eq!(entry["due_at"], "2026-11-21T10:30:00Z");
    }
    // It does not move the thread, nor the version that people decide on.
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!((&shown["version"], &shown["clock"]["breached"]), (&json!(1), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_hours_of_downtime_all_that_fell_due_is_noted_once_with_its_own_instant() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    set(&desk, 20 * MINUTE);
    open(&desk, "high").await;
    open(&desk, "urgent").await;
    open(&desk, "normal").await;
    let answered = open(&desk, "urgent").await;
    set(&desk, 25 * MINUTE);
    reply(&desk, answered, "agent").await;
    let now = 10 * HOUR + 25 * MINUTE;
    let next = look_at(&desk, now).await;
    let mut noted = all(&desk).await;
    noted.sort();
    let start = 20 * MINUTE;
    let mut expected = vec![
        warned(1, 45 * MINUTE, now, HOUR),
        breached(1, HOUR, now, HOUR),
        warned(2, start + 4 * HOUR - 48 * MINUTE, now, start + 4 * HOUR),
        breached(2, start + 4 * HOUR, now, start + 4 * HOUR),
        warned(3, start + 45 * MINUTE, now, start + HOUR),
        breached(3, start + HOUR, now, start + HOUR),
    ];
    expected.sort();
    assert_eq!(noted, expected);
    assert_eq!(next, Some(start + 24 * HOUR - 288 * MINUTE), "the normal one comes next");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_time_leaves_nothing_to_note() {
    for instant in [0, 1, 30 * MINUTE, HOUR] {
        let desk = Desk::open().await;
        open(&desk, "urgent").await;
        set(&desk, instant);
        reply(&desk, 1, "agent").await;
        assert_eq!(look_at(&desk, 100 * HOUR).await, None);
        assert_eq!(all(&desk).await, [], "answered after {instant} ms");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_a_millisecond_late_is_a_breach_at_the_instant_it_was_due() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    set(&desk, HOUR + 1);
    reply(&desk, 1, "agent").await;
    // Nobody had looked before the answer came; a warning would help nobody any more.
    assert_eq!(look_at(&desk, 5 * HOUR).await, None);
    assert_eq!(all(&desk).await, [breached(1, HOUR, 5 * HOUR, HOUR)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_public_answer_of_staff_or_the_end_of_work_stops_the_clock() {
    let spam = json!({ "resolution": "spam" });
    for (command, body, role, noted) in [
        ("reply", json!({ "body": "x" }), "agent", false),
        ("reply", json!({ "body": "x" }), "admin", false),
        ("resolve", spam, "agent", false),
        ("note", json!({ "body": "x" }), "agent", true),
        ("reply", json!({ "body": "x" }), "customer", true),
        ("take", json!({}), "agent", true),
        ("set-pending", json!({ "reason": "customer" }), "agent", true),
        (
            "escalate",
            json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "x" }),
            "agent",
            true,
        ),
    ] {
        let desk = Desk::open().await;
        open(&desk, "urgent").await;
        set(&desk, 10 * MINUTE);
        let call = match role {
            "customer" => desk.post("/api/v1/my/tickets/1/reply").json(&body).by("noor", role),
            _ => desk.act(1, command, body).by("ines", role),
        };
        call.await.ok(200);
        look_at(&desk, 2 * HOUR).await;
        let both = [warned(1, 45 * MINUTE, 2 * HOUR, HOUR), breached(1, HOUR, 2 * HOUR, HOUR)];
        assert_eq!(all(&desk).await, if noted { both.to_vec() } else { Vec::new() }, "{command} by {role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_priority_moves_the_deadline_and_keeps_the_start() {
    let desk = Desk::open().await;
    open(&desk, "normal").await;
    set(&desk, 30 * MINUTE);
    desk.done(1, "change-priority", json!({ "to": "urgent" })).await;
    assert_eq!(look(&desk.app).await, Some(45 * MINUTE));
    look_at(&desk, 2 * HOUR).await;
    assert_eq!(all(&desk).await, [warned(1, 45 * MINUTE, 2 * HOUR, HOUR), breached(1, HOUR, 2 * HOUR, HOUR)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_priority_that_is_exceeded_already_is_a_breach_at_the_moment_of_the_change() {
    let desk = Desk::open().await;
    open(&desk, "normal").await;
    set(&desk, 3 * HOUR);
    desk.done(1, "change-priority", json!({ "to": "urgent" })).await;
    assert_eq!(look_at(&desk, 3 * HOUR).await, Some(3 * HOUR + 1));
    assert_eq!(look_at(&desk, 3 * HOUR + 1).await, None);
    assert_eq!(all(&desk).await, [breached(1, 3 * HOUR, 3 * HOUR + 1, HOUR)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_target_given_in_time_saves_it_and_warns_no_second_time() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    look_at(&desk, 50 * MINUTE).await;
    desk.done(1, "change-priority", json!({ "to": "high" })).await;
    assert_eq!(look_at(&desk, 3 * HOUR + 30 * MINUTE).await, Some(4 * HOUR + 1));
    assert_eq!(all(&desk).await, [warned(1, 45 * MINUTE, 50 * MINUTE, HOUR)]);
    look_at(&desk, 5 * HOUR).await;
    assert_eq!(all(&desk).await[1..], [breached(1, 4 * HOUR, 5 * HOUR, 4 * HOUR)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reopening_starts_no_new_clock() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    desk.done(1, "resolve", json!({ "resolution": "spam" })).await;
    set(&desk, 5 * HOUR);
    desk.done(1, "reopen", json!({})).await;
    assert_eq!(look_at(&desk, 50 * HOUR).await, None);
    assert_eq!(all(&desk).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_deadlines_than_fit_into_a_turn_are_all_noted_once() {
    let desk = Desk::open().await;
    for index in 0..150 {
        set(&desk, index);
        open(&desk, "urgent").await;
    }
    assert_eq!(look_at(&desk, 2 * HOUR).await, None);
    let mut noted = all(&desk).await;
    noted.sort();
    let expected = (0..150).flat_map(|index| {
        let (ticket, due) = (index as u64 + 1, HOUR + index);
        [breached(ticket, due, 2 * HOUR, due), warned(ticket, due - 15 * MINUTE, 2 * HOUR, due)]
    });
    assert_eq!(noted, expected.collect::<Vec<_>>());
}
