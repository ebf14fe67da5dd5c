//! What is too much is refused, and what is just below passes (promise I3).

use super::StoreUnderTest;
use super::samples::{ANY, NEW, append, empty, event, fact, one, stream, to, verified, wrote};
use docket_core::names::StreamVersion;
use docket_core::store::{
    AppendError, BulkAppended, EVENTS_PER_APPEND_MAX, EventStore, RECORD_BYTES_MAX, StreamAppend,
};

fn limit(outcome: Result<impl Sized, AppendError>) -> (usize, usize) {
    match outcome {
        Err(AppendError::Limit { max, is, .. }) => (max, is),
        Err(other) => panic!("expected a limit, not: {other}"),
        Ok(_) => panic!("expected a limit"),
    }
}

/// Neither without a stream, nor with streams to which nothing is added.
pub async fn an_append_without_events_is_refused(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    for nothing in [append([]), append([to("ticket-1", NEW, &[]), to("ticket-2", ANY, &[])])] {
        assert_eq!(limit(store.append(nothing).await), (EVENTS_PER_APPEND_MAX, 0));
    }
    assert_eq!(verified(&*store).await.events, 0);
}

/// However they are spread over streams.
pub async fn the_most_events_pass_and_one_more_is_refused(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let max = EVENTS_PER_APPEND_MAX;
    let part = |name: &str, count: usize| {
        let events = (0..count).map(|number| event(&format!("{name} {number}"))).collect();
        StreamAppend { stream: stream(name), expected: NEW, events }
    };
    let too_many = append([part("ticket-1", max - 10), part("ticket-2", 11)]);
    assert_eq!(limit(store.append(too_many).await), (max, max + 1));
    assert_eq!(store.head().borrow().0, 0);
    let most = store.append(append([part("ticket-1", max - 10), part("ticket-2", 10)])).await;
    assert_eq!(most, Ok(wrote(1, max as u64, &[("ticket-1", max as u64 - 10), ("ticket-2", 10)])));
    assert_eq!(verified(&*store).await.events, max as u64);
}

/// Streams that an append only depends on cost something too.
pub async fn the_most_streams_pass_and_one_more_is_refused(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let max = EVENTS_PER_APPEND_MAX;
    let over = |streams: usize| {
        let depends_on = (1..streams).map(|number| to(&format!("ticket-{number}"), NEW, &[]));
        append(depends_on.chain([to("agent-ines", NEW, &["a"])]).collect::<Vec<_>>())
    };
    assert_eq!(limit(store.append(over(max + 1)).await), (max, max + 1));
    assert_eq!(store.append(over(max)).await, Ok(wrote(1, 1, &[("agent-ines", 1)])));
}

/// A text for an event at position 2, so that its record has exactly this size.
async fn text_for(store: &dyn EventStore, record_bytes: usize) -> String {
    store.append(one("ticket-1", NEW, &"x".repeat(100))).await.unwrap();
    let shape = store.read_stream(&stream("ticket-1"), StreamVersion::NONE, 1).await.unwrap();
    "x".repeat(record_bytes - (shape[0].bytes.len() - 100))
}

/// Measured as it is stored; one that is too large is refused with all of its append.
pub async fn the_largest_record_passes_and_one_byte_more_is_refused(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let largest = text_for(&*store, RECORD_BYTES_MAX).await;
    let too_large = append([to("ticket-2", NEW, &[&format!("{largest}x"), "small"])]);
    assert_eq!(limit(store.append(too_large).await), (RECORD_BYTES_MAX, RECORD_BYTES_MAX + 1));
    let behind = append([to("ticket-2", NEW, &["small", &format!("{largest}x")])]);
    assert_eq!(limit(store.append(behind).await), (RECORD_BYTES_MAX, RECORD_BYTES_MAX + 1));
    assert_eq!(store.head().borrow().0, 1);
    assert_eq!(store.append(one("ticket-2", NEW, &largest)).await, Ok(wrote(2, 2, &[("ticket-2", 1)])));
    assert_eq!(verified(&*store).await.events, 2);
}

/// Counted before those that are there already are left out, so that one call is bounded.
pub async fn the_most_facts_pass_and_one_more_is_refused(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let max = EVENTS_PER_APPEND_MAX;
    let facts = |count: usize| {
        let name = |number: usize| format!("ticket-{}", number % 100);
        (0..count).map(|number| fact(&name(number), &format!("fact {number}"))).collect::<Vec<_>>()
    };
    assert_eq!(limit(store.append_facts(facts(max + 1)).await), (max, max + 1));
    assert_eq!(store.head().borrow().0, 0);
    let outcome = store.append_facts(facts(max)).await;
    assert_eq!(outcome, Ok(BulkAppended { appended: max as u64, already_there: 0 }));
    assert_eq!(limit(store.append_facts(facts(max + 1)).await), (max, max + 1));
    assert_eq!(verified(&*store).await.events, max as u64);
}

/// With all that came with it, and nothing else suffers.
pub async fn a_fact_that_is_too_large_is_refused_and_the_store_goes_on(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let huge = "x".repeat(RECORD_BYTES_MAX);
    let facts = vec![fact("ticket-1", "a"), fact("ticket-1", &huge), fact("ticket-2", "b")];
    assert_eq!(limit(store.append_facts(facts).await).0, RECORD_BYTES_MAX);
    assert_eq!(store.head().borrow().0, 0);
    assert_eq!(*store.failure().borrow(), None);
    assert_eq!(store.append(one("ticket-1", NEW, "c")).await, Ok(wrote(1, 1, &[("ticket-1", 1)])));
    assert_eq!(verified(&*store).await.events, 1);
}
