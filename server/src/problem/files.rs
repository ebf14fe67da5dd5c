//! What is wrong with a draft or a file, as problems.

use super::Problem;
use crate::api::DraftView;
use crate::drafts::{DraftError, DraftKind};
use crate::uploads::UploadError;
use axum::http::StatusCode;
use docket_core::media_type::MediaType;
use docket_core::names::FileDigest;

/// The code of a draft that stands otherwise.
const DRAFT_CHANGED: &str = "draft-changed";

impl Problem {
    /// Nothing has been begun here.
    pub fn no_draft() -> Self {
        Self::new(StatusCode::NOT_FOUND, "draft-not-found", "you have no draft of this kind on this ticket")
    }

    /// Why a draft of a kind was not kept or discarded, with what stands.
    pub fn of_draft(kind: DraftKind, error: DraftError) -> Self {
        let standing = match &error {
            DraftError::Changed { standing: Some(draft) } => Some(Box::new(DraftView::of(kind, draft))),
            DraftError::Changed { standing: None }
            | DraftError::TooMany
            | DraftError::Unreadable
            | DraftError::File(_) => None,
        };
        Self { draft: standing, ..error.into() }
    }

    /// A file of nothing.
    pub fn attachment_empty() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "attachment-empty", "the file is empty; choose another")
    }

    /// A file that broke off.
    pub fn attachment_truncated() -> Self {
        let detail = "the file broke off before its end, and nothing of it was kept; send it again";
        Self::new(StatusCode::BAD_REQUEST, "attachment-truncated", detail)
    }

    /// A file that is larger than allowed.
    pub fn attachment_too_large(max_bytes: u64) -> Self {
        let detail = format!("a file must be at most {max_bytes} bytes long");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "attachment-too-large", detail)
    }

    /// A kind of file that is not taken.
    pub fn attachment_type_not_allowed() -> Self {
        let taken = MediaType::ALL.map(MediaType::as_str).join(", ");
        let detail = format!("files of this type are not taken; those of these are, texts in UTF-8: {taken}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "attachment-type-not-allowed", detail)
    }

    /// A text that cannot be given out as it was meant.
    pub fn attachment_not_utf8() -> Self {
        let detail = "the text is not written in UTF-8; save it as UTF-8 and send it again";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "attachment-not-utf-8", detail)
    }

    /// A file that is not what it is said to be.
    pub fn attachment_type_differs(said: MediaType) -> Self {
        let detail = format!("what is in the file is not {}; send it as what it is", said.as_str());
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "attachment-type-differs", detail)
    }

    /// Nothing of this digest waits for a message of whoever asks.
    pub fn no_upload() -> Self {
        let detail = "no such file of yours waits for a message; what came with one stays with it";
        Self::new(StatusCode::NOT_FOUND, "attachment-not-found", detail)
    }

    /// No file of this digest came with the ticket, as far as whoever asks may know.
    pub fn no_attachment() -> Self {
        Self::new(StatusCode::NOT_FOUND, "attachment-not-found", "no such file came with this ticket")
    }

    /// A file that came with the ticket is gone, or is something else.
    pub fn attachment_damaged(digest: &FileDigest) -> Self {
        // Which one is the operator's business as well.
        tracing::error!("the attachment {digest} is missing or altered");
        let detail = "the file was lost or altered; ask the operator to put it back from a back-up";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "attachment-damaged", detail)
    }

    /// Whether it is that a draft stands otherwise.
    pub fn is_draft_changed(&self) -> bool {
        self.code == DRAFT_CHANGED
    }
}

impl From<DraftError> for Problem {
    fn from(error: DraftError) -> Self {
        let detail = error.to_string();
        match error {
            DraftError::Changed { .. } => Self::new(StatusCode::CONFLICT, DRAFT_CHANGED, detail),
            DraftError::TooMany => Self::new(StatusCode::CONFLICT, "too-many-drafts", detail),
            DraftError::Unreadable | DraftError::File(_) => {
                // Why is the operator's business.
                tracing::error!("drafts cannot be used: {detail}");
                let detail = "drafts cannot be read or kept now; try again later";
                Self::unavailable("drafts-unavailable", detail)
            }
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let detail = error.to_string();
        match error {
            UploadError::TooMany => Self::new(StatusCode::CONFLICT, "too-many-uploads", detail),
            UploadError::Full => Self::unavailable("storage-full", detail),
            UploadError::Io(_) | UploadError::File(_) | UploadError::Damaged(_) => {
                // Why is the operator's business.
                tracing::error!("attachments cannot be kept: {detail}");
                let detail = "files cannot be read or kept now; try again later";
                Self::unavailable("attachments-unavailable", detail)
            }
        }
    }
}
