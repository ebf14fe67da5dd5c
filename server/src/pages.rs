//! The pages: queue, ticket and reports, rendered here and working without a script.
//!
//! Every text is in `locales/`, every template in `templates/`; a missing message or member does not compile.

mod assets;
mod availability;
mod clock;
mod customer;
mod error;
mod format;
mod frame;
pub mod language;
mod moment;
mod queue;
mod rate;
mod reader;
mod reports;
mod sign_in;
mod texts;
mod ticket;
mod visible;
mod words;

use crate::app::App;
use crate::problem::Problem;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use language::Visit;

/// The largest form that is taken. A message may be 64 KiB, and a form may write each byte as three.
pub const FORM_BYTES_MAX: usize = 256 * 1024;

/// All pages.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(async || Redirect::to("/queue?lane=new")))
        .route("/queue", get(queue::show))
        .route(availability::ROUTE, post(availability::set))
        .route("/tickets/{number}", get(ticket::show))
        .route(ticket::sent::ROUTE, get(ticket::back).post(ticket::act))
        .route("/reports", get(reports::show))
        .route("/rate/{link}", get(rate::show).post(rate::rate))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/welcome", get(sign_in::welcome).post(sign_in::accept))
        .route("/sign-out", post(sign_in::leave))
        .method_not_allowed_fallback(async |visit: Visit| error::page(&visit, &Problem::method_not_allowed()))
        .layer(from_fn(remember_language))
        .route("/assets/{name}", get(assets::serve))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

/// Whether a request is a form that may bring files: it is longer than what is held in memory, and read by its page.
pub fn may_bring_files(parts: &Parts, route: &str) -> bool {
    route == ticket::sent::ROUTE && ticket::multipart::is_multipart(&parts.headers)
}

/// The page for an address where nothing is, in the visitor's language.
pub async fn not_found(visit: Visit) -> Response {
    error::page(&visit, &Problem::not_found())
}

/// Says no to a request that no handler has seen: as a page where a page was asked for, as a problem elsewhere.
pub fn refusal(parts: &Parts, problem: Problem) -> Response {
    let path = parts.uri.path();
    let is_page = !path.starts_with("/api/") && !["/livez", "/readyz", "/metrics"].contains(&path);
    if !is_page {
        return problem.into_response();
    }
    let visit = Visit::of(&parts.uri, &parts.headers);
    if problem.asks_to_sign_in() && parts.method == Method::GET {
        return sign_in::lead(&visit);
    }
    error::page(&visit, &problem)
}

/// Sets the cookie when an address asks for a language.
async fn remember_language(request: Request, next: Next) -> Response {
    let cookie = language::cookie(request.uri());
    let mut response = next.run(request).await;
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
