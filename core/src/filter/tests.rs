//! Filters: what is typed, what it means, and what is said when it means nothing.

use super::*;
use crate::names::StreamVersion;
use crate::sla::{Course, Face, Rules};

use crate::strategies::{actor_id, config, priority, slug, text};
use crate::time::DurationMs;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

const NOW: Timestamp = Timestamp(1_795_253_400_000);

fn ticket() -> Ticket {
    Ticket {
        version: StreamVersion(3),
        exists: true,
        status: Status::Open,
        assignee: Some(id("ines")),
        team: Some(Slug::new("billing").unwrap()),
        priority: Some(Priority::Urgent),
        category: None,
        requester: Some(id("señor 7")),
        followers: [id("ines"), id("señor 7")].into(),
        snoozed_until: Some(NOW),
        tags: ["escalated", "vip"].map(|tag| Slug::new(tag).unwrap()).into(),
        ..Ticket::default()
    }
}

#[track_caller]
fn check(text: &str, fits: bool) {
    let filter = parse_filter(text).unwrap();
    let clocks = Course::opened(NOW, Some(Priority::Urgent)).clocks(&Rules::default());
    let ticket = ticket();
    let facts = Facts { ticket: &ticket, language: Some(Language::Es), clock: Face::foremost(&clocks) };
    assert_eq!(filter.holds(facts, &id("ines"), NOW.plus(DurationMs::from_minutes(50))), fits, "{text}");
}

#[test]
fn each_operator_asks_for_its_field() {
    for (fits, misses) in [
        ("", "lane:new"),
        ("lane:open", "-lane:open"),
        ("status:open", "status:new"),
        ("status:new status:open", "status:new status:pending"),
        ("team:billing", "team:none"),
        ("Team:BILLING", "-team:billing"),
        ("assignee:me", "assignee:nobody"),
        ("assignee:ines", "assignee:\"me\""),
        ("category:none", "category:billing"),
        ("category:\"none\" category:none", "category:\"none\""),
        ("priority:urgent", "priority:none"),
        ("language:es", "language:en"),
        ("requester:\"señor 7\"", "requester:me"),
        ("tag:vip", "tag:none"),
        ("follower:me", "follower:nobody"),
        ("follower:\"Señor 7\" follower:\"señor 7\"", "-follower:ines"),
        ("is:snoozed", "is:escalated"),
        ("is:late is:Snoozed", "is:merged"),
        ("-is:merged -is:escalated", "-is:snoozed"),
        ("TAG:Vip -tag:outage", "tag:outage"),
        ("tag:outage tag:vip", "-tag:vip"),
        ("is:due-soon", "is:late"),
        ("-is:late -team:account", "is:due-soon -team:billing"),
        ("status:open team:billing assignee:me", "status:open team:billing assignee:omar"),
    ] {
        check(fits, true);
        check(misses, false);
    }
}

/// What a requester may ask for by an operator, and what is said otherwise.
fn own(operator: Operator) -> (&'static str, Result<(), &'static str>) {
    let none = "character 6: there is no operator ";
    match operator {
        Operator::Lane => ("lane:open", Err(none)),
        Operator::Status => ("status:in_progress", Ok(())),
        Operator::Team => ("team:billing", Err(none)),
        Operator::Assignee => ("assignee:me", Err(none)),
        Operator::Category => ("category:none", Err(none)),
        Operator::Priority => ("priority:urgent", Err(none)),
        Operator::Language => ("language:es", Err(none)),
        Operator::Requester => ("requester:me", Err(none)),
        Operator::Follower => ("follower:me", Err(none)),
        Operator::Tag => ("tag:vip", Err(none)),
        Operator::Is => ("is:late", Err(none)),
    }
}

