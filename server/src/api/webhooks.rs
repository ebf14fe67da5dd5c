//! Webhooks: which endpoints there are, how they stand, and what admins do about them.

mod views;

use super::body::{Asked, Sent, UuidPath, position};
use super::commands::told;
use super::parameters::{Keyed, OfWebhook};
use super::refusals::{ChangeOneRefusals, ChangeRefusals, ReadOneRefusals, ReadRefusals};
use super::session::NoFields;
use super::shapes;
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use crate::rate_limit::Quota;
use crate::webhooks::WebhookError;
use crate::webhooks::outbox::Outbox;
use crate::webhooks::payload;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::names::{EventId, GlobalPosition};
use docket_core::text::Line;
use docket_core::webhook::{
    EndpointId, EndpointUrl, PauseReason, WebhookAction, WebhookCommand, WebhookRefusal, Wished,
};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use views::{
    DeadLetterView, DeadLettersView, DeliveriesView, DeliveryView, PingView, ReplayView, WebhookAnswer,
    WebhookView, WebhooksView,
};

/// Dead letters on one page.
pub(crate) const LETTERS_PER_PAGE_MAX: u32 = 100;

/// Positions that one replay may name.
const REPLAYED_MAX: usize = 100;

/// Pings of one endpoint: each is a request of this server to wherever it leads.
const PING_QUOTA: Quota = Quota { name: "webhook-test", burst: 10, window_s: 60 };

/// An address, read strictly.
struct Address(EndpointUrl);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        EndpointUrl::parse(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A new endpoint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
// Staff is added with fields of this name too, and the description has one shape for a name.
#[schema(as = AddWebhookFields)]
pub(super) struct AddFields {
    /// Where to send to: an https address with a public host. It is not shown again, since its path may be a secret.
    #[schema(value_type = shapes::HookUrl)]
    url: Address,
    /// What it is for.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    description: Option<Line>,
    /// Names of the events to send, or `*`; everything if left out.
    #[schema(value_type = Option<Vec<shapes::HookEventName>>, min_items = 1)]
    #[serde(default)]
    events: Option<BTreeSet<String>>,
    /// Whether it is told what only the staff may know: notes, closing notes, the context of escalations, targets.
    #[serde(default)]
    internal: bool,
}

/// How an endpoint shall be; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeFields {
    /// Where to send to from now on.
    #[schema(value_type = Option<shapes::HookUrl>)]
    #[serde(default)]
    url: Option<Address>,
    /// What it is for.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    description: Option<Line>,
    /// Names of the events to send, or `*`.
    #[schema(value_type = Option<Vec<shapes::HookEventName>>, min_items = 1)]
    #[serde(default)]
    events: Option<BTreeSet<String>>,
    /// Whether it is told what only the staff may know.
    #[serde(default)]
    internal: Option<bool>,
}

/// Which dead letters to send again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayFields {
    /// Positions of the events; all of them if left out.
    #[schema(value_type = Option<Vec<shapes::Position>>, min_items = 1, max_items = 100)]
    #[serde(default)]
    positions: Option<Vec<u64>>,
}

/// Which page of dead letters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LettersQuery {
    /// The `next` of the page before.
    #[serde(default)]
    #[param(value_type = shapes::Position, inline, required = false)]
    after: Option<u64>,
    /// How many, 1 to 100; 100 if left out.
    #[serde(default)]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Lists every endpoint.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "webhooks",
    responses((status = 200, description = "The endpoints, the oldest first", body = WebhooksView), ReadRefusals))]
pub(super) async fn list(State(app): State<App>) -> Result<Json<WebhooksView>, Problem> {
    let known = app.webhooks.settings.refresh().await?;
    let webhooks = known.endpoints().map(|(id, endpoint)| WebhookView::of(&app, id, endpoint));
    Ok(Json(WebhooksView { webhooks: webhooks.collect() }))
}

/// Sends events to an endpoint from now on. The answer has the secret that signs them, this once.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "webhooks", request_body = AddFields,
    params(Keyed),
    responses((status = 201, description = "Added", body = WebhookAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeRefusals))]
