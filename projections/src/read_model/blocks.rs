//! The facts that a read model may have beside its rows, in columns, so that a report reads a million tickets at once.
//!
//! A ticket whose row has changed is told in `loose`; once there are many, those of whole blocks of tickets are sealed into
//! columns. Derived from the rows in the same transactions, and never hashed. Source: docs/adr/0028-report-columns.md.

use super::FileError;
use super::columns::{Columns, damaged, holder, read_ledger, write_facts, write_holders, write_ledger};
use crate::ledger::{Fact, Ledger, Measure};
use docket_core::names::GlobalPosition;
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
const BLOCK_NUMBER_BITS: u32 = 57;

/// Tickets in a block at most.
pub(crate) const BLOCK_TICKETS: usize = 1 << BLOCK_BITS;

/// Tickets that are told loosely before blocks are sealed. Every report reads them one by one.
pub(super) const LOOSE_LIVE_MAX: u64 = 8 * 1024;

/// The same in a rebuild, where nobody reads, and most tickets change again soon.
pub(super) const LOOSE_REBUILD_MAX: u64 = 128 * 1024;

/// Blocks that are sealed in one transaction at most, so that events do not wait for long.
const SEALED_AT_ONCE: usize = 8;

/// A block's columns: whose its tickets are, and of each measure the figures and the positions.
#[derive(Clone, Copy)]
pub(crate) enum Sheet {
    /// Whose the tickets are.
    Holders,
    /// What figures are computed from.
    Figures(Measure),
    /// What explains them.
    Positions(Measure),
}

impl Sheet {
    const fn number(self) -> i64 {
        match self {
            Self::Holders => 0,
            Self::Figures(measure) => 2 * measure as i64,
            Self::Positions(measure) => 2 * measure as i64 + 1,
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
pub(crate) fn sealed_block(connection: &Connection, block: i64) -> Result<BTreeMap<i64, Ledger>, FileError> {
    let mut ledgers = BTreeMap::new();
    let Some(holders) = sheet(connection, Sheet::Holders, block)? else { return Ok(ledgers) };
    let holders = Columns::holders(&holders)?;
    for place in 0..holders.len {
        let ticket = holders.at(0).get(place).and_then(|ticket| u16::try_from(ticket).ok());
        let team = holders.name(holders.at(1), place)?;
        let assignee = holders.name(holders.at(2), place)?;
        let key = key_at(block, ticket.ok_or_else(damaged)?);
        ledgers.insert(key, Ledger { holder: holder(team, assignee)?, facts: Vec::new() });
    }
    for measure in Measure::ALL {
        for (ticket, fact) in facts_of(connection, measure, block)? {
            let ledger = ledgers.get_mut(&key_at(block, ticket)).ok_or_else(damaged)?;
            ledger.facts.push(fact);
        }
    }
    Ok(ledgers)
}

/// The facts of a sealed block about one measure with their positions, and their tickets' places.
pub(crate) fn facts_of(
    connection: &Connection,
    measure: Measure,
    block: i64,
) -> Result<Vec<(u16, Fact)>, FileError> {
    let Some(figures) = sheet(connection, Sheet::Figures(measure), block)? else { return Ok(Vec::new()) };
    let figures = Columns::figures(&figures)?;
    let positions = positions(connection, measure, block)?;
    if figures.len != positions.len() {
        return Err(damaged());
    }
    let mut facts = Vec::with_capacity(figures.len);
    for (place, of_fact) in positions.into_iter().enumerate() {
        let (ticket, mut fact) = figures.fact(measure, place)?;
        (fact.began_position, fact.ended_position) = of_fact;
        facts.push((ticket, fact));
    }
    Ok(facts)
}

/// The events that a fact began and ended with.
pub(crate) type Positions = (Option<GlobalPosition>, Option<GlobalPosition>);

/// Those of a sealed block's facts about one measure.
pub(crate) fn positions(
    connection: &Connection,
    measure: Measure,
    block: i64,
) -> Result<Vec<Positions>, FileError> {
    let positions = sheet(connection, Sheet::Positions(measure), block)?.ok_or_else(damaged)?;
    let positions = Columns::positions(&positions)?;
    let position =
        |column, place| positions.at(column).get(place).map(|at| GlobalPosition(at.cast_unsigned()));
    Ok((0..positions.len).map(|place| (position(0, place), position(1, place))).collect())
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
    insert.execute((Sheet::Holders.id(block), 0, 0, write_holders(&holders)))?;
    for measure in Measure::ALL {
        let ids = (Sheet::Figures(measure).id(block), Sheet::Positions(measure).id(block));
        let Some(facts) = by_measure.get(&measure) else {
            forget.execute([ids.0])?;
            forget.execute([ids.1])?;
            continue;
        };
        let began = || facts.iter().map(|(_, fact)| fact.began.0);
        let (first, last) = (began().min().unwrap_or_default(), began().max().unwrap_or_default());
        let (figures, positions) = write_facts(facts);
        insert.execute((ids.0, first, last, figures))?;
        insert.execute((ids.1, first, last, positions))?;
    }
    Ok(())
}

/// Every block that has tickets, sealed or not, in the order of their numbers.
pub(crate) fn all(connection: &Connection) -> Result<Vec<i64>, FileError> {
    let end = Sheet::Holders.end();
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
