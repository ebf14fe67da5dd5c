//! Reads server-sent events as a browser does.

use super::call::Call;
use super::desk::{Desk, PATIENCE};
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use serde_json::Value;

/// An open stream of events.
pub(crate) struct Events {
    body: BodyDataStream,
    buffered: String,
}

/// One event.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) id: u64,
    pub(crate) data: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

impl Events {
    /// Opens a stream.
    pub(crate) async fn open(desk: &Desk, call: Call<'_>) -> Self {
        Self::of(desk, call.request()).await
    }

    async fn of(desk: &Desk, request: Request<Body>) -> Self {
        let response = desk.start(request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        // A packed stream would hold events back until a block is full.
        assert!(response.headers().get("content-encoding").is_none());
        Self { body: response.into_body().into_data_stream(), buffered: String::new() }
    }

    /// The next event; none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Received> {
        loop {
            if let Some((event, rest)) = self.buffered.split_once("\n\n") {
                let received = parse(event);
                self.buffered = rest.to_owned();
                match received {
                    Some(received) => return Some(received),
                    None => continue,
                }
            }
            let more = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("a stream that goes on");
            self.buffered += std::str::from_utf8(&more?.unwrap()).unwrap();
        }
    }

    /// The next so many events.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Received> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.push(self.next().await.expect("the stream goes on"));
        }
        taken
    }
}

/// An event, unless it is only a comment that keeps the connection open.
fn parse(text: &str) -> Option<Received> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let known = |line: &str| line.starts_with(':') || line.starts_with("id: ") || line.starts_with("data: ");
    assert!(text.lines().all(known), "{text}");
    Some(Received { id: field("id")?.parse().unwrap(), data: field("data")?.to_owned() })
}