pub(super) async fn add(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<AddFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &caller.actor, &sent.path, &sent.bytes, &app.digest_key)?;
    // The same key names the same endpoint, so that what is sent again finds it.
    let id = match &key {
        Some(key) => EventId::deterministic(&format!("webhook/{}/{}", key.principal, key.key)).0,
        None => Uuid::now_v7(),
    };
    let Sent { fields, headers, bytes, path } = sent;
    let AddFields { url, description, events, internal } = fields;
    let wished = Wished { url: None, description, events, internal: Some(internal) };
    let sent = Sent { fields: WebhookAction::Add { url: url.0, wished }, headers, bytes, path };
    let answer = act(app, EndpointId(id), caller, sent, std::convert::identity).await?;
    Ok((Problem::CREATED, answer).into_response())
}

/// Runs a command on an endpoint.
async fn act<T>(
    app: App,
    endpoint: EndpointId,
    Caller { actor, .. }: Caller,
    sent: Sent<T>,
    action: impl FnOnce(T) -> WebhookAction,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let command = WebhookCommand { actor, endpoint, action: action(sent.fields) };
    let done = app.change_webhook(command, key).await?;
    let headers = told(done.settled.position, done.settled.version);
    Ok((headers, Json(WebhookAnswer::of(endpoint, &done))).into_response())
}

/// Shows an endpoint and how it stands.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "webhooks",
    params(OfWebhook),
    responses((status = 200, description = "The endpoint", body = WebhookView), ReadOneRefusals))]
pub(super) async fn show(
    State(app): State<App>,
    UuidPath(id): UuidPath,
) -> Result<Json<WebhookView>, Problem> {
    let known = app.webhooks.settings.refresh().await?;
    let id = EndpointId(id);
    let endpoint = known.endpoint(id).ok_or(WebhookRefusal::NotFound)?;
    Ok(Json(WebhookView::of(&app, id, endpoint)))
}

/// Writes the handler and the description of a command on an endpoint.
macro_rules! command {
    ($(#[$doc:meta])* $name:ident, $path:literal, $fields:ident, |$sent:ident| $action:expr) => {
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "webhooks", request_body = $fields,
            params(OfWebhook, Keyed),
            responses((status = 200, description = "Done, or already so", body = WebhookAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
        pub(super) async fn $name(
            State(app): State<App>,
            UuidPath(id): UuidPath,
            caller: Caller,
            sent: Sent<$fields>,
        ) -> Result<Response, Problem> {
            act(app, EndpointId(id), caller, sent, |$sent: $fields| $action).await
        }
    };
}

command!(
    /// Sets an endpoint up otherwise.
    change, "/api/v1/webhooks/{id}/change", ChangeFields,
    |fields| {
        let ChangeFields { url, description, events, internal } = fields;
        let url = url.map(|Address(url)| url);
        WebhookAction::Change { wished: Wished { url, description, events, internal } }
    }
);
command!(
    /// Sends nothing to an endpoint ever again, and forgets what waits for it.
    remove, "/api/v1/webhooks/{id}/remove", NoFields, |_fields| WebhookAction::Remove
);
command!(
    /// Signs with another secret, which is in the answer this once. The one before signs along for 24 hours.
    rotate_secret, "/api/v1/webhooks/{id}/rotate-secret", NoFields, |_fields| WebhookAction::RotateSecret
);
command!(
    /// Sends nothing to an endpoint for now. What happens meanwhile waits in the log.
    pause, "/api/v1/webhooks/{id}/pause", NoFields,
    |_fields| WebhookAction::Pause { reason: PauseReason::Wished }
);
command!(
    /// Goes on where an endpoint was paused, whoever or whatever paused it.
    resume, "/api/v1/webhooks/{id}/resume", NoFields, |_fields| WebhookAction::Resume
);

/// Sends a `webhook.ping` to an endpoint now, and tells what came of it. It is not repeated.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "webhooks", request_body = NoFields,
    params(OfWebhook, Keyed),
    responses((status = 200, description = "Tried", body = PingView), ChangeOneRefusals))]
pub(super) async fn test(
    State(app): State<App>,
    UuidPath(id): UuidPath,
    _: Sent<NoFields>,
) -> Result<Json<PingView>, Problem> {
    let (outbox, began) = (kept(&app, EndpointId(id)).await?, app.now());
    app.rates.take(&outbox.id, PING_QUOTA, began)?;
    let secrets = outbox.secrets();
    let url = secrets.url().ok_or(WebhookError::Lost)?;
    let message = payload::ping(outbox.id, began);
    let sent = app.poster.post(&url, &secrets.signing, message, began).await;
    Ok(Json(PingView::of(sent, app.now().since(began))))
}

/// Lists the last attempts since the server started, the newest first: 100 at most.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(OfWebhook),
    responses((status = 200, description = "The attempts", body = DeliveriesView), ReadOneRefusals))]
