//! Keyed requests that append no event: carried out once, and answered again as they were the first time.
//!
//! Commands are remembered in the log itself. What leaves no trace there is remembered in the operational file: that it
//! was begun before it is carried out, and what it was answered afterwards (docs/adr/0010-idempotence.md).

use super::{HEADER, digest, key_of};
use crate::api::read_body;
use crate::app::App;
use crate::identity::{Caller, From};
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use docket_core::store::operational::{Change, DATA_BYTES_MAX, Kind, Operational, OperationalError};
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How long an answer is remembered.
pub const LASTS: DurationMs = DurationMs::from_hours(24);

/// Answers that are remembered at once; with more, keyed requests have to wait for some to expire.
pub const ANSWERS_MAX: usize = 50_000;

/// The longest answer that is remembered, so that it fits into an entry however JSON writes it. Unit: bytes.
const ANSWER_BYTES_MAX: usize = DATA_BYTES_MAX / 8;

/// Says that an answer is the one of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What is kept of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A digest of what it said, and its answer.
    Answer,
    /// Only that it was carried out: what it says or is answered is a secret.
    Fact,
}

/// Every route that takes a key and appends no event.
pub const ROUTES: &[(&str, Kept)] = &[
    ("/api/v1/session", Kept::Fact),
    ("/api/v1/session/accept-invitation", Kept::Fact),
    ("/api/v1/session/sign-out", Kept::Answer),
    ("/api/v1/me/change-password", Kept::Fact),
    ("/api/v1/me/sessions/{id}/revoke", Kept::Answer),
    ("/api/v1/settings/routing/{name}/try", Kept::Answer),
    ("/api/v1/webhooks/{id}/test", Kept::Answer),
    ("/api/v1/webhooks/{id}/dead-letters/replay", Kept::Answer),
    ("/api/v1/projections/{name}/rebuild", Kept::Answer),
    ("/api/v1/projections/{name}/roll-back", Kept::Answer),
    ("/api/v1/projections/{name}/retry/{number}", Kept::Answer),
];

/// What a keyed request has come to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State {
    /// It is being carried out, or was when the server ended.
    Begun,
    /// It was carried out; what it was answered is not kept.
    Done,
    /// It was carried out and answered so.
    Answered { status: u16, body: String },
}

/// What is remembered of a keyed request.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    /// None when it cannot be read.
    digest: Option<String>,
    until: Timestamp,
    #[serde(flatten)]
    state: State,
}

/// What keyed requests were answered.
pub struct Answers {
    operational: Arc<Operational>,
    /// Those that are being carried out now.
    under_way: Mutex<HashSet<String>>,
    kept: AtomicUsize,
    room: usize,
}

/// Holds a key while its request is carried out.
struct UnderWay {
    answers: Arc<Answers>,
    id: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.answers.under_way().remove(&self.id);
    }
}

impl Answers {
    /// Those that are in the file.
    ///
    /// # Errors
    /// [`OperationalError`]
    pub fn load(operational: Arc<Operational>) -> Result<Self, OperationalError> {
        let kept = AtomicUsize::new(operational.all(Kind::Answer)?.len());
        Ok(Self { operational, under_way: Mutex::default(), kept, room: ANSWERS_MAX })
    }

    /// The same with room for so many, in place of [`ANSWERS_MAX`].
    #[must_use]
    pub fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a key for one request; none while another has it.
    fn take(self: &Arc<Self>, id: &str) -> Option<UnderWay> {
        let taken = self.under_way().insert(id.to_owned());
        taken.then(|| UnderWay { answers: self.clone(), id: id.to_owned() })
    }

    fn find(&self, id: &str, now: Timestamp) -> Result<Option<Remembered>, OperationalError> {
        let found = self.operational.find(Kind::Answer, id)?;
        // One that cannot be read was written by another release; whoever sent it is told that it was begun.
        let found = found.map(|data| {
            let unreadable = |_| Remembered { digest: None, until: Timestamp::MAX, state: State::Begun };
            serde_json::from_str(&data).unwrap_or_else(unreadable)
        });
        Ok(found.filter(|remembered| now < remembered.until))
    }

    /// Remembers that a request is begun; none when there is no room.
    fn begin(&self, id: &str, digest: &str, now: Timestamp) -> Result<Option<Remembered>, OperationalError> {
        if self.kept.load(Ordering::Relaxed) >= self.room {
            self.operational.expire(now)?;
            self.kept.store(self.operational.all(Kind::Answer)?.len(), Ordering::Relaxed);
        }
        if self.kept.fetch_add(1, Ordering::Relaxed) >= self.room {
            self.kept.fetch_sub(1, Ordering::Relaxed);
            return Ok(None);
        }
        let begun =
            Remembered { digest: Some(digest.to_owned()), until: now.plus(LASTS), state: State::Begun };
        self.put(id, &begun)?;
        Ok(Some(begun))
    }