#[test]
fn requesters_ask_by_the_operators_of_a_closed_list_and_by_no_other() {
    for operator in Operator::ALL {
        let (text, expected) = own(operator);
        for text in [text.to_owned(), format!("-{text}"), text.to_uppercase()] {
            let said = parse_own(&format!("word {text}")).map_err(|error| error.to_string());
            match (said, expected) {
                (Ok(parsed), Ok(())) => assert!(!parsed.filter.is_empty(), "{text}"),
                (Err(said), Err(expected)) => {
                    assert!(said.starts_with(expected) && said.contains("use status, or"), "{text}: {said}");
                }
                (said, _) => panic!("{text}: {said:?}"),
            }
        }
        assert_eq!(Operator::parse(operator.as_str()), Some(operator));
    }
    // Of an operator that they have not, they are not told that it lacks a value.
    assert_eq!(parse_own("tag: status:solved").unwrap().words.len(), 1);
    assert_eq!(parse_own("status: solved").unwrap_err().why, Why::NoValue);
    assert_eq!(parse_own("\"status:\"").unwrap().words.len(), 1);
    let unknown = parse_own("colour:red").unwrap_err().to_string();
    assert_eq!(unknown.replace("colour", "lane"), parse_own("lane:open").unwrap_err().to_string());
    // The staff's words for where a ticket stands are none for its requester.
    for status in Status::ALL {
        let said = parse_own(&format!("status:{}", status.as_str())).unwrap_err();
        assert_eq!(
            said.why,
            Why::UnknownValue("received, in_progress, waiting_for_you, solved, merged or closed")
        );
    }
}

#[test]
fn a_requester_asks_where_a_ticket_stands_in_their_own_words() {
    let with = |status, reason: Option<&str>, sealed| Ticket {
        status,
        pending_reason: reason.map(|reason| Slug::new(reason).unwrap()),
        sealed,
        ..Ticket::default()
    };
    let tickets = [
        with(Status::New, None, false),
        with(Status::Open, None, false),
        with(Status::Pending, Some("third-party"), false),
        with(Status::Pending, Some("customer"), false),
        with(Status::Resolved, None, false),
        with(Status::Resolved, None, true),
    ];
    for (text, fits) in [
        ("", [true; 6]),
        ("status:received", [true, false, false, false, false, false]),
        ("status:in_progress", [false, true, true, false, false, false]),
        ("status:Waiting_For_You", [false, false, false, true, false, false]),
        ("status:solved status:closed", [false, false, false, false, true, true]),
        ("-status:closed", [true, true, true, true, true, false]),
        ("status:solved -status:solved", [false; 6]),
    ] {
        let filter = parse_own(text).unwrap().filter;
        assert_eq!(tickets.clone().map(|ticket| filter.holds(&ticket)), fits, "{text}");
    }
}

#[test]
fn a_clock_that_does_not_run_is_neither_late_nor_due_soon() {
    let ticket = ticket();
    for wanted in ["is:late", "is:due-soon"] {
        let filter = parse_filter(wanted).unwrap();
        let facts = Facts { ticket: &ticket, language: None, clock: None };
        assert!(!filter.holds(facts, &id("ines"), Timestamp::MAX));
    }
}

