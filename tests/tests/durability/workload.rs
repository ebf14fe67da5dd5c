//! Appends of every kind, what came of each, and what must then be true of the log.

use docket_core::names::EventId;
use docket_core::record::StoredRecord;
use docket_core::store::sqlite::SqliteStore;
use docket_core::store::{Append, AppendError, Appended, EventStore};
use docket_tests::store_conformance::samples::{
    ANY, append, assert_same_log, found, key, keyed, log, one, to, verified,
};

/// An append and what its caller was told.
pub(crate) type Told = (Append, Result<Appended, AppendError>);

/// Single and of several events, over one stream and over several, with a key and without, and one that is
/// larger than a short WAL. None of them conflicts.
pub(crate) fn appends() -> Vec<Append> {
    let mut appends = Vec::new();
    for round in 0..4 {
        let text = |what: &str| format!("{round} {what}");
        let (ticket, agent) = (format!("ticket-{round}"), "agent-ines");
        appends.push(keyed(key(&text("open"), "body"), one(&ticket, ANY, &text("opened"))));
        let parts =
            [to(&ticket, ANY, &[&text("assigned"), &text("noted")]), to(agent, ANY, &[&text("taken")])];
        appends.push(keyed(key(&text("assign"), "body"), append(parts)));
        appends.push(append([to(&format!("sla-{round}"), ANY, &[&text("warned"), &text("breached")])]));
    }
    let long = "x".repeat(2500);
    let texts: Vec<String> = (0..24).map(|number| format!("{number} {long}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    appends.insert(5, keyed(key("long", "body"), append([to("ticket-9", ANY, &texts)])));
    appends
}

/// Makes the appends one after the other, also after one has failed.
pub(crate) async fn work(store: &SqliteStore, appends: &[Append]) -> Vec<Told> {
    let mut told = Vec::new();
    for append in appends {
        let result = store.append(append.clone()).await;
        told.push((append.clone(), result));
    }
    told
}

/// Makes the appends four at a time, so that some of them share a transaction.
pub(crate) async fn work_together(store: &SqliteStore, appends: &[Append]) -> Vec<Told> {
    let mut told = Vec::new();
    for four in appends.chunks(4) {
        let append = |index: usize| {
            let append = four.get(index).cloned();
            async move {
                let append = append?;
                let result = store.append(append.clone()).await;
                Some((append, result))
            }
        };
        let (a, b, c, d) = tokio::join!(append(0), append(1), append(2), append(3));
        told.extend([a, b, c, d].into_iter().flatten());
    }
    told
}

fn ids(append: &Append) -> Vec<EventId> {
    append.streams.iter().flat_map(|part| &part.events).map(|event| event.id).collect()
}

fn ids_of(records: &[StoredRecord]) -> Vec<EventId> {
    records.iter().map(|record| record.decode().unwrap().id).collect()
}

/// Checks that the log holds what was acknowledged, nothing that was refused, and of what is unknown all or
/// nothing; then, that sending everything once more comes to one effect of each.
pub(crate) async fn assert_kept(store: &SqliteStore, told: &[Told], context: &str) {
    let sound = store.verify(std::sync::Arc::new(|_| {})).await;
    assert!(sound.is_ok(), "{context}: {sound:?}");
    let records = log(store).await;
    let there = ids_of(&records);
    let mut expected = 0;
    for (append, result) in told {
        let own = ids(append);
        let first = there.iter().position(|id| *id == own[0]);
        let what = || format!("{context}: {result:?} of {:?}", append.command);
        match (result, first) {
            (Ok(appended), Some(first)) => {
                assert_eq!(first as u64 + 1, appended.first.0, "{}", what());
                assert_eq!(&there[first..appended.last.0 as usize], own, "{}", what());
            }
            (Err(AppendError::OutcomeUnknown), Some(first)) => {
                assert_eq!(there.get(first..first + own.len()), Some(&own[..]), "{}", what());
            }
            (Err(_), None) => assert!(own.iter().all(|id| !there.contains(id)), "{}", what()),
            (Ok(_), None) => panic!("lost: {}", what()),
            (Err(_), Some(_)) => panic!("refused, and there: {}", what()),
        }
        expected += first.map_or(0, |_| own.len());
    }
    assert_eq!(there.len(), expected, "{context}: there is nothing else");

    for (append, result) in told {
        let was_there = there.contains(&ids(append)[0]);
        let again = store.append(append.clone()).await;
        let again = again.unwrap_or_else(|error| panic!("{context}: {error}"));
        assert_eq!(again.found, was_there, "{context}: {result:?}");
        if let Ok(first) = result {
            assert_eq!(again, found(first.clone()), "{context}");
        }
    }
    let events: usize = told.iter().map(|(append, _)| ids(append).len()).sum();
    assert_eq!(verified(store).await.events as usize, events, "{context}");
    assert_same_log(&log(store).await[..records.len()], &records, context);
}
