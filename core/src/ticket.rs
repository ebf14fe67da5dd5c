//! The life of a ticket: what may happen to it, and what follows.
//!
//! Read in this order: [`event`] (what happened), [`state`] (what it amounts to), `evolve` (how), [`own`] (what its
//! requester sees of that), [`command`] (what
//! somebody wants), [`decide`] (what follows), [`refusal`] (why not). Source: PRODUCT sections 2, 4 and 5.

pub mod closing;
pub mod command;
pub mod counterpart;
pub mod decide;
pub mod due;
pub mod enclosed;
pub mod event;
mod evolve;
pub mod follow_up;
pub mod named;
pub mod own;
pub mod refusal;
pub mod state;
#[cfg(test)]
mod tests;

use crate::decider::Decider;
use crate::time::DurationMs;
pub use command::{Action, TicketCommand};
pub use event::TicketEvent;
pub use own::OwnStatus;
pub use refusal::TicketRefusal;
pub use state::{Lane, Status, Ticket};

/// Tags that a ticket may have.
pub const TAGS_MAX: usize = 50;

/// Custom fields that a ticket may have.
pub const FIELDS_MAX: usize = 50;

/// People who may follow a ticket.
pub const FOLLOWERS_MAX: usize = 100;

/// Tickets that a ticket may be linked with.
pub const LINKS_MAX: usize = 100;

/// Tickets that may be merged into one at a time.
pub const ABSORBED_MAX: usize = 100;

/// Escalations of a ticket that are remembered so that it can be returned from them, one after the other.
pub const ESCALATIONS_MAX: usize = 16;

/// How long a ticket may be laid aside.
pub const SNOOZE_MAX: DurationMs = DurationMs::from_seconds(366 * 24 * 60 * 60);

/// The rules of one ticket's stream.
#[derive(Clone, Copy, Debug)]
pub struct TicketDecider;

impl Decider for TicketDecider {
    type Command = TicketCommand;
    type Event = TicketEvent;
    type State = Ticket;
    type Refusal = TicketRefusal;

    fn initial() -> Ticket {
        Ticket::default()
    }

    fn decide(command: &TicketCommand, ticket: &Ticket) -> Result<Vec<TicketEvent>, TicketRefusal> {
        decide::decide(command, ticket)
    }

    fn evolve(ticket: Ticket, event: &TicketEvent) -> Ticket {
        evolve::evolve(ticket, event)
    }
}
