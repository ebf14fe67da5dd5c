//! The ticket page: the thread, what stands beside it, and what may be done now.

mod act;
mod forms;
mod handed_over;
pub(super) mod multipart;
pub(super) mod sent;
mod side;
mod thread;
mod wish;

use super::clock::{ClockBadge, ClockFact};
use super::error;
use super::frame::{Frame, blocking, deliver, deliver_problem, render};
use super::language::Visit;
use super::queue::badges;
use super::reader::Reader;
use super::texts::Texts;
use super::visible::{Isolated, Visible};
use super::words::Words;
use crate::app::{App, Lag};
use crate::drafts::{Draft, DraftError};
use crate::identity::Caller;
use crate::problem::Problem;
use act::{Failure, action_of};
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use docket_core::access::Reach;
use docket_core::handler::HandleError;
use docket_core::names::{GlobalPosition, StreamVersion, TicketNumber};
use docket_core::routing::staffed;
use docket_core::sla::{Clock, Rules};
use docket_core::staff::Staff;
use docket_core::store::AppendError;
use docket_core::ticket::TicketRefusal;
use docket_core::ticket::command::ActionName;
use docket_core::ticket::event::Language;
use docket_core::time::Timestamp;
use docket_projections::queue::{self, LaneCount, QueueTicket};
use docket_projections::read_model::file::checkpoint;
use docket_projections::runner::{Projections, QueryError};
use docket_projections::sla;
use docket_projections::timeline::{self, TimelineEntry};
use forms::{Beside, Fields, Forms, WRITING};
use handed_over::HandedOver;
use sent::Sent;
use serde::Deserialize;
use side::{Side, Value};
use thread::{HistoryRow, Item, Teller};

/// Events on a page. Few tickets have more; those are read in several pages.
const EVENTS_PER_PAGE: usize = 500;

/// Which part of a ticket.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// Events after this position.
    after: Option<u64>,
    /// Waits for this position.
    at_least: Option<u64>,
    /// Whether to list the events.
    events: Option<String>,
    /// What was done just now.
    done: Option<String>,
}

/// What came of a form that was not taken.
struct Refused {
    action: ActionName,
    fields: Fields,
    /// Why, in the visitor's language.
    text: String,
    /// The version after which there are messages that the visitor has not seen.
    seen: Option<StreamVersion>,
    /// The draft that stands, where another was typed.
    standing: Option<Box<Draft>>,
}

