//! What a read model may keep of what was done and undone: history, by name and with the reason.

use super::oracle::{Contents, contents};
use docket_projections::directory::Directory;
use docket_projections::due::DueDates;
use docket_projections::metrics::Metrics;
use docket_projections::projector::Projector;
use docket_projections::queue::Queue;
use docket_projections::registry;
use docket_projections::reports::Reports;
use docket_projections::roster::Roster;
use docket_projections::runner::Projections;
use docket_projections::search::Search;
use docket_projections::sla::Sla;
use docket_projections::timeline::Timeline;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A read model, and what of it is history rather than how things stand: fields and columns.
struct Keeps {
    name: &'static str,
    columns: &'static [&'static str],
    history: &'static [(&'static str, &'static str)],
}

const COUNTS: &str = "counts the ticket's events";

/// Every read model of the registry. Where nothing is named, all of it must be equal, to the state hash.
const KEEPS: [Keeps; 9] = [
    Keeps {
        name: Queue::NAME,
        columns: Queue::COLUMNS,
        history: &[
            ("version", COUNTS),
            ("thread_version", COUNTS),
            ("own_version", "counts what the requester was told"),
            ("updated_at", "says when anything last happened"),
            ("rank", "goes by the time of the last event where no clock runs and nobody waits"),
        ],
    },
    // An event is an entry: those of deeds stay, and those of what was said are compared below.
    Keeps { name: Timeline::NAME, columns: Timeline::COLUMNS, history: &[("version", COUNTS)] },
    Keeps { name: Sla::NAME, columns: Sla::COLUMNS, history: &[("ticket_version", COUNTS)] },
    Keeps {
        name: Metrics::NAME,
        columns: Metrics::COLUMNS,
        history: &[
            ("types", "counts the events of each kind"),
            ("last_event_at", "says when anything last happened"),
            ("hand_overs", "how long what was escalated was waited for stays told, returned or not"),
        ],
    },
    Keeps { name: Directory::NAME, columns: Directory::COLUMNS, history: &[] },
    Keeps {
        name: Search::NAME,
        columns: Search::COLUMNS,
        history: &[
            ("version", COUNTS),
            ("thread_version", COUNTS),
            ("own_version", "counts what the requester was told"),
            ("updated_at", "says when anything last happened"),
            ("rank", "goes by the time of the last event where no clock runs and nobody waits"),
            ("texts", "the words of an escalation and of its return stay said"),
        ],
    },
    Keeps {
        name: DueDates::NAME,
        columns: DueDates::COLUMNS,
        history: &[("free_since", "what would have fallen due while merged falls due when that ended")],
    },
    Keeps {
        name: Roster::NAME,
        columns: Roster::COLUMNS,
        history: &[
            ("version", "counts events, of a ticket or of an agent"),
            ("thread_version", COUNTS),
            ("own_version", "counts what the requester was told"),
            ("taken", "where in the log it came to its assignee: again by the return"),
        ],
    },
    Keeps {
        name: Reports::NAME,
        columns: Reports::COLUMNS,
        history: &[
            ("marks", "what happened to the ticket, done and undone, with its places in the log"),
            ("places", "where in the log its clocks were moved"),
            ("hand_overs", "how long what was escalated was waited for stays told, returned or not"),
        ],
    },
];

/// What people say to each other: the entries of a timeline that no undoing takes away.
const SAID: [&str; 3] = ["ticket.replied", "ticket.customer_replied", "ticket.noted"];

/// Columns, state and text about persons of a row, or of the entries of a ticket.
type Standing = BTreeMap<i64, Vec<(Value, Option<String>)>>;

/// How things stand, counters, and beside it what was left out as history, by its name.
#[derive(Default)]
pub(crate) struct Told {
    standing: Standing,
    tallies: BTreeMap<(i64, i64), i64>,
    history: BTreeMap<&'static str, Vec<(i64, Value)>>,
    digest: String,
}

