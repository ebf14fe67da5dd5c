//! What somebody may want of a ticket. Everything a rule needs is looked up beforehand and put in here.

use super::enclosed::Enclosing;
use super::event::{Channel, Destination, Language, Priority, RatedThrough, Score};
use crate::actor::Actor;
use crate::names::{ActorId, Slug, TicketNumber};
use crate::text::{Body, Line};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A wish, and whose it is.
#[derive(Clone, Debug)]
pub struct TicketCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// What is wished.
    pub action: Action,
}

/// Where escalations came from and a ticket cannot go back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Teams that are none any more.
    pub teams: BTreeSet<Slug>,
    /// Who works no tickets any more, or none of that team.
    pub people: BTreeSet<(ActorId, Option<Slug>)>,
}

impl Gone {
    /// Whether somebody is gone from where a ticket would go back to.
    pub fn has(&self, id: &ActorId, team: Option<&Slug>) -> bool {
        self.people.contains(&(id.clone(), team.cloned()))
    }
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum Action {
    /// Open the ticket.
    Open(Box<Open>),
    /// Say something, and what comes with it.
    Enclosing(Box<Enclosing>),
    /// Make somebody responsible, whoever was before.
    Assign {
        /// Who shall be responsible.
        to: ActorId,
    },
    /// Take it oneself.
    Take,
    /// Make nobody responsible.
    Unassign,
    /// Give it to routing again, whoever had it.
    Offer,
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
    /// Say that one has read what an escalation says.
    Acknowledge {
        /// Whether whoever says it works for the team that has the ticket. The handler looks it up, whatever stands here
        /// before.
        of_team: bool,
    },
    /// Hand an escalated ticket back to where it came from.
    Return {
        /// What they must know.
        context: Body,
        /// What it cannot go back to. The handler looks it up, whatever stands here before.
        gone: Gone,
    },
    /// Lay it aside until an instant.
    Snooze {
        /// Until when.
        until: Timestamp,
        /// The present instant. The handler says it, whatever stands here before.
        now: Timestamp,
    },
    /// Put tags on and take tags off.
    Tag {
        /// To put on.
        add: BTreeSet<Slug>,
        /// To take off; what is to be put on stays on.
        remove: BTreeSet<Slug>,
    },
    /// Set a custom field, or empty it.
    SetField {
        /// Which.
        field: Slug,
        /// What it shall hold; none to empty it.
        to: Option<Line>,
    },
    /// Follow it oneself.
    Follow,
    /// Follow it oneself no more.
    Unfollow,
    /// Link it with another ticket.
    Link {
        /// The other.
        to: TicketNumber,
    },
    /// Take such a link away.
    Unlink {
        /// The other.
        to: TicketNumber,
    },
    /// Make it part of another ticket of the same requester.
    Merge {
        /// The other.
        into: TicketNumber,
    },
    /// Let it stand by itself again.
    Unmerge,
    /// Say that it is solved, as the customer was asked; a timer says so for those who say nothing.
    Confirm,
    /// Say that it is not solved, and why: it is worked on again.
    Refuse {
        /// The message's identifier, new.
        message: Uuid,
        /// Why.
        body: Body,
    },
    /// Say how a cycle went.
    Rate {
        /// Which cycle; the one that ended last if it is not said.
        cycle: Option<u32>,
        /// How it was.
        score: Score,
        /// What there is to say about it.
        comment: Option<Body>,
        /// By which way they came.
        through: RatedThrough,
    },
    /// Take it up again that was laid aside, since its time has come.
    Wake {
        /// The time until which it was laid aside.
        until: Timestamp,
    },
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
    Take,
    Assign,
    Unassign,
    Offer,
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
    Acknowledge,
    Return,
    Snooze,
    Tag,
    SetField,
    Follow,
    Unfollow,
    Link,
    Unlink,
    Merge,
    Unmerge,
    Confirm,
    Refuse,
    Rate,
    Wake,
}

impl ActionName {
    /// Every action of the staff on an existing ticket, in the order of the pages. Rating is the customer's alone, and
    /// waking a timer's.
    pub const ALL: [Self; 29] = [
        Self::Take,
        Self::Assign,
        Self::Unassign,
        Self::Offer,
        Self::Reply,
        Self::Note,
        Self::CustomerReply,
        Self::SetPending,
        Self::SetOpen,
        Self::Snooze,
        Self::Escalate,
        Self::Acknowledge,
        Self::Return,
        Self::Resolve,
        Self::Confirm,
        Self::Refuse,
        Self::Reopen,
        Self::Seal,
        Self::ChangeTeam,
        Self::ChangePriority,
        Self::ChangeCategory,
        Self::Tag,
        Self::SetField,
        Self::Follow,
        Self::Unfollow,
        Self::Link,
        Self::Unlink,
        Self::Merge,
        Self::Unmerge,
    ];

    /// The last part of the command's path in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Offer => "offer",
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
            Self::Acknowledge => "acknowledge",
            Self::Return => "return",
            Self::Snooze => "snooze",
            Self::Tag => "tag",
            Self::SetField => "set-field",
            Self::Follow => "follow",
            Self::Unfollow => "unfollow",
            Self::Link => "link",
            Self::Unlink => "unlink",
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Confirm => "confirm",
            Self::Refuse => "refuse",
            Self::Rate => "rate",
            Self::Wake => "wake",
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
            | Self::Seal
            | Self::Snooze
            | Self::Return => true,
            Self::Take
            | Self::Assign
            | Self::Unassign
            | Self::Offer
            | Self::ChangeTeam
            | Self::ChangePriority
            | Self::ChangeCategory
            | Self::CustomerReply
            | Self::Note
            | Self::Acknowledge
            | Self::Tag
            | Self::SetField
            | Self::Follow
            | Self::Unfollow
            | Self::Link
            | Self::Unlink
            | Self::Merge
            | Self::Unmerge
            | Self::Confirm
            | Self::Refuse
            | Self::Rate
            | Self::Wake => false,
        }
    }
}
