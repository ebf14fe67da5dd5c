//! Tickets that a projector could not take an event of: they stay as they last were, flagged (promise P4).

use crate::projector::StateHash;
use docket_core::names::{GlobalPosition, TicketNumber};
use serde::Serialize;

/// A ticket that is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// Which ticket.
    pub ticket: TicketNumber,
    /// The first event that could not be taken.
    pub position: GlobalPosition,
    /// Why not.
    pub why: String,
}

/// Takes the tickets set aside into a hash over rows. The reason is left out: its words may change.
pub(crate) fn with_quarantine<'a>(
    mut hash: StateHash,
    quarantine: impl Iterator<Item = &'a Quarantined>,
) -> StateHash {
    for set_aside in quarantine {
        let text = format!("quarantined at {}", set_aside.position);
        hash.add(StateHash::of(set_aside.ticket.0 as i64, text.as_bytes()));
    }
    hash
}
