//! What is read is what was appended, byte for byte, in pages of any size.

use super::StoreUnderTest;
use super::samples::{
    ANY, NEW, append, assert_same_log, empty, event, fact, found, id, key, keyed, log, one, stream,
    stream_of, text, texts, to, verified, wrote,
};
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, GlobalPosition, Slug, StreamVersion};
use docket_core::record::{self, NewEvent, Origin, Source};
use docket_core::store::{EventStore, READ_RECORDS_MAX, StreamAppend, Verified, may_go_on};
use docket_core::time::Timestamp;
use std::sync::{Arc, Mutex};

/// An event in which every field says something.
fn full_event() -> NewEvent {
    NewEvent {
        occurred_at: Timestamp(1_456_737_600_123),
        actor: Actor {
            id: ActorId::new("Resolved by 149 — “Ünal”").unwrap(),
            role: Role::Supervisor,
            team: Some(Slug::new("second-line").unwrap()),
        },
        correlation: id("the request").0,
        causation: Some(id("the cause")),
        origin: Origin::Import,
        source: Some(Source {
            system: "servicenow".into(),
            case: "INC0000045".into(),
            seq: 7,
            row: "line 8".into(),
            kind: "incident_state".into(),
            from: "New".into(),
            to: "Active \"2\" \\ \u{7}".into(),
            actor: "Opened by  8".into(),
            rest: Some("{\"u_symptom\":\"Symptom 72\"}".into()),
        }),
        ..event("¿Dónde está? 👩\u{200d}👧 \u{202e}gnp \u{2028} \\u0000 \u{1}")
    }
}

/// Every field of it.
pub async fn what_is_read_is_what_was_appended(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let new = full_event();
    let part = StreamAppend { stream: stream("ticket-1"), expected: NEW, events: vec![new.clone()] };
    store.append(keyed(key("k", "body"), append([part]))).await.unwrap();
    let records = log(&*store).await;
    assert_eq!(stream_of(&*store, "ticket-1").await, records);
    let read = records[0].decode().unwrap();
    assert_eq!((read.position, read.version), (GlobalPosition(1), StreamVersion(1)));
    assert_eq!((read.stream.as_ref(), read.name.as_ref()), ("ticket-1", new.event.name));
    assert_eq!((read.id, read.schema, read.data.get()), (new.id, new.event.schema, &*new.event.data));
    assert_eq!((read.occurred_at, read.actor), (new.occurred_at, new.actor));
    assert_eq!((read.correlation, read.causation), (new.correlation, new.causation));
    assert_eq!((read.origin, read.source), (new.origin, new.source));
}

/// So that its bytes can be proven, and exported and restored without a change.
pub async fn a_record_hashes_to_what_it_says_and_is_canonical(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let part = StreamAppend { stream: stream("ticket-1"), expected: NEW, events: vec![full_event()] };
    store.append(keyed(key("k", "body"), append([part, to("ticket-2", NEW, &["a"])]))).await.unwrap();
    store.append_facts(vec![fact("ticket-1", "b")]).await.unwrap();
    for record in log(&*store).await {
        assert_eq!(record::hash(&record.bytes), record.hash);
        assert_eq!(record.decode().unwrap().encode(), record.bytes);
    }
}

async fn with_two_streams(stores: &impl StoreUnderTest) -> Arc<dyn EventStore> {
    let store = empty(stores).await;
    for number in 1..=10 {
        store.append(one("ticket-1", ANY, &format!("odd {number}"))).await.unwrap();
        store.append(one("ticket-2", ANY, &format!("even {number}"))).await.unwrap();
    }
    store
}

/// After a version, oldest first, and nothing of another stream.
pub async fn a_stream_is_read_in_pages(stores: &impl StoreUnderTest) {
    let store = with_two_streams(stores).await;
    let expected: Vec<_> = (1..=10).map(|number| format!("odd {number}")).collect();
    for limit in [1, 3, 5, 10, 11] {
        let mut read = Vec::new();
        loop {
            let after = StreamVersion(read.len() as u64);
            let page = store.read_stream(&stream("ticket-1"), after, limit).await.unwrap();
            assert_eq!(page.len(), limit.min(10 - read.len()));
            if page.is_empty() {
                break;
            }
            read.extend(page.iter().map(text));
        }
        assert_eq!(read, expected);
    }
    assert!(store.read_stream(&stream("ticket-1"), StreamVersion(2), 0).await.unwrap().is_empty());
    assert!(stream_of(&*store, "ticket-3").await.is_empty());
}

/// After a position, in order.
pub async fn the_log_is_read_in_pages(stores: &impl StoreUnderTest) {
    let store = with_two_streams(stores).await;
    let all = log(&*store).await;
    assert_eq!(all.len(), 20);
    for limit in [1, 3, 7, 20, 21] {
        for after in 0..=20 {
            let page = store.read_all(GlobalPosition(after as u64), limit).await.unwrap();
            assert_eq!(page, all[after..(after + limit).min(20)], "{limit} after {after}");
        }
    }
    assert!(store.read_all(GlobalPosition::START, 0).await.unwrap().is_empty());
}

