//! What falls due by itself: answers that count as given, sealings and wakings, for the timer.
//!
//! A row holds since when a ticket waits, not until when: the waits are settings, and a row knows its own ticket's events
//! alone. Source: PRODUCT section 2, docs/adr/0024-closing.md.

use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use crate::read_model::FileError;
use crate::read_model::file::decode_row;
use docket_core::event::Event;
use docket_core::names::TicketNumber;
use docket_core::record::Origin;
use docket_core::settings::closing::{Closing, DAYS_MAX, Span};
use docket_core::ticket::due::{Deed, Due, Falling};
use docket_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Rows};

/// The projector of what falls due.
pub struct DueDates;

const NEVER: i64 = i64::MAX;

impl Projector for DueDates {
    const NAME: &'static str = "due";
    const DEFINITION: u32 = 1;
    const COLUMNS: &'static [&'static str] = &["answers_from", "seals_from", "wakes_at", "aged"];
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_answer ON rows (aged, answers_from, key) WHERE answers_from < 9223372036854775807",
        "CREATE INDEX rows_by_seal ON rows (aged, seals_from, key) WHERE seals_from < 9223372036854775807",
        "CREATE INDEX rows_by_waking ON rows (wakes_at, key) WHERE wakes_at < 9223372036854775807",
    ];
    const ROWS_CHANGE: bool = true;
    type State = Due;
    type Context = ();
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        match &event.event {
            Ok(Event::Ticket(ticket_event)) if Due::concerns(ticket_event) => event.ticket().map(key_of),
            Ok(
                Event::Ticket(_)
                | Event::Sla(_)
                | Event::Agent(_)
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

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, (): &()) -> Result<(), Rejected> {
        let Ok(Event::Ticket(ticket_event)) = &event.event else { return Ok(()) };
        if row.is_none() {
            *row = Due::begun(ticket_event).map(|state| Row { state, personal: None });
        }
        // Most events of most tickets come before anything is due.
        let Some(Row { state, .. }) = row else { return Ok(()) };
        state.take(event.occurred_at, ticket_event);
        if event.origin == Origin::Import {
            state.imported(event.recorded_at);
        }
        Ok(())
    }

    fn columns(state: &Due) -> Vec<i64> {
        // What no wait is long enough for shall not be looked at again and again.
        let days = state.aged_days();
        let waits = |from: Option<Timestamp>| from.filter(|_| days < DAYS_MAX).map_or(NEVER, |from| from.0);
        let wakes_at = state.wakes_at().map_or(NEVER, |at| at.0);
        vec![waits(state.answers_from()), waits(state.seals_from()), wakes_at, days]
    }

    fn tallies(_: &Due) -> Vec<Tally> {
        Vec::new()
    }
}

/// What falls due next, earliest first and each ticket once: `spans` says what counted when.
///
/// # Errors
/// [`FileError`]
pub fn next(connection: &Connection, spans: &[Span], limit: usize) -> Result<Vec<Falling>, FileError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = wakings(&snapshot, limit)?;
    for span in spans {
        let waits = &span.version.content;
        for deed in [Deed::Confirm, Deed::Seal] {
            for aged in ages(&snapshot, deed, waits)? {
                found.extend(waiting(&snapshot, span, deed, aged, limit)?);
            }
        }
    }
    found.sort_unstable();
    let mut tickets = std::collections::BTreeSet::new();
    found.retain(|due| tickets.insert(due.ticket));
    found.truncate(limit);
    Ok(found)
}

/// What is known of what falls due on one ticket.
///
/// # Errors
/// [`FileError`]
pub fn ticket(connection: &Connection, number: TicketNumber) -> Result<Option<Due>, FileError> {
    let Ok(key) = i64::try_from(number.0) else { return Ok(None) };
    let state: Option<String> = connection
        .prepare_cached("SELECT state FROM rows WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(state.map(|state| decode_row::<DueDates>(&state, None)).transpose()?.map(|row| row.state))
}

/// Tickets that were set aside stay as they last were: nothing happens to them by itself.
const SOUND: &str = "key NOT IN (SELECT ticket FROM quarantine)";

/// Where to look for what waits for something: the index and its column.
const fn place(deed: Deed) -> (&'static str, &'static str) {
    match deed {
        Deed::Confirm => ("rows_by_answer", "answers_from"),
        Deed::Seal => ("rows_by_seal", "seals_from"),
        Deed::Wake => ("rows_by_waking", "wakes_at"),
    }
}

/// The ages at an import that are young enough for a wait, and that there are; 0 for what was not imported.
fn ages(connection: &Connection, deed: Deed, waits: &Closing) -> Result<Vec<i64>, FileError> {
    let (index, column) = place(deed);
    // One step to the next age that there is, and no walk over what is too old.
    let mut next = connection.prepare_cached(&format!(
        "SELECT aged FROM rows INDEXED BY {index}
         WHERE {column} < 9223372036854775807 AND aged >= ?1 ORDER BY aged LIMIT 1"
    ))?;
    let (mut ages, mut from) = (Vec::new(), 0);
    loop {
        let aged: Option<i64> = next.query_row([from], |row| row.get(0)).optional()?;
        match aged.filter(|aged| *aged < deed.waits(waits).0) {
            Some(aged) => ages.push(aged),
            None => return Ok(ages),
        }
        from = aged.map_or(from, |aged| aged + 1);
    }
}

fn waiting(
    connection: &Connection,
    span: &Span,
    deed: Deed,
    aged: i64,
    limit: usize,
) -> Result<Vec<Falling>, FileError> {
    let (index, column) = place(deed);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT key, state FROM rows INDEXED BY {index}
         WHERE {column} < 9223372036854775807 AND aged = ?1 AND {column} >= ?2 AND {column} < ?3
             AND {SOUND} ORDER BY {column}, key LIMIT ?4"
    ))?;
    let until = span.until.map_or(NEVER, |until| until.0);
    let rows = statement.query([aged, span.from.0, until, limit as i64])?;
    falling(rows, deed, |due| due.falls_due(deed, &span.version.content))
}

fn wakings(connection: &Connection, limit: usize) -> Result<Vec<Falling>, FileError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT key, state FROM rows INDEXED BY rows_by_waking
         WHERE wakes_at < 9223372036854775807 AND {SOUND} ORDER BY wakes_at, key LIMIT ?1"
    ))?;
    falling(statement.query([limit as i64])?, Deed::Wake, Due::wakes_at)
}

fn falling(
    mut rows: Rows<'_>,
    deed: Deed,
    when: impl Fn(&Due) -> Option<Timestamp>,
) -> Result<Vec<Falling>, FileError> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let state = decode_row::<DueDates>(&row.get::<_, String>(1)?, None)?.state;
        if let Some(at) = when(&state) {
            let ticket = TicketNumber(row.get::<_, i64>(0)? as u64);
            found.push(Falling { at, ticket, deed, cycle: state.cycle() });
        }
    }
    Ok(found)
}
