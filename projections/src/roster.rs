//! The roster: who is there and what they have on their hands, and which tickets wait for whom.
//!
//! A row is about an agent or about a ticket. An agent's load is counted from the tickets that are theirs, so that it is
//! exact whatever happens to priorities and whatever weights somebody is given. A ticket that waits is found by what it
//! waits for, so that a freed agent costs a look-up. Source: PRODUCT section 3, docs/adr/0022-routing.md.

mod query;

use crate::facts::{self, NONE, code, code_or_none};
use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use docket_core::agent::{AgentEvent, Availability};
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, Slug, StreamVersion};
use docket_core::record::Origin;
use docket_core::routing::is_up;
use docket_core::staff::StaffEvent;
use docket_core::ticket::event::{Language, Priority, Routed, WaitingFor};
use docket_core::ticket::state::Memory;
use docket_core::ticket::{Ticket, TicketDecider, TicketEvent};
use docket_core::time::{DurationMs, Timestamp};
pub use query::{
    Outdated, Place, Present, Waiting, next_of_pool, on_hands, outdated, pools, present, undecided, waiting,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The projector of the roster.
pub struct Roster;

/// What the roster knows of an agent or of a ticket. It knows no text about persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum RosterState {
    /// An agent.
    Agent(AgentRow),
    /// A ticket.
    Ticket(Box<TicketRow>),
}

/// An agent, as far as their own stream tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// Who.
    pub id: ActorId,
    /// The version of the agent's stream that this is as of: what is decided on it is conditional on it.
    pub version: StreamVersion,
    /// Whether they are there.
    pub availability: Availability,
    /// When they last took a ticket, by the log's own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_taken_at: Option<Timestamp>,
    /// Where in the log they left, while they are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<GlobalPosition>,
    /// Where in the log they got a role that works no tickets, while they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<GlobalPosition>,
    /// The teams that they left, and where in the log, until they are back. There are no more than teams.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_teams: BTreeMap<Slug, GlobalPosition>,
}

/// A ticket, as far as routing asks about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRow {
    /// The ticket without what routing never asks about.
    pub ticket: Ticket,
    /// The language to answer in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether it is Docket's to route: opened, escalated or offered here, and not only imported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ours: bool,
    /// Since when it has been up for routing, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What routing decided about it as it stands, while it is up; none when that is still to be decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// How it came to its assignee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

/// A decision that found nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The version of the rules.
    pub version: u32,
    /// The team that it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
    /// The skill that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Slug>,
    /// Why nobody was found, as it was said last.
    pub reason: WaitingFor,
    /// When that was said, by the log's own time.
    pub said_at: Timestamp,
    /// How often something was said of it as it stands.
    pub times: u32,
}

/// How often it is said at once why nobody takes a ticket as it stands.
pub const SAID_AT_ONCE_MAX: u32 = 6;

/// How long after that what was said last stands at least, however often people come and go.
pub const SAID_AGAIN_AFTER: DurationMs = DurationMs::from_seconds(5 * 60);

impl Decided {
    /// From when on another reason may be said.
    pub fn stands_until(&self) -> Timestamp {
        if self.times < SAID_AT_ONCE_MAX { self.said_at } else { self.said_at.plus(SAID_AGAIN_AFTER) }
    }
}

/// How a ticket came to its assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Where in the log.
    pub at: GlobalPosition,
    /// Where in the log it has been theirs and its team's since.
    #[serde(default)]
    pub in_team_since: GlobalPosition,
    /// Whether an import says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
}

/// Counts the tickets that wait in a pool: the bucket.
const POOLS: i64 = 1;

/// In the column `rules`: the ticket is not up for routing.
const NOT_UP: i64 = -1;
/// In the column `rules`: it is up, and nothing has been decided about it as it stands.
const UNDECIDED: i64 = 0;

/// The key of an agent's row. Tickets have the keys from 0 on.
fn key_of_agent(id: &ActorId) -> i64 {
    -1 - (code(id.as_str()).cast_unsigned() >> 1).cast_signed()
}

/// The name under which an agent's tickets are counted by priority.
fn load_of(id: &ActorId) -> i64 {
    code(&format!("load {id}"))
}

/// A reason in its column.
const fn number_of(reason: WaitingFor) -> i64 {
    match reason {
        WaitingFor::Rule => 1,
        WaitingFor::Member => 2,
        WaitingFor::Permission => 3,
        WaitingFor::Skill => 4,
        WaitingFor::Availability => 5,
        WaitingFor::Capacity => 6,
    }
}

/// The priority that a ticket counts as.
fn counts_as(priority: Option<Priority>) -> Priority {
    priority.unwrap_or(Priority::Normal)
}

impl AgentRow {
    fn new(id: &ActorId) -> Self {
        Self {
            id: id.clone(),
            version: StreamVersion::NONE,
            availability: Availability::default(),
            last_taken_at: None,
            left_at: None,
            stopped_at: None,
            left_teams: BTreeMap::new(),
        }
    }

