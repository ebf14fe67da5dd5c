//! Why a wish about a ticket was not granted. Safe to show to whoever asked.

use super::command::ActionName;
use super::enclosed::ATTACHMENTS_MAX;
use crate::actor::Role;
use crate::names::{ActorId, Slug, TicketNumber};
use crate::settings::template::Variable;

/// What a ticket may only have so many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Tags.
    Tags,
    /// Custom fields.
    Fields,
    /// Followers.
    Followers,
    /// Links.
    Links,
}

impl Bound {
    /// In a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Fields => "custom fields",
            Self::Followers => "followers",
            Self::Links => "links",
        }
    }
}

/// Why nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefusal {
    /// No ticket has this number.
    #[error("there is no such ticket")]
    NotFound,
    /// The number is taken already.
    #[error("the ticket is already open")]
    AlreadyOpened,
    /// The ticket is resolved, and what is wished needs one that is not.
    #[error("the ticket is resolved; reopen it first")]
    Resolved,
    /// The ticket is not resolved, and what is wished needs one that is.
    #[error("the ticket is not resolved")]
    NotResolved,
    /// It was resolved otherwise already.
    #[error("the ticket is already resolved as {resolution}; reopen it to resolve it differently")]
    AlreadyResolved {
        /// The resolution that stands.
        resolution: String,
    },
    /// Sealed tickets take nothing more.
    #[error("the ticket is sealed and takes no more messages; open another one that follows it")]
    Sealed,
    /// Nobody is responsible.
    #[error("the ticket has no assignee; assign it before resolving it")]
    NoAssignee,
    /// Nobody has taken the ticket up, so there is nothing to go back to.
    #[error("the ticket is new; assign it or answer it to open it")]
    NotStarted,
    /// The role may not do this.
    #[error("the role {role} does not allow {action}", role = .role.as_str(), action = .action.as_str())]
    Role {
        /// The role that asked.
        role: Role,
        /// What it asked for.
        action: ActionName,
    },
    /// The role may not open tickets.
    #[error("the role {role} does not allow opening tickets", role = .role.as_str())]
    RoleMayNotOpen {
        /// The role that asked.
        role: Role,
    },
    /// The team is not in force.
    #[error("there is no team {team} now; choose one of GET /api/v1/settings/teams")]
    UnknownTeam {
        /// The team.
        team: Slug,
    },
    /// The intake category is not in force.
    #[error(
        "there is no intake category {category} now; choose one of GET /api/v1/settings/intake-categories"
    )]
    UnknownCategory {
        /// The category.
        category: Slug,
    },
    /// The reason to escalate is not in force.
    #[error("there is no reason {reason} now; choose one of GET /api/v1/settings/escalation-reasons")]
    UnknownReason {
        /// The reason.
        reason: Slug,
    },
    /// The resolution category is not in force.
    #[error(
        "there is no resolution {resolution} now; choose one of GET /api/v1/settings/resolution-categories"
    )]
    UnknownResolution {
        /// The resolution category.
        resolution: Slug,
    },
    /// The template is not in force, or has no such version yet.
    #[error("there is no such template {template} now; choose one of GET /api/v1/settings/templates")]
    UnknownTemplate {
        /// The template.
        template: Slug,
    },
    /// Something that the template says is not known.
    #[error("nothing is known to stand for {}; write it yourself, or choose another template", names(.variables))]
    TemplateValueMissing {
        /// What stands for nothing.
        variables: Vec<Variable>,
    },
    /// What the template comes to is longer than a message may be.
    #[error("with everything filled in, the text is longer than a message may be")]
    RenderedTooLong,
    /// A file is named that neither came with the ticket nor was sent by whoever names it.
    #[error(
        "you have sent no file of this digest within the last day, and none came with this ticket; send it first"
    )]
    UnknownAttachment,
    /// Files come with messages alone.
    #[error("a file comes with a message alone; send it with a reply or a note")]
    NoMessageToAttachTo,
    /// More files than may come with one message.
    #[error("at most {ATTACHMENTS_MAX} files come with one message; send the others with another")]
    TooManyAttachments,
    /// The escalation would leave the ticket where it is.
    #[error("the ticket is there already; choose another team or supervisor")]
    EscalatedToItself,
    /// It is somebody else's, and only supervisors and admins take a ticket from somebody.
    #[error("the ticket is {assignee}'s; ask a supervisor to reassign it")]
    OfSomebodyElse {
        /// Whose it is.
        assignee: ActorId,
    },
    /// Nobody who works tickets now has this identifier.
    #[error("nobody who works tickets is called {id}; choose one of GET /api/v1/staff who is active")]
    UnknownAssignee {
        /// Who was named.
        id: ActorId,
    },
    /// Nobody who takes escalations now has this identifier.
    #[error("nobody who takes escalations is called {id}; choose one of the ticket's destinations")]
    UnknownSupervisor {
        /// Who was named.
        id: ActorId,
    },
    /// Nobody of the team could be given an escalated ticket now.
    #[error(
        "the team {team} has nobody who may take escalated tickets; choose one of the ticket's destinations"
    )]
    TeamWithoutMembers {
        /// The team.
        team: Slug,
    },
    /// Nothing was escalated, or it has been returned or resolved since.
    #[error("the ticket is not escalated")]
    NotEscalated,
    /// The context of the escalation is for whoever has the ticket, or while nobody does for others of its team.
    #[error(
        "an escalation is acknowledged by whoever it went to; take the ticket first, or leave it to its team"
    )]
    NotTheReceiver,
    /// The instant is past, or too far ahead.
    #[error("a ticket is laid aside until an instant in the future, at most 366 days ahead")]
    SnoozeOutOfRange,
    /// There would be too many.
    #[error("a ticket has at most {max} {what}", what = .what.as_str())]
    TooMany {
        /// Of what.
        what: Bound,
        /// How many there may be.
        max: usize,
    },
    /// The ticket is part of another one, where it is worked on.
    #[error("the ticket is merged into #{into}; work on that one, or unmerge this one first")]
    Merged {
        /// The other.
        into: TicketNumber,
    },
    /// The ticket that it is part of takes no more messages.
    #[error(
        "the ticket is merged into #{other}, which is sealed and takes no more messages; open another one that \
         follows it"
    )]
    MergedIntoSealed {
        /// The other.
        other: TicketNumber,
    },
    /// The ticket stands by itself.
    #[error("the ticket is not merged into another one")]
    NotMerged,
    /// A ticket is no part of itself.
    #[error("a ticket cannot be merged into itself; name another one")]
    MergedIntoItself,
    /// The other ticket is part of this one.
    #[error("#{other} is merged into this ticket; unmerge it first")]
    MergedInACircle {
        /// The other.
        other: TicketNumber,
    },
    /// The other ticket is part of a third one.
    #[error("#{other} is merged into #{into} itself; merge into that one")]
    TargetMerged {
        /// The other.
        other: TicketNumber,
        /// The third.
        into: TicketNumber,
    },
    /// The other ticket is sealed.
    #[error("#{other} is sealed: it takes no more messages and is not merged; link the two instead")]
    TargetSealed {
        /// The other.
        other: TicketNumber,
    },
    /// As many tickets are part of the other one as may be.
    #[error(
        "{max} tickets are merged into #{other} already; unmerge some of them first, or merge into another one"
    )]
    TargetFull {
        /// The other.
        other: TicketNumber,
        /// How many there may be.
        max: usize,
    },
    /// Other tickets are part of this one.
    #[error("#{other} is merged into this ticket; unmerge it first, or merge the other way round")]
    HasMerged {
        /// One of them.
        other: TicketNumber,
    },
    /// The other ticket is of another requester, who would read what is not meant for them.
    #[error("#{other} is of another customer; only tickets of the same customer are merged")]
    OfAnotherCustomer {
        /// The other.
        other: TicketNumber,
    },
    /// A ticket is linked with others only.
    #[error("a ticket cannot be linked with itself; name another one")]
    LinkedToItself,
    /// There is no such other ticket.
    #[error("there is no ticket #{other}")]
    OtherNotFound {
        /// The number.
        other: TicketNumber,
    },
    /// The ticket was resolved without asking whether it is solved.
    #[error("nobody was asked to confirm this; write a message if there is more to do")]
    ConfirmationNotAsked,
    /// The ticket was resolved without asking how it went.
    #[error("nobody asked for a rating of this")]
    RatingNotAsked,
    /// It was rated already, and otherwise.
    #[error("this was rated as {score} already, and a rating stays as it was given")]
    AlreadyRated {
        /// The rating that stands.
        score: &'static str,
    },
    /// The ticket was worked on again since.
    #[error("the ticket was worked on again since; it can be rated once that is done")]
    CycleOver,
}

