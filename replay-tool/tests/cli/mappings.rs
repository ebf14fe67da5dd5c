//! Own mappings, and what a wrong one is told; a wrong one changes nothing.

use crate::support::{Place, TWO_TICKETS, plain};
use docket_replay::import::mapping::BUILT_IN;

const OWN: &str = r#"
mapping = 1
name = "own"
kind = "events"
system = "helpdesk"
delimiter = ";"
missing = ["-"]
vocabulary = "neutral"

[columns]
case = "Ticket"
at = "When"
type = "What"
actor = "Who"
to = "Value"
body = "Text"

[time]
format = "%d.%m.%Y %H:%M:%S"
zone = "+01:00"

[[rule]]
types = ["ANSWER"]
event = "ticket.replied"

[[rule]]
types = ["PRIO"]
event = "ticket.priority_changed"
value = "to"
labels = "priority"

[labels.priority]
Sofort = "urgent"
"#;

const LOG: &str = "Ticket;When;What;Who;Value;Text;Note\n\
    7;05.01.2026 09:00:00;created;ana;-;-;-\n\
    7;05.01.2026 09:30:00;PRIO;ben;sofort;;x\n\
    7;05.01.2026 10:00:00;ANSWER;ben;;\"Gleich; versprochen.\";\n";

#[test]
fn an_own_mapping_says_what_columns_and_types_mean() {
    let place = Place::new();
    let (mapping, log) = (place.file("own.toml", OWN), place.file("log.csv", LOG));
    place.run(&["import", "--mapping", mapping.to_str().unwrap(), log.to_str().unwrap()]).ends_with(0);
    let records = place.records();
    assert_eq!(records[0]["occurred_at"], 1_767_600_000_000_i64, "09:00 at +01:00");
    assert_eq!(records[1]["data"]["to"], "urgent");
    assert_eq!(records[1]["source"]["rest"], r#"{"Note":"x"}"#);
    assert_eq!(
        (&records[2]["type"], &records[2]["data"]["body"]),
        (&"ticket.replied".into(), &"Gleich; versprochen.".into())
    );
    assert_eq!(records[2]["source"]["system"], "helpdesk");
}

#[test]
fn a_mapping_that_does_not_fit_the_file_says_what_is_missing_and_what_is_there() {
    let place = Place::new();
    let log = place.file("log.csv", "ticket_id,seq,at,kind,actor,from,to\n");
    place
        .run(&["import", "--mapping", "plain", log.to_str().unwrap()])
        .ends_with(2)
        .says("`type (columns.type)`")
        .says("its columns are `ticket_id`, `seq`, `at`, `kind`");
    let log = place.file("semicolons.csv", "ticket_id;seq;at\n");
    place.run(&["import", "--mapping", "plain", log.to_str().unwrap()]).ends_with(2).says("delimiter = ';'");
    let log = place.file("twice.csv", "ticket_id,seq,at,at,type,actor,from,to\n");
    place.run(&["import", "--mapping", "plain", log.to_str().unwrap()]).ends_with(2).says("only once");
    assert!(!place.data().exists(), "nothing was changed");
}

#[test]
fn a_mapping_with_a_wrong_key_is_refused_before_anything_is_read() {
    let place = Place::new();
    let log = place.file("log.csv", LOG);
    let mapping = place.file("own.toml", OWN.replace("types = [\"PRIO\"]", "type = [\"PRIO\"]"));
    let import = ["import", "--mapping", mapping.to_str().unwrap(), log.to_str().unwrap()];
    place.run(&import).ends_with(2).says("own.toml").says("unknown field `type`");
    place
        .run(&["import", "--mapping", "jira", log.to_str().unwrap()])
        .ends_with(2)
        .says("plain and servicenow");
    place.run(&["import", log.to_str().unwrap()]).ends_with(2).says("--mapping");
    assert!(!place.data().exists(), "nothing was changed");
}

#[test]
fn a_built_in_mapping_can_be_printed_and_used_as_a_start() {
    let place = Place::new();
    for (name, _) in BUILT_IN {
        let printed = place.run(&["mappings", name]).ends_with(0).text;
        let mapping = place.file("printed.toml", printed);
        if name == "plain" {
            let log = place.file("log.csv", plain(&TWO_TICKETS));
            place
                .run(&["import", "--mapping", mapping.to_str().unwrap(), log.to_str().unwrap()])
                .ends_with(0);
        }
    }
    place.run(&["mappings"]).ends_with(0).says("servicenow");
    place.run(&["mappings", "jira"]).ends_with(2);
}
