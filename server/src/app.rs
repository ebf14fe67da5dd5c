//! What every handler shares.

use crate::credentials::{Credentials, Person};
use crate::drafts::Drafts;
use crate::idempotency::once::Answers;
use crate::identity::Entry;
use crate::rate_limit::{Quota, RateLimit};
use crate::reactor::closing::AsideCount;
use crate::streams::Streams;
use crate::uploads::Uploads;
use crate::webhooks::post::Poster;
use crate::webhooks::{Done, WebhookError, Webhooks};
use docket_core::agent::AgentDecider;
use docket_core::clock::Clock;
use docket_core::customer::{AccountDecider, CustomerDecider};
use docket_core::handler::catalogues::{CatalogueError, Catalogues, Held, SettingWish};
use docket_core::handler::settings::{Settings, SettingsError, SettingsHandler, Settled};
use docket_core::handler::things::{Thing, ThingHandler};
use docket_core::handler::{CommandHandler, CustomerMessage, HandleError, Handled, Outcome, Request};
use docket_core::names::GlobalPosition;
use docket_core::staff::{StaffAction, StaffCommand, StaffDecider, StaffRefusal};
use docket_core::store::operational::Operational;
use docket_core::store::{AppendError, CommandKey, EventStore};
use docket_core::time::{DurationMs, Timestamp};
use docket_core::views::{ViewCommand, ViewRefusal, ViewsDecider};
use docket_core::webhook::WebhookCommand;
use docket_projections::Connection;
use docket_projections::read_model::FileError;
use docket_projections::read_model::file::checkpoint;
use docket_projections::runner::{Projections, QueryError, Status};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a read waits for a position that it was asked to show.
pub const WAIT_MAX: Duration = Duration::from_secs(2);

/// How long the log is waited for when a projector's lag is asked for.
const LAG_WAIT: Duration = Duration::from_millis(100);

/// What every handler shares; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// What is kept beside the log.
    pub operational: Arc<Operational>,
    /// Runs commands.
    pub handler: Arc<CommandHandler>,
    /// Who works here.
    pub staff: Arc<SettingsHandler<StaffDecider>>,
    /// How it is found out who is asking.
    pub entry: Entry,
    /// What lets somebody in.
    pub credentials: Arc<Credentials>,
    /// How often somebody has asked lately.
    pub rates: Arc<RateLimit>,
    /// How often a token or a session may ask; [`crate::identity::CALLER_QUOTA`].
    pub caller_quota: Quota,
    /// What keyed requests that append no event were answered.
    pub answers: Arc<Answers>,
    /// What people have begun to write.
    pub drafts: Arc<Drafts>,
    /// Files that wait for their message.
    pub uploads: Arc<Uploads>,
    /// The largest file that is taken. Unit: bytes.
    pub file_bytes_max: u64,
    /// How much is due and cannot be done.
    pub aside: Arc<AsideCount>,
    /// Who is there to take tickets.
    pub agents: Arc<ThingHandler<AgentDecider>>,
    /// The accounts of customers.
    pub accounts: Arc<ThingHandler<AccountDecider>>,
    /// Who asks for help.
    pub customers: Arc<ThingHandler<CustomerDecider>>,
    /// What is configured.
    pub catalogues: Arc<Catalogues>,
    /// Saved views.
    pub views: Arc<SettingsHandler<ViewsDecider>>,
    /// Where events are sent to.
    pub webhooks: Arc<Webhooks>,
    /// What sends them.
    pub poster: Arc<Poster>,
    /// The read models.
    pub projections: Arc<Projections>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes the digests of keyed commands; can be destroyed.
    pub digest_key: Arc<[u8; 32]>,
    /// How long a read waits for a position that it was asked to show; [`WAIT_MAX`].
    pub wait_max: Duration,
    /// Cancelled when the server shall end: event streams end with it.
    pub shutdown: CancellationToken,
    /// Room for connections.
    pub connections: Arc<Semaphore>,
    /// What a verification found damaged; the server ends when this becomes something.
    pub damaged: watch::Sender<Option<String>>,
    /// Room for event streams and long polls.
    pub streams: Streams,
    /// Room for large bodies. Unit: KiB.
    pub bodies: Arc<Semaphore>,
    /// Whether the whole log has been verified since the start.
    pub verified: Arc<AtomicBool>,
    /// Until when the disk counts as full: a while after the last append that found it so.
    pub full_until: Arc<AtomicI64>,
    /// Renders the metrics.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
}

