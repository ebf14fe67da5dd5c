//! What somebody may want of saved views.

use crate::actor::Actor;
use crate::filter::Filter;
use crate::text::Line;
use uuid::Uuid;

/// A wish, and whose it is.
#[derive(Clone, Debug)]
pub struct ViewCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// Which view; a new identifier for a new one.
    pub view: Uuid,
    /// What is wished.
    pub action: ViewAction,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum ViewAction {
    /// Save it, or save it over.
    Save {
        /// What it is called.
        name: Line,
        /// What it shows.
        filter: Filter,
        /// Whether everybody who works here shall have it.
        shared: bool,
    },
    /// Take it away.
    Remove,
}
