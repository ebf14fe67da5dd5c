//! A fact of a source in the neutral words of an event log, before it becomes an event of Docket.

use super::problem::Problem;
use crate::core_words;
use crate::sentence::Sentence;
use docket_core::handler::import::actor_id;
use docket_core::names::{ActorId, NameError, Slug};
use docket_core::text::{Body, Line};
use docket_core::ticket::event::Priority;
use docket_core::time::Timestamp;

/// The longest identifier of a case and the longest name of a type. Unit: bytes.
const NAME_BYTES_MAX: usize = 512;

/// The longest other value. Unit: bytes.
const VALUE_BYTES_MAX: usize = 4096;

/// One fact of a source. Empty text means that the source says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neutral {
    /// The case's identifier in the source.
    pub case: String,
    /// The fact's number in its case, from 0; none where the facts of a case are counted as they come.
    pub seq: Option<u64>,
    /// When it happened.
    pub at: Timestamp,
    /// What the source calls it: `created`, `assigned`, …
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// The value before.
    pub from: String,
    /// The value after.
    pub to: String,
    /// The row or original identifier in the source.
    pub row: String,
    /// Whose ticket it is, where the source says so at its creation.
    pub requester: String,
    /// What a created ticket is about.
    pub subject: String,
    /// The text of a message.
    pub body: String,
    /// Everything else that the source says, as a JSON object.
    pub rest: Option<String>,
}

impl Neutral {
    /// A fact that says nothing but what it is.
    pub fn bare(case: &str, kind: &str, at: Timestamp) -> Self {
        Self {
            case: case.to_owned(),
            seq: None,
            at,
            kind: kind.to_owned(),
            actor: String::new(),
            from: String::new(),
            to: String::new(),
            row: String::new(),
            requester: String::new(),
            subject: String::new(),
            body: String::new(),
            rest: None,
        }
    }

    /// Checks what every fact must have, and its limits.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::TooLong`] or [`Problem::Nul`]
    pub fn check(&self) -> Result<(), Problem> {
        let values = [
            ("case", &self.case, NAME_BYTES_MAX),
            ("type", &self.kind, NAME_BYTES_MAX),
            ("actor", &self.actor, VALUE_BYTES_MAX),
            ("from", &self.from, VALUE_BYTES_MAX),
            ("to", &self.to, VALUE_BYTES_MAX),
            ("row", &self.row, VALUE_BYTES_MAX),
            ("requester", &self.requester, VALUE_BYTES_MAX),
            ("subject", &self.subject, Line::BYTES_MAX),
            ("body", &self.body, Body::BYTES_MAX),
        ];
        for (what, value, max) in values {
            if value.len() > max {
                return Err(Problem::TooLong { what, max, is: value.len() });
            }
            if value.contains('\0') {
                return Err(Problem::Nul);
            }
        }
        if self.case.is_empty() {
            return Err(Problem::Missing("case"));
        }
        if self.kind.is_empty() {
            return Err(Problem::Missing("type"));
        }
        // The rest is JSON text, in which the character stands as an escape.
        if self.rest.as_ref().is_some_and(|rest| rest.contains("\\u0000")) {
            return Err(Problem::Nul);
        }
        Ok(())
    }
}

/// What a label of a source can become.
pub trait FromLabel: Clone {
    /// The value of a label that no table explains.
    fn from_label(label: &str) -> Option<Self>;
    /// The value that a mapping writes down, with what is taken for an error.
    fn from_mapping(text: &str) -> Result<Self, Sentence>;
}

impl FromLabel for Priority {
    fn from_label(label: &str) -> Option<Self> {
        Self::parse(&label.trim().to_lowercase())
    }

    fn from_mapping(text: &str) -> Result<Self, Sentence> {
        Self::parse(text).ok_or_else(|| {
            let (text, known) = (format!("{text:?}"), Self::ALL.map(Self::as_str).join(", "));
            Sentence::new(move |texts| texts.mapping_priority(&text, &known))
        })
    }
}

impl FromLabel for Slug {
    fn from_label(label: &str) -> Option<Self> {
        Self::from_label(label)
    }

    fn from_mapping(text: &str) -> Result<Self, Sentence> {
        Self::new(text).map_err(|error| no_name(text, error))
    }
}

impl FromLabel for ActorId {
    fn from_label(label: &str) -> Option<Self> {
        (!label.is_empty()).then(|| actor_id(label))
    }

    fn from_mapping(text: &str) -> Result<Self, Sentence> {
        Self::new(text).map_err(|error| no_name(text, error))
    }
}

fn no_name(text: &str, error: NameError) -> Sentence {
    let text = format!("{text:?}");
    Sentence::new(move |texts| format!("{text} {}", core_words::name(&error, texts)))
}
