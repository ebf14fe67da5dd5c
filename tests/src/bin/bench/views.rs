//! Saved views: exact counts and pages by filter, for whoever sees everything and for one team, with 100,000 tickets.

use crate::Plan;
use crate::logs::{runtime, scratch};
use crate::measure::latencies;
use crate::report::{Report, Target};
use docket_core::access::Reach;
use docket_core::clock::SystemClock;
use docket_core::filter::parse_filter;
use docket_core::names::ActorId;
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_core::time::Timestamp;
use docket_projections::feed::Feed;
use docket_projections::queue::{Wanted, counts, filtered, matching};
use docket_projections::read_model::file::open_for_reading;
use docket_projections::rebuild::{Continue, rebuild};
use docket_projections::registry::all;
use docket_tests::generator::{fill, open_tickets};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Tickets, none of them resolved, so that no filter may leave most of them out.
const TICKETS: u64 = 100_000;

/// Calls of each kind.
const CALLS: usize = 60;

/// When lateness is judged: in the middle of the backlog's deadlines.
const NOW: Timestamp = Timestamp(1_706_000_000_000);

const FILTERS: [&str; 7] = [
    "",
    "assignee:me",
    "status:open team:billing",
    "-team:billing -team:none language:es",
    "is:late",
    "is:due-soon priority:urgent priority:high",
    "category:billing assignee:nobody priority:low",
];

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let runtime = runtime();
    let store = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
    runtime.block_on(fill(store.as_ref(), open_tickets(1, TICKETS))).unwrap();
    let head = *store.head().borrow();
    let feed = Feed::new(store, runtime.handle().clone());
    let directory = scratch(&plan.directory);
    let path = directory.path().join("queue.db");
    let definition = all().into_iter().find(|definition| definition.name == "queue").unwrap();
    rebuild(&definition, &feed, &path, head, |_| Continue::Yes).unwrap();
    let connection = open_for_reading(&path).unwrap();
    let me = ActorId::new("ines").unwrap();
    let teams = BTreeSet::from(["billing".parse().unwrap()]);
    let reaches = [("everything", Reach::Everything), ("one team", Reach::Teams { me: me.clone(), teams })];
    for (name, reach) in &reaches {
        let lanes = latencies(CALLS, |_| drop(counts(&connection, reach, NOW).unwrap()));
        report.plain(
            &format!("lanes, {name}, p95"),
            lanes.percentile_ms(95.0),
            "ms",
            Some(Target::AtMost(10.0)),
        );
        for filter in FILTERS {
            let parsed = parse_filter(filter).unwrap();
            let wanted = Wanted { reach, filter: &parsed, me: &me };
            let counted = latencies(CALLS, |_| _ = matching(&connection, wanted, NOW).unwrap());
            let shown = if filter.is_empty() { "no operator" } else { filter };
            let label = format!("{shown}, {name}, p95");
            report.plain(&label, counted.percentile_ms(95.0), "ms", Some(Target::AtMost(10.0)));
        }
        let parsed = parse_filter(FILTERS[2]).unwrap();
        let wanted = Wanted { reach, filter: &parsed, me: &me };
        let page = latencies(CALLS, |_| drop(filtered(&connection, wanted, None, 50, NOW).unwrap()));
        report.plain(&format!("a page of 50, {name}, p95"), page.percentile_ms(95.0), "ms", None);
    }
}
