//! Records what fell due on a ticket by itself: once, with its exact instant, on whichever node comes first.

use super::{CommandHandler, HandleError};
use crate::actor::Actor;
use crate::agent::load_changes;
use crate::decider::Decider;
use crate::event::Event;
use crate::names::{EventId, StreamName};
use crate::record::{NewEvent, Origin};
use crate::store::{Append, AppendError, Appended, ExpectedVersion, StreamAppend};
use crate::ticket::due::Falling;
use crate::ticket::{TicketCommand, TicketDecider};
use std::sync::Arc;
use uuid::Uuid;

impl CommandHandler {
    /// Records what fell due, decided on the ticket as the log has it; nothing when it went on meanwhile, or another
    /// timer came first.
    ///
    /// # Errors
    /// [`HandleError`]; a refusal means that it is not due after all.
    pub async fn fall_due(&self, due: &Falling, actor: Actor) -> Result<Option<Appended>, HandleError> {
        let before = self.load(due.ticket, true).await?;
        let Some(action) = due.wish(&before) else { return Ok(None) };
        let events = TicketDecider::decide(&TicketCommand { actor: actor.clone(), action }, &before)?;
        if events.is_empty() {
            return Ok(None);
        }
        let after = events.iter().fold((*before).clone(), TicketDecider::evolve);
        let correlation = Uuid::now_v7();
        let new = |id, event: Event| NewEvent {
            id,
            event: event.encode(),
            occurred_at: due.at,
            actor: actor.clone(),
            correlation,
            causation: None,
            origin: Origin::Decided,
            source: None,
        };
        let mut streams = vec![StreamAppend {
            stream: StreamName::ticket(due.ticket),
            expected: ExpectedVersion::Exactly(before.version),
            events: events.into_iter().map(|event| new(due.id(&before), Event::Ticket(event))).collect(),
        }];
        for (agent, change) in load_changes(due.ticket, &before, &after) {
            streams.push(StreamAppend {
                stream: StreamName::agent(&agent),
                expected: ExpectedVersion::Any,
                events: vec![new(EventId(Uuid::now_v7()), Event::Agent(change))],
            });
        }
        match self.store.append(Append { command: None, streams }).await {
            Ok(appended) => {
                self.remember(due.ticket, Arc::new(after));
                Ok(Some(appended))
            }
            Err(AppendError::Conflict { .. } | AppendError::IdReused { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
