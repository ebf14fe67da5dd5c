//! A ticket's journey: the instants and counts that every figure about it is made of.
//!
//! It speaks the neutral words of an event log (`created`, `assigned`, `resolved`, …), so that a log from
//! elsewhere and one that Docket decided are measured alike. An imported fact is taken as its source calls
//! it, with the source's own labels; a decided one is put into the same words, with slugs for labels.
//! "First" and "last" always mean in the order of the log, never in time.

use compact_str::{CompactString, ToCompactString};
use docket_core::actor::Actor;
use docket_core::event::Event;
use docket_core::names::GlobalPosition;
use docket_core::record::Source;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Destination, Escalated, Opened, Returned};
use docket_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How often something occurred on a ticket, and where in the log it did so first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// What or who.
    pub name: CompactString,
    /// How often.
    pub count: u64,
    /// Position of the first.
    pub first: GlobalPosition,
}

/// What happened to one ticket, as far as figures need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Journey {
    /// The case's identifier in the source of an import; none for a ticket opened in Docket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<CompactString>,
    /// Position of the first event.
    pub first_position: GlobalPosition,
    /// When it was created first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When a person became responsible first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_assigned_at: Option<Timestamp>,
    /// When a team became responsible first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_group_at: Option<Timestamp>,
    /// When it was resolved first; closing alone is not resolving.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_resolved_at: Option<Timestamp>,
    /// When it was closed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_closed_at: Option<Timestamp>,
    /// When it was closed last; a reopening does not undo it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_closed_at: Option<Timestamp>,
    /// When it was done for good: resolved, closed or cancelled and not reopened since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_done_at: Option<Timestamp>,
    /// When the last event happened: the last in order, not the latest in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_at: Option<Timestamp>,
    /// When staff replied in public first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_agent_reply_at: Option<Timestamp>,
    /// The state after the last event, in the source's words.
    #[serde(skip_serializing_if = "CompactString::is_empty")]
    pub state: CompactString,
    /// Who is responsible; empty when nobody is.
    #[serde(skip_serializing_if = "CompactString::is_empty")]
    pub assignee: CompactString,
    /// The team; empty when none is.
    #[serde(skip_serializing_if = "CompactString::is_empty")]
    pub group: CompactString,
    /// The last priority; empty when none was set.
    #[serde(skip_serializing_if = "CompactString::is_empty")]
    pub priority: CompactString,
    /// The last category; empty when none was set.
    #[serde(skip_serializing_if = "CompactString::is_empty")]
    pub category: CompactString,
    /// Who resolved it first; empty when the source does not say, none when nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_resolver: Option<CompactString>,
    /// Who resolved it last; empty when the source does not say, none when nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_resolver: Option<CompactString>,
    /// How many events of each type, in the order in which the types came up.
    pub types: Vec<Occurrence>,
    /// How many `resolved` events by each actor, in the order in which they came up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<Occurrence>,
}

/// One fact in neutral words.
struct Fact<'a> {
    position: GlobalPosition,
    at: Timestamp,
    kind: &'a str,
    to: &'a str,
    actor: &'a str,
}

