//! The directory: every customer and every account, found by identifier, by account and by e-mail address.
//!
//! A row's key is a hash of what it is about, since identifiers are texts. What is looked for by text is found by
//! indexes over the JSON of a row. Source: PRODUCT section 4.

mod query;

use crate::log_event::LogEvent;
use crate::projector::{Projector, Rejected, Row, Tally};
use docket_core::customer::event::{AccountProfile, CustomerProfile};
use docket_core::customer::{AccountEvent, CustomFields, CustomerEvent};
use docket_core::event::Event;
use docket_core::names::{AccountId, ActorId, Slug};
use docket_core::personal::PersonalText;
use docket_core::ticket::event::Language;
use docket_core::time::Timestamp;
pub use query::{
    ENTRIES_PER_PAGE_MAX, Entry, Page, account, accounts, by_email, customer, customers, customers_of,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The projector of the directory.
pub struct Directory;

/// What the directory knows of one customer or account, without text about persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryState {
    /// Its identifier.
    pub id: String,
    /// What it is.
    pub is: Is,
    /// When it came to be known.
    pub added_at: Timestamp,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// The language to write in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Of a customer: the account that they belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Of an account: what they pay for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Slug>,
    /// Of an account: how they are treated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Slug>,
    /// Of an account: the customer to talk to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ActorId>,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Is {
    /// An account.
    Account,
    /// A customer.
    Customer,
}

/// Text about persons in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPersonal {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The same for finding it: in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_folded: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Fields of the business's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<Slug, String>,
}

/// An e-mail address as it is looked for: people write its letters large and small.
pub fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Is {
    /// The number in the column `kind`.
    const fn number(self) -> i64 {
        match self {
            Self::Account => 0,
            Self::Customer => 1,
        }
    }

    /// The key of a row: 63 bits of a hash. Two identifiers that share one would take the work of making them up;
    /// the later one then stays out of the directory, and is still read from its own stream.
    fn key(self, id: &str) -> i64 {
        let digest = Sha256::new().chain_update([self.number() as u8]).chain_update(id).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        (u64::from_be_bytes(first) >> 1).cast_signed()
    }
}

impl DirectoryState {
    fn new(is: Is, id: &str, at: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            is,
            added_at: at,
            updated_at: at,
            language: None,
            account: None,
            plan: None,
            tier: None,
            contact: None,
        }
    }
}

fn plain(text: &PersonalText) -> Option<String> {
    text.plain().map(str::to_owned)
}

fn fields(custom: &CustomFields) -> BTreeMap<Slug, String> {
    custom.0.iter().filter_map(|(name, text)| Some((name.clone(), plain(text)?))).collect()
}

impl Row<Directory> {
    fn take_account(&mut self, profile: &AccountProfile) {
        let AccountProfile { name, plan, tier, contact, language, custom } = profile;
        let state = &mut self.state;
        (state.plan, state.tier) = (plan.clone(), tier.clone());
        (state.contact, state.language) = (contact.clone(), *language);
        self.personal =
            Some(DirectoryPersonal { name: plain(name), custom: fields(custom), ..Default::default() });
    }

    fn take_customer(&mut self, profile: &CustomerProfile) {
        let CustomerProfile { name, email, phone, language, custom } = profile;
        self.state.language = *language;
        let email = email.as_ref().and_then(plain);
        self.personal = Some(DirectoryPersonal {
            name: plain(name),
            email_folded: email.as_deref().map(folded),
            email,
            phone: phone.as_ref().and_then(plain),
            custom: fields(custom),
        });
    }
}

/// What an event is about; none when it is about no customer and no account.
fn about(event: &LogEvent) -> Option<(Is, &str)> {
    match &event.event {
        Ok(Event::Account(AccountEvent::Added(added))) => Some((Is::Account, added.account.as_str())),
        Ok(Event::Account(AccountEvent::Changed(changed))) => Some((Is::Account, changed.account.as_str())),
        Ok(Event::Customer(CustomerEvent::Added(added))) => Some((Is::Customer, added.customer.as_str())),
        Ok(Event::Customer(CustomerEvent::Changed(changed))) => {
            Some((Is::Customer, changed.customer.as_str()))
        }
        Ok(Event::Customer(CustomerEvent::AccountChanged(changed))) => {
            Some((Is::Customer, changed.customer.as_str()))
        }
        // What lets them in says nothing of who they are.
        Ok(
            Event::Customer(
                CustomerEvent::Invited(_) | CustomerEvent::LinkMade(_) | CustomerEvent::SurveyLinkMade(_),
            )
            | Event::Ticket(_)
            | Event::Sla(_)
            | Event::Agent(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::View(_)
            | Event::Webhook(_),
        )
        | Err(_) => None,
    }
}

impl Projector for Directory {
    const NAME: &'static str = "directory";
    const DEFINITION: u32 = 1;
    const COLUMNS: &'static [&'static str] = &["kind"];
    const INDEXES: &'static [&'static str] = &[
        "CREATE INDEX rows_by_id ON rows (kind, json_extract(state, '$.id'))",
        "CREATE INDEX rows_by_account ON rows (json_extract(state, '$.account'), json_extract(state, '$.id'))",
        "CREATE INDEX rows_by_email ON rows (json_extract(personal, '$.email_folded'), json_extract(state, '$.id'))",
    ];
    const ROWS_CHANGE: bool = true;
    type State = DirectoryState;
    type Context = ();
    type Personal = DirectoryPersonal;

    fn key(event: &LogEvent) -> Option<i64> {
        about(event).map(|(is, id)| is.key(id))
    }

    fn apply(row: &mut Option<Row<Self>>, event: &LogEvent, (): &()) -> Result<(), Rejected> {
        let Some((is, id)) = about(event) else { return Ok(()) };
        if row.as_ref().is_some_and(|row| row.state.id != id) {
            return Err(Rejected(format!("another identifier has the same key as {id}")));
        }
        let row = row.get_or_insert_with(|| Row {
            state: DirectoryState::new(is, id, event.occurred_at),
            personal: None,
        });
        row.state.updated_at = event.occurred_at;
        match &event.event {
            Ok(Event::Account(AccountEvent::Added(added))) => row.take_account(&added.profile),
            Ok(Event::Account(AccountEvent::Changed(changed))) => row.take_account(&changed.profile),
            Ok(Event::Customer(CustomerEvent::Added(added))) => {
                row.take_customer(&added.profile);
                row.state.account = added.account.clone();
            }
            Ok(Event::Customer(CustomerEvent::Changed(changed))) => row.take_customer(&changed.profile),
            Ok(Event::Customer(CustomerEvent::AccountChanged(changed))) => {
                row.state.account = changed.to.clone();
            }
            Ok(
                Event::Customer(
                    CustomerEvent::Invited(_) | CustomerEvent::LinkMade(_) | CustomerEvent::SurveyLinkMade(_),
                )
                | Event::Ticket(_)
                | Event::Sla(_)
                | Event::Agent(_)
                | Event::Staff(_)
                | Event::Setting(_)
                | Event::View(_)
                | Event::Webhook(_),
            )
            | Err(_) => {}
        }
        Ok(())
    }

    fn columns(state: &DirectoryState) -> Vec<i64> {
        vec![state.is.number()]
    }

    fn tallies(state: &DirectoryState) -> Vec<Tally> {
        vec![Tally { name: 0, bucket: state.is.number() }]
    }
}
