//! What becomes of a message that comes after a ticket was sealed: another ticket that follows it (PRODUCT section 2).

use super::command::{ActionName, Open};
use super::decide::is_allowed;
use super::event::{Channel, Language, Opened, Priority};
use super::state::Ticket;
use crate::actor::Actor;
use crate::names::{ActorId, TicketNumber};
use crate::personal::PersonalText;
use crate::text::{Body, Line};

/// A customer's message to a ticket that takes no more.
#[derive(Clone, Debug)]
pub struct LateMessage {
    /// Whose ticket it is.
    pub requester: ActorId,
    /// What they say.
    pub body: Body,
    /// The way it came in.
    pub channel: Channel,
    /// The language that they are known to be written to in.
    pub language: Option<Language>,
    /// The language that they asked in, for when no other is known.
    pub asked_in: Language,
}

/// What has an effect for somebody: what is allowed on the ticket itself, and for the staff to write down what its customer
/// said although it takes no more messages, since that opens another.
pub fn possible(actor: &Actor, ticket: &Ticket) -> Vec<ActionName> {
    let late = ticket.exists && ticket.sealed && ticket.requester.is_some() && actor.role.is_staff();
    let of_late = |action: ActionName| late && action == ActionName::CustomerReply;
    let all = ActionName::ALL.into_iter();
    all.filter(|action| of_late(*action) || is_allowed(actor, *action, ticket)).collect()
}

/// The ticket that a late message opens: of the same requester, under the same subject, with the team that knows the
/// ticket before. How urgent it is, nobody has said yet. What cannot be read of the earlier opening is left out.
pub fn follow_up(
    number: TicketNumber,
    ticket: &Ticket,
    opened: Option<&Opened>,
    message: LateMessage,
) -> Open {
    let LateMessage { requester, body, channel, language, asked_in } = message;
    let subject = opened.and_then(|opened| line(Some(&opened.subject)));
    let earlier = opened.and_then(|opened| opened.language);
    Open {
        requester,
        requester_name: opened.and_then(|opened| line(opened.requester.name.as_ref())),
        requester_email: opened.and_then(|opened| line(opened.requester.email.as_ref())),
        subject: subject.unwrap_or_else(|| first_line(&body, number)),
        body,
        channel,
        language: language.or(earlier).unwrap_or(asked_in),
        priority: Priority::Normal,
        category: ticket.category.clone(),
        team: ticket.team.clone(),
        follows: Some(number),
    }
}

/// A text of the log as a line, unless it is sealed; an import may bring what nobody could type.
fn line(text: Option<&PersonalText>) -> Option<Line> {
    Line::new(text?.plain()?).ok()
}

/// The first line of a message, as far as a subject goes; the number of the ticket before where none shows anything.
fn first_line(body: &Body, number: TicketNumber) -> Line {
    let cut = |line: &str| {
        let end = (0..=Line::BYTES_MAX.min(line.len())).rev().find(|end| line.is_char_boundary(*end));
        Line::new(line[..end.unwrap_or_default()].trim()).ok()
    };
    let lines = body.as_str().split(['\n', '\r', '\u{2028}', '\u{2029}']);
    let mut lines = lines.filter_map(cut);
    lines.next().unwrap_or_else(|| Line::new(format!("#{number}")).expect("a number is a line"))
}
