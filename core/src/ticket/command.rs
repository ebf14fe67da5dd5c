//! What somebody may want of a ticket. Everything a rule needs is looked up beforehand and put in here.

use super::event::{Channel, Destination, Language, Priority};
use crate::actor::Actor;
use crate::names::{ActorId, Slug, TicketNumber};
use crate::text::{Body, Line};
use uuid::Uuid;

/// A wish, and whose it is.
#[derive(Clone, Debug)]
pub struct TicketCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// What is wished.
    pub action: Action,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum Action {
    /// Open the ticket.
    Open(Box<Open>),
    /// Make somebody responsible, whoever was before.
    Assign {
        /// Who shall be responsible.
        to: ActorId,
    },
    /// Make nobody responsible.
    Unassign,
    /// Move into a team's queue, or out of any.
    ChangeTeam {
        /// The team, or none.
        to: Option<Slug>,
    },
    /// Set how urgent it is.
    ChangePriority {
        /// The priority.
        to: Priority,
    },
    /// Set what it is about.
    ChangeCategory {
        /// The intake category.
        to: Slug,
    },
    /// Answer the customer in public.
    Reply {
        /// The message's identifier, new.
        message: Uuid,
        /// What to say.
        body: Body,
        /// Wait for the customer afterwards.
        then_pending: bool,
    },
    /// The customer writes.
    CustomerReply {
        /// The message's identifier, new.
        message: Uuid,
        /// What they say.
        body: Body,
    },
    /// Leave an internal note.
    Note {
        /// The note's identifier, new.
        message: Uuid,
        /// What it says.
        body: Body,
    },
    /// Wait for somebody outside.
    SetPending {
        /// For what.
        reason: Slug,
    },
    /// Take it up again without a message of the customer.
    SetOpen,
    /// Hand it over to people who know or may do more.
    Escalate {
        /// Why.
        reason: Slug,
        /// Where to.
        to: Destination,
        /// What the receiver must know.
        context: Body,
    },
    /// Declare the work done.
    Resolve {
        /// Resolution category.
        resolution: Slug,
        /// Whether the category wants somebody to have been responsible. The handler looks it up, whatever stands
        /// here before.
        needs_assignee: bool,
        /// Closing notes for staff.
        notes: Option<Body>,
        /// Ask the customer to confirm.
        confirmation: bool,
        /// Send a survey.
        survey: bool,
    },
    /// Work on it again.
    Reopen,
    /// Take no more messages.
    Seal,
}

/// What is needed to open a ticket.
#[derive(Clone, Debug)]
pub struct Open {
    /// Who asks.
    pub requester: ActorId,
    /// Name of who asks.
    pub requester_name: Option<Line>,
    /// E-mail address of who asks.
    pub requester_email: Option<Line>,
    /// One line about it.
    pub subject: Line,
    /// The first message.
    pub body: Body,
    /// The way it came in.
    pub channel: Channel,
    /// The language to answer in.
    pub language: Language,
    /// How urgent.
    pub priority: Priority,
    /// What it is about.
    pub category: Option<Slug>,
    /// Whose queue it starts in.
    pub team: Option<Slug>,
    /// The sealed ticket that it continues.
    pub follows: Option<TicketNumber>,
}

/// The name of an action without what it carries: what the API and the pages offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the action of the same name")]
pub enum ActionName {
    Assign,
    Unassign,
    ChangeTeam,
    ChangePriority,
    ChangeCategory,
    Reply,
    CustomerReply,
    Note,
    SetPending,
    SetOpen,
    Escalate,
    Resolve,
    Reopen,
    Seal,
}

impl ActionName {
    /// Every action on an existing ticket, in the order of the pages.
    pub const ALL: [Self; 14] = [
        Self::Assign,
        Self::Unassign,
        Self::Reply,
        Self::Note,
        Self::CustomerReply,
        Self::SetPending,
        Self::SetOpen,
        Self::Escalate,
        Self::Resolve,
        Self::Reopen,
        Self::Seal,
        Self::ChangeTeam,
        Self::ChangePriority,
        Self::ChangeCategory,
    ];

    /// The last part of the command's path in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::ChangeTeam => "change-team",
            Self::ChangePriority => "change-priority",
            Self::ChangeCategory => "change-category",
            Self::Reply => "reply",
            Self::CustomerReply => "customer-reply",
            Self::Note => "note",
            Self::SetPending => "set-pending",
            Self::SetOpen => "set-open",
            Self::Escalate => "escalate",
            Self::Resolve => "resolve",
            Self::Reopen => "reopen",
            Self::Seal => "seal",
        }
    }

    /// Whether it is decided on what was said so far, so that whoever gives the command must have read it. The others
    /// commute with messages (docs/adr/0011-what-moves-a-thread.md).
    pub const fn depends_on_the_thread(self) -> bool {
        match self {
            Self::Reply
            | Self::SetPending
            | Self::SetOpen
            | Self::Escalate
            | Self::Resolve
            | Self::Reopen
            | Self::Seal => true,
            Self::Assign
            | Self::Unassign
            | Self::ChangeTeam
            | Self::ChangePriority
            | Self::ChangeCategory
            | Self::CustomerReply
            | Self::Note => false,
        }
    }
}
