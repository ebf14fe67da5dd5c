//! Which file of a read model serves, which one served before, and how one takes over from the other.

use crate::read_model::FileError;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The files of one read model. The manifest is replaced by renaming, so that one of them always serves.
pub(super) struct Files {
    directory: PathBuf,
    name: &'static str,
    manifest: Manifest,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Manifest {
    /// The file that serves.
    current: Option<String>,
    /// The file that served before, for an instant roll-back.
    previous: Option<String>,
    /// Numbers the files.
    generation: u64,
}

impl Files {
    /// Reads the manifest and clears up what lies beside it; for whoever writes to the directory.
    pub(super) fn open(directory: &Path, name: &'static str) -> Result<Self, FileError> {
        std::fs::create_dir_all(directory).map_err(|error| FileError::io(directory, error))?;
        let files = Self::read(directory, name)?;
        files.delete_strays()?;
        Ok(files)
    }

    /// Reads the manifest; one that is missing or unreadable means that there is no file yet.
    pub(super) fn read(directory: &Path, name: &'static str) -> Result<Self, FileError> {
        let path = directory.join(format!("{name}.json"));
        let manifest = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Manifest::default(),
            Err(error) => return Err(FileError::io(&path, error)),
        };
        Ok(Self { directory: directory.to_owned(), name, manifest })
    }

    /// Deletes what a rebuild that was killed, or a lost manifest, has left behind.
    fn delete_strays(&self) -> Result<(), FileError> {
        let io = |error| FileError::io(&self.directory, error);
        for entry in std::fs::read_dir(&self.directory).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let known = [self.current(), self.previous()].contains(&Some(path.clone()));
            if !known && self.is_ours(&path) {
                crate::rebuild::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Whether a file's name is one that [`Files::next`] gave out.
    fn is_ours(&self, path: &Path) -> bool {
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        let rest = file.strip_prefix(self.name).and_then(|rest| rest.strip_suffix(".db"));
        let parts: Vec<&str> = rest.unwrap_or_default().split('-').collect();
        let is_number = |text: &str| text.parse::<u64>().is_ok();
        // A release stands between them where a read model leans on one.
        matches!(parts[..], ["", _, definition, generation] | ["", _, definition, _, generation]
            if definition.strip_prefix('d').is_some_and(is_number) && is_number(generation))
    }

    pub(super) fn current(&self) -> Option<PathBuf> {
        self.manifest.current.as_ref().map(|file| self.directory.join(file))
    }

    pub(super) fn previous(&self) -> Option<PathBuf> {
        self.manifest.previous.as_ref().map(|file| self.directory.join(file))
    }

    /// A path for a new file of a fingerprint.
    pub(super) fn next(&mut self, fingerprint: &str) -> PathBuf {
        self.manifest.generation += 1;
        // It may have been deleted meanwhile; if it cannot be made, whoever makes the file says why.
        let _ = std::fs::create_dir_all(&self.directory);
        self.directory.join(format!("{}-{fingerprint}-{}.db", self.name, self.manifest.generation))
    }

    /// Lets a new file serve and keeps the one that served; the one before that is deleted.
    pub(super) fn take_over(&mut self, new: &Path) -> Result<(), FileError> {
        let discarded = self.previous();
        let file = new.file_name().map(|name| name.to_string_lossy().into_owned());
        self.manifest.previous = self.manifest.current.take();
        self.manifest.current = file;
        self.save()?;
        discarded.map_or(Ok(()), |path| crate::rebuild::remove(&path))
    }

    /// Lets the file that served before serve again, and keeps the other one.
    pub(super) fn swap_back(&mut self) -> Result<(), FileError> {
        std::mem::swap(&mut self.manifest.current, &mut self.manifest.previous);
        self.save()
    }

    /// Forgets a file that is of no use.
    pub(super) fn discard_current(&mut self) -> Result<(), FileError> {
        let path = self.current();
        self.manifest.current = None;
        self.save()?;
        path.map_or(Ok(()), |path| crate::rebuild::remove(&path))
    }

    fn save(&self) -> Result<(), FileError> {
        let path = self.directory.join(format!("{}.json", self.name));
        let temporary = self.directory.join(format!("{}.json.new", self.name));
        let bytes = serde_json::to_vec(&self.manifest).expect("a manifest is plain text and numbers");
        std::fs::write(&temporary, bytes)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(|error| FileError::io(&path, error))
    }
}

/// Whether a file's name says that it has a schema, or a whole fingerprint.
pub(super) fn is_of(path: &Path, name: &str, fingerprint: &str) -> bool {
    let file = path.file_name().map(|file| file.to_string_lossy().into_owned());
    file.is_some_and(|file| file.starts_with(&format!("{name}-{fingerprint}-")))
}
