//! The customers' side: open a ticket, see one's own and what was said in them, answer. Nothing of it shows what the
//! staff says among itself (promise S1): what is told is listed here field by field.

pub(super) mod closing;
pub(super) mod commands;

use super::body::{Asked, TicketPath, position};
use super::cursor::Cursor;
use super::parameters::OfTicket;
use super::refusals::{ReadOneRefusals, ReadRefusals};
use super::shapes;
use super::tickets::{FileView, known};
use crate::app::App;
use crate::closing::ends;
use crate::identity::{Caller, Shown};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::staff::Staff;
use docket_core::ticket::{OwnStatus, TicketRefusal};
use docket_core::time::Timestamp;
use docket_projections::queue::{self, QueueTicket};
use docket_projections::timeline::{self, TimelineEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Tickets or messages in a page, unless it is said.
const PAGE_DEFAULT: usize = 50;

/// Tickets or messages in a page.
const PAGE_MAX: usize = 200;

/// Which part of somebody's own tickets.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MyTicketsQuery {
    /// The cursor `next` of the page before.
    #[param(value_type = shapes::Cursor, inline, required = false)]
    after: Option<String>,
    /// Tickets in a page, 1 to 200; 50 if left out.
    #[param(schema_with = shapes::up_to::<PAGE_MAX>)]
    limit: Option<usize>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// Which part of what was said.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MyTicketQuery {
    /// Messages after this position; from the beginning if left out.
    #[param(value_type = shapes::Position, inline, required = false)]
    after: Option<u64>,
    /// Messages in a page, 1 to 200; 50 if left out.
    #[param(schema_with = shapes::up_to::<PAGE_MAX>)]
    limit: Option<usize>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// A ticket as whoever asked sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct MyTicketView {
    number: u64,
    subject: Option<String>,
    #[schema(value_type = shapes::OwnStatusName)]
    status: &'static str,
    /// The first line of the last message.
    line: Option<String>,
    #[schema(value_type = shapes::Instant)]
    opened_at: String,
    /// When it was solved, while it is.
    #[schema(value_type = Option<shapes::Instant>)]
    solved_at: Option<String>,
    /// What you can do with it: `reply`, which for a closed one opens another that follows it, and what you were asked:
    /// `confirm`, `refuse`, `rate`.
    allowed: Vec<&'static str>,
    /// The ticket that it continues, if that is one of yours as well; not told to whoever came by a link.
    follows: Option<u64>,
    /// The version: the ETag. It counts what you can see of the ticket.
    version: u64,
}

impl MyTicketView {
    fn of(row: &QueueTicket, follows: Option<TicketNumber>) -> Self {
        let ticket = &row.state.ticket;
        Self {
            number: row.number.0,
            subject: row.personal.subject.clone(),
            status: OwnStatus::of(ticket).as_str(),
            line: row.personal.line.clone(),
            opened_at: row.state.opened_at.to_rfc3339(),
            solved_at: row.state.resolved_at.map(Timestamp::to_rfc3339),
            allowed: closing::allowed(ticket),
            follows: follows.map(|earlier| earlier.0),
            version: ticket.own_version.0,
        }
    }
}

/// A page of somebody's own tickets.
#[derive(Serialize, ToSchema)]
pub(super) struct MyTicketsView {
    /// The position that it shows.
    position: u64,
    /// The position that the first page of this reading showed.
    began_at: u64,
    /// Whether anything has happened since then. What was opened since is newer than all of them, and on a first page.
    moved: bool,
    /// The tickets, the newest first.
    tickets: Vec<MyTicketView>,
    /// Give it as `after` to read on; none at the end.
    next: Option<String>,
}

/// Something that was said.
#[derive(Serialize, ToSchema)]
pub(super) struct SaidView {
    position: u64,
    #[schema(value_type = shapes::Instant)]
    at: String,
    /// `customer` or `staff`.
    from: &'static str,
    /// Who of the staff it was, where that is known.
    name: Option<String>,
    /// What was said; absent where only that something was said is known.
    body: Option<String>,
    /// Files that came with it.
    files: Vec<FileView>,
}

impl SaidView {
    fn of(entry: TimelineEntry, staff: &Staff) -> Self {
        let file_of_staff = entry.entry.event == "ticket.attached" && entry.entry.actor.role.is_staff();
        let by_staff = entry.entry.event == "ticket.replied" || file_of_staff;
        let member = staff.member(&entry.entry.actor.id).filter(|_| by_staff);
        Self {
            position: entry.position.0,
            at: entry.entry.at.to_rfc3339(),
            from: if by_staff { "staff" } else { "customer" },
            name: member.and_then(|member| member.name.plain().map(str::to_owned)),
            body: entry.text.body,
            files: Vec::new(),
        }
    }

    /// What was said, each with the files that came with it. One whose message is on the page before stands by itself.
    fn all(entries: Vec<TimelineEntry>, staff: &Staff) -> Vec<Self> {
        let mut messages: Vec<Self> = Vec::with_capacity(entries.len());
        for mut entry in entries {
            let Some(file) = entry.entry.file.take() else {
                messages.push(Self::of(entry, staff));
                continue;
            };
            let file = FileView::of(file, entry.text.body.take());
            match messages.last_mut() {
                Some(message) => message.files.push(file),
                None => messages.push(Self { files: vec![file], ..Self::of(entry, staff) }),
            }
        }
        messages
    }
}

