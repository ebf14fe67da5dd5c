//! What is promised when: the SLA policies and schedules as the log has made them, every version of them.

use super::event::Target;
use crate::decider::Decider;
use crate::names::Slug;
use crate::open_hours::OpenHours;
use crate::settings::policy::{TargetSeconds, Targets};
use crate::settings::{Schedule, SettingEvent, Shelf, ShelfDecider, ShelfEvent, SlaPolicy, Stored, defaults};
use crate::ticket::event::Priority;
use crate::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All versions of policies and schedules. A version never changes, and none takes effect before it was published,
/// so that what was promised at an instant is the same for ever.
#[derive(Debug)]
pub struct Rules {
    policies: Shelf<SlaPolicy>,
    schedules: Shelf<Schedule>,
    /// The policy of tickets for which no other is chosen.
    main: Slug,
    /// When any of them takes effect or ends, in order.
    changes: Vec<Timestamp>,
    hours: BTreeMap<Pinned, OnceLock<OpenHours>>,
}

/// A version of a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    /// Which.
    pub slug: Slug,
    /// Which version of it.
    pub version: u32,
}

/// What is promised for one target of one priority, and by which versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The policy.
    pub policy: Pinned,
    /// The priority that chose the target.
    pub priority: Priority,
    /// The time that it may take; none if nothing is promised. Unit: milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_ms: Option<DurationMs>,
    /// With this much time left it counts as approaching. Unit: milliseconds.
    pub warning_ms: DurationMs,
    /// The schedule whose open hours count; calendar time if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Pinned>,
}

impl Default for Rules {
    /// What Docket ships with, in force from the beginning.
    fn default() -> Self {
        Self::new(Shelf::default(), Shelf::default())
    }
}

impl Rules {
    /// Everything that was ever published or retired.
    pub fn new(policies: Shelf<SlaPolicy>, schedules: Shelf<Schedule>) -> Self {
        let main = Slug::new(defaults::MAIN).expect("a plain word is a slug");
        let mut rules = Self { policies, schedules, main, changes: Vec::new(), hours: BTreeMap::new() };
        rules.note_changes();
        rules
    }

    /// As if a policy had been in force for all tickets from the beginning, under the schedules of today: for trying it
    /// on what is past.
    pub fn trying(policy: SlaPolicy, schedules: &Shelf<Schedule>, today: Timestamp) -> Self {
        let mut tried = Shelf::empty();
        for (slug, version) in schedules.all_in_force(today) {
            tried.hold(slug, version.number, version.content.as_ref().clone());
        }
        let mut policies = Shelf::empty();
        let rules = Self::default();
        policies.hold(&rules.main, 1, policy);
        Self::new(policies, tried)
    }

    /// Takes a change of a setting, and tells whether it is about policies or schedules.
    pub fn take(&mut self, event: &SettingEvent) -> bool {
        let taken = evolved(&mut self.policies, event) || evolved(&mut self.schedules, event);
        if taken {
            self.note_changes();
        }
        taken
    }

    fn note_changes(&mut self) {
        let policies = self.policies.items().flat_map(|(_, item)| item.changes());
        let policies = policies.map(|change| change.effective_at);
        let schedules = self.schedules.items().flat_map(|(_, item)| item.changes());
        self.changes = policies.chain(schedules.map(|change| change.effective_at)).collect();
        self.changes.sort_unstable();
        self.changes.dedup();
        for (slug, item) in self.schedules.items() {
            for version in item.changes().iter().filter_map(|change| change.version.as_ref()) {
                let pinned = Pinned { slug: slug.clone(), version: version.number };
                self.hours.entry(pinned).or_default();
            }
        }
    }

