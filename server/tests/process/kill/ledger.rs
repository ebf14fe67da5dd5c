//! What the log holds, read offline after each kill and compared with what was told.

use super::commands::{Sent, Told};
use docket_core::names::GlobalPosition;
use docket_core::record::{RecordHash, StoredRecord};
use docket_core::store::EventStore;
use docket_core::store::sqlite::{SqliteOptions, SqliteStore};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Everything that has been seen in the log so far.
#[derive(Default)]
pub(super) struct Ledger {
    hashes: Vec<RecordHash>,
    done: BTreeMap<(String, String), Done>,
}

/// What a command left in the log.
struct Done {
    first: u64,
    last: u64,
    stream: String,
    data: String,
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The log as it lies there, opened without changing it.
pub(super) fn open(data: &Path) -> SqliteStore {
    SqliteOptions::new(data.join("log.db")).open_read_only().unwrap()
}

/// Every record after a position.
pub(super) fn read(store: &SqliteStore, after: u64) -> Vec<StoredRecord> {
    let runtime = runtime();
    let mut records: Vec<StoredRecord> = Vec::new();
    loop {
        let after = GlobalPosition(after + records.len() as u64);
        // The store checks each hash and that no position is missing.
        let page = runtime.block_on(store.read_all(after, 4096)).unwrap();
        if page.is_empty() {
            return records;
        }
        records.extend(page);
    }
}

impl Ledger {
    pub(super) fn head(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// The last position of a command that is in the log.
    pub(super) fn position_of(&self, sent: &Sent) -> Option<u64> {
        self.find(sent).map(|done| done.last)
    }

    fn find(&self, sent: &Sent) -> Option<&Done> {
        self.done.get(&(sent.principal.clone(), sent.key.clone()))
    }

    /// Reads what is new, command by command: each is there in full, and once.
    pub(super) fn read_on(&mut self, data: &Path) {
        let records = read(&open(data), self.head());
        let mut rest: Option<(u32, Uuid)> = None;
        for record in &records {
            let event = record.decode().unwrap();
            let position = event.position.0;
            match (&event.command, rest) {
                (Some(mark), None) => {
                    let done = Done {
                        first: position,
                        last: position + u64::from(mark.events) - 1,
                        stream: event.stream.to_string(),
                        data: event.data.get().to_owned(),
                    };
                    let before = self.done.insert((mark.principal.clone(), mark.key.clone()), done);
                    assert!(before.is_none(), "{} is there twice, also at {position}", mark.key);
                    rest = (mark.events > 1).then_some((mark.events - 1, event.correlation));
                }
                (None, Some((left, correlation))) => {
                    assert_eq!(event.correlation, correlation, "another command's event at {position}");
                    rest = (left > 1).then_some((left - 1, correlation));
                }
                (Some(mark), Some((left, _))) => {
                    panic!("{} begins at {position}, and the one ahead lacks {left} events", mark.key)
                }
                // Nobody sends what routing decides; the store holds each of its appends together.
                (None, None) if event.actor.id.as_str() == "routing" => {}
                (None, None) => panic!("an event of no command at {position}"),
            }
            self.hashes.push(record.hash);
        }
        assert!(rest.is_none(), "the last command is there in part");
    }

    /// Compares with what everybody was told.
    pub(super) fn check<'a>(&self, sent: impl Iterator<Item = &'a Sent>) {
        let mut known = 0;
        for sent in sent {
            let done = self.find(sent);
            known += usize::from(done.is_some());
            match (&sent.told, done) {
                (Told::Done { position, ticket }, Some(done)) => {
                    assert_eq!(*position, done.last, "{} is elsewhere, from {}", sent.key, done.first);
                    assert_eq!(done.stream, format!("ticket-{ticket}"), "{}", sent.key);
                    check_text(sent, &done.data);
                }
                (Told::Done { position, .. }, None) => {
                    panic!(
                        "{} was acknowledged at {position} and is lost; the log ends at {}",
                        sent.key,
                        self.head()
                    )
                }
                (Told::Refused | Told::AlreadySo, None) | (Told::Nothing, _) => {}
                (told @ (Told::Refused | Told::AlreadySo), Some(done)) => {
                    panic!("{} was told {told:?} and is at {}", sent.key, done.first)
                }
            }
        }
        assert_eq!(known, self.done.len(), "the log holds commands that nobody sent");
    }

    /// Checks the whole log: as the store itself does, and that nothing that was there has changed.
    pub(super) fn check_all(&self, data: &Path) {
        let store = open(data);
        runtime().block_on(store.verify(Arc::new(|_| {}))).unwrap();
        let records = read(&store, 0);
        assert!(records.len() >= self.hashes.len(), "the log has become shorter");
        for (record, hash) in records.iter().zip(&self.hashes) {
            assert_eq!(record.hash, *hash, "the record at {} has changed", record.position);
        }
    }
}

/// What was sent is what is stored.
fn check_text(sent: &Sent, data: &str) {
    let (body, data): (Value, Value) =
        (serde_json::from_str(&sent.body).unwrap(), serde_json::from_str(data).unwrap());
    for field in ["body", "subject", "context", "notes"] {
        assert_eq!(body.get(field), data.get(field), "{}", sent.key);
    }
}
