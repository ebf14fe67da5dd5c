//! Reads one ticket: how it stands, what happened, and its targets.

mod described;

use super::body::{Asked, TicketPath, position};
use super::clocks::{ClockInFull, ClockView};
use super::parameters::OfTicket;
use super::refusals::ReadOneRefusals;
use super::shapes;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use described::{BadgeView, ClosureView, StandingView};
use docket_core::access::Reach;
use docket_core::actor::Actor;
use docket_core::names::{GlobalPosition, Slug, TicketNumber};
use docket_core::routing::{staffed, waits_for};
use docket_core::ticket::TicketRefusal;
use docket_core::ticket::follow_up::possible;
use docket_core::ticket::state::{Closing, Escalation};
use docket_core::time::Timestamp;
use docket_projections::queue::{self, Badge, QueueTicket};
use docket_projections::runner::QueryError;
use docket_projections::{sla, timeline};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// Waits for a position.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadQuery {
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// Which part of a timeline.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineQuery {
    /// Entries after this position; from the beginning if left out.
    #[param(value_type = shapes::Position, inline, required = false)]
    after: Option<u64>,
    /// Entries in a page, 1 to 500; 100 if left out.
    #[param(schema_with = shapes::up_to::<{ timeline::ENTRIES_PER_PAGE_MAX }>)]
    limit: Option<usize>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// An escalation that stands; read by itself, a ticket says what came with it until that is acknowledged.
#[derive(Serialize)]
pub(super) struct EscalationView {
    #[serde(flatten)]
    standing: Escalation,
    /// What the receiver must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    /// When it was escalated.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

impl EscalationView {
    fn of(standing: Escalation) -> Self {
        Self { standing, context: None, at: None }
    }

    /// With what came with it, while nobody has acknowledged that.
    async fn told(mut self, app: &App, number: TicketNumber) -> Result<Self, Problem> {
        if !self.standing.acknowledged
            && let Some(told) = app.handler.handed_over(number, &self.standing).await?
        {
            self.context = told.context.plain().map(str::to_owned);
            (self.standing.by, self.at) = (Some(told.by), Some(told.at.to_rfc3339()));
        }
        Ok(self)
    }
}

/// A ticket as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct TicketView {
    number: u64,
    subject: Option<String>,
    /// The first line of the last public message.
    line: Option<String>,
    #[schema(value_type = shapes::StatusName)]
    status: &'static str,
    #[schema(value_type = shapes::LaneName)]
    lane: &'static str,
    pending_reason: Option<String>,
    #[schema(value_type = Option<shapes::Priority>)]
    priority: Option<&'static str>,
    category: Option<String>,
    team: Option<String>,
    assignee: Option<String>,
    requester: Option<String>,
    requester_name: Option<String>,
    resolution: Option<String>,
    sealed: bool,
    /// Which cycle runs or ran last, from 1.
    cycle: u32,
    #[schema(value_type = shapes::Instant)]
    opened_at: String,
    #[schema(value_type = shapes::Instant)]
    updated_at: String,
    #[schema(value_type = Option<shapes::Instant>)]
    waiting_since: Option<String>,
    /// Why it is back without an assignee.
    #[schema(value_type = Option<BadgeView>)]
    badge: Option<Badge>,
    /// The foremost of its clocks: of those that run the one that is missed first, otherwise one that is paused, otherwise the
    /// one that ended last.
    clock: Option<ClockView>,
    /// Why routing found nobody for it.
    #[schema(value_type = Option<shapes::WaitingForName>)]
    waiting_for: Option<&'static str>,
    /// The escalation that stands; of a ticket that is read by itself, with `context` and `at` until it is acknowledged.
    #[schema(value_type = Option<StandingView>)]
    escalation: Option<EscalationView>,
    /// The ticket that it is part of.
    merged_into: Option<u64>,
    /// The tickets that are part of it.
    merged: Vec<u64>,
    /// The sealed ticket that it continues.
    follows: Option<u64>,
    /// The tickets that it is linked with, the one that it follows and those that follow it among them.
    links: Vec<u64>,
    /// Until when it is laid aside.
    #[schema(value_type = Option<shapes::Instant>)]
    snoozed_until: Option<String>,
    tags: Vec<String>,
    /// Custom fields by their slugs.
    fields: BTreeMap<String, String>,
    /// Who of the staff follows it.
    followers: Vec<String>,
    /// What the customer was asked about the solution, and what they said; while it is resolved.
    #[schema(value_type = Option<ClosureView>)]
    closing: Option<Closing>,
    /// The commands that are allowed now, by the last part of their path.
    allowed: Vec<&'static str>,
    /// The version: the ETag.
    version: u64,
    /// The version at which the thread changed last.
    thread_version: u64,
    /// Whether an event of it could not be taken: then this is as it last was.
    stale: bool,
}

