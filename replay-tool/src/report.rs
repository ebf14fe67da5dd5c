//! `report`: figures over the log, as of its end or of any moment.

mod metrics;
mod what_if;

use crate::Outcome;
use crate::cli::{ReportArguments, ReportName};
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::past::Past;
use crate::sentence::Sentence;
use crate::texts::Texts;
use docket_core::access::Reach;
use docket_core::names::TicketNumber;
use docket_core::store::data_dir::DataDir;
use docket_projections::metrics::each_journey;
use docket_projections::metrics::journey::Journey;
use docket_projections::metrics::reference::{Gathering, Ordered, TICKET_COLUMNS, ticket_row};
use docket_projections::sla::{self, Attainment};
use serde::Serialize;

#[derive(Serialize)]
struct AttainmentAsOf {
    position: u64,
    #[serde(flatten)]
    attainment: Attainment,
}

#[derive(Serialize)]
struct Resolver<'a> {
    actor: &'a str,
    resolved_events: u64,
}

/// A cell of a ticket's row as JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Count(u64),
    Missing,
}

/// Runs `report`.
///
/// # Errors
/// [`Failure`]
pub fn run(
    arguments: &ReportArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    check(arguments, json)?;
    let log = Log::to_read(data)?;
    let name = match arguments.name {
        ReportName::Sla | ReportName::WhatIf => "sla",
        ReportName::Metrics | ReportName::Reference | ReportName::Tickets | ReportName::Resolvers => {
            "metrics"
        }
    };
    let past = Past::fold(&log, &[name], &arguments.moment, out)?;
    match arguments.name {
        ReportName::Metrics => metrics::run(&past, arguments, json, out)?,
        ReportName::WhatIf => what_if::run(&past, arguments, json, out)?,
        ReportName::Sla => attainment(&past, json, arguments.csv, out)?,
        ReportName::Reference => out.json(&gather(&past)?.reference())?,
        ReportName::Tickets if json => tickets_as_json(&past, out)?,
        ReportName::Tickets => tickets(&past, out)?,
        ReportName::Resolvers => resolvers(&past, json, out)?,
    }
    Ok(Outcome::Fine)
}

/// Refuses what would be left unheeded.
fn check(arguments: &ReportArguments, json: bool) -> Result<(), Failure> {
    let refused = |why: fn(&'static Texts) -> &'static str| Err(Failure::Usage(Sentence::fixed(why)));
    let chooses = arguments.by.is_some() || arguments.from.is_some() || arguments.until.is_some();
    let tries = arguments.policy.is_some()
        || arguments.schedule.is_some()
        || arguments.by_last_priority
        || arguments.pause_for_everybody;
    match arguments.name {
        _ if tries && arguments.name != ReportName::WhatIf => refused(|texts| texts.for_what_if_only),
        _ if arguments.csv && json => refused(|texts| texts.csv_and_json),
        ReportName::Reference if arguments.csv => refused(|texts| texts.reference_is_json),
        ReportName::Metrics => Ok(()),
        ReportName::Reference
        | ReportName::Tickets
        | ReportName::Resolvers
        | ReportName::Sla
        | ReportName::WhatIf => {
            if chooses {
                return refused(|texts| texts.for_metrics_only);
            }
            Ok(())
        }
    }
}

fn gather(past: &Past) -> Result<Gathering, Failure> {
    let mut gathering = Gathering::default();
    past.query("metrics", |connection| {
        each_journey(connection, |_, journey| gathering.add(journey)).map(drop)
    })?;
    Ok(gathering)
}

/// Hands every ticket's journey to a function until it fails.
fn try_each(
    past: &Past,
    mut take: impl FnMut(TicketNumber, &Journey) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut failure = None;
    past.query("metrics", |connection| {
        each_journey(connection, |number, journey| {
            if failure.is_none() {
                failure = take(number, journey).err();
            }
        })
        .map(drop)
    })?;
    failure.map_or(Ok(()), Err)
}

/// One row per ticket, in the columns of `expected_tickets.csv`.
fn tickets(past: &Past, out: &mut Out) -> Result<(), Failure> {
    let mut csv = out.csv();
    csv.row(TICKET_COLUMNS)?;
    try_each(past, |number, journey| csv.row(ticket_row(number, journey)))?;
    csv.end()
}

/// The same rows as objects, one a line: counts are numbers, and what is missing is null.
fn tickets_as_json(past: &Past, out: &mut Out) -> Result<(), Failure> {
    let at = |column| TICKET_COLUMNS.iter().position(|name| *name == column);
    let counts = at("n_events")..=at("sla_breached");
    let mut before = "[\n";
    try_each(past, |number, journey| {
        let cells = ticket_row(number, journey).into_iter().enumerate().map(|(index, text)| {
            let cell = match text.parse() {
                Ok(count) if counts.contains(&Some(index)) => Cell::Count(count),
                Ok(_) | Err(_) if text.is_empty() => Cell::Missing,
                Ok(_) | Err(_) => Cell::Text(text),
            };
            (TICKET_COLUMNS[index].into(), cell)
        });
        let row = serde_json::to_string(&Ordered(cells.collect())).expect("a row has string keys");
        out.bytes(before.as_bytes())?;
        before = ",\n";
        out.bytes(row.as_bytes())
    })?;
    out.line(if before == ",\n" { "\n]" } else { "[]" })
}

fn resolvers(past: &Past, json: bool, out: &mut Out) -> Result<(), Failure> {
    let resolvers = gather(past)?.resolvers();
    if json {
        let rows = resolvers.iter().map(|(actor, count)| Resolver { actor, resolved_events: *count });
        return out.json(&rows.collect::<Vec<_>>());
    }
    let mut csv = out.csv();
    csv.row(["actor", "resolved_events"])?;
    resolvers.iter().try_for_each(|(actor, count)| csv.row([actor.as_str(), &count.to_string()]))?;
    csv.end()
}

fn attainment(past: &Past, json: bool, csv: bool, out: &mut Out) -> Result<(), Failure> {
    let attainment = past.query("sla", |connection| sla::attainment(connection, &Reach::Everything))?;
    if json {
        return out.json(&AttainmentAsOf { position: past.position.0, attainment });
    }
    let texts = out.texts();
    let rows = [
        ("met", texts.answered_in_time, attainment.met),
        ("missed", texts.answered_late, attainment.missed),
        ("fulfilled_by_resolution", texts.resolved_in_time, attainment.fulfilled_by_resolution),
        ("resolved_late", texts.resolved_late, attainment.resolved_late),
        ("cancelled", texts.cancelled, attainment.cancelled),
        ("running", texts.still_running, attainment.running),
    ];
    if csv {
        let mut csv = out.csv();
        csv.row(["outcome", "tickets"])?;
        rows.iter().try_for_each(|(name, _, count)| csv.row([*name, &count.to_string()]))?;
        return csv.end();
    }
    out.line(&texts.attainment_as_of(texts.number(past.position.0)))?;
    let width = rows.iter().map(|(_, words, _)| words.chars().count()).max().unwrap_or_default() + 1;
    rows.iter().try_for_each(|(_, words, count)| {
        out.line(&format!("  {words:<width$} {:>12}", texts.number(*count)))
    })
}
