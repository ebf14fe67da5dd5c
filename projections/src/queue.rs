//! The queue: every ticket in exactly one lane, the next deadline first, with exact counts.
//!
//! Source: the guide's "Ticket Queue Overview", PRODUCT sections 2 and 6.

mod badge;
mod cube;
mod filtered;
mod latest;
mod own;
mod query;
mod tally;

use crate::course::follow;
use crate::facts;
use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
pub use badge::Badge;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::TicketNumber;
use docket_core::sla::{Course, Face, Rules};
use docket_core::ticket::event::{Channel, Language};
use docket_core::ticket::state::Memory;
use docket_core::ticket::{Lane, Status, Ticket, TicketDecider, TicketEvent};
use docket_core::time::Timestamp;
pub use filtered::{FilteredPage, Matching, Place, Wanted, filtered, matching};
pub use latest::{LOOKED_THROUGH_MAX, latest};
pub use own::{OwnPage, knows, own};
pub use query::{
    Cursor, LaneCount, QueuePage, QueueTicket, ROWS_PER_PAGE_MAX, counts, follows, highest_number, lane,
    open_of_team, ticket,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The projector of the queue.
pub struct Queue;

/// What the queue knows of a ticket, without text about persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueState {
    /// The ticket as its past made it.
    pub ticket: Ticket,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When anything last happened to it.
    pub updated_at: Timestamp,
    /// When the customer wrote their oldest unanswered message, also while nobody owes them an answer to it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unanswered_since: Option<Timestamp>,
    /// When it was resolved, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// When it was merged into another, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_at: Option<Timestamp>,
    /// The way it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The language to answer in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Why it is back without an assignee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge>,
    /// What its clocks run by; none until the ticket is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// The foremost of its clocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Face>,
}

/// What persons wrote, as far as a row of the queue shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePersonal {
    /// The subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The first line of the last message that everybody may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The requester's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_name: Option<String>,
    /// What custom fields hold, as far as it can be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// The longest first line that is kept. Unit: characters.
const LINE_CHARS_MAX: usize = 120;

/// Tickets whose clock does not run come after all whose clock does.
const RANK_WITHOUT_CLOCK: i64 = 1 << 60;

