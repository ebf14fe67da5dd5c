//! A second implementation that steps through time, over the zones of the world.

use super::{schedule, shift};
use crate::names::ZoneName;
use crate::open_hours::block::AROUND_MS;
use crate::open_hours::{DAY_MS, OpenHours};
use crate::settings::Schedule;
use crate::settings::schedule::{Shift, Weekday};
use crate::strategies::{cases_asked_by, config};
use crate::time::{DurationMs, Timestamp};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::ops::Range;

/// Random cases. `DOCKET_OPEN_HOURS_CASES` asks for another number of them.
const CASES: u32 = 100_000;

/// Within this, clocks are moved by whole minutes, so that a minute of UTC is open or not as one.
const YEARS: Range<i32> = 1973..2060;

const MINUTE_MS: i64 = 60_000;

/// The instant at which the clocks of a zone show a time; if they skip it, counted on from the last that they showed.
fn instant(zone: Tz, shown: NaiveDateTime) -> Timestamp {
    let mut existing = shown;
    loop {
        // The first of two is the earlier.
        if let Some(at) = zone.from_local_datetime(&existing).earliest() {
            let since = shown - existing;
            return Timestamp((at.to_utc() + since).timestamp_millis());
        }
        existing -= TimeDelta::minutes(1);
    }
}

/// From when to when each shift is open that may touch a stretch of time.
fn shifts_near(schedule: &Schedule, zone: Tz, from: Timestamp, until: Timestamp) -> Vec<Range<Timestamp>> {
    let (mut day, last) = (utc(from).date_naive() - TimeDelta::days(3), utc(until).date_naive());
    let mut open = Vec::new();
    while day <= last + TimeDelta::days(2) {
        let holiday = schedule.holidays.iter().any(|holiday| holiday.date.to_string() == day.to_string());
        let weekday = Weekday::ALL[day.weekday().num_days_from_monday() as usize];
        for shift in schedule.shifts.iter().filter(|shift| !holiday && shift.day == weekday) {
            let at = |minutes: u32| {
                instant(zone, day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minutes)))
            };
            open.push(at(shift.opens_min)..at(shift.closes_min));
        }
        day += TimeDelta::days(1);
    }
    open
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap()
}

fn is_open(shifts: &[Range<Timestamp>], at: Timestamp) -> bool {
    shifts.iter().any(|shift| shift.contains(&at))
}

/// Open time between two instants, by asking in each stretch of UTC of a length. Unit: milliseconds.
fn between(shifts: &[Range<Timestamp>], from: Timestamp, until: Timestamp, step_ms: i64) -> i64 {
    let mut open = 0;
    let mut at = from.0;
    while at < until.0 {
        let next = (at.div_euclid(step_ms) * step_ms + step_ms).min(until.0);
        if is_open(shifts, Timestamp(at)) {
            open += next - at;
        }
        at = next;
    }
    open
}

/// A schedule in a zone, and a stretch of time near a moment at which clocks may be moved.
#[derive(Debug)]
struct Case {
    schedule: Schedule,
    zone: Tz,
    from: Timestamp,
    until: Timestamp,
}

/// Every other stretch between some cuts of the week, at most a day long.
fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    let cut = prop_oneof![0..7 * 1440_u32, (0..7 * 48_u32).prop_map(|half_hours| half_hours * 30)];
    proptest::collection::btree_set(cut, 2..12).prop_map(|cuts| {
        let cuts = Vec::from_iter(cuts);
        let stretch = |pair: &[u32]| {
            let (day, opens_min) = (Weekday::ALL[(pair[0] / 1440) as usize], pair[0] % 1440);
            shift(day, opens_min, opens_min + (pair[1] - pair[0]).min(1440))
        };
        cuts.chunks_exact(2).map(stretch).collect()
    })
}

/// About when the clocks of a zone are moved in a year; the middle of the year if they are not.
fn moved(zone: Tz, year: i32) -> Vec<Timestamp> {
    let new_year = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let noon = |day: i64| new_year + TimeDelta::hours(day * 24 + 12);
    let ahead = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    // Week by week is enough to find where to look.
    let weeks = (0..52).filter(|week| ahead(noon(week * 7)) != ahead(noon(week * 7 + 7)));
    let mut days = Vec::from_iter(weeks.flat_map(|week| week * 7..week * 7 + 7));
    days.retain(|day| ahead(noon(*day)) != ahead(noon(day + 1)));
    if days.is_empty() {
        days.push(182);
    }
    days.into_iter().map(|day| Timestamp(noon(day).timestamp_millis())).collect()
}

