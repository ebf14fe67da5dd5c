//! Tries rules on past tickets before they are saved.

use crate::api::body::{NamePath, Sent};
use crate::api::parameters::{Keyed, OfSetting};
use crate::api::refusals::ChangeOneRefusals;
use crate::api::settings::RoutingContent;
use crate::api::settings::written_in_full;
use crate::api::shapes;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use crate::tier::tier_of;
use axum::Json;
use axum::extract::State;
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::routing::{Facts, first_fitting};
use docket_core::settings::routing::Rule;
use docket_core::settings::{CatalogueName, Routing, SettingRefusal};
use docket_projections::queue::{QueueState, latest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Tickets that rules are tried on at once.
pub(crate) const TICKETS_TRIED_MAX: usize = 1000;

/// Tickets that an answer names; it counts all of them.
const TICKETS_NAMED_MAX: usize = 100;

/// Rules that are not saved yet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TryFields {
    /// The rules, as they would be published.
    #[schema(value_type = RoutingContent)]
    content: Routing,
    /// On how many of the newest tickets within reach; 100 if left out.
    #[schema(minimum = 1, maximum = 1000)]
    #[serde(default)]
    tickets: Option<usize>,
}

/// What other rules would do.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TrialView {
    /// The position that it shows.
    position: u64,
    /// The version in force that the rules are compared with; none where nothing is in force under this name.
    version: Option<u32>,
    /// On how many tickets the rules were tried.
    tried: usize,
    /// How many would go elsewhere.
    elsewhere: usize,
    /// The newest hundred of them.
    tickets: Vec<ElsewhereView>,
}

/// A ticket that would go elsewhere, as it stands now.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ElsewhereView {
    /// The ticket's number.
    number: u64,
    /// Where the rules in force lead it.
    now: GoesView,
    /// Where these rules would lead it.
    then: GoesView,
}

/// Where rules lead a ticket.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::api) struct GoesView {
    /// The rule that fits first, from 1; none where none fits.
    rule: Option<u32>,
    /// The team.
    #[schema(value_type = Option<shapes::Slug>)]
    team: Option<Slug>,
    /// The skill that is asked for.
    #[schema(value_type = Option<shapes::Slug>)]
    skill: Option<Slug>,
}

impl GoesView {
    fn by(rules: &[Rule], facts: &Facts<'_>) -> Self {
        let found = first_fitting(rules, facts);
        Self {
            rule: found.map(|(number, _)| number),
            team: found.map(|(_, rule)| rule.team.clone()),
            skill: found.and_then(|(_, rule)| rule.skill.clone()),
        }
    }

    /// Another rule that says the same changes nothing.
    fn is_elsewhere(&self, other: &Self) -> bool {
        (&self.team, &self.skill) != (&other.team, &other.skill)
    }
}

/// Tries rules that are not saved yet on the newest tickets, as these stand now, and tells which would go elsewhere than by
/// the rules in force. What people decided by hand is left out of account. Nothing is recorded.
#[utoipa::path(post, path = "/api/v1/settings/routing/{name}/try", tag = "routing", request_body = TryFields,
    params(OfSetting, Keyed),
    responses((status = 200, description = "What would differ", body = TrialView), ChangeOneRefusals))]
pub(in crate::api) async fn try_rules(
    State(app): State<App>,
    NamePath(name): NamePath,
    caller: Caller,
    sent: Sent<TryFields>,
) -> Result<Json<TrialView>, Problem> {
    let role = caller.actor.role;
    if !CatalogueName::Routing.may_be_changed_by(role) {
        return Err(SettingRefusal::Role { role, catalogue: CatalogueName::Routing }.into());
    }
    let list = Slug::new(&name).map_err(|error| Problem::invalid("slug", error.to_string()))?;
    let TryFields { content, tickets } = sent.fields;
    let limit = tickets.unwrap_or(100);
    if !(1..=TICKETS_TRIED_MAX).contains(&limit) {
        return Err(Problem::invalid("tickets", format!("use 1 to {TICKETS_TRIED_MAX}")));
    }
    if !written_in_full(&content, &sent.bytes) {
        let detail = "write objects as objects and names as texts, as the description says";
        return Err(Problem::invalid("content", detail));
    }
    let content = app.catalogues.settled(&list, content).await?;
    let shelf = app.catalogues.routing.refresh().await?;
    let in_force = shelf.in_force(&list, app.now());
    let before = in_force.map_or(&[][..], |version| &version.content.rules);
    let reach = caller.reach.clone();
    let read = app.query_at("queue", None, move |connection| latest(connection, &reach, limit));
    let (position, found) = read.await?;
    let mut tiers = Tiers::of(&app, [before, &content.rules]);
    let (mut elsewhere, tried) = (Vec::new(), found.len());
    for (number, state) in found {
        let tier = tiers.tier(state.ticket.requester.as_ref()).await?;
        elsewhere.extend(compare(number, &state, tier.as_ref(), [before, &content.rules]));
    }
    let (version, count) = (in_force.map(|version| version.number), elsewhere.len());
    elsewhere.truncate(TICKETS_NAMED_MAX);
    Ok(Json(TrialView { position: position.0, version, tried, elsewhere: count, tickets: elsewhere }))
}

fn compare(
    number: TicketNumber,
    state: &QueueState,
    tier: Option<&Slug>,
    [before, after]: [&[Rule]; 2],
) -> Option<ElsewhereView> {
    let (category, priority) = (state.ticket.category.as_ref(), state.ticket.priority);
    let facts = Facts { category, priority, language: state.language, tier };
    let (now, then) = (GoesView::by(before, &facts), GoesView::by(after, &facts));
    now.is_elsewhere(&then).then(|| ElsewhereView { number: number.0, now, then })
}

/// Tiers of requesters, each looked up once, and only where a rule asks.
struct Tiers<'a> {
    app: &'a App,
    is_asked: bool,
    known: BTreeMap<ActorId, Option<Slug>>,
}

impl<'a> Tiers<'a> {
    fn of(app: &'a App, lists: [&[Rule]; 2]) -> Self {
        let is_asked = lists.into_iter().flatten().any(|rule| rule.tiers.is_some());
        Self { app, is_asked, known: BTreeMap::new() }
    }

    async fn tier(&mut self, requester: Option<&ActorId>) -> Result<Option<Slug>, Problem> {
        let Some(requester) = requester.filter(|_| self.is_asked) else { return Ok(None) };
        if let Some(known) = self.known.get(requester) {
            return Ok(known.clone());
        }
        let tier = tier_of(self.app, requester).await?;
        self.known.insert(requester.clone(), tier.clone());
        Ok(tier)
    }
}
