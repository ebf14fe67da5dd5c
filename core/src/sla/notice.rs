//! What a timer has to note next, and the exact instant at which it happened or will happen.

use super::clock::{Clock, Interval};
use super::course::{Course, Noted};
use super::event::{Noticed, SlaEvent, Target};
use crate::time::Timestamp;

impl Course {
    /// The earliest that is not noted yet, of all clocks of this course.
    ///
    /// A breach is noted also when the answer came before a timer looked; a warning only while it still helps.
    pub fn next_notice(&self, clocks: &[Clock]) -> Option<(Timestamp, SlaEvent)> {
        let notices = clocks.iter().flat_map(|clock| [self.warning(clock), self.breach(clock)]).flatten();
        let after_import = |at: Timestamp| self.imported_at.is_none_or(|imported| at > imported);
        notices.filter(|(at, _)| after_import(*at)).min_by_key(|(at, _)| *at)
    }

    fn warning(&self, clock: &Clock) -> Option<(Timestamp, SlaEvent)> {
        let at = clock.face.near_at?;
        let noted = Noted { target: clock.face.target, run: clock.face.run, breached: false };
        if self.noted.contains(&noted) || self.breach_is_noted(clock) {
            return None;
        }
        let noticed = clock.noticed(clock.intervals.last()?, clock.face.due_at?);
        Some((at, SlaEvent::Warned(noticed)))
    }

    fn breach(&self, clock: &Clock) -> Option<(Timestamp, SlaEvent)> {
        let breach = clock.face.breach.filter(|_| !self.breach_is_noted(clock))?;
        // A stretch that stands still can only be exceeded from its beginning on.
        let missed = |interval: &&Interval| {
            interval.from == breach.at || (interval.from < breach.at && !interval.paused)
        };
        let then = clock.intervals.iter().rfind(missed);
        let noticed = clock.noticed(then.or(clock.intervals.first())?, breach.due_at);
        Some((breach.at, SlaEvent::Breached(noticed)))
    }

    /// What was missed stays missed, also in a later run of the same clock.
    fn breach_is_noted(&self, clock: &Clock) -> bool {
        let same = |noted: &&Noted| match clock.face.target {
            Target::NextReply => noted.run == clock.face.run,
            Target::FirstResponse | Target::RequesterWait | Target::AgentWork | Target::Resolution => true,
        };
        self.noted.iter().filter(same).any(|noted| noted.breached && noted.target == clock.face.target)
    }
}

impl Clock {
    fn noticed(&self, then: &Interval, due_at: Timestamp) -> Noticed {
        let policy = &then.terms.policy;
        Noticed {
            target: self.face.target,
            policy: policy.slug.clone(),
            policy_version: policy.version,
            run: self.face.run,
            due_at,
        }
    }
}
