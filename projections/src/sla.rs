//! The SLA ledger: when each ticket's targets are due, what became of them, and what a timer notes next.
//!
//! Source: PRODUCT section 6.

use crate::course::follow;
use crate::facts;
use crate::holder::Holder;
use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use crate::read_model::FileError;
use crate::read_model::context::context;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::access::Reach;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, StreamVersion, TicketNumber};
use docket_core::sla::{Clock, Course, Face, Outcome, Rules, SlaEvent, Target};
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
    /// What its clocks run by; none until the ticket is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// Its clocks: the ledger of intervals that each ran, under the versions in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
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
    const DEFINITION: u32 = 5;
    const COLUMNS: &'static [&'static str] = &["notice_at", "judged"];
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_notice ON rows (notice_at, key) WHERE notice_at < 9223372036854775807",
        facts::JUDGED_INDEX,
    ];
    const ROWS_CHANGE: bool = true;
    type State = SlaState;
    type Context = Rules;
    const JUDGED: Option<&'static str> = facts::JUDGED;
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

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, rules: &Rules) -> Result<(), Rejected> {
        let empty = || SlaState {
            ticket_version: StreamVersion::NONE,
            course: None,
            clocks: Vec::new(),
            holder: Holder::default(),
        };
        let state = &mut row.get_or_insert_with(|| Row { state: empty(), personal: None }).state;
        match &event.event {
            Ok(Event::Ticket(ticket_event)) => {
                state.ticket_version = event.version;
                state.holder.take(ticket_event);
                if follow(&mut state.course, event, ticket_event) {
                    Self::judge(state, rules);
                }
            }
            Ok(Event::Sla(sla_event)) => {
                if let Some(course) = &mut state.course {
                    course.note(sla_event);
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

    fn judge(state: &mut SlaState, rules: &Rules) {
        state.clocks = state.course.as_ref().map(|course| course.clocks(rules)).unwrap_or_default();
    }

    fn columns(state: &SlaState) -> Vec<i64> {
        let is_open = state.course.as_ref().is_some_and(Course::is_open);
        vec![state.next_notice().map_or(NEVER, |(at, _)| at.0), i64::from(is_open)]
    }

    fn tallies(state: &SlaState) -> Vec<Tally> {
        let Some(clock) = state.clock(Target::FirstResponse) else { return Vec::new() };
        let (stands, Holder { team, assignee }) = (Stands::of(&clock.face), &state.holder);
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

    fn of(clock: &Face) -> Self {
        let Some(end) = clock.end else { return Self::Running };
        match (end.outcome, end.missed) {
            (Outcome::Responded | Outcome::Resolved, false) => Self::Met,
            (Outcome::Responded | Outcome::Resolved, true) => Self::Missed,
            (Outcome::FulfilledByResolution, false) => Self::FulfilledByResolution,
            (Outcome::FulfilledByResolution, true) => Self::ResolvedLate,
            (Outcome::CancelledByMerge, _) => Self::Cancelled,
        }
    }
}

impl SlaState {
    /// The last clock to a target.
    pub fn clock(&self, target: Target) -> Option<&Clock> {
        self.clocks.iter().rfind(|clock| clock.face.target == target)
    }

    fn next_notice(&self) -> Option<(Timestamp, SlaEvent)> {
        self.course.as_ref()?.next_notice(&self.clocks)
    }
}

/// Hands on what the clocks of every ticket run by, in the order of their numbers.
///
/// # Errors
/// [`FileError`]
pub fn each_course(
    connection: &Connection,
    mut take: impl FnMut(TicketNumber, Course),
) -> Result<(), FileError> {
    let mut statement = connection.prepare_cached("SELECT key, state FROM rows ORDER BY key")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state = decode_row::<Sla>(&row.get::<_, String>(1)?, None)?.state;
        if let Some(course) = state.course {
            take(TicketNumber(row.get::<_, i64>(0)? as u64), course);
        }
    }
    Ok(())
}

/// The rules by which the read model on a connection has judged its clocks.
///
/// # Errors
/// [`FileError`]
pub fn rules(connection: &Connection) -> Result<Rules, FileError> {
    context::<Sla>(connection)
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
        if let Some((at, event)) = state.next_notice() {
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
