//! Many at once: reactors on several nodes, and people who assign by hand, on one log.

use super::desk::{Desk, NOW, PATIENCE};
use super::log::folded;
use super::moody::MoodyStore;
use super::people::{Follower, assignee, has_room, hired, is, online, opened, route};
use docket_core::actor::{Actor, Role};
use docket_core::agent::{AgentEvent, Availability, AvailabilityChanged};
use docket_core::clock::ManualClock;
use docket_core::event::Event;
use docket_core::names::{ActorId, EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::settings::CatalogueName;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::store::{Append, AppendError, EventStore, ExpectedVersion, StreamAppend};
use docket_server::reactor::routing::{self, Turn, Wake};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

/// Nodes on one log, each with its own read models.
async fn nodes(count: usize) -> (Vec<Desk>, Vec<TempDir>) {
    let clock = Arc::new(ManualClock::at(NOW));
    let directories: Vec<TempDir> = (0..count).map(|_| tempfile::tempdir().unwrap()).collect();
    let options = SqliteOptions::new(directories[0].path().join("log.db")).wal_pages(16);
    let store: Arc<dyn EventStore> = Arc::new(options.open(clock.clone()).unwrap());
    let open = |directory: &TempDir| {
        let (path, store, clock) = (directory.path().to_owned(), store.clone(), clock.clone());
        async move { Desk::at(&path, store, clock).await }
    };
    let mut desks = Vec::new();
    for directory in &directories {
        desks.push(open(directory).await);
    }
    (desks, directories)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_assigners_never_exceed_a_capacity_nor_give_a_ticket_twice() {
    const BY_HAND: u64 = 60;
    const STEPS: u64 = 6;
    let (nodes, _directories) = nodes(4).await;
    let desk = &nodes[0];
    for number in 0..3 {
        let id = format!("agent-{number}");
        online(desk, &id, "support").await;
        // Little room, so that everybody is nearly full all the time.
        has_room(desk, &id, 3 + number).await;
    }
    let reactors: Vec<_> = nodes.iter().map(|node| tokio::spawn(routing::run(node.app.clone()))).collect();
    // Sixty people beside four reactors: each opens tickets, gives them to somebody, takes them back and resolves them.
    let by_hand = (0..BY_HAND).map(|number| {
        // One node gives out the numbers, so that openings never wait for each other.
        let (opens, desk) = (&nodes[0], &nodes[number as usize % nodes.len()]);
        async move {
            let to = json!({ "to": format!("agent-{}", number % 3) });
            let mut last = None;
            for step in 0..STEPS {
                let ticket = opened(opens, json!({})).await;
                match (number + step) % 3 {
                    0 => drop(desk.act(ticket, "assign", to.clone()).await),
                    1 => drop(desk.act(ticket, "change-priority", json!({ "to": "high" })).await),
                    _ => {
                        drop(desk.act(ticket, "assign", to.clone()).await);
                        drop(desk.act(ticket, "unassign", json!({})).await);
                    }
                }
                // Whoever has the one before by now, it is done, and room for another.
                if let Some(before) = last.replace(ticket) {
                    drop(desk.act(before, "resolve", json!({ "resolution": "solved" })).await);
                }
            }
        }
    });
    join_all(by_hand).await;
    for (node, reactor) in nodes.iter().zip(reactors) {
        route(&node.app).await;
        node.app.shutdown.cancel();
        tokio::time::timeout(PATIENCE, reactor).await.unwrap().unwrap();
    }
    let log = folded(desk.app.store.as_ref()).await;
    assert_eq!(log.tickets.len() as u64, BY_HAND * STEPS);
    assert!(!log.given.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_who_assign_to_one_at_once_none_is_lost_and_each_is_conditional_on_their_stream() {
    const AT_ONCE: u64 = 64;
    let mut moody = None;
    let desk = Desk::on(|clock| {
        let store = MoodyStore::new(clock);
        moody = Some(store.clone());
        store
    });
    let (desk, moody) = (desk.await, moody.unwrap());
    for id in ["ines", "omar"] {
        hired(&desk, id, "support").await;
    }
    for _ in 0..AT_ONCE {
        opened(&desk, json!({})).await;
    }
    let all = |command: &'static str, body: Value| {
        let desk = &desk;
        join_all((1..=AT_ONCE).map(move |ticket| desk.act(ticket, command, body.clone()).into_future()))
    };
    for (command, body) in [
        ("assign", json!({ "to": "ines" })),
        // Both streams at once, some in each order.
        ("assign", json!({ "to": "omar" })),
        ("change-priority", json!({ "to": "high" })),
        ("unassign", json!({})),
    ] {
        for answer in all(command, body).await {
            assert_eq!(answer.ok(200)["outcome"], "appended", "{command}");
        }
    }
    // Whoever came past this node is found out, and what was decided by hand stands all the same.
    let to_ines = |to| Event::Agent(AgentEvent::AvailabilityChanged(to));
    let went = AvailabilityChanged { from: Availability::Offline, to: Availability::Away, reason: None };
    moody.is_overtaken_by(done(StreamName::agent(&ActorId::new("ines").unwrap()), to_ines(went)));
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let of_agents = |(stream, _): &&(StreamName, ExpectedVersion)| stream.to_string().starts_with("agent-");
    let conditions = moody.conditions();
    let expected: Vec<_> = conditions.iter().filter(of_agents).collect();
    assert!(expected.len() as u64 >= 5 * AT_ONCE);
    for (stream, expected) in expected {
        assert!(matches!(expected, ExpectedVersion::Exactly(_)), "{stream}: {expected:?}");
    }
    folded(desk.app.store.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_reactors_decide_each_ticket_once() {
    let (nodes, _directories) = nodes(4).await;
    let desk = &nodes[0];
    online(desk, "ines", "support").await;
    has_room(desk, "ines", 30).await;
    for _ in 0..40 {
        opened(desk, json!({})).await;
    }
    join_all(nodes.iter().map(|node| route(&node.app))).await;
    let log = folded(desk.app.store.as_ref()).await;
    assert_eq!(log.given.len(), 30);
    assert_eq!(log.decisions.len(), 40, "each once: thirty that found somebody, ten that did not");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_goes_an_assignment_by_hand_and_routing_leave_one_truth() {
    for seed in 0..12 {
        let desk = Desk::open().await;
        online(&desk, "ines", "support").await;
        hired(&desk, "omar", "support").await;
        let ticket = opened(&desk, json!({})).await;
        desk.settled().await;
        let goes = is(&desk, "ines", "away");
        let takes = async {
            drop(desk.act(ticket, "assign", json!({ "to": "omar" })).await.ok(200));
        };
        match seed % 3 {
            0 => drop(tokio::join!(goes, takes, route(&desk.app))),
            1 => drop(tokio::join!(route(&desk.app), takes, goes)),
            _ => drop(tokio::join!(takes, route(&desk.app), goes)),
        }
        route(&desk.app).await;
        // Whoever came first, what was decided by hand stands in the end.
        assert_eq!(assignee(&desk, ticket).await, "omar");
        folded(desk.app.store.as_ref()).await;
    }
}

/// Something that somebody does without asking first.
pub(super) fn done(stream: StreamName, event: Event) -> Append {
    let event = NewEvent {
        id: EventId(Uuid::now_v7()),
        event: event.encode(),
        occurred_at: NOW,
        actor: Actor { id: ActorId::new("lena").unwrap(), role: Role::Supervisor, team: None },
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    Append {
        command: None,
        streams: vec![StreamAppend { stream, expected: ExpectedVersion::Any, events: vec![event] }],
    }
}

/// An event as it is stored.
pub(super) fn read(name: &str, data: Value) -> Event {
    Event::decode(name, 1, &data.to_string()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_made_on_what_is_no_longer_so_is_not_recorded() {
    let ines = StreamName::agent(&ActorId::new("ines").unwrap());
    let of_ticket = || StreamName::ticket(TicketNumber(1));
    let capacity = |points: u32| {
        let weights = json!({ "urgent": 3, "high": 2, "normal": 1, "low": 1 });
        json!({ "points": points, "weights": weights })
    };
    let rules = json!({ "rules": [{ "team": "billing" }] });
    let overtakes = [
        // By hand: it stands.
        (of_ticket(), read("ticket.assigned", json!({ "to": "omar" })), json!("omar")),
        // Gone, full, or not asked for by the rules any more: nobody.
        (ines, read("agent.availability_changed", json!({ "from": "online", "to": "offline" })), Value::Null),
        (
            StreamName::staff(),
            read(
                "staff.capacity_changed",
                json!({ "member": "ines", "from": capacity(10), "to": capacity(0) }),
            ),
            Value::Null,
        ),
        (StreamName::staff(), read("staff.deactivated", json!({ "member": "ines" })), Value::Null),
        (
            CatalogueName::Routing.stream(),
            read(
                "routing.published",
                json!({ "slug": "default", "version": 2, "effective_at": NOW.0, "content": rules, "reason": "x" }),
            ),
            Value::Null,
        ),
    ];
    for (stream, event, to) in overtakes {
        let mut made = None;
        let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
        let store: Arc<MoodyStore> = made.unwrap();
        online(&desk, "ines", "support").await;
        let ticket = opened(&desk, json!({})).await;
        desk.settled().await;
        let name = event.name();
        store.is_overtaken_by(done(stream, event));
        assert_eq!(routing::turn(&desk.app, &mut Wake::everything()).await, Turn::InVain, "{name}");
        route(&desk.app).await;
        assert_eq!(assignee(&desk, ticket).await, to, "{name}");
        let log = desk.log().await;
        let by_routing = log
            .iter()
            .filter(|event| event["type"] == "ticket.assigned" && event["actor"]["id"] == "routing");
        assert_eq!(by_routing.count(), 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leans_on_a_decision_that_came_too_late_is_given_up_with_it() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    online(&desk, "ines", "support").await;
    has_room(&desk, "ines", 2).await;
    opened(&desk, json!({})).await;
    opened(&desk, json!({})).await;
    desk.settled().await;
    // Both are to go to ines. The first is given to her by hand before, and weighs all that she has room for; her stream
    // then stands where the decision on the second expects it.
    let of_ticket = StreamName::ticket(TicketNumber(1));
    let mut by_hand =
        done(of_ticket.clone(), read("ticket.priority_changed", json!({ "from": "normal", "to": "high" })));
    by_hand.streams.extend(done(of_ticket, read("ticket.assigned", json!({ "to": "ines" }))).streams);
    let ines = StreamName::agent(&ActorId::new("ines").unwrap());
    by_hand.streams.extend(done(ines, read("agent.ticket_taken", json!({ "ticket": 1 }))).streams);
    store.is_overtaken_by(by_hand);
    route(&desk.app).await;
    let log = folded(desk.app.store.as_ref()).await;
    assert_eq!((log.given.clone(), log.reasons(2)), (vec![], vec!["capacity"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_does_not_wait_for_room_that_a_decision_took_which_came_too_late() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    online(&desk, "ines", "support").await;
    has_room(&desk, "ines", 1).await;
    let mut routing = Follower::of(&desk);
    opened(&desk, json!({})).await;
    let second = opened(&desk, json!({})).await;
    // The first was to fill her; it goes to somebody else, and nothing of hers changes that would wake anybody.
    store.is_overtaken_by(done(
        StreamName::ticket(TicketNumber(1)),
        read("ticket.assigned", json!({ "to": "omar" })),
    ));
    routing.route().await;
    assert_eq!(assignee(&desk, second).await, "ines");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_takes_nothing_now_is_tried_again() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let store: Arc<MoodyStore> = made.unwrap();
    online(&desk, "ines", "support").await;
    let ticket = opened(&desk, json!({})).await;
    for error in [AppendError::Busy, AppendError::StorageFull, AppendError::OutcomeUnknown] {
        store.refuses(error);
        assert_eq!(routing::turn(&desk.app, &mut Wake::everything()).await, Turn::NotNow);
    }
    store.is_well();
    route(&desk.app).await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_and_a_replay_decide_nothing() {
    let desk = Desk::open().await;
    online(&desk, "ines", "support").await;
    opened(&desk, json!({})).await;
    let head = desk.head();
    desk.post("/api/v1/projections/roster/rebuild").await.ok(200);
    let elsewhere = tempfile::tempdir().unwrap();
    let replayed = Desk::at(elsewhere.path(), desk.app.store.clone(), desk.clock.clone()).await;
    replayed.settled().await;
    assert_eq!(desk.head(), head);
}
