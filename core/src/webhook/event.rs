//! What can happen to the endpoints of webhooks. Stored names are written by hand and never change (docs/EVENTS.md).

use super::Endpoint;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Which endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointId(pub Uuid);

impl fmt::Display for EndpointId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An endpoint came into being, or is set up otherwise: all of it, as it is from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSet {
    /// Which one.
    pub endpoint: EndpointId,
    /// Scheme, host and port of its address. The rest of it may be a secret and is in no event.
    pub origin: String,
    /// SHA-256 of its whole address, in hexadecimal: tells whether it is the same one.
    pub fingerprint: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Stored names of the events that it wants, in their order, or `*`.
    pub events: Vec<String>,
    /// Whether it is told what only the staff may know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
}

impl EndpointSet {
    pub(super) fn of(id: EndpointId, endpoint: &Endpoint) -> Self {
        Self {
            endpoint: id,
            origin: endpoint.origin.clone(),
            fingerprint: endpoint.fingerprint.clone(),
            description: endpoint.description.clone(),
            events: endpoint.events.iter().cloned().collect(),
            internal: endpoint.internal,
        }
    }

    pub(super) fn endpoint(&self, paused: Option<PauseReason>) -> Endpoint {
        Endpoint {
            origin: self.origin.clone(),
            fingerprint: self.fingerprint.clone(),
            description: self.description.clone(),
            events: self.events.iter().cloned().collect(),
            internal: self.internal,
            paused,
        }
    }
}

/// Something that needs no more words than about which endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AboutEndpoint {
    /// Which one.
    pub endpoint: EndpointId,
}

/// Why nothing is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// An admin wished it.
    Wished,
    /// The endpoint answered that it is gone for good (410).
    Gone,
    /// Nothing got through for a day.
    Failing,
    /// So many events were given up that there is no room for more.
    DeadLetters,
}

impl PauseReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Wished, Self::Gone, Self::Failing, Self::DeadLetters];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wished => "wished",
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::DeadLetters => "dead_letters",
        }
    }
}

/// Nothing is sent to an endpoint any more; what happens meanwhile waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointPaused {
    /// Which one.
    pub endpoint: EndpointId,
    /// Why.
    pub reason: PauseReason,
}

/// An event on the stream `settings-webhooks`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum WebhookEvent {
    Added(EndpointSet),
    Changed(EndpointSet),
    Removed(AboutEndpoint),
    SecretRotated(AboutEndpoint),
    Paused(EndpointPaused),
    Resumed(AboutEndpoint),
}
