//! The description for people: Swagger UI from the binary, which asks nobody but this server.

use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

/// Where the description is.
pub(super) const DESCRIPTION: &str = "/api/openapi.json";

/// What the viewer may do: its own files, pictures and the one style sheet that it carries along, and requests to this
/// server. The hash is that of the style sheet; another release may have another, which the browser then says.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// It would show a badge of a site elsewhere that reads the description, and would have to ask that site.
static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from(DESCRIPTION).validator_url("none").display_request_duration(true);
    Arc::new(config.deep_linking(true).filter(true).doc_expansion("none"))
});

/// The description itself, as it was written once.
pub(super) async fn description(json: Bytes) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, json).into_response()
}

/// Leads to the page, whose files lie beside it.
pub(super) async fn entrance() -> Redirect {
    Redirect::permanent("/api/docs/")
}

/// The page.
pub(super) async fn page() -> Response {
    deliver("index.html")
}

/// A file that the page loads.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    deliver(&name)
}

fn deliver(name: &str) -> Response {
    let file = match utoipa_swagger_ui::serve(name, CONFIG.clone()) {
        Ok(Some(file)) => file,
        Ok(None) => return Problem::not_found().into_response(),
        Err(error) => {
            tracing::error!("the viewer cannot be served: {error}");
            return Problem::internal().into_response();
        }
    };
    let kind = HeaderValue::from_str(&file.content_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (headers, file.bytes.into_owned()).into_response()
}
