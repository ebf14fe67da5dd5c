//! What is done and undone again leaves every read model as if it had not been (PRODUCT sections 2 to 5).

use super::oracle::contents;
use super::support::{NOW, agent, empty_log, runtime, start, wait_for_all};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::catalog;
use docket_core::clock::ManualClock;
use docket_core::handler::{CommandHandler, Request};
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::store::EventStore;
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::event::{Channel, Destination, Language, Priority};
use docket_core::ticket::{Action, Status, TicketCommand};
use docket_core::time::DurationMs;
use docket_projections::runner::Projections;
use docket_tests::random::{Random, seeds};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

const TICKETS: u64 = 8;

const DEEDS: usize = 60;

/// What tells that something happened, and nothing of how a ticket stands: the words of an escalation stay said.
const TRACES: [&str; 5] = ["version", "own_version", "updated_at", "ticket_version", "texts"];

struct Desk {
    runtime: Runtime,
    clock: Arc<ManualClock>,
    handler: CommandHandler,
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn text(words: &str) -> Body {
    Body::new(words).unwrap()
}

impl Desk {
    /// Whether it was granted.
    fn does(&self, ticket: Option<u64>, action: Action) -> bool {
        // Time goes on, so that nothing is equal by being at the same instant.
        self.clock.set(docket_core::clock::Clock::now(self.clock.as_ref()).plus(DurationMs::from_minutes(1)));
        let actor = Actor { role: Role::Supervisor, team: None, ..agent("lena") };
        let request = Request {
            ticket: ticket.map(TicketNumber),
            seen: None,
            reach: Reach::Everything,
            command: TicketCommand { actor, action },
            key: None,
            correlation: Uuid::nil(),
        };
        self.runtime.block_on(self.handler.handle(request)).is_ok()
    }

    fn status(&self, ticket: u64) -> Status {
        self.runtime.block_on(self.handler.ticket(TicketNumber(ticket))).unwrap().status
    }

    /// Tickets of one customer, each with a past of its own, and somebody who has it.
    fn begun(&self, random: &mut Random) {
        for number in 1..=TICKETS {
            let open = Open {
                requester: ActorId::new("noor").unwrap(),
                requester_name: None,
                requester_email: None,
                subject: Line::new("Charged twice").unwrap(),
                body: text("Two payments in March."),
                channel: Channel::Portal,
                language: Language::En,
                priority: random.pick(&Priority::ALL),
                category: None,
                team: Some(slug("support")),
                follows: None,
            };
            assert!(self.does(None, Action::Open(Box::new(open))));
            assert!(self.does(Some(number), Action::Assign { to: ActorId::new("ines").unwrap() }));
            match random.below(4) {
                0 => drop(self.does(Some(number), Action::SetPending { reason: slug("customer") })),
                1 => {
                    let message = Uuid::from_u128(number.into());
                    let reply = Action::Reply { message, body: text("Which ones?"), then_pending: false };
                    assert!(self.does(Some(number), reply));
                }
                2 => {
                    let resolution = slug(catalog::RESOLUTION_CATEGORIES[0]);
                    let (confirmation, survey) = (random.coin(), random.coin());
                    let (needs_assignee, notes) = (true, None);
                    let resolve = Action::Resolve { resolution, needs_assignee, notes, confirmation, survey };
                    assert!(self.does(Some(number), resolve));
                }
                _ => {}
            }
        }
    }

    /// A deed, and what undoes it; none where the domain says that what was there before does not come back.
    fn deed(&self, ticket: u64, random: &mut Random) -> Option<(Action, Action)> {
        let other = TicketNumber(1 + random.below(TICKETS));
        let tag = slug(random.pick(&["vip", "refund", "outage"]));
        let (one, none) = (BTreeSet::from([tag.clone()]), BTreeSet::new);
        let open = self.status(ticket) == Status::Open;
        Some(match random.below(6) {
            0 => (Action::Merge { into: other }, Action::Unmerge),
            // Whoever escalates or lays aside what waits for somebody takes it up; that it waited is over.
            1 if open => {
                let (reason, to) = (slug(catalog::ESCALATION_REASONS[0]), Destination::Team(slug("billing")));
                let back = Action::Return { context: text("It was the cache."), still_there: true };
                (Action::Escalate { reason, to, context: text("Third time.") }, back)
            }
            2 if open => {
                let now = docket_core::clock::Clock::now(self.clock.as_ref());
                let until = now.plus(DurationMs::from_hours(9));
                (Action::Snooze { until, now }, Action::SetOpen)
            }
            3 => (Action::Tag { add: one.clone(), remove: none() }, Action::Tag { add: none(), remove: one }),
            4 => (Action::Link { to: other }, Action::Unlink { to: other }),
            5 => (Action::Follow, Action::Unfollow),
            _ => return None,
        })
    }
}

/// Rows without traces, with what persons wrote, and counters.
type Standing = (BTreeMap<i64, (Value, Option<String>)>, BTreeMap<(i64, i64), i64>);

/// What a read model says of how things stand.
fn stands(projections: &Projections, name: &str) -> Standing {
    fn without_traces(value: &mut Value) {
        if let Value::Object(fields) = value {
            fields.retain(|field, _| !TRACES.contains(&field.as_str()));
            fields.values_mut().for_each(without_traces);
        }
    }
    let contents = projections.query(name, contents).unwrap();
    let row = |(key, (_, state, personal)): (i64, (Vec<i64>, String, Option<String>))| {
        let mut state = serde_json::from_str(&state).unwrap();
        without_traces(&mut state);
        (key, (state, personal))
    };
    let tallies = contents.tallies.into_iter().filter(|(_, count)| *count != 0).collect();
    (contents.rows.into_iter().map(row).collect(), tallies)
}

#[test]
fn what_is_undone_leaves_every_read_model_as_if_it_had_not_been() {
    for seed in seeds([31, 32, 33]) {
        println!("DOCKET_SEED={seed}");
        let (store, clock, mut random) = (empty_log(), Arc::new(ManualClock::at(NOW)), Random::new(seed));
        let handler = CommandHandler::new(store.clone(), clock.clone(), None);
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let desk = Desk { runtime, clock, handler };
        let live = start(&desk.runtime, directory.path(), &store);
        desk.begun(&mut random);
        wait_for_all(&desk.runtime, &live, *store.head().borrow());
        let models = ["queue", "sla", "search"];
        let before = models.map(|name| stands(&live, name));
        let mut undo = Vec::new();
        for _ in 0..DEEDS {
            let ticket = 1 + random.below(TICKETS);
            let Some((deed, undoing)) = desk.deed(ticket, &mut random) else { continue };
            let head = *store.head().borrow();
            // What held already has nothing to be undone.
            if desk.does(Some(ticket), deed) && *store.head().borrow() > head {
                undo.push((ticket, undoing));
            }
        }
        assert!(undo.len() > DEEDS / 4, "{} deeds", undo.len());
        wait_for_all(&desk.runtime, &live, *store.head().borrow());
        assert_ne!(models.map(|name| stands(&live, name)), before, "nothing was done");
        for (ticket, undoing) in undo.into_iter().rev() {
            assert!(desk.does(Some(ticket), undoing.clone()), "{undoing:?} on {ticket}");
        }
        wait_for_all(&desk.runtime, &live, *store.head().borrow());
        for (name, before) in models.into_iter().zip(before) {
            assert_eq!(stands(&live, name), before, "{name}");
        }
    }
}
