//! Bulk appends. Facts are taken to be new, and looked for only when one turns out to be there already: to look for
//! each takes a fifth of an import.

use super::{Outcome, Trouble, Writer};
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::StoredRecord;
use crate::store::staging::{Recorded, StageError, Staged, stage_facts};
use crate::store::{BulkAppended, CommandKey, Fact};
use crate::time::Timestamp;
use std::sync::mpsc;

/// Rows that are encoded ahead of the one being written, and how many are handed over at once.
const CHUNKS_AHEAD: usize = 4;
const CHUNK_ROWS: usize = 128;

type StagedFacts<'a> = (Vec<Staged<'a>>, BulkAppended);

impl Writer {
    pub(super) fn facts(&mut self, facts: &[Fact], recorded_at: Timestamp) -> Outcome<BulkAppended> {
        let staged = stage_facts(facts, &mut NoneThere(self));
        match self.write_facts(staged, recorded_at) {
            Err(Trouble::There(_)) => {}
            outcome => return outcome,
        }
        let staged = stage_facts(facts, self);
        self.write_facts(staged, recorded_at)
    }

    /// Writes facts as they are encoded; a refusal takes back those that were written.
    fn write_facts(
        &mut self,
        staged: Result<StagedFacts<'_>, StageError<Trouble>>,
        recorded_at: Timestamp,
    ) -> Outcome<BulkAppended> {
        let (staged, outcome) = match staged {
            Err(StageError::Refused(refusal)) => return Ok(Err(refusal)),
            Err(StageError::Store(trouble)) => return Err(trouble),
            Ok(staged) => staged,
        };
        let (position, last_recorded_at) = (self.position, self.recorded_at);
        self.connection.execute_batch("SAVEPOINT facts")?;
        let rows = self.rows(&staged, recorded_at);
        let written = std::thread::scope(|scope| {
            let (encoder, encoded) = mpsc::sync_channel(CHUNKS_AHEAD);
            scope.spawn(move || encode_ahead(rows, &encoder));
            self.insert(encoded.into_iter().flatten())
        });
        match &written {
            Ok(Ok(())) => self.connection.execute_batch("RELEASE facts")?,
            // Some are written that must not stay.
            Ok(Err(_)) | Err(Trouble::There(_)) => {
                self.connection.execute_batch("ROLLBACK TO facts; RELEASE facts")?;
                self.position = position;
                self.recorded_at = last_recorded_at;
                self.versions.clear();
            }
            Err(Trouble::Full | Trouble::Busy | Trouble::Fatal(_)) => {}
        }
        Ok(written?.map(|()| outcome))
    }
}

/// Encodes rows in chunks, until there are none or whoever writes them has stopped.
fn encode_ahead<R>(mut rows: impl Iterator<Item = R>, encoder: &mpsc::SyncSender<Vec<R>>) {
    loop {
        let chunk: Vec<R> = rows.by_ref().take(CHUNK_ROWS).collect();
        if chunk.is_empty() || encoder.send(chunk).is_err() {
            return;
        }
    }
}

/// The log, as if none of the facts were in it. The unique indexes know better.
struct NoneThere<'a>(&'a mut Writer);

impl Recorded for NoneThere<'_> {
    type Error = Trouble;

    fn version(&mut self, stream: &StreamName) -> Result<StreamVersion, Trouble> {
        self.0.version(stream)
    }

    fn position_of(&mut self, _: EventId) -> Result<Option<GlobalPosition>, Trouble> {
        Ok(None)
    }

    fn command(&mut self, key: &CommandKey) -> Result<Option<GlobalPosition>, Trouble> {
        self.0.command(key)
    }

    fn record(&mut self, position: GlobalPosition) -> Result<StoredRecord, Trouble> {
        self.0.record(position)
    }
}
