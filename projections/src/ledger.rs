//! What a ticket adds to reports: facts with a beginning, an end, a value and an attribution (docs/METRICS.md).
//!
//! A projector tells the facts of each row; the read model keeps them beside the rows in columns
//! (docs/adr/0028-report-columns.md).

use crate::holder::Holder;
use compact_str::CompactString;
use docket_core::names::GlobalPosition;
use docket_core::time::Timestamp;

/// What a fact is about. Stored numbers: they never change their meaning within a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Measure {
    /// From the opening to the first public reply of the staff.
    FirstResponse = 1,
    /// From the oldest unanswered message of the customer, after the first answer, to the next public reply.
    NextReply,
    /// From the opening to the first resolution.
    FirstResolution,
    /// From the opening to the resolution that stands.
    FullResolution,
    /// From the opening to the resolution that stands, without waiting for the customer.
    RequesterWait,
    /// From the first assignment to the resolution that stands, without waiting for the customer.
    AgentWork,
    /// What became of the survey of each resolved cycle.
    Satisfaction,
    /// From each escalation until it was taken over.
    HandOver,
    /// What people did.
    Activity,
    /// Each stretch that a ticket was open.
    Spell,
    /// Targets of the first response.
    SlaFirstResponse,
    /// Targets of next replies.
    SlaNextReply,
    /// Targets of the requester's wait.
    SlaRequesterWait,
    /// Targets of the agents' work.
    SlaAgentWork,
    /// Targets of the resolution.
    SlaResolution,
}

impl Measure {
    /// Every measure, in the order of their numbers.
    pub const ALL: [Self; 15] = [
        Self::FirstResponse,
        Self::NextReply,
        Self::FirstResolution,
        Self::FullResolution,
        Self::RequesterWait,
        Self::AgentWork,
        Self::Satisfaction,
        Self::HandOver,
        Self::Activity,
        Self::Spell,
        Self::SlaFirstResponse,
        Self::SlaNextReply,
        Self::SlaRequesterWait,
        Self::SlaAgentWork,
        Self::SlaResolution,
    ];

    pub(crate) fn of(number: u64) -> Option<Self> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        Self::ALL.get(place).copied()
    }
}

/// How a fact stands. Stored numbers: they never change their meaning within a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// It has not ended.
    Open,
    /// It has ended, and its duration counts.
    Done,
    /// The ticket was resolved without it.
    Without,
    /// The ticket was merged into another before it ended.
    Merged,
    /// Rated good.
    Good,
    /// Rated bad.
    Bad,
    /// Not rated.
    Unrated,
    /// A target that was met.
    Met,
    /// A target that was missed.
    Missed,
    /// A target that was met by resolving without an answer.
    FulfilledByResolution,
    /// The same, too late.
    ResolvedLate,
    /// A target that a merge called off.
    Cancelled,
    /// A target that runs; whether it is missed by now depends on the instant of asking.
    Running,
    /// A public reply.
    PublicReply,
    /// An internal note.
    Note,
    /// A ticket that came to somebody.
    Taken,
    /// A resolution.
    Resolved,
    /// A resolution that did not last: told of whoever had resolved it.
    Reopened,
    /// An escalation, told of whoever escalated.
    Escalated,
}

impl Outcome {
    /// Every outcome, in the order of their numbers.
    pub const ALL: [Self; 19] = [
        Self::Open,
        Self::Done,
        Self::Without,
        Self::Merged,
        Self::Good,
        Self::Bad,
        Self::Unrated,
        Self::Met,
        Self::Missed,
        Self::FulfilledByResolution,
        Self::ResolvedLate,
        Self::Cancelled,
        Self::Running,
        Self::PublicReply,
        Self::Note,
        Self::Taken,
        Self::Resolved,
        Self::Reopened,
        Self::Escalated,
    ];

    /// Its name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Without => "resolved_without",
            Self::Merged => "merged",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unrated => "unrated",
            Self::Met => "met",
            Self::Missed => "missed",
            Self::FulfilledByResolution => "fulfilled_by_resolution",
            Self::ResolvedLate => "resolved_late",
            Self::Cancelled => "cancelled",
            Self::Running => "running",
            Self::PublicReply => "public_reply",
            Self::Note => "note",
            Self::Taken => "taken",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Escalated => "escalated",
        }
    }

    /// The outcome of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// Whether the fact's duration is part of mean and percentiles.
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Done | Self::Met | Self::Missed)
    }

    /// Whether the fact has not ended.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Running)
    }

    pub(crate) fn of(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// What is also true of a fact, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// A survey was sent.
    pub const ASKED: u8 = 1;
    /// The rating came with words.
    pub const COMMENTED: u8 = 2;
    /// The ticket was reopened at least once.
    pub const REOPENED: u8 = 4;
    /// With at most one public reply of the staff.
    pub const ONE_TOUCH: u8 = 8;
    /// Never reopened, and the customer did not have to write again.
    pub const FIRST_CONTACT: u8 = 16;
    /// The hand-over ended by an acknowledgement.
    pub const ACKNOWLEDGED: u8 = 32;

    /// Whether a bit is set.
    pub const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// The same with a bit set, if a condition holds.
    #[must_use]
    pub const fn with(self, bit: u8, holds: bool) -> Self {
        if holds { Self(self.0 | bit) } else { self }
    }
}

/// What figures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The category as of the fact's end; the present one while it is open.
    Category,
    /// The category that the ticket had first.
    Intake,
    /// The resolution category.
    Resolution,
    /// The priority as of the fact's end; the present one while it is open.
    Priority,
    /// For which team it was done; in whose queue it is while it is open.
    Team,
    /// Who did it; who is responsible while it is open.
    Agent,
    /// The way the ticket came in.
    Channel,
    /// The language that its requester is answered in.
    Language,
}

impl Dimension {
    /// Every dimension, in the order in which a fact names them.
    pub const ALL: [Self; 8] = [
        Self::Category,
        Self::Intake,
        Self::Resolution,
        Self::Priority,
        Self::Team,
        Self::Agent,
        Self::Channel,
        Self::Language,
    ];

    /// Its name in queries and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Intake => "intake",
            Self::Resolution => "resolution",
            Self::Priority => "priority",
            Self::Team => "team",
            Self::Agent => "agent",
            Self::Channel => "channel",
            Self::Language => "language",
        }
    }

    /// The dimension of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == name)
    }
}

/// The names of a fact by [`Dimension`].
pub type Names = [Option<CompactString>; Dimension::ALL.len()];

/// One thing that reports count or measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub measure: Measure,
    /// How it stands.
    pub outcome: Outcome,
    /// What is also true of it.
    pub flags: Flags,
    /// When it began.
    pub began: Timestamp,
    /// When it ended, if it has.
    pub ended: Option<Timestamp>,
    /// The time that counts; 0 while it is open. Unit: whole seconds, rounded down; negative where an import steps back.
    pub value_s: i64,
    /// Right after this instant a running target is missed.
    pub missed_after: Option<Timestamp>,
    /// To whom and what it is attributed.
    pub names: Names,
    /// The event that it began with.
    pub began_position: Option<GlobalPosition>,
    /// The event that it ended with.
    pub ended_position: Option<GlobalPosition>,
}

/// The facts of one ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Whose it is now: it decides for whom reports count it.
    pub holder: Holder,
    /// In the order of their measures, and of each in the order of the log.
    pub facts: Vec<Fact>,
}
