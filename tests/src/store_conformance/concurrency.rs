//! Concurrent appends come to the same as one after the other, in the order of their positions (promise O2).

use super::StoreUnderTest;
use super::samples::{ANY, NEW, append, at, empty, id, key, keyed, log, to, verified};
use crate::random::{Random, seeds};
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use docket_core::record::StoredRecord;
use docket_core::store::{Append, AppendError, Appended, EventStore, ExpectedVersion};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

const CALLERS: u64 = 8;
const APPENDS: u64 = 30;

/// One append, what came of it, and how far the log was before and after.
struct Outcome {
    append: Append,
    before: GlobalPosition,
    after: GlobalPosition,
    result: Result<Appended, AppendError>,
}

/// Runs what `make` makes of a caller and a number, each caller on its own.
async fn run(
    store: &Arc<dyn EventStore>,
    make: impl Fn(u64, u64) -> Append + Clone + Send + 'static,
) -> Vec<Outcome> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (store, make) = (store.clone(), make.clone());
        callers.spawn(async move {
            let mut outcomes = Vec::new();
            for number in 0..APPENDS {
                let append = make(caller, number);
                let before = *store.head().borrow();
                let result = store.append(append.clone()).await;
                let after = *store.head().borrow();
                outcomes.push(Outcome { append, before, after, result });
            }
            outcomes
        });
    }
    callers.join_all().await.into_iter().flatten().collect()
}

fn ids(append: &Append) -> Vec<EventId> {
    append.streams.iter().flat_map(|part| &part.events).map(|event| event.id).collect()
}

/// A log, read for what its order says.
struct Order {
    records: Vec<StoredRecord>,
    streams: Vec<(StreamName, EventId)>,
}

impl Order {
    async fn of(store: &dyn EventStore) -> Self {
        let records = log(store).await;
        let decoded = records.iter().map(|record| record.decode().unwrap());
        let streams = decoded.map(|event| (StreamName::new(&event.stream).unwrap(), event.id)).collect();
        Self { records, streams }
    }

    /// The version of a stream when the log ended at a position.
    fn version(&self, stream: &StreamName, at: u64) -> StreamVersion {
        let until = &self.streams[..at as usize];
        StreamVersion(until.iter().filter(|(name, _)| name == stream).count() as u64)
    }

    fn ids(&self, appended: &Appended) -> Vec<EventId> {
        let range = appended.first.0 as usize - 1..appended.last.0 as usize;
        self.streams[range].iter().map(|(_, id)| *id).collect()
    }

    fn holds(&self, id: EventId) -> usize {
        self.streams.iter().filter(|(_, there)| *there == id).count()
    }

