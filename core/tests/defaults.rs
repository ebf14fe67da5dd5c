//! What Docket ships with is version 1 for ever: each catalogue against the file that holds it since its first release.
//!
//! A state begins with these, so a change would rewrite what was. To say something else, publish a version.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

use docket_core::settings::{
    Catalogue, Closing, EscalationReason, IntakeCategory, ResolutionCategory, Routing, Schedule, SlaPolicy,
    Team, Template,
};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Set to 1 to write the file of a catalogue that has none yet.
const ADD: &str = "DOCKET_ADD_GOLDEN_SAMPLES";

fn check<C: Catalogue>() {
    let shipped =
        C::defaults().into_iter().map(|(slug, content)| json!({ "slug": slug, "content": content }));
    let shipped = Value::from_iter(shipped);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/defaults");
    let file = folder.join(format!("{}.json", C::NAME.as_str()));
    if !file.exists() && std::env::var_os(ADD).is_some_and(|value| value == "1") {
        fs::write(&file, serde_json::to_string_pretty(&shipped).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(shipped, kept, "{}: what is shipped never changes", file.display());
}

#[test]
fn what_docket_ships_with_never_changes() {
    check::<Team>();
    check::<IntakeCategory>();
    check::<ResolutionCategory>();
    check::<EscalationReason>();
    check::<Template>();
    check::<Routing>();
    check::<SlaPolicy>();
    check::<Schedule>();
    check::<Closing>();
}
