//! The clocks of a ticket in a page: a badge with words, a shape and a colour for each, and why it says so.

use super::format::datetime;
use super::moment::Moment;
use super::texts::Texts;
use super::visible::Visible;
use askama::Template;
use docket_core::sla::{Clock, End, Face, Interval, Outcome, Pinned, Rules, Terms};
use docket_core::time::Timestamp;

/// How a clock stands.
#[derive(Template)]
#[template(path = "parts/badge.html")]
pub(super) struct ClockBadge {
    class: &'static str,
    icon: &'static str,
    text: String,
    /// What it is about, and when that is or was due.
    title: Option<String>,
    /// When it is or was due, as an attribute.
    due_at: Option<String>,
}

impl ClockBadge {
    /// The badge of a clock at an instant.
    pub(super) fn of(texts: &Texts, clock: Option<&Face>, now: Timestamp) -> Self {
        let Some(clock) = clock else {
            return Self {
                class: "ok",
                icon: "none",
                text: texts.badge_none.to_owned(),
                title: None,
                due_at: None,
            };
        };
        let missed = clock.missed(now);
        let due_at = missed.map(|breach| breach.due_at).or(clock.due_at);
        let (class, icon, text) = match clock.end {
            Some(end) => ended(texts, clock, end),
            None => running(texts, clock, now),
        };
        let target = target(texts, clock);
        let title = due_at.map_or_else(
            || target.to_owned(),
            |due_at| {
                let instant = texts.instant_to_the_second(due_at);
                if clock.runs() && missed.is_none() {
                    texts.badge_due_at(target, instant).to_string()
                } else {
                    texts.badge_was_due_at(target, instant).to_string()
                }
            },
        );
        Self { class, icon, text, title: Some(title), due_at: due_at.map(datetime) }
    }
}

/// What a clock runs to.
fn target(texts: &Texts, clock: &Face) -> &'static str {
    texts.target(clock.target.as_str()).unwrap_or(clock.target.as_str())
}

fn running(texts: &Texts, clock: &Face, now: Timestamp) -> (&'static str, &'static str, String) {
    let span = |later: Timestamp, earlier: Timestamp| texts.span(later.since(earlier));
    if let Some(breach) = clock.missed(now) {
        return ("bad", "late", texts.badge_late(span(now, breach.due_at)).to_string());
    }
    match clock.due_at {
        _ if clock.paused => ("ok", "paused", texts.badge_paused.to_owned()),
        // The time is used up, and nobody has to be there before the next shift.
        Some(due_at) if now > due_at => ("soon", "soon", texts.badge_due_now.to_owned()),
        Some(due_at) if clock.is_near(now) => {
            ("soon", "soon", texts.badge_soon(span(due_at, now)).to_string())
        }
        Some(due_at) => ("ok", "due", texts.badge_due(span(due_at, now)).to_string()),
        None => ("ok", "none", texts.badge_none.to_owned()),
    }
}

fn ended(texts: &Texts, clock: &Face, end: End) -> (&'static str, &'static str, String) {
    let late = || {
        let due_at = clock.breach.map_or(end.at, |breach| breach.due_at);
        texts.span(end.at.since(due_at))
    };
    // The time that counts; below zero where an import steps back, and shown so.
    let took = || texts.span(end.elapsed_ms);
    match (end.outcome, end.missed) {
        (Outcome::Responded, true) => ("missed", "missed", texts.badge_missed(late()).to_string()),
        (Outcome::Responded, false) => ("met", "met", texts.badge_met(took()).to_string()),
        (Outcome::FulfilledByResolution | Outcome::Resolved, true) => {
            ("missed", "missed", texts.badge_resolved_late(late()).to_string())
        }
        (Outcome::Resolved, false) => ("met", "met", texts.badge_resolved_in(took()).to_string()),
        (Outcome::FulfilledByResolution, false) => ("ok", "none", texts.badge_resolved.to_owned()),
        (Outcome::CancelledByMerge, _) => ("ok", "none", texts.badge_merged.to_owned()),
    }
}

/// What a timer noted of a target, in a sentence: that it came near, or was missed.
pub(super) fn noticed(texts: &Texts, breached: bool, target: Option<&str>, due: String) -> String {
    let target = target.unwrap_or_default();
    let target = texts.target(target).unwrap_or(target);
    if breached {
        texts.step_breached(target, due).to_string()
    } else {
        texts.step_warned(target, due).to_string()
    }
}

