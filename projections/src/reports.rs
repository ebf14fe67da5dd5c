//! Reports: what every ticket adds to them, and the figures over a million tickets at once.
//!
//! A row keeps what reports ask about of a ticket's history, in the order of the log; its facts are told from that alone, so
//! that a merge, its undoing, a reopening or a late event change exactly what they must. Definitions: docs/METRICS.md.
//! Source: PRODUCT section 7, docs/adr/0028-report-columns.md.

pub mod answer;
pub mod explain;
mod gather;
pub mod name;
mod read;
mod tell;
mod work;

use crate::course::follow;
use crate::facts;
use crate::holder::Holder;
use crate::ledger::Ledger;
use crate::log_event::LogEvent;
use crate::metrics::hand_over::HandOvers;
use crate::projector::{Projector, Rejected, Row, Tally};
use crate::queue::key_of;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, Slug};
use docket_core::sla::{Clock, Course, End, Moment, Rules, Target};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Channel, Destination, Language, Priority, Score};
use docket_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the definitions in docs/METRICS.md by which figures are computed.
pub const METRICS_VERSION: u32 = 5;

/// The projector of the reports.
pub struct Reports;

/// What reports know of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportState {
    /// The way it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The language that its requester is answered in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What happened to it.
    pub marks: Vec<Mark>,
    /// What moves its clocks; none for an import that begins in the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// Of each moment of the course, the event that it stems from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// From escalations until they were taken over.
    #[serde(default, skip_serializing_if = "HandOvers::were_none")]
    pub hand_overs: HandOvers,
    /// How the clocks to its targets stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Kept>,
    /// Whose it is now: it decides for whom reports count it, and attributes nothing that has ended.
    #[serde(default, skip_serializing_if = "Holder::is_nobody")]
    pub holder: Holder,
}

/// An event, and who did it for which team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its place in the log.
    pub position: GlobalPosition,
    /// Who.
    pub by: ActorId,
    /// For which team they acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
}

/// Something that reports ask about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The event.
    #[serde(flatten)]
    pub place: Place,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub is: Deed,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It was opened.
    Opened {
        /// With this priority.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<Priority>,
        /// With this intake category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<Slug>,
        /// In this team's queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team: Option<Slug>,
    },
    /// It has another priority.
    Priority(Priority),
    /// It has another intake category.
    Category(Slug),
    /// It is in another team's queue, or in none.
    Team(Option<Slug>),
    /// It came to somebody.
    Assigned(ActorId),
    /// Nobody is responsible any more.
    Unassigned,
    /// A human of the staff replied in public.
    Replied,
    /// A note for the staff.
    Noted,
    /// The customer wrote.
    Asked,
    /// It was resolved.
    Resolved {
        /// The intake category at that moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<Slug>,
        /// The resolution category.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resolution: Option<Slug>,
        /// Who was responsible.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<ActorId>,
        /// Whether a survey was sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        survey: bool,
    },
    /// It takes no more messages.
    Sealed,
    /// Work began again.
    Reopened,
    /// It was handed over to people who know or may do more.
    Escalated(Destination),
    /// Whoever it went to has read what they must know.
    Acknowledged,
    /// It went back to where it came from.
    Returned {
        /// To this team.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team: Option<Slug>,
        /// To this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<ActorId>,
    },
    /// The customer rated a cycle.
    Rated {
        /// The cycle.
        cycle: u32,
        /// How they found it.
        score: Score,
        /// Whether with words.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        commented: bool,
        /// Who was responsible when the cycle was resolved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resolver: Option<ActorId>,
    },
    /// It became part of another ticket.
    Merged,
    /// It stands by itself again.
    Unmerged,
}

/// How a clock to a target stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which target.
    pub target: Target,
    /// When the clock began.
    pub started_at: Timestamp,
    /// The last instant that meets the target, unless something happens before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_after: Option<Timestamp>,
    /// When and how it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

impl Kept {
    fn of(clock: Clock) -> Self {
        let face = clock.face;
        let missed_after = face.breach.filter(|_| face.end.is_none()).map(|breach| breach.at);
        Self { target: face.target, started_at: face.started_at, missed_after, end: face.end }
    }
}

impl ReportState {
    fn take(&mut self, event: &LogEvent, ticket_event: &TicketEvent, rules: &Rules) {
        let place =
            Place { position: event.position, by: event.actor.id.clone(), team: event.actor.team.clone() };
        self.holder.take(ticket_event);
        self.hand_overs.take(event.occurred_at, &event.actor.id, ticket_event);
        let before = self.course.as_ref().map(|course| course.moments.clone()).unwrap_or_default();
        let moved = follow(&mut self.course, event, ticket_event);
        if let TicketEvent::Opened(opened) = ticket_event {
            (self.channel, self.language) = (Some(opened.channel), opened.language);
            self.places.clear();
        }
        let changed = self.course.as_ref().is_some_and(|course| course.moments != before);
        if moved || changed {
            self.place(&before, event.occurred_at, &place);
            Reports::judge(self, rules);
        }
        if let Some(is) = deed(event, ticket_event) {
            self.marks.push(Mark { place, at: event.occurred_at, is });
        }
    }

