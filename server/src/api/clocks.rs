//! How the clocks of a ticket stand, and why they are due when they are.

use super::shapes;
use docket_core::sla::{Clock, End, Face, Interval, Outcome, Pinned, Rules};
use docket_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A clock at the instant of evaluation.
#[derive(Serialize, ToSchema)]
pub(super) struct ClockView {
    /// `first_response`, `next_reply`, `requester_wait`, `agent_work` or `resolution`.
    #[schema(value_type = shapes::TargetName)]
    target: &'static str,
    /// `active`, `paused` while everybody waits for the customer, or `closed`.
    state: &'static str,
    /// Whether the target was missed.
    breached: bool,
    /// Whether it comes near, by the policy's own measure.
    approaching: bool,
    /// When it is or was due; null while paused, and if it never is.
    #[schema(value_type = Option<shapes::Instant>)]
    due_at: Option<String>,
    /// The last instant that met the target, if it was missed: when it was due, or later by the time that was closed then.
    #[schema(value_type = Option<shapes::Instant>)]
    breached_at: Option<String>,
    /// When it ended.
    #[schema(value_type = Option<shapes::Instant>)]
    ended_at: Option<String>,
    /// `responded`, `fulfilled_by_resolution`, `resolved` or `cancelled_by_merge`.
    #[schema(value_type = Option<String>)]
    outcome: Option<Outcome>,
    /// The next instant at which it stands otherwise if nothing happens: it comes near, is due, or is missed right after.
    /// Null once it is missed, and while it does not run, unless a version that is known will miss it then.
    #[schema(value_type = Option<shapes::Instant>)]
    next_at: Option<String>,
    /// Seconds of calendar time until it is due; negative once it is late, null where nothing is to come.
    remaining_s: Option<i64>,
}

impl ClockView {
    /// The clock as it stands at an instant.
    pub(super) fn of(face: &Face, now: Timestamp) -> Self {
        let breach = face.missed(now);
        let due_at = breach.map(|breach| breach.due_at).or(face.due_at);
        Self {
            target: face.target.as_str(),
            state: match (face.runs(), face.paused) {
                (false, _) => "closed",
                (true, true) => "paused",
                (true, false) => "active",
            },
            breached: breach.is_some(),
            approaching: face.is_near(now),
            due_at: due_at.map(Timestamp::to_rfc3339),
            breached_at: breach.map(|breach| breach.at.to_rfc3339()),
            ended_at: face.end.map(|end| end.at.to_rfc3339()),
            outcome: face.end.map(|end| end.outcome),
            next_at: next_at(face, now).map(Timestamp::to_rfc3339),
            remaining_s: due_at
                .filter(|_| face.runs() && !face.paused)
                .map(|due| due.since(now).whole_seconds()),
        }
    }
}

fn next_at(face: &Face, now: Timestamp) -> Option<Timestamp> {
    if !face.runs() || face.missed(now).is_some() {
        return None;
    }
    let near = face.near_at.filter(|near| *near > now);
    // A target is met at the very instant that it is due, and at the last one that is kept.
    let due = face.due_at.filter(|due| *due >= now);
    let kept = face.breach.map(|breach| breach.at).filter(|kept| *kept >= now);
    [near, due, kept].into_iter().flatten().min()
}

/// A clock with all that explains it.
#[derive(Serialize, ToSchema)]
pub(super) struct ClockInFull {
    #[serde(flatten)]
    clock: ClockView,
    /// Which run of it, from 1: each unanswered message starts one for the next reply, each reopening one of those that end
    /// with the resolving.
    run: u32,
    /// When it began.
    #[schema(value_type = shapes::Instant)]
    started_at: String,
    /// Seconds that count so far: of business time where a schedule applies, without pauses.
    elapsed_s: i64,
    /// Seconds of the same kind that are left of the target; negative once it is exceeded, null without a target.
    left_s: Option<i64>,
    /// How it ended the first time, if it was opened again since.
    first_end: Option<EndView>,
    /// What explains it, oldest first. One that begins later is a published version that takes effect then.
    intervals: Vec<IntervalView>,
}

/// The end of a clock.
#[derive(Serialize, ToSchema)]
pub(super) struct EndView {
    /// When.
    #[schema(value_type = shapes::Instant)]
    at: String,
    /// How.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// Seconds that counted by then.
    elapsed_s: i64,
    /// Whether the target was missed by then.
    missed: bool,
}

/// A stretch of time under the same terms.
#[derive(Serialize, ToSchema)]
pub(super) struct IntervalView {
    /// When it began.
    #[schema(value_type = shapes::Instant)]
    from: String,
    /// When it ended; null while it goes on.
    #[schema(value_type = Option<shapes::Instant>)]
    to: Option<String>,
    /// Whether the clock stood still, waiting for the customer.
    paused: bool,
    /// Seconds of it that count; null while it goes on.
    elapsed_s: Option<i64>,
    /// The priority that chose the target.
    #[schema(value_type = shapes::Priority)]
    priority: &'static str,
    /// Seconds that it may take; null if nothing is promised.
    target_s: Option<i64>,
    /// The policy.
    policy: String,
    /// Its version.
    policy_version: u32,
    /// The schedule whose open hours count; null for calendar time.
    schedule: Option<String>,
    /// Its version.
    schedule_version: Option<u32>,
}

impl ClockInFull {
    /// The clock as it stands at an instant, under the rules that it was judged by.
    pub(super) fn of(clock: &Clock, rules: &Rules, now: Timestamp) -> Self {
        let elapsed = clock.elapsed(rules, now);
        let target = clock.terms().target_ms;
        Self {
            clock: ClockView::of(&clock.face, now),
            run: clock.face.run,
            started_at: clock.face.started_at.to_rfc3339(),
            elapsed_s: elapsed.whole_seconds(),
            left_s: target.map(|target| target.whole_seconds() - elapsed.whole_seconds()),
            first_end: clock.first_end.map(EndView::of),
            intervals: clock.intervals.iter().map(IntervalView::of).collect(),
        }
    }
}

impl EndView {
    fn of(end: End) -> Self {
        let End { at, outcome, elapsed_ms, missed } = end;
        Self { at: at.to_rfc3339(), outcome, elapsed_s: elapsed_ms.whole_seconds(), missed }
    }
}

impl IntervalView {
    fn of(interval: &Interval) -> Self {
        let terms = &interval.terms;
        let schedule = terms.schedule.as_ref().map(|Pinned { slug, version }| (slug.to_string(), *version));
        let (schedule, schedule_version) = schedule.unzip();
        Self {
            from: interval.from.to_rfc3339(),
            to: interval.to.map(Timestamp::to_rfc3339),
            paused: interval.paused,
            elapsed_s: interval.elapsed_ms.map(|span| span.whole_seconds()),
            priority: terms.priority.as_str(),
            target_s: terms.target_ms.map(|span| span.whole_seconds()),
            policy: terms.policy.slug.to_string(),
            policy_version: terms.policy.version,
            schedule,
            schedule_version,
        }
    }
}
