//! The work on a ticket beside what is said: snoozing, sorting, merging.

use super::*;
use crate::names::TicketNumber;
use crate::ticket::counterpart::{effects, other};
use crate::ticket::event::{
    Absorbing, FieldChanged, Following, Forwarded, Linking, Merged, Snoozing, TagsChanged, Unmerged,
};
use crate::ticket::refusal::Bound;
use crate::ticket::{ABSORBED_MAX, LINKS_MAX, Lane, SNOOZE_MAX, Status, TAGS_MAX};
use crate::time::{DurationMs, Timestamp};
use std::collections::BTreeSet;

const THIS: TicketNumber = TicketNumber(17);
const OTHER: TicketNumber = TicketNumber(18);
const NOW: Timestamp = Timestamp(1_000_000);

// Wishes

/// So many hours ahead.
pub(super) fn snooze(hours: i64) -> Action {
    Action::Snooze { until: in_hours(hours), now: NOW }
}

pub(super) fn tag(add: &[&str], remove: &[&str]) -> Action {
    let slugs = |names: &[&str]| names.iter().map(|name| slug(name)).collect();
    Action::Tag { add: slugs(add), remove: slugs(remove) }
}

pub(super) fn set_field(to: Option<&str>) -> Action {
    Action::SetField { field: slug("order-number"), to: to.map(|text| Line::new(text).unwrap()) }
}

fn in_hours(hours: i64) -> Timestamp {
    NOW.plus(DurationMs::from_seconds(hours * 3600))
}

// Events

fn snoozed(hours: i64) -> TicketEvent {
    TicketEvent::Snoozed(Snoozing { until: in_hours(hours) })
}

fn merged() -> TicketEvent {
    TicketEvent::Merged(Merged { into: OTHER })
}

fn unmerged() -> TicketEvent {
    TicketEvent::Unmerged(Unmerged { from: OTHER })
}

// Situations

pub(super) fn a_snoozed_ticket() -> Vec<TicketEvent> {
    [an_open_ticket(), vec![snoozed(2)]].concat()
}

pub(super) fn a_merged_ticket() -> Vec<TicketEvent> {
    [an_open_ticket(), vec![merged()]].concat()
}

/// What a command comes to on this ticket and on the other.
fn both(
    given: Vec<TicketEvent>,
    action: Action,
    that: &Ticket,
) -> Result<[Vec<TicketEvent>; 2], TicketRefusal> {
    let before = ticket(given);
    let events = TicketDecider::decide(&customer_or_lead(action), &before)?;
    let effects = match other(&events, &before) {
        Some(_) => effects(THIS, &before, &events, that)?,
        None => Vec::new(),
    };
    Ok([events, effects])
}

fn customer_or_lead(action: Action) -> TicketCommand {
    match action {
        Action::CustomerReply { .. } => customer(action),
        _ => lead(action),
    }
}

#[test]
fn a_snoozed_ticket_is_pending_until_its_time_or_a_message_of_the_customer() {
    check(an_open_ticket(), agent(snooze(2)), Happened(vec![snoozed(2)]));
    let laid_aside = ticket(a_snoozed_ticket());
    assert_eq!((laid_aside.lane(), laid_aside.snoozed_until), (Lane::Pending, Some(in_hours(2))));
    let woken = TicketEvent::Woken(Snoozing { until: in_hours(2) });
    for event in [woken, taken_up(), customer_replied(3)] {
        let back = ticket([a_snoozed_ticket(), vec![event]].concat());
        assert_eq!((back.lane(), back.snoozed_until, back.cycle), (Lane::Open, None, 1));
    }
    check(a_snoozed_ticket(), agent(snooze(2)), NothingHappened);
    check(a_snoozed_ticket(), agent(snooze(3)), Happened(vec![snoozed(3)]));
}

