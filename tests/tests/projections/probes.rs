//! Projectors made for one test each: other definitions, other schemas, and ones that take not everything.

use super::support::events;
use docket_core::event::Event;
use docket_core::store::EventStore;
use docket_core::ticket::TicketEvent;
use docket_projections::log_event::LogEvent;
use docket_projections::projector::{Projector, Rejected, Row, Tally};
use docket_projections::runner::{Projections, QueryError};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Runtime;

/// Counts a ticket's events, each as so many as its weight says.
///
/// Two of one definition with different weights are a projector that somebody changed and forgot to say so.
pub(crate) struct Counting<const DEFINITION: u32, const WEIGHT: u32>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) events: u64,
}

fn count(row: &mut Option<Row<impl Projector<State = Count, Personal = ()>>>, weight: u32) {
    let row = row.get_or_insert(Row { state: Count { events: 0 }, personal: None });
    row.state.events += u64::from(weight);
}

fn key(event: &LogEvent) -> Option<i64> {
    match &event.event {
        Ok(Event::Ticket(_)) => event.ticket().map(|number| number.0 as i64),
        Ok(
            Event::Sla(_)
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

impl<const DEFINITION: u32, const WEIGHT: u32> Projector for Counting<DEFINITION, WEIGHT> {
    const NAME: &'static str = "probe";
    const DEFINITION: u32 = DEFINITION;
    const COLUMNS: &'static [&'static str] = &["events"];
    const INDEXES: &'static [&'static str] = &[];
    const ROWS_CHANGE: bool = true;
    type State = Count;
    type Context = ();
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        key(event)
    }

    fn apply(row: &mut Option<Row<Self>>, _: &LogEvent, (): &()) -> Result<(), Rejected> {
        count(row, WEIGHT);
        Ok(())
    }

    fn columns(state: &Count) -> Vec<i64> {
        vec![state.events as i64]
    }

    fn tallies(_: &Count) -> Vec<Tally> {
        vec![Tally { name: 0, bucket: 0 }]
    }
}

/// The same name over a table of another shape.
pub(crate) struct OtherSchema;

impl Projector for OtherSchema {
    const NAME: &'static str = "probe";
    const DEFINITION: u32 = 1;
    const COLUMNS: &'static [&'static str] = &["twice"];
    const INDEXES: &'static [&'static str] = &["CREATE INDEX rows_by_twice ON rows (twice)"];
    const ROWS_CHANGE: bool = true;
    type State = Count;
    type Context = ();
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        key(event)
    }

    fn apply(row: &mut Option<Row<Self>>, _: &LogEvent, (): &()) -> Result<(), Rejected> {
        count(row, 1);
        Ok(())
    }

    fn columns(state: &Count) -> Vec<i64> {
        vec![state.events as i64 * 2]
    }

    fn tallies(_: &Count) -> Vec<Tally> {
        Vec::new()
    }
}

/// Takes no internal notes, until the switch is set: as a projector is repaired in a later release.
pub(crate) struct WithoutNotes;

pub(crate) static TAKES_NOTES: AtomicBool = AtomicBool::new(false);

impl Projector for WithoutNotes {
    const NAME: &'static str = "without-notes";
    const DEFINITION: u32 = 1;
    const COLUMNS: &'static [&'static str] = &["events"];
    const INDEXES: &'static [&'static str] = &[];
    const ROWS_CHANGE: bool = true;
    type State = Count;
    type Context = ();
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        key(event)
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, (): &()) -> Result<(), Rejected> {
        let is_note = matches!(event.event, Ok(Event::Ticket(TicketEvent::Noted(_))));
        if is_note && !TAKES_NOTES.load(Ordering::SeqCst) {
            return Err(Rejected("it cannot take notes".into()));
        }
        count(row, 1);
        Ok(())
    }

    fn columns(state: &Count) -> Vec<i64> {
        vec![state.events as i64]
    }

    fn tallies(_: &Count) -> Vec<Tally> {
        vec![Tally { name: 0, bucket: 0 }]
    }
}

/// All events that a read model of [`Counting`] or [`OtherSchema`] has counted.
pub(crate) fn counted(projections: &Projections) -> Result<i64, QueryError> {
    projections.query("probe", |connection| {
        let state: Vec<String> = connection
            .prepare("SELECT state FROM rows")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(state.iter().map(|state| serde_json::from_str::<Count>(state).unwrap().events as i64).sum())
    })
}

pub(crate) fn ticket_events(runtime: &Runtime, store: &dyn EventStore) -> i64 {
    let events = events(runtime, store);
    let of_tickets = |event: &LogEvent| matches!(event.event, Ok(Event::Ticket(_)));
    events.into_iter().filter(of_tickets).count() as i64
}
