//! Random events of the work on a ticket beside what is said.

use super::{actor_id, body, instant, language, line, message, number, personal, said, slug};
use crate::agent::Availability;
use crate::names::TicketNumber;
use crate::ticket::command::Gone;
use crate::ticket::event::{
    Absorbing, Acknowledged, Attached, Candidate, Confirmed, ConfirmedBy, FieldChanged, Following, Forwarded,
    Linking, Merged, OfferCause, Offered, Rated, RatedThrough, Returned, Routed, Score, Snoozing, Standing,
    TagsChanged, TemplateUsed, ToldApartBy, Unmerged, WaitingFor,
};
use crate::ticket::{Action, TicketEvent};
use crate::time::{DurationMs, Timestamp};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn standing() -> impl Strategy<Value = Standing> {
    use Standing as S;
    select(vec![S::Eligible, S::Unavailable, S::NotPermitted, S::Unskilled, S::Full])
}

fn told_apart_by() -> impl Strategy<Value = ToldApartBy> {
    select(vec![ToldApartBy::Alone, ToldApartBy::SpareCapacity, ToldApartBy::Idle, ToldApartBy::Hash])
}

prop_compose! {
    fn candidate()(
        agent in actor_id(),
        availability in select(Availability::ALL.as_slice()),
        (load, capacity, weight) in (any::<u32>(), any::<u32>(), any::<u32>()),
        last_taken_at in option::of(instant()),
        standing in standing(),
    ) -> Candidate {
        Candidate { agent, availability, load, capacity, weight, last_taken_at, standing }
    }
}

prop_compose! {
    fn routed()(
        (list, version, rule) in (slug(), any::<u32>(), option::of(1..9_u32)),
        (team, skill) in (option::of(slug()), option::of(slug())),
        candidates in vec(candidate(), 0..4),
        (to, told_apart_by) in (option::of(actor_id()), option::of(told_apart_by())),
        waiting_for in option::of(select(WaitingFor::ALL.as_slice())),
    ) -> Routed {
        Routed { list, version, rule, team, skill, candidates, to, told_apart_by, waiting_for }
    }
}

prop_compose! {
    fn attached()(
        message in option::of(message()),
        digest in "[0-9a-f]{64}",
        name in personal(),
        (media_type, bytes, internal) in ("[a-z]{1,5}/[a-z]{1,5}", any::<u64>(), any::<bool>()),
    ) -> Attached {
        Attached { message, digest, name, media_type, bytes, internal }
    }
}

fn of_routing() -> impl Strategy<Value = TicketEvent> {
    let cause = select(vec![OfferCause::AssigneeLeft, OfferCause::Staff, OfferCause::Returned]);
    prop_oneof![
        routed().prop_map(|routed| TicketEvent::Routed(Box::new(routed))),
        cause.prop_map(|cause| TicketEvent::Offered(Offered { cause })),
    ]
}

fn of_the_work() -> impl Strategy<Value = TicketEvent> {
    prop_oneof![
        attached().prop_map(|attached| TicketEvent::Attached(Box::new(attached))),
        (message(), slug(), any::<u32>(), language()).prop_map(|(message, template, version, language)| {
            TicketEvent::TemplateUsed(TemplateUsed { message, template, version, language })
        }),
        (vec(slug(), 0..3), vec(slug(), 0..3))
            .prop_map(|(added, removed)| TicketEvent::TagsChanged(TagsChanged { added, removed })),
        (slug(), option::of(personal()))
            .prop_map(|(field, to)| TicketEvent::FieldChanged(FieldChanged { field, to })),
        actor_id().prop_map(|by| TicketEvent::Followed(Following { by })),
        actor_id().prop_map(|by| TicketEvent::Unfollowed(Following { by })),
        number().prop_map(|to| TicketEvent::Linked(Linking { to })),
        number().prop_map(|to| TicketEvent::Unlinked(Linking { to })),
        instant().prop_map(|until| TicketEvent::Snoozed(Snoozing { until })),
        instant().prop_map(|until| TicketEvent::Woken(Snoozing { until })),
    ]
}

fn of_merges() -> impl Strategy<Value = TicketEvent> {
    prop_oneof![
        number().prop_map(|into| TicketEvent::Merged(Merged { into })),
        number().prop_map(|from| TicketEvent::Unmerged(Unmerged { from })),
        number().prop_map(|ticket| TicketEvent::Absorbed(Absorbing { ticket })),
        number().prop_map(|ticket| TicketEvent::Parted(Absorbing { ticket })),
        (number(), message(), option::of(personal()))
            .prop_map(|(from, message, body)| { TicketEvent::Forwarded(Forwarded { from, message, body }) }),
    ]
}

fn of_the_end() -> impl Strategy<Value = TicketEvent> {
    let by = select(vec![ConfirmedBy::Customer, ConfirmedBy::Time]);
    let score = select(vec![Score::Good, Score::Bad]);
    let through = select(RatedThrough::ALL.to_vec());
    prop_oneof![
        Just(TicketEvent::Acknowledged(Acknowledged {})),
        (option::of(slug()), option::of(actor_id()), personal()).prop_map(
            |(to_team, to_assignee, context)| {
                TicketEvent::Returned(Box::new(Returned { to_team, to_assignee, context }))
            }
        ),
        (0..4_u32, by).prop_map(|(cycle, by)| TicketEvent::Confirmed(Confirmed { cycle, by })),
        said().prop_map(TicketEvent::ConfirmationRefused),
        (0..4_u32, score, option::of(personal()), option::of(actor_id()), option::of(through)).prop_map(
            |(cycle, score, comment, resolver, through)| {
                TicketEvent::Rated(Box::new(Rated { cycle, score, comment, resolver, through }))
            }
        ),
    ]
}

/// Any of them, whatever came before it.
pub(super) fn event() -> impl Strategy<Value = TicketEvent> {
    prop_oneof![1 => of_routing(), 3 => of_the_work(), 2 => of_merges(), 2 => of_the_end()]
}

/// One of few, so that links and merges come undone.
fn near() -> impl Strategy<Value = TicketNumber> {
    (1..4_u64).prop_map(TicketNumber)
}

/// What somebody may wish of a ticket beside what is said.
pub(super) fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => Just(Action::Take),
        1 => any::<bool>().prop_map(|of_team| Action::Acknowledge { of_team }),
        1 => (body(), btree_set(slug(), 0..3), btree_set((actor_id(), option::of(slug())), 0..3))
            .prop_map(|(context, teams, people)| Action::Return { context, gone: Gone { teams, people } }),
        1 => (-1..4_i64, 0..2_i64).prop_map(|(until, now)| {
            Action::Snooze { until: Timestamp(until), now: Timestamp(0).plus(DurationMs(now)) }
        }),
        2 => (btree_set(slug(), 0..3), btree_set(slug(), 0..3))
            .prop_map(|(add, remove)| Action::Tag { add, remove }),
        1 => (slug(), option::of(line())).prop_map(|(field, to)| Action::SetField { field, to }),
        1 => Just(Action::Follow),
        1 => Just(Action::Unfollow),
        1 => near().prop_map(|to| Action::Link { to }),
        1 => near().prop_map(|to| Action::Unlink { to }),
        1 => near().prop_map(|into| Action::Merge { into }),
        2 => Just(Action::Unmerge),
    ]
}
