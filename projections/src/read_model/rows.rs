//! The rows at hand: those that may change again, and those that only wait to be written.

use super::file::Put;
use super::{FileError, Projector, Row, StateHash, Tally};
use docket_core::json;
use docket_core::names::GlobalPosition;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// What a flush does to hash and counters.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) hash: StateHash,
    pub(super) tallies: BTreeMap<Tally, i64>,
}

impl Sums {
    fn count(&mut self, tallies: &[Tally], change: i64) {
        for tally in tallies {
            *self.tallies.entry(*tally).or_default() += change;
        }
    }
}

/// A row at hand.
pub(super) struct Entry<P: Projector> {
    pub(super) row: Option<Row<P>>,
    /// What the row adds to the hash and the counters as it was last flushed.
    flushed: Option<Share>,
    pub(super) changed: bool,
    /// The last event that looked at it.
    used_at: GlobalPosition,
}

/// What a row adds to the hash and the counters.
type Share = (StateHash, Vec<Tally>);

/// Rows that may change again, by key.
pub(super) struct Cache<P: Projector> {
    entries: HashMap<i64, Entry<P>, BuildHasherDefault<KeyHasher>>,
}

impl<P: Projector> Default for Cache<P> {
    fn default() -> Self {
        Self { entries: HashMap::default() }
    }
}

impl<P: Projector> Cache<P> {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        self.entries = HashMap::default();
    }

    /// The row of a key, loaded unless it is at hand.
    pub(super) fn entry(
        &mut self,
        key: i64,
        at: GlobalPosition,
        load: impl FnOnce() -> Result<Option<(Row<P>, StateHash)>, FileError>,
    ) -> Result<&mut Entry<P>, FileError> {
        use std::collections::hash_map::Entry as Place;
        let entry = match self.entries.entry(key) {
            Place::Occupied(entry) => entry.into_mut(),
            Place::Vacant(vacant) => {
                let loaded = load()?.map(|(row, hash)| {
                    let share = (hash, P::tallies(&row.state));
                    (row, share)
                });
                let (row, flushed) = loaded.unzip();
                vacant.insert(Entry { row, flushed, changed: false, used_at: at })
            }
        };
        entry.used_at = at;
        Ok(entry)
    }

    /// Hands on the rows that have changed, in the order of their keys; tells what each adds from now on.
    pub(super) fn put(
        &self,
        sums: &mut Sums,
        put: &mut Put<'_>,
    ) -> Result<Vec<(i64, Option<Share>)>, FileError> {
        let mut changed: Vec<(i64, &Entry<P>)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.changed)
            .map(|(key, entry)| (*key, entry))
            .collect();
        changed.sort_unstable_by_key(|(key, _)| *key);
        let mut shares = Vec::with_capacity(changed.len());
        let (mut state, mut personal) = (String::new(), String::new());
        for (key, entry) in changed {
            if let Some((hash, tallies)) = &entry.flushed {
                sums.hash.subtract(*hash);
                sums.count(tallies, -1);
            }
            let share = match &entry.row {
                None => None,
                Some(row) => {
                    let text = encode_into(&mut state, &row.state);
                    let hash = StateHash::of(key, text.as_bytes());
                    let tallies = P::tallies(&row.state);
                    sums.hash.add(hash);
                    sums.count(&tallies, 1);
                    let personal =
                        row.personal.as_ref().map(|personal_text| encode_into(&mut personal, personal_text));
                    let ledger = P::FACTS.then(|| P::facts(&row.state));
                    put(key, &P::columns(&row.state), text, personal, ledger.as_ref())?;
                    Some((hash, tallies))
                }
            };
            shares.push((key, share));
        }
        Ok(shares)
    }

    /// Takes note that rows have been written.
    pub(super) fn settle(&mut self, shares: Vec<(i64, Option<Share>)>) {
        for (key, share) in shares {
            if let Some(entry) = self.entries.get_mut(&key) {
                (entry.flushed, entry.changed) = (share, false);
            }
        }
    }

    /// Judges every row anew that a change of the context concerns.
    pub(super) fn judge_again(&mut self, context: &P::Context) {
        for entry in self.entries.values_mut() {
            if let Some(row) = entry.row.as_mut().filter(|row| is_judged::<P>(&row.state)) {
                P::judge(&mut row.state, context);
                entry.changed = true;
            }
        }
    }

    /// Gives up changes that have not been written.
    pub(super) fn forget_changes(&mut self) {
        self.entries.retain(|_, entry| !entry.changed);
    }

    /// Keeps the quarter that was used last; all must have been written.
    pub(super) fn shrink(&mut self) {
        let mut used: Vec<GlobalPosition> = self.entries.values().map(|entry| entry.used_at).collect();
        let index = used.len() - used.len() / 4;
        if index >= used.len() {
            return self.clear();
        }
        let (_, oldest_kept, _) = used.select_nth_unstable(index);
        let oldest_kept = *oldest_kept;
        self.entries.retain(|_, entry| entry.used_at >= oldest_kept);
    }
}

