//! What the closing timer promises: answers, sealings and wakings come once, each at its exact instant, whenever and
//! however often it looks (promises T1 to T3 and T5).

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]
#![allow(dead_code, reason = "each test binary uses its own part of what they share")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "support/call.rs"]
mod call;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/moody.rs"]
mod moody;

#[path = "closing/fallen.rs"]
mod fallen;
#[path = "closing/import.rs"]
mod import;
#[path = "closing/instants.rs"]
mod instants;
#[path = "closing/trouble.rs"]
mod trouble;
