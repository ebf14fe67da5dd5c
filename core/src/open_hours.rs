//! Open hours: how much business time lies between two instants, and when so much of it has passed.
//!
//! A shift opens and closes when the clocks of the schedule's zone show its times: at the earlier instant if they show one
//! twice, and if they skip it when they would have shown it had they not been moved. It belongs to the day on which it
//! opens, also past midnight, and does not open on a holiday.
//! Source: docs/adr/0026-open-hours.md, PRODUCT section 6, promise T4.

mod block;
#[cfg(test)]
mod tests;

use crate::settings::Schedule;
use crate::settings::schedule::Weekday;
use crate::time::{DurationMs, Timestamp};
use block::{Block, Week};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The release of the time zone database that is compiled in.
pub const TZDATA: &str = chrono_tz::IANA_TZDB_VERSION;

/// How far ahead is looked for open time. A target that needs longer never falls due. Unit: milliseconds; 100 years.
const HORIZON_MS: i64 = 100 * 366 * DAY_MS;

/// Unit: milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Open time is counted in blocks of this length from 1970 on, each worked out once. Unit: milliseconds.
const BLOCK_MS: i64 = 64 * DAY_MS;

/// Blocks that are kept: until 2145. Any other is worked out each time.
const BLOCKS_KEPT: usize = 1000;

/// The open hours of one version of a schedule. It never changes; what it works out it keeps.
#[derive(Debug)]
pub struct OpenHours {
    week: Week,
    blocks: Box<[OnceLock<Block>]>,
}

impl OpenHours {
    /// The open hours that a schedule describes. A zone that this release does not know counts as UTC: schedules are
    /// checked when they are saved, so that only one of a newer release can have one.
    pub fn of(schedule: &Schedule) -> Self {
        let zone = schedule.zone.as_str().parse().unwrap_or(Tz::UTC);
        let mut shifts = [const { Vec::new() }; 7];
        for shift in &schedule.shifts {
            let milliseconds = |minutes: u32| i64::from(minutes) * 60 * 1000;
            shifts[shift.day as usize].push(milliseconds(shift.opens_min)..milliseconds(shift.closes_min));
        }
        let holidays = schedule.holidays.iter().map(|holiday| holiday.date.days_since_1970()).collect();
        let blocks = (0..BLOCKS_KEPT).map(|_| OnceLock::new()).collect();
        Self { week: Week { zone, shifts, holidays }, blocks }
    }

    /// The open time from one instant to another; negative if the second lies before the first.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> DurationMs {
        if until < from {
            return DurationMs(-self.between(until, from).0);
        }
        let (first, last) = (from.0.div_euclid(BLOCK_MS), until.0.div_euclid(BLOCK_MS));
        let whole: i64 = (first..last).map(|number| self.block(number).open_ms()).sum();
        DurationMs(whole + self.block(last).open_until(until.0) - self.block(first).open_until(from.0))
    }

    /// The first instant by which a span of open time has passed: when a target of that length is due.
    ///
    /// The same instant for a span that is not positive; none if it takes more than a century.
    pub fn used_up(&self, from: Timestamp, span: DurationMs) -> Option<Timestamp> {
        if span.0 <= 0 {
            return Some(from);
        }
        self.find(from, span.0, Block::reached)
    }

    /// The last instant by which no more than a span of open time has passed: a target of that length is missed right
    /// after it. It lies behind [`OpenHours::used_up`] by the time that is closed then.
    pub fn kept_until(&self, from: Timestamp, span: DurationMs) -> Option<Timestamp> {
        if span.0 < 0 {
            return Some(from);
        }
        self.find(from, span.0, Block::exceeded)
    }

    /// Walks from block to block until one holds what is looked for.
    fn find(&self, from: Timestamp, span: i64, within: fn(&Block, i64) -> Option<i64>) -> Option<Timestamp> {
        let mut number = from.0.div_euclid(BLOCK_MS);
        let last = from.0.saturating_add(HORIZON_MS).min(Timestamp::MAX.0).div_euclid(BLOCK_MS);
        // Counted from the beginning of the block.
        let mut left = span.saturating_add(self.block(number).open_until(from.0));
        while number <= last {
            let block = self.block(number);
            if let Some(found) = within(&block, left) {
                return Timestamp::from_millis(found).ok();
            }
            left -= block.open_ms();
            number += 1;
        }
        None
    }

    fn block(&self, number: i64) -> Cow<'_, Block> {
        let begins = number * BLOCK_MS;
        let work_out = || Block::of(&self.week, begins, begins + BLOCK_MS);
        let kept = usize::try_from(number).ok().and_then(|number| self.blocks.get(number));
        kept.map_or_else(|| Cow::Owned(work_out()), |kept| Cow::Borrowed(kept.get_or_init(work_out)))
    }
}

/// The place of a day in the week. Monday is 0.
const fn weekday(days_since_1970: i64) -> usize {
    // 1970 began on a Thursday.
    (days_since_1970 + Weekday::Thursday as i64).rem_euclid(7) as usize
}
