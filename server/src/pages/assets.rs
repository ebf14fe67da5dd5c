//! What pages load beside themselves, from the binary; the address changes with the content.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};
use std::sync::LazyLock;

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// Where the style sheet is.
pub(super) static STYLE: LazyLock<String> = LazyLock::new(|| address("docket.css"));

/// Where the icon is.
pub(super) static ICON: LazyLock<String> = LazyLock::new(|| address("docket.svg"));

fn address(name: &str) -> String {
    let version = Files::get(name).map(|file| version(&file)).unwrap_or_default();
    format!("/assets/{name}?v={version}")
}

/// Eight bytes of the content's hash: a new content has a new address, so that nobody waits for a cache.
fn version(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Serves a file of the binary.
pub(super) async fn serve(
    visit: super::language::Visit,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(Path(name)) = name else { return super::not_found(visit).await };
    let Some(file) = Files::get(&name) else { return super::not_found(visit).await };
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    };
    let current = query.is_some_and(|query| query.strip_prefix("v=") == Some(version(&file).as_str()));
    let caching = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
    ];
    (headers, file.data).into_response()
}
