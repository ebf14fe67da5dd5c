//! The first-response clock in a page: one badge with words, a shape and a colour, and why it says so.

use super::format::datetime;
use super::moment::Moment;
use super::texts::Texts;
use super::visible::Visible;
use askama::Template;
use docket_core::sla::{Interval, Ledger, Outcome};
use docket_core::time::{DurationMs, Timestamp};

/// How a clock stands.
#[derive(Template)]
#[template(path = "parts/badge.html")]
pub(super) struct ClockBadge {
    class: &'static str,
    icon: &'static str,
    text: String,
    /// The instant it is about: as an attribute, and in words.
    at: Option<(String, String)>,
}

impl ClockBadge {
    /// The badge of a clock at an instant.
    pub(super) fn of(texts: &Texts, ledger: Option<&Ledger>, now: Timestamp) -> Self {
        let Some(ledger) = ledger else {
            return Self { class: "ok", icon: "none", text: texts.badge_none.to_owned(), at: None };
        };
        let due_at = ledger.missed_due_at.unwrap_or_else(|| ledger.due_at());
        let missed = ledger.breach(now).is_some();
        let span = |later: Timestamp, earlier: Timestamp| texts.span(later.since(earlier));
        let (class, icon, text) = match ledger.ended {
            None if missed => ("bad", "late", texts.badge_late(span(now, due_at)).to_string()),
            None if now >= ledger.warning_at() => {
                ("soon", "soon", texts.badge_soon(span(due_at, now)).to_string())
            }
            None => ("ok", "due", texts.badge_due(span(due_at, now)).to_string()),
            Some((at, Outcome::Responded)) if missed => {
                ("missed", "missed", texts.badge_missed(span(at, due_at)).to_string())
            }
            Some((at, Outcome::Responded)) => {
                let took = DurationMs(at.since(ledger.started_at()).0.max(0));
                ("met", "met", texts.badge_met(texts.span(took)).to_string())
            }
            Some((at, Outcome::FulfilledByResolution)) if missed => {
                ("missed", "missed", texts.badge_resolved_late(span(at, due_at)).to_string())
            }
            Some((_, Outcome::FulfilledByResolution)) => ("ok", "none", texts.badge_resolved.to_owned()),
            Some((_, Outcome::CancelledByMerge)) => ("ok", "none", texts.badge_merged.to_owned()),
        };
        let title = if ledger.runs() && !missed {
            texts.badge_due_at(texts.instant(due_at)).to_string()
        } else {
            texts.badge_was_due_at(texts.instant(due_at)).to_string()
        };
        Self { class, icon, text, at: Some((datetime(due_at), title)) }
    }
}

/// Why a clock stands as it does.
pub(super) struct ClockWhy {
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
    pub(super) target: String,
}

impl ClockWhy {
    /// The reasons of a ledger at an instant.
    pub(super) fn of(texts: &'static Texts, ledger: &Ledger, now: Timestamp) -> Self {
        let moment = |at| ClockFact::At(Moment::absolute(texts, at, now));
        let mut facts = vec![
            (texts.clock_started, moment(ledger.started_at())),
            (texts.clock_due, moment(ledger.due_at())),
        ];
        if ledger.runs() && ledger.breach(now).is_none() {
            facts.push((texts.clock_soon, moment(ledger.warning_at())));
        }
        if let Some(at) = ledger.breach(now) {
            facts.push((texts.clock_missed, moment(at)));
        }
        let elapsed = ledger.elapsed(now);
        let lasted = ClockFact::Lasted(texts.span(elapsed));
        match ledger.ended {
            Some((at, Outcome::Responded)) => facts.push((texts.clock_answered, moment(at))),
            Some((at, Outcome::FulfilledByResolution)) => facts.push((texts.clock_closed, moment(at))),
            Some((at, Outcome::CancelledByMerge)) => facts.push((texts.clock_merged, moment(at))),
            None => {}
        }
        facts.push((if ledger.runs() { texts.clock_elapsed } else { texts.clock_took }, lasted));
        let last = ledger.intervals.last();
        let target = last.map_or(DurationMs(0), |interval| interval.target_ms);
        let priority = last.map_or("", |interval| priority(texts, interval));
        let name = ledger.policy.as_str();
        let name = texts.policy(name).unwrap_or(name);
        let policy = texts
            .clock_policy(Visible(name), ledger.policy_version, texts.span(target), priority)
            .to_string();
        let intervals = ledger.intervals.iter().map(|interval| row(texts, interval, now)).collect();
        let percent = (elapsed.0.max(0) as i128 * 100 / i128::from(target.0.max(1))).min(100) as u8;
        Self { policy, facts, intervals, percent }
    }
}

fn priority(texts: &'static Texts, interval: &Interval) -> &'static str {
    texts.priority(interval.priority.as_str()).unwrap_or(interval.priority.as_str())
}

fn row(texts: &'static Texts, interval: &Interval, now: Timestamp) -> IntervalRow {
    IntervalRow {
        from: Moment::absolute(texts, interval.from, now),
        to: interval.to.map(|to| Moment::absolute(texts, to, now)),
        priority: priority(texts, interval),
        target: texts.span(interval.target_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::sla::Policy;
    use docket_core::ticket::event::Priority;

    fn said(ledger: &Ledger, minutes: i64) -> (&'static str, &'static str, String) {
        let now = Timestamp(0).plus(DurationMs::from_minutes(minutes));
        let badge = ClockBadge::of(Texts::fallback(), Some(ledger), now);
        (badge.class, badge.icon, badge.text)
    }

    #[test]
    fn a_running_clock_is_due_then_due_soon_then_late() {
        let ledger = Ledger::opened(Policy::of_the_guide(), Timestamp(0), Some(Priority::High));
        assert_eq!(said(&ledger, 0), ("ok", "due", "due in 4 h".into()));
        assert_eq!(said(&ledger, 192), ("soon", "soon", "due soon, 48 min".into()));
        assert_eq!(said(&ledger, 240), ("soon", "soon", "due soon, 0 s".into()));
        assert_eq!(said(&ledger, 370), ("bad", "late", "2 h 10 min late".into()));
    }

    #[test]
    fn a_clock_that_ended_says_how() {
        let mut ledger = Ledger::opened(Policy::of_the_guide(), Timestamp(0), Some(Priority::Urgent));
        let minute = |minutes| Timestamp(0).plus(DurationMs::from_minutes(minutes));
        ledger.ended = Some((minute(23), Outcome::Responded));
        assert_eq!(said(&ledger, 500), ("met", "met", "answered in 23 min".into()));
        ledger.ended = Some((minute(23), Outcome::FulfilledByResolution));
        assert_eq!(said(&ledger, 500), ("ok", "none", "closed without reply".into()));
        (ledger.ended, ledger.breached_at) = (Some((minute(75), Outcome::Responded)), Some(minute(60)));
        assert_eq!(said(&ledger, 500), ("missed", "missed", "answered 15 min late".into()));
    }
}
