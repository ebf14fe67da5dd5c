//! The counters of the queue: lanes and deadlines, of the whole desk, of each team and of each assignee.

use super::{QueueState, cube};
use crate::facts;
use crate::projector::Tally;
use crate::read_model::FileError;
use docket_core::names::ActorId;
use docket_core::ticket::Lane;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Counts tickets in a lane: the bucket.
const LANE: i64 = 0;
/// Counts tickets whose deadline lies in an hour, one name per lane.
const DUE: i64 = 10;
/// Unit of the buckets of [`due`]: milliseconds.
pub(super) const HOUR_MS: i64 = 3_600_000;
/// Counts them by longer spans too, so that a backlog of years is summed up as quickly as one of days.
const DUE_SPAN: i64 = 20;
/// Unit of the buckets of [`due_span`]: hours.
pub(super) const SPAN_HOURS: i64 = 256;
/// Counts a lane's tickets by team: the bucket.
const TEAM: i64 = 30;

/// Of the whole desk, or of the team with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Desk,
    Team(i64),
}

/// Counts the tickets of a lane.
pub(super) fn tickets(of: Of, lane: Lane) -> Tally {
    match of {
        Of::Desk => Tally { name: LANE, bucket: lane as i64 },
        Of::Team(team) => Tally { name: TEAM + lane as i64, bucket: team },
    }
}

/// The name under which deadlines are counted by hour.
pub(super) fn due(of: Of, lane: Lane) -> i64 {
    match of {
        Of::Desk => DUE + lane as i64,
        Of::Team(team) => facts::code(&format!("due {} {team}", lane as i64)),
    }
}

/// The name under which deadlines are counted by spans of hours.
pub(super) fn due_span(of: Of, lane: Lane) -> i64 {
    match of {
        Of::Desk => DUE_SPAN + lane as i64,
        Of::Team(team) => facts::code(&format!("due span {} {team}", lane as i64)),
    }
}

/// The name under which an assignee's tickets in a lane are counted by team.
pub(super) fn assigned(to: &ActorId, lane: Lane) -> i64 {
    facts::code(&format!("assigned {} {to}", lane as i64))
}

/// The counters that a ticket adds one to each.
pub(super) fn of(state: &QueueState) -> Vec<Tally> {
    let (lane, ticket) = (state.lane(), &state.ticket);
    let team = facts::code_or_none(ticket.team.as_ref().map(|team| team.as_str()));
    let mut tallies = Vec::with_capacity(9);
    if let Some(assignee) = &ticket.assignee {
        tallies.push(Tally { name: assigned(assignee, lane), bucket: team });
    }
    for of in [Of::Desk, Of::Team(team)] {
        tallies.push(tickets(of, lane));
        if let Some(deadline) = state.deadline() {
            let hour = deadline.0.div_euclid(HOUR_MS);
            tallies.push(Tally { name: due(of, lane), bucket: hour });
            tallies.push(Tally { name: due_span(of, lane), bucket: hour.div_euclid(SPAN_HOURS) });
        }
    }
    tallies.extend(cube::tallies(state, team));
    tallies
}

/// The numbers of the teams that have tickets.
pub(super) fn teams(connection: &Connection) -> Result<BTreeSet<i64>, FileError> {
    let mut statement =
        connection.prepare_cached("SELECT bucket FROM tallies WHERE name BETWEEN ?1 AND ?2")?;
    let teams = statement.query_map((TEAM, TEAM + Lane::Resolved as i64), |row| row.get(0))?;
    Ok(teams.collect::<Result<_, _>>()?)
}
