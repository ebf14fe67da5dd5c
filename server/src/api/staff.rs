//! Who works here: read by the staff, changed by admins.

use super::body::{NamePath, Named, Object, Sent};
use super::commands::told;
use super::parameters::{Keyed, OfMember};
use super::refusals::{ChangeOneRefusals, ChangeRefusals, ReadOneRefusals, ReadRefusals};
use super::shapes;
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use docket_core::actor::Role;
use docket_core::agent::{AgentCommand, Availability};
use docket_core::handler::settings::Settled;
use docket_core::names::{ActorId, Slug};
use docket_core::settings::policy::ByPriority;
use docket_core::staff::{Capacity, Member, Permission, StaffAction, StaffCommand, StaffRefusal};
use docket_core::text::Line;
use docket_core::ticket::event::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Somebody who works here, or has.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberView {
    /// Opaque identifier, the one that events carry.
    #[schema(value_type = shapes::ActorId)]
    id: ActorId,
    /// What others call them; absent once it has been erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `agent`, `supervisor`, `auditor`, `analyst` or `admin`.
    #[schema(value_type = shapes::StaffRole)]
    role: &'static str,
    /// The teams whose tickets they work.
    #[schema(value_type = Vec<shapes::Slug>)]
    teams: BTreeSet<Slug>,
    /// The language that they are spoken to in.
    #[schema(value_type = shapes::Language)]
    language: Language,
    /// Whether they work here now.
    active: bool,
    /// What they know.
    #[schema(value_type = Vec<shapes::Slug>)]
    skills: BTreeSet<Slug>,
    /// What they may do beyond what their role says: `take-routed`, `take-escalated`, `read-messages`.
    #[schema(value_type = Vec<shapes::PermissionName>)]
    permissions: BTreeSet<Permission>,
    /// How much they can have on their hands at once.
    #[schema(value_type = CapacityView)]
    capacity: Capacity,
}

/// Room for tickets, and what each takes of it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "this describes docket_core::staff::Capacity")]
struct CapacityView {
    /// Room, in points.
    #[schema(minimum = 0, maximum = 1000)]
    points: u32,
    /// What a ticket of each priority takes of it, in points.
    weights: WeightsView,
}

/// Points by priority, each 1 to 1000.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "this describes docket_core::staff::Capacity")]
struct WeightsView {
    #[schema(minimum = 1, maximum = 1000)]
    urgent: u32,
    #[schema(minimum = 1, maximum = 1000)]
    high: u32,
    #[schema(minimum = 1, maximum = 1000)]
    normal: u32,
    #[schema(minimum = 1, maximum = 1000)]
    low: u32,
}

/// Somebody who works here, and whether they are there now.
#[derive(Serialize, ToSchema)]
pub(super) struct PresentView {
    #[serde(flatten)]
    member: MemberView,
    /// `online`, `away`, `transfers_only` or `offline`.
    #[schema(value_type = shapes::AvailabilityName)]
    availability: Availability,
}

impl MemberView {
    fn of((id, member): (&ActorId, &Member)) -> Self {
        let Member { name, role, teams, language, active, skills, permissions, capacity } = member;
        Self {
            id: id.clone(),
            name: name.plain().map(str::to_owned),
            role: role.as_str(),
            teams: teams.clone(),
            language: *language,
            active: *active,
            skills: skills.clone(),
            permissions: permissions.clone(),
            capacity: capacity.clone(),
        }
    }
}

/// Everybody who works here or has, in the order of their identifiers.
#[derive(Serialize, ToSchema)]
pub(super) struct StaffView {
    members: Vec<MemberView>,
}

/// What came of a command on the staff.
#[derive(Serialize, ToSchema)]
pub(super) struct StaffAnswer {
    /// Who it was about.
    #[schema(value_type = shapes::ActorId)]
    member: ActorId,
    /// The version of the staff afterwards.
    version: u64,
    /// The position that shows the effect.
    position: u64,
    /// `appended`, `found` (the same command had been sent before) or `already_so`.
    #[schema(value_type = shapes::OutcomeName)]
    outcome: &'static str,
}

/// Somebody who comes to work here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddFields {
    /// Opaque identifier, of this person for ever.
    #[schema(value_type = shapes::ActorId)]
    id: ActorId,
    /// What others call them.
    #[schema(value_type = shapes::Line)]
    name: Line,
    /// `agent`, `supervisor`, `auditor`, `analyst` or `admin`.
    #[schema(value_type = shapes::StaffRole)]
    role: Named<Role>,
    /// The teams whose tickets they work.
    #[schema(value_type = Vec<shapes::Slug>, max_items = 64)]
    #[serde(default)]
    teams: BTreeSet<Slug>,
    /// The language that they are spoken to in; `en` if left out.
    #[schema(value_type = Option<shapes::Language>)]
    #[serde(default)]
    language: Option<Named<Language>>,
}