impl TicketRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ticket-not-found",
            Self::AlreadyOpened => "ticket-already-opened",
            Self::Resolved => "ticket-resolved",
            Self::NotResolved => "ticket-not-resolved",
            Self::AlreadyResolved { .. } => "ticket-already-resolved",
            Self::Sealed => "ticket-sealed",
            Self::NoAssignee => "ticket-without-assignee",
            Self::NotStarted => "ticket-not-started",
            Self::Role { .. } | Self::RoleMayNotOpen { .. } => "role-not-allowed",
            Self::EscalatedToItself => "escalation-to-itself",
            Self::OfSomebodyElse { .. } => "ticket-of-somebody-else",
            Self::UnknownAssignee { .. } => "unknown-assignee",
            Self::UnknownSupervisor { .. } => "unknown-supervisor",
            Self::TeamWithoutMembers { .. } => "team-without-members",
            Self::NotEscalated => "ticket-not-escalated",
            Self::NotTheReceiver => "not-the-receiver",
            Self::SnoozeOutOfRange => "snooze-out-of-range",
            Self::TooMany { .. } => "ticket-has-too-many",
            Self::Merged { .. } => "ticket-merged",
            Self::MergedIntoSealed { .. } => "merged-into-sealed",
            Self::NotMerged => "ticket-not-merged",
            Self::MergedIntoItself => "merged-into-itself",
            Self::MergedInACircle { .. } => "merged-in-a-circle",
            Self::TargetMerged { .. } => "merge-target-merged",
            Self::TargetSealed { .. } => "merge-target-sealed",
            Self::TargetFull { .. } => "merge-target-full",
            Self::HasMerged { .. } => "merge-source-has-merged",
            Self::OfAnotherCustomer { .. } => "merge-of-another-customer",
            Self::LinkedToItself => "linked-to-itself",
            Self::OtherNotFound { .. } => "other-ticket-not-found",
            Self::ConfirmationNotAsked => "confirmation-not-asked",
            Self::RatingNotAsked => "rating-not-asked",
            Self::AlreadyRated { .. } => "already-rated",
            Self::CycleOver => "cycle-over",
            Self::UnknownTeam { .. } => "unknown-team",
            Self::UnknownCategory { .. } => "unknown-category",
            Self::UnknownReason { .. } => "unknown-escalation-reason",
            Self::UnknownResolution { .. } => "unknown-resolution",
            Self::UnknownTemplate { .. } => "unknown-template",
            Self::TemplateValueMissing { .. } => "template-value-missing",
            Self::RenderedTooLong => "template-too-long",
            Self::UnknownAttachment => "unknown-attachment",
            Self::NoMessageToAttachTo => "no-message-to-attach-to",
            Self::TooManyAttachments => "too-many-attachments",
        }
    }
}

fn names(variables: &[Variable]) -> String {
    variables.iter().map(|variable| variable.as_str()).collect::<Vec<_>>().join(", ")
}
