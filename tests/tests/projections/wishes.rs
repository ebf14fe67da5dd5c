//! Random commands, sensible or not, for the tests that go through the command handler.

use super::support::{NOW, agent};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::catalog;
use docket_core::handler::Request;
use docket_core::names::{ActorId, Slug, StreamVersion, TicketNumber};
use docket_core::store::CommandKey;
use docket_core::text::{Body, Line};
use docket_core::ticket::command::{Gone, Open};
use docket_core::ticket::event::{Channel, Destination, Language, Priority, RatedThrough, Score};
use docket_core::ticket::{Action, TicketCommand};
use docket_core::time::DurationMs;
use docket_tests::random::Random;
use std::collections::BTreeSet;
use uuid::Uuid;

const STAFF: [&str; 4] = ["ines", "omar", "lena", "david"];

fn slug(random: &mut Random, of: &[&str]) -> Slug {
    Slug::new(random.pick(of)).unwrap()
}

fn body(random: &mut Random) -> Body {
    let texts = ["¿Y ahora qué?", "It works now.", "\u{202e}odd\u{202c}\n second line", "Por favor, ayuda"];
    Body::new(random.pick(&texts)).unwrap()
}

fn open(random: &mut Random) -> Action {
    Action::Open(Box::new(Open {
        requester: ActorId::new(&format!("customer-{}", random.below(9))).unwrap(),
        requester_name: random.coin().then(|| Line::new("Núria Vidal").unwrap()),
        requester_email: None,
        subject: Line::new("No puedo entrar").unwrap(),
        body: body(random),
        channel: Channel::Portal,
        language: Language::Es,
        priority: random.pick(&Priority::ALL),
        category: random.coin().then(|| slug(random, catalog::INTAKE_CATEGORIES)),
        team: random.coin().then(|| slug(random, catalog::TEAMS)),
        follows: None,
    }))
}

fn on_ticket(random: &mut Random) -> Action {
    let message = Uuid::from_u64_pair(7, random.below(2_000));
    let colleague = |random: &mut Random| ActorId::new(random.pick(&STAFF)).unwrap();
    let other = |random: &mut Random| TicketNumber(1 + random.below(40));
    let tag = |random: &mut Random| BTreeSet::from([slug(random, &["vip", "refund", "outage"])]);
    match random.below(35) {
        0..4 => Action::Assign { to: colleague(random) },
        4 => Action::Unassign,
        5 => Action::ChangeTeam { to: random.coin().then(|| slug(random, catalog::TEAMS)) },
        6 => Action::ChangePriority { to: random.pick(&Priority::ALL) },
        7 => Action::ChangeCategory { to: slug(random, catalog::INTAKE_CATEGORIES) },
        8..11 => Action::Reply { message, body: body(random), then_pending: random.chance(30) },
        11..13 => Action::CustomerReply { message, body: body(random) },
        13 => Action::Note { message, body: body(random) },
        14 => Action::SetPending { reason: slug(random, catalog::PENDING_REASONS) },
        15 => Action::SetOpen,
        16 => {
            let to = if random.coin() {
                Destination::Team(slug(random, catalog::TEAMS))
            } else {
                Destination::Supervisor(colleague(random))
            };
            Action::Escalate { reason: slug(random, catalog::ESCALATION_REASONS), to, context: body(random) }
        }
        17 => Action::Resolve {
            resolution: slug(random, catalog::RESOLUTION_CATEGORIES),
            needs_assignee: true,
            notes: random.coin().then(|| body(random)),
            confirmation: random.coin(),
            survey: random.coin(),
        },
        18 => Action::Reopen,
        19 => Action::Confirm,
        20 => Action::Refuse { message, body: body(random) },
        21 => {
            let score = random.pick(&[Score::Good, Score::Bad]);
            let (comment, through) = (random.coin().then(|| body(random)), random.pick(&RatedThrough::ALL));
            Action::Rate { cycle: None, score, comment, through }
        }
        22 => Action::Merge { into: other(random) },
        23 => Action::Unmerge,
        24 => Action::Link { to: other(random) },
        25 => Action::Unlink { to: other(random) },
        26 => Action::Tag { add: tag(random), remove: tag(random) },
        27 => Action::SetField {
            field: slug(random, &["order"]),
            to: random.coin().then(|| Line::new("A-4711").unwrap()),
        },
        28 => Action::Follow,
        29 => Action::Take,
        30 => Action::Acknowledge { of_team: random.coin() },
        31 => Action::Return { context: body(random), gone: Gone::default() },
        32 => {
            let until = NOW.plus(DurationMs::from_hours(random.below(20_000) as i64));
            Action::Snooze { until, now: NOW }
        }
        33 => Action::Unfollow,
        _ if random.chance(20) => Action::Seal,
        _ => Action::CustomerReply { message, body: body(random) },
    }
}

/// Something that somebody might ask for, of one of so many tickets or of a new one.
pub(crate) fn request(random: &mut Random, tickets: u64) -> Request {
    let opens = tickets == 0 || random.chance(12);
    // Now and then one that does not exist.
    let ticket = (!opens).then(|| TicketNumber(1 + random.below(tickets + 1)));
    let action = if opens { open(random) } else { on_ticket(random) };
    let id = if random.chance(10) { "somebody" } else { random.pick(&STAFF) };
    let role = if random.chance(80) { Role::Agent } else { random.pick(&Role::ALL) };
    let team = random.coin().then(|| slug(random, catalog::TEAMS));
    let seen = random.chance(20).then(|| StreamVersion(random.below(8)));
    let key = random.chance(50).then(|| {
        let key = random.bits().to_string();
        CommandKey { principal: id.to_owned(), digest: format!("digest of {key}"), key }
    });
    let command = TicketCommand { actor: Actor { role, team, ..agent(id) }, action };
    Request {
        ticket,
        seen,
        reach: Reach::Everything,
        command,
        key,
        correlation: Uuid::from_u64_pair(9, random.bits()),
    }
}
