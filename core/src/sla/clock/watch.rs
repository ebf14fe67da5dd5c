//! Computes the clocks of a ticket, by going through what happened to it in the order in which it was recorded.

use super::{Breach, Clock, End, Face, Interval, Outcome};
use crate::sla::course::{Course, Moment, Turn};
use crate::sla::event::Target;
use crate::sla::rules::Rules;
use crate::ticket::event::Priority;
use crate::time::{DurationMs, Timestamp};

impl Course {
    /// Every clock to a target that was ever promised, by target and run.
    pub fn clocks(&self, rules: &Rules) -> Vec<Clock> {
        let promised = Target::ALL.into_iter().filter(|target| rules.has(*target));
        let mut clocks = Vec::from_iter(promised.flat_map(|target| self.clocks_to(rules, target)));
        clocks.retain(|clock| clock.intervals.iter().any(|interval| interval.terms.target_ms.is_some()));
        clocks
    }

    fn clocks_to(&self, rules: &Rules, target: Target) -> Vec<Clock> {
        let mut watch = Watch { rules, target, stands: Stands::opened(self.priority), clocks: Vec::new() };
        match target {
            Target::FirstResponse | Target::RequesterWait | Target::Resolution => watch.start(self.opened_at),
            Target::NextReply | Target::AgentWork => {}
        }
        let merged = self.moments.iter().position(|moment| moment.is == Turn::Merged);
        for moment in &self.moments[..merged.unwrap_or(self.moments.len())] {
            watch.take(*moment);
        }
        match merged {
            Some(merged) => watch.end(self.moments[merged].at, Outcome::CancelledByMerge),
            None => watch.run_ahead(),
        }
        watch.clocks
    }
}

/// Where the ticket stands, as far as it starts and pauses clocks.
struct Stands {
    priority: Option<Priority>,
    waits: bool,
    resolved: bool,
    taken_up: bool,
    /// Whether a message is unanswered that was written while the ticket was resolved.
    asked: bool,
}

impl Stands {
    const fn opened(priority: Option<Priority>) -> Self {
        Self { priority, waits: false, resolved: false, taken_up: false, asked: false }
    }

    fn take(&mut self, is: Turn) {
        match is {
            Turn::Priority(priority) => self.priority = Some(priority),
            Turn::TakenUp => self.taken_up = true,
            Turn::Asked => self.asked = self.resolved,
            Turn::Answered => self.asked = false,
            Turn::Waits => self.waits = true,
            Turn::Rests | Turn::GoesOn => self.waits = false,
            Turn::Resolved => (self.resolved, self.waits) = (true, false),
            Turn::Reopened => self.resolved = false,
            Turn::Merged => {}
        }
    }
}

/// Follows the clocks to one target. Only the last one can run.
struct Watch<'a> {
    rules: &'a Rules,
    target: Target,
    stands: Stands,
    clocks: Vec<Clock>,
}

