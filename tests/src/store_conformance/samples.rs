//! Appends made to order, and a few ways to look at a log.

use super::StoreUnderTest;
use docket_core::actor::Actor;
use docket_core::clock::ManualClock;
use docket_core::event::EncodedEvent;
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use docket_core::record::{NewEvent, Origin, StoredRecord};
use docket_core::store::{
    Append, Appended, CommandKey, EventStore, ExpectedVersion, Fact, Progress, StreamAppend, Verified,
};
use docket_core::time::Timestamp;
use std::sync::Arc;

/// An instant to begin at.
pub const NOON: Timestamp = Timestamp(1_795_262_400_000);

/// The stream must not exist yet.
pub const NEW: ExpectedVersion = ExpectedVersion::Exactly(StreamVersion::NONE);

/// Whatever the version is.
pub const ANY: ExpectedVersion = ExpectedVersion::Any;

/// The stream must be at this version.
pub fn at(version: u64) -> ExpectedVersion {
    ExpectedVersion::Exactly(StreamVersion(version))
}

/// A store without events, whose clock stands still at noon.
pub async fn empty(stores: &impl StoreUnderTest) -> Arc<dyn EventStore> {
    stores.empty(Arc::new(ManualClock::at(NOON))).await
}

/// A stream's name.
pub fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

/// The id of the event that says `text`.
pub fn id(text: &str) -> EventId {
    EventId::deterministic(text)
}

/// An event that says `text`; its id is made of it too, so that the same text is the same event.
pub fn event(text: &str) -> NewEvent {
    NewEvent {
        id: id(text),
        event: EncodedEvent { name: "ticket.noted", schema: 1, data: data(text) },
        occurred_at: NOON,
        actor: Actor::system("conformance"),
        correlation: id("one request").0,
        causation: None,
        origin: Origin::Decided,
        source: None,
    }
}

/// What an event that says `text` holds.
pub fn data(text: &str) -> String {
    serde_json::json!({ "body": text }).to_string()
}

/// Events to one stream.
pub fn to(name: &str, expected: ExpectedVersion, texts: &[&str]) -> StreamAppend {
    StreamAppend { stream: stream(name), expected, events: texts.iter().map(|text| event(text)).collect() }
}

/// An append without a key.
pub fn append(streams: impl Into<Vec<StreamAppend>>) -> Append {
    Append { command: None, streams: streams.into() }
}

/// An append of one event to one stream.
pub fn one(name: &str, expected: ExpectedVersion, text: &str) -> Append {
    append([to(name, expected, &[text])])
}

/// A key of Ines, for a command with this body.
pub fn key(key: &str, body: &str) -> CommandKey {
    CommandKey { principal: "ines".to_owned(), key: key.to_owned(), digest: body.to_owned() }
}

/// The append as a command with a key.
pub fn keyed(key: CommandKey, append: Append) -> Append {
    Append { command: Some(key), ..append }
}

/// A fact that says `text`.
pub fn fact(name: &str, text: &str) -> Fact {
    let event = NewEvent { origin: Origin::Import, ..event(text) };
    Fact { stream: stream(name), event }
}

/// What an append came to that wrote these positions.
pub fn wrote(first: u64, last: u64, versions: &[(&str, u64)]) -> Appended {
    let versions = versions.iter().map(|(name, version)| (stream(name), StreamVersion(*version))).collect();
    Appended { first: GlobalPosition(first), last: GlobalPosition(last), versions, found: false }
}

/// The same, when it was there before.
pub fn found(appended: Appended) -> Appended {
    Appended { found: true, ..appended }
}

/// The whole log.
pub async fn log(store: &dyn EventStore) -> Vec<StoredRecord> {
    let mut records: Vec<StoredRecord> = Vec::new();
    loop {
        let after = records.last().map_or(GlobalPosition::START, |record| record.position);
        let page = store.read_all(after, 1000).await.unwrap();
        if page.is_empty() {
            return records;
        }
        records.extend(page);
    }
}

/// A whole stream.
pub async fn stream_of(store: &dyn EventStore, name: &str) -> Vec<StoredRecord> {
    store.read_stream(&stream(name), StreamVersion::NONE, 4096).await.unwrap()
}

/// What a record says.
pub fn text(record: &StoredRecord) -> String {
    let event = record.decode().unwrap();
    let data: serde_json::Value = serde_json::from_str(event.data.get()).unwrap();
    data["body"].as_str().unwrap().to_owned()
}

/// What the log says, in its order.
pub async fn texts(store: &dyn EventStore) -> Vec<String> {
    log(store).await.iter().map(text).collect()
}

/// Does not care how far a check is.
pub fn no_progress() -> Progress {
    Arc::new(|_| {})
}

/// Compares two logs byte for byte, and shows only where they differ.
#[track_caller]
pub fn assert_same_log(is: &[StoredRecord], expected: &[StoredRecord], context: &str) {
    for (is, expected) in is.iter().zip(expected) {
        let shown = (text(is), text(expected));
        assert!(is == expected, "{context}: at {} says {:?}, not {:?}", expected.position, shown.0, shown.1);
    }
    assert_eq!(is.len(), expected.len(), "{context}");
}

/// Checks the log as the store itself does, and that its positions have no gaps.
pub async fn verified(store: &dyn EventStore) -> Verified {
    let verified = store.verify(no_progress()).await.unwrap();
    let positions: Vec<u64> = log(store).await.iter().map(|record| record.position.0).collect();
    assert_eq!(positions, (1..=verified.events).collect::<Vec<_>>());
    assert_eq!(store.head().borrow().0, verified.events);
    verified
}
