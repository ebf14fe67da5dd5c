//! What webhooks promise: signed, in the order of each ticket, again for a day, never to where they may not go, and never
//! more than may be known outside (promises S6, S8, T5, A2).

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]
#![allow(dead_code, reason = "each test binary uses its own part of what they share")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "support/call.rs"]
mod call;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/moody.rs"]
mod moody;

#[path = "webhooks/api.rs"]
mod api;
#[path = "webhooks/disclosure.rs"]
mod disclosure;
#[path = "webhooks/log.rs"]
mod log;
#[path = "webhooks/network.rs"]
mod network;
#[path = "webhooks/receiver.rs"]
mod receiver;
#[path = "webhooks/restart.rs"]
mod restart;
#[path = "webhooks/secrets.rs"]
mod secrets;
#[path = "webhooks/sending.rs"]
mod sending;
#[path = "webhooks/support.rs"]
mod support;
#[path = "webhooks/trouble.rs"]
mod trouble;
