//! Takes a file piece by piece, so that no more than a piece of it is ever in memory.

use super::blocking;
use crate::access;
use crate::api::body::Asked;
use crate::api::parameters::Keyed;
use crate::api::refusals::ChangeRefusals;
use crate::api::shapes;
use crate::app::App;
use crate::idempotency::{command_key, principal};
use crate::identity::{Caller, still_admitted};
use crate::problem::Problem;
use crate::single;
use crate::uploads::{Room, UPLOAD_LASTS, Upload};
use axum::Json;
use axum::body::{BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use docket_core::actor::Actor;
use docket_core::media_type::{Inspection, MediaType};
use docket_core::names::{FileDigest, FileName};
use docket_core::store::files::{Incoming, Whole};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

/// Where the staff sends files.
pub(in crate::api) const ATTACHMENTS: &str = "/api/v1/attachments";

/// Where customers send files.
pub(in crate::api) const MY_ATTACHMENTS: &str = "/api/v1/my/attachments";

/// How long a client may take to send the next piece.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long all of a file may be waited for.
const FILE_TIMEOUT: Duration = Duration::from_secs(600);

/// What is written at once. Unit: bytes.
const WRITTEN_AT_ONCE: usize = 256 * 1024;

/// What a file is called.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct UploadQuery {
    /// What the file is called, without a path.
    #[param(value_type = shapes::FileNameText, inline, required = true)]
    name: FileName,
}

/// A file that waits for its message.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct UploadView {
    /// Name it by this when you send the message.
    #[schema(value_type = shapes::Digest)]
    digest: String,
    /// What it is called.
    name: String,
    /// What it is.
    #[schema(value_type = shapes::MediaTypeName)]
    media_type: &'static str,
    /// How large. Unit: bytes.
    bytes: u64,
    /// Until when it waits: a file that no message names by then is thrown away.
    #[schema(value_type = shapes::Instant)]
    expires_at: String,
}

/// Takes a file that is to come with a message. Sent again it is the same file.
#[utoipa::path(post, path = "/api/v1/attachments", tag = "attachments", params(UploadQuery, Keyed),
    request_body(content((shapes::FileContent = "image/png"), (shapes::FileContent = "image/jpeg"),
            (shapes::FileContent = "image/gif"), (shapes::FileContent = "image/webp"),
            (shapes::FileContent = "application/pdf"), (shapes::FileContent = "text/plain"),
            (shapes::FileContent = "text/csv"), (shapes::JsonContent = "application/json"),
            (shapes::FileContent = "application/zip"),
            (shapes::FileContent = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (shapes::FileContent = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (shapes::FileContent = "video/mp4")),
        description = "The file as it is, 20 MiB at most unless the operator says otherwise"),
    responses((status = 201, description = "Taken", body = UploadView), ChangeRefusals))]
pub(in crate::api) async fn upload(
    State(app): State<App>,
    caller: Caller,
    asked: Asked<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    take(app, caller, asked, request, ATTACHMENTS).await
}

/// Takes a file that is to come with a message of yours. Sent again it is the same file.
#[utoipa::path(post, path = "/api/v1/my/attachments", tag = "customers", params(UploadQuery, Keyed),
    request_body(content((shapes::FileContent = "image/png"), (shapes::FileContent = "image/jpeg"),
            (shapes::FileContent = "image/gif"), (shapes::FileContent = "image/webp"),
            (shapes::FileContent = "application/pdf"), (shapes::FileContent = "text/plain"),
            (shapes::FileContent = "text/csv"), (shapes::JsonContent = "application/json"),
            (shapes::FileContent = "application/zip"),
            (shapes::FileContent = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (shapes::FileContent = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (shapes::FileContent = "video/mp4")),
        description = "The file as it is, 20 MiB at most unless the operator says otherwise"),
    responses((status = 201, description = "Taken", body = UploadView), ChangeRefusals))]
pub(in crate::api) async fn upload_mine(
    State(app): State<App>,
    caller: Caller,
    asked: Asked<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    take(app, caller, asked, request, MY_ATTACHMENTS).await
}

async fn take(
    app: App,
    caller: Caller,
    Asked(UploadQuery { name }): Asked<UploadQuery>,
    request: Request,
    route: &str,
) -> Result<Response, Problem> {
    // The same file is the same, so that a key adds nothing; one that is none is refused as everywhere.
    command_key(request.headers(), &caller.actor, request.uri().path(), b"", &app.digest_key)?;
    let (media_type, announced) = announced(request.headers(), app.file_bytes_max)?;
    let sender = principal(&caller.actor);
    let room = app.uploads.room(&sender, announced.unwrap_or(app.file_bytes_max), app.now())?;
    let mut file = Coming::begin(&app).await?;
    file.take_all(&app, request.into_body().into_data_stream()).await?;
    let whole = file.whole(media_type, announced).await?;
    // A file may take its time: whoever lost something meanwhile leaves nothing here (promise S2).
    let rule = access::rule(&Method::POST, route);
    if !rule.is_some_and(|rule| still_admitted(&app, &caller, rule)) {
        return Err(Problem::access_changed());
    }
    let digest = whole.digest.to_string();
    let upload = keep(&app, sender, whole, (name, media_type)).await?;
    drop(room);
    let view = UploadView {
        digest,
        name: upload.name.as_str().to_owned(),
        media_type: upload.media_type.as_str(),
        bytes: upload.bytes,
        expires_at: upload.at.plus(UPLOAD_LASTS).to_rfc3339(),
    };
    Ok((Problem::CREATED, Json(view)).into_response())
}

