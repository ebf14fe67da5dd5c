//! What is sent and answered about customers and accounts.

use crate::api::body::{Named, Object};
use crate::api::shapes;
use docket_core::names::{AccountId, ActorId, Slug};
use docket_core::text::Line;
use docket_core::ticket::event::Language;
use docket_projections::directory::{ENTRIES_PER_PAGE_MAX, Entry};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use utoipa::{IntoParams, ToSchema};

/// Waits for a position.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct PositionQuery {
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    pub(super) at_least: Option<u64>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct DirectoryQuery {
    /// Entries in a page, 1 to 200; 50 if left out.
    #[param(schema_with = shapes::up_to::<{ ENTRIES_PER_PAGE_MAX }>)]
    pub(super) limit: Option<usize>,
    /// The cursor `next` of the page before, of the same query.
    #[param(value_type = shapes::DirectoryCursor, inline, required = false)]
    pub(super) after: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    pub(super) at_least: Option<u64>,
}

/// Which customers.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct CustomerQuery {
    /// Those who belong to this account.
    #[param(value_type = shapes::ActorId, inline, required = false)]
    pub(super) account: Option<String>,
    /// Those with this e-mail address, its letters large or small.
    #[param(value_type = shapes::Line, inline, required = false)]
    pub(super) email: Option<String>,
    /// Entries in a page, 1 to 200; 50 if left out.
    #[param(schema_with = shapes::up_to::<{ ENTRIES_PER_PAGE_MAX }>)]
    pub(super) limit: Option<usize>,
    /// The cursor `next` of the page before, of the same query.
    #[param(value_type = shapes::DirectoryCursor, inline, required = false)]
    pub(super) after: Option<String>,
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    pub(super) at_least: Option<u64>,
}

/// Who asks for help.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CustomerView {
    /// Opaque identifier, the one that their tickets carry.
    id: String,
    /// What they are called; absent once it has been erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// The language to answer in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Language>)]
    language: Option<Language>,
    /// The account that they belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::ActorId>)]
    account: Option<AccountId>,
    /// Fields of the business's own.
    #[schema(value_type = BTreeMap<String, String>)]
    custom: BTreeMap<Slug, String>,
    /// When they came to be known.
    #[schema(value_type = shapes::Instant)]
    added_at: String,
    /// When anything last changed.
    #[schema(value_type = shapes::Instant)]
    updated_at: String,
}

impl CustomerView {
    pub(super) fn of(Entry { state, personal }: Entry) -> Self {
        Self {
            id: state.id,
            name: personal.name,
            email: personal.email,
            phone: personal.phone,
            language: state.language,
            account: state.account,
            custom: personal.custom,
            added_at: state.added_at.to_rfc3339(),
            updated_at: state.updated_at.to_rfc3339(),
        }
    }
}

/// The customer's side of the business.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AccountView {
    /// Opaque identifier.
    id: String,
    /// What it is called; absent once it has been erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What they pay for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Slug>)]
    plan: Option<Slug>,
    /// How they are treated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Slug>)]
    tier: Option<Slug>,
    /// The customer to talk to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::ActorId>)]
    contact: Option<ActorId>,
    /// The language to write in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Language>)]
    language: Option<Language>,
    /// Fields of the business's own.
    #[schema(value_type = BTreeMap<String, String>)]
    custom: BTreeMap<Slug, String>,
    /// When it came to be known.
    #[schema(value_type = shapes::Instant)]
    added_at: String,
    /// When anything last changed.
    #[schema(value_type = shapes::Instant)]
    updated_at: String,
}

impl AccountView {
    pub(super) fn of(Entry { state, personal }: Entry) -> Self {
        Self {
            id: state.id,
            name: personal.name,
            plan: state.plan,
            tier: state.tier,
            contact: state.contact,
            language: state.language,
            custom: personal.custom,
            added_at: state.added_at.to_rfc3339(),
            updated_at: state.updated_at.to_rfc3339(),
        }
    }
}

/// A page of customers.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CustomerPage {
    /// The position that it shows.
    pub(super) position: u64,
    /// The position that the first page of this reading showed.
    pub(super) began_at: u64,
    /// Whether anything has happened since then.
    pub(super) moved: bool,
    /// In the order of their identifiers.
    pub(super) customers: Vec<CustomerView>,
    /// Give it as `after` to read on; none at the end.
    #[schema(value_type = Option<shapes::DirectoryCursor>)]
    pub(super) next: Option<String>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AccountPage {
    /// The position that it shows.
    pub(super) position: u64,
    /// The position that the first page of this reading showed.
    pub(super) began_at: u64,
    /// Whether anything has happened since then.
    pub(super) moved: bool,
    /// In the order of their identifiers.
    pub(super) accounts: Vec<AccountView>,
    /// Give it as `after` to read on; none at the end.
    #[schema(value_type = Option<shapes::DirectoryCursor>)]
    pub(super) next: Option<String>,
}

