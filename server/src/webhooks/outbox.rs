//! What is known of one endpoint while the server runs: secrets, progress, recent attempts. Kept on the disk as it changes.

use super::kept::{self, DeadLetter, Secrets};
use super::progress::{Due, Failure, Progress, Verdict};
use super::{Disk, WebhookError};
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::store::operational::Change;
use docket_core::time::{DurationMs, Timestamp};
use docket_core::webhook::{Endpoint, EndpointId};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// Attempts that are remembered of one endpoint since the server started.
pub const ATTEMPTS_REMEMBERED_MAX: usize = 100;

/// An attempt, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: DurationMs,
    /// Where the event is in the log.
    pub position: GlobalPosition,
    /// Of which ticket.
    pub ticket: TicketNumber,
    /// `delivered`, or what went wrong.
    pub what: String,
}

/// How an endpoint stands.
#[derive(Clone, Debug)]
pub struct Health {
    /// How far it has got, and what waits.
    pub progress: Progress,
    /// Events that were given up and are kept.
    pub dead_letters: usize,
    /// Whether an event of a newer release stands in the way.
    pub held: bool,
}

/// One endpoint.
pub struct Outbox {
    /// Which one.
    pub id: EndpointId,
    disk: Disk,
    state: Mutex<State>,
    /// One write at a time, each of what is so at that moment: none is overwritten by an older one.
    writing: tokio::sync::Mutex<()>,
    /// Wakes whoever sends.
    wake: Notify,
    /// Changes whenever the state does, for those who look on.
    changed: watch::Sender<u64>,
}

struct State {
    secrets: Secrets,
    progress: Progress,
    /// The cursor that is on the disk.
    kept_cursor: GlobalPosition,
    dead_letters: usize,
    attempts: VecDeque<Attempt>,
    held: bool,
    /// What could not be written yet, and is written with the next that is.
    unwritten: Vec<Change>,
    /// Whether it was removed: then nothing is written any more.
    removed: bool,
}

impl Outbox {
    pub(super) fn new(
        id: EndpointId,
        disk: Disk,
        secrets: Secrets,
        progress: Progress,
        dead_letters: usize,
    ) -> Self {
        let kept_cursor = progress.cursor;
        let attempts = VecDeque::new();
        let state = State {
            secrets,
            progress,
            kept_cursor,
            dead_letters,
            attempts,
            held: false,
            unwritten: Vec::new(),
            removed: false,
        };
        let (writing, wake, changed) = (tokio::sync::Mutex::new(()), Notify::new(), watch::Sender::new(0));
        Self { id, disk, state: Mutex::new(state), writing, wake, changed }
    }

    /// How it stands.
    pub fn health(&self) -> Health {
        let State { progress, dead_letters, held, .. } = &*self.state();
        Health { progress: progress.clone(), dead_letters: *dead_letters, held: *held }
    }

    /// What is secret of it.
    pub fn secrets(&self) -> Secrets {
        self.state().secrets.clone()
    }

    /// Whether the address that is kept is the one that the log says: what was changed beside the log is not called.
    pub fn is_for(&self, endpoint: &Endpoint) -> bool {
        self.secrets().url().is_some_and(|url| url.fingerprint() == endpoint.fingerprint)
    }

