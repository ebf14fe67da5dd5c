//! Exact statistics of whole seconds: integers as long as possible, and one stated rounding at the end.
//!
//! Quantiles interpolate linearly between the two nearest values (type 7 of Hyndman and Fan 1996, what
//! numpy calls "linear"). Decimal places are rounded as the double stands, half to even.

use serde::Serialize;

/// What a set of durations comes to, in the words of a report's reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Summary {
    /// No durations: only their number, 0.
    Nothing {
        /// How many.
        n: u64,
    },
    /// At least one.
    Some(Statistics),
}

/// Statistics of at least one duration. Unit: seconds (`_s`) and hours (`_h`).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// How many.
    pub n: u64,
    /// Their sum, exact.
    pub sum_s: i64,
    /// Mean, to 3 places.
    pub mean_s: f64,
    /// Median.
    pub median_s: f64,
    /// 90th percentile, interpolated.
    pub p90_s: f64,
    /// The smallest value that at least 90 % do not exceed.
    pub p90_nearest_rank_s: i64,
    /// Smallest.
    pub min_s: i64,
    /// Largest.
    pub max_s: i64,
    /// Mean, to 4 places.
    pub mean_h: f64,
    /// Median, to 4 places.
    pub median_h: f64,
    /// 90th percentile, interpolated, to 4 places.
    pub p90_h: f64,
}

impl Summary {
    /// The statistics of these durations; sorts them.
    pub fn of(mut durations_s: Vec<i64>) -> Self {
        durations_s.sort_unstable();
        let (Some(min_s), Some(max_s)) = (durations_s.first(), durations_s.last()) else {
            return Self::Nothing { n: 0 };
        };
        let n = durations_s.len();
        let sum: i128 = durations_s.iter().map(|duration| i128::from(*duration)).sum();
        let mean = sum as f64 / n as f64;
        let median = quantile(&durations_s, 1, 2).unwrap_or_default();
        let p90 = quantile(&durations_s, 9, 10).unwrap_or_default();
        Self::Some(Statistics {
            n: n as u64,
            sum_s: i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }),
            mean_s: round(mean, 3),
            median_s: median,
            p90_s: p90,
            p90_nearest_rank_s: nearest_rank(&durations_s, 9, 10).unwrap_or_default(),
            min_s: *min_s,
            max_s: *max_s,
            mean_h: round(mean / 3600.0, 4),
            median_h: round(median / 3600.0, 4),
            p90_h: round(p90 / 3600.0, 4),
        })
    }
}

/// The quantile `numerator / denominator` of sorted values by linear interpolation; none of nothing.
///
/// The value is exact until the last division, since between two integers it ends in whole parts of the
/// denominator.
pub fn quantile(sorted: &[i64], numerator: usize, denominator: usize) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let (low, rest) = (numerator * last / denominator, numerator * last % denominator);
    let (below, above) = (i128::from(*sorted.get(low)?), i128::from(sorted[last.min(low + 1)]));
    let scaled = below * denominator as i128 + rest as i128 * (above - below);
    Some(scaled as f64 / denominator as f64)
}

/// The quantiles `percent / 100` of values in any order, as [`quantile`] tells them; percents must not ascend. Selecting takes
/// time in proportion to the number of values, where sorting takes more.
pub fn quantiles<const N: usize>(values: &mut [i64], percents: [usize; N]) -> [Option<f64>; N] {
    let Some(last) = values.len().checked_sub(1) else { return [None; N] };
    // Everything at and after this place is at its place or greater than what lies before.
    let (mut end, mut next) = (values.len(), None::<i64>);
    percents.map(|percent| {
        let (low, rest) = (percent * last / 100, percent * last % 100);
        if low < end {
            let (_, below, above) = values[..end].select_nth_unstable(low);
            let below = *below;
            let above = above.iter().min().copied().or(next);
            (end, next) = (low + 1, above);
            let scaled = i128::from(below) * 100
                + rest as i128 * (i128::from(above.unwrap_or(below)) - i128::from(below));
            return Some(scaled as f64 / 100.0);
        }
        None
    })
}

/// The smallest of sorted values that at least `numerator / denominator` of them do not exceed; none of nothing.
pub fn nearest_rank(sorted: &[i64], numerator: usize, denominator: usize) -> Option<i64> {
    let rank = (numerator * sorted.len()).div_ceil(denominator);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Rounds to decimal places: the double's exact value, half to even.
pub fn round(value: f64, places: usize) -> f64 {
    // Multiplying and dividing by a power of ten would round three times; printing rounds once.
    format!("{value:.places$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics(durations_s: &[i64]) -> Statistics {
        match Summary::of(durations_s.to_vec()) {
            Summary::Some(statistics) => statistics,
            Summary::Nothing { .. } => panic!("there are durations"),
        }
    }

    #[test]
    fn nothing_has_a_number_and_nothing_else() {
        assert_eq!(serde_json::to_string(&Summary::of(Vec::new())).unwrap(), r#"{"n":0}"#);
        assert_eq!((quantile(&[], 1, 2), nearest_rank(&[], 9, 10)), (None, None));
    }

    #[test]
    fn a_single_duration_is_all_of_its_figures() {
        let one = statistics(&[-61]);
        assert_eq!((one.n, one.sum_s, one.min_s, one.max_s, one.p90_nearest_rank_s), (1, -61, -61, -61, -61));
        assert_eq!((one.mean_s, one.median_s, one.p90_s), (-61.0, -61.0, -61.0));
        assert_eq!(one.mean_h, -0.0169);
    }

    #[test]
    fn selected_quantiles_are_those_of_sorted_values() {
        let mut state = 7_u64;
        for n in 0..400 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as i64 % (n as i64 / 3 + 1) - 5
            };
            let mut values: Vec<i64> = (0..n).map(|_| next()).collect();
            let selected = quantiles(&mut values, [95, 90, 50]);
            values.sort_unstable();
            let sorted = [95, 90, 50].map(|percent| quantile(&values, percent, 100));
            assert_eq!(selected, sorted, "{values:?}");
        }
    }

    #[test]
    fn quantiles_lie_between_the_two_nearest_values() {
        let sorted = [1, 2, 3, 4];
        assert_eq!(quantile(&sorted, 1, 2), Some(2.5));
        assert_eq!(quantile(&sorted, 9, 10), Some(3.7));
        assert_eq!(quantile(&sorted, 19, 20), Some(3.85));
        assert_eq!(quantile(&sorted, 1, 1), Some(4.0));
        assert_eq!(nearest_rank(&sorted, 9, 10), Some(4));
        assert_eq!(nearest_rank(&(1..=10).collect::<Vec<_>>(), 9, 10), Some(9));
    }

    #[test]
    fn rounding_goes_by_the_exact_double_and_half_to_even() {
        assert_eq!(round(0.125, 2), 0.12);
        assert_eq!(round(0.375, 2), 0.38);
        assert_eq!(round(2.675, 2), 2.67, "the double lies below 2.675");
        assert_eq!(round(0.0625, 3), 0.062);
        assert_eq!(round(1e300, 4), 1e300);
    }

    #[test]
    fn sums_of_extreme_durations_do_not_overflow() {
        let longest = 315_537_897_599;
        assert_eq!(statistics(&[longest; 3]).sum_s, 3 * longest);
        assert_eq!(statistics(&[i64::MAX, i64::MAX]).sum_s, i64::MAX);
        assert_eq!(statistics(&[i64::MIN, i64::MAX]).mean_s, -0.5);
    }
}
