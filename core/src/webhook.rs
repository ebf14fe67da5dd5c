//! Where events are sent to: the endpoints that admins have set up, and what each may be told.
//!
//! All of them share one stream, `settings-webhooks`. What is secret, an endpoint's whole address and the secret that
//! signs what it gets, is in no event and not known here: the server keeps it beside the log.

pub mod address;
pub mod command;
mod decide;
pub mod disclosure;
pub mod event;
pub mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use crate::decider::Decider;
pub use address::EndpointUrl;
pub use command::{WebhookAction, WebhookCommand, Wished};
pub use disclosure::Disclosure;
pub use event::{EndpointId, EndpointSet, PauseReason, WebhookEvent};
pub use refusal::WebhookRefusal;
use std::collections::{BTreeMap, BTreeSet};

/// Endpoints that there may be at once.
pub const ENDPOINTS_MAX: usize = 50;

/// Stands for every event that an endpoint may be told.
pub const EVERYTHING: &str = "*";

/// Every endpoint that is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Webhooks {
    endpoints: BTreeMap<EndpointId, Endpoint>,
}

/// An endpoint as it is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and port of its address.
    pub origin: String,
    /// SHA-256 of its whole address, in hexadecimal.
    pub fingerprint: String,
    /// What it is for.
    pub description: String,
    /// Stored names of the events that it wants, or [`EVERYTHING`].
    pub events: BTreeSet<String>,
    /// Whether it is told what only the staff may know.
    pub internal: bool,
    /// Why nothing is sent to it now, if so.
    pub paused: Option<PauseReason>,
}

impl Endpoint {
    /// What it is told of an event, if anything.
    pub fn is_told(&self, name: &str, disclosure: Disclosure) -> bool {
        let may_know = match disclosure {
            Disclosure::Never => false,
            Disclosure::Internal => self.internal,
            Disclosure::Outside { .. } => true,
        };
        may_know && (self.events.contains(EVERYTHING) || self.events.contains(name))
    }
}

impl Webhooks {
    /// An endpoint that is there now.
    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.endpoints.get(&id)
    }

    /// Every endpoint with its identifier, the oldest first.
    pub fn endpoints(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.endpoints.iter().map(|(id, endpoint)| (*id, endpoint))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.endpoints.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// Histories that no decider accepted may be about an endpoint that was never added.
    fn change(&mut self, id: EndpointId, change: impl FnOnce(&mut Endpoint)) {
        if let Some(endpoint) = self.endpoints.get_mut(&id) {
            change(endpoint);
        }
    }
}

/// The rules of the stream `settings-webhooks`.
#[derive(Clone, Copy, Debug)]
pub struct WebhookDecider;

impl Decider for WebhookDecider {
    type Command = WebhookCommand;
    type Event = WebhookEvent;
    type State = Webhooks;
    type Refusal = WebhookRefusal;

    fn initial() -> Webhooks {
        Webhooks::default()
    }

    fn decide(command: &WebhookCommand, webhooks: &Webhooks) -> Result<Vec<WebhookEvent>, WebhookRefusal> {
        decide::decide(command, webhooks)
    }

    fn evolve(mut webhooks: Webhooks, event: &WebhookEvent) -> Webhooks {
        match event {
            WebhookEvent::Added(set) => {
                webhooks.endpoints.insert(set.endpoint, set.endpoint(None));
            }
            WebhookEvent::Changed(set) => webhooks.change(set.endpoint, |endpoint| {
                *endpoint = set.endpoint(endpoint.paused);
            }),
            WebhookEvent::Removed(about) => {
                webhooks.endpoints.remove(&about.endpoint);
            }
            WebhookEvent::SecretRotated(_) => {}
            WebhookEvent::Paused(paused) => {
                webhooks.change(paused.endpoint, |endpoint| endpoint.paused = Some(paused.reason));
            }
            WebhookEvent::Resumed(about) => {
                webhooks.change(about.endpoint, |endpoint| endpoint.paused = None);
            }
        }
        webhooks
    }
}
