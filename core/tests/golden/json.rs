//! Takes JSON text apart and puts it together again, field by field and in order.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;

/// The fields of one JSON object in their order, each value as it is written.
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    pub(crate) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        &self.0.iter().find(|(known, _)| known == name).unwrap().1
    }

    pub(crate) fn without(&self, left_out: usize) -> String {
        let kept = self.0.iter().enumerate().filter(|(index, _)| *index != left_out);
        written(kept.map(|(_, field)| field))
    }

    pub(crate) fn with_twice(&self, index: usize) -> String {
        written(self.0.iter().chain([&self.0[index]]))
    }
}

fn written<'a>(fields: impl Iterator<Item = &'a (String, String)>) -> String {
    let fields = fields.map(|(name, value)| format!("{name:?}:{value}"));
    format!("{{{}}}", Vec::from_iter(fields).join(","))
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    fields.push((name, value.get().to_owned()));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// The text with one unknown field more, once for each object in it.
pub(crate) fn with_an_unknown_field(json: &str) -> Vec<String> {
    let (mut variants, mut in_string, mut escaped) = (Vec::new(), false, false);
    for (index, character) in json.char_indices() {
        match character {
            '"' if !escaped => in_string = !in_string,
            '{' if !in_string => {
                let (before, after) = json.split_at(index + 1);
                let comma = if after.starts_with('}') { "" } else { "," };
                variants.push(format!("{before}\"unheard_of\":1{comma}{after}"));
            }
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    variants
}

/// The paths of all texts in a value, a sealed text counting as one, such as `requester.name`.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let Value::Object(fields) = value else { return Vec::new() };
    let mut paths = Vec::new();
    for (name, value) in fields {
        if value.is_string() || value.get("sealed").is_some() {
            paths.push(name.clone());
        }
        paths.extend(texts(value).into_iter().map(|path| format!("{name}.{path}")));
    }
    paths
}

/// The value with another in the place of the one at a path.
pub(crate) fn replaced(mut value: Value, path: &str, by: Value) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    *value.pointer_mut(&pointer).unwrap() = by;
    value
}
