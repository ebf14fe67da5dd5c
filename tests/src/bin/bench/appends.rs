//! Durable appends with version check and idempotency key, by 1, 8 and 64 callers at once.

use crate::Plan;
use crate::bare::{BareLog, BareRow, BareWriter};
use crate::logs::{self, rows, runtime, scratch};
use crate::measure::{Latencies, latencies, median_of};
use crate::report::{Report, Target};
use docket_core::names::{StreamKind, StreamVersion, TicketNumber};
use docket_core::store::sqlite::{CHECKPOINT_AT_LENGTHS, SqliteStore, WAL_PAGES};
use docket_core::store::{Append, CommandKey, EventStore, ExpectedVersion, Fact, StreamAppend};
use docket_tests::generator::conversation;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;

/// Callers, appends of each in a round, and the least share of the bare rate.
const LOADS: [(usize, usize, f64); 3] = [(1, 5_000, 0.8), (8, 2_500, 0.75), (64, 700, 0.65)];

/// Messages of a ticket: with its opening and assignment it has so many events and two more.
const MESSAGES: usize = 18;

/// What one caller sends in a round, one after the other; each event is a command of its own.
fn commands(round: usize, caller: usize, count: usize) -> Vec<(Fact, CommandKey)> {
    let mut commands = Vec::with_capacity(count);
    for ticket in 0.. {
        let number = TicketNumber((round * 1_000_000 + caller * 1_000 + ticket + 1) as u64);
        for fact in conversation(number.0, number, MESSAGES) {
            if !matches!(fact.stream.kind(), StreamKind::Ticket(_)) {
                continue;
            }
            if commands.len() == count {
                return commands;
            }
            let key = format!("{}", fact.event.correlation);
            let principal = "agent:ines".to_owned();
            let digest = format!("{:032x}", fact.event.id.0.as_u128());
            commands.push((fact, CommandKey { principal, key, digest }));
        }
    }
    commands
}

fn append(fact: Fact, version: u64, key: CommandKey) -> Append {
    let expected = ExpectedVersion::Exactly(StreamVersion(version));
    let stream = StreamAppend { stream: fact.stream, expected, events: vec![fact.event] };
    Append { command: Some(key), streams: vec![stream] }
}

/// All callers at once; each sends the next when the one before is answered.
async fn load<T: Send + 'static, F: Future<Output = ()> + Send>(
    work: Vec<Vec<T>>,
    send: impl Fn(T) -> F + Clone + Send + Sync + 'static,
) -> Latencies {
    let began = Instant::now();
    let callers: Vec<_> = work
        .into_iter()
        .map(|items| {
            let send = send.clone();
            tokio::spawn(async move {
                let mut each = Vec::with_capacity(items.len());
                for item in items {
                    let began = Instant::now();
                    send(item).await;
                    each.push(began.elapsed().as_nanos() as u64);
                }
                each
            })
        })
        .collect();
    let mut all = Vec::new();
    for caller in callers {
        all.extend(caller.await.unwrap());
    }
    Latencies::new(all, began.elapsed())
}

fn ours(runtime: &Runtime, store: &Arc<SqliteStore>, commands: Vec<Vec<(Fact, CommandKey)>>) -> Latencies {
    let work = commands
        .into_iter()
        .map(|commands| {
            let mut last = None;
            let mut version = 0;
            let append = |(fact, key): (Fact, CommandKey)| {
                if last.as_ref() != Some(&fact.stream) {
                    (last, version) = (Some(fact.stream.clone()), 0);
                }
                version += 1;
                append(fact, version - 1, key)
            };
            commands.into_iter().map(append).collect()
        })
        .collect();
    let store = store.clone();
    runtime.block_on(load(work, move |append| {
        let store = store.clone();
        async move { assert!(!store.append(append).await.unwrap().found) }
    }))
}

fn bare(runtime: &Runtime, writer: &BareWriter, rows: Vec<Vec<BareRow>>) -> Latencies {
    let writer = writer.clone();
    runtime.block_on(load(rows, move |row| {
        let writer = writer.clone();
        async move { writer.append(row).await }
    }))
}

/// How often a page can be put on the disk.
fn sync_rate(directory: &Path, report: &mut Report) {
    let file = std::fs::File::create(directory.join("sync")).unwrap();
    file.write_all_at(&vec![1; 16 << 20], 0).unwrap();
    file.sync_all().unwrap();
    let page = [2; 4096];
    let syncs = latencies(2_000, |index| {
        file.write_all_at(&page, (index as u64 % 4096) * 4096).unwrap();
        file.sync_data().unwrap();
    });
    report.plain("fdatasync of a page", syncs.per_second(), "/s", None);
    report.plain("fdatasync of a page, p99", syncs.percentile_ms(99.0), "ms", None);
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let (runtime, scratch) = (runtime(), scratch(&plan.directory));
    sync_rate(scratch.path(), report);
    let path = scratch.path().join("log.db");
    let store = Arc::new(logs::open(&path));
    let bare_log = BareLog::create(&scratch.path().join("bare.db"), &path, WAL_PAGES * CHECKPOINT_AT_LENGTHS);
    let writer = BareWriter::start(bare_log);
    let mut round = 0;
    for (callers, count, share) in LOADS {
        let (mut docket, mut limit) = (Vec::new(), Vec::new());
        // The first round of each warms up.
        for counted in std::iter::once(false).chain(std::iter::repeat_n(true, plan.rounds)) {
            round += 1;
            let all: Vec<_> = (0..callers).map(|caller| commands(round, caller, count)).collect();
            let pairs = |one: &[(Fact, CommandKey)]| rows(one.iter().map(|(fact, key)| (fact, Some(key))));
            let bare_rows = all.iter().map(|one| pairs(one)).collect();
            let limit_now = bare(&runtime, &writer, bare_rows);
            let docket_now = ours(&runtime, &store, all);
            if counted {
                docket.push(docket_now);
                limit.push(limit_now);
            }
        }
        let name = |what: &str| match callers {
            1 => format!("1 caller: {what}"),
            _ => format!("{callers} callers: {what}"),
        };
        let rate = |rounds: &[Latencies]| median_of(rounds, Latencies::per_second);
        let target = Some(Target::RatioAtLeast(share));
        report.beside(&name("appends"), rate(&docket), rate(&limit), "/s", target);
        for (percent, target) in [(50.0, None), (99.0, Some(Target::AtMost(10.0)))] {
            let at = |rounds: &[Latencies]| median_of(rounds, |round| round.percentile_ms(percent));
            report.beside(&name(&format!("p{percent:.0}")), at(&docket), at(&limit), "ms", target);
        }
    }
    store.close();
}
