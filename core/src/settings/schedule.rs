//! When somebody is there: the open hours of a week in a time zone, and the days on which nobody is.

use super::command::Surroundings;
use super::refusal::SettingRefusal;
use super::words::Label;
use super::{Catalogue, CatalogueName, defaults};
use crate::names::{Slug, TzdataVersion, ZoneName};
use crate::ticket::event::Priority;
use crate::time::Timestamp;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Shifts in one week.
pub const SHIFTS_MAX: usize = 168;

/// Holidays in one schedule.
pub const HOLIDAYS_MAX: usize = 1000;

/// The minutes of a day that no clock is moved on.
const DAY_MIN: u32 = 24 * 60;

/// The minutes of a week.
const WEEK_MIN: u32 = 7 * DAY_MIN;

/// Open hours. Local times, so that they stay the same when clocks are moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What it is called.
    pub label: Label,
    /// The zone whose clocks count.
    pub zone: ZoneName,
    /// The release of the time zone database that it was checked with; written down when it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tzdata: Option<TzdataVersion>,
    /// The open hours of a week. Two on one day make a split shift.
    pub shifts: Vec<Shift>,
    /// The days on which no shift begins.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
}

/// One stretch of open time, every week. It belongs to the day on which it opens, also past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The day on which it opens.
    pub day: Weekday,
    /// When it opens. Unit: minutes since the day began by the clock, 0 to 1439.
    pub opens_min: u32,
    /// When it closes. Unit: as `opens_min`; 1560 is 02:00 on the day after.
    pub closes_min: u32,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "everybody knows them")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Every day, Monday first (ISO 8601).
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
}

/// A day on which no shift begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Which day, in the schedule's zone.
    pub date: LocalDate,
    /// What it is called.
    pub label: Label,
}

/// A date as a calendar on the wall shows it, such as `2027-12-25`. Range: the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct LocalDate(NaiveDate);

impl LocalDate {
    /// Takes a date of the Gregorian calendar; none when there is no such day.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        (1..=9999).contains(&year).then_some(Self(date))
    }

    /// Days since 1970-01-01.
    pub fn days_since_1970(self) -> i64 {
        i64::from(self.0.num_days_from_ce() - NaiveDate::default().num_days_from_ce())
    }

    /// Reads a date in the one form that there is.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse().ok());
        let (year, month, day): (u32, u32, u32) = (parts.next()??, parts.next()??, parts.next()??);
        let date = Self::new(i32::try_from(year).ok()?, month, day)?;
        (date.to_string() == text).then_some(date)
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl From<LocalDate> for String {
    fn from(date: LocalDate) -> Self {
        date.to_string()
    }
}

impl<'de> Deserialize<'de> for LocalDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refusal = || serde::de::Error::custom("must be a date such as 2027-12-25");
        Self::parse(&text).ok_or_else(refusal)
    }
}

impl Shift {
    /// The minutes of the week from opening to closing; the end may lie behind the end of the week.
    fn span(self) -> (u32, u32) {
        let day = self.day as u32 * DAY_MIN;
        (day + self.opens_min, day + self.closes_min)
    }

    fn is_one(self) -> bool {
        self.opens_min < DAY_MIN
            && self.closes_min > self.opens_min
            && self.closes_min - self.opens_min <= DAY_MIN
    }
}

/// The place of the first shift that overlaps with another one.
fn overlapping(shifts: &[Shift]) -> Option<usize> {
    let mut spans = Vec::from_iter(shifts.iter().enumerate().map(|(place, shift)| (shift.span(), place)));
    spans.sort_unstable();
    let behind = spans.windows(2).find(|pair| pair[0].0.1 > pair[1].0.0).map(|pair| pair[1].1);
    // The week is a circle: the end of Sunday night is the beginning of Monday.
    let (first, last) = (spans.first()?, spans.iter().max_by_key(|(span, _)| span.1)?);
    behind.or_else(|| (last.0.1 > first.0.0 + WEEK_MIN).then_some(last.1))
}

impl Catalogue for Schedule {
    const NAME: CatalogueName = CatalogueName::Schedules;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::schedules::all()
    }

    fn settle(self, slug: &Slug, around: &Surroundings, at: Timestamp) -> Result<Self, SettingRefusal> {
        if self.zone.as_str().parse::<chrono_tz::Tz>().is_err() {
            return Err(SettingRefusal::UnknownZone { zone: self.zone });
        }
        let ours = TzdataVersion::new(chrono_tz::IANA_TZDB_VERSION).expect("a release has a short name");
        if let Some(asked) = self.tzdata.clone().filter(|asked| *asked != ours) {
            return Err(SettingRefusal::OtherTzdata { asked, ours });
        }
        if self.shifts.len() > SHIFTS_MAX || self.holidays.len() > HOLIDAYS_MAX {
            return Err(SettingRefusal::ScheduleTooLong);
        }
        if self.shifts.is_empty() {
            return Err(SettingRefusal::NeverOpen);
        }
        if let Some(place) = self.shifts.iter().position(|shift| !shift.is_one()) {
            return Err(SettingRefusal::ShiftOutOfRange { shift: place + 1 });
        }
        if let Some(place) = overlapping(&self.shifts) {
            return Err(SettingRefusal::OverlappingShifts { shift: place + 1 });
        }
        let mut dates = BTreeSet::new();
        if let Some(twice) = self.holidays.iter().find(|holiday| !dates.insert(holiday.date)) {
            return Err(SettingRefusal::HolidayTwice { date: twice.date.to_string() });
        }
        // What is measured by it must still fall due.
        for (_, policy) in around.sla_policies.items() {
            for version in policy.in_force_from(at) {
                for priority in Priority::ALL {
                    let targets = version.content.targets.of(priority);
                    if targets.schedule.as_ref() == Some(slug) {
                        targets.fall_due(priority, &self, at)?;
                    }
                }
            }
        }
        Ok(Self { tzdata: Some(ours), ..self })
    }

    fn leaned_on_by(slug: &Slug, around: &Surroundings, from: Timestamp) -> Option<String> {
        around.sla_policies.items().find_map(|(policy, item)| {
            let leans = |priority: &Priority, version: &super::Version<super::SlaPolicy>| {
                version.content.targets.of(*priority).schedule.as_ref() == Some(slug)
            };
            let found = item
                .in_force_from(from)
                .find(|version| Priority::ALL.iter().any(|priority| leans(priority, version)))?;
            Some(format!("version {} of the SLA policy {policy}", found.number))
        })
    }
}