#[test]
fn a_ticket_is_snoozed_until_an_instant_ahead_and_within_a_year() {
    for hours in [0, -1, 366 * 24 + 1] {
        check(an_open_ticket(), agent(snooze(hours)), Refused(TicketRefusal::SnoozeOutOfRange));
    }
    let last = Action::Snooze { until: NOW.plus(SNOOZE_MAX), now: NOW };
    assert!(TicketDecider::decide(&agent(last), &ticket(an_open_ticket())).is_ok());
    check(a_resolved_ticket(), agent(snooze(1)), Refused(TicketRefusal::Resolved));
}

#[test]
fn tags_are_put_on_and_taken_off_and_what_is_so_already_is_left_out() {
    let changed = |added: &[&str], removed: &[&str]| {
        let slugs = |names: &[&str]| names.iter().map(|name| slug(name)).collect();
        TicketEvent::TagsChanged(TagsChanged { added: slugs(added), removed: slugs(removed) })
    };
    let given = || [an_open_ticket(), vec![changed(&["refund"], &[])]].concat();
    check(given(), agent(tag(&["refund", "vip"], &["new"])), Happened(vec![changed(&["vip"], &[])]));
    check(given(), agent(tag(&["vip"], &["refund"])), Happened(vec![changed(&["vip"], &["refund"])]));
    check(given(), agent(tag(&["refund"], &["refund"])), NothingHappened);
    check(a_sealed_ticket(), agent(tag(&["vip"], &[])), Refused(TicketRefusal::Sealed));
    let names = Vec::from_iter((0..=TAGS_MAX).map(|number| format!("tag-{number}")));
    let names = Vec::from_iter(names.iter().map(String::as_str));
    let too_many = TicketRefusal::TooMany { what: Bound::Tags, max: TAGS_MAX };
    check(an_open_ticket(), agent(tag(&names, &[])), Refused(too_many));
    assert_eq!(after(an_open_ticket(), tag(&names[1..], &[])).tags.len(), TAGS_MAX);
}

#[test]
fn a_custom_field_is_set_and_emptied() {
    let changed = |to: Option<&str>| {
        TicketEvent::FieldChanged(FieldChanged { field: slug("order-number"), to: to.map(Into::into) })
    };
    let given = || [an_open_ticket(), vec![changed(Some("A-4711"))]].concat();
    check(an_open_ticket(), agent(set_field(Some("A-4711"))), Happened(vec![changed(Some("A-4711"))]));
    check(an_open_ticket(), agent(set_field(None)), NothingHappened);
    check(given(), agent(set_field(Some("A-4711"))), NothingHappened);
    check(given(), agent(set_field(None)), Happened(vec![changed(None)]));
}

#[test]
fn people_follow_a_ticket_for_themselves() {
    let somebody = || Following { by: id("somebody") };
    check(an_open_ticket(), agent(Action::Follow), Happened(vec![TicketEvent::Followed(somebody())]));
    check(an_open_ticket(), agent(Action::Unfollow), NothingHappened);
    let given = || [an_open_ticket(), vec![TicketEvent::Followed(somebody())]].concat();
    check(given(), agent(Action::Follow), NothingHappened);
    check(given(), agent(Action::Unfollow), Happened(vec![TicketEvent::Unfollowed(somebody())]));
}

#[test]
fn a_link_is_recorded_on_both_tickets_and_so_is_its_end() {
    let linked = |to| TicketEvent::Linked(Linking { to });
    let link = || Action::Link { to: OTHER };
    let that = ticket(an_open_ticket());
    assert_eq!(both(an_open_ticket(), link(), &that), Ok([vec![linked(OTHER)], vec![linked(THIS)]]));
    let given = || [an_open_ticket(), vec![linked(OTHER)]].concat();
    check(given(), agent(link()), NothingHappened);
    let that = ticket([an_open_ticket(), vec![linked(THIS)]].concat());
    let unlinked = |to| TicketEvent::Unlinked(Linking { to });
    let unlink = Action::Unlink { to: OTHER };
    assert_eq!(both(given(), unlink, &that), Ok([vec![unlinked(OTHER)], vec![unlinked(THIS)]]));
}

