//! `state`: the queue, or one ticket, as it was at any moment.

use crate::Outcome;
use crate::cli::StateArguments;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::past::Past;
use crate::words::{grouped, visible};
use docket_core::names::TicketNumber;
use docket_core::sla::Outcome as Ended;
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
    let counts = past.query("queue", |connection| queue::counts(connection, now))?;
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
    out.line(&format!("As of position {}, judged at {now}", grouped(past.position.0)))?;
    for lane in &lanes {
        let (tickets, late) = (grouped(lane.tickets), grouped(lane.late));
        out.line(&format!("  {:<9} {tickets:>12}   {late} late", lane.lane))?;
    }
    for row in rows.iter().flatten() {
        let subject = visible(row.personal.subject.as_deref().unwrap_or("(no subject)"));
        let assignee = row.state.ticket.assignee.as_ref().map_or("unassigned", |id| id.as_str());
        let due = row.state.deadline().map_or(String::new(), |at| format!("  due {at}"));
        out.line(&format!("  #{:<8} {:<20} {subject}{due}", row.number, visible(assignee)))?;
    }
    Ok(())
}

fn lane_rows(past: &Past, lane: Lane, limit: usize, now: Timestamp) -> Result<Vec<QueueTicket>, Failure> {
    let mut rows = Vec::new();
    let mut after = None;
    while rows.len() < limit {
        let page = past.query("queue", |connection| {
            queue::lane(connection, lane, after, queue::ROWS_PER_PAGE_MAX.min(limit - rows.len()), now)
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
        let why = format!("there was no ticket {number} at position {}", past.position);
        return Err(Failure::Usage(why));
    };
    let (_, sla) = past.query("sla", |connection| sla::ticket(connection, number))?;
    if json {
        let (position, evaluated_at) = (past.position.0, past.evaluated_at.to_rfc3339());
        let ticket = TicketState::of(&row);
        return out.json(&TicketAsOf { position, evaluated_at, ticket, sla: sla.as_ref() });
    }
    let (state, ticket) = (&row.state, &row.state.ticket);
    let text = |value: Option<&str>| visible(value.unwrap_or("–")).to_string();
    out.line(&format!("#{number} {}", text(row.personal.subject.as_deref())))?;
    let mut facts = vec![
        ("as of", format!("position {}, judged at {}", past.position, past.evaluated_at)),
        ("lane", state.lane().as_str().to_owned()),
        ("status", ticket.status.as_str().to_owned()),
        ("priority", text(ticket.priority.map(|priority| priority.as_str()))),
        ("category", text(ticket.category.as_ref().map(|slug| slug.as_str()))),
        ("team", text(ticket.team.as_ref().map(|slug| slug.as_str()))),
        ("assignee", text(ticket.assignee.as_ref().map(|id| id.as_str()))),
        ("opened", state.opened_at.to_string()),
        ("changed", state.updated_at.to_string()),
        ("cycle", ticket.cycle.to_string()),
        ("version", ticket.version.to_string()),
    ];
    if let Some(ledger) = &state.first_response {
        let breach = ledger.breach(past.evaluated_at);
        let verdict = match (&ledger.ended, breach) {
            (_, Some(at)) => format!("missed at {at}"),
            (Some((at, Ended::Responded)), None) => format!("met at {at}"),
            (Some((at, Ended::FulfilledByResolution)), None) => format!("resolved in time at {at}"),
            (None, None) => format!("due {}", ledger.due_at()),
        };
        facts.push(("response", verdict));
    }
    facts.iter().try_for_each(|(name, value)| out.line(&format!("  {name:<9} {value}")))
}
