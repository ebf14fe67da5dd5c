//! Days, weeks and months as the clocks of a zone count them. Some days have 23 hours, some 25, and a few do not happen at all.

use crate::names::ZoneName;
use crate::time::{TimeError, Timestamp};
use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

/// Periods of one trend: ten years of days.
pub const PERIODS_MAX: usize = 3660;

/// What a trend goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Days.
    Day,
    /// Weeks from Monday on (ISO 8601).
    Week,
    /// Months.
    Month,
}

impl Each {
    /// Its name in queries and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The one of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month].into_iter().find(|each| each.as_str() == name)
    }
}

/// There are more than [`PERIODS_MAX`] periods in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {PERIODS_MAX} periods")]
pub struct TooManyPeriods;

/// A calendar: the days of a zone.
#[derive(Clone, Copy, Debug)]
pub struct Calendar(Tz);

/// The time zone of whoever asks without one.
pub const UTC: &str = "UTC";

impl Calendar {
    /// That of a zone. One that this release does not know is not taken.
    pub fn of(zone: &ZoneName) -> Option<Self> {
        zone.as_str().parse().ok().map(Self)
    }

    /// When a day begins, of the form `2026-11-21`: the first instant whose clock shows it, or a later one where the clocks skip
    /// midnight or the whole day.
    ///
    /// # Errors
    /// [`TimeError`] when the text has another form or lies out of range.
    pub fn beginning(self, day: &str) -> Result<Timestamp, TimeError> {
        self.start(parse(day)?)
    }

    /// When the day after begins.
    ///
    /// # Errors
    /// As [`Calendar::beginning`].
    pub fn end(self, day: &str) -> Result<Timestamp, TimeError> {
        self.start(parse(day)?.checked_add_days(Days::new(1)).ok_or(TimeError::Range)?)
    }

    /// Cuts a half-open range where days, weeks or months begin: its beginning, every cut in it, its end. An empty range has one
    /// period without length.
    ///
    /// # Errors
    /// [`TooManyPeriods`]
    pub fn cut(
        self,
        each: Each,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Timestamp>, TooManyPeriods> {
        let mut bounds = vec![from];
        let mut next = self.date(from).map(|date| floor(each, date));
        while let Some(date) = next {
            next = match each {
                Each::Day => date.checked_add_days(Days::new(1)),
                Each::Week => date.checked_add_days(Days::new(7)),
                Each::Month => date.checked_add_months(Months::new(1)),
            };
            let Some(Ok(bound)) = next.map(|date| self.start(date)) else { break };
            if bound >= until {
                break;
            }
            // A day that the clocks skip as a whole has no length.
            if bounds.last().is_some_and(|last| bound > *last) {
                bounds.push(bound);
            }
            if bounds.len() > PERIODS_MAX {
                return Err(TooManyPeriods);
            }
        }
        bounds.push(until.max(from));
        Ok(bounds)
    }

    /// The day that the clocks show at an instant.
    fn date(self, at: Timestamp) -> Option<NaiveDate> {
        Some(DateTime::<Utc>::from_timestamp_millis(at.0)?.with_timezone(&self.0).date_naive())
    }

    fn start(self, date: NaiveDate) -> Result<Timestamp, TimeError> {
        let midnight = date.and_hms_opt(0, 0, 0).ok_or(TimeError::Range)?;
        match self.0.from_local_datetime(&midnight) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                Timestamp::from_millis(at.timestamp_millis())
            }
            LocalResult::None => self.after_gap(midnight.and_utc().timestamp_millis()),
        }
    }

    /// The first instant whose clock shows no less than a local time that the clocks skip. Unit: milliseconds.
    fn after_gap(self, local: i64) -> Result<Timestamp, TimeError> {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        let shows = |at: i64| {
            DateTime::<Utc>::from_timestamp_millis(at)
                .map(|at| at.with_timezone(&self.0).naive_local().and_utc().timestamp_millis())
        };
        // No zone is further than a day from UTC, and around a gap the clocks only go forward.
        let (mut low, mut high) = (local - DAY_MS, local + DAY_MS);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if shows(middle).ok_or(TimeError::Range)? >= local { high = middle } else { low = middle }
        }
        Timestamp::from_millis(high)
    }
}

