//! What is configured: teams, categories, reasons, templates, routing rules, SLA policies, schedules and closing.
//!
//! Each kind is a catalogue with a stream of its own (`settings-teams`, …). What is in it is known by a slug and has
//! versions 1, 2, 3, … that never change; each takes effect at an instant, so that what was in force at any moment is
//! a pure question ([`Shelf::in_force`]). A catalogue begins with what Docket ships with ([`defaults`]), in force
//! from the beginning. Source: docs/adr/0017-settings-are-versions.md.

pub mod closing;
pub mod command;
mod decide;
pub mod defaults;
pub mod event;
pub mod policy;
pub mod refusal;
pub mod routing;
pub mod schedule;
pub mod template;
#[cfg(test)]
pub(crate) mod tests;
pub mod words;

use crate::actor::Role;
use crate::decider::Decider;
use crate::names::{Slug, StreamName};
use crate::time::Timestamp;
pub use closing::Closing;
pub use command::{SettingAction, SettingCommand, Surroundings};
pub use event::{Published, Retired, SettingEvent, ShelfEvent, Stored};
pub use policy::SlaPolicy;
pub use refusal::SettingRefusal;
pub use routing::Routing;
pub use schedule::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;
pub use template::Template;
pub use words::{EscalationReason, IntakeCategory, ResolutionCategory, Team};

/// Items that one catalogue may hold, retired ones included.
pub const ITEMS_MAX: usize = 1000;

/// Changes that one catalogue may have seen: all of them are kept in memory.
pub const CHANGES_MAX: usize = 5000;

/// What one catalogue holds.
pub trait Catalogue:
    Clone + Debug + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Which catalogue.
    const NAME: CatalogueName;

    /// What Docket ships with: version 1 of each, in force from the beginning. It never changes.
    fn defaults() -> Vec<(Slug, Self)>;

    /// What is recorded of this, once all that its type leaves open has been checked.
    ///
    /// # Errors
    /// What cannot be taken, and where it stands.
    fn settle(self, slug: &Slug, around: &Surroundings, at: Timestamp) -> Result<Self, SettingRefusal>;

    /// Another setting that leans on an item from an instant on: it cannot be retired then.
    fn leaned_on_by(slug: &Slug, around: &Surroundings, from: Timestamp) -> Option<String>;
}

/// The catalogues, by the name of their streams and addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the catalogue of what it names")]
pub enum CatalogueName {
    Teams,
    IntakeCategories,
    ResolutionCategories,
    EscalationReasons,
    Templates,
    Routing,
    SlaPolicies,
    Schedules,
    Closing,
}

impl CatalogueName {
    /// Every catalogue, in the order of the docs.
    pub const ALL: [Self; 9] = [
        Self::Teams,
        Self::IntakeCategories,
        Self::ResolutionCategories,
        Self::EscalationReasons,
        Self::Templates,
        Self::Routing,
        Self::SlaPolicies,
        Self::Schedules,
        Self::Closing,
    ];

    /// The name in addresses and of the stream.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Teams => "teams",
            Self::IntakeCategories => "intake-categories",
            Self::ResolutionCategories => "resolution-categories",
            Self::EscalationReasons => "escalation-reasons",
            Self::Templates => "templates",
            Self::Routing => "routing",
            Self::SlaPolicies => "sla-policies",
            Self::Schedules => "schedules",
            Self::Closing => "closing",
        }
    }

    /// The stream of the catalogue.
    pub fn stream(self) -> StreamName {
        StreamName::settings(self.as_str())
    }

    /// Whether a role may publish and retire in it (PRODUCT section 10).
    pub const fn may_be_changed_by(self, role: Role) -> bool {
        match self {
            Self::Teams | Self::IntakeCategories | Self::ResolutionCategories | Self::EscalationReasons => {
                matches!(role, Role::Admin)
            }
            Self::Templates | Self::Routing | Self::SlaPolicies | Self::Schedules | Self::Closing => {
                matches!(role, Role::Supervisor | Role::Admin)
            }
        }
    }

    /// The item that Docket cannot do without, if there is one: it can be changed and not retired.
    pub const fn needed(self) -> Option<&'static str> {
        match self {
            Self::Routing | Self::SlaPolicies | Self::Closing => Some(defaults::MAIN),
            Self::Schedules => Some(defaults::ALWAYS),
            Self::Teams
            | Self::IntakeCategories
            | Self::ResolutionCategories
            | Self::EscalationReasons
            | Self::Templates => None,
        }
    }
}

/// A catalogue as its past made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf<C> {
    items: BTreeMap<Slug, Item<C>>,
    changes: usize,
}

/// One item with all its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<C> {
    changes: Vec<Change<C>>,
}

/// A step in the life of an item, in force from an instant until the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<C> {
    /// From when on.
    pub effective_at: Timestamp,
    /// The version from then on; none when it was retired.
    pub version: Option<Version<C>>,
}

/// A version of an item. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version<C> {
    /// 1 for the first.
    pub number: u32,
    /// What it says.
    pub content: Arc<C>,
}

impl<C> Item<C> {
    /// Every change, in the order in which they were recorded.
    pub fn changes(&self) -> &[Change<C>] {
        &self.changes
    }

