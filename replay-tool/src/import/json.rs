//! JSON objects whose fields keep the order of the source.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

struct Object<'a>(&'a [(&'a str, &'a str)]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The JSON text of an object of texts.
pub(super) fn object(fields: &[(&str, &str)]) -> String {
    serde_json::to_string(&Object(fields)).expect("names and values are text")
}
