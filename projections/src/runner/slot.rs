//! One read model in operation: the thread that follows the log, and what may happen to it meanwhile.

mod change;

use super::files::{Files, is_of};
use super::readers::Readers;
use super::{Phase, QueryError, Status};
use crate::feed::Feed;
use crate::read_model::{ApplyError, Checkpoint, FileError, Purpose};
use crate::rebuild::{Built, Continue, Progress, RebuildError, rebuild, remove};
use crate::registry::{Definition, Model};
use docket_core::names::GlobalPosition;
use docket_core::store::ReadError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// How long to wait before trying again when a read model's file could not be written.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How long events gather after a turn, in turns' lengths, as long as nobody waits: eight projectors that follow each append
/// would take the processors from those who append. Where there is little to do turns are short, and so is this.
const GATHER_TURNS: u32 = 3;

/// How long events gather at most.
const GATHER_MAX: Duration = Duration::from_millis(5);

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
    /// Told when somebody waits for what has not been taken yet.
    hurry: Notify,
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
            checked: false,
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
            hurry: Notify::new(),
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

    /// Ends the gathering of events for whoever waits for a position that is not there yet.
    pub(super) fn hurry(&self, wanted: GlobalPosition) {
        if self.status.borrow().position() < wanted {
            self.hurry.notify_one();
        }
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
            // The log was put back from a back-up, or has lost its end: what is here is of events that no longer are.
            Ok(model) if model.checkpoint().position > *self.feed.head().borrow() => {
                let (shown, head) = (model.checkpoint().position, *self.feed.head().borrow());
                let read_model = self.definition.name;
                tracing::warn!(
                    read_model,
                    "it shows position {shown} and the log ends at {head}; unless a back-up was put back, events are lost"
                );
                drop(model);
                files.discard_current()?;
            }
            Ok(model) => self.serve(&files, &path, model, false),
            Err(FileError::OtherProjector { .. })
                if is_of(&path, self.definition.name, &self.definition.schema) =>
            {
                // Another definition, the same shape: it serves as it stands until the new one is built.
                let readers = Readers::new(path);
                let checkpoint = readers.with(crate::read_model::file::checkpoint).ok();
                *self.readers.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(readers));
                self.status.send_modify(|status| status.checkpoint = checkpoint);
            }
            Err(error) if error.is_cured_by_rebuild() => files.discard_current()?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether the log holds the event that the read model has come to: at its position, and recorded when it was.
    ///
    /// A log that was put back from a back-up may have grown past it again, with other events.
    fn is_of_this_log(&self) -> bool {
        let Some(Checkpoint { position, recorded_at, .. }) =
            lock(&self.live).as_ref().map(|live| live.checkpoint())
        else {
            return true;
        };
        if position == GlobalPosition::START {
            return true;
        }
        let Ok(page) = self.feed.after(GlobalPosition(position.0 - 1)) else {
            // A log that cannot be read now says nothing about the read model.
            return true;
        };
        let last = page.iter().find(|event| event.position == position);
        last.map(|event| event.recorded_at) == recorded_at
    }

    /// Checks the file that was there at the start, unless a new one has been made since.
    pub(super) fn check(&self) {
        let path = lock(&self.files).current();
        let Some(path) = path.filter(|_| lock(&self.live).is_some() && !self.status().checked) else {
            return;
        };
        let stop = self.stop.clone();
        let verdict = self.definition.check(&path, Box::new(move || *stop.borrow()));
        if lock(&self.files).current() != Some(path) {
            return;
        }
        match verdict {
            Ok(()) => self.status.send_modify(|status| status.checked = true),
            Err(error) if self.stopping() || !error.is_cured_by_rebuild() => {}
            Err(_) => drop(self.damaged.send_replace(true)),
        }
    }

    /// Puts a model in charge: it follows the log from here on and answers queries.
    fn serve(&self, files: &Files, path: &Path, model: Box<dyn Model>, checked: bool) {
        let readers = Arc::new(Readers::new(path.to_owned()));
        *self.readers.write().unwrap_or_else(PoisonError::into_inner) = Some(readers);
        // Whoever is told that it serves finds it in charge, and nobody moves it on before that is told.
        let mut live = lock(&self.live);
        let model = live.insert(model);
        self.status.send_modify(|status| {
            status.phase = Phase::Live;
            status.checkpoint = Some(model.checkpoint());
            status.quarantined = model.quarantine();
            status.can_roll_back = self.earlier(files).is_some();
            status.checked = checked;
        });
    }

    /// The file to go back to: one of the same definition, since another one could not follow the log.
    fn earlier(&self, files: &Files) -> Option<PathBuf> {
        let Definition { name, fingerprint, .. } = &self.definition;
        files.previous().filter(|path| path.is_file() && is_of(path, name, fingerprint))
    }

    /// Follows the log until it is told to stop.
    pub(super) fn run(&self) {
        let mut head = self.feed.head();
        let mut stop = self.stop.clone();
        let mut damaged = self.damaged.subscribe();
        let mut rebuilt_in_vain = false;
        if !self.is_of_this_log() {
            self.damaged.send_replace(true);
        }
        while !self.stopping() {
            if damaged.borrow_and_update().to_owned() {
                self.damaged.send_replace(false);
                self.drop_damaged();
            }
            head.borrow_and_update();
            let began = Instant::now();
            let pause = match self.advance() {
                Ok(()) => {
                    rebuilt_in_vain = false;
                    None
                }
                Err(Trouble::Stopped) => break,
                Err(Trouble::Damaged) if !rebuilt_in_vain => {
                    rebuilt_in_vain = true;
                    self.drop_damaged();
                    continue;
                }
                Err(Trouble::Damaged) => {
                    self.drop_damaged();
                    Some(RETRY_AFTER)
                }
                Err(Trouble::Failing(why)) => {
                    self.status.send_modify(|status| status.phase = Phase::Failing { why });
                    Some(RETRY_AFTER)
                }
            };
            let gather = (began.elapsed() * GATHER_TURNS).min(GATHER_MAX);
            self.feed.runtime().block_on(async {
                tokio::select! {
                    () = tokio::time::sleep(gather) => {}
                    () = self.hurry.notified() => {}
                    _ = stop.changed() => return,
                }
                tokio::select! {
                    changed = head.changed() => if changed.is_err() { let _ = stop.changed().await; },
                    _ = stop.changed() => {}
                    _ = damaged.changed() => {}
                    () = sleep(pause) => {}
                }
            });
        }
    }

    /// Takes everything up to where the log ends now.
    fn advance(&self) -> Result<(), Trouble> {
        if lock(&self.live).is_none() {
            self.build()?;
        }
        let end = *self.feed.head().borrow();
        loop {
            if self.stopping() {
                return Err(Trouble::Stopped);
            }
            let mut live = lock(&self.live);
            let Some(model) = live.as_mut() else { return Ok(()) };
            let page = self.feed.after(model.checkpoint().position)?;
            let applied = model.apply(&page, GlobalPosition(u64::MAX));
            // Also of an empty page: what could not be written before is, and then somebody is told that it is there.
            let flushed = model.flush();
            match (applied, flushed) {
                (Ok(()), Ok(())) => self.publish(model.as_ref(), Phase::Live),
                (Err(ApplyError::Held { position, why }), Ok(())) => {
                    self.publish(model.as_ref(), Phase::Held { position, why });
                    return Ok(());
                }
                (Err(ApplyError::File(error)), _) | (_, Err(error)) => {
                    return Err(error.into());
                }
            }
            if page.is_empty() || model.checkpoint().position >= end {
                return Ok(());
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
        tracing::warn!(read_model = self.name(), "the read model is not what the log says; it is rebuilt");
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
        let result = self.build_and_serve(&path);
        if result.is_err() {
            // Half a file is of no use, and a full disk must not fill further with each attempt.
            remove(&path)?;
        }
        result
    }

    fn build_and_serve(&self, path: &Path) -> Result<(), Trouble> {
        match self.build_to(path) {
            Ok(_) => {}
            Err(RebuildError::Stopped) => return Err(Trouble::Stopped),
            // An event of a newer release: what was built up to it cannot be used half-way; live folding waits
            // there with everything before it.
            Err(RebuildError::Apply(ApplyError::Held { .. })) => remove(path)?,
            Err(RebuildError::Read(error)) => return Err(error.into()),
            Err(error) => return Err(Trouble::Failing(error.to_string())),
        }
        let model = self.definition.open(path, Purpose::Live)?;
        let mut files = lock(&self.files);
        files.take_over(path)?;
        self.serve(&files, path, model, true);
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
    Damaged,
    Failing(String),
}

impl From<FileError> for Trouble {
    fn from(error: FileError) -> Self {
        if error.is_cured_by_rebuild() { Self::Damaged } else { Self::Failing(error.to_string()) }
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Failing(error.to_string())
    }
}

/// Waits before a read model that failed is tried again; without end where nothing is to be tried.
async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}
