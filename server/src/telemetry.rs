//! What the server says of itself: its log, its metrics, and how to begin.

pub mod bounds;

use crate::app::App;
use crate::config::Serve;
use crate::identity::Entry;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use docket_projections::runner::Phase;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tracing_subscriber::EnvFilter;

/// How often the metrics' histograms are kept short.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Bounds of the latency histogram. Unit: seconds.
const LATENCY_BUCKETS_S: &[f64] =
    &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Sends the server's log to standard error; `DOCKET_LOG` chooses how much of it.
pub fn init(json: bool) {
    let filter = EnvFilter::try_from_env("DOCKET_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // It would be told on standard error, which is what could not be written to.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    // Initialising twice happens only in tests, where the first one stays.
    let _ = if json { subscriber.json().try_init() } else { subscriber.try_init() };
}

/// The one recorder of the process.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new();
        let builder =
            match builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), LATENCY_BUCKETS_S) {
                Ok(builder) => builder,
                Err(_) => PrometheusBuilder::new(),
            };
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Another recorder of the same process was there first; then this one shows nothing of it.
        let _ = metrics::set_global_recorder(recorder);
        handle
    };
    HANDLE.get_or_init(install).clone()
}

/// Keeps the metrics' memory bounded.
pub async fn upkeep(app: App) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        app.metrics.run_upkeep();
    }
}

/// A request that is counted and timed, by route and not by address: the number of series stays bounded.
pub struct Measured {
    began: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Measured {
    /// The request has come in.
    pub fn begin(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().cloned();
        Self { began: Instant::now(), method: known_method(request.method()), route }
    }

    /// It is answered.
    pub fn end(self, response: &Response) {
        let route = self.route.as_ref().map_or("(none)", MatchedPath::as_str).to_owned();
        let status = response.status().as_u16().to_string();
        histogram!("docket_http_request_seconds", "route" => route.clone())
            .record(self.began.elapsed().as_secs_f64());
        counter!("docket_http_requests_total", "route" => route, "method" => self.method, "status" => status)
            .increment(1);
    }
}

/// Anybody can make up methods, and each would be a series of its own.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("(other)")
}

/// Sets the gauges that are read rather than counted.
pub async fn observe(app: &App) {
    for (of, bound) in bounds::BOUNDS {
        gauge!("docket_bound", "of" => of).set(bound as f64);
    }
    let head = app.head();
    gauge!("docket_log_position").set(head.0 as f64);
    gauge!("docket_log_verified").set(f64::from(u8::from(app.verified.load(Ordering::Relaxed))));
    let queue = app.store.queue();
    gauge!("docket_appends_waiting").set(queue.waiting as f64);
    gauge!("docket_appends_waiting_max").set(queue.max as f64);
    let streams = crate::streams::STREAMS_MAX;
    gauge!("docket_event_streams").set((streams - app.streams.free()) as f64);
    gauge!("docket_event_streams_max").set(streams as f64);
    let bodies = crate::listener::BODIES_KIB_MAX;
    gauge!("docket_bodies_kib").set(bodies.saturating_sub(app.bodies.available_permits()) as f64);
    gauge!("docket_bodies_kib_max").set(bodies as f64);
    let connections = crate::listener::CONNECTIONS_MAX;
    gauge!("docket_connections").set((connections - app.connections.available_permits()) as f64);
    gauge!("docket_connections_max").set(connections as f64);
    gauge!("docket_due_aside").set(app.aside.get() as f64);
    observe_webhooks(app);
    for status in app.projections.statuses() {
        let position = status.position();
        gauge!("docket_projection_position", "name" => status.name).set(position.0 as f64);
        gauge!("docket_projection_lag_events", "name" => status.name)
            .set(head.0.saturating_sub(position.0) as f64);
        gauge!("docket_projection_lag_seconds", "name" => status.name)
            .set(app.lag(&status).await.0 as f64 / 1000.0);
        gauge!("docket_projection_live", "name" => status.name)
            .set(f64::from(u8::from(status.phase == Phase::Live)));
        gauge!("docket_projection_quarantined_tickets", "name" => status.name)
            .set(status.quarantined.len() as f64);
    }
}

/// Sums over all endpoints, and the lag of the one that is furthest behind.
fn observe_webhooks(app: &App) {
    let (mut waiting, mut under_way, mut dead_letters, mut lag) = (0, 0, 0, 0);
    for outbox in app.webhooks.outboxes() {
        let health = outbox.health();
        waiting += health.progress.waiting();
        under_way += health.progress.under_way();
        dead_letters += health.dead_letters;
        lag = lag.max(app.head().0.saturating_sub(health.progress.cursor.0));
    }
    gauge!("docket_webhook_events_waiting").set(waiting as f64);
    gauge!("docket_webhook_deliveries_under_way").set(under_way as f64);
    gauge!("docket_webhook_dead_letters").set(dead_letters as f64);
    gauge!("docket_webhook_lag_events").set(lag as f64);
}

/// Says on standard output where to look and what to try.
pub fn greet(address: SocketAddr, options: &Serve, app: &App) {
    let data = options.data.canonicalize().unwrap_or_else(|_| options.data.clone());
    let (data, replay) = (data.display(), replay_tool());
    let replay = replay.display();
    let (entry, header) = match app.entry {
        Entry::Headers => ("Nobody signs in: whoever reaches this server may do everything.".to_owned(), ""),
        Entry::SignIn if app.staff.known().is_empty() => (
            format!(
                "Nobody works here yet. Stop with Ctrl-C, make the first admin, and start again:\n  \
                 docket-server invite-admin --data {data}"
            ),
            TOKEN,
        ),
        Entry::SignIn => (
            format!("Sign in at http://{address}/sign-in, or with a code at http://{address}/welcome."),
            TOKEN,
        ),
    };
    let text = format!(
        "Docket is listening on http://{address}
  Queue      http://{address}/queue
  Reports    http://{address}/reports
  In Spanish http://{address}/queue?lang=es
  API        http://{address}/api/openapi.json
  Health     http://{address}/readyz

{entry}

To try:
  curl -s {header}http://{address}/api/v1/queue?limit=3
  curl -s {header}-X POST http://{address}/api/v1/tickets -H 'content-type: application/json' \\
       -d '{{\"requester\":{{\"id\":\"noor\"}},\"subject\":\"Charged twice\",\"body\":\"Two payments in March.\"}}'
  curl -sN {header}http://{address}/api/v1/events/stream
  {replay} stats --data {data}
  {replay} history 1 --data {data}

Stop with Ctrl-C. The data stay in {data}.\n"
    );
    say(&text);
}

/// How a program says who it is.
const TOKEN: &str = "-H \"authorization: Bearer $DOCKET_TOKEN\" ";

/// Says something on standard output; that it is closed is no reason to do anything else.
pub fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// The tool that belongs to this server: beside it, or wherever the shell finds it.
fn replay_tool() -> PathBuf {
    let name = Path::new("docket-replay");
    let beside = std::env::current_exe().map(|server| server.with_file_name(name));
    beside.ok().filter(|tool| tool.is_file()).unwrap_or_else(|| name.to_owned())
}
