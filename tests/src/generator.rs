//! Logs made to order: tickets as a support team sees them, of any number, the same for the same seed.
//!
//! Every event is decided by the rules and written down as the command handler writes it, only without a store
//! between: a million events take seconds. The clock is the log's own; nothing here asks the machine for the time.

mod desk;
mod life;
mod people;
mod roster;
#[cfg(test)]
mod tests;
mod texts;
mod work;

use crate::random::Random;
use desk::{Case, Desk};
use docket_core::names::TicketNumber;
use docket_core::store::{AppendError, EVENTS_PER_APPEND_MAX, EventStore, Fact};
use docket_core::ticket::{Action, TicketCommand};
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

/// How many tickets of a hundred are about what another one is about.
const DUPLICATES: u64 = 4;

/// Time from one step to the next, on average: with 120 active tickets each is touched every three hours.
const STEP: DurationMs = DurationMs::from_seconds(90);

impl Shape {
    /// The usual shape: about 120 tickets at a time and seventeen events to each.
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
        let desk = Desk::working(Random::new(shape.seed), shape.message_bytes);
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
        self.ready.extend(self.desk.shifts(self.now));
        if self.active.len() < self.wanted() {
            self.open();
            return;
        }
        let index = self.desk.random.index(self.active.len());
        let case = &mut self.active[index];
        self.ready.extend(self.desk.timers(case, self.now));
        match self.next(index) {
            Some(command) => self.act(index, command),
            None => drop(self.active.swap_remove(index)),
        }
    }

    /// Opens a ticket; some are about what the same customer has written about before.
    fn open(&mut self) {
        self.opened += 1;
        let mut case = Case::new(TicketNumber(self.opened));
        if !self.active.is_empty() && self.desk.beside().chance(DUPLICATES) {
            let original = &self.active[self.desk.beside().index(self.active.len())];
            (case.duplicate_of, case.customer) = (Some(original.number), original.customer);
        }
        self.ready.extend(self.desk.open(&mut case, self.now));
        self.active.push(case);
    }

    /// The next command on a ticket; none when nobody will touch it any more.
    fn next(&mut self, index: usize) -> Option<TicketCommand> {
        let other = self.active[self.desk.beside().index(self.active.len())].number;
        let case = &self.active[index];
        work::beside(case, &mut self.desk, other, self.now).or_else(|| life::next(case, &mut self.desk))
    }

    /// Runs a command, with the other ticket that it is about if there is one and somebody works on it.
    fn act(&mut self, index: usize, command: TicketCommand) {
        let other = match &command.action {
            Action::Merge { into: other } | Action::Link { to: other } | Action::Unlink { to: other } => {
                Some(*other)
            }
            _ => self.active[index].ticket.merge.as_ref().map(|merge| merge.into),
        };
        let place = other.and_then(|other| self.active.iter().position(|case| case.number == other));
        let facts = match place.and_then(|place| self.active.get_disjoint_mut([index, place]).ok()) {
            Some([case, other]) => self.desk.act_beside(case, Some(other), command, self.now),
            None => self.desk.act(&mut self.active[index], command, self.now),
        };
        self.ready.extend(facts);
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