    fn take(&mut self, event: &LogEvent) {
        match &event.event {
            Ok(Event::Agent(agent_event)) => {
                self.version = event.version;
                match agent_event {
                    AgentEvent::AvailabilityChanged(changed) => self.availability = changed.to,
                    AgentEvent::TicketTaken(_) => self.last_taken_at = Some(event.recorded_at),
                    // What they have on their hands is counted from the tickets themselves.
                    AgentEvent::TicketReleased(_) | AgentEvent::TicketReweighed(_) => {}
                }
            }
            Ok(Event::Staff(StaffEvent::Deactivated(_))) => self.left_at = Some(event.position),
            Ok(Event::Staff(StaffEvent::Reactivated(_))) => self.left_at = None,
            Ok(Event::Staff(StaffEvent::RoleChanged(changed))) => {
                let works = changed.to.is_staff();
                self.stopped_at = (!works).then_some(self.stopped_at.unwrap_or(event.position));
            }
            Ok(Event::Staff(StaffEvent::TeamsChanged(changed))) => {
                let left = changed.from.iter().filter(|team| !changed.to.contains(*team));
                self.left_teams.extend(left.map(|team| (team.clone(), event.position)));
                self.left_teams.retain(|team, _| !changed.to.contains(team));
            }
            Ok(
                Event::Staff(_)
                | Event::Ticket(_)
                | Event::Sla(_)
                | Event::Setting(_)
                | Event::Account(_)
                | Event::Customer(_)
                | Event::View(_)
                | Event::Webhook(_),
            )
            | Err(_) => {}
        }
    }
}

impl TicketRow {
    fn new() -> Self {
        Self {
            ticket: TicketDecider::initial(),
            language: None,
            is_ours: false,
            since: None,
            decided: None,
            taken: None,
        }
    }

    /// Whether routing is to find somebody for it.
    pub fn is_up(&self) -> bool {
        self.is_ours && is_up(&self.ticket)
    }

    fn take(&mut self, event: &LogEvent, ticket_event: &TicketEvent) {
        let (was_up, had, was_in) = (self.is_up(), self.ticket.assignee.clone(), self.ticket.team.clone());
        let before = std::mem::take(&mut self.ticket);
        self.ticket = TicketDecider::evolve(before, ticket_event);
        self.forget();
        self.note(event, ticket_event);
        if self.ticket.assignee != had {
            let (at, imported) = (event.position, event.origin == Origin::Import);
            self.taken = self.ticket.assignee.as_ref().map(|_| Taken { at, in_team_since: at, imported });
        }
        if self.ticket.team != was_in
            && let Some(taken) = &mut self.taken
        {
            taken.in_team_since = event.position;
        }
        match (was_up, self.is_up()) {
            (false, true) => self.since = Some(event.occurred_at),
            (true, true) => {}
            (_, false) => (self.since, self.decided) = (None, None),
        }
    }

    /// What routing never asks about and may grow with the ticket.
    fn forget(&mut self) {
        let ticket = &mut self.ticket;
        ticket.memory = Memory::default();
        ticket.closing = None;
        ticket.tags.clear();
        ticket.followers.clear();
        ticket.follows = None;
        ticket.links.clear();
        ticket.absorbed.clear();
    }

