//! The reference figures of a log: totals and times over all journeys, and a row per ticket.
//!
//! The keys, their order and the rounding are those of a published reference (`reference.json` beside the
//! sample data), so that somebody else's computation can be laid next to it.
//! Source: tests/data/DEFINITIONS.md.

use super::figures::Summary;
use super::journey::{Journey, whole_seconds};
use compact_str::CompactString;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The label of tickets that have none.
const NO_LABEL: &str = "(none)";

/// Actors in a list of the busiest.
const TOP_MAX: usize = 20;

/// A JSON object whose keys keep their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered<T>(pub Vec<(CompactString, T)>);

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// The figures of a log, in the order in which they are published.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the names are those of tests/data/DEFINITIONS.md, which defines each")]
pub struct Reference {
    pub tickets: u64,
    pub events_total: u64,
    pub events_by_type: Ordered<u64>,
    pub final_state: Ordered<u64>,
    pub tickets_reopened: u64,
    pub reopen_events: u64,
    pub tickets_reassigned: u64,
    pub reassign_events: u64,
    pub tickets_transferred: u64,
    pub transfer_events: u64,
    pub tickets_escalated: u64,
    pub escalate_events: u64,
    pub tickets_never_assigned: u64,
    pub first_assignment_time: Summary,
    pub first_group_assignment_time: Summary,
    pub first_resolution_time: Summary,
    pub first_resolution_time_by_priority: Ordered<Summary>,
    pub first_resolution_time_by_category: Ordered<Summary>,
    pub final_resolution_time: Summary,
    pub final_resolution_time_by_priority: Ordered<Summary>,
    pub final_resolution_time_by_category: Ordered<Summary>,
    pub time_to_last_close: Summary,
    pub first_agent_reply_time: Summary,
    pub negative_durations: NegativeDurations,
    pub resolved_events_by_actor: Busiest,
    pub tickets_by_last_resolver: Busiest,
    pub reopens_per_ticket: Ordered<u64>,
    pub reassigned_per_ticket: Ordered<u64>,
}

/// How many times end before they begin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NegativeDurations {
    /// Assigned before created.
    pub first_assignment: u64,
    /// Resolved before created.
    pub first_resolution: u64,
}

/// The busiest of a number of actors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Busiest {
    /// How many actors there are.
    pub actors: u64,
    /// The first of them, at most 20.
    pub top20: Vec<(CompactString, u64)>,
}

/// Counts by name, remembering where each name came up first.
#[derive(Clone, Debug, Default)]
struct Counter(BTreeMap<CompactString, (u64, GlobalPosition)>);

impl Counter {
    fn add(&mut self, name: &str, count: u64, first: GlobalPosition) {
        match self.0.get_mut(name) {
            Some((total, earliest)) => {
                *total += count;
                *earliest = first.min(*earliest);
            }
            None => {
                self.0.insert(name.into(), (count, first));
            }
        }
    }

    /// By falling count; of those with the same count, the one that came up first comes first.
    fn ranked(self) -> Vec<(CompactString, u64)> {
        let mut entries: Vec<_> = self.0.into_iter().collect();
        entries.sort_by_key(|(_, (count, first))| (Reverse(*count), *first));
        entries.into_iter().map(|(name, (count, _))| (name, count)).collect()
    }

    fn busiest(self) -> Busiest {
        let mut top20 = self.ranked();
        let actors = top20.len() as u64;
        top20.truncate(TOP_MAX);
        Busiest { actors, top20 }
    }
}

/// Durations by a ticket's last label.
#[derive(Clone, Debug, Default)]
struct Groups(BTreeMap<CompactString, Vec<i64>>);

impl Groups {
    fn add(&mut self, label: &str, duration_s: Option<i64>) {
        let Some(duration_s) = duration_s else { return };
        let label = if label.is_empty() { NO_LABEL } else { label };
        match self.0.get_mut(label) {
            Some(durations_s) => durations_s.push(duration_s),
            None => {
                self.0.insert(label.into(), vec![duration_s]);
            }
        }
    }