impl TicketView {
    /// The view of a ticket for somebody at an instant.
    pub(super) fn of(
        row: &QueueTicket,
        actor: &Actor,
        staffed: Option<&BTreeSet<&Slug>>,
        now: Timestamp,
    ) -> Self {
        let (state, ticket) = (&row.state, &row.state.ticket);
        let text = |slug: &Option<docket_core::names::Slug>| slug.as_ref().map(ToString::to_string);
        Self {
            number: row.number.0,
            subject: row.personal.subject.clone(),
            line: row.personal.line.clone(),
            status: ticket.status.as_str(),
            lane: state.lane().as_str(),
            pending_reason: text(&ticket.pending_reason),
            priority: ticket.priority.map(|priority| priority.as_str()),
            category: text(&ticket.category),
            team: text(&ticket.team),
            assignee: ticket.assignee.as_ref().map(ToString::to_string),
            requester: ticket.requester.as_ref().map(ToString::to_string),
            requester_name: row.personal.requester_name.clone(),
            resolution: text(&ticket.resolution),
            sealed: ticket.sealed,
            cycle: ticket.cycle,
            opened_at: state.opened_at.to_rfc3339(),
            updated_at: state.updated_at.to_rfc3339(),
            waiting_since: state.waiting_since().map(Timestamp::to_rfc3339),
            badge: state.badge.clone(),
            clock: state.clock.as_ref().map(|face| ClockView::of(face, now)),
            waiting_for: waits_for(ticket, staffed).map(|reason| reason.as_str()),
            escalation: ticket.escalation.clone().map(EscalationView::of),
            merged_into: ticket.merge.as_ref().map(|merge| merge.into.0),
            merged: ticket.absorbed.iter().map(|other| other.0).collect(),
            follows: ticket.follows.map(|earlier| earlier.0),
            links: ticket.links.iter().map(|other| other.0).collect(),
            snoozed_until: ticket.snoozed_until.map(Timestamp::to_rfc3339),
            tags: ticket.tags.iter().map(ToString::to_string).collect(),
            fields: row.personal.fields.clone(),
            followers: ticket.followers.iter().map(ToString::to_string).collect(),
            closing: ticket.closing.clone(),
            allowed: possible(actor, ticket).into_iter().map(|action| action.as_str()).collect(),
            version: ticket.version.0,
            thread_version: ticket.thread_version.0,
            stale: row.stale,
        }
    }
}

/// A ticket, and the position that it is as of.
#[derive(Serialize, ToSchema)]
pub(super) struct TicketAnswer {
    /// The position that it shows.
    position: u64,
    #[serde(flatten)]
    ticket: TicketView,
}

/// A file that came with a message.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct FileView {
    /// What it is read by.
    #[schema(value_type = shapes::Digest)]
    digest: String,
    /// What it is called; absent where that is not known any more.
    name: Option<String>,
    /// What it is.
    media_type: String,
    /// How large. Unit: bytes.
    bytes: u64,
}

impl FileView {
    /// A file that is called so.
    pub(super) fn of(file: timeline::FileEntry, name: Option<String>) -> Self {
        Self { digest: file.digest, name, media_type: file.media_type, bytes: file.bytes }
    }
}

