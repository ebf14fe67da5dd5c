//! What is configured: every catalogue with its versions, read by the staff, changed as the rules allow.

mod contents;
mod views;

use super::body::{Asked, NamePath, Sent};
use super::commands::told;
use super::parameters::{Keyed, OfSetting};
use super::refusals::{ChangeOneRefusals, ReadOneRefusals, ReadRefusals};
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use contents::{
    ClosingContent, ReasonContent, ResolutionContent, ScheduleContent, SlaPolicyContent, TeamContent,
    TemplateContent,
};
pub(super) use contents::{RoutingContent, written_in_full};
use docket_core::handler::catalogues::{Held, SettingWish};
use docket_core::handler::settings::Settled;
use docket_core::names::Slug;
use docket_core::settings::{
    CatalogueName, Closing, EscalationReason, IntakeCategory, Published, ResolutionCategory, Retired,
    Routing, Schedule, SettingAction, SettingRefusal, Shelf, ShelfEvent, SlaPolicy, Team, Template,
};
use docket_core::text::Line;
use docket_core::time::Timestamp;
use docket_projections::queue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
pub(super) use views::When;
use views::{
    ChangeView, HistoryView, ItemView, PublishFields, RetireFields, SettingAnswer, SettingsQuery,
    SettingsView, Shared, VersionView,
};

fn instant(asked: &SettingsQuery, app: &App) -> Result<Timestamp, Problem> {
    asked.at.as_deref().map_or(Ok(app.now()), |text| {
        Timestamp::parse_rfc3339(text).map_err(|error| Problem::invalid("at", error.to_string()))
    })
}

/// Nothing can have been published under what is no slug.
fn known<C: Held>(name: &str) -> Result<Slug, Problem> {
    Slug::new(name).map_err(|_| SettingRefusal::NotFound { catalogue: C::NAME }.into())
}

async fn list<C: Held>(app: App, asked: SettingsQuery) -> Result<Json<SettingsView<Shared<C>>>, Problem> {
    let at = instant(&asked, &app)?;
    let shelf = C::of(&app.catalogues).refresh().await?;
    let items = shelf.items().map(|(slug, item)| ItemView {
        slug: slug.clone(),
        in_force: item
            .in_force(at)
            .map(|version| VersionView { version: version.number, content: Shared(version.content.clone()) }),
    });
    Ok(Json(SettingsView { at: at.to_rfc3339(), items: items.collect() }))
}

async fn read<C: Held>(
    app: App,
    name: String,
    asked: SettingsQuery,
) -> Result<Json<HistoryView<C>>, Problem> {
    let (at, slug) = (instant(&asked, &app)?, known::<C>(&name)?);
    let shelf = C::of(&app.catalogues).refresh().await?;
    if shelf.item(&slug).is_none() {
        return Err(SettingRefusal::NotFound { catalogue: C::NAME }.into());
    }
    let recorded = app.catalogues.history::<C>(&slug).await?;
    let mut changes = shipped::<C>(&slug, &shelf, at);
    for change in recorded {
        let (version, effective_at, content, reason) = match change.event {
            ShelfEvent::Published(published) => {
                let Published { version, effective_at, content, reason, slug: _ } = *published;
                (Some(version), effective_at, Some(content), reason)
            }
            ShelfEvent::Retired(Retired { effective_at, reason, slug: _ }) => {
                (None, effective_at, None, reason)
            }
        };
        changes.push(ChangeView {
            version,
            effective_at: Some(effective_at.to_rfc3339()),
            in_force: counts(version, &slug, &shelf, at),
            content,
            by: Some(change.actor.id),
            recorded_at: Some(change.recorded_at.to_rfc3339()),
            reason: reason.plain().map(str::to_owned),
        });
    }
    Ok(Json(HistoryView { slug, at: at.to_rfc3339(), changes }))
}

fn counts<C: Held>(version: Option<u32>, slug: &Slug, shelf: &Shelf<C>, at: Timestamp) -> bool {
    version.is_some() && shelf.in_force(slug, at).map(|standing| standing.number) == version
}

