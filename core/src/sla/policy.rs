//! Which target applies to which priority. A version of a policy never changes.

use crate::names::Slug;
use crate::ticket::event::Priority;
use crate::time::DurationMs;
use std::sync::LazyLock;

/// A version of a policy: targets in calendar time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its stable name.
    pub name: Slug,
    /// Which version.
    pub version: u32,
    first_response: [DurationMs; 4],
}

/// "Approaching" begins at the latest this long before a target is due.
const WARNING_MIN: DurationMs = DurationMs::from_minutes(15);

/// "Approaching" begins this share of the target before it is due. Unit: percent.
const WARNING_PERCENT: i64 = 20;

impl Policy {
    /// The policy of the guide: first response within 1, 4, 24 and 48 hours.
    pub fn of_the_guide() -> &'static Self {
        static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy {
            name: Slug::new("default").expect("a plain word is a slug"),
            version: 1,
            first_response: [1, 4, 24, 48].map(DurationMs::from_hours),
        });
        &POLICY
    }

    /// How long the first response may take. A ticket whose priority is not known counts as normal.
    pub fn first_response(&self, priority: Option<Priority>) -> DurationMs {
        let index = match priority.unwrap_or(Priority::Normal) {
            Priority::Urgent => 0,
            Priority::High => 1,
            Priority::Normal => 2,
            Priority::Low => 3,
        };
        self.first_response[index]
    }

    /// How long before it is due a target counts as approaching: 20 % of it, at least 15 minutes.
    pub fn warning(target: DurationMs) -> DurationMs {
        DurationMs(target.0 / 100 * WARNING_PERCENT).max(WARNING_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_targets_are_those_of_the_guide() {
        let policy = Policy::of_the_guide();
        let hours = Priority::ALL.map(|priority| policy.first_response(Some(priority)).0 / 3_600_000);
        assert_eq!(hours, [1, 4, 24, 48]);
        assert_eq!(policy.first_response(None), DurationMs::from_hours(24));
    }

    #[test]
    fn a_warning_comes_a_fifth_but_at_least_a_quarter_of_an_hour_ahead() {
        assert_eq!(Policy::warning(DurationMs::from_hours(1)), DurationMs::from_minutes(15));
        assert_eq!(Policy::warning(DurationMs::from_hours(4)), DurationMs::from_minutes(48));
        assert_eq!(Policy::warning(DurationMs::from_hours(48)), DurationMs::from_minutes(576));
    }
}
