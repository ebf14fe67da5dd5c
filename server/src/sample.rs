//! A small made-up set of tickets in both languages, so that a new installation has something to look at.
//!
//! Each ticket's history is decided by the same rules as any other and appended at once, under a key of its
//! own: starting twice adds nothing twice.

use crate::app::App;
use docket_core::actor::{Actor, Role};
use docket_core::agent::load_changes;
use docket_core::catalog::RESOLUTIONS_WITHOUT_WORK;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::handler::CommandHandler;
use docket_core::names::{ActorId, EventId, NameError, Slug, StreamName, StreamVersion, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::{
    Append, AppendError, CommandKey, EventStore, ExpectedVersion, ReadError, StreamAppend,
};
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::event::{Channel, Destination, Language, Priority};
use docket_core::ticket::{Action, Ticket, TicketCommand, TicketDecider, TicketRefusal};
use docket_core::time::{DurationMs, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

const TICKETS: &str = include_str!("../sample/tickets.json");

/// Whose keys the sample's appends carry.
const PRINCIPAL: &str = "sample";

/// How often a number is tried that somebody else took meanwhile.
const ATTEMPTS_MAX: u32 = 16;

/// Why the sample tickets were not added.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The data file is not what it should be.
    #[error("the data file cannot be read")]
    Data(#[from] serde_json::Error),
    /// A name in the data file.
    #[error("{0:?} is no name")]
    Name(String, #[source] NameError),
    /// The rules do not allow what the data file tells.
    #[error("{key}: {refusal}")]
    Refused {
        /// Which ticket.
        key: String,
        /// Why.
        refusal: TicketRefusal,
    },
    /// The log did not take them.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    people: BTreeMap<String, Person>,
    tickets: Vec<SampleTicket>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    role: Role,
    team: Slug,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleTicket {
    key: String,
    minutes_ago: i64,
    language: Language,
    priority: Priority,
    category: Slug,
    team: Slug,
    channel: Channel,
    requester: Requester,
    subject: Line,
    body: Body,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requester {
    id: ActorId,
    name: Line,
    email: Line,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    minutes_ago: i64,
    /// A person of the staff, or `customer`.
    by: String,
    action: Wish,
}

/// What somebody did, in the words of the data file.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Wish {
    Take,
    Assign(ActorId),
    Unassign,
    Priority(Priority),
    Reply {
        body: Body,
        #[serde(default)]
        pending: bool,
    },
    CustomerReply(Body),
    Note(Body),
    SetPending(Slug),
    Escalate {
        reason: Slug,
        to: Destination,
        context: Body,
    },
    Resolve {
        resolution: Slug,
        #[serde(default)]
        notes: Option<Body>,
        #[serde(default)]
        confirmation: bool,
        #[serde(default)]
        survey: bool,
    },
    Seal,
}

impl Wish {
    fn action(&self, message: Uuid) -> Action {
        match self {
            Self::Take => Action::Take,
            Self::Assign(to) => Action::Assign { to: to.clone() },
            Self::Unassign => Action::Unassign,
            Self::Priority(to) => Action::ChangePriority { to: *to },
            Self::Reply { body, pending } => {
                Action::Reply { message, body: body.clone(), then_pending: *pending }
            }
            Self::CustomerReply(body) => Action::CustomerReply { message, body: body.clone() },
            Self::Note(body) => Action::Note { message, body: body.clone() },
            Self::SetPending(reason) => Action::SetPending { reason: reason.clone() },
            Self::Escalate { reason, to, context } => {
                Action::Escalate { reason: reason.clone(), to: to.clone(), context: context.clone() }
            }
            Self::Resolve { resolution, notes, confirmation, survey } => Action::Resolve {
                needs_assignee: !RESOLUTIONS_WITHOUT_WORK.contains(&resolution.as_str()),
                resolution: resolution.clone(),
                notes: notes.clone(),
                confirmation: *confirmation,
                survey: *survey,
            },
            Self::Seal => Action::Seal,
        }
    }
}

/// Adds the sample tickets that are not there yet, as if they had happened up to now; tells how many.
///
/// # Errors
/// [`SampleError`]; tickets before the one that failed stay.
pub async fn add(app: &App) -> Result<usize, SampleError> {
    let sample: Sample = serde_json::from_str(TICKETS)?;
    let mut added = 0;
    for ticket in &sample.tickets {
        let key = command_key(ticket);
        if app.store.find_command(&key).await?.is_none() {
            append(app.store.as_ref(), &sample, ticket, app.now()).await?;
            added += 1;
        }
    }
    Ok(added)
}

/// The key of a ticket's append. The digest stays the same when the texts are corrected in a later release.
fn command_key(ticket: &SampleTicket) -> CommandKey {
    CommandKey { principal: PRINCIPAL.to_owned(), key: ticket.key.clone(), digest: PRINCIPAL.to_owned() }
}

async fn append(
    store: &dyn EventStore,
    sample: &Sample,
    ticket: &SampleTicket,
    now: Timestamp,
) -> Result<(), SampleError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let highest = CommandHandler::highest_number(store).await?;
        let number = TicketNumber(highest.map_or(1, |number| number.0 + 1));
        let streams = streams(sample, ticket, number, now)?;
        match store.append(Append { command: Some(command_key(ticket)), streams }).await {
            // Somebody opened a ticket under this number meanwhile.
            Err(AppendError::Conflict { .. }) if attempt < ATTEMPTS_MAX => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
}

/// The history of a ticket, decided step by step, with what follows for the agents' streams.
fn streams(
    sample: &Sample,
    sampled: &SampleTicket,
    number: TicketNumber,
    now: Timestamp,
) -> Result<Vec<StreamAppend>, SampleError> {
    let mut history = History::new(sampled, number, now);
    let customer = Actor { id: sampled.requester.id.clone(), role: Role::Customer, team: None };
    history.take(sampled.minutes_ago, customer.clone(), opening(sampled))?;
    for (index, step) in sampled.steps.iter().enumerate() {
        let actor = match sample.people.get(&step.by) {
            Some(person) => {
                let id = ActorId::new(&step.by).map_err(|error| SampleError::Name(step.by.clone(), error))?;
                Actor { id, role: person.role, team: Some(person.team.clone()) }
            }
            None => customer.clone(),
        };
        let message = EventId::deterministic(&format!("sample/{}/message/{index}", sampled.key)).0;
        history.take(step.minutes_ago, actor, step.action.action(message))?;
    }
    Ok(history.into_streams())
}

fn opening(sampled: &SampleTicket) -> Action {
    Action::Open(Box::new(Open {
        requester: sampled.requester.id.clone(),
        requester_name: Some(sampled.requester.name.clone()),
        requester_email: Some(sampled.requester.email.clone()),
        subject: sampled.subject.clone(),
        body: sampled.body.clone(),
        channel: sampled.channel,
        language: sampled.language,
        priority: sampled.priority,
        category: Some(sampled.category.clone()),
        team: Some(sampled.team.clone()),
        follows: None,
    }))
}

/// A history in the making.
struct History<'a> {
    key: &'a str,
    number: TicketNumber,
    now: Timestamp,
    ticket: Ticket,
    events: Vec<NewEvent>,
    agents: BTreeMap<ActorId, Vec<NewEvent>>,
    count: usize,
}

impl<'a> History<'a> {
    fn new(sampled: &'a SampleTicket, number: TicketNumber, now: Timestamp) -> Self {
        let ticket = TicketDecider::initial();
        Self { key: &sampled.key, number, now, ticket, events: Vec::new(), agents: BTreeMap::new(), count: 0 }
    }

    fn take(&mut self, minutes_ago: i64, actor: Actor, action: Action) -> Result<(), SampleError> {
        let at = self.now.minus(DurationMs::from_minutes(minutes_ago));
        let command = TicketCommand { actor, action };
        let events = TicketDecider::decide(&command, &self.ticket)
            .map_err(|refusal| SampleError::Refused { key: self.key.to_owned(), refusal })?;
        let before = self.ticket.clone();
        let after = events.iter().fold(before.clone(), TicketDecider::evolve);
        for event in events {
            let event = self.event(Event::Ticket(event), at, &command.actor);
            self.events.push(event);
        }
        for (agent, change) in load_changes(self.number, &before, &after) {
            let event = self.event(Event::Agent(change), at, &command.actor);
            self.agents.entry(agent).or_default().push(event);
        }
        self.ticket = after;
        Ok(())
    }

    fn event(&mut self, event: Event, occurred_at: Timestamp, actor: &Actor) -> NewEvent {
        self.count += 1;
        NewEvent {
            id: EventId::deterministic(&format!("sample/{}/{}", self.key, self.count)),
            event: event.encode(),
            occurred_at,
            actor: actor.clone(),
            correlation: EventId::deterministic(&format!("sample/{}", self.key)).0,
            causation: None,
            origin: Origin::Decided,
            source: None,
        }
    }

    fn into_streams(self) -> Vec<StreamAppend> {
        let ticket = StreamAppend {
            stream: StreamName::ticket(self.number),
            expected: ExpectedVersion::Exactly(StreamVersion::NONE),
            events: self.events,
        };
        let agents = self.agents.into_iter().map(|(agent, events)| StreamAppend {
            stream: StreamName::agent(&agent),
            expected: ExpectedVersion::Any,
            events,
        });
        std::iter::once(ticket).chain(agents).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::ticket::Lane;

    #[test]
    fn every_sample_ticket_is_a_history_that_the_rules_allow_and_every_lane_has_some() {
        let sample: Sample = serde_json::from_str(TICKETS).unwrap();
        let now = Timestamp(1_795_253_400_000);
        let mut lanes = BTreeMap::<Lane, usize>::new();
        for (index, ticket) in sample.tickets.iter().enumerate() {
            assert_eq!(ticket.key, format!("ticket-{:02}", index + 1));
            let mut history = History::new(ticket, TicketNumber(1), now);
            let streams = streams(&sample, ticket, TicketNumber(1), now).unwrap();
            let times: Vec<_> = streams[0].events.iter().map(|event| event.occurred_at).collect();
            assert!(times.is_sorted() && times.iter().all(|at| *at < now), "{}", ticket.key);
            for step in &ticket.steps {
                let known = step.by == "customer" || sample.people.contains_key(&step.by);
                assert!(known, "{} in {}", step.by, ticket.key);
            }
            for event in &streams[0].events {
                let Ok(Event::Ticket(event)) =
                    Event::decode(event.event.name, event.event.schema, &event.event.data)
                else {
                    panic!("an event of the ticket's own stream")
                };
                history.ticket = TicketDecider::evolve(history.ticket, &event);
            }
            *lanes.entry(history.ticket.lane()).or_default() += 1;
        }
        for lane in Lane::ALL {
            assert!(lanes[&lane] >= 3, "{lanes:?}");
        }
    }
}
