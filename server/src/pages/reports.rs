//! The report page: how long tickets took, by category, priority, agent or team, and how the deadlines were kept.

use super::error;
use super::frame::{Frame, blocking, deliver, render};
use super::language::Visit;
use super::texts::Texts;
use super::visible::Visible;
use crate::app::{App, Lag};
use crate::identity::Caller;
use crate::problem::Problem;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use docket_core::access::Reach;
use docket_core::names::GlobalPosition;
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::metrics::report::{Figures, GroupBy, GroupFigures, NONE, Report, report};
use docket_projections::queue::{LaneCount, counts};
use docket_projections::sla::{Attainment, attainment};
use serde::Deserialize;

const DAY: DurationMs = DurationMs::from_hours(24);

/// Which report.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    by: Option<String>,
    /// A day, such as `2026-11-21`; the first one that counts.
    from: Option<String>,
    /// The last day that counts.
    until: Option<String>,
    at_least: Option<u64>,
}

/// Which report, understood.
struct Wanted {
    by: GroupBy,
    from: Timestamp,
    until: Timestamp,
    /// The days as they were given, for the form.
    from_day: String,
    until_day: String,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct Page<'a> {
    t: &'static Texts,
    frame: Frame,
    choices: [(&'static str, &'static str, bool); 4],
    group: &'static str,
    from_day: &'a str,
    until_day: &'a str,
    tickets: String,
    /// Whether it counts what is within reach alone.
    limited: bool,
    measures: Vec<Measure<'a>>,
    counts: [Counts<'a>; 2],
    attainment: Vec<(&'static str, String)>,
    definition: u32,
}

/// One kind of duration, for every group.
struct Measure<'a> {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    /// What is counted beside the durations.
    counted: &'static str,
    rows: Vec<MeasureRow<'a>>,
}

/// The durations of one group.
struct MeasureRow<'a> {
    name: Visible<'a>,
    all: bool,
    n: String,
    mean: Option<Span>,
    p50: Option<Span>,
    p90: Option<Span>,
    p95: Option<Span>,
    /// The median as a share of the longest median, from 0 to 100.
    bar: u8,
}

/// A duration: as people read it, and to the last digit.
struct Span {
    text: String,
    exact: String,
}

/// What is counted of every group, in three columns.
struct Counts<'a> {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    columns: [&'static str; 3],
    rows: Vec<CountsRow<'a>>,
}

/// What is counted of one group.
struct CountsRow<'a> {
    name: Visible<'a>,
    all: bool,
    cells: [String; 3],
}

