//! Where commands are decided and written down as facts, as the command handler and the timers would.

use super::people::{self, Customer};
use super::texts;
use crate::random::Random;
use docket_core::actor::Actor;
use docket_core::agent::load_changes;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{EventId, Slug, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::sla::{Ledger, Policy};
use docket_core::store::Fact;
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::event::{Channel, Language, Priority};
use docket_core::ticket::{Action, Ticket, TicketCommand, TicketDecider, TicketEvent};
use docket_core::time::Timestamp;
use uuid::Uuid;

/// A ticket that is worked on.
pub(super) struct Case {
    pub(super) number: TicketNumber,
    pub(super) ticket: Ticket,
    pub(super) language: Language,
    pub(super) customer: Customer,
    /// Public replies by staff so far.
    pub(super) replies: u32,
    first_response: Option<Ledger>,
}

impl Case {
    pub(super) fn new(number: TicketNumber) -> Self {
        let (ticket, customer) = (Ticket::default(), Customer::of(0));
        Self { number, ticket, language: Language::En, customer, replies: 0, first_response: None }
    }
}

/// Turns commands into facts.
pub(super) struct Desk {
    pub(super) random: Random,
    pub(super) message_bytes: usize,
    policy: &'static Policy,
}

pub(super) fn slug(name: &str) -> Slug {
    Slug::new(name).expect("the names in here are slugs")
}

impl Desk {
    pub(super) fn new(random: Random, message_bytes: usize) -> Self {
        Self { random, message_bytes, policy: Policy::of_the_guide() }
    }

    /// A message in the language of a ticket, short or long, as long as asked for on average.
    pub(super) fn message(&mut self, language: Language, by_staff: bool) -> Body {
        let bytes = self.message_length();
        Body::new(texts::message(&mut self.random, language, by_staff, bytes)).expect("sentences are a body")
    }

    /// Most messages are short and a few are long: half an average at most for every second one, four at most.
    fn message_length(&mut self) -> usize {
        let mean = self.message_bytes.max(8);
        match self.random.below(8) {
            0..4 => mean / 4 + self.random.index(mean / 2),
            4..7 => mean / 2 + self.random.index(mean),
            _ => mean * 2 + self.random.index(mean * 2),
        }
    }

    /// Opens a ticket: somebody writes, in their language, by one of the ways in.
    pub(super) fn open(&mut self, case: &mut Case, now: Timestamp) -> Vec<Fact> {
        let random = &mut self.random;
        case.customer = Customer::of(random.below(20_000));
        case.language = if random.chance(40) { Language::Es } else { Language::En };
        let priority = match random.below(100) {
            0..6 => Priority::Urgent,
            6..24 => Priority::High,
            24..80 => Priority::Normal,
            _ => Priority::Low,
        };
        let channels = [Channel::Portal, Channel::Portal, Channel::Email, Channel::Web, Channel::Phone];
        let channel = random.pick(&channels);
        let category = random.chance(85).then(|| slug(random.pick(&people::CATEGORIES)));
        let team = random.chance(70).then(|| slug(random.pick(&people::TEAMS)));
        let subject = Line::new(texts::subject(random, case.language)).expect("a subject is one line");
        let requester = case.customer.id();
        let name = Line::new(case.customer.name()).ok();
        let email = random.chance(80).then(|| Line::new(case.customer.email()).ok()).flatten();
        let actor = if channel == Channel::Phone { people::agent(random) } else { case.customer.actor() };
        let body = self.message(case.language, false);
        let open = Open {
            requester,
            requester_name: name,
            requester_email: email,
            subject,
            body,
            channel,
            language: case.language,
            priority,
            category,
            team,
            follows: None,
        };
        self.act(case, TicketCommand { actor, action: Action::Open(Box::new(open)) }, now)
    }

    /// Decides a command on a ticket; what follows is one request. A refusal or a wish that holds is nothing.
    pub(super) fn act(&mut self, case: &mut Case, command: TicketCommand, now: Timestamp) -> Vec<Fact> {
        let Ok(events) = TicketDecider::decide(&command, &case.ticket) else { return Vec::new() };
        let correlation = self.random.uuid_at(now);
        let before = case.ticket.clone();
        let mut facts = Vec::with_capacity(events.len() + 1);
        for event in events {
            self.count(case, &command.actor, &event, now);
            case.ticket = TicketDecider::evolve(std::mem::take(&mut case.ticket), &event);
            let stream = StreamName::ticket(case.number);
            facts.push(self.fact(stream, Event::Ticket(event), &command.actor, correlation, now));
        }
        for (agent, change) in load_changes(case.number, &before, &case.ticket) {
            let stream = StreamName::agent(&agent);
            facts.push(self.fact(stream, Event::Agent(change), &command.actor, correlation, now));
        }
        facts
    }

    fn count(&mut self, case: &mut Case, actor: &Actor, event: &TicketEvent, now: Timestamp) {
        if let TicketEvent::Opened(opened) = event {
            case.first_response = Some(Ledger::opened(self.policy, now, opened.priority));
        }
        if let Some(ledger) = &mut case.first_response {
            ledger.take(self.policy, now, actor.role, event);
        }
        case.replies += u32::from(matches!(event, TicketEvent::Replied(_)));
    }

    /// What the timers have noticed about a ticket by now.
    pub(super) fn timers(&mut self, case: &mut Case, now: Timestamp) -> Vec<Fact> {
        let mut facts = Vec::new();
        let Some(ledger) = &mut case.first_response else { return facts };
        let actor = Actor::system("sla-timer");
        while let Some((at, notice)) = ledger.next_notice().filter(|(at, _)| *at <= now) {
            ledger.note(&notice);
            let id = notice.id(case.number);
            let stream = StreamName::sla(case.number);
            let correlation = self.random.uuid_at(at);
            let fact = self.fact(stream, Event::Sla(notice), &actor, correlation, at);
            facts.push(Fact { event: NewEvent { id, ..fact.event }, ..fact });
        }
        facts
    }

    fn fact(
        &mut self,
        stream: StreamName,
        event: Event,
        actor: &Actor,
        correlation: Uuid,
        occurred_at: Timestamp,
    ) -> Fact {
        let event = NewEvent {
            id: EventId(self.random.uuid_at(occurred_at)),
            event: event.encode(),
            occurred_at,
            actor: actor.clone(),
            correlation,
            causation: None,
            origin: Origin::Decided,
            source: None,
        };
        Fact { stream, event }
    }
}
