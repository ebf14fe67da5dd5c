//! The promises about the clocks beside the first response: given what happened under which rules, then what they say.

use super::minutes::Promise;
use super::*;
use crate::catalog::{PENDING_CUSTOMER, PENDING_REASONS, PENDING_SNOOZED};
use crate::decider::Decider;
use crate::sla::{Breach, Pinned, SlaEvent};
use crate::strategies::{config, event, role};
use crate::ticket::event::{Merged, Snoozing, Unmerged};
use crate::ticket::{Status, TicketDecider};
use proptest::collection::vec;
use proptest::prelude::*;

/// Rules that promise one target within so many minutes of calendar time, for every priority.
pub(super) fn promising(target: Target, within: i64) -> Rules {
    let mut rules = Rules::default();
    promise(target, within, None, -1).publish(2, &mut rules);
    rules
}

pub(super) fn promise(target: Target, within: i64, hours: Option<(u32, u32)>, from: i64) -> Promise {
    let mut targets = [None; 5];
    targets[target as usize] = Some(within);
    Promise { from, targets: [targets; 4], hours, holidays: Vec::new() }
}

/// What the clocks to a target say 90 days later: when each ended, the minutes that count, and the last one that met the
/// target if it was missed.
#[track_caller]
pub(super) fn check(target: Target, rules: &Rules, given: &[Step], then: &[(Option<i64>, i64, Option<i64>)]) {
    let now = START.plus(hours(90 * 24));
    let clocks = course(None, given).clocks(rules);
    let from_start = |at: Timestamp| at.since(START).0 / 60_000;
    let said = clocks.iter().filter(|clock| clock.face.target == target).map(|clock| {
        let ended = clock.face.end.map(|end| from_start(end.at));
        let missed = clock.face.missed(now).map(|breach| from_start(breach.at));
        (ended, clock.elapsed(rules, now).0 / 60_000, missed)
    });
    assert_eq!(Vec::from_iter(said), then);
}

pub(super) fn wrote(after: i64) -> Step {
    (minutes(after), Role::Customer, TicketEvent::CustomerReplied(message()))
}

pub(super) fn answered(after: i64) -> Step {
    agent(minutes(after), replied())
}

pub(super) fn waits(after: i64) -> Step {
    agent(minutes(after), TicketEvent::SetPending(SetPending { reason: slug(PENDING_CUSTOMER) }))
}

pub(super) fn done(after: i64) -> Step {
    agent(minutes(after), resolved())
}

pub(super) fn again(after: i64) -> Step {
    (minutes(after), Role::Customer, reopened())
}

pub(super) fn taken(after: i64) -> Step {
    agent(minutes(after), TicketEvent::Assigned(Assigned { to: ActorId::new("ines").unwrap() }))
}

#[test]
fn a_next_reply_is_due_from_the_oldest_unanswered_message_on() {
    let given = [answered(10), wrote(20), wrote(50), answered(75), wrote(100), done(130)];
    let rules = promising(Target::NextReply, 40);
    check(Target::NextReply, &rules, &given, &[(Some(75), 55, Some(60)), (Some(130), 30, None)]);
}

#[test]
fn what_the_customer_writes_before_the_first_response_starts_no_other_clock() {
    check(Target::NextReply, &promising(Target::NextReply, 40), &[wrote(20), answered(75)], &[]);
}

#[test]
fn a_requester_waits_for_all_but_themselves() {
    let given = [waits(10), wrote(60), agent(minutes(70), TicketEvent::Noted(message())), done(100)];
    let rules = promising(Target::RequesterWait, 50);
    check(Target::RequesterWait, &rules, &given, &[(Some(100), 50, None)]);
    let rules = promising(Target::RequesterWait, 49);
    check(Target::RequesterWait, &rules, &given, &[(Some(100), 50, Some(99))]);
}

#[test]
fn waiting_for_a_third_party_or_until_an_instant_is_no_pause() {
    let third = TicketEvent::SetPending(SetPending { reason: slug(PENDING_REASONS[1]) });
    let snoozed = TicketEvent::Snoozed(Snoozing { until: START.plus(hours(5)) });
    let rules = promising(Target::AgentWork, 50);
    for pending in [third, snoozed] {
        let given = [taken(0), agent(minutes(10), pending), done(60)];
        check(Target::AgentWork, &rules, &given, &[(Some(60), 60, Some(50))]);
    }
}

