//! Why a command could not be done, with which exit code the program ends, and what to do about it.

use crate::core_words;
use crate::import::mapping::MappingError;
use crate::out::Out;
use crate::sentence::Sentence;
use crate::texts::Texts;
use docket_core::handler::import::ImportError;
use docket_core::store::data_dir::{DataDir, DataDirError};
use docket_core::store::sqlite::OpenError;
use docket_core::store::{AppendError, ReadError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why a command could not be done. Its `Display` is English, for programs.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told(Texts::english()))]
pub enum Failure {
    /// Nothing says where the data is.
    NoDataDir,
    /// An argument that cannot be used.
    Usage(Sentence),
    /// The mapping cannot be used.
    Mapping(#[from] MappingError),
    /// The input file cannot be used.
    Input {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: Sentence,
    },
    /// A file that the command writes.
    Output {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory.
    DataDir(#[from] DataDirError),
    /// A server has the directory, and nothing lets this program in.
    HeldByServer(DataDirError),
    /// The server that has the directory does not let this program do it.
    NotLetIn {
        /// Where it listens.
        address: SocketAddr,
        /// What it says.
        why: Sentence,
    },
    /// The server that has the directory did not do it.
    Server {
        /// Where it listens.
        address: SocketAddr,
        /// What it says, or the system.
        why: Sentence,
    },
    /// It holds a log, and another one was to be put there.
    NotEmpty {
        /// Which directory.
        path: PathBuf,
        /// The export.
        file: PathBuf,
    },
    /// The log in it.
    Open(#[from] OpenError),
    /// The log was read.
    Read(#[from] ReadError),
    /// A record that is stored soundly cannot be understood.
    Record {
        /// Where it is.
        position: u64,
        /// Why.
        why: Sentence,
    },
    /// The log was written to.
    Append(#[from] AppendError),
    /// A read model could not be made, read, written or put in its place.
    ReadModel {
        /// Why.
        why: Sentence,
    },
    /// Whoever reads the standard output has gone.
    PipeClosed,
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Read(error) => error.into(),
            ImportError::Append(error) => error.into(),
            ImportError::History { position, source } => {
                let why = Sentence::new(move |texts| core_words::history(&source, texts));
                Self::Record { position: position.0, why }
            }
            ImportError::Elsewhere(position) => {
                let why = Sentence::fixed(|texts| texts.imported_elsewhere);
                Self::Record { position: position.0, why }
            }
            ImportError::OutOfOrder { position, seq, expected } => {
                let why = Sentence::new(move |texts| texts.fact_out_of_order(seq, expected));
                Self::Record { position: position.0, why }
            }
        }
    }
}

impl Failure {
    /// An argument that cannot be used, with what is said about it.
    pub(crate) fn usage(wording: impl Fn(&'static Texts) -> String + Send + Sync + 'static) -> Self {
        Self::Usage(Sentence::new(wording))
    }

    /// The exit code, as in [`crate::cli::EXIT_CODES`].
    pub fn code(&self) -> u8 {
        match self {
            Self::PipeClosed => 0,
            Self::NoDataDir | Self::Usage(_) | Self::Mapping(_) | Self::Input { .. } => 2,
            Self::Output { .. } => 2,
            Self::DataDir(_) | Self::HeldByServer(_) | Self::NotEmpty { .. } => 3,
            Self::NotLetIn { .. } | Self::Server { .. } => 3,
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
            Self::DataDir(DataDirError::InUse { .. }) | Self::HeldByServer(_) => "in_use",
            Self::NotLetIn { .. } => "not_let_in",
            Self::Server { .. } => "server",
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

    /// What went wrong.
    fn told(&self, texts: &'static Texts) -> String {
        match self {
            Self::NoDataDir => texts.no_data_directory.into(),
            Self::Usage(why) => why.told(texts),
            Self::Mapping(error) => error.told(texts),
            Self::Input { path, why } => texts.input_refused(path.display(), why.told(texts)),
            Self::Output { path, source } => {
                texts.cannot_be_written(core_words::known(&path.to_string_lossy(), texts), source)
            }
            Self::DataDir(error) | Self::HeldByServer(error) => core_words::data_dir(error, texts),
            Self::NotLetIn { address, why } | Self::Server { address, why } => {
                texts.server_says(address, why.told(texts))
            }
            Self::NotEmpty { path, file } => texts.holds_another_log(path.display(), file.display()),
            Self::Open(error) => core_words::open(error, texts),
            Self::Read(error) => core_words::read(error, texts),
            Self::Record { position, why } => texts.event_at_unreadable(position, why.told(texts)),
            Self::Append(error) => core_words::append(error, texts),
            Self::ReadModel { why } => texts.read_model_failed(why.told(texts)),
            Self::PipeClosed => texts.pipe_closed.into(),
        }
    }

    /// What to do about it.
    fn advice(&self, texts: &'static Texts) -> Option<&'static str> {
        match self {
            Self::NoDataDir => Some(texts.advice_data_directory),
            Self::DataDir(DataDirError::InUse { .. }) => Some(texts.advice_in_use),
            Self::HeldByServer(_) | Self::NotLetIn { .. } => Some(texts.advice_token),
            Self::Server { .. } => Some(texts.advice_server),
            Self::DataDir(DataDirError::Io { .. }) => Some(texts.advice_other_directory),
            Self::NotEmpty { .. } => Some(texts.advice_empty_directory),
            Self::Append(AppendError::StorageFull) => Some(texts.advice_storage_full),
            Self::Append(AppendError::OutcomeUnknown) => Some(texts.advice_outcome_unknown),
            Self::Open(OpenError::Damaged { .. }) | Self::Read(ReadError::Damaged { .. }) => {
                Some(texts.advice_damaged)
            }
            _ => None,
        }
    }

    /// Says what went wrong and what to do about it, on the standard error.
    pub(crate) fn tell(&self, json: bool, out: &mut Out) {
        if json {
            // A program reads this: its words are the same in every language.
            let (kind, message, exit_code) = (self.kind(), self.to_string(), self.code());
            let advice = self.advice(Texts::english());
            let error = serde_json::json!({
                "error": { "kind": kind, "message": message, "advice": advice, "exit_code": exit_code }
            });
            out.note(&error.to_string());
            return;
        }
        let texts = out.texts();
        out.note(&format!("docket-replay: {}", self.told(texts)));
        if let Some(advice) = self.advice(texts) {
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
        let (file, directory) = (file.to_owned(), data.path().to_owned());
        return Err(Failure::usage(move |texts| texts.docket_s_own(file.display(), directory.display())));
    }
    Ok(())
}