#[test]
fn a_ticket_that_follows_a_sealed_one_is_linked_with_it_on_both_as_far_as_there_is_room() {
    let TicketEvent::Opened(mut opening) = opened() else { panic!("the first event opens") };
    opening.follows = Some(OTHER);
    let opening = [TicketEvent::Opened(opening)];
    let new = ticket(opening.to_vec());
    assert_eq!((new.follows, &new.links), (Some(OTHER), &[OTHER].into()));
    assert_eq!(other(&opening, &Ticket::default()), Some(OTHER));
    let follows = |earlier: &Ticket| effects(THIS, &Ticket::default(), &opening, earlier).unwrap();
    let linked = vec![TicketEvent::Linked(Linking { to: THIS })];
    assert_eq!(follows(&ticket(a_sealed_ticket())), linked);
    let after = ticket([a_sealed_ticket(), linked].concat());
    assert!(after.sealed && after.links == [THIS].into());
    assert_eq!(follows(&after), vec![], "once");
    let links = BTreeSet::from_iter((100..).map(TicketNumber).take(LINKS_MAX));
    assert_eq!(follows(&Ticket { links, ..ticket(a_sealed_ticket()) }), vec![], "and no message is lost");
}

#[test]
fn a_link_needs_another_ticket_that_is_there_and_has_room() {
    let itself = both(an_open_ticket(), Action::Link { to: THIS }, &Ticket::default());
    assert_eq!(itself, Err(TicketRefusal::LinkedToItself));
    let nowhere = both(an_open_ticket(), Action::Link { to: OTHER }, &Ticket::default());
    assert_eq!(nowhere, Err(TicketRefusal::OtherNotFound { other: OTHER }));
    let links = BTreeSet::from_iter((100..).map(TicketNumber).take(LINKS_MAX));
    let full = Ticket { links, ..ticket(an_open_ticket()) };
    let too_many = TicketRefusal::TooMany { what: Bound::Links, max: LINKS_MAX };
    assert_eq!(both(an_open_ticket(), Action::Link { to: OTHER }, &full), Err(too_many));
}

#[test]
fn a_merged_ticket_is_in_the_lane_resolved_and_takes_only_what_its_requester_says() {
    let merge = Action::Merge { into: OTHER };
    let absorbed = TicketEvent::Absorbed(Absorbing { ticket: THIS });
    let that = ticket(an_open_ticket());
    assert_eq!(both(an_open_ticket(), merge.clone(), &that), Ok([vec![merged()], vec![absorbed]]));
    let part = ticket(a_merged_ticket());
    assert_eq!((part.lane(), part.burden()), (Lane::Resolved, None));
    check(a_merged_ticket(), agent(merge), NothingHappened);
    for action in [reply(9), set_pending("customer"), resolve("solved"), Action::Reopen, Action::Seal] {
        check(a_merged_ticket(), agent(action), Refused(TicketRefusal::Merged { into: OTHER }));
    }
}

#[test]
fn a_message_to_a_merged_ticket_goes_on_to_the_other_and_takes_it_up_again() {
    let (message, body) = (message(7), Some((&body("hello")).into()));
    let forwarded = TicketEvent::Forwarded(Forwarded { from: THIS, message, body });
    let said = |that: Vec<TicketEvent>| both(a_merged_ticket(), customer_reply(7), &ticket(that));
    assert_eq!(said(an_open_ticket()), Ok([vec![customer_replied(7)], vec![forwarded.clone()]]));
    let pending = ticket([a_pending_ticket(), vec![forwarded.clone()]].concat());
    assert_eq!(pending.lane(), Lane::Open);
    let reopened = reopened(ReopenCause::CustomerReply, 2);
    assert_eq!(said(a_resolved_ticket()), Ok([vec![customer_replied(7)], vec![forwarded, reopened]]));
    // Then a ticket of its own is opened for it, as for any sealed ticket.
    assert_eq!(said(a_sealed_ticket()), Err(TicketRefusal::MergedIntoSealed { other: OTHER }));
}

