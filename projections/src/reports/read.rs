//! Goes through the facts of some measures: those told loosely one by one, those of sealed blocks column by column.

use crate::ledger::{Dimension, Fact, Flags, Measure, Outcome};
use crate::read_model::FileError;
use crate::read_model::blocks::{self, BLOCK_TICKETS, Sheet, block_of, place_in_block};
use crate::read_model::columns::{Columns, Part, damaged, read_ledger};
use compact_str::CompactString;
use docket_core::access::Reach;
use docket_core::names::{ActorId, Slug};
use docket_core::time::Timestamp;
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};

/// A fact as figures are computed from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) outcome: Outcome,
    pub(super) flags: Flags,
    pub(super) began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) value_s: i64,
    pub(super) missed_after: Option<Timestamp>,
    /// The number of its group; 0 where it has none.
    pub(super) group: usize,
}

impl Seen {
    pub(super) fn of(fact: &Fact, group: usize) -> Self {
        Self {
            outcome: fact.outcome,
            flags: fact.flags,
            began: fact.began,
            ended: fact.ended,
            value_s: fact.value_s,
            missed_after: fact.missed_after,
            group,
        }
    }
}

/// The groups that were met, numbered from 1; 0 is that of facts without a name.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) names: Vec<CompactString>,
    numbers: HashMap<CompactString, usize>,
}

impl Groups {
    fn number(&mut self, name: Option<&str>) -> usize {
        let Some(name) = name else { return 0 };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(CompactString::new(name));
        self.numbers.insert(CompactString::new(name), self.names.len());
        self.names.len()
    }
}

/// Some of a block's tickets, by their places.
#[derive(Clone)]
pub(super) struct Places([u64; BLOCK_TICKETS / 64]);

impl Places {
    const NONE: Self = Self([0; BLOCK_TICKETS / 64]);
    const ALL: Self = Self([u64::MAX; BLOCK_TICKETS / 64]);

    pub(super) fn has(&self, place: i64) -> bool {
        let place = place as usize % BLOCK_TICKETS;
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    fn put(&mut self, place: u16) {
        self.0[usize::from(place) / 64] |= 1 << (place % 64);
    }

    fn without(mut self, others: &Self) -> Self {
        self.0.iter_mut().zip(others.0).for_each(|(these, others)| *these &= !others);
        self
    }
}

/// The tickets of sealed blocks that count: within reach, and not told loosely.
pub(super) struct Counted<'a> {
    reach: &'a Reach,
    loose: BTreeMap<i64, Places>,
    known: HashMap<i64, Places>,
}

impl<'a> Counted<'a> {
    pub(super) fn of(connection: &Connection, reach: &'a Reach) -> Result<Self, FileError> {
        let mut loose = BTreeMap::new();
        let mut statement = connection.prepare_cached("SELECT key FROM loose")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = row.get(0)?;
            loose.entry(block_of(key)).or_insert(Places::NONE).put(place_in_block(key));
        }
        Ok(Self { reach, loose, known: HashMap::new() })
    }

    /// Those of a block; none if all of them.
    pub(super) fn places(
        &mut self,
        connection: &Connection,
        block: i64,
    ) -> Result<Option<Places>, FileError> {
        let loose = self.loose.get(&block);
        if *self.reach == Reach::Everything {
            return Ok(loose.map(|loose| Places::ALL.without(loose)));
        }
        if let Some(known) = self.known.get(&block) {
            return Ok(Some(known.clone()));
        }
        let mut within = Places::NONE;
        if let Some(holders) = blocks::sheet(connection, Sheet::Holders, block)? {
            let holders = Columns::holders(&holders)?;
            // The same names again and again: whether each is counted is asked once.
            let mut asked = HashMap::<(Option<i64>, Option<i64>), bool>::new();
            for place in 0..holders.len {
                let (team, assignee) = (holders.at(1), holders.at(2));
                let numbers = (team.get(place), assignee.get(place));
                let counts = match asked.get(&numbers) {
                    Some(counts) => *counts,
                    None => {
                        let team = holders.name(team, place)?.map(Slug::new).transpose();
                        let assignee = holders.name(assignee, place)?.map(ActorId::new).transpose();
                        let (team, assignee) =
                            (team.map_err(|_| damaged())?, assignee.map_err(|_| damaged())?);
                        let counts = self.reach.counts(team.as_ref(), assignee.as_ref());
                        asked.insert(numbers, counts);
                        counts
                    }
                };
                if counts {
                    within.put(
                        holders.at(0).get(place).and_then(|at| u16::try_from(at).ok()).ok_or_else(damaged)?,
                    );
                }
            }
        }
        if let Some(loose) = loose {
            within = within.without(loose);
        }
        self.known.insert(block, within.clone());
        Ok(Some(within))
    }
}

