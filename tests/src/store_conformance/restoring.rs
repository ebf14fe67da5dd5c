//! An export comes back as it was, hash for hash, or not at all (DESIGN decision 2).

use super::StoreUnderTest;
use super::samples::{
    ANY, NEW, NOON, append, assert_same_log, at, empty, fact, found, id, key, keyed, log, one, stream, to,
    verified, wrote,
};
use docket_core::clock::ManualClock;
use docket_core::names::{GlobalPosition, StreamVersion};
use docket_core::record::{self, CommandMark, RecordedEvent, StoredRecord};
use docket_core::store::{AppendError, EVENTS_PER_APPEND_MAX, RECORD_BYTES_MAX};
use docket_core::time::{DurationMs, Timestamp};
use std::sync::Arc;

/// A log with a bit of everything: 8 events.
async fn exported(stores: &impl StoreUnderTest) -> Vec<StoredRecord> {
    let clock = ManualClock::at(NOON);
    let store = stores.empty(Arc::new(clock.clone())).await;
    store.append(one("ticket-1", NEW, "a")).await.unwrap();
    clock.set(NOON.plus(DurationMs(7)));
    let parts = [to("ticket-1", at(1), &["b", "c"]), to("agent-ines", NEW, &["d"])];
    store.append(keyed(key("k", "body"), append(parts))).await.unwrap();
    store.append_facts(vec![fact("ticket-2", "e"), fact("ticket-3", "f")]).await.unwrap();
    clock.set(NOON.plus(DurationMs(9)));
    store.append(one("ticket-2", at(1), "g")).await.unwrap();
    store.append(keyed(key("other", "body"), one("ticket-1", at(3), "h"))).await.unwrap();
    log(&*store).await
}

