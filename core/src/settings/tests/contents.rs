//! What each kind of setting may say.

use super::*;
use crate::names::{TzdataVersion, ZoneName};
use crate::settings::closing::{DAYS_MAX, Days};
use crate::settings::policy::{TARGET_SECONDS_MAX, TargetSeconds, Warning};
use crate::settings::routing::{RULES_MAX, Rule, VALUES_MAX};
use crate::settings::schedule::{HOLIDAYS_MAX, Holiday, LocalDate, SHIFTS_MAX, Shift, Weekday};
use crate::settings::template::{Fault, Piece, TEMPLATE_BYTES_MAX, Variable, pieces};
use crate::sla::{Rules, Target};
use crate::text::Body;
use crate::ticket::event::{Language, Priority};
use std::collections::BTreeSet;

/// Why a content is not taken; none when it is.
fn refused<C: Catalogue>(content: C) -> Option<Refusal> {
    decided(&[], &publish("new-one", content, None)).err()
}

fn body(text: &str) -> Body {
    Body::new(text).unwrap()
}

fn template(en: &str, es: &str) -> Template {
    Template { label: label("x", "x"), body: Both { en: body(en), es: body(es) } }
}

#[test]
fn a_template_is_taken_apart_into_text_and_variables() {
    let expected = [
        Piece::Text("Hi "),
        Piece::Variable(Variable::CustomerName),
        Piece::Variable(Variable::TicketNumber),
        Piece::Text(", {a} } {"),
    ];
    assert_eq!(pieces("Hi {{customer.name}}{{ticket.number}}, {a} } {"), Ok(expected.to_vec()));
    for variable in Variable::ALL {
        let text = format!("{{{{{}}}}}", variable.as_str());
        assert_eq!(pieces(&text), Ok(vec![Piece::Variable(variable)]));
    }
    for odd in
        ["{{", "}}", "{{customer.name", "customer.name}}", "{{a{{b}}", "}} {{customer.name}}", "{{a} }"]
    {
        assert_eq!(pieces(odd), Err(Fault::Unbalanced), "{odd}");
    }
    for unknown in ["", "customer", "customer.name ", "Customer.Name", "agent.password"] {
        assert_eq!(pieces(&format!("{{{{{unknown}}}}}")), Err(Fault::Unknown(unknown.into())));
    }
}

#[test]
fn a_template_is_checked_in_each_language() {
    assert_eq!(refused(template("{{agent.name}}", "x")), None);
    let unknown = Refusal::UnknownVariable { language: "es", name: "cliente".into() };
    assert!(
        unknown
            .to_string()
            .starts_with("the es text asks for {{cliente}}, which there is not; use customer.name")
    );
    assert_eq!(refused(template("x", "{{cliente}}")), Some(unknown));
    assert_eq!(refused(template("x}}", "x")), Some(Refusal::UnbalancedBraces { language: "en" }));
    // A brace alone is most likely a variable with one too few.
    for alone in ["{customer.name}", "a { b", "a } b", "{ {{ticket.number}} }"] {
        assert_eq!(
            refused(template("x", alone)),
            Some(Refusal::UnbalancedBraces { language: "es" }),
            "{alone}"
        );
    }
    let long = "x".repeat(TEMPLATE_BYTES_MAX);
    assert_eq!(refused(template(&long, &long)), None);
    let longer = format!("{long}x");
    assert_eq!(refused(template(&long, &longer)), Some(Refusal::TemplateTooLong { language: "es" }));
}

#[test]
fn the_shipped_templates_use_the_same_variables_in_both_languages() {
    for (slug, template) in Template::defaults() {
        let used = |text: &Body| {
            let pieces = pieces(text.as_str()).unwrap();
            let variables = pieces.into_iter().filter(|piece| matches!(piece, Piece::Variable(_)));
            Vec::from_iter(variables.map(|piece| format!("{piece:?}")))
        };
        assert_eq!(used(&template.body.en), used(&template.body.es), "{slug}");
    }
}

#[test]
fn what_docket_ships_with_keeps_its_own_rules() {
    fn check<C: Catalogue>() {
        for (slug, content) in C::defaults() {
            assert_eq!(content.clone().settle(&slug, &Surroundings::default(), NOW), Ok(content), "{slug}");
        }
    }
    check::<Template>();
    check::<Routing>();
    check::<SlaPolicy>();
    check::<Schedule>();
    check::<Closing>();
}

