//! What follows from a wish about saved views: events, nothing, or a refusal.

use super::command::{ViewAction, ViewCommand};
use super::event::{Removed, Saved, ViewEvent};
use super::refusal::ViewRefusal;
use super::{OWN_VIEWS_MAX, SHARED_VIEWS_MAX, View, Views};
use crate::actor::Role;
use crate::names::ActorId;

type Decision = Result<Vec<ViewEvent>, ViewRefusal>;

pub(super) fn decide(command: &ViewCommand, views: &Views) -> Decision {
    let ViewCommand { actor, view, action } = command;
    let role = actor.role;
    if !role.is_staff() {
        return Err(ViewRefusal::Role { role });
    }
    let may_share = matches!(role, Role::Supervisor | Role::Admin);
    let there = views.views.get(view);
    // Whose it is not learns no more than that there is none.
    if there.is_some_and(|view| !view.is_for(&actor.id)) {
        return Err(ViewRefusal::NotFound);
    }
    if there.is_some_and(|view| view.shared) && !may_share {
        return Err(ViewRefusal::Shared { role });
    }
    match action {
        ViewAction::Remove if there.is_none() => Err(ViewRefusal::NotFound),
        ViewAction::Remove => Ok(vec![ViewEvent::Removed(Removed { view: *view })]),
        ViewAction::Save { shared: true, .. } if !may_share => Err(ViewRefusal::Shared { role }),
        ViewAction::Save { name, filter, shared } => {
            let (name, filter, shared) = (name.into(), filter.clone(), *shared);
            if there.is_some_and(|view| view.name == name && view.filter == filter && view.shared == shared) {
                return Ok(Vec::new());
            }
            if there.is_none_or(|view| view.shared != shared) {
                has_room(views, &actor.id, shared)?;
            }
            let author = actor.id.clone();
            Ok(vec![ViewEvent::Saved(Saved { view: *view, name, filter, author, shared })])
        }
    }
}

fn has_room(views: &Views, author: &ActorId, shared: bool) -> Result<(), ViewRefusal> {
    let counts = |view: &&View| view.shared == shared && (shared || view.author == *author);
    let (max, refusal) = if shared {
        (SHARED_VIEWS_MAX, ViewRefusal::TooManyShared)
    } else {
        (OWN_VIEWS_MAX, ViewRefusal::TooMany)
    };
    if views.views.values().filter(counts).count() < max { Ok(()) } else { Err(refusal) }
}
