//! Brings tickets to their end, and wakes those that were laid aside: at the exact instant, once, whichever node is first.
//!
//! It sleeps until the next instant. What is due is found in the read model `due` and decided on the log's own ticket, so
//! that running it twice, late, or after a clock was set does nothing twice and nothing that is not so (promises T1, T3).
//! Source: PRODUCT section 2, docs/adr/0024-closing.md.

mod aside;

pub use super::timer::Turn;
pub use aside::{ASIDE_MAX, Aside, AsideCount};

use super::timer::{self, CATCH_UP_MAX};
use crate::app::App;
use docket_core::actor::Actor;
use docket_core::handler::HandleError;
use docket_core::handler::due::Fell;
use docket_core::names::GlobalPosition;
use docket_projections::due;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What falls due that is looked at and appended together.
const DUE_PER_TURN: usize = 64;

/// Who does it, in the log.
const NAME: &str = "closing-timer";

/// Does what falls due until the server stops.
pub async fn run(app: App) {
    // One turn after the other: nobody waits for it.
    let aside = Arc::new(Mutex::new(Aside::default()));
    let one = |app: App| {
        let aside = aside.clone();
        async move { turn(&app, &mut *aside.lock().await).await }
    };
    timer::run(app, "due", one).await;
}

/// Does what is due at this moment, once however often it is called.
pub async fn turn(app: &App, aside: &mut Aside) -> Turn {
    // Judged on the end of the log: what the customer said must be in the read model too.
    let head = app.head();
    if app.projections.wait_patiently_for("due", head, CATCH_UP_MAX).await.is_err() {
        return Turn::NotNow;
    }
    let Ok(shelf) = app.catalogues.closing.refresh().await else { return Turn::NotNow };
    let (spans, limit) = (shelf.spans(), DUE_PER_TURN + aside.len());
    let read = app.query("due", None, move |connection| due::next(connection, &spans, limit));
    let Ok(found) = read.await else { return Turn::NotNow };
    let found = aside.leave(found);
    app.aside.set(aside);
    let now = app.now();
    let next = found.first().map(|falling| falling.at);
    let due: Vec<_> = found.into_iter().filter(|falling| falling.at <= now).take(DUE_PER_TURN).collect();
    if due.is_empty() {
        return Turn::Until(next);
    }
    let done = due.iter().map(|falling| app.handler.fall_due(falling, Actor::system(NAME)));
    let (mut reached, mut stuck) = (GlobalPosition::START, 0);
    for (falling, result) in due.iter().zip(futures_util::future::join_all(done).await) {
        match result {
            Ok(Fell::Recorded(appended)) => reached = reached.max(appended.last),
            // Another node was first, or the ticket went on meanwhile; the next turn judges it anew.
            Ok(Fell::Overtaken) => {}
            Ok(Fell::NotDue) | Err(HandleError::Refused(_)) => {
                aside.put(*falling);
                stuck += 1;
            }
            Err(error @ HandleError::History { .. }) => {
                tracing::warn!(%error, "what fell due is left alone");
                aside.put(*falling);
                stuck += 1;
            }
            Err(error) => {
                tracing::warn!(%error, "what fell due could not be recorded; it will be");
                return Turn::NotNow;
            }
        }
    }
    app.aside.set(aside);
    let went_on = app.head() > head || stuck > 0;
    // Only then does the read model say that it is done.
    match app.projections.wait_patiently_for("due", reached, CATCH_UP_MAX).await {
        Ok(()) if went_on => Turn::Noted,
        // Log and read model say different things; asking again at once would not change that.
        Ok(()) | Err(_) => Turn::NotNow,
    }
}
