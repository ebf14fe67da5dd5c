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
    /// The number of a name within the column.
    Name(Dimension),
    /// The event that it began with.
    BeganPosition,
    /// The event that it ended with.
    EndedPosition,
}

/// Columns of one measure.
pub(super) const PARTS: usize = 9 + Dimension::ALL.len();

impl Part {
    pub(super) const fn place(self) -> usize {
        match self {
            Self::Ticket => 0,
            Self::Began => 1,
            Self::Ended => 2,
            Self::Value => 3,
            Self::MissedAfter => 4,
            Self::Outcome => 5,
            Self::Flags => 6,
            Self::BeganPosition => 7,
            Self::EndedPosition => 8,
            Self::Name(dimension) => 9 + dimension as usize,
        }
    }

    /// Every part, in the order of their places.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let plain = [
            Self::Ticket,
            Self::Began,
            Self::Ended,
            Self::Value,
            Self::MissedAfter,
            Self::Outcome,
            Self::Flags,
            Self::BeganPosition,
            Self::EndedPosition,
        ];
        plain.into_iter().chain(Dimension::ALL.into_iter().map(Self::Name))
    }

    /// What the column holds of a fact of a ticket.
    fn of<'a>(self, ticket: u16, fact: &'a Fact, numbering: &mut Numbering<'a>) -> Option<i64> {
        match self {
            Self::Ticket => Some(i64::from(ticket)),
            Self::Began => Some(fact.began.0),
            Self::Ended => fact.ended.map(|ended| ended.0),
            Self::Value => Some(fact.value_s),
            Self::MissedAfter => fact.missed_after.map(|missed| missed.0),
            Self::Outcome => Some(fact.outcome as i64),
            Self::Flags => Some(i64::from(fact.flags.0)),
            Self::BeganPosition => fact.began_position.map(|position| position.0.cast_signed()),
            Self::EndedPosition => fact.ended_position.map(|position| position.0.cast_signed()),
            Self::Name(dimension) => numbering.number(fact.names[dimension as usize].as_deref()),
        }
    }
}

pub(crate) fn damaged() -> FileError {
    FileError::Damaged("the facts beside its rows cannot be read".into())
}

/// Zeros at the end of a column, so that every number is read as eight bytes.
const PADDING: usize = 8;

/// A column to be read.
pub(crate) struct Column<'a> {
    /// How many facts, or tickets.
    pub(crate) len: usize,
    /// The names that it tells by their number.
    pub(crate) names: Vec<&'a str>,
    /// Bytes of each number; 0 where all are the same.
    width: usize,
    /// What of eight bytes belongs to a number.
    mask: u64,
    /// What the least code stands for.
    base: u64,
    /// Whether numbers may be missing: those of the code 0.
    gaps: bool,
    bytes: &'a [u8],
}

impl<'a> Column<'a> {
    /// Reads the head of a column.
    pub(crate) fn of(mut bytes: &'a [u8]) -> Result<Self, FileError> {
        let bytes = &mut bytes;
        let len = usize::try_from(whole(bytes)?).map_err(|_| damaged())?;
        let names = (0..whole(bytes)?).map(|_| text(bytes)).collect::<Result<Vec<_>, _>>()?;
        let [width, gaps] = *take(bytes, 2)?.first_chunk().ok_or_else(damaged)?;
        let base = u64::from_le_bytes(*take(bytes, 8)?.first_chunk().ok_or_else(damaged)?);
        let width = usize::from(width);
        let length = width.checked_mul(len).and_then(|length| length.checked_add(PADDING));
        if width > 8 || gaps > 1 || length != Some(bytes.len()) {
            return Err(damaged());
        }
        let mask = if width == 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
        Ok(Self { len, names, width, mask, base, gaps: gaps == 1, bytes })
    }

    /// The number at a place; places beyond the end hold none.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<i64> {
        let code = u64::from_le_bytes(*self.bytes.get(place * self.width..)?.first_chunk()?) & self.mask;
        if self.gaps {
            return (code != 0).then(|| self.base.wrapping_add(code - 1).cast_signed());
        }
        Some(self.base.wrapping_add(code).cast_signed())
    }

    /// The name that it tells at a place.
    pub(crate) fn name(&self, place: usize) -> Result<Option<&'a str>, FileError> {
        let Some(number) = self.get(place) else { return Ok(None) };
        let name = usize::try_from(number).ok().and_then(|number| self.names.get(number));
        name.map(|name| Some(*name)).ok_or_else(damaged)
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

/// Writes a column with the names that it tells by number.
fn write(names: &[&str], values: &[Option<i64>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() * 4 + 32);
    put_whole(&mut out, values.len() as u64);
    put_whole(&mut out, names.len() as u64);
    names.iter().for_each(|name| put_text(&mut out, name));
    let gaps = values.iter().any(Option::is_none);
    let least = values.iter().flatten().min().copied().unwrap_or_default().cast_unsigned();
    let code = |value: &Option<i64>| {
        value.map_or(0, |value| value.cast_unsigned().wrapping_sub(least) + u64::from(gaps))
    };
    let most = values.iter().map(code).max().unwrap_or_default();
    let width = (u64::BITS - most.leading_zeros()).div_ceil(8) as usize;
    out.extend([width as u8, u8::from(gaps)]);
    out.extend_from_slice(&least.to_le_bytes());
    values.iter().for_each(|value| out.extend_from_slice(&code(value).to_le_bytes()[..width]));
    out.extend([0; PADDING]);
    out
}

