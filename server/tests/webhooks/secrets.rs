//! Secrets are shown once and to nobody else: not in events, answers, metrics or the server's own log (promise S8).

use super::receiver::{Receiver, Reply};
use super::support::{act, add, admin, anywhere, sending, until_failed};
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that is logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_event_answer_metric_or_log() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    subscriber.with_writer(move || writer.clone()).init();
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let url = format!("http://127.0.0.1:{}/path-3c9e/hook?token=query-81d0", receiver.port);
    let (id, first) = add(&desk, json!({ "url": url })).await;
    let rotated = act(&desk, &id, "rotate-secret", json!({})).await;
    let second = rotated["secret"].as_str().unwrap().to_owned();
    receiver.always(Reply::Status(500));
    desk.ticket().await;
    assert_eq!(receiver.next().await.line, "POST /path-3c9e/hook?token=query-81d0 HTTP/1.1");
    until_failed(&desk, &id, 1).await;
    act(&desk, &id, "pause", json!({})).await;
    let mut shown = String::new();
    for path in ["", "/deliveries", "/dead-letters"] {
        shown += admin(desk.get(format!("/api/v1/webhooks/{id}{path}"))).await.text();
    }
    for path in ["/api/v1/webhooks", "/metrics", "/api/v1/events"] {
        shown += admin(desk.get(path)).await.text();
    }
    shown += admin(desk.post(format!("/api/v1/webhooks/{id}/test"))).await.text();
    // An address that is refused is not repeated either.
    let refused = admin(desk.post("/api/v1/webhooks"));
    shown += refused.json(&json!({ "url": "https://u:pass-55ab@a.example/path-3c9e" })).await.text();
    for record in desk.log().await {
        shown += &record.to_string();
    }
    let log = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains(&id), "what happens to a webhook is logged: {log}");
    shown += &log;
    for secret in [&first[6..], &second[6..], "path-3c9e", "query-81d0", "pass-55ab"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