/// A name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameFields {
    /// What others call them from now on.
    #[schema(value_type = shapes::Line)]
    to: Line,
}

/// A role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFields {
    /// `agent`, `supervisor`, `auditor`, `analyst` or `admin`.
    #[schema(value_type = shapes::StaffRole)]
    to: Named<Role>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// Teams.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamsFields {
    /// The teams from now on.
    #[schema(value_type = Vec<shapes::Slug>, max_items = 64)]
    to: BTreeSet<Slug>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// Skills.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SkillsFields {
    /// The skills from now on.
    #[schema(value_type = Vec<shapes::Slug>, max_items = 64)]
    to: BTreeSet<Slug>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// Permissions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PermissionsFields {
    /// The permissions from now on: `take-routed`, `take-escalated`, `read-messages`.
    #[schema(value_type = Vec<shapes::PermissionName>)]
    to: Vec<Named<Permission>>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// Capacity.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CapacityFields {
    /// Room from now on, in points; 0 takes nothing by routing.
    #[schema(minimum = 0, maximum = 1000)]
    points: u32,
    /// What a ticket of each priority takes of it, in points.
    #[schema(value_type = WeightsView)]
    weights: Object<ByPriority<u32>>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// Whether somebody is there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AvailabilityFields {
    /// `online`, `away`, `transfers_only` or `offline`.
    #[schema(value_type = shapes::AvailabilityName)]
    to: Named<Availability>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// A reason, if one is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonFields {
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    reason: Option<Line>,
}

/// Lists who works here, and who has.
#[utoipa::path(get, path = "/api/v1/staff", tag = "staff",
    responses((status = 200, description = "Everybody", body = StaffView), ReadRefusals))]
pub(super) async fn list(State(app): State<App>) -> Result<Json<StaffView>, Problem> {
    let staff = app.staff.refresh().await?;
    Ok(Json(StaffView { members: staff.members().map(MemberView::of).collect() }))
}

/// Reads somebody who works here or has, and whether they are there now.
#[utoipa::path(get, path = "/api/v1/staff/{name}", tag = "staff",
    params(OfMember),
    responses((status = 200, description = "They", body = PresentView), ReadOneRefusals))]
pub(super) async fn read_member(
    State(app): State<App>,
    NamePath(name): NamePath,
) -> Result<Json<PresentView>, Problem> {
    let id = identifier(&name)?;
    let staff = app.staff.refresh().await?;
    let member = staff.member(&id).ok_or(StaffRefusal::NotFound)?;
    let (_, agent) = app.agents.read(&id).await?;
    let member = MemberView::of((&id, member));
    Ok(Json(PresentView { member, availability: agent.availability }))
}

/// Nobody can have been added under what is no identifier.
fn identifier(name: &str) -> Result<ActorId, Problem> {
    ActorId::new(name).map_err(|_| StaffRefusal::NotFound.into())
}

/// Takes somebody on.
#[utoipa::path(post, path = "/api/v1/staff", tag = "staff", request_body = AddFields,
    params(Keyed),
    responses((status = 201, description = "They work here", body = StaffAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeRefusals))]
pub(super) async fn add(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<AddFields>,
) -> Result<Response, Problem> {
    let member = sent.fields.id.clone();
    let not_in_force = not_in_force(&app, &sent.fields.teams).await?;
    let answer = act(app, member, caller, sent, |fields| StaffAction::Add {
        name: fields.name,
        role: fields.role.0,
        teams: fields.teams,
        not_in_force,
        language: fields.language.map_or(Language::En, |Named(language)| language),
    });
    Ok((Problem::CREATED, answer.await?).into_response())
}

/// Those of some teams that are not in force now.
async fn not_in_force(app: &App, teams: &BTreeSet<Slug>) -> Result<BTreeSet<Slug>, Problem> {
    let (shelf, now) = (app.catalogues.teams.refresh().await?, app.now());
    Ok(teams.iter().filter(|team| shelf.in_force(team, now).is_none()).cloned().collect())
}

/// Runs an action on a member of the staff.
async fn act<T>(
    app: App,
    member: ActorId,
    Caller { actor, .. }: Caller,
    sent: Sent<T>,
    action: impl FnOnce(T) -> StaffAction,
) -> Result<(HeaderMap, Json<StaffAnswer>), Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let command = StaffCommand { actor, member: member.clone(), action: action(sent.fields) };
    let Settled { version, position, outcome } = app.change_staff(command, key).await?;
    let outcome = outcome.as_str();
    Ok((
        told(position, version),
        Json(StaffAnswer { member, version: version.0, position: position.0, outcome }),
    ))
}

