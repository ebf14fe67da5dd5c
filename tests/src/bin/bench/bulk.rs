//! One command on a thousand tickets at once, through HTTP.

use crate::Plan;
use crate::http::Served;
use crate::measure::{Latencies, seconds};
use crate::report::{Report, Target};
use docket_tests::http_load::{once, post};
use serde_json::{Value, json};
use std::time::Duration;

/// Tickets in each command: as many as one takes.
const TICKETS: u64 = 1_000;

/// Tickets that are open.
const BACKLOG: u64 = 20_000;

/// Commands of each kind, however few the rounds are: a p95 of three says nothing.
const REPETITIONS_MIN: usize = 20;

/// For the slowest of them. Unit: milliseconds.
const GOAL_MS: f64 = 2_000.0;

/// What is done: on all of them the same, and each time something else, so that nothing holds already.
fn with(command: &str, turn: usize) -> Value {
    match command {
        "tag" => json!({ "add": [format!("wave-{turn}")] }),
        "note" => json!({ "body": "Affected by the outage; the correction is on its way." }),
        "assign" => json!({ "to": format!("agent-{turn}") }),
        // Of what was assigned above: each releases its agent.
        "resolve" => json!({ "resolution": "workaround", "notes": "The fault is mended.", "survey": true }),
        _ => json!({ "body": "The fault is mended. Please write again if anything is still wrong." }),
    }
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let served = Served::with(plan, BACKLOG);
    let repetitions = plan.rounds.max(REPETITIONS_MIN);
    for command in ["tag", "note", "assign", "reply", "resolve"] {
        let one = |turn: usize| {
            let first = turn as u64 * TICKETS % BACKLOG + 1;
            let tickets: Vec<Value> =
                (first..first + TICKETS).map(|ticket| json!({ "ticket": ticket })).collect();
            let with = with(command, turn);
            // Nobody writes to them meanwhile, and reading a thousand versions first is not what is measured.
            let body = json!({
                "tickets": tickets, "command": command, "with": with, "whatever_was_said": true,
            });
            let request = post("/api/v1/tickets/bulk", &format!("bulk-{command}-{turn}"), &body.to_string());
            let (seconds, answer) = seconds(|| once(served.address(), &request).unwrap());
            let (head, body) = answer;
            let said: Value = serde_json::from_str(&body).unwrap_or_default();
            assert_eq!(said["done"], json!(TICKETS), "{command}: {head} {}", said["results"][0]);
            (seconds * 1e9) as u64
        };
        let each: Vec<u64> = (0..repetitions).map(one).collect();
        let together = Duration::from_nanos(each.iter().sum());
        let each = Latencies::new(each, together);
        let name = format!("{command} {TICKETS} tickets, {repetitions} times");
        report.plain(&format!("{name}, p50"), each.percentile_ms(50.0), "ms", None);
        report.plain(&format!("{name}, p95"), each.percentile_ms(95.0), "ms", None);
        report.plain(
            &format!("{name}, slowest"),
            each.percentile_ms(100.0),
            "ms",
            Some(Target::AtMost(GOAL_MS)),
        );
    }
}
