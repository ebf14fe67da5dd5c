//! The stored record: one canonical encoding of every column, hashed as it is stored.
//!
//! The encoding is one JSON object in a fixed order of fields, without white space, absent fields left out.
//! Its bytes are what is stored, hashed, exported and proven (docs/EVENTS.md, docs/adr/0003-record-encoding.md).

use crate::actor::Actor;
use crate::event::{DecodeError, EncodedEvent, Event};
use crate::json;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::personal::PersonalText;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use uuid::Uuid;

mod scan;
#[cfg(test)]
mod tests;

/// SHA-256 of a record's stored bytes.
pub type RecordHash = [u8; 32];

/// Whether Docket decided an event or took it over from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A decider accepted it.
    Decided,
    /// A fact of another system, as it was.
    Import,
}

/// What the source of an import said, so that nothing of it is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Which system or file the fact comes from.
    pub system: String,
    /// The case's identifier there.
    pub case: String,
    /// The fact's number within the case, from 0.
    pub seq: u64,
    /// The row or original identifier there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub row: String,
    /// What the source calls it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value before, as the source writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// The value after, as the source writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Who, as the source writes it; empty when it does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor: String,
    /// Fields of the source that no column above holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<PersonalText>,
}

/// The mark of a command on the first of its events: who sent it, under which key, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandMark {
    /// Whose key it is.
    pub principal: String,
    /// The idempotency key that they chose.
    pub key: String,
    /// HMAC-SHA-256 of the command's body, 128 bits of it in hexadecimal, under a key that can be destroyed.
    pub digest: String,
    /// How many events the command appended; they are contiguous.
    pub events: u32,
}

/// An event that is about to be appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event's own identifier.
    pub id: EventId,
    /// What happened, encoded.
    pub event: EncodedEvent,
    /// When it happened; in the past for imports.
    pub occurred_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What it belongs to: the same for everything that one request set off.
    pub correlation: Uuid,
    /// The event that set it off, if one did.
    pub causation: Option<EventId>,
    /// Decided or imported.
    pub origin: Origin,
    /// What the source said, for imports.
    pub source: Option<Source>,
}

/// A record as it is read: borrowed from its stored bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedEvent<'a> {
    /// Its place in the log.
    pub position: GlobalPosition,
    /// The stream it belongs to.
    #[serde(borrow)]
    pub stream: Cow<'a, str>,
    /// Its place in the stream, from 1.
    pub version: StreamVersion,
    /// Its own identifier.
    pub id: EventId,
    /// The stored name of its type.
    #[serde(rename = "type", borrow)]
    pub name: Cow<'a, str>,
    /// The schema version of its data.
    pub schema: u16,
    /// When it happened. Unit: milliseconds since 1970, UTC.
    pub occurred_at: Timestamp,
    /// When it was recorded; never before the record ahead of it. Unit: milliseconds since 1970, UTC.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What it belongs to.
    pub correlation: Uuid,
    /// The event that set it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<EventId>,
    /// Decided or imported.
    pub origin: Origin,
    /// What the source said, for imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// On the first event of a keyed command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandMark>,
    /// What happened, as its type encodes it.
    #[serde(borrow)]
    pub data: &'a RawValue,
}

/// A record as it is stored: bytes and their hash. The hash has been checked by whoever hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place in the log.
    pub position: GlobalPosition,
    /// The canonical encoding.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub hash: RecordHash,
}

/// What a record says, its event included: all that a projector needs of it.
#[derive(Debug)]
pub struct ReadRecord<'a> {
    /// The stream it belongs to.
    pub stream: Cow<'a, str>,
    /// Its place in the stream, from 1.
    pub version: StreamVersion,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Decided or imported.
    pub origin: Origin,
    /// What the source said, for imports.
    pub source: Option<Source>,
    /// What happened, or why that cannot be read.
    pub event: Result<Event, DecodeError>,
}

