//! Keeps all read models up to date, answers queries on them, and rebuilds them while they serve.

mod files;
mod kept;
mod readers;
mod slot;

use crate::feed::Feed;
use crate::projector::StateHash;
use crate::read_model::{Checkpoint, FileError, Quarantined};
use crate::rebuild::{Progress, RebuildError};
use crate::registry::Definition;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::store::EventStore;
pub use kept::{Kept, install, kept};
use rusqlite::Connection;
use slot::Slot;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// What a projector is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It follows the log.
    Live,
    /// Its read model is being made; what serves meanwhile, if anything does, stands still.
    Building,
    /// It waits at an event of a newer release.
    Held {
        /// The event's position.
        position: GlobalPosition,
        /// Why it waits.
        why: String,
    },
    /// Its file could not be written; it tries again.
    Failing {
        /// Why.
        why: String,
    },
}

/// How a projector stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The read model's name.
    pub name: &'static str,
    /// What its projector is doing.
    pub phase: Phase,
    /// How far what serves has come; none while nothing serves.
    pub checkpoint: Option<Checkpoint>,
    /// Tickets set aside.
    pub quarantined: Vec<Quarantined>,
    /// How far a rebuild has come, while one runs.
    pub rebuild: Option<Progress>,
    /// Whether a file that served before is there to roll back to.
    pub can_roll_back: bool,
    /// Whether what serves has been checked as a whole since it was opened, or was just made and checked.
    pub checked: bool,
}

impl Status {
    /// The position that a query sees.
    pub fn position(&self) -> GlobalPosition {
        self.checkpoint.map_or(GlobalPosition::START, |checkpoint| checkpoint.position)
    }
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// There is no such read model.
    #[error("there is no read model {0:?}")]
    Unknown(String),
    /// The read model is being made and nothing serves yet.
    #[error("the read model {name} is being built")]
    Building {
        /// Which.
        name: &'static str,
        /// How far it has come.
        progress: Option<Progress>,
    },
    /// The read model has not come as far as was asked for.
    #[error("the read model {name} is at position {position} and has not reached {wanted} yet")]
    Behind {
        /// Which.
        name: &'static str,
        /// Where it is.
        position: GlobalPosition,
        /// What was asked for.
        wanted: GlobalPosition,
    },
    /// Its file could not be read.
    #[error("the read model {name} cannot be read: {source}")]
    File {
        /// Which.
        name: &'static str,
        /// Why.
        source: FileError,
    },
}

/// What came of a rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The position at which the two were compared.
    pub position: GlobalPosition,
    /// The digest of the new read model.
    pub digest: StateHash,
    /// The digest of the one that served, at the same position; none when its definition was another.
    pub served: Option<StateHash>,
    /// Whether the new one serves now.
    pub took_over: bool,
}

