//! How far an endpoint has got, and what waits for it: one line of events for each ticket, in the order of the log.
//!
//! Pure: what is due at an instant, and what follows when something got through or did not. The first of a line that
//! has not got through holds up those behind it and no others. There is room for so many lines and events; beyond it
//! nothing more is taken from the log, so nothing grows and nothing is lost (promise A2).

use super::backoff::wait_before;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Tickets of which something may wait for one endpoint.
pub const LINES_MAX: usize = 256;

/// Events that may wait for one endpoint.
pub const WAITING_MAX: usize = 2048;

/// Deliveries that may be under way to one endpoint.
pub const UNDER_WAY_MAX: usize = 8;

/// How long an event is tried, and how long an endpoint may fail before it is paused.
pub const GIVE_UP_AFTER: DurationMs = DurationMs::from_hours(24);

/// How far an endpoint has got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last position that was looked at: what it says was sent, waits here, or is not for this endpoint.
    pub cursor: GlobalPosition,
    /// The hash of the record there, in hexadecimal, by which a log is known again; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What waits, by ticket.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<TicketNumber, Line>,
    /// Since when nothing has got through, although something was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// When something got through last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<Failure>,
}

/// What waits of one ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The events, the first of which is tried.
    pub positions: BTreeSet<GlobalPosition>,
    /// How often the first one was tried.
    #[serde(default)]
    pub attempts: u32,
    /// When it was tried first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_since: Option<Timestamp>,
    /// When it is tried next; at once if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Which one is under way. Not kept: what was under way when the server ended is sent again.
    #[serde(skip)]
    pub under_way: Option<GlobalPosition>,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// What, as a stable name without internals.
    pub what: String,
}

/// An event to be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Of which ticket.
    pub ticket: TicketNumber,
    /// Where it is in the log.
    pub position: GlobalPosition,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is tried again.
    Retry,
    /// It has been tried for as long as anything is; those behind it go on without it.
    GivenUp {
        /// How often it was tried.
        attempts: u32,
        /// When it was tried first.
        since: Timestamp,
    },
}

impl Progress {
    /// Of an endpoint that is told what comes after a position.
    pub fn after(cursor: GlobalPosition) -> Self {
        Self {
            cursor,
            record: None,
            lines: BTreeMap::new(),
            failing_since: None,
            delivered_at: None,
            last_failure: None,
        }
    }

    /// Events that wait or are under way.
    pub fn waiting(&self) -> usize {
        self.lines.values().map(|line| line.positions.len()).sum()
    }

    /// Deliveries under way.
    pub fn under_way(&self) -> usize {
        self.lines.values().filter(|line| line.under_way.is_some()).count()
    }

    /// Events that may be taken before there is no room.
    pub fn room(&self) -> usize {
        let lines = LINES_MAX.saturating_sub(self.lines.len());
        lines.min(WAITING_MAX.saturating_sub(self.waiting()))
    }

    /// Looked at a position; if it is of a ticket, the event there waits to be sent.
    pub fn take(&mut self, position: GlobalPosition, record: String, ticket: Option<TicketNumber>) {
        (self.cursor, self.record) = (position, Some(record));
        if let Some(ticket) = ticket {
            self.lines.entry(ticket).or_default().positions.insert(position);
        }
    }

    /// Puts an event that was given up back into its line.
    pub fn put_back(&mut self, ticket: TicketNumber, position: GlobalPosition) {
        let line = self.lines.entry(ticket).or_default();
        if line.positions.first().is_none_or(|first| position < *first) {
            // It is first now, and gets its own time.
            (line.attempts, line.tried_since, line.next_at) = (0, None, None);
        }
        line.positions.insert(position);
    }

    /// What is to be sent at an instant, the oldest first; it counts as under way from now on.
    pub fn start(&mut self, now: Timestamp) -> Vec<Due> {
        let free = UNDER_WAY_MAX.saturating_sub(self.under_way());
        let is_due = |line: &Line| line.under_way.is_none() && line.next_at.is_none_or(|at| at <= now);
        let due = self.lines.iter().filter(|(_, line)| is_due(line));
        let due = due.filter_map(|(ticket, line)| Some((*line.positions.first()?, *ticket)));
        let mut due: Vec<_> = due.collect();
        due.sort_unstable();
        due.truncate(free);
        let due = due.into_iter().map(|(position, ticket)| {
            if let Some(line) = self.lines.get_mut(&ticket) {
                line.under_way = Some(position);
            }
            Due { ticket, position }
        });
        due.collect()
    }

    /// When the next one is due, if something waits that is not under way.
    pub fn next_at(&self) -> Option<Timestamp> {
        let waiting = self.lines.values().filter(|line| line.under_way.is_none());
        waiting.map(|line| line.next_at.unwrap_or(Timestamp::MIN)).min()
    }

    /// It got through.
    pub fn delivered(&mut self, due: Due, now: Timestamp) {
        (self.delivered_at, self.failing_since) = (Some(now), None);
        self.done_with(due);
    }

    /// It is not for this endpoint any more.
    pub fn done_with(&mut self, Due { ticket, position }: Due) {
        let Some(line) = self.lines.get_mut(&ticket) else { return };
        if line.positions.first() == Some(&position) {
            (line.attempts, line.tried_since, line.next_at) = (0, None, None);
        }
        line.positions.remove(&position);
        line.under_way = None;
        if line.positions.is_empty() {
            self.lines.remove(&ticket);
        }
    }

    /// It did not get through.
    pub fn failed(&mut self, due: Due, failure: Failure, jitter: &str) -> Verdict {
        let now = failure.at;
        self.failing_since.get_or_insert(now);
        self.last_failure = Some(failure);
        let Some(line) = self.lines.get_mut(&due.ticket) else { return Verdict::Retry };
        line.under_way = None;
        // Something older was put before it meanwhile, which is tried first.
        if line.positions.first() != Some(&due.position) {
            return Verdict::Retry;
        }
        let since = *line.tried_since.get_or_insert(now);
        line.attempts = line.attempts.saturating_add(1);
        let attempts = line.attempts;
        let next_at = now.plus(wait_before(attempts, jitter));
        // The last attempt is at the end of the time and not somewhere before it.
        let ends = since.plus(GIVE_UP_AFTER);
        if now >= ends {
            return Verdict::GivenUp { attempts, since };
        }
        line.next_at = Some(next_at.min(ends));
        Verdict::Retry
    }

    /// It was not tried after all.
    pub fn not_tried(&mut self, due: Due, again_at: Timestamp) {
        if let Some(line) = self.lines.get_mut(&due.ticket) {
            (line.under_way, line.next_at) = (None, Some(again_at));
        }
    }

    /// Whether nothing has got through for so long that the endpoint is left alone.
    pub fn has_failed_for_long(&self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| now.since(since) >= GIVE_UP_AFTER)
    }

    /// Begins anew with what waits: at once, with all the time there is.
    pub fn resume(&mut self) {
        self.failing_since = None;
        for line in self.lines.values_mut() {
            (line.attempts, line.tried_since, line.next_at) = (0, None, None);
        }
    }
}

#[cfg(test)]
mod tests;