    /// Keeps the event of each moment that is still there, and names this one for those that are new.
    fn place(&mut self, before: &[Moment], at: Timestamp, place: &Place) {
        let moments = self.course.iter().flat_map(|course| &course.moments);
        let known: Vec<(&Moment, Place)> = before.iter().zip(std::mem::take(&mut self.places)).collect();
        let mut rest = known.as_slice();
        for moment in moments {
            let found = rest.iter().position(|(known, _)| *known == moment);
            let kept = match (found, self.places.last()) {
                (Some(found), _) => {
                    let kept = rest[found].1.clone();
                    rest = &rest[found + 1..];
                    kept
                }
                // What the undoing of a merge adds stems from the message before it.
                (None, Some(last)) if moment.at != at => last.clone(),
                (None, _) => place.clone(),
            };
            self.places.push(kept);
        }
    }
}

/// What of an event reports ask about.
fn deed(event: &LogEvent, ticket_event: &TicketEvent) -> Option<Deed> {
    Some(match ticket_event {
        TicketEvent::Opened(opened) => Deed::Opened {
            priority: opened.priority,
            category: opened.category.clone(),
            team: opened.team.clone(),
        },
        TicketEvent::PriorityChanged(changed) => Deed::Priority(changed.to),
        TicketEvent::CategoryChanged(changed) => Deed::Category(changed.to.clone()),
        TicketEvent::TeamChanged(changed) => Deed::Team(changed.to.clone()),
        TicketEvent::Assigned(assigned) => Deed::Assigned(assigned.to.clone()),
        TicketEvent::Reassigned(reassigned) => Deed::Assigned(reassigned.to.clone()),
        TicketEvent::Unassigned(_) => Deed::Unassigned,
        TicketEvent::Replied(_) if event.actor.role.answers_for_staff() => Deed::Replied,
        TicketEvent::Noted(_) => Deed::Noted,
        TicketEvent::CustomerReplied(_) | TicketEvent::ConfirmationRefused(_) | TicketEvent::Forwarded(_) => {
            Deed::Asked
        }
        TicketEvent::Resolved(resolved) => Deed::Resolved {
            category: resolved.category.clone(),
            resolution: resolved.resolution.clone(),
            assignee: resolved.assignee.clone(),
            survey: resolved.survey,
        },
        TicketEvent::Sealed(_) => Deed::Sealed,
        TicketEvent::Reopened(_) => Deed::Reopened,
        TicketEvent::Escalated(escalated) => Deed::Escalated(escalated.to.clone()),
        TicketEvent::Acknowledged(_) => Deed::Acknowledged,
        TicketEvent::Returned(returned) => {
            Deed::Returned { team: returned.to_team.clone(), assignee: returned.to_assignee.clone() }
        }
        TicketEvent::Rated(rated) => Deed::Rated {
            cycle: rated.cycle,
            score: rated.score,
            commented: rated.comment.is_some(),
            resolver: rated.resolver.clone(),
        },
        TicketEvent::Merged(_) => Deed::Merged,
        TicketEvent::Unmerged(_) => Deed::Unmerged,
        TicketEvent::Replied(_)
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
        | TicketEvent::Woken(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::SourceRecorded(_) => return None,
    })
}

/// Counts tickets.
const TALLY_TICKETS: i64 = 0;

impl Projector for Reports {
    const NAME: &'static str = "reports";
    const DEFINITION: u32 = 2;
    const COLUMNS: &'static [&'static str] = &["judged"];
    const INDEXES: &'static [&'static str] = &[facts::JUDGED_INDEX];
    const ROWS_CHANGE: bool = true;
    const FACTS: bool = true;
    type State = ReportState;
    type Context = Rules;
    const JUDGED: Option<&'static str> = facts::JUDGED;
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

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, rules: &Rules) -> Result<(), Rejected> {
        if let Ok(Event::Ticket(ticket_event)) = &event.event {
            let row = row.get_or_insert_with(|| Row { state: ReportState::default(), personal: None });
            row.state.take(event, ticket_event, rules);
        }
        Ok(())
    }

    fn judge(state: &mut ReportState, rules: &Rules) {
        let clocks = state.course.as_ref().map(|course| course.clocks(rules)).unwrap_or_default();
        state.clocks = clocks.into_iter().map(Kept::of).collect();
    }

    fn columns(state: &ReportState) -> Vec<i64> {
        vec![i64::from(state.course.as_ref().is_some_and(Course::is_open))]
    }

    fn tallies(_: &ReportState) -> Vec<Tally> {
        vec![Tally { name: TALLY_TICKETS, bucket: 0 }]
    }

    fn facts(state: &ReportState) -> Ledger {
        tell::ledger(state)
    }
}
