//! Gives people what lets them in, and takes it away: each time as an event, and then in the file beside the log.
//!
//! The event goes first. What is given works only once it is recorded; what is taken away and recorded is taken away at
//! the latest when the server starts again (`crate::credentials::catch_up`, docs/adr/0016-letting-people-in.md).

use crate::app::App;
use crate::credentials::secret::Secret;
use crate::credentials::token::Token;
use crate::credentials::{CredentialError, Credentials, Person, invitation};
use docket_core::actor::Actor;
use docket_core::customer::{CustomerAction, CustomerCommand, CustomerRefusal};
use docket_core::handler::Outcome;
use docket_core::handler::settings::{SettingsError, Settled};
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::staff::{LettingIn, StaffAction, StaffCommand, StaffRefusal, TokenId};
use docket_core::store::CommandKey;
use docket_core::text::Line;
use docket_core::time::Timestamp;
use uuid::Uuid;

/// Why nobody was let in, or nothing was taken away.
#[derive(Debug, thiserror::Error)]
pub enum LettingInError {
    /// A rule says no, or the log did not take it.
    #[error(transparent)]
    Staff(#[from] SettingsError<StaffRefusal>),
    /// The same, of a customer.
    #[error(transparent)]
    Customer(#[from] SettingsError<CustomerRefusal>),
    /// It was recorded, and is not kept.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The same command was sent before. What it gave was shown then, if anybody saw it.
    #[error("this was given before, and is not shown again")]
    GivenBefore,
}

/// What was given, and what came of it in the log.
pub struct Given<T> {
    /// What came of it in the log.
    pub settled: Settled,
    /// To be shown this once.
    pub what: T,
}

/// A code, and until when it works.
pub type Code = (String, Timestamp);

impl App {
    /// Lets somebody who works here choose a password.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn invite_member(
        &self,
        actor: Actor,
        member: ActorId,
        key: Option<CommandKey>,
    ) -> Result<Given<Code>, LettingInError> {
        let app = self.clone();
        in_task(async move {
            let (_one, now) = (app.credentials.changing.lock().await, app.now());
            let wish = LettingIn::Invite { expires_at: now.plus(invitation::LASTS) };
            let settled = given(app.record_letting_in(actor, member.clone(), wish, key).await?)?;
            let what = app.beside(move |kept| kept.invite(&Person::Staff(member), now)).await?;
            Ok(Given { settled, what })
        })
        .await
    }

    /// Lets a customer choose a password.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn invite_customer(
        &self,
        actor: Actor,
        customer: ActorId,
        key: Option<CommandKey>,
    ) -> Result<Given<Code>, LettingInError> {
        let app = self.clone();
        in_task(async move {
            let (_one, now) = (app.credentials.changing.lock().await, app.now());
            let action = CustomerAction::Invite { expires_at: now.plus(invitation::LASTS) };
            let command = CustomerCommand { actor, customer: customer.clone(), action };
            let settled = given(app.change(app.customers.clone(), command, key).await?)?;
            let what = app.beside(move |kept| kept.invite(&Person::Customer(customer), now)).await?;
            Ok(Given { settled, what })
        })
        .await
    }

