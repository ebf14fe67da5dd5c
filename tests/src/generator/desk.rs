//! Where commands are decided and written down as facts, as the command handler and the timers would.

use super::people::{self, Customer};
use super::roster::Roster;
use super::{texts, work};
use crate::random::Random;
use docket_core::actor::{Actor, Role};
use docket_core::agent::load_changes;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{EventId, Slug, StreamKind, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::routing;
use docket_core::sla::{Course, Rules};
use docket_core::store::Fact;
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::counterpart;
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
    /// The ticket of the same customer about the same.
    pub(super) duplicate_of: Option<TicketNumber>,
    course: Option<Course>,
}

impl Case {
    pub(super) fn new(number: TicketNumber) -> Self {
        let (ticket, customer) = (Ticket::default(), Customer::of(0));
        Self {
            number,
            ticket,
            language: Language::En,
            customer,
            replies: 0,
            duplicate_of: None,
            course: None,
        }
    }
}

/// Turns commands into facts.
pub(super) struct Desk {
    pub(super) random: Random,
    pub(super) message_bytes: usize,
    rules: Rules,
    /// What is done beside the talk; none on desks where nothing is.
    work: Option<Work>,
}

/// What a desk needs to do more than talk: odds of their own, so that the talk stays as it is, and people who come and go.
pub(super) struct Work {
    random: Random,
    pub(super) roster: Roster,
}

pub(super) fn slug(name: &str) -> Slug {
    Slug::new(name).expect("the names in here are slugs")
}

impl Desk {
    pub(super) fn new(random: Random, message_bytes: usize) -> Self {
        Self { random, message_bytes, rules: Rules::default(), work: None }
    }

    /// A desk that works on tickets beside talking about them.
    pub(super) fn working(random: Random, message_bytes: usize) -> Self {
        let mut of_its_own = random.clone();
        let work = Work { random: Random::new(of_its_own.bits()), roster: Roster::new() };
        Self { work: Some(work), ..Self::new(random, message_bytes) }
    }

    /// The odds of what is done beside the talk.
    pub(super) fn beside(&mut self) -> &mut Random {
        self.work.as_mut().map_or(&mut self.random, |work| &mut work.random)
    }

    /// Words of the staff beside the talk.
    pub(super) fn message_beside(&mut self, language: Language) -> Body {
        let bytes = self.message_bytes / 2;
        Body::new(texts::message(self.beside(), language, true, bytes)).expect("sentences are a body")
    }

    /// The instant in a message's identifier says nothing; only that no two are the same.
    pub(super) fn message_id_beside(&mut self) -> Uuid {
        self.beside().uuid_at(super::BEGAN_AT)
    }

    /// Who comes and goes.
    pub(super) fn shifts(&mut self, now: Timestamp) -> Vec<Fact> {
        let Some(work) = &mut self.work else { return Vec::new() };
        let changes = work.roster.shifts(&mut work.random, now);
        let facts = changes.into_iter().map(|(actor, change)| {
            let correlation = self.beside().uuid_at(now);
            self.fact(StreamName::agent(&actor.id), Event::Agent(change), &actor, correlation, now)
        });
        facts.collect()
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
        let somebody = Customer::of(random.below(20_000));
        case.customer = if case.duplicate_of.is_some() { case.customer } else { somebody };
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
        self.act_beside(case, None, command, now)
    }

    /// As [`Desk::act`], of a command that another ticket has a part in.
    pub(super) fn act_beside(
        &mut self,
        case: &mut Case,
        other: Option<&mut Case>,
        command: TicketCommand,
        now: Timestamp,
    ) -> Vec<Fact> {
        let TicketCommand { actor, action } = command;
        let action = if self.work.is_some() { work::enclosing(action, case.language, self) } else { action };
        let command = TicketCommand { actor, action };
        let events = match self.found_by_routing(case, &command) {
            Some(events) => events,
            None => match TicketDecider::decide(&command, &case.ticket) {
                Ok(events) => events,
                Err(_) => return Vec::new(),
            },
        };
        let effects = match counterpart::other(&events, &case.ticket) {
            None => Vec::new(),
            Some(number) => {
                let Some(other) = other.as_deref().filter(|other| other.number == number) else {
                    return Vec::new();
                };
                match counterpart::effects(case.number, &case.ticket, &events, &other.ticket) {
                    Ok(effects) => effects,
                    Err(_) => return Vec::new(),
                }
            }
        };
        let correlation = self.random.uuid_at(now);
        let mut facts = self.record(case, events, &command.actor, correlation, now);
        if let Some(other) = other {
            facts.extend(self.record(other, effects, &command.actor, correlation, now));
        }
        // The loads of agents come last, as they follow from both tickets.
        facts.sort_by_key(|fact| !matches!(fact.stream.kind(), StreamKind::Ticket(_)));
        facts
    }

    /// What routing decides, where it is asked; a person decides where people have decided before.
    fn found_by_routing(&self, case: &Case, command: &TicketCommand) -> Option<Vec<TicketEvent>> {
        let roster = self.work.as_ref().map(|work| &work.roster)?;
        let asked = command.actor.role == Role::System && matches!(command.action, Action::Assign { .. });
        (asked && routing::is_up(&case.ticket))
            .then(|| roster.route(case.number, &case.ticket, case.language))
    }

    /// Writes down what happened to a ticket, and what follows for agents.
    fn record(
        &mut self,
        case: &mut Case,
        events: Vec<TicketEvent>,
        actor: &Actor,
        correlation: Uuid,
        now: Timestamp,
    ) -> Vec<Fact> {
        let before = case.ticket.clone();
        let mut facts = Vec::with_capacity(events.len() + 1);
        for event in events {
            self.count(case, actor, &event, now);
            case.ticket = TicketDecider::evolve(std::mem::take(&mut case.ticket), &event);
            let stream = StreamName::ticket(case.number);
            facts.push(self.fact(stream, Event::Ticket(event), actor, correlation, now));
        }
        if let Some(work) = &mut self.work {
            work.roster.note(&before, &case.ticket, now);
        }
        for (agent, change) in load_changes(case.number, &before, &case.ticket) {
            let stream = StreamName::agent(&agent);
            facts.push(self.fact(stream, Event::Agent(change), actor, correlation, now));
        }
        facts
    }

    fn count(&mut self, case: &mut Case, actor: &Actor, event: &TicketEvent, now: Timestamp) {
        if let TicketEvent::Opened(opened) = event {
            case.course = Some(Course::opened(now, opened.priority));
        }
        if let Some(course) = &mut case.course {
            course.take(now, actor.role, event);
        }
        case.replies += u32::from(matches!(event, TicketEvent::Replied(_)));
    }

    /// What the timers have noticed about a ticket by now.
    pub(super) fn timers(&mut self, case: &mut Case, now: Timestamp) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(until) =
            case.ticket.snoozed_until.filter(|until| *until <= now && case.ticket.merge.is_none())
        {
            let command = TicketCommand { actor: Actor::system("closing"), action: Action::Wake { until } };
            facts.extend(self.act(case, command, until));
        }
        let Some(course) = &mut case.course else { return facts };
        let clocks = course.clocks(&self.rules);
        let actor = Actor::system("sla-timer");
        while let Some((at, notice)) = course.next_notice(&clocks).filter(|(at, _)| *at <= now) {
            course.note(&notice);
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