    /// The version in force at an instant: the one that took effect last by then, and of two that took effect at
    /// once the one that was recorded later. None before the first and once it is retired.
    pub fn in_force(&self, at: Timestamp) -> Option<&Version<C>> {
        let begun = self.changes.iter().filter(|change| change.effective_at <= at);
        begun.max_by_key(|change| change.effective_at)?.version.as_ref()
    }

    /// The version in force at an instant, or where it is in force no more the one that was last: what it is called by.
    pub fn last_in_force(&self, at: Timestamp) -> Option<&Version<C>> {
        let begun =
            self.changes.iter().filter(|change| change.effective_at <= at && change.version.is_some());
        begun.max_by_key(|change| change.effective_at)?.version.as_ref()
    }

    /// The versions in force at an instant or at any time after it, as far as it is known now.
    fn in_force_from(&self, at: Timestamp) -> impl Iterator<Item = &Version<C>> {
        let later = self.changes.iter().filter(move |change| change.effective_at > at);
        self.in_force(at).into_iter().chain(later.filter_map(|change| change.version.as_ref()))
    }

    /// A version that is or was in force, or would have been but for a later one.
    pub fn begun(&self, number: u32, at: Timestamp) -> Option<&Version<C>> {
        let begun = self.changes.iter().filter(|change| change.effective_at <= at);
        begun.filter_map(|change| change.version.as_ref()).find(|known| known.number == number)
    }

    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&Version<C>> {
        self.changes.iter().filter_map(|change| change.version.as_ref()).find(|known| known.number == number)
    }
}

impl<C> Shelf<C> {
    /// With nothing in it, not even what Docket ships with.
    pub const fn empty() -> Self {
        Self { items: BTreeMap::new(), changes: 0 }
    }

    /// Holds a version of an item in force from the beginning.
    pub fn hold(&mut self, slug: &Slug, number: u32, content: C) {
        let version = Some(Version { number, content: Arc::new(content) });
        self.note(slug, Change { effective_at: Timestamp::MIN, version });
    }

    /// An item, also one that is not in force.
    pub fn item(&self, slug: &Slug) -> Option<&Item<C>> {
        self.items.get(slug)
    }

    /// Every item that there ever was, in the order of slugs.
    pub fn items(&self) -> impl Iterator<Item = (&Slug, &Item<C>)> {
        self.items.iter()
    }

    /// The version of an item that is in force at an instant.
    pub fn in_force(&self, slug: &Slug, at: Timestamp) -> Option<&Version<C>> {
        self.items.get(slug)?.in_force(at)
    }

    /// Everything that is in force at an instant, in the order of slugs.
    pub fn all_in_force(&self, at: Timestamp) -> impl Iterator<Item = (&Slug, &Version<C>)> {
        self.items.iter().filter_map(move |(slug, item)| Some((slug, item.in_force(at)?)))
    }

    /// What a later change of an item is numbered.
    fn next_version(&self, slug: &Slug) -> u32 {
        let numbers = self.items.get(slug).map(|item| {
            item.changes.iter().filter_map(|change| change.version.as_ref()).map(|version| version.number)
        });
        numbers.and_then(Iterator::max).unwrap_or(0).saturating_add(1)
    }

    fn note(&mut self, slug: &Slug, change: Change<C>) {
        self.changes = self.changes.saturating_add(1);
        self.items.entry(slug.clone()).or_insert(Item { changes: Vec::new() }).changes.push(change);
    }
}

impl<C: Catalogue> Default for Shelf<C> {
    fn default() -> Self {
        let mut shelf = Self { items: BTreeMap::new(), changes: 0 };
        for (slug, content) in C::defaults() {
            let version = Some(Version { number: 1, content: Arc::new(content) });
            shelf.note(&slug, Change { effective_at: Timestamp::MIN, version });
        }
        shelf.changes = 0;
        shelf
    }
}

/// The rules of a catalogue's stream.
#[derive(Clone, Copy, Debug)]
pub struct ShelfDecider<C>(PhantomData<C>);

impl<C: Catalogue> Decider for ShelfDecider<C> {
    type Command = SettingCommand<C>;
    type Event = ShelfEvent<C>;
    type State = Shelf<C>;
    type Refusal = SettingRefusal;

    fn initial() -> Shelf<C> {
        Shelf::default()
    }

    fn decide(command: &SettingCommand<C>, shelf: &Shelf<C>) -> Result<Vec<ShelfEvent<C>>, SettingRefusal> {
        decide::decide(command, shelf)
    }

    fn evolve(mut shelf: Shelf<C>, event: &ShelfEvent<C>) -> Shelf<C> {
        match event {
            ShelfEvent::Published(published) => {
                let Published { slug, version, effective_at, content, reason: _ } = published.as_ref();
                // A number names one content for ever, also in a history that no decider accepted.
                if shelf.item(slug).is_none_or(|item| item.version(*version).is_none()) {
                    let version = Some(Version { number: *version, content: Arc::new(content.clone()) });
                    shelf.note(slug, Change { effective_at: *effective_at, version });
                }
            }
            ShelfEvent::Retired(Retired { slug, effective_at, reason: _ }) => {
                if shelf.item(slug).is_some() {
                    shelf.note(slug, Change { effective_at: *effective_at, version: None });
                }
            }
        }
        shelf
    }
}
