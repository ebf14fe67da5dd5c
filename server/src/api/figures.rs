//! Reads the figures of a report, by group and period, and the facts behind them.

use super::body::{Asked, NamePath, position};
use super::cursor::Cursor;
use super::parameters::OfReport;
use super::refusals::ReadOneRefusals;
use super::reports::Covers;
use super::shapes;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::calendar::{Calendar, Each, PERIODS_MAX, UTC};
use docket_core::names::{GlobalPosition, TicketNumber, ZoneName};
use docket_core::open_hours::TZDATA;
use docket_core::time::Timestamp;
use docket_projections::ledger::{Dimension, Fact, Flags, Outcome};
use docket_projections::metrics::report::NONE;
use docket_projections::reports::answer::{self, CELLS_MAX, Period, Placed, ReportName, Told, answer};
use docket_projections::reports::explain::{FactId, Page, Wanted, explain};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// The read model.
const REPORTS: &str = "reports";

/// Facts in a page.
pub(crate) const FACTS_PER_PAGE_MAX: usize = 500;

/// Before every instant, and after.
const EVER: (Timestamp, Timestamp) = (Timestamp::MIN, Timestamp(Timestamp::MAX.0 + 1));

/// Of which time, by which group, for which periods.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FiguresQuery {
    /// From this instant on, as RFC 3339, or from the beginning of this day in `zone`; from the beginning if left out.
    #[param(value_type = shapes::InstantOrDay, inline, required = false)]
    from: Option<String>,
    /// Before this instant, or until the end of this day in `zone`; without end if left out.
    #[param(value_type = shapes::InstantOrDay, inline, required = false)]
    to: Option<String>,
    /// The zone whose days, weeks and months count; `UTC` if left out.
    #[param(value_type = shapes::Zone, inline, required = false)]
    zone: Option<String>,
    /// What it is grouped by; not at all if left out.
    #[param(value_type = shapes::DimensionName, inline, required = false)]
    by: Option<String>,
    /// A trend by `day`, `week` or `month`, from `from` to `to`; none if left out.
    #[param(value_type = shapes::EachName, inline, required = false)]
    each: Option<String>,
    /// Whether a fact belongs to the time when it `began` or when it `ended`; `began` if left out.
    #[param(value_type = shapes::PlacedName, inline, required = false)]
    placed: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// Which facts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FactsQuery {
    /// As of the figures.
    #[param(value_type = shapes::InstantOrDay, inline, required = false)]
    from: Option<String>,
    /// As of the figures.
    #[param(value_type = shapes::InstantOrDay, inline, required = false)]
    to: Option<String>,
    /// As of the figures.
    #[param(value_type = shapes::Zone, inline, required = false)]
    zone: Option<String>,
    /// What `group` is a group of.
    #[param(value_type = shapes::DimensionName, inline, required = false)]
    by: Option<String>,
    /// Those of this group alone, `(none)` for those of none; all if left out.
    #[param(value_type = shapes::GroupText, inline, required = false)]
    group: Option<String>,
    /// As of the figures.
    #[param(value_type = shapes::PlacedName, inline, required = false)]
    placed: Option<String>,
    /// Those alone that stand like this.
    #[param(value_type = shapes::FactOutcomeName, inline, required = false)]
    outcome: Option<String>,
    /// Facts in a page, 1 to 500; 100 if left out.
    #[param(schema_with = shapes::up_to::<{ FACTS_PER_PAGE_MAX }>)]
    limit: Option<usize>,
    /// The cursor `next` of the page before, of the same query.
    #[param(value_type = shapes::Cursor, inline, required = false)]
    after: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// What an answer is about: enough to ask for the same again.
#[derive(Serialize, ToSchema)]
pub(super) struct About {
    /// Which report.
    #[schema(value_type = shapes::ReportName)]
    report: &'static str,
    /// Version of the definitions in docs/METRICS.md.
    definition: u32,
    /// The position that it shows.
    position: u64,
    /// The instant at which running targets were judged.
    #[schema(value_type = shapes::Instant)]
    evaluated_at: String,
    /// `everything`, or what is `within_reach` of the caller.
    covers: Covers,
    /// Where the time that is asked about begins; null if it has no beginning.
    #[schema(value_type = Option<shapes::Instant>)]
    from: Option<String>,
    /// The first instant after it; null if it has no end.
    #[schema(value_type = Option<shapes::Instant>)]
    to: Option<String>,
    /// The zone whose days, weeks and months count.
    #[schema(value_type = shapes::Zone)]
    zone: String,
    /// The release of the time zone database.
    #[schema(value_type = shapes::Tzdata)]
    tzdata: &'static str,
    /// What it is grouped by.
    #[schema(value_type = Option<shapes::DimensionName>)]
    by: Option<&'static str>,
    /// By which instant facts belong to a time.
    #[schema(value_type = shapes::PlacedName)]
    placed: &'static str,
}

