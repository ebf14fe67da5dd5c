//! A fact of another system as one of our events, before its place among the others is known, and what it must be.

use super::register::CASE_BYTES_MAX;
use super::rest;
use crate::actor::{Actor, Role};
use crate::names::{ActorId, Slug};
use crate::personal::PersonalText;
use crate::record::{self, Source};
use crate::text::{Body, Line};
use crate::ticket::TicketEvent;
use crate::time::Timestamp;

/// The longest value of a source, its names of cases and types aside. Unit: bytes.
const VALUE_BYTES_MAX: usize = 4096;

/// Facts that one row may hold.
pub const FACTS_PER_ROW_MAX: usize = 256;

/// What is told to be too long when a record would be.
pub(super) const THE_EVENT: &str = "the event";

/// One fact of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFact {
    /// Its number in its case, from 0; none where the facts of a case are counted as they come.
    pub seq: Option<u64>,
    /// What happened. A message's identifier and the cycle of a reopening are written anew.
    pub event: TicketEvent,
    /// When.
    pub occurred_at: Timestamp,
    /// What the source says; its number in the case is written anew.
    pub source: Source,
}

/// The facts of one row of a source: all of one case, taken together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// Its line, from 1.
    pub line: u64,
    /// The facts, in order.
    pub facts: Vec<ImportFact>,
    /// Whether facts are counted as they come, by whomever: then everything after one that cannot be taken waits.
    pub counted: bool,
}

/// Why a row cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactRefusal {
    /// There is nothing in it.
    #[error("no facts")]
    Empty,
    /// There are more facts than a row may hold.
    #[error("{is} facts in one line, at most {max} are taken")]
    TooMany {
        /// How many there may be.
        max: usize,
        /// How many there are.
        is: usize,
    },
    /// The facts of a row are of several cases.
    #[error("facts of several cases in one line")]
    SeveralCases,
    /// The case is of another system than the others.
    #[error(
        "the system {found:?} where the first line has {expected:?}; send each system's facts by themselves"
    )]
    OtherSystem {
        /// Whose cases are taken in.
        expected: String,
        /// Whose case it is.
        found: String,
    },
    /// The system's name is no name.
    #[error("the system {0:?} is no name; use a-z, 0-9 and -")]
    System(String),
    /// Something that must be there is not.
    #[error("no {0}")]
    Missing(&'static str),
    /// Something is longer than allowed.
    #[error("{what} is {is} bytes long, at most {max} are taken")]
    TooLong {
        /// What is.
        what: &'static str,
        /// How long it may be.
        max: usize,
        /// How long it is.
        is: usize,
    },
    /// U+0000 is in it.
    #[error("the character U+0000")]
    Nul,
    /// A text is sealed under a key that nobody here has.
    #[error("{0} is sealed; send it as it can be read")]
    Sealed(&'static str),
    /// What the source says beside what Docket knows is no object.
    #[error("`rest` must be an object")]
    RestForm,
    /// Facts of the case are missing before this one.
    #[error("seq {found} where {expected} comes next in its case")]
    Gap {
        /// What would come next.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The number is taken, by a fact that says something else.
    #[error("seq {seq} of its case is taken, and says something else; what is in the log is never changed")]
    OtherContent {
        /// The number within the case.
        seq: u64,
    },
    /// Sound in itself; its case lacks an earlier row.
    #[error("waits for line {line}, which comes before it in its case and could not be taken")]
    Waits {
        /// The line at fault.
        line: u64,
    },
}

impl FactRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooMany { .. } => "too-many",
            Self::SeveralCases => "several-cases",
            Self::OtherSystem { .. } => "other-system",
            Self::System(_) => "system",
            Self::Missing(_) => "missing",
            Self::TooLong { .. } => "too-long",
            Self::Nul => "nul",
            Self::Sealed(_) => "sealed",
            Self::RestForm => "rest-form",
            Self::Gap { .. } => "gap",
            Self::OtherContent { .. } => "other-content",
            Self::Waits { .. } => "waits",
        }
    }
}

