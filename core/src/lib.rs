//! The rules of Docket: what may happen to a ticket, how it is recorded, and where the record is kept.
//!
//! Layers inside, each ignorant of the next: the domain ([`ticket`], [`sla`], [`agent`], [`staff`], [`settings`],
//! [`customer`], [`webhook`], [`routing`]) knows no store;
//! the store ([`store`]) knows no domain; [`event`] joins a stored record to the domain's types, and
//! [`handler`] runs a command through all of them. See `docs/ARCHITECTURE.md`.

pub mod access;
pub mod actor;
pub mod agent;
pub mod calendar;
pub mod catalog;
pub mod clock;
pub mod customer;
pub mod decider;
pub mod event;
pub mod filter;
pub mod handler;
pub mod json;
pub mod media_type;
pub mod names;
pub mod open_hours;
pub mod personal;
pub mod record;
pub mod routing;
pub mod settings;
pub mod sla;
pub mod staff;
pub mod store;
#[cfg(test)]
mod strategies;
pub mod text;
pub mod ticket;
pub mod time;
pub mod views;
pub mod webhook;
