//! Order, room and patience of what waits for an endpoint.

use super::*;
use docket_core::store::operational::DATA_BYTES_MAX;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_795_253_400_000);

fn at(position: u64) -> GlobalPosition {
    GlobalPosition(position)
}

/// Takes events in the order of positions, each of a ticket.
fn taken(tickets: &[u64]) -> Progress {
    let mut progress = Progress::after(GlobalPosition::START);
    for (ticket, position) in tickets.iter().zip(1..) {
        progress.take(at(position), "hash".into(), Some(TicketNumber(*ticket)));
    }
    progress
}

fn due(ticket: u64, position: u64) -> Due {
    Due { ticket: TicketNumber(ticket), position: at(position) }
}

fn failure(at: Timestamp) -> Failure {
    Failure { at, what: "status-500".into() }
}

fn seconds(number: i64) -> Timestamp {
    NOW.plus(DurationMs::from_seconds(number))
}

#[test]
fn a_ticket_whose_event_is_retried_holds_up_its_later_events_and_no_other_ticket() {
    let mut progress = taken(&[7, 8, 7, 8]);
    assert_eq!(progress.start(NOW), [due(7, 1), due(8, 2)]);
    assert_eq!(progress.start(NOW), []);
    assert_eq!(progress.failed(due(7, 1), failure(NOW), "x"), Verdict::Retry);
    progress.delivered(due(8, 2), NOW);
    assert_eq!(progress.start(NOW), [due(8, 4)]);
    progress.delivered(due(8, 4), NOW);
    assert_eq!(progress.start(NOW), []);
    let next = progress.next_at().unwrap();
    assert!(next > NOW && next <= seconds(6), "{next}");
    assert_eq!(progress.start(next), [due(7, 1)]);
    progress.delivered(due(7, 1), next);
    assert_eq!(progress.start(next), [due(7, 3)]);
}

#[test]
fn an_event_is_tried_for_a_day_and_then_given_up_while_those_behind_it_go_on() {
    let mut progress = taken(&[7, 7]);
    let (mut now, mut attempts) = (NOW, 0);
    let given_up = loop {
        assert_eq!(progress.start(now), [due(7, 1)]);
        attempts += 1;
        match progress.failed(due(7, 1), failure(now), "x") {
            Verdict::Retry => now = progress.next_at().unwrap(),
            given_up => break given_up,
        }
    };
    assert_eq!(given_up, Verdict::GivenUp { attempts, since: NOW });
    assert_eq!(now, NOW.plus(GIVE_UP_AFTER), "the last attempt is at the end of the day");
    assert!((50..70).contains(&attempts), "{attempts}");
    assert!(progress.has_failed_for_long(now) && !progress.has_failed_for_long(now.minus(DurationMs(1))));
    progress.done_with(due(7, 1));
    assert_eq!(progress.start(now), [due(7, 2)]);
    assert_eq!(progress.failed(due(7, 2), failure(now), "x"), Verdict::Retry, "it has a day of its own");
}

#[test]
fn nothing_is_taken_beyond_the_room_and_everything_that_waits_fits_into_one_entry() {
    let mut progress = Progress::after(at(u64::MAX / 4));
    let mut position = u64::MAX / 2;
    while progress.room() > 0 {
        position += 1;
        let ticket = TicketNumber(i64::MAX as u64 - position % (LINES_MAX as u64 - 1));
        progress.take(at(position), "f".repeat(64), Some(ticket));
    }
    assert_eq!(progress.waiting(), WAITING_MAX);
    assert_eq!(progress.start(NOW).len(), UNDER_WAY_MAX);
    for line in progress.lines.values_mut() {
        (line.attempts, line.tried_since, line.next_at) = (u32::MAX, Some(NOW), Some(NOW));
    }
    let kept = serde_json::to_string(&progress).unwrap();
    assert!(kept.len() < DATA_BYTES_MAX, "{}", kept.len());
    let again: Progress = serde_json::from_str(&kept).unwrap();
    assert_eq!(again.under_way(), 0, "what was under way is sent again");
    assert_eq!((again.waiting(), again.cursor), (progress.waiting(), progress.cursor));
    let mut many = Progress::after(GlobalPosition::START);
    for ticket in 1..=LINES_MAX as u64 {
        assert!(many.room() > 0);
        many.take(at(ticket), String::new(), Some(TicketNumber(ticket)));
    }
    assert_eq!(many.room(), 0);
}

#[test]
fn what_is_put_back_stands_where_the_log_has_it() {
    let mut progress = taken(&[1, 7, 7]);
    assert_eq!(progress.start(NOW).len(), 2);
    progress.failed(due(7, 2), failure(NOW), "x");
    progress.put_back(TicketNumber(7), at(1));
    assert_eq!(progress.start(NOW), [due(7, 1)], "at once, and before the one that waits");
    progress.delivered(due(7, 1), NOW);
    assert_eq!(progress.start(NOW), [due(7, 2)]);
    // While it is under way, an older one comes before it.
    progress.put_back(TicketNumber(7), at(1));
    assert_eq!(progress.failed(due(7, 2), failure(NOW), "x"), Verdict::Retry);
    assert_eq!(progress.start(NOW), [due(7, 1)]);
}

#[test]
fn resuming_tries_everything_at_once_with_all_the_time_there_is() {
    let mut progress = taken(&[7]);
    progress.start(NOW);
    progress.failed(due(7, 1), failure(NOW), "x");
    let late = NOW.plus(GIVE_UP_AFTER);
    progress.resume();
    assert!(!progress.has_failed_for_long(late));
    assert_eq!(progress.start(late), [due(7, 1)]);
    assert_eq!(progress.failed(due(7, 1), failure(late), "x"), Verdict::Retry);
}

proptest! {
    #[test]
    fn order_within_a_ticket_is_kept_whatever_fails(
        tickets in prop::collection::vec(1_u64..5, 1..60),
        fates in prop::collection::vec(0_u8..4, 1..40),
    ) {
        let mut progress = taken(&tickets);
        let mut fates = fates.into_iter().cycle();
        let (mut now, mut sent, mut tries) = (NOW, Vec::new(), 0);
        while progress.waiting() > 0 {
            let started = progress.start(now);
            prop_assert!(started.len() <= UNDER_WAY_MAX);
            if started.is_empty() {
                now = progress.next_at().unwrap();
            }
            for due in started {
                tries += 1;
                // Each gets through sooner or later.
                if fates.next() == Some(0) || tries > 500 {
                    progress.delivered(due, now);
                    sent.push(due);
                } else if progress.failed(due, failure(now), "x") != Verdict::Retry {
                    progress.done_with(due);
                }
            }
        }
        for ticket in 1..5 {
            let of_it: Vec<_> = sent.iter().filter(|due| due.ticket.0 == ticket).collect();
            prop_assert!(of_it.is_sorted_by_key(|due| due.position));
        }
    }
}
