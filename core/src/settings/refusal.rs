//! Why a wish about a setting was not granted. Safe to show to whoever asked.

use super::closing::DAYS_MAX;
use super::policy::TARGET_SECONDS_MAX;
use super::routing::{RULES_MAX, VALUES_MAX};
use super::schedule::{HOLIDAYS_MAX, SHIFTS_MAX};
use super::template::{TEMPLATE_BYTES_MAX, Variable};
use super::{CHANGES_MAX, CatalogueName, ITEMS_MAX};
use crate::actor::Role;
use crate::names::{Slug, TzdataVersion, ZoneName};
use crate::time::Timestamp;

/// Why nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingRefusal {
    /// The role may not change this catalogue.
    #[error(
        "the role {role} does not allow changing {catalogue}; ask {ask}",
        role = .role.as_str(),
        catalogue = .catalogue.as_str(),
        ask = if .catalogue.may_be_changed_by(Role::Supervisor) { "a supervisor or an admin" } else { "an admin" }
    )]
    Role {
        /// The role that asked.
        role: Role,
        /// What it asked to change.
        catalogue: CatalogueName,
    },
    /// Nothing was ever published under this slug.
    #[error("there is no such entry among {}", .catalogue.as_str())]
    NotFound {
        /// Where it was looked for.
        catalogue: CatalogueName,
    },
    /// What was cannot be changed any more.
    #[error("the effective date lies before {now}; what was stays as it was, so choose a later one or none")]
    Past {
        /// When it was asked.
        now: Timestamp,
    },
    /// Docket does not work without it.
    #[error("{slug} is always needed; publish another version of it instead")]
    Needed {
        /// What cannot go.
        slug: Slug,
    },
    /// Another setting names it.
    #[error("{by} needs it then; change that first")]
    InUse {
        /// Which one, in words.
        by: String,
    },
    /// A team whose tickets nobody would look after any more.
    #[error(
        "tickets of this team that are not resolved: {tickets}; move them to another team first, many at once with \
         POST /api/v1/tickets/bulk and the command change-team"
    )]
    HoldsTickets {
        /// How many.
        tickets: u64,
    },
    /// More items than one catalogue may hold.
    #[error("there are {ITEMS_MAX} entries already, retired ones included")]
    TooManyItems,
    /// More changes than are kept in memory.
    #[error("this catalogue has been changed {CHANGES_MAX} times, which is as often as it can be")]
    TooManyChanges,
    /// A text of a template is longer than allowed.
    #[error("a template is at most {TEMPLATE_BYTES_MAX} bytes long in each language; {language} is longer")]
    TemplateTooLong {
        /// Which language.
        language: &'static str,
    },
    /// A template asks for something that there is not.
    #[error(
        "the {language} text asks for {{{{{name}}}}}, which there is not; use {known}",
        known = Variable::NAMES.join(", ")
    )]
    UnknownVariable {
        /// Which language.
        language: &'static str,
        /// What it asks for.
        name: String,
    },
    /// The braces of a template do not belong together.
    #[error(
        "the {language} text has {{{{ or }}}} without its counterpart; write variables as {{{{customer.name}}}}"
    )]
    UnbalancedBraces {
        /// Which language.
        language: &'static str,
    },
    /// More rules than one list may hold.
    #[error("a list holds {RULES_MAX} rules at most, with {VALUES_MAX} categories and as many tiers")]
    TooManyRules,
    /// Nothing fits a condition without values.
    #[error(
        "rule {rule} has a condition without values, which nothing fits; leave the condition out to let all in"
    )]
    EmptyCondition {
        /// Which rule, from 1.
        rule: usize,
    },
    /// Rules before it take all that it asks for.
    #[error(
        "rule {rule} is never reached: the rules before it take all that it asks for; move it up or leave it out"
    )]
    ShadowedRule {
        /// Which rule, from 1.
        rule: usize,
    },
    /// There is no such team at that time.
    #[error("there is no team {team} then; publish it first")]
    UnknownTeam {
        /// The team.
        team: Slug,
    },
    /// There is no such category at that time.
    #[error("there is no intake category {category} then; publish it first")]
    UnknownCategory {
        /// The category.
        category: Slug,
    },
    /// There is no such schedule at that time.
    #[error("there is no schedule {schedule} then; publish it first")]
    UnknownSchedule {
        /// The schedule.
        schedule: Slug,
    },
    /// A target is no length of time that anybody could keep.
    #[error("{what} of {priority} must be 1 to {TARGET_SECONDS_MAX} seconds (ten years), is {is}")]
    TargetOutOfRange {
        /// Which target.
        what: &'static str,
        /// Of which priority.
        priority: &'static str,
        /// What was given. Unit: seconds.
        is: i64,
    },
    /// A target that is never used up in the open hours that it is measured by.
    #[error(
        "{what} of {priority} takes more than a century of the schedule's open hours; shorten it, or open longer"
    )]
    NeverDue {
        /// Which target.
        what: &'static str,
        /// Of which priority.
        priority: &'static str,
    },
    /// A warning that could not come ahead of anything.
    #[error("the warning must begin 0 to 100 percent and 0 to {TARGET_SECONDS_MAX} seconds ahead")]
    WarningOutOfRange,
    /// No zone has this name.
    #[error("there is no time zone {zone}; use a name of the IANA database, such as Europe/Madrid")]
    UnknownZone {
        /// The name.
        zone: ZoneName,
    },
    /// Rules of another release of the time zone database were asked for.
    #[error("this release knows time zones as of {ours}, not {asked}; leave it out")]
    OtherTzdata {
        /// The release that was asked for.
        asked: TzdataVersion,
        /// The one that is known.
        ours: TzdataVersion,
    },
    /// A schedule that is never open.
    #[error("the schedule has no open time; add a shift")]
    NeverOpen,
    /// A shift that is none.
    #[error(
        "shift {shift} must open at minute 0 to 1439 of its day and close later, at most 1440 minutes after opening"
    )]
    ShiftOutOfRange {
        /// Which shift, from 1.
        shift: usize,
    },
    /// Two shifts at the same time.
    #[error("shift {shift} overlaps with another one; let one end where the other begins")]
    OverlappingShifts {
        /// Which shift, from 1.
        shift: usize,
    },
    /// A day that is a holiday twice.
    #[error("{date} is listed twice; leave one out")]
    HolidayTwice {
        /// The date.
        date: String,
    },
    /// More shifts or holidays than a schedule may hold.
    #[error("a schedule holds {SHIFTS_MAX} shifts and {HOLIDAYS_MAX} holidays at most")]
    ScheduleTooLong,
    /// A wait that nobody would wait for.
    #[error("{what} must be 1 to {DAYS_MAX} days, is {is}")]
    DaysOutOfRange {
        /// Which wait.
        what: &'static str,
        /// What was given. Unit: days.
        is: i64,
    },
    /// No answer could be taken any more when it counts as given.
    #[error("a ticket must not be sealed before it confirms itself; seal it later or confirm it earlier")]
    SealedBeforeConfirmed,
}

