//! Figures over the metrics read model: exact sums, means and percentiles, grouped as asked.

use super::figures::{quantiles, round};
use super::hand_over::{End, Ended, HandOver};
use super::{Metrics, MetricsState, Resolution};
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::access::Reach;
use docket_core::names::{ActorId, GlobalPosition, Slug};
use docket_core::time::Timestamp;
use rusqlite::Connection;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the figures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Intake category: as of the resolving for resolutions, the present one otherwise.
    Category,
    /// Present priority.
    Priority,
    /// Who answered or resolved; for hand-overs, whom they went to.
    Agent,
    /// For which team they answered or resolved; for hand-overs, the team that they went to.
    Team,
}

/// The name of the group of what has no value.
pub const NONE: &str = "(none)";

/// Exact figures over durations. Unit: seconds; whole ones, rounded down for each ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// How many.
    pub n: u64,
    /// Their sum.
    pub sum_s: i64,
    /// Their mean, to the millisecond, half to even.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_s: Option<f64>,
    /// The median, by linear interpolation (type 7 of Hyndman and Fan, 1996).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_s: Option<f64>,
    /// The 90th percentile, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_s: Option<f64>,
    /// The 95th percentile, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_s: Option<f64>,
}

impl Figures {
    /// The figures over durations in seconds, in any order.
    pub fn over(mut seconds: Vec<i64>) -> Self {
        let n = seconds.len();
        if n == 0 {
            return Self::default();
        }
        let sum: i128 = seconds.iter().map(|value| i128::from(*value)).sum();
        let [p95, p90, p50] = quantiles(&mut seconds, [95, 90, 50]);
        let percentile = |value: Option<f64>| value.map(|value| round(value, 3));
        Self {
            n: n as u64,
            sum_s: i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }),
            mean_s: Some(round(sum as f64 / n as f64, 3)),
            p50_s: percentile(p50),
            p90_s: percentile(p90),
            p95_s: percentile(p95),
        }
    }
}

/// The figures of one group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GroupFigures {
    /// From opening to the first public reply by staff.
    pub first_response: Figures,
    /// From opening to the first resolution.
    pub first_resolution: Figures,
    /// From opening to the resolution that stands.
    pub full_resolution: Figures,
    /// Tickets that are still open.
    pub still_open: u64,
    /// Tickets that were reopened at least once.
    pub reopened_tickets: u64,
    /// How often tickets were reopened.
    pub reopenings: u64,
    /// From each escalation until it was taken over, or nothing was left to take over.
    pub hand_over: Figures,
    /// How many of them ended by an acknowledgement.
    pub hand_overs_acknowledged: u64,
    /// How many of them are still waited for.
    pub hand_overs_open: u64,
    /// How often tickets were escalated.
    pub escalations: u64,
}

/// A report over the tickets opened in a range.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The position that it shows.
    pub position: GlobalPosition,
    /// Version of the definitions in docs/METRICS.md.
    pub definition: u32,
    /// All tickets in the range.
    pub tickets: u64,
    /// Over all of them.
    pub all: GroupFigures,
    /// By group, in the order of names.
    pub groups: BTreeMap<String, GroupFigures>,
}

#[derive(Default)]
struct Gathered {
    first_response: Vec<i64>,
    first_resolution: Vec<i64>,
    full_resolution: Vec<i64>,
    still_open: u64,
    reopened_tickets: u64,
    reopenings: u64,
    hand_over: Vec<i64>,
    hand_overs_acknowledged: u64,
    hand_overs_open: u64,
    escalations: u64,
}

impl Gathered {
    fn figures(self) -> GroupFigures {
        GroupFigures {
            first_response: Figures::over(self.first_response),
            first_resolution: Figures::over(self.first_resolution),
            full_resolution: Figures::over(self.full_resolution),
            still_open: self.still_open,
            reopened_tickets: self.reopened_tickets,
            reopenings: self.reopenings,
            hand_over: Figures::over(self.hand_over),
            hand_overs_acknowledged: self.hand_overs_acknowledged,
            hand_overs_open: self.hand_overs_open,
            escalations: self.escalations,
        }
    }

    fn hand_over(&mut self, hand_over: &HandOver) {
        self.escalations += 1;
        match &hand_over.ended {
            None => self.hand_overs_open += 1,
            Some(Ended { how: End::Merged, .. }) => {}
            Some(Ended { how: End::Acknowledged, at, .. }) => {
                self.hand_over.push(at.since(hand_over.at).whole_seconds());
                self.hand_overs_acknowledged += 1;
            }
            Some(Ended { how: End::Returned | End::MovedOn | End::Resolved, at, .. }) => {
                self.hand_over.push(at.since(hand_over.at).whole_seconds());
            }
        }
    }
}

