//! Logs in which a row is what a case looked like after an update: facts come from comparing rows.
//!
//! A row is compared with the row before it of the same case, in the order of the file. What is compared,
//! and what a difference is called, stands in the mapping; nothing here knows any system by name.

use super::layout::{Layout, Place};
use super::neutral::Neutral;
use super::problem::Problem;
use super::rows::RawRow;
use super::{Refused, RowReader};
use crate::sentence::Sentence;
use docket_core::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// How rows are compared.
#[derive(Clone, Debug)]
pub struct Snapshots {
    /// What the first row of a case yields before all else.
    pub opening: Opening,
    /// What is compared, in the order in which one row's facts come out.
    pub compare: Vec<Compare>,
    /// The type of a row that differs in nothing.
    pub otherwise: String,
}

/// The fact that begins a case.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its type.
    pub kind: String,
    /// The column of its time; where it is empty, the row's own.
    pub at: Option<String>,
    /// The column of its actor.
    pub actor: Option<String>,
    /// The state a case is born in.
    pub to: String,
}

/// One comparison.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "docs/how-to/import.md tells what each key means")]
pub enum Compare {
    Value { column: String, set: String, changed: String, cleared: String, dated_by_opening: bool },
    State { column: String, names: StateNames },
    Flag { column: String, from: String, to: String, kind: String },
}

impl Compare {
    fn column(&self) -> &String {
        match self {
            Self::Value { column, .. } | Self::State { column, .. } | Self::Flag { column, .. } => column,
        }
    }
}

/// The names of states and of the steps between them.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "docs/how-to/import.md tells what each key means")]
pub struct StateNames {
    pub changed: String,
    pub resolved: String,
    pub closed: String,
    pub cancelled: String,
    pub reopened: String,
    pub resolved_states: BTreeSet<String>,
    pub closed_states: BTreeSet<String>,
    pub cancelled_states: BTreeSet<String>,
    pub names: HashMap<String, String>,
}

impl StateNames {
    /// The type of the step; none where there is no step.
    fn step(&self, old: &str, new: &str) -> Option<&str> {
        let done = |state: &str| {
            let sets = [&self.resolved_states, &self.closed_states, &self.cancelled_states];
            sets.iter().any(|set| set.contains(state))
        };
        if old == new {
            return None;
        }
        Some(if self.closed_states.contains(new) {
            &self.closed
        } else if self.cancelled_states.contains(new) {
            &self.cancelled
        } else if self.resolved_states.contains(new) {
            // Going back from closed to resolved is no second resolving.
            if done(old) { &self.changed } else { &self.resolved }
        } else if done(old) {
            &self.reopened
        } else {
            &self.changed
        })
    }
}

impl Snapshots {
    /// The columns that the comparisons name, with their keys.
    pub fn named_columns(&self) -> Vec<(String, String)> {
        let opening = [("opening.at", &self.opening.at), ("opening.actor", &self.opening.actor)];
        let opening = opening.into_iter().filter_map(|(key, name)| Some((key.to_owned(), name.clone()?)));
        let compared = self.compare.iter().enumerate();
        let compared = compared
            .map(|(index, compare)| (format!("compare {}.column", index + 1), compare.column().clone()));
        opening.chain(compared).collect()
    }
}

/// Where the compared columns stand in one file.
struct Places {
    actor: Place,
    row: Place,
    requester: Place,
    subject: Place,
    opened_at: Place,
    opened_by: Place,
    compared: Vec<Place>,
}

/// Reads a row as what changed since the row before it of its case.
pub struct SnapshotReader {
    layout: Layout,
    rules: Snapshots,
    places: Places,
    /// Rows seen, taken or not; names a row where no column does.
    rows: u64,
    before: HashMap<String, Vec<String>>,
    /// What the last row will be compared as, once it is taken.
    now: Option<(String, Vec<String>)>,
    unnamed_states: BTreeSet<String>,
}

/// Who and when, for one row.
#[derive(Clone, Copy)]
struct Stamp<'a> {
    at: Timestamp,
    actor: &'a str,
}

