//! How timers wait: until the next instant that a read model knows of, or until that changes. They never poll.

use crate::app::App;
use docket_core::time::Timestamp;
use std::time::Duration;

/// How long to wait before trying again when the log or the read model was not available.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How long a turn waits for the read model to reach the end of the log.
pub(super) const CATCH_UP_MAX: Duration = Duration::from_secs(5);

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Something was noted; there may be more.
    Noted,
    /// Nothing is due before this instant; none when nothing ever will be as it stands.
    Until(Option<Timestamp>),
    /// The log or the read model was not available.
    NotNow,
}

/// Takes turns by what a read model says until the server stops.
pub(super) async fn run<T: Future<Output = Turn>>(app: App, read_model: &str, turn: impl Fn(App) -> T) {
    let mut changes = app.projections.watch(read_model);
    while !app.shutdown.is_cancelled() {
        if let Some(changes) = &mut changes {
            changes.borrow_and_update();
        }
        let turn = tokio::select! {
            turn = turn(app.clone()) => turn,
            // An append on its way is finished by the log, and harmless to repeat.
            () = app.shutdown.cancelled() => return,
        };
        let wait_until = match turn {
            Turn::Noted => continue,
            Turn::Until(instant) => instant,
            Turn::NotNow => {
                try_later(&app).await;
                continue;
            }
        };
        let changed = async {
            let ended = match &mut changes {
                Some(changes) => changes.changed().await.is_err(),
                None => true,
            };
            if ended {
                std::future::pending::<()>().await;
            }
        };
        wait(&app, wait_until, changed).await;
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// The instant came.
    Due,
    /// Something changed, or the server ends.
    Changed,
}

/// Waits until an instant comes, something changes, or the server ends.
pub(super) async fn wait(app: &App, until: Option<Timestamp>, changed: impl Future<Output = ()>) -> Woken {
    let due = async {
        match until {
            Some(instant) => app.clock.sleep_until(instant).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = due => Woken::Due,
        () = changed => Woken::Changed,
        () = app.shutdown.cancelled() => Woken::Changed,
    }
}

/// Waits before trying again what the log or the read model was not available for.
pub(super) async fn try_later(app: &App) {
    tokio::select! {
        () = tokio::time::sleep(RETRY_AFTER) => {}
        () = app.shutdown.cancelled() => {}
    }
}
