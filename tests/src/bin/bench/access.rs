//! What it costs to find out who is asking and whether they may: the same commands with headers believed and with a token;
//! and what open event streams take.

use crate::Plan;
use crate::http::{COMMANDS, LOAD, OPEN, middle, program};
use crate::logs::scratch;
use crate::report::{Report, Target};
use docket_tests::http_load::{Guarded, ServerProcess, closed_loop, post, streams};

/// Streams that are open at once.
const STREAMS: usize = 500;

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    for (connections, ..) in COMMANDS {
        let (mut believed, mut checked) = (Vec::new(), Vec::new());
        for round in 0..plan.rounds.min(3) {
            let key = |connection, count| format!("{round}-{connection}-{count}");
            let directory = scratch(&plan.directory);
            let server = ServerProcess::start(&program(), directory.path()).unwrap();
            let open = |connection, count| post("/api/v1/tickets", &key(connection, count), OPEN);
            believed.push(closed_loop(server.address, connections, LOAD, open).unwrap());
            drop(server);
            let directory = scratch(&plan.directory);
            let guarded = Guarded::start(&program(), directory.path()).unwrap();
            let open =
                |connection, count| guarded.signed(post("/api/v1/tickets", &key(connection, count), OPEN));
            checked.push(closed_loop(guarded.server.address, connections, LOAD, open).unwrap());
        }
        let (believed, checked) = (middle(believed), middle(checked));
        assert_eq!((believed.refused, checked.refused), (0, 0));
        let name = format!("open a ticket with a token, beside headers, connections: {connections}");
        let (ours, bare) = (1e6 / checked.per_second(), 1e6 / believed.per_second());
        report.beside(&name, ours, bare, "us each", Some(Target::RatioAtMost(1.15)));
    }
    let directory = scratch(&plan.directory);
    let guarded = Guarded::start(&program(), directory.path()).unwrap();
    let mib = || guarded.server.resident_bytes().map_or(f64::NAN, |(now, _)| now as f64 / 1024.0 / 1024.0);
    let before = mib();
    let path = "/api/v1/events/stream?after=0";
    let request = |turn| guarded.signed_by(turn, docket_tests::http_load::get(path));
    let open = streams(guarded.server.address, STREAMS, request).unwrap();
    let name = format!("{STREAMS} open event streams");
    report.plain(&name, mib() - before, "MiB", Some(Target::AtMost(100.0)));
    // None of them reads; commands go on as if they were not there.
    let command =
        |connection, count| guarded.signed(post("/api/v1/tickets", &format!("s-{connection}-{count}"), OPEN));
    let load = closed_loop(guarded.server.address, 8, LOAD, command).unwrap();
    let name = format!("open a ticket while {STREAMS} streams are not read, connections: 8");
    report.plain(&name, load.per_second(), "per second", None);
    report.plain(&format!("{name}, p99"), load.percentile_ms(99), "ms", Some(Target::AtMost(20.0)));
    report.plain("the streams after that", mib() - before, "MiB", Some(Target::AtMost(100.0)));
    drop(open);
}
