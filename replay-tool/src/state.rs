//! `state`: the queue, or one ticket, as it was at any moment.

use crate::Outcome;
use crate::cli::StateArguments;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::past::Past;
use crate::texts::Texts;
use crate::words::visible;
use docket_core::access::Reach;
use docket_core::names::TicketNumber;
use docket_core::sla::{Face, Outcome as Ended, Target};
use docket_core::store::data_dir::DataDir;
use docket_core::ticket::Lane;
use docket_core::time::Timestamp;
use docket_projections::queue::{self, QueueTicket};
use docket_projections::sla::{self, SlaState};
use serde::Serialize;

#[derive(Serialize)]
struct LaneState {
    lane: &'static str,
    tickets: u64,
    late: u64,
}

#[derive(Serialize)]
struct TicketState<'a> {
    number: u64,
    lane: &'static str,
    subject: Option<&'a str>,
    requester_name: Option<&'a str>,
    stale: bool,
    state: &'a queue::QueueState,
}

#[derive(Serialize)]
struct QueueAsOf<'a> {
    position: u64,
    evaluated_at: String,
    lanes: Vec<LaneState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<Vec<TicketState<'a>>>,
}

#[derive(Serialize)]
struct TicketAsOf<'a> {
    position: u64,
    evaluated_at: String,
    ticket: TicketState<'a>,
    sla: Option<&'a SlaState>,
}

impl<'a> TicketState<'a> {
    fn of(row: &'a QueueTicket) -> Self {
        Self {
            number: row.number.0,
            lane: row.state.lane().as_str(),
            subject: row.personal.subject.as_deref(),
            requester_name: row.personal.requester_name.as_deref(),
            stale: row.stale,
            state: &row.state,
        }
    }
}

/// Runs `state`.
///
/// # Errors
/// [`Failure::Usage`] when there was no such ticket at that moment.
pub fn run(
    arguments: &StateArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let past = Past::fold(&log, &["queue", "sla"], &arguments.moment, out)?;
    match arguments.ticket {
        Some(number) => ticket(&past, TicketNumber(number), json, out)?,
        None => queue(&past, arguments, json, out)?,
    }
    Ok(Outcome::Fine)
}

fn queue(past: &Past, arguments: &StateArguments, json: bool, out: &mut Out) -> Result<(), Failure> {
    let now = past.evaluated_at;
    let counts = past.query("queue", |connection| queue::counts(connection, &Reach::Everything, now))?;
    let rows = match arguments.lane {
        None => None,
        Some(lane) => Some(lane_rows(past, lane, arguments.limit, now)?),
    };
    let lanes: Vec<LaneState> = counts
        .iter()
        .map(|count| LaneState { lane: count.lane.as_str(), tickets: count.tickets, late: count.late })
        .collect();
    if json {
        let tickets = rows.as_ref().map(|rows| rows.iter().map(TicketState::of).collect());
        let evaluated_at = now.to_rfc3339();
        return out.json(&QueueAsOf { position: past.position.0, evaluated_at, lanes, tickets });
    }
    let texts = out.texts();
    out.line(&texts.queue_as_of(texts.number(past.position.0), now))?;
    for lane in &lanes {
        let (tickets, late) = (texts.number(lane.tickets), texts.late(lane.late));
        out.line(&format!("  {:<9} {tickets:>12}   {late}", lane.lane))?;
    }
    for row in rows.iter().flatten() {
        let subject = visible(row.personal.subject.as_deref().unwrap_or(texts.no_subject));
        let assignee = row.state.ticket.assignee.as_ref().map_or(texts.unassigned, |id| id.as_str());
        let due = row.state.deadline().map_or(String::new(), |at| format!("  {}", texts.due(at)));
        out.line(&format!("  #{:<8} {:<20} {subject}{due}", row.number, visible(assignee)))?;
    }
    Ok(())
}

