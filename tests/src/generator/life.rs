//! What happens to a ticket next, given how it stands: the odds that give a log its shape.

use super::desk::{Case, Desk, slug};
use super::people;
use docket_core::actor::Actor;
use docket_core::catalog::{
    ESCALATION_REASONS, PENDING_CUSTOMER, PENDING_REASONS, RESOLUTION_CATEGORIES, RESOLUTIONS_WITHOUT_WORK,
};
use docket_core::names::ActorId;
use docket_core::ticket::event::{Destination, Priority};
use docket_core::ticket::{Action, Status, TicketCommand};

/// The next command on a ticket; none when nobody will touch it any more, wherever it stands.
pub(super) fn next(case: &Case, desk: &mut Desk) -> Option<TicketCommand> {
    // Some are forgotten, so that every lane keeps a few.
    if desk.random.below(400) == 0 || case.ticket.version.0 > 60 {
        return None;
    }
    match case.ticket.status {
        Status::New => Some(when_new(case, desk)),
        Status::Open if case.ticket.assignee.is_none() => Some(when_unassigned(case, desk)),
        Status::Open => Some(when_open(case, desk)),
        Status::Pending => Some(when_pending(case, desk)),
        Status::Resolved => when_resolved(case, desk),
    }
}

/// What a ticket of a backlog has gone through since its opening: nothing, or up to two more steps.
pub(super) fn shelve(case: &Case, desk: &mut Desk) -> Vec<TicketCommand> {
    match desk.random.below(100) {
        0..40 => Vec::new(),
        40..75 => vec![assign(desk)],
        _ => {
            let first = assign(desk);
            let Action::Assign { to } = &first.action else { return vec![first] };
            let actor = people::acting(Some(to), &mut desk.random);
            let action = if desk.random.coin() { reply(case, desk, false) } else { set_pending(desk) };
            vec![first, TicketCommand { actor, action }]
        }
    }
}

/// The steps of a conversation: the assignment first, then one message after the other.
pub(super) fn converse(case: &Case, desk: &mut Desk, step: usize) -> TicketCommand {
    match step {
        0 => assign(desk),
        step if step % 2 == 1 => by_staff(case, desk, |desk| reply(case, desk, false)),
        _ => customer_reply(case, desk),
    }
}

fn when_new(case: &Case, desk: &mut Desk) -> TicketCommand {
    match desk.random.below(100) {
        0..76 => assign(desk),
        76..82 => by_staff(case, desk, |desk| reply(case, desk, false)),
        82..87 => by_staff(case, desk, |desk| note(case, desk)),
        87..90 => by_staff(case, desk, |desk| resolve(case, desk, "spam")),
        90..93 => customer_reply(case, desk),
        _ => triage(case, desk),
    }
}

fn when_unassigned(case: &Case, desk: &mut Desk) -> TicketCommand {
    match desk.random.below(100) {
        0..84 => assign(desk),
        84..90 => by_staff(case, desk, |desk| note(case, desk)),
        90..94 => customer_reply(case, desk),
        _ => triage(case, desk),
    }
}

fn when_open(case: &Case, desk: &mut Desk) -> TicketCommand {
    let answered = case.replies > 0;
    match desk.random.below(100) {
        0..30 => by_staff(case, desk, |desk| reply(case, desk, true)),
        30..38 => by_staff(case, desk, |desk| note(case, desk)),
        38..50 => customer_reply(case, desk),
        50..77 if answered => by_staff(case, desk, |desk| resolve_somehow(case, desk)),
        50..77 => by_staff(case, desk, |desk| reply(case, desk, true)),
        77..84 => by_staff(case, desk, |desk| escalate(case, desk)),
        84..88 => by_staff(case, desk, set_pending),
        88..91 => assign(desk),
        91..93 => by_staff(case, desk, |_| Action::Unassign),
        _ => triage(case, desk),
    }
}

fn when_pending(case: &Case, desk: &mut Desk) -> TicketCommand {
    match desk.random.below(100) {
        0..60 => customer_reply(case, desk),
        60..70 => by_staff(case, desk, |_| Action::SetOpen),
        70..76 => by_staff(case, desk, |desk| reply(case, desk, false)),
        76..82 => by_staff(case, desk, |desk| note(case, desk)),
        _ => by_staff(case, desk, |desk| resolve_somehow(case, desk)),
    }
}

