//! What somebody wrote to whoever a ticket was escalated to: read from the event of the escalation that stands.

use super::{CommandHandler, ticket_event};
use crate::names::{ActorId, StreamName, StreamVersion, TicketNumber};
use crate::personal::PersonalText;
use crate::store::ReadError;
use crate::ticket::TicketEvent;
use crate::ticket::state::Escalation;
use crate::time::Timestamp;

/// What whoever a ticket was escalated to must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// What it says.
    pub context: PersonalText,
    /// Who escalated it.
    pub by: ActorId,
    /// When.
    pub at: Timestamp,
}

impl CommandHandler {
    /// What came with an escalation of a ticket, however much has happened since; none where the log has no such
    /// escalation at that version, or none that can be read.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn handed_over(
        &self,
        number: TicketNumber,
        escalation: &Escalation,
    ) -> Result<Option<HandedOver>, ReadError> {
        // What older read models hold does not say at which version it was.
        let Some(before) = escalation.version.0.checked_sub(1) else { return Ok(None) };
        let stream = StreamName::ticket(number);
        let found = self.store.read_stream(&stream, StreamVersion(before), 1).await?;
        let Some(record) = found.first() else { return Ok(None) };
        let (Ok(TicketEvent::Escalated(escalated)), Ok(recorded)) =
            (ticket_event(record, escalation.version), record.decode())
        else {
            return Ok(None);
        };
        let by = escalated.by.unwrap_or(recorded.actor.id);
        Ok(Some(HandedOver { context: escalated.context, by, at: recorded.occurred_at }))
    }
}
