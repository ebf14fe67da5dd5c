//! Messages that come after a ticket was sealed: none is lost, and none is taken twice.

use super::*;
use crate::actor::Actor;
use crate::customer::event::LinkMade;
use crate::store::CommandKey;

fn message(key: Option<&str>) -> CustomerMessage {
    let id = ActorId::new("noor").unwrap();
    CustomerMessage {
        seen: None,
        attachments: Vec::new(),
        ticket: TicketNumber(1),
        body: Body::new("It is broken again.").unwrap(),
        actor: Actor { id: id.clone(), role: Role::Customer, team: None },
        reach: Reach::Own { requester: id },
        channel: Channel::Api,
        language: None,
        asked_in: Language::Es,
        link_until: None,
        key: key.map(|key| CommandKey {
            principal: "customer/noor".into(),
            key: key.into(),
            digest: "d".into(),
        }),
    }
}

async fn staff(handler: &CommandHandler, action: Action) {
    handler.handle(request(Some(1), None, Role::Agent, action)).await.unwrap();
}

/// A ticket of Noor's that is resolved.
async fn resolved() -> (Arc<MemoryStore>, CommandHandler) {
    let (store, handler) = handler();
    handler.handle(request(None, None, Role::Agent, open())).await.unwrap();
    let resolution = Slug::new("spam").unwrap();
    let (notes, confirmation, survey, needs_assignee) = (None, false, false, false);
    staff(&handler, Action::Resolve { resolution, needs_assignee, notes, confirmation, survey }).await;
    (store, handler)
}

async fn sealed() -> (Arc<MemoryStore>, CommandHandler) {
    let (store, handler) = resolved().await;
    staff(&handler, Action::Seal).await;
    (store, handler)
}

#[tokio::test]
async fn a_message_to_a_sealed_ticket_opens_one_that_follows_it_and_links_the_first_with_it() {
    let (_, handler) = sealed().await;
    let before = handler.ticket(TicketNumber(1)).await.unwrap();
    let taken = handler.take_message(message(None)).await.unwrap();
    assert_eq!(
        (taken.ticket, taken.version, taken.outcome),
        (TicketNumber(2), StreamVersion(1), Outcome::Appended)
    );
    let (version, links) = (before.version.next(), [TicketNumber(2)].into());
    let linked = Ticket { version, links, ..Ticket::clone(&before) };
    assert_eq!(*handler.ticket(TicketNumber(1)).await.unwrap(), linked, "and nothing else of it moved");
    let follows = handler.ticket(TicketNumber(2)).await.unwrap();
    assert_eq!((follows.follows, &follows.links), (Some(TicketNumber(1)), &[TicketNumber(1)].into()));
    let opened = handler.opening(TicketNumber(2)).await.unwrap().unwrap();
    assert_eq!((opened.follows, opened.requester.id.as_str()), (Some(TicketNumber(1)), "noor"));
    let said = opened.body.as_ref().and_then(|body| body.plain());
    assert_eq!((opened.subject.plain(), said), (Some("Charged twice"), Some("It is broken again.")));
    assert_eq!(opened.language, Some(Language::En), "that of the ticket before");
}

#[tokio::test]
async fn a_message_to_a_ticket_that_is_not_sealed_is_said_in_it() {
    let (_, handler) = resolved().await;
    let taken = handler.take_message(message(None)).await.unwrap();
    assert_eq!(taken.ticket, TicketNumber(1));
    assert_eq!(handler.ticket(TicketNumber(1)).await.unwrap().cycle, 2, "it is worked on again");
}

