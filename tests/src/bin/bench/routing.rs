//! How soon a ticket has somebody: from its opening to its assignment, among many people with many tickets.

use crate::Plan;
use crate::http::{OPEN, program};
use crate::logs::{open, runtime, scratch};
use crate::measure::Latencies;
use crate::report::{Report, Target};
use docket_core::actor::{Actor, Role};
use docket_core::event::Event;
use docket_core::names::{ActorId, EventId, GlobalPosition, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::{EventStore, Fact, READ_RECORDS_MAX};
use docket_core::time::Timestamp;
use docket_tests::generator::fill;
use docket_tests::http_load::{ServerProcess, once, post, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// People of the one team.
const AGENTS: usize = 200;

/// Tickets that each of them has on their hands.
const TICKETS_EACH: usize = 100;

/// Tickets that are opened in each run.
const TICKETS: usize = 1_000;

/// Between two of them: routing is idle in between, and it is busy all the time.
const APART: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(10)];

/// How long the last of them may take before the server is stopped.
const SETTLES: Duration = Duration::from_secs(5);

/// From a ticket's arrival to its decision.
const GOAL_MS: f64 = 50.0;

fn fact(stream: StreamName, name: &str, data: &Value) -> Fact {
    let event = Event::decode(name, 1, &data.to_string()).unwrap().encode();
    let event = NewEvent {
        id: EventId(Uuid::now_v7()),
        event,
        occurred_at: Timestamp(1_767_225_600_000),
        actor: Actor { id: ActorId::new("alma").unwrap(), role: Role::Admin, team: None },
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    Fact { stream, event }
}

/// Everybody is there, with room for as many tickets again.
fn people() -> impl Iterator<Item = Fact> {
    let weights = json!({ "urgent": 3, "high": 2, "normal": 1, "low": 1 });
    let capacity = move |points: usize| json!({ "points": points, "weights": weights });
    (0..AGENTS).flat_map(move |number| {
        let id = agent(number);
        let added =
            json!({ "member": id, "name": id, "role": "agent", "teams": ["support"], "language": "en" });
        let room = json!({ "member": id, "from": capacity(10), "to": capacity(2 * TICKETS_EACH) });
        let online = json!({ "from": "offline", "to": "online" });
        let stream = StreamName::agent(&ActorId::new(&id).unwrap());
        [
            fact(StreamName::staff(), "staff.added", &added),
            fact(StreamName::staff(), "staff.capacity_changed", &room),
            fact(stream, "agent.availability_changed", &online),
        ]
    })
}

fn agent(number: usize) -> String {
    format!("agent-{number:03}")
}

/// The tickets that they have.
fn tickets() -> impl Iterator<Item = Fact> {
    (0..AGENTS * TICKETS_EACH).flat_map(|number| {
        let (ticket, id) = (TicketNumber(number as u64 + 1), agent(number % AGENTS));
        let opened = json!({
            "requester": { "id": "noor" }, "subject": "Charged twice", "body": "Two payments in March.",
            "channel": "api", "language": "en", "priority": "normal",
        });
        let agent = StreamName::agent(&ActorId::new(&id).unwrap());
        [
            fact(StreamName::ticket(ticket), "ticket.opened", &opened),
            fact(StreamName::ticket(ticket), "ticket.assigned", &json!({ "to": id })),
            fact(agent, "agent.ticket_taken", &json!({ "ticket": ticket })),
        ]
    })
}

/// Opens so many tickets, so far apart, and waits until routing has looked at all of them: a read shows what comes after
/// the last. Unit of the result: milliseconds, as the log's own times are.
fn waits(data: &Path, apart: Duration) -> Latencies {
    let server = ServerProcess::start(&program(), data).unwrap();
    let began = Instant::now();
    let log = data.join("log.db");
    ready(&server);
    for number in 0..TICKETS {
        let due = apart * u32::try_from(number).unwrap();
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        let key = format!("{}-{number}", apart.as_millis());
        let (head, _) = once(server.address, &post("/api/v1/tickets", &key, OPEN)).unwrap();
        assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    }
    std::thread::sleep(SETTLES);
    let elapsed = began.elapsed();
    drop(server);
    let (store, runtime) = (open(&log), runtime());
    let (mut opened, mut each) = (BTreeMap::new(), Vec::new());
    let mut after = GlobalPosition::START;
    loop {
        let page = runtime.block_on(store.read_all(after, READ_RECORDS_MAX)).unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        for record in &page {
            let event = record.decode().unwrap();
            // Nobody but routing decides here; the tickets that were there before are not its doing.
            if event.name == "ticket.opened" {
                opened.insert(event.stream.to_string(), event.recorded_at);
            } else if event.name == "ticket.assigned" && event.actor.id.as_str() == "routing" {
                let waited = event.recorded_at.since(opened[event.stream.as_ref() as &str]).0;
                each.push(waited.cast_unsigned() * 1_000_000);
            }
        }
    }
    assert!(each.len() >= TICKETS, "{} of {TICKETS} have somebody", each.len());
    // Those of the runs before come first.
    Latencies::new(each.split_off(each.len() - TICKETS), elapsed)
}

/// Waits until the read models are made.
fn ready(server: &ServerProcess) {
    while !text(server.address, "/api/v1/roster").is_ok_and(|answer| answer.contains("agent-199")) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let directory = scratch(&plan.directory);
    let store = open(&directory.path().join("log.db"));
    runtime().block_on(fill(&store, people().chain(tickets()))).unwrap();
    store.close();
    for apart in APART {
        let timed = waits(directory.path(), apart);
        let rate = 1000 / apart.as_millis();
        let label =
            |percent: &str| format!("opened to assigned, {AGENTS} agents, {rate} a second, {percent}");
        report.plain(&label("p50"), timed.percentile_ms(50.0), "ms", None);
        report.plain(&label("p99"), timed.percentile_ms(99.0), "ms", Some(Target::AtMost(GOAL_MS)));
    }
}