/// Takes the fields that are history out of a value, wherever they are in it.
fn divide(key: i64, value: &mut Value, keeps: &Keeps, told: &mut Told) {
    match value {
        Value::Object(fields) => {
            for (name, _) in keeps.history {
                if let Some(value) = fields.remove(*name) {
                    told.history.entry(name).or_default().push((key, value));
                }
            }
            fields.values_mut().for_each(|value| divide(key, value, keeps, told));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| divide(key, value, keeps, told)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Under what a row is compared: itself, or for entries their ticket. None for what is history as a whole.
fn compared_as(keeps: &Keeps, key: i64, columns: &[i64], state: &mut Value) -> Option<i64> {
    if keeps.name == Timeline::NAME {
        // What is written to a ticket that is merged is heard by the other one as well, as if it were written to both.
        if state["event"] == "ticket.forwarded" {
            let fields = state.as_object_mut().unwrap();
            fields.retain(|field, _| !["from", "to"].contains(&field.as_str()));
            fields.insert("event".to_owned(), json!("ticket.customer_replied"));
        }
        let said = SAID.contains(&state["event"].as_str().unwrap());
        return said.then(|| columns[0]);
    }
    // A row says the same as none once nothing is due any more: no answer, no sealing, no waking.
    let nothing_due = keeps.name == DueDates::NAME && columns[..3].iter().all(|at| *at == i64::MAX);
    (!nothing_due).then_some(key)
}

fn divided(keeps: &Keeps, contents: Contents) -> Told {
    let digest = contents.digest();
    let tallies = contents.tallies.into_iter().filter(|(_, count)| *count != 0).collect();
    let mut told = Told { tallies, digest, ..Told::default() };
    for (key, (columns, state, personal)) in contents.rows {
        let mut state: Value = serde_json::from_str(&state).unwrap();
        let Some(key) = compared_as(keeps, key, &columns, &mut state) else { continue };
        let columns = keeps.columns.iter().copied().zip(columns);
        let columns = Value::Object(columns.map(|(name, value)| (name.to_owned(), json!(value))).collect());
        let mut row = json!({ "columns": columns, "state": state });
        divide(key, &mut row, keeps, &mut told);
        told.standing.entry(key).or_default().push((row, personal));
    }
    told
}

/// What every read model says at an instant, by its name.
pub(crate) fn told(projections: &Projections) -> BTreeMap<&'static str, Told> {
    let told = |keeps: &Keeps| (keeps.name, divided(keeps, projections.query(keeps.name, contents).unwrap()));
    KEEPS.iter().map(told).collect()
}

/// Compares two worlds; returns what of history they differ in.
#[track_caller]
pub(crate) fn check_equal(
    ours: &BTreeMap<&'static str, Told>,
    theirs: &BTreeMap<&'static str, Told>,
) -> BTreeSet<(&'static str, &'static str)> {
    let mut differing = BTreeSet::new();
    for keeps in &KEEPS {
        let (ours, theirs) = (&ours[keeps.name], &theirs[keeps.name]);
        for (key, row) in &theirs.standing {
            assert_eq!(ours.standing.get(key), Some(row), "{}: row {key}", keeps.name);
        }
        let more = ours.standing.keys().find(|key| !theirs.standing.contains_key(key));
        assert_eq!(more, None, "{}: a row that should not be there", keeps.name);
        assert_eq!(ours.tallies, theirs.tallies, "{}: counters", keeps.name);
        if keeps.history.is_empty() {
            assert_eq!(ours.digest, theirs.digest, "{}: state hash", keeps.name);
        }
        for (field, _) in keeps.history {
            if ours.history.get(field) != theirs.history.get(field) {
                differing.insert((keeps.name, *field));
            }
        }
    }
    differing
}

/// Every field that a read model may keep.
pub(crate) fn all() -> BTreeSet<(&'static str, &'static str)> {
    KEEPS.iter().flat_map(|keeps| keeps.history.iter().map(|(field, _)| (keeps.name, *field))).collect()
}

#[test]
fn every_read_model_of_the_registry_says_what_it_may_keep() {
    let known: Vec<&str> = KEEPS.iter().map(|keeps| keeps.name).collect();
    let registered: Vec<&str> = registry::all().iter().map(|definition| definition.name).collect();
    assert_eq!(known, registered, "a new projector needs a line in KEEPS");
}