fn case() -> impl Strategy<Value = Case> {
    let when = (select(TZ_VARIANTS.as_slice()), YEARS, any::<Index>());
    let near_ms = -36 * 60 * MINUTE_MS..36 * 60 * MINUTE_MS;
    let length_ms = prop_oneof![8 => 0..8 * 60 * MINUTE_MS, 2 => 0..48 * 60 * MINUTE_MS];
    (when, near_ms, length_ms, shifts(), 0..3_i64).prop_map(|(when, near_ms, length_ms, shifts, holidays)| {
        let (zone, year, which) = when;
        let from = which.get(&moved(zone, year)).plus(DurationMs(near_ms));
        let date = |days: i64| {
            (utc(from).with_timezone(&zone).naive_local().date() + TimeDelta::days(days)).to_string()
        };
        let holidays = Vec::from_iter((0..holidays).map(|place| date(place * 2 - 1)));
        let holidays = Vec::from_iter(holidays.iter().map(String::as_str));
        let schedule = schedule(zone.name(), shifts, &holidays);
        Case { schedule, zone, from, until: from.plus(DurationMs(length_ms)) }
    })
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: cases_asked_by("DOCKET_OPEN_HOURS_CASES").unwrap_or(CASES), ..config() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn open_time_is_what_is_counted_minute_by_minute(case in case()) {
        let Case { schedule, zone, from, until } = &case;
        let hours = OpenHours::of(schedule);
        let open = hours.between(*from, *until);
        let shifts = shifts_near(schedule, *zone, *from, *until);
        prop_assert_eq!(open.0, between(&shifts, *from, *until, MINUTE_MS));
        // A target of just this length is due when the last of it has passed, and kept until more would.
        let due = hours.used_up(*from, open).unwrap();
        prop_assert!(due <= *until);
        prop_assert_eq!(hours.between(*from, due), open);
        prop_assert!(open.0 == 0 || is_open(&shifts, due.minus(DurationMs(1))));
        let kept = hours.kept_until(*from, open).unwrap();
        prop_assert!(kept >= *until);
        prop_assert!(is_open(&shifts_near(schedule, *zone, kept, kept), kept));
        prop_assert_eq!(hours.between(*from, kept), open);
    }
}

#[test]
fn zones_whose_clocks_are_off_by_seconds_are_counted_second_by_second() {
    let office = Weekday::ALL.map(|day| shift(day, 540, 1021)).to_vec();
    for (zone, from) in [
        ("Africa/Monrovia", "1972-01-06T00:00:00Z"),
        ("Europe/Amsterdam", "1937-06-30T12:00:00Z"),
        ("Europe/Dublin", "1916-10-01T00:00:00Z"),
    ] {
        let schedule = schedule(zone, office.clone(), &[]);
        let (zone, from): (Tz, _) = (zone.parse().unwrap(), Timestamp::parse_rfc3339(from).unwrap());
        let until = from.plus(DurationMs::from_hours(48));
        let open = between(&shifts_near(&schedule, zone, from, until), from, until, 1000);
        assert_eq!(OpenHours::of(&schedule).between(from, until), DurationMs(open), "{zone}");
    }
}

#[test]
fn every_zone_of_the_database_has_a_name_that_a_schedule_takes() {
    assert!(TZ_VARIANTS.len() > 500);
    for zone in TZ_VARIANTS {
        assert!(ZoneName::new(zone.name()).is_ok(), "{zone}");
    }
}

#[test]
fn no_clocks_are_moved_twice_within_the_time_that_is_looked_ahead() {
    let days = Vec::from_iter((0..70 * 366).map(|day| DateTime::from_timestamp(day * 24 * 3600, 0).unwrap()));
    let at_least = 2 * AROUND_MS / DAY_MS;
    for zone in TZ_VARIANTS {
        let ahead = |at: &DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        let moves = (1..days.len()).filter(|day| ahead(&days[*day]) != ahead(&days[day - 1]));
        let moves = Vec::from_iter(moves);
        for pair in moves.windows(2) {
            assert!((pair[1] - pair[0]) as i64 > at_least, "{zone}: {} and {}", days[pair[0]], days[pair[1]]);
        }
    }
}
