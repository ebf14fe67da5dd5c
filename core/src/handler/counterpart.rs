//! The other ticket that a command is about: looked up, asked whether it stands against it, and appended to as well.

use super::turns::Turn;
use super::{CommandHandler, HandleError, Request};
use crate::names::TicketNumber;
use crate::ticket::{Action, Ticket, TicketEvent, TicketRefusal, counterpart};
use std::sync::Arc;

/// The other ticket as it was decided on, and what happens to it.
pub(super) struct Counterpart {
    pub(super) number: TicketNumber,
    pub(super) before: Arc<Ticket>,
    pub(super) events: Vec<TicketEvent>,
}

/// The turn of a ticket and of another one.
pub(super) struct Pair {
    other: TicketNumber,
    _turn: Turn,
}

impl CommandHandler {
    /// Waits for the turn of both tickets where events are about two; tells whether it did: then they are to be decided anew.
    /// However many are merged into one ticket at once, each is decided on what the one before it left.
    pub(super) async fn takes_turn(
        &self,
        number: TicketNumber,
        before: &Ticket,
        events: &[TicketEvent],
        pair: &mut Option<Pair>,
    ) -> bool {
        let Some(other) = counterpart::other(events, before) else { return false };
        if pair.as_ref().is_some_and(|pair| pair.other == other) {
            return false;
        }
        // Not while another one is held: whoever holds one and waits for one may wait in a circle.
        drop(pair.take());
        *pair = Some(Pair { other, _turn: self.pairs.of([number, other]).await });
        true
    }

    /// Waits for the turn of the ticket that a new one follows, if it does.
    pub(super) async fn turn_of_earlier(&self, opening: &[TicketEvent]) -> Option<Turn> {
        let earlier = counterpart::other(opening, &Ticket::default())?;
        Some(self.pairs.of([earlier]).await)
    }

    /// What events mean for another ticket; nothing for most.
    ///
    /// # Errors
    /// [`HandleError::Refused`] when the other ticket stands against it, or is none for whoever wishes it.
    pub(super) async fn counterpart(
        &self,
        number: TicketNumber,
        before: &Ticket,
        events: &[TicketEvent],
        request: &Request,
    ) -> Result<Option<Counterpart>, HandleError> {
        let Some(other) = counterpart::other(events, before) else { return Ok(None) };
        // Two streams of one append are two tickets, and what is remembered may be behind.
        let known = if other == number { Arc::default() } else { self.load(other, true).await? };
        let named = matches!(request.command.action, Action::Merge { .. } | Action::Link { .. });
        if named && other != number && !request.reach.sees(&known) {
            return Err(TicketRefusal::OtherNotFound { other }.into());
        }
        let events = counterpart::effects(number, before, events, &known)?;
        if other == number {
            return Ok(None);
        }
        Ok(Some(Counterpart { number: other, before: known, events }))
    }
}
