//! The rules by which a neutral fact becomes an event of Docket.

use super::file::{LabelTables, RuleTable, ValueKey, VocabularyFile};
use super::{Check, MappingError};
use crate::import::neutral::{FromLabel, Neutral};
use crate::sentence::Sentence;
use docket_core::handler::import::actor_id;
use docket_core::names::{ActorId, Slug};
use docket_core::personal::PersonalText;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{
    Assigned, CategoryChanged, Channel, Message, Opened, Priority, PriorityChanged, Reassigned, ReopenCause,
    Reopened, Requester, Resolved, SealedForGood, SetOpen, SetPending, SourceRecorded, TeamChanged,
    Unassigned,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Rules, tried in order; the last one fits everything.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    /// None fits any type.
    types: Option<Vec<String>>,
    to: Option<Vec<Pattern>>,
    value: Option<ValueKey>,
    becomes: Becomes,
}

/// A value in lower case, or the beginning of one.
#[derive(Clone, Debug)]
enum Pattern {
    Is(String),
    Begins(String),
}

/// Which event a fact becomes, with what turns its labels into values.
#[derive(Clone, Debug)]
enum Becomes {
    Opened,
    Assigned(Labels<ActorId>),
    Reassigned(Labels<ActorId>),
    Unassigned,
    TeamChanged(Labels<Slug>),
    PriorityChanged(Labels<Priority>),
    CategoryChanged(Labels<Slug>),
    Replied,
    CustomerReplied,
    Noted,
    SetPending(Slug),
    SetOpen,
    Resolved(Option<Slug>),
    Reopened(ReopenCause),
    Sealed,
    SourceRecorded,
}

/// What turns a label into a value: a table, or the label itself.
#[derive(Clone, Debug)]
enum Labels<T> {
    Itself,
    Table(Arc<HashMap<String, T>>),
}

impl<T: FromLabel> Labels<T> {
    fn value(&self, label: &str) -> Option<T> {
        match self {
            Self::Itself => T::from_label(label),
            Self::Table(table) => table.get(&normal(label)).cloned(),
        }
    }
}

/// Labels are compared trimmed and in lower case.
fn normal(label: &str) -> String {
    label.trim().to_lowercase()
}

/// Whether an event needs the value of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Needed,
    Optional,
    None,
}

impl Vocabulary {
    pub(super) fn compile(
        own: &[RuleTable],
        labels: &LabelTables,
        shared: Option<&VocabularyFile>,
        check: &Check<'_>,
    ) -> Result<Self, MappingError> {
        let mut tables: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let shared_labels = shared.map(|shared| &shared.labels).into_iter();
        for (name, table) in shared_labels.flatten().chain(labels) {
            let known = tables.entry(name.clone()).or_default();
            known.extend(table.iter().map(|(label, value)| (normal(label), value.clone())));
        }
        let shared_rules = shared.map_or(&[][..], |shared| &shared.rule);
        let rules = own.iter().chain(shared_rules).enumerate();
        let rules = rules.map(|(index, rule)| compile(index, rule, &tables, check));
        let rules = rules.collect::<Result<Vec<Rule>, MappingError>>()?;
        let fits_all = |rule: &Rule| rule.types.is_none() && rule.to.is_none() && rule.value.is_none();
        if !rules.last().is_some_and(fits_all) {
            return Err(check.fixed("rule", |texts| texts.rule_last));
        }
        Ok(Self { rules })
    }

    /// The event that a fact becomes. A message's identifier and the cycle of a reopening are written by whoever knows
    /// the fact's place in its case.
    pub fn event(&self, fact: &Neutral) -> TicketEvent {
        let event = self.rules.iter().find_map(|rule| rule.event(fact));
        // The last rule fits everything, so this is only what the types ask for.
        event.unwrap_or(TicketEvent::SourceRecorded(SourceRecorded {}))
    }
}

