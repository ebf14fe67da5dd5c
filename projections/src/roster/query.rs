//! Questions to the roster.

use super::{
    AgentRow, NOT_UP, POOLS, Roster, RosterState, TicketRow, UNDECIDED, counts_as, key_of_agent, load_of,
    number_of,
};
use crate::facts::{self, code};
use crate::read_model::FileError;
use crate::read_model::file::decode_row;
use docket_core::names::{ActorId, TicketNumber};
use docket_core::settings::policy::ByPriority;
use docket_core::ticket::event::{Priority, WaitingFor};
use docket_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params};

/// A ticket of the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub number: TicketNumber,
    /// What is known of it.
    pub row: TicketRow,
}

/// Somebody as the roster knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Whether they are there, and as of which version of their stream.
    pub agent: AgentRow,
    /// How many tickets of each priority they have on their hands.
    pub held: ByPriority<u32>,
}

/// Somebody as of the position of the read model; also who never did anything.
///
/// # Errors
/// [`FileError`]
pub fn present(connection: &Connection, id: &ActorId) -> Result<Present, FileError> {
    let state: Option<String> = connection
        .prepare_cached("SELECT state FROM rows WHERE key = ?1")?
        .query_row([key_of_agent(id)], |row| row.get(0))
        .optional()?;
    let state = state.map(|state| decode_row::<Roster>(&state, None)).transpose()?;
    let agent = match state.map(|row| row.state) {
        Some(RosterState::Agent(agent)) if agent.id == *id => agent,
        // Nobody else's row is shown for theirs.
        Some(RosterState::Agent(_) | RosterState::Ticket(_)) | None => AgentRow::new(id),
    };
    let mut held = ByPriority { urgent: 0, high: 0, normal: 0, low: 0 };
    let mut counts = connection.prepare_cached("SELECT bucket, count FROM tallies WHERE name = ?1")?;
    let mut counts = counts.query([load_of(id)])?;
    while let Some(count) = counts.next()? {
        let (bucket, count): (i64, i64) = (count.get(0)?, count.get(1)?);
        let priority = Priority::ALL.into_iter().find(|of| facts::priority(Some(*of)) == bucket);
        if let Some(priority) = priority {
            *held.of_mut(priority) = u32::try_from(count).unwrap_or(0);
        }
    }
    Ok(Present { agent, held })
}

/// Tickets that nothing has been decided about as they stand by a version of the rules: the most urgent first, then who
/// has waited longest. Those that were decided by another version come after them.
///
/// # Errors
/// [`FileError`]
pub fn undecided(connection: &Connection, version: u32, limit: usize) -> Result<Vec<Waiting>, FileError> {
    let mut found = Vec::new();
    let version = i64::from(version);
    // Three stretches of one index: new ones, and those of any other version.
    for (above, below) in [(NOT_UP, UNDECIDED + 1), (UNDECIDED, version), (version, i64::MAX)] {
        let limit = (limit - found.len()) as i64;
        found.extend(tickets(
            connection,
            "SELECT key, state FROM rows INDEXED BY rows_by_rules
             WHERE rules >= 0 AND rules > ?1 AND rules < ?2 AND key NOT IN (SELECT ticket FROM quarantine)
             ORDER BY rules, priority, since, key LIMIT ?3",
            (above, below, limit),
        )?);
    }
    Ok(found)
}

/// A place among the tickets that wait: the most urgent first, then who has waited longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    priority: i64,
    since: i64,
    key: i64,
}

impl Place {
    /// Before the first.
    pub const START: Self = Self { priority: i64::MIN, since: i64::MIN, key: i64::MIN };
}

impl Waiting {
    /// Its place.
    pub fn place(&self) -> Place {
        let priority = facts::priority(Some(counts_as(self.row.ticket.priority)));
        let since = self.row.since.map_or(0, |since| since.0);
        Place { priority, since, key: self.number.0.cast_signed() }
    }
}

/// Tickets after a place for which nobody was found by a version of the rules.
///
/// # Errors
/// [`FileError`]
pub fn waiting(
    connection: &Connection,
    version: u32,
    after: Place,
    limit: usize,
) -> Result<Vec<Waiting>, FileError> {
    let Place { priority, since, key } = after;
    tickets(
        connection,
        "SELECT key, state FROM rows INDEXED BY rows_by_rules
         WHERE rules >= 0 AND rules = ?1 AND (priority, since, key) > (?2, ?3, ?4)
             AND key NOT IN (SELECT ticket FROM quarantine)
         ORDER BY priority, since, key LIMIT ?5",
        (i64::from(version), priority, since, key, limit as i64),
    )
}

