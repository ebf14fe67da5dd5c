//! What is called something in both languages: teams, categories and reasons.

use super::command::Surroundings;
use super::refusal::SettingRefusal;
use super::{Catalogue, CatalogueName, defaults};
use crate::names::Slug;
use crate::text::Line;
use crate::ticket::event::Language;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The same in every language. A language that is missing is refused, so nobody meets an empty label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both<T> {
    /// In English.
    pub en: T,
    /// In Spanish.
    pub es: T,
}

impl<T> Both<T> {
    /// In one language.
    pub const fn of(&self, language: Language) -> &T {
        match language {
            Language::En => &self.en,
            Language::Es => &self.es,
        }
    }

    /// Each with the name of its language.
    pub fn each(&self) -> [(&'static str, &T); 2] {
        [("en", &self.en), ("es", &self.es)]
    }
}

/// What people read.
pub type Label = Both<Line>;

/// Who works tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// What it is called.
    pub label: Label,
}

/// What a ticket is about when it comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeCategory {
    /// What it is called.
    pub label: Label,
}

/// How a ticket ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolutionCategory {
    /// What it is called.
    pub label: Label,
    /// Whether somebody must have been responsible. Not for what nobody works on, such as spam (PRODUCT section 2).
    pub needs_assignee: bool,
}

/// Why a ticket is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationReason {
    /// What it is called.
    pub label: Label,
}

impl Catalogue for Team {
    const NAME: CatalogueName = CatalogueName::Teams;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::words::teams()
    }

    fn settle(self, _: &Slug, _: &Surroundings, _: Timestamp) -> Result<Self, SettingRefusal> {
        Ok(self)
    }

    fn leaned_on_by(slug: &Slug, around: &Surroundings, from: Timestamp) -> Option<String> {
        super::routing::naming(&around.routing, from, |rule| rule.team == *slug)
    }
}

impl Catalogue for IntakeCategory {
    const NAME: CatalogueName = CatalogueName::IntakeCategories;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::words::intake_categories()
    }

    fn settle(self, _: &Slug, _: &Surroundings, _: Timestamp) -> Result<Self, SettingRefusal> {
        Ok(self)
    }

    fn leaned_on_by(slug: &Slug, around: &Surroundings, from: Timestamp) -> Option<String> {
        super::routing::naming(&around.routing, from, |rule| {
            rule.categories.as_ref().is_some_and(|categories| categories.contains(slug))
        })
    }
}

impl Catalogue for ResolutionCategory {
    const NAME: CatalogueName = CatalogueName::ResolutionCategories;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::words::resolution_categories()
    }

    fn settle(self, _: &Slug, _: &Surroundings, _: Timestamp) -> Result<Self, SettingRefusal> {
        Ok(self)
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}

impl Catalogue for EscalationReason {
    const NAME: CatalogueName = CatalogueName::EscalationReasons;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::words::escalation_reasons()
    }

    fn settle(self, _: &Slug, _: &Surroundings, _: Timestamp) -> Result<Self, SettingRefusal> {
        Ok(self)
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}
