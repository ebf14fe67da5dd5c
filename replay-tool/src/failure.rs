//! Why a command could not be done, with which exit code the program ends, and what to do about it.

use crate::import::mapping::MappingError;
use crate::out::Out;
use docket_core::store::data_dir::{DataDir, DataDirError};
use docket_core::store::sqlite::OpenError;
use docket_core::store::{AppendError, ReadError};
use std::path::{Path, PathBuf};

/// Why a command could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing says where the data is.
    #[error("no data directory is given")]
    NoDataDir,
    /// An argument that cannot be used.
    #[error("{0}")]
    Usage(String),
    /// The mapping cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The input file cannot be used.
    #[error("{path} cannot be taken: {why}")]
    Input {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A file that the command writes.
    #[error("{path} cannot be written: {source}")]
    Output {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// It holds a log, and another one was to be put there.
    #[error("{path} holds another log than {file}")]
    NotEmpty {
        /// Which directory.
        path: PathBuf,
        /// The export.
        file: PathBuf,
    },
    /// The log in it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The log was read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record that is stored soundly cannot be understood.
    #[error("the event at position {position} cannot be read: {why}")]
    Record {
        /// Where it is.
        position: u64,
        /// Why.
        why: String,
    },
    /// The log was written to.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A read model could not be made, read, written or put in its place.
    #[error("a read model cannot be made or read: {why}")]
    ReadModel {
        /// Why.
        why: String,
    },
    /// Whoever reads the standard output has gone.
    #[error("nobody reads the output any more")]
    PipeClosed,
}

impl Failure {
    /// The exit code, as in [`crate::cli::EXIT_CODES`].
    pub fn code(&self) -> u8 {
        match self {
            Self::PipeClosed => 0,
            Self::NoDataDir | Self::Usage(_) | Self::Mapping(_) | Self::Input { .. } => 2,
            Self::Output { .. } => 2,
            Self::DataDir(_) | Self::NotEmpty { .. } => 3,
            Self::Open(OpenError::Damaged { .. } | OpenError::DamagedWal { .. }) => 4,
            Self::Open(_) | Self::ReadModel { .. } => 3,
            Self::Append(AppendError::StorageFull | AppendError::Busy) => 3,
            Self::Append(_) | Self::Read(_) | Self::Record { .. } => 4,
        }
    }

    /// A word for programs.
    fn kind(&self) -> &'static str {
        match self {
            Self::NoDataDir | Self::Usage(_) => "usage",
            Self::Mapping(_) => "mapping",
            Self::Input { .. } => "input",
            Self::Output { .. } => "output",
            Self::DataDir(DataDirError::InUse { .. }) => "in_use",
            Self::DataDir(DataDirError::Empty { .. }) => "no_log",
            Self::DataDir(DataDirError::Foreign { .. } | DataDirError::Io { .. }) => "data_dir",
            Self::NotEmpty { .. } => "not_empty",
            Self::Open(OpenError::Damaged { .. } | OpenError::DamagedWal { .. })
            | Self::Read(ReadError::Damaged { .. }) => "damaged",
            Self::Open(OpenError::NewerFormat { .. }) => "newer_format",
            Self::Open(_) => "data_dir",
            Self::Read(ReadError::Unavailable { .. }) => "unavailable",
            Self::Record { .. } => "unreadable",
            Self::Append(AppendError::StorageFull) => "storage_full",
            Self::Append(_) => "append",
            Self::ReadModel { .. } => "read_model",
            Self::PipeClosed => "pipe_closed",
        }
    }

    /// What to do about it.
    fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NoDataDir => Some("say --data DIR, or set DOCKET_DATA"),
            Self::DataDir(DataDirError::InUse { .. }) => {
                Some("stop it, run this command, and start it again; commands that only read need not wait")
            }
            Self::DataDir(DataDirError::Io { .. }) => {
                Some("choose a directory that exists or can be made, and that you may write to")
            }
            Self::NotEmpty { .. } => Some("restore into a directory that is empty or not there yet"),
            Self::Append(AppendError::StorageFull) => {
                Some("make room and run the command again: it goes on where it stopped")
            }
            Self::Append(AppendError::OutcomeUnknown) => Some(
                "run `docket-replay verify`, then this command again: what is in the log is not added twice",
            ),
            Self::Open(OpenError::Damaged { .. }) | Self::Read(ReadError::Damaged { .. }) => {
                Some("nothing was changed; `docket-replay verify` says more, a back-up can be restored")
            }
            _ => None,
        }
    }

    /// Says what went wrong and what to do about it, on the standard error.
    pub(crate) fn tell(&self, json: bool, out: &mut Out) {
        if json {
            let (kind, message, exit_code) = (self.kind(), self.to_string(), self.code());
            let error = serde_json::json!({
                "error": { "kind": kind, "message": message, "advice": self.advice(), "exit_code": exit_code }
            });
            out.note(&error.to_string());
            return;
        }
        out.note(&format!("docket-replay: {self}"));
        if let Some(advice) = self.advice() {
            out.note(&format!("  {advice}"));
        }
    }
}

/// Refuses to write over the log, its keys or its read models.
///
/// # Errors
/// [`Failure::Usage`]
pub fn not_docket_s_own(data: &DataDir, file: &Path) -> Result<(), Failure> {
    if data.owns(file) {
        let why = format!("{} is Docket's own in {}", file.display(), data.path().display());
        return Err(Failure::Usage(format!("{why}; choose another file")));
    }
    Ok(())
}