fn when_resolved(case: &Case, desk: &mut Desk) -> Option<TicketCommand> {
    match desk.random.below(100) {
        0..42 => None,
        42..70 if !case.ticket.sealed => Some(by(Actor::system("sealer"), Action::Seal)),
        70..80 if !case.ticket.sealed => Some(customer_reply(case, desk)),
        80..84 if !case.ticket.sealed => Some(by_staff(case, desk, |_| Action::Reopen)),
        84..90 => Some(by_staff(case, desk, |desk| note(case, desk))),
        _ => None,
    }
}

fn by(actor: Actor, action: Action) -> TicketCommand {
    TicketCommand { actor, action }
}

/// An action of whoever is responsible, or of somebody else of the staff.
fn by_staff(case: &Case, desk: &mut Desk, action: impl FnOnce(&mut Desk) -> Action) -> TicketCommand {
    let actor = people::acting(case.ticket.assignee.as_ref(), &mut desk.random);
    by(actor, action(desk))
}

/// Routing assigns a third; the others take a ticket themselves, or are given it.
fn assign(desk: &mut Desk) -> TicketCommand {
    let taker = people::agent(&mut desk.random);
    let to = taker.id.clone();
    let actor = match desk.random.below(100) {
        0..34 => Actor::system("routing"),
        34..80 => taker,
        _ => people::supervisor(&mut desk.random),
    };
    by(actor, Action::Assign { to })
}

fn triage(case: &Case, desk: &mut Desk) -> TicketCommand {
    by_staff(case, desk, |desk| match desk.random.below(3) {
        0 => Action::ChangePriority { to: desk.random.pick(&Priority::ALL) },
        1 => Action::ChangeCategory { to: slug(desk.random.pick(&people::CATEGORIES)) },
        _ => Action::ChangeTeam { to: Some(slug(desk.random.pick(&people::TEAMS))) },
    })
}

fn reply(case: &Case, desk: &mut Desk, may_wait: bool) -> Action {
    let body = desk.message(case.language, true);
    let then_pending = may_wait && desk.random.chance(40);
    Action::Reply { message: message_id(desk), body, then_pending }
}

fn note(case: &Case, desk: &mut Desk) -> Action {
    Action::Note { body: desk.message(case.language, true), message: message_id(desk) }
}

fn customer_reply(case: &Case, desk: &mut Desk) -> TicketCommand {
    let body = desk.message(case.language, false);
    by(case.customer.actor(), Action::CustomerReply { message: message_id(desk), body })
}

fn set_pending(desk: &mut Desk) -> Action {
    let reason = if desk.random.chance(60) { PENDING_CUSTOMER } else { PENDING_REASONS[1] };
    Action::SetPending { reason: slug(reason) }
}

fn escalate(case: &Case, desk: &mut Desk) -> Action {
    let to = if desk.random.chance(75) {
        Destination::Team(slug(desk.random.pick(&people::TEAMS)))
    } else {
        let supervisor: ActorId = people::supervisor(&mut desk.random).id;
        Destination::Supervisor(supervisor)
    };
    let reason = slug(desk.random.pick(ESCALATION_REASONS));
    Action::Escalate { reason, to, context: desk.message(case.language, true) }
}

fn resolve_somehow(case: &Case, desk: &mut Desk) -> Action {
    let resolution = desk.random.pick(RESOLUTION_CATEGORIES);
    resolve(case, desk, resolution)
}

fn resolve(case: &Case, desk: &mut Desk, resolution: &str) -> Action {
    let notes = desk.random.chance(40).then(|| desk.message(case.language, true));
    let (confirmation, survey) = (desk.random.coin(), desk.random.coin());
    let needs_assignee = !RESOLUTIONS_WITHOUT_WORK.contains(&resolution);
    Action::Resolve { resolution: slug(resolution), needs_assignee, notes, confirmation, survey }
}

/// The instant in a message's identifier says nothing; only that no two are the same.
fn message_id(desk: &mut Desk) -> uuid::Uuid {
    desk.random.uuid_at(super::BEGAN_AT)
}
