//! The facts behind a figure, page by page: tickets, the events they began and ended with, values and attribution.

use super::answer::{Asked, ReportName};
use super::read::{Counted, Seen};
use crate::ledger::{Fact, Measure, Outcome};
use crate::read_model::FileError;
use crate::read_model::blocks::{self, Sheets, block_of, key_at};
use crate::read_model::columns::Part;
use crate::read_model::file::checkpoint;
use docket_core::access::Reach;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Where a fact stands among all: by ticket, measure, and its place among those of the ticket. Pages go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactId {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The number of the measure.
    pub measure: u8,
    /// Its place among those of the ticket, from 0.
    pub place: u32,
}

/// Which facts.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The report that they are behind; of its periods all.
    pub asked: Asked,
    /// Of this group alone; of no name if that is none.
    pub group: Option<Option<String>>,
    /// That stand like this.
    pub outcome: Option<Outcome>,
    /// After this one.
    pub after: Option<FactId>,
    /// At most so many.
    pub limit: usize,
}

/// Facts of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The position that it shows.
    pub position: GlobalPosition,
    /// The facts, in the order of their ids.
    pub facts: Vec<(FactId, Fact)>,
    /// Whether there are more.
    pub more: bool,
}

impl Wanted {
    fn fits(&self, seen: &Seen) -> bool {
        let placed = if self.asked.report == ReportName::Backlog {
            let (first, last) = self.range();
            // A stretch is behind the figures if it touches the range at all.
            seen.began < last && seen.ended.is_none_or(|ended| ended >= first)
        } else {
            self.asked.period(seen).is_some()
        };
        placed && self.outcome.is_none_or(|outcome| outcome == seen.outcome)
    }

    fn range(&self) -> (Timestamp, Timestamp) {
        match self.asked.bounds.as_slice() {
            [first, .., last] => (*first, *last),
            [one] => (*one, *one),
            [] => (Timestamp::MAX, Timestamp::MIN),
        }
    }

    fn is_of_group(&self, name: Option<&str>) -> bool {
        self.group.as_ref().is_none_or(|group| group.as_deref() == name)
    }
}

/// The facts behind a report.
///
/// # Errors
/// [`FileError`]
pub fn explain(connection: &Connection, reach: &Reach, wanted: &Wanted) -> Result<Page, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let position = checkpoint(&transaction)?.position;
    let mut counted = Counted::of(&transaction, reach)?;
    let first = wanted.after.map_or(i64::MIN, |after| block_of(after.ticket.0.cast_signed()));
    let mut facts = Vec::new();
    for block in blocks::all(&transaction)?.into_iter().filter(|block| *block >= first) {
        let mut found = loose(&transaction, reach, wanted, block)?;
        for measure in wanted.asked.report.measures() {
            sealed(&transaction, &mut counted, wanted, (*measure, block), &mut found)?;
        }
        let new = found.into_iter().filter(|(id, _)| wanted.after.is_none_or(|after| *id > after));
        facts.extend(new);
        if facts.len() > wanted.limit {
            break;
        }
    }
    let more = facts.len() > wanted.limit;
    facts.truncate(wanted.limit);
    Ok(Page { position, facts, more })
}

fn loose(
    connection: &Connection,
    reach: &Reach,
    wanted: &Wanted,
    block: i64,
) -> Result<BTreeMap<FactId, Fact>, FileError> {
    let mut found = BTreeMap::new();
    let measures = wanted.asked.report.measures();
    for (key, ledger) in blocks::loose_between(connection, key_at(block, 0), key_at(block + 1, 0))? {
        if !ledger.holder.is_counted(reach) {
            continue;
        }
        let mut places = BTreeMap::<Measure, u32>::new();
        for fact in ledger.facts.into_iter().filter(|fact| measures.contains(&fact.measure)) {
            let place = places.entry(fact.measure).or_default();
            let ticket = TicketNumber(key.cast_unsigned());
            let id = FactId { ticket, measure: fact.measure as u8, place: *place };
            *place += 1;
            let name = wanted.asked.by.and_then(|by| fact.names[by as usize].as_deref());
            if wanted.is_of_group(name) && wanted.fits(&Seen::of(&fact, 0)) {
                found.insert(id, fact);
            }
        }
    }
    Ok(found)
}

fn sealed(
    connection: &Connection,
    counted: &mut Counted<'_>,
    wanted: &Wanted,
    (measure, block): (Measure, i64),
    found: &mut BTreeMap<FactId, Fact>,
) -> Result<(), FileError> {
    let sheets = Sheets::of(connection, measure, block)?;
    let facts = sheets.facts()?;
    let places = counted.places(connection, block)?;
    let (mut last, mut place) = (None, 0);
    for index in 0..facts.len() {
        let ticket = facts.part(Part::Ticket).get(index);
        place = if ticket == last { place + 1 } else { 0 };
        last = ticket;
        if places.as_ref().is_some_and(|places| ticket.is_none_or(|ticket| !places.has(ticket))) {
            continue;
        }
        let named = wanted.asked.by.map(|by| facts.part(Part::Name(by)).name(index)).transpose()?;
        if !wanted.is_of_group(named.flatten()) {
            continue;
        }
        let (ticket, fact) = facts.fact(index)?;
        let ticket = TicketNumber(key_at(block, ticket).cast_unsigned());
        let id = FactId { ticket, measure: measure as u8, place };
        if wanted.fits(&Seen::of(&fact, 0)) && wanted.after.is_none_or(|after| id > after) {
            found.insert(id, fact);
        }
    }
    Ok(())
}
