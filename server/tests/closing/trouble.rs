//! Late, twice, restarted, with a clock that jumps: still once, never early, and never in a replay.

use super::desk::{Desk, NOW, PATIENCE};
use super::fallen::{DAY, HOUR, all, asked, happened, look, look_at, record, set};
use super::moody::MoodyStore;
use docket_core::clock::ManualClock;
use docket_core::event::Event;
use docket_core::names::GlobalPosition;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::store::{AppendError, EventStore};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::Snoozing;
use docket_core::time::DurationMs;
use docket_server::reactor::closing::{self, Aside, Turn};
use serde_json::json;
use std::sync::Arc;

/// Waits until the log holds so many records.
async fn reached(store: &dyn EventStore, position: u64) {
    let mut head = store.head();
    let reached = head.wait_for(|head| *head >= GlobalPosition(position));
    tokio::time::timeout(PATIENCE, reached).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timer_wakes_by_itself_for_what_is_due_and_ends_with_the_server() {
    let desk = Desk::on_sqlite().await;
    let timer = tokio::spawn(closing::run(desk.app.clone()));
    let ticket = asked(&desk).await;
    let head = desk.head();
    set(&desk, 7 * DAY);
    reached(desk.app.store.as_ref(), head + 1).await;
    set(&desk, 14 * DAY);
    reached(desk.app.store.as_ref(), head + 2).await;
    desk.app.shutdown.cancel();
    tokio::time::timeout(PATIENCE, timer).await.unwrap().unwrap();
    let expected = [happened(ticket, "confirmed", 7 * DAY), happened(ticket, "sealed", 14 * DAY)];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_on_one_log_close_each_ticket_once() {
    let clock = Arc::new(ManualClock::at(NOW));
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let options = SqliteOptions::new(directories[0].path().join("log.db")).wal_pages(16);
    let store = Arc::new(options.open(clock.clone()).unwrap());
    let one = Desk::at(directories[0].path(), store.clone(), clock.clone()).await;
    let other = Desk::at(directories[1].path(), store.clone(), clock.clone()).await;
    let timers = [&one, &other].map(|desk| tokio::spawn(closing::run(desk.app.clone())));
    for _ in 0..30 {
        asked(&one).await;
    }
    for instant in [7 * DAY, 14 * DAY] {
        let before = one.head();
        set(&one, instant);
        reached(store.as_ref(), before + 30).await;
    }
    for (desk, timer) in [&one, &other].into_iter().zip(timers) {
        desk.app.shutdown.cancel();
        tokio::time::timeout(PATIENCE, timer).await.unwrap().unwrap();
        assert_eq!(look(&desk.app).await, None);
    }
    let mut fallen = all(&one).await;
    fallen.sort();
    let expected = (1..=30)
        .flat_map(|ticket| [happened(ticket, "confirmed", 7 * DAY), happened(ticket, "sealed", 14 * DAY)]);
    assert_eq!(fallen, expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_between_closes_nothing_twice_and_misses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let path = directory.path().join("log.db");
    let mut fallen = Vec::new();
    for (life, instant) in [0, 8 * DAY, 9 * DAY, 15 * DAY, 16 * DAY].into_iter().enumerate() {
        let store = Arc::new(SqliteOptions::new(&path).wal_pages(16).open(clock.clone()).unwrap());
        let desk = Desk::at(directory.path(), store, clock.clone()).await;
        if life == 0 {
            asked(&desk).await;
        }
        look_at(&desk, instant).await;
        fallen.push(all(&desk).await.len());
        drop(desk);
        if life % 2 == 1 {
            // Read models are disposable; what fell due is in the log.
            std::fs::remove_dir_all(directory.path().join("read-models")).unwrap();
        }
    }
    assert_eq!(fallen, [0, 1, 1, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_and_forward_closes_nothing_twice_and_nothing_early() {
    let desk = Desk::open().await;
    let ticket = asked(&desk).await;
    look_at(&desk, 7 * DAY).await;
    assert_eq!(look_at(&desk, DAY).await, Some(14 * DAY));
    assert_eq!(look_at(&desk, 14 * DAY - 1).await, Some(14 * DAY));
    look_at(&desk, 15 * DAY).await;
    look_at(&desk, 0).await;
    look_at(&desk, 99 * DAY).await;
    let expected = [happened(ticket, "confirmed", 7 * DAY), happened(ticket, "sealed", 14 * DAY)];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_and_a_replay_close_nothing() {
    let desk = Desk::open().await;
    asked(&desk).await;
    set(&desk, 99 * DAY);
    let head = desk.head();
    desk.post("/api/v1/projections/due/rebuild").await.ok(200);
    let elsewhere = tempfile::tempdir().unwrap();
    let replayed = Desk::at(elsewhere.path(), desk.app.store.clone(), desk.clock.clone()).await;
    replayed.settled().await;
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_read_model_does_not_have_yet_counts() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    let ticket = asked(&desk).await;
    desk.settled().await;
    store.holds_readers(true);
    set(&desk, DAY);
    desk.done(ticket, "refuse", json!({ "body": "No." })).await;
    set(&desk, 30 * DAY);
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
    let ticket = asked(&desk).await;
    set(&desk, 15 * DAY);
    for error in [AppendError::Busy, AppendError::StorageFull, AppendError::OutcomeUnknown] {
        store.refuses(error);
        assert_eq!(closing::turn(&desk.app, &mut Aside::default()).await, Turn::NotNow);
    }
    store.is_well();
    assert_eq!(look_at(&desk, 16 * DAY).await, None);
    let expected = [happened(ticket, "confirmed", 7 * DAY), happened(ticket, "sealed", 14 * DAY)];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_done_steps_aside_is_counted_and_holds_up_nothing_else() {
    const NEVER_OPENED: u64 = 200;
    let desk = Desk::open().await;
    let ticket = desk.ticket().await;
    let snoozed = |hours: i64| TicketEvent::Snoozed(Snoozing { until: NOW.plus(DurationMs(hours * HOUR)) });
    for number in 0..NEVER_OPENED {
        record(&desk, 1000 + number, snoozed(1)).await;
    }
    desk.done(ticket, "snooze", json!({ "until": "2026-11-21T12:30:00Z" })).await;
    set(&desk, 4 * HOUR);
    let (mut aside, mut turns) = (Aside::default(), 0);
    let until = loop {
        match closing::turn(&desk.app, &mut aside).await {
            Turn::Until(instant) => break instant,
            Turn::Noted => turns += 1,
            Turn::NotNow => panic!("nothing is in trouble but what is aside"),
        }
        assert!(turns < 10, "it ends");
    };
    assert_eq!((until, aside.len() as u64), (None, NEVER_OPENED));
    assert_eq!(desk.read(&format!("/api/v1/tickets/{ticket}")).await["status"], "open");
    assert_eq!(desk.get("/readyz").await.ok(200)["due_aside"], NEVER_OPENED);
    assert!(desk.get("/metrics").await.text().contains(&format!("docket_due_aside {NEVER_OPENED}")));
    // Once its history says so, it is done; and what is due no more is aside no more.
    let opened = json!({ "requester": { "id": "noor" }, "subject": "x", "channel": "api" });
    let opened = Event::decode("ticket.opened", 1, &opened.to_string()).unwrap();
    let Event::Ticket(opened) = opened else { panic!("{opened:?}") };
    record(&desk, 1000, opened).await;
    record(&desk, 1000, snoozed(2)).await;
    while closing::turn(&desk.app, &mut aside).await == Turn::Noted {}
    assert_eq!(aside.len() as u64, NEVER_OPENED - 1);
    assert_eq!(desk.read("/api/v1/tickets/1000").await["status"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_answer_and_the_timer_at_the_same_time_one_counts() {
    let desk = Desk::open().await;
    for _ in 0..40 {
        asked(&desk).await;
    }
    set(&desk, 7 * DAY + HOUR);
    let confirm = |ticket| desk.act(ticket, "confirm", json!({})).into_future();
    let answers = futures_util::future::join_all((1..=40).map(confirm));
    let (answers, _) = futures_util::future::join(answers, look(&desk.app)).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let log = desk.log().await;
    let confirmed = log.iter().filter(|record| record["type"] == "ticket.confirmed");
    let mut tickets = Vec::from_iter(confirmed.map(|record| record["stream"].as_str().unwrap().to_owned()));
    assert_eq!(tickets.len(), 40);
    tickets.sort_unstable();
    tickets.dedup();
    assert_eq!(tickets.len(), 40, "each once");
}
