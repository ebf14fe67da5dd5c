//! The customer's side of the business: what they pay for, and whom to talk to.

use super::event::{AccountAdded, AccountChanged, AccountEvent, AccountProfile};
use super::refusal::CustomerRefusal;
use super::{looks_after_customers, said};
use crate::actor::Actor;
use crate::decider::Decider;
use crate::names::AccountId;
use crate::text::Line;

/// An account as the past made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// What is known of it; none until it is added.
    pub profile: Option<AccountProfile>,
}

/// A wish about an account, and whose it is.
#[derive(Clone, Debug)]
pub struct AccountCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// Which account.
    pub account: AccountId,
    /// Add it, or know other things of a known one.
    pub action: AccountAction,
    /// What shall be known of it; what is left out is known no more.
    pub profile: AccountProfile,
    /// Whether the contact of the profile is a customer who has been added.
    pub contact_is_known: bool,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum AccountAction {
    /// Take it in.
    Add,
    /// Know other things of it.
    Change {
        /// Why.
        reason: Option<Line>,
    },
}

/// The rules of an account's stream.
#[derive(Clone, Copy, Debug)]
pub struct AccountDecider;

impl Decider for AccountDecider {
    type Command = AccountCommand;
    type Event = AccountEvent;
    type State = Account;
    type Refusal = CustomerRefusal;

    fn initial() -> Account {
        Account::default()
    }

    fn decide(command: &AccountCommand, before: &Account) -> Result<Vec<AccountEvent>, CustomerRefusal> {
        let AccountCommand { actor, account, action, profile, contact_is_known } = command;
        if !looks_after_customers(actor.role) {
            return Err(CustomerRefusal::Role { role: actor.role });
        }
        match (&before.profile, action) {
            (Some(standing), _) if standing == profile => return Ok(Vec::new()),
            (Some(_), AccountAction::Add) => return Err(CustomerRefusal::AlreadyThere),
            (None, AccountAction::Change { .. }) => return Err(CustomerRefusal::NotFound),
            (None, AccountAction::Add) | (Some(_), AccountAction::Change { .. }) => {}
        }
        if profile.contact.is_some() && !contact_is_known {
            return Err(CustomerRefusal::UnknownContact);
        }
        profile.custom.check()?;
        let (account, profile) = (account.clone(), profile.clone());
        Ok(vec![match action {
            AccountAction::Add => AccountEvent::Added(Box::new(AccountAdded { account, profile })),
            AccountAction::Change { reason } => {
                AccountEvent::Changed(Box::new(AccountChanged { account, profile, reason: said(reason) }))
            }
        }])
    }

    fn evolve(_: Account, event: &AccountEvent) -> Account {
        let profile = match event {
            AccountEvent::Added(added) => added.profile.clone(),
            AccountEvent::Changed(changed) => changed.profile.clone(),
        };
        Account { profile: Some(profile) }
    }
}