/// Promises urgent tickets 2 minutes and all others 100 for both clocks that pause, from a minute on.
fn short_if_urgent(from: i64, urgent: i64) -> Promise {
    let mut promise = promise(Target::RequesterWait, 100, None, from);
    for targets in &mut promise.targets {
        targets[Target::AgentWork as usize] = Some(100);
    }
    for target in [Target::RequesterWait, Target::AgentWork] {
        promise.targets[Priority::Urgent as usize][target as usize] = Some(urgent);
    }
    promise
}

#[test]
fn a_paused_clock_is_missed_at_the_change_that_it_has_exceeded_already() {
    let mut rules = Rules::default();
    short_if_urgent(-1, 2).publish(2, &mut rules);
    let raised = [taken(0), waits(3), agent(minutes(10), priority(Priority::Urgent))];
    let lowered = agent(minutes(15), priority(Priority::Normal));
    let then = |rest: &[Step]| [&raised[..], rest].concat();
    for target in [Target::RequesterWait, Target::AgentWork] {
        check(target, &rules, &raised, &[(None, 3, Some(10))]);
        check(target, &rules, &then(&[done(20)]), &[(Some(20), 3, Some(10))]);
        check(target, &rules, &then(&[wrote(20), done(30)]), &[(Some(30), 13, Some(10))]);
        check(target, &rules, &then(&[lowered.clone(), done(20)]), &[(Some(20), 3, Some(10))]);
        // Two minutes are not more than two minutes.
        let in_time = [taken(0), waits(2), agent(minutes(10), priority(Priority::Urgent)), done(20)];
        check(target, &rules, &in_time, &[(Some(20), 2, None)]);
        assert_eq!(noted(&rules, &raised, target), [(minutes(10), 1)]);
    }
    let clocks = course(None, &raised).clocks(&rules);
    let face = &clocks.iter().find(|clock| clock.face.target == Target::AgentWork).unwrap().face;
    let (at, due_at) = (START.plus(minutes(10)), START.plus(minutes(2)));
    assert_eq!((face.paused, face.breach), (true, Some(Breach { at, due_at })));
    assert_eq!(face.deadline(), Some(at), "the queue counts it as late");
    assert_eq!((face.due_at, face.near_at), (None, None), "nothing is to come");
}

#[test]
fn a_version_that_takes_effect_during_a_pause_misses_what_has_exceeded_it() {
    let mut rules = Rules::default();
    short_if_urgent(-1, 100).publish(2, &mut rules);
    short_if_urgent(50, 2).publish(3, &mut rules);
    let given = [agent(minutes(0), priority(Priority::Urgent)), waits(3)];
    let target = Target::RequesterWait;
    check(target, &rules, &given, &[(None, 3, Some(50))]);
    check(target, &rules, &[&given[..], &[done(50)]].concat(), &[(Some(50), 3, None)]);
    check(target, &rules, &[&given[..], &[done(51)]].concat(), &[(Some(51), 3, Some(50))]);
    let course = course(None, &given);
    let clocks = course.clocks(&rules);
    let clock = clocks.iter().find(|clock| clock.face.target == target).unwrap();
    let before = clock.face.missed(START.plus(minutes(50)));
    assert_eq!((before, clock.face.missed(START.plus(minutes(51))).is_some()), (None, true));
    let next = std::iter::successors(Some(course), |course| {
        let mut course = course.clone();
        let (_, event) = course.next_notice(&course.clocks(&rules))?;
        course.note(&event);
        Some(course)
    });
    let last = next.map(|course| course.next_notice(&course.clocks(&rules)));
    let Some((at, SlaEvent::Breached(noticed))) = last
        .flatten()
        .find(|(_, event)| matches!(event, SlaEvent::Breached(noticed) if noticed.target == target))
    else {
        panic!("it is never noted");
    };
    assert_eq!((at, noticed.policy_version), (START.plus(minutes(50)), 3), "the version that it misses");
}

#[test]
fn a_ticket_that_is_laid_aside_while_it_waits_for_the_customer_still_waits_for_them() {
    let snoozed = |after| {
        let until = START.plus(minutes(50));
        agent(minutes(after), TicketEvent::Snoozed(Snoozing { until }))
    };
    let woken = agent(minutes(50), TicketEvent::Woken(Snoozing { until: START.plus(minutes(50)) }));
    for target in [Target::RequesterWait, Target::AgentWork] {
        let rules = promising(target, 1000);
        let check = |given: &[Step], counted| check(target, &rules, given, &[(Some(80), counted, None)]);
        check(&[taken(0), waits(10), snoozed(20), woken.clone(), done(80)], 40);
        check(&[taken(0), waits(10), snoozed(20), snoozed(25), wrote(30), done(80)], 60);
        check(&[taken(0), waits(10), wrote(15), snoozed(20), woken.clone(), done(80)], 75);
        check(&[taken(0), waits(10), done(15), snoozed(20), woken.clone(), done(80)], 70);
    }
}

