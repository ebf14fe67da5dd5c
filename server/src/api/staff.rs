//! Who works here: read by the staff, changed by admins.

use super::body::{NamePath, Named, Sent};
use super::commands::told;
use super::parameters::{Keyed, OfMember};
use super::refusals::{ChangeOneRefusals, ChangeRefusals, ReadRefusals};
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
use docket_core::handler::settings::Settled;
use docket_core::names::{ActorId, Slug};
use docket_core::staff::{Member, StaffAction, StaffCommand, StaffRefusal};
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
}

impl MemberView {
    fn of((id, member): (&ActorId, &Member)) -> Self {
        let Member { name, role, teams, language, active } = member;
        Self {
            id: id.clone(),
            name: name.plain().map(str::to_owned),
            role: role.as_str(),
            teams: teams.clone(),
            language: *language,
            active: *active,
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
    let answer = act(app, member, caller, sent, |fields| StaffAction::Add {
        name: fields.name,
        role: fields.role.0,
        teams: fields.teams,
        language: fields.language.map_or(Language::En, |Named(language)| language),
    });
    Ok((Problem::CREATED, answer.await?).into_response())
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
            // Nobody can have been added under what is no identifier.
            let member = ActorId::new(&member).map_err(|_| Problem::from(StaffRefusal::NotFound))?;
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
command!(
    /// Lets somebody work for other teams.
    change_teams, "/api/v1/staff/{name}/change-teams", TeamsFields,
    |fields| StaffAction::ChangeTeams { to: fields.to, reason: fields.reason }
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
