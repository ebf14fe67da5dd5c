//! How facts are written: those of a single ticket one after the other, those of many in columns.
//!
//! A column keeps whole numbers that may be missing, each as its distance from the smallest, in as few bytes as the largest
//! distance needs. Names are numbered within a block. Source: docs/adr/0028-report-columns.md.

use super::FileError;
use crate::holder::Holder;
use crate::ledger::{Dimension, Fact, Flags, Ledger, Measure, Outcome};
use compact_str::CompactString;
use docket_core::names::{ActorId, GlobalPosition, Slug};
use docket_core::time::Timestamp;
use std::collections::HashMap;

/// A column of a block of facts of one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The ticket's place within the block.
    Ticket,
    /// When it began. Unit: milliseconds since 1970.
    Began,
    /// When it ended. Unit: as above.
    Ended,
    /// What counts. Unit: seconds.
    Value,
    /// When a running target is missed. Unit: milliseconds since 1970.
    MissedAfter,
    /// The number of the outcome.
    Outcome,
    /// The bits of the flags.
    Flags,
    /// The number of a name within the block.
    Name(Dimension),
}

/// The columns of a block of facts that figures are computed from.
const FIGURES: usize = 7 + Dimension::ALL.len();

impl Part {
    const fn place(self) -> usize {
        match self {
            Self::Ticket => 0,
            Self::Began => 1,
            Self::Ended => 2,
            Self::Value => 3,
            Self::MissedAfter => 4,
            Self::Outcome => 5,
            Self::Flags => 6,
            Self::Name(dimension) => 7 + dimension as usize,
        }
    }
}

pub(crate) fn damaged() -> FileError {
    FileError::Damaged("the facts beside its rows cannot be read".into())
}

/// A column to be read.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a> {
    /// Bytes of each number; none where all are missing.
    width: usize,
    base: u64,
    bytes: &'a [u8],
}

impl Column<'_> {
    /// The number at a place; places beyond the end hold none.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<i64> {
        let bytes = self.bytes;
        let code = match self.width {
            0 => return None,
            1 => u64::from(*bytes.get(place)?),
            2 => u64::from(u16::from_le_bytes(*bytes.get(place * 2..)?.first_chunk()?)),
            4 => u64::from(u32::from_le_bytes(*bytes.get(place * 4..)?.first_chunk()?)),
            _ => u64::from_le_bytes(*bytes.get(place * 8..)?.first_chunk()?),
        };
        (code != 0).then(|| self.base.wrapping_add(code - 1).cast_signed())
    }
}

/// A block of columns to be read: how many rows, the names, the columns.
pub(crate) struct Columns<'a> {
    /// How many facts, or tickets.
    pub(crate) len: usize,
    /// The names that the columns tell by their number.
    pub(crate) names: Vec<&'a str>,
    columns: Vec<Column<'a>>,
}

impl<'a> Columns<'a> {
    /// Reads the heads of a block's columns.
    pub(crate) fn of(mut bytes: &'a [u8], columns: usize) -> Result<Self, FileError> {
        let bytes = &mut bytes;
        let len = whole(bytes)? as usize;
        let names = (0..whole(bytes)?).map(|_| text(bytes)).collect::<Result<Vec<_>, _>>()?;
        let mut read = Vec::with_capacity(columns);
        for _ in 0..columns {
            let width = usize::from(*take(bytes, 1)?.first().ok_or_else(damaged)?);
            if ![0, 1, 2, 4, 8].contains(&width) {
                return Err(damaged());
            }
            let base = u64::from_le_bytes(*take(bytes, 8)?.first_chunk().ok_or_else(damaged)?);
            let length = width.checked_mul(len).ok_or_else(damaged)?;
            read.push(Column { width, base, bytes: take(bytes, length)? });
        }
        if bytes.is_empty() { Ok(Self { len, names, columns: read }) } else { Err(damaged()) }
    }

    /// Reads the columns that figures are computed from.
    pub(crate) fn figures(bytes: &'a [u8]) -> Result<Self, FileError> {
        Self::of(bytes, FIGURES)
    }

