//! Bulk import: facts in large batches, beside bare inserts of the same rows.

use crate::Plan;
use crate::bare::BareLog;
use crate::logs::{generator, open, rows, runtime, scratch};
use crate::measure::{median, seconds};
use crate::report::{Report, Target};
use docket_core::store::{EVENTS_PER_APPEND_MAX, EventStore, Fact};

const EVENTS: usize = 500_000;

/// Lengths of the WAL at which the bare one is taken over into the file. Unit: pages of 4 KiB.
const CHECKPOINTS_AT: [u32; 3] = [4_096, 16_384, 1 << 30];

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let runtime = runtime();
    let facts: Vec<Fact> = generator().take(EVENTS).collect();
    let bare_rows = rows(facts.iter().map(|fact| (fact, None)));
    let docket = || {
        let scratch = scratch(&plan.directory);
        let store = open(&scratch.path().join("log.db"));
        let batches: Vec<Vec<Fact>> = facts.chunks(EVENTS_PER_APPEND_MAX).map(<[Fact]>::to_vec).collect();
        let (seconds, ()) = seconds(|| {
            runtime.block_on(async {
                for batch in batches {
                    store.append_facts(batch).await.unwrap();
                }
            });
            store.close();
        });
        EVENTS as f64 / seconds
    };
    let bare = |checkpoint_at: u32| {
        let scratch = scratch(&plan.directory);
        let like = scratch.path().join("log.db");
        drop(open(&like));
        let (seconds, ()) = seconds(|| {
            let mut log = BareLog::create(&scratch.path().join("bare.db"), &like, checkpoint_at);
            bare_rows.chunks(EVENTS_PER_APPEND_MAX).for_each(|batch| log.commit(batch));
            log.checkpoint("TRUNCATE");
        });
        EVENTS as f64 / seconds
    };
    let (mut ours, mut limits) = (Vec::new(), [const { Vec::new() }; 3]);
    for _ in 0..plan.rounds {
        for (limit, checkpoint_at) in limits.iter_mut().zip(CHECKPOINTS_AT) {
            limit.push(bare(checkpoint_at));
        }
        ours.push(docket());
    }
    let best = limits.into_iter().map(median).fold(0.0, f64::max);
    report.beside("import", median(ours), best, "events/s", Some(Target::RatioAtLeast(0.8)));
}
