//! An agent who takes a ticket while routing looks for somebody: one of them has it, and both are told so.

use super::call::Answer;
use super::desk::Desk;
use super::log::folded;
use super::moody::MoodyStore;
use super::people::{assignee, has_room, hired, is, online, opened, route};
use super::races::{done, read};
use docket_core::names::{ActorId, StreamName, TicketNumber};
use docket_core::store::Append;
use docket_server::reactor::routing::{self, Turn, Wake};
use serde_json::{Value, json};
use std::sync::Arc;

/// An agent takes a ticket oneself.
async fn takes(desk: &Desk, ticket: u64, id: &str) -> Answer {
    desk.act(ticket, "take", json!({})).by(id, "agent").await
}

/// Whose a ticket is, as whoever took it was answered: theirs, or somebody's who had it before.
async fn taken_by(desk: &Desk, ticket: u64, id: &str, answer: &Answer) -> Value {
    let assignee = assignee(desk, ticket).await;
    if answer.status == 200 {
        assert_eq!((&answer.json()["outcome"], &assignee), (&json!("appended"), &json!(id)));
    } else {
        answer.problem(409, "ticket-of-somebody-else");
        assert_ne!(assignee, id);
    }
    assignee
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_agents_take_and_routing_one_has_the_ticket_and_nobody_gets_more_than_there_is_room_for() {
    for seed in 0..24 {
        let desk = Desk::open().await;
        online(&desk, "ines", "support").await;
        hired(&desk, "omar", "support").await;
        for id in ["ines", "omar"] {
            has_room(&desk, id, 1).await;
        }
        let tickets = [opened(&desk, json!({})).await, opened(&desk, json!({})).await];
        desk.settled().await;
        // Whoever takes a ticket reads it before: the more often, the further routing has come.
        let takes = async {
            for _ in 0..seed % 8 {
                assignee(&desk, tickets[0]).await;
            }
            takes(&desk, tickets[0], "omar").await
        };
        let goes = async {
            match seed % 3 {
                0 => is(&desk, "ines", "away").await,
                // Routing may choose omar for the other ticket, unless he has taken this one by then.
                1 => is(&desk, "omar", "online").await,
                _ => {}
            }
        };
        let (answer, (), ()) = tokio::join!(takes, route(&desk.app), goes);
        route(&desk.app).await;
        let first = taken_by(&desk, tickets[0], "omar", &answer).await;
        let second = assignee(&desk, tickets[1]).await;
        assert!(
            first != second || first == Value::Null,
            "{first} has room for one, and both, of seed {seed}"
        );
        let log = folded(desk.app.store.as_ref()).await;
        let given: Vec<_> = log.given.iter().filter(|(ticket, _)| *ticket == tickets[0]).collect();
        assert_eq!(given.len(), usize::from(answer.status == 409), "given by routing or taken: {given:?}");
    }
}

/// The ticket is given to somebody past this node, whose own stream knows it too.
fn given(ticket: u64, to: &str) -> Append {
    let assigned = read("ticket.assigned", json!({ "to": to }));
    let mut given = done(StreamName::ticket(TicketNumber(ticket)), assigned);
    let taken = read("agent.ticket_taken", json!({ "ticket": ticket }));
    given.streams.extend(done(StreamName::agent(&ActorId::new(to).unwrap()), taken).streams);
    given
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_stands_where_it_came_before_routing_and_is_refused_where_it_came_after() {
    for (first, then) in [("omar", "routing"), ("ines", "omar")] {
        let mut made = None;
        let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
        let store: Arc<MoodyStore> = made.unwrap();
        online(&desk, "ines", "support").await;
        hired(&desk, "omar", "support").await;
        let ticket = opened(&desk, json!({})).await;
        desk.settled().await;
        // Between what the second was decided on and its append.
        store.is_overtaken_by(given(ticket, first));
        if then == "routing" {
            assert_eq!(routing::turn(&desk.app, &mut Wake::everything()).await, Turn::InVain);
        } else {
            takes(&desk, ticket, then).await.problem(409, "ticket-of-somebody-else");
        }
        route(&desk.app).await;
        assert_eq!(assignee(&desk, ticket).await, first);
        assert_eq!(folded(desk.app.store.as_ref()).await.given, []);
    }
}
