//! Finds somebody for each ticket that is up for routing, and takes tickets from those who left.
//!
//! It is woken by the log and by the instant at which a new version of the rules takes effect; it polls nothing, and
//! keeps nothing of its own: what there is to do is read from the roster. All that it appends is conditional on the
//! ticket, on the agent, on the staff and on the rules as it knew them, so that any number of it may run on one log,
//! beside people who assign by hand. Whoever is first wins, and a decision that came too late is made anew. Source:
//! PRODUCT section 3, docs/adr/0022-routing.md.

mod departures;
mod record;
mod round;
mod wake;

use super::timer::{CATCH_UP_MAX, Woken, try_later, wait};
use crate::app::App;
use docket_core::customer::CustomerRefusal;
use docket_core::handler::catalogues::CatalogueError;
use docket_core::handler::settings::SettingsError;
use docket_core::names::{Slug, StreamVersion};
use docket_core::settings::routing::Routing;
use docket_core::settings::{Version, defaults};
use docket_core::staff::{Staff, StaffRefusal};
use docket_core::store::AppendError;
use docket_core::time::Timestamp;
use docket_projections::runner::QueryError;
use std::sync::Arc;
pub use wake::Wake;

/// Tickets that a turn looks at and appends decisions on; the next turn goes on.
const TICKETS_PER_TURN: usize = 64;

/// Turns in a row that may come too late with all that they decided, before it waits for others to be done.
const IN_VAIN_MAX: u32 = 16;

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Something was decided; there may be more.
    Moved,
    /// Somebody else was first with all of it; it is to be decided anew.
    InVain,
    /// There is nothing to do until the log moves, or this instant comes.
    Until(Option<Timestamp>),
    /// The log or the read model was not available.
    NotNow,
}

/// Why a turn could not be finished.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Staff(#[from] SettingsError<StaffRefusal>),
    #[error(transparent)]
    Settings(#[from] CatalogueError),
    #[error(transparent)]
    Requester(#[from] SettingsError<CustomerRefusal>),
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// What everything in a turn is decided by.
struct Basis {
    now: Timestamp,
    staff: Arc<Staff>,
    staff_version: StreamVersion,
    list: Slug,
    rules: Version<Routing>,
    rules_version: StreamVersion,
    /// When the next version of the rules takes effect, as far as it is known.
    until: Option<Timestamp>,
}

/// Routes until the server stops.
pub async fn run(app: App) {
    let mut head = app.store.head();
    // Whatever was left undone when the server ended last is found in the roster.
    let (mut wake, mut read_to) = (Wake::everything(), app.head());
    let (mut until, mut in_vain) = (None, 0);
    while !app.shutdown.is_cancelled() {
        // Most of what happens asks nothing of routing, and costs it no look at the roster.
        if !wake.is_nothing() {
            let turn = tokio::select! {
                turn = turn(&app, &mut wake) => turn,
                // An append on its way is finished by the log, and harmless to repeat.
                () = app.shutdown.cancelled() => return,
            };
            in_vain = if turn == Turn::InVain { in_vain + 1 } else { 0 };
            match turn {
                Turn::Until(instant) => until = instant,
                Turn::Moved => {
                    // There may be much to do still, and what has come in meanwhile is more urgent than most of it.
                    read_to = wake.read(&app, read_to).await;
                    continue;
                }
                Turn::InVain if in_vain < IN_VAIN_MAX => continue,
                Turn::InVain | Turn::NotNow => {
                    in_vain = 0;
                    try_later(&app).await;
                    continue;
                }
            }
        }
        let moved = async {
            if head.wait_for(|head| *head > read_to).await.is_err() {
                // The log is closed: nothing comes any more.
                std::future::pending::<()>().await;
            }
        };
        if wait(&app, until, moved).await == Woken::Due {
            (wake.tickets, wake.waiting) = (true, true);
        }
        read_to = wake.read(&app, read_to).await;
    }
}

/// Does what there is to do at this moment, a bounded part of it. What remains stays in `wake`.
pub async fn turn(app: &App, wake: &mut Wake) -> Turn {
    match try_turn(app, wake).await {
        Ok(turn) => turn,
        // A read model that is being made, or is behind, says so on the health page.
        Err(Trouble::Query(_)) => Turn::NotNow,
        Err(error) => {
            if let Trouble::Append(refusal) = &error {
                app.note_refusal(refusal);
            }
            tracing::warn!(%error, "tickets could not be routed; they will be");
            Turn::NotNow
        }
    }
}

async fn try_turn(app: &App, wake: &mut Wake) -> Result<Turn, Trouble> {
    // Judged on the end of the log: what somebody decided by hand must be in the read model too.
    app.projections.wait_patiently_for(ROSTER, app.head(), CATCH_UP_MAX).await?;
    let Some(basis) = Basis::read(app).await? else { return Ok(Turn::Until(None)) };
    let mut turn = departures::turn(app, &basis, wake).await?;
    if turn == Turn::Until(None) && wake.concerns_tickets() {
        turn = round::turn(app, &basis, wake).await?;
    }
    Ok(if turn == Turn::Until(None) {
        wake.is_done();
        Turn::Until([basis.until, wake.says_at].into_iter().flatten().min())
    } else {
        turn
    })
}

/// The name of the read model.
const ROSTER: &str = "roster";

impl Basis {
    /// None when no rules are in force, which cannot be: the list that is followed is always needed.
    async fn read(app: &App) -> Result<Option<Self>, Trouble> {
        let (staff_version, staff) = app.staff.read().await?;
        let (rules_version, shelf) = app.catalogues.routing.read().await?;
        let list = Slug::new(defaults::MAIN).expect("what Docket ships with has valid slugs");
        // After what was read: a version that takes effect right now is either in it or wakes the next turn.
        let now = app.now();
        let Some(rules) = shelf.in_force(&list, now).cloned() else { return Ok(None) };
        let changes = shelf.item(&list).into_iter().flat_map(|item| item.changes());
        let until = changes.map(|change| change.effective_at).filter(|from| *from > now).min();
        Ok(Some(Self { now, staff, staff_version, list, rules, rules_version, until }))
    }
}
