//! Errors as `application/problem+json` (RFC 9457). The only file that knows HTTP status codes.

mod admission;
mod fields;
mod files;
mod import;
mod keys;
mod own;
mod settings;
mod webhooks;

use crate::api::DraftView;
use crate::pages::language::Titles;
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use docket_core::actor::Role;
use docket_core::filter::FilterError;
use docket_core::handler::HandleError;
use docket_core::handler::settings::SettingsError;
use docket_core::staff::StaffRefusal;
use docket_core::store::{AppendError, ReadError};
use docket_core::ticket::TicketRefusal;
use docket_core::views::ViewRefusal;
use docket_projections::read_model::ApplyError;
use docket_projections::rebuild::RebuildError;
use docket_projections::runner::{ChangeError, QueryError};
use docket_projections::search::NotSearchable;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use utoipa::ToSchema;

/// What went wrong, for programs and for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A stable name: `urn:docket:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code alone.
    pub code: &'static str,
    /// What kind of problem it is, in the language that `Accept-Language` asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, and what to do.
    pub detail: String,
    /// The field that was not taken, as a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The present version of the ticket, when what was sent was decided on an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<u64>,
    /// The ticket's records that were missed, in the log's encoding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub missed: Vec<Box<RawValue>>,
    /// `unknown` when it is not known whether the command, or how much of an import, was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Your draft as it stands, when what was sent was written on another version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Box<DraftView>>,
    /// Seconds after which trying again makes sense.
    #[serde(skip)]
    pub retry_after_s: Option<u32>,
    /// The role that may not do it, where that is why: pages lead each role to where it may go.
    #[serde(skip)]
    pub refused_role: Option<Role>,
}

impl Problem {
    /// The one success that is not 200: something came into being.
    pub const CREATED: StatusCode = StatusCode::CREATED;

    /// Said by a server that lives and cannot do its work.
    pub const NOT_READY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:docket:problem:{code}"),
            code,
            title: None,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            current_version: None,
            missed: Vec::new(),
            outcome: None,
            draft: None,
            retry_after_s: None,
            refused_role: None,
        }
    }

    fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        let retry_after_s = Some(1);
        Self { retry_after_s, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }

    /// The request is not what HTTP or JSON allow.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// The request is well formed, and a field of it cannot be taken.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let field = Some(field.into()).filter(|field: &String| !field.is_empty());
        // Both may quote what was sent, which may be anything.
        let (field, detail) = (field.map(|field| shortened(&field)), shortened(&detail.into()));
        Self { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// Operators that were not understood.
    pub fn filter_not_understood(field: &str, error: &FilterError) -> Self {
        let (field, detail) = (Some(field.to_owned()), error.to_string());
        Self { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "filter-not-understood", detail) }
    }

    /// A search that would find nearly everything, or nothing at all.
    pub fn not_searchable(why: &NotSearchable) -> Self {
        let problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not-searchable", shortened(&why.to_string()));
        Self { field: Some("q".to_owned()), ..problem }
    }

    /// A cursor that is none, or was changed on the way.
    pub fn cursor_not_valid(field: &str) -> Self {
        let detail = "must be the cursor `next` of the page before, as it was given; or begin without it";
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cursor-not-valid", detail);
        Self { field: Some(field.to_owned()), ..problem }
    }

    /// A cursor of another query.
    pub fn cursor_of_another_query(field: &str) -> Self {
        let detail = "the cursor belongs to another query; ask as for the page before, or begin without it";
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cursor-of-another-query", detail);
        Self { field: Some(field.to_owned()), ..problem }
    }

    /// The body is larger than allowed.
    pub fn too_large(max_bytes: usize) -> Self {
        let detail = format!("the body must be at most {max_bytes} bytes long");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail)
    }

    /// The head is longer or has more fields than allowed.
    pub fn head_too_large(max_bytes: usize, max_fields: usize) -> Self {
        let detail =
            format!("the head must be at most {max_bytes} bytes long with at most {max_fields} fields");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", detail)
    }

    /// The body did not come in time.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the body did not come in time; send it again")
    }

    /// The body is of a type that is not taken.
    pub fn media_type(expected: &str) -> Self {
        let detail = format!("send the body as {expected}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail)
    }

    /// There is nothing here.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this address")
    }

    /// There is something here, and not for this method.
    pub fn method_not_allowed() -> Self {
        let detail = "this address does not take this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
    }

    /// A command that depends on what was said does not say what was read.
    pub fn precondition_required() -> Self {
        let detail =
            "send the ETag of the ticket that you read as If-Match, or * to act whatever was said meanwhile";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", detail)
    }

    /// As [`Problem::precondition_required`], of a command on many tickets.
    pub fn version_required() -> Self {
        let detail = "give the version of the ticket that you read, or whatever_was_said to act whatever was said meanwhile";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", detail)
    }

    /// The request comes from another site, or names a host that is not this server.
    pub fn foreign_site(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign-site", detail)
    }

    /// A view has not come as far as the log.
    pub fn behind() -> Self {
        Self::unavailable("behind", "this view has not come as far as the log yet; try again")
    }

    /// A position that the log has not come to.
    pub fn position_ahead(head: docket_core::names::GlobalPosition) -> Self {
        let detail = format!(
            "the log ends at position {head}: a back-up was put back, or the position is of another log; read again \
             from the beginning"
        );
        Self::new(StatusCode::CONFLICT, "position-ahead", detail)
    }

    /// Too many large bodies are being taken.
    pub fn too_many_bodies() -> Self {
        Self::unavailable("too-many-bodies", "too many large requests are being taken; try again")
    }

    /// Too many streams are open.
    pub fn too_many_streams() -> Self {
        Self::unavailable("too-many-streams", "too many event streams are open; try again later")
    }

    /// Too many streams of the caller's are open.
    pub fn too_many_own_streams() -> Self {
        let detail = "too many event streams of yours are open; end some of them first";
        let retry_after_s = Some(1);
        Self { retry_after_s, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-own-streams", detail) }
    }

    /// Role, teams or what was shown changed while somebody waited.
    pub fn access_changed() -> Self {
        let detail = "what you may see changed while you waited; ask again";
        Self::new(StatusCode::CONFLICT, "access-changed", detail)
    }

    /// The server is about to end.
    pub fn shutting_down() -> Self {
        Self::unavailable("shutting-down", "the server is shutting down; try again later")
    }

    /// A fault of the server itself. What it was is in the server's log only.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed to answer")
    }

    fn history_damaged() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "history-damaged",
            "the stored history cannot be read; nothing was changed, ask the operator to verify the log",
        )
    }
}