#[test]
fn words_and_phrases_stand_beside_operators() {
    let parsed = parse(r#"refund -"two payments" status:open invo* 12:30 https://x.test/a a"b c""#).unwrap();
    assert_eq!(parsed.filter.to_string(), "status:open");
    let word = |text: &str, exact, not, prefix| Word { text: text.into(), exact, not, prefix };
    let expected = [
        word("refund", false, false, false),
        word("two payments", true, true, false),
        word("invo", false, false, true),
        word("12:30", false, false, false),
        word("https://x.test/a", false, false, false),
        word("a", false, false, false),
        word("b c", true, false, false),
    ];
    assert_eq!(parsed.words, expected);
    assert_eq!(parse("  - \"\" ").unwrap(), Parsed::default());
}

#[test]
fn what_is_not_understood_is_told_with_its_place_and_what_would_be() {
    for (text, told) in [
        ("é status:opn", r#"character 3: "opn" is not taken; use new, open, pending or resolved"#),
        (
            "a is:early",
            r#"character 3: "early" is not taken; use late, due-soon, escalated, snoozed or merged"#,
        ),
        (
            "é priority:",
            r#"character 3: "priority:" has no value; write one right behind the colon, or quotation "#,
        ),
        ("Tag: vip", r#"character 1: "Tag:" has no value; write one right behind the colon"#),
        ("colour:", r#"character 1: "colour:" is no operator; write it as name:value, with lane, "#),
        ("colour:red", r#"character 1: there is no operator "colour"; use lane, status, team, assignee,"#),
        ("team:\"a b\"", r#"character 1: "a b" is not taken; use a team's name of a-z, 0-9 and -, or none"#),
        ("assignee:\"\"", r#"character 1: "" is not taken; use me, nobody or an identifier"#),
        ("-requester:\"ab", r#"character 12: the quotation mark of "ab" is not closed; add another one"#),
        ("team:a word", r#"character 8: "word" is no operator; write it as name:value, with lane, "#),
        ("a\0b", "character 2: a control character is not taken; leave it out"),
    ] {
        let said = parse_filter(text).unwrap_err().to_string();
        assert!(said.starts_with(told), "{text}: {said}");
    }
}

#[test]
fn limits_hold_just_below_and_just_above() {
    let clauses = |count: usize| "status:new ".repeat(count);
    assert_eq!(parse(&clauses(CLAUSES_MAX)).unwrap().filter.clauses.len(), CLAUSES_MAX);
    assert_eq!(parse(&clauses(CLAUSES_MAX + 1)).unwrap_err().why, Why::TooManyOperators);
    assert_eq!(parse(&"w ".repeat(WORDS_MAX)).unwrap().words.len(), WORDS_MAX);
    assert_eq!(parse(&"w ".repeat(WORDS_MAX + 1)).unwrap_err().why, Why::TooManyWords);
    assert!(parse(&"w".repeat(TEXT_BYTES_MAX)).is_ok());
    let error = parse(&"w".repeat(TEXT_BYTES_MAX + 1)).unwrap_err();
    assert_eq!((error.why, error.word.len()), (Why::TooLong, 40));
}

fn person() -> impl Strategy<Value = Person> {
    prop_oneof![Just(Person::Me), actor_id().prop_map(Person::Named), Just(Person::Named(id("Nobody")))]
}

fn test() -> impl Strategy<Value = Test> {
    let statuses = select(Status::ALL.as_slice());
    let none = || prop_oneof![slug(), Just(Slug::new("none").unwrap())];
    prop_oneof![
        select(Lane::ALL.as_slice()).prop_map(Test::Lane),
        statuses.prop_map(Test::Status),
        option::of(none()).prop_map(Test::Team),
        option::of(none()).prop_map(Test::Category),
        option::of(none()).prop_map(Test::Tag),
        prop_oneof![person(), Just(Person::Nobody)].prop_map(Test::Assignee),
        person().prop_map(Test::Requester),
        option::of(priority()).prop_map(Test::Priority),
        option::of(select(vec![Language::En, Language::Es])).prop_map(Test::Language),
        select(vec![Clock::Late, Clock::DueSoon]).prop_map(Test::Clock),
        prop_oneof![person(), Just(Person::Nobody)].prop_map(Test::Follower),
        select(Mark::ALL.as_slice()).prop_map(Test::Mark),
    ]
}

pub(crate) fn any_filter() -> impl Strategy<Value = Filter> {
    let clause = (test(), any::<bool>()).prop_map(|(test, not)| Clause { test, not });
    vec(clause, 0..6).prop_map(|clauses| Filter { clauses })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_filter_survives_its_text_and_its_stored_form(filter in any_filter()) {
        let written = filter.to_string();
        prop_assert_eq!(parse_filter(&written).map_err(|error| error.to_string()), Ok(filter.clone()));
        let json = serde_json::to_string(&filter).unwrap();
        prop_assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter);
    }

    #[test]
    fn no_text_is_too_odd_to_be_understood_or_refused(text in text(), more in "[-:\"\\\\a-z* ]{0,40}") {
        for text in [text.clone(), more.clone(), format!("{more}{text}"), format!("{text} {more}")] {
            match parse(&text) {
                Ok(parsed) => prop_assert!(parsed.words.iter().all(|word| !word.text.contains('\0'))),
                Err(error) => prop_assert!(error.at <= text.chars().count() && !error.to_string().is_empty()),
            }
        }
    }
}
