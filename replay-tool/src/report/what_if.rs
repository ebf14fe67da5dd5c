//! The report on what another SLA policy would have meant: the same past, judged by a policy from a file.

use crate::cli::ReportArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::past::Past;
use crate::sentence::Sentence;
use docket_core::names::{Slug, TicketNumber};
use docket_core::settings::{Catalogue, Schedule, Shelf, SlaPolicy, Surroundings, defaults};
use docket_core::sla::{Clock, Course, End, Rules, Target};
use docket_core::ticket::event::Priority;
use docket_core::time::Timestamp;
use docket_projections::sla::each_course;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The columns of the CSV form: a row for each clock that ended.
const COLUMNS: [&str; 5] = ["ticket", "priority", "target", "elapsed_s", "missed"];

/// What came of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Judged {
    /// Clocks that ended, by how they ended first.
    n: u64,
    /// Of these, those that missed the target.
    missed: u64,
    /// What counts of their time. Unit: seconds.
    elapsed_s: i64,
    /// Clocks that have not ended.
    running: u64,
}

#[derive(Serialize)]
struct WhatIf {
    position: u64,
    /// By target, then by priority; `all` is all of them together.
    targets: BTreeMap<&'static str, BTreeMap<&'static str, Judged>>,
}

/// Prints what a policy would have meant.
///
/// # Errors
/// [`Failure`]
pub(super) fn run(
    past: &Past,
    arguments: &ReportArguments,
    json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let Some(policy) = &arguments.policy else {
        return Err(Failure::Usage(Sentence::fixed(|texts| texts.what_if_needs_policy)));
    };
    let rules = rules(policy, arguments.schedule.as_deref(), past.evaluated_at)?;
    let mut rows = Vec::new();
    past.query("sla", |connection| {
        each_course(connection, |number, course| {
            let course = judged_as(course, arguments);
            let priority = course.priority_now().unwrap_or(Priority::Normal);
            rows.extend(course.clocks(&rules).into_iter().map(|clock| (number, priority, clock)));
        })
    })?;
    if json || !arguments.csv {
        return tell(past, &rows, json, out);
    }
    let mut csv = out.csv();
    csv.row(COLUMNS)?;
    for (number, priority, clock) in &rows {
        if let Some(end) = first_end(clock) {
            let cells =
                [number.to_string(), priority.as_str().to_owned(), clock.face.target.as_str().to_owned()];
            let judged = [end.elapsed_ms.whole_seconds().to_string(), u8::from(end.missed).to_string()];
            csv.row(cells.iter().chain(&judged))?;
        }
    }
    csv.end()
}

/// A past as it is asked to be judged.
fn judged_as(course: Course, arguments: &ReportArguments) -> Course {
    let course = if arguments.by_last_priority { course.by_last_priority() } else { course };
    if arguments.pause_for_everybody { course.pausing_for_everybody() } else { course }
}

/// How a clock ended the first time: what a reopening did since is not asked.
fn first_end(clock: &Clock) -> Option<End> {
    clock.first_end.or(clock.face.end)
}

fn tell(
    past: &Past,
    rows: &[(TicketNumber, Priority, Clock)],
    json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let mut targets = BTreeMap::<_, BTreeMap<_, Judged>>::new();
    for (_, priority, clock) in rows {
        let by_priority = targets.entry(clock.face.target.as_str()).or_default();
        for group in ["all", priority.as_str()] {
            let judged = by_priority.entry(group).or_default();
            match first_end(clock) {
                Some(end) => {
                    judged.n += 1;
                    judged.missed += u64::from(end.missed);
                    judged.elapsed_s += end.elapsed_ms.whole_seconds();
                }
                None => judged.running += 1,
            }
        }
    }
    if json {
        return out.json(&WhatIf { position: past.position.0, targets });
    }
    let texts = out.texts();
    out.line(&texts.what_if_as_of(texts.number(past.position.0)))?;
    for target in Target::ALL.iter().filter_map(|target| targets.get_key_value(target.as_str())) {
        let (target, by_priority) = target;
        for (group, judged) in by_priority {
            let Judged { n, missed, elapsed_s, running } = judged;
            out.line(&format!("  {target:<15} {group:<7} {n:>9} {missed:>9} {elapsed_s:>14} {running:>9}"))?;
        }
    }
    Ok(())
}

/// A policy and the schedule that it may name, in force from the beginning.
fn rules(policy: &Path, schedule: Option<&Path>, at: Timestamp) -> Result<Rules, Failure> {
    let main = Slug::new(defaults::MAIN).expect("a plain word is a slug");
    let mut schedules = Shelf::default();
    let read_policy: SlaPolicy = read(policy)?;
    if let Some(file) = schedule {
        let schedule: Schedule = read(file)?;
        let named =
            Priority::ALL.iter().filter_map(|priority| read_policy.targets.of(*priority).schedule.clone());
        for slug in named {
            let settled = schedule.clone().settle(&slug, &Surroundings::default(), at);
            let settled = settled.map_err(|error| refused(file, error.to_string()))?;
            schedules.hold(&slug, u32::MAX, settled);
        }
    }
    let around = Surroundings { schedules: Arc::new(schedules.clone()), ..Surroundings::default() };
    let settled = read_policy.settle(&main, &around, at);
    let mut policies = Shelf::empty();
    policies.hold(&main, 1, settled.map_err(|error| refused(policy, error.to_string()))?);
    Ok(Rules::new(policies, schedules))
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| refused(file, error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refused(file, error.to_string()))
}

fn refused(file: &Path, why: String) -> Failure {
    let why = Sentence::new(move |texts| texts.what_if_file(&why));
    Failure::Input { path: file.to_owned(), why }
}
