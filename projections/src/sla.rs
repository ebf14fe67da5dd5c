//! The SLA ledger: when each ticket's targets are due, what became of them, and what a timer notes next.
//!
//! Source: PRODUCT section 6.

use crate::facts;
use crate::holder::Holder;
use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::access::Reach;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, StreamVersion, TicketNumber};
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
    /// Whose it is now: it decides for whom reports count it.
    #[serde(default, skip_serializing_if = "Holder::is_nobody")]
    pub holder: Holder,
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
    /// Merged into another ticket before an answer.
    pub cancelled: u64,
    /// Still running, known to be missed or not.
    pub running: u64,
}

const NEVER: i64 = i64::MAX;

impl Projector for Sla {
    const NAME: &'static str = "sla";
    const DEFINITION: u32 = 3;
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
        let empty = || SlaState {
            ticket_version: StreamVersion::NONE,
            first_response: None,
            holder: Holder::default(),
        };
        let state = &mut row.get_or_insert_with(|| Row { state: empty(), personal: None }).state;
        match &event.event {
            Ok(Event::Ticket(ticket_event)) => {
                state.ticket_version = event.version;
                state.holder.take(ticket_event);
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
        let (stands, Holder { team, assignee }) = (Stands::of(ledger), &state.holder);
        let team = facts::code_or_none(team.as_ref().map(|team| team.as_str()));
        let mut tallies = Vec::with_capacity(3);
        tallies.push(Tally { name: DESK, bucket: stands as i64 });
        tallies.push(Tally { name: TEAM + stands as i64, bucket: team });
        if let Some(assignee) = assignee {
            tallies.push(Tally { name: assigned(assignee, stands), bucket: team });
        }
        tallies
    }
}

/// Counts tickets by how their target stands: the bucket.
const DESK: i64 = 0;
/// Counts them by team, one name for each way to stand.
const TEAM: i64 = 10;

/// The name under which an assignee's tickets are counted by team.
fn assigned(to: &ActorId, stands: Stands) -> i64 {
    facts::code(&format!("assigned {} {to}", stands as i64))
}

/// How a target stands, in the order of [`Attainment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Met,
    Missed,
    FulfilledByResolution,
    ResolvedLate,
    Cancelled,
    Running,
}

impl Stands {
    const ALL: [Self; 6] = [
        Self::Met,
        Self::Missed,
        Self::FulfilledByResolution,
        Self::ResolvedLate,
        Self::Cancelled,
        Self::Running,
    ];

    fn of(ledger: &Ledger) -> Self {
        match (ledger.ended, ledger.breached_at) {
            (None, _) => Self::Running,
            (Some((_, Outcome::Responded)), None) => Self::Met,
            (Some((_, Outcome::Responded)), Some(_)) => Self::Missed,
            (Some((_, Outcome::FulfilledByResolution)), None) => Self::FulfilledByResolution,
            (Some((_, Outcome::FulfilledByResolution)), Some(_)) => Self::ResolvedLate,
            (Some((_, Outcome::CancelledByMerge)), _) => Self::Cancelled,
        }
    }
}

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

/// How the targets of the tickets within a reach stand, from counters.
///
/// # Errors
/// [`FileError`]
pub fn attainment(connection: &Connection, reach: &Reach) -> Result<Attainment, FileError> {
    let mut attainment = Attainment::default();
    for stands in Stands::ALL {
        let count = count(connection, reach, stands)?;
        *match stands {
            Stands::Met => &mut attainment.met,
            Stands::Missed => &mut attainment.missed,
            Stands::FulfilledByResolution => &mut attainment.fulfilled_by_resolution,
            Stands::ResolvedLate => &mut attainment.resolved_late,
            Stands::Cancelled => &mut attainment.cancelled,
            Stands::Running => &mut attainment.running,
        } = count as u64;
    }
    Ok(attainment)
}

fn count(connection: &Connection, reach: &Reach, stands: Stands) -> Result<i64, FileError> {
    let sum = |condition: &str, name: i64| -> Result<i64, FileError> {
        let sum =
            format!("SELECT coalesce(sum(count), 0) FROM tallies WHERE name = ?1 AND bucket {condition}");
        Ok(connection.prepare_cached(&sum)?.query_row([name], |row| row.get(0))?)
    };
    match reach {
        Reach::Everything => sum(&format!("= {}", stands as i64), DESK),
        Reach::Teams { me, teams } => {
            let mine = facts::listed(&facts::teams(teams.iter()));
            let of_teams = sum(&format!("IN ({mine})"), TEAM + stands as i64)?;
            Ok(of_teams + sum(&format!("NOT IN ({mine})"), assigned(me, stands))?)
        }
        Reach::Own { .. } | Reach::Nothing => Ok(0),
    }
}