/// How far what is shown is behind the log (promise P6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Events that are not shown yet.
    pub events: u64,
    /// How long the first of them has been there.
    pub since: DurationMs,
}

/// How long the disk counts as full after an append found it so.
const FULL_FOR: DurationMs = DurationMs::from_seconds(5);

impl App {
    /// Takes note of what an append came to, for readiness.
    pub fn note_storage(&self, result: &Result<Handled, HandleError>) {
        match result {
            Err(HandleError::Append(error)) => self.note_refusal(error),
            Ok(handled) => self.note_outcome(handled.outcome),
            Err(_) => {}
        }
    }

    /// Takes note of an append that was refused, for readiness.
    pub fn note_refusal(&self, error: &AppendError) {
        if *error == AppendError::StorageFull {
            self.full_until.store(self.now().plus(FULL_FOR).0, Ordering::Relaxed);
        }
    }

    /// Only what was written shows that there is space.
    fn note_outcome(&self, outcome: Outcome) {
        if outcome == Outcome::Appended {
            self.full_until.store(Timestamp::MIN.0, Ordering::Relaxed);
        }
    }

    /// Whether the disk was found full a moment ago.
    pub fn storage_full(&self) -> bool {
        self.now().0 < self.full_until.load(Ordering::Relaxed)
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The last position of the log.
    pub fn head(&self) -> GlobalPosition {
        *self.store.head().borrow()
    }

    /// How long the first event that a projector does not show yet has been there; nothing when it shows all.
    pub async fn lag(&self, status: &Status) -> DurationMs {
        if status.position() >= self.head() {
            return DurationMs(0);
        }
        // Whoever asks how things stand is not kept waiting by a log that cannot be read.
        let first = tokio::time::timeout(LAG_WAIT, self.store.read_all(status.position(), 1)).await;
        let first = first.ok().and_then(Result::ok).unwrap_or_default();
        let recorded_at =
            first.first().and_then(|record| record.decode().ok()).map(|event| event.recorded_at);
        // Then it counts from the last that is shown, which is no younger.
        let shown_at = status.checkpoint.and_then(|checkpoint| checkpoint.recorded_at);
        recorded_at.or(shown_at).map_or(DurationMs(0), |at| self.now().since(at))
    }

    /// How far the read model that is furthest behind lags.
    pub async fn lag_of(&self, read_models: &[&str]) -> Lag {
        let mut lag = Lag::default();
        for name in read_models {
            let Some(status) = self.projections.watch(name).map(|status| status.borrow().clone()) else {
                continue;
            };
            let events = self.head().0.saturating_sub(status.position().0);
            if events > lag.events {
                lag = Lag { events, since: self.lag(&status).await };
            }
        }
        lag
    }

    /// Runs a command in a task of its own: if the client goes away, what was begun is still finished.
    ///
    /// # Errors
    /// [`HandleError`]
    pub async fn run(&self, request: Request) -> Result<Handled, HandleError> {
        let handler = self.handler.clone();
        self.handled(async move { handler.handle(request).await }).await
    }

    /// Takes what a customer says, in a task of its own as [`App::run`] does.
    ///
    /// # Errors
    /// [`HandleError`]
    pub async fn take_message(&self, message: CustomerMessage) -> Result<Handled, HandleError> {
        let handler = self.handler.clone();
        self.handled(async move { handler.take_message(message).await }).await
    }

    async fn handled(
        &self,
        work: impl Future<Output = Result<Handled, HandleError>> + Send + 'static,
    ) -> Result<Handled, HandleError> {
        let handled = tokio::spawn(work).await;
        let handled = handled.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.note_storage(&handled);
        handled
    }

    /// Runs a command on the staff, in a task of its own as [`App::run`] does.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub async fn change_staff(
        &self,
        command: StaffCommand,
        key: Option<CommandKey>,
    ) -> Result<Settled, SettingsError<StaffRefusal>> {
        let leaves = matches!(command.action, StaffAction::Deactivate { .. });
        let left = leaves.then(|| Person::Staff(command.member.clone()));
        let settled = self.settle(self.staff.clone(), command, key).await;
        if settled.is_ok() {
            // Whoever lost a role loses what it opened, open streams included (promise S2).
            self.credentials.look_again();
            if let Some(left) = left {
                let (now, author) = (self.now(), left.id().clone());
                let taken = self.beside(move |kept| kept.take_everything(&left, now)).await;
                if let Err(error) = taken {
                    tracing::warn!("what let somebody in who left is not out of the file yet: {error}");
                }
                let gone = self.on_drafts(move |drafts, _| drafts.discard_all(&author)).await;
                if let Err(error) = gone {
                    tracing::warn!("drafts of somebody who left are there until the next sweep: {error}");
                }
            }
        }
        settled
    }