#[tokio::test]
async fn a_message_that_was_taken_before_the_ticket_was_sealed_opens_nothing_when_it_is_sent_again() {
    let (store, handler) = resolved().await;
    let first = handler.take_message(message(Some("k"))).await.unwrap();
    let resolution = Slug::new("spam").unwrap();
    let (notes, confirmation, survey, needs_assignee) = (None, false, false, false);
    staff(&handler, Action::Resolve { resolution, needs_assignee, notes, confirmation, survey }).await;
    staff(&handler, Action::Seal).await;
    let head = *store.head().borrow();
    let again = handler.take_message(message(Some("k"))).await.unwrap();
    assert_eq!(
        (again.ticket, again.position, again.outcome),
        (TicketNumber(1), first.position, Outcome::Found)
    );
    assert_eq!(*store.head().borrow(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_sent_by_many_at_once_opens_one_ticket() {
    let (store, handler) = sealed().await;
    let (head, handler) = (store.head().borrow().0, Arc::new(handler));
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let handler = handler.clone();
        sent.spawn(async move { handler.take_message(message(Some("k"))).await.unwrap().ticket });
    }
    let taken: std::collections::BTreeSet<_> = sent.join_all().await.into_iter().collect();
    assert_eq!((taken.len(), store.head().borrow().0), (1, head + 2));
    let other = CustomerMessage {
        key: message(Some("k")).key.map(|key| CommandKey { digest: "other".into(), ..key }),
        ..message(None)
    };
    let refused = handler.take_message(other).await;
    assert!(matches!(refused, Err(HandleError::Append(AppendError::KeyReused { .. }))), "{refused:?}");
}

#[tokio::test]
async fn whoever_came_by_a_link_gets_one_into_the_new_ticket_that_is_recorded_with_it() {
    let (store, handler) = sealed().await;
    let until = Timestamp(7_000);
    let by_link = CustomerMessage { link_until: Some(until), ..message(Some("k")) };
    let taken = handler.take_message(by_link.clone()).await.unwrap();
    assert_eq!((taken.ticket, taken.version), (TicketNumber(2), StreamVersion(1)));
    let stream = StreamName::customer(&by_link.actor.id);
    let records = store.read_stream(&stream, StreamVersion::NONE, 9).await.unwrap();
    let records: Vec<_> = records.iter().map(|record| record.decode().unwrap()).collect();
    assert_eq!(records.len(), 1);
    let made = LinkMade { customer: by_link.actor.id.clone(), ticket: taken.ticket, expires_at: until };
    assert_eq!(records[0].event().unwrap(), Event::Customer(CustomerEvent::LinkMade(made)));
    assert_eq!((&records[0].actor, records[0].position), (&by_link.actor, taken.position));
    let again = handler.take_message(by_link).await.unwrap();
    assert_eq!((again.ticket, again.version, again.position), (taken.ticket, taken.version, taken.position));
}

#[tokio::test]
async fn a_ticket_that_is_not_ones_own_takes_no_message_sealed_or_not() {
    let (store, handler) = sealed().await;
    let head = store.head().borrow().0;
    let eva = ActorId::new("eva").unwrap();
    let stranger = CustomerMessage {
        actor: Actor { id: eva.clone(), ..message(None).actor },
        reach: Reach::Own { requester: eva },
        ..message(None)
    };
    let refused = handler.take_message(stranger).await;
    assert!(matches!(refused, Err(HandleError::Refused(TicketRefusal::NotFound))), "{refused:?}");
    assert_eq!(store.head().borrow().0, head);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_to_a_sealed_ticket_at_once_is_each_linked_with_it_and_no_number_is_left_out() {
    let (_, handler) = sealed().await;
    let handler = Arc::new(handler);
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let handler = handler.clone();
        sent.spawn(async move { handler.take_message(message(None)).await.unwrap().ticket });
    }
    let opened: std::collections::BTreeSet<_> = sent.join_all().await.into_iter().collect();
    assert_eq!(opened, (2..=41).map(TicketNumber).collect());
    assert_eq!(handler.ticket(TicketNumber(1)).await.unwrap().links, opened);
}

#[tokio::test]
async fn a_ticket_that_moved_meanwhile_through_another_node_is_linked_as_it_stands() {
    let (store, handler) = sealed().await;
    let other = CommandHandler::new(store, handler.clock.clone(), Some(TicketNumber(1)));
    assert_eq!(other.take_message(message(None)).await.unwrap().ticket, TicketNumber(2));
    assert_eq!(handler.take_message(message(None)).await.unwrap().ticket, TicketNumber(3));
    let links = [TicketNumber(2), TicketNumber(3)].into();
    assert_eq!(handler.ticket(TicketNumber(1)).await.unwrap().links, links);
}

#[tokio::test]
async fn a_new_ticket_that_names_itself_or_none_that_is_there_is_linked_with_nothing() {
    for follows in [1, 9] {
        let (store, handler) = handler();
        let Action::Open(mut open) = open() else { panic!("it opens") };
        open.follows = Some(TicketNumber(follows));
        let opened = handler.handle(request(None, None, Role::Agent, Action::Open(open))).await.unwrap();
        assert_eq!((opened.ticket, opened.version), (TicketNumber(1), StreamVersion(1)));
        assert_eq!(store.head().borrow().0, 1, "follows {follows}");
    }
}
