//! Appends that wait: how many may, how long, and what comes of them when the store closes or dies.

use super::workload::Told;
use super::{PATH, open, run};
use docket_core::clock::ManualClock;
use docket_core::event::EncodedEvent;
use docket_core::names::GlobalPosition;
use docket_core::record::NewEvent;
use docket_core::store::memory::MemoryStore;
use docket_core::store::sqlite::{SqliteOptions, SqliteStore, WAITING_MAX};
use docket_core::store::{Append, AppendError, Appended, EventStore, StreamAppend};
use docket_core::time::DurationMs;
use docket_tests::crash_disk::CrashDisk;
use docket_tests::store_conformance::samples::{
    ANY, NEW, NOON, append, event, log, one, stream, texts, verified, wrote,
};
use rusqlite::{Connection, OpenFlags};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

const WAL_PAGES: u32 = 16;

/// Keeps everybody else from writing, until it is dropped. The store waits for it up to five seconds.
pub(crate) fn hold_the_file(disk: &CrashDisk) -> Connection {
    let holder = Connection::open_with_flags_and_vfs(PATH, OpenFlags::default(), disk.vfs_name()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    holder
}

type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, AppendError>> + Send + 'a>>;

/// Hands a request over to the writer; an answer comes at once only when it was not taken.
fn begin<T>(request: &mut Waiting<'_, T>) -> Option<Result<T, AppendError>> {
    match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Makes the appends wait until all are there, so that they share a transaction.
pub(crate) async fn together(store: &SqliteStore, disk: &CrashDisk, appends: &[Append]) -> Vec<Told> {
    let holder = hold_the_file(disk);
    // What comes first may be taken alone, so something else does, and comes to nothing.
    let mut nothing: Waiting<'_, _> = store.append_facts(Vec::new());
    assert!(begin(&mut nothing).is_none());
    let mut waiting: Vec<Waiting<'_, Appended>> = Vec::new();
    for append in appends {
        waiting.push(store.append(append.clone()));
        assert!(begin(waiting.last_mut().unwrap()).is_none());
    }
    drop(holder);
    let _ = nothing.await;
    let mut told = Vec::new();
    for (append, waiting) in appends.iter().zip(waiting) {
        told.push((append.clone(), waiting.await));
    }
    told
}

#[test]
fn one_append_more_than_may_wait_is_told_to_come_again() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, WAL_PAGES).unwrap();
        store.append(one("ticket-1", NEW, "first")).await.unwrap();
        let holder = hold_the_file(&disk);
        // The writer takes a batch of at most 256 before it finds the file held.
        let appends = (0..WAITING_MAX + 257).map(|number| one("ticket-1", ANY, &format!("event {number}")));
        let mut waiting: Vec<Waiting<'_, Appended>> = appends.map(|append| store.append(append)).collect();
        let mut refused = 0;
        waiting.retain_mut(|append| match begin(append) {
            None => true,
            Some(answer) => {
                assert_eq!(answer, Err(AppendError::Busy));
                refused += 1;
                false
            }
        });
        assert!((1..=257).contains(&refused), "{refused} were refused");
        assert!(waiting.len() >= WAITING_MAX);
        let queue = store.queue();
        assert!(
            queue.max == WAITING_MAX && (WAITING_MAX - 256..=WAITING_MAX).contains(&queue.waiting),
            "{queue:?}"
        );
        assert_eq!(log(&store).await.len(), 1, "reads go on");
        drop(holder);
        let accepted = waiting.len() as u64;
        for append in waiting {
            append.await.unwrap();
        }
        assert_eq!(verified(&store).await.events, 1 + accepted);
        assert_eq!(store.queue().waiting, 0);
    });
}

#[test]
fn a_file_that_somebody_else_keeps_locked_is_busy_and_stops_nothing() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, WAL_PAGES).unwrap();
        store.append(one("ticket-1", NEW, "a")).await.unwrap();
        let holder = hold_the_file(&disk);
        assert_eq!(store.append(one("ticket-1", ANY, "b")).await, Err(AppendError::Busy));
        assert_eq!(*store.failure().borrow(), None);
        drop(holder);
        assert_eq!(store.append(one("ticket-1", ANY, "b")).await, Ok(wrote(2, 2, &[("ticket-1", 2)])));
    });
}

