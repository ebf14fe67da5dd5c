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

/// Takes a text apart. Single braces are text like any other.
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
            pieces(body.as_str()).map_err(|fault| match fault {
                Fault::Unbalanced => SettingRefusal::UnbalancedBraces { language },
                Fault::Unknown(name) => SettingRefusal::UnknownVariable { language, name },
            })?;
        }
        Ok(self)
    }

    fn leaned_on_by(_: &Slug, _: &Surroundings, _: Timestamp) -> Option<String> {
        None
    }
}