pub(super) async fn deliveries(
    State(app): State<App>,
    UuidPath(id): UuidPath,
) -> Result<Json<DeliveriesView>, Problem> {
    let outbox = kept(&app, EndpointId(id)).await?;
    Ok(Json(DeliveriesView { deliveries: outbox.attempts().iter().map(DeliveryView::of).collect() }))
}

/// Lists events that did not get through for 24 hours, in the order of the log.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/dead-letters", tag = "webhooks",
    params(OfWebhook, LettersQuery),
    responses((status = 200, description = "The dead letters", body = DeadLettersView), ReadOneRefusals))]
pub(super) async fn dead_letters(
    State(app): State<App>,
    UuidPath(id): UuidPath,
    Asked(asked): Asked<LettersQuery>,
) -> Result<Json<DeadLettersView>, Problem> {
    let limit = asked.limit.unwrap_or(LETTERS_PER_PAGE_MAX);
    if !(1..=LETTERS_PER_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", "use 1 to 100"));
    }
    let outbox = kept(&app, EndpointId(id)).await?;
    let after = position(asked.after).unwrap_or(GlobalPosition::START);
    let letters = outbox.dead_letters(after, limit as usize).await?;
    let next = letters.last().filter(|_| letters.len() == limit as usize).map(|last| last.position.0);
    let total = outbox.health().dead_letters;
    Ok(Json(DeadLettersView { dead_letters: letters.iter().map(DeadLetterView::of).collect(), total, next }))
}

/// Sends dead letters again, with their first identifiers: those at some positions, or all, as far as there is room.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/dead-letters/replay", tag = "webhooks",
    request_body = ReplayFields, params(OfWebhook, Keyed),
    responses((status = 200, description = "Waiting to be sent", body = ReplayView), ChangeOneRefusals))]
pub(super) async fn replay(
    State(app): State<App>,
    UuidPath(id): UuidPath,
    sent: Sent<ReplayFields>,
) -> Result<Json<ReplayView>, Problem> {
    let wanted = sent.fields.positions;
    if wanted.as_ref().is_some_and(|wanted| wanted.is_empty() || wanted.len() > REPLAYED_MAX) {
        return Err(Problem::invalid("positions", "name 1 to 100, or leave it out for all"));
    }
    let wanted = wanted.map(|wanted| Vec::from_iter(wanted.into_iter().map(GlobalPosition)));
    let outbox = kept(&app, EndpointId(id)).await?;
    let replayed = outbox.put_back(wanted.as_deref()).await?;
    Ok(Json(ReplayView { replayed, left: outbox.health().dead_letters }))
}

/// What is kept of an endpoint that is there.
async fn kept(app: &App, id: EndpointId) -> Result<Arc<Outbox>, Problem> {
    let known = app.webhooks.settings.refresh().await?;
    let endpoint = known.endpoint(id).ok_or(WebhookRefusal::NotFound)?;
    let outbox = app.webhooks.outbox(id).filter(|outbox| outbox.is_for(endpoint));
    Ok(outbox.ok_or(WebhookError::Lost)?)
}

/// The routes of webhooks.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show))
        .routes(routes!(change))
        .routes(routes!(remove))
        .routes(routes!(rotate_secret))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(test))
        .routes(routes!(deliveries))
        .routes(routes!(dead_letters))
        .routes(routes!(replay))
}
