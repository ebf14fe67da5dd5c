//! Gathers facts by group and period, and makes figures of them.

use super::answer::{Asked, CELLS_MAX, Placed, Told};
use super::name::ReportName;
use super::read::Seen;
use crate::ledger::{Flags, Outcome};
use crate::metrics::figures::round;
use crate::metrics::report::Figures;
use docket_core::time::Timestamp;

/// What is gathered of one group in one period.
#[derive(Clone, Default)]
pub(super) struct Cell {
    seconds: Vec<i64>,
    outcomes: [u64; Outcome::ALL.len()],
    overdue: u64,
    flags: [u64; 8],
    asked_and_rated: u64,
    came: u64,
    left: u64,
    /// How many more, or fewer, are open at the end of this period than at the end of the one before.
    pub(super) more_open: i64,
}

impl Cell {
    fn take(&mut self, seen: &Seen, now: Timestamp) {
        let overdue =
            seen.outcome == Outcome::Running && seen.missed_after.is_some_and(|instant| instant < now);
        if overdue {
            self.overdue += 1;
        } else {
            self.outcomes[seen.outcome as usize] += 1;
        }
        if seen.outcome.is_measured() {
            self.seconds.push(seen.value_s);
        }
        // Whether it was reopened says something of a resolution only.
        if seen.flags.0 != 0 && !seen.outcome.is_open() && seen.outcome != Outcome::Merged {
            let mut bits = seen.flags.0;
            while bits != 0 {
                self.flags[bits.trailing_zeros() as usize] += 1;
                bits &= bits - 1;
            }
            let rated = matches!(seen.outcome, Outcome::Good | Outcome::Bad);
            self.asked_and_rated += u64::from(rated && seen.flags.has(Flags::ASKED));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.seconds.extend_from_slice(&other.seconds);
        self.outcomes.iter_mut().zip(other.outcomes).for_each(|(sum, more)| *sum += more);
        self.flags.iter_mut().zip(other.flags).for_each(|(sum, more)| *sum += more);
        self.overdue += other.overdue;
        self.asked_and_rated += other.asked_and_rated;
        self.came += other.came;
        self.left += other.left;
        self.more_open += other.more_open;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.outcomes.iter().all(|count| *count == 0) && self.overdue + self.came + self.left == 0
    }

    fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }

    pub(super) fn told(self, report: ReportName, open_before: i64) -> Told {
        let mut told = Told::default();
        for outcome in report.outcomes() {
            told.counts.insert(outcome.as_str(), self.count(*outcome));
        }
        for (name, flag) in report.flags() {
            told.counts.insert(name, self.flags[flag.trailing_zeros() as usize]);
        }
        told.open = self.count(Outcome::Open) + self.count(Outcome::Running) + self.overdue;
        let (met, missed) = (self.count(Outcome::Met), self.count(Outcome::Missed));
        let (good, bad) = (self.count(Outcome::Good), self.count(Outcome::Bad));
        let flagged = |flag: u8| self.flags[flag.trailing_zeros() as usize];
        let measured = self.seconds.len() as u64;
        match report {
            ReportName::Satisfaction => {
                told.n = good + bad;
                told.counts.insert("asked_and_rated", self.asked_and_rated);
                told.rates.insert("satisfied", share(good, good + bad));
                told.rates.insert("response", share(self.asked_and_rated, flagged(Flags::ASKED)));
            }
            ReportName::Activity => told.n = told.counts.values().sum(),
            ReportName::Backlog => {
                told.n = self.came;
                told.counts.insert("ended", self.left);
                told.open = u64::try_from(open_before + self.more_open).unwrap_or_default();
            }
            ReportName::FirstResolution => {
                told.rates.insert("reopened", share(flagged(Flags::REOPENED), measured));
            }
            ReportName::FullResolution => {
                told.rates.insert("one_touch", share(flagged(Flags::ONE_TOUCH), measured));
                told.rates.insert("first_contact", share(flagged(Flags::FIRST_CONTACT), measured));
            }
            ReportName::HandOver => {
                let escalations = measured + told.open + self.count(Outcome::Merged);
                told.counts.insert("escalations", escalations);
            }
            ReportName::SlaFirstResponse
            | ReportName::SlaNextReply
            | ReportName::SlaRequesterWait
            | ReportName::SlaAgentWork
            | ReportName::SlaResolution => {
                told.counts.insert("running", self.count(Outcome::Running));
                told.counts.insert("running_missed", self.overdue);
                told.rates.insert("met", share(met, met + missed));
            }
            ReportName::FirstResponse
            | ReportName::NextReply
            | ReportName::Response
            | ReportName::RequesterWait
            | ReportName::AgentWork => {}
        }
        if report.measures_time() {
            told.negative = Some(self.seconds.iter().filter(|seconds| **seconds < 0).count() as u64);
            let figures = Figures::over(self.seconds);
            (told.n, told.sum_s, told.mean_s) = (figures.n, Some(figures.sum_s), figures.mean_s);
            (told.p50_s, told.p90_s, told.p95_s) = (figures.p50_s, figures.p90_s, figures.p95_s);
        }
        told
    }
}

