//! Fields that a business adds of its own: a name and a text each.

use super::refusal::CustomerRefusal;
use crate::names::Slug;
use crate::personal::PersonalText;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Fields that one customer or account may have.
pub const CUSTOM_FIELDS_MAX: usize = 50;

/// Texts by name. What they say may be about a person, so they are sealed like all such text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CustomFields(pub BTreeMap<Slug, PersonalText>);

impl CustomFields {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bounds them.
    pub(super) fn check(&self) -> Result<(), CustomerRefusal> {
        if self.0.len() > CUSTOM_FIELDS_MAX { Err(CustomerRefusal::TooManyFields) } else { Ok(()) }
    }
}

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A plain map would take a name that is given twice and keep the last.
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = CustomFields;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CustomFields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some(name) = map.next_key::<Slug>()? {
                    let text = map.next_value()?;
                    if fields.insert(name.clone(), text).is_some() {
                        return Err(A::Error::custom(format!("duplicate field `{name}`")));
                    }
                }
                Ok(CustomFields(fields))
            }
        }
        deserializer.deserialize_map(Once)
    }
}