impl SettingRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role-not-allowed",
            Self::NotFound { .. } => "setting-not-found",
            Self::Past { .. } => "effective-date-past",
            Self::Needed { .. } => "setting-needed",
            Self::InUse { .. } | Self::HoldsTickets { .. } => "setting-in-use",
            Self::TooManyItems => "too-many-settings",
            Self::TooManyChanges => "too-many-changes",
            Self::TemplateTooLong { .. } => "template-too-long",
            Self::UnknownVariable { .. } => "unknown-variable",
            Self::UnbalancedBraces { .. } => "unbalanced-braces",
            Self::TooManyRules => "too-many-rules",
            Self::EmptyCondition { .. } => "empty-condition",
            Self::ShadowedRule { .. } => "shadowed-rule",
            Self::UnknownTeam { .. } => "unknown-team",
            Self::UnknownCategory { .. } => "unknown-category",
            Self::UnknownSchedule { .. } => "unknown-schedule",
            Self::TargetOutOfRange { .. } => "target-out-of-range",
            Self::NeverDue { .. } => "target-never-due",
            Self::WarningOutOfRange => "warning-out-of-range",
            Self::UnknownZone { .. } => "unknown-zone",
            Self::OtherTzdata { .. } => "other-tzdata",
            Self::NeverOpen => "never-open",
            Self::ShiftOutOfRange { .. } => "shift-out-of-range",
            Self::OverlappingShifts { .. } => "overlapping-shifts",
            Self::HolidayTwice { .. } => "holiday-twice",
            Self::ScheduleTooLong => "schedule-too-long",
            Self::DaysOutOfRange { .. } => "days-out-of-range",
            Self::SealedBeforeConfirmed => "sealed-before-confirmed",
        }
    }
}
