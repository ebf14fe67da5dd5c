//! The timeline: who did what to a ticket and when, one entry per event, in order.
//!
//! Source: PRODUCT section 8.

mod work;

use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::actor::Actor;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, StreamVersion, TicketNumber};
use docket_core::personal::PersonalText;
use docket_core::record::Origin;
use docket_core::sla::SlaEvent;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Destination, Priority};
use docket_core::time::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// The projector of the timeline.
pub struct Timeline;

/// The most entries that one answer holds.
pub const ENTRIES_PER_PAGE_MAX: usize = 500;

/// What a page holds of text, but for its last entry. Unit: bytes.
pub const BYTES_PER_PAGE_MAX: usize = 1 << 20;

/// The stored names of the events by which customer and staff speak to each other.
const SAID: [&str; 6] = [
    "ticket.opened",
    "ticket.replied",
    "ticket.customer_replied",
    "ticket.attached",
    "ticket.forwarded",
    "ticket.confirmation_refused",
];

/// What happened, without text about persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which ticket.
    pub ticket: TicketNumber,
    /// The event's place in its stream.
    pub version: StreamVersion,
    /// The stored name of the event.
    pub event: String,
    /// When it happened.
    pub at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Whether it was taken over from elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// Whether only staff may see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// By which way it came, where that is told: of a rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// The deadline that came near or passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The file that came with a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileEntry>,
    /// What the source of an import calls it, where Docket has no word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A file, but for its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// The message that it came with; none for the opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub digest: String,
    /// What it is, by its content.
    pub media_type: String,
    /// How large. Unit: bytes.
    pub bytes: u64,
}

/// What persons wrote in an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryText {
    /// The subject, for the opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The message, the note, the context or the closing notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// An entry with its place in the log.
#[derive(Clone, Debug)]
pub struct TimelineEntry {
    /// The event's place in the log.
    pub position: GlobalPosition,
    /// What happened.
    pub entry: Entry,
    /// What was written.
    pub text: EntryText,
}

/// A page of entries.
#[derive(Clone, Debug)]
pub struct Entries {
    /// The oldest first.
    pub entries: Vec<TimelineEntry>,
    /// After which position the next page begins; none when this is the last one.
    pub next: Option<GlobalPosition>,
}

