//! What one customer has asked for, and who is a customer at all.

use super::query::{QueueTicket, ROWS_PER_PAGE_MAX, row};
use crate::facts;
use crate::read_model::FileError;
use docket_core::access::Reach;
use docket_core::names::{ActorId, TicketNumber};
use rusqlite::Connection;

/// A page of somebody's own tickets.
#[derive(Clone, Debug)]
pub struct OwnPage {
    /// The tickets, the newest first.
    pub tickets: Vec<QueueTicket>,
    /// The tickets before this one come next; none at the end.
    pub next: Option<TicketNumber>,
}

/// The tickets that somebody has asked for, the newest first, before one of them.
///
/// # Errors
/// [`FileError`]
pub fn own(
    connection: &Connection,
    requester: &ActorId,
    before: Option<TicketNumber>,
    limit: usize,
) -> Result<OwnPage, FileError> {
    let limit = limit.clamp(1, ROWS_PER_PAGE_MAX);
    // Nothing lies beyond what SQLite can hold, so the largest stands for all above.
    let before = before.map_or(i64::MAX, |number| i64::try_from(number.0).unwrap_or(i64::MAX));
    let mut newest = connection.prepare_cached(
        "SELECT key FROM rows INDEXED BY rows_of_requester WHERE requester = ?1 AND key < ?2
         ORDER BY key DESC LIMIT ?3",
    )?;
    let bound = (facts::code(requester.as_str()), before, limit as i64 + 1);
    let mut keys = newest.query_map(bound, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let more = keys.len() > limit;
    keys.truncate(limit);
    let next = keys.last().filter(|_| more).map(|key| TicketNumber(key.cast_unsigned()));
    let reach = Reach::Own { requester: requester.clone() };
    let mut tickets = Vec::with_capacity(keys.len());
    for key in keys {
        // A name that shares its number with another one shows nothing of the other's.
        tickets.extend(row(connection, key)?.filter(|ticket| reach.sees(&ticket.state.ticket)));
    }
    Ok(OwnPage { tickets, next })
}

/// Whether somebody is a customer, all of whose tickets are within a reach.
///
/// # Errors
/// [`FileError`]
pub fn knows(connection: &Connection, reach: &Reach, requester: &ActorId) -> Result<bool, FileError> {
    let own = Reach::Own { requester: requester.clone() };
    let mut all = connection
        .prepare_cached("SELECT key FROM rows INDEXED BY rows_of_requester WHERE requester = ?1")?;
    let mut keys = all.query([facts::code(requester.as_str())])?;
    let mut any = false;
    while let Some(found) = keys.next()? {
        let Some(ticket) = row(connection, found.get(0)?)? else { continue };
        if !own.sees(&ticket.state.ticket) {
            continue;
        }
        if !reach.sees(&ticket.state.ticket) {
            return Ok(false);
        }
        any = true;
    }
    Ok(any)
}
