//! Carries a command out on many tickets, so that the same key never acts twice and always means the same request.
//!
//! The log remembers a key with the events of one append, and a request on many tickets is many appends. The first that
//! comes to something carries the key as it was sent, with a digest of the whole request; the others, which begin only then,
//! carry keys made from it. So the key is bound before a second ticket is touched, for as long as the log lasts, and a
//! request that broke off half-way is finished by sending it again (docs/adr/0010-idempotence.md).

use crate::app::App;
use crate::problem::Problem;
use docket_core::access::Reach;
use docket_core::actor::Actor;
use docket_core::handler::{HandleError, Handled, Request};
use docket_core::names::{StreamVersion, TicketNumber};
use docket_core::store::{AppendError, Appended, CommandKey};
use docket_core::ticket::{Action, TicketCommand};
use futures_util::{StreamExt, stream};
use uuid::Uuid;

/// Tickets that are worked on side by side.
const BULK_AT_ONCE: usize = 64;

/// A ticket, and the version that the command was decided on.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) ticket: TicketNumber,
    pub(super) seen: Option<StreamVersion>,
}

/// A command on many tickets, and whose it is.
pub(super) struct Run {
    pub(super) app: App,
    pub(super) actor: Actor,
    pub(super) reach: Reach,
    pub(super) action: Action,
    pub(super) key: Option<CommandKey>,
    pub(super) correlation: Uuid,
}

type Results = Vec<Result<Handled, HandleError>>;

impl Run {
    /// What came of it on each ticket, in their order.
    ///
    /// # Errors
    /// A problem when the key is that of another request; then nothing is done on any.
    pub(super) async fn all(&self, wishes: &[Wish]) -> Result<Results, Problem> {
        let Some(key) = &self.key else { return Ok(self.rest(wishes, None, None).await) };
        let mut bearer = self.bearer(key).await?;
        let mut results = Vec::new();
        // One after the other until one has come to something: the key is bound to this request then.
        for wish in wishes.iter().copied() {
            if bearer.is_some() {
                break;
            }
            let result = self.one(wish, Some(key.clone())).await;
            match &result {
                Err(HandleError::Append(AppendError::KeyReused { .. })) => return Err(Problem::key_reused()),
                // The same request is being carried out beside this one, and has come further.
                Ok(handled) if handled.ticket != wish.ticket => {
                    bearer = Some(handled.ticket);
                    results.push(self.one(wish, Some(derived(key, wish.ticket))).await);
                    continue;
                }
                Ok(_) => bearer = self.bearer(key).await?,
                Err(_) => {}
            }
            results.push(result);
        }
        let rest = &wishes[results.len()..];
        results.extend(self.rest(rest, Some(key), bearer).await);
        Ok(results)
    }

    /// The ticket whose events carry the key, if any do.
    async fn bearer(&self, key: &CommandKey) -> Result<Option<TicketNumber>, Problem> {
        let found = self.app.store.find_command(key).await.map_err(Problem::from)?;
        let ticket = |found: Appended| found.versions.iter().find_map(|(stream, _)| stream.subject());
        Ok(found.and_then(ticket))
    }

    async fn rest(&self, wishes: &[Wish], key: Option<&CommandKey>, bearer: Option<TicketNumber>) -> Results {
        let key_of = |wish: Wish| {
            let of_its_own = |key: &CommandKey| derived(key, wish.ticket);
            if bearer == Some(wish.ticket) { key.cloned() } else { key.map(of_its_own) }
        };
        let each: Vec<_> = wishes.iter().map(|wish| (*wish, key_of(*wish))).collect();
        let each = stream::iter(each).map(|(wish, key)| self.one(wish, key));
        each.buffered(BULK_AT_ONCE).collect().await
    }

    async fn one(&self, wish: Wish, key: Option<CommandKey>) -> Result<Handled, HandleError> {
        let command = TicketCommand { actor: self.actor.clone(), action: anew(&self.action) };
        let request = Request {
            ticket: Some(wish.ticket),
            seen: wish.seen,
            reach: self.reach.clone(),
            command,
            key,
            correlation: self.correlation,
        };
        self.app.run(request).await
    }
}

/// The key of one ticket's part. What is sent as a key holds no space, so that this one is nobody's.
fn derived(key: &CommandKey, ticket: TicketNumber) -> CommandKey {
    CommandKey { key: format!("{} {ticket}", key.key), ..key.clone() }
}

/// The same message on two tickets is two messages.
fn anew(action: &Action) -> Action {
    let mut action = action.clone();
    if let Action::Reply { message, .. } | Action::Note { message, .. } = &mut action {
        *message = Uuid::now_v7();
    }
    action
}
