//! What every page has around its content: lanes with what is late in them, languages, and how it is delivered.

use super::assets;
use super::availability::Mine;
use super::language::Visit;
use super::texts::{TEXTS, Texts};
use super::visible::Isolated;
use crate::app::{App, Lag, WAIT_MAX};
use crate::identity::{Caller, Shown};
use crate::problem::Problem;
use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use docket_core::names::GlobalPosition;
use docket_core::ticket::Lane;
use docket_core::time::Timestamp;
use docket_projections::queue::LaneCount;
use docket_projections::runner::{Projections, QueryError};

/// What a page may load and do: its own style and pictures, and forms to this server. No script at all.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every page has around its content.
pub(super) struct Frame {
    pub(super) style: &'static str,
    pub(super) icon: &'static str,
    /// Whether nobody is in yet: then there is nowhere to go.
    pub(super) outside: bool,
    /// Whether there is a session to end.
    pub(super) can_leave: bool,
    /// Who is asking; empty where nobody needs to be known.
    pub(super) signed_in_as: String,
    pub(super) lanes: Vec<LaneLink>,
    pub(super) languages: Vec<LanguageLink>,
    pub(super) reports: bool,
    /// Whether whoever looks is there, where they may say so.
    pub(super) availability: Option<Mine>,
    /// The position and the instant that the page shows.
    pub(super) as_of: String,
}

/// The way to a lane.
pub(super) struct LaneLink {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// `page` for the page itself, `true` for the lane of the ticket that is shown.
    pub(super) current: Option<&'static str>,
    pub(super) tickets: Option<String>,
    pub(super) late: Option<String>,
}

/// The same page in a language.
pub(super) struct LanguageLink {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) address: String,
    pub(super) current: bool,
}

impl Frame {
    /// The frame of a page that shows no data.
    pub(super) fn bare(visit: &Visit) -> Self {
        let texts = visit.texts;
        let lanes = Lane::ALL.map(|lane| LaneLink {
            name: lane.as_str(),
            label: texts.lane(lane.as_str()).unwrap_or_default(),
            current: None,
            tickets: None,
            late: None,
        });
        let separator = if visit.here.contains('?') { '&' } else { '?' };
        let languages = TEXTS.iter().map(|other| LanguageLink {
            code: other.code,
            name: other.own_name,
            address: format!("{}{separator}lang={}", visit.here, other.code),
            current: other.code == texts.code,
        });
        Self {
            style: &assets::STYLE,
            icon: &assets::ICON,
            outside: false,
            can_leave: false,
            signed_in_as: String::new(),
            lanes: lanes.into(),
            languages: languages.collect(),
            reports: false,
            availability: None,
            as_of: String::new(),
        }
    }

    /// The frame of a page for those who are not in yet.
    pub(super) fn outside(visit: &Visit) -> Self {
        Self { outside: true, ..Self::bare(visit) }
    }

    /// The frame of a page that shows data as of a position and an instant, and how far that is behind the log.
    pub(super) fn of(
        visit: &Visit,
        caller: &Caller,
        position: GlobalPosition,
        now: Timestamp,
        lag: Lag,
    ) -> Self {
        let (texts, actor) = (visit.texts, &caller.actor);
        let role = texts.role(actor.role.as_str()).unwrap_or_default();
        let mut as_of = texts.as_of(texts.number(position.0), texts.instant(now)).to_string();
        if lag.events > 0 {
            let behind = texts.behind_for(texts.behind(lag.events), texts.span(lag.since)).to_string();
            as_of = format!("{as_of} · {behind}");
        }
        let signed_in_as = texts.signed_in_as(Isolated(actor.id.as_str()), role).to_string();
        let can_leave = matches!(caller.shown, Shown::Session(_));
        Self { signed_in_as, can_leave, as_of, ..Self::bare(visit) }
    }

    /// Adds what the lanes hold, and which of them is shown.
    pub(super) fn with_lanes(
        mut self,
        texts: &Texts,
        counts: &[LaneCount],
        current: Option<(Lane, &'static str)>,
    ) -> Self {
        for (link, count) in self.lanes.iter_mut().zip(counts) {
            link.tickets = Some(texts.number(count.tickets));
            link.late = (count.late > 0).then(|| texts.queue_late(count.late));
            link.current = current.filter(|(lane, _)| *lane == count.lane).map(|(_, how)| how);
        }
        self
    }
}

/// Reads and renders in one go, away from the threads that serve requests, once the read models hold a position.
pub(super) async fn blocking<T: Send + 'static>(
    app: &App,
    read_models: &[&str],
    at_least: Option<GlobalPosition>,
    work: impl FnOnce(&Projections, Lag) -> Result<T, QueryError> + Send + 'static,
) -> Result<T, Problem> {
    if let Some(position) = at_least {
        for name in read_models {
            app.projections.wait_for(name, position, WAIT_MAX).await?;
        }
    }
    let projections = app.projections.clone();
    let lag = app.lag_of(read_models).await;
    let answer = tokio::task::spawn_blocking(move || work(&projections, lag)).await;
    Ok(answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?)
}

/// Renders a page. Templates are checked when they are compiled; what is left is memory running out.
pub(super) fn render(page: &impl Template) -> String {
    page.render().unwrap_or_default()
}

/// Delivers a page.
pub(super) fn deliver(html: String) -> Response {
    let mut response = Html(html).into_response();
    guard(&mut response);
    response
}

/// Delivers a page that says no, with the status of the problem.
pub(super) fn deliver_problem(problem: &Problem, html: String) -> Response {
    let mut response = deliver(html);
    if let Ok(status) = StatusCode::from_u16(problem.status) {
        *response.status_mut() = status;
    }
    if let Some(seconds) = problem.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn guard(response: &mut Response) {
    let headers = response.headers_mut();
    let mut insert = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    insert(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(header::REFERRER_POLICY, "same-origin");
    // Not "no-store": going back must still find what somebody was typing.
    insert(header::CACHE_CONTROL, "private, no-cache");
    insert(header::VARY, "accept-language, cookie");
}
