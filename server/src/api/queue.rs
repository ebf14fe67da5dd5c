//! Reads the queue.

use super::body::{Asked, position};
use super::cursor::Cursor;
use super::refusals::ReadRefusals;
use super::shapes;
use super::tickets::TicketView;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::actor::Actor;
use docket_core::filter::{Clause, Filter, Test, parse_filter};
use docket_core::names::GlobalPosition;
use docket_core::routing::staffed;
use docket_core::staff::Staff;
use docket_core::ticket::Lane;
use docket_core::time::Timestamp;
use docket_projections::queue::{self, LaneCount, Matching, QueueTicket, Wanted};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueQuery {
    /// `new`, `open`, `pending` or `resolved`; if left out, `new`, and all lanes with a filter.
    #[param(value_type = shapes::LaneName, inline, required = false)]
    lane: Option<String>,
    /// Operators such as `status:open -team:billing assignee:me`; see docs/API.md.
    #[param(value_type = shapes::Filter, inline, required = false)]
    filter: Option<String>,
    /// Rows in a page, 1 to 200; 50 if left out.
    #[param(schema_with = shapes::up_to::<{ queue::ROWS_PER_PAGE_MAX }>)]
    limit: Option<usize>,
    /// The cursor `next` of the page before, of the same query.
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
    /// Of these, past a deadline of a clock that has not ended.
    late: u64,
}

/// How many tickets fit a filter.
#[derive(Serialize, ToSchema)]
pub(super) struct MatchingView {
    /// Tickets that fit.
    pub(super) tickets: u64,
    /// Of these, past a deadline of a clock that has not ended.
    pub(super) late: u64,
}

impl From<Matching> for MatchingView {
    fn from(Matching { tickets, late }: Matching) -> Self {
        Self { tickets, late }
    }
}

/// A page of a lane, or of what fits a filter.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueView {
    /// The position that it shows.
    position: u64,
    /// The position that the first page of this reading showed.
    began_at: u64,
    /// Whether anything has happened since then: what has changed meanwhile may be skipped or met again.
    moved: bool,
    /// The instant at which lateness was judged.
    #[schema(value_type = shapes::Instant)]
    evaluated_at: String,
    /// All lanes.
    lanes: Vec<LaneView>,
    /// How many tickets fit the filter, in all lanes asked for; none without one.
    matching: Option<MatchingView>,
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
    caller: Caller,
    Asked(asked): Asked<QueueQuery>,
) -> Result<Json<QueueView>, Problem> {
    let lane = match asked.lane.as_deref() {
        None => None,
        Some(name) => {
            let lane = Lane::parse(name);
            Some(lane.ok_or_else(|| Problem::invalid("lane", "use new, open, pending or resolved"))?)
        }
    };
    let limit = asked.limit.unwrap_or(50);
    if !(1..=queue::ROWS_PER_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("use 1 to {}", queue::ROWS_PER_PAGE_MAX)));
    }
    let filter = asked.filter.as_deref().map(parse_filter).transpose();
    let filter = filter.map_err(|error| Problem::filter_not_understood("filter", &error))?;
    let written = filter.as_ref().map(ToString::to_string);
    let query = format!("queue {lane:?} {written:?} {:?}", caller.actor.id);
    let after = asked
        .after
        .as_deref()
        .map(|text| Cursor::<[i64; 3]>::read(&app, &query, "after", text))
        .transpose()?;
    // A page never shows less than the one before it did.
    let at_least = position(asked.at_least).max(after.map(|after| after.began_at));
    let (now, asking) = (app.now(), caller.clone());
    let part = app.query("queue", at_least, move |connection| {
        let Some(filter) = filter else {
            let (lane, after) = (lane.unwrap_or(Lane::New), after.map(|after| after.place));
            let after = after.map(|[_, rank, number]| queue::Cursor { rank, number });
            let page = queue::lane(connection, &asking.reach, lane, after, limit, now)?;
            let next = page.next.map(|next| [lane as i64, next.rank, next.number]);
            return Ok(Part {
                position: page.position,
                counts: page.counts,
                matching: None,
                tickets: page.tickets,
                next,
            });
        };
        let filter = in_lane(filter, lane);
        let wanted = Wanted { reach: &asking.reach, filter: &filter, me: &asking.actor.id };
        let after =
            after.map(|Cursor { place: [lane, rank, number], .. }| queue::Place { lane, rank, number });
        let page = queue::filtered(connection, wanted, after, limit, now)?;
        let next = page.next.map(|next| [next.lane, next.rank, next.number]);
        let matching = Some(page.matching);
        Ok(Part { position: page.position, counts: page.counts, matching, tickets: page.tickets, next })
    });
    let part = part.await?;
    let began_at = after.map_or(part.position, |after| after.began_at);
    let next = part.next.map(|place| Cursor { began_at, place }.write(&app, &query));
    let staff = app.staff.known();
    Ok(Json(part.view(&caller.actor, &staff, (began_at, next), now)))
}

/// A page, from either way of reading.
struct Part {
    position: GlobalPosition,
    counts: Vec<LaneCount>,
    matching: Option<Matching>,
    tickets: Vec<QueueTicket>,
    next: Option<[i64; 3]>,
}

impl Part {
    fn view(
        self,
        actor: &Actor,
        staff: &Staff,
        (began_at, next): (GlobalPosition, Option<String>),
        now: Timestamp,
    ) -> QueueView {
        let staffed = staffed(staff);
        let lanes = self.counts.iter().map(|count| LaneView {
            lane: count.lane.as_str(),
            tickets: count.tickets,
            late: count.late,
        });
        let view = |ticket| TicketView::of(ticket, actor, staffed.as_ref(), now);
        let tickets = self.tickets.iter().map(view);
        QueueView {
            position: self.position.0,
            began_at: began_at.0,
            moved: self.position > began_at,
            evaluated_at: now.to_rfc3339(),
            lanes: lanes.collect(),
            matching: self.matching.map(MatchingView::from),
            tickets: tickets.collect(),
            next,
        }
    }
}

/// The filter within one lane, where one is asked for. Lanes in the filter itself are alternatives, so the lane is
/// said by what it is not.
fn in_lane(mut filter: Filter, lane: Option<Lane>) -> Filter {
    let Some(lane) = lane else { return filter };
    let others = Lane::ALL.into_iter().filter(|other| *other != lane);
    filter.clauses.extend(others.map(|other| Clause { test: Test::Lane(other), not: true }));
    filter
}
