//! Records what fell due on a ticket by itself: once, with its exact instant, on whichever node comes first.

use super::append::{Happening, Prepared, Stamp};
use super::{CommandHandler, HandleError};
use crate::actor::Actor;
use crate::decider::Decider;
use crate::event::Event;
use crate::names::EventId;
use crate::store::{AppendError, Appended};
use crate::ticket::due::Falling;
use crate::ticket::{TicketCommand, TicketDecider};
use std::sync::Arc;
use uuid::Uuid;

/// What became of something that fell due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fell {
    /// It was recorded.
    Recorded(Appended),
    /// Something else was recorded first; it is to be looked at anew.
    Overtaken,
    /// As the log has the ticket there is nothing to do.
    NotDue,
}

impl CommandHandler {
    /// Records what fell due, decided on the ticket as the log has it.
    ///
    /// # Errors
    /// [`HandleError`]; a refusal means that it is not due after all.
    pub async fn fall_due(&self, due: &Falling, actor: Actor) -> Result<Fell, HandleError> {
        let before = self.load(due.ticket, true).await?;
        let Some(action) = due.wish(&before) else { return Ok(Fell::NotDue) };
        let events = TicketDecider::decide(&TicketCommand { actor: actor.clone(), action }, &before)?;
        if events.is_empty() {
            return Ok(Fell::NotDue);
        }
        let stamp = Stamp { actor, occurred_at: due.at, correlation: Uuid::now_v7() };
        let happening = Happening { ticket: due.ticket, before: &before, events };
        let id = |event: &Event| match event {
            Event::Ticket(_) => due.id(&before),
            Event::Agent(_)
            | Event::Sla(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => EventId(Uuid::now_v7()),
        };
        let mut prepared = Prepared::new(vec![happening], &stamp, id);
        let after = std::mem::take(&mut prepared.after);
        match self.append_in_turn(None, prepared).await {
            Ok(appended) => {
                for (number, after) in after {
                    self.remember(number, Arc::new(after));
                }
                Ok(Fell::Recorded(appended))
            }
            Err(AppendError::Conflict { .. } | AppendError::IdReused { .. }) => Ok(Fell::Overtaken),
            Err(error) => Err(error.into()),
        }
    }
}
