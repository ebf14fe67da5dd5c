//! The feed: in order, without gap or repetition, by long poll and as a stream (promises O1, A3, A5).

use super::desk::{Desk, PATIENCE, opening};
use super::events::Events;
use super::moody::MoodyStore;
use docket_core::store::ReadError;
use docket_server::streams::Streams;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Waits until so many streams and long polls are open.
async fn open_streams(desk: &Desk, count: usize) {
    free_streams(desk, docket_server::streams::STREAMS_MAX - count).await;
}

/// Waits until there is room for so many more.
async fn free_streams(desk: &Desk, wanted: usize) {
    let reached = async {
        while desk.app.streams.free() != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.unwrap();
}

fn positions(page: &Value) -> Vec<u64> {
    page["events"].as_array().unwrap().iter().map(|event| event["position"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_hands_out_the_log_as_it_is_stored() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let stored = desk.app.store.read_all(docket_core::names::GlobalPosition::START, 10).await.unwrap();
    let stored: Vec<&str> = stored.iter().map(|record| std::str::from_utf8(&record.bytes).unwrap()).collect();
    let page = desk.get("/api/v1/events").await;
    // Byte for byte: a hash over what is handed out is the hash that is stored.
    assert_eq!(page.text(), format!("{{\"events\":[{}],\"next\":3,\"head\":3}}", stored.join(",")));
    let mut events = Events::open(&desk, desk.get("/api/v1/events/stream")).await;
    for (event, stored) in events.take(3).await.iter().zip(stored) {
        assert_eq!(event.data, stored);
        assert_eq!(event.json()["position"], event.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_read_in_pages_without_gap_or_repetition() {
    let desk = Desk::open().await;
    for _ in 0..23 {
        desk.ticket().await;
    }
    for limit in [1, 7, 23, 24, 1000] {
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let page = desk.get(format!("/api/v1/events?after={after}&limit={limit}")).await.ok(200);
            assert!(positions(&page).len() <= limit);
            assert_eq!(page["head"], 23);
            seen.extend(positions(&page));
            if page["next"] == json!(after) {
                break;
            }
            after = page["next"].as_u64().unwrap();
        }
        assert_eq!(seen, (1..=23).collect::<Vec<_>>(), "limit {limit}");
    }
    let end = desk.get("/api/v1/events?after=23").await.ok(200);
    assert_eq!(end, json!({ "events": [], "next": 23, "head": 23 }));
    // Whoever went on from there would miss what those positions will hold.
    for beyond in [24, u64::MAX] {
        for path in ["events", "events/stream"] {
            let refused = desk.get(format!("/api/v1/{path}?after={beyond}")).await;
            refused.problem(409, "position-ahead");
        }
        let resumed = desk.get("/api/v1/events/stream").header("last-event-id", beyond.to_string()).await;
        resumed.problem(409, "position-ahead");
    }
}

/// Time stands still until nothing else is left to do, so that only a wait makes it pass.
#[tokio::test(start_paused = true)]
async fn a_long_poll_waits_only_when_there_is_nothing() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let began = Instant::now();
    let page = desk.get("/api/v1/events?wait_ms=30000").await.ok(200);
    assert_eq!((positions(&page), began.elapsed()), (vec![1], Duration::ZERO));
    let none = desk.get("/api/v1/events?after=1").await.ok(200);
    assert_eq!((none["next"].clone(), began.elapsed()), (json!(1), Duration::ZERO));
    let none = desk.get("/api/v1/events?after=1&wait_ms=30000").await.ok(200);
    assert_eq!(none, json!({ "events": [], "next": 1, "head": 1 }));
    assert!(began.elapsed() >= Duration::from_secs(30));
    assert_eq!(desk.app.streams.free(), docket_server::streams::STREAMS_MAX);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_is_woken_by_an_append() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    let poll = desk.get("/api/v1/events?after=1&wait_ms=30000").into_future();
    let append = async {
        open_streams(&desk, 1).await;
        desk.ticket().await
    };
    let (page, _) = futures_util::future::join(poll, append).await;
    assert_eq!(positions(&page.ok(200)), [2]);
    open_streams(&desk, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_may_last_half_a_minute_and_no_longer() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.get("/api/v1/events?wait_ms=30000").await.ok(200);
    for wait in ["30001", "18446744073709551615"] {
        let refused = desk.get(format!("/api/v1/events?wait_ms={wait}")).await.problem(422, "invalid");
        assert_eq!(refused["field"], "wait_ms");
    }
    for junk in ["-1", "1.5", "18446744073709551616", "x"] {
        desk.get(format!("/api/v1/events?wait_ms={junk}")).await.problem(422, "invalid");
        desk.get(format!("/api/v1/events?after={junk}")).await.problem(422, "invalid");
        desk.get(format!("/api/v1/events/stream?after={junk}")).await.problem(422, "invalid");
        let resumed = desk.get("/api/v1/events/stream").header("last-event-id", junk).await;
        assert_eq!(resumed.problem(422, "invalid")["field"], "last-event-id");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_begins_after_the_last_event_that_its_client_has() {
    let desk = Desk::open().await;
    for _ in 0..6 {
        desk.ticket().await;
    }
    let stream = || desk.get("/api/v1/events/stream");
    for (call, first) in [
        (stream(), 1),
        (desk.get("/api/v1/events/stream?after=2"), 3),
        (stream().header("last-event-id", "4"), 5),
        // The client goes on where it was, whatever its address says.
        (desk.get("/api/v1/events/stream?after=2").header("last-event-id", "5"), 6),
        (stream().header("last-event-id", "0").header("accept-encoding", "gzip, br"), 1),
    ] {
        let mut events = Events::open(&desk, call).await;
        assert_eq!(events.next().await.unwrap().id, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_resumed_while_others_write_has_every_event_once_and_in_order() {
    let desk = Desk::on_sqlite().await;
    for _ in 0..4 {
        desk.ticket().await;
    }
    let writers = (1..=4_u64).map(|ticket| {
        let desk = &desk;
        async move {
            for index in 0..100 {
                desk.done(ticket, "note", json!({ "body": format!("{index}") })).await;
            }
        }
    });
    let reader = async {
        let mut seen: Vec<u64> = Vec::new();
        while seen.len() < 404 {
            let last = seen.last().copied().unwrap_or(0);
            let call = desk.get("/api/v1/events/stream").header("last-event-id", last.to_string());
            let mut events = Events::open(&desk, call).await;
            // It breaks off after a while, in the middle of what is on its way.
            for event in events.take(37.min(404 - seen.len())).await {
                seen.push(event.id);
            }
        }
        seen
    };
    let (_, seen) = futures_util::future::join(futures_util::future::join_all(writers), reader).await;
    assert_eq!(seen, (1..=404).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_reads_no_further_ahead_than_its_client_takes() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    for _ in 0..500 {
        desk.ticket().await;
    }
    let mut slow = Events::open(&desk, desk.get("/api/v1/events/stream")).await;
    slow.take(1).await;
    assert!(store.streamed() <= 64, "{} records for a client that took one", store.streamed());
    slow.take(100).await;
    assert!(store.streamed() <= 192, "{} records for a client that took 101", store.streamed());
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_and_long_polls_beyond_the_limit_are_refused_until_one_ends() {
    let desk = Desk::open().await.with(|app| app.streams = Streams::new(2, 3));
    desk.ticket().await;
    let stream = || desk.get("/api/v1/events/stream");
    let first = Events::open(&desk, stream()).await;
    let _second = Events::open(&desk, stream()).await;
    let refused = stream().await;
    refused.problem(503, "too-many-streams");
    desk.get("/api/v1/events?after=1&wait_ms=1").await.problem(503, "too-many-streams");
    // Whoever does not have to wait needs no place.
    assert_eq!(positions(&desk.get("/api/v1/events?wait_ms=1").await.ok(200)), [1]);
    drop(first);
    let mut third = Events::open(&desk, stream()).await;
    assert_eq!(third.next().await.unwrap().id, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_the_room_for_streams_from_everybody_else() {
    let desk = Desk::open().await.with(|app| app.streams = Streams::new(3, 2));
    desk.ticket().await;
    let stream = || desk.get("/api/v1/events/stream");
    let first = Events::open(&desk, stream()).await;
    let _second = Events::open(&desk, stream()).await;
    let refused = stream().await;
    refused.problem(429, "too-many-own-streams");
    assert_eq!(refused.header("retry-after"), Some("1"));
    desk.get("/api/v1/events?after=1&wait_ms=1").await.problem(429, "too-many-own-streams");
    let _somebody_else = Events::open(&desk, stream().header("docket-actor", "omar")).await;
    stream().header("docket-actor", "rosa").await.problem(503, "too-many-streams");
    drop(first);
    free_streams(&desk, 1).await;
    Events::open(&desk, stream()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_and_long_polls_end_when_the_server_stops() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    let mut events = Events::open(&desk, desk.get("/api/v1/events/stream")).await;
    events.take(1).await;
    let poll = desk.get("/api/v1/events?after=1&wait_ms=30000").into_future();
    let stop = async {
        open_streams(&desk, 2).await;
        desk.app.shutdown.cancel();
    };
    let (polled, ()) = futures_util::future::join(poll, stop).await;
    polled.problem(503, "shutting-down");
    assert!(events.next().await.is_none(), "the stream ended");
    // New work is refused; what only reads is still answered.
    desk.post("/api/v1/tickets").json(&opening()).await.problem(503, "shutting-down");
    desk.act(1, "note", json!({ "body": "x" })).await.problem(503, "shutting-down");
    desk.get("/api/v1/tickets/1").await.ok(200);
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_over_a_log_that_cannot_be_read_ends_and_says_why_to_whoever_comes_back() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    desk.ticket().await;
    let mut events = Events::open(&desk, desk.get("/api/v1/events/stream")).await;
    events.take(1).await;
    desk.settled().await;
    store.cannot_be_read(ReadError::Unavailable { why: "x".into() });
    desk.ticket().await;
    assert!(events.next().await.is_none(), "nothing is left out");
    desk.get("/api/v1/events?after=1").await.problem(503, "log-unavailable");
}