fn lane_rows(past: &Past, lane: Lane, limit: usize, now: Timestamp) -> Result<Vec<QueueTicket>, Failure> {
    let mut rows = Vec::new();
    let mut after = None;
    while rows.len() < limit {
        let page = past.query("queue", |connection| {
            queue::lane(
                connection,
                &Reach::Everything,
                lane,
                after,
                queue::ROWS_PER_PAGE_MAX.min(limit - rows.len()),
                now,
            )
        })?;
        rows.extend(page.tickets);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(rows)
}

fn ticket(past: &Past, number: TicketNumber, json: bool, out: &mut Out) -> Result<(), Failure> {
    let found = past.query("queue", |connection| queue::ticket(connection, number))?;
    let Some(row) = found else {
        let position = past.position;
        return Err(Failure::usage(move |texts| texts.no_ticket_then(number, position)));
    };
    let (_, sla) = past.query("sla", |connection| sla::ticket(connection, number))?;
    if json {
        let (position, evaluated_at) = (past.position.0, past.evaluated_at.to_rfc3339());
        let ticket = TicketState::of(&row);
        return out.json(&TicketAsOf { position, evaluated_at, ticket, sla: sla.as_ref() });
    }
    let texts = out.texts();
    out.line(&format!("#{number} {}", shown(row.personal.subject.as_deref())))?;
    let mut facts = facts(&row, past, texts);
    facts.extend(clocks(sla.as_ref(), past, texts));
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default() + 1;
    facts.iter().try_for_each(|(name, value)| out.line(&format!("  {name:<width$} {value}")))
}

fn shown(value: Option<&str>) -> String {
    visible(value.unwrap_or("–"))
}

/// What is told about a ticket, with what each is called.
fn facts(row: &QueueTicket, past: &Past, texts: &'static Texts) -> Vec<(&'static str, String)> {
    let (state, ticket) = (&row.state, &row.state.ticket);
    vec![
        (texts.fact_as_of, texts.ticket_as_of(past.position, past.evaluated_at)),
        (texts.fact_lane, state.lane().as_str().to_owned()),
        (texts.fact_status, ticket.status.as_str().to_owned()),
        (texts.fact_priority, shown(ticket.priority.map(|priority| priority.as_str()))),
        (texts.fact_category, shown(ticket.category.as_ref().map(|slug| slug.as_str()))),
        (texts.fact_team, shown(ticket.team.as_ref().map(|slug| slug.as_str()))),
        (texts.fact_assignee, shown(ticket.assignee.as_ref().map(|id| id.as_str()))),
        (texts.fact_opened, state.opened_at.to_string()),
        (texts.fact_changed, state.updated_at.to_string()),
        (texts.fact_cycle, ticket.cycle.to_string()),
        (texts.fact_version, ticket.version.to_string()),
    ]
}

/// How each clock of a ticket stands, with what it runs to.
fn clocks(sla: Option<&SlaState>, past: &Past, texts: &'static Texts) -> Vec<(&'static str, String)> {
    let said = |face: &Face| match (face.end, face.missed(past.evaluated_at), face.due_at) {
        (_, Some(breach), _) => texts.response_missed(breach.at),
        (Some(end), None, _) => match end.outcome {
            Ended::Responded => texts.response_met(end.at),
            Ended::FulfilledByResolution => texts.response_resolved(end.at),
            Ended::Resolved => texts.clock_resolved(end.at),
            Ended::CancelledByMerge => texts.response_merged(end.at),
        },
        (None, None, Some(due_at)) if !face.paused => texts.due(due_at),
        (None, None, _) => texts.clock_paused.to_owned(),
    };
    let name = |target: Target| match target {
        Target::FirstResponse => texts.fact_response,
        Target::NextReply => texts.fact_next_reply,
        Target::RequesterWait => texts.fact_requester_wait,
        Target::AgentWork => texts.fact_agent_work,
        Target::Resolution => texts.fact_resolution_clock,
    };
    let clocks = sla.map_or(&[][..], |sla| &sla.clocks);
    clocks.iter().map(|clock| (name(clock.face.target), said(&clock.face))).collect()
}
