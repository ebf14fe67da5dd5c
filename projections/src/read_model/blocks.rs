//! The facts that a read model may have beside its rows, in columns, so that a report reads a million tickets at once.
//!
//! A ticket whose row has changed is told in `loose`; once there are many, those of whole blocks of tickets are sealed into
//! columns. Derived from the rows in the same transactions, and never hashed. Source: docs/adr/0028-report-columns.md.

use super::FileError;
use super::columns::{
    Column, PARTS, Part, damaged, holder, read_ledger, write_holders, write_ledger, write_part,
};
use crate::ledger::{Dimension, Fact, Flags, Ledger, Measure, Outcome};
use compact_str::CompactString;
use docket_core::names::GlobalPosition;
use docket_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// The tables, part of the schema fingerprint of a projector that has them.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE loose (key INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT;
    CREATE TABLE sealed (id INTEGER PRIMARY KEY, began_first INTEGER NOT NULL, began_last INTEGER NOT NULL,
        facts BLOB NOT NULL) STRICT;";

/// Tickets of one block are those whose numbers agree but for these last bits.
pub(crate) const BLOCK_BITS: u32 = 12;

/// Bits of a block's number: enough for every ticket number there can be.
const BLOCK_NUMBER_BITS: u32 = 54;

/// Tickets in a block at most.
pub(crate) const BLOCK_TICKETS: usize = 1 << BLOCK_BITS;

/// Tickets that are told loosely before blocks are sealed. Every report reads them one by one.
pub(super) const LOOSE_LIVE_MAX: u64 = 8 * 1024;

/// The same in a rebuild, where nobody reads, and most tickets change again soon.
pub(super) const LOOSE_REBUILD_MAX: u64 = 128 * 1024;

/// Blocks that are sealed in one transaction at most, so that events do not wait for long.
const SEALED_AT_ONCE: usize = 8;

/// A column of a block.
#[derive(Clone, Copy)]
pub(crate) enum Sheet {
    /// Which tickets the block has, by their places in it.
    Tickets,
    /// In which team's queue they are.
    Teams,
    /// Who is responsible for them.
    Assignees,
    /// A column of the facts of a measure.
    Facts(Measure, Part),
}

impl Sheet {
    const fn number(self) -> i64 {
        match self {
            Self::Tickets => 0,
            Self::Teams => 1,
            Self::Assignees => 2,
            Self::Facts(measure, part) => (measure as usize * PARTS + part.place()) as i64,
        }
    }

    /// Where a block's sheet is: sheets of one kind lie one behind the other.
    pub(crate) const fn id(self, block: i64) -> i64 {
        (self.number() << BLOCK_NUMBER_BITS) | block
    }

    /// Where the sheets of its kind end: before this.
    pub(crate) const fn end(self) -> i64 {
        (self.number() + 1) << BLOCK_NUMBER_BITS
    }
}

/// The block of a ticket.
pub(crate) const fn block_of(key: i64) -> i64 {
    key >> BLOCK_BITS
}

/// A ticket's place in its block.
pub(crate) const fn place_in_block(key: i64) -> u16 {
    (key & (BLOCK_TICKETS as i64 - 1)) as u16
}

/// The ticket at a place of a block.
pub(crate) const fn key_at(block: i64, place: u16) -> i64 {
    (block << BLOCK_BITS) | place as i64
}

/// Tells a ticket loosely: what a sealed block says of it counts no more.
pub(super) fn put(connection: &Connection, key: i64, ledger: &Ledger) -> Result<(), FileError> {
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO loose VALUES (?1, ?2)")?;
    insert.execute((key, write_ledger(ledger)))?;
    Ok(())
}

/// How many tickets are told loosely.
pub(super) fn loose(connection: &Connection) -> Result<u64, FileError> {
    Ok(connection.query_row("SELECT count(*) FROM loose", [], |row| row.get::<_, i64>(0))? as u64)
}

/// Seals blocks until few enough tickets are told loosely, those with most of them first; tells how many still are.
pub(super) fn seal(connection: &Connection, keep: u64) -> Result<u64, FileError> {
    let grouped = format!("SELECT key >> {BLOCK_BITS}, count(*) FROM loose GROUP BY 1 ORDER BY 2 DESC, 1");
    let mut grouped = connection.prepare_cached(&grouped)?;
    let found = grouped.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
    let blocks = found.collect::<Result<Vec<(i64, u64)>, _>>()?;
    let mut left: u64 = blocks.iter().map(|(_, tickets)| tickets).sum();
    let at_once = if keep == 0 { usize::MAX } else { SEALED_AT_ONCE };
    for (block, tickets) in blocks.into_iter().take(at_once) {
        if left <= keep {
            break;
        }
        seal_block(connection, block)?;
        left -= tickets;
    }
    Ok(left)
}

