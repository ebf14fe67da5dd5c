//! All catalogues of settings together: each with its handler, and what one needs to know of another.

use super::HistoryError;
use super::settings::{SettingsError, SettingsHandler, Settled, event};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::names::{Slug, StreamVersion};
use crate::settings::{
    Closing, EscalationReason, IntakeCategory, ResolutionCategory, Routing, Schedule, SettingAction,
    SettingCommand, SettingRefusal, ShelfDecider, ShelfEvent, SlaPolicy, Stored, Surroundings, Team,
    Template,
};
use crate::store::{CommandKey, EventStore, READ_RECORDS_MAX, may_go_on};
use crate::text::Line;
use crate::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

type Handler<C> = SettingsHandler<ShelfDecider<C>>;

/// Why a setting could not be read or changed.
pub type CatalogueError = SettingsError<SettingRefusal>;

/// Runs commands on every catalogue.
#[allow(missing_docs, reason = "each is the catalogue of what it names")]
pub struct Catalogues {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    pub teams: Handler<Team>,
    pub intake_categories: Handler<IntakeCategory>,
    pub resolution_categories: Handler<ResolutionCategory>,
    pub escalation_reasons: Handler<EscalationReason>,
    pub templates: Handler<Template>,
    pub routing: Handler<Routing>,
    pub sla_policies: Handler<SlaPolicy>,
    pub schedules: Handler<Schedule>,
    pub closing: Handler<Closing>,
}

/// A catalogue that has its place among all.
pub trait Held: Stored {
    /// Its handler.
    fn of(all: &Catalogues) -> &Handler<Self>;
}

macro_rules! held {
    ($($content:ident => $field:ident,)*) => {
        $(impl Held for $content {
            fn of(all: &Catalogues) -> &Handler<Self> {
                &all.$field
            }
        })*
    };
}

held! {
    Team => teams,
    IntakeCategory => intake_categories,
    ResolutionCategory => resolution_categories,
    EscalationReason => escalation_reasons,
    Template => templates,
    Routing => routing,
    SlaPolicy => sla_policies,
    Schedule => schedules,
    Closing => closing,
}

/// A wish about a setting, before what the rules need to know is looked up.
#[derive(Clone, Debug)]
pub struct SettingWish<C> {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// Which item of the catalogue.
    pub slug: Slug,
    /// From when on; at once if none.
    pub effective_at: Option<Timestamp>,
    /// Why.
    pub reason: Line,
    /// What is wished.
    pub action: SettingAction<C>,
    /// Tickets that are not resolved and belong to the team that it is about; none where it is about no team.
    pub open_tickets: u64,
}

/// A change of a setting as the log has it.
#[derive(Clone, Debug)]
pub struct RecordedChange<C> {
    /// Who made it.
    pub actor: Actor,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it was.
    pub event: ShelfEvent<C>,
}

impl Catalogues {
    /// Handlers that know nothing yet but what Docket ships with.
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>) -> Self {
        fn handler<C: Stored>(store: &Arc<dyn EventStore>, clock: &Arc<dyn Clock>) -> Handler<C> {
            SettingsHandler::new(store.clone(), clock.clone())
        }
        Self {
            teams: handler(&store, &clock),
            intake_categories: handler(&store, &clock),
            resolution_categories: handler(&store, &clock),
            escalation_reasons: handler(&store, &clock),
            templates: handler(&store, &clock),
            routing: handler(&store, &clock),
            sla_policies: handler(&store, &clock),
            schedules: handler(&store, &clock),
            closing: handler(&store, &clock),
            store,
            clock,
        }
    }

    /// Runs a command on one catalogue.
    ///
    /// # Errors
    /// [`CatalogueError`]; after all but `OutcomeUnknown` nothing was recorded.
    pub async fn change<C: Held>(
        &self,
        wish: SettingWish<C>,
        key: Option<&CommandKey>,
        correlation: Uuid,
    ) -> Result<Settled, CatalogueError> {
        let SettingWish { actor, slug, effective_at, reason, action, open_tickets } = wish;
        let around = Surroundings { open_tickets, ..self.surroundings().await? };
        let now = self.clock.now();
        let command = SettingCommand { actor, now, slug, effective_at, reason, action, around };
        C::of(self).handle(&command, key, correlation).await
    }

    /// What would be recorded of a content if it were published now. Nothing is.
    ///
    /// # Errors
    /// [`CatalogueError`]; what a publication would be refused for, but for who asks.
    pub async fn settled<C: Held>(&self, slug: &Slug, content: C) -> Result<C, CatalogueError> {
        let around = self.surroundings().await?;
        content.settle(slug, &around, self.clock.now()).map_err(SettingsError::Refused)
    }

    /// What settings lean on, as the log has it now.
    async fn surroundings(&self) -> Result<Surroundings, CatalogueError> {
        Ok(Surroundings {
            teams: self.teams.refresh().await?,
            intake_categories: self.intake_categories.refresh().await?,
            routing: self.routing.refresh().await?,
            sla_policies: self.sla_policies.refresh().await?,
            schedules: self.schedules.refresh().await?,
            open_tickets: 0,
        })
    }

    /// Every change of one item in the order of the log, with who made it. A catalogue sees [`CHANGES_MAX`] changes
    /// at most, so the answer is bounded.
    ///
    /// [`CHANGES_MAX`]: crate::settings::CHANGES_MAX
    ///
    /// # Errors
    /// [`CatalogueError::Read`] or [`CatalogueError::History`]
    pub async fn history<C: Stored>(&self, slug: &Slug) -> Result<Vec<RecordedChange<C>>, CatalogueError> {
        let stream = C::NAME.stream();
        let failed = |source: HistoryError| SettingsError::History { stream: stream.clone(), source };
        let (mut changes, mut version) = (Vec::new(), StreamVersion::NONE);
        loop {
            let page = self.store.read_stream(&stream, version, READ_RECORDS_MAX).await?;
            for record in &page {
                version = version.next();
                let event = event::<ShelfDecider<C>>(record, version).map_err(failed)?;
                let about = match &event {
                    ShelfEvent::Published(published) => &published.slug,
                    ShelfEvent::Retired(retired) => &retired.slug,
                };
                if about == slug {
                    let recorded = record.decode().map_err(|error| failed(error.into()))?;
                    let (actor, recorded_at) = (recorded.actor.clone(), recorded.recorded_at);
                    changes.push(RecordedChange { actor, recorded_at, event });
                }
            }
            if !may_go_on(&page, READ_RECORDS_MAX) {
                return Ok(changes);
            }
        }
    }
}
