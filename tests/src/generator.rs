//! Logs made to order: tickets as a support team sees them, of any number, the same for the same seed.
//!
//! Every event is decided by the rules and written down as the command handler writes it, only without a store
//! between: a million events take seconds. The clock is the log's own; nothing here asks the machine for the time.

mod desk;
mod life;
mod people;
#[cfg(test)]
mod tests;
mod texts;

use crate::random::Random;
use desk::{Case, Desk};
use docket_core::names::TicketNumber;
use docket_core::store::{AppendError, EVENTS_PER_APPEND_MAX, EventStore, Fact};
use docket_core::time::{DurationMs, Timestamp};
use std::collections::VecDeque;

/// What a log looks like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Decides everything that the rest leaves open.
    pub seed: u64,
    /// Tickets that are worked on at the same time, on average over a day.
    pub active: usize,
    /// Length of a message, on average. Unit: bytes.
    pub message_bytes: usize,
    /// When the log begins.
    pub began_at: Timestamp,
}

/// 2024-01-01T08:00:00Z, a Monday.
const BEGAN_AT: Timestamp = Timestamp(1_704_096_000_000);

/// Time from one step to the next, on average: with 120 active tickets each is touched every three hours.
const STEP: DurationMs = DurationMs::from_seconds(90);

impl Shape {
    /// The usual shape: about 120 tickets at a time and ten events to each.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, active: 120, message_bytes: 320, began_at: BEGAN_AT }
    }
}

/// An endless log; take as much of it as is wanted.
pub struct Generator {
    shape: Shape,
    desk: Desk,
    active: Vec<Case>,
    opened: u64,
    now: Timestamp,
    ready: VecDeque<Fact>,
}

impl Generator {
    /// The log of a shape, from its beginning.
    pub fn new(shape: Shape) -> Self {
        let desk = Desk::new(Random::new(shape.seed), shape.message_bytes);
        let (active, ready) = (Vec::new(), VecDeque::new());
        Self { shape, desk, active, opened: 0, now: shape.began_at, ready }
    }

    /// How many tickets have been opened so far.
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// One step: a ticket is opened, or something happens to one that is worked on.
    fn step(&mut self) {
        self.now = self.now.plus(DurationMs(self.desk.random.below(2 * STEP.0.unsigned_abs()).cast_signed()));
        if self.active.len() < self.wanted() {
            self.opened += 1;
            let mut case = Case::new(TicketNumber(self.opened));
            self.ready.extend(self.desk.open(&mut case, self.now));
            self.active.push(case);
            return;
        }
        let index = self.desk.random.index(self.active.len());
        let case = &mut self.active[index];
        self.ready.extend(self.desk.timers(case, self.now));
        match life::next(case, &mut self.desk) {
            Some(command) => self.ready.extend(self.desk.act(case, command, self.now)),
            None => drop(self.active.swap_remove(index)),
        }
    }

    /// How many tickets are worked on at this time of day: more from 8 to 20 o'clock than at night.
    fn wanted(&self) -> usize {
        let hour = self.now.0.div_euclid(3_600_000).rem_euclid(24);
        let share = if (8..20).contains(&hour) { 5 } else { 3 };
        (self.shape.active * share / 4).max(1)
    }
}

impl Iterator for Generator {
    type Item = Fact;

    fn next(&mut self) -> Option<Fact> {
        while self.ready.is_empty() {
            self.step();
        }
        self.ready.pop_front()
    }
}

/// A backlog: this many tickets, none of them resolved, each with one to three events of its own.
pub fn open_tickets(seed: u64, tickets: u64) -> impl Iterator<Item = Fact> {
    let shape = Shape::seeded(seed);
    let mut desk = Desk::new(Random::new(seed), shape.message_bytes);
    let mut now = shape.began_at;
    (1..=tickets).flat_map(move |number| {
        now = now.plus(DurationMs(desk.random.below(60_000).cast_signed()));
        let mut case = Case::new(TicketNumber(number));
        let mut facts = desk.open(&mut case, now);
        for command in life::shelve(&case, &mut desk) {
            now = now.plus(DurationMs(desk.random.below(20_000).cast_signed()));
            facts.extend(desk.act(&mut case, command, now));
        }
        facts
    })
}

/// One ticket with this many messages, from both sides in turn, after its opening and assignment.
pub fn conversation(seed: u64, number: TicketNumber, messages: usize) -> Vec<Fact> {
    let shape = Shape::seeded(seed);
    let mut desk = Desk::new(Random::new(seed), shape.message_bytes);
    let mut case = Case::new(number);
    let mut facts = desk.open(&mut case, shape.began_at);
    for step in 0..=messages {
        let command = life::converse(&case, &mut desk, step);
        let now = shape.began_at.plus(DurationMs::from_minutes(7 * (step as i64 + 1)));
        facts.extend(desk.act(&mut case, command, now));
    }
    facts
}

/// Appends facts to a store in large batches; returns how many.
///
/// # Errors
/// [`AppendError`], as from the store.
pub async fn fill(store: &dyn EventStore, facts: impl IntoIterator<Item = Fact>) -> Result<u64, AppendError> {
    let mut facts = facts.into_iter();
    let mut appended = 0;
    loop {
        let batch: Vec<Fact> = facts.by_ref().take(EVENTS_PER_APPEND_MAX).collect();
        if batch.is_empty() {
            return Ok(appended);
        }
        appended += store.append_facts(batch).await?.appended;
    }
}