/// The record as it would be if the event said something else: canonical, and with the hash that fits.
fn altered(record: &StoredRecord, alter: impl FnOnce(&mut RecordedEvent<'_>)) -> StoredRecord {
    let mut event = record.decode().unwrap();
    alter(&mut event);
    with_bytes(record, event.encode())
}

fn with_bytes(record: &StoredRecord, bytes: Vec<u8>) -> StoredRecord {
    StoredRecord { position: record.position, hash: record::hash(&bytes), bytes }
}

/// Positions, ids, times and all.
pub async fn a_log_is_restored_byte_for_byte_and_hash_for_hash(stores: &impl StoreUnderTest) {
    let records = exported(stores).await;
    let restored = empty(stores).await;
    assert_eq!(restored.restore(records.clone()).await, Ok(()));
    assert_same_log(&log(&*restored).await, &records, "restored");
    let verified = verified(&*restored).await;
    assert_eq!((verified.events, verified.streams), (8, 4));
}

/// In pages, and behind what was appended here.
pub async fn a_restore_continues_where_the_log_ends(stores: &impl StoreUnderTest) {
    let records = exported(stores).await;
    let restored = empty(stores).await;
    assert_eq!(restored.restore(Vec::new()).await, Ok(()));
    for page in records.chunks(3) {
        assert_eq!(restored.restore(page.to_vec()).await, Ok(()));
    }
    assert_same_log(&log(&*restored).await, &records, "restored");
    let begun = stores.empty(Arc::new(ManualClock::at(NOON))).await;
    begun.append(one("ticket-1", NEW, "a")).await.unwrap();
    assert_eq!(begun.restore(records[1..].to_vec()).await, Ok(()));
    assert_same_log(&log(&*begun).await, &records, "begun here");
    verified(&*begun).await;
}

/// Restores the first four records, then these, which must be refused and leave nothing behind.
async fn refused(stores: &impl StoreUnderTest, records: Vec<StoredRecord>, what: &str) -> AppendError {
    let whole = exported(stores).await;
    let store = empty(stores).await;
    store.restore(whole[..4].to_vec()).await.unwrap();
    let refusal = store.restore(records).await.expect_err(what);
    assert_same_log(&log(&*store).await, &whole[..4], what);
    assert_eq!(store.restore(whole[4..].to_vec()).await, Ok(()), "the right ones still go in after {what}");
    verified(&*store).await;
    refusal
}

#[track_caller]
fn assert_closed(refusal: &AppendError, what: &str) {
    assert!(matches!(refusal, AppendError::Closed { .. }), "{what}: {refusal}");
}

/// With a gap, again, or from another place.
pub async fn a_record_that_does_not_continue_the_log_is_refused(stores: &impl StoreUnderTest) {
    let whole = exported(stores).await;
    let cases = [
        ("a gap at the beginning", whole[5..].to_vec()),
        ("a gap in the middle", [&whole[4..5], &whole[6..]].concat()),
        ("what is there already", whole[3..].to_vec()),
        ("another order", vec![whole[5].clone(), whole[4].clone()]),
        ("one twice", vec![whole[4].clone(), whole[4].clone()]),
    ];
    for (what, records) in cases {
        assert_closed(&refused(stores, records, what).await, what);
    }
    let too_many = vec![whole[4].clone(); EVENTS_PER_APPEND_MAX + 1];
    let refusal = refused(stores, too_many, "too many").await;
    assert!(matches!(refusal, AppendError::Limit { .. }), "{refusal}");
}

/// Bytes that are not those of the hash, not canonical, or of another place; and time that runs backwards.
pub async fn a_record_that_is_not_sound_is_refused(stores: &impl StoreUnderTest) {
    let whole = exported(stores).await;
    let next = &whole[4];
    let text = String::from_utf8(next.bytes.clone()).unwrap();
    let mut wrong_hash = next.clone();
    wrong_hash.hash[31] ^= 1;
    let mut wrong_bytes = next.clone();
    let last = wrong_bytes.bytes.len() - 4;
    wrong_bytes.bytes[last] ^= 1;
    let cases = [
        ("a wrong hash", wrong_hash),
        ("wrong bytes", wrong_bytes),
        ("white space", with_bytes(next, text.replacen(':', ": ", 1).into_bytes())),
        ("an unknown field", with_bytes(next, text.replacen('{', r#"{"more":1,"#, 1).into_bytes())),
        (
            "an escape that need not be",
            with_bytes(next, text.replacen("ticket-2", "ticket\\u002d2", 1).into()),
        ),
        ("half a record", with_bytes(next, text.as_bytes()[..60].to_vec())),
        ("no record", with_bytes(next, b"PK\x03\x04".to_vec())),
        ("another position inside", altered(next, |event| event.position = GlobalPosition(6))),
        ("a time before the last", altered(next, |event| event.recorded_at = NOON)),
        ("no name of a stream", altered(next, |event| event.stream = "".into())),
    ];
    for (what, record) in cases {
        assert_closed(&refused(stores, vec![record], what).await, what);
    }
    let data = serde_json::value::to_raw_value(&"x".repeat(RECORD_BYTES_MAX)).unwrap();
    let huge = with_bytes(next, {
        let mut event = next.decode().unwrap();
        event.data = &data;
        event.encode()
    });
    let refusal = refused(stores, vec![huge], "too large a record").await;
    assert!(matches!(refusal, AppendError::Limit { max: RECORD_BYTES_MAX, .. }), "{refusal}");
}

/// Every stream's versions go up by one.
pub async fn a_record_that_does_not_continue_its_stream_is_refused(stores: &impl StoreUnderTest) {
    let whole = exported(stores).await;
    let version = |record, version| altered(record, |event| event.version = StreamVersion(version));
    let cases = [
        (vec![version(&whole[4], 2)], "ticket-2", 1, 0),
        (vec![version(&whole[4], 0)], "ticket-2", 0, 0),
        (vec![altered(&whole[4], |event| event.stream = "ticket-1".into())], "ticket-1", 0, 3),
        (vec![whole[4].clone(), whole[5].clone(), version(&whole[6], 1)], "ticket-2", 0, 1),
        (vec![whole[4].clone(), whole[5].clone(), version(&whole[6], 3)], "ticket-2", 2, 1),
    ];
    for (records, name, expected, actual) in cases {
        let (expected, actual) = (StreamVersion(expected), StreamVersion(actual));
        let refusal = refused(stores, records, "a version out of turn").await;
        assert_eq!(refusal, AppendError::Conflict { stream: stream(name), expected, actual });
    }
}

/// In the log already, or twice in what is restored.
pub async fn a_record_whose_id_or_key_is_there_is_refused(stores: &impl StoreUnderTest) {
    let whole = exported(stores).await;
    let same_id = |record, text| altered(record, |event| event.id = id(text));
    let refusal = refused(stores, vec![same_id(&whole[4], "c")], "an id in the log").await;
    assert_eq!(refusal, AppendError::IdReused { id: id("c"), position: GlobalPosition(3) });
    let refusal = refused(stores, vec![whole[4].clone(), same_id(&whole[5], "e")], "an id twice").await;
    assert_eq!(refusal, AppendError::IdReused { id: id("e"), position: GlobalPosition(0) });
    let mark = |key: &str| {
        let (principal, key, digest) = ("ines".to_owned(), key.to_owned(), "another".to_owned());
        Some(CommandMark { principal, key, digest, events: 1 })
    };
    let same_key = |record, key| altered(record, |event| event.command = mark(key));
    let refusal = refused(stores, vec![same_key(&whole[4], "k")], "a key in the log").await;
    assert_eq!(refusal, AppendError::KeyReused { position: GlobalPosition(2) });
    let twice = vec![same_key(&whole[4], "new"), same_key(&whole[5], "new")];
    let refusal = refused(stores, twice, "a key twice").await;
    assert_eq!(refusal, AppendError::KeyReused { position: GlobalPosition(0) });
}

/// What is wrong with the last one keeps out the first ones too.
pub async fn a_restore_is_all_or_nothing(stores: &impl StoreUnderTest) {
    let mut records = exported(stores).await;
    records[7].hash[0] ^= 1;
    assert_closed(&refused(stores, records[4..].to_vec(), "a bad last one").await, "a bad last one");
}

/// As the log that it was exported from would.
pub async fn a_restored_log_knows_its_keys_ids_versions_and_times(stores: &impl StoreUnderTest) {
    let records = exported(stores).await;
    let store = stores.empty(Arc::new(ManualClock::at(Timestamp(0)))).await;
    store.restore(records).await.unwrap();
    let retry = store.append(keyed(key("k", "body"), one("ticket-9", ANY, "decided anew"))).await;
    assert_eq!(retry, Ok(found(wrote(2, 4, &[("ticket-1", 3), ("agent-ines", 1)]))));
    let refused = store.append(keyed(key("k", "other body"), one("ticket-9", ANY, "x"))).await;
    assert_eq!(refused, Err(AppendError::KeyReused { position: GlobalPosition(2) }));
    assert!(store.append(one("ticket-2", ANY, "g")).await.unwrap().found);
    let (expected, actual) = (StreamVersion(3), StreamVersion(4));
    let refused = store.append(one("ticket-1", at(3), "x")).await;
    assert_eq!(refused, Err(AppendError::Conflict { stream: stream("ticket-1"), expected, actual }));
    assert_eq!(store.append(one("ticket-1", at(4), "i")).await, Ok(wrote(9, 9, &[("ticket-1", 5)])));
    let last = &log(&*store).await[8];
    assert_eq!(last.decode().unwrap().recorded_at, NOON.plus(DurationMs(9)), "time does not run backwards");
    verified(&*store).await;
}
