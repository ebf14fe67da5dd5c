//! Why a command was not granted.

use super::catalogues::CatalogueError;
use super::settings::SettingsError;
use crate::event::DecodeError;
use crate::names::{StreamVersion, TicketNumber};
use crate::record::{RecordError, StoredRecord};
use crate::staff::StaffRefusal;
use crate::store::{AppendError, ReadError};
use crate::ticket::TicketRefusal;

/// Why a command was not granted.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// A rule says no; safe to show.
    #[error(transparent)]
    Refused(#[from] TicketRefusal),
    /// The thread moved since the version the command was decided on.
    #[error("the ticket's thread changed since version {seen}; read what is new and send again")]
    ThreadMoved {
        /// The version the command was decided on.
        seen: StreamVersion,
        /// The version at which the thread changed last.
        changed: StreamVersion,
        /// The version of the ticket now.
        current: StreamVersion,
        /// What was missed: the ticket's records after `seen`, the oldest hundred at most.
        missed: Vec<StoredRecord>,
    },
    /// The command was decided on a version that the ticket never had.
    #[error("the ticket is at version {current}, and has never been at {seen}; read it again")]
    SeenAhead {
        /// The version the command was decided on.
        seen: StreamVersion,
        /// The version of the ticket now.
        current: StreamVersion,
    },
    /// The log did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The ticket's past could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A setting that the command names could not be looked up.
    #[error(transparent)]
    Settings(#[from] CatalogueError),
    /// Who works here could not be looked up.
    #[error(transparent)]
    Staff(#[from] SettingsError<StaffRefusal>),
    /// The ticket's past is there and could not be understood.
    #[error("the history of ticket {ticket} cannot be understood")]
    History {
        /// Which ticket.
        ticket: TicketNumber,
        /// What the decoder said.
        source: HistoryError,
    },
}

/// Why a ticket's past could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An event.
    #[error(transparent)]
    Event(#[from] DecodeError),
    /// Records are missing or belong to another stream.
    #[error("version {0} is missing")]
    Gap(StreamVersion),
}
