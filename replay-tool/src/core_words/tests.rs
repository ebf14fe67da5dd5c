//! In English each error says what the layer below says itself, and in Spanish something else.

use super::*;
use crate::language::Language;
use docket_core::names::{EventId, GlobalPosition, Slug, StreamName, StreamVersion, TicketNumber};
use docket_core::record::StoredRecord;
use docket_core::store::data_dir::Holder;
use docket_core::time::Timestamp;
use std::error::Error;
use std::io;

#[track_caller]
fn check<E: Error>(error: E, told: fn(&E, &'static Texts) -> String) {
    let whole = match error.source() {
        // Only those errors leave their cause out of their own words.
        Some(cause) if !error.to_string().contains(&cause.to_string()) => format!("{error}: {cause}"),
        _ => error.to_string(),
    };
    assert_eq!(told(&error, Texts::english()), whole);
    assert_ne!(told(&error, Texts::of(Language::Spanish)), whole);
}

fn io_error() -> io::Error {
    io::Error::other("no")
}

#[test]
fn the_data_directory() {
    let path = || "/data".into();
    let holder = |address| Holder { program: "docket-server".into(), pid: 7, address };
    check(DataDirError::Empty { path: path() }, data_dir);
    check(DataDirError::InUse { path: path(), holder: holder(None) }, data_dir);
    check(DataDirError::InUse { path: path(), holder: holder(Some("127.0.0.1:1".into())) }, data_dir);
    let unknown = Holder { program: "another process".into(), pid: 0, address: None };
    check(DataDirError::InUse { path: path(), holder: unknown }, data_dir);
    check(DataDirError::Io { path: path(), source: io_error() }, data_dir);
}

#[test]
fn opening_a_log() {
    let path = || "/data/log.db".to_owned();
    check(OpenError::SqliteTooOld { found: "3.0" }, open);
    check(OpenError::NotALog { path: path() }, open);
    check(OpenError::NewerFormat { path: path(), found: 99 }, open);
    check(OpenError::Damaged { position: 3, what: "the record is missing".into() }, open);
    for commits in [1, 2] {
        check(OpenError::DamagedWal { path: path(), offset: 32, commits }, open);
    }
    check(OpenError::Unreadable { path: path(), source: io_error() }, open);
    check(OpenError::ReadOnly { path: path() }, open);
    check(OpenError::HeldBack { path: path() }, open);
    check(OpenError::Setting { setting: "synchronous" }, open);
}

#[test]
fn reading_and_appending() {
    let (position, stream) = (GlobalPosition(3), StreamName::ticket(TicketNumber(1)));
    check(ReadError::Damaged { position, what: "unheard of".into() }, read);
    check(ReadError::Unavailable { why: "no".into() }, read);
    let (expected, actual) = (StreamVersion(1), StreamVersion(2));
    check(AppendError::Conflict { stream, expected, actual }, append);
    check(AppendError::KeyReused { position }, append);
    check(AppendError::IdReused { id: EventId::deterministic("x"), position }, append);
    check(AppendError::Limit { what: "an append", max: 1, is: 2 }, append);
    check(AppendError::Busy, append);
    check(AppendError::StorageFull, append);
    check(AppendError::OutcomeUnknown, append);
    check(AppendError::Closed { why: "no".into() }, append);
}

#[test]
fn names_and_times() {
    for text in ["", "A", &"a".repeat(65)] {
        check(Slug::new(text).unwrap_err(), name);
    }
    check(StreamName::new("a\n").unwrap_err(), name);
    check(Timestamp::parse_rfc3339("soon").unwrap_err(), time);
    check(TimeError::Range, time);
}

#[test]
fn records_and_events() {
    let position = GlobalPosition(3);
    let bytes = b"{}".to_vec();
    check(StoredRecord { position, hash: Default::default(), bytes }.decode().unwrap_err(), record);
    check(RecordError::Position { position, claimed: GlobalPosition(4) }, record);
    check(DecodeError::UnknownType { name: "ticket.mood".into() }, event);
    check(DecodeError::UnknownSchema { name: "ticket.opened".into(), schema: 9 }, event);
    let source = serde_json::from_str::<u8>("x").unwrap_err();
    check(DecodeError::Data { name: "ticket.opened".into(), source }, event);
    check(HistoryError::Gap(StreamVersion(3)), history);
}

#[test]
fn read_models() {
    check(FileError::OtherProjector { found: "x".into() }, file);
    check(FileError::Damaged("it is no read model".into()), file);
    check(FileError::Io { path: "/data".into(), source: io_error() }, file);
    check(RebuildError::Apply(ApplyError::Held { position: GlobalPosition(3), why: "no".into() }), rebuild);
    check(RebuildError::Mismatch, rebuild);
    check(RebuildError::Stopped, rebuild);
}

/// The sources of the layers below, which word what arrives as text.
fn sources() -> String {
    let files = [
        "core/src/store/check.rs",
        "core/src/store/data_dir.rs",
        "core/src/store/sqlite/reader.rs",
        "core/src/names.rs",
        "projections/src/read_model/check.rs",
        "projections/src/read_model/file.rs",
        "replay-tool/src/log.rs",
        "replay-tool/src/out.rs",
    ];
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    files.map(|file| std::fs::read_to_string(workspace.join(file)).unwrap()).concat()
}

#[test]
fn what_arrives_as_text_is_worded_below_as_it_is_known_here() {
    let (rust, spanish) = (sources(), Texts::of(Language::Spanish));
    for fixed in FIXED {
        let words = fixed(Texts::english());
        let made_here = words.starts_with("14567");
        assert!(made_here || rust.contains(words), "{words}");
        assert_ne!(known(words, spanish), words);
    }
    for around in AROUND_A_VALUE {
        let words = around(Texts::english(), VALUE);
        let (before, after) = words.split_once(VALUE).unwrap();
        assert!(rust.contains(before) && rust.contains(after), "{before}…{after}");
        assert_eq!(known(&around(Texts::english(), "7"), spanish), around(spanish, "7"));
    }
    assert_eq!(known("unheard of", spanish), "unheard of");
}