/// The pools in which tickets wait.
///
/// # Errors
/// [`FileError`]
pub fn pools(connection: &Connection) -> Result<Vec<i64>, FileError> {
    let mut statement = connection.prepare_cached("SELECT bucket FROM tallies WHERE name = ?1")?;
    let pools = statement.query_map([POOLS], |row| row.get(0))?;
    Ok(pools.collect::<Result<_, _>>()?)
}

/// The tickets of a pool that have waited longest.
///
/// # Errors
/// [`FileError`]
pub fn next_of_pool(connection: &Connection, pool: i64, limit: usize) -> Result<Vec<Waiting>, FileError> {
    tickets(
        connection,
        "SELECT key, state FROM rows INDEXED BY rows_by_pool
         WHERE pool <> 0 AND pool = ?1 AND key NOT IN (SELECT ticket FROM quarantine)
         ORDER BY since, key LIMIT ?2",
        (pool, limit as i64),
    )
}

/// What is said of the tickets of a pool and is not so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Tickets of which something else may be said now.
    pub now: Vec<Waiting>,
    /// When something else may be said of the next one.
    pub next: Option<Timestamp>,
}

/// The tickets of a pool of which something else was said last than the reason that is true of all of it.
///
/// # Errors
/// [`FileError`]
pub fn outdated(
    connection: &Connection,
    pool: i64,
    reason: WaitingFor,
    now: Timestamp,
    limit: usize,
) -> Result<Outdated, FileError> {
    let mut outdated = Outdated::default();
    let mut later = connection.prepare_cached(
        "SELECT stands_until FROM rows INDEXED BY rows_by_reason
         WHERE pool <> 0 AND pool = ?1 AND reason = ?2 AND stands_until > ?3
             AND key NOT IN (SELECT ticket FROM quarantine) ORDER BY stands_until LIMIT 1",
    )?;
    // A look-up for each other reason: what is said rightly is never looked at.
    for other in WaitingFor::ALL.into_iter().filter(|other| *other != reason) {
        let (other, room) = (number_of(other), limit - outdated.now.len());
        outdated.now.extend(tickets(
            connection,
            "SELECT key, state FROM rows INDEXED BY rows_by_reason
             WHERE pool <> 0 AND pool = ?1 AND reason = ?2 AND stands_until <= ?3
                 AND key NOT IN (SELECT ticket FROM quarantine) ORDER BY stands_until, key LIMIT ?4",
            (pool, other, now.0, room as i64),
        )?);
        let next: Option<i64> = later.query_row((pool, other, now.0), |row| row.get(0)).optional()?;
        outdated.next = [outdated.next, next.map(Timestamp)].into_iter().flatten().min();
    }
    Ok(outdated)
}

/// The tickets that somebody has on their hands, in the order of their numbers, after one of them.
///
/// # Errors
/// [`FileError`]
pub fn on_hands(
    connection: &Connection,
    id: &ActorId,
    after: Option<TicketNumber>,
    limit: usize,
) -> Result<Vec<Waiting>, FileError> {
    let found = tickets(
        connection,
        "SELECT key, state FROM rows INDEXED BY rows_by_burden
         WHERE burden <> 0 AND burden = ?1 AND key > ?2 AND key NOT IN (SELECT ticket FROM quarantine)
         ORDER BY key LIMIT ?3",
        (code(id.as_str()), after.map_or(-1, |number| number.0.cast_signed()), limit as i64),
    )?;
    // A name that shares its number with another one is not taken for it.
    Ok(found.into_iter().filter(|found| found.row.ticket.burden() == Some(id)).collect())
}

fn tickets(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Waiting>, FileError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, state): (i64, String) = (row.get(0)?, row.get(1)?);
        if let RosterState::Ticket(row) = decode_row::<Roster>(&state, None)?.state {
            found.push(Waiting { number: TicketNumber(key.cast_unsigned()), row: *row });
        }
    }
    Ok(found)
}
