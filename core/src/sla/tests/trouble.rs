//! What goes wrong on desks: targets that are missing or years away, holidays that are over, and times out of order.

use super::clocks::{answered, check, done, noted, promise, promising, taken, waits, wrote};
use super::minutes::Promise;
use super::*;
use crate::sla::SlaEvent;

const DAY_MIN: i64 = 24 * 60;

#[track_caller]
fn clock(rules: &Rules, given: &[Step], target: Target) -> Clock {
    let clocks = course(None, given).clocks(rules);
    clocks.into_iter().find(|clock| clock.face.target == target).unwrap()
}

/// A resolution target for tickets that are not of normal priority, where every ticket here begins.
fn without_normal(within: i64) -> Rules {
    let mut promise = promise(Target::Resolution, within, None, -1);
    promise.targets[Priority::Normal as usize] = [None; 5];
    let mut rules = Rules::default();
    promise.publish(2, &mut rules);
    rules
}

#[test]
fn a_priority_without_a_target_promises_nothing_and_keeps_the_time_for_one_with() {
    let rules = without_normal(60);
    check(Target::Resolution, &rules, &[], &[]);
    // The last priority is what the ticket is judged by, with all the time that passed.
    let raised = [agent(minutes(90), priority(Priority::High))];
    check(Target::Resolution, &rules, &raised, &[(None, 90 * DAY_MIN, Some(90))]);
    let in_time = [agent(minutes(30), priority(Priority::High)), done(50)];
    check(Target::Resolution, &rules, &in_time, &[(Some(50), 50, None)]);
    let lowered =
        [agent(minutes(10), priority(Priority::High)), agent(minutes(20), priority(Priority::Normal))];
    let clock = clock(&rules, &lowered, Target::Resolution);
    assert_eq!((clock.face.due_at, clock.face.near_at, clock.face.breach), (None, None, None));
    assert_eq!(clock.face.deadline(), None, "nothing is due any more");
}

#[test]
fn a_target_of_years_is_due_to_the_minute() {
    // Ten years, the longest that a policy may promise; eight of them open in 2028, 2032 and 2036 a day more.
    let ten_years = 10 * 365 * DAY_MIN;
    let rules = promising(Target::Resolution, ten_years);
    let due = clock(&rules, &[], Target::Resolution).face.due_at;
    assert_eq!(due, Some(Timestamp::parse_rfc3339("2036-11-18T09:30:00Z").unwrap()));
    // An hour a day, from 09:30 on: three years and a bit of calendar time for a thousand and some hours.
    let mut rules = Rules::default();
    promise(Target::Resolution, 1200 * 60, Some((570, 630)), -1).publish(2, &mut rules);
    let due = clock(&rules, &[], Target::Resolution).face.due_at.unwrap();
    assert_eq!(due.since(START), DurationMs(1199 * DAY.0 + HOUR.0));
}

#[test]
fn a_holiday_that_is_over_when_it_is_published_moves_nothing_that_was() {
    let mut rules = Rules::default();
    promise(Target::Resolution, 600, Some((540, 720)), -1).publish(2, &mut rules);
    let before = clock(&rules, &[], Target::Resolution);
    // Opened at 09:30 of the day that is said to have been a holiday, a day later.
    let holiday = Promise {
        holidays: vec!["2026-11-21"],
        ..promise(Target::Resolution, 600, Some((540, 720)), DAY_MIN)
    };
    holiday.publish(3, &mut rules);
    let after = clock(&rules, &[], Target::Resolution);
    assert_eq!(after.face.due_at, before.face.due_at);
    assert_eq!(after.intervals[0].elapsed_ms, Some(minutes(180)), "also of the day that is off now");
    // One that is still to come does.
    let holiday = Promise {
        holidays: vec!["2026-11-23"],
        ..promise(Target::Resolution, 600, Some((540, 720)), DAY_MIN + 1)
    };
    holiday.publish(4, &mut rules);
    let later = clock(&rules, &[], Target::Resolution).face.due_at.unwrap();
    assert_eq!(later.since(before.face.due_at.unwrap()), DAY);
}