    fn put(&self, id: &str, remembered: &Remembered) -> Result<(), OperationalError> {
        let data = serde_json::to_string(remembered).unwrap_or_default();
        let (id, expires_at) = (id.to_owned(), Some(remembered.until));
        self.operational.write(&[Change::Put { kind: Kind::Answer, id, data, expires_at }])
    }

    /// A refused request does not use up its key.
    fn forget(&self, id: &str) -> Result<(), OperationalError> {
        self.operational.write(&[Change::Remove { kind: Kind::Answer, id: id.to_owned() }])?;
        self.kept.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Carries a request out, once for each key.
pub async fn run(app: &App, route: &str, request: Request, next: Next) -> Response {
    let kept = ROUTES.iter().find(|(once, _)| *once == route).map(|(_, kept)| *kept);
    match kept {
        Some(kept) if request.headers().contains_key(HEADER) => {
            keyed(app, kept, request, next).await.unwrap_or_else(Problem::into_response)
        }
        Some(_) | None => next.run(request).await,
    }
}

async fn keyed(app: &App, kept: Kept, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(key) = key_of(request.headers())?.map(str::to_owned) else { return Err(Problem::internal()) };
    let (parts, body) = request.into_parts();
    let bytes = read_body(&parts.headers, body).await?;
    let id = digest(&app.digest_key, &[b"answer", principal(&parts).as_bytes(), key.as_bytes()]);
    let said = said(app, kept, &parts, &bytes);
    let under_way = app.answers.take(&id).ok_or_else(Problem::request_in_flight)?;
    let request = Request::from_parts(parts, Body::from(bytes));
    let app = app.clone();
    // In a task of its own: what is begun is carried out and remembered, also when whoever asked has gone.
    let carried_out = tokio::spawn(async move {
        let done = carry_out(&app, kept, &under_way.id, said, request, next).await;
        drop(under_way);
        done
    });
    carried_out.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// Whose key it is: somebody's, or where nobody is signed in that of the network they come from.
fn principal(parts: &Parts) -> String {
    match parts.extensions.get::<Caller>() {
        Some(caller) => format!("person {}", super::principal(&caller.actor)),
        None => format!("network {}", From::of(parts).place.network),
    }
}

/// A digest of what the request says. A password is no part of it: a fast digest of one could be guessed from.
fn said(app: &App, kept: Kept, parts: &Parts, body: &Bytes) -> String {
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    let body: &[u8] = if kept == Kept::Answer { body } else { b"" };
    digest(&app.digest_key, &[address.as_bytes(), body])
}

async fn carry_out(
    app: &App,
    kept: Kept,
    id: &str,
    digest: String,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let now = app.now();
    let (named, said) = (id.to_owned(), digest.clone());
    let begun = on_file(app, move |answers| match answers.find(&named, now)? {
        Some(earlier) => Ok(Err(earlier)),
        None => Ok(Ok(answers.begin(&named, &said, now)?)),
    });
    let begun = match begun.await.map_err(|error| unavailable(&error))? {
        Ok(begun) => begun.ok_or_else(Problem::answers_unavailable)?,
        Err(earlier) if earlier.digest.as_ref().is_some_and(|earlier| *earlier != digest) => {
            return Err(Problem::key_reused());
        }
        Err(earlier) => return again(earlier.state),
    };
    let response = next.run(request).await;
    let named = id.to_owned();
    if !response.status().is_success() {
        let forgotten = on_file(app, move |answers| answers.forget(&named)).await;
        forgotten.unwrap_or_else(|error| tracing::warn!("a key could not be freed: {error}"));
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await.map_err(|_| Problem::internal())?;
    let state = match kept {
        Kept::Fact => State::Done,
        Kept::Answer => State::Answered {
            status: parts.status.as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
        },
    };
    let remembered = Remembered { state, ..begun };
    let stored = on_file(app, move |answers| answers.put(&named, &remembered)).await;
    // It is done; whoever asks again is told that it was begun.
    stored.unwrap_or_else(|error| tracing::warn!("an answer could not be remembered: {error}"));
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// What is answered to a request that was carried out before.
fn again(state: State) -> Result<Response, Problem> {
    match state {
        State::Begun => Err(Problem::key_interrupted()),
        State::Done => Err(Problem::answered_before()),
        State::Answered { status, body } => {
            let status = StatusCode::from_u16(status).map_err(|_| Problem::internal())?;
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (REPLAYED, HeaderValue::from_static("true")),
            ];
            Ok((status, headers, body).into_response())
        }
    }
}

fn unavailable(error: &OperationalError) -> Problem {
    // Why is the operator's business.
    tracing::error!("answers cannot be remembered: {error}");
    Problem::answers_unavailable()
}

/// Works on the file away from the threads that serve requests.
async fn on_file<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Answers) -> Result<T, OperationalError> + Send + 'static,
) -> Result<T, OperationalError> {
    let answers = app.answers.clone();
    let done = tokio::task::spawn_blocking(move || work(&answers)).await;
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}