#[test]
fn agent_work_begins_when_somebody_takes_it_up() {
    let rules = promising(Target::AgentWork, 50);
    check(Target::AgentWork, &rules, &[taken(30), waits(40), wrote(50), done(80)], &[(Some(80), 40, None)]);
    check(Target::AgentWork, &rules, &[done(80)], &[]);
}

#[test]
fn the_resolution_clock_never_pauses_and_goes_on_when_the_ticket_is_opened_again() {
    let rules = promising(Target::Resolution, 100);
    let given = [waits(10), done(60), again(1000), done(1039)];
    check(Target::Resolution, &rules, &given, &[(Some(1039), 99, None)]);
    let given = [waits(10), done(60), again(1000), done(1041)];
    check(Target::Resolution, &rules, &given, &[(Some(1041), 101, Some(1040))]);
}

#[test]
fn a_reopening_leaves_how_it_ended_first_as_it_was() {
    let rules = promising(Target::Resolution, 100);
    let given = [done(60), again(1000), done(1041), again(2000), done(2001)];
    let clocks = course(None, &given).clocks(&rules);
    let clock = clocks.iter().find(|clock| clock.face.target == Target::Resolution).unwrap();
    let first = clock.first_end.unwrap();
    assert_eq!((first.at, first.elapsed_ms, first.missed), (START.plus(minutes(60)), minutes(60), false));
    assert_eq!((clock.face.run, clock.face.end.unwrap().missed), (3, true));
}

#[test]
fn a_version_cuts_the_clock_when_it_takes_effect_and_not_before() {
    let mut rules = promising(Target::Resolution, 100);
    promise(Target::Resolution, 300, None, 90).publish(3, &mut rules);
    check(Target::Resolution, &rules, &[], &[(None, 90 * 24 * 60, Some(300))]);
    check(Target::Resolution, &rules, &[done(80)], &[(Some(80), 80, None)]);
    let clocks = course(None, &[]).clocks(&rules);
    let clock = clocks.iter().find(|clock| clock.face.target == Target::Resolution).unwrap();
    let stretches = clock.intervals.iter().map(|stretch| (stretch.from, stretch.terms.policy.version));
    assert_eq!(Vec::from_iter(stretches), [(START, 2), (START.plus(minutes(90)), 3)]);
    // Too late for what was missed by then.
    let mut rules = promising(Target::Resolution, 80);
    promise(Target::Resolution, 300, None, 90).publish(3, &mut rules);
    check(Target::Resolution, &rules, &[done(200)], &[(Some(200), 200, Some(80))]);
}

#[test]
fn a_target_that_a_version_brings_counts_what_had_passed() {
    let mut rules = Rules::default();
    promise(Target::Resolution, 60, None, 90).publish(2, &mut rules);
    check(Target::Resolution, &rules, &[done(200)], &[(Some(200), 200, Some(90))]);
}

#[test]
fn time_in_business_hours_is_kept_when_the_schedule_changes() {
    // Opened at 09:30 UTC; open until 10:30, and from its next version on until 09:50 the next day.
    let mut rules = Rules::default();
    promise(Target::Resolution, 70, Some((540, 630)), -1).publish(2, &mut rules);
    promise(Target::Resolution, 70, Some((540, 590)), 600).publish(3, &mut rules);
    // An hour on the first day; ten minutes from 09:00 of the second, 23 hours and a half later.
    let due = 23 * 60 + 30 + 10;
    check(Target::Resolution, &rules, &[done(due)], &[(Some(due), 70, None)]);
    check(Target::Resolution, &rules, &[done(due + 1)], &[(Some(due + 1), 71, Some(due))]);
    let clocks = course(None, &[]).clocks(&rules);
    let clock = clocks.iter().find(|clock| clock.face.target == Target::Resolution).unwrap();
    let pinned = |version| Some(Pinned { slug: slug("office"), version });
    let stretches = clock.intervals.iter().map(|stretch| stretch.terms.schedule.clone());
    assert_eq!(Vec::from_iter(stretches), [pinned(2), pinned(3)]);
}

