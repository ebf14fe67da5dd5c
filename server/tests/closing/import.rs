//! Imported facts set nothing off; what falls due after the import does (DESIGN decision 7, promise T5).

use super::desk::Desk;
use super::fallen::{DAY, all, at, happened, look, look_at};
use docket_core::actor::{Actor, Role};
use docket_core::event::Event;
use docket_core::names::{ActorId, EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::Fact;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Channel, Opened, Requester, Resolved, Snoozing};
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

fn opened(ticket: u64) -> Fact {
    let opened = Opened {
        requester: Requester { id: ActorId::new("noor").unwrap(), name: None, email: None },
        subject: "x".into(),
        body: None,
        channel: Channel::Import,
        language: None,
        priority: None,
        category: None,
        team: None,
        follows: None,
    };
    fact(ticket, -1000 * DAY, TicketEvent::Opened(Box::new(opened)))
}

/// Resolved so many days before the import, with a question to the customer.
fn resolved(ticket: u64, before: i64) -> [Fact; 2] {
    let resolved = Resolved {
        resolution: None,
        category: None,
        assignee: None,
        notes: None,
        confirmation: true,
        survey: false,
    };
    [opened(ticket), fact(ticket, -before, TicketEvent::Resolved(Box::new(resolved)))]
}

async fn import(desk: &Desk, facts: impl IntoIterator<Item = Fact>) {
    desk.app.store.append_facts(facts.into_iter().collect()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_before_the_import_sets_nothing_off() {
    let desk = Desk::open().await;
    import(
        &desk,
        [resolved(1, 14 * DAY), resolved(2, 15 * DAY), resolved(3, 900 * DAY)].into_iter().flatten(),
    )
    .await;
    let snoozed = TicketEvent::Snoozed(Snoozing { until: at(-DAY) });
    import(&desk, [opened(4), fact(4, -2 * DAY, snoozed)]).await;
    assert_eq!(look(&desk.app).await, None);
    assert_eq!(look_at(&desk, 1000 * DAY).await, None);
    assert_eq!(all(&desk).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_due_after_the_import_happens() {
    let desk = Desk::open().await;
    // A millisecond decides: the first answer fell due with the import, the second one right after it.
    import(&desk, [resolved(1, 7 * DAY), resolved(2, 7 * DAY - 1), resolved(3, DAY)].into_iter().flatten())
        .await;
    let snoozed = TicketEvent::Snoozed(Snoozing { until: at(DAY) });
    import(&desk, [opened(4), fact(4, -2 * DAY, snoozed)]).await;
    assert_eq!(look(&desk.app).await, Some(1));
    look_at(&desk, 100 * DAY).await;
    let mut fallen = all(&desk).await;
    fallen.sort();
    let expected = [
        happened(1, "sealed", 7 * DAY),
        happened(2, "confirmed", 1),
        happened(2, "sealed", 7 * DAY + 1),
        happened(3, "confirmed", 6 * DAY),
        happened(3, "sealed", 13 * DAY),
        happened(4, "woken", DAY),
    ];
    assert_eq!(fallen, expected);
}
