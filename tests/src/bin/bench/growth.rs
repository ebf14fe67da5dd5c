//! What a ticket costs in the log beyond the text that the customer wrote.

use crate::Plan;
use crate::logs::{open, runtime, scratch};
use crate::report::{Report, Target};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::clock::SystemClock;
use docket_core::event::Event;
use docket_core::handler::{CommandHandler, Request};
use docket_core::personal::PersonalText;
use docket_core::store::CommandKey;
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::event::{Language, Opened};
use docket_core::ticket::{Action, TicketCommand, TicketEvent};
use docket_tests::generator::open_tickets;
use std::sync::Arc;
use uuid::Uuid;

const TICKETS: u64 = 20_000;

fn bytes(text: Option<&PersonalText>) -> usize {
    text.and_then(PersonalText::plain).map_or(0, str::len)
}

fn line(text: &PersonalText) -> Line {
    Line::new(text.plain().unwrap_or_default()).unwrap()
}

fn request(opened: &Opened) -> Request {
    let open = Open {
        requester: opened.requester.id.clone(),
        requester_name: opened.requester.name.as_ref().map(line),
        requester_email: opened.requester.email.as_ref().map(line),
        subject: line(&opened.subject),
        body: Body::new(opened.body.as_ref().and_then(PersonalText::plain).unwrap_or_default()).unwrap(),
        channel: opened.channel,
        language: opened.language.unwrap_or(Language::En),
        priority: opened.priority.unwrap(),
        category: opened.category.clone(),
        team: opened.team.clone(),
        follows: None,
    };
    let actor = Actor { id: opened.requester.id.clone(), role: Role::Customer, team: None };
    let (principal, key) = (actor.id.to_string(), Uuid::now_v7().to_string());
    let key = Some(CommandKey { principal, key, digest: "0".repeat(32) });
    let command = TicketCommand { actor, action: Action::Open(Box::new(open)) };
    Request { ticket: None, seen: None, reach: Reach::Everything, command, key, correlation: Uuid::now_v7() }
}

pub(crate) fn run(plan: &Plan, report: &mut Report) {
    let (runtime, scratch) = (runtime(), scratch(&plan.directory));
    let path = scratch.path().join("log.db");
    let store = Arc::new(open(&path));
    let handler = CommandHandler::new(store.clone(), Arc::new(SystemClock), None);
    let mut text = 0;
    runtime.block_on(async {
        for fact in open_tickets(1, TICKETS) {
            let encoded = fact.event.event;
            let event = Event::decode(encoded.name, encoded.schema, &encoded.data).unwrap();
            let Event::Ticket(TicketEvent::Opened(opened)) = event else { continue };
            let requester = &opened.requester;
            text += bytes(Some(&opened.subject)) + bytes(opened.body.as_ref());
            text += bytes(requester.name.as_ref()) + bytes(requester.email.as_ref());
            handler.handle(request(&opened)).await.unwrap();
        }
    });
    store.close();
    let file = std::fs::metadata(&path).unwrap().len();
    let per_ticket = |bytes: f64| bytes / TICKETS as f64;
    report.plain("text of a ticket", per_ticket(text as f64), "bytes", None);
    let beyond = per_ticket(file as f64 - text as f64);
    report.plain("log growth beyond it", beyond, "bytes", Some(Target::AtMost(1000.0)));
}
