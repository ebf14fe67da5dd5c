//! What becomes of a message that comes after a ticket was sealed: another ticket that follows it (PRODUCT section 2).

use super::command::Open;
use super::event::{Channel, Language, Opened, Priority};
use super::state::Ticket;
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
