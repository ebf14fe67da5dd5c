//! Late, twice, restarted, with a clock that jumps: still once, never early, and never in a replay.

use super::desk::{Desk, NOW, PATIENCE};
use super::moody::MoodyStore;
use super::noticed::{HOUR, MINUTE, all, breached, look, look_at, open, reply, set, warned};
use docket_core::clock::ManualClock;
use docket_core::names::GlobalPosition;
use docket_core::store::memory::MemoryStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::store::{AppendError, EventStore};
use docket_server::reactor::sla_timer::{self, Turn};
use std::sync::Arc;

/// Waits until the log holds so many records.
async fn reached(store: &dyn EventStore, position: u64) {
    let mut head = store.head();
    let reached = head.wait_for(|head| *head >= GlobalPosition(position));
    tokio::time::timeout(PATIENCE, reached).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timer_wakes_by_itself_for_a_deadline_and_for_a_new_ticket() {
    let desk = Desk::on_sqlite().await;
    let timer = tokio::spawn(sla_timer::run(desk.app.clone()));
    open(&desk, "urgent").await;
    set(&desk, 45 * MINUTE);
    reached(desk.app.store.as_ref(), 2).await;
    set(&desk, HOUR + 1);
    reached(desk.app.store.as_ref(), 3).await;
    // One that is due sooner than whatever the timer waits for.
    open(&desk, "low").await;
    open(&desk, "urgent").await;
    set(&desk, HOUR + 1 + 45 * MINUTE);
    reached(desk.app.store.as_ref(), 6).await;
    desk.app.shutdown.cancel();
    tokio::time::timeout(PATIENCE, timer).await.unwrap().unwrap();
    let expected = [
        warned(1, 45 * MINUTE, 45 * MINUTE, HOUR),
        breached(1, HOUR, HOUR + 1, HOUR),
        warned(3, HOUR + 1 + 45 * MINUTE, HOUR + 1 + 45 * MINUTE, 2 * HOUR + 1),
    ];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_timers_on_one_log_note_each_deadline_once() {
    let clock = Arc::new(ManualClock::at(NOW));
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let options = SqliteOptions::new(directories[0].path().join("log.db")).wal_pages(16);
    let store = Arc::new(options.open(clock.clone()).unwrap());
    let one = Desk::at(directories[0].path(), store.clone(), clock.clone()).await;
    let other = Desk::at(directories[1].path(), store.clone(), clock.clone()).await;
    let timers = [&one, &other].map(|desk| tokio::spawn(sla_timer::run(desk.app.clone())));
    for _ in 0..30 {
        open(&one, "urgent").await;
    }
    for instant in [45 * MINUTE, HOUR + 1] {
        let before = one.head();
        set(&one, instant);
        reached(store.as_ref(), before + 30).await;
    }
    for (desk, timer) in [&one, &other].into_iter().zip(timers) {
        desk.app.shutdown.cancel();
        tokio::time::timeout(PATIENCE, timer).await.unwrap().unwrap();
        assert_eq!(look(&desk.app).await, None);
    }
    let mut noted = all(&one).await;
    noted.sort();
    let expected = (1..=30).flat_map(|ticket| {
        [breached(ticket, HOUR, HOUR + 1, HOUR), warned(ticket, 45 * MINUTE, 45 * MINUTE, HOUR)]
    });
    assert_eq!(noted, expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_and_forward_notes_nothing_twice_and_nothing_early() {
    const DAY: i64 = 24 * HOUR;
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    look_at(&desk, 50 * MINUTE).await;
    assert_eq!(look_at(&desk, 50 * MINUTE - DAY).await, Some(HOUR + 1));
    assert_eq!(look_at(&desk, HOUR).await, Some(HOUR + 1));
    look_at(&desk, 2 * HOUR).await;
    look_at(&desk, 2 * HOUR - DAY).await;
    // Opened while the clock was a day behind: it is due when the clock says so, in its own time.
    let behind = open(&desk, "urgent").await;
    assert_eq!(look(&desk.app).await, Some(2 * HOUR - DAY + 45 * MINUTE));
    look_at(&desk, 3 * HOUR).await;
    look_at(&desk, 30 * DAY).await;
    let noted = all(&desk).await;
    let due = 3 * HOUR - DAY;
    let expected = [
        warned(1, 45 * MINUTE, 50 * MINUTE, HOUR),
        breached(1, HOUR, 2 * HOUR, HOUR),
        warned(behind, due - 15 * MINUTE, 3 * HOUR, due),
        breached(behind, due, 3 * HOUR, due),
    ];
    assert_eq!(noted, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_between_notes_nothing_twice_and_misses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let path = directory.path().join("log.db");
    let mut noted = Vec::new();
    for (life, instant) in [0, 50 * MINUTE, 55 * MINUTE, 3 * HOUR, 4 * HOUR].into_iter().enumerate() {
        let store = Arc::new(SqliteOptions::new(&path).wal_pages(16).open(clock.clone()).unwrap());
        let desk = Desk::at(directory.path(), store, clock.clone()).await;
        if life == 0 {
            open(&desk, "urgent").await;
        }
        look_at(&desk, instant).await;
        noted.push(all(&desk).await.len());
        drop(desk);
        if life % 2 == 1 {
            // Read models are disposable; what was noted is in the log.
            std::fs::remove_dir_all(directory.path().join("read-models")).unwrap();
        }
    }
    assert_eq!(noted, [0, 1, 1, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_and_a_replay_note_nothing() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    open(&desk, "urgent").await;
    look_at(&desk, 50 * MINUTE).await;
    set(&desk, 100 * HOUR);
    let head = desk.head();
    for name in ["queue", "timeline", "sla", "metrics", "directory", "search", "due", "roster", "reports"] {
        desk.post(format!("/api/v1/projections/{name}/rebuild")).await.ok(200);
    }
    // All read models made anew from the same log, with everything overdue.
    let elsewhere = tempfile::tempdir().unwrap();
    let replayed = Desk::at(elsewhere.path(), desk.app.store.clone(), desk.clock.clone()).await;
    replayed.settled().await;
    let read = replayed.read("/api/v1/tickets/1").await;
    assert_eq!(read["clock"]["breached"], true);
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_read_model_does_not_have_yet_counts() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    open(&desk, "urgent").await;
    desk.settled().await;
    store.holds_readers(true);
    set(&desk, 30 * MINUTE);
    reply(&desk, 1, "agent").await;
    set(&desk, 2 * HOUR);
    let app = desk.app.clone();
    let looking = tokio::spawn(async move { look(&app).await });
    store.holds_readers(false);
    assert_eq!(tokio::time::timeout(PATIENCE, looking).await.unwrap().unwrap(), None);
    assert_eq!(all(&desk).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_takes_nothing_now_is_tried_again() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    open(&desk, "urgent").await;
    set(&desk, 2 * HOUR);
    for error in [AppendError::Busy, AppendError::StorageFull, AppendError::OutcomeUnknown] {
        store.refuses(error);
        assert_eq!(sla_timer::turn(&desk.app).await, Turn::NotNow);
    }
    store.is_well();
    assert_eq!(look_at(&desk, 3 * HOUR).await, None);
    let expected = [warned(1, 45 * MINUTE, 3 * HOUR, HOUR), breached(1, HOUR, 3 * HOUR, HOUR)];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_at_the_same_time_leaves_one_truth() {
    // The answer comes late either way: one breach, whoever was first.
    let desk = Desk::open().await;
    for _ in 0..40 {
        open(&desk, "urgent").await;
    }
    set(&desk, 2 * HOUR);
    let answers = futures_util::future::join_all((1..=40).map(|ticket| reply(&desk, ticket, "agent")));
    futures_util::future::join(answers, look(&desk.app)).await;
    assert_eq!(look(&desk.app).await, None);
    let breaches = all(&desk).await.into_iter().filter(|noticed| noticed.kind == "sla.breached");
    let mut breached_tickets: Vec<_> = breaches.map(|breach| (breach.ticket, breach.occurred)).collect();
    breached_tickets.sort_unstable();
    assert_eq!(breached_tickets, (1..=40).map(|ticket| (ticket, HOUR)).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_that_has_nothing_to_do_ends_with_the_server() {
    let desk = Desk::on(|clock| Arc::new(MemoryStore::new(clock))).await;
    let timer = tokio::spawn(sla_timer::run(desk.app.clone()));
    desk.app.shutdown.cancel();
    tokio::time::timeout(PATIENCE, timer).await.unwrap().unwrap();
    assert_eq!(desk.head(), 0);
}