    fn note(&mut self, event: &LogEvent, ticket_event: &TicketEvent) {
        let here = event.origin == Origin::Decided;
        match ticket_event {
            TicketEvent::Opened(opened) => {
                self.language = opened.language;
                self.is_ours |= here;
                self.decided = None;
            }
            TicketEvent::Escalated(_) | TicketEvent::Offered(_) => {
                self.is_ours |= here;
                self.decided = None;
            }
            TicketEvent::Routed(routed) => self.decide(event.recorded_at, routed),
            // Routing itself moves a ticket right after it said so; whoever else moves it asks for another decision.
            TicketEvent::TeamChanged(changed) => {
                self.decided = self.decided.take().filter(|decided| decided.team == changed.to);
            }
            TicketEvent::PriorityChanged(_) | TicketEvent::CategoryChanged(_) => self.decided = None,
            TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Resolved(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_)
            | TicketEvent::Attached(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_)
            | TicketEvent::Snoozed(_)
            | TicketEvent::Woken(_)
            | TicketEvent::Merged(_)
            | TicketEvent::Unmerged(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Forwarded(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Returned(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    fn decide(&mut self, at: Timestamp, routed: &Routed) {
        let Routed { version, team, skill, waiting_for, .. } = routed;
        let Some(reason) = waiting_for else { return };
        let same = |decided: &Decided| {
            decided.version == *version && decided.team == *team && decided.skill == *skill
        };
        let before = self.decided.take().filter(same).map_or(0, |decided| decided.times);
        self.decided = Some(Decided {
            version: *version,
            team: team.clone(),
            skill: skill.clone(),
            reason: *reason,
            said_at: at,
            times: before.saturating_add(1),
        });
    }

    /// The pool of tickets that wait for the same: who can take one can take another. None when it does not wait.
    fn pool(&self) -> Option<i64> {
        let Decided { team, skill, .. } = self.decided.as_ref()?;
        let part = |slug: &Option<Slug>| slug.as_ref().map_or("", |slug| slug.as_str()).to_owned();
        let (escalated, priority) = (self.ticket.escalation.is_some(), counts_as(self.ticket.priority));
        Some(code(&format!("{}/{}/{escalated}/{}", part(team), part(skill), priority.as_str())))
    }

    fn rules(&self) -> i64 {
        match &self.decided {
            _ if !self.is_up() => NOT_UP,
            Some(decided) => i64::from(decided.version),
            None => UNDECIDED,
        }
    }
}

impl Projector for Roster {
    const NAME: &'static str = "roster";
    const DEFINITION: u32 = 2;
    const COLUMNS: &'static [&'static str] =
        &["rules", "pool", "priority", "since", "burden", "reason", "stands_until"];
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_rules ON rows (rules, priority, since, key) WHERE rules >= 0",
        "CREATE INDEX rows_by_pool ON rows (pool, since, key) WHERE pool <> 0",
        "CREATE INDEX rows_by_reason ON rows (pool, reason, stands_until, key) WHERE pool <> 0",
        "CREATE INDEX rows_by_burden ON rows (burden, key) WHERE burden <> 0",
    ];
    const ROWS_CHANGE: bool = true;
    type State = RosterState;
    type Context = ();
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        match &event.event {
            Ok(Event::Ticket(_)) => event.ticket().map(key_of),
            Ok(Event::Agent(_) | Event::Staff(_)) => about(event).map(key_of_agent),
            Ok(
                Event::Sla(_)
                | Event::Setting(_)
                | Event::Account(_)
                | Event::Customer(_)
                | Event::View(_)
                | Event::Webhook(_),
            )
            | Err(_) => None,
        }
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, (): &()) -> Result<(), Rejected> {
        if let Ok(Event::Ticket(ticket_event)) = &event.event {
            let new = || Row { state: RosterState::Ticket(Box::new(TicketRow::new())), personal: None };
            if let RosterState::Ticket(ticket) = &mut row.get_or_insert_with(new).state {
                ticket.take(event, ticket_event);
            }
            return Ok(());
        }
        let Some(id) = about(event) else { return Ok(()) };
        let new = || Row { state: RosterState::Agent(AgentRow::new(id)), personal: None };
        match &mut row.get_or_insert_with(new).state {
            RosterState::Agent(agent) if agent.id == *id => agent.take(event),
            RosterState::Agent(_) | RosterState::Ticket(_) => {
                return Err(Rejected(format!("another identifier has the same key as {id}")));
            }
        }
        Ok(())
    }

    fn columns(state: &RosterState) -> Vec<i64> {
        let RosterState::Ticket(row) = state else { return vec![NOT_UP, NONE, 0, 0, NONE, 0, 0] };
        let burden = code_or_none(row.ticket.burden().map(|id| id.as_str()));
        let (priority, since) = (facts::priority(Some(counts_as(row.ticket.priority))), row.since);
        let (reason, stands_until) = match &row.decided {
            Some(decided) => (number_of(decided.reason), decided.stands_until().0),
            None => (0, 0),
        };
        let (pool, since) = (row.pool().unwrap_or(NONE), since.map_or(0, |since| since.0));
        vec![row.rules(), pool, priority, since, burden, reason, stands_until]
    }

    fn tallies(state: &RosterState) -> Vec<Tally> {
        let RosterState::Ticket(row) = state else { return Vec::new() };
        let bucket = facts::priority(Some(counts_as(row.ticket.priority)));
        let load = row.ticket.burden().map(|id| Tally { name: load_of(id), bucket });
        let pool = row.pool().map(|pool| Tally { name: POOLS, bucket: pool });
        load.into_iter().chain(pool).collect()
    }
}

/// The agent that an event is about; none when it says nothing that the roster knows.
fn about(event: &LogEvent) -> Option<&ActorId> {
    match &event.event {
        Ok(Event::Agent(_)) => event.agent.as_ref(),
        Ok(Event::Staff(StaffEvent::Deactivated(changed) | StaffEvent::Reactivated(changed))) => {
            Some(&changed.member)
        }
        Ok(Event::Staff(StaffEvent::RoleChanged(changed))) => Some(&changed.member),
        Ok(Event::Staff(StaffEvent::TeamsChanged(changed))) => Some(&changed.member),
        // What else is known of the staff is read from its own stream.
        Ok(
            Event::Staff(
                StaffEvent::Added(_)
                | StaffEvent::Renamed(_)
                | StaffEvent::SkillsChanged(_)
                | StaffEvent::PermissionsChanged(_)
                | StaffEvent::CapacityChanged(_)
                | StaffEvent::Invited(_)
                | StaffEvent::TokenMade(_)
                | StaffEvent::TokenRevoked(_)
                | StaffEvent::SessionsRevoked(_),
            )
            | Event::Ticket(_)
            | Event::Sla(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_),
        )
        | Err(_) => None,
    }
}
