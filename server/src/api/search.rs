//! Looks for words in all texts that somebody may see.

use super::body::{Asked, position};
use super::cursor::Cursor;
use super::refusals::ReadRefusals;
use super::shapes;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::access::Reach;
use docket_core::filter::{FilterError, OwnParsed, Parsed, Word, parse, parse_own};
use docket_core::names::GlobalPosition;
use docket_core::ticket::OwnStatus;
use docket_projections::search::{self, Conditions, HITS_PER_PAGE_MAX, Hit, Results, Snippet, Widened};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Tickets in a page unless it is said otherwise.
const HITS_PER_PAGE: usize = 20;

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words, phrases in quotation marks, and operators such as `status:open`, or for customers `status:solved`; see
    /// docs/API.md.
    #[param(value_type = shapes::Filter, inline)]
    q: String,
    /// Tickets in a page, 1 to 50; 20 if left out.
    #[param(schema_with = shapes::up_to::<HITS_PER_PAGE_MAX>)]
    limit: Option<usize>,
    /// The cursor `next` of the page before, of the same query.
    #[param(value_type = shapes::Cursor, inline, required = false)]
    cursor: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// A piece of a text.
#[derive(Serialize, ToSchema)]
pub(super) struct SnippetView {
    /// As it was written: plain text, never markup.
    text: String,
    /// What was found: pairs of begin and end, in characters (Unicode scalar values) from the beginning of `text`.
    marks: Vec<[usize; 2]>,
    /// Whether the text begins before the piece.
    cut_before: bool,
    /// Whether it goes on after the piece.
    cut_after: bool,
}

impl From<Snippet> for SnippetView {
    fn from(Snippet { text, marks, cut_before, cut_after }: Snippet) -> Self {
        let marks = marks.into_iter().map(|mark| [mark.start, mark.end]).collect();
        Self { text, marks, cut_before, cut_after }
    }
}

/// A ticket that was found, with its best text.
#[derive(Serialize, ToSchema)]
pub(super) struct HitView {
    /// The ticket's number.
    ticket: u64,
    /// Its subject.
    subject: Option<String>,
    /// Its status, for customers in their own words.
    #[schema(value_type = shapes::HitStatusName)]
    status: &'static str,
    /// The lane that shows it; none for customers.
    #[schema(value_type = Option<shapes::LaneName>)]
    lane: Option<&'static str>,
    /// Whether an event of it could not be read: then this is how it last was.
    stale: bool,
    /// `subject`, `message`, or `note`: what only the staff may read.
    #[schema(value_type = shapes::FoundInName)]
    found_in: &'static str,
    /// The position of the event that says it.
    position: u64,
    /// When it was said.
    #[schema(value_type = shapes::Instant)]
    at: String,
    /// The role of whoever said it; none for customers.
    #[schema(value_type = Option<shapes::RoleName>)]
    role: Option<&'static str>,
    /// A piece of it.
    snippet: SnippetView,
    /// How many texts of the ticket match, of those that were ranked.
    texts: u64,
}

impl HitView {
    /// A hit as far as somebody may know of it: how the staff works on a ticket is not its requester's to see.
    fn of(hit: Hit, reach: &Reach) -> Self {
        let (ticket, of_staff) = (&hit.state.queue.ticket, reach.sees_notes());
        Self {
            ticket: hit.number.0,
            status: if of_staff { ticket.status.as_str() } else { OwnStatus::of(ticket).as_str() },
            lane: of_staff.then(|| ticket.lane().as_str()),
            stale: hit.stale,
            found_in: hit.found_in.as_str(),
            position: hit.position.0,
            at: hit.at.to_rfc3339(),
            role: of_staff.then(|| hit.role.as_str()),
            texts: hit.texts,
            subject: hit.personal.subject,
            snippet: hit.snippet.into(),
        }
    }
}

/// What was typed, in the language of whoever typed it.
#[derive(Debug)]
enum Typed {
    ByStaff(Parsed),
    ByRequester(OwnParsed),
}