    /// The last attempts since the server started, the newest first.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.state().attempts.iter().rev().cloned().collect()
    }

    /// Changes whenever the state does.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Looks at, or changes, how far it has got.
    pub fn with<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> T {
        change(&mut self.state().progress)
    }

    /// Positions that were looked at and are not on the disk yet.
    pub fn unkept(&self) -> u64 {
        let state = self.state();
        state.progress.cursor.0.saturating_sub(state.kept_cursor.0)
    }

    /// Whether an event of a newer release stands in the way.
    pub fn set_held(&self, held: bool) {
        let before = std::mem::replace(&mut self.state().held, held);
        if before != held {
            self.show();
        }
    }

    /// Lets whoever sends look again, and those who look on.
    pub fn tell(&self) {
        self.wake.notify_one();
        self.show();
    }

    /// Lets those who look on look again.
    pub fn show(&self) {
        self.changed.send_modify(|times| *times += 1);
    }

    /// Returns once there is something to look at, also if that was before.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Takes note of an attempt.
    pub fn note(&self, attempt: Attempt) {
        let attempts = &mut self.state().attempts;
        if attempts.len() == ATTEMPTS_REMEMBERED_MAX {
            attempts.pop_front();
        }
        attempts.push_back(attempt);
    }

    /// Something did not get through. Tells whether there is no room to give it up.
    ///
    /// # Errors
    /// [`WebhookError`] when it cannot be kept; then it is tried again.
    pub async fn failed(&self, due: Due, failure: Failure, jitter: &str) -> Result<bool, WebhookError> {
        let letter = {
            let state = &mut *self.state();
            let (at, what) = (failure.at, failure.what.clone());
            match state.progress.failed(due, failure, jitter) {
                Verdict::Retry => return Ok(false),
                Verdict::GivenUp { .. } if state.dead_letters >= kept::DEAD_LETTERS_MAX => return Ok(true),
                Verdict::GivenUp { attempts, since } => {
                    state.progress.done_with(due);
                    state.dead_letters += 1;
                    let Due { ticket, position } = due;
                    DeadLetter { position, ticket, attempts, since, given_up_at: at, what }
                }
            }
        };
        self.keep(vec![kept::keep_letter(self.id, &letter)?]).await?;
        Ok(false)
    }

    /// Writes how far it has got, with other changes, all or none.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn keep(&self, changes: Vec<Change>) -> Result<(), WebhookError> {
        let _writing = self.writing.lock().await;
        let (progress, changes) = {
            let state = &mut *self.state();
            if state.removed {
                return Ok(());
            }
            state.unwritten.extend(changes);
            (state.progress.clone(), Arc::new(std::mem::take(&mut state.unwritten)))
        };
        let progress_change = kept::keep_progress(self.id, &progress)?;
        let written = changes.clone();
        let write = self.disk.run(move |operational| {
            let all: Vec<Change> = written.iter().cloned().chain([progress_change]).collect();
            Ok(operational.write(&all)?)
        });
        let result = write.await;
        {
            let state = &mut *self.state();
            match &result {
                Ok(()) => state.kept_cursor = progress.cursor,
                // What was given up or put back must not be forgotten on the disk.
                Err(_) => state.unwritten.splice(0..0, changes.iter().cloned()).for_each(drop),
            }
        }
        self.show();
        result
    }

    /// Changes what is secret of it.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn set_secrets(&self, secrets: Secrets) -> Result<(), WebhookError> {
        let change = kept::keep_secrets(self.id, &secrets)?;
        self.keep(vec![change]).await?;
        self.state().secrets = secrets;
        Ok(())
    }

    /// Forgets everything that is kept of it; nothing is kept from now on.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub(super) async fn remove(&self) -> Result<(), WebhookError> {
        let _writing = self.writing.lock().await;
        self.state().removed = true;
        let id = self.id;
        self.disk.run(move |operational| kept::forget(operational, id)).await
    }

    /// What was given up after a position, in the order of the log.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn dead_letters(
        &self,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, WebhookError> {
        let id = self.id;
        self.disk.run(move |operational| kept::dead_letters(operational, id, after, limit)).await
    }

    /// Puts what was given up back into its line, those at some positions or all of it, as far as there is room; tells
    /// how many that were.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn put_back(&self, wanted: Option<&[GlobalPosition]>) -> Result<usize, WebhookError> {
        let letters = self.dead_letters(GlobalPosition::START, usize::MAX).await?;
        let mut put_back = Vec::new();
        {
            let state = &mut *self.state();
            for letter in letters {
                let is_wanted = wanted.is_none_or(|wanted| wanted.contains(&letter.position));
                if is_wanted && state.progress.room() > 0 {
                    state.progress.put_back(letter.ticket, letter.position);
                    put_back.push(kept::remove_letter(self.id, letter.position));
                }
            }
            state.dead_letters = state.dead_letters.saturating_sub(put_back.len());
        }
        let count = put_back.len();
        self.keep(put_back).await?;
        self.tell();
        Ok(count)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No change of the state can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
