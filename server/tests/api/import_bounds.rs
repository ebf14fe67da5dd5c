//! What is sent to an import to do harm: what nobody can read, what has no end, what does not come.

use super::call::Answer;
use super::desk::{Desk, PATIENCE};
use super::imports::{counts, import, in_parts, lines, opened, part, rejected};
use super::letting_in::{bearer, guarded, hired, token};
use axum::body::{Body, Bytes};
use docket_core::actor::Role;
use docket_core::handler::import::LINE_BYTES_MAX;
use docket_server::api::{IMPORT_BATCH_EVENTS, IMPORT_BYTES_MAX};
use docket_server::listener;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceExt;

#[tokio::test(flavor = "multi_thread")]
async fn a_line_made_to_do_harm_is_told_like_any_other() {
    let desk = Desk::open().await;
    let good = lines([opened("A")]);
    let line = |from: &str, to: &[u8]| {
        let (before, after) = good.split_once(from).unwrap();
        [before.as_bytes(), to, after.as_bytes()].concat()
    };
    let deep = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
    let within =
        |rest: &str| line("\"actor\":\"Ana\"", format!("\"actor\":\"Ana\",\"rest\":{rest}").as_bytes());
    let wrong: Vec<(Vec<u8>, &str)> = vec![
        (line("About", b"\xff"), "malformed"),
        (line("Ana", b"\xed\xa0\x80"), "malformed"),
        (line("About", b"\\ud800"), "event"),
        (line("Ana", b"\\ud800"), "malformed"),
        ([b"\xef\xbb\xbf", good.as_bytes()].concat(), "malformed"),
        (format!("{{\"facts\":{}}}\n", deep(500_000)).into_bytes(), "malformed"),
        ("[".repeat(LINE_BYTES_MAX).into_bytes(), "malformed"),
        (line("\"channel\"", format!("\"x\":{},\"channel\"", deep(500_000)).as_bytes()), "event"),
        (within(&deep(500_000)), "malformed"),
        (within(&json!(format!("{{\"x\":{}}}", deep(50_000))).to_string()), "rest-form"),
        (within("\"{\\\"x\\\":\\\"\\\\ud800\\\"}\""), "rest-form"),
        (line("\"channel\"", b"\"subject\":\"x\",\"channel\""), "event"),
        (line("\"actor\"", b"\"case\":\"x\",\"actor\""), "malformed"),
        (
            line("\"type\":\"ticket.opened\"", b"\"type\":\"ticket.opened\",\"type\":\"ticket.noted\""),
            "malformed",
        ),
        (line("\"seq\":0", b"\"seq\":-1"), "malformed"),
        (line("\"seq\":0", b"\"seq\":0.0"), "malformed"),
        (line("\"seq\":0", b"\"seq\":18446744073709551616"), "malformed"),
        (line("\"seq\":0", b"\"seq\":18446744073709551615"), "waits"),
    ];
    let mut sent = Vec::new();
    for (line, _) in &wrong {
        sent.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        sent.push(b'\n');
    }
    sent.extend_from_slice(lines([opened("B")]).as_bytes());
    let told = import(&desk, sent).await.ok(200);
    let expected: Vec<(u64, String)> =
        (1..).zip(&wrong).map(|(line, (_, code))| (line, (*code).to_owned())).collect();
    assert_eq!(rejected(&told), expected);
    assert_eq!((counts(&told).0, desk.head()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_bounded_and_says_what_it_is() {
    let desk = Desk::open().await;
    for kind in ["application/json", "text/plain", "application/x-ndjson-seq", ""] {
        let call = desk.post("/api/v1/import").by("alma", "admin").header("content-type", kind);
        call.raw(lines([opened("A")])).await.problem(415, "media-type");
    }
    let packed = import(&desk, lines([opened("A")])).header("content-encoding", "gzip");
    packed.await.problem(415, "media-type");
    let announced = import(&desk, "").header("content-length", (IMPORT_BYTES_MAX + 1).to_string());
    announced.await.problem(413, "body-too-large");
    let keyed = import(&desk, lines([opened("A")])).header("idempotency-key", "ñ");
    keyed.await.problem(422, "invalid");
    assert_eq!(desk.head(), 0);
    // Of what turns out to be too long, whole batches are in.
    let blank = Bytes::from(" ".repeat(1024 * 1024 - 1) + "\n");
    let parts = std::iter::once(Bytes::from(lines([opened("A")])));
    let parts = parts.chain(std::iter::repeat_n(blank, IMPORT_BYTES_MAX / (1024 * 1024)));
    let body = Body::from_stream(futures_util::stream::iter(parts.map(Ok::<_, Infallible>)));
    let refused = import(&desk, body).await.problem(413, "body-too-large");
    assert_eq!((&refused["outcome"], desk.head()), (&Value::Null, 0));
}

/// Time stands still until nothing else is left to do; then it is as late as whoever waits longest.
#[tokio::test(start_paused = true)]
async fn what_comes_slowly_is_not_waited_for_for_ever() {
    let desk = Desk::open().await;
    let send = async |body: Body| {
        let request = import(&desk, body).request();
        let answer = listener::router(desk.app.clone()).oneshot(request).await;
        Answer::read(answer.unwrap_or_else(|never| match never {})).await
    };
    let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    send(Body::from_stream(never)).await.problem(408, "too-slow");
    // Nor is what keeps coming, a few bytes at a time, while others have to wait.
    let begun = Instant::now();
    let drops = futures_util::stream::unfold(lines([opened("A")]), |next| async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Some((Ok::<_, Infallible>(Bytes::from(next)), "\n".to_owned()))
    });
    send(Body::from_stream(drops)).await.problem(408, "too-slow");
    assert!(begun.elapsed() < Duration::from_secs(400), "{:?}", begun.elapsed());
    let whole = send(Body::from(lines([opened("A")]))).await.ok(200);
    assert_eq!(counts(&whole).0 + counts(&whole).1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_what_they_had_while_sending_puts_nothing_more_into_the_log() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    for step in ["change-role", "deactivate", "revoke"] {
        let theirs = hired(&desk, &format!("rosa-{step}"), Role::Admin, &[]).await;
        let (secret, token) = token(&desk, &theirs, &["operate"]).await;
        let path = match step {
            "revoke" => format!("/api/v1/tokens/{token}/revoke"),
            _ => format!("/api/v1/staff/rosa-{step}/{step}"),
        };
        let body = if step == "change-role" { json!({ "to": "agent" }) } else { json!({}) };
        let before = desk.head();
        let (parts, coming) = in_parts();
        let opened = |number| opened(&format!("{step} {number}"));
        parts.send(part(&lines((0..IMPORT_BATCH_EVENTS).map(opened)))).unwrap();
        let sending = desk.post("/api/v1/import").header("content-type", "application/x-ndjson");
        let sending = bearer(sending, &secret).raw(coming);
        let take_away = async {
            let mut head = desk.app.store.head();
            let appended = head.wait_for(|head| head.0 >= before + IMPORT_BATCH_EVENTS as u64);
            tokio::time::timeout(PATIENCE, appended).await.unwrap().unwrap();
            desk.post(path).header("cookie", &alma).json(&body).await.ok(200);
            let after = desk.head();
            parts
                .send(part(&lines((0..2 * IMPORT_BATCH_EVENTS).map(|number| opened(10_000 + number)))))
                .unwrap();
            drop(parts);
            after
        };
        let (answer, after) = tokio::join!(async { sending.await }, take_away);
        assert_eq!(answer.problem(409, "access-changed")["outcome"], "unknown");
        assert_eq!(desk.head(), after, "{step}");
    }
}
