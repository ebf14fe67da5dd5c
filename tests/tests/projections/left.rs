//! Read models that were made from a log and then left alone, to see what becomes of their files.

use super::oracle::{contents, expected};
use super::support::{PATIENCE, append, empty_log, events, facts, runtime, start, wait_for_all};
use docket_core::names::GlobalPosition;
use docket_core::store::memory::MemoryStore;
use docket_projections::registry::all;
use docket_projections::runner::{Projections, Status};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The files of a read model in a directory, without the manifest.
pub(crate) fn database(directory: &Path, name: &str) -> PathBuf {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        file.starts_with(&format!("{name}-")) && file.ends_with(".db")
    };
    let mut found: Vec<PathBuf> = files.filter(is_it).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A log with read models that were made from it and then left alone.
pub(crate) struct Left {
    pub(crate) runtime: Runtime,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) store: Arc<MemoryStore>,
}

impl Left {
    pub(crate) fn after(seed: u64, events: usize) -> Self {
        let left = Self { runtime: runtime(), directory: tempfile::tempdir().unwrap(), store: empty_log() };
        let head = append(&left.runtime, left.store.as_ref(), facts(seed, events));
        wait_for_all(&left.runtime, &left.start(), head);
        left
    }

    pub(crate) fn start(&self) -> Projections {
        start(&self.runtime, self.directory.path(), &self.store)
    }

    /// The same files in another directory, so that each damage is done to sound ones.
    pub(crate) fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(self.directory.path()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        copy
    }

    /// The read models hold what the log says, as they stand.
    #[track_caller]
    pub(crate) fn check_rows(&self, projections: &Projections) {
        let log = events(&self.runtime, self.store.as_ref());
        let head = GlobalPosition(log.len() as u64);
        for definition in all() {
            let expected = expected(definition.name, &log, head);
            projections.query(definition.name, contents).unwrap().check(&expected, definition.name);
        }
    }

    /// All read models end up as the log says, whatever was done to their files.
    #[track_caller]
    pub(crate) fn check(&self, projections: &Projections, context: &str) {
        let log = events(&self.runtime, self.store.as_ref());
        let head = GlobalPosition(log.len() as u64);
        for definition in all() {
            let mut watch = projections.watch(definition.name).unwrap();
            wait_until(&self.runtime, &mut watch, |status| status.checked && status.position() == head);
            let expected = expected(definition.name, &log, head);
            let context = format!("{context}: {}", definition.name);
            let mut found = projections.query(definition.name, contents).unwrap();
            // No hash covers what persons wrote: it can be erased, and rebuilt it is what is left of it.
            for (key, (_, _, personal)) in &mut found.rows {
                assert_eq!(personal.is_some(), expected.rows[key].2.is_some(), "{context}");
                personal.clone_from(&expected.rows[key].2);
            }
            found.check(&expected, &context);
        }
    }
}

#[track_caller]
pub(crate) fn wait_until(
    runtime: &Runtime,
    watch: &mut tokio::sync::watch::Receiver<Status>,
    reached: impl FnMut(&Status) -> bool,
) {
    let waiting = async { tokio::time::timeout(PATIENCE, watch.wait_for(reached)).await.map(drop) };
    runtime.block_on(waiting).expect("it never got there");
}
