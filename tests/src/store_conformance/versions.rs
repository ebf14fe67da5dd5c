//! A stream takes an append at the version that it expects, and at no other (promise O2).

use super::StoreUnderTest;
use super::samples::{ANY, NEW, append, at, empty, one, stream, texts, to, verified, wrote};
use docket_core::names::StreamVersion;
use docket_core::store::{AppendError, EventStore};
use tokio::task::JoinSet;

async fn assert_conflict(store: &dyn EventStore, name: &str, expected: u64, actual: u64) {
    let outcome = store.append(one(name, at(expected), "refused")).await;
    let (expected, actual) = (StreamVersion(expected), StreamVersion(actual));
    assert_eq!(outcome, Err(AppendError::Conflict { stream: stream(name), expected, actual }));
}

/// The first event of a stream is its version 1.
pub async fn an_append_to_a_new_stream_starts_at_version_1(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let outcome = store.append(append([to("ticket-1", NEW, &["a", "b"])])).await;
    assert_eq!(outcome, Ok(wrote(1, 2, &[("ticket-1", 2)])));
    let outcome = store.append(one("ticket-2", NEW, "c")).await;
    assert_eq!(outcome, Ok(wrote(3, 3, &[("ticket-2", 1)])));
    verified(&*store).await;
}

/// Each append is expected to find what the one ahead of it left.
pub async fn an_append_at_the_expected_version_goes_through(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    for version in 0..5 {
        let outcome = store.append(one("ticket-1", at(version), &format!("event {version}"))).await;
        assert_eq!(outcome, Ok(wrote(version + 1, version + 1, &[("ticket-1", version + 1)])));
    }
    verified(&*store).await;
}

/// Too low, too high, and of a stream that does not exist.
pub async fn an_append_at_another_version_is_told_the_current_one(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    assert_conflict(&*store, "ticket-1", 1, 0).await;
    store.append(append([to("ticket-1", NEW, &["a", "b"])])).await.unwrap();
    for expected in [0, 1, 3, u64::MAX] {
        assert_conflict(&*store, "ticket-1", expected, 2).await;
    }
    assert_conflict(&*store, "ticket-2", 2, 0).await;
    assert_eq!(texts(&*store).await, ["a", "b"]);
    verified(&*store).await;
}

/// Whoever expects no version is never told of a conflict.
pub async fn any_version_always_goes_through(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    for (position, text) in (1..).zip(["a", "b", "c"]) {
        let outcome = store.append(one("ticket-1", ANY, text)).await;
        assert_eq!(outcome, Ok(wrote(position, position, &[("ticket-1", position)])));
    }
}

/// The 63 others are told which version there is now.
pub async fn of_64_appends_expecting_the_same_version_exactly_one_wins(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    for round in 0..3 {
        let mut appends = JoinSet::new();
        for caller in 0..64 {
            let (store, text) = (store.clone(), format!("round {round} caller {caller}"));
            appends.spawn(async move { store.append(one("ticket-1", at(round), &text)).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = appends.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won, [Ok(wrote(round + 1, round + 1, &[("ticket-1", round + 1)]))]);
        let (expected, actual) = (StreamVersion(round), StreamVersion(round + 1));
        let told = AppendError::Conflict { stream: stream("ticket-1"), expected, actual };
        assert_eq!(lost, vec![Err(told); 63]);
    }
    verified(&*store).await;
}
