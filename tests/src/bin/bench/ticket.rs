//! Reading one ticket of 20 events out of the large log, beside the bare read.

use crate::Plan;
use crate::logs::{large, open, runtime};
use crate::measure::{Latencies, latencies, median_of};
use crate::report::{Report, Target};
use docket_core::names::{GlobalPosition, StreamName, StreamVersion};
use docket_core::record::StoredRecord;
use docket_core::store::{EventStore, READ_RECORDS_MAX};
use docket_tests::random::Random;
use rusqlite::{Connection, OpenFlags};
use std::hint::black_box;

const EVENTS: u32 = 20;
const READS: usize = 2_000;

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let path = large(plan);
    let (runtime, store) = (runtime(), open(&path));
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let streams: Vec<StreamName> = connection
        .prepare(
            "SELECT stream FROM events WHERE stream LIKE 'ticket-%' GROUP BY stream HAVING count(*) = ?1",
        )
        .unwrap()
        .query_map([EVENTS], |row| Ok(StreamName::new(&row.get::<_, String>(0)?).unwrap()))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut random = Random::new(1);
    let mut docket = || {
        latencies(READS, |_| {
            let stream = &streams[random.index(streams.len())];
            let records =
                runtime.block_on(store.read_stream(stream, StreamVersion::NONE, READ_RECORDS_MAX)).unwrap();
            assert_eq!(records.len(), EVENTS as usize);
            for record in &records {
                black_box(record.decode().unwrap().event().unwrap());
            }
        })
    };
    let mut random = Random::new(2);
    let mut bare = || {
        latencies(READS, |_| {
            let stream = &streams[random.index(streams.len())];
            let mut statement = connection
                .prepare_cached("SELECT position, record FROM events WHERE stream = ?1 ORDER BY version")
                .unwrap();
            let mut rows = statement.query([stream.as_str()]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let position = GlobalPosition(row.get::<_, i64>(0).unwrap() as u64);
                let record = StoredRecord { position, bytes: row.get(1).unwrap(), hash: [0; 32] };
                black_box(record.decode().unwrap().event().unwrap());
            }
        })
    };
    let (mut ours, mut limits) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        limits.push(bare());
        ours.push(docket());
    }
    for (percent, target) in [(50.0, Some(Target::RatioAtMost(2.0))), (99.0, None)] {
        let at = |rounds: &[Latencies]| median_of(rounds, |round| round.percentile_ms(percent));
        report.beside(
            &format!("a ticket of {EVENTS} events, p{percent:.0}"),
            at(&ours),
            at(&limits),
            "ms",
            target,
        );
    }
}
