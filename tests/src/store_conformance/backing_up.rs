//! A back-up is the log as of one moment, taken while writing goes on (promise U4).

use super::StoreUnderTest;
use super::samples::{ANY, NEW, append, assert_same_log, empty, key, keyed, log, one, to, verified};
use docket_core::store::ReadError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

/// It holds whole commands only, and all that had been acknowledged when it began.
pub async fn a_back_up_under_load_restores_to_a_prefix_of_the_log(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let backed_up = Arc::new(AtomicU64::new(0));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let (store, backed_up) = (store.clone(), backed_up.clone());
        writers.spawn(async move {
            // They stop only once the back-ups are made, so that these are under load for certain.
            for number in 0.. {
                let text = format!("{writer} {number}");
                let parts =
                    [to("ticket-1", ANY, &[&text]), to("agent-ines", ANY, &[&format!("{text} taken")])];
                store.append(keyed(key(&text, "body"), append(parts))).await.unwrap();
                if backed_up.load(Ordering::SeqCst) == 3 {
                    break;
                }
            }
        });
    }
    let mut back_ups = Vec::new();
    for number in 0..3 {
        let file = stores.directory().join(format!("back-up {number}"));
        let grown = |head: &_| *head > docket_core::names::GlobalPosition(20 * (number + 1));
        store.head().wait_for(grown).await.unwrap();
        let acknowledged = *store.head().borrow();
        store.back_up(&file).await.unwrap();
        back_ups.push((file, acknowledged));
        backed_up.fetch_add(1, Ordering::SeqCst);
    }
    writers.join_all().await;
    let whole = log(&*store).await;
    for (file, acknowledged) in back_ups {
        let records = stores.records_of_back_up(&file).await;
        assert!(records.len() as u64 >= acknowledged.0);
        assert_same_log(&records, &whole[..records.len()], "backed up");
        let restored = empty(stores).await;
        for page in records.chunks(1000) {
            restored.restore(page.to_vec()).await.unwrap();
        }
        assert_eq!(verified(&*restored).await.events, records.len() as u64);
    }
}

/// Not even a file that is empty.
pub async fn a_back_up_never_overwrites(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(one("ticket-1", NEW, "a")).await.unwrap();
    let file = stores.directory().join("back-up");
    std::fs::write(&file, b"").unwrap();
    assert!(matches!(store.back_up(&file).await, Err(ReadError::Unavailable { .. })));
    assert_eq!(std::fs::read(&file).unwrap(), b"");
    let nowhere = stores.directory().join("no such directory").join("back-up");
    assert!(matches!(store.back_up(&nowhere).await, Err(ReadError::Unavailable { .. })));
}