/// An entry of a timeline.
#[derive(Serialize, ToSchema)]
pub(super) struct EntryView {
    position: u64,
    version: u64,
    /// The event's stored name.
    event: String,
    #[schema(value_type = shapes::Instant)]
    at: String,
    #[schema(value_type = shapes::Instant)]
    recorded_at: String,
    actor: String,
    role: &'static str,
    team: Option<String>,
    imported: bool,
    /// Whether only staff may see it.
    internal: bool,
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
    /// By which way a rating came: `signed_in`, `ticket_link` or `survey_link`; none where it was not recorded.
    #[schema(value_type = Option<shapes::RatedThrough>)]
    through: Option<String>,
    #[schema(value_type = Option<shapes::Instant>)]
    due_at: Option<String>,
    /// What the source of an import calls it.
    source: Option<String>,
    subject: Option<String>,
    body: Option<String>,
    /// The file that came with a message.
    #[schema(value_type = Option<FileView>)]
    file: Option<FileView>,
}

impl EntryView {
    fn of(entry: timeline::TimelineEntry) -> Self {
        let timeline::TimelineEntry { position, entry, mut text } = entry;
        let file = entry.file.map(|file| FileView::of(file, text.body.take()));
        Self {
            position: position.0,
            version: entry.version.0,
            event: entry.event,
            at: entry.at.to_rfc3339(),
            recorded_at: entry.recorded_at.to_rfc3339(),
            actor: entry.actor.id.to_string(),
            role: entry.actor.role.as_str(),
            team: entry.actor.team.map(|team| team.to_string()),
            imported: entry.imported,
            internal: entry.internal,
            from: entry.from,
            to: entry.to,
            reason: entry.reason,
            through: entry.through,
            due_at: entry.due_at.map(Timestamp::to_rfc3339),
            source: entry.source,
            subject: text.subject,
            body: text.body,
            file,
        }
    }
}

/// A page of a timeline.
#[derive(Serialize, ToSchema)]
pub(super) struct TimelineView {
    /// The position that it shows.
    position: u64,
    /// What happened, oldest first.
    entries: Vec<EntryView>,
    /// Give it as `after` to read on; none at the end.
    next: Option<u64>,
}

/// What is known of a ticket's targets, with the intervals that explain them.
#[derive(Serialize, ToSchema)]
pub(super) struct SlaView {
    /// The position that it shows.
    position: u64,
    /// The instant of evaluation.
    #[schema(value_type = shapes::Instant)]
    evaluated_at: String,
    /// Every clock to a target that was ever promised, by target and run.
    clocks: Vec<ClockInFull>,
}

/// Reads a ticket as it stands.
#[utoipa::path(get, path = "/api/v1/tickets/{number}", tag = "reads",
    params(OfTicket, ReadQuery),
    responses((status = 200, description = "The ticket", body = TicketAnswer,
        headers(("ETag" = String, description = "Its version, for `If-Match`"))), ReadOneRefusals))]
pub(super) async fn read_ticket(
    State(app): State<App>,
    caller: Caller,
    TicketPath(number): TicketPath,
    Asked(asked): Asked<ReadQuery>,
) -> Result<Response, Problem> {
    let now = app.now();
    let (actor, reach, staff) = (caller.actor.clone(), caller.reach.clone(), app.staff.known());
    let read = |at_least| {
        let (actor, reach, staff) = (actor.clone(), reach.clone(), staff.clone());
        app.query_at("queue", at_least, move |connection| {
            let row = queue::ticket(connection, number)?.filter(|row| reach.sees(&row.state.ticket));
            Ok(row.map(|row| TicketView::of(&row, &actor, staffed(&staff).as_ref(), now)))
        })
    };
    let (shown, mut ticket) = known(&app, &caller, number, position(asked.at_least), read).await?;
    if let Some(standing) = ticket.escalation.take() {
        ticket.escalation = Some(standing.told(&app, number).await?);
    }
    let tag = format!("\"{}\"", ticket.version);
    Ok(([(header::ETAG, tag)], Json(TicketAnswer { position: shown.0, ticket })).into_response())
}

/// Reads what happened to a ticket.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/timeline", tag = "reads",
    params(OfTicket, TimelineQuery),
    responses((status = 200, description = "A page", body = TimelineView), ReadOneRefusals))]
