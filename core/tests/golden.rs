//! Golden records: what was stored once is read for ever, and read means understood.
//!
//! Each file in `golden/` holds the stored bytes of one record, without a line break at the end, so that
//! `sha256sum -c HASHES` checks them from outside. A file is never changed; `golden/samples.rs` says how to
//! add one.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

#[path = "golden/docs.rs"]
mod docs;
#[path = "golden/json.rs"]
mod json;
#[path = "golden/samples.rs"]
mod samples;

use docket_core::event::{CONTRACT, DecodeError, Event, PERSONAL_FIELDS};
use docket_core::names::GlobalPosition;
use docket_core::record::{self, RecordedEvent, StoredRecord};
use json::{Fields, replaced, texts, with_an_unknown_field};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

/// Set to 1 to write samples that have no file yet.
const ADD: &str = "DOCKET_ADD_GOLDEN_SAMPLES";

/// A file, and what its name says.
struct Golden {
    file: String,
    name: String,
    schema: u16,
    bytes: Vec<u8>,
}

impl Golden {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    fn field(&self, name: &str) -> String {
        Fields::of(self.text()).get(name).to_owned()
    }

    fn is_of_today(&self) -> bool {
        CONTRACT.contains(&(self.name.as_str(), self.schema))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Every file, in the order of names.
fn golden() -> Vec<Golden> {
    static ADDED: Once = Once::new();
    ADDED.call_once(|| {
        if std::env::var_os(ADD).is_some_and(|value| value == "1") {
            add_missing();
        }
    });
    let mut files: Vec<Golden> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            let (name, rest) = file.trim_end_matches(".json").split_once(".v").expect("<name>.v<schema>");
            let schema = rest.split('-').next().unwrap().parse().expect("a number after .v");
            Golden { name: name.to_owned(), schema, bytes: fs::read(&path).unwrap(), file }
        })
        .collect();
    files.sort_by(|one, other| one.file.cmp(&other.file));
    files
}

/// Writes the files that are not there yet, and adds their hashes to the list.
fn add_missing() {
    let known = fs::read_to_string(folder().join("HASHES")).unwrap_or_default();
    let mut hashes: BTreeMap<String, String> = known
        .lines()
        .map(|line| (line.split_once("  ").unwrap().1.to_owned(), format!("{line}\n")))
        .collect();
    for (file, bytes) in samples::today() {
        if !folder().join(&file).exists() {
            fs::write(folder().join(&file), &bytes).unwrap();
            hashes.insert(file.clone(), hash_line(&file, &bytes));
        }
    }
    fs::write(folder().join("HASHES"), Vec::from_iter(hashes.into_values()).concat()).unwrap();
}

fn stored(bytes: &[u8]) -> StoredRecord {
    let position = serde_json::from_slice::<Value>(bytes).unwrap()["position"].as_u64().unwrap();
    StoredRecord { position: GlobalPosition(position), bytes: bytes.to_vec(), hash: record::hash(bytes) }
}

fn hash_line(file: &str, bytes: &[u8]) -> String {
    let hash = record::hash(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    format!("{hash}  {file}\n")
}

/// Whether a whole record is read, its event too.
fn is_read(json: &str) -> bool {
    serde_json::from_str::<RecordedEvent<'_>>(json).is_ok_and(|record| record.event().is_ok())
}

#[test]
fn every_golden_record_is_read_and_written_back_byte_for_byte() {
    for golden in golden() {
        let stored = stored(&golden.bytes);
        let record = stored.decode().unwrap_or_else(|error| panic!("{}: {error:?}", golden.file));
        assert_eq!((&*record.name, record.schema), (golden.name.as_str(), golden.schema), "{}", golden.file);
        assert_eq!(String::from_utf8(record.encode()).unwrap(), golden.text(), "{}", golden.file);
        let event = record.event().unwrap_or_else(|error| panic!("{}: {error:?}", golden.file));
        let encoded = event.encode();
        assert_eq!(encoded.name, golden.name);
        if golden.is_of_today() {
            assert_eq!((encoded.schema, encoded.data.as_str()), (golden.schema, record.data.get()));
        }
    }
}

#[test]
fn no_golden_record_was_changed_added_or_lost_unnoticed() {
    let files: String = golden().iter().map(|golden| hash_line(&golden.file, &golden.bytes)).collect();
    let hashes = fs::read_to_string(folder().join("HASHES")).unwrap();
    assert_eq!(hashes, files, "HASHES against the files; a golden file is never changed");
}

#[test]
fn every_event_has_a_golden_record_of_each_of_its_schema_versions() {
    let there: BTreeSet<_> = golden().into_iter().map(|golden| (golden.name, golden.schema)).collect();
    let wanted =
        CONTRACT.iter().flat_map(|(name, today)| (1..=*today).map(|schema| (name.to_string(), schema)));
    assert_eq!(there, wanted.collect());
}

#[test]
fn what_is_written_today_is_what_the_golden_records_hold() {
    let today: BTreeMap<_, _> = samples::today().into_iter().collect();
    let golden: BTreeMap<_, _> =
        golden().into_iter().filter(Golden::is_of_today).map(|golden| (golden.file, golden.bytes)).collect();
    for (file, bytes) in &today {
        let Some(golden) = golden.get(file) else { panic!("{file} is not there; set {ADD}=1 to write it") };
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(golden), "{file}");
    }
    let orphans: Vec<_> = golden.keys().filter(|file| !today.contains_key(*file)).collect();
    assert!(orphans.is_empty(), "no sample writes {orphans:?}");
}