/// A rule on categories and tiers, in a few words; an empty list leaves the condition out.
fn rule(categories: &[&str], tiers: &[&str]) -> Rule {
    let set = |names: &[&str]| Some(BTreeSet::from_iter(names.iter().map(|name| slug(name))));
    let condition = |names: &[&str]| set(names).filter(|_| !names.is_empty());
    Rule {
        categories: condition(categories),
        priorities: None,
        languages: None,
        tiers: condition(tiers),
        team: slug("support"),
        skill: None,
    }
}

fn list(rules: Vec<Rule>) -> Option<Refusal> {
    refused(Routing { rules })
}

#[test]
fn a_rule_that_no_ticket_reaches_is_refused_also_when_several_rules_shadow_it_together() {
    let all = || rule(&[], &[]);
    let shadowed = |rule| Some(Refusal::ShadowedRule { rule });
    assert_eq!(list(vec![]), None);
    assert_eq!(list(vec![rule(&["billing"], &[]), all()]), None);
    assert_eq!(list(vec![all(), all()]), shadowed(2));
    assert_eq!(
        list(vec![rule(&["billing", "account"], &[]), rule(&["account"], &["gold"]), all()]),
        shadowed(2)
    );
    assert_eq!(list(vec![rule(&["account"], &["gold"]), rule(&["account"], &[]), all()]), None);
    // One by one none of them covers the third, together they do.
    let both = rule(&["billing", "account"], &[]);
    assert_eq!(list(vec![rule(&["billing"], &[]), rule(&["account"], &[]), both, all()]), shadowed(3));
    // All four priorities, and with them every ticket.
    let of = |priority| Rule { priorities: Some(BTreeSet::from([priority])), ..all() };
    let mut rules = Vec::from_iter(Priority::ALL.map(of));
    assert_eq!(list(rules.clone()), None);
    rules.push(rule(&["billing"], &[]));
    assert_eq!(list(rules), shadowed(5));
    let of = |language| Rule { languages: Some(BTreeSet::from([language])), ..all() };
    assert_eq!(list(vec![of(Language::En), of(Language::Es), all()]), shadowed(3));
    assert_eq!(list(vec![of(Language::En), all()]), None);
}

#[test]
fn a_condition_without_values_is_refused() {
    let none: BTreeSet<Slug> = BTreeSet::new();
    for odd in [
        Rule { categories: Some(none.clone()), ..rule(&[], &[]) },
        Rule { tiers: Some(none), ..rule(&[], &[]) },
        Rule { priorities: Some(BTreeSet::new()), ..rule(&[], &[]) },
        Rule { languages: Some(BTreeSet::new()), ..rule(&[], &[]) },
    ] {
        assert_eq!(list(vec![rule(&["billing"], &[]), odd]), Some(Refusal::EmptyCondition { rule: 2 }));
    }
}

#[test]
fn a_rule_names_only_teams_and_categories_that_are_there_when_it_takes_effect() {
    let to_legal = || Routing { rules: vec![Rule { team: slug("legal"), ..rule(&[], &[]) }] };
    assert_eq!(refused(to_legal()), Some(Refusal::UnknownTeam { team: slug("legal") }));
    let category = Refusal::UnknownCategory { category: slug("travel") };
    assert_eq!(list(vec![rule(&["travel"], &[])]), Some(category));
    let teams = Arc::new(shelf(&[publish("legal", team("Legal"), Some(later(2)))]));
    let around = Surroundings { teams, ..Surroundings::default() };
    let at = |hours| SettingCommand {
        around: around.clone(),
        ..publish("default", to_legal(), Some(later(hours)))
    };
    assert!(matches!(decided(&[], &at(1)), Err(Refusal::UnknownTeam { .. })));
    assert!(decided(&[], &at(2)).is_ok());
}

#[test]
fn a_list_of_rules_is_bounded() {
    let of = |count: usize, category: bool| {
        let names = Vec::from_iter((0..count).map(|number| format!("tier-{number}")));
        let names = Vec::from_iter(names.iter().map(String::as_str));
        if category { rule(&names, &[]) } else { rule(&[], &names) }
    };
    assert_eq!(list(vec![of(VALUES_MAX, false)]), None);
    assert_eq!(list(vec![of(VALUES_MAX + 1, false)]), Some(Refusal::TooManyRules));
    assert_eq!(list(vec![of(VALUES_MAX + 1, true)]), Some(Refusal::TooManyRules));
    let tier = |number: usize| format!("tier-{}", number % VALUES_MAX);
    let skilled = |number: usize| Rule {
        priorities: Some(BTreeSet::from([Priority::ALL[number / VALUES_MAX]])),
        ..rule(&[], &[&tier(number)])
    };
    let rules = Vec::from_iter((0..RULES_MAX).map(skilled));
    assert_eq!(list(rules.clone()), None);
    assert_eq!(list([rules, vec![rule(&[], &[])]].concat()), Some(Refusal::TooManyRules));
}

