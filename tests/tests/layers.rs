//! The walls between the layers, held by reading the sources (docs/ARCHITECTURE.md).
//!
//! A wall is an absence: "the domain does not know the store". Comments may name what the code may not.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

use std::fs;
use std::path::{Path, PathBuf};

/// A file of Rust, by its path from the root of the workspace.
struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source of the workspace, in the order of their paths.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut directories = vec![root()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                directories.push(path);
            } else if name.ends_with(".rs") {
                let relative = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                sources.push(Source { path: relative, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 50, "the sources are where they are looked for");
    sources
}

impl Source {
    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Sources that only tests run, beside what they test.
    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.is_in(&["tests/"])
    }

    /// The rules: all of the core but where it keeps, handles and times things, and makes things up for tests.
    fn is_domain(&self) -> bool {
        let impure = ["store", "handler", "clock", "strategies", "lib"];
        let inside = self.path.strip_prefix("core/src/");
        inside.is_some_and(|path| !impure.contains(&path.split(['/', '.']).next().unwrap_or_default()))
    }

    fn is_store(&self) -> bool {
        self.is_in(&["core/src/store.rs", "core/src/store/"])
    }

    /// The lines of code that name a thing, with their numbers.
    fn lines_naming(&self, word: &str) -> Vec<usize> {
        let lines = self.text.lines().zip(1..);
        let code = lines.filter(|(line, _)| !line.trim_start().starts_with("//"));
        code.filter(|(line, _)| names(line, word)).map(|(_, number)| number).collect()
    }
}

/// Whether a line has the word, and not as a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part))
}

/// No file of some kind names any of the words; `instead` tells whoever does how to go on.
#[track_caller]
fn assert_absent(what: &str, of: impl Fn(&Source) -> bool, words: &[&str], instead: &str) {
    let sources: Vec<Source> = sources().into_iter().filter(|source| of(source)).collect();
    assert!(!sources.is_empty(), "{what}: there are no such files any more, so the rule must be changed");
    let mut found = Vec::new();
    for source in &sources {
        for word in words {
            let lines = source.lines_naming(word);
            found.extend(lines.iter().map(|line| format!("  {}:{line} names {word}", source.path)));
        }
    }
    assert!(found.is_empty(), "{what}.\n{}\n{instead}", found.join("\n"));
}

#[test]
fn the_rules_know_no_machinery() {
    assert_absent(
        "The rules of core are pure: the same events and commands give the same outcome everywhere",
        Source::is_domain,
        &[
            "async",
            "await",
            "tokio",
            "tracing",
            "rusqlite",
            "SELECT",
            "INSERT INTO",
            "Utc::now",
            "SystemTime",
            "Instant",
            "rand",
            "now_v7",
            "new_v4",
            "RandomState",
            "std::env",
            "std::fs",
            "std::io",
            "std::thread",
        ],
        "Put what has to be looked up, timed or chosen into the command, and look it up in core/src/handler.rs.",
    );
}

#[test]
fn the_rules_do_not_know_where_they_are_kept_or_who_runs_them() {
    assert_absent(
        "The domain does not know the store or the handler",
        Source::is_domain,
        &["crate::store", "crate::handler", "crate::clock"],
        "Turn it round: core/src/handler.rs reads from the store and hands the domain what it needs.",
    );
}

#[test]
fn the_store_does_not_know_what_it_keeps() {
    assert_absent(
        "A store knows streams, versions and bytes, not what a ticket is",
        Source::is_store,
        &["crate::ticket", "crate::sla", "crate::agent", "crate::event", "crate::catalog", "crate::handler"],
        "Take what is stored as it comes in core/src/record.rs, and interpret it in whoever reads the record.",
    );
}

#[test]
fn only_the_store_and_the_read_models_speak_sql() {
    assert_absent(
        "SQLite is used by the store of the log and by the read models, and by nobody else",
        |source| {
            !source.is_test()
                && !source.is_in(&["core/src/store/sqlite", "core/src/store/operational", "projections/src/"])
        },
        &["rusqlite"],
        "Add a query to the read model that has the rows (projections/src), and call that.",
    );
}