/// The figures of a report.
#[derive(Serialize, ToSchema)]
pub(super) struct FiguresView {
    #[serde(flatten)]
    about: About,
    /// What the trend goes by.
    #[schema(value_type = Option<shapes::EachName>)]
    each: Option<&'static str>,
    /// Over all groups and periods.
    #[schema(value_type = Object)]
    all: Told,
    /// By group, over all periods; `(none)` is the group of what has no name.
    #[schema(value_type = Object)]
    groups: BTreeMap<String, Told>,
    /// By period, in the order of time.
    periods: Vec<PeriodView>,
}

/// The figures of a period.
#[derive(Serialize, ToSchema)]
pub(super) struct PeriodView {
    /// Where it begins.
    #[schema(value_type = shapes::Instant)]
    from: String,
    /// The first instant after it.
    #[schema(value_type = shapes::Instant)]
    to: String,
    /// Over all groups.
    #[schema(value_type = Object)]
    all: Told,
    /// By group; those without any are left out.
    #[schema(value_type = Object)]
    groups: BTreeMap<String, Told>,
}

impl From<Period> for PeriodView {
    fn from(period: Period) -> Self {
        let (from, to) = (period.from.to_rfc3339(), period.until.to_rfc3339());
        Self { from, to, all: period.all, groups: period.groups }
    }
}

/// A page of the facts behind figures.
#[derive(Serialize, ToSchema)]
pub(super) struct FactsView {
    #[serde(flatten)]
    about: About,
    /// The group that they are of.
    group: Option<String>,
    /// The position that the first page of this reading showed.
    began_at: u64,
    /// Whether anything has happened since then: what has changed meanwhile may be skipped or met again.
    moved: bool,
    /// The facts, by ticket.
    facts: Vec<FactView>,
    /// Give it as `after` to read on; none at the end.
    next: Option<String>,
}

/// A fact: what began and ended with which events, and to whom and what it is attributed.
#[derive(Serialize, ToSchema)]
pub(super) struct FactView {
    /// The ticket.
    #[schema(value_type = shapes::TicketNumber)]
    ticket: u64,
    /// How it stands.
    #[schema(value_type = shapes::FactOutcomeName)]
    outcome: &'static str,
    /// When it began.
    #[schema(value_type = shapes::Instant)]
    began_at: String,
    /// The event that it began with.
    began_position: Option<u64>,
    /// When it ended.
    #[schema(value_type = Option<shapes::Instant>)]
    ended_at: Option<String>,
    /// The event that it ended with.
    ended_position: Option<u64>,
    /// The seconds that count; null where none do.
    value_s: Option<i64>,
    /// Right after this instant a running target is missed.
    #[schema(value_type = Option<shapes::Instant>)]
    missed_after: Option<String>,
    /// What is also true of it: `asked`, `commented`, `reopened`, `one_touch`, `first_contact`, `acknowledged`.
    is: Vec<&'static str>,
    /// Its groups by what it can be grouped by; without those that it has no name in.
    #[schema(value_type = Object)]
    groups: BTreeMap<&'static str, String>,
}

impl FactView {
    fn of(ticket: TicketNumber, fact: &Fact) -> Self {
        let flags = [
            ("asked", Flags::ASKED),
            ("commented", Flags::COMMENTED),
            ("reopened", Flags::REOPENED),
            ("one_touch", Flags::ONE_TOUCH),
            ("first_contact", Flags::FIRST_CONTACT),
            ("acknowledged", Flags::ACKNOWLEDGED),
        ];
        let name = |dimension: Dimension| {
            Some((dimension.as_str(), fact.names[dimension as usize].as_ref()?.to_string()))
        };
        Self {
            ticket: ticket.0,
            outcome: fact.outcome.as_str(),
            began_at: fact.began.to_rfc3339(),
            began_position: fact.began_position.map(|position| position.0),
            ended_at: fact.ended.map(Timestamp::to_rfc3339),
            ended_position: fact.ended_position.map(|position| position.0),
            value_s: fact.outcome.is_measured().then_some(fact.value_s),
            missed_after: fact.missed_after.map(Timestamp::to_rfc3339),
            is: flags.iter().filter(|(_, flag)| fact.flags.has(*flag)).map(|(name, _)| *name).collect(),
            groups: Dimension::ALL.into_iter().filter_map(name).collect(),
        }
    }
}

