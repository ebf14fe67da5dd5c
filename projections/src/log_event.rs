//! An event as projectors take it: decoded once, handed to all of them.

use docket_core::actor::Actor;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, StreamKind, StreamName, StreamVersion, TicketNumber};
use docket_core::record::{Origin, Source, StoredRecord};
use docket_core::time::Timestamp;

/// An event of the log with what its record says beside it.
#[derive(Clone, Debug)]
pub struct LogEvent {
    /// Its place in the log.
    pub position: GlobalPosition,
    /// Which kind of stream it is on.
    pub stream: StreamKind,
    /// Whose stream it is, if it is an agent's.
    pub agent: Option<ActorId>,
    /// Its place in the stream.
    pub version: StreamVersion,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Decided or imported.
    pub origin: Origin,
    /// What the source of an import said.
    pub source: Option<Box<Source>>,
    /// What happened, or why it cannot be read.
    pub event: Result<Event, Unreadable>,
}

/// Why a projector cannot read an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer release wrote it: the projector waits for that release and skips nothing (promise U2).
    Newer(String),
    /// Its data is not what its type holds: its ticket is set aside (promise P4).
    Damaged(String),
}

impl LogEvent {
    /// Reads a record. A record that is no record at all is an event that nobody can read.
    pub fn of(record: &StoredRecord) -> Self {
        match record.read() {
            Ok(read) => {
                let name = StreamName::new(&read.stream).ok();
                let stream = name.as_ref().map_or(StreamKind::Other, StreamName::kind);
                let agent = name.and_then(|name| name.agent_id());
                let event = read.event.map_err(|error| {
                    let newer = error.is_from_newer_release();
                    let why = with_cause(&error);
                    if newer { Unreadable::Newer(why) } else { Unreadable::Damaged(why) }
                });
                Self {
                    position: record.position,
                    stream,
                    agent,
                    version: read.version,
                    occurred_at: read.occurred_at,
                    recorded_at: read.recorded_at,
                    actor: read.actor,
                    origin: read.origin,
                    source: read.source.map(Box::new),
                    event,
                }
            }
            Err(error) => Self {
                position: record.position,
                stream: StreamKind::Other,
                agent: None,
                version: StreamVersion::NONE,
                occurred_at: Timestamp(0),
                recorded_at: Timestamp(0),
                actor: Actor::system("unreadable"),
                origin: Origin::Decided,
                source: None,
                // The envelope has grown a field: only a newer release can know what it means.
                event: Err(Unreadable::Newer(with_cause(&error))),
            },
        }
    }

    /// The ticket that the event is about.
    pub fn ticket(&self) -> Option<TicketNumber> {
        match self.stream {
            StreamKind::Ticket(number) | StreamKind::Sla(number) => Some(number),
            StreamKind::Agent
            | StreamKind::Staff
            | StreamKind::Settings
            | StreamKind::Account
            | StreamKind::Customer
            | StreamKind::Views
            | StreamKind::Other => None,
        }
    }
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
