//! The SLA ledger: when each ticket's targets are due, what became of them, and what a timer notes next.
//!
//! Source: PRODUCT section 6.

use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, StreamVersion, TicketNumber};
use docket_core::record::Origin;
use docket_core::sla::{Ledger, Outcome, Policy, SlaEvent};
use docket_core::ticket::TicketEvent;
use docket_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

/// The projector of the SLA ledger.
pub struct Sla;

/// What is known of a ticket's targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaState {
    /// The version of the ticket's stream that this is as of: a notice is conditional on it.
    pub ticket_version: StreamVersion,
    /// The clock to the first response; none until the ticket is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Ledger>,
}

/// A deadline that comes near or passes, for the timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which ticket.
    pub ticket: TicketNumber,
    /// The exact instant at which it happened or will happen.
    pub at: Timestamp,
    /// What to note.
    pub event: SlaEvent,
    /// The version of the ticket's stream that it follows from.
    pub ticket_version: StreamVersion,
}

/// How the targets of all tickets stand, as far as events tell; what the clock adds is for the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attainment {
    /// Answered in time.
    pub met: u64,
    /// Answered late.
    pub missed: u64,
    /// Resolved without an answer, in time.
    pub fulfilled_by_resolution: u64,
    /// Resolved without an answer, late.
    pub resolved_late: u64,
    /// Still running, known to be missed or not.
    pub running: u64,
}

const NEVER: i64 = i64::MAX;

impl Projector for Sla {
    const NAME: &'static str = "sla";
    const DEFINITION: u32 = 2;
    const COLUMNS: &'static [&'static str] = &["notice_at"];
    const INDEXES: &'static [&'static str] =
        &["CREATE INDEX rows_by_notice ON rows (notice_at, key) WHERE notice_at < 9223372036854775807"];
    const ROWS_CHANGE: bool = true;
    type State = SlaState;
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        match &event.event {
            Ok(Event::Ticket(_) | Event::Sla(_)) => event.ticket().map(key_of),
            Ok(
                Event::Agent(_)
                | Event::Staff(_)
                | Event::Setting(_)
                | Event::Account(_)
                | Event::Customer(_)
                | Event::View(_)
                | Event::Webhook(_),
            )
            | Err(_) => None,
        }
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent) -> Result<(), Rejected> {
        let empty = || SlaState { ticket_version: StreamVersion::NONE, first_response: None };
        let state = &mut row.get_or_insert_with(|| Row { state: empty(), personal: None }).state;
        match &event.event {
            Ok(Event::Ticket(ticket_event)) => {
                state.ticket_version = event.version;
                if let TicketEvent::Opened(opened) = ticket_event {
                    let policy = Policy::of_the_guide();
                    state.first_response = Some(Ledger::opened(policy, event.occurred_at, opened.priority));
                }
                if let Some(ledger) = &mut state.first_response {
                    ledger.take(Policy::of_the_guide(), event.occurred_at, event.actor.role, ticket_event);
                    if event.origin == Origin::Import {
                        ledger.imported(event.recorded_at);
                    }
                }
            }
            Ok(Event::Sla(sla_event)) => {
                if let Some(ledger) = &mut state.first_response {
                    ledger.note(sla_event);
                }
            }
            Ok(
                Event::Agent(_)
                | Event::Staff(_)
                | Event::Setting(_)
                | Event::Account(_)
                | Event::Customer(_)
                | Event::View(_)
                | Event::Webhook(_),
            )
            | Err(_) => {}
        }
        Ok(())
    }

    fn columns(state: &SlaState) -> Vec<i64> {
        let notice = state.first_response.as_ref().and_then(Ledger::next_notice);
        vec![notice.map_or(NEVER, |(at, _)| at.0)]
    }

    fn tallies(state: &SlaState) -> Vec<Tally> {
        let Some(ledger) = &state.first_response else { return Vec::new() };
        let missed = i64::from(ledger.breached_at.is_some());
        let name = match ledger.ended {
            None => return vec![Tally { name: TALLY_RUNNING, bucket: 0 }],
            Some((_, Outcome::Responded)) => TALLY_RESPONDED,
            Some((_, Outcome::FulfilledByResolution)) => TALLY_RESOLVED,
        };
        vec![Tally { name, bucket: missed }]
    }
}

const TALLY_RUNNING: i64 = 0;
const TALLY_RESPONDED: i64 = 1;
const TALLY_RESOLVED: i64 = 2;

/// What the timer has to note, earliest first.
///
/// # Errors
/// [`FileError`]
pub fn next_notices(connection: &Connection, limit: usize) -> Result<Vec<Notice>, FileError> {
    // Tickets that were set aside stay as they last were: nothing is noted about them.
    let mut statement = connection.prepare_cached(
        "SELECT key, state FROM rows INDEXED BY rows_by_notice
         WHERE notice_at < 9223372036854775807 AND key NOT IN (SELECT ticket FROM quarantine)
         ORDER BY notice_at, key LIMIT ?1",
    )?;
    let mut rows = statement.query([limit as i64])?;
    let mut notices = Vec::new();
    while let Some(row) = rows.next()? {
        let state = decode_row::<Sla>(&row.get::<_, String>(1)?, None)?.state;
        let notice = state.first_response.as_ref().and_then(Ledger::next_notice);
        if let Some((at, event)) = notice {
            let ticket = TicketNumber(row.get::<_, i64>(0)? as u64);
            notices.push(Notice { ticket, at, event, ticket_version: state.ticket_version });
        }
    }
    Ok(notices)
}

/// The targets of one ticket, and the position they are as of.
///
/// # Errors
/// [`FileError`]
pub fn ticket(
    connection: &Connection,
    number: TicketNumber,
) -> Result<(GlobalPosition, Option<SlaState>), FileError> {
    let transaction = connection.unchecked_transaction()?;
    let position = checkpoint(&transaction)?.position;
    let state: Option<String> = match i64::try_from(number.0) {
        Ok(key) => transaction
            .prepare_cached("SELECT state FROM rows WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?,
        Err(_) => None,
    };
    let state = state.map(|state| decode_row::<Sla>(&state, None)).transpose()?;
    Ok((position, state.map(|row| row.state)))
}

/// How the targets of all tickets stand.
///
/// # Errors
/// [`FileError`]
pub fn attainment(connection: &Connection) -> Result<Attainment, FileError> {
    let mut statement = connection.prepare_cached("SELECT name, bucket, count FROM tallies")?;
    let mut rows = statement.query([])?;
    let mut attainment = Attainment::default();
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(2)? as u64;
        match (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?) {
            (TALLY_RUNNING, _) => attainment.running = count,
            (TALLY_RESPONDED, 0) => attainment.met = count,
            (TALLY_RESPONDED, _) => attainment.missed = count,
            (TALLY_RESOLVED, 0) => attainment.fulfilled_by_resolution = count,
            (_, _) => attainment.resolved_late = count,
        }
    }
    Ok(attainment)
}
