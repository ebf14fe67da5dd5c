//! The promises about open hours: given shifts, holidays and moved clocks, then how much time passes and when it is used up.

use super::*;
use crate::names::ZoneName;
use crate::settings::schedule::{Holiday, LocalDate, Shift};
use crate::settings::words::Both;
use crate::text::Line;

mod brute_force;

pub(super) const fn shift(day: Weekday, opens_min: u32, closes_min: u32) -> Shift {
    Shift { day, opens_min, closes_min }
}

pub(super) fn schedule(zone: &str, shifts: Vec<Shift>, holidays: &[&str]) -> Schedule {
    let line = |text: &str| Line::new(text).unwrap();
    let label = |text: &str| Both { en: line(text), es: line(text) };
    let holiday = |date: &&str| Holiday { date: LocalDate::parse(date).unwrap(), label: label(date) };
    Schedule {
        label: label("Open hours"),
        zone: ZoneName::new(zone).unwrap(),
        tzdata: None,
        shifts,
        holidays: holidays.iter().map(holiday).collect(),
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// What is open from one local time to another, and when a target that begins with the first is due and missed.
#[track_caller]
fn check(schedule: &Schedule, from: &str, until: &str, minutes: i64) {
    let open = OpenHours::of(schedule).between(at(from), at(until));
    assert_eq!(open, DurationMs::from_minutes(minutes), "{from} to {until}");
}

fn weekdays(opens_h: u32, closes_h: u32) -> Vec<Shift> {
    let five = Weekday::ALL.iter().take(5);
    five.map(|day| shift(*day, opens_h * 60, closes_h * 60)).collect()
}

#[test]
fn a_night_and_a_weekend_do_not_count() {
    let office = schedule("Europe/Madrid", weekdays(9, 17), &[]);
    check(&office, "2026-11-20T16:30:00+01:00", "2026-11-23T09:15:00+01:00", 45);
    check(&office, "2026-11-21T00:00:00+01:00", "2026-11-23T00:00:00+01:00", 0);
}

#[test]
fn the_time_from_a_later_to_an_earlier_instant_is_negative() {
    let office = schedule("Europe/Madrid", weekdays(9, 17), &[]);
    check(&office, "2026-11-23T09:15:00+01:00", "2026-11-20T16:30:00+01:00", -45);
}

#[test]
fn a_shift_does_not_open_on_a_holiday_and_goes_on_into_one() {
    let night = schedule(
        "Europe/Madrid",
        Weekday::ALL.map(|day| shift(day, 22 * 60, 26 * 60)).to_vec(),
        &["2026-12-25"],
    );
    // The shift of the 24th is open until 02:00 of the holiday; that of the 25th never opens.
    check(&night, "2026-12-24T12:00:00+01:00", "2026-12-26T12:00:00+01:00", 240);
}

#[test]
fn a_night_shift_lasts_as_long_as_those_who_work_it_are_there() {
    let night = schedule("Europe/Madrid", vec![shift(Weekday::Saturday, 22 * 60, 30 * 60)], &[]);
    check(&night, "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00", 7 * 60);
    check(&night, "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00", 9 * 60);
}

#[test]
fn a_time_that_clocks_skip_is_when_they_would_have_shown_it() {
    // Two o'clock becomes three: half past two is at half past three.
    let until = schedule("Europe/Madrid", vec![shift(Weekday::Sunday, 60, 150)], &[]);
    check(&until, "2026-03-29T00:00:00+01:00", "2026-03-29T03:30:00+02:00", 90);
    check(&until, "2026-03-29T03:30:00+02:00", "2026-03-29T12:00:00+02:00", 0);
    let from = schedule("Europe/Madrid", vec![shift(Weekday::Sunday, 150, 300)], &[]);
    check(&from, "2026-03-29T00:00:00+01:00", "2026-03-29T03:30:00+02:00", 0);
    check(&from, "2026-03-29T00:00:00+01:00", "2026-03-29T12:00:00+02:00", 90);
}

#[test]
fn a_time_that_clocks_show_twice_is_the_earlier() {
    // Three o'clock becomes two.
    let until = schedule("Europe/Madrid", vec![shift(Weekday::Sunday, 60, 150)], &[]);
    check(&until, "2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00", 90);
    let from = schedule("Europe/Madrid", vec![shift(Weekday::Sunday, 150, 300)], &[]);
    check(&from, "2026-10-25T00:00:00+02:00", "2026-10-25T12:00:00+01:00", 210);
}

#[test]
fn shifts_that_a_move_of_clocks_makes_overlap_count_once() {
    let both = schedule(
        "Europe/Madrid",
        vec![shift(Weekday::Sunday, 60, 150), shift(Weekday::Sunday, 180, 300)],
        &[],
    );
    // From one to half past three, and from three to five.
    check(&both, "2026-03-29T00:00:00+01:00", "2026-03-29T12:00:00+02:00", 3 * 60);
    // Samoa went from Thursday to Saturday: the shift of Friday would have been that of Saturday.
    let all = Weekday::ALL.map(|day| shift(day, 540, 1020)).to_vec();
    let samoa = schedule("Pacific/Apia", all, &[]);
    check(&samoa, "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00", 16 * 60);
}

#[test]
fn what_is_always_open_is_calendar_time() {
    let always = OpenHours::of(&schedule(
        "America/New_York",
        Weekday::ALL.map(|day| shift(day, 0, 1440)).to_vec(),
        &[],
    ));
    let (from, span) = (at("2026-03-01T00:00:00Z"), DurationMs::from_hours(24 * 365));
    assert_eq!(always.between(from, from.plus(span)), span);
    assert_eq!(always.used_up(from, span), Some(from.plus(span)));
    assert_eq!(always.kept_until(from, span), Some(from.plus(span)));
}

#[test]
fn a_target_is_due_when_its_time_is_used_up_and_missed_when_the_next_shift_opens() {
    let office = OpenHours::of(&schedule("Europe/Madrid", weekdays(9, 17), &["2026-11-24"]));
    let (opened, day) = (at("2026-11-22T20:00:00+01:00"), DurationMs::from_hours(8));
    assert_eq!(office.used_up(opened, day), Some(at("2026-11-23T17:00:00+01:00")));
    assert_eq!(office.kept_until(opened, day), Some(at("2026-11-25T09:00:00+01:00")));
    assert_eq!(office.used_up(opened, DurationMs(0)), Some(opened));
    assert_eq!(office.kept_until(opened, DurationMs(0)), Some(at("2026-11-23T09:00:00+01:00")));
    assert_eq!(office.kept_until(opened, DurationMs(-1)), Some(opened));
}

#[test]
fn a_target_of_more_than_a_century_never_falls_due() {
    let minute = OpenHours::of(&schedule("UTC", vec![shift(Weekday::Monday, 0, 1)], &[]));
    let from = at("2026-11-22T00:00:00Z");
    assert_eq!(minute.used_up(from, DurationMs::from_minutes(52)), Some(at("2027-11-15T00:01:00Z")));
    assert_eq!(minute.used_up(from, DurationMs::from_minutes(52 * 101)), None);
    assert_eq!(OpenHours::of(&schedule("UTC", Vec::new(), &[])).used_up(from, DurationMs(1)), None);
    assert_eq!(minute.used_up(Timestamp::MAX, DurationMs::from_hours(1)), None);
}

#[test]
fn the_ends_of_time_have_open_hours_too() {
    let office = OpenHours::of(&schedule("Pacific/Kiritimati", weekdays(9, 17), &[]));
    assert!(office.between(Timestamp::MIN, Timestamp::MIN.plus(DurationMs::from_hours(24 * 14))).0 > 0);
    assert!(office.between(Timestamp::MAX.minus(DurationMs::from_hours(24 * 14)), Timestamp::MAX).0 > 0);
}
