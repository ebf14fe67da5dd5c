//! What is done and undone again leaves every read model as if it had not been (PRODUCT sections 2 to 5).
//!
//! Two desks live through the same time: on one of them tickets are merged, escalated, laid aside, linked, tagged and
//! followed, one or many at once, and all of it is undone; on the other only what people say to each other is said. At the
//! end nothing but what `traces.rs` names tells the one from the other.

use super::support::{NOW, agent, append, empty_log, of_directory, raw_fact, runtime, start, wait_for_all};
use super::traces::{self, Told, check_equal, told};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::catalog;
use docket_core::clock::{Clock, ManualClock};
use docket_core::handler::{CommandHandler, HandleError, Handled, Outcome, Request};
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_core::text::{Body, Line};
use docket_core::ticket::command::{Gone, Open};
use docket_core::ticket::event::{Channel, Destination, Language, Priority};
use docket_core::ticket::{Action, Status, Ticket, TicketCommand};
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::runner::Projections;
use docket_tests::random::{Random, seeds};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

const TICKETS: u64 = 8;

const STEPS: usize = 90;

struct Desk {
    runtime: Runtime,
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
    handler: CommandHandler,
    live: Projections,
    _directory: TempDir,
}

/// What somebody said, on which ticket and when.
struct Said {
    at: Timestamp,
    ticket: u64,
    actor: Actor,
    action: Action,
}

/// What was done at once, with what undoes it on each ticket.
type Deed = Vec<(u64, Action)>;

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn text(words: &str) -> Body {
    Body::new(words).unwrap()
}

fn supervisor() -> Actor {
    Actor { role: Role::Supervisor, ..agent("lena") }
}

impl Desk {
    fn new(seed: u64) -> Self {
        let (store, clock, runtime) = (empty_log(), Arc::new(ManualClock::at(NOW)), runtime());
        let people = (0..8).map(|index| of_directory(seed, index, &raw_fact(1, "ticket.noted", 1, "{}")));
        append(&runtime, store.as_ref(), people.collect());
        let handler = CommandHandler::new(store.clone(), clock.clone(), None);
        let directory = tempfile::tempdir().unwrap();
        let live = start(&runtime, directory.path(), &store);
        Self { runtime, clock, store, handler, live, _directory: directory }
    }

    fn wait(&self) {
        // Time goes on, so that nothing is equal by being at the same instant.
        self.clock.set(self.clock.now().plus(DurationMs::from_minutes(1)));
    }

    /// What comes of commands that are given at once, as a command on many tickets gives them.
    fn do_all(&self, actor: &Actor, wishes: Vec<(Option<u64>, Action)>) -> Vec<Result<Handled, HandleError>> {
        let request = |(ticket, action): (Option<u64>, Action)| Request {
            ticket: ticket.map(TicketNumber),
            seen: None,
            reach: Reach::Everything,
            command: TicketCommand { actor: actor.clone(), action },
            key: None,
            correlation: Uuid::nil(),
        };
        let answers = wishes.into_iter().map(|wish| self.handler.handle(request(wish)));
        self.runtime.block_on(join_all(answers))
    }

    fn does(&self, actor: &Actor, ticket: Option<u64>, action: Action) -> Result<Handled, HandleError> {
        self.do_all(actor, vec![(ticket, action)]).pop().unwrap()
    }

    fn ticket(&self, ticket: u64) -> Arc<Ticket> {
        self.runtime.block_on(self.handler.ticket(TicketNumber(ticket))).unwrap()
    }

    /// Tickets of one customer, each with a past of its own, and somebody who has it.
    fn begin(&self, random: &mut Random) {
        let lena = supervisor();
        for number in 1..=TICKETS {
            self.wait();
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
            self.does(&lena, None, Action::Open(Box::new(open))).unwrap();
            let to = ActorId::new("ines").unwrap();
            self.does(&lena, Some(number), Action::Assign { to }).unwrap();
            match random.below(4) {
                0 => drop(self.does(&lena, Some(number), Action::SetPending { reason: slug("customer") })),
                1 => {
                    let message = Uuid::from_u128(number.into());
                    let reply = Action::Reply { message, body: text("Which ones?"), then_pending: false };
                    self.does(&lena, Some(number), reply).unwrap();
                }
                2 => {
                    let resolution = slug(catalog::RESOLUTION_CATEGORIES[0]);
                    let (confirmation, survey) = (random.coin(), random.coin());
                    let (needs_assignee, notes) = (true, None);
                    let resolve = Action::Resolve { resolution, needs_assignee, notes, confirmation, survey };
                    self.does(&lena, Some(number), resolve).unwrap();
                }
                _ => {}
            }
        }
    }

    /// Something is said on a ticket, by whoever may; returns what the other desk shall hear of it.
    fn say(&self, random: &mut Random) -> Vec<Said> {
        let (ticket, message) = (1 + random.below(TICKETS), Uuid::from_u128(random.bits().into()));
        let customer = Actor { role: Role::Customer, ..agent("noor") };
        let (actor, action) = match random.below(4) {
            0 => (
                agent("ines"),
                Action::Reply { message, body: text("We look into it."), then_pending: false },
            ),
            1 => (agent("ines"), Action::Note { message, body: text("Knows the bank.") }),
            _ => (customer, Action::CustomerReply { message, body: text("Any news?") }),
        };
        let merged_into = self.ticket(ticket).merge.as_ref().map(|merge| merge.into.0);
        if self.does(&actor, Some(ticket), action.clone()).is_err() {
            return Vec::new();
        }
        let at = self.clock.now();
        let heard_by = [Some(ticket), merged_into.filter(|_| actor.role == Role::Customer)];
        let said = |ticket| Said { at, ticket, actor: actor.clone(), action: action.clone() };
        heard_by.into_iter().flatten().map(said).collect()
    }