/// One column of the facts of one measure.
pub(super) fn write_part(part: Part, facts: &[(u16, &Fact)]) -> Vec<u8> {
    let mut numbering = Numbering::default();
    let values: Vec<_> = facts.iter().map(|(ticket, fact)| part.of(*ticket, fact, &mut numbering)).collect();
    write(&numbering.names, &values)
}

/// Whose the tickets of a block are: places, teams, people.
pub(super) fn write_holders(holders: &[(u16, &Holder)]) -> [Vec<u8>; 3] {
    let (mut teams, mut people) = (Numbering::default(), Numbering::default());
    let places: Vec<_> = holders.iter().map(|(ticket, _)| Some(i64::from(*ticket))).collect();
    let of_teams: Vec<_> =
        holders.iter().map(|(_, holder)| teams.number(holder.team.as_ref().map(Slug::as_str))).collect();
    let of_people: Vec<_> = holders
        .iter()
        .map(|(_, holder)| people.number(holder.assignee.as_ref().map(ActorId::as_str)))
        .collect();
    [write(&[], &places), write(&teams.names, &of_teams), write(&people.names, &of_people)]
}

/// Whose a ticket is, by two names.
pub(crate) fn holder(team: Option<&str>, assignee: Option<&str>) -> Result<Holder, FileError> {
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
    let mut one = Vec::new();
    for fact in &ledger.facts {
        one.clear();
        one.extend([fact.outcome as u8, fact.flags.0]);
        put_number(&mut one, Some(fact.began.0));
        put_number(&mut one, fact.ended.map(|ended| ended.0));
        put_number(&mut one, Some(fact.value_s));
        put_number(&mut one, fact.missed_after.map(|missed| missed.0));
        fact.names.iter().for_each(|named| name(&mut one, named.as_deref()));
        for position in [fact.began_position, fact.ended_position] {
            put_whole(&mut one, position.map_or(0, |position| position.0));
        }
        // With its length, so that whoever wants others passes over it.
        body.push(fact.measure as u8);
        put_whole(&mut body, one.len() as u64);
        body.extend_from_slice(&one);
    }
    let mut out = Vec::with_capacity(body.len() + 64);
    put_whole(&mut out, numbering.names.len() as u64);
    numbering.names.iter().for_each(|name| put_text(&mut out, name));
    out.extend_from_slice(&body);
    out
}

/// Reads [`write_ledger`] back.
pub(crate) fn read_ledger(bytes: &[u8]) -> Result<Ledger, FileError> {
    read_some(bytes, &Measure::ALL)
}

/// Reads what of a ledger is about some measures.
pub(crate) fn read_some(mut bytes: &[u8], measures: &[Measure]) -> Result<Ledger, FileError> {
    let bytes = &mut bytes;
    let names = (0..whole(bytes)?).map(|_| text(bytes)).collect::<Result<Vec<_>, _>>()?;
    let holder = holder(name(bytes, &names)?, name(bytes, &names)?)?;
    let count = whole(bytes)?;
    let mut facts = Vec::new();
    for _ in 0..count {
        let measure = Measure::of(u64::from(take(bytes, 1)?[0])).ok_or_else(damaged)?;
        let length = usize::try_from(whole(bytes)?).map_err(|_| damaged())?;
        let fact = take(bytes, length)?;
        if measures.contains(&measure) {
            facts.push(read_fact(measure, fact, &names)?);
        }
    }
    if bytes.is_empty() { Ok(Ledger { holder, facts }) } else { Err(damaged()) }
}

fn read_fact(measure: Measure, mut bytes: &[u8], names: &[&str]) -> Result<Fact, FileError> {
    let bytes = &mut bytes;
    let [outcome, flags] = *take(bytes, 2)?.first_chunk().ok_or_else(damaged)?;
    let mut fact = Fact {
        measure,
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
        fact.names[dimension as usize] = name(bytes, names)?.map(CompactString::new);
    }
    let position = |position| Some(GlobalPosition(position)).filter(|position| position.0 > 0);
    (fact.began_position, fact.ended_position) = (position(whole(bytes)?), position(whole(bytes)?));
    if bytes.is_empty() { Ok(fact) } else { Err(damaged()) }
}

fn name<'a>(bytes: &mut &[u8], names: &[&'a str]) -> Result<Option<&'a str>, FileError> {
    match whole(bytes)? {
        0 => Ok(None),
        number => {
            let place = usize::try_from(number - 1).map_err(|_| damaged())?;
            names.get(place).copied().map(Some).ok_or_else(damaged)
        }
    }
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
