//! What a projector is: a pure fold of the log into rows, one row per key.

use crate::ledger::Ledger;
use crate::log_event::LogEvent;
use crate::read_model::{blocks, context, texts};
use docket_core::actor::Role;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::open_hours::TZDATA;
use docket_core::sla::Rules;
use docket_core::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use twox_hash::XxHash3_128;

/// Folds events into rows. No clock, no randomness, no input or output of its own (promise P3).
pub trait Projector: Send + Sync + 'static {
    /// The read model's name, part of its file's name.
    const NAME: &'static str;
    /// Raise it when the same events shall give other rows: the read model is then rebuilt by itself.
    const DEFINITION: u32;
    /// Whole-number columns beside a row by which it is found.
    const COLUMNS: &'static [&'static str];
    /// Indexes, made last in a rebuild.
    const INDEXES: &'static [&'static str];

    /// Whether a row can change after the event that made it. If not, none is looked up before it is written.
    const ROWS_CHANGE: bool;

    /// What a row says, without text about persons; it is what the state hash covers.
    type State: Clone + Serialize + DeserializeOwned + Send;
    /// Text about persons that belongs to a row, outside the state hash (DESIGN decision 9).
    type Personal: Clone + Serialize + DeserializeOwned + Send;

    /// What rows are judged by beside their own events; `()` where nothing is.
    type Context: Context;

    /// The column that is 1 in rows which a change of the context concerns; none where there is no context.
    const JUDGED: Option<&'static str> = None;

    /// The row that an event belongs to; none when the projector does not use the event.
    fn key(event: &LogEvent) -> Option<i64>;

    /// Takes an event into its row.
    ///
    /// # Errors
    /// [`Rejected`] sets the event's ticket aside. It must be decided before the row is changed.
    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, context: &Self::Context) -> Result<(), Rejected>
    where
        Self: Sized;

    /// Judges a row anew by a context that has changed since.
    fn judge(_state: &mut Self::State, _context: &Self::Context) {}

    /// The values of [`Projector::COLUMNS`], in that order.
    fn columns(state: &Self::State) -> Vec<i64>;

    /// The counters that a row adds one to each.
    fn tallies(state: &Self::State) -> Vec<Tally>;

    /// Whether texts are found by words beside the rows. Only rows that change can have them.
    const TEXTS: bool = false;

    /// The text that an event adds, by its row as it is after the event.
    fn text(_state: &Self::State, _event: &LogEvent) -> Option<Text> {
        None
    }

    /// How many texts the events of a row have added.
    fn texts(_state: &Self::State) -> u64 {
        0
    }

    /// Whether facts for reports are kept in columns beside the rows. Only rows that change can have them.
    const FACTS: bool = false;

    /// The facts that a row tells: of its state alone, so that they can be told again.
    fn facts(_state: &Self::State) -> Ledger {
        Ledger::default()
    }
}

/// Settings that rows are judged by, as the log has made them. Folded by the engine, and kept beside the rows.
pub trait Context: Default + Send + 'static {
    /// What it leans on beside the log. Part of the fingerprint: with another one every row is judged anew.
    const RELEASE: &'static str;

    /// Takes an event, and tells whether it changed anything. Taking one twice is taking it once.
    fn take(&mut self, event: &Event) -> bool;
}

impl Context for () {
    const RELEASE: &'static str = "";

    fn take(&mut self, _: &Event) -> bool {
        false
    }
}

impl Context for Rules {
    const RELEASE: &'static str = TZDATA;

    fn take(&mut self, event: &Event) -> bool {
        matches!(event, Event::Setting(setting) if self.take(setting))
    }
}

/// What an event says in words, to be found by them. The event's position is its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The event.
    pub position: GlobalPosition,
    /// The ticket that it is about.
    pub ticket: TicketNumber,
    /// When it was said.
    pub at: Timestamp,
    /// In which role.
    pub role: Role,
    /// Whose ticket it is, as one word of letters and digits; empty when nobody's.
    pub owner: String,
    /// The ticket's subject.
    pub subject: Option<String>,
    /// What everybody with the ticket may read.
    pub message: Option<String>,
    /// What only the staff may read.
    pub note: Option<String>,
}

