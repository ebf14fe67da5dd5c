//! Webhooks: which endpoints there are, what is kept of each, and what may be done about them.
//!
//! Which endpoints there are is history, on the stream `settings-webhooks`. What is secret of them, how far each has got
//! and what was given up is beside the log: a rebuild or a replay reads neither and sends nothing (promise T5). What sends
//! is the reactor (`crate::reactor::webhooks`).

pub mod backoff;
pub mod guard;
pub mod kept;
pub mod network;
pub mod outbox;
pub mod payload;
pub mod post;
pub mod progress;
pub mod signature;
mod trust;

use crate::credentials::CredentialError;
use docket_core::clock::Clock;
use docket_core::handler::settings::{SettingsError, SettingsHandler, Settled};
use docket_core::names::GlobalPosition;
use docket_core::record::StoredRecord;
use docket_core::store::operational::{Operational, OperationalError};
use docket_core::store::{CommandKey, EventStore, ReadError};
use docket_core::time::Timestamp;
use docket_core::webhook::{
    EndpointId, EndpointUrl, WebhookAction, WebhookCommand, WebhookDecider, WebhookRefusal,
};
use guard::{Guard, NotAllowed};
use kept::Secrets;
use outbox::Outbox;
use progress::Progress;
use signature::{Signing, SigningSecret, rotate};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;
pub use trust::roots_of_this_machine;
use uuid::Uuid;