fn parse(day: &str) -> Result<NaiveDate, TimeError> {
    let form = || TimeError::Form { text: day.chars().take(64).collect(), expected: "2026-11-21".into() };
    if day.len() != "2026-11-21".len() || !day.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(form());
    }
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| form())
}

/// The first day of the period that a day is in.
fn floor(each: Each, date: NaiveDate) -> NaiveDate {
    match each {
        Each::Day => date,
        Each::Week => {
            let since_monday = u64::from(date.weekday().num_days_from_monday());
            date.checked_sub_days(Days::new(since_monday)).unwrap_or(date)
        }
        Each::Month => date.with_day(1).unwrap_or(date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(zone: &str) -> Calendar {
        Calendar::of(&ZoneName::new(zone).unwrap()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[track_caller]
    fn check(zone: &str, each: Each, (from, until): (&str, &str), expected: &[&str]) {
        let calendar = calendar(zone);
        let (from, until) = (calendar.beginning(from).unwrap(), calendar.end(until).unwrap());
        let bounds: Vec<String> =
            calendar.cut(each, from, until).unwrap().into_iter().map(Timestamp::to_rfc3339).collect();
        assert_eq!(bounds, expected);
    }

    #[test]
    fn days_have_as_many_hours_as_the_clocks_give_them() {
        let spring =
            ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"];
        check("Europe/Madrid", Each::Day, ("2026-03-28", "2026-03-30"), &spring);
        let autumn = ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"];
        check("Europe/Madrid", Each::Day, ("2026-10-25", "2026-10-25"), &autumn);
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_after_it_and_one_that_is_skipped_has_no_length() {
        // The clocks went from 23:59:59 to 01:00.
        let began = calendar("America/Sao_Paulo").beginning("2018-11-04").unwrap();
        assert_eq!(began, at("2018-11-04T03:00:00Z"));
        // Samoa had no 30 December 2011.
        let samoa = calendar("Pacific/Apia");
        assert_eq!(samoa.beginning("2011-12-30").unwrap(), samoa.beginning("2011-12-31").unwrap());
        let bounds = ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"];
        check("Pacific/Apia", Each::Day, ("2011-12-29", "2011-12-31"), &bounds);
    }

    #[test]
    fn weeks_begin_on_mondays_and_months_on_their_first() {
        let weeks =
            ["2026-11-18T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"];
        check("UTC", Each::Week, ("2026-11-18", "2026-11-30"), &weeks);
        let months =
            ["2026-03-14T23:00:00Z", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z", "2026-05-02T22:00:00Z"];
        check("Europe/Madrid", Each::Month, ("2026-03-15", "2026-05-02"), &months);
    }

    #[test]
    fn every_cut_of_every_zone_begins_a_day_and_none_is_left_out() {
        let (from, until) = (at("2006-06-15T12:00:00Z"), at("2016-06-15T12:00:00Z"));
        for zone in chrono_tz::TZ_VARIANTS {
            let calendar = Calendar(zone);
            let bounds = calendar.cut(Each::Day, from, until).unwrap();
            for pair in bounds.windows(2) {
                assert!(pair[0] < pair[1], "{zone}");
                let (before, at) = (calendar.date(Timestamp(pair[1].0 - 1)), calendar.date(pair[1]));
                if pair[1] != until {
                    assert!(before < at, "{zone} {}", pair[1]);
                }
                // Casey once put its clocks back by three hours.
                assert!(pair[1].since(pair[0]).0 <= 27 * 60 * 60 * 1000, "{zone} {}", pair[1]);
            }
        }
    }

    #[test]
    fn what_is_no_day_is_refused_and_too_many_periods_are() {
        let utc = calendar(UTC);
        for day in ["2026-02-30", "2026-1-1", "yesterday", "", "2026-11-21T", "+2026-11-2"] {
            assert!(utc.beginning(day).is_err(), "{day}");
        }
        assert_eq!(utc.cut(Each::Day, Timestamp::MIN, Timestamp::MAX), Err(TooManyPeriods));
        assert_eq!(
            utc.cut(Each::Day, at("2026-01-01T00:00:00Z"), at("2025-01-01T00:00:00Z")).unwrap().len(),
            2
        );
    }
}