    /// By falling number of tickets, then by label.
    fn summaries(self) -> Ordered<Summary> {
        let mut entries: Vec<_> = self.0.into_iter().collect();
        entries.sort_by_key(|(_, durations_s)| Reverse(durations_s.len()));
        Ordered(entries.into_iter().map(|(label, durations_s)| (label, Summary::of(durations_s))).collect())
    }
}

/// Gathers journeys, in any order, and makes figures of them.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    tickets: u64,
    never_assigned: u64,
    types: Counter,
    states: Counter,
    resolvers: Counter,
    last_resolvers: Counter,
    having: BTreeMap<&'static str, u64>,
    reopens: BTreeMap<u64, u64>,
    reassignments: BTreeMap<u64, u64>,
    first_assignment: Vec<i64>,
    first_group_assignment: Vec<i64>,
    first_resolution: Vec<i64>,
    final_resolution: Vec<i64>,
    last_close: Vec<i64>,
    first_agent_reply: Vec<i64>,
    first_resolution_by: [Groups; 2],
    final_resolution_by: [Groups; 2],
}

/// Types of which a reference tells how many tickets have any.
const COUNTED: [&str; 4] = ["reopened", "reassigned", "transferred", "escalated"];

impl Gathering {
    /// Takes one ticket in.
    pub fn add(&mut self, journey: &Journey) {
        self.tickets += 1;
        for kind in &journey.types {
            self.types.add(&kind.name, kind.count, kind.first);
        }
        for resolver in &journey.resolvers {
            self.resolvers.add(&resolver.name, resolver.count, resolver.first);
        }
        self.states.add(&journey.state, 1, journey.first_position);
        if let Some(resolver) = &journey.last_resolver {
            self.last_resolvers.add(resolver, 1, journey.first_position);
        }
        for kind in COUNTED {
            *self.having.entry(kind).or_default() += u64::from(journey.count(kind) > 0);
        }
        *self.reopens.entry(journey.count("reopened")).or_default() += 1;
        *self.reassignments.entry(journey.count("reassigned")).or_default() += 1;
        self.never_assigned += u64::from(journey.first_assigned_at.is_none());
        self.first_assignment.extend(journey.first_assignment_s());
        self.first_group_assignment.extend(journey.first_group_assignment_s());
        self.first_resolution.extend(journey.first_resolution_s());
        self.final_resolution.extend(journey.final_resolution_s());
        self.last_close.extend(journey.last_close_s());
        self.first_agent_reply.extend(journey.first_agent_reply_s());
        for (index, label) in [&journey.priority, &journey.category].into_iter().enumerate() {
            self.first_resolution_by[index].add(label, journey.first_resolution_s());
            self.final_resolution_by[index].add(label, journey.final_resolution_s());
        }
    }

    /// Every actor who resolved anything, with the number of their `resolved` events, busiest first.
    pub fn resolvers(&self) -> Vec<(CompactString, u64)> {
        self.resolvers.clone().ranked()
    }

    /// The figures.
    pub fn reference(self) -> Reference {
        let events = |kind: &str| self.types.0.get(kind).map_or(0, |(count, _)| *count);
        let tickets = |kind: &str| self.having.get(kind).copied().unwrap_or(0);
        let negative =
            |durations_s: &[i64]| durations_s.iter().filter(|duration| **duration < 0).count() as u64;
        let [first_by_priority, first_by_category] = self.first_resolution_by.map(Groups::summaries);
        let [final_by_priority, final_by_category] = self.final_resolution_by.map(Groups::summaries);
        Reference {
            tickets: self.tickets,
            events_total: self.types.0.values().map(|(count, _)| count).sum(),
            tickets_reopened: tickets("reopened"),
            reopen_events: events("reopened"),
            tickets_reassigned: tickets("reassigned"),
            reassign_events: events("reassigned"),
            tickets_transferred: tickets("transferred"),
            transfer_events: events("transferred"),
            tickets_escalated: tickets("escalated"),
            escalate_events: events("escalated"),
            events_by_type: Ordered(self.types.ranked()),
            final_state: Ordered(self.states.ranked()),
            tickets_never_assigned: self.never_assigned,
            negative_durations: NegativeDurations {
                first_assignment: negative(&self.first_assignment),
                first_resolution: negative(&self.first_resolution),
            },
            first_assignment_time: Summary::of(self.first_assignment),
            first_group_assignment_time: Summary::of(self.first_group_assignment),
            first_resolution_time: Summary::of(self.first_resolution),
            first_resolution_time_by_priority: first_by_priority,
            first_resolution_time_by_category: first_by_category,
            final_resolution_time: Summary::of(self.final_resolution),
            final_resolution_time_by_priority: final_by_priority,
            final_resolution_time_by_category: final_by_category,
            time_to_last_close: Summary::of(self.last_close),
            first_agent_reply_time: Summary::of(self.first_agent_reply),
            resolved_events_by_actor: self.resolvers.busiest(),
            tickets_by_last_resolver: self.last_resolvers.busiest(),
            reopens_per_ticket: histogram(self.reopens),
            reassigned_per_ticket: histogram(self.reassignments),
        }
    }
}

