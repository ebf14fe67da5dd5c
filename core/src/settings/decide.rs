//! What follows from a wish about a setting: an event, nothing, or a refusal.

use super::command::{SettingAction, SettingCommand};
use super::event::{Published, Retired, ShelfEvent};
use super::refusal::SettingRefusal;
use super::{CHANGES_MAX, Catalogue, ITEMS_MAX, Shelf};
use crate::personal::PersonalText;

type Decision<C> = Result<Vec<ShelfEvent<C>>, SettingRefusal>;

pub(super) fn decide<C: Catalogue>(command: &SettingCommand<C>, shelf: &Shelf<C>) -> Decision<C> {
    let role = command.actor.role;
    if !C::NAME.may_be_changed_by(role) {
        return Err(SettingRefusal::Role { role, catalogue: C::NAME });
    }
    match &command.action {
        SettingAction::Publish { content } => publish(content, command, shelf),
        SettingAction::Retire => retire(command, shelf),
    }
}

fn publish<C: Catalogue>(content: &C, command: &SettingCommand<C>, shelf: &Shelf<C>) -> Decision<C> {
    let (slug, effective_at) = (&command.slug, command.takes_effect());
    let content = content.clone().settle(slug, &command.around, effective_at)?;
    if shelf.in_force(slug, effective_at).is_some_and(|standing| *standing.content == content) {
        return Ok(Vec::new());
    }
    may_change(command, shelf)?;
    if shelf.item(slug).is_none() && shelf.items.len() >= ITEMS_MAX {
        return Err(SettingRefusal::TooManyItems);
    }
    let (version, slug) = (shelf.next_version(slug), slug.clone());
    let reason = PersonalText::from(&command.reason);
    Ok(vec![ShelfEvent::Published(Box::new(Published { slug, version, effective_at, content, reason }))])
}

fn retire<C: Catalogue>(command: &SettingCommand<C>, shelf: &Shelf<C>) -> Decision<C> {
    let (slug, effective_at) = (&command.slug, command.takes_effect());
    let Some(item) = shelf.item(slug) else {
        return Err(SettingRefusal::NotFound { catalogue: C::NAME });
    };
    if item.in_force(effective_at).is_none() {
        return Ok(Vec::new());
    }
    may_change(command, shelf)?;
    if C::NAME.needed() == Some(slug.as_str()) {
        return Err(SettingRefusal::Needed { slug: slug.clone() });
    }
    if let Some(by) = C::leaned_on_by(slug, &command.around, effective_at) {
        return Err(SettingRefusal::InUse { by });
    }
    if command.around.open_tickets > 0 {
        return Err(SettingRefusal::HoldsTickets { tickets: command.around.open_tickets });
    }
    let (slug, reason) = (slug.clone(), PersonalText::from(&command.reason));
    Ok(vec![ShelfEvent::Retired(Retired { slug, effective_at, reason })])
}

fn may_change<C: Catalogue>(command: &SettingCommand<C>, shelf: &Shelf<C>) -> Result<(), SettingRefusal> {
    if command.takes_effect() < command.now {
        return Err(SettingRefusal::Past { now: command.now });
    }
    if shelf.changes >= CHANGES_MAX { Err(SettingRefusal::TooManyChanges) } else { Ok(()) }
}