impl QueueState {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            ticket: TicketDecider::initial(),
            opened_at: at,
            updated_at: at,
            unanswered_since: None,
            resolved_at: None,
            merged_at: None,
            channel: None,
            language: None,
            badge: None,
            course: None,
            clock: None,
        }
    }

    /// Since when the customer waits for an answer: their oldest unanswered message. On a merged ticket they do not: it is
    /// answered on the other one.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.unanswered_since.filter(|_| self.ticket.status != Status::Resolved)
    }

    /// The lane that shows the ticket.
    pub fn lane(&self) -> Lane {
        self.ticket.lane()
    }

    /// The instant the ticket is sorted by while a clock runs: when it is missed, or was.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.clock.as_ref()?.deadline()
    }

    /// The place in the lane: the next deadline first, then who waits longest; resolved ones newest first.
    pub(crate) fn rank(&self) -> i64 {
        if self.ticket.status == Status::Resolved {
            return -self.merged_at.or(self.resolved_at).unwrap_or(self.updated_at).0;
        }
        match self.deadline() {
            Some(deadline) => deadline.0,
            None => RANK_WITHOUT_CLOCK + self.unanswered_since.unwrap_or(self.updated_at).0,
        }
    }

    pub(crate) fn take(&mut self, event: &LogEvent, ticket_event: &TicketEvent, rules: &Rules) {
        let at = event.occurred_at;
        self.updated_at = at;
        match ticket_event {
            TicketEvent::Opened(opened) => {
                self.opened_at = at;
                self.unanswered_since = Some(at);
                self.channel = Some(opened.channel);
                self.language = opened.language;
            }
            TicketEvent::Assigned(_) | TicketEvent::Reassigned(_) => self.badge = None,
            TicketEvent::Unassigned(left) => self.badge = Some(Badge::unassigned(&event.actor, left)),
            TicketEvent::Replied(_) => self.unanswered_since = None,
            TicketEvent::CustomerReplied(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Forwarded(_)
            | TicketEvent::Woken(_) => self.unanswered_since = self.unanswered_since.or(Some(at)),
            TicketEvent::Returned(returned) => {
                let by = event.actor.id.clone();
                self.badge = returned.to_assignee.is_none().then_some(Badge::Returned { by });
            }
            TicketEvent::Merged(_) => self.merged_at = Some(at),
            TicketEvent::Unmerged(_) => self.merged_at = None,
            TicketEvent::Escalated(escalated) => {
                let (reason, from_team) = (escalated.reason.clone(), escalated.from_team.clone());
                self.badge = Some(Badge::Escalated { reason, from_team });
            }
            TicketEvent::Resolved(_) => (self.resolved_at, self.unanswered_since) = (Some(at), None),
            TicketEvent::Sealed(_) => {
                self.resolved_at = self.resolved_at.or(Some(at));
                self.unanswered_since = None;
            }
            TicketEvent::Reopened(_) => {
                (self.resolved_at, self.unanswered_since) = (None, self.unanswered_since.or(Some(at)));
            }
            TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
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
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
        if follow(&mut self.course, event, ticket_event) {
            self.judge(rules);
        }
        let before = std::mem::take(&mut self.ticket);
        self.ticket = TicketDecider::evolve(before, ticket_event);
        // A read model needs no memory of message ids; the command handler has it.
        self.ticket.memory = Memory::default();
    }
}

impl QueueState {
    /// Judges its clocks by the rules as they are known now.
    pub(crate) fn judge(&mut self, rules: &Rules) {
        let clocks = self.course.as_ref().map(|course| course.clocks(rules)).unwrap_or_default();
        self.clock = Face::foremost(&clocks).cloned();
    }
}

impl QueuePersonal {
    pub(crate) fn take(&mut self, event: &TicketEvent) {
        match event {
            TicketEvent::Opened(opened) => {
                self.subject = opened.subject.plain().map(str::to_owned);
                self.line = opened.body.as_ref().and_then(|body| body.plain()).map(first_line);
                self.requester_name =
                    opened.requester.name.as_ref().and_then(|name| name.plain()).map(str::to_owned);
            }
            TicketEvent::FieldChanged(changed) => {
                self.fields.remove(changed.field.as_str());
                let text = changed.to.as_ref().and_then(|text| text.plain());
                self.fields.extend(text.map(|text| (changed.field.to_string(), text.to_owned())));
            }
            TicketEvent::Forwarded(forwarded) => {
                if let Some(text) = forwarded.body.as_ref().and_then(|body| body.plain()) {
                    self.line = Some(first_line(text));
                }
            }
            TicketEvent::Replied(message)
            | TicketEvent::CustomerReplied(message)
            | TicketEvent::ConfirmationRefused(message) => {
                if let Some(text) = message.body.as_ref().and_then(|body| body.plain()) {
                    self.line = Some(first_line(text));
                }
            }
            TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Resolved(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_)
            | TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::Attached(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
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
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Returned(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let end = line.char_indices().nth(LINE_CHARS_MAX).map_or(line.len(), |(end, _)| end);
    line[..end].to_owned()
}

impl Projector for Queue {
    const NAME: &'static str = "queue";
    const DEFINITION: u32 = 11;
    const COLUMNS: &'static [&'static str] = facts::COLUMNS;
    // Two hold all that a filter asks for, so that counting by one reads no rows.
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_rank ON rows (lane, rank, key, team, assignee, requester, status, priority,
             language, category, warns, tags, followers, marks)",
        "CREATE INDEX rows_by_team ON rows (team, lane, rank, key)",
        "CREATE INDEX rows_by_assignee ON rows (assignee, lane, rank, key, team, requester, status, priority,
             language, category, warns, tags, followers, marks)",
        "CREATE INDEX rows_by_requester ON rows (requester, lane, rank, key)",
        // With the key, which every index ends in: a customer's own tickets, the newest first.
        "CREATE INDEX rows_of_requester ON rows (requester)",
        facts::JUDGED_INDEX,
    ];
    const ROWS_CHANGE: bool = true;
    type State = QueueState;
    type Context = Rules;
    const JUDGED: Option<&'static str> = facts::JUDGED;
    type Personal = QueuePersonal;

    fn key(event: &LogEvent) -> Option<i64> {
        match &event.event {
            Ok(Event::Ticket(_)) => event.ticket().map(key_of),
            // What the timers noticed is computed here too, so their events add nothing.
            Ok(
                Event::Sla(_)
                | Event::Agent(_)
                | Event::Staff(_)
                | Event::Setting(_)
                | Event::Account(_)
                | Event::Customer(_)
                | Event::View(_)
                | Event::Webhook(_),
            )
            | Err(_) => None,
        }
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, rules: &Rules) -> Result<(), Rejected> {
        if let Ok(Event::Ticket(ticket_event)) = &event.event {
            let row = row.get_or_insert_with(|| Row {
                state: QueueState::new(event.occurred_at),
                personal: Some(QueuePersonal::default()),
            });
            row.state.take(event, ticket_event, rules);
            row.personal.get_or_insert_default().take(ticket_event);
        }
        Ok(())
    }

    fn judge(state: &mut QueueState, rules: &Rules) {
        state.judge(rules);
    }

    fn columns(state: &QueueState) -> Vec<i64> {
        facts::columns(state)
    }

    fn tallies(state: &QueueState) -> Vec<Tally> {
        tally::of(state)
    }
}

/// The key of a ticket's row.
pub(crate) fn key_of(number: TicketNumber) -> i64 {
    // Stream names only yield numbers that fit (`StreamName::kind`).
    number.0 as i64
}
