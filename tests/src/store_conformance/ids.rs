//! An event is in the log once: appending it again by its id finds it (DESIGN decision 2).

use super::StoreUnderTest;
use super::samples::{
    ANY, NEW, append, at, empty, event, found, id, one, stream, texts, to, verified, wrote,
};
use docket_core::actor::Actor;
use docket_core::event::EncodedEvent;
use docket_core::names::{EventId, GlobalPosition};
use docket_core::record::{NewEvent, Origin, Source};
use docket_core::store::{Append, AppendError, EventStore, StreamAppend};
use docket_core::time::Timestamp;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A log of an earlier event, then a, b and c in one append over two streams.
async fn with_three(stores: &impl StoreUnderTest) -> Arc<dyn EventStore> {
    let store = empty(stores).await;
    store.append(one("ticket-9", NEW, "earlier")).await.unwrap();
    store.append(three()).await.unwrap();
    store
}

fn three() -> Append {
    append([to("ticket-1", NEW, &["a", "b"]), to("agent-ines", NEW, &["c"])])
}

fn reused(id: EventId, position: u64) -> AppendError {
    AppendError::IdReused { id, position: GlobalPosition(position) }
}

/// Also after the versions have moved on.
pub async fn an_append_whose_ids_are_all_there_is_found(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    let first = wrote(2, 4, &[("ticket-1", 2), ("agent-ines", 1)]);
    assert_eq!(store.append(three()).await, Ok(found(first.clone())));
    store.append(one("ticket-1", at(2), "d")).await.unwrap();
    assert_eq!(store.append(three()).await, Ok(found(first)));
    assert_eq!(texts(&*store).await, ["earlier", "a", "b", "c", "d"]);
    verified(&*store).await;
}

/// A second attempt belongs to another request.
pub async fn an_append_is_found_by_its_ids_whatever_set_it_off(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    let mut again = three();
    for event in again.streams.iter_mut().flat_map(|part| &mut part.events) {
        event.correlation = id("another request").0;
        event.causation = Some(id("another cause"));
    }
    assert!(store.append(again).await.unwrap().found);
    assert_eq!(verified(&*store).await.events, 4);
}

/// Whatever it is that differs.
pub async fn an_id_that_is_there_for_something_else_is_refused(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    let source = Source {
        system: "erp".into(),
        case: "7".into(),
        seq: 0,
        row: String::new(),
        kind: "Opened".into(),
        from: String::new(),
        to: String::new(),
        actor: String::new(),
        rest: None,
    };
    let encoded = event("a").event;
    let others = [
        NewEvent { event: EncodedEvent { data: event("x").event.data, ..encoded.clone() }, ..event("a") },
        NewEvent { event: EncodedEvent { name: "ticket.replied", ..encoded.clone() }, ..event("a") },
        NewEvent { event: EncodedEvent { schema: 2, ..encoded }, ..event("a") },
        NewEvent { occurred_at: Timestamp(event("a").occurred_at.0 + 1), ..event("a") },
        NewEvent { actor: Actor::system("somebody-else"), ..event("a") },
        NewEvent { origin: Origin::Import, ..event("a") },
        NewEvent { source: Some(source), ..event("a") },
    ];
    for other in others {
        let part = StreamAppend { stream: stream("ticket-1"), expected: ANY, events: vec![other] };
        assert_eq!(store.append(append([part.clone()])).await, Err(reused(id("a"), 2)), "{part:?}");
    }
    let other_stream = one("ticket-2", NEW, "a");
    assert_eq!(store.append(other_stream).await, Err(reused(id("a"), 2)));
    assert_eq!(verified(&*store).await.events, 4);
}

/// To find it would lose the part that is not there; to write that part would break the append in two.
pub async fn an_append_of_which_a_part_is_there_is_refused(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    for texts in [["new", "a"], ["a", "new"], ["new", "b"], ["b", "new"], ["new", "earlier"]] {
        let there = if texts[0] == "new" { texts[1] } else { texts[0] };
        let (name, position) = match there {
            "earlier" => ("ticket-9", 1),
            "a" => ("ticket-1", 2),
            _ => ("ticket-1", 3),
        };
        let outcome = store.append(append([to(name, ANY, &texts)])).await;
        assert_eq!(outcome, Err(reused(id(there), position)), "{texts:?}");
    }
    // A whole part of the append is missing, at its beginning or at its end.
    let ahead = append([to("ticket-5", NEW, &["new"]), to("ticket-1", ANY, &["a", "b"])]);
    assert_eq!(store.append(ahead).await, Err(reused(id("a"), 2)));
    let behind = append([to("ticket-1", ANY, &["b"]), to("agent-ines", ANY, &["c", "new"])]);
    assert_eq!(store.append(behind).await, Err(reused(id("b"), 3)));
    assert_eq!(texts(&*store).await, ["earlier", "a", "b", "c"]);
    verified(&*store).await;
}

/// All are there, but not as this append would have written them.
pub async fn ids_that_are_there_in_another_order_are_refused(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    let turned = append([to("ticket-1", ANY, &["b", "a"])]);
    assert_eq!(store.append(turned).await, Err(reused(id("a"), 2)));
    let apart = append([to("ticket-1", ANY, &["a"]), to("agent-ines", ANY, &["c"])]);
    assert_eq!(store.append(apart).await, Err(reused(id("c"), 4)));
    let before_the_log = append([to("ticket-1", ANY, &["x", "y"]), to("ticket-9", ANY, &["earlier"])]);
    assert_eq!(store.append(before_the_log).await, Err(reused(id("earlier"), 1)));
    assert_eq!(verified(&*store).await.events, 4);
}

/// It is nowhere yet, so there is no position to tell.
pub async fn an_id_twice_in_an_append_is_refused(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    let twice = append([to("ticket-1", ANY, &["d", "d"])]);
    assert_eq!(store.append(twice).await, Err(reused(id("d"), 0)));
    let over_streams = append([to("ticket-1", ANY, &["d"]), to("ticket-2", ANY, &["e", "d"])]);
    assert_eq!(store.append(over_streams).await, Err(reused(id("d"), 0)));
    let there = append([to("ticket-1", ANY, &["a", "a"])]);
    assert_eq!(store.append(there).await, Err(reused(id("a"), 2)));
    assert_eq!(verified(&*store).await.events, 4);
}

/// Timers on several nodes notice the same thing at the same time (promise T1).
pub async fn of_concurrent_appends_with_the_same_ids_exactly_one_has_an_effect(stores: &impl StoreUnderTest) {
    let store = with_three(stores).await;
    let mut appends = JoinSet::new();
    for _ in 0..64 {
        let store = store.clone();
        appends.spawn(async move { store.append(append([to("sla-1", ANY, &["warned", "breached"])])).await });
    }
    let outcomes: Result<Vec<_>, _> = appends.join_all().await.into_iter().collect();
    let first = wrote(5, 6, &[("sla-1", 2)]);
    let outcomes = outcomes.unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == first).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == found(first.clone())).count(), 63);
    assert_eq!(verified(&*store).await.events, 6);
}
