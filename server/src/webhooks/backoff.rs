//! How long to wait before trying again: longer each time, and not all at once.

use docket_core::record::hash;
use docket_core::time::DurationMs;

/// The wait after the first failure.
const FIRST: DurationMs = DurationMs::from_seconds(5);

/// The longest wait: how late an endpoint that works again gets what it missed.
pub const LONGEST: DurationMs = DurationMs::from_minutes(30);

/// How much a wait may differ, so that what failed together is not tried together. Unit: per cent, either way.
const JITTER_PERCENT: i64 = 20;

/// The wait after so many attempts. What it differs by comes from the name of what is tried, not from chance, so that
/// it can be explained and tested.
pub fn wait_before(attempts: u32, jitter: &str) -> DurationMs {
    let doubled = attempts.saturating_sub(1).min(20);
    let plain = FIRST.0.saturating_mul(1 << doubled).min(LONGEST.0);
    let digest = hash(format!("{jitter}/{attempts}").as_bytes());
    // From -20 to 20.
    let percent = i64::from(digest[0]) * (2 * JITTER_PERCENT) / 255 - JITTER_PERCENT;
    DurationMs(plain + plain * percent / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ_by_a_fifth_at_most() {
        let mut plain = 5_000;
        for attempts in 1..100 {
            let wait = wait_before(attempts, "x").0;
            assert!(wait * 10 >= plain * 8 && wait * 10 <= plain * 12, "{attempts}: {wait}");
            plain = (plain * 2).min(LONGEST.0);
        }
        assert_eq!(wait_before(u32::MAX, "x"), wait_before(u32::MAX, "x"));
    }

    #[test]
    fn what_failed_together_is_not_tried_together() {
        let waits = (0..100).map(|number| wait_before(9, &number.to_string()));
        let waits: std::collections::BTreeSet<_> = waits.collect();
        assert!(waits.len() > 20);
    }
}
