//! Saved views: filters with a name, each of one person or shared by all who work here.
//!
//! All of them share one stream, `views`: they are few and change seldom. Source: PRODUCT section 4.

pub mod command;
mod decide;
pub mod event;
pub mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use crate::decider::Decider;
use crate::filter::Filter;
use crate::names::ActorId;
use crate::personal::PersonalText;
pub use command::{ViewAction, ViewCommand};
pub use event::ViewEvent;
pub use refusal::ViewRefusal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Views that one person may have of their own.
pub const OWN_VIEWS_MAX: usize = 50;

/// Views that may be shared.
pub const SHARED_VIEWS_MAX: usize = 50;

/// Every view that is saved now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Views {
    views: BTreeMap<Uuid, View>,
}

/// A filter with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// In the words of who saved it.
    pub name: PersonalText,
    /// What it shows.
    pub filter: Filter,
    /// Who saved it last.
    pub author: ActorId,
    /// Whether everybody who works here has it; otherwise its author alone does.
    pub shared: bool,
}

impl View {
    /// Whether somebody has it.
    pub fn is_for(&self, id: &ActorId) -> bool {
        self.shared || self.author == *id
    }
}

impl Views {
    /// The views that somebody has, in the order of their identifiers, which is that of their first saving.
    pub fn of<'a>(&'a self, id: &'a ActorId) -> impl Iterator<Item = (&'a Uuid, &'a View)> {
        self.views.iter().filter(move |(_, view)| view.is_for(id))
    }

    /// A view that somebody has.
    pub fn one(&self, view: &Uuid, id: &ActorId) -> Option<&View> {
        self.views.get(view).filter(|view| view.is_for(id))
    }
}

/// The rules of the stream `views`.
#[derive(Clone, Copy, Debug)]
pub struct ViewsDecider;

impl Decider for ViewsDecider {
    type Command = ViewCommand;
    type Event = ViewEvent;
    type State = Views;
    type Refusal = ViewRefusal;

    fn initial() -> Views {
        Views::default()
    }

    fn decide(command: &ViewCommand, views: &Views) -> Result<Vec<ViewEvent>, ViewRefusal> {
        decide::decide(command, views)
    }

    fn evolve(mut views: Views, event: &ViewEvent) -> Views {
        match event {
            ViewEvent::Saved(saved) => {
                let view = View {
                    name: saved.name.clone(),
                    filter: saved.filter.clone(),
                    author: saved.author.clone(),
                    shared: saved.shared,
                };
                views.views.insert(saved.view, view);
            }
            ViewEvent::Removed(removed) => drop(views.views.remove(&removed.view)),
        }
        views
    }
}
