//! The first admin: made on the machine itself, since nobody is there who could let them in.

use crate::config::InviteAdmin;
use crate::credentials::invitation::LASTS;
use crate::credentials::{CredentialError, Credentials, Person};
use docket_core::actor::{Actor, Role};
use docket_core::handler::settings::{SettingsError, SettingsHandler};
use docket_core::names::{ActorId, NameError};
use docket_core::staff::{LettingIn, Staff, StaffAction, StaffCommand, StaffDecider, StaffRefusal};
use docket_core::text::{Line, TextError};
use docket_core::ticket::event::Language;
use docket_core::time::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The name to sign in with.
    #[error("--id {0}")]
    Id(#[from] NameError),
    /// What others call them.
    #[error("--name {0}")]
    Name(#[from] TextError),
    /// The language.
    #[error("--language takes en or es")]
    Language,
    /// Somebody of that name is there, and is no admin.
    #[error("{id} is here already as {}, and stays it; choose another --id, or let an admin change the role", .role.as_str())]
    NoAdmin {
        /// Who.
        id: ActorId,
        /// What they are.
        role: Role,
    },
    /// Somebody of that name has left.
    #[error("{id} has left; choose another --id")]
    Left {
        /// Who.
        id: ActorId,
    },
    /// A rule says no, or the log did not take it.
    #[error(transparent)]
    Staff(#[from] SettingsError<StaffRefusal>),
    /// The code could not be kept.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// Makes somebody an admin who is none yet, and gives them a code; the text says what to do with it.
///
/// # Errors
/// [`InvitationError`]
pub async fn invite(
    staff: &SettingsHandler<StaffDecider>,
    credentials: &Credentials,
    options: &InviteAdmin,
    now: Timestamp,
) -> Result<String, InvitationError> {
    let id = ActorId::new(&options.id)?;
    let name = Line::new(options.name.clone().unwrap_or_else(|| options.id.clone()))?;
    let language = match options.language.as_str() {
        "en" => Language::En,
        "es" => Language::Es,
        _ => return Err(InvitationError::Language),
    };
    let there = staff.refresh().await?;
    if options.unless_staffed && !there.is_empty() {
        return Ok("Somebody works here already; nobody was invited.\n".to_owned());
    }
    let is_new = !is_admin(&there, &id)?;
    let act = async |action| {
        let command = StaffCommand { actor: Actor::system("invite-admin"), member: id.clone(), action };
        staff.handle(&command, None, Uuid::now_v7()).await
    };
    if is_new {
        let (role, teams, not_in_force) = (Role::Admin, BTreeSet::new(), BTreeSet::new());
        act(StaffAction::Add { name, role, teams, not_in_force, language }).await?;
    }
    // Recorded before there is a code, as by the API.
    act(StaffAction::LettingIn(LettingIn::Invite { expires_at: now.plus(LASTS) })).await?;
    let (code, expires_at) = credentials.invite(&Person::Staff(id.clone()), now)?;
    let what = if is_new { "is an admin now" } else { "is an admin already, and gets a new code" };
    Ok(format!(
        "{id} {what}. Start the server, open its page /welcome (http://127.0.0.1:7333/welcome where nothing else was said), and \
         type in this code.\nIt works once, until {}, and is not shown again:\n\n    {code}\n\n",
        expires_at.to_rfc3339()
    ))
}

fn is_admin(staff: &Staff, id: &ActorId) -> Result<bool, InvitationError> {
    match staff.member(id) {
        None => Ok(false),
        Some(member) if !member.active => Err(InvitationError::Left { id: id.clone() }),
        Some(member) if member.role == Role::Admin => Ok(true),
        Some(member) => Err(InvitationError::NoAdmin { id: id.clone(), role: member.role }),
    }
}
