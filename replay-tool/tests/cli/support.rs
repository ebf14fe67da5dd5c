//! A data directory of its own for each test, and the program as a function.

use docket_replay::out::{Captured, Out};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// What the program said and with which code it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    pub(crate) text: String,
    pub(crate) notes: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends_with(self, code: u8) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.text, self.notes);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.text.contains(words) || self.notes.contains(words),
            "{words}\n{}\n{}",
            self.text,
            self.notes
        );
        self
    }
}

/// A place for files, removed with the test.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The data directory that [`Place::run`] uses.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn gzip(&self, name: &str, text: &[u8], keep: impl FnOnce(usize) -> usize) -> PathBuf {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        let bytes = encoder.finish().unwrap();
        let keep = keep(bytes.len());
        self.file(name, &bytes[..keep])
    }

    /// Runs the program on this place's data directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run_on(&self.data(), arguments)
    }

    /// Imports text as a plain log.
    pub(crate) fn import(&self, text: impl AsRef<[u8]>) -> Ran {
        let file = self.file("log.csv", text);
        self.run(&["import", "--mapping", "plain", file.to_str().unwrap(), "--json"])
    }

    /// The records of the log as JSON.
    pub(crate) fn records(&self) -> Vec<Value> {
        records(&self.data())
    }

    /// The records without what says when they were taken over.
    pub(crate) fn facts(&self) -> Vec<Value> {
        let mut records = self.records();
        for record in &mut records {
            record.as_object_mut().unwrap().remove("recorded_at");
        }
        records
    }
}

/// Runs the program on a data directory.
pub(crate) fn run_on(data: &Path, arguments: &[&str]) -> Ran {
    let (mut out, captured): (Out, Captured) = Out::captured();
    let data = ["--data".into(), data.as_os_str().to_owned()];
    let words = arguments.iter().map(OsString::from);
    let code =
        docket_replay::run_to_code(["docket-replay".into()].into_iter().chain(words).chain(data), &mut out);
    Ran { code, text: captured.text(), notes: captured.notes() }
}

/// The records of a log as JSON.
pub(crate) fn records(data: &Path) -> Vec<Value> {
    let exported = run_on(data, &["export"]).ends_with(0);
    exported.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file of the sample data.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/servicenow-incidents").join(name)
}

/// The text of a compressed file of the sample data.
pub(crate) fn sample_text(name: &str) -> String {
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(sample(name)).unwrap());
    std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
    text
}

/// A place with the sample's plain log. It is imported once; each place has a copy of its own.
pub(crate) fn with_sample() -> Place {
    static IMPORTED: OnceLock<Place> = OnceLock::new();
    copy_of(IMPORTED.get_or_init(|| imported("plain", "events.csv.gz")))
}

/// A place with the sample's snapshot log, likewise.
pub(crate) fn with_sample_of_snapshots() -> Place {
    static IMPORTED: OnceLock<Place> = OnceLock::new();
    copy_of(IMPORTED.get_or_init(|| imported("servicenow", "incident_event_log.csv.gz")))
}

fn imported(mapping: &str, file: &str) -> Place {
    let place = Place::new();
    place.run(&["import", "--mapping", mapping, sample(file).to_str().unwrap()]).ends_with(0);
    place
}

fn copy_of(original: &Place) -> Place {
    let place = Place::new();
    copy(&original.data(), &place.data());
    place
}

/// Copies a directory with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// Every file in a directory and below, by its name in it.
pub(crate) fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The header of a plain log.
pub(crate) const HEADER: &str = "ticket_id,seq,at,type,actor,from,to,src_row\n";

/// A plain log of these rows.
pub(crate) fn plain(rows: &[&str]) -> String {
    rows.iter().fold(HEADER.to_owned(), |log, row| log + row + "\n")
}

/// The life of two tickets, interleaved.
pub(crate) const TWO_TICKETS: [&str; 6] = [
    "A,0,2026-01-05T09:00:00Z,created,ana,,new,1",
    "A,1,2026-01-05T09:05:00Z,assigned,ines,,ines,2",
    "B,0,2026-01-05T09:05:00Z,created,,,new,3",
    "A,2,2026-01-05T10:00:00Z,resolved,ines,new,resolved,4",
    "B,1,2026-01-05T08:00:00Z,agent_reply,ines,,,5",
    "A,3,2026-01-06T10:00:00Z,reopened,ana,resolved,open,6",
];
