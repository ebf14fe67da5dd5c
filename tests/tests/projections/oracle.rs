//! What a read model must hold, computed by hand: one event after the other into a plain map of rows.
//!
//! It uses the projectors' rules and nothing of what keeps, batches, spills, hashes or rebuilds their rows.

use docket_core::event::Event;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::settings::SettingEvent;
use docket_projections::directory::Directory;
use docket_projections::due::DueDates;
use docket_projections::log_event::{LogEvent, Unreadable};
use docket_projections::metrics::Metrics;
use docket_projections::projector::{Context, Projector, Row, StateHash};
use docket_projections::queue::Queue;
use docket_projections::read_model::FileError;
use docket_projections::registry;
use docket_projections::reports::Reports;
use docket_projections::roster::Roster;
use docket_projections::search::Search;
use docket_projections::sla::Sla;
use docket_projections::timeline::Timeline;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;

/// The contents of a read model, in words: what two of them are compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) position: u64,
    pub(crate) recorded_at: Option<i64>,
    pub(crate) hash: String,
    /// By key: the columns, the state, the text about persons.
    pub(crate) rows: BTreeMap<i64, (Vec<i64>, String, Option<String>)>,
    pub(crate) tallies: BTreeMap<(i64, i64), i64>,
    /// By ticket: the position of the event that could not be taken.
    pub(crate) quarantine: BTreeMap<u64, u64>,
}

impl Contents {
    /// The digest over rows and tickets set aside.
    pub(crate) fn digest(&self) -> String {
        let mut hash = StateHash::from_hex(&self.hash).unwrap();
        for (ticket, position) in &self.quarantine {
            let text = format!("quarantined at {position}");
            hash.add(StateHash::of(*ticket as i64, text.as_bytes()));
        }
        hash.to_hex()
    }

    /// Compares, and shows the first difference rather than all of both.
    #[track_caller]
    pub(crate) fn check(&self, expected: &Self, context: &str) {
        for (key, row) in &expected.rows {
            assert_eq!(self.rows.get(key), Some(row), "{context}: row {key}");
        }
        for key in self.rows.keys() {
            assert!(expected.rows.contains_key(key), "{context}: row {key} should not be there");
        }
        assert_eq!(self.tallies, expected.tallies, "{context}: tallies");
        assert_eq!(self.quarantine, expected.quarantine, "{context}: quarantine");
        assert_eq!(self.position, expected.position, "{context}: position");
        assert_eq!(self.recorded_at, expected.recorded_at, "{context}: recorded_at");
        assert_eq!(self.hash, expected.hash, "{context}: hash");
    }
}

/// What the read model of a projector must hold after these events.
fn fold<P: Projector>(events: &[LogEvent]) -> Contents {
    let mut contents = Contents::default();
    let mut rows = BTreeMap::<i64, Row<P>>::new();
    let (mut context, mut hash) = (P::Context::default(), StateHash::default());
    for event in events {
        if matches!(event.event, Err(Unreadable::Newer(_))) {
            break;
        }
        contents.position = event.position.0;
        contents.recorded_at = Some(event.recorded_at.0);
        if event.ticket().is_some_and(|ticket| contents.quarantine.contains_key(&ticket.0)) {
            continue;
        }
        if let (Ok(Event::Setting(setting)), true) = (&event.event, P::JUDGED.is_some())
            && context.take(&Event::Setting(setting.clone()))
        {
            hash.add(StateHash::of(-(event.position.0 as i64), kept(setting).as_bytes()));
            // Every row: those that a change does not concern stay as they were.
            for row in rows.values_mut() {
                P::judge(&mut row.state, &context);
            }
        }
        let taken = match (&event.event, P::key(event)) {
            (Err(_), _) => false,
            (Ok(_), None) => true,
            (Ok(_), Some(key)) => {
                let mut row = rows.remove(&key);
                let taken = P::apply(&mut row, event, &context).is_ok();
                rows.extend(row.map(|row| (key, row)));
                taken
            }
        };
        if let (false, Some(TicketNumber(ticket))) = (taken, event.ticket()) {
            contents.quarantine.insert(ticket, event.position.0);
        }
    }
    for (key, row) in rows {
        let state = serde_json::to_string(&row.state).unwrap();
        hash.add(StateHash::of(key, state.as_bytes()));
        for tally in P::tallies(&row.state) {
            *contents.tallies.entry((tally.name, tally.bucket)).or_default() += 1;
        }
        let personal = row.personal.map(|personal| serde_json::to_string(&personal).unwrap());
        contents.rows.insert(key, (P::columns(&row.state), state, personal));
    }
    contents.hash = hash.to_hex();
    contents
}

