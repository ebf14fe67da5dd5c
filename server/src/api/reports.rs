//! Reads reports.

use super::body::{Asked, position};
use super::refusals::ReadRefusals;
use super::shapes;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::access::Reach;
use docket_core::time::Timestamp;
use docket_projections::metrics::report::{self, GroupBy, Report};
use docket_projections::sla::{self, Attainment};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which report.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// `category`, `priority`, `agent` or `team`; `category` if left out.
    #[param(value_type = shapes::GroupName, inline, required = false)]
    group_by: Option<String>,
    /// Tickets opened from this time on, as RFC 3339; from the beginning if left out.
    #[param(value_type = shapes::Instant, inline, required = false)]
    from: Option<String>,
    /// Tickets opened before this time; without end if left out.
    #[param(value_type = shapes::Instant, inline, required = false)]
    until: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// Waits for a position.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AttainmentQuery {
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// First response, first and full resolution, reopenings, and hand-overs of what was escalated: n, sum, mean, p50, p90 and
/// p95, by group, of the tickets that the caller may see; analysts are told of all.
#[utoipa::path(get, path = "/api/v1/reports/metrics", tag = "reports", params(ReportQuery),
    responses((status = 200, description = "The report", body = ReportView), ReadRefusals))]
pub(super) async fn read_metrics(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<ReportQuery>,
) -> Result<Json<ReportView>, Problem> {
    let by = match asked.group_by.as_deref() {
        None | Some("category") => GroupBy::Category,
        Some("priority") => GroupBy::Priority,
        Some("agent") => GroupBy::Agent,
        Some("team") => GroupBy::Team,
        Some(_) => return Err(Problem::invalid("group_by", "use category, priority, agent or team")),
    };
    let from = instant("from", asked.from.as_deref(), Timestamp::MIN)?;
    let until = instant("until", asked.until.as_deref(), Timestamp::MAX)?;
    let (reach, covers) = (caller.counted(), Covers::of(&caller));
    let read = app.query("metrics", position(asked.at_least), move |connection| {
        report::report(connection, &reach, by, (from, until))
    });
    Ok(Json(ReportView { covers, report: read.await? }))
}

/// The tickets that a report counts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Covers {
    /// All.
    Everything,
    /// Those of one's teams, of no team, and one's own.
    WithinReach,
}

impl Covers {
    pub(super) fn of(caller: &Caller) -> Self {
        if caller.counted() == Reach::Everything { Self::Everything } else { Self::WithinReach }
    }
}

/// A report, and which tickets it counts.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportView {
    /// `everything`, or what is `within_reach` of the caller.
    covers: Covers,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    report: Report,
}

/// How targets stand, of which tickets, and the position that it shows.
#[derive(Serialize, ToSchema)]
pub(super) struct AttainmentView {
    /// `everything`, or what is `within_reach` of the caller.
    covers: Covers,
    /// The position that it shows.
    position: u64,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    attainment: Attainment,
}

/// How the first-response targets stand, of the tickets that the caller may see.
#[utoipa::path(get, path = "/api/v1/reports/sla", tag = "reports", params(AttainmentQuery),
    responses((status = 200, description = "Met, missed and running targets", body = AttainmentView), ReadRefusals))]
pub(super) async fn read_attainment(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<AttainmentQuery>,
) -> Result<Json<AttainmentView>, Problem> {
    let (reach, covers) = (caller.counted(), Covers::of(&caller));
    let read =
        app.query_at("sla", position(asked.at_least), move |connection| sla::attainment(connection, &reach));
    let (shown, attainment) = read.await?;
    Ok(Json(AttainmentView { covers, position: shown.0, attainment }))
}

fn instant(name: &str, text: Option<&str>, otherwise: Timestamp) -> Result<Timestamp, Problem> {
    text.map_or(Ok(otherwise), |text| {
        Timestamp::parse_rfc3339(text).map_err(|error| Problem::invalid(name, error.to_string()))
    })
}
