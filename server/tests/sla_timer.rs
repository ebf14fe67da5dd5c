//! What the timer promises: each deadline is noted once, with its exact instant, whenever and however often
//! it looks (promises T1 to T3 and T5).

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]
#![allow(dead_code, reason = "each test binary uses its own part of what they share")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "support/call.rs"]
mod call;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/moody.rs"]
mod moody;

#[path = "sla_timer/import.rs"]
mod import;
#[path = "sla_timer/instants.rs"]
mod instants;
#[path = "sla_timer/noticed.rs"]
mod noticed;
#[path = "sla_timer/trouble.rs"]
mod trouble;
