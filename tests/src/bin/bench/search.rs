//! Searching a million messages: making the read model, and words of each kind.

use crate::Plan;
use crate::logs::{large, open, runtime, scratch};
use crate::measure::{latencies, seconds};
use crate::report::{Report, Target};
use docket_core::access::Reach;
use docket_core::filter::{Parsed, parse};
use docket_core::names::ActorId;
use docket_core::store::EventStore;
use docket_core::time::Timestamp;
use docket_projections::feed::Feed;
use docket_projections::read_model::file::open_for_reading;
use docket_projections::rebuild::{Continue, rebuild};
use docket_projections::registry::all;
use docket_projections::search::{Asked, Conditions, search};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Calls of each kind; each looks for another word where there are several.
const CALLS: usize = 40;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// What is looked for, by kind.
const KINDS: [(&str, &[&str]); 7] = [
    ("a common word", &["browser", "pantalla", "settings", "compañera", "correction"]),
    ("two common words", &["browser settings", "mañana sesión", "gracias corregido", "week page"]),
    ("a rare word", &["10001", "54321", "77777", "31415", "27182"]),
    ("a phrase", &["\"known fault\"", "\"dos dias habiles\"", "\"two working days\""]),
    (
        "operators",
        &["browser status:open", "factura team:billing priority:urgent", "settings assignee:me is:late"],
    ),
    ("a beginning", &["correct*", "browse*", "1000*"]),
    ("a typo", &["browsre", "setings", "sesoin", "facutra", "correctoin"]),
];

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let log = large(plan);
    let store = open(&log);
    let (runtime, head) = (runtime(), *store.head().borrow());
    let feed = Feed::new(Arc::new(store), runtime.handle().clone());
    let directory = scratch(&plan.directory);
    let path = directory.path().join("search.db");
    let definition = all().into_iter().find(|definition| definition.name == "search").unwrap();
    let (elapsed, _) = seconds(|| rebuild(&definition, &feed, &path, head, |_| Continue::Yes).unwrap());
    report.plain("made anew", elapsed, "s", None);
    let mebibytes = std::fs::metadata(&path).unwrap().len() as f64 / 1_048_576.0;
    report.plain("its file", mebibytes, "MiB", None);
    let connection = open_for_reading(&path).unwrap();
    let texts: i64 = connection.query_row("SELECT count(*) FROM texts", [], |row| row.get(0)).unwrap();
    report.plain("texts", texts as f64, "", None);
    let me = ActorId::new("ines").unwrap();
    let teams = BTreeSet::from(["billing".parse().unwrap()]);
    let reaches = [
        ("everything", Reach::Everything),
        ("one team", Reach::Teams { me: me.clone(), teams }),
        ("a customer", Reach::Own { requester: ActorId::new("customer-17").unwrap() }),
    ];
    for (name, reach) in &reaches {
        for (kind, texts) in KINDS {
            let mut cut = 0;
            let timed = latencies(CALLS, |call| {
                let Parsed { filter, words } = parse(texts[call % texts.len()]).unwrap();
                let (skip, limit) = (0, 20);
                let asked = Asked {
                    reach,
                    me: &me,
                    conditions: Conditions::Filter(&filter),
                    words: &words,
                    up_to: None,
                    skip,
                    limit,
                    now: NOW,
                };
                cut += usize::from(!search(&connection, &asked).unwrap().unwrap().complete);
            });
            report.plain(&format!("{kind}, {name}, p50"), timed.percentile_ms(50.0), "ms", None);
            let label = format!("{kind}, {name}, p95 ({cut} of {CALLS} cut)");
            report.plain(&label, timed.percentile_ms(95.0), "ms", Some(Target::AtMost(100.0)));
        }
    }
}
