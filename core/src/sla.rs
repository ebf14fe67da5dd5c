//! Service level agreements: targets by priority, and a ledger of intervals per ticket that they apply to.
//!
//! A ledger is folded from the ticket's events; the instants of warning and breach are computed from it and
//! never the time of a poll. Source: PRODUCT section 6, the guide's "Service Level Agreements".

pub mod event;
pub mod ledger;
pub mod policy;
#[cfg(test)]
mod tests;

pub use event::{Noticed, SlaEvent, Target};
pub use ledger::{Interval, Ledger, Outcome};
pub use policy::Policy;
