//! Steps between states, as a mapping names them.

use super::*;

fn names() -> StateNames {
    let set = |state: &str| BTreeSet::from([state.to_owned()]);
    StateNames {
        changed: "status_changed".into(),
        resolved: "resolved!".into(),
        closed: "closed!".into(),
        cancelled: "cancelled!".into(),
        reopened: "reopened!".into(),
        resolved_states: set("resolved"),
        closed_states: set("closed"),
        cancelled_states: set("cancelled"),
        names: HashMap::from([("Active".to_owned(), "in_progress".to_owned())]),
    }
}

#[test]
fn the_classes_of_two_states_decide_what_the_step_is_called() {
    for (old, new, kind) in [
        ("new", "new", None),
        ("new", "in_progress", Some("status_changed")),
        ("new", "resolved", Some("resolved!")),
        ("new", "closed", Some("closed!")),
        ("resolved", "closed", Some("closed!")),
        ("closed", "cancelled", Some("cancelled!")),
        ("resolved", "in_progress", Some("reopened!")),
        ("cancelled", "new", Some("reopened!")),
        ("closed", "resolved", Some("status_changed")),
    ] {
        assert_eq!(names().step(old, new), kind, "{old} -> {new}");
    }
}

#[test]
fn a_state_without_a_name_is_taken_in_lower_case_and_remembered() {
    let mut unnamed = BTreeSet::new();
    assert_eq!(state(&names(), "Active", "new", &mut unnamed), "in_progress");
    assert_eq!(state(&names(), "", "new", &mut unnamed), "new", "no label means no change");
    assert!(unnamed.is_empty());
    assert_eq!(state(&names(), "Awaiting Sign Off", "new", &mut unnamed), "awaiting_sign_off");
    assert_eq!(unnamed.len(), 1);
}
