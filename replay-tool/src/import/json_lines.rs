//! Docket's own form of a neutral event log: one JSON object a line.

use super::neutral::Neutral;
use super::problem::Problem;
use super::rows::RawRow;
use super::{Refused, RowReader};
use docket_core::time::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line. The fields are told in docs/how-to/import.md.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    case: String,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(rename = "type")]
    kind: String,
    at: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    row: String,
    #[serde(default)]
    requester: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    rest: Option<Box<RawValue>>,
}

/// Reads a line as one fact.
pub struct JsonLines;

/// Whether a line is a record of an exported log, which `restore` takes.
pub fn is_export(row: &RawRow) -> bool {
    row.bytes.starts_with(b"{\"position\":")
}

fn fact(line: Line) -> Result<Neutral, Problem> {
    let at =
        Timestamp::parse_rfc3339(&line.at).map_err(|source| Problem::Time { column: "at".into(), source })?;
    let rest = line.rest.map(|rest| rest.get().to_owned());
    if rest.as_ref().is_some_and(|rest| !rest.starts_with('{')) {
        return Err(Problem::RestForm);
    }
    let Line { case, seq, kind, actor, from, to, row, requester, subject, body, .. } = line;
    Ok(Neutral { case, seq, at, kind, actor, from, to, row, requester, subject, body, rest })
}

/// The case that a line names, if it can be told although the line cannot be taken.
fn case_of(row: &RawRow) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(&row.bytes).ok()?;
    value.get("case")?.as_str().map(str::to_owned)
}

impl RowReader for JsonLines {
    fn facts(&mut self, row: &RawRow) -> Result<Vec<Neutral>, Refused> {
        let refuse = |problem: Problem| Refused { case: case_of(row), problem };
        if let Some(problem) = &row.problem {
            return Err(refuse(problem.clone()));
        }
        let line: Result<Line, serde_json::Error> = serde_json::from_slice(&row.bytes);
        let line = line.map_err(|error| match row.unended && error.is_eof() {
            true => refuse(Problem::CutOff),
            false => refuse(Problem::Json(error.to_string())),
        })?;
        Ok(vec![fact(line).map_err(refuse)?])
    }
}
