//! How a resolved ticket comes to its end: when it counts as confirmed by itself, and when it takes no more.
//!
//! The list `default` is the one that is followed; others can be kept beside it. What a ticket is closed by is the version
//! that was in force when it was resolved. Source: PRODUCT section 2, docs/adr/0024-closing.md.

use super::command::Surroundings;
use super::refusal::SettingRefusal;
use super::{Catalogue, CatalogueName, Shelf, Version, defaults};
use crate::names::Slug;
use crate::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest wait: a year. Unit: days.
pub const DAYS_MAX: i64 = 365;

/// A wait. Unit: whole days of 24 hours, so that it is as long for everybody wherever their clocks are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Days(pub i64);

impl Days {
    /// How long it is.
    pub const fn duration(self) -> DurationMs {
        DurationMs::from_hours(24 * self.0)
    }
}

/// The waits after a ticket was resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// A customer who was asked to confirm and says nothing counts as content after this.
    pub confirm_after_days: Days,
    /// The ticket is sealed after this: it takes no more messages, answers or ratings.
    pub seal_after_days: Days,
}

impl Catalogue for Closing {
    const NAME: CatalogueName = CatalogueName::Closing;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::closing()
    }

    fn settle(self, _: &Slug, _: &Surroundings, _: Timestamp) -> Result<Self, SettingRefusal> {
        let Self { confirm_after_days, seal_after_days } = &self;
        for (what, Days(is)) in
            [("confirm_after_days", *confirm_after_days), ("seal_after_days", *seal_after_days)]
        {
            if !(1..=DAYS_MAX).contains(&is) {
                return Err(SettingRefusal::DaysOutOfRange { what, is });
            }
        }
        if confirm_after_days > seal_after_days {
            return Err(SettingRefusal::SealedBeforeConfirmed);
        }
        Ok(self)
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}

/// From when to when a version was in force, or is known to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it; none when no change is known.
    pub until: Option<Timestamp>,
    /// The version.
    pub version: Version<Closing>,
}

impl Shelf<Closing> {
    /// What a ticket is closed by that was resolved at an instant.
    pub fn followed(&self, resolved_at: Timestamp) -> Option<&Closing> {
        Some(&*self.in_force(&main(), resolved_at)?.content)
    }

    /// When each version of the list that is followed was in force, in order and without overlaps.
    pub fn spans(&self) -> Vec<Span> {
        let Some(item) = self.item(&main()) else { return Vec::new() };
        let mut starts = Vec::from_iter(item.changes().iter().map(|change| change.effective_at));
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).copied().map(Some).chain([None]);
        let spans = starts.iter().zip(ends).filter_map(|(from, until)| {
            Some(Span { from: *from, until, version: item.in_force(*from)?.clone() })
        });
        spans.collect()
    }
}

fn main() -> Slug {
    Slug::new(defaults::MAIN).expect("what Docket ships with has valid slugs")
}