fn seal_block(connection: &Connection, block: i64) -> Result<(), FileError> {
    let mut ledgers = sealed_block(connection, block)?;
    let keys = (key_at(block, 0), key_at(block + 1, 0));
    ledgers.extend(loose_between(connection, keys.0, keys.1)?);
    write_block(connection, block, &ledgers)?;
    connection.prepare_cached("DELETE FROM loose WHERE key >= ?1 AND key < ?2")?.execute(keys)?;
    Ok(())
}

/// The tickets that are told loosely from one key until before another.
pub(crate) fn loose_between(
    connection: &Connection,
    from: i64,
    before: i64,
) -> Result<BTreeMap<i64, Ledger>, FileError> {
    let mut statement = connection
        .prepare_cached("SELECT key, facts FROM loose WHERE key >= ?1 AND key < ?2 ORDER BY key")?;
    let mut rows = statement.query((from, before))?;
    let mut ledgers = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let facts = row.get_ref(1)?.as_blob().map_err(|_| damaged())?;
        ledgers.insert(row.get(0)?, read_ledger(facts)?);
    }
    Ok(ledgers)
}

/// A sheet of a block.
pub(crate) fn sheet(connection: &Connection, sheet: Sheet, block: i64) -> Result<Option<Vec<u8>>, FileError> {
    let mut statement = connection.prepare_cached("SELECT facts FROM sealed WHERE id = ?1")?;
    Ok(statement.query_row([sheet.id(block)], |row| row.get(0)).optional()?)
}

/// Everything that a sealed block says, whatever of it is out of date.
fn sealed_block(connection: &Connection, block: i64) -> Result<BTreeMap<i64, Ledger>, FileError> {
    let mut ledgers = BTreeMap::new();
    let Some(holders) = Holders::of(connection, block)? else { return Ok(ledgers) };
    let [tickets, teams, people] = holders.columns()?;
    for place in 0..tickets.len {
        let ticket = tickets.get(place).and_then(|ticket| u16::try_from(ticket).ok());
        let key = key_at(block, ticket.ok_or_else(damaged)?);
        let holder = holder(teams.name(place)?, people.name(place)?)?;
        ledgers.insert(key, Ledger { holder, facts: Vec::new() });
    }
    for measure in Measure::ALL {
        let sheets = Sheets::of(connection, measure, block)?;
        let facts = sheets.facts()?;
        for place in 0..facts.len() {
            let (ticket, fact) = facts.fact(place)?;
            ledgers.get_mut(&key_at(block, ticket)).ok_or_else(damaged)?.facts.push(fact);
        }
    }
    Ok(ledgers)
}

/// Whose the tickets of a sealed block are.
pub(crate) struct Holders([Vec<u8>; 3]);

impl Holders {
    /// Those of a block; none if it is not sealed.
    pub(crate) fn of(connection: &Connection, block: i64) -> Result<Option<Self>, FileError> {
        let Some(tickets) = sheet(connection, Sheet::Tickets, block)? else { return Ok(None) };
        let teams = sheet(connection, Sheet::Teams, block)?.ok_or_else(damaged)?;
        let people = sheet(connection, Sheet::Assignees, block)?.ok_or_else(damaged)?;
        Ok(Some(Self([tickets, teams, people])))
    }

    /// Places, teams and people.
    pub(crate) fn columns(&self) -> Result<[Column<'_>; 3], FileError> {
        let [tickets, teams, people] = &self.0;
        let columns = [Column::of(tickets)?, Column::of(teams)?, Column::of(people)?];
        if columns.iter().any(|column| column.len != columns[0].len) { Err(damaged()) } else { Ok(columns) }
    }
}

/// The columns of a sealed block's facts about one measure.
pub(crate) struct Sheets {
    measure: Measure,
    sheets: Vec<Vec<u8>>,
}

impl Sheets {
    /// All of them; without any where the block has no such facts.
    pub(crate) fn of(connection: &Connection, measure: Measure, block: i64) -> Result<Self, FileError> {
        let mut sheets = Vec::new();
        for part in Part::all() {
            sheets.extend(sheet(connection, Sheet::Facts(measure, part), block)?);
        }
        if sheets.is_empty() || sheets.len() == PARTS { Ok(Self { measure, sheets }) } else { Err(damaged()) }
    }

    /// To be read.
    pub(crate) fn facts(&self) -> Result<Facts<'_>, FileError> {
        let columns = self.sheets.iter().map(|sheet| Column::of(sheet)).collect::<Result<Vec<_>, _>>()?;
        let len = columns.first().map_or(0, |column| column.len);
        if columns.iter().any(|column| column.len != len) {
            return Err(damaged());
        }
        Ok(Facts { measure: self.measure, columns })
    }
}

