//! Random names, texts, commands and histories for the property tests, hostile ones among them.

mod work;

use crate::actor::{Actor, Role};
use crate::catalog::RESOLUTIONS_WITHOUT_WORK;
use crate::names::{ActorId, Slug, TicketNumber};
use crate::personal::{PersonalText, Sealed};
use crate::text::{Body, Line};
use crate::ticket::command::Open;
use crate::ticket::event::{
    Assigned, CategoryChanged, Channel, Destination, Escalated, Language, Message, Opened, Priority,
    PriorityChanged, RatedThrough, Reassigned, ReopenCause, Reopened, Requester, Resolved, Score,
    SealedForGood, SetOpen, SetPending, SourceRecorded, TeamChanged, Unassigned,
};
use crate::ticket::{Action, TicketCommand, TicketEvent};
use crate::time::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use std::hash::{BuildHasher, Hasher, RandomState};
use uuid::Uuid;

/// How property tests run. A failing one shows its seed, which `PROPTEST_RNG_SEED` takes to run it again.
pub(crate) fn config() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(RandomState::new().build_hasher().finish());
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}

/// How many random cases a variable of the environment asks for.
pub(crate) fn cases_asked_by(variable: &str) -> Option<u32> {
    std::env::var(variable).ok().and_then(|cases| cases.parse().ok())
}

/// Texts that have broken somebody's program before.
const HOSTILE: [&str; 16] = [
    "\u{202e}gnp.exe\u{202c}",
    "\u{2066}\u{2067}never closed",
    "e\u{301}\u{327}\u{30a}",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦🏳\u{fe0f}\u{200d}🌈",
    "\u{feff}byte order mark",
    "\u{2028}\u{2029}\u{85}",
    "\u{1}\u{7}\u{8}\u{1b}[31m\u{7f}\u{9f}",
    "\r\n\t\u{b}\u{c}",
    "\"}],\"type\":\"ticket.sealed\",\"data\":{",
    "\\u0000\\ud800\\",
    "<script>alert(1)</script>",
    "=HYPERLINK(\"x\")",
    "'; DROP TABLE events; --",
    "¿Facturación? ¡Sí, señor!",
    "\u{10ffff}\u{fffd}\u{e000}",
    " \u{a0}\u{3000}x\u{200b} ",
];

/// Any text at all, NUL among it.
pub(crate) fn text() -> BoxedStrategy<String> {
    prop_oneof![
        4 => select(HOSTILE.as_slice()).prop_map(str::to_owned),
        3 => "[a-zé ]{1,12}",
        2 => vec(any::<char>(), 0..12).prop_map(String::from_iter),
        1 => Just("a\0b".to_owned()),
    ]
    .boxed()
}

pub(crate) fn body() -> impl Strategy<Value = Body> {
    text().prop_filter_map("no body", |text| Body::new(text).ok())
}

pub(crate) fn line() -> impl Strategy<Value = Line> {
    text().prop_filter_map("no line", |text| Line::new(text).ok())
}

/// Plain or sealed; unlike what people type, an import may hold anything.
pub(crate) fn personal() -> BoxedStrategy<PersonalText> {
    let sealed = (text(), text(), text())
        .prop_map(|(key, nonce, sealed)| PersonalText::Sealed(Sealed { key, nonce, sealed }));
    prop_oneof![3 => text().prop_map(PersonalText::Plain), 1 => sealed].boxed()
}

/// Any instant that can be written.
pub(crate) fn instant() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.0..=Timestamp::MAX.0).prop_map(Timestamp)
}

/// From a small pool most of the time, so that the same one comes back.
pub(crate) fn slug() -> BoxedStrategy<Slug> {
    let known = vec!["support", "billing", "customer", "third-party", "solved", "spam", "duplicate"];
    let known = select(known).prop_map(|name| Slug::new(name).unwrap());
    prop_oneof![9 => known, 1 => "[a-z0-9-]{1,64}".prop_map(|name| Slug::new(&name).unwrap())].boxed()
}

pub(crate) fn actor_id() -> BoxedStrategy<ActorId> {
    let known = select(vec!["ines", "omar", "lena"]).prop_map(|name| ActorId::new(name).unwrap());
    prop_oneof![9 => known, 1 => text().prop_filter_map("no name", |text| ActorId::new(&text).ok())].boxed()
}

