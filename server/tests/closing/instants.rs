//! What happens by itself and when, and what does not.

use super::desk::Desk;
use super::fallen::{DAY, HOUR, all, ask, asked, at, happened, look, look_at, publish, record, set};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Merged, Snoozing, Unmerged};
use serde_json::json;

const WEEK: i64 = 7 * DAY;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_says_nothing_is_taken_to_be_content_and_then_the_ticket_is_sealed() {
    let desk = Desk::open().await;
    let ticket = asked(&desk).await;
    assert_eq!(look(&desk.app).await, Some(WEEK));
    assert_eq!(look_at(&desk, WEEK - 1).await, Some(WEEK));
    assert_eq!(all(&desk).await, []);
    assert_eq!(look_at(&desk, WEEK).await, Some(2 * WEEK));
    assert_eq!(all(&desk).await, [happened(ticket, "confirmed", WEEK)]);
    assert_eq!(look_at(&desk, 2 * WEEK).await, None);
    let both = [happened(ticket, "confirmed", WEEK), happened(ticket, "sealed", 2 * WEEK)];
    assert_eq!(all(&desk).await, both);
    look_at(&desk, 100 * WEEK).await;
    assert_eq!(all(&desk).await, both, "once");
    desk.act(ticket, "reply", json!({ "body": "x" })).await.problem(409, "ticket-sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_weeks_of_downtime_all_of_it_has_its_own_instant() {
    let desk = Desk::open().await;
    let one = asked(&desk).await;
    set(&desk, HOUR);
    let other = asked(&desk).await;
    let quiet = desk.ticket().await;
    desk.done(quiet, "resolve", json!({ "resolution": "spam" })).await;
    assert_eq!(look_at(&desk, 5 * WEEK).await, None);
    let mut fallen = all(&desk).await;
    fallen.sort();
    let mut expected = vec![happened(quiet, "sealed", HOUR + 2 * WEEK)];
    for (ticket, from) in [(one, 0), (other, HOUR)] {
        expected.push(happened(ticket, "confirmed", from + WEEK));
        expected.push(happened(ticket, "sealed", from + 2 * WEEK));
    }
    expected.sort();
    assert_eq!(fallen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_something_is_not_spoken_for() {
    for (command, body, sealed) in [
        ("confirm", json!({}), true),
        ("refuse", json!({ "body": "It still fails." }), false),
        ("customer-reply", json!({ "body": "It still fails." }), false),
        ("reopen", json!({}), false),
    ] {
        let desk = Desk::open().await;
        let ticket = asked(&desk).await;
        set(&desk, DAY);
        desk.done(ticket, command, body).await;
        look_at(&desk, 9 * WEEK).await;
        let expected = sealed.then(|| happened(ticket, "sealed", 2 * WEEK));
        assert_eq!(all(&desk).await, Vec::from_iter(expected), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_counts_from_the_last_time_that_the_ticket_was_resolved() {
    let desk = Desk::open().await;
    let ticket = asked(&desk).await;
    look_at(&desk, WEEK).await;
    set(&desk, WEEK + DAY);
    desk.done(ticket, "reopen", json!({})).await;
    set(&desk, WEEK + 2 * DAY);
    ask(&desk, ticket).await;
    let from = WEEK + 2 * DAY;
    assert_eq!(look(&desk.app).await, Some(from + WEEK));
    look_at(&desk, 20 * WEEK).await;
    let expected = [
        happened(ticket, "confirmed", WEEK),
        happened(ticket, "confirmed", from + WEEK),
        happened(ticket, "sealed", from + 2 * WEEK),
    ];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_closed_by_what_was_in_force_when_it_was_resolved() {
    let desk = Desk::open().await;
    publish(&desk, 1, 2, DAY).await;
    publish(&desk, 30, 40, 3 * DAY).await;
    let first = asked(&desk).await;
    set(&desk, DAY);
    let second = asked(&desk).await;
    set(&desk, 3 * DAY);
    let third = asked(&desk).await;
    assert_eq!(look(&desk.app).await, Some(WEEK), "the second ended on days 2 and 3");
    assert_eq!(look_at(&desk, 10 * DAY).await, Some(2 * WEEK));
    look_at(&desk, 100 * DAY).await;
    let mut fallen = all(&desk).await;
    fallen.sort_by_key(|(.., at)| *at);
    let expected = [
        happened(second, "confirmed", 2 * DAY),
        happened(second, "sealed", 3 * DAY),
        happened(first, "confirmed", WEEK),
        happened(first, "sealed", 2 * WEEK),
        happened(third, "confirmed", 33 * DAY),
        happened(third, "sealed", 43 * DAY),
    ];
    assert_eq!(fallen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_laid_aside_is_taken_up_at_its_time() {
    let desk = Desk::open().await;
    let [woken, written, longer] = [desk.ticket().await, desk.ticket().await, desk.ticket().await];
    let aside = |until| TicketEvent::Snoozed(Snoozing { until: at(until) });
    for ticket in [woken, written, longer] {
        desk.done(ticket, "assign", json!({ "to": "ines" })).await;
        record(&desk, ticket, aside(DAY)).await;
    }
    desk.done(written, "customer-reply", json!({ "body": "Any news?" })).await;
    record(&desk, longer, aside(3 * DAY)).await;
    assert_eq!(look_at(&desk, DAY - 1).await, Some(DAY));
    assert_eq!(look_at(&desk, 2 * DAY).await, Some(3 * DAY));
    assert_eq!(all(&desk).await, [happened(woken, "woken", DAY)]);
    assert_eq!(desk.read(&format!("/api/v1/tickets/{woken}")).await["status"], "open");
    // The same instant again, long past: it is taken up at once, and once.
    record(&desk, woken, aside(DAY)).await;
    assert_eq!(look_at(&desk, 4 * DAY).await, None);
    let again = [happened(woken, "woken", DAY), happened(longer, "woken", 3 * DAY)];
    assert_eq!(all(&desk).await[1..], again);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_happens_by_itself_to_a_ticket_while_it_is_merged() {
    let desk = Desk::open().await;
    let (ticket, other) = (asked(&desk).await, desk.ticket().await);
    let number = docket_core::names::TicketNumber(other);
    record(&desk, ticket, TicketEvent::Merged(Merged { into: number })).await;
    assert_eq!(look_at(&desk, 9 * DAY).await, None);
    record(&desk, ticket, TicketEvent::Unmerged(Unmerged { from: number })).await;
    look_at(&desk, 20 * DAY).await;
    let expected = [happened(ticket, "confirmed", 9 * DAY), happened(ticket, "sealed", 14 * DAY)];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fit_into_a_turn_are_all_closed_once() {
    let desk = Desk::open().await;
    for index in 0..100 {
        set(&desk, index);
        asked(&desk).await;
    }
    assert_eq!(look_at(&desk, 3 * WEEK).await, None);
    let mut fallen = all(&desk).await;
    fallen.sort();
    let expected = (0..100).flat_map(|index| {
        let ticket = index as u64 + 1;
        [happened(ticket, "confirmed", index + WEEK), happened(ticket, "sealed", index + 2 * WEEK)]
    });
    assert_eq!(fallen, expected.collect::<Vec<_>>());
}
