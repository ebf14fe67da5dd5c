//! Damage is found and its place named, and never served as good.

use crate::support::{Place, TWO_TICKETS, plain};
use docket_core::actor::Actor;
use docket_core::event::Event;
use docket_core::names::{EventId, FileDigest, GlobalPosition, StreamName, TicketNumber};
use docket_core::personal::PersonalText;
use docket_core::record::{NewEvent, Origin};
use docket_core::store::data_dir::DataDir;
use docket_core::store::files::FileStore;
use docket_core::store::{Append, ExpectedVersion, StreamAppend};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::Attached;
use docket_core::time::Timestamp;
use docket_replay::log::Log;
use uuid::Uuid;

/// Changes a byte of the log's file where this text stands.
fn flip(place: &Place, text: &[u8]) {
    let path = place.data().join("log.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_sound_log_is_told_as_sound() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let report = place.run(&["verify", "--json"]).ends_with(0).json();
    assert_eq!(
        (&report["sound"], &report["events"], &report["streams"]),
        (&true.into(), &6.into(), &2.into())
    );
}

#[test]
fn a_byte_that_was_changed_is_found_and_its_position_named() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    flip(&place, b"\"type\":\"resolved\"");
    let report = place.run(&["verify", "--json"]).ends_with(1).json();
    assert_eq!((&report["sound"], &report["findings"][0]["position"]), (&false.into(), &4.into()));
    place.run(&["verify"]).ends_with(1).says("position 4:");
    place.run(&["export"]).ends_with(4).says("position 4");
    place.run(&["history", "1"]).ends_with(4).says("position 4");
    place.import(plain(&TWO_TICKETS)).ends_with(4).says("nothing was changed");
}

/// The directory of a process that was killed after it had committed the records of a place one by one.
fn killed(place: &Place) -> Place {
    let from = Log::to_read(&DataDir::at(place.data())).unwrap();
    let (process, left) = (Place::new(), Place::new());
    let writer = Log::to_write(&DataDir::at(process.data())).unwrap();
    for record in from.wait(from.store().read_all(GlobalPosition::START, 100)).unwrap() {
        writer.wait(writer.store().restore(vec![record])).unwrap();
    }
    std::fs::create_dir(left.data()).unwrap();
    for name in ["log.db", "log.db-wal"] {
        std::fs::copy(process.data().join(name), left.data().join(name)).unwrap();
    }
    left
}

#[test]
fn a_bit_that_flips_in_what_a_crash_left_is_found_before_anything_is_lost() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    killed(&place).run(&["verify"]).ends_with(0).says("6 events on 2 streams");

    let left = killed(&place);
    let wal = left.data().join("log.db-wal");
    let mut bytes = std::fs::read(&wal).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&wal, &bytes).unwrap();
    for command in [&["verify"][..], &["export"], &["rebuild"], &["stats"]] {
        left.run(command).ends_with(4).says("log.db-wal is damaged at byte 32, and");
    }
    assert!(std::fs::read(&wal).unwrap() == bytes, "it is left as it is");

    // What another process is writing at this moment may look like damage.
    let _lock = DataDir::at(left.data()).lock("docket-server").unwrap();
    left.run(&["verify"]).ends_with(0);
}

/// Puts an event into the log that names a file.
fn attach(place: &Place, digest: &FileDigest) {
    let log = Log::to_write(&DataDir::at(place.data())).unwrap();
    let attached = Attached {
        message: None,
        digest: digest.to_string(),
        name: PersonalText::Plain("a.png".into()),
        media_type: "image/png".into(),
        bytes: 3,
        internal: false,
    };
    let event = NewEvent {
        id: EventId(Uuid::now_v7()),
        event: Event::Ticket(TicketEvent::Attached(Box::new(attached))).encode(),
        occurred_at: Timestamp(0),
        actor: Actor::system("test"),
        correlation: Uuid::now_v7(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    let stream = StreamName::ticket(TicketNumber(1));
    let append = StreamAppend { stream, expected: ExpectedVersion::Any, events: vec![event] };
    log.wait(log.store().append(Append { command: None, streams: vec![append] })).unwrap();
}

#[test]
fn a_file_that_is_missing_or_altered_is_found_and_the_event_named_that_names_it() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let files = FileStore::at(DataDir::at(place.data()).attachments());
    files.open().unwrap();
    let mut incoming = files.begin().unwrap();
    incoming.write(b"abc").unwrap();
    let whole = incoming.finish().unwrap();
    files.keep(&whole).unwrap();
    attach(&place, &whole.digest);
    let report = place.run(&["verify", "--json"]).ends_with(0).json();
    assert_eq!((&report["sound"], &report["files"]), (&true.into(), &1.into()));
    let path = place.data().join("attachments").join(&whole.digest.as_str()[..2]).join(whole.digest.as_str());
    std::fs::write(&path, "abd").unwrap();
    let report = place.run(&["verify", "--json"]).ends_with(1).json();
    let found = &report["findings"][0];
    assert_eq!((&found["position"], &found["kind"]), (&7.into(), &"file_altered".into()));
    place.run(&["verify"]).ends_with(1).says("is not what it was");
    std::fs::remove_file(&path).unwrap();
    let report = place.run(&["verify", "--json"]).ends_with(1).json();
    assert_eq!(report["findings"][0]["kind"], "file_missing");
    place.run(&["verify", "--lang", "es"]).ends_with(1).says("falta el archivo adjunto");
}
