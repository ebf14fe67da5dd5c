//! The search: every text of every ticket, found by words, within what somebody may see.
//!
//! Its rows say of each ticket what the queue says, so that reach and filters are judged at the same position as the
//! texts. Source: docs/adr/0020-search.md.

mod beginnings;
mod expression;
mod find;
mod snippet;
mod spelling;

use crate::facts;
use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally, Text};
use crate::queue::{Queue, QueuePersonal, QueueState};
use docket_core::event::Event;
use docket_core::personal::PersonalText;
use docket_core::sla::Rules;
use docket_core::ticket::TicketEvent;
pub use expression::NotSearchable;
pub use find::{
    Asked, Conditions, FoundIn, HITS_PER_PAGE_MAX, Hit, MATCHES_MAX, Results, SEARCH_TIME_MAX, Widened,
    search,
};
use serde::{Deserialize, Serialize};
pub use snippet::Snippet;

/// The projector of the search.
pub struct Search;

/// What the search knows of a ticket, without text about persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchState {
    /// What the queue knows of it.
    pub queue: QueueState,
    /// How many of its events have said something.
    pub texts: u64,
}

/// What an event says, by who may read it. Each is none where the event says nothing of the kind, and unreadable where
/// the text is sealed.
#[derive(Default)]
struct Said<'a> {
    subject: Option<&'a PersonalText>,
    message: Option<&'a PersonalText>,
    note: Option<&'a PersonalText>,
}

impl<'a> Said<'a> {
    fn by(event: &'a TicketEvent) -> Option<Self> {
        let said = match event {
            TicketEvent::Opened(opened) => {
                Self { subject: Some(&opened.subject), message: opened.body.as_ref(), note: None }
            }
            TicketEvent::Replied(message)
            | TicketEvent::CustomerReplied(message)
            | TicketEvent::ConfirmationRefused(message) => {
                Self { message: message.body.as_ref(), ..Self::default() }
            }
            TicketEvent::Forwarded(forwarded) => Self { message: forwarded.body.as_ref(), ..Self::default() },
            TicketEvent::Returned(returned) => Self { note: Some(&returned.context), ..Self::default() },
            TicketEvent::Rated(rated) => Self { message: rated.comment.as_ref(), ..Self::default() },
            TicketEvent::Noted(message) => Self { note: message.body.as_ref(), ..Self::default() },
            TicketEvent::Escalated(escalated) => Self { note: Some(&escalated.context), ..Self::default() },
            TicketEvent::Resolved(resolved) => Self { note: resolved.notes.as_ref(), ..Self::default() },
            TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
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
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::SourceRecorded(_) => Self::default(),
        };
        let parts = [said.subject, said.message, said.note];
        parts.iter().any(Option::is_some).then_some(said)
    }
}

fn said(event: &LogEvent) -> Option<Said<'_>> {
    match &event.event {
        Ok(Event::Ticket(ticket_event)) => Said::by(ticket_event),
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

impl Projector for Search {
    const NAME: &'static str = "search";
    const DEFINITION: u32 = 6;
    const COLUMNS: &'static [&'static str] = facts::COLUMNS;
    // All that reach and filters ask for, so that judging a match reads no row.
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_key ON rows (key, lane, rank, team, assignee,
             requester, status, priority, language, category, warns, tags, followers,
             marks)",
        facts::JUDGED_INDEX,
    ];
    const ROWS_CHANGE: bool = true;
    type State = SearchState;
    type Context = Rules;
    const JUDGED: Option<&'static str> = facts::JUDGED;
    type Personal = QueuePersonal;

    fn key(event: &LogEvent) -> Option<i64> {
        Queue::key(event)
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, rules: &Rules) -> Result<(), Rejected> {
        if let Ok(Event::Ticket(ticket_event)) = &event.event {
            let row = row.get_or_insert_with(|| Row {
                state: SearchState { queue: QueueState::new(event.occurred_at), texts: 0 },
                personal: Some(QueuePersonal::default()),
            });
            row.state.queue.take(event, ticket_event, rules);
            row.personal.get_or_insert_default().take(ticket_event);
            row.state.texts += u64::from(said(event).is_some());
        }
        Ok(())
    }

    fn judge(state: &mut SearchState, rules: &Rules) {
        state.queue.judge(rules);
    }

    fn columns(state: &SearchState) -> Vec<i64> {
        facts::columns(&state.queue)
    }

    fn tallies(_state: &SearchState) -> Vec<Tally> {
        Vec::new()
    }

    const TEXTS: bool = true;

    fn text(state: &SearchState, event: &LogEvent) -> Option<Text> {
        let (said, ticket) = (said(event)?, event.ticket()?);
        let plain = |text: Option<&PersonalText>| text.and_then(PersonalText::plain).map(str::to_owned);
        let requester = state.queue.ticket.requester.as_ref();
        Some(Text {
            position: event.position,
            ticket,
            at: event.occurred_at,
            role: event.actor.role,
            owner: requester.map(facts::owner).unwrap_or_default(),
            subject: plain(said.subject),
            message: plain(said.message),
            note: plain(said.note),
        })
    }

    fn texts(state: &SearchState) -> u64 {
        state.texts
    }
}
