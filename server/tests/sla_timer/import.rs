//! Imported facts set nothing off; what falls due after the import does (DESIGN decision 7, promise T5).

use super::desk::Desk;
use super::noticed::{HOUR, MINUTE, all, at, breached, look, look_at, warned};
use docket_core::actor::{Actor, Role};
use docket_core::event::Event;
use docket_core::names::{ActorId, EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::Fact;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Channel, Message, Opened, Priority, Requester};
use serde_json::json;
use uuid::Uuid;

fn fact(ticket: u64, occurred: i64, event: TicketEvent) -> Fact {
    let event = NewEvent {
        id: EventId::deterministic(&format!("{ticket} {occurred}")),
        event: Event::Ticket(event).encode(),
        occurred_at: at(occurred),
        actor: Actor { id: ActorId::new("somebody").unwrap(), role: Role::Agent, team: None },
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Import,
        source: None,
    };
    Fact { stream: StreamName::ticket(TicketNumber(ticket)), event }
}

/// An urgent ticket that was opened so long before the import.
fn opened(ticket: u64, before: i64) -> Fact {
    let opened = Opened {
        requester: Requester { id: ActorId::new("noor").unwrap(), name: None, email: None },
        subject: "x".into(),
        body: None,
        channel: Channel::Import,
        language: None,
        priority: Some(Priority::Urgent),
        category: None,
        team: None,
        follows: None,
    };
    fact(ticket, -before, TicketEvent::Opened(Box::new(opened)))
}

