//! Logs and running read models for the tests of projections.

use super::published;
use docket_core::actor::{Actor, Role};
use docket_core::clock::ManualClock;
use docket_core::customer::event::{
    AccountAdded, AccountProfile, CustomerAccountChanged, CustomerAdded, CustomerChanged, CustomerProfile,
};
use docket_core::customer::{AccountEvent, CustomFields, CustomerEvent};
use docket_core::event::{EncodedEvent, Event};
use docket_core::names::{AccountId, ActorId, EventId, GlobalPosition, Slug, StreamName, TicketNumber};
use docket_core::personal::PersonalText;
use docket_core::record::{NewEvent, Origin};
use docket_core::store::memory::MemoryStore;
use docket_core::store::{EventStore, Fact};
use docket_core::ticket::event::Language;
use docket_core::time::Timestamp;
use docket_projections::feed::Feed;
use docket_projections::log_event::LogEvent;
use docket_projections::registry::{Definition, all};
use docket_projections::runner::Projections;
use docket_tests::generator::{Generator, Shape, fill};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Long enough for any machine; nothing waits for it to pass unless a promise is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const NOW: Timestamp = Timestamp(1_767_225_600_000);

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub(crate) fn facts(seed: u64, events: usize) -> Vec<Fact> {
    let shape = Shape { message_bytes: 60, active: 40, ..Shape::seeded(seed) };
    let mut latest = Timestamp::MIN;
    let with_others = move |(index, fact): (usize, Fact)| {
        latest = latest.max(fact.event.occurred_at);
        let published = (index % published::FACTS_PER_VERSION == published::FACTS_PER_VERSION - 1)
            .then(|| published::version(seed, index / published::FACTS_PER_VERSION, latest, &fact));
        let of_directory = index
            .is_multiple_of(FACTS_PER_CUSTOMER)
            .then(|| of_directory(seed, index / FACTS_PER_CUSTOMER, &fact));
        let of_roster = index
            .is_multiple_of(FACTS_PER_DECISION)
            .then(|| of_roster(seed, index / FACTS_PER_DECISION, &fact))
            .flatten();
        of_directory.into_iter().chain([fact]).chain(of_roster).chain(published)
    };
    Generator::new(shape).enumerate().flat_map(with_others).take(events).collect()
}

/// How many facts about tickets there are for each about a customer or an account.
const FACTS_PER_CUSTOMER: usize = 6;

/// How many facts about tickets there are for each about routing and the people who are there.
const FACTS_PER_DECISION: usize = 5;

