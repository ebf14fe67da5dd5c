//! Text about a person: plain now, sealed under that person's key once keys exist.
//!
//! Both forms are part of the encoding from the first release on, so that erasure (a later issue) changes
//! neither a stored byte nor a reader. Source: DESIGN decision 12, docs/adr/0006-personal-text.md.

use crate::names::EventId;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Whose a personal field is: the person whose key seals it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The ticket's requester: every free text on a ticket.
    Requester,
    /// The member of staff who acted.
    Actor,
    /// The member of staff whom the event is about.
    Member,
    /// The customer whom the event is about.
    Customer,
    /// The account that the event is about: it has a key of its own, since it may bear a person's name.
    Account,
}

impl Owner {
    /// Every owner, in the order of the docs.
    pub const ALL: [Self; 5] = [Self::Requester, Self::Actor, Self::Member, Self::Customer, Self::Account];
}

/// Text about a person, stored as a JSON string while plain and as an object once sealed.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PersonalText {
    /// Readable by whoever may read the event.
    Plain(String),
    /// Readable only with the person's key.
    Sealed(Sealed),
}

/// Ciphertext of one field (XChaCha20-Poly1305).
///
/// Associated data is [`Sealed::associated_data`]: the event's id and the field's name, never the position.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Which key opens it: an opaque name, one per person.
    pub key: String,
    /// 24 bytes in lower-case hexadecimal, fresh for each field of each event.
    pub nonce: String,
    /// Ciphertext and tag in lower-case hexadecimal.
    pub sealed: String,
}

impl Sealed {
    /// The data that binds a ciphertext to its place: the event's id, a zero byte, the field's name.
    pub fn associated_data(event: EventId, field: &str) -> Vec<u8> {
        [event.0.as_bytes().as_slice(), &[0], field.as_bytes()].concat()
    }
}

impl PersonalText {
    /// The text, unless it is sealed.
    pub fn plain(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Sealed(_) => None,
        }
    }
}

impl From<&str> for PersonalText {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl fmt::Debug for PersonalText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a customer wrote must not reach a log file by way of a debug print (promise S8).
        match self {
            Self::Plain(text) => write!(formatter, "Plain({} bytes)", text.len()),
            Self::Sealed(sealed) => write!(formatter, "Sealed({})", sealed.key),
        }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealed({})", self.key)
    }
}

impl<'de> Deserialize<'de> for PersonalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = PersonalText;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, or a sealed text")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PersonalText, E> {
                Ok(PersonalText::Plain(text.to_owned()))
            }
            fn visit_string<E: serde::de::Error>(self, text: String) -> Result<PersonalText, E> {
                Ok(PersonalText::Plain(text))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<PersonalText, A::Error> {
                Sealed::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(PersonalText::Sealed)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_survive_the_encoding() {
        for json in ["\"olá\"", r#"{"key":"p1","nonce":"00","sealed":"ff"}"#] {
            let text: PersonalText = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&text).unwrap(), json);
        }
        assert!(serde_json::from_str::<PersonalText>("7").is_err());
        assert!(serde_json::from_str::<PersonalText>(r#"{"key":"p1"}"#).is_err());
    }

    #[test]
    fn a_debug_print_shows_no_text() {
        assert!(!format!("{:?}", PersonalText::from("secret")).contains("secret"));
    }
}
