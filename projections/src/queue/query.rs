//! Questions to the queue. What depends on the time of day is computed from an instant that is given.

use super::{HOUR_MS, Queue, QueuePersonal, QueueState, SPAN_HOURS, TALLY_DUE, TALLY_DUE_SPAN, TALLY_LANE};
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::ticket::Lane;
use docket_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// The most rows that a page holds.
pub const ROWS_PER_PAGE_MAX: usize = 200;

/// How many tickets a lane holds, and how many of them are past their deadline with the clock running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneCount {
    /// Which lane.
    pub lane: Lane,
    /// Tickets in it.
    pub tickets: u64,
    /// Of these, late at the instant asked about.
    pub late: u64,
}

/// A ticket as the queue shows it.
#[derive(Clone, Debug)]
pub struct QueueTicket {
    /// Its number.
    pub number: TicketNumber,
    /// What the queue knows of it.
    pub state: QueueState,
    /// What persons wrote.
    pub personal: QueuePersonal,
    /// Whether an event of it could not be taken: then all this is as it last was.
    pub stale: bool,
}

/// The place after which a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Rank of the last row of the page before.
    pub rank: i64,
    /// Number of the last row of the page before.
    pub number: i64,
}

/// A page of a lane.
#[derive(Clone, Debug)]
pub struct QueuePage {
    /// The position that it shows.
    pub position: GlobalPosition,
    /// All lanes, in their order.
    pub counts: Vec<LaneCount>,
    /// The tickets, the next deadline first.
    pub tickets: Vec<QueueTicket>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// Reads a page of a lane, with the counts of all lanes as of the same position.
///
/// # Errors
/// [`FileError`]
pub fn lane(
    connection: &Connection,
    lane: Lane,
    after: Option<Cursor>,
    limit: usize,
    now: Timestamp,
) -> Result<QueuePage, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let limit = limit.clamp(1, ROWS_PER_PAGE_MAX);
    let position = checkpoint(&transaction)?.position;
    let counts = counts(&transaction, now)?;
    let after = after.unwrap_or(Cursor { rank: i64::MIN, number: i64::MIN });
    let mut tickets = Vec::with_capacity(limit);
    let mut next = None;
    {
        let mut statement = transaction.prepare_cached(
            "SELECT key, state, personal, rank, EXISTS (SELECT 1 FROM quarantine WHERE ticket = key)
             FROM rows WHERE lane = ?1 AND (rank, key) > (?2, ?3) ORDER BY rank, key LIMIT ?4",
        )?;
        let mut rows = statement.query((lane as i64, after.rank, after.number, limit as i64 + 1))?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            if tickets.len() == limit {
                next = last;
                break;
            }
            last = Some(Cursor { rank: row.get(3)?, number: row.get(0)? });
            tickets.push(queue_ticket(row)?);
        }
    }
    transaction.commit()?;
    Ok(QueuePage { position, counts, tickets, next })
}

/// Counts the lanes. Exact: whole hours come from counters, the present hour from the index.
///
/// # Errors
/// [`FileError`]
pub fn counts(connection: &Connection, now: Timestamp) -> Result<Vec<LaneCount>, FileError> {
    let mut counts = Vec::with_capacity(Lane::ALL.len());
    for lane in Lane::ALL {
        let tickets: Option<i64> = connection
            .prepare_cached("SELECT count FROM tallies WHERE name = ?1 AND bucket = ?2")?
            .query_row((TALLY_LANE, lane as i64), |row| row.get(0))
            .optional()?;
        let late = if lane == Lane::Resolved { 0 } else { late(connection, lane, now)? };
        counts.push(LaneCount { lane, tickets: tickets.unwrap_or(0) as u64, late });
    }
    Ok(counts)
}

fn late(connection: &Connection, lane: Lane, now: Timestamp) -> Result<u64, FileError> {
    let hour = now.0.div_euclid(HOUR_MS);
    let span = hour.div_euclid(SPAN_HOURS);
    let mut sum = connection.prepare_cached(
        "SELECT coalesce(sum(count), 0) FROM tallies WHERE name = ?1 AND bucket >= ?2 AND bucket < ?3",
    )?;
    let spans_before: i64 =
        sum.query_row((TALLY_DUE_SPAN + lane as i64, i64::MIN, span), |row| row.get(0))?;
    let hours_before: i64 =
        sum.query_row((TALLY_DUE + lane as i64, span * SPAN_HOURS, hour), |row| row.get(0))?;
    let this_hour: i64 = connection
        .prepare_cached("SELECT count(*) FROM rows WHERE lane = ?1 AND rank >= ?2 AND rank < ?3")?
        .query_row((lane as i64, hour * HOUR_MS, now.0), |row| row.get(0))?;
    Ok((spans_before + hours_before + this_hour) as u64)
}

/// Finds one ticket.
///
/// # Errors
/// [`FileError`]
pub fn ticket(connection: &Connection, number: TicketNumber) -> Result<Option<QueueTicket>, FileError> {
    let Ok(key) = i64::try_from(number.0) else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT key, state, personal, rank, EXISTS (SELECT 1 FROM quarantine WHERE ticket = key)
         FROM rows WHERE key = ?1",
    )?;
    let mut rows = statement.query([key])?;
    match rows.next()? {
        Some(row) => Ok(Some(queue_ticket(row)?)),
        None => Ok(None),
    }
}

/// The highest ticket number in the read model.
///
/// # Errors
/// [`FileError`]
pub fn highest_number(connection: &Connection) -> Result<Option<TicketNumber>, FileError> {
    let highest: Option<i64> = connection.query_row("SELECT max(key) FROM rows", [], |row| row.get(0))?;
    Ok(highest.map(|number| TicketNumber(number as u64)))
}

fn queue_ticket(row: &rusqlite::Row<'_>) -> Result<QueueTicket, FileError> {
    let number = TicketNumber(row.get::<_, i64>(0)? as u64);
    let text = |error: rusqlite::types::FromSqlError| FileError::Damaged(error.to_string());
    let state = row.get_ref(1)?.as_str().map_err(text)?;
    let personal = row.get_ref(2)?.as_str_or_null().map_err(text)?;
    let decoded = decode_row::<Queue>(state, personal)?;
    let personal = decoded.personal.unwrap_or_default();
    Ok(QueueTicket { number, state: decoded.state, personal, stale: row.get(4)? })
}
