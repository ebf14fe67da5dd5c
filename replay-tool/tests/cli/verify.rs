//! Damage is found and its place named, and never served as good.

use crate::support::{Place, TWO_TICKETS, plain};

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
