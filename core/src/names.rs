//! Names and numbers with a meaning: positions, versions, streams, tickets, people and slugs.

mod digest;
mod file_name;

use compact_str::CompactString;
pub use digest::{FileDigest, NotADigest};
pub use file_name::{FileName, FileNameError};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A place in the log: 1 for the first event, without gaps, in the order of commits. 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GlobalPosition(pub u64);

impl GlobalPosition {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The place after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// How many events a stream holds; its last event carries this number. 0 is a stream that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamVersion(pub u64);

impl StreamVersion {
    /// The version of a stream without events.
    pub const NONE: Self = Self(0);

    /// The version after one more event.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// How often what its requester can see of a ticket has changed. Unlike the stream's version it tells nothing of what
/// the staff does among itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnVersion(pub u64);

impl OwnVersion {
    /// The version after one more change.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The number people call a ticket by: 1, 2, 3, …
///
/// It names the ticket's stream, so that no two tickets can share one (docs/adr/0004-ticket-numbers.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketNumber(pub u64);

macro_rules! display_as_number {
    ($($name:ty),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}
display_as_number!(GlobalPosition, StreamVersion, OwnVersion, TicketNumber);

/// An event's own identifier: UUIDv7 for what people decide, UUIDv5 for what reactors and imports append,
/// so that appending it twice is appending it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub Uuid);

/// The namespace of every deterministic identifier that Docket makes.
const NAMESPACE: Uuid = Uuid::from_u128(0x646f_636b_6574_5000_8000_6576_656e_7473);

impl EventId {
    /// The identifier of a fact that is known by name, such as `sla/17/default@1/first_response/breached`.
    pub fn deterministic(name: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Why a name was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("must not be empty")]
    Empty,
    /// Longer than allowed.
    #[error("must be at most {max} bytes long, is {is}")]
    TooLong {
        /// Bytes allowed.
        max: usize,
        /// Bytes given.
        is: usize,
    },
    /// A character that this kind of name does not take.
    #[error("must not contain {character:?}; {allowed}")]
    Character {
        /// The first character that does not fit.
        character: char,
        /// What fits, in words.
        allowed: &'static str,
    },
}

fn checked(
    text: &str,
    max: usize,
    allowed: &'static str,
    fits: impl Fn(char) -> bool,
) -> Result<CompactString, NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > max {
        return Err(NameError::TooLong { max, is: text.len() });
    }
    match text.chars().find(|character| !fits(*character)) {
        // Blank where nothing blank is taken is a field that was left empty.
        Some(_) if text.trim().is_empty() => Err(NameError::Empty),
        Some(character) => Err(NameError::Character { character, allowed }),
        None => Ok(CompactString::new(text)),
    }
}

macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident, $max:expr, $allowed:expr, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(CompactString);

        impl $name {
            /// The longest that is taken, in bytes.
            pub const BYTES_MAX: usize = $max;

