//! Reads what was sent: limits first, then JSON, then the fields, each with an error that says where.

use crate::problem::Problem;
use crate::single;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use docket_core::names::{GlobalPosition, StreamVersion, TicketNumber};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;
use uuid::Uuid;

/// The largest body that is taken. A message may be 64 KiB, and JSON may write each byte as six.
pub const BODY_BYTES_MAX: usize = 512 * 1024;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Fields that must be written as a JSON object: serde alone would also take their values in an array.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// One of a list of names, written as a string: serde alone would also take an object with the name as its key.
pub(crate) struct Named<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        T::deserialize(name.into_deserializer()).map(Self)
    }
}

/// A body in JSON, read field by field, with what was sent.
pub(crate) struct Sent<T> {
    pub(crate) fields: T,
    pub(crate) bytes: Bytes,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let path = request.uri().path().to_owned();
        let headers = request.headers().clone();
        if headers.contains_key(header::CONTENT_ENCODING) {
            return Err(Problem::media_type("application/json without a content encoding"));
        }
        let bytes = read(&headers, request.into_body()).await?;
        let is_json = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        if !is_json && !bytes.is_empty() {
            return Err(Problem::media_type("application/json"));
        }
        // A command without fields may come without a body.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let fields = parse(text)?;
        Ok(Self { fields, bytes, path, headers })
    }
}

/// Reads a body within its limits of length and time.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let too_large = || Problem::too_large(BODY_BYTES_MAX);
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(too_large());
    }
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX);
    let Ok(body) = tokio::time::timeout(BODY_TIMEOUT, body).await else { return Err(Problem::too_slow()) };
    body.map_err(|error| {
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            if inner.to_string().contains("length limit") {
                return too_large();
            }
            cause = inner.source();
        }
        if error.to_string().contains("length limit") {
            return too_large();
        }
        Problem::malformed("the body was cut off")
    })
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let Object(fields) = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => {
                let (field, told) = (if field == "." { "" } else { &field }, plain(&inner.to_string()));
                Problem::lacking(field, &told).unwrap_or_else(|| Problem::invalid(field, told))
            }
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => Problem::malformed(format!("not JSON: {inner}")),
        }
    })?;
    deserializer.end().map_err(|error| Problem::malformed(format!("not JSON: {error}")))?;
    Ok(fields)
}

/// The ticket's number in the path.
pub(crate) struct TicketPath(pub(crate) TicketNumber);

impl<S: Send + Sync> FromRequestParts<S> for TicketPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text): Path<String> =
            Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        ticket_number(&text).map(Self)
    }
}

/// A ticket's number as people write it: no ticket is called `007`, `+7` or `0`.
pub(crate) fn ticket_number(text: &str) -> Result<TicketNumber, Problem> {
    match text.parse::<u64>() {
        Ok(number) if number > 0 && !text.starts_with(['0', '+']) => Ok(TicketNumber(number)),
        Ok(_) | Err(_) => Err(Problem::from(docket_core::ticket::TicketRefusal::NotFound)),
    }
}

/// A read model's name in the path.
pub(crate) struct NamePath(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for NamePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(name))
    }
}

/// The identifier of a session or token in the path.
pub(crate) struct UuidPath(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for UuidPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What is no identifier names nothing that is there.
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(id))
    }
}

/// The parameters behind the question mark.
pub(crate) struct Asked<T>(pub(crate) T);

/// Why an address was not read, in our words: the library's are made for programmers.
fn unread(told: &str) -> Problem {
    let told = told.strip_prefix("Failed to deserialize query string: ").unwrap_or(told);
    let named = |words: &str| told.split_once(words)?.1.split('`').next();
    if let Some(field) = named("missing field `") {
        return Problem::invalid(field, format!("is missing; add {field}=… to the address"));
    }
    if let Some(field) = named("duplicate field `") {
        return Problem::invalid(field, "is there more than once; send it once");
    }
    if let Some(field) = named("unknown field `") {
        let others =
            told.split_once("expected ").map_or("none", |(_, others)| others.trim_start_matches("one of "));
        return Problem::invalid(field, format!("is not taken here; leave it out, and use {others}"));
    }
    match told.split_once(": ") {
        Some((field, why)) => Problem::invalid(field, format!("cannot be taken: {}", plain(why))),
        None => Problem::invalid("query", format!("cannot be taken: {}", plain(told))),
    }
}

/// What the library says of a value, without the names of types.
fn plain(told: &str) -> String {
    let told = told.split(" at line ").next().unwrap_or(told);
    let whole = ["u64", "u32", "u16", "u8", "usize"].into_iter().fold(told.to_owned(), |told, name| {
        told.replace(
            &format!("expected {name}"),
            "expected a whole number, from 0, written with digits alone",
        )
    });
    let whole = whole.replace("expected i64", "expected a whole number, written with digits alone");
    whole
        .replace("invalid digit found in string", "must be a whole number, from 0, written with digits alone")
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(asked) =
            Query::from_request_parts(parts, state).await.map_err(|error| unread(&error.body_text()))?;
        Ok(Self(asked))
    }
}

/// The longest number in an ETag that is taken. Unit: digits.
const TAG_DIGITS_MAX: usize = 20;

/// What a command was decided on, as `If-Match` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It does not say.
    Unsaid,
    /// Whatever was said: `*`.
    Whatever,
    /// A version: `"7"`.
    At(StreamVersion),
}

/// What a command was decided on.
pub(crate) fn seen(headers: &HeaderMap) -> Result<Seen, Problem> {
    let Some(value) = single::header(headers, header::IF_MATCH.as_str())? else { return Ok(Seen::Unsaid) };
    let seen = match value.to_str().map(str::trim) {
        Ok("*") => Some(Seen::Whatever),
        Ok(tag) => version_of(tag).map(Seen::At),
        Err(_) => None,
    };
    let detail = "must be the ticket's ETag, such as \"7\", or * to act whatever was said meanwhile";
    seen.ok_or_else(|| Problem::invalid("if-match", detail))
}

/// The version in an ETag as answers carry it: no ticket has ever been at `"007"`.
fn version_of(tag: &str) -> Option<StreamVersion> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let written_so = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if !written_so || !(1..=TAG_DIGITS_MAX).contains(&digits.len()) {
        return None;
    }
    // One that no number holds is one that the ticket has never been at either.
    Some(StreamVersion(digits.parse().unwrap_or(u64::MAX)))
}

/// A position as a parameter.
pub(crate) fn position(number: Option<u64>) -> Option<GlobalPosition> {
    number.map(GlobalPosition)
}

/// A read model's name and a ticket's number in the path.
pub(crate) struct TicketNumberAndName {
    pub(crate) name: String,
    pub(crate) number: TicketNumber,
}

impl<S: Send + Sync> FromRequestParts<S> for TicketNumberAndName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((name, number)): Path<(String, String)> =
            Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self { name, number: ticket_number(&number)? })
    }
}