/// Why something about webhooks was not done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A rule says no, or the log did not take it.
    #[error(transparent)]
    Settings(#[from] SettingsError<WebhookRefusal>),
    /// The address is not one that webhooks may go to.
    #[error("{0}")]
    Address(#[from] NotAllowed),
    /// The endpoint is there and what is kept beside the log was lost.
    #[error("the address and secret of this webhook were lost; remove it, and add it again")]
    Lost,
    /// What is kept beside the log could not be used.
    #[error(transparent)]
    File(#[from] OperationalError),
    /// What is kept beside the log cannot be understood.
    #[error("what is kept of a webhook cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// No secret could be made.
    #[error(transparent)]
    Secret(#[from] CredentialError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The operational file, used away from the threads that serve requests.
#[derive(Clone)]
pub struct Disk(Arc<Operational>);

impl Disk {
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Operational) -> Result<T, WebhookError> + Send + 'static,
    ) -> Result<T, WebhookError> {
        let operational = self.0.clone();
        let done = tokio::task::spawn_blocking(move || job(&operational)).await;
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}

/// All webhooks.
pub struct Webhooks {
    /// Which endpoints there are, and how they are set up.
    pub settings: SettingsHandler<WebhookDecider>,
    disk: Disk,
    outboxes: RwLock<BTreeMap<EndpointId, Arc<Outbox>>>,
    /// Changes whenever an endpoint does.
    changed: watch::Sender<u64>,
    /// One change of what is kept at a time.
    changing: tokio::sync::Mutex<()>,
}

/// What came of a command on an endpoint.
#[derive(Debug)]
pub struct Done {
    /// What came of it in the log.
    pub settled: Settled,
    /// A new secret, to be shown this once.
    pub secret: Option<SigningSecret>,
}

impl Webhooks {
    /// Reads which endpoints there are and what is kept of them. One whose log is not the one that it was kept for begins
    /// at the end of this log: nothing of the past is sent again.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn load(
        store: &Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        operational: Arc<Operational>,
    ) -> Result<Self, WebhookError> {
        let settings = SettingsHandler::<WebhookDecider>::new(store.clone(), clock);
        let known = settings.refresh().await?;
        let disk = Disk(operational);
        let mut outboxes = BTreeMap::new();
        for (id, kept) in disk.run(kept::all).await? {
            if known.endpoint(id).is_none() {
                disk.run(move |operational| kept::forget(operational, id)).await?;
                continue;
            }
            let progress = standing(store, kept.progress).await?;
            let outbox = Outbox::new(id, disk.clone(), kept.secrets, progress, kept.dead_letters);
            outboxes.insert(id, Arc::new(outbox));
        }
        let (changed, changing) = (watch::Sender::new(0), tokio::sync::Mutex::new(()));
        Ok(Self { settings, disk, outboxes: RwLock::new(outboxes), changed, changing })
    }

    /// What is kept of an endpoint; none when it is not there or was lost.
    pub fn outbox(&self, id: EndpointId) -> Option<Arc<Outbox>> {
        self.outboxes.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Everything that is kept.
    pub fn outboxes(&self) -> Vec<Arc<Outbox>> {
        self.outboxes.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Changes whenever an endpoint does.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Runs a command, and brings what is kept beside the log up to it. Sent again with the same key, it makes up for
    /// what an end of the server in between left undone.
    ///
    /// # Errors
    /// [`WebhookError`]
    pub async fn handle(
        &self,
        command: WebhookCommand,
        key: Option<CommandKey>,
        guard: Guard,
        now: Timestamp,
    ) -> Result<Done, WebhookError> {
        let WebhookCommand { endpoint, action, .. } = &command;
        if let Some(url) = address_of(action) {
            guard.check(url)?;
        }
        let _changing = self.changing.lock().await;
        let known = self.settings.refresh().await?;
        let is_lost = known.endpoint(*endpoint).is_some() && self.outbox(*endpoint).is_none();
        if is_lost && needs_what_is_kept(action) {
            return Err(WebhookError::Lost);
        }
        let settled = self.settings.handle(&command, key.as_ref(), Uuid::now_v7()).await?;
        let secret = self.follow(*endpoint, action, settled, now).await?;
        self.changed.send_modify(|times| *times += 1);
        if let Some(outbox) = self.outbox(*endpoint) {
            outbox.tell();
        }
        Ok(Done { settled, secret })
    }

    async fn follow(
        &self,
        id: EndpointId,
        action: &WebhookAction,
        settled: Settled,
        now: Timestamp,
    ) -> Result<Option<SigningSecret>, WebhookError> {
        let known = self.settings.known();
        let there = known.endpoint(id);
        match (action, self.outbox(id)) {
            (WebhookAction::Add { url, .. }, None) if there.is_some() => {
                let secret = SigningSecret::random()?;
                let signing = vec![Signing { secret: secret.clone(), until: None }];
                let secrets = Secrets::new(url, signing, settled.position);
                let progress = Progress::after(settled.position);
                let outbox = Arc::new(Outbox::new(id, self.disk.clone(), secrets, progress, 0));
                outbox.set_secrets(outbox.secrets()).await?;
                self.outboxes.write().unwrap_or_else(PoisonError::into_inner).insert(id, outbox);
                Ok(Some(secret))
            }
            (WebhookAction::Change { wished }, Some(outbox)) => {
                // An earlier change that is sent again must not bring its address back.
                let url = wished.url.as_ref();
                let is_of_now =
                    |url: &&EndpointUrl| there.is_some_and(|there| there.fingerprint == url.fingerprint());
                if let Some(url) = url.filter(is_of_now) {
                    let Secrets { signing, since, .. } = outbox.secrets();
                    outbox.set_secrets(Secrets::new(url, signing, since)).await?;
                }
                Ok(None)
            }
            (WebhookAction::RotateSecret, Some(outbox)) => {
                let before = outbox.secrets();
                let (Some(url), true) = (before.url(), before.since < settled.position) else {
                    return Ok(None);
                };
                let secret = SigningSecret::random()?;
                let signing = rotate(&before.signing, secret.clone(), now);
                outbox.set_secrets(Secrets::new(&url, signing, settled.position)).await?;
                Ok(Some(secret))
            }
            (WebhookAction::Remove, Some(outbox)) => {
                self.outboxes.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
                outbox.remove().await?;
                Ok(None)
            }
            (WebhookAction::Resume, Some(outbox)) => {
                outbox.with(Progress::resume);
                outbox.keep(Vec::new()).await?;
                Ok(None)
            }
            (WebhookAction::Add { .. } | WebhookAction::Pause { .. }, _)
            | (
                WebhookAction::Change { .. }
                | WebhookAction::RotateSecret
                | WebhookAction::Remove
                | WebhookAction::Resume,
                None,
            ) => Ok(None),
        }
    }
}

/// Whether an action means nothing where what is kept beside the log was lost.
const fn needs_what_is_kept(action: &WebhookAction) -> bool {
    match action {
        WebhookAction::Change { .. } | WebhookAction::RotateSecret | WebhookAction::Resume => true,
        WebhookAction::Add { .. } | WebhookAction::Remove | WebhookAction::Pause { .. } => false,
    }
}

/// The address that an action brings.
fn address_of(action: &WebhookAction) -> Option<&EndpointUrl> {
    match action {
        WebhookAction::Add { url, .. } => Some(url),
        WebhookAction::Change { wished } => wished.url.as_ref(),
        WebhookAction::Remove
        | WebhookAction::RotateSecret
        | WebhookAction::Pause { .. }
        | WebhookAction::Resume => None,
    }
}

/// Where an endpoint stands in this log: where it was, or at the end when it was another log.
async fn standing(store: &Arc<dyn EventStore>, kept: Option<Progress>) -> Result<Progress, ReadError> {
    let head = *store.head().borrow();
    let Some(kept) = kept else { return Ok(Progress::after(head)) };
    let same = match &kept.record {
        _ if kept.cursor > head => false,
        None => true,
        Some(known) => record_at(store, kept.cursor).await?.is_some_and(|record| hash_of(&record) == *known),
    };
    if !same {
        tracing::warn!("the log is not the one that a webhook was sent from; it goes on with what comes now");
        return Ok(Progress::after(head));
    }
    Ok(kept)
}

/// The record at a position.
pub async fn record_at(
    store: &Arc<dyn EventStore>,
    position: GlobalPosition,
) -> Result<Option<StoredRecord>, ReadError> {
    let before = GlobalPosition(position.0.saturating_sub(1));
    let records = store.read_all(before, 1).await?;
    Ok(records.into_iter().find(|record| record.position == position))
}

/// The hash of a record, in hexadecimal.
pub fn hash_of(record: &StoredRecord) -> String {
    crate::credentials::secret::hexadecimal(&record.hash)
}
