//! `history`: who did what to a ticket, and when, straight from its streams.

mod describe;

use crate::Outcome;
use crate::cli::HistoryArguments;
use crate::failure::Failure;
use crate::log::{Log, decode, with_cause};
use crate::out::Out;
use crate::words::visible;
use docket_core::names::{GlobalPosition, StreamName, TicketNumber};
use docket_core::record::{Origin, RecordedEvent, Source, StoredRecord};
use docket_core::store::data_dir::DataDir;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct History<'a> {
    ticket: u64,
    head: u64,
    events: Vec<Entry<'a>>,
}

/// One event, as JSON shows it.
#[derive(Serialize)]
struct Entry<'a> {
    position: u64,
    stream: &'a str,
    version: u64,
    id: String,
    #[serde(rename = "type")]
    name: &'a str,
    occurred_at: String,
    recorded_at: String,
    actor: &'a docket_core::actor::Actor,
    origin: Origin,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
    data: &'a RawValue,
}

/// Runs `history`.
///
/// # Errors
/// [`Failure::Usage`] when there is no such ticket.
pub fn run(
    arguments: &HistoryArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let number = if arguments.case {
        find_case(&log, &arguments.ticket)?
    } else {
        let number = arguments.ticket.strip_prefix("ticket-").unwrap_or(&arguments.ticket);
        let number = number.strip_prefix('#').unwrap_or(number).parse().ok();
        number.map(TicketNumber).ok_or_else(|| {
            let why = "is no ticket number; for the identifier of an imported case say --case";
            Failure::Usage(format!("{:?} {why}", arguments.ticket))
        })?
    };
    let head = log.head();
    let mut records = log.stream(&StreamName::ticket(number))?;
    records.extend(log.stream(&StreamName::sla(number))?);
    // A server may go on appending between the two reads; the answer is as of the head.
    records.retain(|record| record.position <= head);
    records.sort_by_key(|record| record.position);
    if records.is_empty() {
        return Err(Failure::Usage(format!("there is no ticket {number} in {}", data.path().display())));
    }
    let events: Vec<RecordedEvent<'_>> = records.iter().map(decode).collect::<Result<_, _>>()?;
    if json {
        let events = events.iter().map(entry).collect();
        out.json(&History { ticket: number.0, head: head.0, events })?;
    } else {
        tell(number, head, &events, out)?;
    }
    Ok(Outcome::Fine)
}

/// The ticket of an imported case, from whichever source it came first.
fn find_case(log: &Log, case: &str) -> Result<TicketNumber, Failure> {
    let mut found = None;
    let mut look = |record: &StoredRecord| -> Result<(), Failure> {
        let event = decode(record)?;
        if found.is_none() && event.source.as_ref().is_some_and(|source| source.case == case) {
            found = StreamName::new(&event.stream).ok().and_then(|stream| stream.subject());
        }
        Ok(())
    };
    log.scan(GlobalPosition::START, log.head(), &mut look)?;
    found.ok_or_else(|| Failure::Usage(format!("no imported case is called {case:?}")))
}

fn entry<'a>(event: &'a RecordedEvent<'_>) -> Entry<'a> {
    Entry {
        position: event.position.0,
        stream: &event.stream,
        version: event.version.0,
        id: event.id.to_string(),
        name: &event.name,
        occurred_at: event.occurred_at.to_rfc3339(),
        recorded_at: event.recorded_at.to_rfc3339(),
        actor: &event.actor,
        origin: event.origin,
        summary: summary(event).0,
        source: event.source.as_ref(),
        data: event.data,
    }
}

/// What happened in a few words, and the text that goes with it.
fn summary(event: &RecordedEvent<'_>) -> (String, Option<String>) {
    match event.event() {
        Ok(decoded) => describe::event(&decoded, event.source.as_ref()),
        Err(error) => (format!("{}: {}", event.name, with_cause(&error)), None),
    }
}

fn tell(
    number: TicketNumber,
    head: GlobalPosition,
    events: &[RecordedEvent<'_>],
    out: &mut Out,
) -> Result<(), Failure> {
    let source = events.iter().find_map(|event| event.source.as_ref());
    let case = source.map(|source| format!(", {} in {}", visible(&source.case), visible(&source.system)));
    out.line(&format!("ticket {number}{} (log up to position {head})", case.unwrap_or_default()))?;
    for event in events {
        let (what, text) = summary(event);
        let actor = &event.actor;
        let team = actor.team.as_ref().map(|team| format!(" of {team}")).unwrap_or_default();
        let (at, who, role) = (event.occurred_at, visible(actor.id.as_str()), actor.role.as_str());
        let position = event.position;
        out.line(&format!("{position:>9}  {at}  {who} ({role}{team})  {}", visible(&what)))?;
        for line in text.iter().flat_map(|text| text.lines()) {
            out.line(&format!("{:>9}    | {}", "", visible(line)))?;
        }
    }
    Ok(())
}
