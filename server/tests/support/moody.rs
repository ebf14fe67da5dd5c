//! A log that fails as it is told to.

use async_trait::async_trait;
use docket_core::clock::Clock;
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use docket_core::record::StoredRecord;
use docket_core::store::memory::MemoryStore;
use docket_core::store::{
    Append, AppendError, Appended, BulkAppended, CommandKey, EventStore, ExpectedVersion, Fact, Progress,
    QueueDepth, ReadError, Verified,
};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Wraps a log in memory.
pub(crate) struct MoodyStore {
    inner: MemoryStore,
    mood: Mutex<Mood>,
    failure: watch::Sender<Option<String>>,
    /// Readers of the whole log wait while this says so.
    gate: watch::Sender<bool>,
    /// Readers of one stream wait while this says so.
    stream_gate: watch::Sender<bool>,
    /// Records handed out by reading the whole log with a small limit, as event streams do.
    streamed: AtomicUsize,
    /// What is appended right before the next append, as if somebody had been quicker.
    meanwhile: Mutex<Option<Append>>,
    /// Appends that still go through, however it feels.
    granted: AtomicUsize,
    /// Reads that were refused.
    refused: watch::Sender<usize>,
    /// What every append was conditional on.
    conditions: Mutex<Vec<(StreamName, ExpectedVersion)>>,
}

/// What goes wrong; nothing by default.
#[derive(Clone, Default)]
pub(crate) struct Mood {
    /// What every append comes to.
    pub(crate) append: Option<AppendError>,
    /// Whether the append is done all the same, and only nobody knows.
    pub(crate) appends_all_the_same: bool,
    /// What every read comes to.
    pub(crate) read: Option<ReadError>,
}

impl MoodyStore {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            inner: MemoryStore::new(clock),
            mood: Mutex::default(),
            failure: watch::Sender::new(None),
            gate: watch::Sender::new(false),
            stream_gate: watch::Sender::new(false),
            streamed: AtomicUsize::new(0),
            meanwhile: Mutex::default(),
            granted: AtomicUsize::new(0),
            refused: watch::Sender::new(0),
            conditions: Mutex::default(),
        })
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn refuses(&self, error: AppendError) {
        self.is(Mood { append: Some(error), ..Mood::default() });
    }

    /// Refuses every append after so many.
    #[allow(dead_code, reason = "only some test binaries break off half-way")]
    pub(crate) fn refuses_after(&self, appends: usize, error: AppendError) {
        self.granted.store(appends, Ordering::SeqCst);
        self.refuses(error);
    }

    pub(crate) fn cannot_be_read(&self, error: ReadError) {
        self.is(Mood { read: Some(error), ..Mood::default() });
    }

    pub(crate) fn is_well(&self) {
        self.is(Mood::default());
    }

    pub(crate) fn has_failed(&self, why: &str) {
        self.failure.send_replace(Some(why.to_owned()));
    }

    /// Appends something right before the next append.
    #[allow(dead_code, reason = "only some test binaries are overtaken")]
    pub(crate) fn is_overtaken_by(&self, append: Append) {
        *self.meanwhile.lock().unwrap() = Some(append);
    }

    /// What every append so far was conditional on.
    #[allow(dead_code, reason = "only some test binaries ask for it")]
    pub(crate) fn conditions(&self) -> Vec<(StreamName, ExpectedVersion)> {
        self.conditions.lock().unwrap().clone()
    }

    /// Lets readers of the whole log wait, or go on.
    pub(crate) fn holds_readers(&self, holds: bool) {
        self.gate.send_replace(holds);
    }

    /// Lets readers of one stream wait, or go on.
    pub(crate) fn holds_streams(&self, holds: bool) {
        self.stream_gate.send_replace(holds);
    }

    pub(crate) fn streamed(&self) -> usize {
        self.streamed.load(Ordering::Relaxed)
    }

    fn mood(&self) -> Mood {
        self.mood.lock().unwrap().clone()
    }

    /// Returns once somebody was refused a read.
    #[allow(dead_code, reason = "only some test binaries wait for it")]
    pub(crate) async fn has_refused_a_read(&self) {
        self.refused.subscribe().wait_for(|refused| *refused > 0).await.unwrap();
    }

    fn readable(&self) -> Result<(), ReadError> {
        let Some(error) = self.mood().read else { return Ok(()) };
        self.refused.send_modify(|refused| *refused += 1);
        Err(error)
    }
}

#[async_trait]
impl EventStore for MoodyStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let mood = self.mood();
        let conditions = append.streams.iter().map(|part| (part.stream.clone(), part.expected));
        self.conditions.lock().unwrap().extend(conditions);
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            self.inner.append(meanwhile).await?;
        }
        let Some(error) = mood.append else { return self.inner.append(append).await };
        let one_less = |left: usize| left.checked_sub(1);
        if self.granted.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return self.inner.append(append).await;
        }
        if mood.appends_all_the_same {
            self.inner.append(append).await?;
        }
        Err(error)
    }

    async fn append_facts(&self, facts: Vec<Fact>) -> Result<BulkAppended, AppendError> {
        let mood = self.mood();
        let Some(error) = mood.append else { return self.inner.append_facts(facts).await };
        if mood.appends_all_the_same {
            self.inner.append_facts(facts).await?;
        }
        Err(error)
    }

    async fn restore(&self, records: Vec<StoredRecord>) -> Result<(), AppendError> {
        self.inner.restore(records).await
    }

    async fn find_command(&self, key: &CommandKey) -> Result<Option<Appended>, AppendError> {
        self.readable().map_err(|error| AppendError::Closed { why: error.to_string() })?;
        self.inner.find_command(key).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        // The sender lives in `self`, so the wait cannot end by its loss.
        let _ = self.stream_gate.subscribe().wait_for(|holds| !holds).await;
        self.readable()?;
        self.inner.read_stream(stream, after, limit).await
    }

    async fn read_all(&self, after: GlobalPosition, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        // The sender lives in `self`, so the wait cannot end by its loss.
        let _ = self.gate.subscribe().wait_for(|holds| !holds).await;
        self.readable()?;
        let records = self.inner.read_all(after, limit).await?;
        if limit <= 100 {
            self.streamed.fetch_add(records.len(), Ordering::Relaxed);
        }
        Ok(records)
    }

    async fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        self.inner.position_of(id).await
    }

    fn head(&self) -> watch::Receiver<GlobalPosition> {
        self.inner.head()
    }

    fn queue(&self) -> QueueDepth {
        self.inner.queue()
    }

    fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.subscribe()
    }

    async fn back_up(&self, to: &Path) -> Result<(), ReadError> {
        self.inner.back_up(to).await
    }

    async fn verify(&self, progress: Progress) -> Result<Verified, ReadError> {
        self.readable()?;
        self.inner.verify(progress).await
    }
}