fn histogram(tickets_by_count: BTreeMap<u64, u64>) -> Ordered<u64> {
    let entry = |(count, tickets): (u64, u64)| (compact_str::format_compact!("{count}"), tickets);
    Ordered(tickets_by_count.into_iter().map(entry).collect())
}

/// The columns of a ticket's row, in order.
pub const TICKET_COLUMNS: [&str; 33] = [
    "ticket_id",
    "created_at",
    "first_assigned_at",
    "first_group_at",
    "first_resolved_at",
    "first_closed_at",
    "last_closed_at",
    "final_done_at",
    "last_event_at",
    "first_agent_reply_at",
    "n_events",
    "assigned",
    "reassigned",
    "unassigned",
    "transferred",
    "escalated",
    "deescalated",
    "resolved",
    "closed",
    "reopened",
    "priority_changed",
    "category_changed",
    "agent_replies",
    "customer_replies",
    "private_notes",
    "sla_breached",
    "state",
    "assignee",
    "group",
    "priority",
    "category",
    "first_resolver",
    "last_resolver",
];

/// The types behind the columns `assigned` to `sla_breached`, in their order.
const COUNT_COLUMNS: [&str; 15] = [
    "assigned",
    "reassigned",
    "unassigned",
    "transferred",
    "escalated",
    "deescalated",
    "resolved",
    "closed",
    "reopened",
    "priority_changed",
    "category_changed",
    "agent_reply",
    "customer_reply",
    "private_note",
    "sla_breached",
];

/// A ticket's row: the cells under [`TICKET_COLUMNS`]. Times are in whole seconds; what is missing is empty.
///
/// The ticket is named as its source names it, and by its number when Docket opened it.
pub fn ticket_row(number: TicketNumber, journey: &Journey) -> Vec<String> {
    let instant = |at: Option<Timestamp>| {
        at.map(|at| Timestamp(whole_seconds(at) * 1000).to_rfc3339()).unwrap_or_default()
    };
    let times = [
        journey.created_at,
        journey.first_assigned_at,
        journey.first_group_at,
        journey.first_resolved_at,
        journey.first_closed_at,
        journey.last_closed_at,
        journey.final_done_at,
        journey.last_event_at,
        journey.first_agent_reply_at,
    ];
    let labels = [
        &journey.state,
        &journey.assignee,
        &journey.group,
        &journey.priority,
        &journey.category,
        journey.first_resolver.as_ref().unwrap_or(&CompactString::const_new("")),
        journey.last_resolver.as_ref().unwrap_or(&CompactString::const_new("")),
    ]
    .map(ToString::to_string);
    let mut row = Vec::with_capacity(TICKET_COLUMNS.len());
    row.push(journey.case.as_ref().map_or_else(|| number.to_string(), ToString::to_string));
    row.extend(times.map(instant));
    row.push(journey.events().to_string());
    row.extend(COUNT_COLUMNS.iter().map(|kind| journey.count(kind).to_string()));
    row.extend(labels);
    row
}

#[cfg(test)]
mod tests;