async fn import(desk: &Desk, facts: Vec<Fact>) {
    desk.app.store.append_facts(facts).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_before_the_import_sets_nothing_off() {
    let desk = Desk::open().await;
    let answered = Message { message: Uuid::nil(), body: None };
    import(
        &desk,
        vec![
            opened(1, 3 * 24 * HOUR),
            opened(2, 5 * HOUR),
            // Answered too late, long ago.
            fact(2, -2 * HOUR, TicketEvent::Replied(answered)),
            opened(3, HOUR),
        ],
    )
    .await;
    assert_eq!(look(&desk.app).await, None);
    assert_eq!(look_at(&desk, 1000 * HOUR).await, None);
    assert_eq!(all(&desk).await, []);
    // The ledger knows of them all the same.
    let sla = desk.read("/api/v1/tickets/2/sla").await;
    assert_eq!(sla["clocks"][0]["breached"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_due_after_the_import_is_noted() {
    let desk = Desk::open().await;
    import(&desk, vec![opened(1, 30 * MINUTE), opened(2, 50 * MINUTE)]).await;
    assert_eq!(look(&desk.app).await, Some(10 * MINUTE + 1), "the second was near before it was imported");
    look_at(&desk, HOUR).await;
    let mut noted = all(&desk).await;
    noted.sort();
    let expected = [
        breached(1, 30 * MINUTE, HOUR, 30 * MINUTE),
        warned(1, 15 * MINUTE, HOUR, 30 * MINUTE),
        breached(2, 10 * MINUTE, HOUR, 10 * MINUTE),
    ];
    assert_eq!(noted, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_repeated_sets_nothing_off_twice() {
    let desk = Desk::open().await;
    import(&desk, vec![opened(1, 30 * MINUTE)]).await;
    look_at(&desk, 20 * MINUTE).await;
    // The same file again: nothing of it is new, and nothing is noted anew.
    import(&desk, vec![opened(1, 30 * MINUTE)]).await;
    look_at(&desk, HOUR).await;
    let kinds: Vec<_> = all(&desk).await.into_iter().map(|noticed| noticed.kind).collect();
    assert_eq!(kinds, ["sla.warned", "sla.breached"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_a_running_server_takes_in_are_treated_alike() {
    let desk = Desk::open().await;
    let opened = |case: &str, before: i64| {
        let source = json!({ "system": "desk", "case": case, "seq": 0, "type": "created" });
        let requester = json!({ "id": "noor" });
        let data =
            json!({ "requester": requester, "subject": "x", "channel": "import", "priority": "urgent" });
        let fact = json!({
            "type": "ticket.opened", "occurred_at": at(-before).0, "source": source, "data": data,
        });
        json!({ "facts": [fact] }).to_string() + "\n"
    };
    let import = desk.post("/api/v1/import").by("alma", "admin");
    let import = import.header("content-type", "application/x-ndjson");
    import.raw(opened("old", 5 * HOUR) + &opened("new", 30 * MINUTE)).await.ok(200);
    look_at(&desk, HOUR).await;
    let mut noted = all(&desk).await;
    noted.sort();
    let expected = [breached(2, 30 * MINUTE, HOUR, 30 * MINUTE), warned(2, 15 * MINUTE, HOUR, 30 * MINUTE)];
    assert_eq!(noted, expected, "only what falls due after the import");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_from_the_future_is_due_in_its_own_time_and_not_before() {
    let desk = Desk::open().await;
    import(&desk, vec![opened(1, -24 * HOUR)]).await;
    let sla = desk.read("/api/v1/tickets/1/sla").await;
    let clock = &sla["clocks"][0];
    assert_eq!(
        (&clock["state"], &clock["breached"], &clock["approaching"]),
        (&json!("active"), &json!(false), &json!(false))
    );
    assert_eq!(
        (&clock["elapsed_s"], &clock["remaining_s"]),
        (&json!(0), &json!(25 * 3600)),
        "it has not begun"
    );
    assert_eq!(look(&desk.app).await, Some(24 * HOUR + 45 * MINUTE));
    look_at(&desk, 30 * HOUR).await;
    let due = 25 * HOUR;
    let expected = [warned(1, due - 15 * MINUTE, 30 * HOUR, due), breached(1, due, 30 * HOUR, due)];
    assert_eq!(all(&desk).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_from_before_its_customer_counts_like_any_other() {
    let desk = Desk::open().await;
    import(&desk, vec![opened(1, 30 * MINUTE)]).await;
    let customer = json!({ "id": "noor", "profile": { "name": "Noor Haddad" } });
    desk.post("/api/v1/customers").by("ines", "agent").json(&customer).await.ok(201);
    look_at(&desk, HOUR).await;
    let expected = [warned(1, 15 * MINUTE, HOUR, 30 * MINUTE), breached(1, 30 * MINUTE, HOUR, 30 * MINUTE)];
    assert_eq!(all(&desk).await, expected);
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!((&shown["requester"], &shown["clock"]["breached"]), (&json!("noor"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn times_that_step_back_are_shown_below_zero_and_set_nothing_off() {
    let desk = Desk::open().await;
    let answered = Message { message: Uuid::nil(), body: None };
    import(&desk, vec![opened(1, 5 * HOUR), fact(1, -6 * HOUR, TicketEvent::Replied(answered))]).await;
    let sla = desk.read("/api/v1/tickets/1/sla").await;
    let clock = &sla["clocks"][0];
    assert_eq!((&clock["elapsed_s"], &clock["breached"]), (&json!(-3600), &json!(false)));
    assert_eq!(
        (&clock["intervals"][0]["elapsed_s"], &clock["outcome"]),
        (&json!(-3600), &json!("responded"))
    );
    look_at(&desk, 1000 * HOUR).await;
    assert_eq!(all(&desk).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_arrives_late_is_judged_by_when_it_happened_and_what_was_noted_stays() {
    let desk = Desk::open().await;
    import(&desk, vec![opened(1, 30 * MINUTE)]).await;
    look_at(&desk, HOUR).await;
    let noted = all(&desk).await;
    assert_eq!(noted.len(), 2, "missed, as far as was known");
    // It was answered in time, as the log learns two hours later.
    let answered = Message { message: Uuid::nil(), body: None };
    import(&desk, vec![fact(1, 10 * MINUTE, TicketEvent::Replied(answered))]).await;
    let sla = desk.read("/api/v1/tickets/1/sla").await;
    let clock = &sla["clocks"][0];
    assert_eq!((&clock["elapsed_s"], &clock["breached"]), (&json!(2400), &json!(false)));
    look_at(&desk, 100 * HOUR).await;
    assert_eq!(all(&desk).await, noted, "an event is never taken back, and none is added");
}
