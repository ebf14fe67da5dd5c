//! A whole server without a network: the real router over a log, its read models and a clock set by hand.

use super::call::{Answer, Call};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use docket_core::clock::{Clock, ManualClock};
use docket_core::names::GlobalPosition;
use docket_core::store::EventStore;
use docket_core::store::data_dir::DataDir;
use docket_core::store::memory::MemoryStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::runner::Phase;
use docket_server::app::App;
use docket_server::identity::Entry;
use docket_server::{assembly, listener};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-11-21T09:30:00Z, when every test begins.
pub(crate) const NOW: Timestamp = Timestamp(1_795_253_400_000);

/// Long enough for any machine; nothing waits for it to pass unless a promise is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server and what it stands on.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    router: Router,
    _directory: Option<TempDir>,
}

impl Desk {
    /// On a log in memory.
    pub(crate) async fn open() -> Self {
        Self::on(|clock| Arc::new(MemoryStore::new(clock))).await
    }

    /// On a log in a file.
    pub(crate) async fn on_sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        // A small WAL: a test writes little, and growing it takes longer than the test.
        let options = SqliteOptions::new(directory.path().join("log.db")).wal_pages(16);
        let store = Arc::new(options.open(clock.clone()).unwrap());
        Self::at(directory.path(), store, clock).await.keeping(directory).await
    }

    /// On a log made by the test.
    pub(crate) async fn on(store: impl FnOnce(Arc<dyn Clock>) -> Arc<dyn EventStore>) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let directory = tempfile::tempdir().unwrap();
        let store = store(clock.clone());
        Self::at(directory.path(), store, clock).await.keeping(directory).await
    }

    /// In a directory that outlives it, whether its read models are ready or not.
    pub(crate) async fn at(directory: &Path, store: Arc<dyn EventStore>, clock: Arc<ManualClock>) -> Self {
        let data = DataDir::at(directory);
        drop(data.lock("test").unwrap());
        let app = assembly::assemble(&data, store, clock.clone()).await.unwrap();
        let app = App { entry: Entry::Headers, ..app };
        app.verified.store(true, Ordering::Relaxed);
        let router = listener::router(app.clone());
        Self { app, clock, router, _directory: None }
    }

    /// Holds on to its directory, and waits until every read model can be asked.
    async fn keeping(self, directory: TempDir) -> Self {
        for status in self.app.projections.statuses() {
            let mut status = self.app.projections.watch(status.name).unwrap();
            // Without a limit: where time stands still, it would pass at once.
            status.wait_for(|status| status.phase == Phase::Live).await.unwrap();
        }
        Self { _directory: Some(directory), ..self }
    }

    /// The same server with something of it changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut App)) -> Self {
        change(&mut self.app);
        self.router = listener::router(self.app.clone());
        self
    }

    /// Where its files are.
    pub(crate) fn directory(&self) -> &Path {
        self._directory.as_ref().unwrap().path()
    }

    /// Moves the clock forward, or back.
    pub(crate) fn pass(&self, span: DurationMs) {
        self.clock.set(self.clock.now().plus(span));
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.start(request).await).await
    }

    /// Sends a request and returns the answer with its body still to come.
    pub(crate) async fn start(&self, request: Request<Body>) -> axum::response::Response {
        let answer = self.router.clone().oneshot(request);
        let answer = tokio::time::timeout(PATIENCE, answer).await.expect("no request hangs");
        answer.unwrap_or_else(|never| match never {})
    }

    /// A read.
    pub(crate) fn get(&self, path: impl Into<String>) -> Call<'_> {
        Call::new(self, "GET", path.into())
    }

    /// A command.
    pub(crate) fn post(&self, path: impl Into<String>) -> Call<'_> {
        Call::new(self, "POST", path.into())
    }

    /// Any other request.
    pub(crate) fn ask(&self, method: &str, path: impl Into<String>) -> Call<'_> {
        Call::new(self, method, path.into())
    }

    /// A command on a ticket.
    pub(crate) fn act(&self, ticket: u64, command: &str, body: Value) -> Call<'_> {
        self.post(format!("/api/v1/tickets/{ticket}/{command}")).json(&body).whatever()
    }

    /// Opens a ticket that says nothing special; returns its number.
    pub(crate) async fn ticket(&self) -> u64 {
        self.post("/api/v1/tickets").json(&opening()).await.ok(201)["ticket"].as_u64().unwrap()
    }

    /// Runs a command that goes through; returns the position that shows it.
    pub(crate) async fn done(&self, ticket: u64, command: &str, body: Value) -> u64 {
        self.act(ticket, command, body).await.ok(200)["position"].as_u64().unwrap()
    }

    /// Reads something that shows everything that is in the log.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let joint = if path.contains('?') { '&' } else { '?' };
        self.get(format!("{path}{joint}at_least={}", self.head())).await.ok(200)
    }

    /// As [`Desk::read`], by whoever has a cookie.
    pub(crate) async fn read_by(&self, cookie: &str, path: &str) -> Value {
        let joint = if path.contains('?') { '&' } else { '?' };
        self.get(format!("{path}{joint}at_least={}", self.head())).header("cookie", cookie).await.ok(200)
    }

    /// The last position of the log.
    pub(crate) fn head(&self) -> u64 {
        self.app.head().0
    }

    /// Every record of the log, decoded.
    pub(crate) async fn log(&self) -> Vec<Value> {
        let records = self.app.store.read_all(GlobalPosition::START, 4096).await.unwrap();
        records.iter().map(|record| serde_json::from_slice(&record.bytes).unwrap()).collect()
    }

    /// Stored names and streams of the events after a position.
    pub(crate) async fn events_after(&self, position: u64) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let log = self.log().await;
        let new = log.iter().skip(position as usize);
        new.map(|event| format!("{} {}", text(&event["stream"]), text(&event["type"]))).collect()
    }

    /// Waits until every read model shows everything that is in the log.
    pub(crate) async fn settled(&self) {
        for status in self.app.projections.statuses() {
            let head = self.app.head();
            self.app.projections.wait_for(status.name, head, PATIENCE).await.unwrap();
        }
    }
}

/// A ticket that says nothing special.
pub(crate) fn opening() -> Value {
    json!({ "requester": { "id": "noor" }, "subject": "Charged twice", "body": "Two payments in March." })
}