impl SnapshotReader {
    /// A reader for a file of this layout.
    pub fn new(layout: Layout, rules: &Snapshots) -> Self {
        let columns = &layout.mapping().columns;
        let places = Places {
            actor: layout.place(columns.actor.as_ref()),
            row: layout.place(columns.row.as_ref()),
            requester: layout.place(columns.requester.as_ref()),
            subject: layout.place(columns.subject.as_ref()),
            opened_at: layout.place(rules.opening.at.as_ref()),
            opened_by: layout.place(rules.opening.actor.as_ref()),
            compared: rules.compare.iter().map(|compare| layout.place(Some(compare.column()))).collect(),
        };
        Self {
            rules: rules.clone(),
            places,
            layout,
            rows: 0,
            before: HashMap::new(),
            now: None,
            unnamed_states: BTreeSet::new(),
        }
    }

    fn compared_facts(&mut self) -> Result<Vec<Neutral>, Problem> {
        let (layout, places) = (&self.layout, &self.places);
        let case = layout.cell(layout.case);
        let own = Stamp { at: layout.at()?, actor: layout.cell(places.actor) };
        let before = self.before.get(case);
        let mut opening = own;
        let mut facts = Vec::new();
        let fact = |kind: &str, stamp: Stamp<'_>, from: &str, to: &str| Neutral {
            actor: stamp.actor.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            ..Neutral::bare(case, kind, stamp.at)
        };
        if before.is_none() {
            if !layout.cell(places.opened_at).is_empty() {
                opening.at = layout.time(places.opened_at)?;
            }
            opening.actor = layout.cell(places.opened_by);
            let requester = layout.cell(places.requester).to_owned();
            let subject = layout.cell(places.subject).to_owned();
            let opened = fact(&self.rules.opening.kind, opening, "", &self.rules.opening.to);
            facts.push(Neutral { requester, subject, ..opened });
        }
        let mut now = Vec::with_capacity(places.compared.len());
        for (index, (compare, place)) in self.rules.compare.iter().zip(&places.compared).enumerate() {
            let old = before.map(|before| before[index].as_str());
            let mut new = layout.cell(*place).to_owned();
            match compare {
                Compare::Value { set, changed, cleared, dated_by_opening, .. } => {
                    let first = old.is_none();
                    let old = old.unwrap_or_default();
                    let stamp = if first && *dated_by_opening { opening } else { own };
                    let kind = match (old.is_empty(), new.is_empty()) {
                        (true, _) => set,
                        (false, true) => cleared,
                        (false, false) => changed,
                    };
                    if old != new {
                        facts.push(fact(kind, stamp, old, &new));
                    }
                }
                Compare::State { names, .. } => {
                    let old = old.unwrap_or(&self.rules.opening.to);
                    new = state(names, &new, old, &mut self.unnamed_states);
                    if let Some(kind) = names.step(old, &new) {
                        facts.push(fact(kind, own, old, &new));
                    }
                }
                Compare::Flag { from, to, kind, .. } => {
                    if old == Some(from.as_str()) && new == *to {
                        facts.push(fact(kind, own, from, to));
                    }
                }
            }
            now.push(new);
        }
        if facts.is_empty() {
            facts.push(fact(&self.rules.otherwise, own, "", ""));
        }
        let row = layout.cell(places.row);
        let row = if row.is_empty() { self.rows.to_string() } else { row.to_owned() };
        for fact in &mut facts {
            fact.row.clone_from(&row);
        }
        facts[0].rest = layout.rest();
        self.now = Some((case.to_owned(), now));
        Ok(facts)
    }
}

/// The name of a state: the mapping's, or the label itself in lower case. No label means no change.
fn state(names: &StateNames, label: &str, old: &str, unnamed: &mut BTreeSet<String>) -> String {
    if label.is_empty() {
        return old.to_owned();
    }
    match names.names.get(label) {
        Some(name) => name.clone(),
        None => {
            unnamed.insert(label.to_owned());
            label.trim().to_lowercase().replace(' ', "_")
        }
    }
}

impl RowReader for SnapshotReader {
    fn facts(&mut self, row: &RawRow) -> Result<Vec<Neutral>, Refused> {
        self.now = None;
        self.rows += 1;
        self.layout.split(row)?;
        match self.compared_facts() {
            Ok(facts) => Ok(facts),
            Err(problem) => Err(Refused::in_case(self.layout.cell(self.layout.case), problem)),
        }
    }

    fn taken(&mut self) {
        if let Some((case, now)) = self.now.take() {
            self.before.insert(case, now);
        }
    }

    fn remarks(&self) -> Vec<Sentence> {
        let remark = |label: &String| {
            let label = format!("{label:?}");
            Sentence::new(move |texts| texts.remark_state(&label))
        };
        self.unnamed_states.iter().map(remark).collect()
    }
}

#[cfg(test)]
mod tests;
