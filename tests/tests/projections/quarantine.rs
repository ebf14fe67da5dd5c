//! Events that a projector cannot take: a poisoned ticket is set aside, an unknown type holds (P4 and U2).

use super::oracle::{Contents, contents, expected};
use super::probes::{TAKES_NOTES, WithoutNotes};
use super::support::{
    append, damaged_fact, events, facts, feed, log_of, newer_fact, raw_fact, runtime, start, start_with,
    wait_for_all,
};
use docket_core::access::Reach;
use docket_core::names::{GlobalPosition, StreamName, TicketNumber};
use docket_core::record::{StoredRecord, hash};
use docket_core::store::memory::MemoryStore;
use docket_core::store::{EventStore, Fact};
use docket_core::ticket::Lane;
use docket_core::time::Timestamp;
use docket_projections::log_event::{LogEvent, Unreadable};
use docket_projections::queue;
use docket_projections::read_model::{ApplyError, Purpose};
use docket_projections::rebuild::{Continue, RebuildError, rebuild};
use docket_projections::registry::{Definition, all};
use docket_projections::runner::{ChangeError, Phase, Projections, QueryError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The tickets that the damaged events belong to.
const POISONED: [u64; 2] = [3, 7];

/// A log in which two tickets hold an event that cannot be read, with more events of theirs behind it.
fn poisoned_log(runtime: &Runtime, seed: u64) -> (Arc<MemoryStore>, Vec<LogEvent>) {
    let mut facts = facts(seed, 900);
    for ticket in POISONED {
        let of_ticket = |fact: &Fact| fact.stream == StreamName::ticket(TicketNumber(ticket));
        let third =
            facts.iter().enumerate().filter(|(_, fact)| of_ticket(fact)).map(|(index, _)| index).nth(2);
        facts.insert(third.unwrap(), damaged_fact(ticket));
    }
    let store = log_of(runtime, facts);
    let events = events(runtime, store.as_ref());
    (store, events)
}

fn head(events: &[LogEvent]) -> GlobalPosition {
    GlobalPosition(events.len() as u64)
}

#[test]
fn a_poisoned_ticket_is_set_aside_alike_live_in_a_rebuild_and_in_a_fold() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let (store, events) = poisoned_log(&runtime, 51);
    let live = start(&runtime, &directory.path().join("live"), &store);
    wait_for_all(&runtime, &live, head(&events));
    for definition in all() {
        let name = definition.name;
        let expected = expected(name, &events, head(&events));
        assert_eq!(expected.quarantine.keys().copied().collect::<Vec<_>>(), POISONED);
        live.query(name, contents).unwrap().check(&expected, &format!("live {name}"));
        let mut fold = definition.fold();
        for page in events.chunks(97) {
            fold.apply(page, head(&events)).unwrap();
            fold.flush().unwrap();
        }
        assert_eq!(fold.digest().to_hex(), expected.digest(), "folded {name}");
        let path = directory.path().join(format!("{name}.db"));
        let built = rebuild(&definition, &feed(&runtime, &store), &path, head(&events), |_| Continue::Yes);
        assert_eq!(built.unwrap().digest.to_hex(), expected.digest(), "rebuilt {name}");
        let rebuilt = definition.open(&path, Purpose::Live).unwrap();
        contents(rebuilt.connection().unwrap()).unwrap().check(&expected, &format!("rebuilt {name}"));
        assert_eq!(rebuilt.quarantine(), fold.quarantine(), "{name}: also the reasons");
        assert!(live.rebuild(name, false).unwrap().took_over, "{name}");
    }
}

#[test]
fn a_poisoned_ticket_stays_as_it_was_and_the_others_go_on() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let (store, events) = poisoned_log(&runtime, 52);
    let without: Vec<LogEvent> = {
        let sound = log_of(&runtime, facts(52, 900));
        self::events(&runtime, sound.as_ref())
    };
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, head(&events));
    for status in live.statuses() {
        assert_eq!(status.phase, Phase::Live, "{}: nothing else waits", status.name);
        let aside: Vec<_> =
            status.quarantined.iter().map(|entry| (entry.ticket.0, entry.position.0)).collect();
        let at = |ticket: u64| {
            let damaged = |event: &&LogEvent| matches!(event.event, Err(Unreadable::Damaged(_)));
            let of_it = |event: &&LogEvent| event.ticket() == Some(TicketNumber(ticket));
            events.iter().filter(damaged).find(of_it).unwrap().position.0
        };
        assert_eq!(aside, POISONED.map(|ticket| (ticket, at(ticket))), "{}", status.name);
        assert!(status.quarantined.iter().all(|entry| entry.why.contains("ticket.replied")), "says why");
    }
    let now = Timestamp(i64::MAX / 4);
    let (mut listed, mut stale) = (0, Vec::new());
    for lane in Lane::ALL {
        let page = live
            .query("queue", |connection| queue::lane(connection, &Reach::Everything, lane, None, 200, now))
            .unwrap();
        assert!(page.next.is_none());
        let count = page.counts.iter().find(|count| count.lane == lane).unwrap();
        assert_eq!(count.tickets, page.tickets.len() as u64, "counts include tickets that are set aside");
        listed += page.tickets.len();
        stale.extend(page.tickets.iter().filter(|ticket| ticket.stale).map(|ticket| ticket.number.0));
    }
    stale.sort_unstable();
    assert_eq!(stale, POISONED, "and only they are flagged");
    let sound = expected("queue", &without, head(&without));
    assert_eq!(listed, sound.rows.len(), "every ticket is listed once");
    let found = live.query("queue", contents).unwrap();
    for (key, row) in &sound.rows {
        let poisoned = POISONED.contains(&(*key as u64));
        assert_eq!(found.rows[key] == *row, !poisoned, "ticket {key}");
    }
}

