//! The HTTP front: thin handlers that send commands and read projections.
//!
//! [`api`] shows the whole API on one screen, [`pages`] the pages; [`problem`] is the only file that knows
//! HTTP status codes, [`assembly`] the only one that names a concrete store.

pub mod access;
pub mod api;
pub mod app;
pub mod assembly;
pub mod closing;
pub mod config;
pub mod credentials;
pub mod drafts;
pub mod idempotency;
pub mod identity;
pub mod invitation;
pub mod letting_in;
pub mod listener;
pub mod pages;
pub mod problem;
pub mod rate_limit;
pub mod reactor;
pub mod sample;
pub mod single;
pub mod streams;
pub mod telemetry;
pub mod tier;
pub mod uploads;
pub mod webhooks;