impl Watch<'_> {
    fn take(&mut self, moment: Moment) {
        self.stands.take(moment.is);
        match self.target {
            Target::FirstResponse => self.take_reply(moment),
            Target::NextReply => self.take_message(moment),
            Target::RequesterWait | Target::AgentWork => self.take_work(moment),
            Target::Resolution => self.take_resolving(moment),
        }
    }

    /// Ends with an answer, and does not start again.
    fn take_reply(&mut self, Moment { at, is }: Moment) {
        match is {
            Turn::Priority(_) => self.cut(at),
            Turn::Answered => self.end(at, Outcome::Responded),
            Turn::Resolved => self.end(at, Outcome::FulfilledByResolution),
            Turn::TakenUp
            | Turn::Asked
            | Turn::Waits
            | Turn::Rests
            | Turn::GoesOn
            | Turn::Reopened
            | Turn::Merged => {}
        }
    }

    /// Starts with a message. One that was written to a resolved ticket counts from when that is opened again.
    fn take_message(&mut self, moment: Moment) {
        match moment.is {
            Turn::Asked if !self.stands.resolved => self.start(moment.at),
            Turn::Reopened if std::mem::take(&mut self.stands.asked) => self.start(moment.at),
            Turn::Priority(_)
            | Turn::Asked
            | Turn::Answered
            | Turn::Resolved
            | Turn::TakenUp
            | Turn::Waits
            | Turn::Rests
            | Turn::GoesOn
            | Turn::Reopened
            | Turn::Merged => self.take_reply(moment),
        }
    }

    /// Pauses while everybody waits for the customer.
    fn take_work(&mut self, moment: Moment) {
        match moment.is {
            Turn::Waits | Turn::Rests | Turn::GoesOn => self.cut(moment.at),
            Turn::TakenUp if self.target == Target::AgentWork && !self.stands.resolved => {
                self.start(moment.at);
            }
            // Taken up while it was resolved.
            Turn::Reopened if self.stands.taken_up && self.clocks.is_empty() => self.start(moment.at),
            Turn::Priority(_)
            | Turn::TakenUp
            | Turn::Resolved
            | Turn::Reopened
            | Turn::Asked
            | Turn::Answered
            | Turn::Merged => self.take_resolving(moment),
        }
    }

    /// Ends with the resolving, and goes on when the ticket is opened again.
    fn take_resolving(&mut self, Moment { at, is }: Moment) {
        match is {
            Turn::Priority(_) => self.cut(at),
            Turn::Resolved => self.end(at, Outcome::Resolved),
            Turn::Reopened => self.resume(at),
            Turn::TakenUp
            | Turn::Asked
            | Turn::Answered
            | Turn::Waits
            | Turn::Rests
            | Turn::GoesOn
            | Turn::Merged => {}
        }
    }

    fn start(&mut self, at: Timestamp) {
        let face = Face {
            target: self.target,
            run: self.clocks.len() as u32 + 1,
            started_at: at,
            paused: false,
            due_at: None,
            near_at: None,
            breach: None,
            end: None,
        };
        self.clocks.push(Clock { face, first_end: None, intervals: Vec::with_capacity(1) });
        self.open(at);
    }

    /// Goes on where it ended: what had passed is kept, and what passed since does not count.
    fn resume(&mut self, at: Timestamp) {
        let Some(clock) = self.clocks.last_mut() else { return };
        let Some(end) = clock.face.end.take() else { return };
        clock.first_end = clock.first_end.or(Some(end));
        clock.face.run += 1;
        self.open(at);
    }

    fn end(&mut self, at: Timestamp, outcome: Outcome) {
        self.cut_by_rules(at);
        let due_at = self.due_at();
        self.close(at);
        let Some(clock) = self.running() else { return };
        let (elapsed_ms, missed) = (clock.counted(), clock.face.breach.is_some());
        (clock.face.due_at, clock.face.paused, clock.face.end) =
            (due_at, false, Some(End { at, outcome, elapsed_ms, missed }));
    }

    /// Ends the stretch that runs, and begins one under what holds now.
    fn cut(&mut self, at: Timestamp) {
        if self.running().is_some() {
            self.cut_by_rules(at);
            self.close(at);
            self.open(at);
        }
    }

    /// Cuts the stretch that runs wherever other terms took effect before an instant.
    fn cut_by_rules(&mut self, until: Timestamp) {
        let Some(mut after) = self.running().map(|clock| clock.current().from) else { return };
        while let Some(change) = self.cut_at_next_change(after, until) {
            after = change;
        }
    }

    /// Looks at the next change of the rules before an instant, and cuts the stretch there if its terms are others.
    fn cut_at_next_change(&mut self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let change = self.rules.next_change(after).filter(|change| *change < until)?;
        let Interval { terms, paused, .. } = self.running()?.current();
        let (priority, paused, before) = (terms.priority, *paused, terms.clone());
        if self.rules.terms(self.target, Some(priority), change) != before {
            self.close(change);
            self.begin(change, priority, paused);
        }
        Some(change)
    }

    fn open(&mut self, at: Timestamp) {
        let paused = self.stands.waits && matches!(self.target, Target::RequesterWait | Target::AgentWork);
        self.begin(at, self.stands.priority.unwrap_or(Priority::Normal), paused);
    }

    fn begin(&mut self, at: Timestamp, priority: Priority, paused: bool) {
        let terms = self.rules.terms(self.target, Some(priority), at);
        let rules = self.rules;
        let Some(clock) = self.running() else { return };
        let exceeded = terms.target_ms.filter(|target| clock.counted() > *target);
        if let Some(target) = exceeded
            && clock.face.breach.is_none()
        {
            // Missed at the moment of the change, not before it; also while it stands still, since the time is used up.
            let due_at = clock.spent(rules, target).unwrap_or(at);
            clock.face.breach = Some(Breach { at, due_at });
        }
        clock.face.paused = paused;
        clock.intervals.push(Interval { from: at, to: None, paused, elapsed_ms: None, terms });
    }

    /// Ends the stretch that runs, and holds on to whether the target was missed in it.
    fn close(&mut self, at: Timestamp) {
        let breach = self.breach().filter(|breach| breach.at < at);
        let rules = self.rules;
        let Some(clock) = self.running() else { return };
        clock.face.breach = clock.face.breach.or(breach);
        if let Some(last) = clock.intervals.last_mut() {
            let counted = if last.paused { DurationMs(0) } else { rules.between(&last.terms, last.from, at) };
            (last.to, last.elapsed_ms) = (Some(at), Some(counted));
        }
    }

    /// Looks at what is still to come: changes of the rules that are known, and when the target is due and missed.
    fn run_ahead(&mut self) {
        let Some(mut after) = self.running().map(|clock| clock.current().from) else { return };
        loop {
            let change = self.rules.next_change(after);
            let breach = self.breach().filter(|breach| change.is_none_or(|change| breach.at < change));
            let (due_at, near_at) = (self.due_at(), self.near_at());
            let Some(Clock { face, .. }) = self.running() else { return };
            if face.breach.is_none() && (breach.is_some() || change.is_none()) {
                (face.due_at, face.near_at, face.breach) = (due_at, near_at, breach);
            } else if face.due_at.is_none() && change.is_none() {
                face.due_at = due_at;
            }
            let Some(change) = self.cut_at_next_change(after, Timestamp::MAX) else { return };
            after = change;
        }
    }

    /// The target of the stretch that runs, and what is left of it at its beginning.
    fn left(&self) -> Option<(&Interval, DurationMs)> {
        let clock = self.clocks.last().filter(|clock| clock.face.runs() && !clock.face.paused)?;
        let target = clock.terms().target_ms?;
        Some((clock.current(), DurationMs(target.0.saturating_sub(clock.counted().0))))
    }

    /// When the target of the stretch that runs is due.
    fn due_at(&self) -> Option<Timestamp> {
        let (current, left) = self.left()?;
        if left.0 >= 0 {
            return self.rules.used_up(&current.terms, current.from, left);
        }
        self.clocks.last()?.spent(self.rules, current.terms.target_ms?)
    }

    /// When the target of the stretch that runs is missed, if it goes on.
    fn breach(&self) -> Option<Breach> {
        let (current, left) = self.left()?;
        let at = self.rules.kept_until(&current.terms, current.from, left)?;
        Some(Breach { at, due_at: self.due_at()? })
    }

    fn near_at(&self) -> Option<Timestamp> {
        let (current, left) = self.left()?;
        let ahead = DurationMs(left.0.saturating_sub(current.terms.warning_ms.0).max(0));
        self.rules.used_up(&current.terms, current.from, ahead)
    }

    fn running(&mut self) -> Option<&mut Clock> {
        self.clocks.last_mut().filter(|clock| clock.face.runs())
    }
}

impl Clock {
    /// The time that counts of all stretches that have ended.
    fn counted(&self) -> DurationMs {
        DurationMs(self.intervals.iter().filter_map(|interval| interval.elapsed_ms).map(|span| span.0).sum())
    }

    /// The first instant by which so much time had passed, in the stretches that have ended.
    fn spent(&self, rules: &Rules, span: DurationMs) -> Option<Timestamp> {
        let mut before = 0;
        for interval in &self.intervals {
            let counted = interval.elapsed_ms?.0;
            if before + counted >= span.0 {
                return rules.used_up(&interval.terms, interval.from, DurationMs(span.0 - before));
            }
            before += counted;
        }
        None
    }
}
