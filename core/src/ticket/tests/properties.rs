//! What holds for every history: those that the rules accepted, and those that an import may bring.

use super::escalation::{acknowledge, hand_back};
use super::work::{set_field, tag};
use super::*;
use crate::agent::{AgentEvent, load_changes};
use crate::catalog::RESOLUTIONS_WITHOUT_WORK;
use crate::names::{StreamVersion, TicketNumber};
use crate::strategies::{command, commands, config, history};
use crate::ticket::command::ActionName;
use crate::ticket::decide::{allowed, is_allowed};
use crate::ticket::state::Closing;
use crate::ticket::{Lane, OwnStatus, Status};
use crate::time::{DurationMs, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};

/// The history that commands lead to: what each is decided on, and what followed.
fn decided(commands: &[TicketCommand]) -> Vec<(Ticket, TicketEvent)> {
    let mut ticket = Ticket::default();
    let mut history = Vec::new();
    for command in commands {
        for event in TicketDecider::decide(command, &ticket).unwrap_or_default() {
            history.push((ticket.clone(), event.clone()));
            ticket = TicketDecider::evolve(ticket, &event);
        }
    }
    history
}

/// What holds after every history whatever.
fn check_state(ticket: &Ticket, events: &[TicketEvent]) {
    assert_eq!(ticket.version, StreamVersion(events.len() as u64));
    assert!(ticket.thread_version <= ticket.version);
    assert_eq!(ticket.exists, events.iter().any(|event| matches!(event, TicketEvent::Opened(_))));
    assert_eq!(ticket.pending_reason.is_some(), ticket.status == Status::Pending);
    assert!(ticket.resolution.is_none() || ticket.status == Status::Resolved);
    assert!(!ticket.sealed || ticket.status == Status::Resolved);
    assert!(
        ticket.waiting_for.is_none() || crate::routing::is_up(ticket),
        "who is not sought is not waited for"
    );
    let shown = [
        ticket.status == Status::New || ticket.status == Status::Open && ticket.assignee.is_none(),
        ticket.status == Status::Open && ticket.assignee.is_some(),
        ticket.status == Status::Pending,
        ticket.status == Status::Resolved,
    ];
    let lanes = Lane::ALL.into_iter().zip(shown).filter(|(_, shown)| *shown).map(|(lane, _)| lane);
    assert_eq!(Vec::from_iter(lanes), [ticket.lane()], "exactly one lane shows it");
}

/// What a requester can see of a ticket: what was said in public, where it stands in their words, and what they said of it.
fn seen(ticket: &Ticket) -> (StreamVersion, OwnStatus, Option<Closing>) {
    (ticket.thread_version, OwnStatus::of(ticket), ticket.closing.clone())
}