/// What was asked, understood.
struct Range {
    report: ReportName,
    from: Timestamp,
    to: Timestamp,
    zone: ZoneName,
    calendar: Calendar,
    by: Option<Dimension>,
    placed: Placed,
}

impl Range {
    fn of(report: &str, [from, to, zone, by, placed]: [Option<&str>; 5]) -> Result<Self, Problem> {
        let report = ReportName::parse(report).ok_or_else(Problem::not_found)?;
        let unknown = || Problem::invalid("zone", "use a name of the IANA database, such as Europe/Madrid");
        let zone = ZoneName::new(zone.unwrap_or(UTC)).map_err(|_| unknown())?;
        let calendar = Calendar::of(&zone).ok_or_else(unknown)?;
        let by = match by {
            None => None,
            Some(name) => Some(
                Dimension::parse(name)
                    .ok_or_else(|| not_listed("by", &Dimension::ALL.map(Dimension::as_str)))?,
            ),
        };
        let placed = match placed {
            None | Some("began") => Placed::Began,
            Some("ended") => Placed::Ended,
            Some(_) => return Err(not_listed("placed", &["began", "ended"])),
        };
        let from = from.map_or(Ok(EVER.0), |text| edge("from", text, |day| calendar.beginning(day)))?;
        let to = to.map_or(Ok(EVER.1), |text| edge("to", text, |day| calendar.end(day)))?;
        Ok(Self { report, from, to, zone, calendar, by, placed })
    }

    fn asked(&self, each: Option<Each>, now: Timestamp) -> Result<answer::Asked, Problem> {
        let bounds = match each {
            None => vec![self.from, self.to.max(self.from)],
            Some(_) if self.from == EVER.0 || self.to == EVER.1 => {
                return Err(Problem::invalid(
                    "each",
                    "say where the trend begins and ends, with `from` and `to`",
                ));
            }
            Some(each) => self.calendar.cut(each, self.from, self.to).map_err(|_| {
                Problem::invalid(
                    "each",
                    format!("more than {PERIODS_MAX} periods; use longer ones, or less time"),
                )
            })?,
        };
        let (report, by, placed, trend) = (self.report, self.by, self.placed, each.is_some());
        Ok(answer::Asked { report, by, placed, bounds, trend, now })
    }

    fn about(&self, position: GlobalPosition, covers: Covers, now: Timestamp) -> About {
        About {
            report: self.report.as_str(),
            definition: docket_projections::reports::METRICS_VERSION,
            position: position.0,
            evaluated_at: now.to_rfc3339(),
            covers,
            from: (self.from != EVER.0).then(|| self.from.to_rfc3339()),
            to: (self.to != EVER.1).then(|| self.to.to_rfc3339()),
            zone: self.zone.to_string(),
            tzdata: TZDATA,
            by: self.by.map(Dimension::as_str),
            placed: match self.placed {
                Placed::Began => "began",
                Placed::Ended => "ended",
            },
        }
    }
}

fn not_listed(field: &str, names: &[&str]) -> Problem {
    Problem::invalid(field, format!("use one of {}", names.join(", ")))
}

/// An instant, or the edge of a day.
fn edge(
    field: &str,
    text: &str,
    of_day: impl FnOnce(&str) -> Result<Timestamp, docket_core::time::TimeError>,
) -> Result<Timestamp, Problem> {
    let is_instant = text.contains(['T', 't', ' ']);
    let read = if is_instant { Timestamp::parse_rfc3339(text) } else { of_day(text) };
    read.map_err(|error| Problem::invalid(field, error.to_string()))
}

/// The figures of a report by group and period: how many, how many still open, mean and percentiles, and what else is counted of
/// it. Of the tickets that the caller may see; analysts are told of all. See docs/METRICS.md for what each counts.
#[utoipa::path(get, path = "/api/v1/reports/{name}", tag = "reports", params(OfReport, FiguresQuery),
    responses((status = 200, description = "The figures", body = FiguresView), ReadOneRefusals))]
