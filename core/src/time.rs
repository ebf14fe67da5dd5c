//! Instants and spans: whole milliseconds in UTC. Zones exist only at the edges and in schedules.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An instant. Unit: milliseconds since 1970-01-01T00:00:00Z, negative before it.
///
/// Range: the years 1 to 9999, so that every instant has a plain RFC 3339 form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "i64", try_from = "i64")]
pub struct Timestamp(pub i64);

impl From<Timestamp> for i64 {
    fn from(instant: Timestamp) -> Self {
        instant.0
    }
}

impl TryFrom<i64> for Timestamp {
    type Error = TimeError;
    fn try_from(millis: i64) -> Result<Self, TimeError> {
        Self::from_millis(millis)
    }
}

/// A span of time. Unit: milliseconds; negative when the end lies before the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DurationMs(pub i64);

/// Why a time was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text is not a time of the expected form.
    #[error("not a time of the form {expected}: {text:?}")]
    Form {
        /// What was given.
        text: String,
        /// The form that is taken.
        expected: String,
    },
    /// Outside the years 1 to 9999.
    #[error("outside the years 1 to 9999")]
    Range,
}

impl Timestamp {
    /// The first instant of the year 1.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The last instant of the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Takes milliseconds since 1970 after checking the range.
    ///
    /// # Errors
    /// [`TimeError::Range`] outside the years 1 to 9999.
    pub fn from_millis(millis: i64) -> Result<Self, TimeError> {
        let instant = Self(millis);
        if (Self::MIN..=Self::MAX).contains(&instant) { Ok(instant) } else { Err(TimeError::Range) }
    }

    /// Reads an RFC 3339 time with an offset, such as `2026-11-21T09:30:00Z`.
    ///
    /// # Errors
    /// [`TimeError`] when the text has another form or lies out of range.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::Form {
            text: text.chars().take(64).collect(),
            expected: "2026-11-21T09:30:00Z".into(),
        })?;
        Self::from_millis(parsed.timestamp_millis())
    }

    /// The RFC 3339 form in UTC; milliseconds are left out when there are none.
    pub fn to_rfc3339(self) -> String {
        match DateTime::<Utc>::from_timestamp_millis(self.0) {
            Some(time) if self.0.rem_euclid(1000) == 0 => time.to_rfc3339_opts(SecondsFormat::Secs, true),
            Some(time) => time.to_rfc3339_opts(SecondsFormat::Millis, true),
            None => format!("{}ms", self.0),
        }
    }

    /// The span from `earlier` to this instant; negative if `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> DurationMs {
        DurationMs(self.0.saturating_sub(earlier.0))
    }

    /// This instant moved by a span, kept within the range.
    pub fn plus(self, span: DurationMs) -> Self {
        Self(self.0.saturating_add(span.0)).clamp(Self::MIN, Self::MAX)
    }

    /// This instant moved back by a span, kept within the range.
    pub fn minus(self, span: DurationMs) -> Self {
        Self(self.0.saturating_sub(span.0)).clamp(Self::MIN, Self::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_rfc3339())
    }
}

impl DurationMs {
    /// A span of whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// A span of whole minutes.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self::from_seconds(minutes.saturating_mul(60))
    }

    /// A span of whole hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_minutes(hours.saturating_mul(60))
    }

    /// Whole seconds, rounded down.
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategies::{config, text};
    use proptest::prelude::*;

    #[test]
    fn a_time_survives_its_text_form() {
        for text in ["1970-01-01T00:00:00Z", "2016-02-29T09:20:00Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse_rfc3339(text).unwrap().to_rfc3339(), text);
        }
        assert_eq!(Timestamp::MAX.to_rfc3339(), "9999-12-31T23:59:59.999Z");
        let offset = Timestamp::parse_rfc3339("2026-11-21T10:30:00.250+01:00").unwrap();
        assert_eq!(offset.to_rfc3339(), "2026-11-21T09:30:00.250Z");
    }

    #[test]
    fn a_time_out_of_range_is_refused_and_arithmetic_stays_inside() {
        assert_eq!(Timestamp::from_millis(i64::MAX), Err(TimeError::Range));
        assert_eq!(Timestamp::from_millis(Timestamp::MIN.0 - 1), Err(TimeError::Range));
        assert_eq!(Timestamp::MAX.plus(DurationMs(i64::MAX)), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(DurationMs(i64::MAX)), Timestamp::MIN);
        assert!(Timestamp::parse_rfc3339("yesterday").is_err());
    }

    #[test]
    fn seconds_are_rounded_down_also_below_zero() {
        assert_eq!(DurationMs(1999).whole_seconds(), 1);
        assert_eq!(DurationMs(-1).whole_seconds(), -1);
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn every_instant_survives_its_text_form(millis in Timestamp::MIN.0..=Timestamp::MAX.0) {
            for instant in [Timestamp(millis), Timestamp(millis - millis.rem_euclid(1000))] {
                prop_assert_eq!(Timestamp::parse_rfc3339(&instant.to_rfc3339()), Ok(instant));
            }
        }

        #[test]
        fn no_text_and_no_number_is_too_odd_to_be_read_or_refused(
            text in text(),
            near in 0..9999_u16,
            number: i64,
        ) {
            let _ = Timestamp::parse_rfc3339(&text);
            let odd = format!("{near:04}-02-29T24:60:60.{number}+23:59");
            let _ = Timestamp::parse_rfc3339(&odd);
            prop_assert!(!Timestamp(number).to_rfc3339().is_empty());
        }

        #[test]
        fn arithmetic_stays_inside_the_range(instant: i64, span: i64) {
            let (instant, span) = (Timestamp(instant), DurationMs(span));
            for moved in [instant.plus(span), instant.minus(span)] {
                prop_assert_eq!(Timestamp::from_millis(moved.0), Ok(moved));
            }
        }
    }
}
