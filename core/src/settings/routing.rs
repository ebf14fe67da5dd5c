//! Which team a ticket goes to: an ordered list of rules, of which the first that fits counts.
//!
//! The whole list is one version, since a rule means something only in its place. The list `default` is the one that
//! is followed; others can be kept beside it. Source: PRODUCT section 3.

use super::command::Surroundings;
use super::refusal::SettingRefusal;
use super::{Catalogue, CatalogueName, Shelf, defaults};
use crate::names::Slug;
use crate::ticket::event::{Language, Priority};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Rules in one list.
pub const RULES_MAX: usize = 200;

/// Different categories that a list may ask for, and different tiers: one bit each, and one for all others.
pub const VALUES_MAX: usize = 100;

/// The rules, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The rules. With none, no ticket goes anywhere by itself.
    pub rules: Vec<Rule>,
}

/// One rule. A condition that is left out lets everything in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Intake categories that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<BTreeSet<Slug>>,
    /// Priorities that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priorities: Option<BTreeSet<Priority>>,
    /// Languages of the customer that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub languages: Option<BTreeSet<Language>>,
    /// Tiers of the customer that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<BTreeSet<Slug>>,
    /// The team that the ticket goes to.
    pub team: Slug,
    /// The skill that whoever takes it must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Slug>,
}

impl Rule {
    fn has_empty_condition(&self) -> bool {
        self.categories.as_ref().is_some_and(BTreeSet::is_empty)
            || self.priorities.as_ref().is_some_and(BTreeSet::is_empty)
            || self.languages.as_ref().is_some_and(BTreeSet::is_empty)
            || self.tiers.as_ref().is_some_and(BTreeSet::is_empty)
    }
}

/// The first list that names something from an instant on.
pub(super) fn naming(
    lists: &Shelf<Routing>,
    from: Timestamp,
    names: impl Fn(&Rule) -> bool,
) -> Option<String> {
    lists.items().find_map(|(slug, list)| {
        let mut versions = list.in_force_from(from);
        let found = versions.find(|version| version.content.rules.iter().any(&names))?;
        Some(format!("version {} of the routing list {slug}", found.number))
    })
}

/// The values that rules ask for, one bit each; the highest bit is everything that no rule names.
struct Bits<'a>(Vec<&'a Slug>);

impl<'a> Bits<'a> {
    fn of(sets: impl Iterator<Item = &'a Option<BTreeSet<Slug>>>) -> Self {
        Self(Vec::from_iter(sets.flatten().flatten().collect::<BTreeSet<_>>()))
    }

    fn all(&self) -> u128 {
        (1 << (self.0.len() + 1)) - 1
    }

    /// The bits of a condition; all of them when it is left out.
    fn mask(&self, condition: &Option<BTreeSet<Slug>>) -> u128 {
        let Some(values) = condition else { return self.all() };
        let places = values.iter().filter_map(|value| self.0.binary_search(&value).ok());
        places.fold(0, |mask, place| mask | 1 << place)
    }
}

/// The first rule that no ticket can reach, if there is one. Exact: it counts together what all rules before take.
fn shadowed(rules: &[Rule]) -> Option<usize> {
    let categories = Bits::of(rules.iter().map(|rule| &rule.categories));
    let tiers = Bits::of(rules.iter().map(|rule| &rule.tiers));
    let masks =
        Vec::from_iter(rules.iter().map(|rule| (categories.mask(&rule.categories), tiers.mask(&rule.tiers))));
    let mut reached = vec![false; rules.len()];
    for priority in Priority::ALL {
        for language in Language::ALL {
            for category in (0..=categories.0.len()).map(|place| 1_u128 << place) {
                let mut left = tiers.all();
                for (place, rule) in rules.iter().enumerate() {
                    let fits = rule.priorities.as_ref().is_none_or(|set| set.contains(&priority))
                        && rule.languages.as_ref().is_none_or(|set| set.contains(&language))
                        && masks[place].0 & category != 0;
                    if fits {
                        reached[place] |= left & masks[place].1 != 0;
                        left &= !masks[place].1;
                    }
                }
            }
        }
    }
    reached.into_iter().position(|reached| !reached)
}

impl Catalogue for Routing {
    const NAME: CatalogueName = CatalogueName::Routing;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::routing()
    }

    fn settle(self, _: &Slug, around: &Surroundings, at: Timestamp) -> Result<Self, SettingRefusal> {
        let values = |condition: fn(&Rule) -> &Option<BTreeSet<Slug>>| {
            Bits::of(self.rules.iter().map(condition)).0.len()
        };
        if self.rules.len() > RULES_MAX
            || values(|rule| &rule.categories) > VALUES_MAX
            || values(|rule| &rule.tiers) > VALUES_MAX
        {
            return Err(SettingRefusal::TooManyRules);
        }
        for (rule, number) in self.rules.iter().zip(1..) {
            if rule.has_empty_condition() {
                return Err(SettingRefusal::EmptyCondition { rule: number });
            }
            if around.teams.in_force(&rule.team, at).is_none() {
                return Err(SettingRefusal::UnknownTeam { team: rule.team.clone() });
            }
            let mut categories = rule.categories.iter().flatten();
            if let Some(category) =
                categories.find(|category| around.intake_categories.in_force(category, at).is_none())
            {
                return Err(SettingRefusal::UnknownCategory { category: category.clone() });
            }
        }
        match shadowed(&self.rules) {
            Some(place) => Err(SettingRefusal::ShadowedRule { rule: place + 1 }),
            None => Ok(self),
        }
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}
