//! What can happen to customers and accounts. Stored names are written by hand and never change (docs/EVENTS.md).

use super::fields::CustomFields;
use crate::names::{AccountId, ActorId, Slug, TicketNumber};
use crate::personal::PersonalText;
use crate::ticket::event::Language;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountProfile {
    /// What it is called; often a person's name.
    pub name: PersonalText,
    /// What they pay for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Slug>,
    /// How they are treated; routing rules may ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Slug>,
    /// The customer to talk to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ActorId>,
    /// The language that they are written to in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Fields of the business's own.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom: CustomFields,
}

/// What is known of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerProfile {
    /// What they are called.
    pub name: PersonalText,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<PersonalText>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PersonalText>,
    /// The language to answer in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Fields of the business's own.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom: CustomFields,
}

/// An account came to be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountAdded {
    /// Which.
    pub account: AccountId,
    /// All that is known of it.
    pub profile: AccountProfile,
}

/// Other things are known of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountChanged {
    /// Which.
    pub account: AccountId,
    /// All that is known of it from now on.
    pub profile: AccountProfile,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// A customer came to be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerAdded {
    /// Who; the identifier that their tickets carry.
    pub customer: ActorId,
    /// All that is known of them.
    pub profile: CustomerProfile,
    /// The account that they belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// Other things are known of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerChanged {
    /// Who.
    pub customer: ActorId,
    /// All that is known of them from now on.
    pub profile: CustomerProfile,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// A customer belongs to another account, or to none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerAccountChanged {
    /// Who.
    pub customer: ActorId,
    /// The account before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AccountId>,
    /// The account from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<AccountId>,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// A customer was invited to choose a password. The code is in no event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerInvited {
    /// Who.
    pub customer: ActorId,
    /// Until when the code works.
    pub expires_at: Timestamp,
}

/// A link was made that lets a customer into one of their tickets. Its secret is in no event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkMade {
    /// Who.
    pub customer: ActorId,
    /// Into which ticket.
    pub ticket: TicketNumber,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// A link was made by which a customer rates how a cycle of one of their tickets went. Its secret is in no event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyLinkMade {
    /// Who.
    pub customer: ActorId,
    /// Which ticket.
    pub ticket: TicketNumber,
    /// Which cycle of it.
    pub cycle: u32,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// An event on an account's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum AccountEvent {
    Added(Box<AccountAdded>),
    Changed(Box<AccountChanged>),
}

/// An event on a customer's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum CustomerEvent {
    Added(Box<CustomerAdded>),
    Changed(Box<CustomerChanged>),
    AccountChanged(CustomerAccountChanged),
    Invited(CustomerInvited),
    LinkMade(LinkMade),
    SurveyLinkMade(SurveyLinkMade),
}
