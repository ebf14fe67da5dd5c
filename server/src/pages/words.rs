//! What teams, categories and reasons are called on the pages: by their labels, in the language of whoever looks.

use super::texts::Texts;
use crate::app::App;
use docket_core::handler::catalogues::Held;
use docket_core::names::Slug;
use docket_core::settings::Shelf;
use docket_core::settings::words::{EscalationReason, IntakeCategory, Label, ResolutionCategory, Team};
use docket_core::ticket::event::Language;
use docket_core::time::Timestamp;
use std::sync::Arc;

/// The labels of what is configured, as they are known now. What is retired keeps its last one, since tickets keep it; what
/// was never configured, as an import may bring it, is called by its slug.
pub(super) struct Words {
    t: &'static Texts,
    at: Timestamp,
    teams: Arc<Shelf<Team>>,
    categories: Arc<Shelf<IntakeCategory>>,
    reasons: Arc<Shelf<EscalationReason>>,
    resolutions: Arc<Shelf<ResolutionCategory>>,
}

impl Words {
    /// In the language of these texts.
    pub(super) async fn of(app: &App, t: &'static Texts) -> Self {
        Self {
            t,
            at: app.now(),
            teams: shelf(app).await,
            categories: shelf(app).await,
            reasons: shelf(app).await,
            resolutions: shelf(app).await,
        }
    }

    pub(super) fn team<'a>(&'a self, slug: &'a str) -> &'a str {
        self.called(&self.teams, slug, |team| &team.label).or_else(|| self.t.team(slug)).unwrap_or(slug)
    }

    pub(super) fn category<'a>(&'a self, slug: &'a str) -> &'a str {
        let label = self.called(&self.categories, slug, |category| &category.label);
        label.or_else(|| self.t.category(slug)).unwrap_or(slug)
    }

    /// A reason to escalate.
    pub(super) fn reason<'a>(&'a self, slug: &'a str) -> &'a str {
        let label = self.called(&self.reasons, slug, |reason| &reason.label);
        label.or_else(|| self.t.reason(slug)).unwrap_or(slug)
    }

    pub(super) fn resolution<'a>(&'a self, slug: &'a str) -> &'a str {
        let label = self.called(&self.resolutions, slug, |resolution| &resolution.label);
        label.or_else(|| self.t.resolution(slug)).unwrap_or(slug)
    }

    fn called<'a, C>(&self, shelf: &'a Shelf<C>, slug: &str, label: fn(&C) -> &Label) -> Option<&'a str> {
        let version = shelf.item(&Slug::new(slug).ok()?)?.last_in_force(self.at)?;
        let language = Language::parse(self.t.code).unwrap_or(Language::En);
        Some(label(&version.content).of(language).as_str())
    }
}

/// A catalogue as the log has it now, or as it was known last where that cannot be read: a page without labels is still one.
async fn shelf<C: Held>(app: &App) -> Arc<Shelf<C>> {
    let handler = C::of(&app.catalogues);
    handler.refresh().await.unwrap_or_else(|error| {
        tracing::warn!("labels cannot be read: {error}");
        handler.known()
    })
}