impl ImportRow {
    /// Checks what can be checked without knowing the case; gives the case.
    pub(super) fn check(&self, system: &str) -> Result<String, FactRefusal> {
        let first = self.facts.first().ok_or(FactRefusal::Empty)?;
        if self.facts.len() > FACTS_PER_ROW_MAX {
            return Err(FactRefusal::TooMany { max: FACTS_PER_ROW_MAX, is: self.facts.len() });
        }
        for fact in &self.facts {
            if fact.source.system != system {
                let (expected, found) = (system.to_owned(), shortened(&fact.source.system));
                return Err(FactRefusal::OtherSystem { expected, found });
            }
            if fact.source.case != first.source.case {
                return Err(FactRefusal::SeveralCases);
            }
            fact.check()?;
        }
        Ok(first.source.case.clone())
    }

    /// The system whose case it is of.
    ///
    /// # Errors
    /// [`FactRefusal`] where there is none, or it is no name.
    pub fn system(&self) -> Result<Slug, FactRefusal> {
        let first = self.facts.first().ok_or(FactRefusal::Empty)?;
        Slug::new(&first.source.system).map_err(|_| FactRefusal::System(shortened(&first.source.system)))
    }

    /// The case that it is of, as far as that can be told.
    pub fn case(&self) -> Option<&str> {
        self.facts.first().map(|fact| fact.source.case.as_str()).filter(|case| !case.is_empty())
    }
}

/// The longest text that is quoted. Unit: characters.
const QUOTED_CHARS_MAX: usize = 64;

fn shortened(text: &str) -> String {
    text.chars().take(QUOTED_CHARS_MAX).collect()
}

impl ImportFact {
    fn check(&self) -> Result<(), FactRefusal> {
        let source = &self.source;
        for (what, value, max) in [
            ("case", &source.case, CASE_BYTES_MAX),
            ("type", &source.kind, CASE_BYTES_MAX),
            ("actor", &source.actor, VALUE_BYTES_MAX),
            ("from", &source.from, VALUE_BYTES_MAX),
            ("to", &source.to, VALUE_BYTES_MAX),
            ("row", &source.row, VALUE_BYTES_MAX),
        ] {
            fits(what, value, max)?;
        }
        for (what, value) in [("case", &source.case), ("type", &source.kind)] {
            if value.is_empty() {
                return Err(FactRefusal::Missing(what));
            }
        }
        if let Some(rest) = &source.rest {
            let rest = rest.plain().ok_or(FactRefusal::Sealed("rest"))?;
            check_rest(rest)?;
        }
        for (what, text, max) in texts(&self.event).into_iter().flatten() {
            fits(what, text.plain().ok_or(FactRefusal::Sealed(what))?, max)?;
        }
        Ok(())
    }
}

fn fits(what: &'static str, value: &str, max: usize) -> Result<(), FactRefusal> {
    if value.len() > max {
        return Err(FactRefusal::TooLong { what, max, is: value.len() });
    }
    if value.contains('\0') { Err(FactRefusal::Nul) } else { Ok(()) }
}

/// The rest is JSON text, in which U+0000 stands as an escape.
fn check_rest(rest: &str) -> Result<(), FactRefusal> {
    if rest.contains('\0') || rest.contains("\\u0000") {
        return Err(FactRefusal::Nul);
    }
    if rest::is_object(rest) { Ok(()) } else { Err(FactRefusal::RestForm) }
}

