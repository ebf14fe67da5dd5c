//! Events in a few words, for people.

use docket_core::agent::AgentEvent;
use docket_core::event::Event;
use docket_core::names::Slug;
use docket_core::personal::PersonalText;
use docket_core::record::Source;
use docket_core::sla::{Noticed, SlaEvent};
use docket_core::staff::StaffEvent;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Destination, ReopenCause};
use std::fmt::Display;

/// What happened, and the text that goes with it.
pub(super) fn event(event: &Event, source: Option<&Source>) -> (String, Option<String>) {
    let (what, text) = match event {
        Event::Ticket(event) => ticket(event),
        Event::Sla(event) => (sla(event), None),
        Event::Agent(AgentEvent::TicketTaken(taken)) => (format!("took on ticket {}", taken.ticket), None),
        Event::Agent(AgentEvent::TicketReleased(released)) => {
            (format!("gave up ticket {}", released.ticket), None)
        }
        Event::Staff(event) => staff(event),
    };
    let text = text.map(|text| text.plain().unwrap_or("(sealed)").to_owned());
    match source {
        Some(source) => (format!("{what}  [{}]", said(source)), text),
        None => (what, text),
    }
}

/// What the source of an import said itself.
fn said(source: &Source) -> String {
    let row = if source.row.is_empty() { String::new() } else { format!(", row {}", source.row) };
    let step = match (source.from.as_str(), source.to.as_str()) {
        ("", "") => String::new(),
        ("", to) => format!(" {to}"),
        (from, "") => format!(" {from} -> nothing"),
        (from, to) => format!(" {from} -> {to}"),
    };
    format!("{}{step}{row}", source.kind)
}

fn or_none(value: Option<&impl Display>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn ticket(event: &TicketEvent) -> (String, Option<&PersonalText>) {
    let what = match event {
        TicketEvent::Opened(opened) => {
            let subject = opened.subject.plain().unwrap_or("(sealed)");
            return (format!("opened for {}: {subject}", opened.requester.id), opened.body.as_ref());
        }
        TicketEvent::Assigned(assigned) => format!("assigned to {}", assigned.to),
        TicketEvent::Reassigned(reassigned) => {
            format!("reassigned from {} to {}", reassigned.from, reassigned.to)
        }
        TicketEvent::Unassigned(unassigned) => format!("unassigned from {}", unassigned.from),
        TicketEvent::TeamChanged(changed) => {
            format!("team {} -> {}", or_none(changed.from.as_ref()), or_none(changed.to.as_ref()))
        }
        TicketEvent::PriorityChanged(changed) => {
            let from = changed.from.map(|from| from.as_str());
            format!("priority {} -> {}", or_none(from.as_ref()), changed.to.as_str())
        }
        TicketEvent::CategoryChanged(changed) => {
            format!("category {} -> {}", or_none(changed.from.as_ref()), changed.to)
        }
        TicketEvent::Replied(message) => return ("replied".into(), message.body.as_ref()),
        TicketEvent::CustomerReplied(message) => return ("customer replied".into(), message.body.as_ref()),
        TicketEvent::Noted(message) => return ("internal note".into(), message.body.as_ref()),
        TicketEvent::SetPending(pending) => format!("pending, waiting for {}", pending.reason),
        TicketEvent::SetOpen(_) => "open".into(),
        TicketEvent::Escalated(escalated) => {
            let to = match &escalated.to {
                Destination::Team(team) => format!("team {team}"),
                Destination::Supervisor(supervisor) => supervisor.to_string(),
            };
            return (format!("escalated to {to}: {}", escalated.reason), Some(&escalated.context));
        }
        TicketEvent::Resolved(resolved) => {
            return (format!("resolved: {}", or_none(resolved.resolution.as_ref())), resolved.notes.as_ref());
        }
        TicketEvent::Reopened(reopened) => {
            let cause = match reopened.cause {
                ReopenCause::CustomerReply => "the customer wrote again",
                ReopenCause::Staff => "staff found more to do",
                ReopenCause::Unknown => "cause not known",
            };
            format!("reopened, cycle {}: {cause}", reopened.cycle)
        }
        TicketEvent::Sealed(_) => "sealed".into(),
        TicketEvent::SourceRecorded(_) => "recorded by the source".into(),
    };
    (what, None)
}

fn sla(event: &SlaEvent) -> String {
    let (what, noticed) = match event {
        SlaEvent::Warned(noticed) => ("comes near", noticed),
        SlaEvent::Breached(noticed) => ("was missed", noticed),
    };
    let Noticed { target, policy, policy_version, due_at } = noticed;
    format!("target {} of {policy} (version {policy_version}) {what}; due {due_at}", target.as_str())
}

fn staff(event: &StaffEvent) -> (String, Option<&PersonalText>) {
    let teams = |teams: &[Slug]| match teams {
        [] => "none".to_owned(),
        teams => Vec::from_iter(teams.iter().map(Slug::as_str)).join(", "),
    };
    match event {
        StaffEvent::Added(added) => {
            let (name, role) = (added.name.plain().unwrap_or("(sealed)"), added.role.as_str());
            (format!("added {} ({name}), {role}, teams: {}", added.member, teams(&added.teams)), None)
        }
        StaffEvent::Renamed(renamed) => (format!("renamed {}", renamed.member), Some(&renamed.to)),
        StaffEvent::RoleChanged(changed) => {
            let (from, to) = (changed.from.as_str(), changed.to.as_str());
            (format!("role of {} {from} -> {to}", changed.member), changed.reason.as_ref())
        }
        StaffEvent::TeamsChanged(changed) => {
            let (from, to) = (teams(&changed.from), teams(&changed.to));
            (format!("teams of {} {from} -> {to}", changed.member), changed.reason.as_ref())
        }
        StaffEvent::Deactivated(left) => (format!("{} left", left.member), left.reason.as_ref()),
        StaffEvent::Reactivated(back) => (format!("{} came back", back.member), back.reason.as_ref()),
    }
}
