//! What a timer has to note, and when: each thing once, at its exact instant, and nothing for the past.

use super::*;
use crate::names::TicketNumber;
use crate::sla::{SlaEvent, Target};

/// Given a history, then this is what is to be noted next: kind, instant, when it was due.
#[track_caller]
fn check_next(course: &Course, then: Option<(&str, DurationMs, DurationMs)>) {
    let next = next(course).map(|(at, event)| {
        let (kind, noticed) = match &event {
            SlaEvent::Warned(noticed) => ("warned", noticed),
            SlaEvent::Breached(noticed) => ("breached", noticed),
        };
        assert_eq!((noticed.target, noticed.policy.as_str()), (Target::FirstResponse, "default"));
        assert_eq!(noticed.policy_version, 1);
        (kind, at.since(START), noticed.due_at.since(START))
    });
    assert_eq!(next, then);
}

pub(super) fn next(course: &Course) -> Option<(Timestamp, SlaEvent)> {
    course.next_notice(&course.clocks(&Rules::default()))
}

/// Notes the next notice, as a timer does.
#[track_caller]
fn note_next(course: &mut Course) -> SlaEvent {
    let (_, event) = next(course).unwrap();
    course.note(&event);
    event
}

#[test]
fn a_warning_comes_first_then_the_breach_then_nothing() {
    let mut course = course(Some(Priority::Urgent), &[]);
    check_next(&course, Some(("warned", minutes(45), HOUR)));
    note_next(&mut course);
    check_next(&course, Some(("breached", HOUR, HOUR)));
    note_next(&mut course);
    check_next(&course, None);
}

#[test]
fn after_an_answer_in_time_nothing_is_noted() {
    check_next(&course(Some(Priority::Urgent), &[agent(HOUR, replied())]), None);
    check_next(&course(Some(Priority::Urgent), &[agent(minutes(50), resolved())]), None);
}

#[test]
fn a_breach_is_noted_also_when_the_answer_came_before_a_timer_looked() {
    let course = course(Some(Priority::Urgent), &[agent(hours(2), replied())]);
    check_next(&course, Some(("breached", HOUR, HOUR)));
}

#[test]
fn no_warning_follows_a_breach() {
    let mut course = course(Some(Priority::Normal), &[agent(hours(3), priority(Priority::Urgent))]);
    check_next(&course, Some(("breached", hours(3), HOUR)));
    note_next(&mut course);
    course.take(START.plus(hours(4)), Role::Agent, &priority(Priority::Low));
    check_next(&course, None);
}

#[test]
fn a_breach_names_the_target_that_was_missed_and_not_a_later_one() {
    let given = [agent(hours(2), priority(Priority::Low))];
    check_next(&course(Some(Priority::Urgent), &given), Some(("breached", HOUR, HOUR)));
    let given = [agent(hours(3), priority(Priority::Urgent)), agent(hours(5), priority(Priority::Low))];
    check_next(&course(Some(Priority::Normal), &given), Some(("breached", hours(3), HOUR)));
}

#[test]
fn a_change_that_makes_a_deadline_near_is_the_moment_of_the_warning() {
    let given = [agent(minutes(50), priority(Priority::Urgent))];
    check_next(&course(Some(Priority::Normal), &given), Some(("warned", minutes(50), HOUR)));
    let given = [agent(minutes(30), priority(Priority::Urgent))];
    check_next(&course(Some(Priority::Normal), &given), Some(("warned", minutes(45), HOUR)));
}

#[test]
fn what_fell_due_before_an_import_is_never_noted() {
    let mut late = course(Some(Priority::Urgent), &[]);
    late.imported(START, START.plus(HOUR));
    check_next(&late, None);
    let mut answered_late = course(Some(Priority::Urgent), &[agent(hours(2), replied())]);
    answered_late.imported(START, START.plus(DAY));
    check_next(&answered_late, None);
    let clocks = answered_late.clocks(&Rules::default());
    assert_eq!(clocks[0].face.missed(START.plus(DAY)).unwrap().at, START.plus(HOUR), "it stays a breach");
}

#[test]
fn what_falls_due_after_an_import_is_noted() {
    let mut course = course(Some(Priority::Urgent), &[]);
    course.imported(START, START.plus(minutes(44)));
    check_next(&course, Some(("warned", minutes(45), HOUR)));
    course.imported(START, START.plus(minutes(50)));
    check_next(&course, Some(("breached", HOUR, HOUR)));
    course.imported(START, START.plus(minutes(1)));
    check_next(&course, Some(("breached", HOUR, HOUR)));
}

#[test]
fn a_deadline_that_a_change_after_an_import_made_near_is_noted() {
    let mut course = course(Some(Priority::Normal), &[]);
    course.imported(START, START.plus(minutes(48)));
    course.take(START.plus(minutes(50)), Role::Agent, &priority(Priority::Urgent));
    check_next(&course, Some(("warned", minutes(50), HOUR)));
}

#[test]
fn a_notice_has_the_same_identifier_on_every_node_and_no_two_share_one() {
    let mut clock = course(Some(Priority::Urgent), &[]);
    let (warned, breached) = (note_next(&mut clock), note_next(&mut clock));
    let id = warned.id(TicketNumber(17));
    assert_eq!(id.to_string(), "29e56600-7343-53f8-8af9-7cac1cf8f97f");
    assert_eq!(note_next(&mut course(Some(Priority::Urgent), &[])).id(TicketNumber(17)), id);
    // A longer target moves the instant and not the identifier: once per ticket, policy and target.
    assert_eq!(note_next(&mut course(Some(Priority::Low), &[])).id(TicketNumber(17)), id);
    assert_ne!(breached.id(TicketNumber(17)), id);
    assert_ne!(warned.id(TicketNumber(18)), id);
}