/// Keeps a file that came in whole, as its sender's.
async fn keep(
    app: &App,
    sender: String,
    whole: Whole,
    named: (FileName, MediaType),
) -> Result<Upload, Problem> {
    let (uploads, since, now) = (app.uploads.clone(), app.head(), app.now());
    Ok(blocking(move || uploads.keep(&sender, &whole, named, since, now)).await?)
}

/// A file that comes among other things, and is kept once it is whole.
pub(crate) struct Arrival {
    file: Coming,
    room: Room,
    sender: String,
    named: (FileName, MediaType),
}

impl Arrival {
    /// Begins to take a file of somebody's.
    ///
    /// # Errors
    /// A problem when it is of no kind that is taken, or there is no room.
    pub(crate) async fn begin(app: &App, actor: &Actor, name: &str, kind: &str) -> Result<Self, Problem> {
        let name = FileName::new(name).map_err(|error| Problem::invalid("files", error.to_string()))?;
        let kind = kind_of(kind)?;
        let sender = principal(actor);
        let room = app.uploads.room(&sender, app.file_bytes_max, app.now())?;
        Ok(Self { file: Coming::begin(app).await?, room, sender, named: (name, kind) })
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// A problem when it is too large, or cannot be written.
    pub(crate) async fn take(&mut self, app: &App, piece: Bytes) -> Result<(), Problem> {
        self.file.take(app, piece).await
    }

    /// Keeps it, once all of it is there and it is what it is said to be.
    ///
    /// # Errors
    /// A problem when it is empty or something else, or cannot be kept.
    pub(crate) async fn keep(self, app: &App) -> Result<(FileDigest, Upload), Problem> {
        let Self { mut file, room, sender, named } = self;
        file.write().await?;
        let whole = file.whole(named.1, None).await?;
        let digest = whole.digest.clone();
        let upload = keep(app, sender, whole, named).await?;
        drop(room);
        Ok((digest, upload))
    }
}

/// What the head says of a file: what it is, and how long where that is said.
fn announced(headers: &HeaderMap, max_bytes: u64) -> Result<(MediaType, Option<u64>), Problem> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::media_type("the file itself, without a content encoding"));
    }
    let kind = single::header(headers, header::CONTENT_TYPE.as_str())?.and_then(|value| value.to_str().ok());
    let kind = kind_of(kind.unwrap_or_default())?;
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length > max_bytes => Err(Problem::attachment_too_large(max_bytes)),
        Some(0) => Err(Problem::attachment_empty()),
        length => Ok((kind, length)),
    }
}

/// The kind of a file, as it is said to be.
fn kind_of(said: &str) -> Result<MediaType, Problem> {
    let kind = MediaType::parse(said).ok_or_else(Problem::attachment_type_not_allowed)?;
    if MediaType::says_other_encoding(said) { Err(Problem::attachment_not_utf8()) } else { Ok(kind) }
}

/// A file while it comes in. Let go of, nothing of it is left.
struct Coming {
    incoming: Option<Incoming>,
    looks: Inspection,
    taken: u64,
    /// What has come and was not written yet.
    pieces: Vec<Bytes>,
    gathered: usize,
}

impl Coming {
    async fn begin(app: &App) -> Result<Self, Problem> {
        let files = app.uploads.files.clone();
        let incoming = Some(blocking(move || Ok(files.begin()?)).await?);
        Ok(Self { incoming, looks: Inspection::default(), taken: 0, pieces: Vec::new(), gathered: 0 })
    }

    async fn take_all(&mut self, app: &App, mut body: BodyDataStream) -> Result<(), Problem> {
        let until = Instant::now() + FILE_TIMEOUT;
        loop {
            let wait = PIECE_TIMEOUT.min(until.saturating_duration_since(Instant::now()));
            let piece = tokio::time::timeout(wait, body.next()).await.map_err(|_| Problem::too_slow())?;
            let Some(piece) = piece else { break };
            self.take(app, piece.map_err(|_| Problem::attachment_truncated())?).await?;
        }
        self.write().await
    }

    async fn take(&mut self, app: &App, piece: Bytes) -> Result<(), Problem> {
        self.taken += piece.len() as u64;
        if self.taken > app.file_bytes_max {
            return Err(Problem::attachment_too_large(app.file_bytes_max));
        }
        self.gathered += piece.len();
        self.pieces.push(piece);
        if self.gathered >= WRITTEN_AT_ONCE { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> Result<(), Problem> {
        let Some(mut incoming) = self.incoming.take() else { return Err(Problem::internal()) };
        let (mut looks, pieces) = (std::mem::take(&mut self.looks), std::mem::take(&mut self.pieces));
        self.gathered = 0;
        let (incoming, looks) = blocking(move || {
            for piece in pieces {
                looks.take(&piece);
                incoming.write(&piece)?;
            }
            Ok((incoming, looks))
        })
        .await?;
        (self.incoming, self.looks) = (Some(incoming), looks);
        Ok(())
    }

    /// The file once all of it is there and it is what it is said to be.
    async fn whole(self, media_type: MediaType, announced: Option<u64>) -> Result<Whole, Problem> {
        let Some(incoming) = self.incoming else { return Err(Problem::internal()) };
        if announced.is_some_and(|announced| announced != self.taken) {
            return Err(Problem::attachment_truncated());
        }
        if self.taken == 0 {
            return Err(Problem::attachment_empty());
        }
        if self.looks.is_old_office() {
            return Err(Problem::attachment_type_not_allowed());
        }
        if media_type.is_text() && self.looks.is_other_text() {
            return Err(Problem::attachment_not_utf8());
        }
        if !self.looks.is(media_type) {
            return Err(Problem::attachment_type_differs(media_type));
        }
        Ok(blocking(move || Ok(incoming.finish()?)).await?)
    }
}