/// What came of a command on a customer or an account.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CustomerAnswer {
    /// Which one it was about.
    pub(super) id: String,
    /// The version of its stream afterwards.
    pub(super) version: u64,
    /// The position that shows the effect: give it to a read as `at_least`.
    pub(super) position: u64,
    /// `appended`, `found` (the same command had been sent before) or `already_so`.
    #[schema(value_type = shapes::OutcomeName)]
    pub(super) outcome: &'static str,
}

/// Texts by name, each name once.
#[derive(Default)]
pub(in crate::api) struct CustomFieldsSent(pub(super) BTreeMap<Slug, Line>);

impl<'de> Deserialize<'de> for CustomFieldsSent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = CustomFieldsSent;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CustomFieldsSent, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some(name) = map.next_key::<Slug>()? {
                    let text = map.next_value()?;
                    if fields.insert(name.clone(), text).is_some() {
                        return Err(A::Error::custom(format!("duplicate field `{name}`")));
                    }
                }
                Ok(CustomFieldsSent(fields))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

/// All that is known of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AccountProfileFields {
    /// What it is called.
    #[schema(value_type = shapes::Line)]
    pub(super) name: Line,
    /// What they pay for.
    #[schema(value_type = Option<shapes::Slug>)]
    #[serde(default)]
    pub(super) plan: Option<Slug>,
    /// How they are treated; routing rules may ask for it.
    #[schema(value_type = Option<shapes::Slug>)]
    #[serde(default)]
    pub(super) tier: Option<Slug>,
    /// The customer to talk to.
    #[schema(value_type = Option<shapes::ActorId>)]
    #[serde(default)]
    pub(super) contact: Option<ActorId>,
    /// The language to write in.
    #[schema(value_type = Option<shapes::Language>)]
    #[serde(default)]
    pub(super) language: Option<Named<Language>>,
    /// Fields of the business's own, 50 at most: texts by slug.
    #[schema(value_type = shapes::CustomTexts, required = false)]
    #[serde(default)]
    pub(super) custom: CustomFieldsSent,
}

/// All that is known of a customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CustomerProfileFields {
    /// What they are called.
    #[schema(value_type = shapes::Line)]
    pub(super) name: Line,
    /// E-mail address.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    pub(super) email: Option<Line>,
    /// Telephone number.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    pub(super) phone: Option<Line>,
    /// The language to answer in.
    #[schema(value_type = Option<shapes::Language>)]
    #[serde(default)]
    pub(super) language: Option<Named<Language>>,
    /// Fields of the business's own, 50 at most: texts by slug.
    #[schema(value_type = shapes::CustomTexts, required = false)]
    #[serde(default)]
    pub(super) custom: CustomFieldsSent,
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AccountFields {
    /// Opaque identifier, of this account for ever.
    #[schema(value_type = shapes::ActorId)]
    pub(super) id: AccountId,
    /// All that is known of it.
    #[schema(value_type = AccountProfileFields)]
    pub(super) profile: Object<AccountProfileFields>,
}

/// What is known of an account from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AccountChangeFields {
    /// All of it; what is left out is known no more.
    #[schema(value_type = AccountProfileFields)]
    pub(super) profile: Object<AccountProfileFields>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    pub(super) reason: Option<Line>,
}

/// A new customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CustomerFields {
    /// Opaque identifier, of this person for ever; the one that their tickets carry.
    #[schema(value_type = shapes::ActorId)]
    pub(super) id: ActorId,
    /// All that is known of them.
    #[schema(value_type = CustomerProfileFields)]
    pub(super) profile: Object<CustomerProfileFields>,
    /// The account that they belong to.
    #[schema(value_type = Option<shapes::ActorId>)]
    #[serde(default)]
    pub(super) account: Option<AccountId>,
}

/// What is known of a customer from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CustomerChangeFields {
    /// All of it; what is left out is known no more.
    #[schema(value_type = CustomerProfileFields)]
    pub(super) profile: Object<CustomerProfileFields>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    pub(super) reason: Option<Line>,
}

/// An account, or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CustomerAccountFields {
    /// The account; `null` for none. To be said in any case, since leaving it out may be an oversight.
    #[schema(value_type = Option<shapes::ActorId>, required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) to: Option<AccountId>,
    /// Why.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    pub(super) reason: Option<Line>,
}
