//! A reply that was written beforehand, in both languages, with places for what differs from ticket to ticket.

use super::command::Surroundings;
use super::refusal::SettingRefusal;
use super::words::{Both, Label};
use super::{Catalogue, CatalogueName, defaults};
use crate::names::Slug;
use crate::text::Body;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest text in one language. Unit: bytes. All versions are kept in memory.
pub const TEMPLATE_BYTES_MAX: usize = 8 * 1024;

/// A reply to start from. Source: the guide's "Response Templates".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What it is called in the reply editor.
    pub label: Label,
    /// What it says. Variables are written `{{customer.name}}`.
    pub body: Both<Body>,
}

/// What a template may leave open. The list is closed, so that a misspelt one is found when it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// The requester's name.
    CustomerName,
    /// The ticket's number.
    TicketNumber,
    /// The ticket's subject.
    TicketSubject,
    /// The name of whoever answers.
    AgentName,
    /// What the ticket's team is called, in the customer's language.
    TeamName,
}

impl Variable {
    /// Every variable, in the order of the docs.
    pub const ALL: [Self; 5] =
        [Self::CustomerName, Self::TicketNumber, Self::TicketSubject, Self::AgentName, Self::TeamName];

    /// Their names, in the same order.
    pub const NAMES: [&'static str; 5] =
        ["customer.name", "ticket.number", "ticket.subject", "agent.name", "team.name"];

    /// The name between the braces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerName => Self::NAMES[0],
            Self::TicketNumber => Self::NAMES[1],
            Self::TicketSubject => Self::NAMES[2],
            Self::AgentName => Self::NAMES[3],
            Self::TeamName => Self::NAMES[4],
        }
    }
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Said as it stands.
    Text(&'a str),
    /// Filled in.
    Variable(Variable),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `{{` without `}}`, or the other way round.
    Unbalanced,
    /// A variable that there is not.
    Unknown(String),
}

/// Takes a text apart. Single braces are text like any other here; none is published any more.
///
/// # Errors
/// [`Fault`]
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Fault> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find("{{") {
        let (before, opened) = rest.split_at(at);
        let Some((name, after)) = opened[2..].split_once("}}") else { return Err(Fault::Unbalanced) };
        if before.contains("}}") || name.contains("{{") {
            return Err(Fault::Unbalanced);
        }
        let known = Variable::ALL.into_iter().find(|variable| variable.as_str() == name);
        let Some(variable) = known else { return Err(Fault::Unknown(name.chars().take(64).collect())) };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Variable(variable));
        rest = after;
    }
    if rest.contains("}}") {
        return Err(Fault::Unbalanced);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// The text with what its variables stand for. What stands for a variable is text: braces in it are no variables.
///
/// # Errors
/// The variables that stand for nothing, each once. A text that is no template, which only a history that no decider
/// accepted holds, is said as it stands.
pub fn render<'a>(
    text: &str,
    stands_for: impl Fn(Variable) -> Option<&'a str>,
) -> Result<String, Vec<Variable>> {
    let Ok(pieces) = pieces(text) else { return Ok(text.to_owned()) };
    let (mut said, mut missing) = (String::with_capacity(text.len()), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Text(text) => said.push_str(text),
            Piece::Variable(variable) => match stands_for(variable) {
                Some(value) if !value.trim().is_empty() => said.push_str(value),
                Some(_) | None if missing.contains(&variable) => {}
                Some(_) | None => missing.push(variable),
            },
        }
    }
    if missing.is_empty() { Ok(said) } else { Err(missing) }
}

impl Catalogue for Template {
    const NAME: CatalogueName = CatalogueName::Templates;

    fn defaults() -> Vec<(Slug, Self)> {
        defaults::templates::all()
    }

    fn settle(self, _: &Slug, _: &Surroundings, _: Timestamp) -> Result<Self, SettingRefusal> {
        for (language, body) in self.body.each() {
            if body.as_str().len() > TEMPLATE_BYTES_MAX {
                return Err(SettingRefusal::TemplateTooLong { language });
            }
            let pieces = pieces(body.as_str()).map_err(|fault| match fault {
                Fault::Unbalanced => SettingRefusal::UnbalancedBraces { language },
                Fault::Unknown(name) => SettingRefusal::UnknownVariable { language, name },
            })?;
            // Most likely a variable with a brace too few, which would be sent to customers as it stands. What was published
            // before this was asked is filled in as it always was.
            let alone = |piece: &Piece<'_>| matches!(piece, Piece::Text(text) if text.contains(['{', '}']));
            if pieces.iter().any(alone) {
                return Err(SettingRefusal::UnbalancedBraces { language });
            }
        }
        Ok(self)
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_and_what_they_stand_for_is_text() {
        let stands_for = |variable| match variable {
            Variable::CustomerName => Some("Noor {{agent.name}}"),
            Variable::TicketNumber => Some("17"),
            Variable::TicketSubject => Some(" "),
            Variable::AgentName | Variable::TeamName => None,
        };
        let said = render("Hola, {{customer.name}}:\n{ {{ticket.number}} }", stands_for);
        assert_eq!(said.unwrap(), "Hola, Noor {{agent.name}}:\n{ 17 }");
        let missing = render("{{team.name}} {{ticket.subject}} {{team.name}} {{ticket.number}}", stands_for);
        assert_eq!(missing.unwrap_err(), [Variable::TeamName, Variable::TicketSubject]);
        assert_eq!(render("}} no template", stands_for).unwrap(), "}} no template");
    }
}
