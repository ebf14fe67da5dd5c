//! Brings tickets to their end, and wakes those that were laid aside: at the exact instant, once, whichever node is first.
//!
//! It sleeps until the next instant. What is due is found in the read model `due` and decided on the log's own ticket, so
//! that running it twice, late, or after a clock was set does nothing twice and nothing that is not so (promises T1, T3).
//! Source: PRODUCT section 2, docs/adr/0024-closing.md.

pub use super::timer::Turn;

use super::timer::{self, CATCH_UP_MAX};
use crate::app::App;
use docket_core::actor::Actor;
use docket_core::handler::HandleError;
use docket_core::names::GlobalPosition;
use docket_projections::due;

/// What falls due that is looked at and appended together.
const DUE_PER_TURN: usize = 64;

/// Who does it, in the log.
const NAME: &str = "closing-timer";

/// Does what falls due until the server stops.
pub async fn run(app: App) {
    timer::run(app, "due", |app| async move { turn(&app).await }).await;
}

/// Does what is due at this moment, once however often it is called.
pub async fn turn(app: &App) -> Turn {
    // Judged on the end of the log: what the customer said must be in the read model too.
    let head = app.head();
    if app.projections.wait_for("due", head, CATCH_UP_MAX).await.is_err() {
        return Turn::NotNow;
    }
    let Ok(shelf) = app.catalogues.closing.refresh().await else { return Turn::NotNow };
    let spans = shelf.spans();
    let read = app.query("due", None, move |connection| due::next(connection, &spans, DUE_PER_TURN));
    let Ok(found) = read.await else { return Turn::NotNow };
    let now = app.now();
    let next = found.first().map(|falling| falling.at);
    let due: Vec<_> = found.into_iter().filter(|falling| falling.at <= now).collect();
    if due.is_empty() {
        return Turn::Until(next);
    }
    let done = due.iter().map(|falling| app.handler.fall_due(falling, Actor::system(NAME)));
    let mut reached = GlobalPosition::START;
    for result in futures_util::future::join_all(done).await {
        match result {
            Ok(Some(appended)) => reached = reached.max(appended.last),
            // The ticket went on meanwhile, or another node was first; the next turn judges it anew.
            Ok(None) | Err(HandleError::Refused(_)) => {}
            Err(error) => {
                tracing::warn!(%error, "what fell due could not be recorded; it will be");
                return Turn::NotNow;
            }
        }
    }
    let went_on = app.head() > head;
    // Only then does the read model say that it is done.
    match app.projections.wait_for("due", reached, CATCH_UP_MAX).await {
        Ok(()) if went_on => Turn::Noted,
        // Log and read model say different things; asking again at once would not change that.
        Ok(()) | Err(_) => Turn::NotNow,
    }
}
