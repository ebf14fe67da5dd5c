//! The feed of events after a position: by long poll, or as server-sent events.

mod feed;

use super::body::Asked;
use super::refusals::FeedRefusals;
use super::shapes;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use crate::single;
use crate::streams::{NoRoom, Place};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use docket_core::names::GlobalPosition;
use docket_core::record::StoredRecord;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// The longest that a long poll waits. Unit: milliseconds.
pub(crate) const WAIT_MS_MAX: u64 = 30_000;

/// Events in a page.
pub(crate) const PAGE_EVENTS_MAX: usize = 1000;

/// Which part of the feed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedQuery {
    /// Events after this position; from the beginning if left out.
    #[param(value_type = shapes::Position, inline, required = false)]
    after: Option<u64>,
    /// Events in a page, 1 to 1000; 100 if left out.
    #[param(schema_with = shapes::up_to::<PAGE_EVENTS_MAX>)]
    limit: Option<usize>,
    /// Waits this long for an event when there is none yet, 0 to 30000 milliseconds; 0 if left out.
    #[param(schema_with = shapes::wait_up_to::<WAIT_MS_MAX>)]
    wait_ms: Option<u64>,
}

/// Where a stream begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamQuery {
    /// Events after this position; a `Last-Event-ID` goes before it; from the beginning if both are left out.
    #[param(value_type = shapes::Position, inline, required = false)]
    after: Option<u64>,
}

/// A page of the feed.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedView {
    /// The records, in the log's own encoding.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Box<RawValue>>,
    /// Give it as `after` to read on.
    next: u64,
    /// The last position of the log.
    head: u64,
}

/// Reads events after a position; with `wait_ms`, waits for the next one.
#[utoipa::path(get, path = "/api/v1/events", tag = "feed", params(FeedQuery),
    responses((status = 200, description = "A page", body = FeedView), FeedRefusals))]
pub(super) async fn read_events(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<FeedQuery>,
) -> Result<Json<FeedView>, Problem> {
    let limit = asked.limit.unwrap_or(100);
    if !(1..=PAGE_EVENTS_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("use 1 to {PAGE_EVENTS_MAX}")));
    }
    let wait_ms = asked.wait_ms.unwrap_or(0);
    if wait_ms > WAIT_MS_MAX {
        return Err(Problem::invalid("wait_ms", format!("use 0 to {WAIT_MS_MAX}")));
    }
    let after = not_ahead(&app, asked.after.unwrap_or(0))?;
    if wait_ms > 0 && app.head() <= after {
        let _place = place(&app, &caller)?;
        feed::wait(&app, &caller, after, Duration::from_millis(wait_ms)).await?;
    }
    let records = app.store.read_all(after, limit).await?;
    let next = records.last().map_or(after, |record| record.position).0;
    let seen = feed::within(&app, &caller.reach, records).await?;
    let events = seen.into_iter().map(raw).collect::<Result<_, _>>()?;
    Ok(Json(FeedView { events, next, head: app.head().0 }))
}

/// Streams events after a position. Each carries its position as id, so that a client resumes where it was.
#[utoipa::path(get, path = "/api/v1/events/stream", tag = "feed", params(StreamQuery),
    responses((status = 200, description = "Records as server-sent events", content_type = "text/event-stream"), FeedRefusals))]
pub(super) async fn stream_events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Asked(asked): Asked<StreamQuery>,
) -> Result<Response, Problem> {
    let resumed = match single::header(&headers, "last-event-id")? {
        None => None,
        Some(id) => {
            let id = id.to_str().ok().and_then(|id| id.parse().ok());
            Some(id.ok_or_else(|| Problem::invalid("last-event-id", "must be a position"))?)
        }
    };
    let after = not_ahead(&app, resumed.or(asked.after).unwrap_or(0))?;
    let place = place(&app, &caller)?;
    let stream = feed::follow(app, caller, after, place);
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(stream).keep_alive(keep_alive).into_response())
}

/// A position that the log has come to. Whoever went on from one that it never had would miss what it will hold.
fn not_ahead(app: &App, after: u64) -> Result<GlobalPosition, Problem> {
    let head = app.head();
    if after > head.0 { Err(Problem::position_ahead(head)) } else { Ok(GlobalPosition(after)) }
}

fn place(app: &App, caller: &Caller) -> Result<Place, Problem> {
    app.streams.take(caller).map_err(|no_room| match no_room {
        NoRoom::All => Problem::too_many_streams(),
        NoRoom::Own => Problem::too_many_own_streams(),
    })
}

fn raw(record: StoredRecord) -> Result<Box<RawValue>, Problem> {
    let text = String::from_utf8(record.bytes).map_err(|_| Problem::internal())?;
    RawValue::from_string(text).map_err(|_| Problem::internal())
}