/// A row of a read model.
pub struct Row<P: Projector> {
    /// What it says.
    pub state: P::State,
    /// The text about persons that goes with it.
    pub personal: Option<P::Personal>,
}

/// A counter of rows, exact at every checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tally {
    /// What is counted.
    pub name: i64,
    /// Which bucket of it.
    pub bucket: i64,
}

/// Why a projector cannot take an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rejected(pub String);

/// An order-independent hash over rows: the sum of their XXH3, as two 64-bit numbers (DESIGN decision 9).
///
/// It tells whether two read models say the same; it is no proof against somebody who makes up rows
/// (docs/adr/0014-state-hash.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateHash([u64; 2]);

impl StateHash {
    /// The hash of one row.
    pub fn of(key: i64, state: &[u8]) -> Self {
        let hash = XxHash3_128::oneshot_with_seed(key.cast_unsigned(), state);
        Self([(hash >> 64) as u64, hash as u64])
    }

    /// Takes a row in.
    pub fn add(&mut self, other: Self) {
        for (lane, more) in self.0.iter_mut().zip(other.0) {
            *lane = lane.wrapping_add(more);
        }
    }

    /// Takes a row out.
    pub fn subtract(&mut self, other: Self) {
        for (lane, less) in self.0.iter_mut().zip(other.0) {
            *lane = lane.wrapping_sub(less);
        }
    }

    /// The hash as 32 hexadecimal digits.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|lane| format!("{lane:016x}")).collect()
    }

    /// Reads [`StateHash::to_hex`] back.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut lanes = [0; 2];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (index, lane) in lanes.iter_mut().enumerate() {
            *lane = u64::from_str_radix(&text[index * 16..index * 16 + 16], 16).ok()?;
        }
        Some(Self(lanes))
    }
}

/// How rows are hashed: it is part of every fingerprint.
const STATE_HASH: &str = "xxh3-128";

/// What a read model is made by: it changes when the projector's definition or schema does.
pub fn fingerprint<P: Projector>() -> String {
    let release = <P::Context as Context>::RELEASE;
    let dash = if release.is_empty() { "" } else { "-" };
    format!("{}-d{}{dash}{release}", schema_fingerprint::<P>(), P::DEFINITION)
}

/// What a read model's file looks like: a file of the same schema can serve while its definition is rebuilt.
pub fn schema_fingerprint<P: Projector>() -> String {
    let mut hasher = Sha256::new();
    hasher.update(STATE_HASH);
    hasher.update(P::NAME);
    for part in P::COLUMNS.iter().chain(P::INDEXES) {
        hasher.update([0]);
        hasher.update(part);
    }
    if P::TEXTS {
        hasher.update([1]);
        hasher.update(texts::SCHEMA);
        hasher.update(texts::INDEX);
    }
    if P::FACTS {
        hasher.update([3]);
        hasher.update(blocks::SCHEMA);
    }
    if let Some(judged) = P::JUDGED {
        hasher.update([2]);
        hasher.update(context::SCHEMA);
        hasher.update(judged);
    }
    hasher.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_hash_forgets_the_order_and_what_was_taken_out() {
        let [a, b, c] = [1, 2, 3].map(|key| StateHash::of(key, b"{}"));
        let mut left = StateHash::default();
        let mut right = StateHash::default();
        [a, b, c].into_iter().for_each(|row| left.add(row));
        [c, a, b, b].into_iter().for_each(|row| right.add(row));
        assert_ne!(left, right);
        right.subtract(b);
        assert_eq!(left, right);
        assert_eq!(StateHash::from_hex(&left.to_hex()), Some(left));
    }

    #[test]
    fn a_row_under_another_key_hashes_otherwise() {
        assert_ne!(StateHash::of(1, b"{}"), StateHash::of(2, b"{}"));
    }
}
