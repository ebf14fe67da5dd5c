//! What somebody may want of a setting. Everything a rule needs is looked up beforehand and put in here.

use super::{Catalogue, IntakeCategory, Routing, Schedule, Shelf, SlaPolicy, Team};
use crate::actor::Actor;
use crate::names::Slug;
use crate::text::Line;
use crate::time::Timestamp;
use std::sync::Arc;

/// A wish, and whose it is.
#[derive(Clone, Debug)]
pub struct SettingCommand<C> {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
    /// Which item of the catalogue.
    pub slug: Slug,
    /// From when on; at once if none.
    pub effective_at: Option<Timestamp>,
    /// Why.
    pub reason: Line,
    /// What is wished.
    pub action: SettingAction<C>,
    /// The other settings that it may lean on, or that may lean on it.
    pub around: Surroundings,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum SettingAction<C> {
    /// Say this from then on. A new slug makes a new item.
    Publish {
        /// What it shall say.
        content: C,
    },
    /// Let it be in force no more.
    Retire,
}

/// The catalogues that others lean on, as they are known.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Whom routing rules may send tickets to.
    pub teams: Arc<Shelf<Team>>,
    /// What routing rules may ask for.
    pub intake_categories: Arc<Shelf<IntakeCategory>>,
    /// What leans on teams and categories.
    pub routing: Arc<Shelf<Routing>>,
    /// What leans on schedules.
    pub sla_policies: Arc<Shelf<SlaPolicy>>,
    /// What policies may measure by.
    pub schedules: Arc<Shelf<Schedule>>,
    /// Tickets that are not resolved and belong to the team that the wish is about; none where it is about no team.
    pub open_tickets: u64,
}

impl<C: Catalogue> SettingCommand<C> {
    /// From when on it shall hold.
    pub fn takes_effect(&self) -> Timestamp {
        self.effective_at.unwrap_or(self.now)
    }
}
