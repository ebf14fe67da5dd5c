//! The intake by itself: what is taken, what waits, and that no ticket shares its stream with another one.

use super::*;
use crate::actor::Actor;
use crate::actor::Role;
use crate::clock::ManualClock;
use crate::handler::Outcome;
use crate::handler::tests::{open, request};
use crate::names::ActorId;
use crate::personal::{PersonalText, Sealed};
use crate::record::Source;
use crate::store::EventStore;
use crate::store::memory::MemoryStore;
use crate::ticket::Action;
use crate::ticket::event::{
    Channel, Message, Opened, ReopenCause, Reopened, Requester, SourceRecorded, Unassigned,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

fn handler() -> (Arc<MemoryStore>, Arc<CommandHandler>) {
    let clock = Arc::new(ManualClock::at(Timestamp(0)));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    (store.clone(), Arc::new(CommandHandler::new(store, clock, None)))
}

fn fact(case: &str, seq: u64, event: TicketEvent) -> ImportFact {
    let source = Source {
        system: "desk".into(),
        case: case.into(),
        seq,
        row: String::new(),
        kind: "updated".into(),
        from: String::new(),
        to: String::new(),
        actor: "Ana".into(),
        rest: None,
    };
    ImportFact { seq: Some(seq), event, occurred_at: Timestamp(1000), source }
}

fn recorded() -> TicketEvent {
    TicketEvent::SourceRecorded(SourceRecorded {})
}

fn row(line: u64, case: &str, seq: u64) -> ImportRow {
    ImportRow { line, facts: vec![fact(case, seq, recorded())], counted: false }
}

fn with(change: impl FnOnce(&mut ImportFact)) -> ImportRow {
    let mut fact = fact("a", 0, recorded());
    change(&mut fact);
    ImportRow { line: 1, facts: vec![fact], counted: false }
}

fn message(body: PersonalText) -> TicketEvent {
    TicketEvent::CustomerReplied(Message { message: Uuid::nil(), body: Some(body) })
}

async fn intake(handler: &Arc<CommandHandler>) -> Intake {
    let mut intake = Intake::begin(handler.clone(), "desk", 8).await;
    for case in ["a", "b"] {
        intake.meet(case).await.unwrap();
    }
    intake
}

/// The streams of a log, with how many records each has.
async fn streams(store: &MemoryStore) -> BTreeMap<String, u64> {
    let mut streams = BTreeMap::new();
    for record in store.read_all(GlobalPosition::START, 4096).await.unwrap() {
        *streams.entry(record.decode().unwrap().stream.into_owned()).or_default() += 1;
    }
    streams
}

#[tokio::test]
async fn what_cannot_be_an_event_of_its_case_is_refused_and_says_why() {
    let (_, handler) = handler();
    let long = "x".repeat(4097);
    let sealed = PersonalText::Sealed(Sealed { key: "k".into(), nonce: "00".into(), sealed: "ff".into() });
    let many = (0..257).map(|seq| fact("a", seq, recorded())).collect();
    for (row, code) in [
        (ImportRow { facts: vec![], ..row(1, "a", 0) }, "empty"),
        (ImportRow { facts: many, ..row(1, "a", 0) }, "too-many"),
        (
            ImportRow {
                facts: vec![row(1, "a", 0).facts.remove(0), row(1, "b", 1).facts.remove(0)],
                ..row(1, "a", 0)
            },
            "several-cases",
        ),
        (with(|fact| fact.source.system = "other".into()), "other-system"),
        (with(|fact| fact.source.case = String::new()), "missing"),
        (with(|fact| fact.source.kind = String::new()), "missing"),
        (with(|fact| fact.source.case = "x".repeat(513)), "too-long"),
        (with(|fact| fact.source.actor = long.clone()), "too-long"),
        (with(|fact| fact.source.to = "\0".into()), "nul"),
        (with(|fact| fact.source.rest = Some("[]".into())), "rest-form"),
        (with(|fact| fact.source.rest = Some("{oops".into())), "rest-form"),
        (with(|fact| fact.source.rest = Some("{\"x\":\"\\u0000\"}".into())), "nul"),
        (with(|fact| fact.source.rest = Some(sealed.clone())), "sealed"),
        (with(|fact| fact.event = message(sealed.clone())), "sealed"),
        (with(|fact| fact.event = message("x".repeat(65_537).as_str().into())), "too-long"),
        (with(|fact| fact.event = message("\0".into())), "nul"),
        (with(|fact| fact.seq = Some(1)), "gap"),
        (with(|fact| fact.seq = Some(u64::MAX)), "gap"),
    ] {
        let mut intake = intake(&handler).await;
        let refusal = intake.take(row.clone()).unwrap_err();
        assert_eq!(refusal.code(), code, "{row:?}");
        assert!(!refusal.to_string().is_empty());
        assert_eq!(intake.finish().await.unwrap().appended, 0);
    }
    let mut intake = intake(&handler).await;
    let control = PersonalText::Plain("\u{1}".repeat(65_536));
    let rest = Some(PersonalText::Plain(format!("{{\"x\":\"{}\"}}", "\\u0001".repeat(120_000))));
    let large = with(|fact| (fact.event, fact.source.rest) = (message(control), rest));
    let refusal = intake.take(large).unwrap_err();
    assert!(matches!(refusal, FactRefusal::TooLong { max: RECORD_BYTES_MAX, .. }), "{refusal}");
}

#[tokio::test]
async fn facts_are_taken_in_order_once_and_what_misses_one_waits() {
    let (store, handler) = handler();
    let mut first = intake(&handler).await;
    first.take(row(1, "a", 0)).unwrap();
    assert_eq!(first.take(row(2, "a", 2)), Err(FactRefusal::Gap { expected: 1, found: 2 }));
    assert_eq!(first.take(row(3, "a", 3)), Err(FactRefusal::Waits { line: 2 }));
    first.take(row(4, "a", 1)).unwrap();
    first.take(row(5, "a", 2)).unwrap();
    first.take(row(6, "a", 2)).unwrap();
    let other = ImportRow { facts: vec![fact("a", 1, message("x".into()))], ..row(7, "a", 1) };
    assert_eq!(first.take(other.clone()), Err(FactRefusal::OtherContent { seq: 1 }));
    first.take(row(8, "a", 3)).unwrap();
    let taken = first.finish().await.unwrap();
    assert_eq!((taken.appended, taken.already_there, taken.new_tickets), (4, 1, 1));
    drop(first);
    // From another import on, the same holds by what the log has.
    let mut again = intake(&handler).await;
    again.take(row(1, "a", 3)).unwrap();
    assert_eq!(again.take(other), Err(FactRefusal::OtherContent { seq: 1 }));
    let counted = ImportRow { counted: true, facts: vec![fact("b", 1, recorded())], line: 9 };
    assert_eq!(again.take(counted), Err(FactRefusal::Gap { expected: 0, found: 1 }));
    let counted = ImportRow { counted: true, ..row(10, "b", 0) };
    assert_eq!(again.take(counted), Err(FactRefusal::Waits { line: 9 }));
    let taken = again.finish().await.unwrap();
    assert_eq!((taken.appended, taken.already_there, taken.known_tickets), (0, 1, 1));
    assert_eq!(streams(&store).await, BTreeMap::from([("ticket-1".to_owned(), 4)]));
}

#[tokio::test]
async fn the_facts_of_a_row_are_taken_together_or_not_at_all() {
    let (store, handler) = handler();
    let mut intake = intake(&handler).await;
    let facts = vec![fact("a", 0, recorded()), fact("a", 1, recorded()), fact("a", 3, recorded())];
    let refused = intake.take(ImportRow { line: 1, facts, counted: false });
    assert_eq!(refused, Err(FactRefusal::Gap { expected: 2, found: 3 }));
    intake.finish().await.unwrap();
    assert_eq!(streams(&store).await, BTreeMap::new());
}

#[tokio::test]
async fn a_row_that_brings_more_than_there_is_room_for_goes_in_with_the_next_batch() {
    let (store, handler) = handler();
    let mut intake = Intake::begin(handler, "desk", 3).await;
    intake.meet("a").await.unwrap();
    let facts = (0..8).map(|seq| fact("a", seq, recorded())).collect();
    intake.take(ImportRow { line: 1, facts, counted: false }).unwrap();
    assert!(intake.is_full());
    assert_eq!(intake.finish().await.unwrap().appended, 8);
    assert_eq!(streams(&store).await, BTreeMap::from([("ticket-1".to_owned(), 8)]));
}

#[tokio::test]
async fn what_only_the_place_in_a_case_can_tell_is_written_by_the_intake() {
    let (store, handler) = handler();
    let mut intake = intake(&handler).await;
    let reopened = || TicketEvent::Reopened(Reopened { cause: ReopenCause::Unknown, cycle: 77 });
    for (seq, event) in [reopened(), message("x".into()), reopened()].into_iter().enumerate() {
        let facts = vec![fact("a", seq as u64, event)];
        intake.take(ImportRow { line: 1, facts, counted: false }).unwrap();
    }
    intake.finish().await.unwrap();
    let records = store.read_all(GlobalPosition::START, 10).await.unwrap();
    let events: Vec<_> = records.iter().map(|record| record.decode().unwrap()).collect();
    let data: Vec<&str> = events.iter().map(|event| event.data.get()).collect();
    assert_eq!(data[0], r#"{"cause":"unknown","cycle":2}"#);
    assert_eq!(data[1], format!(r#"{{"message":"{}","body":"x"}}"#, events[1].id));
    assert_eq!(data[2], r#"{"cause":"unknown","cycle":3}"#);
    for (seq, event) in events.iter().enumerate() {
        assert_eq!(event.id, EventId::deterministic(&format!("import/desk/a/{seq}")));
        assert_eq!(event.actor, Actor { id: "Ana".parse().unwrap(), role: Role::Unknown, team: None });
        assert_eq!(event.origin, Origin::Import);
    }
}

#[tokio::test]
async fn one_import_is_under_way_at_a_time_until_all_of_it_has_ended() {
    let (store, handler) = handler();
    let mut first = intake(&handler).await;
    first.take(row(1, "a", 0)).unwrap();
    let another = || tokio::time::timeout(Duration::ZERO, Intake::begin(handler.clone(), "desk", 8));
    assert!(another().await.is_err());
    // While somebody opens a ticket, nothing is numbered or appended.
    let opens = handler.opening.read().await;
    first.send().await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*store.head().borrow(), GlobalPosition::START);
    // The batch goes on by itself once it was begun, and nobody else comes in before it has ended.
    drop(first);
    assert!(another().await.is_err());
    drop(opens);
    let mut again = intake(&handler).await;
    again.take(row(1, "a", 0)).unwrap();
    assert_eq!(again.finish().await.unwrap().already_there, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_that_are_opened_meanwhile_and_imported_ones_never_share_a_stream() {
    let (store, handler) = handler();
    let opening = handler.clone();
    let opener = tokio::spawn(async move {
        let mut numbers = BTreeSet::new();
        for _ in 0..300 {
            let opened = opening.handle(request(None, None, Role::Agent, open())).await.unwrap();
            assert!(numbers.insert(opened.ticket));
        }
        numbers
    });
    let mut intake = Intake::begin(handler.clone(), "desk", 5).await;
    for number in 0..300 {
        let case = format!("case {number}");
        intake.meet(&case).await.unwrap();
        intake.take(row(number, &case, 0)).unwrap();
        while intake.is_full() {
            intake.send().await.unwrap();
        }
    }
    let taken = intake.finish().await.unwrap();
    let opened = opener.await.unwrap();
    assert_eq!((taken.appended, taken.new_tickets, opened.len()), (300, 300, 300));
    let streams = streams(&store).await;
    assert_eq!(streams.len(), 600);
    assert!(streams.values().all(|records| *records == 1), "{streams:?}");
}

#[tokio::test]
async fn a_wish_that_an_import_undid_is_granted_anew() {
    let (store, handler) = handler();
    let mut intake = intake(&handler).await;
    intake.take(row(1, "a", 0)).unwrap();
    intake.finish().await.unwrap();
    let ines: ActorId = "ines".parse().unwrap();
    let assign = || request(Some(1), None, Role::Supervisor, Action::Assign { to: "ines".parse().unwrap() });
    let opened = Opened {
        requester: Requester { id: "noor".parse().unwrap(), name: None, email: None },
        subject: "x".into(),
        body: None,
        channel: Channel::Import,
        language: None,
        priority: None,
        category: None,
        team: None,
        follows: None,
    };
    let import = async |intake: &mut Intake, seq: u64, event: TicketEvent| {
        intake.take(ImportRow { line: 1, facts: vec![fact("a", seq, event)], counted: false }).unwrap();
        intake.finish().await.unwrap();
    };
    import(&mut intake, 1, TicketEvent::Opened(Box::new(opened))).await;
    assert_eq!(handler.handle(assign()).await.unwrap().outcome, Outcome::Appended);
    assert_eq!(handler.handle(assign()).await.unwrap().outcome, Outcome::AlreadySo);
    import(&mut intake, 2, TicketEvent::Unassigned(Unassigned { from: ines })).await;
    assert_eq!(handler.handle(assign()).await.unwrap().outcome, Outcome::Appended);
    assert_eq!(streams(&store).await["ticket-1"], 5);
}

#[test]
fn a_line_says_a_row_and_nothing_else_is_a_line() {
    let facts = vec![fact("a", 4, message("¿Qué?".into())), fact("a", 5, recorded())];
    let row = ImportRow { line: 7, facts, counted: true };
    let line = write_line(&row, 0).unwrap();
    assert!(
        line.starts_with(r#"{"counted":true,"facts":[{"type":"ticket.customer_replied","schema":1,"#),
        "{line}"
    );
    assert_eq!(read_line(line.as_bytes(), 7).unwrap(), row);
    let mut unnumbered = row.clone();
    unnumbered.facts.iter_mut().for_each(|fact| fact.seq = None);
    assert_eq!(write_line(&unnumbered, 4).unwrap(), line);
    let fact = r#""type":"source.recorded","occurred_at":0,"data":{}"#;
    let source = r#""source":{"system":"desk","case":"a","seq":0,"type":"updated"}"#;
    assert!(read_line(format!("{{\"facts\":[{{{fact},{source}}}]}}").as_bytes(), 1).is_ok());
    for (line, code, says) in [
        ("", "malformed", "EOF"),
        ("[]", "malformed", ""),
        ("{\"facts\":[]", "malformed", "EOF"),
        ("{\"facts\":[],\"facts\":[]}", "malformed", "duplicate field"),
        ("{\"facts\":[],\"system\":\"x\"}", "malformed", "unknown field `system`"),
        ("{\"position\":1,\"stream\":\"ticket-1\"}", "exported-record", "docket-replay restore"),
        (
            &format!("{{\"facts\":[{{{fact},{source},\"position\":3}}]}}"),
            "malformed",
            "unknown field `position`",
        ),
        (
            &format!("{{\"facts\":[{{{fact},{source},\"stream\":\"ticket-3\"}}]}}"),
            "malformed",
            "unknown field `stream`",
        ),
        (
            &format!("{{\"facts\":[{{{fact},{source},\"origin\":\"decided\"}}]}}"),
            "malformed",
            "unknown field `origin`",
        ),
        (&format!("{{\"facts\":[{{{fact}}}]}}"), "malformed", "missing field `source`"),
        (
            &format!("{{\"facts\":[{{{},{source}}}]}}", fact.replace(":0", ":300000000000000")),
            "malformed",
            "9999",
        ),
        (
            &format!("{{\"facts\":[{{{},{source}}}]}}", fact.replace("source.recorded", "staff.added")),
            "event",
            "staff.added",
        ),
        (
            &format!("{{\"facts\":[{{{},{source}}}]}}", fact.replace("source.recorded", "ticket.mood")),
            "event",
            "ticket.mood",
        ),
        (&format!("{{\"facts\":[{{{fact},\"schema\":9,{source}}}]}}"), "event", "schema version 9"),
        (
            &format!("{{\"facts\":[{{{},{source}}}]}}", fact.replace("{}", "{\"x\":1}")),
            "event",
            "unknown field `x`",
        ),
    ] {
        let refusal = read_line(line.as_bytes(), 1).unwrap_err();
        assert_eq!(refusal.code(), code, "{line}");
        assert!(refusal.to_string().contains(says), "{refusal}");
    }
    let taken = format!(
        r#"{{"facts":[{{"type":"agent.ticket_taken","occurred_at":0,"data":{{"ticket":1}},{source}}}]}}"#
    );
    assert_eq!(read_line(taken.as_bytes(), 1).unwrap_err().code(), "not-of-ticket");
    let long = ImportRow {
        facts: vec![super::tests::fact("a", 0, message("\u{1}".repeat(400_000).as_str().into()))],
        ..row.clone()
    };
    assert!(matches!(write_line(&long, 0), Err(FactRefusal::TooLong { max: RECORD_BYTES_MAX, .. })));
    let halves = (0..3).map(|seq| super::tests::fact("a", seq, message("x".repeat(900_000).as_str().into())));
    let long = ImportRow { facts: halves.collect(), ..row };
    assert!(matches!(write_line(&long, 0), Err(FactRefusal::TooLong { max: LINE_BYTES_MAX, .. })));
}

#[test]
fn a_name_that_fits_is_the_identifier() {
    for name in ["Opened by  180", "Ana Nu\u{301}n\u{303}ez", " ", "机器人"] {
        assert_eq!(actor_id(name).as_str(), name);
    }
    assert_eq!(actor_id("").as_str(), "unknown");
}

#[test]
fn names_that_do_not_fit_stay_different_people() {
    let long = "é".repeat(200);
    let names = [long.as_str(), &long[2..], "line\nend", "line\rend", "line end"];
    let ids: BTreeSet<_> = names.map(actor_id).into_iter().collect();
    assert_eq!(ids.len(), names.len());
}
