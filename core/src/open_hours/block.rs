//! The open time of one stretch of the calendar, worked out once.

use super::{DAY_MS, weekday};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use std::ops::Range;

/// The clocks of no zone are moved twice within twice this; in release 2025b of the database the shortest time between two
/// moves is a week (Boa Vista, October 2000). Longer than any clock is ahead of UTC or behind it. Unit: milliseconds.
pub(super) const AROUND_MS: i64 = 36 * 60 * 60 * 1000;

/// The shifts of a week, as the clocks of a zone show them.
#[derive(Debug)]
pub(super) struct Week {
    pub(super) zone: Tz,
    /// By the day on which they open, Monday first. Unit: milliseconds since the day began by the clock.
    pub(super) shifts: [Vec<Range<i64>>; 7],
    /// Unit: days since 1970-01-01.
    pub(super) holidays: BTreeSet<i64>,
}

impl Week {
    /// How far the clocks are ahead of UTC at an instant. Unit: milliseconds.
    fn ahead(&self, at: i64) -> i64 {
        let utc = DateTime::from_timestamp_millis(at).unwrap_or_default().naive_utc();
        i64::from(self.zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1000
    }

    /// The instant at which the clocks show a time: the earlier if they show it twice, and if they skip it the one at which
    /// they would have shown it had they not been moved. Unit: milliseconds since 1970, by the clock.
    fn instant(&self, shown: i64) -> i64 {
        let (before, after) = (self.ahead(shown - AROUND_MS), self.ahead(shown + AROUND_MS));
        let (earlier, later) = (shown - before, shown - after);
        let moved_by_then = self.ahead(earlier) != before;
        if moved_by_then && self.ahead(later) == after { later } else { earlier }
    }
}

/// The open time of a stretch of the calendar.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// In their order, apart from each other.
    spans: Vec<Span>,
}

/// A stretch that is open all the time. Unit: milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: i64,
    until: i64,
    /// Open time of the block before it. Unit: milliseconds.
    before: i64,
}

impl Span {
    /// Open time of the block up to its end.
    const fn total(&self) -> i64 {
        self.before + self.until - self.from
    }
}

impl Block {
    pub(super) fn of(week: &Week, from: i64, until: i64) -> Self {
        let mut found = Vec::new();
        // What opened the day before may be open still, and the zone's day is not that of UTC.
        let days = (from - AROUND_MS).div_euclid(DAY_MS) - 1..=(until + AROUND_MS).div_euclid(DAY_MS);
        for day in days.filter(|day| !week.holidays.contains(day)) {
            for shift in &week.shifts[weekday(day)] {
                let [opens, closes] = [shift.start, shift.end].map(|at| week.instant(day * DAY_MS + at));
                let (opens, closes) = (opens.max(from), closes.min(until));
                if opens < closes {
                    found.push((opens, closes));
                }
            }
        }
        found.sort_unstable();
        let mut block = Self { spans: Vec::with_capacity(found.len()) };
        for (opens, closes) in found {
            block.push(opens, closes);
        }
        block
    }

    /// Adds a stretch that begins no earlier than the last, and makes one of both if they touch.
    fn push(&mut self, opens: i64, closes: i64) {
        match self.spans.last_mut() {
            Some(last) if opens <= last.until => last.until = last.until.max(closes),
            last => {
                let before = last.map_or(0, |last| last.total());
                self.spans.push(Span { from: opens, until: closes, before });
            }
        }
    }

    /// All its open time. Unit: milliseconds.
    pub(super) fn open_ms(&self) -> i64 {
        self.spans.last().map_or(0, Span::total)
    }

    /// Its open time up to an instant. Unit: milliseconds.
    pub(super) fn open_until(&self, at: i64) -> i64 {
        let begun = self.spans.partition_point(|span| span.from < at);
        let last = begun.checked_sub(1).map(|last| &self.spans[last]);
        last.map_or(0, |span| span.before + at.min(span.until) - span.from)
    }

    /// The first instant by which so much of its open time has passed.
    pub(super) fn reached(&self, open_ms: i64) -> Option<i64> {
        let place = self.spans.partition_point(|span| span.total() < open_ms);
        self.spans.get(place).map(|span| span.from + open_ms - span.before)
    }

    /// The last instant by which no more of its open time has passed.
    pub(super) fn exceeded(&self, open_ms: i64) -> Option<i64> {
        let place = self.spans.partition_point(|span| span.total() <= open_ms);
        self.spans.get(place).map(|span| span.from + open_ms - span.before)
    }
}