#[test]
fn every_stored_word_stands_in_a_golden_record() {
    let all: String = golden().iter().map(|golden| golden.text().to_owned() + "\n").collect();
    let words: [(&str, &[&str]); 11] = [
        ("role", &["customer", "agent", "supervisor", "auditor", "analyst", "admin", "system", "unknown"]),
        ("origin", &["decided", "import"]),
        ("channel", &["api", "portal", "web", "phone", "email", "import"]),
        ("language", &["en", "es"]),
        ("priority", &["urgent", "high", "normal", "low"]),
        ("cause", &["customer_reply", "staff", "unknown"]),
        ("to", &["urgent", "high", "low"]),
        ("target", &["first_response"]),
        ("from", &["online", "away", "offline"]),
        ("to", &["online", "away", "transfers_only"]),
        ("reason", &["wished", "gone", "failing", "dead_letters"]),
    ];
    for (field, values) in words {
        for value in values {
            assert!(all.contains(&format!("\"{field}\":\"{value}\"")), "{field} {value}");
        }
    }
    assert!(all.contains(r#""to":{"team":"#) && all.contains(r#""to":{"supervisor":"#));
}

#[test]
fn personal_text_is_marked_and_is_read_in_sealed_form_too() {
    let sealed = json!({ "key": "person-7", "nonce": "00", "sealed": "ff" });
    let mut personal = BTreeSet::new();
    for golden in golden().iter().filter(|golden| golden.is_of_today()) {
        let data: Value = serde_json::from_str(&golden.field("data")).unwrap();
        for path in texts(&data) {
            let data = replaced(data.clone(), &path, sealed.clone()).to_string();
            if let Ok(event) = Event::decode(&golden.name, golden.schema, &data) {
                let again = event.encode();
                assert!(again.data.contains(r#"{"key":"person-7","nonce":"00","sealed":"ff"}"#));
                assert_eq!(Event::decode(again.name, again.schema, &again.data).unwrap(), event);
                // The names of fields of the business's own are the business's.
                let path = match path.split_once("custom.") {
                    Some((before, _)) => format!("{before}custom.*"),
                    None => path,
                };
                personal.insert((golden.name.clone(), path));
            }
        }
    }
    let marked = PERSONAL_FIELDS.iter().map(|(name, path, _)| (name.to_string(), path.to_string()));
    assert_eq!(personal, marked.collect());
}

#[test]
fn a_sealed_text_with_another_shape_is_refused() {
    let golden = golden().into_iter().find(|golden| golden.file == "ticket.replied.v1.json").unwrap();
    let data: Value = serde_json::from_str(&golden.field("data")).unwrap();
    for odd in [
        json!({}),
        json!({ "key": "a", "nonce": "00" }),
        json!({ "key": "a", "nonce": "00", "sealed": "ff", "plain": "secret" }),
        json!({ "key": "a", "nonce": "00", "sealed": 7 }),
        json!(["a", "00", "ff"]),
        json!(7),
        json!(true),
    ] {
        let data = replaced(data.clone(), "body", odd).to_string();
        let error = Event::decode("ticket.replied", 1, &data).unwrap_err();
        assert!(matches!(error, DecodeError::Data { .. }), "{data}");
    }
}

#[test]
fn an_unknown_type_and_a_newer_schema_are_told_from_data_that_cannot_be_read() {
    for golden in golden() {
        let data = golden.field("data");
        let newer = CONTRACT.iter().find(|(name, _)| *name == golden.name).unwrap().1 + 1;
        for schema in [newer, u16::MAX, 0] {
            let error = Event::decode(&golden.name, schema, &data).unwrap_err();
            assert!(matches!(&error, DecodeError::UnknownSchema { schema: told, .. } if *told == schema));
            assert!(error.is_from_newer_release());
        }
        for name in [format!("{}_", golden.name), golden.name.to_uppercase(), String::new()] {
            let error = Event::decode(&name, golden.schema, &data).unwrap_err();
            assert!(matches!(&error, DecodeError::UnknownType { name: told } if *told == name));
            assert!(error.is_from_newer_release());
        }
        for data in ["", "null", "7", "\"text\"", "{", "{}x", &data[..data.len() - 1]] {
            let error = Event::decode(&golden.name, golden.schema, data).unwrap_err();
            assert!(matches!(&error, DecodeError::Data { name, .. } if *name == golden.name), "{data}");
            assert!(!error.is_from_newer_release());
        }
    }
}

#[test]
fn an_unknown_field_is_refused_wherever_it_stands() {
    for golden in golden() {
        let variants = with_an_unknown_field(golden.text());
        assert!(variants.len() >= 3, "the record, its actor and its data");
        for variant in variants {
            assert!(!is_read(&variant), "{variant}");
        }
    }
}

#[test]
fn a_field_that_is_given_twice_is_refused() {
    for golden in golden() {
        let record = Fields::of(golden.text());
        for index in 0..record.0.len() {
            let variant = record.with_twice(index);
            let twice = StoredRecord { bytes: variant.clone().into_bytes(), ..stored(&golden.bytes) };
            assert!(twice.decode().is_err(), "{variant}");
        }
        for outer in ["data", "actor", "source", "command"] {
            let Some((_, inner)) = record.0.iter().find(|(name, _)| name == outer) else { continue };
            let fields = Fields::of(inner);
            for index in 0..fields.0.len() {
                let variant = golden.text().replacen(inner.as_str(), &fields.with_twice(index), 1);
                assert!(!is_read(&variant), "{variant}");
            }
        }
    }
}

#[test]
fn a_record_without_one_of_its_fields_is_refused() {
    let optional = ["causation", "source", "command"];
    for golden in golden() {
        let record = Fields::of(golden.text());
        for (index, name) in record.names().into_iter().enumerate() {
            let bytes = record.without(index).into_bytes();
            let read = StoredRecord { bytes, ..stored(&golden.bytes) }.decode().is_ok();
            assert_eq!(read, optional.contains(&name), "{} without {name}", golden.file);
        }
    }
}

#[test]
fn a_word_or_number_that_is_not_known_is_refused() {
    let swap = |file: &str, from: &str, to: &str| {
        let golden = golden().into_iter().find(|golden| golden.file == file).unwrap();
        assert!(golden.text().contains(from), "{file} {from}");
        golden.text().replacen(from, to, 1)
    };
    for variant in [
        swap("ticket.opened.v1.json", r#""channel":"portal""#, r#""channel":"Portal""#),
        swap("ticket.opened.v1.json", r#""language":"es""#, r#""language":"pt""#),
        swap("ticket.opened.v1.json", r#""category":"account""#, r#""category":"Account""#),
        swap("ticket.opened.v1.json", r#""follows":3"#, r#""follows":-3"#),
        swap("ticket.opened.v1.json", r#""follows":3"#, r#""follows":3.0"#),
        swap("ticket.assigned.v1.json", r#""to":"ines""#, r#""to":"""#),
        swap("ticket.assigned.v1.json", r#""to":"ines""#, r#""to":"\ud800""#),
        swap("ticket.escalated.v1.json", r#""to":{"team":"billing"}"#, r#""to":{"queue":"billing"}"#),
        swap("ticket.escalated.v1.json", r#""to":{"team":"billing"}"#, r#""to":"billing""#),
        swap("ticket.resolved.v1.json", r#""survey":true"#, r#""survey":"true""#),
        swap("ticket.reopened.v1.json", r#""cycle":2"#, r#""cycle":4294967296"#),
        swap("sla.breached.v1.json", r#""due_at":1795339800000"#, r#""due_at":"2026-11-22""#),
        swap("ticket.assigned.v1.json", r#""role":"agent""#, r#""role":"root""#),
        swap("ticket.assigned.v1.json", r#""origin":"decided""#, r#""origin":"guessed""#),
        swap("ticket.assigned.v1.json", r#""schema":1"#, r#""schema":65536"#),
    ] {
        assert!(!is_read(&variant), "{variant}");
    }
}
