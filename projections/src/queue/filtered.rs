//! The queue through a filter: pages in the order of lanes, and exact counts.

use super::cube;
use super::query::{LaneCount, QueueTicket, ROWS_PER_PAGE_MAX, counts, row};
use crate::facts;
use crate::read_model::FileError;
use crate::read_model::file::checkpoint;
use docket_core::access::Reach;
use docket_core::filter::Filter;
use docket_core::names::{ActorId, GlobalPosition};
use docket_core::time::Timestamp;
use rusqlite::Connection;

/// Where a row's state holds the ticket.
const TICKET: &str = "$.ticket";

/// What is asked for, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What they may see.
    pub reach: &'a Reach,
    /// What they want to see of it.
    pub filter: &'a Filter,
    /// Who `me` is.
    pub me: &'a ActorId,
}

/// How many tickets fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Tickets within reach that fit.
    pub tickets: u64,
    /// Of these, late at the instant asked about.
    pub late: u64,
}

/// The place after which a page begins: lanes come one after the other, each in its own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Lane of the last row of the page before.
    pub lane: i64,
    /// Its rank in the lane.
    pub rank: i64,
    /// Its number.
    pub number: i64,
}

/// A page of what fits.
#[derive(Clone, Debug)]
pub struct FilteredPage {
    /// The position that it shows.
    pub position: GlobalPosition,
    /// All lanes within reach, whether what they hold fits or not.
    pub counts: Vec<LaneCount>,
    /// How many tickets fit.
    pub matching: Matching,
    /// The tickets, lane by lane, the next deadline first.
    pub tickets: Vec<QueueTicket>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

impl Wanted<'_> {
    fn condition(&self, now: Timestamp) -> String {
        format!("{} AND {}", facts::within(self.reach), facts::fits(self.filter, TICKET, self.me, now))
    }
}

/// Reads a page of what fits, with counts as of the same position.
///
/// # Errors
/// [`FileError`]
pub fn filtered(
    connection: &Connection,
    wanted: Wanted<'_>,
    after: Option<Place>,
    limit: usize,
    now: Timestamp,
) -> Result<FilteredPage, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let limit = limit.clamp(1, ROWS_PER_PAGE_MAX);
    let position = checkpoint(&transaction)?.position;
    let counts = counts(&transaction, wanted.reach, now)?;
    let matching = matching(&transaction, wanted, now)?;
    let mut places = places(&transaction, wanted, after, limit + 1, now)?;
    let next = (places.len() > limit).then(|| places[limit - 1]);
    places.truncate(limit);
    let mut tickets = Vec::with_capacity(places.len());
    for place in places {
        let ticket = row(&transaction, place.number)?;
        // A name that shares its number with another one shows nothing that is out of reach or was not wanted.
        tickets.extend(ticket.filter(|ticket| {
            wanted.reach.sees(&ticket.state.ticket)
                && wanted.filter.holds(facts::of(&ticket.state), wanted.me, now)
        }));
    }
    transaction.commit()?;
    Ok(FilteredPage { position, counts, matching, tickets, next })
}

fn places(
    connection: &Connection,
    wanted: Wanted<'_>,
    after: Option<Place>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Place>, FileError> {
    let after = after.unwrap_or(Place { lane: i64::MIN, rank: i64::MIN, number: i64::MIN });
    // Not cached: its text is another one for each filter and each instant.
    let mut statement = connection.prepare(&format!(
        "SELECT lane, rank, key FROM rows INDEXED BY rows_by_rank
         WHERE (lane, rank, key) > (?1, ?2, ?3) AND {} ORDER BY lane, rank, key LIMIT ?4",
        wanted.condition(now)
    ))?;
    let places = statement.query_map((after.lane, after.rank, after.number, limit as i64), |row| {
        Ok(Place { lane: row.get(0)?, rank: row.get(1)?, number: row.get(2)? })
    })?;
    Ok(places.collect::<Result<_, _>>()?)
}

/// Counts what fits. Exact: by counters where they tell, and otherwise in an index that holds all that can be asked for.
///
/// # Errors
/// [`FileError`]
pub fn matching(connection: &Connection, wanted: Wanted<'_>, now: Timestamp) -> Result<Matching, FileError> {
    let condition = wanted.condition(now);
    let Some(mut tickets) = cube::count(connection, wanted)? else {
        let index = narrowest(wanted);
        let all = count(connection, index, &condition, Some(now))?;
        return Ok(Matching { tickets: all.0 as u64, late: all.1 as u64 });
    };
    if let Reach::Teams { me, teams } = wanted.reach {
        let (me, mine) = (facts::code(me.as_str()), facts::listed(&facts::teams(teams.iter())));
        let fits = facts::fits(wanted.filter, TICKET, wanted.me, now);
        let elsewhere = format!("assignee = {me} AND team NOT IN ({mine}) AND {fits}");
        tickets += count(connection, "rows_by_assignee", &elsewhere, None)?.0;
    }
    // As many as are late at the same time, whatever they are.
    let late = if tickets == 0 {
        0
    } else {
        count(connection, "rows_by_rank", &format!("{} AND {condition}", facts::late(now)), None)?.0
    };
    Ok(Matching { tickets: tickets as u64, late: late as u64 })
}

/// The index in which the fewest tickets have to be looked at.
fn narrowest(wanted: Wanted<'_>) -> &'static str {
    let groups = wanted.filter.groups();
    let names = |field: &str| groups.iter().any(|group| !group.not && group.any[0].field() == field);
    match wanted.reach {
        Reach::Own { .. } => "rows_by_requester",
        Reach::Everything | Reach::Teams { .. } | Reach::Nothing if names("requester") => "rows_by_requester",
        Reach::Everything | Reach::Teams { .. } | Reach::Nothing if names("assignee") => "rows_by_assignee",
        Reach::Everything | Reach::Teams { .. } | Reach::Nothing => "rows_by_rank",
    }
}

/// Counts rows, and the late ones of them where an instant is given.
fn count(
    connection: &Connection,
    index: &str,
    condition: &str,
    now: Option<Timestamp>,
) -> Result<(i64, i64), FileError> {
    let late = now.map_or("0".to_owned(), facts::late);
    // Not cached: its text is another one for each filter and each instant.
    let mut statement = connection.prepare(&format!(
        "SELECT count(*), count(*) FILTER (WHERE {late}) FROM rows INDEXED BY {index} WHERE {condition}"
    ))?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}