fn compile(
    index: usize,
    table: &RuleTable,
    tables: &BTreeMap<String, BTreeMap<String, String>>,
    check: &Check<'_>,
) -> Result<Rule, MappingError> {
    let place = |key: &str| format!("rule {} ({}).{key}", index + 1, table.event);
    let compiling = Compiling { table, tables, place: &place, check };
    let (becomes, value, constants) = compiling.becomes()?;
    if let Some(key) = table.set.keys().find(|key| !constants.contains(&key.as_str())) {
        let key = format!("{key:?}");
        return Err(check.error(place("set"), Sentence::new(move |texts| texts.rule_constant(&key))));
    }
    match (value, table.value) {
        (Value::Needed, None) => return Err(check.fixed(place("value"), |texts| texts.rule_value_needed)),
        (Value::None, Some(_)) => return Err(check.fixed(place("value"), |texts| texts.rule_value_useless)),
        (Value::Needed | Value::Optional, Some(_)) | (Value::Optional | Value::None, None) => {}
    }
    if table.labels.is_some() && table.value.is_none() {
        return Err(check.fixed(place("labels"), |texts| texts.rule_labels_useless));
    }
    if table.types.is_empty() {
        return Err(check.fixed(place("types"), |texts| texts.rule_types_empty));
    }
    let any = table.types.iter().any(|kind| kind == "*");
    let to = table.to.as_ref().map(|patterns| patterns.iter().map(|text| pattern(text)).collect());
    Ok(Rule { types: (!any).then(|| table.types.clone()), to, value: table.value, becomes })
}

fn pattern(text: &str) -> Pattern {
    match text.strip_suffix('*') {
        Some(beginning) => Pattern::Begins(beginning.to_lowercase()),
        None => Pattern::Is(text.to_lowercase()),
    }
}

/// A rule while it is read.
struct Compiling<'a> {
    table: &'a RuleTable,
    tables: &'a BTreeMap<String, BTreeMap<String, String>>,
    place: &'a dyn Fn(&str) -> String,
    check: &'a Check<'a>,
}

impl Compiling<'_> {
    fn error(&self, key: &str, why: Sentence) -> MappingError {
        self.check.error((self.place)(key), why)
    }

    /// What the rule's event is made of, whether it needs a value, and which constants it takes.
    fn becomes(&self) -> Result<(Becomes, Value, &'static [&'static str]), MappingError> {
        Ok(match self.table.event.as_str() {
            "ticket.opened" => (Becomes::Opened, Value::None, &[]),
            "ticket.assigned" => (Becomes::Assigned(self.labels()?), Value::Needed, &[]),
            "ticket.reassigned" => (Becomes::Reassigned(self.labels()?), Value::Needed, &[]),
            "ticket.unassigned" => (Becomes::Unassigned, Value::None, &[]),
            "ticket.team_changed" => (Becomes::TeamChanged(self.labels()?), Value::Optional, &[]),
            "ticket.priority_changed" => (Becomes::PriorityChanged(self.labels()?), Value::Needed, &[]),
            "ticket.category_changed" => (Becomes::CategoryChanged(self.labels()?), Value::Needed, &[]),
            "ticket.replied" => (Becomes::Replied, Value::None, &[]),
            "ticket.customer_replied" => (Becomes::CustomerReplied, Value::None, &[]),
            "ticket.noted" => (Becomes::Noted, Value::None, &[]),
            "ticket.set_pending" => {
                let missing = || self.error("set", Sentence::fixed(|texts| texts.rule_reason));
                let reason = self.slug("reason")?.ok_or_else(missing)?;
                (Becomes::SetPending(reason), Value::None, &["reason"])
            }
            "ticket.set_open" => (Becomes::SetOpen, Value::None, &[]),
            "ticket.resolved" => (Becomes::Resolved(self.slug("resolution")?), Value::None, &["resolution"]),
            "ticket.reopened" => (Becomes::Reopened(self.cause()?), Value::None, &["cause"]),
            "ticket.sealed" => (Becomes::Sealed, Value::None, &[]),
            "source.recorded" => (Becomes::SourceRecorded, Value::None, &[]),
            "ticket.escalated" => {
                return Err(self.error("event", Sentence::fixed(|texts| texts.rule_escalated)));
            }
            other => {
                let other = format!("{other:?}");
                return Err(self.error("event", Sentence::new(move |texts| texts.rule_event(&other))));
            }
        })
    }

    fn slug(&self, constant: &str) -> Result<Option<Slug>, MappingError> {
        let text = self.table.set.get(constant);
        let slug = text.map(|text| Slug::from_mapping(text)).transpose();
        slug.map_err(|why| self.error("set", why))
    }

    fn cause(&self) -> Result<ReopenCause, MappingError> {
        match self.table.set.get("cause").map(String::as_str) {
            None | Some("unknown") => Ok(ReopenCause::Unknown),
            Some("customer_reply") => Ok(ReopenCause::CustomerReply),
            Some("staff") => Ok(ReopenCause::Staff),
            Some(other) => {
                let other = format!("{other:?}");
                Err(self.error("set", Sentence::new(move |texts| texts.rule_cause(&other))))
            }
        }
    }

    /// Finds the table that the rule names and turns its values into those of the event.
    fn labels<T: FromLabel>(&self) -> Result<Labels<T>, MappingError> {
        let Some(name) = &self.table.labels else { return Ok(Labels::Itself) };
        let Some(table) = self.tables.get(name) else {
            let table = format!("[labels.{name}]");
            return Err(self.error("labels", Sentence::new(move |texts| texts.rule_no_table(&table))));
        };
        let value = |(label, text): (&String, &String)| match T::from_mapping(text) {
            Ok(value) => Ok((label.clone(), value)),
            Err(why) => Err(self.check.error(format!("labels.{name}.{label:?}"), why)),
        };
        Ok(Labels::Table(Arc::new(table.iter().map(value).collect::<Result<_, MappingError>>()?)))
    }
}