/// Facts in columns.
pub(crate) struct Facts<'a> {
    measure: Measure,
    columns: Vec<Column<'a>>,
}

impl<'a> Facts<'a> {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len)
    }

    /// One of the columns; there are all of them where there are facts.
    pub(crate) fn part(&self, part: Part) -> &Column<'a> {
        &self.columns[part.place()]
    }

    /// The ticket's place in the block, and the fact at a place.
    pub(crate) fn fact(&self, place: usize) -> Result<(u16, Fact), FileError> {
        let number = |part| self.part(part).get(place);
        let instant = |part| number(part).map(Timestamp);
        let position = |part| number(part).map(|at| GlobalPosition(at.cast_unsigned()));
        let mut names = [const { None }; Dimension::ALL.len()];
        for dimension in Dimension::ALL {
            names[dimension as usize] = self.part(Part::Name(dimension)).name(place)?.map(CompactString::new);
        }
        let outcome = number(Part::Outcome).and_then(|number| Outcome::of(number as u64));
        let ticket = number(Part::Ticket).and_then(|ticket| u16::try_from(ticket).ok());
        let fact = Fact {
            measure: self.measure,
            outcome: outcome.ok_or_else(damaged)?,
            flags: Flags(number(Part::Flags).unwrap_or_default() as u8),
            began: instant(Part::Began).ok_or_else(damaged)?,
            ended: instant(Part::Ended),
            value_s: number(Part::Value).unwrap_or_default(),
            missed_after: instant(Part::MissedAfter),
            names,
            began_position: position(Part::BeganPosition),
            ended_position: position(Part::EndedPosition),
        };
        Ok((ticket.ok_or_else(damaged)?, fact))
    }
}

fn write_block(
    connection: &Connection,
    block: i64,
    ledgers: &BTreeMap<i64, Ledger>,
) -> Result<(), FileError> {
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO sealed VALUES (?1, ?2, ?3, ?4)")?;
    let mut forget = connection.prepare_cached("DELETE FROM sealed WHERE id = ?1")?;
    let mut by_measure = BTreeMap::<Measure, Vec<(u16, &Fact)>>::new();
    for (key, ledger) in ledgers {
        for fact in &ledger.facts {
            by_measure.entry(fact.measure).or_default().push((place_in_block(*key), fact));
        }
    }
    let holders: Vec<_> =
        ledgers.iter().map(|(key, ledger)| (place_in_block(*key), &ledger.holder)).collect();
    let kinds = [Sheet::Tickets, Sheet::Teams, Sheet::Assignees];
    for (kind, sheet) in kinds.into_iter().zip(write_holders(&holders)) {
        insert.execute((kind.id(block), 0, 0, sheet))?;
    }
    for measure in Measure::ALL {
        let facts = by_measure.get(&measure).map(Vec::as_slice).unwrap_or_default();
        let began = || facts.iter().map(|(_, fact)| fact.began.0);
        let (first, last) = (began().min().unwrap_or_default(), began().max().unwrap_or_default());
        for part in Part::all() {
            let id = Sheet::Facts(measure, part).id(block);
            if facts.is_empty() {
                forget.execute([id])?;
            } else {
                insert.execute((id, first, last, write_part(part, facts)))?;
            }
        }
    }
    Ok(())
}

/// Every block that has tickets, sealed or not, in the order of their numbers.
pub(crate) fn all(connection: &Connection) -> Result<Vec<i64>, FileError> {
    let end = Sheet::Tickets.end();
    let mut blocks = connection.prepare_cached(&format!(
        "SELECT id FROM sealed WHERE id < {end} UNION SELECT key >> {BLOCK_BITS} FROM loose ORDER BY 1"
    ))?;
    Ok(blocks.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Every ticket that is told, loosely or in a sealed block, with what is told of it.
pub(super) fn everything(
    connection: &Connection,
    mut take: impl FnMut(i64, &Ledger),
) -> Result<(), FileError> {
    for block in all(connection)? {
        let mut ledgers = sealed_block(connection, block)?;
        ledgers.extend(loose_between(connection, key_at(block, 0), key_at(block + 1, 0))?);
        ledgers.iter().for_each(|(key, ledger)| take(*key, ledger));
    }
    Ok(())
}

/// What a ticket's facts come to in one number, to compare what is kept with what the rows tell.
pub(super) fn fingerprint(key: i64, ledger: &Ledger) -> crate::projector::StateHash {
    crate::projector::StateHash::of(key, &write_ledger(ledger))
}
