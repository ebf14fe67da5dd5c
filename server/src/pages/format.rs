//! Numbers, spans and instants as each language writes them. Times are in UTC.

use super::texts::Texts;
use docket_core::time::{DurationMs, Timestamp};
use std::fmt::Display;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;

impl Texts {
    /// The size of a file, in the largest unit of which it has one, rounded up.
    pub(super) fn size(&self, bytes: u64) -> String {
        const KIB: u64 = 1024;
        match bytes {
            0..KIB => self.size_bytes(self.number(bytes)).to_string(),
            KIB..0x10_0000 => self.size_kib(self.number(bytes.div_ceil(KIB))).to_string(),
            0x10_0000.. => self.size_mib(self.number(bytes.div_ceil(KIB * KIB))).to_string(),
        }
    }

    /// A whole number with its groups set apart.
    pub(super) fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let from = self.number_group_from.parse().unwrap_or(usize::MAX);
        if digits.len() < from {
            return digits;
        }
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push_str(self.number_group);
            }
            text.push(digit);
        }
        text
    }

    /// A share as a percentage with one decimal; none of nothing.
    pub(super) fn share(&self, part: u64, whole: u64) -> Option<String> {
        if whole == 0 {
            return None;
        }
        let tenths = (u128::from(part) * 2000 / u128::from(whole)).div_ceil(2);
        let number = format!("{}{}{}", tenths / 10, self.number_decimal, tenths % 10);
        Some(self.percent(number).to_string())
    }

    /// Seconds with three decimals, for those who want a figure exactly. Unit of the argument: milliseconds.
    pub(super) fn seconds(&self, span: DurationMs) -> String {
        let millis = span.0.unsigned_abs();
        let sign = if span.0 < 0 { "-" } else { "" };
        let whole = self.number(millis / 1000);
        match millis % 1000 {
            0 => format!("{sign}{whole}"),
            rest => format!("{sign}{whole}{}{rest:03}", self.number_decimal),
        }
    }

    /// A span of time in its two largest units, rounded down.
    pub(super) fn span(&self, span: DurationMs) -> String {
        let sign = if span.0 <= -1000 { "-" } else { "" };
        let seconds = span.0.unsigned_abs() / 1000;
        let days = || self.span_days(self.number(seconds / DAY_S));
        let hours = || self.span_hours(seconds / HOUR_S % 24);
        let minutes = || self.span_minutes(seconds / MINUTE_S % 60);
        let two = |large: &dyn Display, small: &dyn Display| self.span_two(large, small).to_string();
        let text = match (seconds / DAY_S, seconds / HOUR_S % 24, seconds / MINUTE_S % 60) {
            (1.., 0, _) => days().to_string(),
            (1.., ..) => two(&days(), &hours()),
            (0, 1.., 0) => hours().to_string(),
            (0, 1.., _) => two(&hours(), &minutes()),
            (0, 0, 1..) => minutes().to_string(),
            (0, 0, 0) => self.span_seconds(seconds).to_string(),
        };
        format!("{sign}{text}")
    }

    /// A span of time in all its units, for what explains a figure.
    pub(super) fn span_to_the_second(&self, span: DurationMs) -> String {
        let sign = if span.0 <= -1000 { "-" } else { "" };
        let seconds = span.0.unsigned_abs() / 1000;
        let (days, hours) = (seconds / DAY_S, seconds / HOUR_S % 24);
        let (minutes, rest) = (seconds / MINUTE_S % 60, seconds % MINUTE_S);
        let units = [
            (days > 0).then(|| self.span_days(self.number(days)).to_string()),
            (hours > 0).then(|| self.span_hours(hours).to_string()),
            (minutes > 0).then(|| self.span_minutes(minutes).to_string()),
            (rest > 0).then(|| self.span_seconds(rest).to_string()),
        ];
        let text = units.into_iter().flatten().reduce(|large, small| self.span_two(large, small).to_string());
        format!("{sign}{}", text.unwrap_or_else(|| self.span_seconds(0).to_string()))
    }

    /// A span of time in its largest unit, rounded down; none below a minute.
    fn roughly(&self, span: DurationMs) -> Option<String> {
        let seconds = span.0.unsigned_abs() / 1000;
        Some(match seconds {
            DAY_S.. => self.span_days(self.number(seconds / DAY_S)).to_string(),
            HOUR_S.. => self.span_hours(seconds / HOUR_S).to_string(),
            MINUTE_S.. => self.span_minutes(seconds / MINUTE_S).to_string(),
            _ => return None,
        })
    }

    /// An instant in full, such as "21 Nov 2026, 09:30 UTC".
    pub(super) fn instant(&self, at: Timestamp) -> String {
        self.civil(at, 16)
    }

    /// "1 Sept 2026, 09:05:59 UTC"; the seconds are left out where there are none.
    pub(super) fn instant_to_the_second(&self, at: Timestamp) -> String {
        let whole_minute = at.0.rem_euclid(60_000) < 1000;
        self.civil(at, if whole_minute { 16 } else { 19 })
    }

    /// An instant up to a place in its RFC 3339 text: that of the minutes or of the seconds.
    fn civil(&self, at: Timestamp, until: usize) -> String {
        let civil = at.to_rfc3339();
        let part = |from: usize, to: usize| civil.get(from..to).unwrap_or_default();
        let month = part(5, 7).trim_start_matches('0');
        let day = part(8, 10).trim_start_matches('0');
        let year = part(0, 4).trim_start_matches('0');
        let month = self.month(month).unwrap_or_default();
        self.date_time(day, month, year, part(11, 13), part(14, until)).to_string()
    }

    /// An instant seen from another: "3 h ago", "in 14 min".
    pub(super) fn relative(&self, at: Timestamp, now: Timestamp) -> String {
        let span = now.since(at);
        match self.roughly(span) {
            None => self.time_now.to_owned(),
            Some(text) if span.0 >= 0 => self.time_ago(text).to_string(),
            Some(text) => self.time_ahead(text).to_string(),
        }
    }
}

