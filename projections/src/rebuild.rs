//! Makes a read model anew from the log, into a new file, while the old one goes on serving.

use crate::feed::Feed;
use crate::projector::StateHash;
use crate::read_model::{ApplyError, FileError, Purpose};
use crate::registry::Definition;
use docket_core::names::GlobalPosition;
use docket_core::store::ReadError;
use std::path::Path;
use std::time::{Duration, Instant};

/// How far a rebuild has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The position reached.
    pub position: GlobalPosition,
    /// The position it goes to.
    pub target: GlobalPosition,
    /// Time since it began.
    pub elapsed: Duration,
}

impl Progress {
    /// Estimated time left; none before there is a rate to go by.
    pub fn remaining(&self) -> Option<Duration> {
        let done = self.position.0;
        let left = self.target.0.saturating_sub(done);
        (done > 0).then(|| self.elapsed.mul_f64(left as f64 / done as f64))
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continue {
    /// Go on.
    Yes,
    /// Stop: the file is left incomplete and must be deleted.
    No,
}

/// A finished rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// The position it is as of.
    pub position: GlobalPosition,
    /// Its digest, recomputed from what was written.
    pub digest: StateHash,
}

/// Why a rebuild did not end.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event of a newer release, or a file that could not be written.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// What was written is not what was folded.
    #[error("what was written does not hash to what was folded")]
    Mismatch,
    /// It was told to stop.
    #[error("it was stopped")]
    Stopped,
}

impl From<FileError> for RebuildError {
    fn from(error: FileError) -> Self {
        Self::Apply(ApplyError::File(error))
    }
}

/// Folds the log up to a position into a new file, and checks what was written against what was folded.
///
/// A rebuild that was killed is begun anew: its file is written without a journal and holds nothing until the
/// end (docs/adr/0008-rebuild.md).
///
/// # Errors
/// [`RebuildError`]; the file is then of no use.
pub fn rebuild(
    definition: &Definition,
    feed: &Feed,
    path: &Path,
    target: GlobalPosition,
    mut progress: impl FnMut(Progress) -> Continue,
) -> Result<Built, RebuildError> {
    remove(path)?;
    let began = Instant::now();
    let mut model = definition.open(path, Purpose::Rebuild)?;
    let mut position = model.checkpoint().position;
    let mut reader = feed.reader(position);
    while position < target {
        let page = reader.next_page()?;
        if page.is_empty() {
            break;
        }
        model.apply(&page, target)?;
        position = model.checkpoint().position;
        if progress(Progress { position, target, elapsed: began.elapsed() }) == Continue::No {
            return Err(RebuildError::Stopped);
        }
    }
    drop(reader);
    model.finish()?;
    let digest = model.digest();
    // The disk takes the file in while it is read back.
    let (synced, recomputed) = std::thread::scope(|scope| {
        let sync = || std::fs::File::open(path).and_then(|file| file.sync_all());
        let syncing = std::thread::Builder::new().spawn_scoped(scope, sync);
        let recomputed = model.recompute();
        let synced = match syncing {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => sync(),
        };
        (synced, recomputed)
    });
    synced.map_err(|error| FileError::io(path, error))?;
    if recomputed? != digest {
        return Err(RebuildError::Mismatch);
    }
    Ok(Built { position, digest })
}

/// Deletes a read model's file with what SQLite keeps beside it.
///
/// # Errors
/// [`FileError::Io`] says which file stands in the way.
pub fn remove(path: &Path) -> Result<(), FileError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(FileError::io(Path::new(&name), error)),
        }
    }
    Ok(())
}
