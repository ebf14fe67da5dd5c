//! The promises about a first-response clock: given what happened and when, then what the clock says.

mod clocks;
mod minutes;
mod notices;
mod properties;
mod trouble;

use super::{Clock, Course, Outcome, Rules, Target};
use crate::actor::Role;
use crate::names::{ActorId, Slug};
use crate::ticket::TicketEvent;
use crate::ticket::event::{
    Assigned, Destination, Escalated, Message, Priority, PriorityChanged, ReopenCause, Reopened, Resolved,
    SealedForGood, SetPending,
};
use crate::time::{DurationMs, Timestamp};
use uuid::Uuid;

/// 2026-11-21T09:30:00Z, when every ticket here is opened. Other instants count from it.
const START: Timestamp = Timestamp(1_795_253_400_000);

const HOUR: DurationMs = DurationMs::from_hours(1);
const DAY: DurationMs = DurationMs::from_hours(24);

/// A step of a history: how long after the opening, by whom, what.
type Step = (DurationMs, Role, TicketEvent);

/// What the clock says, all of it counted from the opening.
#[derive(Debug, PartialEq, Eq)]
struct Then {
    due: DurationMs,
    ended: Option<(DurationMs, Outcome)>,
    breach: Option<DurationMs>,
}

#[track_caller]
fn check(priority: Priority, given: &[Step], now: DurationMs, then: Then) {
    let clock = first_response(Some(priority), given);
    let from_start = |instant: Timestamp| instant.since(START);
    let said = Then {
        due: from_start(clock.face.due_at.unwrap()),
        ended: clock.face.end.map(|end| (from_start(end.at), end.outcome)),
        breach: clock.face.missed(START.plus(now)).map(|breach| from_start(breach.at)),
    };
    assert_eq!(said, then);
}

/// What is left of a history.
fn course(priority: Option<Priority>, given: &[Step]) -> Course {
    let mut course = Course::opened(START, priority);
    for (after, role, event) in given {
        course.take(START.plus(*after), *role, event);
    }
    course
}

/// The clock to the first response under the policy of the guide.
fn first_response(priority: Option<Priority>, given: &[Step]) -> Clock {
    let clocks = course(priority, given).clocks(&Rules::default());
    assert_eq!(clocks.len(), 1, "the guide promises no other target");
    clocks.into_iter().next().filter(|clock| clock.face.target == Target::FirstResponse).unwrap()
}

fn running(due: DurationMs) -> Then {
    Then { due, ended: None, breach: None }
}

fn ended(due: DurationMs, after: DurationMs, outcome: Outcome) -> Then {
    Then { due, ended: Some((after, outcome)), breach: None }
}

fn late(then: Then, breach: DurationMs) -> Then {
    Then { breach: Some(breach), ..then }
}

const fn hours(hours: i64) -> DurationMs {
    DurationMs::from_hours(hours)
}

const fn minutes(minutes: i64) -> DurationMs {
    DurationMs::from_minutes(minutes)
}