impl Journey {
    /// Takes one more event of the ticket's own stream; what the timers and the agents' load say is not part
    /// of a journey.
    pub fn take(
        &mut self,
        position: GlobalPosition,
        occurred_at: Timestamp,
        actor: &Actor,
        source: Option<&Source>,
        event: &Event,
    ) {
        let event = match event {
            Event::Ticket(event) => event,
            Event::Sla(_)
            | Event::Agent(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => return,
        };
        match source {
            Some(source) => {
                self.case.get_or_insert_with(|| source.case.to_compact_string());
                let (kind, to, actor) = (&*source.kind, &*source.to, &*source.actor);
                self.fact(&Fact { position, at: occurred_at, kind, to, actor });
            }
            None => self.decided(position, occurred_at, actor, event),
        }
    }

    /// Puts what Docket decided into neutral words. One event is one fact, also where it sets several things.
    fn decided(&mut self, position: GlobalPosition, at: Timestamp, actor: &Actor, event: &TicketEvent) {
        let fact = |journey: &mut Self, kind: &str, to: &str| {
            journey.fact(&Fact { position, at, kind, to, actor: actor.id.as_str() });
        };
        match event {
            TicketEvent::Opened(opened) => {
                fact(self, "created", "new");
                self.opened(opened, at);
            }
            TicketEvent::Assigned(assigned) => {
                fact(self, "assigned", assigned.to.as_str());
                self.leave_new();
            }
            TicketEvent::Reassigned(reassigned) => {
                fact(self, "reassigned", reassigned.to.as_str());
                self.leave_new();
            }
            TicketEvent::Unassigned(_) => fact(self, "unassigned", ""),
            TicketEvent::TeamChanged(changed) => match (&changed.from, &changed.to) {
                (_, None) => fact(self, "group_cleared", ""),
                (None, Some(to)) => fact(self, "group_assigned", to.as_str()),
                (Some(_), Some(to)) => fact(self, "transferred", to.as_str()),
            },
            TicketEvent::PriorityChanged(changed) => {
                let kind = if changed.from.is_none() { "priority_set" } else { "priority_changed" };
                fact(self, kind, changed.to.as_str());
            }
            TicketEvent::CategoryChanged(changed) => {
                let kind = if changed.from.is_none() { "category_set" } else { "category_changed" };
                fact(self, kind, changed.to.as_str());
            }
            TicketEvent::Replied(_) => {
                // An automatic acknowledgement is not an answer (PRODUCT section 6).
                fact(self, if actor.role.is_staff() { "agent_reply" } else { "other_reply" }, "");
                self.leave_new();
            }
            TicketEvent::CustomerReplied(_) => {
                fact(self, "customer_reply", "");
                if self.state.starts_with("pending") {
                    self.state = "open".into();
                }
            }
            TicketEvent::Noted(_) => fact(self, "private_note", ""),
            TicketEvent::SetPending(_) => fact(self, "status_changed", "pending"),
            TicketEvent::SetOpen(_) => fact(self, "status_changed", "open"),
            TicketEvent::Escalated(escalated) => {
                fact(self, "escalated", "");
                self.escalated(escalated, at);
            }
            TicketEvent::Resolved(_) => fact(self, "resolved", "resolved"),
            TicketEvent::Reopened(_) => fact(self, "reopened", "open"),
            TicketEvent::Sealed(_) => fact(self, "closed", "closed"),
            TicketEvent::Snoozed(_) => fact(self, "status_changed", "pending"),
            TicketEvent::Woken(_) => fact(self, "status_changed", "open"),
            TicketEvent::Forwarded(_) | TicketEvent::ConfirmationRefused(_) => {
                fact(self, "customer_reply", "");
                if self.state.starts_with("pending") {
                    self.state = "open".into();
                }
            }
            TicketEvent::Returned(returned) => {
                fact(self, "escalation_returned", "");
                self.returned(returned, at);
            }
            TicketEvent::Merged(_) => fact(self, "merged", ""),
            TicketEvent::Unmerged(_) => fact(self, "unmerged", ""),
            TicketEvent::Acknowledged(_) => fact(self, "escalation_acknowledged", ""),
            TicketEvent::Confirmed(_) => fact(self, "confirmed", ""),
            TicketEvent::Rated(rated) => fact(self, "rated", rated.score.as_str()),
            TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::Attached(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::SourceRecorded(_) => fact(self, "updated", ""),
        }
    }

    fn opened(&mut self, opened: &Opened, at: Timestamp) {
        if let Some(priority) = opened.priority {
            self.priority = priority.as_str().into();
        }
        if let Some(category) = &opened.category {
            self.category = category.as_str().into();
        }
        if let Some(team) = &opened.team {
            self.group = team.as_str().into();
            self.first_group_at.get_or_insert(at);
        }
    }

    fn escalated(&mut self, escalated: &Escalated, at: Timestamp) {
        self.state = "open".into();
        match &escalated.to {
            Destination::Team(team) => {
                self.group = team.as_str().into();
                self.first_group_at.get_or_insert(at);
                self.assignee = CompactString::default();
            }
            Destination::Supervisor(supervisor) => {
                self.assignee = supervisor.as_str().into();
                self.first_assigned_at.get_or_insert(at);
            }
        }
    }

    fn returned(&mut self, returned: &Returned, at: Timestamp) {
        self.state = "open".into();
        self.group =
            returned.to_team.as_ref().map_or_else(CompactString::default, |team| team.as_str().into());
        self.assignee =
            returned.to_assignee.as_ref().map_or_else(CompactString::default, |to| to.as_str().into());
        if returned.to_team.is_some() {
            self.first_group_at.get_or_insert(at);
        }
        if returned.to_assignee.is_some() {
            self.first_assigned_at.get_or_insert(at);
        }
    }

    fn leave_new(&mut self) {
        if self.state == "new" {
            self.state = "open".into();
        }
    }

    /// The fold over neutral facts. A type that nobody has heard of is counted and changes nothing else.
    fn fact(&mut self, fact: &Fact<'_>) {
        let Fact { position, at, kind, to, actor } = *fact;
        if self.types.is_empty() {
            self.first_position = position;
        }
        count(&mut self.types, kind, position);
        self.last_event_at = Some(at);
        match kind {
            "created" => {
                self.created_at.get_or_insert(at);
                self.state = or(to, "new");
            }
            "category_set" | "category_changed" => self.category = to.into(),
            "priority_set" | "priority_changed" => self.priority = to.into(),
            "group_assigned" | "transferred" => {
                self.group = to.into();
                self.first_group_at.get_or_insert(at);
            }
            "group_cleared" => self.group = CompactString::default(),
            "assigned" | "reassigned" => {
                self.assignee = to.into();
                self.first_assigned_at.get_or_insert(at);
            }
            "unassigned" => self.assignee = CompactString::default(),
            "status_changed" if !to.is_empty() => self.state = to.into(),
            "resolved" | "closed" | "cancelled" => {
                self.state = or(to, kind);
                self.final_done_at.get_or_insert(at);
                self.done(kind, position, at, actor);
            }
            "reopened" => {
                self.state = or(to, "open");
                self.final_done_at = None;
            }
            "agent_reply" => {
                self.first_agent_reply_at.get_or_insert(at);
            }
            _ => {}
        }
    }

    fn done(&mut self, kind: &str, position: GlobalPosition, at: Timestamp, actor: &str) {
        match kind {
            "resolved" => {
                self.first_resolved_at.get_or_insert(at);
                self.first_resolver.get_or_insert_with(|| actor.into());
                self.last_resolver = Some(actor.into());
                count(&mut self.resolvers, actor, position);
            }
            "closed" => {
                self.first_closed_at.get_or_insert(at);
                self.last_closed_at = Some(at);
            }
            _ => {}
        }
    }

    /// How many events.
    pub fn events(&self) -> u64 {
        self.types.iter().map(|occurrence| occurrence.count).sum()
    }

    /// How many events of a type.
    pub fn count(&self, kind: &str) -> u64 {
        self.types.iter().find(|occurrence| occurrence.name == kind).map_or(0, |occurrence| occurrence.count)
    }

    /// From creation to the first person responsible.
    pub fn first_assignment_s(&self) -> Option<i64> {
        self.since_created(self.first_assigned_at)
    }

    /// From creation to the first team responsible.
    pub fn first_group_assignment_s(&self) -> Option<i64> {
        self.since_created(self.first_group_at)
    }

    /// From creation to the first resolving, or to the first closing of a ticket that never was resolved.
    pub fn first_resolution_s(&self) -> Option<i64> {
        self.since_created(self.first_resolved_at.or(self.first_closed_at))
    }

    /// From creation to the end that was not undone; none while the ticket is not done.
    pub fn final_resolution_s(&self) -> Option<i64> {
        self.since_created(self.final_done_at)
    }

    /// From creation to the last closing.
    pub fn last_close_s(&self) -> Option<i64> {
        self.since_created(self.last_closed_at)
    }

    /// From creation to the first public reply by staff.
    pub fn first_agent_reply_s(&self) -> Option<i64> {
        self.since_created(self.first_agent_reply_at)
    }

    /// Whole seconds, negative when an update is dated before the creation. Each instant is rounded down by
    /// itself, so that the figures follow from the times that `report tickets` shows.
    fn since_created(&self, at: Option<Timestamp>) -> Option<i64> {
        let (created, at) = (self.created_at?, at?);
        Some(whole_seconds(at) - whole_seconds(created))
    }
}

/// An instant in whole seconds since 1970, rounded down.
pub fn whole_seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

fn or(to: &str, otherwise: &str) -> CompactString {
    if to.is_empty() { otherwise.into() } else { to.into() }
}

fn count(occurrences: &mut Vec<Occurrence>, name: &str, first: GlobalPosition) {
    match occurrences.iter_mut().find(|occurrence| occurrence.name == name) {
        Some(occurrence) => occurrence.count += 1,
        None => occurrences.push(Occurrence { name: name.into(), count: 1, first }),
    }
}

#[cfg(test)]
mod tests;
