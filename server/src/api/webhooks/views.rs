//! Webhooks as the API shows them: nothing secret of them, but what was made just now.

use crate::app::App;
use crate::webhooks::Done;
use crate::webhooks::kept::DeadLetter;
use crate::webhooks::outbox::{Attempt, Health};
use crate::webhooks::post::PostError;
use docket_core::time::{DurationMs, Timestamp};
use docket_core::webhook::{Endpoint, EndpointId};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Every endpoint.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct WebhooksView {
    pub(super) webhooks: Vec<WebhookView>,
}

/// An endpoint, and how it stands.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct WebhookView {
    id: String,
    /// Scheme, host and port of its address. The rest may be a secret and is not shown.
    origin: String,
    description: String,
    /// Names of the events that are sent to it, or `*`.
    events: BTreeSet<String>,
    /// Whether it is told what only the staff may know.
    internal: bool,
    /// `active`; `paused`: see the reason; `held`: an event of a newer release stands in the way; `lost`: what is kept of
    /// it beside the log is gone, so remove it and add it again.
    state: &'static str,
    /// Why it is paused: `wished`, `gone` (it answered 410), `failing` (for 24 hours), `dead_letters` (no room for more).
    reason: Option<&'static str>,
    /// The position up to which everything was sent, waits here, or is not for it.
    cursor: Option<u64>,
    /// Events of the log that were not looked at yet.
    lag_events: Option<u64>,
    /// Events that wait to be sent, or to be sent again.
    waiting: usize,
    /// Deliveries under way.
    under_way: usize,
    /// Events that were given up.
    dead_letters: usize,
    /// When something got through last.
    delivered_at: Option<String>,
    /// Since when nothing has got through, although something was tried.
    failing_since: Option<String>,
    /// What went wrong last.
    last_failure: Option<FailureView>,
    /// When the next attempt is due, if something waits.
    next_attempt_at: Option<String>,
    /// Until when a secret before the last one signs along.
    old_secret_until: Option<String>,
}

/// What went wrong, and when.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct FailureView {
    at: String,
    /// A stable name: `status-500`, `timed-out`, `no-connection`, `not-public` and others.
    what: String,
}

impl WebhookView {
    pub(super) fn of(app: &App, id: EndpointId, endpoint: &Endpoint) -> Self {
        let outbox = app.webhooks.outbox(id).filter(|outbox| outbox.is_for(endpoint));
        let health = outbox.as_ref().map(|outbox| outbox.health());
        let state = match (&health, endpoint.paused) {
            (None, _) => "lost",
            (Some(_), Some(_)) => "paused",
            (Some(Health { held: true, .. }), None) => "held",
            (Some(_), None) => "active",
        };
        let progress = health.as_ref().map(|health| &health.progress);
        let signing = outbox.as_ref().map(|outbox| outbox.secrets().signing).unwrap_or_default();
        let now = app.now();
        let old = signing.iter().filter_map(|signing| signing.until).filter(|until| now < *until).max();
        let next_at = progress.and_then(|progress| progress.next_at()).filter(|_| state == "active");
        let told = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
        Self {
            id: id.to_string(),
            origin: endpoint.origin.clone(),
            description: endpoint.description.clone(),
            events: endpoint.events.clone(),
            internal: endpoint.internal,
            state,
            reason: endpoint.paused.map(|reason| reason.as_str()),
            cursor: progress.map(|progress| progress.cursor.0),
            lag_events: progress.map(|progress| app.head().0.saturating_sub(progress.cursor.0)),
            waiting: progress.map_or(0, |progress| progress.waiting()),
            under_way: progress.map_or(0, |progress| progress.under_way()),
            dead_letters: health.as_ref().map_or(0, |health| health.dead_letters),
            delivered_at: told(progress.and_then(|progress| progress.delivered_at)),
            failing_since: told(progress.and_then(|progress| progress.failing_since)),
            last_failure: progress
                .and_then(|progress| progress.last_failure.as_ref())
                .map(|failure| FailureView { at: failure.at.to_rfc3339(), what: failure.what.clone() }),
            next_attempt_at: told(next_at.map(|at| at.max(now))),
            old_secret_until: told(old),
        }
    }
}

/// What came of a command on an endpoint.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct WebhookAnswer {
    /// Which endpoint.
    webhook: String,
    /// The version of all webhooks afterwards.
    version: u64,
    /// The position that shows the effect.
    position: u64,
    /// `appended`, `found` (the same command had been sent before) or `already_so`.
    outcome: &'static str,
    /// A new secret. It is not shown again; whoever missed it makes another one with `rotate-secret`.
    secret: Option<String>,
}

impl WebhookAnswer {
    pub(super) fn of(endpoint: EndpointId, done: &Done) -> Self {
        Self {
            webhook: endpoint.to_string(),
            version: done.settled.version.0,
            position: done.settled.position.0,
            outcome: done.settled.outcome.as_str(),
            secret: done.secret.as_ref().map(|secret| secret.reveal().to_owned()),
        }
    }
}

/// What came of a ping.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PingView {
    /// Whether the endpoint took it.
    delivered: bool,
    /// What went wrong, by a stable name.
    what: Option<String>,
    /// What went wrong, in words.
    detail: Option<String>,
    /// Unit: milliseconds.
    took_ms: i64,
}

impl PingView {
    pub(super) fn of(sent: Result<u16, PostError>, took: DurationMs) -> Self {
        let error = sent.err();
        Self {
            delivered: error.is_none(),
            what: error.map(PostError::code),
            detail: error.map(|error| error.to_string()),
            took_ms: took.0,
        }
    }
}

/// The last attempts.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DeliveriesView {
    pub(super) deliveries: Vec<DeliveryView>,
}

/// An attempt, and what came of it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DeliveryView {
    at: String,
    /// Unit: milliseconds.
    took_ms: i64,
    position: u64,
    ticket: u64,
    /// `delivered`, or what went wrong by a stable name.
    what: String,
}

impl DeliveryView {
    pub(super) fn of(attempt: &Attempt) -> Self {
        let Attempt { at, took, position, ticket, what } = attempt;
        let (at, took_ms) = (at.to_rfc3339(), took.0);
        Self { at, took_ms, position: position.0, ticket: ticket.0, what: what.clone() }
    }
}

/// Events that were given up.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DeadLettersView {
    pub(super) dead_letters: Vec<DeadLetterView>,
    /// How many there are in all.
    pub(super) total: usize,
    /// What to send as `after` for the next page, if there may be one.
    pub(super) next: Option<u64>,
}

/// An event that was given up.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DeadLetterView {
    position: u64,
    ticket: u64,
    attempts: u32,
    first_attempt_at: String,
    given_up_at: String,
    /// What went wrong last, by a stable name.
    what: String,
}

impl DeadLetterView {
    pub(super) fn of(letter: &DeadLetter) -> Self {
        let DeadLetter { position, ticket, attempts, since, given_up_at, what } = letter;
        Self {
            position: position.0,
            ticket: ticket.0,
            attempts: *attempts,
            first_attempt_at: since.to_rfc3339(),
            given_up_at: given_up_at.to_rfc3339(),
            what: what.clone(),
        }
    }
}

/// What came of a replay.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ReplayView {
    /// Dead letters that wait to be sent again.
    pub(super) replayed: usize,
    /// Dead letters that are left.
    pub(super) left: usize,
}