/// What Docket ships with stands in no event.
fn shipped<C: Held>(slug: &Slug, shelf: &Shelf<C>, at: Timestamp) -> Vec<ChangeView<C>> {
    let shipped = C::defaults().into_iter().filter(|(name, _)| name == slug);
    let view = |(_, content)| ChangeView {
        version: Some(1),
        effective_at: None,
        in_force: counts(Some(1), slug, shelf, at),
        content: Some(content),
        by: None,
        recorded_at: None,
        reason: None,
    };
    shipped.map(view).collect()
}

type Answered = Result<(HeaderMap, Json<SettingAnswer>), Problem>;

async fn publish<C: Held>(app: App, name: String, caller: Caller, sent: Sent<PublishFields<C>>) -> Answered {
    let slug = Slug::new(&name).map_err(|error| Problem::invalid("slug", error.to_string()))?;
    let PublishFields { content, effective_at, reason } = sent.fields;
    if !written_in_full(&content, &sent.bytes) {
        let detail = "write objects as objects and names as texts, as the description says";
        return Err(Problem::invalid("content", detail));
    }
    let sent = Sent { fields: (), bytes: sent.bytes, path: sent.path, headers: sent.headers };
    let wish = Wish { effective_at, reason, action: SettingAction::Publish { content }, open_tickets: 0 };
    change(app, slug, caller, sent, wish).await
}

async fn retire<C: Held>(app: App, name: String, caller: Caller, sent: Sent<RetireFields>) -> Answered {
    let slug = known::<C>(&name)?;
    let open_tickets = held::<C>(&app, &slug).await?;
    let RetireFields { effective_at, reason } = sent.fields;
    let sent = Sent { fields: (), bytes: sent.bytes, path: sent.path, headers: sent.headers };
    let wish = Wish { effective_at, reason, action: SettingAction::<C>::Retire, open_tickets };
    change(app, slug, caller, sent, wish).await
}

/// Tickets that are not resolved and whose team an item is: nobody but admins would find them once it is retired.
async fn held<C: Held>(app: &App, slug: &Slug) -> Result<u64, Problem> {
    if C::NAME != CatalogueName::Teams {
        return Ok(0);
    }
    let team = slug.clone();
    let held = app.query("queue", Some(app.head()), move |connection| queue::open_of_team(connection, &team));
    Ok(held.await?)
}

/// What is asked of a setting.
struct Wish<C> {
    effective_at: Option<When>,
    reason: Line,
    action: SettingAction<C>,
    open_tickets: u64,
}

async fn change<C: Held>(
    app: App,
    slug: Slug,
    Caller { actor, .. }: Caller,
    sent: Sent<()>,
    wish: Wish<C>,
) -> Answered {
    let Wish { effective_at, reason, action, open_tickets } = wish;
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let effective_at = effective_at.map(|When(instant)| instant);
    let wish = SettingWish { actor, slug: slug.clone(), effective_at, reason, action, open_tickets };
    let Settled { version, position, outcome } = app.change_setting(wish, key).await?;
    let outcome = outcome.as_str();
    let answer = SettingAnswer { slug, version: version.0, position: position.0, outcome };
    Ok((told(position, version), Json(answer)))
}