pub(super) async fn read_timeline(
    State(app): State<App>,
    caller: Caller,
    TicketPath(number): TicketPath,
    Asked(asked): Asked<TimelineQuery>,
) -> Result<Json<TimelineView>, Problem> {
    let limit = asked.limit.unwrap_or(100);
    if !(1..=timeline::ENTRIES_PER_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("use 1 to {}", timeline::ENTRIES_PER_PAGE_MAX)));
    }
    let after = GlobalPosition(asked.after.unwrap_or(0));
    check_reach(&app, &caller, number).await?;
    let read = |at_least| {
        app.query("timeline", at_least, move |connection| {
            let (shown, page) = timeline::entries(connection, number, after, limit)?;
            let is_known = !page.entries.is_empty() || after > GlobalPosition::START;
            Ok((shown, is_known.then_some(page)))
        })
    };
    let (shown, timeline::Entries { entries, next }) =
        known(&app, &caller, number, position(asked.at_least), read).await?;
    let entries = entries.into_iter().map(EntryView::of).collect();
    Ok(Json(TimelineView { position: shown.0, entries, next: next.map(|next| next.0) }))
}

/// Reads a ticket's targets, and why they are due when they are.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/sla", tag = "reads",
    params(OfTicket, ReadQuery),
    responses((status = 200, description = "The targets", body = SlaView), ReadOneRefusals))]
pub(super) async fn read_sla(
    State(app): State<App>,
    caller: Caller,
    TicketPath(number): TicketPath,
    Asked(asked): Asked<ReadQuery>,
) -> Result<Json<SlaView>, Problem> {
    let now = app.now();
    check_reach(&app, &caller, number).await?;
    let read = |at_least| {
        app.query("sla", at_least, move |connection| {
            let ((shown, state), rules) = (sla::ticket(connection, number)?, sla::rules(connection)?);
            Ok((shown, state.map(|state| (state, rules))))
        })
    };
    let (shown, (state, rules)) = known(&app, &caller, number, position(asked.at_least), read).await?;
    let clocks = state.clocks.iter().map(|clock| ClockInFull::of(clock, &rules, now)).collect();
    Ok(Json(SlaView { position: shown.0, evaluated_at: now.to_rfc3339(), clocks }))
}

/// Refuses a ticket that is out of reach in the words for one that is not there.
pub(super) async fn check_reach(app: &App, caller: &Caller, number: TicketNumber) -> Result<(), Problem> {
    if caller.reach == Reach::Everything || caller.reach.sees(&*app.handler.ticket(number).await?) {
        return Ok(());
    }
    Err(TicketRefusal::NotFound.into())
}

/// Reads what a read model says of a ticket; where it does not know one that the log does, once more as of the log's end.
pub(super) async fn known<T, F: Future<Output = Result<(GlobalPosition, Option<T>), QueryError>>>(
    app: &App,
    caller: &Caller,
    number: TicketNumber,
    at_least: Option<GlobalPosition>,
    read: impl Fn(Option<GlobalPosition>) -> F,
) -> Result<(GlobalPosition, T), Problem> {
    if let (shown, Some(found)) = read(at_least).await? {
        return Ok((shown, found));
    }
    let ticket = app.handler.ticket(number).await?;
    if !ticket.exists || !caller.reach.sees(&ticket) {
        return Err(TicketRefusal::NotFound.into());
    }
    let (shown, found) = read(Some(app.head())).await?;
    // What was set aside is in no read model; the health page says so.
    found.map(|found| (shown, found)).ok_or_else(Problem::behind)
}

/// The sealed ticket that a new one continues, if it may.
pub(super) async fn continued(
    app: &App,
    reach: &Reach,
    follows: Option<u64>,
) -> Result<Option<TicketNumber>, Problem> {
    let Some(number) = follows.map(TicketNumber) else { return Ok(None) };
    let earlier = app.handler.ticket(number).await?;
    if !earlier.exists || !reach.sees(&earlier) {
        return Err(Problem::invalid("follows", TicketRefusal::NotFound.to_string()));
    }
    if !earlier.sealed {
        let detail = "only a sealed ticket is continued by another; answer that one instead";
        return Err(Problem::invalid("follows", detail));
    }
    Ok(Some(number))
}
