//! What is kept of webhooks in the operational file: addresses with secrets, progress, and what was given up.

use super::WebhookError;
use super::progress::Progress;
use super::signature::Signing;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::store::operational::{Change, Kind, Operational};
use docket_core::time::Timestamp;
use docket_core::webhook::{EndpointId, EndpointUrl};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Events that are kept after they were given up, for one endpoint. Beyond it the endpoint is paused, so that none is
/// lost unseen.
pub const DEAD_LETTERS_MAX: usize = 1000;

/// Dead letters that are read at once.
const PAGE: u32 = 256;

/// What is secret of an endpoint. A debug print shows none of it (promise S8).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// The whole address.
    url: String,
    /// What signs, the newest first.
    pub signing: Vec<Signing>,
    /// The position of the event that the newest secret came with.
    pub since: GlobalPosition,
}

impl Secrets {
    /// Of a new endpoint, or of one whose address changes.
    pub fn new(url: &EndpointUrl, signing: Vec<Signing>, since: GlobalPosition) -> Self {
        Self { url: url.reveal(), signing, since }
    }

    /// The address; none when what was kept is damaged.
    pub fn url(&self) -> Option<EndpointUrl> {
        EndpointUrl::parse(&self.url).ok()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({} signing)", self.signing.len())
    }
}

/// An event that did not get through for as long as anything is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Where it is in the log.
    pub position: GlobalPosition,
    /// Of which ticket.
    pub ticket: TicketNumber,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried first.
    pub since: Timestamp,
    /// When it was given up.
    pub given_up_at: Timestamp,
    /// What went wrong last.
    pub what: String,
}

/// Everything that is kept of one endpoint.
pub(super) struct Kept {
    pub(super) secrets: Secrets,
    pub(super) progress: Option<Progress>,
    pub(super) dead_letters: usize,
}

/// Every endpoint that something is kept of.
pub(super) fn all(operational: &Operational) -> Result<Vec<(EndpointId, Kept)>, WebhookError> {
    let mut all = Vec::new();
    for entry in operational.all(Kind::Endpoint)? {
        let Ok(id) = entry.id.parse::<Uuid>() else { continue };
        let id = EndpointId(id);
        let progress = operational.find(Kind::Delivery, &entry.id)?;
        let kept = Kept {
            secrets: serde_json::from_str(&entry.data)?,
            progress: progress.map(|data| serde_json::from_str(&data)).transpose()?,
            dead_letters: dead_letters(operational, id, GlobalPosition::START, usize::MAX)?.len(),
        };
        all.push((id, kept));
    }
    Ok(all)
}

/// What was given up of an endpoint after a position, in the order of the log.
pub(super) fn dead_letters(
    operational: &Operational,
    endpoint: EndpointId,
    after: GlobalPosition,
    limit: usize,
) -> Result<Vec<DeadLetter>, WebhookError> {
    let mut letters = Vec::new();
    let mut from = letter_id(endpoint, after);
    let prefix = format!("{endpoint}/");
    loop {
        let entries = operational.after(Kind::DeadLetter, &from, PAGE)?;
        let ends = entries.len() < PAGE as usize;
        for entry in entries {
            if letters.len() == limit || !entry.id.starts_with(&prefix) {
                return Ok(letters);
            }
            letters.push(serde_json::from_str(&entry.data)?);
            from = entry.id;
        }
        if ends {
            return Ok(letters);
        }
    }
}

pub(super) fn keep_secrets(endpoint: EndpointId, secrets: &Secrets) -> Result<Change, WebhookError> {
    put(Kind::Endpoint, endpoint.to_string(), secrets)
}

pub(super) fn keep_progress(endpoint: EndpointId, progress: &Progress) -> Result<Change, WebhookError> {
    put(Kind::Delivery, endpoint.to_string(), progress)
}

pub(super) fn keep_letter(endpoint: EndpointId, letter: &DeadLetter) -> Result<Change, WebhookError> {
    put(Kind::DeadLetter, letter_id(endpoint, letter.position), letter)
}

pub(super) fn remove_letter(endpoint: EndpointId, position: GlobalPosition) -> Change {
    Change::Remove { kind: Kind::DeadLetter, id: letter_id(endpoint, position) }
}

/// Forgets everything of an endpoint.
pub(super) fn forget(operational: &Operational, endpoint: EndpointId) -> Result<(), WebhookError> {
    let letters = dead_letters(operational, endpoint, GlobalPosition::START, usize::MAX)?;
    let letters = letters.iter().map(|letter| remove_letter(endpoint, letter.position));
    let own = [Kind::Endpoint, Kind::Delivery].map(|kind| Change::Remove { kind, id: endpoint.to_string() });
    Ok(operational.write(&Vec::from_iter(own.into_iter().chain(letters)))?)
}

fn put(kind: Kind, id: String, data: &impl Serialize) -> Result<Change, WebhookError> {
    Ok(Change::Put { kind, id, data: serde_json::to_string(data)?, expires_at: None })
}

/// Digits enough for every position, so that the order of names is the order of the log.
fn letter_id(endpoint: EndpointId, position: GlobalPosition) -> String {
    format!("{endpoint}/{:020}", position.0)
}