/// A share to four places; none of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| round(part as f64 / whole as f64, 4))
}

/// What is gathered, by group and period.
pub(super) struct Gathering<'a> {
    asked: &'a Asked,
    /// By group, then by period.
    pub(super) cells: Vec<Vec<Cell>>,
    /// The period of the fact before: facts come nearly in the order of time.
    last: usize,
    /// How many cells there are.
    taken: usize,
}

impl<'a> Gathering<'a> {
    pub(super) const fn of(asked: &'a Asked) -> Self {
        Self { asked, cells: Vec::new(), last: 0, taken: 0 }
    }

    pub(super) fn periods(&self) -> usize {
        self.asked.bounds.len().saturating_sub(1)
    }

    /// The cell of a group and a period; none once there are too many.
    fn cell(&mut self, group: usize, period: usize) -> Option<&mut Cell> {
        let periods = self.periods();
        if self.cells.len() <= group {
            self.cells.resize_with(group + 1, Vec::new);
        }
        if self.cells[group].is_empty() {
            self.taken += periods;
            if self.is_too_fine() {
                return None;
            }
            self.cells[group].resize_with(periods, Cell::default);
        }
        self.cells[group].get_mut(period)
    }

    fn change(&mut self, group: usize, period: usize, change: impl FnOnce(&mut Cell)) {
        if let Some(cell) = self.cell(group, period) {
            change(cell);
        }
    }

    pub(super) fn take(&mut self, seen: &Seen) {
        if self.asked.report == ReportName::Backlog {
            return self.take_spell(seen);
        }
        let Some(period) = self.period(seen) else { return };
        let now = self.asked.now;
        self.change(seen.group, period, |cell| cell.take(seen, now));
    }

    fn period(&mut self, seen: &Seen) -> Option<usize> {
        let at = match self.asked.placed {
            Placed::Began => seen.began,
            Placed::Ended => seen.ended?,
        };
        let within = |bounds: &[Timestamp]| bounds[0] <= at && at < bounds[1];
        if !self.asked.bounds.get(self.last..self.last + 2).is_some_and(within) {
            self.last = self.asked.period_at(at)?;
        }
        Some(self.last)
    }

    /// A stretch that a ticket was open counts where it began, where it ended, and at each end of a period between.
    fn take_spell(&mut self, seen: &Seen) {
        if let Some(period) = self.asked.period_at(seen.began) {
            self.change(seen.group, period, |cell| cell.came += 1);
        }
        if let Some(period) = seen.ended.and_then(|ended| self.asked.period_at(ended)) {
            self.change(seen.group, period, |cell| cell.left += 1);
        }
        // Just before an end: what ends with it is still open, what begins with it is not.
        let ends = &self.asked.bounds[1..];
        let first = ends.partition_point(|end| *end <= seen.began);
        let after = seen.ended.map_or(ends.len(), |ended| ends.partition_point(|end| *end <= ended));
        if first < after {
            let periods = self.periods();
            self.change(seen.group, first, |cell| cell.more_open += 1);
            if after < periods {
                self.change(seen.group, after, |cell| cell.more_open -= 1);
            }
        }
    }

    pub(super) fn is_too_fine(&self) -> bool {
        self.taken > CELLS_MAX
    }
}