/// What holds for one step of a history that the rules accepted.
fn check_step(before: &Ticket, event: &TicketEvent, reopenings: u32) {
    let after = TicketDecider::evolve(before.clone(), event);
    assert_eq!(before.exists, !matches!(event, TicketEvent::Opened(_)), "opened once, and first");
    let unmerged = matches!(event, TicketEvent::Unmerged(_));
    assert!(
        before.status == Status::New || after.status != Status::New || unmerged,
        "new is only ever the first status, and what a merge hid"
    );
    if before.sealed {
        let allowed = matches!(event, TicketEvent::Noted(_) | TicketEvent::Unfollowed(_));
        assert!(allowed, "only notes after sealing, and nobody has to go on following");
    }
    match event {
        TicketEvent::Assigned(_) => assert_eq!(before.assignee, None),
        TicketEvent::Reassigned(event) => {
            assert_eq!(before.assignee.as_ref(), Some(&event.from));
            assert_ne!(event.from, event.to);
        }
        TicketEvent::Unassigned(event) => assert_eq!(before.assignee.as_ref(), Some(&event.from)),
        TicketEvent::TeamChanged(event) => {
            assert_eq!(before.team, event.from);
            assert_ne!(event.from, event.to);
        }
        TicketEvent::PriorityChanged(event) => {
            assert_eq!(before.priority, event.from);
            assert_ne!(event.from, Some(event.to));
        }
        TicketEvent::CategoryChanged(event) => {
            assert_eq!(before.category, event.from);
            assert_ne!(event.from.as_ref(), Some(&event.to));
        }
        TicketEvent::Replied(said) | TicketEvent::CustomerReplied(said) | TicketEvent::Noted(said) => {
            assert!(!before.memory.messages.contains(&said.message), "a message is taken once");
        }
        TicketEvent::SetPending(event) => {
            assert_ne!(before.status, Status::Resolved);
            assert_ne!(before.pending_reason.as_ref(), Some(&event.reason));
        }
        TicketEvent::SetOpen(_) => assert_eq!(before.status, Status::Pending),
        TicketEvent::Escalated(event) => {
            assert_ne!(before.status, Status::Resolved);
            assert_eq!((&before.team, &before.assignee), (&event.from_team, &event.from_assignee));
            assert_ne!((&after.team, &after.assignee), (&before.team, &before.assignee));
        }
        TicketEvent::Resolved(event) => {
            assert_ne!(before.status, Status::Resolved, "resolved once per cycle");
            assert_eq!((&before.category, &before.assignee), (&event.category, &event.assignee));
            let resolution = event.resolution.as_ref().unwrap().as_str();
            assert!(event.assignee.is_some() || RESOLUTIONS_WITHOUT_WORK.contains(&resolution));
        }
        TicketEvent::Reopened(event) => {
            assert_eq!(before.status, Status::Resolved);
            assert_eq!((event.cycle, before.cycle), (reopenings + 2, reopenings + 1));
        }
        TicketEvent::Sealed(_) => assert_eq!(before.status, Status::Resolved),
        TicketEvent::Opened(_) => assert_eq!((after.status, after.cycle), (Status::New, 1)),
        TicketEvent::Routed(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Attached(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::FieldChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Unmerged(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Forwarded(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Returned(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::ConfirmationRefused(_)
        | TicketEvent::Rated(_) => {
            assert!(before.exists, "nothing happens to a ticket that is not there");
        }
        TicketEvent::SourceRecorded(_) => panic!("only an import records what Docket has no word for"),
    }
}

/// Why a listed action may be refused after all: by what the command carries, not by the ticket alone.
fn depends_on_the_command(action: &Action, refusal: &TicketRefusal) -> bool {
    matches!(
        (action, refusal),
        (Action::Resolve { .. }, TicketRefusal::NoAssignee)
            | (Action::Escalate { .. }, TicketRefusal::EscalatedToItself)
            | (Action::Reply { then_pending: true, .. }, TicketRefusal::Resolved)
            | (Action::Snooze { .. }, TicketRefusal::SnoozeOutOfRange)
            | (
                Action::Tag { .. } | Action::SetField { .. } | Action::Follow | Action::Link { .. },
                TicketRefusal::TooMany { .. }
            )
            | (Action::Acknowledge { of_team: false }, TicketRefusal::NotTheReceiver)
            | (Action::Rate { .. }, TicketRefusal::CycleOver)
    )
}

/// A wish by that name that is new to any ticket.
fn fresh(name: ActionName, ticket: &Ticket) -> Action {
    let other = |priority| if ticket.priority == Some(priority) { Priority::Low } else { priority };
    match name {
        ActionName::Assign => assign("nobody-yet"),
        ActionName::Unassign => Action::Unassign,
        ActionName::Offer => Action::Offer,
        ActionName::ChangeTeam => change_team(Some("a-team-of-its-own")),
        ActionName::ChangePriority => Action::ChangePriority { to: other(Priority::Urgent) },
        ActionName::ChangeCategory => Action::ChangeCategory { to: slug("a-category-of-its-own") },
        ActionName::Reply => reply(u128::MAX),
        ActionName::CustomerReply => customer_reply(u128::MAX),
        ActionName::Note => note(u128::MAX),
        ActionName::SetPending => set_pending("a-reason-of-its-own"),
        ActionName::SetOpen => Action::SetOpen,
        ActionName::Escalate => escalate(to_team("a-team-of-its-own")),
        ActionName::Resolve => resolve("spam"),
        ActionName::Reopen => Action::Reopen,
        ActionName::Seal => Action::Seal,
        ActionName::Take => Action::Take,
        ActionName::Acknowledge => acknowledge(),
        ActionName::Return => hand_back(),
        ActionName::Snooze => {
            let now = Timestamp(i64::from(ticket.snoozed_until == Some(Timestamp(1))));
            Action::Snooze { until: now.plus(DurationMs(1)), now }
        }
        ActionName::Tag => tag(&["a-tag-of-its-own"], &[]),
        ActionName::SetField => set_field(Some("a value of its own")),
        ActionName::Follow => Action::Follow,
        ActionName::Unfollow => Action::Unfollow,
        ActionName::Link => Action::Link { to: TicketNumber(u64::MAX) },
        ActionName::Unlink => Action::Unlink { to: *ticket.links.first().unwrap() },
        ActionName::Merge => Action::Merge { into: TicketNumber(u64::MAX) },
        ActionName::Unmerge => Action::Unmerge,
        ActionName::Confirm => Action::Confirm,
        ActionName::Refuse => Action::Refuse { message: message(u128::MAX), body: body("x") },
        ActionName::Rate => rate(None, Score::Good, None),
        ActionName::Wake => Action::Wake { until: ticket.snoozed_until.unwrap_or(Timestamp::MIN) },
    }
}

/// Decides a command on a ticket, applies what follows, and decides it again.
fn check_twice(command: &TicketCommand, ticket: &Ticket) {
    let events = TicketDecider::decide(command, ticket).unwrap_or_default();
    let after = events.iter().fold(ticket.clone(), TicketDecider::evolve);
    // Each return takes back one escalation, and under those that stand there may be others.
    if command.action.name() == Some(ActionName::Return) && after.escalation.is_some() {
        return;
    }
    let again = TicketDecider::decide(command, &after).unwrap_or_default();
    assert_eq!(again, [], "{command:?} after {events:?}");
}

fn check_allowed(command: &TicketCommand, ticket: &Ticket) {
    let action = &command.action;
    let allowed = allowed(&command.actor, ticket);
    for name in &allowed {
        let wish = TicketCommand { action: fresh(*name, ticket), ..command.clone() };
        let decision = TicketDecider::decide(&wish, ticket);
        assert!(decision.as_ref().is_ok_and(|events| !events.is_empty()), "{name:?}: {decision:?}");
    }
    let Some(name) = action.name() else { return };
    match TicketDecider::decide(command, ticket) {
        Err(refusal) if is_allowed(&command.actor, name, ticket) => {
            assert!(depends_on_the_command(action, &refusal), "{name:?} is listed and refused: {refusal}");
        }
        Ok(events) if !is_allowed(&command.actor, name, ticket) => {
            assert_eq!(events, [], "{name:?} is not listed")
        }
        Ok(_) | Err(_) => {}
    }
}

/// Adds up what load changes say, step by step, and compares the sum with whose load the ticket is.
fn check_load<'a>(events: impl IntoIterator<Item = &'a TicketEvent>) {
    let mut loads = BTreeMap::<_, i32>::new();
    let mut before = Ticket::default();
    for event in events {
        let after = TicketDecider::evolve(before.clone(), event);
        for (agent, change) in load_changes(TicketNumber(1), &before, &after) {
            *loads.entry(agent).or_default() += match change {
                AgentEvent::TicketTaken(_) => 1,
                AgentEvent::TicketReleased(_) => -1,
                AgentEvent::AvailabilityChanged(_) | AgentEvent::TicketReweighed(_) => 0,
            };
        }
        let loaded = loads.iter().filter(|(_, load)| **load != 0);
        let burden = after.burden().map(|agent| (agent, &1));
        assert_eq!(Vec::from_iter(loaded), Vec::from_iter(burden));
        before = after;
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn evolve_takes_every_history(events in history()) {
        let mut ticket = Ticket::default();
        for (count, event) in events.iter().enumerate() {
            let before = ticket.clone();
            ticket = TicketDecider::evolve(ticket, event);
            check_state(&ticket, &events[..=count]);
            let unmerged = matches!(event, TicketEvent::Unmerged(_));
            prop_assert!(before.status == Status::New || ticket.status != Status::New || unmerged);
            let counted = ticket.own_version.0 - before.own_version.0;
            prop_assert_eq!(counted, u64::from(seen(&ticket) != seen(&before)), "what the requester sees");
        }
    }

    #[test]
    fn an_accepted_history_keeps_every_rule(commands in commands()) {
        let history = decided(&commands);
        let events: Vec<_> = history.iter().map(|(_, event)| event.clone()).collect();
        let mut reopenings = 0;
        for (count, (before, event)) in history.iter().enumerate() {
            check_state(before, &events[..count]);
            check_step(before, event, reopenings);
            reopenings += u32::from(matches!(event, TicketEvent::Reopened(_)));
        }
        let after = TicketDecider::fold(&events);
        prop_assert_eq!(after.cycle, if events.is_empty() { 0 } else { reopenings + 1 });
        let messages: BTreeSet<_> = after.memory.messages;
        let taken = events.iter().filter(|event| matches!(
            event,
            TicketEvent::Replied(_)
                | TicketEvent::CustomerReplied(_)
                | TicketEvent::ConfirmationRefused(_)
                | TicketEvent::Noted(_)
        ));
        prop_assert_eq!(messages.len(), taken.count());
    }

    #[test]
    fn deciding_again_yields_nothing(commands in commands()) {
        let mut ticket = Ticket::default();
        for command in &commands {
            check_twice(command, &ticket);
            let events = TicketDecider::decide(command, &ticket).unwrap_or_default();
            ticket = events.iter().fold(ticket, TicketDecider::evolve);
        }
    }

    #[test]
    fn deciding_again_yields_nothing_on_any_history(events in history(), command in command()) {
        check_twice(&command, &TicketDecider::fold(&events));
    }

    #[test]
    fn what_is_allowed_agrees_with_what_is_decided(events in history(), command in command()) {
        check_allowed(&command, &TicketDecider::fold(&events));
    }

    #[test]
    fn what_is_allowed_agrees_with_what_is_decided_along_the_way(
        commands in commands(),
        role in select(Role::ALL.as_slice()),
    ) {
        let mut ticket = Ticket::default();
        for command in commands {
            check_allowed(&command, &ticket);
            check_allowed(&by(role, command.action.clone()), &ticket);
            let events = TicketDecider::decide(&command, &ticket).unwrap_or_default();
            ticket = events.iter().fold(ticket, TicketDecider::evolve);
        }
    }

    #[test]
    fn who_only_reads_changes_nothing(
        events in history(),
        command in command(),
        role in select(vec![Role::Auditor, Role::Analyst, Role::Unknown]),
    ) {
        let command = TicketCommand { actor: Actor { role, ..command.actor }, ..command };
        prop_assert!(TicketDecider::decide(&command, &TicketDecider::fold(&events)).is_err());
    }

    #[test]
    fn load_changes_add_up_to_the_burden(events in history(), commands in commands()) {
        check_load(&events);
        check_load(decided(&commands).iter().map(|(_, event)| event));
    }
}
