//! What the writer is asked for, and the answer that waits for the commit.

use crate::record::StoredRecord;
use crate::store::{Append, AppendError, Appended, BulkAppended, Fact};
use tokio::sync::oneshot;

/// What the writer is asked for.
pub(in crate::store::sqlite) enum Request {
    Append(Pending<Append, Appended>),
    Facts(Pending<Vec<Fact>, BulkAppended>),
    Restore(Pending<Vec<StoredRecord>, ()>),
}

/// A question, what it came to so far, and who waits for the answer.
pub(in crate::store::sqlite) struct Pending<Input, Output> {
    pub(super) input: Input,
    pub(super) outcome: Option<Result<Output, AppendError>>,
    reply: oneshot::Sender<Result<Output, AppendError>>,
}

impl<Input, Output> Pending<Input, Output> {
    pub(in crate::store::sqlite) fn new(
        input: Input,
        reply: oneshot::Sender<Result<Output, AppendError>>,
    ) -> Self {
        Self { input, outcome: None, reply }
    }

    fn answer(self) {
        // Whoever asked may have gone; then there is nobody to tell.
        drop(self.reply.send(self.outcome.unwrap_or(Err(AppendError::OutcomeUnknown))));
    }

    fn refuse(self, error: AppendError) {
        drop(self.reply.send(Err(error)));
    }
}

impl Request {
    pub(super) fn events(&self) -> usize {
        match self {
            Self::Append(pending) => pending.input.streams.iter().map(|part| part.events.len()).sum(),
            Self::Facts(pending) => pending.input.len(),
            Self::Restore(pending) => pending.input.len(),
        }
    }

    /// Tells what it came to; only once that is durable.
    pub(super) fn answer(self) {
        match self {
            Self::Append(pending) => pending.answer(),
            Self::Facts(pending) => pending.answer(),
            Self::Restore(pending) => pending.answer(),
        }
    }

    /// Tells that it came to nothing, or that nobody knows.
    pub(super) fn refuse(self, error: AppendError) {
        match self {
            Self::Append(pending) => pending.refuse(error),
            Self::Facts(pending) => pending.refuse(error),
            Self::Restore(pending) => pending.refuse(error),
        }
    }
}
