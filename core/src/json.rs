//! Writes records and rows as JSON, byte for byte as `serde_json` does, in a third of the time.
//!
//! An import or a rebuild writes millions of short strings. `serde_json` looks at each of their bytes and of their
//! fields' names; here eight are looked at together, and names are taken as they are. A test compares the two.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt::Display;

/// Appends a value.
///
/// # Panics
/// For a fraction, and for a map whose keys are not strings: no record and no row holds either.
pub fn write<T: Serialize + ?Sized>(out: &mut String, value: &T) {
    value.serialize(&mut Json { out }).expect("plain structs with string keys and no fractions");
}

struct Json<'a> {
    out: &'a mut String,
}

/// A value that no row holds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unwritable(String);

impl serde::ser::Error for Unwritable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

type Written = Result<(), Unwritable>;

/// Whether one of eight bytes must be escaped: a quotation mark, a backslash, or a control character.
fn needs_escape(bytes: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let control = bytes.wrapping_sub(ONES * 0x20) & !bytes & HIGHS;
    (control | is_zero(bytes ^ (ONES * 0x22)) | is_zero(bytes ^ (ONES * 0x5c))) != 0
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    let mut clean = 0;
    loop {
        let bytes = rest.as_bytes();
        while let Some(eight) = bytes[clean..].first_chunk() {
            if needs_escape(u64::from_le_bytes(*eight)) {
                break;
            }
            clean += 8;
        }
        let odd = bytes[clean..].iter().position(|byte| matches!(byte, ..b' ' | b'"' | b'\\'));
        let Some(odd) = odd else { break };
        let (before, after) = rest.split_at(clean + odd);
        out.push_str(before);
        write_escaped(out, after.as_bytes()[0]);
        (rest, clean) = (&after[1..], 0);
    }
    out.push_str(rest);
    out.push('"');
}

fn write_escaped(out: &mut String, byte: u8) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let short = match byte {
        b'"' | b'\\' => char::from(byte),
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0c => 'f',
        b'\r' => 'r',
        _ => {
            out.push_str("\\u00");
            out.extend([byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]));
            return;
        }
    };
    out.extend(['\\', short]);
}

/// An array or an object under way.
struct Parts<'a, 'b> {
    json: &'a mut Json<'b>,
    is_first: bool,
    end: &'static str,
}

impl<'a, 'b> Parts<'a, 'b> {
    fn begin(json: &'a mut Json<'b>, begin: char, end: &'static str) -> Self {
        json.out.push(begin);
        Self { json, is_first: true, end }
    }

    fn separate(&mut self) {
        if !self.is_first {
            self.json.out.push(',');
        }
        self.is_first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.separate();
        value.serialize(&mut *self.json)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        self.separate();
        write_name(self.json.out, name);
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Written {
        self.json.out.push_str(self.end);
        Ok(())
    }
}

/// The name of a field or variant, which never needs escaping.
fn write_name(out: &mut String, name: &'static str) {
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

macro_rules! numbers {
    ($($method:ident($type:ty))*) => {$(
        fn $method(self, value: $type) -> Written {
            self.out.push_str(itoa::Buffer::new().format(value));
            Ok(())
        }
    )*};
}

impl<'a, 'b> Serializer for &'a mut Json<'b> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Parts<'a, 'b>;
    type SerializeTuple = Parts<'a, 'b>;
    type SerializeTupleStruct = Parts<'a, 'b>;
    type SerializeTupleVariant = Parts<'a, 'b>;
    type SerializeMap = Parts<'a, 'b>;
    type SerializeStruct = Parts<'a, 'b>;
    type SerializeStructVariant = Parts<'a, 'b>;

    numbers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Written {
        Err(Unwritable::custom("a fraction is not the same on every machine"))
    }

    fn serialize_f64(self, _: f64) -> Written {
        Err(Unwritable::custom("a fraction is not the same on every machine"))
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        write_string(self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let mut parts = Parts::begin(self, '{', "}");
        parts.field(variant, value)?;
        parts.end()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a, 'b>, Unwritable> {
        Ok(Parts::begin(self, '[', "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a, 'b>, Unwritable> {
        Ok(Parts::begin(self, '[', "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a, 'b>, Unwritable> {
        Ok(Parts::begin(self, '[', "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a, 'b>, Unwritable> {
        self.out.push('{');
        write_name(self.out, variant);
        Ok(Parts::begin(self, '[', "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a, 'b>, Unwritable> {
        Ok(Parts::begin(self, '{', "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a, 'b>, Unwritable> {
        Ok(Parts::begin(self, '{', "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a, 'b>, Unwritable> {
        self.out.push('{');
        write_name(self.out, variant);
        Ok(Parts::begin(self, '{', "}}"))
    }
}

macro_rules! arrays {
    ($($trait:ident::$method:ident)*) => {$(
        impl $trait for Parts<'_, '_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.element(value)
            }

            fn end(self) -> Written {
                Parts::end(self)
            }
        }
    )*};
}
arrays!(SerializeSeq::serialize_element SerializeTuple::serialize_element);
arrays!(SerializeTupleStruct::serialize_field SerializeTupleVariant::serialize_field);

macro_rules! objects {
    ($($trait:ident)*) => {$(
        impl $trait for Parts<'_, '_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
                self.field(name, value)
            }

            fn end(self) -> Written {
                Parts::end(self)
            }
        }
    )*};
}
objects!(SerializeStruct SerializeStructVariant);

impl SerializeMap for Parts<'_, '_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.separate();
        let begin = self.json.out.len();
        key.serialize(&mut *self.json)?;
        if !self.json.out[begin..].starts_with('"') {
            return Err(Unwritable::custom("the key of a map is a text"));
        }
        self.json.out.push(':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Written {
        Parts::end(self)
    }
}

#[cfg(test)]
mod tests;