#[test]
fn closing_finishes_what_was_accepted_and_refuses_the_rest() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, WAL_PAGES).unwrap();
        let appends = (0..600).map(|number| one("ticket-1", ANY, &format!("event {number}")));
        let mut waiting: Vec<Waiting<'_, Appended>> = appends.map(|append| store.append(append)).collect();
        // Some may be answered before the last is begun.
        let early: Vec<_> = waiting.iter_mut().map(begin).collect();
        store.close();
        for (position, (early, append)) in (1..).zip(early.into_iter().zip(waiting)) {
            let answer = match early {
                Some(answer) => answer,
                None => append.await,
            };
            assert_eq!(answer, Ok(wrote(position, position, &[("ticket-1", position)])));
        }
        let refused = store.append(one("ticket-1", ANY, "late")).await;
        assert!(matches!(refused, Err(AppendError::Closed { .. })), "{refused:?}");
        assert_eq!(verified(&store).await.events, 600, "it can still be read");
        store.close();
        drop(store);
        assert_eq!(verified(&open(&disk, WAL_PAGES).unwrap()).await.events, 600);
    });
}

#[test]
fn a_log_that_is_open_for_reading_takes_no_appends_and_sees_those_of_the_writer() {
    let disk = CrashDisk::new(0);
    run(async {
        let writer = open(&disk, WAL_PAGES).unwrap();
        writer.append(one("ticket-1", NEW, "a")).await.unwrap();
        let reader = SqliteOptions::new(PATH).vfs(disk.vfs_name()).open_read_only().unwrap();
        assert_eq!(*reader.head().borrow(), GlobalPosition(1));
        let refused = reader.append(one("ticket-1", ANY, "b")).await;
        assert!(matches!(refused, Err(AppendError::Closed { .. })), "{refused:?}");
        writer.append(one("ticket-1", ANY, "b")).await.unwrap();
        assert_eq!(texts(&reader).await, ["a", "b"]);
        assert_eq!(reader.verify(Arc::new(|_| {})).await.map(|verified| verified.events), Ok(2));
    });
}

#[test]
fn a_writer_that_panics_stops_the_store_and_says_so() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, WAL_PAGES).unwrap();
        store.append(one("ticket-1", NEW, "a")).await.unwrap();
        // An event is encoded by its type; one that is no JSON is a fault of the program.
        let data = "no JSON".to_owned();
        let broken = NewEvent { event: EncodedEvent { data, ..event("b").event }, ..event("b") };
        let part = StreamAppend { stream: stream("ticket-1"), expected: ANY, events: vec![broken] };
        assert_eq!(store.append(append([part])).await, Err(AppendError::OutcomeUnknown));
        let mut failure = store.failure();
        let why = failure.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        assert_eq!(store.append(one("ticket-1", ANY, "c")).await, Err(AppendError::Closed { why }));
        assert_eq!(texts(&store).await, ["a"]);
    });
}

#[test]
fn an_append_behind_a_restore_in_one_transaction_is_not_dated_before_it() {
    let disk = CrashDisk::new(0);
    run(async {
        let later = MemoryStore::new(Arc::new(ManualClock::at(NOON.plus(DurationMs::from_hours(1)))));
        later.append(one("ticket-1", NEW, "restored")).await.unwrap();
        let store = open(&disk, WAL_PAGES).unwrap();
        let holder = hold_the_file(&disk);
        let mut nothing: Waiting<'_, _> = store.append_facts(Vec::new());
        let mut restore: Waiting<'_, _> = store.restore(log(&later).await);
        let mut append: Waiting<'_, _> = store.append(one("ticket-1", ANY, "appended"));
        assert!(
            begin(&mut nothing).is_none() && begin(&mut restore).is_none() && begin(&mut append).is_none()
        );
        drop(holder);
        nothing.await.unwrap();
        restore.await.unwrap();
        append.await.unwrap();
        assert_eq!(verified(&store).await.events, 2);
        assert_eq!(texts(&store).await, ["restored", "appended"]);
    });
}
