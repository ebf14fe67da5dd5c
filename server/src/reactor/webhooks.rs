//! Sends events to the endpoints that want them: in the order of each ticket, again and again for a day, and never twice
//! on purpose.
//!
//! One task for each endpoint, woken by the log's head, by the time of the next attempt and by changes of the endpoint; it
//! polls nothing. What was under way when the server ended is sent again, with the same `webhook-id`.

use crate::app::App;
use crate::webhooks::outbox::{Attempt, Outbox};
use crate::webhooks::payload::{self, Meaning};
use crate::webhooks::post::PostError;
use crate::webhooks::progress::{Due, Failure, UNDER_WAY_MAX};
use crate::webhooks::{hash_of, record_at};
use docket_core::actor::Actor;
use docket_core::names::GlobalPosition;
use docket_core::store::ReadError;
use docket_core::time::{DurationMs, Timestamp};
use docket_core::webhook::{Endpoint, EndpointId, PauseReason, WebhookAction, WebhookCommand};
use metrics::counter;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Records that are read at once.
const PAGE_RECORDS: usize = 256;

/// Positions that may be looked at before that is written, if nothing was sent meanwhile: otherwise an endpoint that
/// wants little would cost a write for each event of the log.
const UNKEPT_MAX: u64 = 1024;

/// How long to wait before trying again when the log could not be read.
const LOG_RETRY_AFTER: DurationMs = DurationMs::from_seconds(1);

/// How long to wait before looking again at an event of a newer release, or when an endpoint could not be paused.
const STUCK_RETRY_AFTER: DurationMs = DurationMs::from_minutes(1);

