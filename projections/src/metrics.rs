//! Metrics: how long tickets took to be answered and resolved, attributed as it was at that moment.
//!
//! Definitions: docs/METRICS.md. Source: PRODUCT section 7, the guide's "Ticket Metrics".

pub mod figures;
pub mod hand_over;
pub mod journey;
pub mod reference;
pub mod report;

use crate::holder::Holder;
use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, Slug, TicketNumber};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::Priority;
use docket_core::time::Timestamp;
use hand_over::HandOvers;
use journey::Journey;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// The projector of the metrics.
pub struct Metrics;

/// An answer or a resolution: when, by whom, for which team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Who, as the event says.
    pub by: ActorId,
    /// For which team they acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
}

/// A resolution with what it was filed under at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// When and by whom.
    pub act: Act,
    /// Intake category as of the resolving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Slug>,
    /// Resolution category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Slug>,
}

/// What the metrics know of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricsState {
    /// When it was opened; none for an import that begins in the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// Its priority now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Its intake category now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Slug>,
    /// The first public reply by a human of the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<Act>,
    /// The first resolution; later reopening leaves it as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_resolution: Option<Resolution>,
    /// Whether that was a sealing, because nobody had resolved it before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_is_sealing: bool,
    /// The resolution that stands; none while the ticket is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_resolution: Option<Resolution>,
    /// How often it was reopened.
    pub reopened: u32,
    /// From escalations until they were taken over.
    #[serde(default, skip_serializing_if = "HandOvers::were_none")]
    pub hand_overs: HandOvers,
    /// Whose it is now: it decides for whom reports count it, and attributes nothing.
    #[serde(default, skip_serializing_if = "Holder::is_nobody")]
    pub holder: Holder,
    /// The same ticket in the words of its source, for figures to lay beside somebody else's.
    pub journey: Journey,
}

impl MetricsState {
    fn new() -> Self {
        Self {
            opened_at: None,
            priority: None,
            category: None,
            first_response: None,
            first_resolution: None,
            first_is_sealing: false,
            full_resolution: None,
            reopened: 0,
            hand_overs: HandOvers::default(),
            holder: Holder::default(),
            journey: Journey::default(),
        }
    }

    fn take(&mut self, event: &LogEvent, ticket_event: &TicketEvent) {
        self.holder.take(ticket_event);
        self.hand_overs.take(event.occurred_at, &event.actor.id, ticket_event);
        let act =
            || Act { at: event.occurred_at, by: event.actor.id.clone(), team: event.actor.team.clone() };
        match ticket_event {
            TicketEvent::Opened(opened) => {
                self.opened_at = Some(event.occurred_at);
                self.priority = opened.priority;
                self.category.clone_from(&opened.category);
            }
            TicketEvent::PriorityChanged(changed) => self.priority = Some(changed.to),
            TicketEvent::CategoryChanged(changed) => self.category = Some(changed.to.clone()),
            TicketEvent::Replied(_) => {
                if self.first_response.is_none() && event.actor.role.answers_for_staff() {
                    self.first_response = Some(act());
                }
            }
            TicketEvent::Resolved(resolved) => {
                let category = resolved.category.clone().or_else(|| self.category.clone());
                let resolution = resolved.resolution.clone();
                // The first time that somebody says so counts, whatever was sealed without it.
                if self.first_is_sealing {
                    self.first_resolution = None;
                    self.first_is_sealing = false;
                }
                self.resolve(Resolution { act: act(), category, resolution });
            }
            // Sealed without having been resolved (imports): that is when the work ended.
            TicketEvent::Sealed(_) => {
                let category = self.category.clone();
                self.first_is_sealing |= self.first_resolution.is_none();
                self.resolve(Resolution { act: act(), category, resolution: None });
            }
            TicketEvent::Reopened(_) => {
                self.full_resolution = None;
                self.reopened = self.reopened.saturating_add(1);
            }
            TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Escalated(_)
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
            | TicketEvent::Returned(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    fn resolve(&mut self, resolution: Resolution) {
        if self.first_resolution.is_none() {
            self.first_resolution = Some(resolution.clone());
        }
        // A ticket that is resolved already keeps the resolution that ended the work.
        if self.full_resolution.is_none() {
            self.full_resolution = Some(resolution);
        }
    }
}

/// Hands the journey of every ticket to a function, in the order of their numbers; tells the position it shows.
///
/// # Errors
/// [`FileError`]
pub fn each_journey(
    connection: &Connection,
    mut take: impl FnMut(TicketNumber, &Journey),
) -> Result<GlobalPosition, FileError> {
    let transaction = connection.unchecked_transaction()?;
    let mut statement = transaction.prepare_cached("SELECT key, state FROM rows ORDER BY key")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state = row.get_ref(1)?.as_str().map_err(|error| FileError::Damaged(error.to_string()))?;
        let journey = decode_row::<Metrics>(state, None)?.state.journey;
        take(TicketNumber(row.get::<_, i64>(0)? as u64), &journey);
    }
    Ok(checkpoint(&transaction)?.position)
}

/// Counts tickets.
const TALLY_TICKETS: i64 = 0;

impl Projector for Metrics {
    const NAME: &'static str = "metrics";
    const DEFINITION: u32 = 4;
    const COLUMNS: &'static [&'static str] = &["opened_at"];
    const INDEXES: &'static [&'static str] = &[];
    const ROWS_CHANGE: bool = true;
    type State = MetricsState;
    type Context = ();
    type Personal = ();

    fn key(event: &LogEvent) -> Option<i64> {
        match &event.event {
            Ok(Event::Ticket(_)) => event.ticket().map(key_of),
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

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, (): &()) -> Result<(), Rejected> {
        if let Ok(known @ Event::Ticket(ticket_event)) = &event.event {
            let row = row.get_or_insert_with(|| Row { state: MetricsState::new(), personal: None });
            row.state.take(event, ticket_event);
            row.state.journey.take(
                event.position,
                event.occurred_at,
                &event.actor,
                event.source.as_deref(),
                known,
            );
        }
        Ok(())
    }

    fn columns(state: &MetricsState) -> Vec<i64> {
        vec![state.opened_at.map_or(0, |at| at.0)]
    }

    fn tallies(state: &MetricsState) -> Vec<Tally> {
        let open = i64::from(state.full_resolution.is_none());
        vec![Tally { name: TALLY_TICKETS, bucket: open }]
    }
}
