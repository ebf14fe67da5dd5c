//! Whatever is asked of them in whatever order, the store in memory and the one on disk answer the same.

use docket_core::clock::ManualClock;
use docket_core::names::{GlobalPosition, StreamVersion};
use docket_core::store::memory::MemoryStore;
use docket_core::store::sqlite::{SqliteOptions, SqliteStore};
use docket_core::store::{Append, CommandKey, EventStore, ExpectedVersion, Fact, StreamAppend};
use docket_core::time::DurationMs;
use docket_tests::store_conformance::samples::{self, NOON, at, id, key, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::sync::Arc;

/// What is asked of a store. The names to choose from are few, so that the same ones come up again.
#[derive(Clone, Debug)]
enum Step {
    Append(Append),
    Facts(Vec<Fact>),
    Restore { after: usize, count: usize, shift: u64 },
    FindCommand(CommandKey),
    PositionOf(String),
    Read { after: u64, limit: usize },
    Clock(i64),
    Reopen,
}

fn text() -> impl Strategy<Value = String> {
    "[a-l]"
}

fn name() -> impl Strategy<Value = String> {
    "ticket-[1-3]"
}

fn command_key() -> impl Strategy<Value = CommandKey> {
    ("[kl]", "body [12]").prop_map(|(chosen, body)| key(&chosen, &body))
}

fn expected() -> impl Strategy<Value = ExpectedVersion> {
    prop_oneof![Just(ExpectedVersion::Any), (0..6u64).prop_map(at)]
}

fn part() -> impl Strategy<Value = StreamAppend> {
    (name(), expected(), vec(text(), 0..3)).prop_map(|(name, expected, texts)| {
        samples::to(&name, expected, &texts.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

fn step() -> impl Strategy<Value = Step> {
    let append = (proptest::option::of(command_key()), vec(part(), 0..4))
        .prop_map(|(command, streams)| Step::Append(Append { command, streams }));
    let fact = (name(), text()).prop_map(|(name, text)| samples::fact(&name, &text));
    prop_oneof![
        12 => append,
        3 => vec(fact, 0..4).prop_map(Step::Facts),
        2 => (0..8usize, 0..4usize, 0..3u64)
            .prop_map(|(after, count, shift)| Step::Restore { after, count, shift }),
        2 => command_key().prop_map(Step::FindCommand),
        2 => text().prop_map(Step::PositionOf),
        2 => (0..12u64, 0..5usize).prop_map(|(after, limit)| Step::Read { after, limit }),
        2 => (-9..9i64).prop_map(Step::Clock),
        2 => Just(Step::Reopen),
    ]
}

/// The same clock, one store of each kind, and another log to restore from.
struct Both {
    clock: ManualClock,
    memory: MemoryStore,
    sqlite: SqliteStore,
    other: MemoryStore,
}

impl Both {
    async fn new(file: &Path) -> Self {
        let clock = ManualClock::at(NOON);
        let memory = || MemoryStore::new(Arc::new(clock.clone()));
        let other = memory();
        for (number, text) in (0..).zip(["a", "b", "x", "y", "z"]) {
            let append = samples::one(&format!("ticket-{}", 1 + number % 2), samples::ANY, text);
            other.append(append).await.unwrap();
        }
        Self { memory: memory(), sqlite: open(file, &clock), other, clock }
    }

    async fn ask(&mut self, step: &Step, file: &Path) -> Result<(), TestCaseError> {
        let (memory, sqlite) = (&self.memory, &self.sqlite);
        match step {
            Step::Append(append) => {
                same(memory.append(append.clone()).await, sqlite.append(append.clone()).await)?;
            }
            Step::Facts(facts) => {
                same(memory.append_facts(facts.clone()).await, sqlite.append_facts(facts.clone()).await)?;
            }
            Step::Restore { after, count, shift } => {
                let mut records = self.other.read_all(GlobalPosition(*after as u64), *count).await.unwrap();
                for record in &mut records {
                    record.position.0 += shift;
                }
                same(memory.restore(records.clone()).await, sqlite.restore(records).await)?;
            }
            Step::FindCommand(key) => {
                same(memory.find_command(key).await, sqlite.find_command(key).await)?;
            }
            Step::PositionOf(text) => {
                same(memory.position_of(id(text)).await, sqlite.position_of(id(text)).await)?;
            }
            Step::Read { after, limit } => {
                let after = GlobalPosition(*after);
                same(memory.read_all(after, *limit).await, sqlite.read_all(after, *limit).await)?;
            }
            Step::Clock(ms) => self.clock.set(NOON.plus(DurationMs(*ms))),
            Step::Reopen => {
                self.sqlite.close();
                self.sqlite = open(file, &self.clock);
            }
        }
        let (memory, sqlite) = (self.memory.head(), self.sqlite.head());
        same(*memory.borrow(), *sqlite.borrow())
    }

    /// Byte for byte, since both take their time from the same clock.
    async fn compare_logs(&self) -> Result<(), TestCaseError> {
        same(samples::log(&self.memory).await, samples::log(&self.sqlite).await)?;
        for name in ["ticket-1", "ticket-2", "ticket-3"] {
            let after = StreamVersion(1);
            let memory = self.memory.read_stream(&stream(name), after, 100).await;
            same(memory, self.sqlite.read_stream(&stream(name), after, 100).await)?;
        }
        same(samples::verified(&self.memory).await, samples::verified(&self.sqlite).await)
    }
}

fn open(file: &Path, clock: &ManualClock) -> SqliteStore {
    SqliteOptions::new(file).wal_pages(16).open(Arc::new(clock.clone())).unwrap()
}

fn same<T: PartialEq + Debug>(memory: T, sqlite: T) -> Result<(), TestCaseError> {
    prop_assert_eq!(memory, sqlite);
    Ok(())
}

/// A failing run shows its seed, which `PROPTEST_RNG_SEED` takes to run it again.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(RandomState::new().build_hasher().finish());
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn memory_and_sqlite_answer_the_same(steps in vec(step(), 1..30)) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("log.db");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut both = Both::new(&file).await;
            for step in &steps {
                both.ask(step, &file).await?;
            }
            both.compare_logs().await
        })?;
    }
}
