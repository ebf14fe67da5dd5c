//! What requesters are answered: the version of what they can see.

use super::{CommandHandler, HandleError, ticket_event};
use crate::decider::Decider;
use crate::names::{OwnVersion, StreamName, StreamVersion, TicketNumber};
use crate::store::{READ_RECORDS_MAX, may_go_on};
use crate::ticket::{Ticket, TicketDecider};

impl CommandHandler {
    /// What a ticket's requester is told of as its version, as of a version of its stream. A retry long after is
    /// answered with what was so the first time.
    ///
    /// # Errors
    /// [`HandleError::Read`] or [`HandleError::History`]
    pub async fn own_version(
        &self,
        number: TicketNumber,
        at: StreamVersion,
    ) -> Result<OwnVersion, HandleError> {
        let known = self.load(number, false).await?;
        if known.version == at {
            return Ok(known.own_version);
        }
        let (stream, mut ticket) = (StreamName::ticket(number), Ticket::default());
        loop {
            let page = self.store.read_stream(&stream, ticket.version, READ_RECORDS_MAX).await?;
            let more = may_go_on(&page, READ_RECORDS_MAX);
            for record in page {
                if ticket.version >= at {
                    return Ok(ticket.own_version);
                }
                let event = ticket_event(&record, ticket.version.next())
                    .map_err(|source| HandleError::History { ticket: number, source })?;
                ticket = TicketDecider::evolve(ticket, &event);
            }
            if !more {
                return Ok(ticket.own_version);
            }
        }
    }
}
