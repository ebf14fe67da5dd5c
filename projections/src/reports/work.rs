//! How long a ticket was worked and waited for, by the course of its clocks, in calendar time.
//!
//! The clocks themselves run only where a target was promised, and in open hours where the policy says so; this is the same
//! going through what happened without any promise.

use docket_core::sla::{Course, Turn};
use docket_core::time::Timestamp;

/// A stretch of work, from where it began until the resolution that stands.
pub(super) struct Worked {
    /// The moment that it began with; none for the opening.
    pub(super) began: Option<usize>,
    /// When it began.
    pub(super) began_at: Timestamp,
    /// The moment that it ended with, if it has.
    pub(super) ended: Option<usize>,
    /// Whether that was a merge.
    pub(super) merged: bool,
    /// The time that counts. Unit: milliseconds.
    pub(super) elapsed_ms: i64,
}

/// From where it is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// From the opening.
    Opening,
    /// From when somebody first became responsible.
    TakingUp,
}

/// A stretch that is being followed.
struct Running {
    worked: Worked,
    /// Since when it counts; none while it waits for the customer, or has ended.
    since: Option<Timestamp>,
}

impl Running {
    fn start(began: Option<usize>, at: Timestamp, waits: bool) -> Self {
        let worked = Worked { began, began_at: at, ended: None, merged: false, elapsed_ms: 0 };
        Self { worked, since: (!waits).then_some(at) }
    }

    fn stop(&mut self, at: Timestamp) {
        if let Some(since) = self.since.take() {
            self.worked.elapsed_ms = self.worked.elapsed_ms.saturating_add(at.since(since).0);
        }
    }

    fn go_on(&mut self, at: Timestamp) {
        if self.worked.ended.is_none() && self.since.is_none() {
            self.since = Some(at);
        }
    }

    fn end(&mut self, moment: usize, at: Timestamp, merged: bool) {
        if self.worked.ended.is_none() {
            self.stop(at);
            (self.worked.ended, self.worked.merged) = (Some(moment), merged);
        }
    }

    fn resume(&mut self, at: Timestamp, waits: bool) {
        if self.worked.ended.take().is_some() && !waits {
            self.since = Some(at);
        }
    }
}

/// The work on a ticket; none before it began.
pub(super) fn worked(course: &Course, from: From) -> Option<Worked> {
    let (mut waits, mut resolved, mut taken_up) = (false, false, false);
    let mut running = (from == From::Opening).then(|| Running::start(None, course.opened_at, false));
    for (index, moment) in course.moments.iter().enumerate() {
        let at = moment.at;
        match moment.is {
            Turn::Waits => {
                waits = true;
                running.iter_mut().for_each(|running| running.stop(at));
            }
            Turn::Rests | Turn::GoesOn => {
                waits = false;
                running.iter_mut().for_each(|running| running.go_on(at));
            }
            Turn::Resolved => {
                (resolved, waits) = (true, false);
                running.iter_mut().for_each(|running| running.end(index, at, false));
            }
            Turn::Reopened => {
                resolved = false;
                match &mut running {
                    Some(running) => running.resume(at, waits),
                    None if taken_up => running = Some(Running::start(Some(index), at, waits)),
                    None => {}
                }
            }
            Turn::TakenUp => {
                taken_up = true;
                if running.is_none() && !resolved {
                    running = Some(Running::start(Some(index), at, waits));
                }
            }
            Turn::Merged => {
                running.iter_mut().for_each(|running| running.end(index, at, true));
                break;
            }
            Turn::Priority(_) | Turn::Asked | Turn::Answered => {}
        }
    }
    running.map(|running| running.worked)
}

/// A message that was unanswered: when that began, and how it ended.
pub(super) struct Unanswered {
    /// The moment that it began with.
    pub(super) began: usize,
    /// The moment that it ended with, if it has, and what that was.
    pub(super) ended: Option<(usize, Turn)>,
}

/// The customer's unanswered messages after the first answer, one after the other. One that was written to a resolved ticket
/// counts from when that is opened again.
pub(super) fn unanswered(course: &Course) -> Vec<Unanswered> {
    let (mut resolved, mut asked) = (false, false);
    let mut all: Vec<Unanswered> = Vec::new();
    for (index, moment) in course.moments.iter().enumerate() {
        let end = |all: &mut Vec<Unanswered>| {
            if let Some(last) = all.last_mut().filter(|last| last.ended.is_none()) {
                last.ended = Some((index, moment.is));
            }
        };
        match moment.is {
            Turn::Asked if resolved => asked = true,
            Turn::Asked => all.push(Unanswered { began: index, ended: None }),
            Turn::Reopened => {
                resolved = false;
                if std::mem::take(&mut asked) {
                    all.push(Unanswered { began: index, ended: None });
                }
            }
            Turn::Answered => {
                asked = false;
                end(&mut all);
            }
            Turn::Resolved => {
                resolved = true;
                end(&mut all);
            }
            Turn::Merged => {
                end(&mut all);
                break;
            }
            Turn::Priority(_) | Turn::TakenUp | Turn::Waits | Turn::Rests | Turn::GoesOn => {}
        }
    }
    all
}
