//! `history`: who did what to a ticket, and when, straight from its streams.

mod describe;

use crate::Outcome;
use crate::cli::HistoryArguments;
use crate::core_words;
use crate::failure::Failure;
use crate::log::{Log, decode};
use crate::out::Out;
use crate::texts::Texts;
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
            let given = format!("{:?}", arguments.ticket);
            Failure::usage(move |texts| texts.no_ticket_number(&given))
        })?
    };
    let head = log.head();
    let mut records = log.stream(&StreamName::ticket(number))?;
    records.extend(log.stream(&StreamName::sla(number))?);
    // A server may go on appending between the two reads; the answer is as of the head.
    records.retain(|record| record.position <= head);
    records.sort_by_key(|record| record.position);
    if records.is_empty() {
        let directory = data.path().to_owned();
        return Err(Failure::usage(move |texts| texts.no_ticket_in(number, directory.display())));
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
    found.ok_or_else(|| {
        let case = format!("{case:?}");
        Failure::usage(move |texts| texts.no_case(&case))
    })
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
        summary: summary(event, Texts::english()).0,
        source: event.source.as_ref(),
        data: event.data,
    }
}

/// What happened in a few words, and the text that goes with it.
fn summary(event: &RecordedEvent<'_>, texts: &'static Texts) -> (String, Option<String>) {
    match event.event() {
        Ok(decoded) => describe::event(&decoded, event.source.as_ref(), texts),
        Err(error) => (format!("{}: {}", event.name, core_words::event(&error, texts)), None),
    }
}

fn tell(
    number: TicketNumber,
    head: GlobalPosition,
    events: &[RecordedEvent<'_>],
    out: &mut Out,
) -> Result<(), Failure> {
    let texts = out.texts();
    let heading = match events.iter().find_map(|event| event.source.as_ref()) {
        Some(Source { case, system, .. }) => {
            texts.history_of_case(number, visible(case), visible(system), head)
        }
        None => texts.history_of_ticket(number, head),
    };
    out.line(&heading)?;
    for event in events {
        let (what, text) = summary(event, texts);
        let actor = &event.actor;
        let (who, role) = (visible(actor.id.as_str()), actor.role.as_str());
        let who = match &actor.team {
            Some(team) => texts.actor_of_team(who, role, team),
            None => texts.actor(who, role),
        };
        let (position, at) = (event.position, event.occurred_at);
        out.line(&format!("{position:>9}  {at}  {who}  {}", visible(&what)))?;
        for line in text.iter().flat_map(|text| text.lines()) {
            out.line(&format!("{:>9}    | {}", "", visible(line)))?;
        }
    }
    Ok(())
}
