//! The report on response and resolution times, as a table, as CSV and as JSON.

use crate::cli::{By, ReportArguments};
use crate::failure::Failure;
use crate::out::Out;
use crate::past::Past;
use crate::texts::Texts;
use crate::words::visible;
use docket_core::access::Reach;
use docket_core::time::Timestamp;
use docket_projections::metrics::report::{Figures, GroupBy, GroupFigures, NONE, Report, report};

/// The columns of the CSV form.
const COLUMNS: [&str; 8] = ["group", "figure", "n", "sum_s", "mean_s", "p50_s", "p90_s", "p95_s"];

/// What the CSV form calls all groups together.
const ALL: &str = "(all)";

/// Prints the figures over the tickets that were opened in the range asked for.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(
    past: &Past,
    arguments: &ReportArguments,
    json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let by = match arguments.by {
        None | Some(By::Category) => GroupBy::Category,
        Some(By::Priority) => GroupBy::Priority,
        Some(By::Agent) => GroupBy::Agent,
        Some(By::Team) => GroupBy::Team,
    };
    let from = arguments.from.unwrap_or(Timestamp::MIN);
    // A time before which something is opened leaves out the last instant there is; without one, nothing is.
    let until = arguments.until.unwrap_or(Timestamp(Timestamp::MAX.0 + 1));
    let mut figures =
        past.query("metrics", |connection| report(connection, &Reach::Everything, by, (from, until)))?;
    // The last event that was taken may lie before the moment asked for; what is shown is as of the moment.
    figures.position = past.position;
    match (json, arguments.csv) {
        (true, _) => out.json(&figures),
        (false, true) => csv(&figures, out),
        (false, false) => tell(&figures, past, out),
    }
}

fn groups<'a>(report: &'a Report, all: &'static str) -> impl Iterator<Item = (&'a str, &'a GroupFigures)> {
    std::iter::once((all, &report.all))
        .chain(report.groups.iter().map(|(name, figures)| (name.as_str(), figures)))
}

fn csv(report: &Report, out: &mut Out) -> Result<(), Failure> {
    let mut csv = out.csv();
    csv.row(COLUMNS)?;
    for (name, figures) in groups(report, ALL) {
        for (what, over) in [
            ("first_response", &figures.first_response),
            ("first_resolution", &figures.first_resolution),
            ("full_resolution", &figures.full_resolution),
            ("hand_over", &figures.hand_over),
        ] {
            let spread = [over.mean_s, over.p50_s, over.p90_s, over.p95_s];
            let spread = spread.map(|seconds| seconds.map_or_else(String::new, |value| value.to_string()));
            let counts = [over.n.to_string(), over.sum_s.to_string()];
            csv.row([name.to_owned(), what.to_owned()].into_iter().chain(counts).chain(spread))?;
        }
        for (what, count) in [
            ("still_open", figures.still_open),
            ("reopened_tickets", figures.reopened_tickets),
            ("reopenings", figures.reopenings),
            ("hand_overs_acknowledged", figures.hand_overs_acknowledged),
            ("hand_overs_open", figures.hand_overs_open),
            ("escalations", figures.escalations),
        ] {
            csv.row([name, what, &count.to_string(), "", "", "", "", ""])?;
        }
    }
    csv.end()
}

fn tell(report: &Report, past: &Past, out: &mut Out) -> Result<(), Failure> {
    let texts = out.texts();
    let position = texts.number(past.position.0);
    out.line(&texts.metrics_as_of(report.tickets, position, report.definition))?;
    let header = [
        texts.column_group,
        texts.column_what,
        texts.column_n,
        texts.column_mean,
        "p50",
        "p90",
        "p95",
        texts.column_open,
        texts.column_reopened,
    ];
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header);
    for (name, figures) in groups(report, texts.all_groups) {
        let name = if name == NONE { texts.no_group } else { name };
        table.add_rows(rows(name, figures, texts));
    }
    out.line(&table.to_string())
}

fn rows(name: &str, figures: &GroupFigures, texts: &'static Texts) -> Vec<Vec<String>> {
    let row = |name: &str, what: &str, over: &Figures, open: String, reopened: String| {
        let hours =
            |seconds: Option<f64>| seconds.map_or_else(|| "–".into(), |s| texts.hundredths(s / 3600.0));
        let spread = [over.mean_s, over.p50_s, over.p90_s, over.p95_s].map(hours);
        [visible(name), what.to_owned(), texts.number(over.n)]
            .into_iter()
            .chain(spread)
            .chain([open, reopened])
            .collect()
    };
    let (open, reopened) = (texts.number(figures.still_open), texts.number(figures.reopenings));
    let waiting = texts.number(figures.hand_overs_open);
    vec![
        row(name, texts.first_response, &figures.first_response, String::new(), String::new()),
        row("", texts.first_resolution, &figures.first_resolution, String::new(), reopened),
        row("", texts.full_resolution, &figures.full_resolution, open, String::new()),
        row("", texts.hand_over, &figures.hand_over, waiting, String::new()),
    ]
}