    /// One of the columns that figures are computed from.
    pub(crate) fn part(&self, part: Part) -> Column<'a> {
        self.columns[part.place()]
    }

    /// Reads the columns of positions.
    pub(crate) fn positions(bytes: &'a [u8]) -> Result<Self, FileError> {
        Self::of(bytes, 2)
    }

    /// Reads the columns of holders.
    pub(crate) fn holders(bytes: &'a [u8]) -> Result<Self, FileError> {
        Self::of(bytes, 3)
    }

    /// One of a few columns.
    pub(crate) fn at(&self, place: usize) -> Column<'a> {
        self.columns[place]
    }

    /// The name that a column tells at a place.
    pub(crate) fn name(&self, column: Column<'_>, place: usize) -> Result<Option<&'a str>, FileError> {
        let Some(number) = column.get(place) else { return Ok(None) };
        let name = usize::try_from(number).ok().and_then(|number| self.names.get(number));
        name.map(|name| Some(*name)).ok_or_else(damaged)
    }

    /// The ticket's place in the block and the fact at a place, without its positions.
    pub(crate) fn fact(&self, measure: Measure, place: usize) -> Result<(u16, Fact), FileError> {
        let number = |part| self.part(part).get(place);
        let instant = |part| number(part).map(Timestamp);
        let mut names = [const { None }; Dimension::ALL.len()];
        for dimension in Dimension::ALL {
            let name = self.name(self.part(Part::Name(dimension)), place)?;
            names[dimension as usize] = name.map(CompactString::new);
        }
        let outcome = number(Part::Outcome).and_then(|number| Outcome::of(number as u64));
        let ticket = number(Part::Ticket).and_then(|ticket| u16::try_from(ticket).ok());
        let fact = Fact {
            measure,
            outcome: outcome.ok_or_else(damaged)?,
            flags: Flags(number(Part::Flags).unwrap_or_default() as u8),
            began: instant(Part::Began).ok_or_else(damaged)?,
            ended: instant(Part::Ended),
            value_s: number(Part::Value).unwrap_or_default(),
            missed_after: instant(Part::MissedAfter),
            names,
            began_position: None,
            ended_position: None,
        };
        Ok((ticket.ok_or_else(damaged)?, fact))
    }
}

/// Numbers names in the order in which they come.
#[derive(Default)]
struct Numbering<'a> {
    numbers: HashMap<&'a str, i64>,
    names: Vec<&'a str>,
}

impl<'a> Numbering<'a> {
    fn number(&mut self, name: Option<&'a str>) -> Option<i64> {
        let name = name?;
        let next = self.names.len() as i64;
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
        }
        Some(number)
    }
}

/// Writes columns with the names that they tell by number.
fn write(len: usize, names: &[&str], columns: &[Vec<Option<i64>>]) -> Vec<u8> {
    let mut out = Vec::new();
    put_whole(&mut out, len as u64);
    put_whole(&mut out, names.len() as u64);
    names.iter().for_each(|name| put_text(&mut out, name));
    for column in columns {
        let least = column.iter().flatten().min().copied().unwrap_or_default().cast_unsigned();
        let code =
            |value: &Option<i64>| value.map_or(0, |value| value.cast_unsigned().wrapping_sub(least) + 1);
        let width = match column.iter().map(code).max().unwrap_or_default() {
            0 => 0,
            1..=0xff => 1,
            0x100..=0xffff => 2,
            0x1_0000..=0xffff_ffff => 4,
            0x1_0000_0000.. => 8,
        };
        out.push(width as u8);
        out.extend_from_slice(&least.to_le_bytes());
        column.iter().for_each(|value| out.extend_from_slice(&code(value).to_le_bytes()[..width]));
    }
    out
}

/// The facts of one measure in columns: those that figures are computed from, and their positions.
pub(super) fn write_facts(facts: &[(u16, &Fact)]) -> (Vec<u8>, Vec<u8>) {
    let mut numbering = Numbering::default();
    let mut columns = vec![Vec::new(); FIGURES];
    let mut positions = vec![Vec::new(); 2];
    for (ticket, fact) in facts {
        let plain = [
            Some(i64::from(*ticket)),
            Some(fact.began.0),
            fact.ended.map(|ended| ended.0),
            Some(fact.value_s),
            fact.missed_after.map(|missed| missed.0),
            Some(fact.outcome as i64),
            Some(i64::from(fact.flags.0)),
        ];
        let named = fact.names.iter().map(|name| numbering.number(name.as_deref()));
        for (column, value) in columns.iter_mut().zip(plain.into_iter().chain(named)) {
            column.push(value);
        }
        for (column, position) in positions.iter_mut().zip([fact.began_position, fact.ended_position]) {
            column.push(position.map(|position| position.0.cast_signed()));
        }
    }
    let figures = write(facts.len(), &numbering.names, &columns);
    (figures, write(facts.len(), &[], &positions))
}

/// Whose the tickets of a block are, in columns.
pub(super) fn write_holders(holders: &[(u16, &Holder)]) -> Vec<u8> {
    let mut numbering = Numbering::default();
    let mut columns = vec![Vec::new(); 3];
    for (ticket, holder) in holders {
        columns[0].push(Some(i64::from(*ticket)));
        columns[1].push(numbering.number(holder.team.as_ref().map(Slug::as_str)));
        columns[2].push(numbering.number(holder.assignee.as_ref().map(ActorId::as_str)));
    }
    write(holders.len(), &numbering.names, &columns)
}

