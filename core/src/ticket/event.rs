//! What can happen to a ticket. Stored names are written by hand and never change (docs/EVENTS.md).

mod closed;
mod routed;
mod worked;

use crate::names::{ActorId, Slug, TicketNumber};
use crate::personal::PersonalText;
pub use closed::{Confirmed, ConfirmedBy, Rated, RatedThrough, Score};
pub use routed::{Candidate, OfferCause, Offered, Routed, Standing, ToldApartBy, WaitingFor};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
pub use worked::{
    Absorbing, Acknowledged, Attached, FieldChanged, Following, Forwarded, Linking, Merged, Returned,
    Snoozing, TagsChanged, TemplateUsed, Unmerged,
};

/// How urgent a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// First response within 1 hour by default.
    Urgent,
    /// First response within 4 hours by default.
    High,
    /// First response within 24 hours by default.
    Normal,
    /// First response within 48 hours by default.
    Low,
}

impl Priority {
    /// Every priority, most urgent first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::High, Self::Normal, Self::Low];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The priority of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == name)
    }
}

/// The way a ticket or message came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The JSON API.
    Api,
    /// The customers' portal.
    Portal,
    /// The agents' pages.
    Web,
    /// Telephone, written down by an agent.
    Phone,
    /// E-mail.
    Email,
    /// An import; the source's own word is in the record's source block.
    Import,
}

/// The language a customer is answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// Every language, in the order of the docs.
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The stored name: the code of ISO 639-1.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The language of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == name)
    }
}

/// Who asks for help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// Opaque identifier; also names the key that will seal the person's text.
    pub id: ActorId,
    /// Name as they gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonalText>,
    /// E-mail address as they gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<PersonalText>,
}

/// The ticket came into being. The first event of every ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// Who asks.
    pub requester: Requester,
    /// One line about it.
    pub subject: PersonalText,
    /// The first message; none in imports of logs without text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<PersonalText>,
    /// The way it came in.
    pub channel: Channel,
    /// The language to answer in, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How urgent; not known at once in some imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Intake category, if chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Slug>,
    /// The team whose queue it starts in, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
    /// The sealed ticket that this one continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketNumber>,
}

/// Somebody became responsible; nobody was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    /// Who is responsible now.
    pub to: ActorId,
}

/// Responsibility went from one person to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reassigned {
    /// Who was responsible.
    pub from: ActorId,
    /// Who is responsible now.
    pub to: ActorId,
}

/// Nobody is responsible any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unassigned {
    /// Who was responsible.
    pub from: ActorId,
}

/// The ticket moved to another team's queue, or out of any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamChanged {
    /// The team before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Slug>,
    /// The team now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Slug>,
}

/// The priority was set or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityChanged {
    /// The priority before, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Priority>,
    /// The priority now.
    pub to: Priority,
}

/// The intake category was set or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryChanged {
    /// The category before, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Slug>,
    /// The category now.
    pub to: Slug,
}

/// A message: a public reply by staff, a message of the customer, or an internal note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The message's own identifier, by which sending it twice is sending it once.
    pub message: Uuid,
    /// What it says; none in imports of logs without text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<PersonalText>,
}

/// The ticket waits for somebody outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPending {
    /// What it waits for: `customer`, or another reason.
    pub reason: Slug,
}

/// Staff took the ticket up again without a message of the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetOpen {}

/// Where an escalation goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Into a team's queue, unassigned.
    Team(Slug),
    /// To a supervisor in person.
    Supervisor(ActorId),
}

/// The ticket was handed over to people who know or may do more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalated {
    /// Why, from the list of reasons.
    pub reason: Slug,
    /// Where to.
    pub to: Destination,
    /// What the receiver must know.
    pub context: PersonalText,
    /// The team it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_team: Option<Slug>,
    /// The person it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_assignee: Option<ActorId>,
    /// Who escalated it; none where it was recorded before that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorId>,
}

/// The work is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// Resolution category; not known in some imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Slug>,
    /// Intake category at that moment, so that a later change rewrites no report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Slug>,
    /// Who was responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<ActorId>,
    /// Closing notes for future reference, for staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<PersonalText>,
    /// Whether the customer is asked to confirm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmation: bool,
    /// Whether a survey is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub survey: bool,
}

/// Why a resolved ticket is worked on again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenCause {
    /// The customer wrote again.
    CustomerReply,
    /// Staff found more to do.
    Staff,
    /// Not told by the source of an import.
    Unknown,
}

/// Work began again after resolving: a new cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reopened {
    /// Why.
    pub cause: ReopenCause,
    /// The cycle that begins: 2 for the first reopening.
    pub cycle: u32,
}

/// The ticket takes no more messages; the customer's next one opens a follow-up ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedForGood {}

/// Something the source of an import did that Docket has no word for; the facts are in the source block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRecorded {}

/// An event on a ticket's own stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum TicketEvent {
    Opened(Box<Opened>),
    Assigned(Assigned),
    Reassigned(Reassigned),
    Unassigned(Unassigned),
    TeamChanged(TeamChanged),
    PriorityChanged(PriorityChanged),
    CategoryChanged(CategoryChanged),
    Replied(Message),
    CustomerReplied(Message),
    Noted(Message),
    SetPending(SetPending),
    SetOpen(SetOpen),
    Escalated(Box<Escalated>),
    Resolved(Box<Resolved>),
    Reopened(Reopened),
    Sealed(SealedForGood),
    Routed(Box<Routed>),
    Offered(Offered),
    Attached(Box<Attached>),
    TemplateUsed(TemplateUsed),
    TagsChanged(TagsChanged),
    FieldChanged(FieldChanged),
    Followed(Following),
    Unfollowed(Following),
    Linked(Linking),
    Unlinked(Linking),
    Snoozed(Snoozing),
    Woken(Snoozing),
    Merged(Merged),
    Unmerged(Unmerged),
    Absorbed(Absorbing),
    Parted(Absorbing),
    Forwarded(Forwarded),
    Acknowledged(Acknowledged),
    Returned(Box<Returned>),
    Confirmed(Confirmed),
    ConfirmationRefused(Message),
    Rated(Box<Rated>),
    SourceRecorded(SourceRecorded),
}