/// The texts of an event about persons, each with what it is called and how long it may be.
fn texts(event: &TicketEvent) -> [Option<(&'static str, &PersonalText, usize)>; 4] {
    match event {
        TicketEvent::Opened(opened) => [
            Some(("subject", &opened.subject, Line::BYTES_MAX)),
            opened.body.as_ref().map(|body| ("body", body, Body::BYTES_MAX)),
            opened.requester.name.as_ref().map(|name| ("name", name, Line::BYTES_MAX)),
            opened.requester.email.as_ref().map(|email| ("email", email, Line::BYTES_MAX)),
        ],
        TicketEvent::Replied(message)
        | TicketEvent::CustomerReplied(message)
        | TicketEvent::ConfirmationRefused(message)
        | TicketEvent::Noted(message) => {
            [message.body.as_ref().map(|body| ("body", body, Body::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Escalated(escalated) => {
            [Some(("context", &escalated.context, Body::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Resolved(resolved) => {
            [resolved.notes.as_ref().map(|notes| ("notes", notes, Body::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Attached(attached) => {
            [Some(("name", &attached.name, Line::BYTES_MAX)), None, None, None]
        }
        TicketEvent::FieldChanged(changed) => {
            [changed.to.as_ref().map(|to| ("to", to, Line::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Forwarded(forwarded) => {
            [forwarded.body.as_ref().map(|body| ("body", body, Body::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Returned(returned) => {
            [Some(("context", &returned.context, Body::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Rated(rated) => {
            [rated.comment.as_ref().map(|comment| ("comment", comment, Body::BYTES_MAX)), None, None, None]
        }
        TicketEvent::Assigned(_)
        | TicketEvent::Reassigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::TeamChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::SetPending(_)
        | TicketEvent::SetOpen(_)
        | TicketEvent::Reopened(_)
        | TicketEvent::Sealed(_)
        | TicketEvent::Routed(_)
        | TicketEvent::Offered(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Unmerged(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::SourceRecorded(_) => [None; 4],
    }
}

/// Whether a fact of another system can be such an event: one that names nothing of this installation.
pub(super) const fn may_be_imported(event: &TicketEvent) -> bool {
    match event {
        TicketEvent::Opened(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Reassigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::TeamChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Replied(_)
        | TicketEvent::CustomerReplied(_)
        | TicketEvent::Noted(_)
        | TicketEvent::SetPending(_)
        | TicketEvent::SetOpen(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::Resolved(_)
        | TicketEvent::Reopened(_)
        | TicketEvent::Sealed(_)
        | TicketEvent::SourceRecorded(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::FieldChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Returned(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::ConfirmationRefused(_)
        | TicketEvent::Rated(_) => true,
        TicketEvent::Routed(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Attached(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Unmerged(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Forwarded(_) => false,
    }
}

/// How much a source says. Unit: bytes, before they are written as JSON.
pub(super) fn length(source: &Source) -> usize {
    let Source { system, case, seq: _, row, kind, from, to, actor, rest } = source;
    let rest = rest.as_ref().and_then(PersonalText::plain).map_or(0, str::len);
    [system, case, row, kind, from, to, actor].map(String::len).iter().sum::<usize>() + rest
}

/// Who acted, by whom the source names. Its role there says nothing about roles here.
pub(super) fn actor(name: &str) -> Actor {
    Actor { id: actor_id(name), role: Role::Unknown, team: None }
}

/// The identifier of whom a source names: its own where that can be one, `unknown` where it names nobody.
///
/// A name that is too long or holds control characters keeps what it can and ends in eight digits of its
/// hash, so that two people never become one; the source block keeps it in full.
pub fn actor_id(name: &str) -> ActorId {
    let name = if name.is_empty() { Actor::UNKNOWN_ID } else { name };
    ActorId::new(name).unwrap_or_else(|_| {
        let mut kept: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut end = kept.len().min(ActorId::BYTES_MAX - 9);
        while !kept.is_char_boundary(end) {
            end -= 1;
        }
        kept.truncate(end);
        kept.push('~');
        for byte in &record::hash(name.as_bytes())[..4] {
            kept.push_str(&format!("{byte:02x}"));
        }
        ActorId::new(&kept).expect("no control characters, and cut to the longest that is taken")
    })
}