    /// Runs a command on the saved views, in a task of its own as [`App::run`] does.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub async fn change_views(
        &self,
        command: ViewCommand,
        key: Option<CommandKey>,
    ) -> Result<Settled, SettingsError<ViewRefusal>> {
        self.settle(self.views.clone(), command, key).await
    }

    async fn settle<D>(
        &self,
        handler: Arc<SettingsHandler<D>>,
        command: D::Command,
        key: Option<CommandKey>,
    ) -> Result<Settled, SettingsError<D::Refusal>>
    where
        D: Settings + Send + 'static,
        D::Command: Send + Sync,
        D::Event: Send,
        D::State: Clone + Send + Sync,
        D::Refusal: std::error::Error + Send,
    {
        let settled =
            tokio::spawn(async move { handler.handle(&command, key.as_ref(), Uuid::now_v7()).await }).await;
        let settled = settled.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.note_settled(&settled);
        settled
    }

    /// Runs a command on a setting, in a task of its own as [`App::run`] does.
    ///
    /// # Errors
    /// [`CatalogueError`]
    pub async fn change_setting<C: Held>(
        &self,
        wish: SettingWish<C>,
        key: Option<CommandKey>,
    ) -> Result<Settled, CatalogueError> {
        let all = self.catalogues.clone();
        let settled = tokio::spawn(async move { all.change(wish, key.as_ref(), Uuid::now_v7()).await }).await;
        let settled = settled.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.note_settled(&settled);
        settled
    }

    /// Runs a command on one of many like things, in a task of its own as [`App::run`] does.
    ///
    /// # Errors
    /// [`SettingsError`]
    pub async fn change<D: Thing>(
        &self,
        things: Arc<ThingHandler<D>>,
        command: D::Command,
        key: Option<CommandKey>,
    ) -> Result<Settled, SettingsError<D::Refusal>> {
        let settled =
            tokio::spawn(async move { things.handle(&command, key.as_ref(), Uuid::now_v7()).await }).await;
        let settled = settled.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.note_settled(&settled);
        settled
    }

    fn note_settled<R: std::error::Error>(&self, settled: &Result<Settled, SettingsError<R>>) {
        match settled {
            Err(SettingsError::Append(error)) => self.note_refusal(error),
            Ok(settled) => self.note_outcome(settled.outcome),
            Err(_) => {}
        }
    }

    /// Runs a command on an endpoint of webhooks, in a task of its own as [`App::run`] does.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn change_webhook(
        &self,
        command: WebhookCommand,
        key: Option<CommandKey>,
    ) -> Result<Done, WebhookError> {
        let (webhooks, guard, now) = (self.webhooks.clone(), self.poster.guard, self.now());
        let done = tokio::spawn(async move { webhooks.handle(command, key, guard, now).await }).await;
        let done = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        match &done {
            Err(WebhookError::Settings(SettingsError::Append(error))) => self.note_refusal(error),
            Ok(done) => self.note_outcome(done.settled.outcome),
            Err(_) => {}
        }
        done
    }

    /// As [`App::query`], with the position that the answer shows.
    ///
    /// # Errors
    /// [`QueryError`]
    pub async fn query_at<T: Send + 'static>(
        &self,
        read_model: &'static str,
        at_least: Option<GlobalPosition>,
        query: impl FnOnce(&Connection) -> Result<T, FileError> + Send + 'static,
    ) -> Result<(GlobalPosition, T), QueryError> {
        let snapshot = move |connection: &Connection| {
            let snapshot = connection.unchecked_transaction()?;
            let position = checkpoint(&snapshot)?.position;
            Ok((position, query(&snapshot)?))
        };
        self.query(read_model, at_least, snapshot).await
    }

    /// Runs a query on a read model, away from the threads that serve requests, once it holds a position.
    ///
    /// # Errors
    /// [`QueryError`]
    pub async fn query<T: Send + 'static>(
        &self,
        read_model: &'static str,
        at_least: Option<GlobalPosition>,
        query: impl FnOnce(&Connection) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, QueryError> {
        if let Some(position) = at_least {
            self.projections.wait_for(read_model, position, self.wait_max).await?;
        }
        let projections = self.projections.clone();
        let answer = tokio::task::spawn_blocking(move || projections.query(read_model, query)).await;
        answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}