/// Why stored bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The bytes are not the encoding of a record.
    #[error("record at position {position} cannot be read")]
    Encoding {
        /// Where.
        position: GlobalPosition,
        /// What the decoder said.
        source: serde_json::Error,
    },
    /// The record says that it belongs elsewhere.
    #[error("record at position {position} says that it is at {claimed}")]
    Position {
        /// Where it is.
        position: GlobalPosition,
        /// Where it says it is.
        claimed: GlobalPosition,
    },
}

/// SHA-256 of stored bytes.
pub fn hash(bytes: &[u8]) -> RecordHash {
    Sha256::digest(bytes).into()
}

impl StoredRecord {
    /// Reads the record's envelope; the data stays encoded.
    ///
    /// # Errors
    /// [`RecordError`] when the bytes are no record, or one of another position.
    pub fn decode(&self) -> Result<RecordedEvent<'_>, RecordError> {
        let position = self.position;
        let record: RecordedEvent<'_> = serde_json::from_slice(&self.bytes)
            .map_err(|source| RecordError::Encoding { position, source })?;
        if record.position != position {
            return Err(RecordError::Position { position, claimed: record.position });
        }
        Ok(record)
    }

    /// Reads the record and its event in one go, which is quicker than one after the other.
    ///
    /// # Errors
    /// [`RecordError`] as for [`StoredRecord::decode`].
    pub fn read(&self) -> Result<ReadRecord<'_>, RecordError> {
        if let Some(envelope) = scan::envelope(&self.bytes).filter(|known| known.position == self.position)
            && let Ok(event) = Event::decode(envelope.name, envelope.schema, envelope.data)
        {
            let scan::Envelope { version, occurred_at, recorded_at, actor, origin, source, .. } = envelope;
            let (stream, event) = (Cow::Borrowed(envelope.stream), Ok(event));
            return Ok(ReadRecord {
                stream,
                version,
                occurred_at,
                recorded_at,
                actor,
                origin,
                source,
                event,
            });
        }
        let recorded = self.decode()?;
        let event = recorded.event();
        let RecordedEvent { stream, version, occurred_at, recorded_at, actor, origin, source, .. } = recorded;
        Ok(ReadRecord { stream, version, occurred_at, recorded_at, actor, origin, source, event })
    }
}

impl RecordedEvent<'_> {
    /// What happened.
    ///
    /// # Errors
    /// [`DecodeError`] as for [`Event::decode`].
    pub fn event(&self) -> Result<Event, DecodeError> {
        Event::decode(&self.name, self.schema, self.data.get())
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record has string keys only")
    }
}

/// The encoding of a new event at its place in the log.
pub fn encode(
    position: GlobalPosition,
    stream: &StreamName,
    version: StreamVersion,
    recorded_at: Timestamp,
    command: Option<CommandMark>,
    event: &NewEvent,
) -> Vec<u8> {
    let head = Head {
        position,
        stream: stream.as_str(),
        version,
        id: event.id,
        name: event.event.name,
        schema: event.event.schema,
        occurred_at: event.occurred_at,
        recorded_at,
        actor: &event.actor,
        correlation: event.correlation,
        causation: event.causation,
        origin: event.origin,
        source: event.source.as_ref(),
        command,
    };
    let data = &event.event.data;
    debug_assert!(serde_json::from_str::<&RawValue>(data).is_ok(), "an encoded event is JSON");
    let mut text = String::with_capacity(HEAD_BYTES + data.len());
    json::write(&mut text, &head);
    // The data is encoded already: it takes the place of the closing brace, and need not be read again.
    text.pop();
    text.push_str(",\"data\":");
    text.push_str(data);
    text.push('}');
    text.into_bytes()
}

/// What most records hold beside their data. Unit: bytes.
const HEAD_BYTES: usize = 640;

/// The fields of [`RecordedEvent`] ahead of its data, as they are written.
#[derive(Serialize)]
struct Head<'a> {
    position: GlobalPosition,
    stream: &'a str,
    version: StreamVersion,
    id: EventId,
    #[serde(rename = "type")]
    name: &'a str,
    schema: u16,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    actor: &'a Actor,
    correlation: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation: Option<EventId>,
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandMark>,
}
