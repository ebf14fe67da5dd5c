//! A log that can be closed to readers and opened again, so that a test sees what happens in between.

use async_trait::async_trait;
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use docket_core::record::StoredRecord;
use docket_core::store::memory::MemoryStore;
use docket_core::store::{
    Append, AppendError, Appended, BulkAppended, CommandKey, EventStore, Fact, Progress, QueueDepth,
    ReadError, Verified,
};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// A log whose readers of everything wait until it is open.
pub(crate) struct Gate {
    store: Arc<MemoryStore>,
    open: watch::Sender<bool>,
}

impl Gate {
    pub(crate) fn closed(store: Arc<MemoryStore>) -> Arc<Self> {
        Arc::new(Self { store, open: watch::Sender::new(false) })
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

#[async_trait]
impl EventStore for Gate {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.store.append(append).await
    }

    async fn append_facts(&self, facts: Vec<Fact>) -> Result<BulkAppended, AppendError> {
        self.store.append_facts(facts).await
    }

    async fn restore(&self, records: Vec<StoredRecord>) -> Result<(), AppendError> {
        self.store.restore(records).await
    }

    async fn find_command(&self, key: &CommandKey) -> Result<Option<Appended>, AppendError> {
        self.store.find_command(key).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        self.store.read_stream(stream, after, limit).await
    }

    async fn read_all(&self, after: GlobalPosition, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        self.store.read_all(after, limit).await
    }

    async fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        self.store.position_of(id).await
    }

    fn head(&self) -> watch::Receiver<GlobalPosition> {
        self.store.head()
    }

    fn queue(&self) -> QueueDepth {
        self.store.queue()
    }

    fn failure(&self) -> watch::Receiver<Option<String>> {
        self.store.failure()
    }

    async fn back_up(&self, to: &Path) -> Result<(), ReadError> {
        self.store.back_up(to).await
    }

    async fn verify(&self, progress: Progress) -> Result<Verified, ReadError> {
        self.store.verify(progress).await
    }
}
