//! Reactors watch the log and send commands. They never run in a replay, which folds and does nothing else.

pub mod closing;
pub mod routing;
pub mod sla_timer;
mod timer;
pub mod webhooks;
