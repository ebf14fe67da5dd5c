//! What has happened since the last turn that can make a difference.

use crate::app::App;
use docket_core::agent::AgentEvent;
use docket_core::customer::{AccountEvent, CustomerEvent};
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition};
use docket_core::record::Origin;
use docket_core::settings::SettingEvent;
use docket_core::staff::StaffEvent;
use docket_core::ticket::TicketEvent;
use docket_core::time::Timestamp;
use docket_projections::log_event::LogEvent;
use docket_projections::roster::Place;
use std::collections::BTreeSet;

/// Records that are read at once.
const PAGE_RECORDS: usize = 1024;

/// Records that are looked at one by one; after more of them everything is looked at once.
const RECORDS_MAX: u64 = 8192;

/// What is to be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wake {
    /// Tickets that nothing has been decided about as they stand.
    pub(super) tickets: bool,
    /// Tickets that wait, since somebody may have room for one.
    pub(super) waiting: bool,
    /// Tickets that wait, from a place on, since the tier of whoever asked may be another one.
    pub(super) tiers: Option<Place>,
    /// Who may have tickets that they may not work any more.
    pub(super) gone: Gone,
    /// When something else may be said of a ticket of which was said too often why nobody takes it; by then it is looked at.
    pub(super) says_at: Option<Timestamp>,
}

/// Who may have tickets that they may not work any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// Some, or nobody.
    Some(BTreeSet<ActorId>),
    /// Anybody.
    Anybody,
}

impl Default for Gone {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl Wake {
    /// As after a start: nothing is known of what was done before.
    pub fn everything() -> Self {
        Self { tickets: true, waiting: true, tiers: Some(Place::START), gone: Gone::Anybody, says_at: None }
    }

    pub(super) fn concerns_tickets(&self) -> bool {
        self.tickets || self.waiting || self.tiers.is_some()
    }

    pub(super) fn is_done(&mut self) {
        *self = Self { says_at: self.says_at, ..Self::default() };
    }

    /// Whether nothing is to be looked at.
    pub fn is_nothing(&self) -> bool {
        !self.concerns_tickets() && self.gone == Gone::default()
    }

    /// Takes note of what the log holds after a position; tells how far that goes.
    pub async fn read(&mut self, app: &App, after: GlobalPosition) -> GlobalPosition {
        let head = app.head();
        if head.0.saturating_sub(after.0) > RECORDS_MAX {
            *self = Self::everything();
            return head;
        }
        let mut read_to = after;
        while read_to < head {
            let Ok(page) = app.store.read_all(read_to, PAGE_RECORDS).await else {
                // What cannot be read now may have been anything; the roster knows, or waits for it too.
                *self = Self::everything();
                return head;
            };
            for record in &page {
                self.note(&LogEvent::of(record));
                read_to = record.position;
            }
            if page.is_empty() {
                break;
            }
        }
        read_to
    }

    /// Takes note of one event.
    pub(super) fn note(&mut self, event: &LogEvent) {
        // What was imported is acted on by nobody, and what cannot be read holds up the roster.
        let (Origin::Decided, Ok(known)) = (event.origin, &event.event) else { return };
        match known {
            Event::Ticket(ticket_event) => self.tickets |= may_put_up(ticket_event),
            Event::Agent(agent_event) => match agent_event {
                // Also whoever goes: then it is another reason for which tickets wait.
                AgentEvent::AvailabilityChanged(_)
                | AgentEvent::TicketReleased(_)
                | AgentEvent::TicketReweighed(_) => self.waiting = true,
                // Reopened, it is again with whoever had it, though they may have left since.
                AgentEvent::TicketTaken(_) => self.may_be_gone(event.agent.as_ref()),
            },
            Event::Staff(staff_event) => self.note_staff(staff_event),
            Event::Setting(SettingEvent::RoutingPublished(_) | SettingEvent::RoutingRetired(_)) => {
                self.tickets = true;
            }
            Event::Account(AccountEvent::Added(_) | AccountEvent::Changed(_)) => self.ask_for_tiers(),
            Event::Customer(CustomerEvent::Added(_) | CustomerEvent::AccountChanged(_)) => {
                self.ask_for_tiers()
            }
            Event::Customer(
                CustomerEvent::Changed(_)
                | CustomerEvent::Invited(_)
                | CustomerEvent::LinkMade(_)
                | CustomerEvent::SurveyLinkMade(_),
            )
            | Event::Setting(_)
            | Event::Sla(_)
            | Event::View(_)
            | Event::Webhook(_) => {}
        }
    }

    fn note_staff(&mut self, event: &StaffEvent) {
        match event {
            StaffEvent::RoleChanged(changed) => {
                self.waiting = true;
                self.may_be_gone(Some(&changed.member));
            }
            StaffEvent::TeamsChanged(changed) => {
                self.waiting = true;
                self.may_be_gone(Some(&changed.member));
            }
            StaffEvent::Added(_)
            | StaffEvent::Reactivated(_)
            | StaffEvent::SkillsChanged(_)
            | StaffEvent::PermissionsChanged(_)
            | StaffEvent::CapacityChanged(_) => self.waiting = true,
            StaffEvent::Deactivated(left) => {
                self.waiting = true;
                self.may_be_gone(Some(&left.member));
            }
            StaffEvent::Renamed(_)
            | StaffEvent::Invited(_)
            | StaffEvent::TokenMade(_)
            | StaffEvent::TokenRevoked(_)
            | StaffEvent::SessionsRevoked(_) => {}
        }
    }

    /// From the first ticket on, however far it was looked before.
    fn ask_for_tiers(&mut self) {
        self.tiers = Some(Place::START);
    }

    fn may_be_gone(&mut self, id: Option<&ActorId>) {
        match &mut self.gone {
            Gone::Anybody => {}
            Gone::Some(ids) => ids.extend(id.cloned()),
        }
    }
}

/// Whether an event can put a ticket up for routing, or make another decision of what was decided.
fn may_put_up(event: &TicketEvent) -> bool {
    match event {
        TicketEvent::Opened(_)
        | TicketEvent::TeamChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::CustomerReplied(_)
        | TicketEvent::SetOpen(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::Reopened(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Unmerged(_)
        | TicketEvent::Forwarded(_)
        | TicketEvent::ConfirmationRefused(_) => true,
        TicketEvent::Assigned(_)
        | TicketEvent::Reassigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::Replied(_)
        | TicketEvent::Noted(_)
        | TicketEvent::SetPending(_)
        | TicketEvent::Resolved(_)
        | TicketEvent::Sealed(_)
        | TicketEvent::Routed(_)
        | TicketEvent::Attached(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::FieldChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Returned(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::Rated(_)
        | TicketEvent::SourceRecorded(_) => false,
    }
}
