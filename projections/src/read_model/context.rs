//! The settings that rows are judged by, kept in the read model's file, so that it stands by itself.

use super::FileError;
use crate::projector::{Context, Projector, StateHash};
use docket_core::event::{EncodedEvent, Event};
use docket_core::names::GlobalPosition;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// The table. The events as they were stored, without what their author wrote about them.
pub(crate) const SCHEMA: &str =
    "CREATE TABLE context (position INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT;";

/// An event that changed the context, as it is kept.
pub(super) struct Kept {
    position: GlobalPosition,
    json: String,
}

/// The stored form of an event.
#[derive(Serialize, Deserialize)]
struct Stored {
    name: String,
    schema: u16,
    data: String,
}

impl Kept {
    /// An event of the log, if it can change a context.
    pub(super) fn of(position: GlobalPosition, event: &Event) -> Option<Self> {
        let Event::Setting(setting) = event else { return None };
        let EncodedEvent { name, schema, data } = Event::Setting(setting.clone().without_reason()).encode();
        let stored = Stored { name: name.to_string(), schema, data };
        let mut json = String::new();
        docket_core::json::write(&mut json, &stored);
        Some(Self { position, json })
    }

    /// What it adds to the hash of the read model. No row has a negative key.
    pub(super) fn hash(&self) -> StateHash {
        StateHash::of(-(self.position.0 as i64), self.json.as_bytes())
    }

    pub(super) fn put(&self, connection: &Connection) -> Result<(), FileError> {
        let mut insert = connection.prepare_cached("INSERT INTO context VALUES (?1, ?2)")?;
        insert.execute((self.position.0 as i64, &self.json))?;
        Ok(())
    }

    fn decode(&self) -> Result<Event, FileError> {
        let damaged = |why: String| FileError::Damaged(format!("a setting in it cannot be read: {why}"));
        let stored: Stored = serde_json::from_str(&self.json).map_err(|error| damaged(error.to_string()))?;
        Event::decode(&stored.name, stored.schema, &stored.data).map_err(|error| damaged(error.to_string()))
    }
}

/// Everything that is kept, in the order of the log.
fn kept<P: Projector>(connection: &Connection) -> Result<Vec<Kept>, FileError> {
    if P::JUDGED.is_none() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached("SELECT position, event FROM context ORDER BY position")?;
    let kept = statement.query_map([], |row| {
        Ok(Kept { position: GlobalPosition(row.get::<_, i64>(0)? as u64), json: row.get(1)? })
    })?;
    Ok(kept.collect::<Result<_, _>>()?)
}

/// What the rows of the read model on a connection are judged by.
///
/// # Errors
/// [`FileError`]
pub(crate) fn context<P: Projector>(connection: &Connection) -> Result<P::Context, FileError> {
    let mut context = P::Context::default();
    for kept in kept::<P>(connection)? {
        context.take(&kept.decode()?);
    }
    Ok(context)
}

/// What the context adds to the hash.
pub(super) fn hash<P: Projector>(connection: &Connection) -> Result<StateHash, FileError> {
    let mut hash = StateHash::default();
    kept::<P>(connection)?.iter().for_each(|kept| hash.add(kept.hash()));
    Ok(hash)
}