/// Shows the report.
pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).map_err(|_| Problem::invalid("", ""));
    let at_least = asked.as_ref().ok().and_then(|asked| asked.at_least).map(GlobalPosition);
    let wanted = asked.and_then(|asked| parse(&asked));
    let html = match wanted {
        Ok(wanted) => {
            let (now, seen) = (app.now(), visit.clone());
            blocking(&app, &["metrics", "sla"], at_least, move |projections, lag| {
                let reach = caller.counted();
                let lanes = projections.query("queue", |connection| counts(connection, &reach, now))?;
                let kept = projections.query("sla", |connection| attainment(connection, &reach))?;
                let figures = projections.query("metrics", |connection| {
                    report(connection, &reach, wanted.by, (wanted.from, wanted.until))
                })?;
                Ok(render_report(&seen, &caller, &wanted, &figures, kept, &lanes, (now, lag)))
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

fn parse(asked: &Asked) -> Result<Wanted, Problem> {
    let by = match asked.by.as_deref() {
        None | Some("category") => GroupBy::Category,
        Some("priority") => GroupBy::Priority,
        Some("agent") => GroupBy::Agent,
        Some("team") => GroupBy::Team,
        Some(_) => return Err(Problem::invalid("by", "use category, priority, agent or team")),
    };
    let day = |name: &str, text: &Option<String>| match text.as_deref() {
        None | Some("") => Ok(None),
        Some(day) => Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z"))
            .map(Some)
            .map_err(|error| Problem::invalid(name, error.to_string())),
    };
    let from = day("from", &asked.from)?.unwrap_or(Timestamp::MIN);
    let until = day("until", &asked.until)?.map_or(Timestamp::MAX, |day| day.plus(DAY));
    let text = |day: &Option<String>| day.clone().unwrap_or_default();
    Ok(Wanted { by, from, until, from_day: text(&asked.from), until_day: text(&asked.until) })
}

fn render_report(
    visit: &Visit,
    caller: &Caller,
    wanted: &Wanted,
    figures: &Report,
    kept: Attainment,
    lanes: &[LaneCount],
    (now, lag): (Timestamp, Lag),
) -> String {
    let t = visit.texts;
    let mut frame = Frame::of(visit, caller, figures.position, now, lag).with_lanes(t, lanes, None);
    frame.reports = true;
    let choices = [
        ("category", t.report_by_category, wanted.by == GroupBy::Category),
        ("priority", t.report_by_priority, wanted.by == GroupBy::Priority),
        ("agent", t.report_by_agent, wanted.by == GroupBy::Agent),
        ("team", t.report_by_team, wanted.by == GroupBy::Team),
    ];
    render(&Page {
        t,
        frame,
        choices,
        group: choices.iter().find(|(_, _, chosen)| *chosen).map_or("", |(_, label, _)| label),
        from_day: &wanted.from_day,
        until_day: &wanted.until_day,
        tickets: t.report_tickets(figures.tickets),
        limited: caller.counted() != Reach::Everything,
        measures: if figures.tickets == 0 { Vec::new() } else { measures(t, wanted.by, figures) },
        counts: [outcomes(t, wanted.by, figures), hand_overs(t, wanted.by, figures)],
        attainment: attainment_rows(t, kept),
        definition: figures.definition,
    })
}

fn measures<'a>(t: &'static Texts, by: GroupBy, report: &'a Report) -> Vec<Measure<'a>> {
    type Pick = fn(&GroupFigures) -> &Figures;
    let measure = |id, (title, says, counted), pick: Pick| {
        let groups = groups(t, by, report).filter(|(_, figures, _)| pick(figures).n > 0);
        let longest = report.groups.values().filter_map(|figures| pick(figures).p50_s).reduce(f64::max);
        let rows = groups.map(|(name, figures, all)| MeasureRow::of(t, name, pick(figures), all, longest));
        Measure { id, title, says, counted, rows: rows.collect() }
    };
    let tickets = |title, says| (title, says, t.column_tickets);
    vec![
        measure(
            "first-response",
            tickets(t.measure_first_response, t.measure_first_response_says),
            |figures| &figures.first_response,
        ),
        measure(
            "first-resolution",
            tickets(t.measure_first_resolution, t.measure_first_resolution_says),
            |figures| &figures.first_resolution,
        ),
        measure(
            "full-resolution",
            tickets(t.measure_full_resolution, t.measure_full_resolution_says),
            |figures| &figures.full_resolution,
        ),
        measure(
            "hand-over",
            (t.measure_hand_over, t.measure_hand_over_says, t.column_hand_overs),
            |figures| &figures.hand_over,
        ),
    ]
}

/// Every group with its name in the page's language, and all of them together at the end.
fn groups<'a>(
    t: &'static Texts,
    by: GroupBy,
    report: &'a Report,
) -> impl Iterator<Item = (Visible<'a>, &'a GroupFigures, bool)> {
    let named = report.groups.iter().map(move |(name, figures)| {
        let label = match by {
            _ if name == NONE => Some(t.group_none),
            GroupBy::Category => t.category(name),
            GroupBy::Priority => t.priority(name),
            GroupBy::Team => t.team(name),
            GroupBy::Agent => None,
        };
        (Visible(label.unwrap_or(name)), figures, false)
    });
    named.chain(std::iter::once((Visible(t.group_all), &report.all, true)))
}

impl<'a> MeasureRow<'a> {
    fn of(t: &'static Texts, name: Visible<'a>, figures: &Figures, all: bool, longest: Option<f64>) -> Self {
        let span = |seconds: Option<f64>| {
            let span = DurationMs((seconds? * 1000.0).round() as i64);
            Some(Span { text: t.span(span), exact: t.exact_seconds(t.seconds(span)).to_string() })
        };
        let bar = match (figures.p50_s, longest) {
            (Some(median), Some(longest)) if longest > 0.0 => {
                (median * 100.0 / longest).clamp(0.0, 100.0) as u8
            }
            _ => 0,
        };
        Self {
            name,
            all,
            n: t.number(figures.n),
            mean: span(figures.mean_s),
            p50: span(figures.p50_s),
            p90: span(figures.p90_s),
            p95: span(figures.p95_s),
            bar,
        }
    }
}

fn outcomes<'a>(t: &'static Texts, by: GroupBy, report: &'a Report) -> Counts<'a> {
    let row = |(name, figures, all): (Visible<'a>, &GroupFigures, bool)| {
        let cells = [figures.still_open, figures.reopened_tickets, figures.reopenings];
        CountsRow { name, all, cells: cells.map(|count| t.number(count)) }
    };
    Counts {
        id: "outcome",
        title: t.measure_outcome,
        says: t.measure_outcome_says,
        columns: [t.column_still_open, t.column_reopened_tickets, t.column_reopenings],
        rows: groups(t, by, report).map(row).collect(),
    }
}

/// What became of escalations; without the groups that have none.
fn hand_overs<'a>(t: &'static Texts, by: GroupBy, report: &'a Report) -> Counts<'a> {
    let row = |(name, figures, all): (Visible<'a>, &GroupFigures, bool)| {
        let cells = [figures.escalations, figures.hand_overs_acknowledged, figures.hand_overs_open];
        CountsRow { name, all, cells: cells.map(|count| t.number(count)) }
    };
    let escalated = groups(t, by, report).filter(|(_, figures, all)| *all || figures.escalations > 0);
    Counts {
        id: "escalations",
        title: t.measure_escalations,
        says: t.measure_escalations_says,
        columns: [t.column_escalations, t.column_acknowledged, t.column_hand_over_open],
        rows: escalated.map(row).collect(),
    }
}

fn attainment_rows(t: &'static Texts, kept: Attainment) -> Vec<(&'static str, String)> {
    let rate = t.share(kept.met, kept.met + kept.missed).unwrap_or_else(|| "–".to_owned());
    vec![
        (t.attainment_rate, rate),
        (t.attainment_met, t.number(kept.met)),
        (t.attainment_missed, t.number(kept.missed)),
        (t.attainment_fulfilled, t.number(kept.fulfilled_by_resolution)),
        (t.attainment_resolved_late, t.number(kept.resolved_late)),
        (t.attainment_cancelled, t.number(kept.cancelled)),
        (t.attainment_running, t.number(kept.running)),
    ]
}
