//! `report`: figures over the log, as of its end or of any moment.

use crate::Outcome;
use crate::cli::{ReportArguments, ReportName};
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::past::Past;
use crate::words::{grouped, visible};
use docket_core::store::data_dir::DataDir;
use docket_core::time::Timestamp;
use docket_projections::metrics::reference::{Gathering, TICKET_COLUMNS, ticket_row};
use docket_projections::metrics::report::{Figures, GroupBy, GroupFigures, Report, report};
use docket_projections::metrics::{self};
use docket_projections::sla;

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
    let log = Log::to_read(data)?;
    let names: &[&str] = match arguments.name {
        ReportName::Sla => &["sla"],
        ReportName::Metrics | ReportName::Reference | ReportName::Tickets | ReportName::Resolvers => {
            &["metrics"]
        }
    };
    let past = Past::fold(&log, names, arguments.at, arguments.occurred, out)?;
    match arguments.name {
        ReportName::Metrics => metrics_report(&past, arguments, json, out)?,
        ReportName::Sla => attainment(&past, json, out)?,
        ReportName::Reference => out.json(&gather(&past)?.reference())?,
        ReportName::Tickets => tickets(&past, out)?,
        ReportName::Resolvers => resolvers(&past, json, out)?,
    }
    Ok(Outcome::Fine)
}

fn gather(past: &Past) -> Result<Gathering, Failure> {
    let mut gathering = Gathering::default();
    past.query("metrics", |connection| {
        metrics::each_journey(connection, |_, journey| gathering.add(journey)).map(drop)
    })?;
    Ok(gathering)
}

/// One row per ticket, in the columns of `expected_tickets.csv`.
fn tickets(past: &Past, out: &mut Out) -> Result<(), Failure> {
    let mut rows = vec![TICKET_COLUMNS.iter().map(ToString::to_string).collect()];
    past.query("metrics", |connection| {
        metrics::each_journey(connection, |number, journey| rows.push(ticket_row(number, journey))).map(drop)
    })?;
    csv(rows, out)
}

fn resolvers(past: &Past, json: bool, out: &mut Out) -> Result<(), Failure> {
    let resolvers = gather(past)?.resolvers();
    if json {
        return out.json(&resolvers);
    }
    let header = vec!["actor".to_owned(), "resolved_events".to_owned()];
    let rows = resolvers.into_iter().map(|(actor, count)| vec![actor.to_string(), count.to_string()]);
    csv(std::iter::once(header).chain(rows).collect(), out)
}

fn csv(rows: Vec<Vec<String>>, out: &mut Out) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = rows.iter().try_for_each(|row| writer.write_record(row));
    let failed = |why: String| Failure::Projection { why };
    written.map_err(|error| failed(error.to_string()))?;
    out.bytes(&writer.into_inner().map_err(|error| failed(error.to_string()))?)
}

fn attainment(past: &Past, json: bool, out: &mut Out) -> Result<(), Failure> {
    let attainment = past.query("sla", sla::attainment)?;
    if json {
        return out.json(&attainment);
    }
    let rows = [
        ("met", attainment.met),
        ("missed", attainment.missed),
        ("resolved without an answer, in time", attainment.fulfilled_by_resolution),
        ("resolved without an answer, late", attainment.resolved_late),
        ("still running", attainment.running),
    ];
    out.line(&format!("First response, as of position {}", grouped(past.position.0)))?;
    rows.iter().try_for_each(|(name, count)| out.line(&format!("  {name:<36} {:>12}", grouped(*count))))
}

fn metrics_report(
    past: &Past,
    arguments: &ReportArguments,
    json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let by = match arguments.by.as_str() {
        "category" => GroupBy::Category,
        "priority" => GroupBy::Priority,
        "agent" => GroupBy::Agent,
        other => {
            let why = format!("cannot group by {other:?}; use category, priority or agent");
            return Err(Failure::Usage(why));
        }
    };
    let instant = |text: Option<&str>, otherwise| match text {
        None => Ok(otherwise),
        Some(text) => Timestamp::parse_rfc3339(text).map_err(|error| Failure::Usage(error.to_string())),
    };
    let from = instant(arguments.from.as_deref(), Timestamp::MIN)?;
    let until = instant(arguments.until.as_deref(), Timestamp::MAX)?;
    let figures = past.query("metrics", |connection| report(connection, by, from, until))?;
    if json { out.json(&figures) } else { tell(&figures, past, out) }
}

fn tell(report: &Report, past: &Past, out: &mut Out) -> Result<(), Failure> {
    let (tickets, position) = (grouped(report.tickets), grouped(past.position.0));
    out.line(&format!(
        "{tickets} tickets, as of position {position}; hours, definition {}",
        report.definition
    ))?;
    let header = ["group", "what", "n", "mean", "p50", "p90", "p95", "open", "reopened"];
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header);
    let groups = report.groups.iter().map(|(name, figures)| (name.as_str(), figures));
    for (name, figures) in std::iter::once(("all", &report.all)).chain(groups) {
        table.add_rows(rows(name, figures));
    }
    out.line(&table.to_string())
}

fn rows(name: &str, figures: &GroupFigures) -> Vec<Vec<String>> {
    let row = |name: &str, what: &str, over: &Figures, open: String, reopened: String| {
        let hours =
            |seconds: Option<f64>| seconds.map_or_else(|| "–".into(), |s| format!("{:.2}", s / 3600.0));
        let spread = [over.mean_s, over.p50_s, over.p90_s, over.p95_s].map(hours);
        [visible(name).to_string(), what.to_owned(), grouped(over.n)]
            .into_iter()
            .chain(spread)
            .chain([open, reopened])
            .collect()
    };
    let (open, reopened) = (grouped(figures.still_open), grouped(figures.reopenings));
    vec![
        row(name, "first response", &figures.first_response, String::new(), String::new()),
        row("", "first resolution", &figures.first_resolution, String::new(), reopened),
        row("", "full resolution", &figures.full_resolution, open, String::new()),
    ]
}