/// A setting as it is kept beside the rows that it judges.
fn kept(setting: &SettingEvent) -> String {
    let encoded = Event::Setting(setting.clone().without_reason()).encode();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let (name, schema, data) = (quoted(encoded.name), encoded.schema, quoted(&encoded.data));
    format!(r#"{{"name":{name},"schema":{schema},"data":{data}}}"#)
}

type Fold = fn(&[LogEvent]) -> Contents;

/// Every projector there is, with its type; the registry does not tell types.
const FOLDS: [(&str, Fold); 9] = [
    (Queue::NAME, fold::<Queue>),
    (Timeline::NAME, fold::<Timeline>),
    (Sla::NAME, fold::<Sla>),
    (Metrics::NAME, fold::<Metrics>),
    (Directory::NAME, fold::<Directory>),
    (Search::NAME, fold::<Search>),
    (DueDates::NAME, fold::<DueDates>),
    (Roster::NAME, fold::<Roster>),
    (Reports::NAME, fold::<Reports>),
];

#[test]
fn every_projector_of_the_registry_is_folded_by_hand() {
    let known: Vec<&str> = FOLDS.iter().map(|(name, _)| *name).collect();
    let registered: Vec<&str> = registry::all().iter().map(|definition| definition.name).collect();
    assert_eq!(known, registered, "a new projector needs a line in FOLDS");
}

/// What a read model must hold once it has taken the events up to a position.
pub(crate) fn expected(name: &str, events: &[LogEvent], up_to: GlobalPosition) -> Contents {
    let (_, fold) = FOLDS.iter().find(|(known, _)| *known == name).unwrap();
    fold(&events[..up_to.0 as usize])
}

/// What the read model on a connection holds.
pub(crate) fn contents(connection: &Connection) -> Result<Contents, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let mut contents = Contents::default();
    let (position, recorded_at, hash) =
        transaction.query_row("SELECT position, recorded_at, hash FROM checkpoint", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?))
        })?;
    (contents.position, contents.recorded_at, contents.hash) = (position as u64, recorded_at, hash);
    let mut rows = transaction.prepare("SELECT * FROM rows")?;
    let width = rows.column_count();
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let columns = (1..width - 2).map(|index| row.get(index)).collect::<Result<_, _>>()?;
        contents.rows.insert(row.get(0)?, (columns, row.get(width - 2)?, row.get(width - 1)?));
    }
    let mut tallies = transaction.prepare("SELECT name, bucket, count FROM tallies")?;
    let mut tallies = tallies.query([])?;
    while let Some(row) = tallies.next()? {
        contents.tallies.insert((row.get(0)?, row.get(1)?), row.get(2)?);
    }
    let mut quarantine = transaction.prepare("SELECT ticket, position FROM quarantine")?;
    let mut quarantine = quarantine.query([])?;
    while let Some(row) = quarantine.next()? {
        contents.quarantine.insert(row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
    }
    Ok(contents)
}

/// Everything else in a file: its tables and indexes, which a rebuild must make like live operation does.
pub(crate) fn shape(connection: &Connection) -> Vec<Vec<Value>> {
    let mut statement =
        connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut shape = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        shape.push((0..4).map(|index| row.get(index).unwrap()).collect());
    }
    shape
}
