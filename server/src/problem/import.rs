//! Why an import was not begun, or could not go on.

use super::Problem;
use docket_core::handler::import::ImportError;

impl Problem {
    /// Another import is under way.
    pub fn import_running() -> Self {
        let detail = "another import is under way; send this one again once it has ended";
        Self::unavailable("import-running", detail)
    }

    /// The same where an unknown part was recorded before.
    pub fn with_outcome_unknown(self) -> Self {
        Self { outcome: Some("unknown"), ..self }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Read(error) => error.into(),
            ImportError::Append(error) => error.into(),
            ImportError::History { .. } | ImportError::Elsewhere(_) | ImportError::OutOfOrder { .. } => {
                // Which event it is is the operator's business.
                tracing::error!("an import cannot go on: {error}");
                Self::history_damaged()
            }
        }
    }
}