/// Mostly people who work, so that histories get somewhere.
pub(crate) fn role() -> impl Strategy<Value = Role> {
    prop_oneof![6 => Just(Role::Agent), 2 => Just(Role::Customer), 2 => select(Role::ALL.as_slice())]
}

pub(crate) fn actor() -> impl Strategy<Value = Actor> {
    (actor_id(), role(), option::of(slug())).prop_map(|(id, role, team)| Actor { id, role, team })
}

pub(crate) fn priority() -> impl Strategy<Value = Priority> {
    select(Priority::ALL.as_slice())
}

/// One of few, so that messages are sent twice.
fn message() -> impl Strategy<Value = Uuid> {
    (0..12_u128).prop_map(Uuid::from_u128)
}

pub(crate) fn score() -> impl Strategy<Value = Score> {
    select(vec![Score::Good, Score::Bad])
}

fn channel() -> impl Strategy<Value = Channel> {
    select(vec![Channel::Api, Channel::Portal, Channel::Web, Channel::Phone, Channel::Email, Channel::Import])
}

fn language() -> impl Strategy<Value = Language> {
    select(vec![Language::En, Language::Es])
}

fn destination() -> impl Strategy<Value = Destination> {
    prop_oneof![slug().prop_map(Destination::Team), actor_id().prop_map(Destination::Supervisor)]
}

fn number() -> impl Strategy<Value = TicketNumber> {
    any::<u64>().prop_map(TicketNumber)
}

prop_compose! {
    fn open()(
        requester in actor_id(),
        requester_name in option::of(line()),
        requester_email in option::of(line()),
        subject in line(),
        body in body(),
        (channel, language, priority) in (channel(), language(), priority()),
        (category, team) in (option::of(slug()), option::of(slug())),
        follows in option::of(number()),
    ) -> Open {
        Open {
            requester, requester_name, requester_email, subject, body,
            channel, language, priority, category, team, follows,
        }
    }
}

/// What somebody may wish, mostly of a ticket that exists.
pub(crate) fn action() -> BoxedStrategy<Action> {
    prop_oneof![
        1 => open().prop_map(|open| Action::Open(Box::new(open))),
        3 => actor_id().prop_map(|to| Action::Assign { to }),
        2 => Just(Action::Unassign),
        1 => Just(Action::Offer),
        2 => option::of(slug()).prop_map(|to| Action::ChangeTeam { to }),
        2 => priority().prop_map(|to| Action::ChangePriority { to }),
        2 => slug().prop_map(|to| Action::ChangeCategory { to }),
        3 => (message(), body(), any::<bool>())
            .prop_map(|(message, body, then_pending)| Action::Reply { message, body, then_pending }),
        3 => (message(), body()).prop_map(|(message, body)| Action::CustomerReply { message, body }),
        2 => (message(), body()).prop_map(|(message, body)| Action::Note { message, body }),
        2 => slug().prop_map(|reason| Action::SetPending { reason }),
        2 => Just(Action::SetOpen),
        2 => (slug(), destination(), body())
            .prop_map(|(reason, to, context)| Action::Escalate { reason, to, context }),
        4 => (slug(), option::of(body()), any::<bool>(), any::<bool>()).prop_map(
            |(resolution, notes, confirmation, survey)| Action::Resolve {
                needs_assignee: !RESOLUTIONS_WITHOUT_WORK.contains(&resolution.as_str()),
                resolution, notes, confirmation, survey,
            }
        ),
        2 => Just(Action::Reopen),
        1 => Just(Action::Seal),
        6 => work::action(),
        2 => Just(Action::Confirm),
        2 => (message(), body()).prop_map(|(message, body)| Action::Refuse { message, body }),
        2 => (option::of(0..4_u32), score(), option::of(body()), select(RatedThrough::ALL.to_vec()))
            .prop_map(|(cycle, score, comment, through)| Action::Rate { cycle, score, comment, through }),
        1 => instant().prop_map(|until| Action::Wake { until }),
    ]
    .boxed()
}

pub(crate) fn command() -> impl Strategy<Value = TicketCommand> {
    (actor(), action()).prop_map(|(actor, action)| TicketCommand { actor, action })
}

