//! Questions to the queue. What depends on the time of day is computed from an instant that is given.

use super::tally::{self, HOUR_MS, Of, SPAN_HOURS};
use super::{Queue, QueuePersonal, QueueState};
use crate::facts;
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::access::Reach;
use docket_core::names::{ActorId, GlobalPosition, Slug, TicketNumber};
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

/// Reads a page of a lane as far as a reach sees it, with the counts of all lanes as of the same position.
///
/// # Errors
/// [`FileError`]
pub fn lane(
    connection: &Connection,
    reach: &Reach,
    lane: Lane,
    after: Option<Cursor>,
    limit: usize,
    now: Timestamp,
) -> Result<QueuePage, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let limit = limit.clamp(1, ROWS_PER_PAGE_MAX);
    let position = checkpoint(&transaction)?.position;
    let counts = counts(&transaction, reach, now)?;
    let after = after.unwrap_or(Cursor { rank: i64::MIN, number: i64::MIN });
    let mut places = Vec::new();
    for source in sources(reach) {
        let mut statement = transaction.prepare_cached(&format!(
            "SELECT rank, key FROM rows INDEXED BY {} WHERE {} AND lane = ?1 AND (rank, key) > (?2, ?3)
             ORDER BY rank, key LIMIT ?4",
            source.index, source.condition
        ))?;
        let found = statement
            .query_map((lane as i64, after.rank, after.number, limit as i64 + 1, source.code), |row| {
                Ok(Cursor { rank: row.get(0)?, number: row.get(1)? })
            })?;
        for place in found {
            places.push(place?);
        }
    }
    // Each source is in order and none shares a ticket with another, so the first of all are the page.
    places.sort_unstable_by_key(|place| (place.rank, place.number));
    let next = (places.len() > limit).then(|| places[limit - 1]);
    places.truncate(limit);
    let mut tickets = Vec::with_capacity(places.len());
    for place in places {
        let ticket = row(&transaction, place.number)?;
        // A name that shares its number with another one shows nothing that is out of reach.
        tickets.extend(ticket.filter(|ticket| reach.sees(&ticket.state.ticket)));
    }
    transaction.commit()?;
    Ok(QueuePage { position, counts, tickets, next })
}

/// A part of what a reach sees, and the index that has it in the order of a lane.
struct Source {
    index: &'static str,
    /// On the number that is bound as `?5`.
    condition: String,
    code: i64,
}

/// What a reach sees, in parts that share no ticket.
fn sources(reach: &Reach) -> Vec<Source> {
    let source = |index, condition: &str, code| Source { index, condition: condition.to_owned(), code };
    match reach {
        Reach::Everything => vec![source("rows_by_rank", "?5 IS NOT NULL", facts::NONE)],
        Reach::Nothing => Vec::new(),
        Reach::Own { requester } => {
            vec![source("rows_by_requester", "requester = ?5", facts::code(requester.as_str()))]
        }
        Reach::Teams { me, teams } => {
            let teams = facts::teams(teams.iter());
            let elsewhere = format!("assignee = ?5 AND team NOT IN ({})", facts::listed(&teams));
            let own = source("rows_by_assignee", &elsewhere, facts::code(me.as_str()));
            let of_team = |team| source("rows_by_team", "team = ?5", team);
            teams.into_iter().map(of_team).chain([own]).collect()
        }
    }
}

/// Counts the lanes as far as a reach sees them. Exact: what is not in counters is counted in an index.
///
/// # Errors
/// [`FileError`]
pub fn counts(connection: &Connection, reach: &Reach, now: Timestamp) -> Result<Vec<LaneCount>, FileError> {
    let mut counts = Vec::with_capacity(Lane::ALL.len());
    for lane in Lane::ALL {
        let (tickets, late) = match reach {
            Reach::Everything => of_tallies(connection, Of::Desk, lane, now)?,
            Reach::Nothing => (0, 0),
            Reach::Own { .. } => of_index(connection, "rows_by_requester", &facts::within(reach), lane, now)?,
            Reach::Teams { me, teams } => of_teams(connection, me, &facts::teams(teams.iter()), lane, now)?,
        };
        counts.push(LaneCount { lane, tickets: tickets as u64, late: late as u64 });
    }
    Ok(counts)
}

fn of_teams(
    connection: &Connection,
    me: &ActorId,
    teams: &[i64],
    lane: Lane,
    now: Timestamp,
) -> Result<(i64, i64), FileError> {
    let (mut tickets, mut late) = (0, 0);
    for team in teams {
        let (more, more_late) = of_tallies(connection, Of::Team(*team), lane, now)?;
        (tickets, late) = (tickets + more, late + more_late);
    }
    let mine = facts::listed(teams);
    tickets += connection
        .prepare_cached(&format!(
            "SELECT coalesce(sum(count), 0) FROM tallies WHERE name = ?1 AND bucket NOT IN ({mine})"
        ))?
        .query_row([tally::assigned(me, lane)], |row| row.get::<_, i64>(0))?;
    if lane != Lane::Resolved {
        // As many as one person has late at the same time.
        late += connection
            .prepare_cached(&format!(
                "SELECT count(*) FROM rows INDEXED BY rows_by_assignee
                 WHERE assignee = ?1 AND lane = ?2 AND rank < ?3 AND team NOT IN ({mine})"
            ))?
            .query_row((facts::code(me.as_str()), lane as i64, now.0), |row| row.get::<_, i64>(0))?;
    }
    Ok((tickets, late))
}