    fn assert_fits(&self, outcome: &Outcome) {
        let Outcome { append, before, after, result } = outcome;
        match result {
            Ok(appended) => {
                assert!(appended.last <= *after, "it is readable once it is acknowledged");
                for (stream, version) in &appended.versions {
                    assert_eq!(*version, self.version(stream, appended.last.0));
                }
                if appended.found {
                    self.assert_found(append, appended);
                    return;
                }
                assert!(appended.first > *before, "it comes after all that was acknowledged before");
                assert_eq!(self.ids(appended), ids(append));
                let mut end = appended.first.0 - 1;
                for part in &append.streams {
                    if let ExpectedVersion::Exactly(expected) = part.expected {
                        assert_eq!(self.version(&part.stream, end), expected);
                    }
                    end += part.events.len() as u64;
                }
            }
            Err(AppendError::Conflict { stream, expected, actual }) => {
                assert_ne!(expected, actual);
                let possible = self.version(stream, before.0)..=self.version(stream, after.0);
                assert!(possible.contains(actual), "{actual} was never the version of {stream} meanwhile");
            }
            Err(AppendError::KeyReused { position } | AppendError::IdReused { position, .. }) => {
                assert!(position <= after && position.0 > 0);
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn assert_found(&self, append: &Append, appended: &Appended) {
        let there = self.ids(appended);
        let mark = self.records[appended.first.0 as usize - 1].decode().unwrap().command;
        match (&append.command, mark) {
            (Some(key), Some(mark)) => {
                assert_eq!((&mark.principal, &mark.key), (&key.principal, &key.key));
                assert_eq!((&mark.digest, mark.events as usize), (&key.digest, there.len()));
            }
            _ => assert_eq!(there, ids(append)),
        }
    }
}

/// Eight callers, on few streams and with whatever versions, keys and ids.
pub async fn every_outcome_fits_one_order_of_all_appends(stores: &impl StoreUnderTest) {
    for seed in seeds([1, 2]) {
        #[allow(
            clippy::print_stdout,
            reason = "shown when the test fails, to run it with the same seed again"
        )]
        {
            println!("DOCKET_SEED={seed}");
        }
        let store = empty(stores).await;
        let make = move |caller, number| random_append(seed, caller, number);
        let outcomes = run(&store, make).await;
        let order = Order::of(&*store).await;
        let mut acknowledged: HashMap<EventId, u32> = HashMap::new();
        for outcome in &outcomes {
            order.assert_fits(outcome);
            let written = outcome.result.as_ref().is_ok_and(|appended| !appended.found);
            for id in ids(&outcome.append) {
                *acknowledged.entry(id).or_default() += u32::from(written);
            }
        }
        for (id, times) in &acknowledged {
            assert_eq!(
                order.holds(*id),
                *times as usize,
                "an event is there when it was acknowledged, and once"
            );
        }
        assert_eq!(acknowledged.values().sum::<u32>() as usize, order.records.len());
        let kinds = outcomes.iter().map(|outcome| match &outcome.result {
            Ok(appended) => u32::from(appended.found),
            Err(AppendError::Conflict { .. }) => 2,
            Err(_) => 3,
        });
        let kinds: std::collections::BTreeSet<_> = kinds.collect();
        assert_eq!(kinds.len(), 4, "each kind of outcome has come up, or the test shows little");
        verified(&*store).await;
    }
}

fn random_append(seed: u64, caller: u64, number: u64) -> Append {
    let mut random = Random::new(seed * 1_000_000 + caller * 1000 + number);
    let own = format!("{caller} {number}");
    let mut streams = Vec::new();
    for index in 0..1 + random.below(2) {
        // Versions near to what the stream may have by now, so that some fit.
        let expected = if random.coin() { ANY } else { at(random.below(1 + 3 * number)) };
        let name = format!("ticket-{}", 2 * random.below(2) + index);
        let texts: Vec<String> =
            (0..1 + random.below(2)).map(|event| format!("{own} {index} {event}")).collect();
        streams.push(to(&name, expected, &texts.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    // A key or an id that another caller may choose at the same time.
    match random.below(4) {
        0 => {
            let body = format!("body {}", random.below(2));
            keyed(key(&format!("key {}", number / 2), &body), append(streams))
        }
        1 => append([to("sla-1", ANY, &[&format!("timer {}", number / 3)])]),
        2 => append([to("sla-1", ANY, &[&format!("timer {}", number / 3), &own])]),
        _ => append(streams),
    }
}

/// Whoever appends, wherever.
pub async fn positions_are_gapless_and_versions_contiguous_under_concurrent_appends(
    stores: &impl StoreUnderTest,
) {
    let store = empty(stores).await;
    let make = |caller, number| {
        let name = format!("ticket-{}", (caller + number) % 5);
        append([to(&name, ANY, &[&format!("{caller} {number}")])])
    };
    run(&store, make).await;
    let mut versions: HashMap<String, u64> = HashMap::new();
    for (position, record) in (1..).zip(log(&*store).await) {
        let event = record.decode().unwrap();
        let version = versions.entry(event.stream.into_owned()).or_default();
        *version += 1;
        assert_eq!((event.position.0, event.version.0), (position, *version));
    }
    assert_eq!((versions.len(), versions.values().sum::<u64>()), (5, CALLERS * APPENDS));
    verified(&*store).await;
}

/// Nothing of another comes between, in the log or in the answer.
pub async fn the_events_of_an_append_are_contiguous_under_concurrent_appends(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let make = |caller, number| {
        let text = |part: &str| format!("{caller} {number} {part}");
        let (a, b, c) = (text("a"), text("b"), text("c"));
        append([to("ticket-1", ANY, &[&a, &b]), to(&format!("agent-{caller}"), at(number), &[&c])])
    };
    let outcomes = run(&store, make).await;
    let order = Order::of(&*store).await;
    for outcome in &outcomes {
        let appended = outcome.result.as_ref().unwrap();
        assert_eq!(appended.last.0 - appended.first.0, 2);
        assert_eq!(order.ids(appended), ids(&outcome.append));
    }
    assert_eq!(order.records.len() as u64, 3 * CALLERS * APPENDS);
    verified(&*store).await;
}

/// Refused for their version, their key or their size, in the same batch as those that go through.
pub async fn refused_appends_leave_nothing_and_do_not_harm_the_others(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(keyed(key("k", "body"), append([to("ticket-0", NEW, &["first"])]))).await.unwrap();
    let make = |caller, number| {
        let own = format!("{caller} {number}");
        let good = append([to(&format!("ticket-{}", caller + 1), at(number / 5), &[&own])]);
        match number % 5 {
            0 => good,
            1 => append([to("ticket-0", ANY, &[&own]), to("ticket-1", at(1000), &[&format!("{own} b")])]),
            2 => keyed(key("k", "other body"), good),
            3 if number == 3 => append([to("ticket-0", ANY, &[&own, &"x".repeat(1 << 20)])]),
            _ => append([to("ticket-0", ANY, &[&own, "first"])]),
        }
    };
    let outcomes = run(&store, make).await;
    let order = Order::of(&*store).await;
    for (index, outcome) in outcomes.iter().enumerate() {
        let good = (index as u64 % APPENDS).is_multiple_of(5);
        assert_eq!(outcome.result.is_ok(), good, "{:?}", outcome.result);
        let own = ids(&outcome.append)[0];
        assert_eq!(order.holds(own), usize::from(good));
    }
    assert_eq!(order.holds(id("first")), 1);
    assert_eq!(order.records.len() as u64, 1 + CALLERS * APPENDS / 5);
    verified(&*store).await;
}
