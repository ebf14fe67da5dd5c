//! Checks of records that were not made just now: when they are restored, and when the log is verified.

use super::staging::{Recorded, StageError, at_most};
use super::{AppendError, CommandKey, RECORD_BYTES_MAX, ReadError, Verified};
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{self, StoredRecord};
use crate::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// Checks that records continue the log and their streams, and are what Docket would have written itself.
///
/// Returns the stream of each.
pub(super) fn check_restore<R: Recorded>(
    records: &[StoredRecord],
    head: GlobalPosition,
    recorded_at: Option<Timestamp>,
    recorded: &mut R,
) -> Result<Vec<StreamName>, StageError<R::Error>> {
    at_most("records in a restore", records.len()).map_err(StageError::Refused)?;
    let mut check = RestoreCheck { head, recorded_at, ..RestoreCheck::default() };
    records.iter().map(|record| check.check(record, recorded)).collect()
}

/// What the log holds once the records that were checked so far are there.
#[derive(Default)]
struct RestoreCheck {
    head: GlobalPosition,
    recorded_at: Option<Timestamp>,
    versions: HashMap<StreamName, StreamVersion>,
    ids: HashSet<EventId>,
    keys: HashSet<(String, String)>,
}

impl RestoreCheck {
    fn check<R: Recorded>(
        &mut self,
        record: &StoredRecord,
        recorded: &mut R,
    ) -> Result<StreamName, StageError<R::Error>> {
        let refuse = |why: String| StageError::Refused(AppendError::Closed { why });
        let position = self.head.next();
        if record.position != position {
            let at = record.position;
            return Err(refuse(format!("record {at} cannot be restored where {position} comes next")));
        }
        if record.bytes.len() > RECORD_BYTES_MAX {
            let (what, max, is) = ("bytes in a record", RECORD_BYTES_MAX, record.bytes.len());
            return Err(StageError::Refused(AppendError::Limit { what, max, is }));
        }
        if record::hash(&record.bytes) != record.hash {
            return Err(refuse(format!("record {position} does not hash to what it says")));
        }
        let event = record.decode().map_err(|error| refuse(error.to_string()))?;
        if event.encode() != record.bytes {
            return Err(refuse(format!("record {position} is not in canonical form")));
        }
        if self.recorded_at.is_some_and(|last| event.recorded_at < last) {
            return Err(refuse(format!("record {position} is dated before the one ahead of it")));
        }
        let stream = StreamName::new(&event.stream).map_err(|error| refuse(error.to_string()))?;
        let known = match self.versions.get(&stream) {
            Some(known) => *known,
            None => recorded.version(&stream)?,
        };
        if event.version != known.next() {
            let (expected, actual) = (StreamVersion(event.version.0.saturating_sub(1)), known);
            return Err(StageError::Refused(AppendError::Conflict { stream, expected, actual }));
        }
        let there = recorded.position_of(event.id)?;
        if there.is_some() || !self.ids.insert(event.id) {
            let (id, position) = (event.id, there.unwrap_or_default());
            return Err(StageError::Refused(AppendError::IdReused { id, position }));
        }
        if let Some(mark) = event.command {
            let key = CommandKey { principal: mark.principal, key: mark.key, digest: mark.digest };
            let there = recorded.command(&key)?;
            if there.is_some() || !self.keys.insert((key.principal, key.key)) {
                let position = there.unwrap_or_default();
                return Err(StageError::Refused(AppendError::KeyReused { position }));
            }
        }
        self.versions.insert(stream.clone(), event.version);
        self.recorded_at = Some(event.recorded_at);
        self.head = position;
        Ok(stream)
    }
}

/// Checks a whole log, record by record, as [`super::EventStore::verify`] promises it.
#[derive(Default)]
pub(super) struct VerifyCheck {
    verified: Verified,
    versions: HashMap<StreamName, StreamVersion>,
    recorded_at: Option<Timestamp>,
    /// Events still to come of the command that was marked last.
    command_rest: u32,
}

impl VerifyCheck {
    pub(super) fn check(&mut self, record: &StoredRecord) -> Result<(), ReadError> {
        let position = record.position;
        let damaged = |what: String| ReadError::Damaged { position, what };
        let expected = GlobalPosition(self.verified.events + 1);
        if position != expected {
            let what = format!("position {expected} is missing");
            return Err(ReadError::Damaged { position: expected, what });
        }
        if record::hash(&record.bytes) != record.hash {
            return Err(damaged("the record does not hash to what is stored".into()));
        }
        let event = record.decode().map_err(|error| damaged(error.to_string()))?;
        let stream = StreamName::new(&event.stream).map_err(|error| damaged(error.to_string()))?;
        if let Some(last) = self.recorded_at
            && event.recorded_at < last
        {
            return Err(damaged("the record is dated before the one ahead of it".into()));
        }
        self.recorded_at = Some(event.recorded_at);
        let version = event.version;
        let known = self.versions.entry(stream).or_insert_with(|| {
            self.verified.streams += 1;
            StreamVersion::NONE
        });
        if version != known.next() {
            let what = format!("version {} of {} is missing", known.next(), event.stream);
            return Err(damaged(what));
        }
        *known = version;
        match event.command {
            Some(_) if self.command_rest > 0 => {
                return Err(damaged(format!("the command ahead lacks {} events", self.command_rest)));
            }
            Some(mark) => self.command_rest = mark.events.saturating_sub(1),
            None => self.command_rest = self.command_rest.saturating_sub(1),
        }
        self.verified.events += 1;
        self.verified.bytes += record.bytes.len() as u64;
        Ok(())
    }

    pub(super) fn verified(&self) -> Result<Verified, ReadError> {
        if self.command_rest > 0 {
            let position = GlobalPosition(self.verified.events + 1);
            let what = format!("the last command lacks {} events", self.command_rest);
            return Err(ReadError::Damaged { position, what });
        }
        Ok(self.verified)
    }
}
