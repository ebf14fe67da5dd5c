//! The data directory: which file lies where, and who has it open.
//!
//! ```text
//! DIR/log.db            the log (SQLite): the only truth
//! DIR/operational.db    passwords, sessions, tokens and deliveries under way: no history
//! DIR/attachments/      files that came with messages
//! DIR/keys/             keys that can be destroyed
//! DIR/read-models/      everything that can be rebuilt from the log
//! DIR/docket.lock       held by the one process that writes
//! ```

use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held by the one process that writes.
const LOCK: &str = "docket.lock";

/// The files of SQLite.
const DATABASES: [&str; 2] = ["log.db", "operational.db"];

/// A data directory.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
}

/// Who writes to a data directory; told to whoever comes second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The program's name.
    pub program: String,
    /// Its process number.
    pub pid: u32,
    /// The address it listens on, for a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Why a data directory could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// There is no log in it.
    #[error("{path} holds no Docket log; give the directory of a server, or import into it first")]
    Empty {
        /// Which directory.
        path: PathBuf,
    },
    /// Another process writes to it.
    #[error("{path} is in use by {} (process {}{})", .holder.program, .holder.pid,
        .holder.address.as_ref().map(|address| format!(", listening on {address}")).unwrap_or_default())]
    InUse {
        /// Which directory.
        path: PathBuf,
        /// By whom.
        holder: Holder,
    },
    /// It holds what is not Docket's.
    #[error("{path} holds other files and no Docket log; choose a directory that is empty or not there yet")]
    Foreign {
        /// Which directory.
        path: PathBuf,
    },
    /// It could not be made, read or written.
    #[error("{path} cannot be used: {source}")]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Held as long as a process writes to a data directory; the system lets go of it when the process ends.
#[derive(Debug)]
pub struct WriteLock {
    file: File,
    path: PathBuf,
}

impl DataDir {
    /// A data directory at a path, whether it exists or not.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.path.join(DATABASES[0])
    }

    /// What is kept beside the log and is no history.
    pub fn operational(&self) -> PathBuf {
        self.path.join(DATABASES[1])
    }

    /// Where files that came with messages are kept.
    pub fn attachments(&self) -> PathBuf {
        self.path.join("attachments")
    }

    /// Where keys are kept.
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Where read models are kept.
    pub fn read_models(&self) -> PathBuf {
        self.path.join("read-models")
    }

    /// Makes sure that there is a log to read.
    ///
    /// # Errors
    /// [`DataDirError::Empty`]
    pub fn existing(self) -> Result<Self, DataDirError> {
        if self.log().is_file() { Ok(self) } else { Err(DataDirError::Empty { path: self.path }) }
    }

    /// Makes the directory where it is missing, and takes it for writing.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] says who has it; [`DataDirError::Io`] for a read-only or unusable place;
    /// [`DataDirError::Foreign`] for one with other files in it.
    pub fn lock(&self, program: &str) -> Result<WriteLock, DataDirError> {
        if self.is_foreign() {
            return Err(DataDirError::Foreign { path: self.path.clone() });
        }
        for directory in [self.path.clone(), self.keys(), self.read_models()] {
            make_directory(&directory).map_err(|source| DataDirError::Io { path: directory, source })?;
        }
        let path = self.path.join(LOCK);
        let io = |source| DataDirError::Io { path: path.clone(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(io)?;
                let unknown = Holder { program: "another process".into(), pid: 0, address: None };
                let holder = serde_json::from_str(&text).unwrap_or(unknown);
                return Err(DataDirError::InUse { path: self.path.clone(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let mut lock = WriteLock { file, path };
        lock.announce(&Holder { program: program.to_owned(), pid: std::process::id(), address: None })?;
        Ok(lock)
    }

    /// Whether something is in it, and nothing of that is Docket's.
    fn is_foreign(&self) -> bool {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return false };
        let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        // What a file system puts into each of its roots is nobody's; nor are names that are hidden.
        let is_nobodys = |name: &str| name == "lost+found" || name.starts_with('.');
        let is_ours = |name: &str| {
            ["attachments", "keys", "read-models", LOCK].contains(&name) || name.starts_with("log.db")
        };
        let counted = || names.iter().filter_map(|name| name.to_str()).filter(|name| !is_nobodys(name));
        counted().next().is_some() && !counted().any(is_ours)
    }

    /// Whether a path leads to one of Docket's own files in here, which nothing else may write to.
    pub fn owns(&self, path: &Path) -> bool {
        let own = [self.keys(), self.attachments(), self.read_models(), self.path.join(LOCK)]
            .map(|own| resolved(&own));
        let databases = DATABASES.map(|name| resolved(&self.path.join(name)));
        let path = resolved(path);
        // A database's name also begins those of what SQLite keeps beside it.
        let begins = |own: &PathBuf| {
            path.as_os_str().as_encoded_bytes().starts_with(own.as_os_str().as_encoded_bytes())
        };
        own.iter().any(|own| path.starts_with(own)) || databases.iter().any(begins)
    }

    /// Whether a process holds the directory for writing.
    pub fn is_held(&self) -> bool {
        let lock = File::open(self.path.join(LOCK));
        lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Reads a key, making a random one the first time. 32 bytes, readable by the owner only.
    ///
    /// # Errors
    /// [`DataDirError::Io`]
    pub fn key(&self, name: &str) -> Result<[u8; 32], DataDirError> {
        let path = self.keys().join(name);
        let io = |source| DataDirError::Io { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(bytes) => <[u8; 32]>::try_from(bytes).map_err(|_| {
                io(std::io::Error::new(std::io::ErrorKind::InvalidData, "a key is 32 bytes long"))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = random_key();
                // Under another name first: a power cut half-way would leave a key that is refused for ever.
                let fresh = self.keys().join(format!("{name}.new"));
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(&fresh).map_err(io)?;
                file.write_all(&key)
                    .and_then(|()| file.sync_all())
                    .and_then(|()| std::fs::rename(&fresh, &path))
                    .and_then(|()| File::open(self.keys())?.sync_all())
                    .map_err(io)?;
                Ok(key)
            }
            Err(error) => Err(io(error)),
        }
    }
}

/// The path with its links followed as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut there = path.as_path();
    loop {
        if let Ok(real) = there.canonicalize() {
            let rest = path.strip_prefix(there).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
        match there.parent() {
            Some(parent) => there = parent,
            None => return path,
        }
    }
}

/// Makes a directory that only its owner can read, and puts its name on the disk: what is acknowledged later
/// must not vanish together with the directory it lies in.
pub(super) fn make_directory(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// 32 random bytes: three version-4 UUIDs hold 366 random bits, hashed together.
fn random_key() -> [u8; 32] {
    let mut material = Vec::with_capacity(48);
    for _ in 0..3 {
        material.extend_from_slice(uuid::Uuid::new_v4().as_bytes());
    }
    crate::record::hash(&material)
}

impl WriteLock {
    /// Writes down who holds the directory.
    ///
    /// # Errors
    /// [`DataDirError::Io`]
    pub fn announce(&mut self, holder: &Holder) -> Result<(), DataDirError> {
        let text = serde_json::to_string(holder).expect("a holder is plain text and numbers");
        let file = &mut self.file;
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|source| DataDirError::Io { path: self.path.clone(), source })
    }
}
