//! Rebuilding every read model from the large log, beside a bare scan with decoding on one thread.

use crate::Plan;
use crate::logs::{large, open, runtime, scratch};
use crate::measure::{median, peak_memory_mib, seconds};
use crate::report::{Report, Target};
use crate::scan::bare;
use docket_core::store::EventStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_projections::feed::Feed;
use docket_projections::projector::Projector;
use docket_projections::rebuild::{Continue, rebuild};
use docket_projections::registry::all;
use docket_projections::search::Search;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// First argument of a process that rebuilds and tells how long it took and how much memory.
pub(crate) const CHILD: &str = "--rebuild";

#[derive(Serialize, Deserialize)]
struct Rebuilt {
    seconds: f64,
    peak_mib: f64,
    /// By read model: how long it took.
    each: Vec<(String, f64)>,
}

/// Rebuilds all read models at once from the log and into the directory given, in a process of its own so that
/// its memory can be told.
pub(crate) fn child(arguments: &[String]) {
    let [log, directory] = arguments else { panic!("a log and a directory are needed") };
    let store = SqliteOptions::new(log).open_read_only().unwrap();
    let runtime = runtime();
    let head = *store.head().borrow();
    let feed = Feed::new(Arc::new(store), runtime.handle().clone());
    let (elapsed, each) = seconds(|| {
        std::thread::scope(|scope| {
            let rebuilds: Vec<_> = all()
                .into_iter()
                // Its index of words takes longer than all others together; the section `search` reports it.
                .filter(|definition| definition.name != Search::NAME)
                .map(|definition| {
                    let path = Path::new(directory).join(format!("{}.db", definition.name));
                    let feed = &feed;
                    scope.spawn(move || {
                        let (elapsed, built) =
                            seconds(|| rebuild(&definition, feed, &path, head, |_| Continue::Yes).unwrap());
                        assert_eq!(built.position, head);
                        (definition.name.to_owned(), elapsed)
                    })
                })
                .collect();
            rebuilds.into_iter().map(|rebuild| rebuild.join().unwrap()).collect()
        })
    });
    let rebuilt = Rebuilt { seconds: elapsed, peak_mib: peak_memory_mib(), each };
    println!("{}", serde_json::to_string(&rebuilt).unwrap());
}

fn in_child(log: &Path, plan: &Plan) -> Rebuilt {
    let directory = scratch(&plan.directory);
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .args([log, directory.path()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let log = large(plan);
    drop(open(&log));
    let (mut limits, mut rebuilds) = (Vec::new(), Vec::new());
    bare(&log);
    for _ in 0..plan.rounds.div_ceil(2) {
        let (seconds, events) = seconds(|| bare(&log));
        limits.push(events as f64 / seconds);
        rebuilds.push(in_child(&log, plan));
    }
    let rate = median(rebuilds.iter().map(|rebuilt| plan.events as f64 / rebuilt.seconds).collect());
    report.beside(
        "all read models but the search at once",
        rate,
        median(limits),
        "events/s",
        Some(Target::RatioAtLeast(0.5)),
    );
    let peak = rebuilds.iter().map(|rebuilt| rebuilt.peak_mib).fold(0.0, f64::max);
    report.plain("peak memory", peak, "MiB", None);
    for (index, (name, _)) in rebuilds[0].each.iter().enumerate() {
        let each = median(rebuilds.iter().map(|rebuilt| rebuilt.each[index].1).collect());
        report.plain(&format!("of it: {name}"), each, "s", None);
    }
}
