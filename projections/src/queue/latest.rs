//! The tickets that came in last, to try something on.

use super::QueueState;
use super::query::row;
use crate::facts;
use crate::read_model::FileError;
use docket_core::access::Reach;
use docket_core::names::TicketNumber;
use rusqlite::Connection;

/// Tickets that are looked through for those within a reach, so that a small reach costs no walk through all.
pub const LOOKED_THROUGH_MAX: i64 = 20_000;

/// The tickets within a reach that were opened last, the newest first, of the newest [`LOOKED_THROUGH_MAX`].
///
/// # Errors
/// [`FileError`]
pub fn latest(
    connection: &Connection,
    reach: &Reach,
    limit: usize,
) -> Result<Vec<(TicketNumber, QueueState)>, FileError> {
    let mut newest = connection.prepare(&format!(
        "SELECT key FROM rows WHERE key > (SELECT coalesce(max(key), 0) FROM rows) - ?1 AND {}
         ORDER BY key DESC LIMIT ?2",
        facts::within(reach)
    ))?;
    let mut keys = newest.query((LOOKED_THROUGH_MAX, limit as i64))?;
    let mut found = Vec::new();
    while let Some(key) = keys.next()? {
        let ticket = row(connection, key.get(0)?)?;
        // A name that shares its number with another one shows nothing that is out of reach.
        let ticket = ticket.filter(|ticket| reach.sees(&ticket.state.ticket));
        found.extend(ticket.map(|ticket| (ticket.number, ticket.state)));
    }
    Ok(found)
}
