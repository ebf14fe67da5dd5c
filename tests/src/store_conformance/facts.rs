//! Facts of other systems are appended in bulk as they were, and once.

use super::StoreUnderTest;
use super::samples::{NEW, empty, fact, id, log, one, stream_of, text, texts, verified};
use docket_core::names::GlobalPosition;
use docket_core::record::Origin;
use docket_core::store::{BulkAppended, Fact};

fn facts(of: &[(&str, &str)]) -> Vec<Fact> {
    of.iter().map(|(name, text)| fact(name, text)).collect()
}

/// One stream after the other or mixed, as they come.
pub async fn facts_are_appended_in_order_at_whatever_version(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(one("ticket-2", NEW, "earlier")).await.unwrap();
    let mixed =
        [("ticket-1", "a"), ("ticket-2", "b"), ("ticket-1", "c"), ("ticket-3", "d"), ("ticket-2", "e")];
    let outcome = store.append_facts(facts(&mixed)).await;
    assert_eq!(outcome, Ok(BulkAppended { appended: 5, already_there: 0 }));
    assert_eq!(texts(&*store).await, ["earlier", "a", "b", "c", "d", "e"]);
    let of_stream = stream_of(&*store, "ticket-2").await;
    assert_eq!(of_stream.iter().map(text).collect::<Vec<_>>(), ["earlier", "b", "e"]);
    let records = log(&*store).await;
    let decoded: Vec<_> = records.iter().map(|record| record.decode().unwrap()).collect();
    assert_eq!(decoded.iter().map(|event| event.version.0).collect::<Vec<_>>(), [1, 1, 2, 2, 1, 3]);
    assert!(decoded[1..].iter().all(|event| event.origin == Origin::Import && event.command.is_none()));
    verified(&*store).await;
}

/// By their event id, wherever among the others they come.
pub async fn facts_that_are_there_are_left_out(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append_facts(facts(&[("ticket-1", "b"), ("ticket-2", "d")])).await.unwrap();
    store.append(one("ticket-3", NEW, "f")).await.unwrap();
    let all = [("ticket-1", "a"), ("ticket-1", "b"), ("ticket-2", "c"), ("ticket-2", "d"), ("ticket-3", "f")];
    let outcome = store.append_facts(facts(&all)).await;
    assert_eq!(outcome, Ok(BulkAppended { appended: 2, already_there: 3 }));
    assert_eq!(texts(&*store).await, ["b", "d", "f", "a", "c"]);
    assert_eq!(store.position_of(id("c")).await, Ok(Some(GlobalPosition(5))));
    verified(&*store).await;
}

/// Also when the same call holds one twice.
pub async fn facts_appended_twice_are_there_once(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let twice = [("ticket-1", "a"), ("ticket-2", "b"), ("ticket-1", "a")];
    let outcome = store.append_facts(facts(&twice)).await;
    assert_eq!(outcome, Ok(BulkAppended { appended: 2, already_there: 1 }));
    let outcome = store.append_facts(facts(&twice)).await;
    assert_eq!(outcome, Ok(BulkAppended { appended: 0, already_there: 3 }));
    assert_eq!(texts(&*store).await, ["a", "b"]);
    verified(&*store).await;
}

/// An import whose page held nothing that can be taken goes on.
pub async fn no_facts_are_no_error(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    assert_eq!(store.append_facts(Vec::new()).await, Ok(BulkAppended::default()));
    assert_eq!(verified(&*store).await.events, 0);
}