    /// The first instant after another at which something takes effect or ends.
    pub fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        self.changes.get(self.changes.partition_point(|change| *change <= after)).copied()
    }

    /// Whether any version promises a target at all.
    pub fn has(&self, target: Target) -> bool {
        let versions = self.policies.item(&self.main).into_iter().flat_map(|item| item.changes());
        versions.filter_map(|change| change.version.as_ref()).any(|version| {
            Priority::ALL.iter().any(|priority| of(version.content.targets.of(*priority), target).is_some())
        })
    }

    /// What is promised at an instant. A ticket whose priority is not known counts as normal.
    ///
    /// Nothing is if no policy is in force, which the rules of settings do not let happen.
    pub fn terms(&self, target: Target, priority: Option<Priority>, at: Timestamp) -> Terms {
        let priority = priority.unwrap_or(Priority::Normal);
        let Some(version) = self.policies.in_force(&self.main, at) else {
            let policy = Pinned { slug: self.main.clone(), version: 0 };
            return Terms { policy, priority, target_ms: None, warning_ms: DurationMs(0), schedule: None };
        };
        let (policy, targets) = (&version.content, version.content.targets.of(priority));
        let target_ms = of(targets, target).map(|TargetSeconds(seconds)| DurationMs::from_seconds(seconds));
        let share_ms = target_ms.map_or(0, |target| target.0 / 100 * policy.warning.share_percent);
        let schedule = targets.schedule.as_ref().and_then(|slug| {
            let version = self.schedules.in_force(slug, at)?;
            Some(Pinned { slug: slug.clone(), version: version.number })
        });
        Terms {
            policy: Pinned { slug: self.main.clone(), version: version.number },
            priority,
            target_ms,
            warning_ms: DurationMs::from_seconds(policy.warning.at_least_s).max(DurationMs(share_ms)),
            schedule,
        }
    }

    /// The open hours of a version of a schedule; none for calendar time.
    fn hours(&self, schedule: Option<&Pinned>) -> Option<&OpenHours> {
        let pinned = schedule?;
        let kept = self.hours.get(pinned)?;
        let version = self.schedules.item(&pinned.slug)?.version(pinned.version)?;
        Some(kept.get_or_init(|| OpenHours::of(&version.content)))
    }

    /// The time that counts between two instants under terms; negative if the second lies before the first.
    pub fn between(&self, terms: &Terms, from: Timestamp, until: Timestamp) -> DurationMs {
        let hours = self.hours(terms.schedule.as_ref());
        hours.map_or_else(|| until.since(from), |hours| hours.between(from, until))
    }

    /// The first instant by which so much time has passed; none if it never does.
    pub fn used_up(&self, terms: &Terms, from: Timestamp, span: DurationMs) -> Option<Timestamp> {
        let hours = self.hours(terms.schedule.as_ref());
        hours.map_or_else(|| Some(from.plus(span)), |hours| hours.used_up(from, span))
    }

    /// The last instant by which no more time has passed; none if it never does.
    pub fn kept_until(&self, terms: &Terms, from: Timestamp, span: DurationMs) -> Option<Timestamp> {
        let hours = self.hours(terms.schedule.as_ref());
        hours.map_or_else(|| Some(from.plus(span)), |hours| hours.kept_until(from, span))
    }
}

/// How long a target may take.
const fn of(targets: &Targets, target: Target) -> Option<TargetSeconds> {
    match target {
        Target::FirstResponse => Some(targets.first_response_s),
        Target::NextReply => targets.next_reply_s,
        Target::RequesterWait => targets.requester_wait_s,
        Target::AgentWork => targets.agent_work_s,
        Target::Resolution => targets.resolution_s,
    }
}

/// Takes an event into a catalogue if it is one of its own.
fn evolved<C: Stored>(shelf: &mut Shelf<C>, event: &SettingEvent) -> bool {
    if event.catalogue() != C::NAME {
        return false;
    }
    let event: Option<ShelfEvent<C>> = C::unwrap(event.clone());
    event.is_some_and(|event| {
        let before = std::mem::replace(shelf, Shelf::empty());
        *shelf = ShelfDecider::evolve(before, &event);
        true
    })
}