/// A set of groups, and the group of all.
struct Groups {
    by: GroupBy,
    all: Gathered,
    groups: BTreeMap<String, Gathered>,
}

impl Groups {
    fn take(&mut self, state: &MetricsState) {
        let Some(opened_at) = state.opened_at else { return };
        let since = |at: Timestamp| at.since(opened_at).whole_seconds();
        let (by, present) = (self.by, state.category.as_ref());
        let name = |agent: Option<&ActorId>, team: Option<&Slug>, category: Option<&Slug>| match by {
            GroupBy::Category => category.map(ToString::to_string),
            GroupBy::Priority => state.priority.map(|priority| priority.as_str().to_owned()),
            GroupBy::Agent => agent.map(ToString::to_string),
            GroupBy::Team => team.map(ToString::to_string),
        };
        if let Some(act) = &state.first_response {
            let group = name(Some(&act.by), act.team.as_ref(), present);
            self.each(group, |gathered| gathered.first_response.push(since(act.at)));
        }
        let resolved_as = |resolution: &Resolution| {
            let act = &resolution.act;
            name(Some(&act.by), act.team.as_ref(), resolution.category.as_ref())
        };
        if let Some(resolution) = &state.first_resolution {
            let seconds = since(resolution.act.at);
            self.each(resolved_as(resolution), |gathered| gathered.first_resolution.push(seconds));
        }
        // A reopening is told of the one whose resolution did not last.
        let resolver = state.first_resolution.as_ref().map(|resolution| &resolution.act);
        let group = name(resolver.map(|act| &act.by), resolver.and_then(|act| act.team.as_ref()), present);
        match &state.full_resolution {
            Some(resolution) => {
                let seconds = since(resolution.act.at);
                self.each(resolved_as(resolution), |gathered| gathered.full_resolution.push(seconds));
            }
            None => self.each(group.clone(), |gathered| gathered.still_open += 1),
        }
        if state.reopened > 0 {
            self.each(group, |gathered| {
                gathered.reopened_tickets += 1;
                gathered.reopenings += u64::from(state.reopened);
            });
        }
        for hand_over in &state.hand_overs.measured {
            let group = name(hand_over.person(), hand_over.team(), present);
            self.each(group, |gathered| gathered.hand_over(hand_over));
        }
        if state.hand_overs.beyond > 0 {
            let group = name(None, None, present);
            self.each(group, |gathered| gathered.escalations += state.hand_overs.beyond);
        }
    }

    fn each(&mut self, group: Option<String>, mut change: impl FnMut(&mut Gathered)) {
        change(&mut self.all);
        change(self.groups.entry(group.unwrap_or_else(|| NONE.to_owned())).or_default());
    }
}

/// Reports on the tickets within a reach that were opened from one instant until before another.
///
/// # Errors
/// [`FileError`]
pub fn report(
    connection: &Connection,
    reach: &Reach,
    by: GroupBy,
    (from, until): (Timestamp, Timestamp),
) -> Result<Report, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let position = checkpoint(&transaction)?.position;
    let mut groups = Groups { by, all: Gathered::default(), groups: BTreeMap::new() };
    let mut tickets = 0;
    {
        let mut statement = transaction
            .prepare_cached("SELECT state FROM rows WHERE opened_at >= ?1 AND opened_at < ?2 ORDER BY key")?;
        let mut rows = statement.query((from.0, until.0))?;
        while let Some(row) = rows.next()? {
            let state = row.get_ref(0)?.as_str().map_err(|error| FileError::Damaged(error.to_string()))?;
            let state = decode_row::<Metrics>(state, None)?.state;
            if state.holder.is_counted(reach) {
                groups.take(&state);
                tickets += 1;
            }
        }
    }
    let named = groups.groups.into_iter().map(|(name, gathered)| (name, gathered.figures())).collect();
    Ok(Report {
        position,
        definition: <Metrics as crate::projector::Projector>::DEFINITION,
        tickets,
        all: groups.all.figures(),
        groups: named,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate_between_neighbours() {
        let figures = Figures::over(vec![40, 10, 20, 30]);
        assert_eq!((figures.n, figures.sum_s), (4, 100));
        assert_eq!(figures.mean_s, Some(25.0));
        assert_eq!(figures.p50_s, Some(25.0));
        assert_eq!(figures.p90_s, Some(37.0));
        assert_eq!(figures.p95_s, Some(38.5));
        assert_eq!(Figures::over(vec![7]).p95_s, Some(7.0));
        assert_eq!(Figures::over(Vec::new()), Figures::default());
    }
}