            /// Takes a name after checking it.
            ///
            /// # Errors
            /// [`NameError`] says what does not fit.
            pub fn new(text: &str) -> Result<Self, NameError> {
                checked(text, Self::BYTES_MAX, $allowed, $fits).map(Self)
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Straight from the bytes: a replay reads millions of names, and most of them fit without a
                // heap allocation.
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str("a name")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }
    };
}

checked_name!(
    /// A stable short name of something that is configured: a category, a team, a reason.
    ///
    /// Shape: 1 to 64 of `a-z`, `0-9` and `-`. What people read is its label, in their language.
    Slug,
    64,
    "use a-z, 0-9 and -",
    |character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
);

checked_name!(
    /// The name of a time zone in the IANA database, such as `Europe/Madrid`.
    ///
    /// Shape: 1 to 64 visible ASCII characters. Whether there is such a zone is for a schedule to say.
    ZoneName,
    64,
    "use a name of the IANA database, such as Europe/Madrid",
    |character| character.is_ascii_graphic()
);

checked_name!(
    /// A release of the IANA time zone database, such as `2025b`.
    ///
    /// Shape: 1 to 16 visible ASCII characters.
    TzdataVersion,
    16,
    "use the name of a release, such as 2025b",
    |character| character.is_ascii_graphic()
);

checked_name!(
    /// Who somebody is, as an opaque name: never shown to be parsed, never reused for somebody else.
    ///
    /// Shape: 1 to 128 bytes without control characters. An import takes the source's own identifier.
    ActorId,
    128,
    "control characters are not taken",
    |character| !character.is_control()
);

checked_name!(
    /// Which account, as an opaque name: never reused for another.
    ///
    /// Shape: 1 to 128 bytes without control characters.
    AccountId,
    128,
    "control characters are not taken",
    |character| !character.is_control()
);

checked_name!(
    /// The name of one stream: what kind of thing, a dash, which one (`ticket-17`, `sla-17`, `agent-ines`).
    StreamName,
    160,
    "control characters are not taken",
    |character| !character.is_control()
);

impl Slug {
    /// A slug for a label from elsewhere, the same for the same label on every machine.
    ///
    /// A label that a slug cannot carry in full keeps what it can and ends in eight digits of its hash, so
    /// that two different labels of a source never become one category by accident. Labels that differ only
    /// in the case of `A` to `Z` are one.
    pub fn from_label(label: &str) -> Option<Self> {
        use sha2::Digest;
        let trimmed = label.trim();
        if trimmed.is_empty() {
            return None;
        }
        let mut slug = CompactString::default();
        let mut lossless = true;
        for character in trimmed.chars() {
            let lower = character.to_ascii_lowercase();
            if lower.is_ascii_lowercase() || lower.is_ascii_digit() {
                slug.push(lower);
            } else {
                lossless &= character == ' ' && !slug.ends_with('-');
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
            }
        }
        while slug.ends_with('-') {
            slug.pop();
        }
        if !lossless || slug.len() > Self::BYTES_MAX || slug.is_empty() {
            slug.truncate(48.min(slug.len()));
            let digest = sha2::Sha256::digest(trimmed.to_ascii_lowercase().as_bytes());
            if !slug.is_empty() {
                slug.push('-');
            }
            for byte in &digest[..4] {
                slug.push_str(&format!("{byte:02x}"));
            }
        }
        Some(Self(slug))
    }
}

/// What kind of thing a stream is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamKind {
    /// What people and routing did to a ticket.
    Ticket(TicketNumber),
    /// What the timers noticed about a ticket.
    Sla(TicketNumber),
    /// Availability and load of an agent.
    Agent,
    /// Who works here.
    Staff,
    /// What is configured: one catalogue of it.
    Settings,
    /// An account of customers.
    Account,
    /// Who asks for help.
    Customer,
    /// Saved views.
    Views,
    /// Something this release does not know.
    Other,
}

impl StreamName {
    /// The stream of what people and routing did to a ticket.
    pub fn ticket(number: TicketNumber) -> Self {
        Self(compact_str::format_compact!("ticket-{number}"))
    }

    /// The stream of what the timers noticed about a ticket.
    pub fn sla(number: TicketNumber) -> Self {
        Self(compact_str::format_compact!("sla-{number}"))
    }

    /// The stream of an agent's availability and load.
    pub fn agent(id: &ActorId) -> Self {
        Self(compact_str::format_compact!("agent-{id}"))
    }

    /// Whose stream it is, if it is an agent's.
    pub fn agent_id(&self) -> Option<ActorId> {
        self.0.strip_prefix("agent-").and_then(|id| ActorId::new(id).ok())
    }

    /// The stream of who works here.
    pub fn staff() -> Self {
        Self(CompactString::const_new("staff"))
    }

    /// The stream of an account.
    pub fn account(id: &AccountId) -> Self {
        Self(compact_str::format_compact!("account-{id}"))
    }

    /// The stream of a customer.
    pub fn customer(id: &ActorId) -> Self {
        Self(compact_str::format_compact!("customer-{id}"))
    }

    /// The stream of a catalogue of settings.
    pub fn settings(catalogue: &str) -> Self {
        Self(compact_str::format_compact!("settings-{catalogue}"))
    }

    /// The stream of saved views.
    pub fn views() -> Self {
        Self(CompactString::const_new("views"))
    }

    /// What the stream is about, read from its name.
    pub fn kind(&self) -> StreamKind {
        match self.0.as_str() {
            "staff" => return StreamKind::Staff,
            "views" => return StreamKind::Views,
            _ => {}
        }
        match self.0.split_once('-') {
            Some(("ticket", number)) => number_of(number).map_or(StreamKind::Other, StreamKind::Ticket),
            Some(("sla", number)) => number_of(number).map_or(StreamKind::Other, StreamKind::Sla),
            Some(("agent", _)) => StreamKind::Agent,
            Some(("settings", _)) => StreamKind::Settings,
            Some(("account", _)) => StreamKind::Account,
            Some(("customer", _)) => StreamKind::Customer,
            _ => StreamKind::Other,
        }
    }

