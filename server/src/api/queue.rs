//! Reads the queue.

use super::body::{Asked, position};
use super::refusals::ReadRefusals;
use super::shapes;
use super::tickets::TicketView;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::ticket::Lane;
use docket_projections::queue;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueQuery {
    /// `new`, `open`, `pending` or `resolved`; `new` if left out.
    #[param(value_type = shapes::LaneName, inline, required = false)]
    lane: Option<String>,
    /// Rows in a page, 1 to 200; 50 if left out.
    #[param(schema_with = shapes::up_to::<{ queue::ROWS_PER_PAGE_MAX }>)]
    limit: Option<usize>,
    /// The cursor `next` of the page before.
    #[param(value_type = shapes::Cursor, inline, required = false)]
    after: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// How many tickets a lane holds.
#[derive(Serialize, ToSchema)]
pub(super) struct LaneView {
    /// Which lane.
    #[schema(value_type = shapes::LaneName)]
    lane: &'static str,
    /// Tickets in it.
    tickets: u64,
    /// Of these, past a deadline whose clock runs.
    late: u64,
}

/// A page of a lane.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueView {
    /// The position that it shows.
    position: u64,
    /// The instant at which lateness was judged.
    #[schema(value_type = shapes::Instant)]
    evaluated_at: String,
    /// All lanes.
    lanes: Vec<LaneView>,
    /// The tickets, the next deadline first.
    tickets: Vec<TicketView>,
    /// Give it as `after` to read on; none at the end.
    next: Option<String>,
}

/// Reads a page of a lane, with the counts of all lanes.
#[utoipa::path(get, path = "/api/v1/queue", tag = "reads", params(QueueQuery),
    responses((status = 200, description = "A page", body = QueueView), ReadRefusals))]
pub(super) async fn read_queue(
    State(app): State<App>,
    Caller { actor, reach, .. }: Caller,
    Asked(asked): Asked<QueueQuery>,
) -> Result<Json<QueueView>, Problem> {
    let lane = match asked.lane.as_deref() {
        None => Lane::New,
        Some(name) => {
            Lane::parse(name).ok_or_else(|| Problem::invalid("lane", "use new, open, pending or resolved"))?
        }
    };
    let limit = asked.limit.unwrap_or(50);
    if !(1..=queue::ROWS_PER_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("use 1 to {}", queue::ROWS_PER_PAGE_MAX)));
    }
    let after = asked.after.as_deref().map(cursor).transpose()?;
    let now = app.now();
    let view = app.query("queue", position(asked.at_least), move |connection| {
        let page = queue::lane(connection, &reach, lane, after, limit, now)?;
        let tickets = page.tickets.iter().map(|ticket| TicketView::of(ticket, actor.role, now)).collect();
        let lanes = page.counts.iter().map(|count| LaneView {
            lane: count.lane.as_str(),
            tickets: count.tickets,
            late: count.late,
        });
        Ok(QueueView {
            position: page.position.0,
            evaluated_at: now.to_rfc3339(),
            lanes: lanes.collect(),
            tickets,
            next: page.next.map(|cursor| format!("{}_{}", cursor.rank, cursor.number)),
        })
    });
    Ok(Json(view.await?))
}

fn cursor(text: &str) -> Result<queue::Cursor, Problem> {
    let parsed = text.split_once('_').and_then(|(rank, number)| {
        Some(queue::Cursor { rank: rank.parse().ok()?, number: number.parse().ok()? })
    });
    parsed.ok_or_else(|| Problem::invalid("after", "must be the cursor `next` of the page before"))
}
