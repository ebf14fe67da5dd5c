//! What follows from a wish about webhooks: events, nothing, or a refusal.

use super::command::{WebhookAction, WebhookCommand, Wished};
use super::disclosure::{INTERNAL_NAMES, NAMES};
use super::event::{AboutEndpoint, EndpointPaused, EndpointSet, WebhookEvent};
use super::refusal::WebhookRefusal;
use super::{ENDPOINTS_MAX, EVERYTHING, Endpoint, Webhooks};
use crate::actor::Role;
use std::collections::BTreeSet;

type Decision = Result<Vec<WebhookEvent>, WebhookRefusal>;

/// The longest name that a refusal repeats. Unit: characters.
const QUOTED_CHARS_MAX: usize = 64;

/// The wish already holds.
const ALREADY_SO: Decision = Ok(Vec::new());

pub(super) fn decide(command: &WebhookCommand, webhooks: &Webhooks) -> Decision {
    let WebhookCommand { actor, endpoint: id, action } = command;
    let is_docket = actor.role == Role::System;
    // Docket itself pauses an endpoint that does not answer, and does nothing else.
    if actor.role != Role::Admin && !(is_docket && matches!(action, WebhookAction::Pause { .. })) {
        return Err(WebhookRefusal::Role { role: actor.role });
    }
    let about = || AboutEndpoint { endpoint: *id };
    let there = webhooks.endpoint(*id);
    if let WebhookAction::Add { url, wished } = action {
        let before = Endpoint {
            origin: url.origin(),
            fingerprint: url.fingerprint(),
            description: String::new(),
            events: BTreeSet::from([EVERYTHING.to_owned()]),
            internal: false,
            paused: None,
        };
        let added = wish(&before, wished)?;
        return match there {
            Some(there) if *there == added => ALREADY_SO,
            Some(_) => Err(WebhookRefusal::AlreadyThere),
            None if webhooks.len() >= ENDPOINTS_MAX => Err(WebhookRefusal::TooMany),
            None => Ok(vec![WebhookEvent::Added(EndpointSet::of(*id, &added))]),
        };
    }
    let there = match (there, action) {
        (Some(there), _) => there,
        (None, WebhookAction::Remove) => return ALREADY_SO,
        (None, _) => return Err(WebhookRefusal::NotFound),
    };
    match action {
        WebhookAction::Add { .. } => Err(WebhookRefusal::AlreadyThere),
        WebhookAction::Change { wished } => {
            let changed = wish(there, wished)?;
            if changed == *there {
                return ALREADY_SO;
            }
            Ok(vec![WebhookEvent::Changed(EndpointSet::of(*id, &changed))])
        }
        WebhookAction::Remove => Ok(vec![WebhookEvent::Removed(about())]),
        WebhookAction::RotateSecret => Ok(vec![WebhookEvent::SecretRotated(about())]),
        // The first reason stays: it is what has to be looked after.
        WebhookAction::Pause { .. } if there.paused.is_some() => ALREADY_SO,
        WebhookAction::Pause { reason } => {
            Ok(vec![WebhookEvent::Paused(EndpointPaused { endpoint: *id, reason: *reason })])
        }
        WebhookAction::Resume if there.paused.is_none() => ALREADY_SO,
        WebhookAction::Resume => Ok(vec![WebhookEvent::Resumed(about())]),
    }
}

/// The endpoint as it shall be.
fn wish(before: &Endpoint, wished: &Wished) -> Result<Endpoint, WebhookRefusal> {
    let mut after = before.clone();
    if let Some(url) = &wished.url {
        (after.origin, after.fingerprint) = (url.origin(), url.fingerprint());
    }
    if let Some(description) = &wished.description {
        after.description = description.as_str().to_owned();
    }
    after.internal = wished.internal.unwrap_or(before.internal);
    if let Some(events) = &wished.events {
        after.events.clone_from(events);
    }
    if after.events.is_empty() {
        return Err(WebhookRefusal::NoEvents);
    }
    for name in &after.events {
        if name != EVERYTHING && !NAMES.contains(&name.as_str()) {
            let name = name.chars().take(QUOTED_CHARS_MAX).collect();
            return Err(WebhookRefusal::UnknownEvent { name });
        }
        if !after.internal && INTERNAL_NAMES.contains(&name.as_str()) {
            return Err(WebhookRefusal::InternalEvent { name: name.clone() });
        }
    }
    Ok(after)
}
