//! Goes through the facts of some measures: those told loosely one by one, those of sealed blocks column by column.

use crate::ledger::{Dimension, Fact, Flags, Measure, Outcome};
use crate::read_model::FileError;
use crate::read_model::blocks::{self, BLOCK_TICKETS, Holders, Sheet, block_of, place_in_block};
use crate::read_model::columns::{Column, Part, damaged, holder, read_some};
use compact_str::CompactString;
use docket_core::access::Reach;
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
        if let Some(holders) = Holders::of(connection, block)? {
            let [tickets, teams, people] = holders.columns()?;
            // The same names again and again: whether each is counted is asked once.
            let mut asked = HashMap::<(Option<i64>, Option<i64>), bool>::new();
            for place in 0..tickets.len {
                let numbers = (teams.get(place), people.get(place));
                let counts = match asked.get(&numbers) {
                    Some(counts) => *counts,
                    None => {
                        let holder = holder(teams.name(place)?, people.name(place)?)?;
                        let counts = holder.is_counted(self.reach);
                        asked.insert(numbers, counts);
                        counts
                    }
                };
                if counts {
                    let ticket = tickets.get(place).and_then(|at| u16::try_from(at).ok());
                    within.put(ticket.ok_or_else(damaged)?);
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
    /// What of each fact is looked at; what is not is told as if it were nothing.
    pub(super) looks_at: Looks,
}

/// What of facts is looked at, so that no other column is read.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    /// When exactly it began. If not, it is told as the first of its block where all of that lies within the range.
    pub(super) began: bool,
    /// When it ended.
    pub(super) ended: bool,
    /// The seconds that count.
    pub(super) value: bool,
    /// The flags.
    pub(super) flags: bool,
    /// When a running target is missed.
    pub(super) missed_after: bool,
}

/// A sealed block of facts: its measure, its number, and when the first and the last of them began.
type Block = (Measure, i64, Timestamp, Timestamp);

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
                "SELECT id, began_first, began_last FROM sealed
                 WHERE id >= ?1 AND id < ?2 AND began_last >= ?3 AND began_first < ?4 ORDER BY id",
            )?;
            let sheet = Sheet::Facts(*measure, Part::Outcome);
            let (first, end) = (sheet.id(0), sheet.end());
            let mut rows = statement.query((first, end, self.began.0.0, self.began.1.0))?;
            while let Some(row) = rows.next()? {
                let block = row.get::<_, i64>(0)? - first;
                let places = counted.places(connection, block)?;
                let block = (*measure, block, Timestamp(row.get(1)?), Timestamp(row.get(2)?));
                self.block(connection, block, places.as_ref(), groups, &mut take)?;
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
            let ledger = read_some(row.get_ref(0)?.as_blob().map_err(|_| damaged())?, self.measures)?;
            if ledger.holder.is_counted(self.reach) {
                for fact in &ledger.facts {
                    let name = self.by.and_then(|by| fact.names[by as usize].as_deref());
                    take(&Seen::of(fact, groups.number(name)));
                }
            }
        }
        Ok(())
    }

    fn block(
        &self,
        connection: &Connection,
        (measure, block, first, last): Block,
        places: Option<&Places>,
        groups: &mut Groups,
        take: &mut impl FnMut(&Seen),
    ) -> Result<(), FileError> {
        let sheet = |wanted: bool, part: Part| match wanted {
            false => Ok(None),
            true => {
                let sheet = blocks::sheet(connection, Sheet::Facts(measure, part), block)?;
                sheet.map(Some).ok_or_else(damaged)
            }
        };
        let looks = self.looks_at;
        let within = self.began.0 <= first && last < self.began.1;
        let sheets = [
            sheet(places.is_some(), Part::Ticket)?,
            sheet(looks.began || !within, Part::Began)?,
            sheet(looks.ended, Part::Ended)?,
            sheet(looks.value, Part::Value)?,
            sheet(looks.flags, Part::Flags)?,
            sheet(looks.missed_after, Part::MissedAfter)?,
            self.by.map_or(Ok(None), |by| sheet(true, Part::Name(by)))?,
        ];
        let outcomes = sheet(true, Part::Outcome)?.ok_or_else(damaged)?;
        let outcomes = Column::of(&outcomes)?;
        let [tickets, began, ended, values, flags, missed, named] = &sheets;
        let (tickets, began, ended) = (column(tickets)?, column(began)?, column(ended)?);
        let (values, flags, missed, named) =
            (column(values)?, column(flags)?, column(missed)?, column(named)?);
        let numbers: Vec<usize> =
            named.iter().flat_map(|named| &named.names).map(|name| groups.number(Some(name))).collect();
        let number =
            |column: &Option<Column<'_>>, place| column.as_ref().and_then(|column| column.get(place));
        for place in 0..outcomes.len {
            if let (Some(places), Some(tickets)) = (places, &tickets)
                && !places.has(tickets.get(place).ok_or_else(damaged)?)
            {
                continue;
            }
            let group = match number(&named, place) {
                None => 0,
                Some(number) => *numbers.get(number as usize).ok_or_else(damaged)?,
            };
            let outcome = outcomes.get(place).and_then(|number| Outcome::of(number as u64));
            take(&Seen {
                outcome: outcome.ok_or_else(damaged)?,
                flags: Flags(number(&flags, place).unwrap_or_default() as u8),
                began: number(&began, place).map_or(first, Timestamp),
                ended: number(&ended, place).map(Timestamp),
                value_s: number(&values, place).unwrap_or_default(),
                missed_after: number(&missed, place).map(Timestamp),
                group,
            });
        }
        Ok(())
    }
}

/// A column, if it was read.
fn column(sheet: &Option<Vec<u8>>) -> Result<Option<Column<'_>>, FileError> {
    sheet.as_deref().map(Column::of).transpose()
}