impl Rule {
    /// The event, if the rule fits the fact.
    fn event(&self, fact: &Neutral) -> Option<TicketEvent> {
        if !self.types.as_ref().is_none_or(|types| types.contains(&fact.kind)) || !self.fits_to(&fact.to) {
            return None;
        }
        let label = match self.value {
            None => "",
            Some(ValueKey::From) => &fact.from,
            Some(ValueKey::To) => &fact.to,
            Some(ValueKey::Actor) => &fact.actor,
        };
        if self.value.is_some() && label.is_empty() {
            return None;
        }
        Some(match &self.becomes {
            Becomes::Opened => TicketEvent::Opened(Box::new(opened(fact))),
            Becomes::Assigned(people) => TicketEvent::Assigned(Assigned { to: people.value(label)? }),
            Becomes::Reassigned(people) => {
                let from = people.value(&fact.from).unwrap_or_else(|| actor_id(&fact.from));
                TicketEvent::Reassigned(Reassigned { from, to: people.value(label)? })
            }
            Becomes::Unassigned => TicketEvent::Unassigned(Unassigned { from: actor_id(&fact.from) }),
            Becomes::TeamChanged(teams) => {
                let to = if self.value.is_some() { Some(teams.value(label)?) } else { None };
                TicketEvent::TeamChanged(TeamChanged { from: teams.value(&fact.from), to })
            }
            Becomes::PriorityChanged(priorities) => {
                let (from, to) = (priorities.value(&fact.from), priorities.value(label)?);
                TicketEvent::PriorityChanged(PriorityChanged { from, to })
            }
            Becomes::CategoryChanged(categories) => {
                let (from, to) = (categories.value(&fact.from), categories.value(label)?);
                TicketEvent::CategoryChanged(CategoryChanged { from, to })
            }
            Becomes::Replied => TicketEvent::Replied(message(fact)),
            Becomes::CustomerReplied => TicketEvent::CustomerReplied(message(fact)),
            Becomes::Noted => TicketEvent::Noted(message(fact)),
            Becomes::SetPending(reason) => TicketEvent::SetPending(SetPending { reason: reason.clone() }),
            Becomes::SetOpen => TicketEvent::SetOpen(SetOpen {}),
            Becomes::Resolved(resolution) => TicketEvent::Resolved(Box::new(resolved(resolution.clone()))),
            Becomes::Reopened(cause) => TicketEvent::Reopened(Reopened { cause: *cause, cycle: 0 }),
            Becomes::Sealed => TicketEvent::Sealed(SealedForGood {}),
            Becomes::SourceRecorded => TicketEvent::SourceRecorded(SourceRecorded {}),
        })
    }

    fn fits_to(&self, to: &str) -> bool {
        let Some(patterns) = &self.to else { return true };
        let to = to.to_lowercase();
        patterns.iter().any(|pattern| match pattern {
            Pattern::Is(value) => *value == to,
            Pattern::Begins(beginning) => to.starts_with(beginning),
        })
    }
}

fn opened(fact: &Neutral) -> Opened {
    let requester = if fact.requester.is_empty() { &fact.actor } else { &fact.requester };
    let subject = if fact.subject.is_empty() { &fact.case } else { &fact.subject };
    Opened {
        requester: Requester { id: actor_id(requester), name: None, email: None },
        subject: PersonalText::Plain(subject.clone()),
        body: text(&fact.body),
        channel: Channel::Import,
        language: None,
        priority: None,
        category: None,
        team: None,
        follows: None,
    }
}

fn message(fact: &Neutral) -> Message {
    Message { message: Uuid::nil(), body: text(&fact.body) }
}

fn resolved(resolution: Option<Slug>) -> Resolved {
    Resolved { resolution, category: None, assignee: None, notes: None, confirmation: false, survey: false }
}

fn text(text: &str) -> Option<PersonalText> {
    (!text.is_empty()).then(|| PersonalText::Plain(text.to_owned()))
}
