//! How long things may take: targets by priority, in calendar or business time.

use super::command::Surroundings;
use super::refusal::SettingRefusal;
use super::words::Label;
use super::{Catalogue, CatalogueName, Schedule, defaults};
use crate::names::Slug;
use crate::open_hours::OpenHours;
use crate::ticket::event::Priority;
use crate::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest target: ten years. Unit: seconds.
pub const TARGET_SECONDS_MAX: i64 = 10 * 365 * 24 * 60 * 60;

/// A span of a target. Unit: whole seconds, of calendar or of business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetSeconds(pub i64);

/// An SLA policy. The one called `default` is that of tickets for which no other is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPolicy {
    /// What it is called.
    pub label: Label,
    /// The targets of each priority.
    pub targets: ByPriority<Targets>,
    /// When a target counts as approaching.
    #[serde(default)]
    pub warning: Warning,
}

/// Something for each priority; none can be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the priority of the same name")]
pub struct ByPriority<T> {
    pub urgent: T,
    pub high: T,
    pub normal: T,
    pub low: T,
}

impl<T> ByPriority<T> {
    /// That of one priority.
    pub const fn of(&self, priority: Priority) -> &T {
        match priority {
            Priority::Urgent => &self.urgent,
            Priority::High => &self.high,
            Priority::Normal => &self.normal,
            Priority::Low => &self.low,
        }
    }

    /// That of one priority, to be changed.
    pub const fn of_mut(&mut self, priority: Priority) -> &mut T {
        match priority {
            Priority::Urgent => &mut self.urgent,
            Priority::High => &mut self.high,
            Priority::Normal => &mut self.normal,
            Priority::Low => &mut self.low,
        }
    }
}

/// The targets of one priority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// From the opening to the first answer.
    pub first_response_s: TargetSeconds,
    /// From the customer's oldest unanswered message to the next answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_reply_s: Option<TargetSeconds>,
    /// From the opening to resolving, without the time that everybody waits for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_wait_s: Option<TargetSeconds>,
    /// From the first assignment to resolving, without the time that everybody waits for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_work_s: Option<TargetSeconds>,
    /// From the opening to resolving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_s: Option<TargetSeconds>,
    /// The schedule in whose open hours the targets are measured; calendar time if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Slug>,
}

/// When a target counts as approaching: the longer of the two before it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// A share of the target. Unit: percent.
    pub share_percent: i64,
    /// At least this long. Unit: seconds.
    pub at_least_s: i64,
}

impl Default for Warning {
    /// A fifth of the target, and a quarter of an hour at least (PRODUCT section 6).
    fn default() -> Self {
        Self { share_percent: 20, at_least_s: 15 * 60 }
    }
}

impl Targets {
    /// Refuses a target that never falls due in the open hours of a schedule.
    pub(super) fn fall_due(
        &self,
        priority: Priority,
        schedule: &Schedule,
        at: Timestamp,
    ) -> Result<(), SettingRefusal> {
        let hours = OpenHours::of(schedule);
        for (what, target) in self.named() {
            let target = target.map(|TargetSeconds(seconds)| DurationMs::from_seconds(seconds));
            if target.is_some_and(|target| hours.used_up(at, target).is_none()) {
                return Err(SettingRefusal::NeverDue { what, priority: priority.as_str() });
            }
        }
        Ok(())
    }

    fn named(&self) -> [(&'static str, Option<TargetSeconds>); 5] {
        [
            ("first_response_s", Some(self.first_response_s)),
            ("next_reply_s", self.next_reply_s),
            ("requester_wait_s", self.requester_wait_s),
            ("agent_work_s", self.agent_work_s),
            ("resolution_s", self.resolution_s),
        ]
    }
}

impl Catalogue for SlaPolicy {
    const NAME: CatalogueName = CatalogueName::SlaPolicies;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::sla_policies()
    }

    fn settle(self, _: &Slug, around: &Surroundings, at: Timestamp) -> Result<Self, SettingRefusal> {
        for priority in Priority::ALL {
            let targets = self.targets.of(priority);
            for (what, target) in targets.named() {
                if let Some(TargetSeconds(is)) = target
                    && !(1..=TARGET_SECONDS_MAX).contains(&is)
                {
                    return Err(SettingRefusal::TargetOutOfRange { what, priority: priority.as_str(), is });
                }
            }
            if let Some(slug) = &targets.schedule {
                let schedule = around.schedules.in_force(slug, at);
                let schedule =
                    schedule.ok_or_else(|| SettingRefusal::UnknownSchedule { schedule: slug.clone() })?;
                targets.fall_due(priority, &schedule.content, at)?;
            }
        }
        let Warning { share_percent, at_least_s } = self.warning;
        let fits = (0..=100).contains(&share_percent) && (0..=TARGET_SECONDS_MAX).contains(&at_least_s);
        if fits { Ok(self) } else { Err(SettingRefusal::WarningOutOfRange) }
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}
