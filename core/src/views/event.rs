//! What can happen to saved views. Stored names are written by hand and never change (docs/EVENTS.md).

use crate::filter::Filter;
use crate::names::ActorId;
use crate::personal::PersonalText;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A view was saved, for the first time or in place of what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Which.
    pub view: Uuid,
    /// In the words of who saved it.
    pub name: PersonalText,
    /// What it shows.
    pub filter: Filter,
    /// Who saved it: whose it is, unless it is shared.
    pub author: ActorId,
    /// Whether everybody who works here has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// A view is there no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// Which.
    pub view: Uuid,
}

/// An event on the stream of views.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum ViewEvent {
    Saved(Saved),
    Removed(Removed),
}
