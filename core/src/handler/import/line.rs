//! A row of facts as a line of JSON, the way an import is sent to a running server.
//!
//! A fact is a record of the log (docs/EVENTS.md) without all that only its place in the log tells: position, stream,
//! version, identifiers, times of recording.

use super::fact;
use super::{FactRefusal, ImportFact, ImportRow, TEXT_BYTES_SAFE, fits_a_record, new_event};
use crate::event::{CONTRACT, DecodeError, Event};
use crate::names::EventId;
use crate::record::Source;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

/// The longest line. Unit: bytes.
pub const LINE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Why a line is no row of facts.
#[derive(Debug, thiserror::Error)]
pub enum LineRefusal {
    /// It is not the JSON that is expected.
    #[error("not a line of facts: {0}")]
    Json(#[from] serde_json::Error),
    /// It is a record of an exported log.
    #[error(
        "it is a record of an exported log; put it into an empty data directory with `docket-replay restore`"
    )]
    Export,
    /// The event is none that happens to a ticket.
    #[error("{name} is no event of a ticket; only those and source.recorded are imported")]
    NotOfTicket {
        /// Its stored name.
        name: String,
    },
    /// The event names what only this installation has: another ticket, a file, a template, what routing decided.
    #[error("{name} cannot be imported: it is about other tickets, files or settings of this installation")]
    OfThisHouse {
        /// Its stored name.
        name: String,
    },
    /// The event's data are not what its type holds.
    #[error("{0}{why}", why = cause(.0))]
    Event(#[from] DecodeError),
}

fn cause(error: &DecodeError) -> String {
    std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"))
}

impl LineRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "malformed",
            Self::Export => "exported-record",
            Self::NotOfTicket { .. } => "not-of-ticket",
            Self::OfThisHouse { .. } => "of-this-house",
            Self::Event(_) => "event",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    counted: bool,
    #[serde(borrow)]
    facts: Vec<FactLine<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FactLine<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
    /// Today's where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<u16>,
    occurred_at: Timestamp,
    source: Source,
    #[serde(borrow)]
    data: Cow<'a, RawValue>,
}

impl FactLine<'_> {
    fn fact(self) -> Result<ImportFact, LineRefusal> {
        let Self { name, schema, occurred_at, source, data } = self;
        let today = CONTRACT.iter().find(|(known, _)| *known == name).map(|(_, schema)| *schema);
        let schema = schema.or(today).unwrap_or_default();
        match Event::decode(&name, schema, data.get())? {
            Event::Ticket(event) if !fact::may_be_imported(&event) => {
                Err(LineRefusal::OfThisHouse { name: name.into_owned() })
            }
            Event::Ticket(event) => Ok(ImportFact { seq: Some(source.seq), event, occurred_at, source }),
            Event::Sla(_)
            | Event::Agent(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => Err(LineRefusal::NotOfTicket { name: name.into_owned() }),
        }
    }
}

/// What each line of an exported log begins with.
const EXPORT: &[u8] = b"{\"position\":";

/// Reads a line.
///
/// # Errors
/// [`LineRefusal`]
pub fn read_line(bytes: &[u8], line: u64) -> Result<ImportRow, LineRefusal> {
    if bytes.starts_with(EXPORT) {
        return Err(LineRefusal::Export);
    }
    let Line { counted, facts } = serde_json::from_slice(bytes)?;
    let facts = facts.into_iter().map(FactLine::fact).collect::<Result<_, _>>()?;
    Ok(ImportRow { line, facts, counted })
}

/// The line of a row, without its end. Facts that carry no number are numbered from `first` on.
///
/// # Errors
/// [`FactRefusal::TooLong`]
pub fn write_line(row: &ImportRow, first: u64) -> Result<String, FactRefusal> {
    let mut facts = Vec::with_capacity(row.facts.len());
    for (fact, next) in row.facts.iter().zip(first..) {
        let encoded = Event::Ticket(fact.event.clone()).encode();
        let data = RawValue::from_string(encoded.data).expect("events are encoded as JSON");
        let source = Source { seq: fact.seq.unwrap_or(next), ..fact.source.clone() };
        let (name, schema) = (Cow::Borrowed(encoded.name), Some(encoded.schema));
        facts.push(FactLine { name, schema, occurred_at: fact.occurred_at, source, data: Cow::Owned(data) });
    }
    let line = Line { counted: row.counted, facts };
    let line = serde_json::to_string(&line).expect("a line has string keys only");
    if line.len() > TEXT_BYTES_SAFE {
        for fact in &row.facts {
            // The largest numbers that it can have stand in for those it will get.
            fits_a_record(&new_event(fact.clone(), EventId(Uuid::nil()), u64::MAX, u32::MAX))?;
        }
    }
    match line.len() <= LINE_BYTES_MAX {
        true => Ok(line),
        false => {
            Err(FactRefusal::TooLong { what: super::fact::THE_EVENT, max: LINE_BYTES_MAX, is: line.len() })
        }
    }
}
