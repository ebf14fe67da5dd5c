//! The queue page: a lane of tickets, the next deadline first.

use super::availability::{self, Mine};
use super::clock::ClockBadge;
use super::error;
use super::frame::{Frame, blocking, deliver, render};
use super::language::Visit;
use super::moment::Moment;
use super::reader::Reader;
use super::texts::Texts;
use super::visible::{Isolated, Visible};
use super::words::Words;
use crate::app::{App, Lag};
use crate::identity::Caller;
use crate::problem::Problem;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use docket_core::catalog::RESOLUTIONS_WITHOUT_WORK;
use docket_core::names::{GlobalPosition, Slug};
use docket_core::routing::{staffed, waits_for};
use docket_core::ticket::Lane;
use docket_core::ticket::event::{Language, Priority};
use docket_core::time::Timestamp;
use docket_projections::queue::{self, Badge, Cursor, QueuePage, QueueTicket};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Tickets on a page.
const ROWS_PER_PAGE: usize = 50;

/// How much of a message's first line is shown; more does not fit beside the other columns. Unit: characters.
const LINE_CHARS_MAX: usize = 90;

/// Which part of the queue.
#[derive(Deserialize)]
pub(super) struct Asked {
    lane: Option<String>,
    after: Option<String>,
    at_least: Option<u64>,
    /// What was done just now.
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct Page<'a> {
    t: &'static Texts,
    frame: Frame,
    title: &'static str,
    count: String,
    late: Option<String>,
    /// What was done just now.
    done: Option<String>,
    rows: Vec<Row<'a>>,
    resolved: bool,
    /// Where the first page is, on any other.
    first: Option<String>,
    /// Where the next page is, and how many tickets it shows.
    next: Option<(String, String)>,
    empty: Option<Empty>,
}

/// What to say and do where there is nothing to show.
struct Empty {
    text: &'static str,
    next: Option<(&'static str, &'static str)>,
}

struct Row<'a> {
    number: u64,
    subject: Option<Visible<'a>>,
    line: Visible<'a>,
    /// Whether the line goes on.
    cut: bool,
    /// The customer's language, where it is not the page's.
    language: Option<&'static str>,
    badges: Vec<String>,
    requester: Visible<'a>,
    category: Visible<'a>,
    priority: &'static str,
    urgent: bool,
    assignee: Option<Visible<'a>>,
    since: Option<Moment>,
    clock: ClockBadge,
}

/// Shows a lane.
pub(super) async fn show(
    State(app): State<App>,
    reader: Reader,
    visit: Visit,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let asked = asked.map_err(|_| Problem::invalid("", "")).and_then(|Query(asked)| {
        let set = asked.done.as_deref() == Some(availability::DONE);
        parse(&asked).map(|part| (part, set))
    });
    let html = match asked {
        Ok(((lane, after, at_least), set)) => {
            let there = availability::of(&app, reader.caller()).await;
            let there = there.map(|is| Mine::of(visit.texts, is, lane));
            let words = Words::of(&app, visit.texts).await;
            let (now, seen, staff) = (app.now(), visit.clone(), app.staff.known());
            blocking(&app, &["queue"], at_least, move |projections, lag| {
                let caller = reader.caller();
                projections.query("queue", |connection| {
                    let page = queue::lane(connection, &caller.reach, lane, after, ROWS_PER_PAGE, now)?;
                    let staffed = staffed(&staff);
                    let (place, staffed) = ((lane, after.is_some()), staffed.as_ref());
                    let with = (&seen, &words);
                    Ok(render_lane(with, caller, place, &page, staffed, (there, set), (now, lag)))
                })
            })
            .await
        }
        Err(problem) => Err(problem),
    };
    match html {
        Ok(html) => deliver(html),
        Err(problem) => error::page(&visit, &problem),
    }
}

type Part = (Lane, Option<Cursor>, Option<GlobalPosition>);

fn parse(asked: &Asked) -> Result<Part, Problem> {
    let lane = match asked.lane.as_deref() {
        None => Lane::New,
        Some(name) => {
            Lane::parse(name).ok_or_else(|| Problem::invalid("lane", "use new, open, pending or resolved"))?
        }
    };
    let cursor = |text: &str| {
        let (rank, number) = text.split_once('_')?;
        Some(Cursor { rank: rank.parse().ok()?, number: number.parse().ok()? })
    };
    let after = match asked.after.as_deref() {
        None => None,
        Some(text) => Some(cursor(text).ok_or_else(|| Problem::invalid("after", "is no cursor"))?),
    };
    Ok((lane, after, asked.at_least.map(GlobalPosition)))
}