/// A ticket with what was said in it.
#[derive(Serialize, ToSchema)]
pub(super) struct MyTicketAnswer {
    /// The position that it shows.
    position: u64,
    #[serde(flatten)]
    ticket: MyTicketView,
    /// What you were asked about the solution, and what you said; none while it is not solved.
    closing: Option<closing::ClosingView>,
    /// What was said, oldest first.
    messages: Vec<SaidView>,
    /// Give it as `after` to read on; none at the end.
    next: Option<u64>,
}

/// A ticket that the caller has asked for. A link leads into its own ticket: all others are answered as if they were
/// not there, also those of the same customer.
pub(super) struct OwnTicket(TicketNumber);

impl<S: Send + Sync> FromRequestParts<S> for OwnTicket {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let TicketPath(number) = TicketPath::from_request_parts(parts, state).await?;
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        match caller.shown {
            Shown::Link(ticket) if ticket != number => Err(TicketRefusal::NotFound.into()),
            Shown::Link(_) | Shown::Session(_) | Shown::Token(_) | Shown::Headers => Ok(Self(number)),
        }
    }
}

/// Lists your tickets, the newest first.
#[utoipa::path(get, path = "/api/v1/my/tickets", tag = "customers", params(MyTicketsQuery),
    responses((status = 200, description = "A page", body = MyTicketsView), ReadRefusals))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<MyTicketsQuery>,
) -> Result<Json<MyTicketsView>, Problem> {
    let limit = page_limit(asked.limit)?;
    let query = format!("my tickets {:?}", caller.actor.id);
    let after: Option<Cursor> =
        asked.after.as_deref().map(|text| Cursor::read(&app, &query, "after", text)).transpose()?;
    // A page never shows less than the one before it did.
    let at_least = position(asked.at_least).max(after.map(|after| after.began_at));
    let before = after.map(|Cursor { place: [number, ..], .. }| TicketNumber(number.cast_unsigned()));
    let requester = caller.actor.id;
    let reach = caller.reach;
    let read = app.query_at("queue", at_least, move |connection| {
        let page = queue::own(connection, &requester, before, limit)?;
        let view =
            |row| queue::follows(connection, row, &reach).map(|follows| MyTicketView::of(row, follows));
        let tickets = page.tickets.iter().map(view).collect::<Result<Vec<_>, _>>()?;
        Ok((tickets, page.next))
    });
    let (shown, (tickets, next)) = read.await?;
    let began_at = after.map_or(shown, |after| after.began_at);
    let next = next.map(|number| [number.0.cast_signed(), 0, 0]);
    Ok(Json(MyTicketsView {
        position: shown.0,
        began_at: began_at.0,
        moved: shown > began_at,
        tickets,
        next: next.map(|place| Cursor { began_at, place }.write(&app, &query)),
    }))
}

/// Reads one of your tickets, with what was said in it.
#[utoipa::path(get, path = "/api/v1/my/tickets/{number}", tag = "customers",
    params(OfTicket, MyTicketQuery),
    responses((status = 200, description = "The ticket", body = MyTicketAnswer,
        headers(("ETag" = String, description = "Its version, for `If-Match`"))), ReadOneRefusals))]
pub(super) async fn read(
    State(app): State<App>,
    OwnTicket(number): OwnTicket,
    caller: Caller,
    Asked(asked): Asked<MyTicketQuery>,
) -> Result<Response, Problem> {
    let limit = page_limit(asked.limit)?;
    let (reach, at_least) = (caller.reach.clone(), position(asked.at_least));
    // To a link, no other ticket is there.
    let by_link = matches!(caller.shown, Shown::Link(_));
    let found = |at_least| {
        let reach = reach.clone();
        app.query_at("queue", at_least, move |connection| {
            let row = queue::ticket(connection, number)?.filter(|row| reach.sees(&row.state.ticket));
            let Some(row) = row else { return Ok(None) };
            let follows = if by_link { None } else { queue::follows(connection, &row, &reach)? };
            Ok(Some((row, follows)))
        })
    };
    let (ticket_at, (row, follows)) = known(&app, &caller, number, at_least, found).await?;
    let after = GlobalPosition(asked.after.unwrap_or(0));
    let said =
        app.query("timeline", at_least, move |connection| timeline::said(connection, number, after, limit));
    let (said_at, said) = said.await?;
    let (ends_at, ends) = ends(&app, number, at_least).await?;
    let closing = closing::ClosingView::of(&row.state.ticket, ends);
    let ticket = MyTicketView::of(&row, follows);
    let tag = format!("\"{}\"", ticket.version);
    let next = said.next.map(|next| next.0);
    let staff = app.staff.known();
    let messages = SaidView::all(said.entries, &staff);
    let shown = ticket_at.min(said_at).min(ends_at);
    let answer = MyTicketAnswer { position: shown.0, ticket, closing, messages, next };
    Ok(([(header::ETAG, tag)], Json(answer)).into_response())
}

fn page_limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(PAGE_DEFAULT);
    let fits = (1..=PAGE_MAX).contains(&limit);
    if fits { Ok(limit) } else { Err(Problem::invalid("limit", format!("use 1 to {PAGE_MAX}"))) }
}