fn policy() -> SlaPolicy {
    SlaPolicy::defaults().remove(0).1
}

#[test]
fn the_shipped_policy_is_the_one_that_clocks_follow() {
    let (slug, shipped) = SlaPolicy::defaults().remove(0);
    let rules = Rules::default();
    for priority in Priority::ALL {
        let terms = rules.terms(Target::FirstResponse, Some(priority), Timestamp::MIN);
        assert_eq!((&slug, 1), (&terms.policy.slug, terms.policy.version));
        let target = shipped.targets.of(priority).first_response_s.0;
        assert_eq!(Some(DurationMs::from_seconds(target)), terms.target_ms);
    }
    assert_eq!(shipped.warning, Warning::default());
}

#[test]
fn a_target_is_at_least_a_second_and_at_most_ten_years() {
    for is in [0, -1, i64::MIN, TARGET_SECONDS_MAX + 1, i64::MAX] {
        let mut policy = policy();
        policy.targets.high.first_response_s = TargetSeconds(is);
        let expected = Refusal::TargetOutOfRange { what: "first_response_s", priority: "high", is };
        assert_eq!(refused(policy), Some(expected));
    }
    let mut long = policy();
    long.targets.low.resolution_s = Some(TargetSeconds(TARGET_SECONDS_MAX));
    long.targets.low.next_reply_s = Some(TargetSeconds(1));
    assert_eq!(refused(long.clone()), None);
    long.targets.low.next_reply_s = Some(TargetSeconds(0));
    let expected = Refusal::TargetOutOfRange { what: "next_reply_s", priority: "low", is: 0 };
    assert_eq!(refused(long), Some(expected));
}

#[test]
fn a_target_that_never_falls_due_is_refused_by_policy_and_schedule() {
    let minute = |closes_min| open(vec![shift(Weekday::Monday, 0, closes_min)]);
    let mut policy = policy();
    policy.targets.low.schedule = Some(slug("minute"));
    // A minute a week: 5,200 of them are a century.
    policy.targets.low.resolution_s = Some(TargetSeconds(6000 * 60));
    let around = |schedule: Schedule, policy: Option<SlaPolicy>| {
        let (mut schedules, mut policies) = (Shelf::default(), Shelf::default());
        schedules.hold(&slug("minute"), 1, schedule);
        policy.into_iter().for_each(|policy| policies.hold(&slug("slow"), 1, policy));
        let (schedules, sla_policies) = (Arc::new(schedules), Arc::new(policies));
        Surroundings { schedules, sla_policies, ..Surroundings::default() }
    };
    let never = Refusal::NeverDue { what: "resolution_s", priority: "low" };
    let at = Timestamp(1_795_253_400_000);
    let settled = |around: Surroundings| policy.clone().settle(&slug("slow"), &around, at);
    assert_eq!(settled(around(minute(1), None)).unwrap_err(), never);
    assert!(settled(around(minute(60), None)).is_ok());
    let leaned_on = around(minute(60), Some(policy.clone()));
    assert_eq!(minute(1).settle(&slug("minute"), &leaned_on, at).unwrap_err(), never);
    assert!(minute(1).settle(&slug("other"), &leaned_on, at).is_ok());
}

