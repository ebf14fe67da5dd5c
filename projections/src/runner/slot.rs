//! One read model in operation: the thread that follows the log, and what may happen to it meanwhile.

use super::files::{Files, has_schema};
use super::readers::Readers;
use super::{ChangeError, Phase, QueryError, Rebuilt, Status};
use crate::feed::Feed;
use crate::log_event::LogEvent;
use crate::read_model::{ApplyError, FileError, Purpose};
use crate::rebuild::{Built, Continue, Progress, RebuildError, rebuild, remove};
use crate::registry::{Definition, Model};
use docket_core::names::{GlobalPosition, StreamName, StreamVersion, TicketNumber};
use docket_core::store::{READ_RECORDS_MAX, ReadError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// How long to wait before trying again when a read model's file could not be written.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What follows the log.
pub(super) struct Slot {
    definition: Definition,
    feed: Arc<Feed>,
    stop: watch::Receiver<bool>,
    status: watch::Sender<Status>,
    files: Mutex<Files>,
    /// The model that follows the log; none until it is built.
    live: Mutex<Option<Box<dyn Model>>>,
    readers: RwLock<Option<Arc<Readers>>>,
    /// Held by the one rebuild that may run.
    rebuilding: Mutex<()>,
    /// Set when a query met damage, so that the thread builds the file anew.
    damaged: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A projector that panicked left its file at its checkpoint; going on from there is what a restart does.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    pub(super) fn open(
        directory: &Path,
        definition: Definition,
        feed: Arc<Feed>,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, FileError> {
        let files = Files::open(directory, definition.name)?;
        let status = Status {
            name: definition.name,
            phase: Phase::Building,
            checkpoint: None,
            quarantined: Vec::new(),
            rebuild: None,
            can_roll_back: false,
        };
        let slot = Self {
            definition,
            feed,
            stop,
            status: watch::Sender::new(status),
            files: Mutex::new(files),
            live: Mutex::new(None),
            readers: RwLock::new(None),
            rebuilding: Mutex::new(()),
            damaged: watch::Sender::new(false),
        };
        slot.open_current()?;
        Ok(slot)
    }

    pub(super) fn name(&self) -> &'static str {
        self.definition.name
    }

    pub(super) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Opens the file that the manifest names, if it is of use.
    fn open_current(&self) -> Result<(), FileError> {
        let mut files = lock(&self.files);
        let Some(path) = files.current() else { return Ok(()) };
        if !path.is_file() {
            return files.discard_current();
        }
        match self.definition.open(&path, Purpose::Live) {
            Ok(model) => self.serve(&files, &path, model),
            Err(FileError::OtherProjector { .. })
                if has_schema(&path, self.definition.name, &self.definition.schema) =>
            {
                // Another definition, the same shape: it serves as it stands until the new one is built.
                let readers = Readers::new(path);
                let checkpoint = readers.with(crate::read_model::file::checkpoint).ok();
                *self.readers.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(readers));
                self.status.send_modify(|status| status.checkpoint = checkpoint);
            }
            Err(error) if error.is_damage() => files.discard_current()?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Puts a model in charge: it follows the log from here on and answers queries.
    fn serve(&self, files: &Files, path: &Path, model: Box<dyn Model>) {
        let readers = Arc::new(Readers::new(path.to_owned()));
        *self.readers.write().unwrap_or_else(PoisonError::into_inner) = Some(readers);
        self.status.send_modify(|status| {
            status.phase = Phase::Live;
            status.checkpoint = Some(model.checkpoint());
            status.quarantined = model.quarantine();
            status.can_roll_back = files.previous().is_some_and(|path| path.is_file());
        });
        *lock(&self.live) = Some(model);
    }

    /// Follows the log until it is told to stop.
    pub(super) fn run(&self) {
        let mut head = self.feed.head();
        let mut stop = self.stop.clone();
        let mut damaged = self.damaged.subscribe();
        while !self.stopping() {
            if damaged.borrow_and_update().to_owned() {
                self.damaged.send_replace(false);
                self.drop_damaged();
            }
            head.borrow_and_update();
            let pause = match self.advance() {
                Ok(()) => None,
                Err(Trouble::Stopped) => break,
                Err(Trouble::Failing(why)) => {
                    self.status.send_modify(|status| status.phase = Phase::Failing { why });
                    Some(RETRY_AFTER)
                }
            };
            self.feed.runtime().block_on(async {
                tokio::select! {
                    changed = head.changed() => if changed.is_err() { let _ = stop.changed().await; },
                    _ = stop.changed() => {}
                    _ = damaged.changed() => {}
                    () = sleep(pause) => {}
                }
            });
        }
    }

    /// Takes everything up to the end of the log.
    fn advance(&self) -> Result<(), Trouble> {
        if lock(&self.live).is_none() {
            self.build()?;
        }
        loop {
            if self.stopping() {
                return Err(Trouble::Stopped);
            }
            let mut live = lock(&self.live);
            let Some(model) = live.as_mut() else { return Ok(()) };
            let page = self.feed.after(model.checkpoint().position)?;
            if page.is_empty() {
                self.publish(model.as_ref(), Phase::Live);
                return Ok(());
            }
            let applied = model.apply(&page, GlobalPosition(u64::MAX));
            let flushed = model.flush();
            match (applied, flushed) {
                (Ok(()), Ok(())) => self.publish(model.as_ref(), Phase::Live),
                (Err(ApplyError::Held { position, why }), Ok(())) => {
                    self.publish(model.as_ref(), Phase::Held { position, why });
                    return Ok(());
                }
                (Err(ApplyError::File(error)), _) | (_, Err(error)) => {
                    drop(live);
                    if error.is_damage() {
                        self.drop_damaged();
                        return self.advance();
                    }
                    return Err(Trouble::Failing(error.to_string()));
                }
            }
        }
    }

    fn publish(&self, model: &dyn Model, phase: Phase) {
        self.status.send_modify(|status| {
            status.phase = phase;
            status.checkpoint = Some(model.checkpoint());
            status.quarantined = model.quarantine();
        });
    }

    /// Gives up a damaged file: it is rebuilt by itself, since the log has everything.
    fn drop_damaged(&self) {
        tracing::warn!(read_model = self.name(), "the read model is damaged; it is rebuilt from the log");
        *lock(&self.live) = None;
        *self.readers.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.status.send_modify(|status| (status.phase, status.checkpoint) = (Phase::Building, None));
        if let Err(error) = lock(&self.files).discard_current() {
            tracing::warn!(read_model = self.name(), %error, "the damaged file could not be deleted");
        }
    }

    /// Makes the first file of this definition, and lets it take over.
    fn build(&self) -> Result<(), Trouble> {
        let _running = lock(&self.rebuilding);
        if lock(&self.live).is_some() {
            // A rebuild that was asked for has just put a new one in charge.
            return Ok(());
        }
        self.status.send_modify(|status| status.phase = Phase::Building);
        let path = lock(&self.files).next(&self.definition.fingerprint);
        match self.build_to(&path) {
            Ok(_) => {}
            Err(RebuildError::Stopped) => return Err(Trouble::Stopped),
            // An event of a newer release: what was built up to it cannot be used half-way; live folding waits
            // there with everything before it.
            Err(RebuildError::Apply(ApplyError::Held { .. })) => remove(&path)?,
            Err(RebuildError::Read(error)) => return Err(error.into()),
            Err(error) => return Err(Trouble::Failing(error.to_string())),
        }
        let model = self.definition.open(&path, Purpose::Live)?;
        let mut files = lock(&self.files);
        files.take_over(&path)?;
        self.serve(&files, &path, model);
        Ok(())
    }

    fn build_to(&self, path: &Path) -> Result<Built, RebuildError> {
        let target = *self.feed.head().borrow();
        let result = rebuild(&self.definition, &self.feed, path, target, |progress| {
            self.show(Some(progress));
            if self.stopping() { Continue::No } else { Continue::Yes }
        });
        self.show(None);
        result
    }

    fn show(&self, progress: Option<Progress>) {
        self.status.send_modify(|status| status.rebuild = progress);
    }

    pub(super) fn rebuild(&self, accept_difference: bool) -> Result<Rebuilt, ChangeError> {
        let Ok(_running) = self.rebuilding.try_lock() else { return Err(ChangeError::Running(self.name())) };
        let path = lock(&self.files).next(&self.definition.fingerprint);
        let result = self.rebuild_to(&path, accept_difference);
        if !matches!(result, Ok(Rebuilt { took_over: true, .. })) {
            remove(&path)?;
        }
        result
    }

    fn rebuild_to(&self, path: &Path, accept_difference: bool) -> Result<Rebuilt, ChangeError> {
        self.build_to(path)?;
        let mut model = self.definition.open(path, Purpose::Live)?;
        // Most of what came in meanwhile is taken while the old one goes on; the rest while it is held.
        self.catch_up(model.as_mut(), self.status().position())?;
        let mut live = lock(&self.live);
        let position = live.as_ref().map_or(model.checkpoint().position, |old| old.checkpoint().position);
        self.catch_up(model.as_mut(), position)?;
        let digest = model.digest();
        let served = live.as_ref().map(|old| old.digest());
        let took_over = accept_difference || served.is_none_or(|served| served == digest);
        if took_over {
            *live = None;
            drop(live);
            let mut files = lock(&self.files);
            files.take_over(path)?;
            self.serve(&files, path, model);
        }
        Ok(Rebuilt { position, digest, served, took_over })
    }

    fn catch_up(&self, model: &mut dyn Model, to: GlobalPosition) -> Result<(), RebuildError> {
        while model.checkpoint().position < to {
            let page = self.feed.after(model.checkpoint().position)?;
            if page.is_empty() {
                break;
            }
            model.apply(&page, to)?;
            model.flush()?;
        }
        Ok(())
    }

    pub(super) fn roll_back(&self) -> Result<(), ChangeError> {
        let Ok(_running) = self.rebuilding.try_lock() else { return Err(ChangeError::Running(self.name())) };
        let previous = lock(&self.files).previous().filter(|path| path.is_file());
        let Some(path) = previous else { return Err(ChangeError::NoEarlier(self.name())) };
        let model = self.definition.open(&path, Purpose::Live)?;
        *lock(&self.live) = None;
        let mut files = lock(&self.files);
        files.swap_back()?;
        self.serve(&files, &path, model);
        drop(files);
        // It stands where it stood when it was replaced; the thread brings it up to date.
        self.damaged.send_modify(|_| {});
        Ok(())
    }

    pub(super) fn retry(&self, ticket: TicketNumber) -> Result<bool, ChangeError> {
        let events = self.events_of(ticket).map_err(RebuildError::Read)?;
        let mut live = lock(&self.live);
        let Some(model) = live.as_mut() else { return Err(ChangeError::Running(self.name())) };
        let taken = model.retry(ticket, &events).map_err(RebuildError::Apply)?;
        let phase = self.status.borrow().phase.clone();
        self.publish(model.as_ref(), phase);
        Ok(taken)
    }

    /// All events of a ticket, from both of its streams, in the order of the log.
    fn events_of(&self, ticket: TicketNumber) -> Result<Vec<LogEvent>, ReadError> {
        let mut events = Vec::new();
        for stream in [StreamName::ticket(ticket), StreamName::sla(ticket)] {
            let mut after = StreamVersion::NONE;
            loop {
                let page = self.feed.store().read_stream(&stream, after, READ_RECORDS_MAX);
                let page = self.feed.runtime().block_on(page)?;
                after = StreamVersion(after.0 + page.len() as u64);
                events.extend(page.iter().map(LogEvent::of));
                if page.len() < READ_RECORDS_MAX {
                    break;
                }
            }
        }
        events.sort_by_key(|event| event.position);
        Ok(events)
    }

    pub(super) fn query<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, FileError>,
    ) -> Result<T, QueryError> {
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(readers) = readers else {
            return Err(QueryError::Building { name: self.name(), progress: self.status().rebuild });
        };
        readers.with(query).map_err(|source| {
            if source.is_damage() {
                self.damaged.send_replace(true);
            }
            QueryError::File { name: self.name(), source }
        })
    }
}

/// Why the thread cannot go on at the moment.
enum Trouble {
    Stopped,
    Failing(String),
}

impl From<FileError> for Trouble {
    fn from(error: FileError) -> Self {
        Self::Failing(error.to_string())
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Failing(error.to_string())
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}
