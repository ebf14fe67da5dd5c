//! Benchmarks: what Docket reaches beside the bare limit of the same machine, measured in the same run.
//!
//! Ours and bare take turns, and the figure is the median over rounds, so that a noisy neighbour hits both.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that fails has nothing to go on with"
)]

mod access;
mod appends;
mod bare;
mod bulk;
mod growth;
mod http;
mod import;
mod latency;
mod logs;
mod measure;
mod rebuild;
mod report;
mod reports;
mod routing;
mod scan;
mod search;
mod ticket;
mod views;

use report::Report;
use std::path::PathBuf;

/// As in `docket-replay`, for ours and for bare. The server is a program of its own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured, and how large.
struct Plan {
    sections: Vec<String>,
    json: Option<PathBuf>,
    /// Where the logs are made; they are deleted at the end.
    directory: PathBuf,
    /// Events of the large log.
    events: usize,
    /// A large log that is kept: made here if it is missing.
    log: Option<PathBuf>,
    /// Rounds over which the median is taken.
    rounds: usize,
}

type Section = fn(&Plan, &mut Report);

const SECTIONS: [(&str, Section); 16] = [
    ("appends", appends::run),
    ("import", import::run),
    ("rebuild", rebuild::run),
    ("scan", scan::run),
    ("ticket", ticket::run),
    ("growth", growth::run),
    ("latency", latency::run),
    ("commands", http::commands),
    ("pages", http::pages),
    ("start", http::start),
    ("access", access::run),
    ("views", views::run),
    ("search", search::run),
    ("routing", routing::run),
    ("bulk", bulk::run),
    ("reports", reports::run),
];

const USAGE: &str = "usage: bench [SECTION…] [--json FILE] [--dir DIR] [--events N] [--log FILE] [--rounds N]
sections: appends import rebuild scan ticket growth latency commands pages start access views search routing bulk reports; all when none is named";

impl Plan {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Self {
            sections: Vec::new(),
            json: None,
            directory: PathBuf::from("target"),
            events: 1_000_000,
            log: None,
            rounds: 5,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            let number = |text: String| text.parse().map_err(|_| format!("{text:?} is no number"));
            match argument.as_str() {
                "--json" => plan.json = Some(value()?.into()),
                "--dir" => plan.directory = value()?.into(),
                "--log" => plan.log = Some(value()?.into()),
                "--events" => plan.events = number(value()?)?,
                "--rounds" => plan.rounds = number(value()?)?,
                name if SECTIONS.iter().any(|(section, _)| *section == name) => plan.sections.push(argument),
                other => return Err(format!("{other:?} is neither a section nor an option")),
            }
        }
        Ok(plan)
    }

    fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|wanted| wanted == section)
    }
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == rebuild::CHILD) {
        return rebuild::child(&arguments.split_off(1));
    }
    if arguments.first().is_some_and(|first| first == "--bare") {
        scan::bare(std::path::Path::new(&arguments[1]));
        return;
    }
    let plan = match Plan::parse(arguments.into_iter()) {
        Ok(plan) => plan,
        Err(why) => {
            println!("{why}\n{USAGE}");
            std::process::exit(2);
        }
    };
    std::fs::create_dir_all(&plan.directory).unwrap();
    let mut report = Report::new();
    for (name, section) in SECTIONS {
        if plan.wants(name) {
            report.begin(name);
            section(&plan, &mut report);
        }
    }
    if let Some(path) = &plan.json {
        std::fs::write(path, report.to_json()).unwrap();
    }
    report.end();
}