/// What to show of a ticket.
#[derive(Default)]
struct Wanted {
    after: GlobalPosition,
    at_least: Option<GlobalPosition>,
    history: bool,
    /// What was done just now, and whether it is told where messages are written.
    done: Option<(&'static str, bool)>,
    refused: Option<Refused>,
    /// What is being typed and was not sent yet.
    typed: Option<(ActionName, Fields)>,
    beside: Beside,
}

/// What is read of a ticket.
struct Loaded {
    position: GlobalPosition,
    counts: Vec<LaneCount>,
    row: QueueTicket,
    timeline: timeline::Entries,
    clocks: (Vec<Clock>, Rules),
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct Page<'a> {
    t: &'static Texts,
    frame: Frame,
    number: u64,
    subject: Visible<'a>,
    language: Option<&'static str>,
    requester: Visible<'a>,
    clock: ClockBadge,
    badges: Vec<String>,
    stale: bool,
    sealed: bool,
    handed_over: Option<HandedOver>,
    /// What was done just now, and whether it is told where messages are written.
    done: Option<(&'static str, bool)>,
    refused: Option<Notice>,
    items: Vec<Item<'a>>,
    events: String,
    history: Option<Vec<HistoryRow<'a>>>,
    continued: bool,
    more: Option<u64>,
    side: Side<'a>,
    forms: Forms,
}

/// Why something was not done.
struct Notice {
    title: &'static str,
    text: String,
    /// Where the first message is that was not seen.
    first_new: Option<u64>,
    /// What stands in the draft, where another was typed.
    standing: Option<String>,
}

/// Shows a ticket.
pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    visit: Visit,
    number: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let number = number.ok().and_then(|Path(number)| number_of(&number));
    let Some(number) = number else { return super::not_found(visit).await };
    let Ok(Query(asked)) = asked else { return error::page(&visit, &Problem::invalid("", "")) };
    let wanted = Wanted {
        after: GlobalPosition(asked.after.unwrap_or(0)),
        at_least: asked.at_least.map(GlobalPosition),
        history: asked.events.is_some(),
        done: asked.done.as_deref().and_then(done_of),
        ..Wanted::default()
    };
    page(&app, reader, &visit, number, wanted, None).await
}

/// Leads back from the address of a form, where there is nothing to see.
pub(super) async fn back(visit: Visit, path: Result<Path<(String, String)>, PathRejection>) -> Response {
    let Ok(Path((number, action))) = path else { return super::not_found(visit).await };
    match (number_of(&number), action_of(&action)) {
        (Some(number), Some(_)) => Redirect::to(&format!("/tickets/{number}")).into_response(),
        _ => super::not_found(visit).await,
    }
}

/// Does what a form asks for, and shows the ticket again.
pub(super) async fn act(
    State(app): State<App>,
    reader: Reader,
    mut visit: Visit,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path((number, action))) = path else { return super::not_found(visit).await };
    visit.here = format!("/tickets/{number}");
    let (Some(number), Some(action)) = (number_of(&number), action_of(&action)) else {
        return super::not_found(visit).await;
    };
    let Sent { fields, refused, .. } = match sent::read(&app, reader.caller(), request).await {
        Ok(sent) => sent,
        Err(problem) => return error::page(&visit, &problem),
    };
    if let Some(failure) = refused {
        return refuse(&app, reader, &visit, number, (action, fields), failure).await;
    }
    if action == ActionName::Reply && fields.then == "insert" {
        let (fields, inserted) = act::insert(&app, reader.caller(), number, fields).await;
        return match inserted {
            Ok(()) => {
                let wanted = Wanted { typed: Some((action, fields)), ..Wanted::default() };
                page(&app, reader, &visit, number, wanted, None).await
            }
            Err(failure) => refuse(&app, reader, &visit, number, (action, fields), failure).await,
        };
    }
    if let Some(kind) = act::draft_of(action, &fields) {
        return match act::keep(&app, reader.caller(), number, kind, &fields).await {
            // A draft has no files: those that were chosen stay in the form.
            Ok(done) if !fields.files.is_empty() => {
                let typed =
                    Some((action, fields.with_draft(&act::begun(&app, reader.caller(), number).await, kind)));
                let wanted = Wanted { typed, done: done_of(done), ..Wanted::default() };
                page(&app, reader, &visit, number, wanted, None).await
            }
            Ok(done) => Redirect::to(&format!("/tickets/{number}?done={done}#end")).into_response(),
            Err(failure) => refuse(&app, reader, &visit, number, (action, fields), failure).await,
        };
    }
    if !WRITING.contains(&action) && !fields.files.is_empty() {
        let failure = Failure::Handle(TicketRefusal::NoMessageToAttachTo.into());
        return refuse(&app, reader, &visit, number, (action, fields), failure).await;
    }
    match act::run(&app, reader.caller(), number, action, &fields).await {
        Ok(handled) => {
            act::sent(&app, reader.caller(), number, action, &fields).await;
            let anchor = if WRITING.contains(&action) { "#end" } else { "" };
            let (position, action) = (handled.position, action.as_str());
            // What a customer said of a sealed ticket opened another.
            let number = handled.ticket;
            let back = format!("/tickets/{number}?at_least={position}&done={action}{anchor}");
            Redirect::to(&back).into_response()
        }
        Err(failure) => refuse(&app, reader, &visit, number, (action, fields), failure).await,
    }
}

/// Shows the ticket with what was typed, and why it was not taken.
async fn refuse(
    app: &App,
    reader: Reader,
    visit: &Visit,
    number: TicketNumber,
    (action, mut fields): (ActionName, Fields),
    failure: Failure,
) -> Response {
    if !WRITING.contains(&action) {
        // Only what is written shows its files again.
        let files = std::mem::take(&mut fields.files);
        sent::let_go(app, reader.caller(), files.into_iter().map(|file| file.digest).collect()).await;
    }
    let (at_least, seen) = missed(&failure);
    let (problem, text, standing) = explain(visit.texts, failure);
    if problem.is_draft_changed() {
        // Both texts are on the page now, so the next save is made on what stands.
        fields.draft = standing.as_ref().map(|draft| draft.version.to_string()).unwrap_or_default();
    }
    let refused = Some(Refused { action, fields, text, seen, standing });
    let wanted = Wanted { at_least, refused, ..Wanted::default() };
    page(app, reader, visit, number, wanted, Some(problem)).await
}

/// What was done just now, by its name in an address, and whether it is told where messages are written.
fn done_of(name: &str) -> Option<(&'static str, bool)> {
    let of_draft = [act::SAVED, act::DISCARDED].into_iter().find(|done| *done == name);
    let done = action_of(name).map(|action| (action.as_str(), WRITING.contains(&action)));
    done.or(of_draft.map(|done| (done, true)))
}