/// A clock with all that explains it.
pub(super) struct ClockWhy {
    /// What it runs to.
    pub(super) target: &'static str,
    /// How it stands.
    pub(super) badge: ClockBadge,
    /// The policy in force, in a sentence.
    pub(super) policy: String,
    /// What is known about it: name, and an instant or a span.
    pub(super) facts: Vec<(&'static str, ClockFact)>,
    /// The stretches that it ran, with the target of each.
    pub(super) intervals: Vec<IntervalRow>,
    /// How much of the target is used up, from 0 to 100.
    pub(super) percent: u8,
}

/// A fact about a clock.
pub(super) enum ClockFact {
    /// When.
    At(Moment),
    /// How long.
    Lasted(String),
}

/// A stretch of time under one target.
pub(super) struct IntervalRow {
    pub(super) from: Moment,
    pub(super) to: Option<Moment>,
    pub(super) priority: &'static str,
    /// What it may take, or that it stood still.
    pub(super) target: String,
}

impl ClockWhy {
    /// A clock at an instant, under the rules that it was judged by.
    pub(super) fn of(texts: &'static Texts, clock: &Clock, rules: &Rules, now: Timestamp) -> Self {
        let moment = |at| ClockFact::At(Moment::to_the_second(texts, at, now));
        let (face, terms) = (&clock.face, clock.terms());
        let mut facts = vec![(texts.clock_started, moment(face.started_at))];
        let missed = face.missed(now);
        let due = if face.runs() && missed.is_none() { texts.clock_due } else { texts.clock_was_due };
        let due_at = missed.map(|breach| breach.due_at).or(face.due_at);
        facts.extend(due_at.map(|at| (due, moment(at))));
        if missed.is_none() {
            facts.extend(face.near_at.map(|at| (texts.clock_soon, moment(at))));
        }
        facts.extend(missed.map(|breach| (texts.clock_missed, moment(breach.at))));
        facts.extend(clock.first_end.map(|end| (texts.clock_first_closed, moment(end.at))));
        facts.extend(face.end.map(|end| {
            let name = match end.outcome {
                Outcome::Responded => texts.clock_answered,
                Outcome::FulfilledByResolution => texts.clock_closed,
                Outcome::Resolved => texts.clock_resolved,
                Outcome::CancelledByMerge => texts.clock_merged,
            };
            (name, moment(end.at))
        }));
        let elapsed = clock.elapsed(rules, now);
        let took = if face.runs() { texts.clock_elapsed } else { texts.clock_took };
        facts.push((took, ClockFact::Lasted(texts.span_to_the_second(elapsed))));
        let promised = terms.target_ms.unwrap_or_default();
        let percent = (elapsed.0.max(0) as i128 * 100 / i128::from(promised.0.max(1))).min(100) as u8;
        Self {
            target: target(texts, face),
            badge: ClockBadge::of(texts, Some(face), now),
            policy: policy(texts, terms),
            facts,
            intervals: clock.intervals.iter().map(|interval| row(texts, interval, now)).collect(),
            percent,
        }
    }
}

/// The terms in a sentence.
fn policy(texts: &'static Texts, terms: &Terms) -> String {
    let name = terms.policy.slug.as_str();
    let (name, version) = (Visible(texts.policy(name).unwrap_or(name)), terms.policy.version);
    let priority = priority(texts, terms);
    let Some(target) = terms.target_ms.map(|target| texts.span_to_the_second(target)) else {
        return texts.clock_policy_without(name, version, priority).to_string();
    };
    match &terms.schedule {
        None => texts.clock_policy(name, version, target, priority).to_string(),
        Some(Pinned { slug, version: of }) => {
            let schedule = Visible(slug.as_str());
            texts.clock_policy_hours(name, version, target, priority, schedule, of).to_string()
        }
    }
}

fn priority(texts: &'static Texts, terms: &Terms) -> &'static str {
    texts.priority(terms.priority.as_str()).unwrap_or(terms.priority.as_str())
}

fn row(texts: &'static Texts, interval: &Interval, now: Timestamp) -> IntervalRow {
    IntervalRow {
        from: Moment::to_the_second(texts, interval.from, now),
        to: interval.to.map(|to| Moment::to_the_second(texts, to, now)),
        priority: priority(texts, &interval.terms),
        target: match interval.terms.target_ms {
            _ if interval.paused => texts.clock_paused.to_owned(),
            Some(target) => texts.span_to_the_second(target),
            None => texts.clock_no_target.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::actor::Role;
    use docket_core::catalog::PENDING_CUSTOMER;
    use docket_core::names::Slug;
    use docket_core::settings::SettingEvent;
    use docket_core::sla::{Course, Target};
    use docket_core::ticket::TicketEvent;
    use docket_core::ticket::event::{Message, Priority, SealedForGood, SetPending};
    use docket_core::time::DurationMs;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn minute(minutes: i64) -> Timestamp {
        Timestamp(0).plus(DurationMs::from_minutes(minutes))
    }

    fn said(
        priority: Priority,
        given: &[(i64, TicketEvent)],
        at: i64,
    ) -> (&'static str, &'static str, String) {
        let mut course = Course::opened(minute(0), Some(priority));
        given.iter().for_each(|(at, event)| course.take(minute(*at), Role::Agent, event));
        let clocks = course.clocks(&Rules::default());
        let badge = ClockBadge::of(Texts::fallback(), Face::foremost(&clocks), minute(at));
        (badge.class, badge.icon, badge.text)
    }

    #[test]
    fn a_running_clock_is_due_then_due_soon_then_late() {
        assert_eq!(said(Priority::High, &[], 0), ("ok", "due", "due in 4 h".into()));
        assert_eq!(said(Priority::High, &[], 192), ("soon", "soon", "due soon, 48 min".into()));
        assert_eq!(said(Priority::High, &[], 240), ("soon", "soon", "due soon, 0 s".into()));
        assert_eq!(said(Priority::High, &[], 370), ("bad", "late", "2 h 10 min late".into()));
    }

    #[test]
    fn a_clock_that_ended_says_how() {
        let answered = || TicketEvent::Replied(Message { message: Uuid::nil(), body: None });
        let closed = TicketEvent::Sealed(SealedForGood {});
        let urgent = |given: &[_]| said(Priority::Urgent, given, 500);
        assert_eq!(urgent(&[(23, answered())]), ("met", "met", "answered in 23 min".into()));
        assert_eq!(urgent(&[(23, closed)]), ("ok", "none", "closed without reply".into()));
        assert_eq!(urgent(&[(75, answered())]), ("missed", "missed", "answered 15 min late".into()));
        // As an import tells it whose times step back.
        assert_eq!(urgent(&[(-90, answered())]), ("met", "met", "answered in -1 h 30 min".into()));
    }

    #[test]
    fn what_a_timer_noted_names_its_target_in_every_language() {
        let said = |code: &str, target: Target, breached: bool| {
            noticed(Texts::of(code).unwrap(), breached, Some(target.as_str()), "21 Nov".into())
        };
        let names = [
            ("First response", "Primera respuesta"),
            ("Next reply", "Respuesta siguiente"),
            ("Requester wait", "Espera del cliente"),
            ("Agent work", "Trabajo del agente"),
            ("Resolution", "Resolución"),
        ];
        for (target, (en, es)) in Target::ALL.into_iter().zip(names) {
            assert_eq!(said("en", target, false), format!("{en}: the deadline came near, 21 Nov"));
            assert_eq!(said("en", target, true), format!("{en}: the deadline was missed, it was 21 Nov"));
            assert_eq!(said("es", target, false), format!("{es}: se acercó el plazo, 21 Nov"));
            assert_eq!(said("es", target, true), format!("{es}: se incumplió el plazo, vencía el 21 Nov"));
        }
    }

    #[test]
    fn a_badge_names_its_target_and_when_that_is_due_to_the_second() {
        let title = |code: &str, given: &[(i64, TicketEvent)], at: i64| {
            let mut course = Course::opened(Timestamp(8000), Some(Priority::Urgent));
            given.iter().for_each(|(at, event)| course.take(minute(*at), Role::Agent, event));
            let clocks = course.clocks(&Rules::default());
            let now = minute(at);
            let badge = ClockBadge::of(Texts::of(code).unwrap(), Face::foremost(&clocks), now);
            badge.title.unwrap()
        };
        assert_eq!(title("en", &[], 1), "First response: due 1 Jan 1970, 01:00:08 UTC");
        assert_eq!(title("es", &[], 70), "Primera respuesta: vencía el 1 ene 1970, 01:00:08 UTC");
        let closed = [(5, TicketEvent::Sealed(SealedForGood {}))];
        assert_eq!(title("es", &closed, 6), "Primera respuesta: vencía el 1 ene 1970, 01:00:08 UTC");
    }

    #[test]
    fn why_says_the_target_in_full_and_that_what_has_ended_was_due() {
        let facts = |given: &[(i64, TicketEvent)], at: i64| {
            let mut course = Course::opened(Timestamp(8000), Some(Priority::Urgent));
            given.iter().for_each(|(at, event)| course.take(minute(*at), Role::Agent, event));
            let clocks = course.clocks(&Rules::default());
            let why = ClockWhy::of(Texts::of("es").unwrap(), &clocks[0], &Rules::default(), minute(at));
            Vec::from_iter(why.facts.into_iter().map(|(name, fact)| match fact {
                ClockFact::At(moment) => (name, moment.text),
                ClockFact::Lasted(span) => (name, span),
            }))
        };
        let due = |name| (name, "1 ene 1970, 01:00:08 UTC".to_owned());
        assert!(facts(&[], 1).contains(&due("Vence")));
        let closed = facts(&[(5, TicketEvent::Sealed(SealedForGood {}))], 6);
        assert!(closed.contains(&due("Vencía")), "{closed:?}");
        assert!(closed.contains(&("Tiempo empleado", "4 min 52 s".to_owned())), "{closed:?}");
        assert!(facts(&[], 70).contains(&due("Vencía")));
    }

    /// Open for an hour a day; an hour for agents and requesters, and no word on the first response that would matter.
    fn an_hour_a_day() -> Rules {
        let day = |day: &str| json!({ "day": day, "opens_min": 0, "closes_min": 60 });
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map(day);
        let label = json!({ "en": "x", "es": "x" });
        let content = json!({ "label": label, "zone": "UTC", "shifts": week });
        let at = Timestamp::MIN;
        let mut rules = Rules::default();
        let published = |slug: &str, content: Value| json!({ "slug": slug, "version": 2, "effective_at": at, "content": content, "reason": "x" });
        let schedule = serde_json::from_value(published("hour", content)).unwrap();
        rules.take(&SettingEvent::SchedulePublished(schedule));
        let targets = json!({ "first_response_s": 300_000, "requester_wait_s": 3600, "schedule": "hour" });
        let targets = json!({ "urgent": targets, "high": targets, "normal": targets, "low": targets });
        let policy = published("default", json!({ "label": label, "targets": targets }));
        rules.take(&SettingEvent::SlaPolicyPublished(serde_json::from_value(policy).unwrap()));
        rules
    }

    #[test]
    fn a_clock_of_business_hours_is_due_when_they_are_over_and_late_when_they_begin_again() {
        let rules = an_hour_a_day();
        let customer = Slug::new(PENDING_CUSTOMER).unwrap();
        let waits = TicketEvent::SetPending(SetPending { reason: customer });
        let said = |given: &[(i64, TicketEvent)], at: i64| {
            let mut course = Course::opened(minute(0), None);
            given.iter().for_each(|(at, event)| course.take(minute(*at), Role::Agent, event));
            let clocks = course.clocks(&rules);
            let badge = ClockBadge::of(Texts::fallback(), Face::foremost(&clocks), minute(at));
            (badge.class, badge.icon, badge.text)
        };
        assert_eq!(said(&[], 20), ("ok", "due", "due in 40 min".into()));
        assert_eq!(said(&[], 50), ("soon", "soon", "due soon, 10 min".into()));
        assert_eq!(said(&[], 600), ("soon", "soon", "due now".into()));
        assert_eq!(said(&[], 24 * 60 + 1), ("bad", "late", "23 h 1 min late".into()));
        let answered = || TicketEvent::Replied(Message { message: Uuid::nil(), body: None });
        let paused = [(10, answered()), (20, waits)];
        assert_eq!(said(&paused, 600), ("ok", "paused", "waits for the customer".into()));
        let closed = [(10, answered()), (30, TicketEvent::Sealed(SealedForGood {}))];
        assert_eq!(said(&closed, 600), ("met", "met", "resolved in 30 min".into()));
    }
}