/// Whatever is asked for, so that one call is bounded (promise A2).
pub async fn a_read_returns_no_more_than_the_most_records(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    for half in 0..2 {
        let facts = (0..READ_RECORDS_MAX * 2 / 3).map(|number| fact("ticket-1", &format!("{half} {number}")));
        store.append_facts(facts.collect()).await.unwrap();
    }
    for limit in [READ_RECORDS_MAX, READ_RECORDS_MAX + 1, usize::MAX] {
        let all = store.read_all(GlobalPosition(5), limit).await.unwrap();
        assert_eq!((all.len(), all[0].position), (READ_RECORDS_MAX, GlobalPosition(6)));
        let of_stream = store.read_stream(&stream("ticket-1"), StreamVersion(5), limit).await.unwrap();
        assert_eq!(of_stream, all);
    }
}

/// As soon as a page holds that much, it ends; whoever reads on misses nothing.
pub async fn a_read_returns_no_more_than_the_most_bytes(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let texts: Vec<String> = (0..12).map(|number| format!("{number} {}", "x".repeat(700_000))).collect();
    for text in &texts {
        store.append(one("ticket-1", ANY, text)).await.unwrap();
    }
    let (mut of_log, mut of_stream) = (Vec::new(), Vec::new());
    for expected in [6, 6, 0] {
        let page = store.read_all(GlobalPosition(of_log.len() as u64), 100).await.unwrap();
        assert_eq!((page.len(), may_go_on(&page, 100)), (expected, expected > 0));
        of_log.extend(page);
        let after = StreamVersion(of_stream.len() as u64);
        let page = store.read_stream(&stream("ticket-1"), after, 100).await.unwrap();
        assert_eq!((page.len(), may_go_on(&page, 100)), (expected, expected > 0));
        of_stream.extend(page);
    }
    assert_same_log(&of_stream, &of_log, "the stream is all there is");
    assert!(of_log.iter().map(text).eq(texts));
}

/// However far past it.
pub async fn a_read_past_the_end_returns_nothing(stores: &impl StoreUnderTest) {
    let store = with_two_streams(stores).await;
    for after in [20, 21, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        assert_eq!(store.read_all(GlobalPosition(after), 10).await, Ok(Vec::new()), "{after}");
        let of_stream = store.read_stream(&stream("ticket-1"), StreamVersion(after), 10).await;
        assert_eq!(of_stream, Ok(Vec::new()), "{after}");
    }
}

/// Case, spaces, composed characters and characters that another language takes for a wildcard.
pub async fn names_of_streams_are_told_apart_byte_for_byte(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let names =
        ["agent-é", "agent-e\u{301}", "agent-É", "agent-e", "agent-e ", "agent-%", "agent-_", "agent-\"'"];
    for name in names {
        assert_eq!(store.append(one(name, NEW, name)).await.map(|appended| appended.versions.len()), Ok(1));
    }
    for name in names {
        let read = stream_of(&*store, name).await;
        assert_eq!(read.iter().map(text).collect::<Vec<_>>(), [name]);
    }
    assert_eq!(verified(&*store).await.streams, names.len() as u64);
}

/// And only then.
pub async fn an_event_is_found_by_its_id(stores: &impl StoreUnderTest) {
    let store = with_two_streams(stores).await;
    assert_eq!(store.position_of(id("odd 3")).await, Ok(Some(GlobalPosition(5))));
    assert_eq!(store.position_of(id("even 10")).await, Ok(Some(GlobalPosition(20))));
    assert_eq!(store.position_of(id("even 11")).await, Ok(None));
}

/// Events, streams and bytes; who waits for it is told how far it is.
pub async fn a_check_counts_what_is_there(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    assert_eq!(verified(&*store).await, Verified::default());
    let command =
        keyed(key("k", "body"), append([to("ticket-1", NEW, &["a", "b"]), to("sla-1", NEW, &["c"])]));
    let first = store.append(command.clone()).await.unwrap();
    assert_eq!(first, wrote(1, 3, &[("ticket-1", 2), ("sla-1", 1)]));
    assert_eq!(store.append(command).await, Ok(found(first)));
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = told.clone();
    let progress = Arc::new(move |position| listener.lock().unwrap().push(position));
    let bytes = log(&*store).await.iter().map(|record| record.bytes.len() as u64).sum();
    assert_eq!(store.verify(progress).await, Ok(Verified { events: 3, streams: 2, bytes }));
    assert_eq!(told.lock().unwrap().last(), Some(&GlobalPosition(3)));
    assert_eq!(texts(&*store).await, ["a", "b", "c"]);
}
