//! What is sent of an event: a stable document, made from the record alone, the same at every attempt.

use docket_core::actor::Actor;
use docket_core::event::{Event, PERSONAL_FIELDS};
use docket_core::names::{GlobalPosition, StreamName, TicketNumber};
use docket_core::record::{Origin, StoredRecord};
use docket_core::time::Timestamp;
use docket_core::webhook::disclosure::{Disclosure, disclosure};
use docket_core::webhook::{Endpoint, EndpointId};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// An event as it is sent.
#[derive(Debug, Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    position: GlobalPosition,
    ticket: TicketNumber,
    version: u64,
    actor: &'a Actor,
    recorded_at: String,
    details: Map<String, Value>,
}

/// What a record means for webhooks.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something that may be sent, about this ticket.
    About(TicketNumber),
    /// Nothing that is sent: of no ticket, of an import, or not readable.
    Nothing,
    /// A newer release wrote it: whether it is sent is for that release to say.
    Newer,
}

/// A message that is ready to be signed.
#[derive(Debug)]
pub struct Message {
    /// The event's identifier, the same at every attempt.
    pub id: String,
    /// The document.
    pub body: Vec<u8>,
}

/// What a record means for an endpoint.
pub fn meaning(record: &StoredRecord, endpoint: &Endpoint) -> Meaning {
    let Ok(recorded) = record.decode() else { return Meaning::Nothing };
    let Some(ticket) = StreamName::new(&recorded.stream).ok().and_then(|stream| stream.subject()) else {
        return Meaning::Nothing;
    };
    // No reactor acts on what was imported.
    if recorded.origin == Origin::Import {
        return Meaning::Nothing;
    }
    match recorded.event() {
        Ok(event) if endpoint.is_told(event.name(), disclosure(&event)) => Meaning::About(ticket),
        Err(error) if error.is_from_newer_release() => Meaning::Newer,
        Ok(_) | Err(_) => Meaning::Nothing,
    }
}

/// The message about a record; none when the endpoint is not told of it.
pub fn message(record: &StoredRecord, endpoint: &Endpoint) -> Option<Message> {
    let Meaning::About(ticket) = meaning(record, endpoint) else { return None };
    let recorded = record.decode().ok()?;
    let event = recorded.event().ok()?;
    let payload = Payload {
        name: event.name(),
        timestamp: recorded.occurred_at.to_rfc3339(),
        data: Data {
            position: recorded.position,
            ticket,
            version: recorded.version.0,
            actor: &recorded.actor,
            recorded_at: recorded.recorded_at.to_rfc3339(),
            details: details(&event, endpoint)?,
        },
    };
    Some(Message { id: recorded.id.to_string(), body: serde_json::to_vec(&payload).ok()? })
}

/// The event's data without what this endpoint may not know and without text that is sealed.
fn details(event: &Event, endpoint: &Endpoint) -> Option<Map<String, Value>> {
    let mut data: Map<String, Value> = serde_json::from_str(&event.encode().data).ok()?;
    if let Disclosure::Outside { hidden } = disclosure(event)
        && !endpoint.internal
    {
        for field in hidden {
            data.remove(*field);
        }
    }
    for (_, path, _) in PERSONAL_FIELDS.iter().filter(|(name, ..)| *name == event.name()) {
        let (parent, field) = path.rsplit_once('.').unwrap_or(("", path));
        let inside = match parent {
            "" => Some(&mut data),
            parent => data.get_mut(parent).and_then(Value::as_object_mut),
        };
        if let Some(inside) = inside
            && inside.get(field).is_some_and(Value::is_object)
        {
            inside.remove(field);
        }
    }
    Some(data)
}

/// A message that says nothing, to see whether an endpoint takes it.
pub fn ping(endpoint: EndpointId, now: Timestamp) -> Message {
    let id = Uuid::now_v7().to_string();
    let body =
        json!({ "type": "webhook.ping", "timestamp": now.to_rfc3339(), "data": { "webhook": endpoint } });
    Message { id, body: body.to_string().into_bytes() }
}
