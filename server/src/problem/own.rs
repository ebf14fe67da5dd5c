//! What customers are told went wrong, where the staff is told more.

use super::Problem;
use axum::http::StatusCode;
use docket_core::names::OwnVersion;

impl Problem {
    /// A customer's command was decided on a version that they were never told.
    pub fn own_version_ahead(seen: OwnVersion, current: OwnVersion) -> Self {
        let detail =
            format!("the ticket is at version {current}, and has never been at {seen}; read it again");
        let problem = Self::new(StatusCode::PRECONDITION_FAILED, "version-ahead", detail);
        Self { current_version: Some(current.0), ..problem }
    }

    /// The problem for a customer: versions and records of the stream would tell what the staff does among itself
    /// (promise S1).
    pub fn without_versions(self) -> Self {
        Self { current_version: None, missed: Vec::new(), ..self }
    }
}