#[test]
fn a_ticket_opened_in_the_future_runs_from_then_on() {
    let rules = promising(Target::Resolution, 60);
    let now = START.minus(DAY);
    let clock = clock(&rules, &[], Target::Resolution);
    assert_eq!(clock.elapsed(&rules, now), DurationMs(0), "it has not begun");
    assert_eq!((clock.face.missed(now), clock.face.is_near(now)), (None, false));
    assert_eq!(clock.face.due_at, Some(START.plus(HOUR)));
}

#[test]
fn an_import_whose_times_step_back_shows_spans_below_zero_and_misses_nothing_by_them() {
    let rules = promising(Target::Resolution, 60);
    let given = [agent(minutes(-30), priority(Priority::High)), done(-90)];
    check(Target::Resolution, &rules, &given, &[(Some(-90), -90, None)]);
    let clock = clock(&rules, &given, Target::Resolution);
    let spans = clock.intervals.iter().map(|stretch| stretch.elapsed_ms.unwrap());
    assert_eq!(Vec::from_iter(spans), [minutes(-30), minutes(-60)]);
    assert_eq!(clock.face.end.map(|end| (end.elapsed_ms, end.missed)), Some((minutes(-90), false)));
    // Answered before it was asked.
    let given = [answered(0), wrote(50), answered(20)];
    check(Target::NextReply, &promising(Target::NextReply, 60), &given, &[(Some(20), -30, None)]);
}

#[test]
fn a_fact_that_arrives_late_stands_in_the_ledger_when_it_happened_and_counts_no_time_twice() {
    let rules = promising(Target::Resolution, 600);
    // Two hours went by before the log learned of the change of an hour ago.
    let given = [
        agent(minutes(120), priority(Priority::High)),
        agent(minutes(60), priority(Priority::Low)),
        done(180),
    ];
    check(Target::Resolution, &rules, &given, &[(Some(180), 180, None)]);
    let ledger = clock(&rules, &given, Target::Resolution);
    let spans = ledger.intervals.iter().map(|stretch| stretch.elapsed_ms.unwrap());
    assert_eq!(Vec::from_iter(spans), [minutes(120), minutes(-60), minutes(120)]);
}

#[test]
fn clocks_that_step_back_by_a_day_and_forward_again_count_the_time_between_once() {
    let given = [waits(60), taken(60 - DAY_MIN), wrote(90 - DAY_MIN), done(120)];
    // A pause that ended before it began is one of less than nothing, and takes nothing from what ran.
    check(Target::Resolution, &promising(Target::Resolution, 600), &given, &[(Some(120), 120, None)]);
    let mut rules = Rules::default();
    promise(Target::RequesterWait, 600, None, -2 * DAY_MIN).publish(2, &mut rules);
    check(
        Target::RequesterWait,
        &rules,
        &given,
        &[(Some(120), 60 + 30 + DAY_MIN, Some(600 - 60 + 90 - DAY_MIN))],
    );
    let missed = noted(&rules, &given, Target::RequesterWait);
    assert_eq!(missed.len(), 1, "{missed:?}");
}

#[test]
fn nothing_is_noted_of_what_fell_due_before_it_arrived() {
    let rules = promising(Target::Resolution, 60);
    let mut late = course(None, &[done(90)]);
    late.imported(START.plus(minutes(90)), START.plus(minutes(500)));
    assert_eq!(late.next_notice(&late.clocks(&rules)), None);
    let mut ahead = course(None, &[]);
    ahead.imported(START, START.minus(DAY));
    let (at, next) = ahead.next_notice(&ahead.clocks(&rules)).unwrap();
    // A first response within a minute is near from the start.
    assert!(at == START && matches!(next, SlaEvent::Warned(_)), "{at} {next:?}");
}
