//! Takes files back that wait for a message.

use super::blocking;
use crate::api::parameters::OfFile;
use crate::api::refusals::ChangeOneRefusals;
use crate::app::App;
use crate::idempotency::principal;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use docket_core::actor::Actor;
use docket_core::names::{FileDigest, FileName};
use serde::Serialize;
use utoipa::ToSchema;

/// A file's digest in the path.
pub(in crate::api) struct DigestPath(FileDigest);

impl<S: Send + Sync> FromRequestParts<S> for DigestPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(digest): Path<String> =
            Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        FileDigest::new(digest).map(Self).map_err(|_| Problem::no_upload())
    }
}

/// A file that was taken back.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TakenBackView {
    /// Always so: what does not wait is answered with a problem.
    taken_back: bool,
}

/// Takes back a file of yours that waits for a message. What came with a message stays with it.
#[utoipa::path(delete, path = "/api/v1/attachments/{digest}", tag = "attachments", params(OfFile),
    responses((status = 200, description = "It waits no more", body = TakenBackView), ChangeOneRefusals))]
pub(in crate::api) async fn take_back(
    State(app): State<App>,
    caller: Caller,
    path: DigestPath,
) -> Result<Json<TakenBackView>, Problem> {
    taken_back(&app, &caller, path).await
}

/// Takes back a file of yours that waits for a message. What came with a message stays with it.
#[utoipa::path(delete, path = "/api/v1/my/attachments/{digest}", tag = "customers", params(OfFile),
    responses((status = 200, description = "It waits no more", body = TakenBackView), ChangeOneRefusals))]
pub(in crate::api) async fn take_back_mine(
    State(app): State<App>,
    caller: Caller,
    path: DigestPath,
) -> Result<Json<TakenBackView>, Problem> {
    taken_back(&app, &caller, path).await
}

async fn taken_back(
    app: &App,
    caller: &Caller,
    DigestPath(digest): DigestPath,
) -> Result<Json<TakenBackView>, Problem> {
    let taken_back = let_go(app, &caller.actor, digest).await?;
    if taken_back { Ok(Json(TakenBackView { taken_back })) } else { Err(Problem::no_upload()) }
}

/// Calls a file of somebody's otherwise, while it waits for a message.
///
/// # Errors
/// A problem when files cannot be changed.
pub(crate) async fn rename(
    app: &App,
    actor: &Actor,
    digest: FileDigest,
    name: FileName,
) -> Result<(), Problem> {
    let (uploads, sender, now) = (app.uploads.clone(), principal(actor), app.now());
    Ok(blocking(move || uploads.rename(&sender, &digest, name, now)).await?)
}

/// Lets go of a file that waits for a message of somebody's; tells whether there was one.
///
/// # Errors
/// A problem when files cannot be changed.
pub(crate) async fn let_go(app: &App, actor: &Actor, digest: FileDigest) -> Result<bool, Problem> {
    let (uploads, sender, now) = (app.uploads.clone(), principal(actor), app.now());
    Ok(blocking(move || uploads.take_back(&sender, &digest, now)).await?)
}
