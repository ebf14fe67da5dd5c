//! The reports by name: what each is made of, and what it counts.

use crate::ledger::{Flags, Measure, Outcome};

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReportName {
    /// How long tickets waited for their first answer.
    FirstResponse,
    /// How long later messages of customers waited for an answer.
    NextReply,
    /// Both: the guide's "average response time".
    Response,
    /// How long tickets took to be resolved for the first time.
    FirstResolution,
    /// How long they took until the resolution that stands.
    FullResolution,
    /// The same without waiting for the customer.
    RequesterWait,
    /// From the first assignment, without waiting for the customer.
    AgentWork,
    /// What customers thought of it.
    Satisfaction,
    /// How long what was escalated waited to be taken over.
    HandOver,
    /// What people did.
    Activity,
    /// How many tickets came, were resolved, and were open.
    Backlog,
    /// How the targets of the first response were kept.
    SlaFirstResponse,
    /// How those of next replies were.
    SlaNextReply,
    /// How those of the requester's wait were.
    SlaRequesterWait,
    /// How those of the agents' work were.
    SlaAgentWork,
    /// How those of the resolution were.
    SlaResolution,
}

impl ReportName {
    /// Every report, in the order of the docs.
    pub const ALL: [Self; 16] = [
        Self::FirstResponse,
        Self::NextReply,
        Self::Response,
        Self::FirstResolution,
        Self::FullResolution,
        Self::RequesterWait,
        Self::AgentWork,
        Self::Satisfaction,
        Self::HandOver,
        Self::Activity,
        Self::Backlog,
        Self::SlaFirstResponse,
        Self::SlaNextReply,
        Self::SlaRequesterWait,
        Self::SlaAgentWork,
        Self::SlaResolution,
    ];

    /// Its name in addresses and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first-response",
            Self::NextReply => "next-reply",
            Self::Response => "response",
            Self::FirstResolution => "first-resolution",
            Self::FullResolution => "full-resolution",
            Self::RequesterWait => "requester-wait",
            Self::AgentWork => "agent-work",
            Self::Satisfaction => "satisfaction",
            Self::HandOver => "hand-over",
            Self::Activity => "activity",
            Self::Backlog => "backlog",
            Self::SlaFirstResponse => "sla-first-response",
            Self::SlaNextReply => "sla-next-reply",
            Self::SlaRequesterWait => "sla-requester-wait",
            Self::SlaAgentWork => "sla-agent-work",
            Self::SlaResolution => "sla-resolution",
        }
    }

    /// The report of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.as_str() == name)
    }

    /// The measures that it is made of.
    pub const fn measures(self) -> &'static [Measure] {
        match self {
            Self::FirstResponse => &[Measure::FirstResponse],
            Self::NextReply => &[Measure::NextReply],
            Self::Response => &[Measure::FirstResponse, Measure::NextReply],
            Self::FirstResolution => &[Measure::FirstResolution],
            Self::FullResolution => &[Measure::FullResolution],
            Self::RequesterWait => &[Measure::RequesterWait],
            Self::AgentWork => &[Measure::AgentWork],
            Self::Satisfaction => &[Measure::Satisfaction],
            Self::HandOver => &[Measure::HandOver],
            Self::Activity => &[Measure::Activity],
            Self::Backlog => &[Measure::Spell],
            Self::SlaFirstResponse => &[Measure::SlaFirstResponse],
            Self::SlaNextReply => &[Measure::SlaNextReply],
            Self::SlaRequesterWait => &[Measure::SlaRequesterWait],
            Self::SlaAgentWork => &[Measure::SlaAgentWork],
            Self::SlaResolution => &[Measure::SlaResolution],
        }
    }

    /// Whether it tells durations.
    pub(super) const fn measures_time(self) -> bool {
        !matches!(self, Self::Satisfaction | Self::Activity | Self::Backlog)
    }

    /// Whether it is about targets, some of which may run.
    pub(super) const fn is_of_targets(self) -> bool {
        matches!(
            self,
            Self::SlaFirstResponse
                | Self::SlaNextReply
                | Self::SlaRequesterWait
                | Self::SlaAgentWork
                | Self::SlaResolution
        )
    }

    /// What is counted, by outcome, in its words.
    pub(super) const fn outcomes(self) -> &'static [Outcome] {
        match self {
            Self::FirstResponse | Self::NextReply | Self::Response => &[Outcome::Without, Outcome::Merged],
            Self::FirstResolution
            | Self::FullResolution
            | Self::RequesterWait
            | Self::AgentWork
            | Self::HandOver => &[Outcome::Merged],
            Self::Satisfaction => &[Outcome::Good, Outcome::Bad, Outcome::Unrated],
            Self::Activity => &[
                Outcome::PublicReply,
                Outcome::Note,
                Outcome::Taken,
                Outcome::Resolved,
                Outcome::Reopened,
                Outcome::Escalated,
            ],
            Self::Backlog => &[],
            Self::SlaFirstResponse
            | Self::SlaNextReply
            | Self::SlaRequesterWait
            | Self::SlaAgentWork
            | Self::SlaResolution => &[
                Outcome::Met,
                Outcome::Missed,
                Outcome::FulfilledByResolution,
                Outcome::ResolvedLate,
                Outcome::Cancelled,
            ],
        }
    }

    /// What is counted beside it, by flag.
    pub(super) const fn flags(self) -> &'static [(&'static str, u8)] {
        match self {
            Self::FirstResolution => &[("reopened", Flags::REOPENED)],
            Self::FullResolution => {
                &[("one_touch", Flags::ONE_TOUCH), ("first_contact", Flags::FIRST_CONTACT)]
            }
            Self::Satisfaction => &[("asked", Flags::ASKED), ("commented", Flags::COMMENTED)],
            Self::HandOver => &[("acknowledged", Flags::ACKNOWLEDGED)],
            Self::FirstResponse
            | Self::NextReply
            | Self::Response
            | Self::RequesterWait
            | Self::AgentWork
            | Self::Activity
            | Self::Backlog
            | Self::SlaFirstResponse
            | Self::SlaNextReply
            | Self::SlaRequesterWait
            | Self::SlaAgentWork
            | Self::SlaResolution => &[],
        }
    }
}