/// What the visitor missed: up to which position, and after which version.
fn missed(failure: &Failure) -> (Option<GlobalPosition>, Option<StreamVersion>) {
    match failure {
        Failure::Handle(HandleError::ThreadMoved { seen, missed, .. }) => {
            (missed.last().map(|last| last.position), Some(*seen))
        }
        Failure::Handle(_)
        | Failure::Form(_)
        | Failure::File(..)
        | Failure::FileName(_)
        | Failure::SameFile(..)
        | Failure::Draft(_)
        | Failure::Problem(_) => (None, None),
    }
}

fn explain(t: &Texts, failure: Failure) -> (Problem, String, Option<Box<Draft>>) {
    match failure {
        Failure::Form(error) => (Problem::invalid("", ""), error.text(t), None),
        Failure::File(name, problem) => {
            let why = error::text(t, &problem);
            let text =
                if name.is_empty() { why.to_owned() } else { t.form_file(Isolated(&name), why).to_string() };
            (problem, text, None)
        }
        Failure::FileName(name) => {
            (Problem::invalid("", ""), t.form_file(Isolated(&name), t.form_file_name).to_string(), None)
        }
        Failure::SameFile(name, other) => {
            let same = t.form_same_file(Isolated(other.as_str())).to_string();
            (Problem::invalid("", ""), t.form_file(Isolated(&name), same).to_string(), None)
        }
        Failure::Problem(problem) => {
            let text = error::text(t, &problem).to_owned();
            (problem, text, None)
        }
        Failure::Draft(mut error) => {
            let standing = match &mut error {
                DraftError::Changed { standing } => standing.take(),
                DraftError::TooMany | DraftError::Unreadable | DraftError::File(_) => None,
            };
            let problem = Problem::from(error);
            let text = error::text(t, &problem).to_owned();
            (problem, text, standing)
        }
        Failure::Handle(error) => {
            // Whoever sends a form knows of no key.
            let sent_before = matches!(&error, HandleError::Append(AppendError::KeyReused { .. }));
            let sealed = match &error {
                HandleError::Refused(TicketRefusal::MergedIntoSealed { other }) => {
                    Some(t.form_merged_into_sealed(other.0))
                }
                _ => None,
            };
            let sealed = sealed.map(|text| text.to_string());
            let problem = Problem::from(error);
            let text = if sent_before { t.form_sent_before } else { error::text(t, &problem) };
            let text = sealed.unwrap_or_else(|| text.to_owned());
            (problem, text, None)
        }
    }
}

/// Only a number as it is written here names a ticket.
fn number_of(text: &str) -> Option<TicketNumber> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(TicketNumber(number))
}

/// Shows a ticket; with a problem, why something was not done to it.
async fn page(
    app: &App,
    reader: Reader,
    visit: &Visit,
    number: TicketNumber,
    mut wanted: Wanted,
    problem: Option<Problem>,
) -> Response {
    let now = app.now();
    if reader.caller().actor.role.is_staff() {
        let language = Language::parse(visit.texts.code).unwrap_or(Language::En);
        wanted.beside = Beside {
            drafts: act::begun(app, reader.caller(), number).await,
            templates: act::templates(app, language).await,
            offered: act::offered(app, language).await,
            destinations: act::destinations(app, visit.texts, reader.caller(), number).await,
            file_bytes_max: app.file_bytes_max,
        };
    }
    match (html(app, &reader, visit, number, wanted, now).await, problem) {
        (Ok(Some(html)), None) => deliver(html),
        (Ok(Some(html)), Some(problem)) => deliver_problem(&problem, html),
        (Ok(None), _) => missing(app, reader.caller(), visit, number).await,
        (Err(problem), _) => error::page(visit, &problem),
    }
}