pub(super) async fn read_figures(
    State(app): State<App>,
    caller: Caller,
    NamePath(name): NamePath,
    Asked(asked): Asked<FiguresQuery>,
) -> Result<Json<FiguresView>, Problem> {
    let texts = [&asked.from, &asked.to, &asked.zone, &asked.by, &asked.placed].map(Option::as_deref);
    let range = Range::of(&name, texts)?;
    let each = match asked.each.as_deref() {
        None => None,
        Some(name) => Some(Each::parse(name).ok_or_else(|| not_listed("each", &["day", "week", "month"]))?),
    };
    let now = app.now();
    let wanted = range.asked(each, now)?;
    let (reach, covers) = (caller.counted(), Covers::of(&caller));
    let read =
        app.query(REPORTS, position(asked.at_least), move |connection| answer(connection, &reach, &wanted));
    let told = read.await?.map_err(|_| {
        let field = if each.is_some() { "each" } else { "by" };
        let detail = format!(
            "more than {CELLS_MAX} groups and periods; use longer periods, less time, or another group"
        );
        Problem::invalid(field, detail)
    })?;
    Ok(Json(FiguresView {
        about: range.about(told.position, covers, now),
        each: each.map(Each::as_str),
        all: told.all,
        groups: told.groups,
        periods: told.periods.into_iter().map(PeriodView::from).collect(),
    }))
}

/// The facts behind the figures of a report, of all groups or of one: tickets, the events that each began and ended with, what
/// counts, and to whom it is attributed.
#[utoipa::path(get, path = "/api/v1/reports/{name}/facts", tag = "reports", params(OfReport, FactsQuery),
    responses((status = 200, description = "A page", body = FactsView), ReadOneRefusals))]
pub(super) async fn read_facts(
    State(app): State<App>,
    caller: Caller,
    NamePath(name): NamePath,
    Asked(asked): Asked<FactsQuery>,
) -> Result<Json<FactsView>, Problem> {
    let texts = [&asked.from, &asked.to, &asked.zone, &asked.by, &asked.placed].map(Option::as_deref);
    let range = Range::of(&name, texts)?;
    let outcome = match asked.outcome.as_deref() {
        None => None,
        Some(name) => {
            let outcome = Outcome::parse(name);
            Some(outcome.ok_or_else(|| not_listed("outcome", &Outcome::ALL.map(Outcome::as_str)))?)
        }
    };
    let limit = asked.limit.unwrap_or(100);
    if !(1..=FACTS_PER_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("use 1 to {FACTS_PER_PAGE_MAX}")));
    }
    if asked.group.is_some() && range.by.is_none() {
        return Err(Problem::invalid("group", "say what it is a group of, with `by`"));
    }
    let group = asked.group.clone().map(|name| Some(name).filter(|name| name != NONE));
    let query = format!(
        "facts {:?} {:?} {:?} {:?} {:?} {group:?} {outcome:?} {:?}",
        range.report, range.from, range.to, range.by, range.placed, caller.actor.id
    );
    let after = asked.after.as_deref();
    let after = after.map(|text| Cursor::<[i64; 3]>::read(&app, &query, "after", text)).transpose()?;
    let now = app.now();
    let place = |[ticket, measure, place]: [i64; 3]| FactId {
        ticket: TicketNumber(ticket.cast_unsigned()),
        measure: measure as u8,
        place: place as u32,
    };
    let wanted = Wanted {
        asked: range.asked(None, now)?,
        group,
        outcome,
        after: after.map(|after| place(after.place)),
        limit,
    };
    let (reach, covers) = (caller.counted(), Covers::of(&caller));
    // A page never shows less than the one before it did.
    let at_least = position(asked.at_least).max(after.map(|after| after.began_at));
    let read = app.query(REPORTS, at_least, move |connection| explain(connection, &reach, &wanted));
    let Page { position, facts, more } = read.await?;
    let began_at = after.map_or(position, |after| after.began_at);
    let next = facts.last().filter(|_| more).map(|(id, _)| {
        let place = [id.ticket.0.cast_signed(), i64::from(id.measure), i64::from(id.place)];
        Cursor { began_at, place }.write(&app, &query)
    });
    Ok(Json(FactsView {
        about: range.about(position, covers, now),
        group: asked.group,
        began_at: began_at.0,
        moved: position != began_at,
        facts: facts.iter().map(|(id, fact)| FactView::of(id.ticket, fact)).collect(),
        next,
    }))
}