/// Writes the handlers, the descriptions and the routes of one catalogue.
macro_rules! catalogue {
    ($catalogue:ident, $content:ident, $schema:ident, $path:literal,
        $list:ident, $read:ident, $publish:ident, $retire:ident) => {
        /// Lists the catalogue, with what is in force.
        #[utoipa::path(get, path = $path, tag = "settings", params(SettingsQuery),
            responses((status = 200, description = "The catalogue", body = SettingsView<$schema>), ReadRefusals))]
        async fn $list(
            State(app): State<App>,
            Asked(asked): Asked<SettingsQuery>,
        ) -> Result<Json<SettingsView<Shared<$content>>>, Problem> {
            list::<$content>(app, asked).await
        }

        /// Every version of one item, who made it and why.
        #[utoipa::path(get, path = concat!($path, "/{name}"), tag = "settings",
            params(OfSetting, SettingsQuery),
            responses((status = 200, description = "All that happened to it", body = HistoryView<$schema>), ReadOneRefusals))]
        async fn $read(
            State(app): State<App>,
            NamePath(name): NamePath,
            Asked(asked): Asked<SettingsQuery>,
        ) -> Result<Json<HistoryView<$content>>, Problem> {
            read::<$content>(app, name, asked).await
        }

        /// Publishes the next version of an item, or the first of a new one.
        #[utoipa::path(post, path = concat!($path, "/{name}/publish"), tag = "settings",
            request_body = PublishFields<$schema>,
            params(OfSetting, Keyed),
            responses((status = 200, description = "Done, or already so", body = SettingAnswer,
                headers(("ETag" = String, description = "The version of the catalogue's stream afterwards"),
                    ("Docket-Position" = u64, description = "The position that shows the effect"))), ChangeOneRefusals))]
        async fn $publish(
            State(app): State<App>,
            NamePath(name): NamePath,
            caller: Caller,
            sent: Sent<PublishFields<$content>>,
        ) -> Answered {
            publish(app, name, caller, sent).await
        }

        /// Lets an item be in force no more. What refers to it stays as it is.
        #[utoipa::path(post, path = concat!($path, "/{name}/retire"), tag = "settings",
            request_body = RetireFields,
            params(OfSetting, Keyed),
            responses((status = 200, description = "Done, or already so", body = SettingAnswer,
                headers(("ETag" = String, description = "The version of the catalogue's stream afterwards"),
                    ("Docket-Position" = u64, description = "The position that shows the effect"))), ChangeOneRefusals))]
        async fn $retire(
            State(app): State<App>,
            NamePath(name): NamePath,
            caller: Caller,
            sent: Sent<RetireFields>,
        ) -> Answered {
            retire::<$content>(app, name, caller, sent).await
        }

        fn $catalogue() -> OpenApiRouter<App> {
            OpenApiRouter::new()
                .routes(routes!($list))
                .routes(routes!($read))
                .routes(routes!($publish))
                .routes(routes!($retire))
        }
    };
}

catalogue!(
    teams,
    Team,
    TeamContent,
    "/api/v1/settings/teams",
    list_teams,
    read_team,
    publish_team,
    retire_team
);
catalogue!(
    intake_categories,
    IntakeCategory,
    TeamContent,
    "/api/v1/settings/intake-categories",
    list_intake_categories,
    read_intake_category,
    publish_intake_category,
    retire_intake_category
);
catalogue!(
    resolution_categories,
    ResolutionCategory,
    ResolutionContent,
    "/api/v1/settings/resolution-categories",
    list_resolution_categories,
    read_resolution_category,
    publish_resolution_category,
    retire_resolution_category
);
catalogue!(
    escalation_reasons,
    EscalationReason,
    ReasonContent,
    "/api/v1/settings/escalation-reasons",
    list_escalation_reasons,
    read_escalation_reason,
    publish_escalation_reason,
    retire_escalation_reason
);
catalogue!(
    templates,
    Template,
    TemplateContent,
    "/api/v1/settings/templates",
    list_templates,
    read_template,
    publish_template,
    retire_template
);
catalogue!(
    routing,
    Routing,
    RoutingContent,
    "/api/v1/settings/routing",
    list_routing,
    read_routing,
    publish_routing,
    retire_routing
);
catalogue!(
    sla_policies,
    SlaPolicy,
    SlaPolicyContent,
    "/api/v1/settings/sla-policies",
    list_sla_policies,
    read_sla_policy,
    publish_sla_policy,
    retire_sla_policy
);
catalogue!(
    schedules,
    Schedule,
    ScheduleContent,
    "/api/v1/settings/schedules",
    list_schedules,
    read_schedule,
    publish_schedule,
    retire_schedule
);

catalogue!(
    closing,
    Closing,
    ClosingContent,
    "/api/v1/settings/closing",
    list_closing,
    read_closing,
    publish_closing,
    retire_closing
);

/// The routes of all catalogues.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(teams())
        .merge(intake_categories())
        .merge(resolution_categories())
        .merge(escalation_reasons())
        .merge(templates())
        .merge(routing())
        .merge(sla_policies())
        .merge(schedules())
        .merge(closing())
}