/// The page of a ticket; none where there is none for whoever asks.
async fn html(
    app: &App,
    reader: &Reader,
    visit: &Visit,
    number: TicketNumber,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Option<String>, Problem> {
    let (reach, after) = (reader.caller().reach.clone(), wanted.after);
    let loaded = blocking(app, &["queue", "timeline"], wanted.at_least, move |projections, lag| {
        let loaded = load(projections, &reach, number, after, now)?;
        Ok(loaded.filter(|loaded| reach.sees(&loaded.row.state.ticket)).map(|loaded| (loaded, lag)))
    });
    let Some((loaded, lag)) = loaded.await? else { return Ok(None) };
    let told = handed_over::told(app, &loaded.row).await?;
    let words = Words::of(app, visit.texts).await;
    let (reader, visit, staff) = (reader.clone(), visit.clone(), app.staff.known());
    let rendered = blocking(app, &[], None, move |_, _| {
        let with = (visit.texts, &words);
        let handed_over = HandedOver::of(with, &loaded.row, &loaded.timeline.entries, told, now);
        Ok(render_ticket((&visit, &words, &staff), reader.caller(), &loaded, wanted, handed_over, (now, lag)))
    });
    rendered.await.map(Some)
}

/// What to say when a read model does not know a ticket: the log may, and then the read model is behind.
async fn missing(app: &App, caller: &Caller, visit: &Visit, number: TicketNumber) -> Response {
    match app.handler.ticket(number).await {
        Ok(ticket) if ticket.exists && caller.reach.sees(&ticket) => error::page(visit, &Problem::behind()),
        Ok(_) => error::no_ticket(visit, number, &TicketRefusal::NotFound.into()),
        Err(failed) => error::page(visit, &failed.into()),
    }
}

fn load(
    projections: &Projections,
    reach: &Reach,
    number: TicketNumber,
    after: GlobalPosition,
    now: Timestamp,
) -> Result<Option<Loaded>, QueryError> {
    let (queued, counts, row) = projections.query("queue", |connection| {
        // The position is read first: what follows shows at least that much.
        let position = checkpoint(connection)?.position;
        Ok((position, queue::counts(connection, reach, now)?, queue::ticket(connection, number)?))
    })?;
    let Some(row) = row else { return Ok(None) };
    let (told, timeline) = projections
        .query("timeline", |connection| timeline::entries(connection, number, after, EVENTS_PER_PAGE))?;
    let (judged, clocks) = projections.query("sla", |connection| {
        let (position, state) = sla::ticket(connection, number)?;
        let clocks = state.map(|state| state.clocks).unwrap_or_default();
        Ok((position, (clocks, sla::rules(connection)?)))
    })?;
    // What the page shows is at least as new as the oldest of them.
    Ok(Some(Loaded { position: queued.min(told).min(judged), counts, row, timeline, clocks }))
}

fn render_ticket(
    (visit, words, staff): (&Visit, &Words, &Staff),
    caller: &Caller,
    loaded: &Loaded,
    wanted: Wanted,
    handed_over: Option<HandedOver>,
    (now, lag): (Timestamp, Lag),
) -> String {
    let (t, row, entries) = (visit.texts, &loaded.row, &loaded.timeline.entries);
    let requester = row.state.ticket.requester.as_ref();
    let requester_name = row.personal.requester_name.as_deref();
    let teller = Teller {
        t,
        words,
        now,
        number: row.number,
        requester,
        requester_name: requester_name.or(requester.map(|id| id.as_str())).unwrap_or_default(),
        language: row.state.language.map(Language::as_str).filter(|code| *code != t.code),
        seen: wanted.refused.as_ref().and_then(|refused| refused.seen),
    };
    let staffed = staffed(staff);
    // A reply is decided on what this page shows, which may be a little older than the queue's row.
    let on_ticket = entries.iter().filter(|entry| thread::is_on_ticket(&entry.entry));
    let version = on_ticket.map(|entry| entry.entry.version).max().unwrap_or_default();
    let more = loaded.timeline.next.map(|next| next.0);
    let refused = wanted.refused.as_ref().map(|refused| notice(&teller, entries, refused));
    let done = wanted.done.and_then(|(done, writing)| Some((t.done(done)?, writing)));
    let kept = wanted.refused.map(|refused| (refused.action, refused.fields)).or(wanted.typed);
    let lane = Some((row.state.lane(), "true"));
    render(&Page {
        t,
        frame: Frame::of(visit, caller, loaded.position, now, lag).with_lanes(t, &loaded.counts, lane),
        number: row.number.0,
        subject: Visible(row.personal.subject.as_deref().unwrap_or(t.no_subject)),
        language: teller.language,
        requester: Visible(teller.requester_name),
        clock: ClockBadge::of(t, row.state.clock.as_ref(), now),
        badges: badges((t, words), row, staffed.as_ref()),
        stale: row.stale,
        sealed: row.state.ticket.sealed,
        handed_over,
        done,
        refused,
        items: teller.thread(entries),
        events: t.history_events(entries.len() as u64),
        history: wanted.history.then(|| teller.history(entries)),
        continued: wanted.after > GlobalPosition::START,
        more,
        side: Side::of((t, words), row, &loaded.clocks, staffed.as_ref(), now),
        forms: Forms::of(t, &caller.actor, &row.state.ticket, version, kept, wanted.beside),
    })
}

fn notice(teller: &Teller<'_>, entries: &[TimelineEntry], refused: &Refused) -> Notice {
    let t = teller.t;
    if refused.seen.is_none() {
        let standing = refused.standing.as_ref().map(|draft| draft.body.as_str().to_owned());
        return Notice { title: t.refused_title, text: refused.text.clone(), first_new: None, standing };
    }
    let (count, first_new) = teller.missed(entries);
    Notice { title: t.moved_title, text: t.moved_text(count), first_new, standing: None }
}
