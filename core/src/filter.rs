//! Which tickets somebody wants to see: operators such as `status:open -team:billing`, as data.
//!
//! Queue reads, saved views and searches share them. Operators of one field are alternatives (`status:open
//! status:pending`), different fields must all hold, and what a dash leads must not.

mod own;
mod parse;
#[cfg(test)]
pub(crate) mod tests;

use crate::names::{ActorId, Slug};
use crate::sla::Face;

use crate::ticket::event::{Language, Priority};
use crate::ticket::{Lane, Status, Ticket};
use crate::time::Timestamp;
pub use own::{OwnFilter, OwnParsed, parse_own};
pub use parse::{
    CLAUSES_MAX, FilterError, Parsed, TEXT_BYTES_MAX, WORDS_MAX, Why, Word, parse, parse_filter,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Conditions on a ticket. Without any, every ticket fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filter {
    /// In the order in which they were written.
    pub clauses: Vec<Clause>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// What must hold.
    pub test: Test,
    /// Whether it must not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not: bool,
}

/// What is asked of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// The lane of the queue that shows it.
    Lane(Lane),
    /// Where it stands.
    Status(Status),
    /// Whose queue it is in; nobody's if there is no team.
    Team(Option<Slug>),
    /// Who is responsible.
    Assignee(Person),
    /// Intake category, or that it has none.
    Category(Option<Slug>),
    /// How urgent, or that nobody has said.
    Priority(Option<Priority>),
    /// The language to answer in, or that it is not known.
    Language(Option<Language>),
    /// Who asked.
    Requester(Person),
    /// A tag that it has, or that it has none.
    Tag(Option<Slug>),
    /// How its running clock stands.
    Clock(Clock),
    /// Who of the staff follows it, or that nobody does.
    Follower(Person),
    /// What became of it beside its status.
    Mark(Mark),
}

/// A person, as a filter names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// Whoever is asking.
    Me,
    /// That there is none.
    Nobody,
    /// One by their identifier.
    Named(ActorId),
}

/// How a running clock stands at the instant that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Past its deadline.
    Late,
    /// Not late, and near its deadline by the policy's own measure.
    DueSoon,
}

/// What became of a ticket beside its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// An escalation stands.
    Escalated,
    /// It is laid aside until a time.
    Snoozed,
    /// It is part of another ticket.
    Merged,
}

impl Mark {
    /// Every mark, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Escalated, Self::Snoozed, Self::Merged];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escalated => "escalated",
            Self::Snoozed => "snoozed",
            Self::Merged => "merged",
        }
    }

    /// Whether a ticket has it.
    pub fn is_on(self, ticket: &Ticket) -> bool {
        match self {
            Self::Escalated => ticket.escalation.is_some(),
            Self::Snoozed => ticket.snoozed_until.is_some(),
            Self::Merged => ticket.merge.is_some(),
        }
    }
}

/// What a filter asks about.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The language to answer in.
    pub language: Option<Language>,
    /// The foremost of its clocks.
    pub clock: Option<&'a Face>,
}

impl Filter {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether a ticket fits. The one definition: all queries are held against it by tests.
    pub fn holds(&self, facts: Facts<'_>, me: &ActorId, now: Timestamp) -> bool {
        self.groups().into_iter().all(|group| group.holds(|test| test.holds(facts, me, now)))
    }

    /// The conditions, of which all must hold: alternatives of one field together, each refusal alone.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for clause in &self.clauses {
            let same = |group: &&mut Group<'_>| !group.not && group.any[0].field() == clause.test.field();
            match groups.iter_mut().find(same) {
                Some(group) if !clause.not => group.any.push(&clause.test),
                Some(_) | None => groups.push(Group { any: vec![&clause.test], not: clause.not }),
            }
        }
        groups
    }
}

/// Alternatives, or a refusal.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// At least one, all of one field.
    pub any: Vec<&'a Test>,
    /// Whether none of them may hold.
    pub not: bool,
}

impl Group<'_> {
    fn holds(&self, test: impl Fn(&Test) -> bool) -> bool {
        self.any.iter().any(|one| test(one)) != self.not
    }
}

/// What a text can ask about: one for each kind of [`Test`], and one for clocks and marks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the test of the same name")]
pub enum Operator {
    Lane,
    Status,
    Team,
    Assignee,
    Category,
    Priority,
    Language,
    Requester,
    Follower,
    Tag,
    Is,
}

impl Operator {
    /// Every operator, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::Lane,
        Self::Status,
        Self::Team,
        Self::Assignee,
        Self::Category,
        Self::Priority,
        Self::Language,
        Self::Requester,
        Self::Follower,
        Self::Tag,
        Self::Is,
    ];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lane => "lane",
            Self::Status => "status",
            Self::Team => "team",
            Self::Assignee => "assignee",
            Self::Category => "category",
            Self::Priority => "priority",
            Self::Language => "language",
            Self::Requester => "requester",
            Self::Follower => "follower",
            Self::Tag => "tag",
            Self::Is => "is",
        }
    }

    /// The operator of a name, its letters large or small.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(name))
    }
}