    /// Does the same to one ticket or to several at once; returns how it is undone where anything was done.
    fn deed(&self, random: &mut Random) -> Deed {
        let many = if random.chance(30) { 2 + random.below(3) } else { 1 };
        let tickets: BTreeSet<u64> = (0..many).map(|_| 1 + random.below(TICKETS)).collect();
        let other = TicketNumber(1 + random.below(TICKETS));
        let tag = slug(random.pick(&["vip", "refund", "outage"]));
        let (one, none) = (BTreeSet::from([tag.clone()]), BTreeSet::new);
        let kind = random.below(6);
        let (wish, undoing) = match kind {
            0 => (Action::Merge { into: other }, Action::Unmerge),
            1 => {
                let (reason, to) = (slug(catalog::ESCALATION_REASONS[0]), Destination::Team(slug("billing")));
                let back = Action::Return { context: text("It was the cache."), gone: Gone::default() };
                (Action::Escalate { reason, to, context: text("Third time.") }, back)
            }
            2 => {
                let now = self.clock.now();
                (Action::Snooze { until: now.plus(DurationMs::from_hours(9)), now }, Action::SetOpen)
            }
            3 => (Action::Tag { add: one.clone(), remove: none() }, Action::Tag { add: none(), remove: one }),
            4 => (Action::Link { to: other }, Action::Unlink { to: other }),
            _ => (Action::Follow, Action::Unfollow),
        };
        // Whoever escalates or lays aside what waits for somebody takes it up; that it waited does not come back.
        let fits = |ticket: &u64| ![1, 2].contains(&kind) || self.ticket(*ticket).status == Status::Open;
        let wishes = tickets.into_iter().filter(fits).map(|ticket| (Some(ticket), wish.clone())).collect();
        let answers = self.do_all(&supervisor(), wishes);
        // What held already has nothing to be undone.
        let done = answers.into_iter().flatten().filter(|handled| handled.outcome == Outcome::Appended);
        done.map(|handled| (handled.ticket.0, undoing.clone())).collect()
    }

    fn undo(&self, deed: Deed) {
        let wishes = deed.iter().map(|(ticket, undoing)| (Some(*ticket), undoing.clone())).collect();
        for (answer, (ticket, undoing)) in self.do_all(&supervisor(), wishes).into_iter().zip(deed) {
            assert!(answer.is_ok(), "{undoing:?} on {ticket}: {answer:?}");
        }
    }

    fn told(&self) -> BTreeMap<&'static str, Told> {
        wait_for_all(&self.runtime, &self.live, *self.store.head().borrow());
        told(&self.live)
    }
}

/// A desk on which things are done and undone, and what was said on it meanwhile.
fn desk_with_deeds(seed: u64) -> (Desk, Vec<Said>) {
    let (desk, mut random) = (Desk::new(seed), Random::new(seed));
    desk.begin(&mut random);
    let (mut said, mut undo) = (Vec::new(), Vec::<Deed>::new());
    let (mut done, mut at_once) = (0, 0);
    for _ in 0..STEPS {
        desk.wait();
        match random.below(10) {
            0..3 => said.extend(desk.say(&mut random)),
            // That somebody has read what an escalation says ends with the escalation.
            9 => drop(desk.does(
                &agent("omar"),
                Some(1 + random.below(TICKETS)),
                Action::Acknowledge { of_team: false },
            )),
            3 => undo.pop().into_iter().for_each(|deed| desk.undo(deed)),
            _ => {
                let deed = desk.deed(&mut random);
                done += usize::from(!deed.is_empty());
                at_once += usize::from(deed.len() > 1);
                undo.extend(Some(deed).filter(|deed| !deed.is_empty()));
            }
        }
    }
    while let Some(deed) = undo.pop() {
        desk.wait();
        desk.undo(deed);
        if random.chance(25) {
            desk.wait();
            said.extend(desk.say(&mut random));
        }
    }
    assert!(
        done > 10 && at_once > 0 && said.len() > 10,
        "{done} deeds, {at_once} on several, {} said",
        said.len()
    );
    (desk, said)
}

#[test]
fn what_is_undone_leaves_every_read_model_as_if_it_had_not_been() {
    let mut kept = BTreeSet::new();
    for seed in seeds(31..47) {
        println!("DOCKET_SEED={seed}");
        let (desk, said) = desk_with_deeds(seed);
        let quiet = Desk::new(seed);
        quiet.begin(&mut Random::new(seed));
        for Said { at, ticket, actor, action } in said {
            quiet.clock.set(at);
            quiet.does(&actor, Some(ticket), action).unwrap();
        }
        quiet.clock.set(desk.clock.now());
        kept.extend(check_equal(&desk.told(), &quiet.told()));
    }
    if std::env::var_os("DOCKET_SEED").is_none() {
        assert_eq!(kept, traces::all(), "what no undoing leaves behind needs no exception");
    }
}
