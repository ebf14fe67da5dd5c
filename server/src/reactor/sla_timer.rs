//! Notes when a target comes near or is missed: once, with the exact instant, on whichever node is first.
//!
//! It sleeps until the next instant. What it appends carries a deterministic id and is conditional on the
//! ticket's version, so that running it twice, late, or after a clock was set notes nothing twice and nothing
//! that is not so (promises T1, T3). Source: PRODUCT section 6.

pub use super::timer::Turn;

use super::timer::{self, CATCH_UP_MAX};
use crate::app::App;
use docket_core::actor::Actor;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, StreamName};
use docket_core::record::{NewEvent, Origin};
use docket_core::sla::SlaEvent;
use docket_core::store::{Append, AppendError, ExpectedVersion, StreamAppend};
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::sla::{Notice, next_notices};
use uuid::Uuid;

/// Notices that are looked at and appended together.
const NOTICES_PER_TURN: usize = 64;

/// Notes what falls due until the server stops.
pub async fn run(app: App) {
    timer::run(app, "sla", |app| async move { turn(&app).await }).await;
}

/// Notes what is due at this moment, once for each target however often it is called.
pub async fn turn(app: &App) -> Turn {
    // Judged on the end of the log: an answer that is in the log must be in the read model too.
    let head = app.head();
    if app.projections.wait_patiently_for("sla", head, CATCH_UP_MAX).await.is_err() {
        return Turn::NotNow;
    }
    let read = app.query("sla", None, |connection| next_notices(connection, NOTICES_PER_TURN));
    let Ok(notices) = read.await else { return Turn::NotNow };
    let now = app.now();
    let next = notices.first().map(fires_at);
    let due = notices.into_iter().filter(|notice| fires_at(notice) <= now);
    let appends = due.map(|notice| app.store.append(append(&notice)));
    let results = futures_util::future::join_all(appends).await;
    if results.is_empty() {
        return Turn::Until(next);
    }
    let mut reached = GlobalPosition::START;
    for result in results {
        match result {
            Ok(appended) => reached = reached.max(appended.last),
            // The ticket moved meanwhile, or another node noted it first; the next turn judges it anew.
            Err(AppendError::Conflict { .. } | AppendError::IdReused { .. }) => {}
            Err(error) => {
                tracing::warn!(%error, "a deadline could not be noted; it will be");
                return Turn::NotNow;
            }
        }
    }
    // Only then does the read model say that they are noted.
    match app.projections.wait_patiently_for("sla", reached, CATCH_UP_MAX).await {
        Ok(()) => Turn::Noted,
        Err(_) => Turn::NotNow,
    }
}

/// A target is met up to and including the instant it is due, so a breach is noted right after it.
fn fires_at(notice: &Notice) -> Timestamp {
    match &notice.event {
        SlaEvent::Warned(_) => notice.at,
        SlaEvent::Breached(_) => notice.at.plus(DurationMs(1)),
    }
}

fn append(notice: &Notice) -> Append {
    let event = NewEvent {
        id: notice.event.id(notice.ticket),
        event: Event::Sla(notice.event.clone()).encode(),
        occurred_at: notice.at,
        actor: Actor::system("sla-timer"),
        correlation: Uuid::now_v7(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    let condition = StreamAppend {
        stream: StreamName::ticket(notice.ticket),
        expected: ExpectedVersion::Exactly(notice.ticket_version),
        events: Vec::new(),
    };
    let noted = StreamAppend {
        stream: StreamName::sla(notice.ticket),
        expected: ExpectedVersion::Any,
        events: vec![event],
    };
    Append { command: None, streams: vec![condition, noted] }
}