impl Typed {
    fn read(text: &str, reach: &Reach) -> Result<Self, FilterError> {
        match reach {
            Reach::Everything | Reach::Teams { .. } | Reach::Nothing => parse(text).map(Self::ByStaff),
            Reach::Own { .. } => parse_own(text).map(Self::ByRequester),
        }
    }

    fn parts(&self) -> (Conditions<'_>, &[Word]) {
        match self {
            Self::ByStaff(Parsed { filter, words }) => (Conditions::Filter(filter), words),
            Self::ByRequester(OwnParsed { filter, words }) => (Conditions::Own(filter), words),
        }
    }
}

/// A word that nothing was found by, and what was found instead.
#[derive(Serialize, ToSchema)]
pub(super) struct WidenedView {
    /// As it was typed.
    word: String,
    /// Words in these hits that it may have been meant for.
    to: Vec<String>,
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchView {
    /// The position that it shows.
    position: u64,
    /// The position that the first page of this search showed; what was said since is left out.
    began_at: u64,
    /// Whether anything has happened since then.
    moved: bool,
    /// Tickets that were found, of the texts that were ranked.
    tickets: u64,
    /// Whether all texts that match were ranked; otherwise only the newest were, since there are too many.
    complete: bool,
    /// The best first; the newer one of two that are equally good.
    hits: Vec<HitView>,
    /// What was looked for instead, where nothing is found as it was typed.
    widened: Vec<WidenedView>,
    /// Give it as `cursor` to read on; none at the end.
    next: Option<String>,
}

/// Looks for words in subjects, messages and notes, as far as whoever asks may see them.
#[utoipa::path(get, path = "/api/v1/search", tag = "reads", params(SearchQuery),
    responses((status = 200, description = "A page", body = SearchView), ReadRefusals))]
pub(super) async fn read_search(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<SearchQuery>,
) -> Result<Json<SearchView>, Problem> {
    let typed =
        Typed::read(&asked.q, &caller.reach).map_err(|error| Problem::filter_not_understood("q", &error))?;
    let limit = asked.limit.unwrap_or(HITS_PER_PAGE);
    if !(1..=HITS_PER_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("use 1 to {HITS_PER_PAGE_MAX}")));
    }
    let query = format!("search {typed:?} {:?}", caller.actor.id);
    let cursor = asked
        .cursor
        .as_deref()
        .map(|text| Cursor::<[i64; 3]>::read(&app, &query, "cursor", text))
        .transpose()?;
    let at_least = position(asked.at_least).max(cursor.map(|cursor| cursor.began_at));
    let skip = cursor.map_or(0, |cursor| usize::try_from(cursor.place[0]).unwrap_or(0));
    let now = app.now();
    let reach = caller.reach.clone();
    let found = app.query("search", at_least, move |connection| {
        let (conditions, words) = typed.parts();
        let asked = search::Asked {
            reach: &caller.reach,
            me: &caller.actor.id,
            conditions,
            words,
            up_to: cursor.map(|cursor| cursor.began_at),
            skip,
            limit,
            now,
        };
        search::search(connection, &asked)
    });
    let results = found.await?.map_err(|why| Problem::not_searchable(&why))?;
    let began_at = cursor.map_or(results.position, |cursor| cursor.began_at);
    let place = [i64::try_from(skip + limit).unwrap_or(i64::MAX), 0, 0];
    let next = results.more.then(|| Cursor { began_at, place }.write(&app, &query));
    Ok(Json(view(results, &reach, began_at, next)))
}

fn view(results: Results, reach: &Reach, began_at: GlobalPosition, next: Option<String>) -> SearchView {
    let widened = results.widened.into_iter().map(|Widened { word, to }| WidenedView { word, to });
    SearchView {
        position: results.position.0,
        began_at: began_at.0,
        moved: results.position > began_at,
        tickets: results.tickets,
        complete: results.complete,
        hits: results.hits.into_iter().map(|hit| HitView::of(hit, reach)).collect(),
        widened: widened.collect(),
        next,
    }
}
