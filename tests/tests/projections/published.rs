//! Policies and schedules that are published while tickets are worked on, so that rows are judged anew.

use docket_core::event::Event;
use docket_core::names::{EventId, Slug};
use docket_core::settings::policy::{ByPriority, TargetSeconds, Targets, Warning};
use docket_core::settings::schedule::{Holiday, LocalDate, Weekday};
use docket_core::settings::{
    Catalogue, Published, Retired, Schedule, SettingEvent, SlaPolicy, Stored, defaults,
};
use docket_core::store::Fact;
use docket_core::time::{DurationMs, Timestamp};

/// How many facts about tickets there are for each version.
pub(crate) const FACTS_PER_VERSION: usize = 110;

/// A further version, of this policy or that schedule, now or later: sensible or not, and never before what was recorded.
pub(crate) fn version(seed: u64, index: usize, latest: Timestamp, beside: &Fact) -> Fact {
    let effective_at = latest.plus(DurationMs::from_hours([0, 5, 0, 70][index % 4]));
    let (turn, round) = (index % 5, index as u32 / 5);
    let event = match turn {
        // Later versions change later than the one before, or at the same time.
        0 => SettingEvent::SlaPolicyPublished(published(
            defaults::MAIN,
            round * 2 + 2,
            effective_at,
            policy(index, "madrid-office"),
        )),
        1 => {
            let office = office(index);
            SettingEvent::SchedulePublished(published("madrid-office", round + 2, effective_at, office))
        }
        // One that no ticket follows.
        2 => SettingEvent::SlaPolicyPublished(published(
            "vip",
            round + 1,
            effective_at,
            policy(index, "new-york-office"),
        )),
        3 => {
            let policy = policy(index, "new-york-office");
            SettingEvent::SlaPolicyPublished(published(defaults::MAIN, round * 2 + 3, effective_at, policy))
        }
        _ => {
            let slug = Slug::new("vip").unwrap();
            SettingEvent::SlaPolicyRetired(Retired { slug, effective_at, reason: "x".into() })
        }
    };
    let id = EventId::deterministic(&format!("published/{seed}/{index}"));
    let stream = event.catalogue().stream();
    let mut fact = Fact { stream, event: beside.event.clone() };
    (fact.event.id, fact.event.event) = (id, Event::Setting(event).encode());
    fact
}

fn published<C>(slug: &str, version: u32, effective_at: Timestamp, content: C) -> Box<Published<C>> {
    let (slug, reason) = (Slug::new(slug).unwrap(), "as agreed".into());
    Box::new(Published { slug, version, effective_at, content, reason })
}

fn shipped<C: Catalogue + Stored>(slug: &str) -> C {
    C::defaults().into_iter().find(|(name, _)| name.as_str() == slug).unwrap().1
}

/// Every target in some version, for some priorities, in calendar and business time.
fn policy(index: usize, schedule: &str) -> SlaPolicy {
    let of = |place: usize| {
        let mixed = index * 7 + place * 3;
        let target = |hours: i64, bit: usize| {
            let seconds = hours * 3600 * (1 + mixed as i64 % 3);
            (mixed >> (bit % 3)).is_multiple_of(2).then_some(TargetSeconds(seconds))
        };
        Targets {
            first_response_s: TargetSeconds(1800 * (1 + mixed as i64 % 7)),
            next_reply_s: target(2, 0),
            requester_wait_s: target(20, 1),
            agent_work_s: target(8, 2),
            resolution_s: target(30, 3),
            schedule: mixed.is_multiple_of(2).then(|| Slug::new(schedule).unwrap()),
        }
    };
    let targets = ByPriority { urgent: of(0), high: of(1), normal: of(2), low: of(3) };
    let warning = Warning { share_percent: 10 + index as i64 % 4 * 10, at_least_s: 600 };
    SlaPolicy { targets, warning, ..shipped(defaults::MAIN) }
}

/// The office of Madrid with other hours, a night shift, and a holiday more.
fn office(index: usize) -> Schedule {
    let mut office: Schedule = shipped("madrid-office");
    let day = Weekday::ALL[index % 7];
    office.shifts.retain(|shift| shift.day != day && shift.opens_min < 900);
    for shift in &mut office.shifts {
        shift.closes_min += 15 * (index as u32 % 4);
    }
    if let Some(last) = office.shifts.last_mut() {
        last.closes_min = 1500;
    }
    let date = LocalDate::new(2024, 1, 1 + index as u32 % 28).unwrap();
    if office.holidays.iter().all(|holiday| holiday.date != date) {
        let label = office.label.clone();
        office.holidays.push(Holiday { date, label });
    }
    office
}