    /// Makes a link into a ticket for who asked in it. It is kept nowhere, so that there is nothing to do but to record it.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn make_link(
        &self,
        actor: Actor,
        (ticket, customer): (TicketNumber, ActorId),
        expires_at: Timestamp,
        key: Option<CommandKey>,
    ) -> Result<Given<String>, LettingInError> {
        let action = CustomerAction::MakeLink { ticket, expires_at };
        let command = CustomerCommand { actor, customer: customer.clone(), action };
        let settled = given(self.change(self.customers.clone(), command, key).await?)?;
        Ok(Given { settled, what: self.credentials.links.make(ticket, &customer, expires_at) })
    }

    /// Makes a link by which who asked in a ticket rates how a cycle of it went. It is kept nowhere, as other links are not.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn make_survey_link(
        &self,
        actor: Actor,
        (ticket, cycle, customer): (TicketNumber, u32, ActorId),
        expires_at: Timestamp,
        key: Option<CommandKey>,
    ) -> Result<Given<String>, LettingInError> {
        let action = CustomerAction::MakeSurveyLink { ticket, cycle, expires_at };
        let command = CustomerCommand { actor, customer: customer.clone(), action };
        let settled = given(self.change(self.customers.clone(), command, key).await?)?;
        Ok(Given { settled, what: self.credentials.surveys.make(ticket, cycle, &customer, expires_at) })
    }

    /// Lets a program of somebody who works here in.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn make_token(
        &self,
        actor: Actor,
        name: Line,
        token: Token,
        key: Option<CommandKey>,
    ) -> Result<Given<Secret>, LettingInError> {
        let app = self.clone();
        in_task(async move {
            let _one = app.credentials.changing.lock().await;
            app.credentials.room_for_token(&token.person, token.made_at)?;
            let wish = LettingIn::MakeToken {
                token: TokenId(token.id),
                name,
                scopes: token.scopes.iter().filter_map(|scope| Slug::new(scope.as_str()).ok()).collect(),
                expires_at: token.expires_at,
            };
            let member = token.person.id().clone();
            let settled = given(app.record_letting_in(actor, member, wish, key).await?)?;
            let what = app.beside(move |kept| kept.give_token(token)).await?;
            Ok(Given { settled, what })
        })
        .await
    }

    /// Takes a token back; of anybody's where none is named.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn revoke_token(
        &self,
        actor: Actor,
        whose: Option<Person>,
        id: Uuid,
        key: Option<CommandKey>,
    ) -> Result<Settled, LettingInError> {
        let app = self.clone();
        in_task(async move {
            let (_one, now) = (app.credentials.changing.lock().await, app.now());
            let token = app.credentials.tokens.named(whose.as_ref(), id).ok_or(CredentialError::NotFound)?;
            let is_revoked = token.revoked_at.is_some();
            let wish = LettingIn::RevokeToken { token: TokenId(id), is_revoked };
            let settled = app.record_letting_in(actor, token.person.id().clone(), wish, key).await?;
            // Also when it was recorded before: the file may not have taken it then.
            app.beside(move |kept| kept.revoke_token(id, now)).await?;
            Ok(settled)
        })
        .await
    }

    /// Ends every session of somebody who works here.
    ///
    /// # Errors
    /// [`LettingInError`]
    pub async fn revoke_sessions(
        &self,
        actor: Actor,
        member: ActorId,
        key: Option<CommandKey>,
    ) -> Result<Settled, LettingInError> {
        let app = self.clone();
        in_task(async move {
            let (_one, person) = (app.credentials.changing.lock().await, Person::Staff(member.clone()));
            let has_any = !app.credentials.sessions.of(&person, app.now()).is_empty();
            let wish = LettingIn::RevokeSessions { has_any };
            let settled = app.record_letting_in(actor, member, wish, key).await?;
            app.beside(move |kept| kept.end_sessions(&person)).await?;
            Ok(settled)
        })
        .await
    }

    async fn record_letting_in(
        &self,
        actor: Actor,
        member: ActorId,
        wish: LettingIn,
        key: Option<CommandKey>,
    ) -> Result<Settled, SettingsError<StaffRefusal>> {
        let action = StaffAction::LettingIn(wish);
        self.change_staff(StaffCommand { actor, member, action }, key).await
    }

    /// Works on what is kept beside the log, away from the threads that serve requests.
    pub(crate) async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Credentials) -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let credentials = self.credentials.clone();
        let done = tokio::task::spawn_blocking(move || work(&credentials)).await;
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}

/// Only what was recorded now is given: whoever sends the same key again was given it before, or nobody was.
fn given(settled: Settled) -> Result<Settled, LettingInError> {
    match settled.outcome {
        Outcome::Appended => Ok(settled),
        Outcome::Found | Outcome::AlreadySo => Err(LettingInError::GivenBefore),
    }
}

/// Runs what is begun to its end, also when whoever asked goes away.
async fn in_task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}
