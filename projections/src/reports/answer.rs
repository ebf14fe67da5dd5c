//! Figures of a report: by group and by period, over all facts within a reach. Definitions: docs/METRICS.md.

use super::METRICS_VERSION;
use super::gather::{Cell, Gathering};
pub use super::name::ReportName;
use super::read::{Groups, Looks, Scan, Seen};
use crate::ledger::Dimension;
use crate::metrics::report::NONE;
use crate::read_model::FileError;
use crate::read_model::file::checkpoint;
use docket_core::access::Reach;
use docket_core::names::GlobalPosition;
use docket_core::time::Timestamp;
use rusqlite::Connection;
use serde::Serialize;
use std::collections::BTreeMap;

/// Groups times periods that one answer tells.
pub const CELLS_MAX: usize = 50_000;

/// By which instant a fact belongs to a range or a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// By when it began: what became of all that began then.
    Began,
    /// By when it ended: all that was done then.
    Ended,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which report.
    pub report: ReportName,
    /// Grouped by what.
    pub by: Option<Dimension>,
    /// By which instant facts are placed.
    pub placed: Placed,
    /// Where periods begin, and where the last one ends: at least two instants, ascending. Half-open.
    pub bounds: Vec<Timestamp>,
    /// Whether each period is told, or all of them together only.
    pub trend: bool,
    /// The instant as of which a running target is judged.
    pub now: Timestamp,
}

impl Asked {
    /// The period that a fact belongs to, if any.
    pub(super) fn period(&self, seen: &Seen) -> Option<usize> {
        let at = match self.placed {
            Placed::Began => seen.began,
            Placed::Ended => seen.ended?,
        };
        self.period_at(at)
    }

    pub(super) fn period_at(&self, at: Timestamp) -> Option<usize> {
        let after = self.bounds.partition_point(|bound| *bound <= at);
        (after < self.bounds.len()).then(|| after.checked_sub(1)).flatten()
    }

    /// What of facts the figures depend on.
    fn looks_at(&self) -> Looks {
        let is_backlog = self.report == ReportName::Backlog;
        Looks {
            began: is_backlog || (self.placed == Placed::Began && self.bounds.len() > 2),
            ended: is_backlog || self.placed == Placed::Ended,
            value: self.report.measures_time(),
            flags: !self.report.flags().is_empty(),
            missed_after: self.report.is_of_targets(),
        }
    }

    /// The facts that may be wanted, by when they began.
    pub(super) fn began(&self) -> (Timestamp, Timestamp) {
        match (self.report, self.placed, self.bounds.as_slice()) {
            (ReportName::Backlog, _, _) | (_, Placed::Ended, _) | (_, _, []) => {
                (Timestamp::MIN, Timestamp(Timestamp::MAX.0 + 1))
            }
            (_, Placed::Began, [first, .., last]) => (*first, *last),
            (_, Placed::Began, [one]) => (*one, *one),
        }
    }
}

/// The figures of a group, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Told {
    /// How many: durations, ratings, deeds, or tickets that came.
    pub n: u64,
    /// How many have not ended; of the backlog how many were open at the end.
    pub open: u64,
    /// The sum of the durations. Unit: seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum_s: Option<i64>,
    /// Their mean, to the millisecond, half to even.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_s: Option<f64>,
    /// The median, by linear interpolation (type 7 of Hyndman and Fan, 1996).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_s: Option<f64>,
    /// The 90th percentile, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_s: Option<f64>,
    /// The 95th percentile, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_s: Option<f64>,
    /// How many of the durations are negative: an import's times step back. They count as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<u64>,
    /// What is counted beside them.
    pub counts: BTreeMap<&'static str, u64>,
    /// Shares, to four places; none of nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<&'static str, Option<f64>>,
}

/// The figures of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends: the first instant after it.
    pub until: Timestamp,
    /// Over all groups.
    pub all: Told,
    /// By group; those without any are left out.
    pub groups: BTreeMap<String, Told>,
}

/// The figures of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The position that it shows.
    pub position: GlobalPosition,
    /// Version of the definitions in docs/METRICS.md.
    pub definition: u32,
    /// Over all groups and periods.
    pub all: Told,
    /// By group, over all periods.
    pub groups: BTreeMap<String, Told>,
    /// By period, if that was asked for.
    pub periods: Vec<Period>,
}

/// There are too many groups and periods for one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {CELLS_MAX} groups and periods")]
pub struct TooFine;

/// Computes a report over the tickets within a reach.
///
/// # Errors
/// [`FileError`]; within it [`TooFine`] if there are more groups and periods than one answer tells.
pub fn answer(
    connection: &Connection,
    reach: &Reach,
    asked: &Asked,
) -> Result<Result<Answer, TooFine>, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let position = checkpoint(&transaction)?.position;
    let mut groups = Groups::default();
    let mut gathering = Gathering::of(asked);
    let scan = Scan {
        measures: asked.report.measures(),
        by: asked.by,
        reach,
        began: asked.began(),
        looks_at: asked.looks_at(),
    };
    scan.each(&transaction, &mut groups, |seen| gathering.take(seen))?;
    if gathering.is_too_fine() {
        return Ok(Err(TooFine));
    }
    let report = asked.report;
    let name = |group: usize| match group {
        0 => NONE.to_owned(),
        group => groups.names[group - 1].to_string(),
    };
    let periods = gathering.periods();
    let mut by_period = vec![Cell::default(); periods];
    let (mut all, mut told_groups) = (Cell::default(), BTreeMap::new());
    let mut told_periods = vec![BTreeMap::new(); periods];
    for (group, cells) in gathering.cells.into_iter().enumerate().filter(|(_, cells)| !cells.is_empty()) {
        let mut whole = Cell::default();
        let mut open = 0;
        for (period, cell) in cells.into_iter().enumerate() {
            whole.add(&cell);
            by_period[period].add(&cell);
            let open_before = open;
            open += cell.more_open;
            if asked.by.is_some() && asked.trend && (!cell.is_empty() || open != 0) {
                told_periods[period].insert(name(group), cell.told(report, open_before));
            }
        }
        if asked.by.is_some() && (!whole.is_empty() || whole.more_open != 0) {
            told_groups.insert(name(group), whole.told(report, 0));
        }
    }
    let mut open = 0;
    let mut answered = Vec::with_capacity(periods);
    for (period, (cell, groups)) in by_period.into_iter().zip(told_periods).enumerate() {
        all.add(&cell);
        let open_before = open;
        open += cell.more_open;
        if asked.trend {
            let (from, until) = (asked.bounds[period], asked.bounds[period + 1]);
            answered.push(Period { from, until, all: cell.told(report, open_before), groups });
        }
    }
    Ok(Ok(Answer {
        position,
        definition: METRICS_VERSION,
        all: all.told(report, 0),
        groups: told_groups,
        periods: answered,
    }))
}
