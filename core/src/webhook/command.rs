//! What somebody may want of the endpoints of webhooks.

use super::{EndpointId, EndpointUrl, PauseReason};
use crate::actor::Actor;
use crate::text::Line;
use std::collections::BTreeSet;

/// A wish, and whose it is.
#[derive(Clone, Debug)]
pub struct WebhookCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// The endpoint that it is about.
    pub endpoint: EndpointId,
    /// What is wished.
    pub action: WebhookAction,
}

/// How an endpoint shall be; what is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Wished {
    /// Its address.
    pub url: Option<EndpointUrl>,
    /// What it is for.
    pub description: Option<Line>,
    /// Stored names of the events that it wants, or `*`.
    pub events: Option<BTreeSet<String>>,
    /// Whether it is told what only the staff may know.
    pub internal: Option<bool>,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum WebhookAction {
    /// Send events to an address. It starts with those that come from now on.
    Add {
        /// The address.
        url: EndpointUrl,
        /// How else it shall be.
        wished: Wished,
    },
    /// Set it up otherwise.
    Change {
        /// How it shall be.
        wished: Wished,
    },
    /// Send nothing to it ever again, and forget it.
    Remove,
    /// Sign with another secret from now on.
    RotateSecret,
    /// Send nothing to it for now.
    Pause {
        /// Why.
        reason: PauseReason,
    },
    /// Go on sending.
    Resume,
}
