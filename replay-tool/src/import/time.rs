//! Reads the times of a source, in the form and zone that the mapping names.

use crate::sentence::Sentence;
use crate::texts::Texts;
use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime, TimeZone};
use docket_core::time::{TimeError, Timestamp};

/// Reads times of one form.
#[derive(Clone, Debug)]
pub struct TimeReader {
    form: Form,
    offset: FixedOffset,
}

#[derive(Clone, Debug)]
enum Form {
    Rfc3339,
    UnixSeconds,
    UnixMillis,
    Strftime { text: String, items: Vec<Item<'static>> },
}

/// A year below this, read with `%Y`, is a year written with two digits.
const YEAR_MIN: i32 = 100;

impl TimeReader {
    /// A reader of a form: `rfc3339`, `unix`, `unix_ms`, or one of strftime's. `zone` is `UTC` or an offset
    /// such as `+02:00`, and applies where a time has none of its own.
    ///
    /// # Errors
    /// Says what is wrong with which of the two.
    pub fn new(format: &str, zone: &str) -> Result<Self, (&'static str, Sentence)> {
        let offset = match zone {
            "UTC" | "Z" => Some(FixedOffset::east_opt(0)),
            other => other.parse().ok().map(Some),
        };
        let Some(Some(offset)) = offset else {
            let zone = format!("{zone:?}");
            return Err(("time.zone", Sentence::new(move |texts| texts.mapping_zone(&zone))));
        };
        let form = match format {
            "rfc3339" => Form::Rfc3339,
            "unix" => Form::UnixSeconds,
            "unix_ms" => Form::UnixMillis,
            text if text.contains('%') => match StrftimeItems::new(text).parse_to_owned() {
                Ok(items) => Form::Strftime { text: text.to_owned(), items },
                Err(_) => {
                    let text = format!("{text:?}");
                    return Err(("time.format", Sentence::new(move |texts| texts.mapping_strftime(&text))));
                }
            },
            other => {
                let other = format!("{other:?}");
                return Err(("time.format", Sentence::new(move |texts| texts.mapping_time_format(&other))));
            }
        };
        Ok(Self { form, offset })
    }

    /// Reads a time.
    ///
    /// # Errors
    /// [`TimeError`] when the text has another form, is no time that exists, or lies out of range.
    pub fn read(&self, text: &str) -> Result<Timestamp, TimeError> {
        let millis = match &self.form {
            Form::Rfc3339 => self.rfc3339(text),
            Form::UnixSeconds => text.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000)),
            Form::UnixMillis => text.parse::<i64>().ok(),
            Form::Strftime { text: format, items } => self.strftime(text, items, format),
        };
        let expected = || match &self.form {
            Form::Rfc3339 => "2016-02-29T09:20:00Z".to_owned(),
            Form::UnixSeconds => Texts::english().time_unix.to_owned(),
            Form::UnixMillis => Texts::english().time_unix_ms.to_owned(),
            Form::Strftime { text, .. } => text.clone(),
        };
        match millis {
            Some(millis) => Timestamp::from_millis(millis),
            None => Err(TimeError::Form { text: text.chars().take(64).collect(), expected: expected() }),
        }
    }

    fn rfc3339(&self, text: &str) -> Option<i64> {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(time.timestamp_millis());
        }
        let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
        let local = local.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
        self.in_zone(local)
    }

    fn strftime(&self, text: &str, items: &[Item<'static>], format: &str) -> Option<i64> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, items.iter()).ok()?;
        if format.contains("%Y") && parsed.year().is_some_and(|year| year < YEAR_MIN) {
            return None;
        }
        if parsed.offset().is_some() {
            return parsed.to_datetime().ok().map(|time| time.timestamp_millis());
        }
        let local = match parsed.to_naive_datetime_with_offset(0) {
            Ok(local) => local,
            // A form without a time of day means its beginning.
            Err(_) if parsed.hour_mod_12().is_none() => parsed.to_naive_date().ok()?.and_time(NaiveTime::MIN),
            Err(_) => return None,
        };
        self.in_zone(local)
    }

    fn in_zone(&self, local: NaiveDateTime) -> Option<i64> {
        self.offset.from_local_datetime(&local).single().map(|time| time.timestamp_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, zone: &str, text: &str) -> Result<String, TimeError> {
        TimeReader::new(format, zone).unwrap().read(text).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn a_time_of_the_form_is_read_in_the_zone() {
        let form = "%d/%m/%Y %H:%M";
        assert_eq!(read(form, "UTC", "29/2/2016 09:20").unwrap(), "2016-02-29T09:20:00Z");
        assert_eq!(read(form, "+02:00", "1/03/2016 1:05").unwrap(), "2016-02-29T23:05:00Z");
        assert_eq!(read("%Y-%m-%d", "UTC", "2016-02-29").unwrap(), "2016-02-29T00:00:00Z");
        assert_eq!(
            read("%Y-%m-%d %H:%M %z", "UTC", "2016-02-29 09:20 -0100").unwrap(),
            "2016-02-29T10:20:00Z"
        );
        assert_eq!(read("unix", "UTC", "-1").unwrap(), "1969-12-31T23:59:59Z");
        assert_eq!(read("unix_ms", "UTC", "1500").unwrap(), "1970-01-01T00:00:01.500Z");
    }

    #[test]
    fn an_offset_of_its_own_goes_before_the_zone() {
        assert_eq!(read("rfc3339", "+02:00", "2016-02-29T09:20:00Z").unwrap(), "2016-02-29T09:20:00Z");
        assert_eq!(read("rfc3339", "+02:00", "2016-02-29T09:20:00").unwrap(), "2016-02-29T07:20:00Z");
        assert_eq!(read("rfc3339", "UTC", "2016-02-29 09:20:00.250").unwrap(), "2016-02-29T09:20:00.250Z");
    }

    #[test]
    fn what_is_no_time_is_told() {
        for text in ["", "yesterday", "30/2/2016 09:20", "29/2/2016", "29/2/16 09:20", "29/2/2016 25:00"] {
            assert!(matches!(read("%d/%m/%Y %H:%M", "UTC", text), Err(TimeError::Form { .. })), "{text:?}");
        }
        assert_eq!(read("rfc3339", "UTC", "0000-01-01T00:00:00Z"), Err(TimeError::Range));
        assert_eq!(read("unix_ms", "UTC", "9223372036854775807"), Err(TimeError::Range));
        assert!(read("unix", "UTC", "9223372036854775807").is_err());
    }

    #[test]
    fn a_form_or_zone_that_is_none_is_refused_at_once() {
        for (format, zone, key) in [
            ("iso", "UTC", "time.format"),
            ("%Q", "UTC", "time.format"),
            ("rfc3339", "Europe/Madrid", "time.zone"),
        ] {
            assert_eq!(TimeReader::new(format, zone).unwrap_err().0, key);
        }
    }
}
