//! Read models: what the log amounts to, kept ready to be asked.
//!
//! A projector is a pure fold from events to rows ([`projector`]); a read model keeps its rows and its
//! checkpoint in one SQLite file ([`read_model`]); the [`runner`] keeps read models up to date, and
//! [`rebuild`] makes one anew. All of them can be deleted: the log brings them back.

pub(crate) mod course;
pub mod directory;
pub mod due;
pub(crate) mod facts;
pub mod feed;
pub mod holder;
pub mod ledger;
pub mod log_event;
pub mod metrics;
pub mod projector;
pub mod queue;
pub mod read_model;
pub mod rebuild;
pub mod registry;
pub mod reports;
pub mod roster;
pub mod runner;
pub mod search;
pub mod sla;
pub mod timeline;

pub use rusqlite::Connection;
