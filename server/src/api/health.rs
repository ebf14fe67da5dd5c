//! Tells whether the server lives, whether it is ready, and what it measures.

use super::projections::ProjectionView;
use crate::app::App;
use crate::problem::Problem;
use crate::telemetry;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::access::Reach;
use docket_projections::runner::Phase;
use serde::Serialize;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;

/// Whether the server can do its work.
#[derive(Serialize, ToSchema)]
pub(super) struct Readiness {
    /// Whether it is ready.
    ready: bool,
    /// Why not, one sentence each.
    reasons: Vec<String>,
    /// The last position of the log.
    head: u64,
    /// Whether the whole log has been verified since the start.
    log_verified: bool,
    /// How much is due on tickets and cannot be done, since their histories do not say so; it holds up nothing else.
    due_aside: u64,
    /// How each projector stands.
    projections: Vec<ProjectionView>,
}

/// Answers as long as the server lives.
#[utoipa::path(get, path = "/livez", tag = "operation",
    responses((status = 200, description = "It lives", body = String)))]
pub(super) async fn livez() -> &'static str {
    "live\n"
}

/// Tells whether the server can do its work, with the lag of each projector.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, description = "Ready", body = Readiness),
        (status = 503, description = "Not ready", body = Readiness)))]
pub(super) async fn readyz(State(app): State<App>) -> Response {
    let head = app.head();
    let statuses = app.projections.statuses();
    let log_verified = app.verified.load(Ordering::Relaxed);
    let mut reasons = Vec::new();
    if let Some(why) = app.store.failure().borrow().as_ref() {
        reasons.push(format!("the log has failed: {why}"));
    }
    if app.storage_full() {
        reasons.push("the disk is full".to_owned());
    }
    if !log_verified {
        reasons.push("the log is being verified".to_owned());
    }
    if app.shutdown.is_cancelled() {
        reasons.push("the server is shutting down".to_owned());
    }
    for status in &statuses {
        match &status.phase {
            Phase::Live => {}
            Phase::Building => reasons.push(format!("the read model {} is being built", status.name)),
            Phase::Held { position, .. } => {
                reasons.push(format!("the read model {} waits at position {position}", status.name));
            }
            Phase::Failing { why } => reasons.push(format!("the read model {}: {why}", status.name)),
        }
    }
    let projections = ProjectionView::all(&app, statuses, &Reach::Nothing).await;
    let ready = reasons.is_empty();
    let body = Json(Readiness {
        ready,
        reasons,
        head: head.0,
        log_verified,
        due_aside: app.aside.get(),
        projections,
    });
    if ready { body.into_response() } else { (Problem::NOT_READY, body).into_response() }
}

/// What the server measures, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Metrics in the text format", body = String)))]
pub(super) async fn metrics(State(app): State<App>) -> String {
    telemetry::observe(&app).await;
    app.metrics.render()
}
