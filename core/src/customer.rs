//! Who asks for help, and the accounts that they belong to.
//!
//! Each has a stream of its own (`customer-carla`, `account-acme`), since they are many and nothing is true of all of
//! them together. An event holds the whole new profile. Source: PRODUCT section 4, docs/adr/0018-customers.md.

pub mod account;
pub mod event;
pub mod fields;
pub mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use crate::actor::{Actor, Role};
use crate::decider::Decider;
use crate::names::{AccountId, ActorId, TicketNumber};
use crate::personal::PersonalText;
use crate::text::Line;
use crate::time::Timestamp;
pub use account::{Account, AccountCommand, AccountDecider};
pub use event::{AccountEvent, AccountProfile, CustomerEvent, CustomerProfile};
use event::{
    CustomerAccountChanged, CustomerAdded, CustomerChanged, CustomerInvited, LinkMade, SurveyLinkMade,
};
pub use fields::CustomFields;
pub use refusal::CustomerRefusal;

/// Whether people of this role, or a part of Docket, look after customers and accounts (PRODUCT section 10).
pub const fn looks_after_customers(role: Role) -> bool {
    role.is_staff() || matches!(role, Role::System)
}

/// A customer as the past made them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// What is known of them; none until they are added.
    pub profile: Option<CustomerProfile>,
    /// The account that they belong to.
    pub account: Option<AccountId>,
}

/// A wish about a customer, and whose it is.
#[derive(Clone, Debug)]
pub struct CustomerCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// Whom it is about.
    pub customer: ActorId,
    /// What is wished.
    pub action: CustomerAction,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum CustomerAction {
    /// Take them in.
    Add {
        /// What is known of them.
        profile: Box<CustomerProfile>,
        /// The account that they belong to.
        account: Option<AccountId>,
        /// Whether there is such an account.
        account_is_known: bool,
    },
    /// Know other things of them. What is left out is known no more.
    Change {
        /// All that is known from now on.
        profile: Box<CustomerProfile>,
        /// Why.
        reason: Option<Line>,
    },
    /// Let them belong to another account, or to none.
    ChangeAccount {
        /// The account, or none.
        to: Option<AccountId>,
        /// Whether there is such an account.
        account_is_known: bool,
        /// Why.
        reason: Option<Line>,
    },
    /// Let them choose a password with a code, which is kept beside the log.
    Invite {
        /// Until when the code works.
        expires_at: Timestamp,
    },
    /// Let them into one of their tickets by a link.
    MakeLink {
        /// The ticket.
        ticket: TicketNumber,
        /// From when on it is refused.
        expires_at: Timestamp,
    },
    /// Let them rate a cycle of one of their tickets by a link.
    MakeSurveyLink {
        /// The ticket.
        ticket: TicketNumber,
        /// The cycle.
        cycle: u32,
        /// From when on it is refused.
        expires_at: Timestamp,
    },
}

/// The rules of a customer's stream.
#[derive(Clone, Copy, Debug)]
pub struct CustomerDecider;

impl Decider for CustomerDecider {
    type Command = CustomerCommand;
    type Event = CustomerEvent;
    type State = Customer;
    type Refusal = CustomerRefusal;

    fn initial() -> Customer {
        Customer::default()
    }

    fn decide(command: &CustomerCommand, before: &Customer) -> Result<Vec<CustomerEvent>, CustomerRefusal> {
        let CustomerCommand { actor, customer, action } = command;
        if !looks_after_customers(actor.role) {
            return Err(CustomerRefusal::Role { role: actor.role });
        }
        let customer = customer.clone();
        match action {
            CustomerAction::Add { profile, account, account_is_known } => match &before.profile {
                Some(there) if there == profile.as_ref() && before.account == *account => Ok(Vec::new()),
                Some(_) => Err(CustomerRefusal::AlreadyThere),
                None => {
                    known(account.as_ref(), *account_is_known)?;
                    profile.custom.check()?;
                    let (profile, account) = (profile.as_ref().clone(), account.clone());
                    Ok(vec![CustomerEvent::Added(Box::new(CustomerAdded { customer, profile, account }))])
                }
            },
            CustomerAction::Change { profile, reason } => {
                if before.profile.as_ref().ok_or(CustomerRefusal::NotFound)? == profile.as_ref() {
                    return Ok(Vec::new());
                }
                profile.custom.check()?;
                let (profile, reason) = (profile.as_ref().clone(), said(reason));
                Ok(vec![CustomerEvent::Changed(Box::new(CustomerChanged { customer, profile, reason }))])
            }
            CustomerAction::ChangeAccount { .. } if before.profile.is_none() => {
                Err(CustomerRefusal::NotFound)
            }
            CustomerAction::ChangeAccount { to, .. } if *to == before.account => Ok(Vec::new()),
            CustomerAction::ChangeAccount { to, account_is_known, reason } => {
                known(to.as_ref(), *account_is_known)?;
                let (from, to, reason) = (before.account.clone(), to.clone(), said(reason));
                Ok(vec![CustomerEvent::AccountChanged(CustomerAccountChanged { customer, from, to, reason })])
            }
            // Whoever asked for something is a customer, also before anybody wrote down who they are. Each invitation
            // and each link is another one, so that the same wish again is another event.
            CustomerAction::Invite { expires_at } => {
                let expires_at = *expires_at;
                Ok(vec![CustomerEvent::Invited(CustomerInvited { customer, expires_at })])
            }
            CustomerAction::MakeLink { ticket, expires_at } => {
                let (ticket, expires_at) = (*ticket, *expires_at);
                Ok(vec![CustomerEvent::LinkMade(LinkMade { customer, ticket, expires_at })])
            }
            CustomerAction::MakeSurveyLink { ticket, cycle, expires_at } => {
                let (ticket, cycle, expires_at) = (*ticket, *cycle, *expires_at);
                let made = SurveyLinkMade { customer, ticket, cycle, expires_at };
                Ok(vec![CustomerEvent::SurveyLinkMade(made)])
            }
        }
    }

    fn evolve(mut customer: Customer, event: &CustomerEvent) -> Customer {
        match event {
            CustomerEvent::Added(added) => {
                customer.profile = Some(added.profile.clone());
                customer.account = added.account.clone();
            }
            CustomerEvent::Changed(changed) => customer.profile = Some(changed.profile.clone()),
            CustomerEvent::AccountChanged(changed) => customer.account = changed.to.clone(),
            // What lets them in is kept beside the log, or nowhere.
            CustomerEvent::Invited(_) | CustomerEvent::LinkMade(_) | CustomerEvent::SurveyLinkMade(_) => {}
        }
        customer
    }
}

fn known(account: Option<&AccountId>, is_known: bool) -> Result<(), CustomerRefusal> {
    if account.is_some() && !is_known { Err(CustomerRefusal::UnknownAccount) } else { Ok(()) }
}

fn said(reason: &Option<Line>) -> Option<PersonalText> {
    reason.as_ref().map(PersonalText::from)
}
