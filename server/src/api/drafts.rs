//! What somebody has begun to write on a ticket: theirs alone, and never lost between two windows.

use super::body::{Asked, Sent, ticket_number};
use super::parameters::{OfDraft, OfTicket};
use super::refusals::{ChangeOneRefusals, ReadOneRefusals};
use super::shapes;
use crate::app::App;
use crate::drafts::{Draft, DraftId, DraftKind};
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use docket_core::text::Body;
use docket_core::ticket::TicketRefusal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A draft as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// What it will be: `reply` or `note`.
    #[schema(value_type = shapes::DraftKindName)]
    kind: &'static str,
    /// Give it along with the next save: another with each save.
    #[schema(value_type = shapes::Id)]
    version: Uuid,
    /// When it was saved.
    #[schema(value_type = shapes::Instant)]
    saved_at: String,
    /// What has been written.
    body: String,
}

impl DraftView {
    /// The view of a draft of a kind.
    pub fn of(kind: DraftKind, draft: &Draft) -> Self {
        Self {
            kind: kind.as_str(),
            version: draft.version,
            saved_at: draft.saved_at.to_rfc3339(),
            body: draft.body.as_str().to_owned(),
        }
    }
}

/// What shall be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftFields {
    /// What has been written.
    #[schema(value_type = shapes::Text)]
    body: Body,
    /// The version that it was written on; none where there was no draft.
    #[schema(value_type = Option<shapes::Id>)]
    #[serde(default)]
    version: Option<Uuid>,
}

/// Which version to discard.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DiscardQuery {
    /// The version that was read: one that was saved since stays.
    #[param(value_type = shapes::Id, inline, required = true)]
    version: Uuid,
}

/// Whether anything was discarded.
#[derive(Serialize, ToSchema)]
pub(super) struct DiscardedView {
    /// Not when there was no draft.
    discarded: bool,
}

/// A draft of the caller's, on a ticket within reach.
pub(super) struct OwnDraft(DraftId);

impl FromRequestParts<App> for OwnDraft {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path((number, kind)): Path<(String, String)> =
            Path::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        let ticket = ticket_number(&number)?;
        let kind = DraftKind::parse(&kind).ok_or_else(Problem::not_found)?;
        let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let found = app.handler.ticket(ticket).await?;
        if !found.exists || !caller.reach.sees(&found) {
            return Err(TicketRefusal::NotFound.into());
        }
        Ok(Self(DraftId { author: caller.actor.id, ticket, kind }))
    }
}

/// Reads your draft on a ticket.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/drafts/{kind}", tag = "drafts",
    params(OfTicket, OfDraft),
    responses((status = 200, description = "The draft", body = DraftView), ReadOneRefusals))]
pub(super) async fn read(State(app): State<App>, OwnDraft(id): OwnDraft) -> Result<Json<DraftView>, Problem> {
    let kind = id.kind;
    let found = app.on_drafts(move |drafts, now| drafts.find(&id, now)).await;
    let found = found.map_err(|error| Problem::of_draft(kind, error))?;
    found.map(|draft| Json(DraftView::of(kind, &draft))).ok_or_else(Problem::no_draft)
}

/// Keeps what you have written. Written on a version that does not stand any more, it is refused with the one that does.
#[utoipa::path(put, path = "/api/v1/tickets/{number}/drafts/{kind}", tag = "drafts",
    request_body = DraftFields, params(OfTicket, OfDraft),
    responses((status = 200, description = "Kept", body = DraftView), ChangeOneRefusals))]
pub(super) async fn save(
    State(app): State<App>,
    OwnDraft(id): OwnDraft,
    sent: Sent<DraftFields>,
) -> Result<Json<DraftView>, Problem> {
    let (kind, DraftFields { body, version }) = (id.kind, sent.fields);
    let kept = app.on_drafts(move |drafts, now| drafts.save(&id, version, body, now)).await;
    let draft = kept.map_err(|error| Problem::of_draft(kind, error))?;
    Ok(Json(DraftView::of(kind, &draft)))
}

/// Discards your draft on a ticket.
#[utoipa::path(delete, path = "/api/v1/tickets/{number}/drafts/{kind}", tag = "drafts",
    params(OfTicket, OfDraft, DiscardQuery),
    responses((status = 200, description = "It is gone", body = DiscardedView), ChangeOneRefusals))]
pub(super) async fn discard(
    State(app): State<App>,
    OwnDraft(id): OwnDraft,
    Asked(asked): Asked<DiscardQuery>,
) -> Result<Json<DiscardedView>, Problem> {
    let kind = id.kind;
    let gone = app.on_drafts(move |drafts, now| drafts.discard(&id, Some(asked.version), now)).await;
    let discarded = gone.map_err(|error| Problem::of_draft(kind, error))?;
    Ok(Json(DiscardedView { discarded }))
}