#[test]
fn retrying_a_ticket_that_still_cannot_be_taken_sets_it_aside_again() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let (store, events) = poisoned_log(&runtime, 53);
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, head(&events));
    for definition in all() {
        let name = definition.name;
        assert!(!live.retry(name, TicketNumber(3)).unwrap());
        assert!(live.retry(name, TicketNumber(1)).unwrap(), "a ticket that is not set aside is fine");
        let expected = expected(name, &events, head(&events));
        live.query(name, contents).unwrap().check(&expected, name);
    }
    assert!(matches!(live.retry("nothing", TicketNumber(3)), Err(ChangeError::Unknown(_))));
}

#[test]
fn a_repaired_projector_takes_the_ticket_up_again_as_if_nothing_had_been() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(54, 800));
    let definition = Definition::of::<WithoutNotes>();
    let start = || start_with(&runtime, directory.path(), store.clone(), vec![definition.clone()]);
    let live = start();
    wait_for_all(&runtime, &live, GlobalPosition(800));
    let aside = live.statuses()[0].quarantined.clone();
    assert!(aside.len() > 5, "{}", aside.len());
    drop(live);

    // A restart knows who is set aside; a new event of such a ticket still has to wait.
    let live = start();
    let later = facts(54, 950).split_off(800);
    let head = append(&runtime, store.as_ref(), later);
    wait_for_all(&runtime, &live, head);
    let mut expected_aside = aside.clone();
    let mut now_aside = live.statuses()[0].quarantined.clone();
    now_aside.retain(|entry| entry.position.0 <= 800);
    expected_aside.sort_by_key(|entry| entry.ticket);
    assert_eq!(now_aside, expected_aside);

    TAKES_NOTES.store(true, Ordering::SeqCst);
    for entry in live.statuses()[0].quarantined.clone() {
        assert!(live.retry(definition.name, entry.ticket).unwrap(), "{entry:?}");
    }
    assert!(live.statuses()[0].quarantined.is_empty());
    let mut fold = definition.fold();
    fold.apply(&events(&runtime, store.as_ref()), head).unwrap();
    fold.flush().unwrap();
    let rebuilt = live.rebuild(definition.name, false).unwrap();
    assert_eq!((rebuilt.digest, rebuilt.served), (fold.digest(), Some(fold.digest())));
}

/// All read models stand right before a position, hold there, and say so.
#[track_caller]
fn check_held(live: &Projections, runtime: &Runtime, events: &[LogEvent], at: GlobalPosition) {
    for definition in all() {
        let name = definition.name;
        let mut watch = live.watch(name).unwrap();
        let held = |phase: &Phase| matches!(phase, Phase::Held { position, .. } if *position == at);
        super::left::wait_until(runtime, &mut watch, |status| held(&status.phase));
        let before = GlobalPosition(at.0 - 1);
        let Phase::Held { why, .. } = &watch.borrow().phase.clone() else { panic!("{name} goes on") };
        assert!(why.contains("newer release"), "{why}");
        let expected: Contents = expected(name, events, before);
        live.query(name, contents).unwrap().check(&expected, name);
        let behind = runtime.block_on(live.wait_for(name, at, Duration::ZERO));
        assert!(
            matches!(behind, Err(QueryError::Behind { position, .. }) if position == before),
            "{behind:?}"
        );
    }
}

#[test]
fn an_unknown_event_type_holds_every_projector_right_before_it() {
    for newer in [newer_fact(2), raw_fact(2, "ticket.opened", 9, "{}")] {
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let mut facts = facts(55, 500);
        facts.insert(300, newer);
        let store = log_of(&runtime, facts);
        let events = events(&runtime, store.as_ref());
        let at = GlobalPosition(301);
        let live = start(&runtime, directory.path(), &store);
        check_held(&live, &runtime, &events, at);
        // What comes behind it changes nothing, and neither does a restart: nothing is skipped.
        append(&runtime, store.as_ref(), vec![newer_fact(9)]);
        drop(live);
        let live = start(&runtime, directory.path(), &store);
        check_held(&live, &runtime, &events, at);
        for definition in all() {
            let failed = live.rebuild(definition.name, true);
            let held = |error: &ChangeError| {
                matches!(error, ChangeError::Rebuild(RebuildError::Apply(ApplyError::Held { position, .. }))
                    if *position == at)
            };
            assert!(failed.as_ref().is_err_and(held), "{failed:?}");
        }
        check_held(&live, &runtime, &events, at);
    }
}

#[test]
fn an_envelope_with_a_field_more_is_of_a_newer_release_and_holds() {
    let runtime = runtime();
    let store = log_of(&runtime, facts(56, 3));
    let records = runtime.block_on(store.read_all(GlobalPosition::START, 3)).unwrap();
    let text = String::from_utf8(records[1].bytes.clone()).unwrap();
    let bytes = text.replacen('{', r#"{"witness":1,"#, 1).into_bytes();
    let newer = StoredRecord { position: records[1].position, hash: hash(&bytes), bytes };
    let events = [LogEvent::of(&records[0]), LogEvent::of(&newer), LogEvent::of(&records[2])];
    for definition in all() {
        let mut fold = definition.fold();
        let held = fold.apply(&events, GlobalPosition(3));
        assert!(matches!(held, Err(ApplyError::Held { position: GlobalPosition(2), .. })), "{held:?}");
        assert_eq!(fold.checkpoint().position, GlobalPosition(1));
    }
}