    /// The ticket that the stream is about, for its own stream and its timers'.
    pub fn subject(&self) -> Option<TicketNumber> {
        match self.kind() {
            StreamKind::Ticket(number) | StreamKind::Sla(number) => Some(number),
            StreamKind::Agent
            | StreamKind::Staff
            | StreamKind::Settings
            | StreamKind::Account
            | StreamKind::Customer
            | StreamKind::Views
            | StreamKind::Other => None,
        }
    }
}

fn number_of(text: &str) -> Option<TicketNumber> {
    // `ticket-007` and `ticket-+7` would be second names for one ticket; only the canonical one counts.
    let number: u64 = text.parse().ok()?;
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    (canonical && number <= i64::MAX as u64).then_some(TicketNumber(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategies::{config, text};
    use proptest::prelude::*;

    #[test]
    fn a_stream_name_tells_its_subject() {
        let number = TicketNumber(17);
        assert_eq!(StreamName::ticket(number).kind(), StreamKind::Ticket(number));
        assert_eq!(StreamName::sla(number).subject(), Some(number));
        assert_eq!(StreamName::staff().kind(), StreamKind::Staff);
        assert_eq!(StreamName::staff(), StreamName::new("staff").unwrap());
        for odd in ["ticket-007", "ticket-+7", "ticket-", "ticket-x", "ticket", "tickets-1", "ticket-0"] {
            assert_eq!(StreamName::new(odd).unwrap().kind(), StreamKind::Other, "{odd}");
        }
    }

    #[test]
    fn different_labels_never_become_one_slug() {
        let slug = |label| Slug::from_label(label).unwrap();
        assert_eq!(slug("Category 37").as_str(), "category-37");
        assert_ne!(slug("A/B"), slug("A B"));
        assert_ne!(slug("Facturación"), slug("Facturaci n"));
        assert_ne!(slug("カテゴリ"), slug("サポート"));
        assert_ne!(slug("a  b"), slug("a b"));
        assert_eq!(Slug::from_label("  "), None);
        for label in ["カテゴリ", "-", "a".repeat(200).as_str(), "É"] {
            Slug::new(slug(label).as_str()).unwrap();
        }
    }

    #[test]
    fn a_deterministic_id_is_the_same_everywhere() {
        let id = EventId::deterministic("sla/1/default@1/first_response/breached");
        assert_eq!(id, EventId::deterministic("sla/1/default@1/first_response/breached"));
        assert_eq!(id.0.get_version_num(), 5);
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn every_label_but_a_blank_one_has_a_slug(label in text()) {
            let slug = Slug::from_label(&label);
            prop_assert_eq!(slug.is_none(), label.trim().is_empty());
            if let Some(slug) = slug {
                prop_assert_eq!(Slug::new(slug.as_str()), Ok(slug));
            }
        }

        #[test]
        fn labels_share_a_slug_only_when_they_differ_in_case(one in text(), other in text()) {
            let folded = |label: &str| label.trim().to_ascii_lowercase();
            let same = folded(&one) == folded(&other);
            prop_assert_eq!(Slug::from_label(&one) == Slug::from_label(&other), same);
            prop_assert_eq!(Slug::from_label(&one.to_ascii_uppercase()), Slug::from_label(&one));
        }

        #[test]
        fn a_name_is_taken_whole_or_not_at_all(text in text()) {
            let slug = Slug::new(&text).map(|name| name.to_string());
            let id = ActorId::new(&text).map(|id| id.to_string());
            for taken in [slug, id].into_iter().flatten() {
                prop_assert_eq!(&taken, &text);
            }
            if let Ok(id) = ActorId::new(&text) {
                prop_assert_eq!(StreamName::agent(&id).kind(), StreamKind::Agent);
                prop_assert_eq!(StreamName::agent(&id).agent_id(), Some(id.clone()));
                prop_assert!(StreamName::new(StreamName::agent(&id).as_str()).is_ok());
            }
        }

        #[test]
        fn a_ticket_is_named_by_one_stream_only(number in 1..=i64::MAX as u64, text in "[-+0-9a-z]{0,24}") {
            let number = TicketNumber(number);
            prop_assert_eq!(StreamName::ticket(number).kind(), StreamKind::Ticket(number));
            if let Ok(name) = StreamName::new(&format!("ticket-{text}"))
                && let StreamKind::Ticket(number) = name.kind()
            {
                prop_assert_eq!(name, StreamName::ticket(number));
            }
        }
    }
}
