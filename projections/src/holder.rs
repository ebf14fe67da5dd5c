//! Whose a ticket is now, for read models that say no more of it than reach asks about.

use docket_core::access::Reach;
use docket_core::names::{ActorId, Slug};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::Destination;
use serde::{Deserialize, Serialize};

/// The team whose queue a ticket is in, and who is responsible: what `Ticket` says of it, and held against that by tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Whose queue it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<ActorId>,
}

impl Holder {
    pub(crate) fn is_nobody(&self) -> bool {
        self.team.is_none() && self.assignee.is_none()
    }

    pub(crate) fn take(&mut self, event: &TicketEvent) {
        match event {
            TicketEvent::Opened(opened) => self.team.clone_from(&opened.team),
            TicketEvent::Assigned(assigned) => self.assignee = Some(assigned.to.clone()),
            TicketEvent::Reassigned(reassigned) => self.assignee = Some(reassigned.to.clone()),
            TicketEvent::Unassigned(_) => self.assignee = None,
            TicketEvent::TeamChanged(changed) => self.team.clone_from(&changed.to),
            TicketEvent::Escalated(escalated) => match &escalated.to {
                Destination::Team(team) => {
                    (self.team, self.assignee) = (Some(team.clone()), None);
                }
                Destination::Supervisor(supervisor) => self.assignee = Some(supervisor.clone()),
            },
            TicketEvent::Returned(returned) => {
                self.team.clone_from(&returned.to_team);
                self.assignee.clone_from(&returned.to_assignee);
            }
            TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Resolved(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_)
            | TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
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
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    /// Whether a report for somebody of this reach counts the ticket.
    pub(crate) fn is_counted(&self, reach: &Reach) -> bool {
        reach.counts(self.team.as_ref(), self.assignee.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::decider::Decider;
    use docket_core::event::Event;
    use docket_core::ticket::TicketDecider;

    fn event(name: &str, data: &str) -> TicketEvent {
        match Event::decode(name, 1, data).unwrap() {
            Event::Ticket(event) => event,
            other => panic!("{other:?} is of no ticket"),
        }
    }

    #[test]
    fn a_holder_says_what_the_ticket_says_after_any_four_events() {
        let opened =
            |team: &str| format!(r#"{{"requester":{{"id":"noor"}},"subject":"x","channel":"api"{team}}}"#);
        let escalated = |to: &str| format!(r#"{{"reason":"complaint","to":{to},"context":"x"}}"#);
        let events = [
            event("ticket.opened", &opened("")),
            event("ticket.opened", &opened(r#","team":"billing""#)),
            event("ticket.assigned", r#"{"to":"ines"}"#),
            event("ticket.reassigned", r#"{"from":"ines","to":"omar"}"#),
            event("ticket.unassigned", r#"{"from":"omar"}"#),
            event("ticket.team_changed", r#"{"to":"technical"}"#),
            event("ticket.team_changed", "{}"),
            event("ticket.escalated", &escalated(r#"{"team":"account"}"#)),
            event("ticket.escalated", &escalated(r#"{"supervisor":"lena"}"#)),
            event("ticket.resolved", r#"{"resolution":"solved","assignee":"ines"}"#),
        ];
        for number in 0..10_usize.pow(4) {
            let (mut ticket, mut holder) = (TicketDecider::initial(), Holder::default());
            for place in 0..4 {
                let event = &events[number / 10_usize.pow(place) % 10];
                ticket = TicketDecider::evolve(ticket, event);
                holder.take(event);
            }
            assert_eq!((&holder.team, &holder.assignee), (&ticket.team, &ticket.assignee), "{number:04}");
        }
    }
}
