//! Checks what a source says beside what Docket knows: whoever reads the log later must be able to read it.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Whether a text is a JSON object that every reader takes: no deeper than `serde_json` goes, no half characters, no number
/// that is out of range.
pub(super) fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<Sound>(text).is_ok()
}

/// Any JSON value, read to its end and not kept. `IgnoredAny` would skip over what nobody can read.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self, A::Error> {
        while values.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_read_later_is_an_object() {
        let deep = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        for text in ["{}", "{\"x\":[1,-1,1.5,null,true,\"\\u00f1\",{\"y\":{}}]}", "{ } \n", &deep(120)] {
            assert!(is_object(text), "{text}");
        }
        for text in [
            "",
            "[]",
            " {}",
            "{",
            "{}{}",
            "{x}",
            "{\"x\"}",
            "{\"x\":1,}",
            "{\"x\":\"\\ud800\"}",
            "{\"x\":\"a\nb\"}",
            "{\"x\":1e999}",
            &deep(200),
        ] {
            assert!(!is_object(text), "{text}");
        }
    }
}
