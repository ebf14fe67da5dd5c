//! Commands and ticket reads do not get slower as the log grows.

use crate::Plan;
use crate::logs::{generator, runtime, scratch};
use crate::measure::{Latencies, latencies};
use crate::report::{Report, Target};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::clock::SystemClock;
use docket_core::handler::{CommandHandler, Request};
use docket_core::names::{ActorId, StreamName, StreamVersion, TicketNumber};
use docket_core::store::sqlite::{SqliteOptions, SqliteStore};
use docket_core::store::{CommandKey, EventStore, READ_RECORDS_MAX};
use docket_core::text::Body;
use docket_core::ticket::{Action, TicketCommand};
use docket_tests::generator::fill;
use std::hint::black_box;
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

const CALLS: usize = 3_000;

/// The lengths of the log at which latencies are compared. Unit: events.
const LENGTHS: [usize; 3] = [10_000, 1_000_000, 5_000_000];

/// Strides over the tickets, and by no number of tickets comes back to one early.
const PRIME: u64 = 1_000_003;

/// How much slower a call may be on the longest log than on the shortest.
const SLOWER_MAX: f64 = 1.5;

fn note(ticket: TicketNumber) -> Request {
    let actor = Actor { id: ActorId::new("ines").unwrap(), role: Role::Agent, team: None };
    let body = Body::new("The customer called and wants to hear from us tomorrow.").unwrap();
    let (principal, key) = ("agent:ines".to_owned(), Uuid::now_v7().to_string());
    let key = Some(CommandKey { principal, key, digest: "0".repeat(32) });
    let command = TicketCommand { actor, action: Action::Note { message: Uuid::now_v7(), body } };
    Request {
        ticket: Some(ticket),
        seen: None,
        reach: Reach::Everything,
        command,
        key,
        correlation: Uuid::now_v7(),
    }
}

fn measure(runtime: &Runtime, store: &Arc<SqliteStore>, tickets: u64) -> (Latencies, Latencies) {
    // Each ticket once, from all over the log: the past of each has to be read, however few there are.
    let calls = CALLS.min(tickets as usize);
    let ticket = |call: usize| TicketNumber(1 + call as u64 * PRIME % tickets);
    let handler = CommandHandler::new(store.clone(), Arc::new(SystemClock), Some(TicketNumber(tickets)));
    let commands = latencies(calls, |call| {
        black_box(runtime.block_on(handler.handle(note(ticket(call)))).unwrap());
    });
    let reads = latencies(calls, |call| {
        let stream = StreamName::ticket(ticket(call));
        let records =
            runtime.block_on(store.read_stream(&stream, StreamVersion::NONE, READ_RECORDS_MAX)).unwrap();
        assert!(!records.is_empty());
        records.iter().for_each(|record| drop(record.decode().unwrap().event().unwrap()));
    });
    (commands, reads)
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let (runtime, scratch) = (runtime(), scratch(&plan.directory));
    let path = scratch.path().join("log.db");
    let mut generator = generator();
    let mut length = 0;
    let mut first = None;
    for wanted in LENGTHS {
        let bulk = SqliteOptions::new(&path).open(Arc::new(SystemClock)).unwrap();
        runtime.block_on(fill(&bulk, generator.by_ref().take(wanted - length))).unwrap();
        drop(bulk);
        length = wanted;
        let store = Arc::new(crate::logs::open(&path));
        // Two warm-ups on the same pages would flatter a long log; one fills the caches that a server has.
        measure(&runtime, &store, generator.opened());
        let (commands, reads) = measure(&runtime, &store, generator.opened());
        let p50s = [commands.percentile_ms(50.0), reads.percentile_ms(50.0)];
        let [command, read] = p50s;
        let shortest: &[f64; 2] = first.get_or_insert(p50s);
        let target = (wanted > LENGTHS[0]).then_some(Target::RatioAtMost(SLOWER_MAX));
        let label = |what: &str| format!("{what} of {wanted} events, p50");
        report.beside(&label("command on a log"), command, shortest[0], "ms", target);
        report.beside(&label("ticket read from a log"), read, shortest[1], "ms", target);
        let label = |what: &str| format!("{what} of {wanted} events, p99");
        report.plain(&label("command on a log"), commands.percentile_ms(99.0), "ms", None);
        report.plain(&label("ticket read from a log"), reads.percentile_ms(99.0), "ms", None);
    }
}