#[test]
fn every_priority_has_a_target_and_the_warning_its_default() {
    let target = r#"{"first_response_s":60}"#;
    let json = |priorities: &[&str]| {
        let targets = Vec::from_iter(priorities.iter().map(|priority| format!(r#""{priority}":{target}"#)));
        let label = r#"{"en":"x","es":"x"}"#;
        format!(r#"{{"label":{label},"targets":{{{}}}}}"#, targets.join(","))
    };
    let read: SlaPolicy = serde_json::from_str(&json(&["urgent", "high", "normal", "low"])).unwrap();
    assert_eq!(read.warning, Warning { share_percent: 20, at_least_s: 900 });
    let error = serde_json::from_str::<SlaPolicy>(&json(&["urgent", "high", "low"])).unwrap_err();
    assert!(error.to_string().starts_with("missing field `normal`"), "{error}");
    assert!(serde_json::from_str::<Label>(r#"{"en":"x"}"#).is_err(), "a language is missing");
}

#[test]
fn a_warning_begins_before_and_not_after() {
    for (share_percent, at_least_s, fits) in
        [(0, 0, true), (100, TARGET_SECONDS_MAX, true), (101, 0, false), (-1, 0, false), (20, -1, false)]
    {
        let warned = SlaPolicy { warning: Warning { share_percent, at_least_s }, ..policy() };
        assert_eq!(refused(warned).is_none(), fits, "{share_percent} {at_least_s}");
    }
    let late = Warning { share_percent: 20, at_least_s: TARGET_SECONDS_MAX + 1 };
    assert_eq!(refused(SlaPolicy { warning: late, ..policy() }), Some(Refusal::WarningOutOfRange));
}

#[test]
fn a_policy_measures_by_schedules_that_are_there() {
    let by = |name: &str| {
        let mut policy = policy();
        policy.targets.urgent.schedule = Some(slug(name));
        refused(policy)
    };
    assert_eq!(by("madrid-office"), None);
    assert_eq!(by("moon-base"), Some(Refusal::UnknownSchedule { schedule: slug("moon-base") }));
}

fn shift(day: Weekday, opens_min: u32, closes_min: u32) -> Shift {
    Shift { day, opens_min, closes_min }
}

fn open(shifts: Vec<Shift>) -> Schedule {
    let zone = ZoneName::new("Europe/Madrid").unwrap();
    Schedule { label: label("x", "x"), zone, tzdata: None, shifts, holidays: vec![] }
}

#[test]
fn a_schedule_says_which_rules_of_time_zones_it_was_checked_with() {
    let command = publish("new-one", open(vec![shift(Weekday::Monday, 0, 1)]), None);
    let events = decided(&[], &command).unwrap();
    let [ShelfEvent::Published(published)] = events.as_slice() else { panic!("{events:?}") };
    let tzdata = published.content.tzdata.clone();
    assert_eq!(tzdata, Some(TzdataVersion::new(chrono_tz::IANA_TZDB_VERSION).unwrap()));
    assert_eq!(refused(Schedule { tzdata, ..open(vec![shift(Weekday::Monday, 0, 1)]) }), None);
    let old = Some(TzdataVersion::new("1999a").unwrap());
    let other = refused(Schedule { tzdata: old, ..open(vec![shift(Weekday::Monday, 0, 1)]) });
    assert!(matches!(other, Some(Refusal::OtherTzdata { .. })));
}

#[test]
fn a_zone_is_one_of_the_iana_database() {
    for (name, there) in [
        ("Europe/Madrid", true),
        ("UTC", true),
        ("America/Argentina/Salta", true),
        ("Europe/Atlantis", false),
    ] {
        let zone = ZoneName::new(name).unwrap();
        let schedule = Schedule { zone, ..open(vec![shift(Weekday::Monday, 0, 60)]) };
        assert_eq!(refused(schedule).is_none(), there, "{name}");
    }
}

#[test]
fn shifts_may_be_split_and_go_past_midnight_and_never_overlap() {
    use Weekday::{Friday, Monday, Sunday, Tuesday};
    let of = |shifts: &[Shift]| refused(open(shifts.to_vec()));
    assert_eq!(of(&[]), Some(Refusal::NeverOpen));
    assert_eq!(of(&[shift(Monday, 540, 840), shift(Monday, 960, 1140)]), None);
    assert_eq!(of(&[shift(Friday, 1320, 1560)]), None);
    assert_eq!(
        of(&[shift(Monday, 0, 1440), shift(Tuesday, 0, 1440)]),
        None,
        "one ends where the other begins"
    );
    let overlaps = |shift| Some(Refusal::OverlappingShifts { shift });
    assert_eq!(of(&[shift(Monday, 540, 841), shift(Monday, 840, 1140)]), overlaps(2));
    assert_eq!(of(&[shift(Tuesday, 60, 120), shift(Monday, 1320, 1501)]), overlaps(1));
    assert_eq!(of(&[shift(Monday, 60, 90), shift(Sunday, 1380, 1500)]), None, "until it opens on Monday");
    assert_eq!(of(&[shift(Monday, 30, 60), shift(Sunday, 1380, 1471)]), overlaps(2));
    assert_eq!(of(&[shift(Monday, 540, 600), shift(Monday, 540, 600)]), overlaps(2));
    let out = Some(Refusal::ShiftOutOfRange { shift: 1 });
    for (opens, closes) in [(1440, 1500), (600, 600), (600, 540), (0, 1441), (60, u32::MAX), (u32::MAX, 0)] {
        assert_eq!(of(&[shift(Sunday, opens, closes)]), out, "{opens} {closes}");
    }
    assert_eq!(of(&[shift(Monday, 540, 1980)]), None, "a whole day from nine to nine");
}

#[test]
fn holidays_are_days_of_the_calendar_and_each_is_one_day() {
    let parse = |text| LocalDate::parse(text).map(|date| date.to_string());
    assert_eq!(parse("2028-02-29"), Some("2028-02-29".into()));
    for odd in
        ["2027-02-29", "2027-2-3", "27-02-03", "2027-12-32", "0000-01-01", "10000-01-01", "2027-12-25 ", ""]
    {
        assert_eq!(parse(odd), None, "{odd}");
    }
    let day = |day| Holiday { date: LocalDate::new(2027, 12, day).unwrap(), label: label("x", "x") };
    let with = |holidays| refused(Schedule { holidays, ..open(vec![shift(Weekday::Monday, 0, 60)]) });
    assert_eq!(with(vec![day(24), day(25)]), None);
    let twice = Refusal::HolidayTwice { date: "2027-12-25".into() };
    assert_eq!(with(vec![day(25), day(24), day(25)]), Some(twice));
}

#[test]
fn a_schedule_is_bounded() {
    let shifts = |count| {
        Vec::from_iter((0..count).map(|hour| {
            let day = Weekday::ALL[hour / 24 % 7];
            shift(day, hour as u32 % 24 * 60, hour as u32 % 24 * 60 + 30)
        }))
    };
    assert_eq!(refused(open(shifts(SHIFTS_MAX))), None);
    assert_eq!(refused(open(shifts(SHIFTS_MAX + 1))), Some(Refusal::ScheduleTooLong));
    let date = |number: usize| LocalDate::new(2000 + number as i32, 1, 1).unwrap();
    let holidays = |count| {
        Vec::from_iter((0..count).map(|number| Holiday { date: date(number), label: label("x", "x") }))
    };
    let with = |count| refused(Schedule { holidays: holidays(count), ..open(shifts(1)) });
    assert_eq!(with(HOLIDAYS_MAX), None);
    assert_eq!(with(HOLIDAYS_MAX + 1), Some(Refusal::ScheduleTooLong));
}

#[test]
fn the_shipped_holidays_fall_on_the_weekdays_that_offices_keep() {
    for (slug, schedule) in Schedule::defaults() {
        let dates = Vec::from_iter(schedule.holidays.iter().map(|holiday| holiday.date));
        assert!(dates.is_sorted(), "{slug}");
        assert!(schedule.holidays.iter().all(|holiday| !holiday.label.es.as_str().is_empty()));
    }
}

fn waits(confirm_after_days: i64, seal_after_days: i64) -> Closing {
    Closing { confirm_after_days: Days(confirm_after_days), seal_after_days: Days(seal_after_days) }
}

#[test]
fn a_ticket_waits_a_day_at_least_and_a_year_at_most_and_for_the_answer_first() {
    for (confirm, seal) in [(1, 1), (1, DAYS_MAX), (DAYS_MAX, DAYS_MAX), (7, 14)] {
        assert_eq!(refused(waits(confirm, seal)), None, "{confirm} {seal}");
    }
    for is in [0, -1, i64::MIN, DAYS_MAX + 1, i64::MAX] {
        let out = |what| Some(Refusal::DaysOutOfRange { what, is });
        assert_eq!(refused(waits(is, 14)), out("confirm_after_days"));
        assert_eq!(refused(waits(7, is)), out("seal_after_days"));
    }
    assert_eq!(refused(waits(8, 7)), Some(Refusal::SealedBeforeConfirmed));
}

#[test]
fn what_a_ticket_is_closed_by_is_what_was_in_force_when_it_was_resolved() {
    let shelf = shelf(&[
        publish("default", waits(2, 3), Some(later(10))),
        publish("default", waits(4, 5), Some(later(5))),
        publish("elsewhere", waits(9, 9), None),
    ]);
    let spans =
        Vec::from_iter(shelf.spans().into_iter().map(|span| (span.from, span.until, span.version.number)));
    let expected =
        [(Timestamp::MIN, Some(later(5)), 1), (later(5), Some(later(10)), 3), (later(10), None, 2)];
    assert_eq!(spans, expected);
    for (hours, followed) in [(4, waits(7, 14)), (5, waits(4, 5)), (9, waits(4, 5)), (10, waits(2, 3))] {
        assert_eq!(shelf.followed(later(hours)), Some(&followed));
    }
    // Whatever a later release may write, nothing is closed by nothing.
    let retired = Retired { slug: slug("default"), effective_at: later(20), reason: "x".into() };
    let without = ShelfDecider::evolve(shelf, &ShelfEvent::Retired(retired));
    assert_eq!(without.followed(later(20)), None);
    assert_eq!(without.spans().last().and_then(|span| span.until), Some(later(20)));
}