#[test]
fn a_target_used_up_at_closing_time_is_missed_when_the_office_opens() {
    let mut rules = Rules::default();
    promise(Target::Resolution, 60, Some((540, 630)), -1).publish(2, &mut rules);
    let at_night = [done(600)];
    check(Target::Resolution, &rules, &at_night, &[(Some(600), 60, None)]);
    check(Target::Resolution, &rules, &[], &[(None, 60 + 90 * 90 - 60, Some(23 * 60 + 30))]);
    let clocks = course(None, &[]).clocks(&rules);
    let due = clocks.iter().find(|clock| clock.face.target == Target::Resolution).unwrap().face.due_at;
    assert_eq!(due, Some(START.plus(HOUR)), "it is shown as due when the time is used up");
}

#[test]
fn a_merge_cancels_every_clock_and_undoing_it_is_as_if_it_had_not_been() {
    let rules = promising(Target::RequesterWait, 100);
    let merged = agent(minutes(30), TicketEvent::Merged(Merged { into: crate::names::TicketNumber(9) }));
    let given = [waits(10), merged.clone()];
    let clocks = course(None, &given).clocks(&rules);
    let ends = clocks.iter().map(|clock| clock.face.end.unwrap().outcome);
    assert_eq!(Vec::from_iter(ends), [Outcome::CancelledByMerge; 2]);
    check(Target::RequesterWait, &rules, &given, &[(Some(30), 10, None)]);
    let from = crate::names::TicketNumber(9);
    let unmerged = agent(minutes(50), TicketEvent::Unmerged(Unmerged { from }));
    let undone = [waits(10), merged, unmerged, wrote(60), done(90)];
    let never = [waits(10), wrote(60), done(90)];
    assert_eq!(course(None, &undone).clocks(&rules), course(None, &never).clocks(&rules));
}

#[test]
fn what_its_customer_writes_while_it_is_merged_opens_it_again_once_that_is_undone() {
    let (into, from) = (crate::names::TicketNumber(9), crate::names::TicketNumber(9));
    let merged = agent(minutes(30), TicketEvent::Merged(Merged { into }));
    let unmerged = agent(minutes(60), TicketEvent::Unmerged(Unmerged { from }));
    for target in Target::ALL {
        let rules = promising(target, 45);
        let given = [taken(5), done(20), merged.clone(), wrote(40), unmerged.clone(), again(60), done(95)];
        let never = [taken(5), done(20), wrote(40), again(40), done(95)];
        assert_eq!(course(None, &given), course(None, &never));
        let clocks = course(None, &given).clocks(&rules);
        assert_eq!(clocks, course(None, &never).clocks(&rules), "{target:?}");
    }
    // Nothing was written: it stays as it was.
    let quiet = [done(20), merged, unmerged];
    assert_eq!(course(None, &quiet), course(None, &[done(20)]));
}

#[test]
fn each_run_of_a_clock_is_noted_apart_and_what_was_missed_once() {
    let rules = promising(Target::NextReply, 40);
    let given = [answered(0), wrote(10), answered(60), wrote(100), answered(160)];
    let missed = noted(&rules, &given, Target::NextReply);
    assert_eq!(missed, [(minutes(50), 1), (minutes(140), 2)]);
    let rules = promising(Target::Resolution, 40);
    let given = [done(60), again(100), done(200)];
    assert_eq!(noted(&rules, &given, Target::Resolution), [(minutes(40), 2)]);
}

/// The breaches of a target that a timer notes, one after the other.
pub(super) fn noted(rules: &Rules, given: &[Step], target: Target) -> Vec<(DurationMs, u32)> {
    let mut course = course(None, given);
    let mut noted = Vec::new();
    while let Some((at, event)) = course.next_notice(&course.clocks(rules)) {
        course.note(&event);
        if let SlaEvent::Breached(noticed) = event
            && noticed.target == target
        {
            noted.push((at.since(START), noticed.run));
        }
    }
    noted
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn it_waits_for_the_customer_when_the_ticket_does(events in vec((role(), event()), 0..24)) {
        let mut ticket = TicketDecider::initial();
        let mut course = Course::opened(START, None);
        let mut waited = false;
        for (role, event) in events {
            course.take(START, role, &event);
            ticket = TicketDecider::evolve(ticket, &event);
            if ticket.merge.is_none() {
                let reason = ticket.pending_reason.as_ref().map(|reason| reason.as_str());
                let still = waited && reason == Some(PENDING_SNOOZED);
                let waits = ticket.status == Status::Pending && (still || reason == Some(PENDING_CUSTOMER));
                waited = waits;
                prop_assert_eq!(course.waits(), waits, "{:?} {:?}", event, course);
            }
        }
    }
}
