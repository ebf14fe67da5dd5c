//! Reports over a million tickets: every report by nothing, by agent and by category with a trend by day; sealed, and with as many
//! tickets told loosely as there may be.

use crate::Plan;
use crate::logs::scratch;
use crate::measure::{latencies, seconds};
use crate::report::{Report, Target};
use docket_core::access::Reach;
use docket_core::actor::Actor;
use docket_core::calendar::{Calendar, Each, UTC};
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, StreamKind, StreamVersion, TicketNumber, ZoneName};
use docket_core::record::Origin;
use docket_core::store::Fact;
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::Connection;
use docket_projections::ledger::Dimension;
use docket_projections::log_event::LogEvent;
use docket_projections::read_model::Purpose;
use docket_projections::read_model::file::open_for_reading;
use docket_projections::registry::{Model, all};
use docket_projections::reports::answer::{Asked, Placed, ReportName, answer};
use docket_tests::generator::{Generator, Shape};
use std::collections::BTreeSet;

/// Tickets of the log.
const TICKETS: u64 = 1_000_000;

/// Tickets whose lives are made; the others live as they did, later.
const LIVES: u64 = 20_000;

/// Calls of each kind.
const CALLS: usize = 20;

/// Tickets that are told loosely at most.
const LOOSE: u64 = 8_000;

/// What one report may take. Unit: milliseconds.
const P95_MS: f64 = 200.0;

/// The lives of some tickets, without words: reports do not read them.
fn lives() -> Vec<LogEvent> {
    let mut generator = Generator::new(Shape { message_bytes: 16, ..Shape::seeded(1) });
    let mut lives = Vec::new();
    while generator.opened() <= LIVES {
        let Some(Fact { stream, event }) = generator.next() else { break };
        let StreamKind::Ticket(number) = stream.kind() else { continue };
        if number.0 > LIVES {
            continue;
        }
        let decoded = Event::decode(event.event.name, event.event.schema, &event.event.data).unwrap();
        lives.push(LogEvent {
            position: GlobalPosition::START,
            stream: stream.kind(),
            agent: None,
            version: StreamVersion::NONE,
            occurred_at: event.occurred_at,
            recorded_at: event.occurred_at,
            actor: event.actor,
            origin: Origin::Decided,
            source: None,
            event: Ok(decoded),
        });
    }
    lives
}

/// The same lives, of other tickets and later.
fn again(lives: &[LogEvent], round: u64, span: DurationMs, after: u64) -> Vec<LogEvent> {
    let later = DurationMs(span.0 * round as i64);
    let mut page = lives.to_vec();
    for (index, event) in page.iter_mut().enumerate() {
        event.position = GlobalPosition(after + index as u64 + 1);
        event.occurred_at = event.occurred_at.plus(later);
        if let StreamKind::Ticket(number) = event.stream {
            event.stream = StreamKind::Ticket(TicketNumber(number.0 + round * LIVES));
        }
    }
    page
}

/// Notes on tickets all over the log, so that they are told loosely.
fn touched(after: GlobalPosition) -> Vec<LogEvent> {
    let note = r#"{"message":"00000000-0000-0000-0000-000000000001"}"#;
    let event = Event::decode("ticket.noted", 1, note).unwrap();
    let of = |index: u64| LogEvent {
        position: GlobalPosition(after.0 + index + 1),
        stream: StreamKind::Ticket(TicketNumber(1 + index * (TICKETS / LOOSE))),
        agent: None,
        version: StreamVersion::NONE,
        occurred_at: Timestamp(1_800_000_000_000),
        recorded_at: Timestamp(1_800_000_000_000),
        actor: Actor::system("bench"),
        origin: Origin::Decided,
        source: None,
        event: Ok(event.clone()),
    };
    (0..LOOSE).map(of).collect()
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let directory = scratch(&plan.directory);
    let path = directory.path().join("reports.db");
    let definition = all().into_iter().find(|definition| definition.name == "reports").unwrap();
    let lives = lives();
    let (first, last) = (lives.first().unwrap().occurred_at, lives.last().unwrap().occurred_at);
    let span = last.since(first);
    let (built_s, head) = seconds(|| {
        let mut model = definition.open(&path, Purpose::Rebuild).unwrap();
        let mut head = 0;
        for round in 0..TICKETS / LIVES {
            let page = again(&lives, round, span, head);
            head += page.len() as u64;
            model.apply(&page, GlobalPosition(u64::MAX)).unwrap();
        }
        model.finish().unwrap();
        head
    });
    report.plain("events", head as f64, "", None);
    report.plain("built at", head as f64 / built_s, "events/s", None);
    report.plain("file", std::fs::metadata(&path).unwrap().len() as f64 / f64::from(1 << 20), "MiB", None);
    let range = (first, first.plus(DurationMs(span.0 * (TICKETS / LIVES) as i64 + 1)));
    let sealed = open_for_reading(&path).unwrap();
    each(&sealed, "sealed", range, report);
    let mut live: Box<dyn Model> = definition.open(&path, Purpose::Live).unwrap();
    live.apply(&touched(GlobalPosition(head)), GlobalPosition(u64::MAX)).unwrap();
    live.flush().unwrap();
    let mixed = open_for_reading(&path).unwrap();
    each(&mixed, "mixed", range, report);
}

fn each(connection: &Connection, how: &str, (from, until): (Timestamp, Timestamp), report: &mut Report) {
    let calendar = Calendar::of(&ZoneName::new(UTC).unwrap()).unwrap();
    let me = ActorId::new("ines").unwrap();
    let teams = Reach::Teams { me, teams: BTreeSet::from(["billing".parse().unwrap()]) };
    let months = calendar.cut(Each::Month, from, until).unwrap();
    let whole = vec![from, until];
    for name in ReportName::ALL {
        for (label, by, bounds, reach) in [
            ("", None, &whole, &Reach::Everything),
            (" by agent", Some(Dimension::Agent), &whole, &Reach::Everything),
            (" by category each month", Some(Dimension::Category), &months, &Reach::Everything),
            (" by team within reach", Some(Dimension::Team), &whole, &teams),
        ] {
            let (placed, bounds, trend) = (Placed::Began, bounds.clone(), bounds.len() > 2);
            let asked = Asked { report: name, by, placed, bounds, trend, now: until };
            let told = latencies(CALLS, |_| drop(answer(connection, reach, &asked).unwrap().unwrap()));
            let label = format!("{}{label}, {how}, p95", name.as_str());
            report.plain(&label, told.percentile_ms(95.0), "ms", Some(Target::AtMost(P95_MS)));
        }
    }
}