/// The longest field or detail that quotes what was sent. Unit: characters.
const QUOTED_CHARS_MAX: usize = 300;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<TicketRefusal> for Problem {
    fn from(refusal: TicketRefusal) -> Self {
        let status = match refusal {
            TicketRefusal::NotFound => StatusCode::NOT_FOUND,
            TicketRefusal::Role { .. } | TicketRefusal::RoleMayNotOpen { .. } => StatusCode::FORBIDDEN,
            TicketRefusal::AlreadyOpened
            | TicketRefusal::Resolved
            | TicketRefusal::NotResolved
            | TicketRefusal::AlreadyResolved { .. }
            | TicketRefusal::Sealed
            | TicketRefusal::NoAssignee
            | TicketRefusal::NotStarted
            | TicketRefusal::EscalatedToItself
            | TicketRefusal::OfSomebodyElse { .. }
            | TicketRefusal::NotEscalated
            | TicketRefusal::NotTheReceiver
            | TicketRefusal::TooMany { .. }
            | TicketRefusal::Merged { .. }
            | TicketRefusal::MergedIntoSealed { .. }
            | TicketRefusal::NotMerged
            | TicketRefusal::MergedIntoItself
            | TicketRefusal::MergedInACircle { .. }
            | TicketRefusal::TargetMerged { .. }
            | TicketRefusal::TargetSealed { .. }
            | TicketRefusal::TargetFull { .. }
            | TicketRefusal::HasMerged { .. }
            | TicketRefusal::OfAnotherCustomer { .. }
            | TicketRefusal::LinkedToItself
            | TicketRefusal::ConfirmationNotAsked
            | TicketRefusal::RatingNotAsked
            | TicketRefusal::AlreadyRated { .. }
            | TicketRefusal::CycleOver => StatusCode::CONFLICT,
            TicketRefusal::UnknownTeam { .. }
            | TicketRefusal::UnknownCategory { .. }
            | TicketRefusal::UnknownReason { .. }
            | TicketRefusal::UnknownResolution { .. }
            | TicketRefusal::UnknownAssignee { .. }
            | TicketRefusal::UnknownSupervisor { .. }
            | TicketRefusal::TeamWithoutMembers { .. }
            | TicketRefusal::SnoozeOutOfRange
            | TicketRefusal::OtherNotFound { .. }
            | TicketRefusal::UnknownTemplate { .. }
            | TicketRefusal::TemplateValueMissing { .. }
            | TicketRefusal::RenderedTooLong
            | TicketRefusal::UnknownAttachment
            | TicketRefusal::NoMessageToAttachTo
            | TicketRefusal::TooManyAttachments => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<StaffRefusal> for Problem {
    fn from(refusal: StaffRefusal) -> Self {
        let status = match refusal {
            StaffRefusal::NotFound => StatusCode::NOT_FOUND,
            StaffRefusal::Role { .. } => StatusCode::FORBIDDEN,
            StaffRefusal::AlreadyThere
            | StaffRefusal::Inactive
            | StaffRefusal::LastAdmin
            | StaffRefusal::TooMany => StatusCode::CONFLICT,
            StaffRefusal::NotOfStaff { .. }
            | StaffRefusal::TooManyTeams
            | StaffRefusal::UnknownTeam { .. }
            | StaffRefusal::TooManySkills
            | StaffRefusal::CapacityOutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<ViewRefusal> for Problem {
    fn from(refusal: ViewRefusal) -> Self {
        let status = match refusal {
            ViewRefusal::NotFound => StatusCode::NOT_FOUND,
            ViewRefusal::Role { .. } | ViewRefusal::Shared { .. } => StatusCode::FORBIDDEN,
            ViewRefusal::TooMany | ViewRefusal::TooManyShared => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl<R: std::error::Error + Into<Problem>> From<SettingsError<R>> for Problem {
    fn from(error: SettingsError<R>) -> Self {
        match error {
            SettingsError::Refused(refusal) => refusal.into(),
            SettingsError::Append(error) => error.into(),
            SettingsError::Read(error) => error.into(),
            SettingsError::History { .. } => Self::history_damaged(),
        }
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        let detail = error.to_string();
        match error {
            AppendError::Conflict { actual, .. } => Self {
                current_version: Some(actual.0),
                ..Self::new(StatusCode::CONFLICT, "conflict", "others changed it meanwhile; try again")
            },
            AppendError::KeyReused { .. } => Self::key_reused(),
            AppendError::Limit { .. } | AppendError::IdReused { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
            }
            AppendError::Busy => Self::unavailable("busy", detail),
            AppendError::StorageFull => Self::unavailable("storage-full", detail),
            AppendError::OutcomeUnknown => {
                Self { outcome: Some("unknown"), ..Self::unavailable("outcome-unknown", detail) }
            }
            // Why it is closed is the operator's business, and stands in the server's log.
            AppendError::Closed { .. } => {
                Self::unavailable("log-closed", "the log takes no commands now; try again later")
            }
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Damaged { .. } => Self::history_damaged(),
            ReadError::Unavailable { .. } => {
                Self::unavailable("log-unavailable", "the log cannot be read now; try again later")
            }
        }
    }
}

impl From<HandleError> for Problem {
    fn from(error: HandleError) -> Self {
        let detail = error.to_string();
        match error {
            HandleError::Refused(refusal) => refusal.into(),
            HandleError::Append(error) => error.into(),
            HandleError::Read(error) => error.into(),
            HandleError::Settings(error) => error.into(),
            HandleError::Staff(error) => error.into(),
            HandleError::History { .. } => Self::history_damaged(),
            HandleError::SeenAhead { current, .. } => Self {
                current_version: Some(current.0),
                ..Self::new(StatusCode::PRECONDITION_FAILED, "version-ahead", detail)
            },
            HandleError::ThreadMoved { current, missed, .. } => Self {
                current_version: Some(current.0),
                missed: missed
                    .iter()
                    .filter_map(|record| {
                        RawValue::from_string(String::from_utf8(record.bytes.clone()).ok()?).ok()
                    })
                    .collect(),
                ..Self::new(StatusCode::PRECONDITION_FAILED, "thread-moved", detail)
            },
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let detail = error.to_string();
        match error {
            QueryError::Unknown(_) => Self::not_found(),
            QueryError::Building { .. } => Self::unavailable("building", detail),
            QueryError::Behind { .. } => Self::unavailable("behind", detail),
            QueryError::File { .. } => {
                Self::unavailable("read-model-unavailable", "this view cannot be read now; try again later")
            }
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let detail = error.to_string();
        match error {
            ChangeError::Unknown(_) => Self::not_found(),
            ChangeError::Running(_) => Self::new(StatusCode::CONFLICT, "rebuild-running", detail),
            ChangeError::NoEarlier(_) => Self::new(StatusCode::CONFLICT, "nothing-to-roll-back", detail),
            ChangeError::Rebuild(RebuildError::Stopped) => Self::shutting_down(),
            ChangeError::Rebuild(RebuildError::Read(error)) => error.into(),
            ChangeError::Rebuild(RebuildError::Apply(ApplyError::Held { .. })) => {
                Self::unavailable("held", "a newer release wrote an event of the log; use that release")
            }
            ChangeError::Rebuild(RebuildError::Apply(ApplyError::File(_)) | RebuildError::Mismatch)
            | ChangeError::File(_) => {
                // Which file and why is the operator's business.
                tracing::warn!("a read model could not be changed: {detail}");
                let detail = "the read model could not be made; what served goes on serving";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "rebuild-failed", detail)
            }
        }
    }
}

/// Gives a problem its title in the language that is asked for. Any other answer stays as it is.
pub fn entitle(mut response: Response, titles: Titles) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else { return response };
    let titled = Problem { title: titles.of(problem.code), ..Problem::clone(&problem) };
    let Ok(body) = serde_json::to_vec(&titled) else { return response };
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(titles.language()));
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after_s.map(HeaderValue::from);
        let mut response = (status, Json(&self)).into_response();
        // Whoever knows what language is asked for says it again with a title.
        response.extensions_mut().insert(Arc::new(self));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds);
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 11.6.1 asks for it.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"docket\""));
        }
        response
    }
}