/// Tickets and late ones, from counters; those due in the present hour from the index.
fn of_tallies(connection: &Connection, of: Of, lane: Lane, now: Timestamp) -> Result<(i64, i64), FileError> {
    let counted = tally::tickets(of, lane);
    let tickets: Option<i64> = connection
        .prepare_cached("SELECT count FROM tallies WHERE name = ?1 AND bucket = ?2")?
        .query_row((counted.name, counted.bucket), |row| row.get(0))
        .optional()?;
    let Some(tickets) = tickets else { return Ok((0, 0)) };
    let late = if lane == Lane::Resolved { 0 } else { late(connection, of, lane, now)? };
    Ok((tickets, late))
}

fn late(connection: &Connection, of: Of, lane: Lane, now: Timestamp) -> Result<i64, FileError> {
    let hour = now.0.div_euclid(HOUR_MS);
    let span = hour.div_euclid(SPAN_HOURS);
    let mut sum = connection.prepare_cached(
        "SELECT coalesce(sum(count), 0) FROM tallies WHERE name = ?1 AND bucket >= ?2 AND bucket < ?3",
    )?;
    let spans_before: i64 = sum.query_row((tally::due_span(of, lane), i64::MIN, span), |row| row.get(0))?;
    let hours_before: i64 =
        sum.query_row((tally::due(of, lane), span * SPAN_HOURS, hour), |row| row.get(0))?;
    let (lane, from) = (lane as i64, hour * HOUR_MS);
    let this_hour: i64 = match of {
        Of::Desk => connection
            .prepare_cached(
                "SELECT count(*) FROM rows INDEXED BY rows_by_rank
                 WHERE lane = ?1 AND rank >= ?2 AND rank < ?3",
            )?
            .query_row((lane, from, now.0), |row| row.get(0))?,
        Of::Team(team) => connection
            .prepare_cached(
                "SELECT count(*) FROM rows INDEXED BY rows_by_team
                 WHERE team = ?4 AND lane = ?1 AND rank >= ?2 AND rank < ?3",
            )?
            .query_row((lane, from, now.0, team), |row| row.get(0))?,
    };
    Ok(spans_before + hours_before + this_hour)
}

/// Tickets and late ones, counted in an index.
fn of_index(
    connection: &Connection,
    index: &str,
    condition: &str,
    lane: Lane,
    now: Timestamp,
) -> Result<(i64, i64), FileError> {
    let mut count = connection.prepare_cached(&format!(
        "SELECT count(*), count(*) FILTER (WHERE rank < ?2) FROM rows INDEXED BY {index}
         WHERE {condition} AND lane = ?1"
    ))?;
    let (tickets, late): (i64, i64) =
        count.query_row((lane as i64, now.0), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((tickets, if lane == Lane::Resolved { 0 } else { late }))
}

/// Tickets of a team that are not resolved.
///
/// # Errors
/// [`FileError`]
pub fn open_of_team(connection: &Connection, team: &Slug) -> Result<u64, FileError> {
    let of = Of::Team(facts::code(team.as_str()));
    let mut tickets = 0;
    for lane in Lane::ALL.into_iter().filter(|lane| *lane != Lane::Resolved) {
        let counted = tally::tickets(of, lane);
        let count = connection
            .prepare_cached("SELECT count FROM tallies WHERE name = ?1 AND bucket = ?2")?
            .query_row((counted.name, counted.bucket), |row| row.get::<_, i64>(0))
            .optional()?;
        tickets += count.unwrap_or(0).cast_unsigned();
    }
    Ok(tickets)
}

/// Finds one ticket, whoever may see it.
///
/// # Errors
/// [`FileError`]
pub fn ticket(connection: &Connection, number: TicketNumber) -> Result<Option<QueueTicket>, FileError> {
    let Ok(key) = i64::try_from(number.0) else { return Ok(None) };
    row(connection, key)
}

/// The ticket that one continues, for whoever sees so much.
///
/// # Errors
/// [`FileError`]
pub fn follows(
    connection: &Connection,
    ticket: &QueueTicket,
    reach: &Reach,
) -> Result<Option<TicketNumber>, FileError> {
    let Some(earlier) = ticket.state.ticket.follows else { return Ok(None) };
    let row = self::ticket(connection, earlier)?.filter(|row| reach.sees(&row.state.ticket));
    Ok(row.map(|row| row.number))
}

pub(super) fn row(connection: &Connection, key: i64) -> Result<Option<QueueTicket>, FileError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, state, personal, EXISTS (SELECT 1 FROM quarantine WHERE ticket = key)
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
    Ok(QueueTicket { number, state: decoded.state, personal, stale: row.get(3)? })
}