/// Why a read model was not rebuilt, rolled back or retried.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such read model.
    #[error("there is no read model {0:?}")]
    Unknown(String),
    /// Another rebuild of it runs.
    #[error("a rebuild of {0} is running already")]
    Running(&'static str),
    /// There is no earlier file.
    #[error("there is no earlier {0} to go back to")]
    NoEarlier(&'static str),
    /// The rebuild failed; what served goes on serving.
    #[error("the rebuild failed: {0}")]
    Rebuild(#[from] RebuildError),
    /// A file could not be used.
    #[error(transparent)]
    File(#[from] FileError),
}

/// All read models of a log.
pub struct Projections {
    slots: Vec<Arc<Slot>>,
    stop: watch::Sender<bool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Projections {
    /// Starts the projectors: each goes on where its read model stopped, or makes it from the log.
    ///
    /// # Errors
    /// [`FileError`] when the directory cannot be used at all; a damaged read model is made anew instead.
    pub fn start(
        directory: &Path,
        store: Arc<dyn EventStore>,
        runtime: &Handle,
        definitions: Vec<Definition>,
    ) -> Result<Self, FileError> {
        let feed = Arc::new(Feed::new(store, runtime.clone()));
        let stop = watch::Sender::new(false);
        let mut slots: Vec<Arc<Slot>> = Vec::new();
        let mut threads = Vec::new();
        for definition in definitions {
            let name = definition.name;
            let slot = Arc::new(Slot::open(directory, definition, feed.clone(), stop.subscribe())?);
            let running = slot.clone();
            let thread = std::thread::Builder::new()
                .name(format!("projector-{name}"))
                .spawn(move || running.run())
                .expect("a machine that cannot start a few threads cannot run a server");
            slots.push(slot);
            threads.push(thread);
        }
        // One after the other, so that a check never takes more than one processor from those who wait.
        let unchecked = slots.clone();
        let check = move || unchecked.iter().for_each(|slot| slot.check());
        threads.push(
            std::thread::Builder::new()
                .name("read-model-check".into())
                .spawn(check)
                .expect("a machine that cannot start a few threads cannot run a server"),
        );
        Ok(Self { slots, stop, threads: Mutex::new(threads) })
    }

    /// How each projector stands.
    pub fn statuses(&self) -> Vec<Status> {
        self.slots.iter().map(|slot| slot.status()).collect()
    }

    /// Runs a query on a read model. It blocks for as long as SQLite reads.
    ///
    /// # Errors
    /// [`QueryError`]
    pub fn query<T>(
        &self,
        name: &str,
        query: impl FnOnce(&Connection) -> Result<T, FileError>,
    ) -> Result<T, QueryError> {
        self.slot(name).ok_or_else(|| QueryError::Unknown(name.to_owned()))?.query(query)
    }

    /// Waits until a read model holds a position (promise O3), and has its projector hurry.
    ///
    /// # Errors
    /// [`QueryError::Behind`] when it does not get there in time.
    pub async fn wait_for(
        &self,
        name: &str,
        wanted: GlobalPosition,
        timeout: Duration,
    ) -> Result<(), QueryError> {
        let slot = self.slot(name).ok_or_else(|| QueryError::Unknown(name.to_owned()))?;
        slot.hurry(wanted);
        reached(slot, wanted, timeout).await
    }

    /// The same for whoever can wait until a few more events have gathered: those who work behind the scenes, so that
    /// under load they take fewer turns with more in each.
    ///
    /// # Errors
    /// [`QueryError::Behind`] when it does not get there in time.
    pub async fn wait_patiently_for(
        &self,
        name: &str,
        wanted: GlobalPosition,
        timeout: Duration,
    ) -> Result<(), QueryError> {
        let slot = self.slot(name).ok_or_else(|| QueryError::Unknown(name.to_owned()))?;
        reached(slot, wanted, timeout).await
    }

    /// A receiver that changes whenever a projector's status does.
    pub fn watch(&self, name: &str) -> Option<watch::Receiver<Status>> {
        self.slot(name).map(|slot| slot.watch())
    }

    /// Makes a read model anew, compares it with the one that serves, and lets it take over.
    ///
    /// A difference is told and changes nothing, unless `accept_difference` says otherwise: what serves was then
    /// wrong, since the rebuilt one is what the log says. It blocks until it is done.
    ///
    /// # Errors
    /// [`ChangeError`]; what served goes on serving.
    pub fn rebuild(&self, name: &str, accept_difference: bool) -> Result<Rebuilt, ChangeError> {
        self.change(name)?.rebuild(accept_difference)
    }

    /// Lets the read model that served before the last rebuild serve again, at once; then checks its file.
    ///
    /// # Errors
    /// [`ChangeError`]
    pub fn roll_back(&self, name: &str) -> Result<(), ChangeError> {
        self.change(name)?.roll_back()
    }

    /// Tries again with a ticket that was set aside; tells whether it could be taken.
    ///
    /// # Errors
    /// [`ChangeError`]
    pub fn retry(&self, name: &str, ticket: TicketNumber) -> Result<bool, ChangeError> {
        self.change(name)?.retry(ticket)
    }

    /// Stops all projectors after the page they are at.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A projector that panicked has nothing left to save: its checkpoint is in its file.
            let _ = thread.join();
        }
    }

    fn slot(&self, name: &str) -> Option<&Arc<Slot>> {
        self.slots.iter().find(|slot| slot.name() == name)
    }

    fn change(&self, name: &str) -> Result<&Arc<Slot>, ChangeError> {
        self.slot(name).ok_or_else(|| ChangeError::Unknown(name.to_owned()))
    }
}

async fn reached(slot: &Slot, wanted: GlobalPosition, timeout: Duration) -> Result<(), QueryError> {
    let mut status = slot.watch();
    let reached = status.wait_for(|status| status.position() >= wanted);
    if let Ok(Ok(_)) = tokio::time::timeout(timeout, reached).await {
        return Ok(());
    }
    Err(QueryError::Behind { name: slot.name(), position: slot.status().position(), wanted })
}

impl Drop for Projections {
    fn drop(&mut self) {
        self.stop();
    }
}