/// Sends until the server stops.
pub async fn run(app: App) {
    let mut changes = app.webhooks.changes();
    let mut sending: BTreeMap<EndpointId, CancellationToken> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    loop {
        changes.borrow_and_update();
        let there = app.webhooks.outboxes();
        sending.retain(|id, stop| {
            let stays = there.iter().any(|outbox| outbox.id == *id);
            if !stays {
                stop.cancel();
            }
            stays
        });
        for outbox in there {
            sending.entry(outbox.id).or_insert_with(|| {
                let stop = app.shutdown.child_token();
                tasks.spawn(Sender::new(app.clone(), outbox).run(stop.clone()));
                stop
            });
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { break },
            // Those of endpoints that were removed; none ends by itself.
            Some(ended) = tasks.join_next() => if ended.is_err() {
                tracing::error!("sending to a webhook failed; it goes on at the next start");
            },
            () = app.shutdown.cancelled() => break,
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// What an attempt came to.
enum Outcome {
    Sent(Result<u16, PostError>),
    /// The endpoint does not want it any more.
    Unwanted,
    /// The log could not be read.
    NotNow,
}

struct Tried {
    due: Due,
    began: Timestamp,
    outcome: Outcome,
}

/// Sends to one endpoint.
struct Sender {
    app: App,
    outbox: Arc<Outbox>,
    attempts: JoinSet<Tried>,
    /// When the log is read again, if it could not be.
    read_again_at: Option<Timestamp>,
}

impl Sender {
    fn new(app: App, outbox: Arc<Outbox>) -> Self {
        Self { app, outbox, attempts: JoinSet::new(), read_again_at: None }
    }

    async fn run(mut self, stop: CancellationToken) {
        let mut head = self.app.store.head();
        loop {
            let sends = self.turn().await;
            let (app, outbox) = (self.app.clone(), self.outbox.clone());
            let (cursor, room, free, next_at) = outbox.with(|progress| {
                let free = progress.under_way() < UNDER_WAY_MAX;
                (progress.cursor, progress.room() > 0, free, progress.next_at())
            });
            let due = next_at.filter(|_| sends && free);
            let reads = sends && room && self.read_again_at.is_none();
            let wake_at = due.into_iter().chain(self.read_again_at.filter(|_| sends)).min();
            tokio::select! {
                // First, so that nothing begins once the server stops.
                biased;
                () = stop.cancelled() => break,
                Some(tried) = self.attempts.join_next() => self.settle_all(tried).await,
                () = outbox.woken() => {}
                () = passed(&mut head, cursor), if reads => {}
                () = sleep_until(&app, wake_at), if wake_at.is_some() => self.read_again_at = None,
            }
        }
        self.attempts.abort_all();
        self.keep().await;
    }

    /// Takes what has come in and starts what is due; tells whether anything is sent at all.
    async fn turn(&mut self) -> bool {
        while self.read_again_at.is_none() && self.take().await {}
        // It may have been paused while the log was read.
        if self.endpoint().is_none() {
            return false;
        }
        let now = self.app.now();
        for due in self.outbox.with(|progress| progress.start(now)) {
            self.attempts.spawn(attempt(self.app.clone(), self.outbox.clone(), due));
        }
        if self.outbox.unkept() > UNKEPT_MAX {
            self.keep().await;
        }
        true
    }

    /// The endpoint, if something may be sent to it.
    fn endpoint(&self) -> Option<Endpoint> {
        let known = self.app.webhooks.settings.known();
        let endpoint = known.endpoint(self.outbox.id)?;
        (endpoint.paused.is_none() && self.outbox.is_for(endpoint)).then(|| endpoint.clone())
    }

    /// Takes a page of the log, as far as there is room; tells whether there may be more.
    async fn take(&mut self) -> bool {
        let Some(endpoint) = self.endpoint() else { return false };
        let (cursor, room) = self.outbox.with(|progress| (progress.cursor, progress.room()));
        if room == 0 || cursor >= self.app.head() {
            return false;
        }
        let limit = room.min(PAGE_RECORDS);
        let records = match self.app.store.read_all(cursor, limit).await {
            Ok(records) => records,
            Err(_) => {
                self.read_again_at = Some(self.app.now().plus(LOG_RETRY_AFTER));
                return false;
            }
        };
        // Set up otherwise meanwhile: whoever was told so must not see it take what came after that.
        if self.endpoint().as_ref() != Some(&endpoint) {
            return true;
        }
        for record in &records {
            let ticket = match payload::meaning(record, &endpoint) {
                Meaning::About(ticket) => Some(ticket),
                Meaning::Nothing => None,
                Meaning::Newer => {
                    // Passing it by would lose it for good; a newer release knows it.
                    self.outbox.set_held(true);
                    self.read_again_at = Some(self.app.now().plus(STUCK_RETRY_AFTER));
                    return false;
                }
            };
            self.outbox.with(|progress| progress.take(record.position, hash_of(record), ticket));
        }
        self.outbox.set_held(false);
        self.outbox.show();
        !records.is_empty()
    }

    /// Takes note of every attempt that has ended, and writes it once.
    async fn settle_all(&mut self, first: Result<Tried, tokio::task::JoinError>) {
        let mut tried = Some(first);
        while let Some(ended) = tried {
            match ended {
                Ok(ended) => self.settle(ended).await,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
            tried = self.attempts.try_join_next();
        }
        self.keep().await;
    }

    async fn settle(&self, Tried { due, began, outcome }: Tried) {
        let (outbox, now) = (&self.outbox, self.app.now());
        let what = match outcome {
            Outcome::Unwanted => return outbox.with(|progress| progress.done_with(due)),
            Outcome::NotNow => {
                return outbox.with(|progress| progress.not_tried(due, now.plus(LOG_RETRY_AFTER)));
            }
            Outcome::Sent(Ok(_)) => "delivered".to_owned(),
            Outcome::Sent(Err(error)) => error.code(),
        };
        let label = if matches!(outcome, Outcome::Sent(Ok(_))) { "delivered" } else { "failed" };
        counter!("docket_webhook_attempts_total", "outcome" => label).increment(1);
        let (ticket, position, took) = (due.ticket, due.position, now.since(began));
        outbox.note(Attempt { at: began, took, position, ticket, what: what.clone() });
        match outcome {
            Outcome::Sent(Err(error)) => self.failed(due, error, Failure { at: now, what }).await,
            Outcome::Sent(Ok(_)) | Outcome::Unwanted | Outcome::NotNow => {
                outbox.with(|progress| progress.delivered(due, now));
            }
        }
    }

    async fn failed(&self, due: Due, error: PostError, failure: Failure) {
        let (outbox, now) = (&self.outbox, failure.at);
        if outbox.with(|progress| progress.failing_since).is_none() {
            tracing::warn!(webhook = %outbox.id, what = failure.what, "an event was not taken; it is sent again");
        }
        let jitter = format!("{}/{}", outbox.id, due.position);
        let no_room = match outbox.failed(due, failure, &jitter).await {
            Ok(no_room) => no_room,
            Err(error) => {
                tracing::warn!(webhook = %outbox.id, "what was given up could not be written yet: {error}");
                false
            }
        };
        let reason = if error.is_gone() {
            PauseReason::Gone
        } else if no_room {
            PauseReason::DeadLetters
        } else if outbox.with(|progress| progress.has_failed_for_long(now)) {
            PauseReason::Failing
        } else {
            return;
        };
        if no_room {
            // In case it cannot be paused.
            outbox.with(|progress| progress.not_tried(due, now.plus(STUCK_RETRY_AFTER)));
        }
        self.pause(reason).await;
    }

    async fn pause(&self, reason: PauseReason) {
        let (actor, endpoint) = (Actor::system("webhooks"), self.outbox.id);
        let command = WebhookCommand { actor, endpoint, action: WebhookAction::Pause { reason } };
        match self.app.change_webhook(command, None).await {
            Ok(_) => tracing::warn!(webhook = %endpoint, reason = reason.as_str(), "a webhook was paused"),
            Err(error) => tracing::warn!(webhook = %endpoint, "a webhook could not be paused: {error}"),
        }
    }

    async fn keep(&self) {
        if let Err(error) = self.outbox.keep(Vec::new()).await {
            // Nothing is lost by it: what was sent since is sent again after an end of the server.
            tracing::warn!(webhook = %self.outbox.id, "how far a webhook has got could not be written: {error}");
        }
    }
}

/// Returns once the log goes beyond a position.
async fn passed(head: &mut watch::Receiver<GlobalPosition>, position: GlobalPosition) {
    if head.wait_for(|head| *head > position).await.is_err() {
        // The log is closed: nothing comes any more.
        std::future::pending::<()>().await;
    }
}

async fn sleep_until(app: &App, instant: Option<Timestamp>) {
    match instant {
        Some(instant) => app.clock.sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Sends one event, as the endpoint is set up now and not when the event was taken.
async fn attempt(app: App, outbox: Arc<Outbox>, due: Due) -> Tried {
    let began = app.now();
    let outcome = send(&app, &outbox, due, began).await;
    Tried { due, began, outcome }
}

async fn send(app: &App, outbox: &Outbox, due: Due, now: Timestamp) -> Outcome {
    let record = match record_at(&app.store, due.position).await {
        Ok(Some(record)) => record,
        Ok(None) | Err(ReadError::Damaged { .. }) => return Outcome::Unwanted,
        Err(ReadError::Unavailable { .. }) => return Outcome::NotNow,
    };
    let known = app.webhooks.settings.known();
    let Some(endpoint) = known.endpoint(outbox.id) else { return Outcome::Unwanted };
    let Some(message) = payload::message(&record, endpoint) else { return Outcome::Unwanted };
    let secrets = outbox.secrets();
    match secrets.url() {
        Some(url) if endpoint.paused.is_none() && outbox.is_for(endpoint) => {
            Outcome::Sent(app.poster.post(&url, &secrets.signing, message, now).await)
        }
        Some(_) | None => Outcome::NotNow,
    }
}