#[test]
fn only_the_server_speaks_http() {
    assert_absent(
        "HTTP stays in the server",
        |source| !source.is_test() && !source.is_in(&["server/"]),
        &["axum", "hyper", "tower", "tower_http", "StatusCode"],
        "Return a value or an error of your own, and let server/src/problem.rs say what it is in HTTP.",
    );
}

#[test]
fn only_the_clock_asks_what_time_it_is() {
    assert_absent(
        "There is one clock, so that a test can set it",
        |source| !source.is_test() && source.path != "core/src/clock.rs",
        &["Utc::now", "Local::now", "SystemTime::now"],
        "Take a `Clock` (core/src/clock.rs) and ask that; for progress on a terminal `Instant` is fine.",
    );
}

#[test]
fn a_store_is_chosen_where_the_program_is_put_together() {
    let chosen_in = ["server/src/assembly.rs", "replay-tool/src/log.rs"];
    assert_absent(
        "Everybody takes a `dyn EventStore`; which one it is, only the assembly of a program says",
        move |source| {
            !source.is_test()
                && !source.is_in(&["core/src/store/memory", "core/src/store/sqlite"])
                && !chosen_in.contains(&source.path.as_str())
        },
        &["MemoryStore", "SqliteStore", "SqliteOptions"],
        "Take `Arc<dyn EventStore>`; if a new program needs a store, name its assembly file in this test.",
    );
}

#[test]
fn a_module_is_a_file_beside_its_directory() {
    let misplaced: Vec<String> =
        sources().into_iter().map(|source| source.path).filter(|path| path.ends_with("mod.rs")).collect();
    assert!(misplaced.is_empty(), "Name these foo.rs beside foo/, not foo/mod.rs: {misplaced:?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "Begin these with one line of purpose, `//! …`: {silent:?}");
}

/// The crates that a package is made of, or that its tests use.
fn dependencies(package: &str, for_tests: bool) -> Vec<String> {
    let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
    let mut inside = false;
    let mut crates = Vec::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section.ends_with("dependencies") && (section == "dev-dependencies") == for_tests;
        } else if let (true, Some((name, _))) = (inside, line.split_once(['.', ' ', '='])) {
            crates.push(name.to_owned());
        }
    }
    assert!(for_tests || crates.len() > 3, "the dependencies of {package} are where they are looked for");
    crates
}

#[test]
fn a_layer_depends_only_on_those_below_it() {
    for (package, below, in_tests) in [
        ("core", &[][..], &[][..]),
        ("projections", &["docket-core"], &[]),
        ("server", &["docket-core", "docket-projections"], &["docket-tests"]),
        ("replay-tool", &["docket-core", "docket-projections"], &["docket-tests"]),
    ] {
        for (for_tests, allowed) in [(false, below), (true, in_tests)] {
            let mut beside = dependencies(package, for_tests);
            beside.retain(|name| name.starts_with("docket-") && !allowed.contains(&name.as_str()));
            assert!(
                beside.is_empty(),
                "{package} may depend on {below:?}, and in its tests on {in_tests:?}. Move what it needs of \
                 {beside:?} down to where both can reach it."
            );
        }
    }
}

#[test]
fn a_layer_does_not_pull_in_what_belongs_to_another() {
    let outside = &["axum", "tower", "tower-http", "hyper", "askama", "clap"][..];
    for (package, foreign, whose) in [
        ("core", outside, "the server or the tool"),
        ("projections", outside, "the server or the tool"),
        ("server", &["rusqlite"], "the store and the read models"),
        ("replay-tool", &["rusqlite", "axum", "hyper"], "the layers below, or the server"),
    ] {
        let mut found = dependencies(package, false);
        found.retain(|name| foreign.contains(&name.as_str()));
        assert!(
            found.is_empty(),
            "{package} depends on {found:?}, which belongs to {whose}: ask those instead."
        );
    }
}