#[test]
fn an_unmerged_ticket_stands_as_it_did_before() {
    for given in
        [a_new_ticket(), an_open_ticket(), a_pending_ticket(), a_snoozed_ticket(), a_resolved_ticket()]
    {
        let before = ticket(given.clone());
        let after = ticket([given, vec![merged(), unmerged()]].concat());
        let as_before = Ticket { version: after.version, own_version: after.own_version, ..before };
        assert_eq!(after, as_before);
    }
}

#[test]
fn an_unmerged_ticket_asks_for_what_its_requester_wrote_to_it_since() {
    let written = |given: Vec<TicketEvent>| [given, vec![merged(), customer_replied(7)]].concat();
    let that = Ticket { absorbed: BTreeSet::from([THIS]), ..ticket(an_open_ticket()) };
    let parted = || TicketEvent::Parted(Absorbing { ticket: THIS });
    let pending = written(a_pending_ticket());
    assert_eq!(both(pending.clone(), Action::Unmerge, &that), Ok([vec![unmerged()], vec![parted()]]));
    assert_eq!(ticket([pending, vec![unmerged()]].concat()).lane(), Lane::Open);
    let again = reopened(ReopenCause::CustomerReply, 2);
    let resolved = written(a_resolved_ticket());
    assert_eq!(both(resolved, Action::Unmerge, &that), Ok([vec![unmerged(), again], vec![parted()]]));
    check(an_open_ticket(), agent(Action::Unmerge), Refused(TicketRefusal::NotMerged));
}

#[test]
fn what_cannot_be_merged_says_why() {
    let merge = |into| Action::Merge { into };
    let that = |given: Vec<TicketEvent>| both(an_open_ticket(), merge(OTHER), &ticket(given));
    let into = |into| TicketEvent::Merged(Merged { into });
    assert_eq!(both(an_open_ticket(), merge(THIS), &Ticket::default()), Err(TicketRefusal::MergedIntoItself));
    assert_eq!(that(vec![]), Err(TicketRefusal::OtherNotFound { other: OTHER }));
    assert_eq!(
        that([an_open_ticket(), vec![into(THIS)]].concat()),
        Err(TicketRefusal::MergedInACircle { other: OTHER })
    );
    assert_eq!(
        that([an_open_ticket(), vec![into(TicketNumber(19))]].concat()),
        Err(TicketRefusal::TargetMerged { other: OTHER, into: TicketNumber(19) })
    );
    assert_eq!(that(a_sealed_ticket()), Err(TicketRefusal::TargetSealed { other: OTHER }));
    let of_another = Ticket { requester: Some(id("noor")), ..ticket(an_open_ticket()) };
    assert_eq!(
        both(an_open_ticket(), merge(OTHER), &of_another),
        Err(TicketRefusal::OfAnotherCustomer { other: OTHER })
    );
    let absorbed = BTreeSet::from_iter((100..).map(TicketNumber).take(ABSORBED_MAX));
    let full = Ticket { absorbed, ..ticket(an_open_ticket()) };
    let too_many = TicketRefusal::TargetFull { other: OTHER, max: ABSORBED_MAX };
    assert_eq!(both(an_open_ticket(), merge(OTHER), &full), Err(too_many));
    check(a_merged_ticket(), agent(merge(THIS)), Refused(TicketRefusal::Merged { into: OTHER }));
    check(a_sealed_ticket(), agent(merge(OTHER)), Refused(TicketRefusal::Sealed));
    let absorbed = TicketEvent::Absorbed(Absorbing { ticket: TicketNumber(3) });
    check(
        [an_open_ticket(), vec![absorbed]].concat(),
        agent(merge(OTHER)),
        Refused(TicketRefusal::HasMerged { other: TicketNumber(3) }),
    );
    assert_eq!(ticket(a_merged_ticket()).status, Status::Resolved);
}