/// What is gone through.
pub(super) struct Scan<'a> {
    /// Facts of these measures.
    pub(super) measures: &'a [Measure],
    /// Grouped by this.
    pub(super) by: Option<Dimension>,
    /// Of tickets within this.
    pub(super) reach: &'a Reach,
    /// Facts that began outside of this half-open range are not wanted, and may be left out.
    pub(super) began: (Timestamp, Timestamp),
}

impl Scan<'_> {
    /// Hands every fact to a function.
    pub(super) fn each(
        &self,
        connection: &Connection,
        groups: &mut Groups,
        mut take: impl FnMut(&Seen),
    ) -> Result<(), FileError> {
        self.loose(connection, groups, &mut take)?;
        let mut counted = Counted::of(connection, self.reach)?;
        for measure in self.measures {
            let mut statement = connection.prepare_cached(
                "SELECT id, facts FROM sealed
                 WHERE id >= ?1 AND id < ?2 AND began_last >= ?3 AND began_first < ?4 ORDER BY id",
            )?;
            let sheet = Sheet::Figures(*measure);
            let (first, end) = (sheet.id(0), sheet.end());
            let mut rows = statement.query((first, end, self.began.0.0, self.began.1.0))?;
            while let Some(row) = rows.next()? {
                let block = row.get::<_, i64>(0)? - first;
                let columns = Columns::figures(row.get_ref(1)?.as_blob().map_err(|_| damaged())?)?;
                let places = counted.places(connection, block)?;
                self.block(&columns, places.as_ref(), groups, &mut take)?;
            }
        }
        Ok(())
    }

    fn loose(
        &self,
        connection: &Connection,
        groups: &mut Groups,
        take: &mut impl FnMut(&Seen),
    ) -> Result<(), FileError> {
        let mut statement = connection.prepare_cached("SELECT facts FROM loose")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let ledger = read_ledger(row.get_ref(0)?.as_blob().map_err(|_| damaged())?)?;
            if !ledger.holder.is_counted(self.reach) {
                continue;
            }
            for fact in ledger.facts.iter().filter(|fact| self.measures.contains(&fact.measure)) {
                let name = self.by.and_then(|by| fact.names[by as usize].as_deref());
                take(&Seen::of(fact, groups.number(name)));
            }
        }
        Ok(())
    }

    fn block(
        &self,
        columns: &Columns<'_>,
        places: Option<&Places>,
        groups: &mut Groups,
        take: &mut impl FnMut(&Seen),
    ) -> Result<(), FileError> {
        let named = self.by.map(|by| columns.part(Part::Name(by)));
        let numbers: Vec<usize> = match named {
            None => Vec::new(),
            // Names that other dimensions tell become groups that stay empty; they are left out in the end.
            Some(_) => columns.names.iter().map(|name| groups.number(Some(name))).collect(),
        };
        let [ticket, began, ended, value, missed_after, outcome, flags] = [
            Part::Ticket,
            Part::Began,
            Part::Ended,
            Part::Value,
            Part::MissedAfter,
            Part::Outcome,
            Part::Flags,
        ]
        .map(|part| columns.part(part));
        for place in 0..columns.len {
            if let Some(places) = places
                && !places.has(ticket.get(place).ok_or_else(damaged)?)
            {
                continue;
            }
            let group = match named.and_then(|named| named.get(place)) {
                None => 0,
                Some(number) => *numbers.get(number as usize).ok_or_else(damaged)?,
            };
            let outcome = outcome.get(place).and_then(|number| Outcome::of(number as u64));
            take(&Seen {
                outcome: outcome.ok_or_else(damaged)?,
                flags: Flags(flags.get(place).unwrap_or_default() as u8),
                began: Timestamp(began.get(place).ok_or_else(damaged)?),
                ended: ended.get(place).map(Timestamp),
                value_s: value.get(place).unwrap_or_default(),
                missed_after: missed_after.get(place).map(Timestamp),
                group,
            });
        }
        Ok(())
    }
}