/// An instant to the minute, as the attribute `datetime` takes it.
pub(super) fn datetime(at: Timestamp) -> String {
    let mut text = at.to_rfc3339();
    text.truncate("2026-11-21T09:30".len());
    text.push('Z');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> &'static Texts {
        Texts::of(code).unwrap()
    }

    /// Numbers of CLDR 47 for `en` and `es` ("minimum grouping digits" is 2 in Spanish).
    #[test]
    fn numbers_are_grouped_as_in_the_common_locale_data() {
        let numbers = [0, 999, 1234, 12_345, 1_234_567];
        assert_eq!(numbers.map(|n| texts("en").number(n)), ["0", "999", "1,234", "12,345", "1,234,567"]);
        assert_eq!(numbers.map(|n| texts("es").number(n)), ["0", "999", "1234", "12.345", "1.234.567"]);
    }

    #[test]
    fn files_are_told_by_the_largest_unit_of_which_they_have_one() {
        let sizes = [7, 1023, 1024, 1025, 0x10_0000, 20 * 0x10_0000];
        let told = sizes.map(|bytes| texts("en").size(bytes));
        assert_eq!(told, ["7 bytes", "1,023 bytes", "1 KiB", "2 KiB", "1 MiB", "20 MiB"]);
    }

    #[test]
    fn shares_have_one_decimal_and_none_of_nothing() {
        assert_eq!(texts("en").share(2, 3).unwrap(), "66.7%");
        assert_eq!(texts("es").share(2, 3).unwrap(), "66,7 %");
        assert_eq!(texts("en").share(1, 1).unwrap(), "100.0%");
        assert_eq!(texts("en").share(0, 0), None);
    }

    #[test]
    fn spans_show_their_two_largest_units() {
        let span = |seconds| texts("en").span(DurationMs::from_seconds(seconds));
        assert_eq!([span(0), span(59), span(60), span(3600)], ["0 s", "59 s", "1 min", "1 h"]);
        assert_eq!([span(7800), span(86_400), span(90_061)], ["2 h 10 min", "1 d", "1 d 1 h"]);
        assert_eq!([span(-61), span(86_400 * 1234)], ["-1 min", "1,234 d"]);
    }

    /// Dates of CLDR 47, `en-GB` and `es`, medium; the hour has two digits in both.
    #[test]
    fn instants_are_written_as_in_the_common_locale_data() {
        let at = Timestamp::parse_rfc3339("2026-09-01T09:05:59Z").unwrap();
        assert_eq!(texts("en").instant(at), "1 Sept 2026, 09:05 UTC");
        assert_eq!(texts("es").instant(at), "1 sept 2026, 09:05 UTC");
        assert_eq!(datetime(at), "2026-09-01T09:05Z");
        for code in ["en", "es"] {
            assert!(texts(code).instant(Timestamp::MIN).ends_with("1, 00:00 UTC"));
            assert!(texts(code).instant(Timestamp::MAX).ends_with("9999, 23:59 UTC"));
        }
    }

    #[test]
    fn what_explains_a_figure_is_told_to_the_second() {
        let instant = |text: &str| texts("en").instant_to_the_second(Timestamp::parse_rfc3339(text).unwrap());
        assert_eq!(instant("2026-09-01T09:05:59Z"), "1 Sept 2026, 09:05:59 UTC");
        assert_eq!(instant("2026-09-01T09:05:00Z"), "1 Sept 2026, 09:05 UTC");
        let span = |seconds| texts("es").span_to_the_second(DurationMs::from_seconds(seconds));
        assert_eq!(span(1000), "16 min 40 s");
        assert_eq!([span(0), span(59), span(3600), span(86_461)], ["0 s", "59 s", "1 h", "1 d 1 min 1 s"]);
        assert_eq!(span(-90), "-1 min 30 s");
    }

    #[test]
    fn an_instant_is_told_from_where_one_stands() {
        let now = Timestamp(10_000_000);
        let said = |code, at| texts(code).relative(Timestamp(at), now);
        assert_eq!([said("en", 0), said("en", 10_120_000)], ["2 h ago", "in 2 min"]);
        assert_eq!([said("es", 0), said("es", 10_120_000)], ["hace 2 h", "dentro de 2 min"]);
        assert_eq!([said("en", 9_990_000), said("es", 10_001_000)], ["just now", "ahora mismo"]);
    }
}
