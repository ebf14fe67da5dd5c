//! What routing promises: somebody for each ticket, never more than they have room for, never against what people
//! decided, on any number of nodes, and with an answer to "why me?" in the log.

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]
#![allow(dead_code, reason = "each test binary uses its own part of what they share")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "support/call.rs"]
mod call;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/moody.rs"]
mod moody;

#[path = "routing/departures.rs"]
mod departures;
#[path = "routing/found.rs"]
mod found;
#[path = "routing/log.rs"]
mod log;
#[path = "routing/people.rs"]
mod people;
#[path = "routing/races.rs"]
mod races;
#[path = "routing/returned.rs"]
mod returned;
#[path = "routing/rules.rs"]
mod rules;
#[path = "routing/takes.rs"]
mod takes;
#[path = "routing/waiting.rs"]
mod waiting;
