//! What requesters may ask for: a closed list of operators in the words that they are told. Any other would answer what
//! the staff keeps to itself, one question after the other (promise S1).

use super::Operator;
use super::parse::{FilterError, Token, Why, Word, read};
use crate::ticket::{OwnStatus, Ticket};

/// The values of `status`, as they are told.
const STATUSES: &str = "received, in_progress, waiting_for_you, solved, merged or closed";

/// Conditions on where a ticket stands, in the words for its requester. Without any, every ticket fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnFilter {
    /// Each with whether it must not hold.
    clauses: Vec<(OwnStatus, bool)>,
}

/// What a requester typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnParsed {
    /// Its operators.
    pub filter: OwnFilter,
    /// Its words and phrases.
    pub words: Vec<Word>,
}

impl OwnFilter {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether a ticket fits: one of those that are asked for, and none of those that are not.
    pub fn holds(&self, ticket: &Ticket) -> bool {
        let stands = OwnStatus::of(ticket);
        let mut wanted = self.clauses.iter().filter(|(_, not)| !not).peekable();
        let any = wanted.peek().is_none() || wanted.any(|(status, _)| *status == stands);
        any && !self.clauses.contains(&(stands, true))
    }
}

/// Reads what a requester typed: operators, words and phrases.
///
/// # Errors
/// [`FilterError`] says where and what would be taken.
pub fn parse_own(text: &str) -> Result<OwnParsed, FilterError> {
    let (clauses, words) = read(text, status)?;
    Ok(OwnParsed { filter: OwnFilter { clauses }, words })
}

/// What an operator asks for; none for a word.
fn status(token: &Token) -> Result<Option<OwnStatus>, FilterError> {
    let Some(name) = &token.name else {
        return token.without_value(|operator| operator == Operator::Status).map(|()| None);
    };
    match Operator::parse(name) {
        Some(Operator::Status) => {
            let status = OwnStatus::parse(&token.value.to_ascii_lowercase());
            status.map(Some).ok_or_else(|| token.wrong(Why::UnknownValue(STATUSES)))
        }
        // The staff's own affairs, or nothing that a requester has not said themselves.
        Some(
            Operator::Lane
            | Operator::Team
            | Operator::Assignee
            | Operator::Category
            | Operator::Priority
            | Operator::Language
            | Operator::Requester
            | Operator::Follower
            | Operator::Tag
            | Operator::Is,
        )
        | None => Err(token.wrong(Why::UnknownOwnOperator)),
    }
}