/// An opening and what follows; a good part of it is refused.
pub(crate) fn commands() -> impl Strategy<Value = Vec<TicketCommand>> {
    let open = (actor(), open())
        .prop_map(|(actor, open)| TicketCommand { actor, action: Action::Open(Box::new(open)) });
    (open, vec(command(), 0..40)).prop_map(|(open, rest)| [vec![open], rest].concat())
}

prop_compose! {
    fn opened()(
        id in actor_id(),
        (name, email) in (option::of(personal()), option::of(personal())),
        (subject, body) in (personal(), option::of(personal())),
        (channel, language, priority) in (channel(), option::of(language()), option::of(priority())),
        (category, team) in (option::of(slug()), option::of(slug())),
        follows in option::of(number()),
    ) -> Opened {
        let requester = Requester { id, name, email };
        Opened { requester, subject, body, channel, language, priority, category, team, follows }
    }
}

prop_compose! {
    fn resolved()(
        (resolution, category, assignee) in (option::of(slug()), option::of(slug()), option::of(actor_id())),
        notes in option::of(personal()),
        (confirmation, survey) in (any::<bool>(), any::<bool>()),
    ) -> Resolved {
        Resolved { resolution, category, assignee, notes, confirmation, survey }
    }
}

prop_compose! {
    fn escalated()(
        (reason, to, context) in (slug(), destination(), personal()),
        (from_team, from_assignee) in (option::of(slug()), option::of(actor_id())),
        by in option::of(actor_id()),
    ) -> Escalated {
        Escalated { reason, to, context, from_team, from_assignee, by }
    }
}

fn said() -> impl Strategy<Value = Message> {
    (message(), option::of(personal())).prop_map(|(message, body)| Message { message, body })
}

/// Any event, whatever came before it.
pub(crate) fn event() -> BoxedStrategy<TicketEvent> {
    let cause = select(vec![ReopenCause::CustomerReply, ReopenCause::Staff, ReopenCause::Unknown]);
    let cycle = prop_oneof![1..4_u32, Just(0), Just(u32::MAX)];
    prop_oneof![
        opened().prop_map(|opened| TicketEvent::Opened(Box::new(opened))),
        actor_id().prop_map(|to| TicketEvent::Assigned(Assigned { to })),
        (actor_id(), actor_id()).prop_map(|(from, to)| TicketEvent::Reassigned(Reassigned { from, to })),
        actor_id().prop_map(|from| TicketEvent::Unassigned(Unassigned { from })),
        (option::of(slug()), option::of(slug()))
            .prop_map(|(from, to)| TicketEvent::TeamChanged(TeamChanged { from, to })),
        (option::of(priority()), priority())
            .prop_map(|(from, to)| TicketEvent::PriorityChanged(PriorityChanged { from, to })),
        (option::of(slug()), slug())
            .prop_map(|(from, to)| TicketEvent::CategoryChanged(CategoryChanged { from, to })),
        said().prop_map(TicketEvent::Replied),
        said().prop_map(TicketEvent::CustomerReplied),
        said().prop_map(TicketEvent::Noted),
        slug().prop_map(|reason| TicketEvent::SetPending(SetPending { reason })),
        Just(TicketEvent::SetOpen(SetOpen {})),
        escalated().prop_map(|escalated| TicketEvent::Escalated(Box::new(escalated))),
        resolved().prop_map(|resolved| TicketEvent::Resolved(Box::new(resolved))),
        (cause, cycle).prop_map(|(cause, cycle)| TicketEvent::Reopened(Reopened { cause, cycle })),
        Just(TicketEvent::Sealed(SealedForGood {})),
        Just(TicketEvent::SourceRecorded(SourceRecorded {})),
        work::event(),
    ]
    .boxed()
}

/// Any history, also one that no decider accepted: usually opened first, as imports are.
pub(crate) fn history() -> impl Strategy<Value = Vec<TicketEvent>> {
    let opened = opened().prop_map(|opened| vec![TicketEvent::Opened(Box::new(opened))]);
    let first = prop_oneof![3 => opened, 1 => Just(Vec::new())];
    (first, vec(event(), 0..24)).prop_map(|(first, rest)| [first, rest].concat())
}
