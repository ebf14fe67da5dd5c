//! The program as people run it: how it starts, how it ends, and what is left when it is killed (promises D1,
//! D3, D4, D6 and A5).

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "process/client.rs"]
mod client;
#[path = "process/log.rs"]
mod log;
#[path = "process/server.rs"]
mod server;

#[path = "process/crowd.rs"]
mod crowd;
#[path = "process/damage.rs"]
mod damage;
#[path = "process/disk_full.rs"]
mod disk_full;
#[path = "process/kill.rs"]
mod kill;
#[path = "process/start.rs"]
mod start;
#[path = "process/stop.rs"]
mod stop;