/// Writes the handler and the description of a command on a member of the staff.
macro_rules! command {
    ($(#[$doc:meta])* $name:ident, $path:literal, $fields:ident, |$sent:ident| $action:expr) => {
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "staff", request_body = $fields,
            params(OfMember, Keyed),
            responses((status = 200, description = "Done, or already so", body = StaffAnswer,
                headers(("ETag" = String, description = "The version afterwards"),
                    ("Docket-Position" = u64, description = "The position that shows the effect"))),
                ChangeOneRefusals))]
        pub(super) async fn $name(
            State(app): State<App>,
            NamePath(member): NamePath,
            caller: Caller,
            sent: Sent<$fields>,
        ) -> Result<Response, Problem> {
            let member = identifier(&member)?;
            Ok(act(app, member, caller, sent, |$sent| $action).await?.into_response())
        }
    };
}

command!(
    /// Calls somebody otherwise.
    rename, "/api/v1/staff/{name}/rename", RenameFields,
    |fields| StaffAction::Rename { to: fields.to }
);
command!(
    /// Lets somebody do other things.
    change_role, "/api/v1/staff/{name}/change-role", RoleFields,
    |fields| StaffAction::ChangeRole { to: fields.to.0, reason: fields.reason }
);
/// Lets somebody work for other teams. A team that they have already may stay, also when it was retired since.
#[utoipa::path(post, path = "/api/v1/staff/{name}/change-teams", tag = "staff", request_body = TeamsFields,
    params(OfMember, Keyed),
    responses((status = 200, description = "Done, or already so", body = StaffAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn change_teams(
    State(app): State<App>,
    NamePath(member): NamePath,
    caller: Caller,
    sent: Sent<TeamsFields>,
) -> Result<Response, Problem> {
    let (member, not_in_force) = (identifier(&member)?, not_in_force(&app, &sent.fields.to).await?);
    let action =
        |fields: TeamsFields| StaffAction::ChangeTeams { to: fields.to, not_in_force, reason: fields.reason };
    Ok(act(app, member, caller, sent, action).await?.into_response())
}
command!(
    /// Writes down what somebody knows.
    change_skills, "/api/v1/staff/{name}/change-skills", SkillsFields,
    |fields| StaffAction::ChangeSkills { to: fields.to, reason: fields.reason }
);
command!(
    /// Lets somebody do other things than their role says.
    change_permissions, "/api/v1/staff/{name}/change-permissions", PermissionsFields,
    |fields| StaffAction::ChangePermissions {
        to: fields.to.into_iter().map(|Named(permission)| permission).collect(),
        reason: fields.reason,
    }
);
command!(
    /// Lets somebody have more or less on their hands.
    change_capacity, "/api/v1/staff/{name}/change-capacity", CapacityFields,
    |fields| StaffAction::ChangeCapacity {
        to: Capacity { points: fields.points, weights: fields.weights.0 },
        reason: fields.reason,
    }
);
command!(
    /// Lets somebody in no more. Their past stays theirs.
    deactivate, "/api/v1/staff/{name}/deactivate", ReasonFields,
    |fields| StaffAction::Deactivate { reason: fields.reason }
);
command!(
    /// Lets somebody in again.
    reactivate, "/api/v1/staff/{name}/reactivate", ReasonFields,
    |fields| StaffAction::Reactivate { reason: fields.reason }
);

/// Says whether somebody is there to take tickets. Everybody says it of themselves, supervisors and admins of anybody.
#[utoipa::path(post, path = "/api/v1/staff/{name}/set-availability", tag = "staff",
    request_body = AvailabilityFields,
    params(OfMember, Keyed),
    responses((status = 200, description = "Done, or already so", body = StaffAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn set_availability(
    State(app): State<App>,
    NamePath(name): NamePath,
    Caller { actor, .. }: Caller,
    sent: Sent<AvailabilityFields>,
) -> Result<Response, Problem> {
    let id = identifier(&name)?;
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let member = app.staff.refresh().await?.member(&id).cloned();
    let AvailabilityFields { to: Named(to), reason } = sent.fields;
    let command = AgentCommand { actor, agent: id.clone(), member, to, reason };
    let Settled { version, position, outcome } = app.change(app.agents.clone(), command, key).await?;
    let outcome = outcome.as_str();
    let answer = StaffAnswer { member: id, version: version.0, position: position.0, outcome };
    Ok((told(position, version), Json(answer)).into_response())
}
