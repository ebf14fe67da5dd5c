//! Reading the whole log in order and decoding it, beside a bare scan with the same decoding.

use crate::Plan;
use crate::logs::{large, open, runtime};
use crate::measure::{median, seconds};
use crate::report::{Report, Target};
use docket_core::names::GlobalPosition;
use docket_core::record::RecordedEvent;
use docket_core::store::{EventStore, READ_RECORDS_MAX};
use docket_projections::feed::Feed;
use docket_projections::log_event::LogEvent;
use rusqlite::{Connection, OpenFlags};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

/// One thread, one statement over the whole table, each record decoded with its event. No hash is checked.
pub(crate) fn bare(path: &Path) -> usize {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = connection.prepare("SELECT position, record FROM events ORDER BY position").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut events = 0;
    while let Some(row) = rows.next().unwrap() {
        let record: RecordedEvent<'_> =
            serde_json::from_slice(row.get_ref(1).unwrap().as_blob().unwrap()).unwrap();
        black_box(record.event().unwrap());
        black_box(record);
        events += 1;
    }
    events
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let path = large(plan);
    let runtime = runtime();
    let store = Arc::new(open(&path));
    let by_pages = || {
        runtime.block_on(async {
            let mut after = GlobalPosition::START;
            loop {
                let page = store.read_all(after, READ_RECORDS_MAX).await.unwrap();
                let Some(last) = page.last() else { return after.0 as usize };
                after = last.position;
                for record in &page {
                    black_box(LogEvent::of(record));
                }
            }
        })
    };
    let by_feed = || {
        let feed = Feed::new(store.clone(), runtime.handle().clone());
        let mut reader = feed.reader(GlobalPosition::START);
        let mut events = 0;
        loop {
            let page = reader.next_page().unwrap();
            if page.is_empty() {
                return events;
            }
            events += page.len();
            black_box(page);
        }
    };
    let (mut limits, mut pages, mut feeds) = (Vec::new(), Vec::new(), Vec::new());
    let rate = |(seconds, events): (f64, usize)| {
        assert_eq!(events, plan.events);
        events as f64 / seconds
    };
    bare(&path);
    for _ in 0..plan.rounds {
        limits.push(rate(seconds(|| bare(&path))));
        pages.push(rate(seconds(by_pages)));
        feeds.push(rate(seconds(by_feed)));
    }
    let limit = median(limits);
    report.beside(
        "ordered read with decode",
        median(pages),
        limit,
        "events/s",
        Some(Target::RatioAtLeast(0.9)),
    );
    report.beside("the same through the feed", median(feeds), limit, "events/s", None);
}