impl Test {
    /// The operator that asks for it.
    pub const fn operator(&self) -> Operator {
        match self {
            Self::Lane(_) => Operator::Lane,
            Self::Status(_) => Operator::Status,
            Self::Team(_) => Operator::Team,
            Self::Assignee(_) => Operator::Assignee,
            Self::Category(_) => Operator::Category,
            Self::Priority(_) => Operator::Priority,
            Self::Language(_) => Operator::Language,
            Self::Requester(_) => Operator::Requester,
            Self::Tag(_) => Operator::Tag,
            Self::Follower(_) => Operator::Follower,
            Self::Clock(_) | Self::Mark(_) => Operator::Is,
        }
    }

    /// The operator's name.
    pub const fn field(&self) -> &'static str {
        self.operator().as_str()
    }

    fn holds(&self, facts: Facts<'_>, me: &ActorId, now: Timestamp) -> bool {
        let Facts { ticket, language, clock } = facts;
        match self {
            Self::Lane(lane) => ticket.lane() == *lane,
            Self::Status(status) => ticket.status == *status,
            Self::Team(team) => ticket.team == *team,
            Self::Assignee(person) => person.is(ticket.assignee.as_ref(), me),
            Self::Category(category) => ticket.category == *category,
            Self::Priority(priority) => ticket.priority == *priority,
            Self::Language(wanted) => language == *wanted,
            Self::Requester(person) => person.is(ticket.requester.as_ref(), me),
            Self::Tag(Some(tag)) => ticket.tags.contains(tag),
            Self::Tag(None) => ticket.tags.is_empty(),
            Self::Follower(Person::Me) => ticket.followers.contains(me),
            Self::Follower(Person::Named(id)) => ticket.followers.contains(id),
            Self::Follower(Person::Nobody) => ticket.followers.is_empty(),
            Self::Mark(mark) => mark.is_on(ticket),
            Self::Clock(wanted) => {
                let running = clock.filter(|_| ticket.status != Status::Resolved);
                running.is_some_and(|clock| wanted.is(clock, now))
            }
        }
    }
}

impl Person {
    fn is(&self, id: Option<&ActorId>, me: &ActorId) -> bool {
        match self {
            Self::Me => id == Some(me),
            Self::Nobody => id.is_none(),
            Self::Named(named) => id == Some(named),
        }
    }
}

impl Clock {
    fn is(self, clock: &Face, now: Timestamp) -> bool {
        let late = clock.deadline().is_some_and(|deadline| now > deadline);
        match self {
            Self::Late => late,
            Self::DueSoon => !late && clock.is_near(now),
        }
    }
}

/// Stands for no team, no category, no tag, no priority and no language.
const NONE: &str = "none";
/// Stands for nobody.
const NOBODY: &str = "nobody";
/// Stands for whoever is asking.
const ME: &str = "me";
/// [`Clock::Late`] as it is written.
const LATE: &str = "late";
/// [`Clock::DueSoon`] as it is written.
const DUE_SOON: &str = "due-soon";

/// The filter as it is written, in one way only.
impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, clause) in self.clauses.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" ")?;
            }
            if clause.not {
                formatter.write_str("-")?;
            }
            write!(formatter, "{}:", clause.test.field())?;
            clause.test.write_value(formatter)?;
        }
        Ok(())
    }
}

impl Test {
    fn write_value(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slug = |slug: &Option<Slug>| slug.as_ref().map(|slug| slug.as_str().to_owned());
        let (name, otherwise) = match self {
            Self::Lane(lane) => return formatter.write_str(lane.as_str()),
            Self::Status(status) => return formatter.write_str(status.as_str()),
            Self::Clock(Clock::Late) => return formatter.write_str(LATE),
            Self::Clock(Clock::DueSoon) => return formatter.write_str(DUE_SOON),
            Self::Mark(mark) => return formatter.write_str(mark.as_str()),
            Self::Priority(priority) => {
                return formatter.write_str(priority.map_or(NONE, Priority::as_str));
            }
            Self::Language(language) => return formatter.write_str(language.map_or(NONE, Language::as_str)),
            Self::Team(slug_or_none) | Self::Category(slug_or_none) | Self::Tag(slug_or_none) => {
                (slug(slug_or_none), NONE)
            }
            Self::Assignee(person) | Self::Requester(person) | Self::Follower(person) => match person {
                Person::Me => (None, ME),
                Person::Nobody => (None, NOBODY),
                Person::Named(id) => (Some(id.as_str().to_owned()), NOBODY),
            },
        };
        let Some(name) = name else { return formatter.write_str(otherwise) };
        let plain = |character: char| !character.is_whitespace() && !matches!(character, '"' | '\\');
        if name.chars().all(plain) && ![NONE, NOBODY, ME].contains(&name.to_ascii_lowercase().as_str()) {
            return formatter.write_str(&name);
        }
        write!(formatter, "\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
