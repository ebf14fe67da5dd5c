//! What a mapping is refused for, and with which words.

use super::*;
use crate::import::neutral::Neutral;
use docket_core::ticket::TicketEvent;
use docket_core::time::Timestamp;

const OWN: &str = r#"
mapping = 1
name = "own"
kind = "events"
system = "own"
vocabulary = "neutral"
[columns]
case = "id"
at = "when"
type = "what"
[time]
format = "rfc3339"
zone = "UTC"
"#;

fn refusal(text: &str) -> String {
    Mapping::parse("own.toml", text).unwrap_err().to_string()
}

fn with(extra: &str) -> String {
    format!("{OWN}{extra}")
}

fn becomes(mapping: &str, kind: &str, to: &str) -> TicketEvent {
    let mapping = Mapping::parse("own.toml", mapping).unwrap();
    let fact = Neutral { to: to.into(), ..Neutral::bare("1", kind, Timestamp(0)) };
    mapping.vocabulary.event(&fact)
}

#[test]
fn the_built_in_mappings_and_their_vocabulary_are_sound() {
    for (name, _) in BUILT_IN {
        assert_eq!(Mapping::find(name).unwrap().name, name);
    }
    neutral();
}

#[test]
fn a_key_that_no_mapping_has_is_refused_with_its_line() {
    let why = refusal(&OWN.replace("zone", "zones"));
    assert!(
        why.contains("zones") && why.contains("expected `format` or `zone`") && why.contains("13"),
        "{why}"
    );
}

#[test]
fn every_refusal_names_the_key() {
    for (text, key) in [
        (OWN.replace("mapping = 1", "mapping = 2"), "key mapping:"),
        (OWN.replace("system = \"own\"", "system = \"My System\""), "key system:"),
        (OWN.replace("type = \"what\"", ""), "key columns.type:"),
        (OWN.replace("rfc3339", "iso"), "key time.format:"),
        (OWN.replace("\"UTC\"", "\"Madrid\""), "key time.zone:"),
        (OWN.replace("\"neutral\"", "\"neutrals\""), "key vocabulary:"),
        (OWN.replace("vocabulary = \"neutral\"", ""), "key rule:"),
        (format!("delimiter = \"\\\"\"\n{OWN}"), "key delimiter:"),
        (with("[opening]\ntype = \"created\"\nto = \"new\""), "key opening:"),
        (OWN.replace("\"events\"", "\"snapshots\""), "key opening:"),
        (with("[[rule]]\ntypes = []\nevent = \"ticket.noted\""), "key rule 1 (ticket.noted).types:"),
        (with("[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.gone\""), "key rule 1 (ticket.gone).event:"),
        (
            with("[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.escalated\""),
            "key rule 1 (ticket.escalated).event:",
        ),
        (
            with("[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.assigned\""),
            "key rule 1 (ticket.assigned).value:",
        ),
        (
            with("[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.noted\"\nvalue = \"to\""),
            "key rule 1 (ticket.noted).value:",
        ),
        (
            with("[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.set_pending\""),
            "key rule 1 (ticket.set_pending).set:",
        ),
        (
            with("[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.resolved\"\nset = { reason = \"x\" }"),
            "key rule 1 (ticket.resolved).set:",
        ),
        (
            with(
                "[[rule]]\ntypes = [\"x\"]\nevent = \"ticket.assigned\"\nvalue = \"to\"\nlabels = \"people\"",
            ),
            "key rule 1 (ticket.assigned).labels:",
        ),
        (with("[labels.priority]\nP0 = \"most urgent\""), "key labels.priority.\"p0\":"),
    ] {
        let why = refusal(&text);
        assert!(why.contains(key) && why.contains("own.toml"), "{key} in {why}");
    }
}

#[test]
fn a_name_that_is_no_mapping_is_told_which_there_are() {
    let why = Mapping::find("jira").unwrap_err().to_string();
    assert!(why.contains("plain and servicenow") && why.contains(".toml"), "{why}");
}

#[test]
fn own_rules_and_labels_come_before_the_shared_ones() {
    let rule =
        with("[[rule]]\ntypes = [\"updated\"]\nevent = \"ticket.noted\"\n[labels.priority]\nP1 = \"low\"");
    assert!(matches!(becomes(&rule, "updated", ""), TicketEvent::Noted(_)));
    match becomes(&rule, "priority_set", " p1 ") {
        TicketEvent::PriorityChanged(changed) => assert_eq!(changed.to.as_str(), "low"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(becomes(OWN, "updated", ""), TicketEvent::SourceRecorded(_)));
}

#[test]
fn a_value_that_is_missing_or_has_no_label_is_recorded_and_not_guessed() {
    for (kind, to) in [
        ("assigned", ""),
        ("category_changed", ""),
        ("category_changed", " "),
        ("priority_changed", "Whenever"),
        ("status_changed", "on_hold"),
        ("escalated", "Level 2"),
        ("CREATED", ""),
    ] {
        assert!(matches!(becomes(OWN, kind, to), TicketEvent::SourceRecorded(_)), "{kind} {to:?}");
    }
}

#[test]
fn states_are_compared_in_lower_case_and_the_first_rule_that_fits_is_taken() {
    let reason = |to: &str| match becomes(OWN, "status_changed", to) {
        TicketEvent::SetPending(pending) => pending.reason.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason("Pending_Customer"), "customer");
    assert_eq!(reason("pending"), "customer");
    assert_eq!(reason("pending_vendor"), "vendor");
    assert_eq!(reason("pending_change"), "third-party");
}
