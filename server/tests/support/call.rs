//! One request, written down as briefly as a test wants it, and its answer.

use super::desk::Desk;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, request};
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// A request that is sent when it is awaited.
pub(crate) struct Call<'a> {
    desk: &'a Desk,
    request: request::Builder,
    body: Body,
    /// Whether it acts whatever was said, unless it says what was read.
    whatever: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(desk: &'a Desk, method: &str, path: String) -> Self {
        let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:7333");
        Self { desk, request, body: Body::empty(), whatever: false }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.request = self.request.header(name, value.as_ref());
        self
    }

    /// Who asks, and in which role.
    pub(crate) fn by(self, actor: &str, role: &str) -> Self {
        self.header("docket-actor", actor).header("docket-role", role)
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The version that it was decided on.
    pub(crate) fn seen(self, version: u64) -> Self {
        self.header("if-match", format!("\"{version}\""))
    }

    /// Acts whatever was said meanwhile, unless it says what was read.
    pub(crate) fn whatever(mut self) -> Self {
        self.whatever = true;
        self
    }

    /// Says nothing about what was read.
    pub(crate) fn unread(mut self) -> Self {
        self.whatever = false;
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    /// A body that says it is JSON, whatever it is.
    pub(crate) fn text(self, body: impl Into<Body>) -> Self {
        self.header("content-type", "application/json").raw(body)
    }

    pub(crate) fn raw(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn request(mut self) -> Request<Body> {
        let says = self.request.headers_ref().is_some_and(|headers| headers.contains_key("if-match"));
        if self.whatever && !says {
            self = self.header("if-match", "*");
        }
        self.request.body(self.body).unwrap()
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let desk = self.desk;
        let request = self.request();
        Box::pin(desk.send(request))
    }
}

/// The table of codes in docs/API.md: of each its status and what it means.
pub(crate) fn listed() -> BTreeMap<&'static str, (u16, &'static str)> {
    let table = include_str!("../../../docs/API.md").split("| code | status | meaning |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let row = |row: &'static str| {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
        let [code, status, meaning] = cells[..] else { panic!("{row}") };
        (code.trim_matches('`'), (status.parse().unwrap(), meaning))
    };
    rows.map(row).collect()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        self.json()
    }

    /// The body of an error, which says what went wrong in the one way that all errors do.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("urn:docket:problem:{code}"));
        assert_eq!(problem["status"], status);
        self.check_problem();
        problem
    }

    /// What holds for every error: it is a problem, says what to do, and gives nothing away.
    #[track_caller]
    pub(crate) fn check_problem(&self) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(self.header("retry-after").is_some(), [429, 503].contains(&self.status), "{self:?}");
        let problem = self.json();
        let code = problem["code"].as_str().unwrap();
        let (status, _) = listed().remove(code).unwrap_or_else(|| panic!("{code} is not in docs/API.md"));
        assert_eq!(status, self.status, "{code} has another status in docs/API.md");
        let fields = problem.as_object().unwrap();
        let known = [
            "type",
            "code",
            "title",
            "status",
            "detail",
            "field",
            "current_version",
            "missed",
            "outcome",
            "draft",
        ];
        assert!(fields.keys().all(|field| known.contains(&field.as_str())), "{problem}");
        for text in ["title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        assert!(self.header("content-language").is_some(), "{self:?}");
        let detail = problem["detail"].as_str().unwrap().to_lowercase();
        // It may quote what was sent, so only what nobody sends by chance is looked for.
        let internals =
            ["sqlite", "/tmp", ".rs:", "panick", "tokio", "axum", "serde", "core::", "std::", "docket_"];
        for internal in internals {
            assert!(!detail.contains(internal), "{problem}");
        }
    }
}
