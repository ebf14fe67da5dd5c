//! Files that come with messages: taken piece by piece, and given out to be saved.

pub(super) mod download;
pub(crate) mod take_back;
pub(crate) mod upload;

use crate::uploads::UploadError;

/// Works on files away from the threads that serve requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UploadError> + Send + 'static,
) -> Result<T, UploadError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}
