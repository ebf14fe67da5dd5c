//! What the contents of settings look like, for the description: the rules themselves know nothing of it.
//!
//! A test compares each with what is answered.

#![allow(dead_code, reason = "these describe what docket_core::settings reads and writes")]

use crate::api::shapes;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The same in every language; none can be left out.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelText {
    /// In English.
    #[schema(value_type = shapes::Line)]
    en: String,
    /// In Spanish.
    #[schema(value_type = shapes::Line)]
    es: String,
}

/// A team or an intake category.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamContent {
    /// What it is called.
    label: LabelText,
}

/// Why a ticket is handed over.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonContent {
    /// What it is called.
    label: LabelText,
}

/// How a ticket ended.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResolutionContent {
    /// What it is called.
    label: LabelText,
    /// Whether somebody must have been responsible.
    needs_assignee: bool,
}

/// What a template says.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateText {
    /// In English. Variables: `{{customer.name}}`, `{{ticket.number}}`, `{{ticket.subject}}`, `{{agent.name}}`,
    /// `{{team.name}}`.
    #[schema(value_type = shapes::TemplateBody)]
    en: String,
    /// In Spanish, with the same variables.
    #[schema(value_type = shapes::TemplateBody)]
    es: String,
}

/// A reply to start from.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateContent {
    /// What it is called in the reply editor.
    label: LabelText,
    /// What it says.
    body: TemplateText,
}

/// Which team a ticket goes to. Only the list `default` is followed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RoutingContent {
    /// The rules in the order in which they are tried; the first that fits counts.
    #[schema(max_items = 200)]
    rules: Vec<RuleContent>,
}

/// One rule. A condition that is left out lets everything in.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RuleContent {
    /// Intake categories that it asks for.
    #[schema(value_type = Option<Vec<shapes::Slug>>, required = false, min_items = 1)]
    categories: Option<Vec<String>>,
    /// Priorities that it asks for: `urgent`, `high`, `normal`, `low`.
    #[schema(value_type = Option<Vec<shapes::Priority>>, required = false, min_items = 1)]
    priorities: Option<Vec<String>>,
    /// Languages of the customer that it asks for: `en`, `es`.
    #[schema(value_type = Option<Vec<shapes::Language>>, required = false, min_items = 1)]
    languages: Option<Vec<String>>,
    /// Tiers of the customer that it asks for.
    #[schema(value_type = Option<Vec<shapes::Slug>>, required = false, min_items = 1)]
    tiers: Option<Vec<String>>,
    /// The team that the ticket goes to.
    #[schema(value_type = shapes::Slug)]
    team: String,
    /// The skill that whoever takes it must have.
    #[schema(value_type = Option<shapes::Slug>)]
    skill: Option<String>,
}

/// How long things may take.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SlaPolicyContent {
    /// What it is called.
    label: LabelText,
    /// The targets of each priority.
    targets: TargetsByPriority,
    /// When a target counts as approaching; 20 percent and 900 seconds if left out.
    #[schema(required = false)]
    warning: WarningContent,
}

/// Targets for each priority; none can be left out.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsByPriority {
    urgent: TargetsContent,
    high: TargetsContent,
    normal: TargetsContent,
    low: TargetsContent,
}

/// The targets of one priority, each 1 second to ten years.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsContent {
    /// From the opening to the first answer.
    #[schema(minimum = 1, maximum = 315_360_000, example = 3600)]
    first_response_s: i64,
    /// From the customer's oldest unanswered message to the next answer.
    #[schema(minimum = 1, maximum = 315_360_000)]
    next_reply_s: Option<i64>,
    /// From the opening to resolving, without the time that everybody waits for the customer.
    #[schema(minimum = 1, maximum = 315_360_000)]
    requester_wait_s: Option<i64>,
    /// From the first assignment to resolving, without the time that everybody waits for the customer.
    #[schema(minimum = 1, maximum = 315_360_000)]
    agent_work_s: Option<i64>,
    /// From the opening to resolving.
    #[schema(minimum = 1, maximum = 315_360_000)]
    resolution_s: Option<i64>,
    /// The schedule in whose open hours the targets are measured; calendar time if left out.
    #[schema(value_type = Option<shapes::Slug>)]
    schedule: Option<String>,
}

/// The longer of the two before a target is due.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WarningContent {
    /// A share of the target.
    #[schema(minimum = 0, maximum = 100)]
    share_percent: i64,
    /// At least this long.
    #[schema(minimum = 0, maximum = 315_360_000)]
    at_least_s: i64,
}

/// Open hours in local time.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleContent {
    /// What it is called.
    label: LabelText,
    /// The zone whose clocks count, by its name in the IANA database.
    #[schema(value_type = shapes::Zone)]
    zone: String,
    /// The release of the time zone database that it was checked with. Leave it out; it is written down.
    #[schema(value_type = Option<shapes::Tzdata>)]
    tzdata: Option<String>,
    /// The open hours of a week.
    #[schema(min_items = 1, max_items = 168)]
    shifts: Vec<ShiftContent>,
    /// The days on which no shift begins.
    #[schema(required = false, max_items = 1000)]
    holidays: Vec<HolidayContent>,
}

/// One stretch of open time, every week.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShiftContent {
    /// The day on which it opens.
    #[schema(value_type = shapes::Weekday)]
    day: String,
    /// When it opens, in minutes of the day.
    #[schema(minimum = 0, maximum = 1439, example = 540)]
    opens_min: u32,
    /// When it closes, in minutes of the same day; 1560 is 02:00 on the day after.
    #[schema(minimum = 1, maximum = 2879, example = 840)]
    closes_min: u32,
}

/// A day on which no shift begins.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidayContent {
    /// Which day, in the schedule's zone.
    #[schema(value_type = shapes::LocalDate)]
    date: String,
    /// What it is called.
    label: LabelText,
}

/// How a resolved ticket comes to its end. Only the list `default` is followed; what a ticket is closed by is the version
/// that was in force when it was resolved.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClosingContent {
    /// A customer who was asked to confirm and says nothing counts as content after so many days; not more than
    /// `seal_after_days`.
    #[schema(minimum = 1, maximum = 365, example = 7)]
    confirm_after_days: i64,
    /// The ticket takes no more messages, answers or ratings after so many days.
    #[schema(minimum = 1, maximum = 365, example = 14)]
    seal_after_days: i64,
}

/// Whether what was sent as `content` is written with objects and texts where it is stored with them: serde alone
/// would also take an object's values in an array, and a name as the key of an object.
pub(in crate::api) fn written_in_full(content: &impl Serialize, sent: &[u8]) -> bool {
    let Ok(sent) = serde_json::from_slice::<Value>(sent) else { return false };
    serde_json::to_value(content).is_ok_and(|stored| alike(&stored, &sent["content"]))
}

fn alike(stored: &Value, sent: &Value) -> bool {
    match (stored, sent) {
        // What is stored and was not sent is a default.
        (Value::Object(stored), Value::Object(sent)) => {
            stored.iter().all(|(name, value)| sent.get(name).is_none_or(|sent| alike(value, sent)))
        }
        (Value::Array(stored), Value::Array(sent)) => {
            stored.iter().zip(sent).all(|(stored, sent)| alike(stored, sent))
        }
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (_, Value::Null) => true,
        (
            Value::Object(_)
            | Value::Array(_)
            | Value::String(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Null,
            _,
        ) => false,
    }
}
