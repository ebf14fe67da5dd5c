//! Through HTTP, with the load on the same machine: commands, reads with 1,000 and 100,000 open tickets, starting.

use crate::Plan;
use crate::logs::{large, runtime, scratch};
use crate::report::{Report, Target};
use docket_core::clock::SystemClock;
use docket_core::names::TicketNumber;
use docket_core::store::sqlite::SqliteOptions;
use docket_tests::generator::{conversation, fill, open_tickets};
use docket_tests::http_load::{Load, ServerProcess, closed_loop, get, post, text};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long each load runs.
pub(crate) const LOAD: Duration = Duration::from_secs(4);

/// Tickets of the large queue, and of the one it is compared with.
const MANY: u64 = 100_000;
const FEW: u64 = 1_000;

/// Messages of the ticket whose page is read.
const MESSAGES: usize = 20;

pub(crate) const OPEN: &str = r#"{"requester":{"id":"noor"},"subject":"Charged twice for March","body":"I see two payments of 12.99 on my statement. It is the second month in a row; please give one back."}"#;

/// Connections, commands per second that must be reached, and the 99th percentile that must be kept. Unit of the last:
/// milliseconds.
pub(crate) const COMMANDS: [(usize, Option<f64>, f64); 3] =
    [(1, None, 20.0), (8, Some(3_000.0), 20.0), (64, Some(8_000.0), 20.0)];

/// Pages: name, path, and how many per second must be reached.
const PAGES: [(&str, &str, f64); 3] = [
    ("queue, JSON", "/api/v1/queue?lane=new", 1_400.0),
    ("queue, page", "/queue?lane=new", 1_000.0),
    ("ticket with 20 messages, page", "/tickets/1", 1_600.0),
];

/// The server's program, built beside this one.
pub(crate) fn program() -> PathBuf {
    let path = std::env::current_exe().unwrap().with_file_name("docket-server");
    assert!(path.is_file(), "build it first: cargo build --release -p docket-server");
    path
}

pub(crate) fn commands(plan: &Plan, report: &mut Report) {
    for (connections, per_second, p99_ms) in COMMANDS {
        let loads = (0..plan.rounds.min(3)).map(|round| {
            let directory = scratch(&plan.directory);
            let server = ServerProcess::start(&program(), directory.path()).unwrap();
            closed_loop(server.address, connections, LOAD, |connection, count| {
                post("/api/v1/tickets", &format!("{round}-{connection}-{count}"), OPEN)
            })
            .unwrap()
        });
        let load = middle(loads.collect());
        assert_eq!(load.refused, 0);
        let name = format!("open a ticket, connections: {connections}");
        report.plain(&name, load.per_second(), "per second", per_second.map(Target::AtLeast));
        report.plain(&format!("{name}, p50"), load.percentile_ms(50), "ms", None);
        report.plain(&format!("{name}, p99"), load.percentile_ms(99), "ms", Some(Target::AtMost(p99_ms)));
    }
}

pub(crate) fn pages(plan: &Plan, report: &mut Report) {
    let many = Served::with(plan, MANY);
    let few = Served::with(plan, FEW);
    report.plain("resident with 100,000 tickets, at start", many.mib(), "MiB", Some(Target::AtMost(96.0)));
    for (name, path, per_second) in PAGES {
        let (mut slow, mut quick) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds.min(3) {
            quick.push(few.load(path));
            slow.push(many.load(path));
        }
        let (slow, quick) = (middle(slow), middle(quick));
        assert_eq!((slow.refused, quick.refused), (0, 0), "{path}");
        report.plain(name, slow.per_second(), "per second", Some(Target::AtLeast(per_second)));
        let (ours, with_few) = (1e6 / slow.per_second(), 1e6 / quick.per_second());
        let growth = Some(Target::RatioAtMost(1.3));
        report.beside(&format!("{name}, beside 1,000 tickets"), ours, with_few, "us each", growth);
        if name == "queue, page" {
            report.plain(
                "queue, page",
                slow.body_bytes_max as f64 / 1024.0,
                "KiB",
                Some(Target::AtMost(40.0)),
            );
        }
    }
    report.plain("resident after the load", many.mib(), "MiB", Some(Target::AtMost(96.0)));
}

pub(crate) fn start(plan: &Plan, report: &mut Report) {
    let program_mib = std::fs::metadata(program()).unwrap().len() as f64 / 1024.0 / 1024.0;
    report.plain("program", program_mib, "MiB", Some(Target::AtMost(30.0)));
    let empty = scratch(&plan.directory);
    report.plain("to the first page, empty", first_page(empty.path()), "s", Some(Target::AtMost(1.0)));
    let directory = scratch(&plan.directory);
    std::fs::copy(large(plan), directory.path().join("log.db")).unwrap();
    // The read models are there, as after any earlier run: made first, then stopped and started again.
    Served::settled(&ServerProcess::start(&program(), directory.path()).unwrap());
    let name = format!("to the first page, {} events", plan.events);
    report.plain(&name, first_page(directory.path()), "s", Some(Target::AtMost(3.0)));
}

fn first_page(data: &Path) -> f64 {
    let began = Instant::now();
    let server = ServerProcess::start(&program(), data).unwrap();
    while get_once(&server, "/queue").is_none_or(|load| load.answered == 0) {}
    began.elapsed().as_secs_f64()
}

fn get_once(server: &ServerProcess, path: &str) -> Option<Load> {
    let once = Duration::from_millis(1);
    closed_loop(server.address, 1, once, |_, _| get(path)).ok()
}

/// A server with a backlog, and the data directory that it lives on.
pub(crate) struct Served {
    server: ServerProcess,
    _directory: tempfile::TempDir,
}

impl Served {
    pub(crate) fn with(plan: &Plan, tickets: u64) -> Self {
        let directory = scratch(&plan.directory);
        let clock = Arc::new(SystemClock);
        let log = directory.path().join("log.db");
        let store = SqliteOptions::new(log).open(clock).unwrap();
        let talk = conversation(1, TicketNumber(1), MESSAGES);
        let rest = open_tickets(1, tickets).filter(|fact| fact.stream.subject() != Some(TicketNumber(1)));
        runtime().block_on(fill(&store, talk.into_iter().chain(rest))).unwrap();
        store.close();
        // Once to build the read models and to note what has long been late; then anew, as on any other day.
        Self::settled(&ServerProcess::start(&program(), directory.path()).unwrap());
        let server = ServerProcess::start(&program(), directory.path()).unwrap();
        Self::settled(&server);
        Self { server, _directory: directory }
    }

    /// Waits until the read models are built and the timer has nothing left to note.
    fn settled(server: &ServerProcess) {
        let mut head = None;
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let Ok(ready) = text(server.address, "/readyz") else { continue };
            let seen =
                ready.split("\"head\":").nth(1).and_then(|rest| rest.split(',').next()).map(str::to_owned);
            if ready.contains("\"ready\":true") && seen == head {
                return;
            }
            head = seen;
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    fn load(&self, path: &str) -> Load {
        closed_loop(self.server.address, 8, LOAD, |_, _| get(path)).unwrap()
    }

    fn mib(&self) -> f64 {
        self.server.resident_bytes().map_or(f64::NAN, |(now, _)| now as f64 / 1024.0 / 1024.0)
    }
}

/// The load of the median rate.
pub(crate) fn middle(mut loads: Vec<Load>) -> Load {
    loads.sort_by(|left, right| left.per_second().total_cmp(&right.per_second()));
    loads.swap_remove(loads.len() / 2)
}
