//! Recorded times follow the order of the log; occurred times are whatever happened (promise T3).

use super::StoreUnderTest;
use super::samples::{ANY, NOON, append, event, fact, log, one, stream, verified};
use docket_core::clock::ManualClock;
use docket_core::record::NewEvent;
use docket_core::store::StreamAppend;
use docket_core::time::{DurationMs, Timestamp};
use std::sync::Arc;

/// Whatever the clock does; while it is behind, the last recorded time stands.
pub async fn recorded_times_never_run_backwards(stores: &impl StoreUnderTest) {
    let clock = ManualClock::at(NOON);
    let store = stores.empty(Arc::new(clock.clone())).await;
    let hour = DurationMs::from_hours(1);
    let later = NOON.plus(hour);
    let steps = [
        (NOON, NOON),
        (NOON.minus(hour), NOON),
        (Timestamp::MIN, NOON),
        (later, later),
        (NOON, later),
        (later.plus(DurationMs(1)), later.plus(DurationMs(1))),
    ];
    let mut expected = Vec::new();
    for (number, (now, recorded_at)) in steps.into_iter().enumerate() {
        clock.set(now);
        store.append(one("ticket-1", ANY, &format!("event {number}"))).await.unwrap();
        store.append_facts(vec![fact("ticket-2", &format!("fact {number}"))]).await.unwrap();
        expected.extend([recorded_at, recorded_at]);
    }
    let recorded: Vec<_> =
        log(&*store).await.iter().map(|record| record.decode().unwrap().recorded_at).collect();
    assert_eq!(recorded, expected);
    verified(&*store).await;
}

/// In the past, in the future, and in any order.
pub async fn occurred_times_are_kept_as_they_are(stores: &impl StoreUnderTest) {
    let store = stores.empty(Arc::new(ManualClock::at(NOON))).await;
    let times = [NOON, Timestamp::MAX, Timestamp::MIN, Timestamp(0), Timestamp(-1), NOON];
    for (number, occurred_at) in times.into_iter().enumerate() {
        let event = NewEvent { occurred_at, ..event(&format!("event {number}")) };
        let part = StreamAppend { stream: stream("ticket-1"), expected: ANY, events: vec![event] };
        store.append(append([part])).await.unwrap();
    }
    let records = log(&*store).await;
    let decoded: Vec<_> = records.iter().map(|record| record.decode().unwrap()).collect();
    assert_eq!(decoded.iter().map(|event| event.occurred_at).collect::<Vec<_>>(), times);
    assert!(decoded.iter().all(|event| event.recorded_at == NOON));
    verified(&*store).await;
}