impl Entry {
    fn of(event: &LogEvent, known: &Event, ticket: TicketNumber) -> Self {
        let mut entry = Self {
            ticket,
            version: event.version,
            event: known.name().to_owned(),
            at: event.occurred_at,
            recorded_at: event.recorded_at,
            actor: event.actor.clone(),
            imported: event.origin == Origin::Import,
            internal: false,
            from: None,
            to: None,
            reason: None,
            through: None,
            due_at: None,
            file: None,
            source: None,
        };
        match known {
            Event::Ticket(ticket_event) => entry.take(ticket_event),
            Event::Sla(SlaEvent::Warned(noticed) | SlaEvent::Breached(noticed)) => {
                entry.internal = true;
                entry.to = Some(noticed.target.as_str().to_owned());
                entry.due_at = Some(noticed.due_at);
            }
            Event::Agent(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => {}
        }
        if let (Some(source), Event::Ticket(TicketEvent::SourceRecorded(_))) = (&event.source, known) {
            entry.source = Some(source.kind.clone());
            entry.from = some(&source.from);
            entry.to = some(&source.to);
        }
        entry
    }

    /// Whether it is what customer and staff say to each other: all of a timeline that a customer sees.
    ///
    /// A list of what is shown, so that an event that nobody thought of is not.
    pub fn is_said(&self) -> bool {
        SAID.contains(&self.event.as_str()) && !self.internal
    }

    fn take(&mut self, event: &TicketEvent) {
        let text = |value: &dyn std::fmt::Display| Some(value.to_string());
        match event {
            TicketEvent::Opened(opened) => {
                self.to = opened.priority.map(Priority::as_str).map(str::to_owned);
                self.reason = opened.category.as_ref().map(ToString::to_string);
            }
            TicketEvent::Assigned(assigned) => self.to = text(&assigned.to),
            TicketEvent::Reassigned(moved) => (self.from, self.to) = (text(&moved.from), text(&moved.to)),
            TicketEvent::Unassigned(left) => self.from = text(&left.from),
            TicketEvent::TeamChanged(changed) => {
                self.from = changed.from.as_ref().map(ToString::to_string);
                self.to = changed.to.as_ref().map(ToString::to_string);
            }
            TicketEvent::PriorityChanged(changed) => {
                self.from = changed.from.map(Priority::as_str).map(str::to_owned);
                self.to = Some(changed.to.as_str().to_owned());
            }
            TicketEvent::CategoryChanged(changed) => {
                (self.from, self.to) = (changed.from.as_ref().map(ToString::to_string), text(&changed.to));
            }
            TicketEvent::SetPending(pending) => self.reason = text(&pending.reason),
            TicketEvent::Escalated(escalated) => {
                self.internal = true;
                self.reason = text(&escalated.reason);
                self.from = escalated.from_team.as_ref().map(ToString::to_string);
                self.to = match &escalated.to {
                    Destination::Team(team) => text(team),
                    Destination::Supervisor(supervisor) => text(supervisor),
                };
            }
            TicketEvent::Resolved(resolved) => {
                // Closing notes are for staff only.
                self.internal = resolved.notes.is_some();
                self.to = resolved.resolution.as_ref().map(ToString::to_string);
            }
            TicketEvent::Reopened(reopened) => self.to = text(&reopened.cycle),
            TicketEvent::Noted(_) => self.internal = true,
            TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::Attached(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_)
            | TicketEvent::Snoozed(_)
            | TicketEvent::Woken(_)
            | TicketEvent::Merged(_)
            | TicketEvent::Unmerged(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Forwarded(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Returned(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Rated(_) => self.take_work(event),
            TicketEvent::SourceRecorded(_) => self.internal = true,
            TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Sealed(_) => {}
        }
    }
}

impl EntryText {
    fn of(event: &Event) -> Option<Self> {
        let plain =
            |text: &Option<PersonalText>| text.as_ref().and_then(|text| text.plain().map(str::to_owned));
        let (subject, body) = match event {
            Event::Ticket(TicketEvent::Opened(opened)) => {
                (opened.subject.plain().map(str::to_owned), plain(&opened.body))
            }
            Event::Ticket(
                TicketEvent::Replied(message)
                | TicketEvent::CustomerReplied(message)
                | TicketEvent::ConfirmationRefused(message)
                | TicketEvent::Noted(message),
            ) => (None, plain(&message.body)),
            Event::Ticket(TicketEvent::Attached(attached)) => {
                (None, attached.name.plain().map(str::to_owned))
            }
            Event::Ticket(TicketEvent::FieldChanged(changed)) => (None, plain(&changed.to)),
            Event::Ticket(TicketEvent::Forwarded(forwarded)) => (None, plain(&forwarded.body)),
            Event::Ticket(TicketEvent::Returned(returned)) => {
                (None, returned.context.plain().map(str::to_owned))
            }
            Event::Ticket(TicketEvent::Rated(rated)) => (None, plain(&rated.comment)),
            Event::Ticket(TicketEvent::Escalated(escalated)) => {
                (None, escalated.context.plain().map(str::to_owned))
            }
            Event::Ticket(TicketEvent::Resolved(resolved)) => (None, plain(&resolved.notes)),
            Event::Ticket(
                TicketEvent::Assigned(_)
                | TicketEvent::Reassigned(_)
                | TicketEvent::Unassigned(_)
                | TicketEvent::TeamChanged(_)
                | TicketEvent::PriorityChanged(_)
                | TicketEvent::CategoryChanged(_)
                | TicketEvent::SetPending(_)
                | TicketEvent::SetOpen(_)
                | TicketEvent::Reopened(_)
                | TicketEvent::Sealed(_)
                | TicketEvent::Routed(_)
                | TicketEvent::Offered(_)
                | TicketEvent::TemplateUsed(_)
                | TicketEvent::TagsChanged(_)
                | TicketEvent::Followed(_)
                | TicketEvent::Unfollowed(_)
                | TicketEvent::Linked(_)
                | TicketEvent::Unlinked(_)
                | TicketEvent::Snoozed(_)
                | TicketEvent::Woken(_)
                | TicketEvent::Merged(_)
                | TicketEvent::Unmerged(_)
                | TicketEvent::Absorbed(_)
                | TicketEvent::Parted(_)
                | TicketEvent::Acknowledged(_)
                | TicketEvent::Confirmed(_)
                | TicketEvent::SourceRecorded(_),
            )
            | Event::Sla(_)
            | Event::Agent(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => return None,
        };
        Some(Self { subject, body })
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl Projector for Timeline {
    const NAME: &'static str = "timeline";
    const DEFINITION: u32 = 2;
    const COLUMNS: &'static [&'static str] = &["ticket", "said"];
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_ticket ON rows (ticket, key)",
        "CREATE INDEX rows_said ON rows (ticket, key) WHERE said = 1",
    ];
    const ROWS_CHANGE: bool = false;
    type State = Entry;
    type Context = ();
    type Personal = EntryText;

    fn key(event: &LogEvent) -> Option<i64> {
        event.ticket().map(|_| event.position.0 as i64)
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, (): &()) -> Result<(), Rejected> {
        if let (Some(ticket), Ok(known)) = (event.ticket(), &event.event) {
            *row = Some(Row { state: Entry::of(event, known, ticket), personal: EntryText::of(known) });
        }
        Ok(())
    }

    fn columns(state: &Entry) -> Vec<i64> {
        vec![state.ticket.0 as i64, i64::from(state.is_said())]
    }

    fn tallies(_: &Entry) -> Vec<Tally> {
        Vec::new()
    }
}

/// A page of a ticket's timeline after a position, oldest first, and the position that it shows.
///
/// # Errors
/// [`FileError`]
pub fn entries(
    connection: &Connection,
    number: TicketNumber,
    after: GlobalPosition,
    limit: usize,
) -> Result<(GlobalPosition, Entries), FileError> {
    let transaction = connection.unchecked_transaction()?;
    let position = checkpoint(&transaction)?.position;
    Ok((position, page(&transaction, "rows_by_ticket WHERE", number, after, limit)?))
}

/// As [`entries`], of what customer and staff said to each other alone.
///
/// # Errors
/// [`FileError`]
pub fn said(
    connection: &Connection,
    number: TicketNumber,
    after: GlobalPosition,
    limit: usize,
) -> Result<(GlobalPosition, Entries), FileError> {
    let transaction = connection.unchecked_transaction()?;
    let position = checkpoint(&transaction)?.position;
    Ok((position, page(&transaction, "rows_said WHERE said = 1 AND", number, after, limit)?))
}

fn page(
    connection: &Connection,
    indexed: &'static str,
    number: TicketNumber,
    after: GlobalPosition,
    limit: usize,
) -> Result<Entries, FileError> {
    let mut page = Entries { entries: Vec::new(), next: None };
    let Ok(key) = i64::try_from(number.0) else { return Ok(page) };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT key, state, personal FROM rows INDEXED BY {indexed} ticket = ?1 AND key > ?2
         ORDER BY key LIMIT ?3"
    ))?;
    let limit = limit.clamp(1, ENTRIES_PER_PAGE_MAX);
    // Nothing lies beyond what SQLite can hold, so the largest stands for all above.
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    // One more than is shown, to know whether there is more.
    let mut rows = statement.query((key, after, limit as i64 + 1))?;
    let text = |error: rusqlite::types::FromSqlError| FileError::Damaged(error.to_string());
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        if page.entries.len() == limit || bytes > BYTES_PER_PAGE_MAX {
            page.next = page.entries.last().map(|entry| entry.position);
            break;
        }
        let state = row.get_ref(1)?.as_str().map_err(text)?;
        let personal = row.get_ref(2)?.as_str_or_null().map_err(text)?;
        bytes += state.len() + personal.map_or(0, str::len);
        let decoded = decode_row::<Timeline>(state, personal)?;
        page.entries.push(TimelineEntry {
            position: GlobalPosition(row.get::<_, i64>(0)? as u64),
            entry: decoded.state,
            text: decoded.personal.unwrap_or_default(),
        });
    }
    Ok(page)
}