/// People come, go and leave, and routing decides about tickets, sensibly or not.
fn of_roster(seed: u64, index: usize, beside: &Fact) -> Option<Fact> {
    let agent = ActorId::new(["ines", "omar", "lena"][index % 3]).unwrap();
    let ticket = TicketNumber(index as u64 % 7);
    let of_agent = |name, data: &str| (StreamName::agent(&agent), name, data.to_owned());
    let of_staff = |name| (StreamName::staff(), name, format!(r#"{{"member":"{agent}"}}"#));
    // Beside a fact about somebody it is about no ticket, and nothing is decided.
    let ticket_stream = StreamName::ticket(beside.stream.subject()?);
    let of_ticket = |name, data: String| (ticket_stream, name, data);
    let (version, team) = (1 + index / 8 % 2, ["billing", "support"][index % 2]);
    let (stream, name, data) = match index / 3 % 8 {
        0 => of_agent("agent.availability_changed", r#"{"from":"offline","to":"online"}"#),
        1 => of_agent("agent.ticket_taken", &format!(r#"{{"ticket":{ticket}}}"#)),
        2 => of_agent("agent.ticket_reweighed", &format!(r#"{{"ticket":{ticket}}}"#)),
        3 => of_staff("staff.deactivated"),
        4 => of_staff("staff.reactivated"),
        5 => of_ticket("ticket.offered", r#"{"cause":"staff"}"#.to_owned()),
        6 => of_ticket(
            "ticket.routed",
            format!(
                r#"{{"list":"default","version":{version},"rule":1,"team":"{team}","candidates":[],"waiting_for":"member"}}"#
            ),
        ),
        _ => of_ticket(
            "ticket.routed",
            format!(r#"{{"list":"default","version":{version},"candidates":[],"waiting_for":"rule"}}"#),
        ),
    };
    let id = EventId::deterministic(&format!("roster/{seed}/{index}"));
    let event = EncodedEvent { name, schema: 1, data };
    Some(Fact { stream, event: NewEvent { id, event, ..beside.event.clone() } })
}

/// Customers and accounts come and change, so that the directory has rows that are made and rows that move.
pub(crate) fn of_directory(seed: u64, index: usize, beside: &Fact) -> Fact {
    let (customer, account) = (index / 4 * 4, index / 8 % 9);
    let (customer, account) = (format!("customer {customer}"), format!("account {account}"));
    let customer = ActorId::new(&customer).unwrap();
    let account = AccountId::new(&account).unwrap();
    let name = PersonalText::from(format!("Núria Vidal {index} ").repeat(4).as_str());
    let custom = CustomFields([(Slug::new("region").unwrap(), "norte".into())].into());
    let profile = CustomerProfile {
        name: name.clone(),
        email: Some(format!("Nuria.{index}@example.org").as_str().into()),
        phone: None,
        language: Some(Language::Es),
        custom: custom.clone(),
    };
    let of_customer = |event| (StreamName::customer(&customer), Event::Customer(event));
    let (stream, event) = match index % 4 {
        0 => {
            let (customer, account) = (customer.clone(), None);
            of_customer(CustomerEvent::Added(Box::new(CustomerAdded { customer, profile, account })))
        }
        1 => {
            let (plan, tier, contact) = (None, Slug::new("gold").ok(), Some(customer.clone()));
            let profile = AccountProfile { name, plan, tier, contact, language: None, custom };
            let added = AccountAdded { account: account.clone(), profile };
            (StreamName::account(&account), Event::Account(AccountEvent::Added(Box::new(added))))
        }
        2 => {
            let (customer, from, to, reason) = (customer.clone(), None, Some(account), None);
            let moved = CustomerAccountChanged { customer, from, to, reason };
            of_customer(CustomerEvent::AccountChanged(moved))
        }
        _ => {
            let (customer, reason) = (customer.clone(), None);
            of_customer(CustomerEvent::Changed(Box::new(CustomerChanged { customer, profile, reason })))
        }
    };
    let id = EventId::deterministic(&format!("directory/{seed}/{index}"));
    Fact { stream, event: NewEvent { id, event: event.encode(), ..beside.event.clone() } }
}

pub(crate) fn empty_log() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Arc::new(ManualClock::at(NOW))))
}

pub(crate) fn log_of(runtime: &Runtime, facts: Vec<Fact>) -> Arc<MemoryStore> {
    let store = empty_log();
    append(runtime, store.as_ref(), facts);
    store
}

pub(crate) fn append(runtime: &Runtime, store: &dyn EventStore, facts: Vec<Fact>) -> GlobalPosition {
    runtime.block_on(fill(store, facts)).unwrap();
    *store.head().borrow()
}

/// The whole log, decoded as projectors get it.
pub(crate) fn events(runtime: &Runtime, store: &dyn EventStore) -> Vec<LogEvent> {
    let mut events = Vec::new();
    loop {
        let after = GlobalPosition(events.len() as u64);
        let page = runtime.block_on(store.read_all(after, 4096)).unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page.iter().map(LogEvent::of));
    }
}

pub(crate) fn feed(runtime: &Runtime, store: &Arc<MemoryStore>) -> Feed {
    Feed::new(store.clone(), runtime.handle().clone())
}

pub(crate) fn start(runtime: &Runtime, directory: &Path, store: &Arc<MemoryStore>) -> Projections {
    start_with(runtime, directory, store.clone(), all())
}

pub(crate) fn start_with(
    runtime: &Runtime,
    directory: &Path,
    store: Arc<dyn EventStore>,
    definitions: Vec<Definition>,
) -> Projections {
    Projections::start(directory, store, runtime.handle(), definitions).unwrap()
}

/// Waits until every read model of the registry holds a position.
#[track_caller]
pub(crate) fn wait_for_all(runtime: &Runtime, projections: &Projections, position: GlobalPosition) {
    for status in projections.statuses() {
        runtime.block_on(projections.wait_for(status.name, position, PATIENCE)).unwrap();
    }
}

pub(crate) fn agent(name: &str) -> Actor {
    Actor { id: ActorId::new(name).unwrap(), role: Role::Agent, team: None }
}

/// A fact with data as they are given, whether they fit the type or not.
pub(crate) fn raw_fact(ticket: u64, name: &'static str, schema: u16, data: &str) -> Fact {
    let event = NewEvent {
        id: EventId(Uuid::now_v7()),
        event: EncodedEvent { name, schema, data: data.to_owned() },
        occurred_at: NOW,
        actor: agent("ines"),
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    Fact { stream: StreamName::ticket(TicketNumber(ticket)), event }
}

/// A fact whose type is known and whose data are not what that type holds.
pub(crate) fn damaged_fact(ticket: u64) -> Fact {
    raw_fact(ticket, "ticket.replied", 1, r#"{"message":7}"#)
}

/// A fact that only a newer release can read.
pub(crate) fn newer_fact(ticket: u64) -> Fact {
    raw_fact(ticket, "ticket.unheard_of", 1, "{}")
}
