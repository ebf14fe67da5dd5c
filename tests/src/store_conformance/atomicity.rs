//! One append over several streams, each with its own expected version: all of it or nothing (promise D3).

use super::StoreUnderTest;
use super::samples::{
    ANY, NEW, append, at, empty, found, key, keyed, one, stream, texts, to, verified, wrote,
};
use docket_core::names::StreamVersion;
use docket_core::store::AppendError;

/// The streams' events come in the order of the parts, without anything between them.
pub async fn an_append_over_several_streams_comes_in_the_order_given(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(one("agent-ines", NEW, "earlier")).await.unwrap();
    let parts = [
        to("ticket-1", NEW, &["assigned", "noted"]),
        to("agent-ines", at(1), &["taken"]),
        to("agent-omar", ANY, &["released"]),
    ];
    let outcome = store.append(append(parts)).await;
    let versions = [("ticket-1", 2), ("agent-ines", 2), ("agent-omar", 1)];
    assert_eq!(outcome, Ok(wrote(2, 5, &versions)));
    assert_eq!(texts(&*store).await, ["earlier", "assigned", "noted", "taken", "released"]);
    verified(&*store).await;
}

/// Wherever the stream that conflicts stands among the others.
pub async fn one_stream_at_another_version_refuses_the_append_to_all(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(append([to("ticket-2", NEW, &["a", "b"])])).await.unwrap();
    for wrong in 0..3 {
        let expected = |part: usize, right| if part == wrong { at(7) } else { right };
        let parts = [
            to("ticket-1", expected(0, NEW), &["c"]),
            to("ticket-2", expected(1, at(2)), &["d"]),
            to("ticket-3", expected(2, NEW), &["e"]),
        ];
        let (name, actual) = [("ticket-1", 0), ("ticket-2", 2), ("ticket-3", 0)][wrong];
        let (expected, actual) = (StreamVersion(7), StreamVersion(actual));
        let outcome = store.append(append(parts)).await;
        assert_eq!(outcome, Err(AppendError::Conflict { stream: stream(name), expected, actual }));
        assert_eq!(texts(&*store).await, ["a", "b"], "nothing of it is there");
    }
    verified(&*store).await;
}

/// A later part of the same stream sees what the earlier one adds.
pub async fn a_stream_may_come_twice_in_an_append(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let parts = |expected| {
        append([
            to("ticket-1", NEW, &["a"]),
            to("ticket-2", NEW, &["b"]),
            to("ticket-1", at(expected), &["c", "d"]),
        ])
    };
    let (expected, actual) = (StreamVersion(0), StreamVersion(1));
    let refused = AppendError::Conflict { stream: stream("ticket-1"), expected, actual };
    assert_eq!(store.append(parts(0)).await, Err(refused));
    assert_eq!(store.append(parts(1)).await, Ok(wrote(1, 4, &[("ticket-1", 3), ("ticket-2", 1)])));
    assert_eq!(texts(&*store).await, ["a", "b", "c", "d"]);
    verified(&*store).await;
}

/// The answer tells of the streams that were added to, and is the same when it is found again.
pub async fn an_append_may_depend_on_a_stream_without_adding_to_it(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(append([to("agent-ines", NEW, &["a", "b"])])).await.unwrap();
    let parts = || {
        let parts = [to("agent-ines", at(2), &[]), to("ticket-1", NEW, &["c"]), to("sla-1", NEW, &[])];
        keyed(key("k", "body"), append(parts))
    };
    let first = store.append(parts()).await.unwrap();
    assert_eq!(first, wrote(3, 3, &[("ticket-1", 1)]));
    assert_eq!(store.append(parts()).await, Ok(found(first)));
    assert_eq!(texts(&*store).await, ["a", "b", "c"]);
    verified(&*store).await;
}

/// Also on a stream that is added to by the same append.
pub async fn a_dependence_that_does_not_hold_refuses_the_append(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(append([to("agent-ines", NEW, &["a", "b"])])).await.unwrap();
    for (name, expected, actual) in [("agent-ines", 1, 2), ("agent-omar", 1, 0), ("ticket-1", 0, 1)] {
        let parts = [to("ticket-1", NEW, &["c"]), to(name, at(expected), &[])];
        let (expected, actual) = (StreamVersion(expected), StreamVersion(actual));
        let refused = AppendError::Conflict { stream: stream(name), expected, actual };
        assert_eq!(store.append(append(parts)).await, Err(refused));
    }
    assert_eq!(texts(&*store).await, ["a", "b"]);
    verified(&*store).await;
}