const fn ms_later(span: DurationMs) -> DurationMs {
    DurationMs(span.0 + 1)
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn message() -> Message {
    Message { message: Uuid::nil(), body: None }
}

fn replied() -> TicketEvent {
    TicketEvent::Replied(message())
}

fn resolved() -> TicketEvent {
    TicketEvent::Resolved(Box::new(Resolved {
        resolution: Some(slug("solved")),
        category: None,
        assignee: None,
        notes: None,
        confirmation: false,
        survey: false,
    }))
}

fn reopened() -> TicketEvent {
    TicketEvent::Reopened(Reopened { cause: ReopenCause::CustomerReply, cycle: 2 })
}

fn priority(to: Priority) -> TicketEvent {
    TicketEvent::PriorityChanged(PriorityChanged { from: None, to })
}

fn agent(after: DurationMs, event: TicketEvent) -> Step {
    (after, Role::Agent, event)
}

#[test]
fn a_response_is_due_within_the_target_of_the_priority() {
    for (priority, hour) in Priority::ALL.into_iter().zip([1, 4, 24, 48]) {
        check(priority, &[], hours(hour), running(hours(hour)));
        check(priority, &[], ms_later(hours(hour)), late(running(hours(hour)), hours(hour)));
    }
}

#[test]
fn a_ticket_whose_priority_is_not_known_counts_as_normal() {
    assert_eq!(first_response(None, &[]).face.due_at, Some(START.plus(DAY)));
}

#[test]
fn it_counts_as_approaching_a_fifth_but_at_least_a_quarter_of_an_hour_before_it_is_due() {
    let warning = |priority| first_response(Some(priority), &[]).face.near_at.unwrap().since(START);
    assert_eq!(warning(Priority::Urgent), minutes(45));
    assert_eq!(warning(Priority::High), minutes(4 * 60 - 48));
    assert_eq!(warning(Priority::Normal), minutes(24 * 60 - 288));
    assert_eq!(warning(Priority::Low), minutes(48 * 60 - 576));
}

#[test]
fn a_public_reply_by_staff_ends_the_clock() {
    // An import calls it a reply of the staff, and tells no role.
    for role in [Role::Agent, Role::Supervisor, Role::Admin, Role::Unknown] {
        let given = [(minutes(10), role, replied())];
        check(Priority::Urgent, &given, DAY, ended(HOUR, minutes(10), Outcome::Responded));
    }
}

#[test]
fn a_reply_by_nobody_of_the_staff_ends_nothing() {
    for role in [Role::Customer, Role::System, Role::Auditor, Role::Analyst] {
        check(Priority::Urgent, &[(minutes(10), role, replied())], HOUR, running(HOUR));
    }
}

#[test]
fn nothing_but_a_reply_or_the_end_of_work_ends_the_clock() {
    let escalated = Escalated {
        reason: slug("complaint"),
        to: Destination::Team(slug("billing")),
        context: "x".into(),
        from_team: None,
        from_assignee: None,
        by: None,
    };
    let given = [
        agent(minutes(1), TicketEvent::Noted(message())),
        agent(minutes(2), TicketEvent::Assigned(Assigned { to: ActorId::new("ines").unwrap() })),
        agent(minutes(3), TicketEvent::CustomerReplied(message())),
        agent(minutes(4), TicketEvent::SetPending(SetPending { reason: slug("customer") })),
        agent(minutes(5), TicketEvent::Escalated(Box::new(escalated))),
    ];
    check(Priority::Urgent, &given, HOUR, running(HOUR));
}

#[test]
fn a_ticket_resolved_without_a_reply_is_fulfilled_by_resolution() {
    for end in [resolved(), TicketEvent::Sealed(SealedForGood {})] {
        let then = ended(HOUR, minutes(30), Outcome::FulfilledByResolution);
        check(Priority::Urgent, &[agent(minutes(30), end)], DAY, then);
    }
}

#[test]
fn the_target_is_met_at_the_very_instant_it_is_due() {
    check(Priority::Urgent, &[agent(HOUR, replied())], DAY, ended(HOUR, HOUR, Outcome::Responded));
    let then = ended(HOUR, HOUR, Outcome::FulfilledByResolution);
    check(Priority::Urgent, &[agent(HOUR, resolved())], DAY, then);
}

#[test]
fn the_target_is_missed_a_millisecond_later_at_the_instant_it_was_due() {
    let after = ms_later(HOUR);
    let then = late(ended(HOUR, after, Outcome::Responded), HOUR);
    check(Priority::Urgent, &[agent(after, replied())], DAY, then);
}

#[test]
fn a_breach_is_at_the_instant_it_was_due_however_late_somebody_looks() {
    check(Priority::Urgent, &[], hours(11), late(running(HOUR), HOUR));
}

#[test]
fn a_breach_is_not_seen_before_it_happens() {
    let clock = first_response(Some(Priority::Urgent), &[]);
    assert_eq!(clock.face.missed(START.plus(HOUR)), None);
    assert_eq!(clock.face.missed(START.plus(ms_later(HOUR))).unwrap().at, START.plus(HOUR));
}

#[test]
fn the_first_response_stays_the_first() {
    let given = [agent(minutes(10), replied()), agent(hours(2), replied()), agent(hours(3), resolved())];
    check(Priority::Urgent, &given, DAY, ended(HOUR, minutes(10), Outcome::Responded));
}

#[test]
fn reopening_keeps_the_clock_that_ended() {
    let given = [agent(minutes(30), resolved()), (hours(5), Role::Customer, reopened())];
    let then = || ended(HOUR, minutes(30), Outcome::FulfilledByResolution);
    check(Priority::Urgent, &given, DAY, then());
    let answered = [given.to_vec(), vec![agent(hours(9), replied())]].concat();
    check(Priority::Urgent, &answered, DAY, then());
}

#[test]
fn a_new_priority_keeps_the_start_and_the_time_that_went_by() {
    check(Priority::Normal, &[agent(minutes(10), priority(Priority::Urgent))], HOUR, running(HOUR));
    check(Priority::Urgent, &[agent(minutes(10), priority(Priority::Low))], DAY, running(hours(48)));
    let clock = first_response(Some(Priority::Normal), &[agent(minutes(10), priority(Priority::Urgent))]);
    let [first, second] = &clock.intervals[..] else { panic!("{clock:?}") };
    let changed = START.plus(minutes(10));
    assert_eq!((first.from, first.to, first.terms.target_ms), (START, Some(changed), Some(DAY)));
    assert_eq!((second.from, second.to, second.terms.target_ms), (changed, None, Some(HOUR)));
    assert_eq!((first.elapsed_ms, second.elapsed_ms), (Some(minutes(10)), None));
}

#[test]
fn a_new_target_that_is_exceeded_already_is_missed_at_the_moment_of_the_change() {
    let given = [agent(hours(3), priority(Priority::Urgent))];
    check(Priority::Normal, &given, DAY, late(running(HOUR), hours(3)));
}

#[test]
fn a_new_target_that_is_due_at_this_very_moment_can_still_be_met() {
    let given = [agent(HOUR, priority(Priority::Urgent))];
    check(Priority::Normal, &given, HOUR, running(HOUR));
    let answered = [given.to_vec(), vec![agent(HOUR, replied())]].concat();
    check(Priority::Normal, &answered, DAY, ended(HOUR, HOUR, Outcome::Responded));
}

#[test]
fn what_was_missed_stays_missed_under_a_longer_target() {
    let given = [agent(hours(2), priority(Priority::Low)), agent(hours(3), replied())];
    let then = late(ended(hours(48), hours(3), Outcome::Responded), HOUR);
    check(Priority::Urgent, &given, DAY, then);
}

#[test]
fn a_longer_target_given_in_time_saves_it() {
    let given = [agent(HOUR, priority(Priority::High)), agent(hours(4), replied())];
    check(Priority::Urgent, &given, DAY, ended(hours(4), hours(4), Outcome::Responded));
}

#[test]
fn the_same_priority_again_changes_nothing() {
    let given = [agent(minutes(10), priority(Priority::Urgent))];
    assert_eq!(course(Some(Priority::Urgent), &given), course(Some(Priority::Urgent), &[]));
    let given = [agent(minutes(10), priority(Priority::Normal))];
    assert_eq!(course(None, &given), course(None, &[]), "not known counts as normal");
}

#[test]
fn a_priority_change_after_the_end_changes_nothing() {
    let given = [agent(hours(2), replied()), agent(hours(3), priority(Priority::Urgent))];
    check(Priority::Normal, &given, DAY, ended(DAY, hours(2), Outcome::Responded));
}

#[test]
fn time_that_steps_back_gives_a_negative_span_and_no_breach() {
    let given = [agent(minutes(-90), replied())];
    check(Priority::Urgent, &given, DAY, ended(HOUR, minutes(-90), Outcome::Responded));
    let end = first_response(Some(Priority::Urgent), &given).face.end.unwrap();
    assert_eq!((end.elapsed_ms, end.missed), (minutes(-90), false));
}

#[test]
fn elapsed_time_stands_still_once_the_clock_has_ended() {
    let clock = first_response(Some(Priority::Urgent), &[agent(minutes(10), replied())]);
    assert_eq!(clock.elapsed(&Rules::default(), START.plus(DAY)), minutes(10));
    assert!(!clock.face.runs());
}

#[test]
fn a_clock_at_the_end_of_time_stays_inside_it() {
    let clocks = Course::opened(Timestamp::MAX, None).clocks(&Rules::default());
    assert_eq!((clocks[0].face.due_at, clocks[0].face.missed(Timestamp::MAX)), (Some(Timestamp::MAX), None));
}

#[test]
fn a_course_survives_being_stored() {
    let given = [agent(hours(3), priority(Priority::Urgent)), agent(hours(4), replied())];
    let mut course = course(Some(Priority::Normal), &given);
    let (_, event) = course.next_notice(&course.clocks(&Rules::default())).unwrap();
    course.note(&event);
    let json = serde_json::to_string(&course).unwrap();
    assert_eq!(serde_json::from_str::<Course>(&json).unwrap(), course);
}
