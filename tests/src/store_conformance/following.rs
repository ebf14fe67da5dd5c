//! Whoever follows the log live sees each position once, in order, and nothing below it later (promise O1).

use super::StoreUnderTest;
use super::samples::{ANY, NEW, append, assert_same_log, at, empty, fact, log, one, to, verified};
use docket_core::names::GlobalPosition;
use docket_core::record::StoredRecord;
use docket_core::store::EventStore;
use std::sync::Arc;
use tokio::task::JoinSet;

const WRITERS: u64 = 8;
const APPENDS: u64 = 40;

/// Sets writers going that append one, two or three events at a time, now and then in vain.
fn write(store: &Arc<dyn EventStore>) -> (JoinSet<()>, u64) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            for number in 0..APPENDS {
                let (name, text) = (format!("ticket-{writer}"), format!("{writer} {number}"));
                let (second, third) = (format!("{text} second"), format!("{text} third"));
                let texts = [text.as_str(), &second, &third];
                let some = &texts[..1 + (number % 3) as usize];
                store.append(append([to(&name, ANY, some)])).await.unwrap();
                store.append(one(&name, at(u64::MAX), "refused")).await.unwrap_err();
            }
        });
    }
    let events = WRITERS * (0..APPENDS).map(|number| 1 + number % 3).sum::<u64>();
    (writers, events)
}

/// After appends, facts and restores; refusals leave it where it is.
pub async fn the_head_is_the_last_position(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let head = store.head();
    assert_eq!(*head.borrow(), GlobalPosition::START);
    store.append(append([to("ticket-1", NEW, &["a", "b"])])).await.unwrap();
    assert_eq!(*head.borrow(), GlobalPosition(2));
    store.append(one("ticket-1", NEW, "c")).await.unwrap_err();
    assert_eq!(*head.borrow(), GlobalPosition(2));
    store.append_facts(vec![fact("ticket-1", "d")]).await.unwrap();
    assert_eq!(*head.borrow(), GlobalPosition(3));
    let copy = empty(stores).await;
    copy.restore(log(&*store).await).await.unwrap();
    assert_eq!(*copy.head().borrow(), GlobalPosition(3));
}

/// Catches up in small pages, then waits for the head to move, while eight write.
pub async fn a_follower_sees_each_position_once_and_in_order(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let (writers, events) = write(&store);
    let mut followers = JoinSet::new();
    for page in [1, 7, 4096] {
        let store = store.clone();
        followers.spawn(async move {
            let mut head = store.head();
            let mut seen: Vec<StoredRecord> = Vec::new();
            while (seen.len() as u64) < events {
                let after = GlobalPosition(seen.len() as u64);
                let records = store.read_all(after, page).await.unwrap();
                if records.is_empty() {
                    head.wait_for(|head| *head > after).await.unwrap();
                }
                for record in records {
                    assert_eq!(record.position, GlobalPosition(seen.len() as u64 + 1));
                    seen.push(record);
                }
            }
            seen
        });
    }
    writers.join_all().await;
    let final_log = log(&*store).await;
    assert_eq!(final_log.len() as u64, events);
    for seen in followers.join_all().await {
        assert_same_log(&seen, &final_log, "a follower");
    }
    verified(&*store).await;
}

/// What was read once is read again the same, with more behind it.
pub async fn a_reader_never_finds_anything_below_what_it_has_seen(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let (writers, events) = write(&store);
    let mut readers = JoinSet::new();
    for _ in 0..2 {
        let store = store.clone();
        readers.spawn(async move {
            let mut seen: Vec<StoredRecord> = Vec::new();
            while (seen.len() as u64) < events {
                let acknowledged = store.head().borrow().0;
                let now = store.read_all(GlobalPosition::START, 4096).await.unwrap();
                assert!(now.starts_with(&seen), "{} were seen", seen.len());
                assert!(now.len() as u64 >= acknowledged, "{} were acknowledged", acknowledged);
                seen = now;
            }
        });
    }
    writers.join_all().await;
    readers.join_all().await;
    verified(&*store).await;
}
