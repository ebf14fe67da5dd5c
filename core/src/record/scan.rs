//! Reads a record's envelope quickly: the encoding is canonical, so each field is where it is expected.
//!
//! A replay reads millions of records. Whatever is not exactly as Docket writes it is left to the general decoder,
//! which also knows what to say about it; a test compares the two.

use super::{CommandMark, Origin, Source};
use crate::actor::{Actor, Role};
use crate::names::{ActorId, GlobalPosition, Slug, StreamVersion};
use crate::time::Timestamp;
use serde::de::DeserializeOwned;

/// The fields of a record; identifiers and data stay encoded.
#[derive(Debug, PartialEq)]
pub(super) struct Envelope<'a> {
    pub(super) position: GlobalPosition,
    pub(super) stream: &'a str,
    pub(super) version: StreamVersion,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) schema: u16,
    pub(super) occurred_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    pub(super) actor: Actor,
    pub(super) correlation: &'a str,
    pub(super) causation: Option<&'a str>,
    pub(super) origin: Origin,
    pub(super) source: Option<Source>,
    pub(super) command: Option<CommandMark>,
    /// What is left when all else is read: JSON, unless the record is damaged.
    pub(super) data: &'a str,
}

/// The envelope of a record in canonical form; none when the general decoder must look at it.
pub(super) fn envelope(bytes: &[u8]) -> Option<Envelope<'_>> {
    let mut scan = Scan { rest: simdutf8::basic::from_utf8(bytes).ok()? };
    scan.literal("{\"position\":")?;
    let position = GlobalPosition(scan.number()?);
    let stream = scan.string(",\"stream\":\"")?;
    scan.literal(",\"version\":")?;
    let version = StreamVersion(scan.number()?);
    let id = scan.uuid(",\"id\":\"")?;
    let name = scan.string(",\"type\":\"")?;
    scan.literal(",\"schema\":")?;
    let schema = u16::try_from(scan.number()?).ok()?;
    let occurred_at = scan.instant(",\"occurred_at\":")?;
    let recorded_at = scan.instant(",\"recorded_at\":")?;
    let actor = scan.actor()?;
    let correlation = scan.uuid(",\"correlation\":\"")?;
    let causation =
        if scan.is_next(",\"causation\":") { Some(scan.uuid(",\"causation\":\"")?) } else { None };
    let origin = match scan.string(",\"origin\":\"")? {
        "decided" => Origin::Decided,
        "import" => Origin::Import,
        _ => return None,
    };
    let source = if scan.take(",\"source\":") { Some(scan.value()?) } else { None };
    let command = if scan.is_next(",\"command\":") { Some(scan.command()?) } else { None };
    scan.literal(",\"data\":")?;
    let data = scan.rest.strip_suffix('}')?;
    Some(Envelope {
        position,
        stream,
        version,
        id,
        name,
        schema,
        occurred_at,
        recorded_at,
        actor,
        correlation,
        causation,
        origin,
        source,
        command,
        data,
    })
}

struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    fn is_next(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn literal(&mut self, text: &str) -> Option<()> {
        self.take(text).then_some(())
    }

    /// A string without an escape, behind its field's name and its opening quotation mark.
    fn string(&mut self, field: &str) -> Option<&'a str> {
        self.literal(field)?;
        let end = self.rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix('"')?;
        Some(text)
    }

    /// A whole number in canonical form: without a zero ahead.
    fn number(&mut self) -> Option<u64> {
        let mut number: u64 = 0;
        let mut digits = 0;
        for digit in self.rest.bytes().map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit < 10) {
            number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
            digits += 1;
        }
        let begins_with_zero = self.is_next("0");
        self.rest = &self.rest[digits..];
        let is_canonical = digits == 1 || digits > 1 && !begins_with_zero;
        is_canonical.then_some(number)
    }

    fn instant(&mut self, field: &str) -> Option<Timestamp> {
        self.literal(field)?;
        let is_negative = self.take("-");
        let millis = i64::try_from(self.number()?).ok()?;
        if is_negative && millis == 0 {
            return None;
        }
        Timestamp::from_millis(if is_negative { -millis } else { millis }).ok()
    }

    /// An identifier as Docket writes it, in its usual form with hyphens.
    fn uuid(&mut self, field: &str) -> Option<&'a str> {
        self.literal(field)?;
        let (text, rest) = self.rest.split_at_checked(36)?;
        self.rest = rest.strip_prefix('"')?;
        // All bytes are looked at, without a branch: the compiler then takes many of them at a time.
        let mut fits = true;
        for (byte, pattern) in text.bytes().zip(*b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh") {
            let is_digit = byte.wrapping_sub(b'0') < 10;
            let is_letter = (byte | 0x20).wrapping_sub(b'a') < 6;
            fits &= if pattern == b'-' { byte == b'-' } else { is_digit | is_letter };
        }
        fits.then_some(text)
    }

    fn actor(&mut self) -> Option<Actor> {
        let id = ActorId::new(self.string(",\"actor\":{\"id\":\"")?).ok()?;
        let role = Role::parse(self.string(",\"role\":\"")?)?;
        let team = if self.is_next(",\"team\":") {
            Some(Slug::new(self.string(",\"team\":\"")?).ok()?)
        } else {
            None
        };
        self.literal("}")?;
        Some(Actor { id, role, team })
    }

    fn command(&mut self) -> Option<CommandMark> {
        let principal = self.string(",\"command\":{\"principal\":\"")?.to_owned();
        let key = self.string(",\"key\":\"")?.to_owned();
        let digest = self.string(",\"digest\":\"")?.to_owned();
        self.literal(",\"events\":")?;
        let events = u32::try_from(self.number()?).ok()?;
        self.literal("}")?;
        Some(CommandMark { principal, key, digest, events })
    }

    /// A value of any shape.
    fn value<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(value)
    }
}