/// Encoded rows that no later event changes, one behind the other.
#[derive(Default)]
pub(super) struct Appended {
    json: String,
    /// Key, columns, where the state ends, and where the text about persons ends.
    rows: Vec<(i64, Vec<i64>, usize, Option<usize>)>,
    sums: Sums,
}

impl Appended {
    pub(super) fn push<P: Projector>(&mut self, key: i64, row: &Row<P>) {
        let begin = self.json.len();
        json::write(&mut self.json, &row.state);
        let state_end = self.json.len();
        let personal_end = row.personal.as_ref().map(|personal| {
            json::write(&mut self.json, personal);
            self.json.len()
        });
        self.sums.hash.add(StateHash::of(key, &self.json.as_bytes()[begin..state_end]));
        self.sums.count(&P::tallies(&row.state), 1);
        self.rows.push((key, P::columns(&row.state), state_end, personal_end));
    }

    /// Unit: bytes.
    pub(super) fn len(&self) -> usize {
        self.json.len()
    }

    pub(super) fn clear(&mut self) {
        self.json.clear();
        self.rows.clear();
        self.sums = Sums::default();
    }

    pub(super) fn put(&self, sums: &mut Sums, put: &mut Put<'_>) -> Result<(), FileError> {
        let mut begin = 0;
        for (key, columns, state_end, personal_end) in &self.rows {
            let state = &self.json[begin..*state_end];
            let personal = personal_end.map(|end| &self.json[*state_end..end]);
            put(*key, columns, state, personal, None)?;
            begin = personal_end.unwrap_or(*state_end);
        }
        sums.hash.add(self.sums.hash);
        for (tally, change) in &self.sums.tallies {
            *sums.tallies.entry(*tally).or_default() += change;
        }
        Ok(())
    }
}

/// Whether a change of the context concerns a row.
fn is_judged<P: Projector>(state: &P::State) -> bool {
    let place = P::JUDGED.and_then(|judged| P::COLUMNS.iter().position(|column| *column == judged));
    place.is_some_and(|place| P::columns(state)[place] == 1)
}

/// Judges a row of the file anew, and hands it on.
pub(super) fn judge_again<P: Projector>(
    key: i64,
    (mut row, hash): (Row<P>, StateHash),
    context: &P::Context,
    sums: &mut Sums,
    put: &mut Put<'_>,
) -> Result<(), FileError> {
    sums.hash.subtract(hash);
    sums.count(&P::tallies(&row.state), -1);
    P::judge(&mut row.state, context);
    let (mut state, mut personal) = (String::new(), String::new());
    let text = encode_into(&mut state, &row.state);
    sums.hash.add(StateHash::of(key, text.as_bytes()));
    sums.count(&P::tallies(&row.state), 1);
    let personal = row.personal.as_ref().map(|text| encode_into(&mut personal, text));
    let ledger = P::FACTS.then(|| P::facts(&row.state));
    put(key, &P::columns(&row.state), text, personal, ledger.as_ref())
}

/// The stored form of a row's state: JSON with fields in their declared order.
fn encode_into<'a, T: serde::Serialize>(buffer: &'a mut String, value: &T) -> &'a str {
    buffer.clear();
    json::write(buffer, value);
    buffer
}

/// Keys are numbers that Docket gave out itself, so nobody can choose them to collide.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_i64(i64::from(*byte)));
    }

    fn write_i64(&mut self, key: i64) {
        // Multiplication by the golden ratio spreads consecutive numbers; the table uses the upper bits too.
        let mixed = (self.0 ^ key.cast_unsigned()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
