//! A store in memory: the reference that the conformance suite compares the others with, and the quick one
//! for tests of rules.

use super::check::{VerifyCheck, check_restore};
use super::staging::{self, Recorded, StageError, Staged, Verdict, stage, stage_facts};
use super::{
    Append, AppendError, Appended, BulkAppended, CommandKey, EventStore, Fact, Progress, QueueDepth,
    READ_BYTES_MAX, READ_RECORDS_MAX, ReadError, Verified,
};
use crate::clock::Clock;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::StoredRecord;
use crate::time::Timestamp;
use async_trait::async_trait;
use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Keeps the log in memory; nothing survives the process.
pub struct MemoryStore {
    log: Mutex<Log>,
    head: watch::Sender<GlobalPosition>,
    failure: watch::Sender<Option<String>>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Log {
    records: Vec<StoredRecord>,
    streams: HashMap<StreamName, Vec<GlobalPosition>>,
    ids: HashMap<EventId, GlobalPosition>,
    commands: HashMap<(String, String), GlobalPosition>,
    recorded_at: Option<Timestamp>,
}

impl MemoryStore {
    /// An empty log.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            log: Mutex::default(),
            head: watch::Sender::new(GlobalPosition::START),
            failure: watch::Sender::new(None),
            clock,
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // A panic while the lock was held cannot leave the log half changed: all checks precede all changes.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded for Log {
    type Error = Infallible;

    fn version(&mut self, stream: &StreamName) -> Result<StreamVersion, Infallible> {
        Ok(StreamVersion(self.streams.get(stream).map_or(0, Vec::len) as u64))
    }

    fn position_of(&mut self, id: EventId) -> Result<Option<GlobalPosition>, Infallible> {
        Ok(self.ids.get(&id).copied())
    }

    fn command(&mut self, key: &CommandKey) -> Result<Option<GlobalPosition>, Infallible> {
        Ok(self.commands.get(&(key.principal.clone(), key.key.clone())).copied())
    }

    fn record(&mut self, position: GlobalPosition) -> Result<StoredRecord, Infallible> {
        Ok(self.records[position.0 as usize - 1].clone())
    }
}

impl Log {
    fn head(&self) -> GlobalPosition {
        GlobalPosition(self.records.len() as u64)
    }

    fn push(&mut self, stored: StoredRecord) -> Result<(), AppendError> {
        let event = stored.decode().map_err(|error| AppendError::Closed { why: error.to_string() })?;
        let stream =
            StreamName::new(&event.stream).map_err(|error| AppendError::Closed { why: error.to_string() })?;
        self.ids.insert(event.id, stored.position);
        if let Some(mark) = event.command {
            self.commands.insert((mark.principal, mark.key), stored.position);
        }
        self.recorded_at = Some(event.recorded_at);
        self.streams.entry(stream).or_default().push(stored.position);
        self.records.push(stored);
        Ok(())
    }

    fn write(&mut self, staged: &[Staged<'_>], now: Timestamp) -> Result<(), AppendError> {
        let recorded_at = self.recorded_at.map_or(now, |last| last.max(now));
        // All are encoded before any is written, so that one too large leaves nothing behind.
        let positions = (self.head().0 + 1..).map(GlobalPosition);
        let encode = |(part, position): (&Staged<'_>, _)| part.encode(position, recorded_at);
        let records = staged.iter().zip(positions).map(encode).collect::<Result<Vec<_>, _>>()?;
        records.into_iter().try_for_each(|record| self.push(record))
    }

    fn append(&mut self, append: &Append, now: Timestamp) -> Result<Appended, AppendError> {
        match stage(append, self).map_err(refusal)? {
            Verdict::Found(found) => Ok(found),
            Verdict::Write { staged, versions } => {
                let first = self.head().next();
                self.write(&staged, now)?;
                Ok(Appended { first, last: self.head(), versions, found: false })
            }
        }
    }
}

fn refusal(error: StageError<Infallible>) -> AppendError {
    match error {
        StageError::Refused(refusal) => refusal,
    }
}

/// As much as one read returns.
fn page<'a>(records: impl Iterator<Item = &'a StoredRecord>, limit: usize) -> Vec<StoredRecord> {
    let mut bytes = 0;
    let fits = |record: &&StoredRecord| {
        let room = bytes < READ_BYTES_MAX;
        bytes += record.bytes.len();
        room
    };
    records.take(limit.min(READ_RECORDS_MAX)).take_while(fits).cloned().collect()
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let mut log = self.log();
        let appended = log.append(&append, self.clock.now());
        self.head.send_replace(log.head());
        appended
    }

    async fn append_facts(&self, facts: Vec<Fact>) -> Result<BulkAppended, AppendError> {
        let mut log = self.log();
        let (staged, outcome) = stage_facts(&facts, &mut *log).map_err(refusal)?;
        log.write(&staged, self.clock.now())?;
        self.head.send_replace(log.head());
        Ok(outcome)
    }

    async fn find_command(&self, key: &CommandKey) -> Result<Option<Appended>, AppendError> {
        staging::find_command(key, &mut *self.log()).map_err(refusal)
    }

    async fn restore(&self, records: Vec<StoredRecord>) -> Result<(), AppendError> {
        let mut log = self.log();
        let (head, recorded_at) = (log.head(), log.recorded_at);
        check_restore(&records, head, recorded_at, &mut *log).map_err(refusal)?;
        records.into_iter().try_for_each(|record| log.push(record))?;
        self.head.send_replace(log.head());
        Ok(())
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let log = self.log();
        let positions = log.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let records = positions.iter().skip(after.0 as usize);
        Ok(page(records.map(|position| &log.records[position.0 as usize - 1]), limit))
    }

    async fn read_all(&self, after: GlobalPosition, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        let log = self.log();
        Ok(page(log.records.iter().skip(after.0 as usize), limit))
    }

    async fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        Ok(self.log().ids.get(&id).copied())
    }

    fn head(&self) -> watch::Receiver<GlobalPosition> {
        self.head.subscribe()
    }

    fn queue(&self) -> QueueDepth {
        // Appends are done where they are called, so none ever waits.
        QueueDepth::default()
    }

    fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.subscribe()
    }

    async fn back_up(&self, to: &Path) -> Result<(), ReadError> {
        let lines: Vec<u8> =
            self.log().records.iter().flat_map(|record| [record.bytes.as_slice(), b"\n"].concat()).collect();
        let unavailable = |error: std::io::Error| ReadError::Unavailable { why: error.to_string() };
        let mut file = std::fs::File::create_new(to).map_err(unavailable)?;
        std::io::Write::write_all(&mut file, &lines).and_then(|()| file.sync_all()).map_err(unavailable)
    }

    async fn verify(&self, progress: Progress) -> Result<Verified, ReadError> {
        let log = self.log();
        let mut check = VerifyCheck::default();
        for record in &log.records {
            check.check(record)?;
        }
        progress(log.head());
        check.verified()
    }
}