/// Whose a ticket is, by two names.
pub(super) fn holder(team: Option<&str>, assignee: Option<&str>) -> Result<Holder, FileError> {
    let team = team.map(Slug::new).transpose().map_err(|_| damaged())?;
    let assignee = assignee.map(ActorId::new).transpose().map_err(|_| damaged())?;
    Ok(Holder { team, assignee })
}

/// The facts of one ticket.
pub(super) fn write_ledger(ledger: &Ledger) -> Vec<u8> {
    let mut numbering = Numbering::default();
    let mut body = Vec::new();
    let mut name = |body: &mut Vec<u8>, name| {
        put_whole(body, numbering.number(name).map_or(0, |number| number.cast_unsigned() + 1));
    };
    name(&mut body, ledger.holder.team.as_ref().map(Slug::as_str));
    name(&mut body, ledger.holder.assignee.as_ref().map(ActorId::as_str));
    put_whole(&mut body, ledger.facts.len() as u64);
    for fact in &ledger.facts {
        body.extend([fact.measure as u8, fact.outcome as u8, fact.flags.0]);
        put_number(&mut body, Some(fact.began.0));
        put_number(&mut body, fact.ended.map(|ended| ended.0));
        put_number(&mut body, Some(fact.value_s));
        put_number(&mut body, fact.missed_after.map(|missed| missed.0));
        fact.names.iter().for_each(|named| name(&mut body, named.as_deref()));
        for position in [fact.began_position, fact.ended_position] {
            put_whole(&mut body, position.map_or(0, |position| position.0));
        }
    }
    let mut out = Vec::with_capacity(body.len() + 64);
    put_whole(&mut out, numbering.names.len() as u64);
    numbering.names.iter().for_each(|name| put_text(&mut out, name));
    out.extend_from_slice(&body);
    out
}

/// Reads [`write_ledger`] back.
pub(crate) fn read_ledger(mut bytes: &[u8]) -> Result<Ledger, FileError> {
    let bytes = &mut bytes;
    let names = (0..whole(bytes)?).map(|_| text(bytes)).collect::<Result<Vec<_>, _>>()?;
    let name = |bytes: &mut &[u8]| match whole(bytes)? {
        0 => Ok(None),
        number => names.get(number as usize - 1).copied().map(Some).ok_or_else(damaged),
    };
    let holder = holder(name(bytes)?, name(bytes)?)?;
    let count = whole(bytes)?;
    let mut facts = Vec::new();
    for _ in 0..count {
        let [measure, outcome, flags] = *take(bytes, 3)?.first_chunk().ok_or_else(damaged)?;
        let mut fact = Fact {
            measure: Measure::of(u64::from(measure)).ok_or_else(damaged)?,
            outcome: Outcome::of(u64::from(outcome)).ok_or_else(damaged)?,
            flags: Flags(flags),
            began: Timestamp(number(bytes)?.ok_or_else(damaged)?),
            ended: number(bytes)?.map(Timestamp),
            value_s: number(bytes)?.ok_or_else(damaged)?,
            missed_after: number(bytes)?.map(Timestamp),
            names: [const { None }; Dimension::ALL.len()],
            began_position: None,
            ended_position: None,
        };
        for dimension in Dimension::ALL {
            fact.names[dimension as usize] = name(bytes)?.map(CompactString::new);
        }
        let position = |bytes: &mut &[u8]| Ok::<_, FileError>(Some(GlobalPosition(whole(bytes)?)));
        fact.began_position = position(bytes)?.filter(|position| position.0 > 0);
        fact.ended_position = position(bytes)?.filter(|position| position.0 > 0);
        facts.push(fact);
    }
    if bytes.is_empty() { Ok(Ledger { holder, facts }) } else { Err(damaged()) }
}

fn put_whole(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A number that may be missing: the sign in the last bit, so that small ones stay short.
fn put_number(out: &mut Vec<u8>, value: Option<i64>) {
    match value {
        None => out.push(0),
        Some(value) => {
            out.push(1);
            put_whole(out, (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned());
        }
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_whole(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], FileError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    Ok(taken)
}

fn whole(bytes: &mut &[u8]) -> Result<u64, FileError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(damaged())
}

fn number(bytes: &mut &[u8]) -> Result<Option<i64>, FileError> {
    match take(bytes, 1)?[0] {
        0 => Ok(None),
        _ => {
            let code = whole(bytes)?;
            Ok(Some((code >> 1).cast_signed() ^ -((code & 1).cast_signed())))
        }
    }
}

fn text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, FileError> {
    let length = usize::try_from(whole(bytes)?).map_err(|_| damaged())?;
    std::str::from_utf8(take(bytes, length)?).map_err(|_| damaged())
}

#[cfg(test)]
mod tests;