fn render_lane(
    (visit, words): (&Visit, &Words),
    caller: &Caller,
    (lane, continued): (Lane, bool),
    page: &QueuePage,
    staffed: Option<&BTreeSet<&Slug>>,
    (there, set): (Option<Mine>, bool),
    (now, lag): (Timestamp, Lag),
) -> String {
    let t = visit.texts;
    let counts = page.counts.iter().find(|count| count.lane == lane);
    let (tickets, late) = counts.map_or((0, 0), |count| (count.tickets, count.late));
    let all: u64 = page.counts.iter().map(|count| count.tickets).sum();
    let name = lane.as_str();
    let frame = Frame::of(visit, caller, page.position, now, lag);
    let frame = frame.with_lanes(t, &page.counts, Some((lane, "page")));
    render(&Page {
        t,
        done: there.as_ref().filter(|_| set).map(|mine| t.availability_done(mine.now).to_string()),
        frame: Frame { availability: there, ..frame },
        title: t.lane(name).unwrap_or_default(),
        count: t.queue_tickets(tickets),
        late: (late > 0).then(|| t.queue_late(late)),
        rows: page.tickets.iter().map(|ticket| Row::of((t, words), lane, ticket, staffed, now)).collect(),
        resolved: lane == Lane::Resolved,
        first: continued.then(|| format!("/queue?lane={name}")),
        next: page.next.map(|cursor| {
            let address = format!("/queue?lane={name}&after={}_{}", cursor.rank, cursor.number);
            (address, t.queue_next(ROWS_PER_PAGE).to_string())
        }),
        empty: page.tickets.is_empty().then(|| Empty::of(t, lane, continued, all)),
    })
}

impl Empty {
    fn of(t: &'static Texts, lane: Lane, continued: bool, all: u64) -> Self {
        if all == 0 {
            return Self { text: t.empty_all, next: None };
        }
        if continued {
            return Self { text: t.empty_page, next: None };
        }
        let next = match lane {
            Lane::New | Lane::Pending | Lane::Resolved => ("/queue?lane=open", t.empty_go_open),
            Lane::Open => ("/queue?lane=new", t.empty_go_new),
        };
        Self { text: t.empty(lane.as_str()).unwrap_or_default(), next: Some(next) }
    }
}

impl<'a> Row<'a> {
    fn of(
        (t, words): (&'static Texts, &'a Words),
        lane: Lane,
        row: &'a QueueTicket,
        staffed: Option<&BTreeSet<&Slug>>,
        now: Timestamp,
    ) -> Self {
        let (state, ticket, personal) = (&row.state, &row.state.ticket, &row.personal);
        let requester = ticket.requester.as_ref().map_or("", |id| id.as_str());
        let category = ticket.category.as_ref().map_or("", |category| category.as_str());
        let priority = ticket.priority.map_or("", Priority::as_str);
        let line = personal.line.as_deref().unwrap_or_default();
        let shown = shortened(line);
        let since = if lane == Lane::Resolved {
            state.resolved_at.map(|at| Moment::relative(t, at, now))
        } else {
            state.waiting_since().map(|at| Moment::span(t, at, now))
        };
        Self {
            number: row.number.0,
            subject: personal.subject.as_deref().map(Visible),
            line: Visible(shown),
            cut: shown.len() < line.len(),
            language: state.language.map(Language::as_str).filter(|code| *code != t.code),
            badges: badges((t, words), row, staffed),
            requester: Visible(personal.requester_name.as_deref().unwrap_or(requester)),
            category: Visible(words.category(category)),
            priority: t.priority(priority).unwrap_or_default(),
            urgent: ticket.priority == Some(Priority::Urgent),
            assignee: ticket.assignee.as_ref().map(|id| Visible(id.as_str())),
            since,
            clock: ClockBadge::of(t, state.clock.as_ref(), now),
        }
    }
}

/// What is unusual about a ticket, in words.
pub(super) fn badges(
    (t, words): (&'static Texts, &Words),
    row: &QueueTicket,
    staffed: Option<&BTreeSet<&Slug>>,
) -> Vec<String> {
    let ticket = &row.state.ticket;
    let mut badges = Vec::new();
    match &row.state.badge {
        Some(Badge::Escalated { from_team: Some(team), .. }) => {
            let team = Isolated(words.team(team.as_str()));
            badges.push(t.badge_escalated_from(team).to_string());
        }
        Some(Badge::Escalated { from_team: None, .. }) => badges.push(t.badge_escalated.to_owned()),
        Some(Badge::Returned { by }) => badges.push(t.badge_returned(Isolated(by.as_str())).to_string()),
        Some(Badge::Taken { from, .. }) => badges.push(t.badge_taken(Isolated(from.as_str())).to_string()),
        Some(Badge::Left { from }) => badges.push(t.badge_left(Isolated(from.as_str())).to_string()),
        None => {}
    }
    if ticket.cycle > 1 {
        badges.push(t.badge_reopened.to_owned());
    }
    if let Some(until) = ticket.snoozed_until {
        badges.push(t.badge_snoozed(t.instant(until)).to_string());
    } else if let Some(reason) = &ticket.pending_reason {
        badges.push(t.pending(reason.as_str()).unwrap_or(reason.as_str()).to_owned());
    }
    let without_work = |name: &&str| RESOLUTIONS_WITHOUT_WORK.contains(name);
    if let Some(resolution) = ticket.resolution.as_ref().map(Slug::as_str).filter(without_work) {
        badges.push(Visible(words.resolution(resolution)).to_string());
    }
    if ticket.merge.is_some() {
        badges.push(t.badge_merged_away.to_owned());
    }
    if let Some(waiting) = waits_for(ticket, staffed) {
        badges.push(t.waiting(waiting.as_str()).unwrap_or(waiting.as_str()).to_owned());
    }
    if ticket.sealed {
        badges.push(t.badge_sealed.to_owned());
    }
    if row.stale {
        badges.push(t.badge_stale.to_owned());
    }
    badges
}

fn shortened(line: &str) -> &str {
    match line.char_indices().nth(LINE_CHARS_MAX) {
        Some((end, _)) => &line[..end],
        None => line,
    }
}
