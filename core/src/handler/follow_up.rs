//! Takes what a customer says: on their ticket, or once that is sealed as the first message of one that follows it.

use super::{CommandHandler, HandleError, Handled, Request, ticket_event};
use crate::access::Reach;
use crate::actor::{Actor, Role};
use crate::names::{StreamName, StreamVersion, TicketNumber};
use crate::store::CommandKey;
use crate::text::Body;
use crate::ticket::enclosed::Attachment;
use crate::ticket::event::{Channel, Language, Opened};
use crate::ticket::follow_up::{LateMessage, follow_up};
use crate::ticket::{Action, TicketCommand, TicketEvent, TicketRefusal};
use crate::time::Timestamp;
use uuid::Uuid;

/// What a customer says to a ticket of theirs.
#[derive(Clone, Debug)]
pub struct CustomerMessage {
    /// To which.
    pub ticket: TicketNumber,
    /// What they say.
    pub body: Body,
    /// The files that come with it.
    pub attachments: Vec<Attachment>,
    /// Who says it: they themselves, or somebody of the staff who writes down what they said elsewhere.
    pub actor: Actor,
    /// The version of the ticket that it was decided on, if that is said.
    pub seen: Option<StreamVersion>,
    /// The tickets that they may see.
    pub reach: Reach,
    /// The way it came in.
    pub channel: Channel,
    /// The language that they are known to be written to in.
    pub language: Option<Language>,
    /// The language that they asked in.
    pub asked_in: Language,
    /// Until when the link works that let them in, if one did. It opens its own ticket alone, so one into the ticket that
    /// follows is made with that ticket.
    pub link_until: Option<Timestamp>,
    /// The command's idempotency key.
    pub key: Option<CommandKey>,
}

impl CommandHandler {
    /// Takes a message. The answer names another ticket than the message does when one was opened by it.
    ///
    /// # Errors
    /// [`HandleError`]; after all but `OutcomeUnknown` nothing was recorded.
    pub async fn take_message(&self, message: CustomerMessage) -> Result<Handled, HandleError> {
        let CustomerMessage { ticket: number, body, attachments, actor, reach, key, link_until, .. } =
            message;
        let (channel, language, asked_in) = (message.channel, message.language, message.asked_in);
        let seen = message.seen;
        let correlation = Uuid::now_v7();
        let request = |ticket, action| Request {
            ticket,
            seen: None,
            reach: reach.clone(),
            command: TicketCommand { actor: actor.clone(), action },
            key: key.clone(),
            correlation,
        };
        let with = |action| Action::enclosing(action, attachments.clone(), None);
        let reply = with(Action::CustomerReply { message: Uuid::now_v7(), body: body.clone() });
        // Before anything is opened: the same message may have come, and been taken, before the ticket was sealed.
        let wish = Request { seen, ..request(Some(number), reply) };
        let refused = match self.handle(wish).await {
            Err(HandleError::Refused(
                refusal @ (TicketRefusal::Sealed | TicketRefusal::MergedIntoSealed { .. }),
            )) => refusal,
            taken => return taken,
        };
        let (ticket, opened) = (self.ticket(number).await?, self.opening(number).await?);
        let own = (actor.role == Role::Customer).then(|| actor.id.clone());
        // Of a ticket that an import says nobody asked for, nobody can be said to go on with it.
        let requester = own.or_else(|| ticket.requester.clone()).ok_or(HandleError::Refused(refused))?;
        let late = LateMessage { requester, body, channel, language, asked_in };
        let mut open = follow_up(number, &ticket, opened.as_ref(), late);
        loop {
            let wish = request(None, with(Action::Open(Box::new(open.clone()))));
            match self.open(&wish, link_until).await {
                // Neither keeps a message from being taken that has been out of force since.
                Err(HandleError::Refused(TicketRefusal::UnknownTeam { .. })) if open.team.is_some() => {
                    open.team = None;
                }
                Err(HandleError::Refused(TicketRefusal::UnknownCategory { .. }))
                    if open.category.is_some() =>
                {
                    open.category = None;
                }
                opened => return opened,
            }
        }
    }

    /// How a ticket was opened; none where an import does not say.
    pub(super) async fn opening(&self, number: TicketNumber) -> Result<Option<Opened>, HandleError> {
        let stream = StreamName::ticket(number);
        let first = self.store.read_stream(&stream, StreamVersion::NONE, 1).await?;
        let Some(record) = first.first() else { return Ok(None) };
        let event = ticket_event(record, StreamVersion::NONE.next())
            .map_err(|source| HandleError::History { ticket: number, source })?;
        Ok(if let TicketEvent::Opened(opened) = event { Some(*opened) } else { None })
    }
}
