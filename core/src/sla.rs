//! Service level agreements: what was promised, and the clocks of each ticket that run to it.
//!
//! A ticket's events leave a [`Course`]: the facts that its clocks run by. The settings leave [`Rules`]: every version of the
//! policies and schedules. From both, and from nothing else, every [`Clock`] is computed as a ledger of intervals that each pin
//! the versions they ran under, with the instants of warning and breach; never the time of a poll.
//! Source: docs/adr/0027-clocks.md, PRODUCT section 6, the guide's "Service Level Agreements".

pub mod clock;
pub mod course;
pub mod event;
mod notice;
pub mod rules;
#[cfg(test)]
mod tests;

pub use clock::{Breach, Clock, End, Face, Interval, Outcome};
pub use course::{Course, Moment, Noted, Turn};
pub use event::{Noticed, SlaEvent, Target};
pub use rules::{Pinned, Rules, Terms};
