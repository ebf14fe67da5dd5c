//! What a journey remembers of a ticket's events, decided and imported.

use super::*;
use docket_core::actor::Role;
use docket_core::names::{ActorId, EventId, Slug};
use docket_core::sla::{Noticed, SlaEvent, Target};
use docket_core::ticket::event::*;

fn agent() -> Actor {
    Actor { id: ActorId::new("ines").unwrap(), role: Role::Agent, team: None }
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn opened() -> TicketEvent {
    TicketEvent::Opened(Box::new(Opened {
        requester: Requester { id: ActorId::new("ana").unwrap(), name: None, email: None },
        subject: "help".into(),
        body: None,
        channel: Channel::Api,
        language: None,
        priority: Some(Priority::High),
        category: Some(slug("billing")),
        team: Some(slug("support")),
        follows: None,
    }))
}

fn message() -> Message {
    Message { message: EventId::deterministic("message").0, body: None }
}

fn resolved() -> TicketEvent {
    TicketEvent::Resolved(Box::new(Resolved {
        resolution: Some(slug("solved")),
        category: None,
        assignee: None,
        notes: None,
        confirmation: false,
        survey: false,
    }))
}

/// Folds decided events, one a second from second 100 on.
fn decided(events: Vec<TicketEvent>) -> Journey {
    let mut journey = Journey::default();
    for (index, event) in events.into_iter().enumerate() {
        let at = Timestamp((100 + index as i64) * 1000);
        journey.take(GlobalPosition(7 + index as u64), at, &agent(), None, &Event::Ticket(event));
    }
    journey
}

/// Folds imported facts: second, type, to.
fn imported(facts: &[(i64, &str, &str)]) -> Journey {
    let mut journey = Journey::default();
    for (index, (second, kind, to)) in facts.iter().enumerate() {
        let source = Source {
            system: "plain".into(),
            case: "INC1".into(),
            seq: index as u64,
            row: String::new(),
            kind: (*kind).into(),
            from: String::new(),
            to: (*to).into(),
            actor: format!("Agent {index}"),
            rest: None,
        };
        let event = Event::Ticket(TicketEvent::SourceRecorded(SourceRecorded {}));
        let actor = Actor { id: ActorId::new("x").unwrap(), role: Role::Unknown, team: None };
        journey.take(
            GlobalPosition(1 + index as u64),
            Timestamp(second * 1000),
            &actor,
            Some(&source),
            &event,
        );
    }
    journey
}

#[test]
fn an_imported_fact_is_taken_by_the_sources_own_word() {
    let journey = imported(&[
        (0, "created", "new"),
        (5, "assigned", "Ana Núñez"),
        (6, "cancelled", "cancelled"),
        (7, "reopened", "in_progress"),
        (9, "resolved", "solved"),
        (9, "closed", ""),
        (3, "merged", "INC2"),
    ]);
    assert_eq!(journey.case.as_deref(), Some("INC1"));
    assert_eq!((journey.state.as_str(), journey.assignee.as_str()), ("closed", "Ana Núñez"));
    assert_eq!(journey.final_resolution_s(), Some(9));
    assert_eq!(journey.first_resolver.as_deref(), Some("Agent 4"));
    assert_eq!(journey.last_event_at, Some(Timestamp(3000)), "last in order, not latest in time");
    assert_eq!((journey.events(), journey.count("merged"), journey.count("cancelled")), (7, 1, 1));
}

#[test]
fn a_ticket_that_was_never_resolved_is_measured_to_its_first_closing() {
    let journey = imported(&[(0, "created", "new"), (60, "closed", "closed"), (90, "closed", "closed")]);
    assert_eq!(journey.first_resolved_at, None);
    assert_eq!(journey.first_resolution_s(), Some(60));
    assert_eq!(journey.last_close_s(), Some(90));
}

#[test]
fn a_ticket_without_creation_has_times_and_no_durations() {
    let journey = imported(&[(60, "assigned", "x"), (70, "resolved", "resolved")]);
    assert_eq!(journey.first_assigned_at, Some(Timestamp(60_000)));
    assert_eq!((journey.first_assignment_s(), journey.first_resolution_s()), (None, None));
}

#[test]
fn an_update_dated_before_the_creation_gives_a_negative_duration() {
    let journey = imported(&[(100, "created", "new"), (40, "assigned", "x")]);
    assert_eq!(journey.first_assignment_s(), Some(-60));
}

#[test]
fn reopening_undoes_the_end_and_not_the_closing() {
    let journey = imported(&[(0, "created", ""), (1, "closed", ""), (2, "reopened", "")]);
    assert_eq!((journey.final_done_at, journey.last_closed_at), (None, Some(Timestamp(1000))));
    assert_eq!(journey.state, "open");
}

#[test]
fn an_opening_sets_what_it_says_and_counts_once() {
    let journey = decided(vec![opened()]);
    assert_eq!((journey.events(), journey.count("created")), (1, 1));
    assert_eq!((journey.priority.as_str(), journey.category.as_str()), ("high", "billing"));
    assert_eq!((journey.group.as_str(), journey.first_group_assignment_s()), ("support", Some(0)));
    assert_eq!((journey.state.as_str(), journey.case), ("new", None));
}

#[test]
fn a_decided_life_is_measured_in_the_same_words() {
    let journey = decided(vec![
        opened(),
        TicketEvent::Assigned(Assigned { to: ActorId::new("ines").unwrap() }),
        TicketEvent::Replied(message()),
        TicketEvent::SetPending(SetPending { reason: slug("customer") }),
        TicketEvent::CustomerReplied(message()),
        resolved(),
        TicketEvent::Reopened(Reopened { cause: ReopenCause::Staff, cycle: 2 }),
        resolved(),
        TicketEvent::Sealed(SealedForGood {}),
    ]);
    assert_eq!((journey.first_assignment_s(), journey.first_agent_reply_s()), (Some(1), Some(2)));
    assert_eq!((journey.first_resolution_s(), journey.final_resolution_s()), (Some(5), Some(7)));
    assert_eq!((journey.count("reopened"), journey.count("closed")), (1, 1));
    assert_eq!(journey.state, "closed");
    assert_eq!(journey.resolvers, [Occurrence { name: "ines".into(), count: 2, first: GlobalPosition(12) }]);
}

#[test]
fn an_escalation_moves_the_ticket_and_counts_once() {
    let to_team = |team| {
        let escalated = Escalated {
            reason: slug("complaint"),
            to: Destination::Team(slug(team)),
            context: "why".into(),
            from_team: None,
            from_assignee: None,
            by: None,
        };
        TicketEvent::Escalated(Box::new(escalated))
    };
    let assigned = TicketEvent::Assigned(Assigned { to: ActorId::new("ines").unwrap() });
    let journey = decided(vec![opened(), assigned, to_team("billing")]);
    assert_eq!((journey.group.as_str(), journey.assignee.as_str()), ("billing", ""));
    assert_eq!((journey.count("escalated"), journey.count("transferred"), journey.events()), (1, 0, 3));
}

#[test]
fn an_automatic_reply_is_no_agents_reply() {
    let mut journey = decided(vec![opened()]);
    let robot = Actor::system("acknowledgement");
    let event = Event::Ticket(TicketEvent::Replied(message()));
    journey.take(GlobalPosition(9), Timestamp(200_000), &robot, None, &event);
    assert_eq!((journey.first_agent_reply_at, journey.count("other_reply")), (None, 1));
}

#[test]
fn what_the_timers_noticed_is_no_part_of_a_journey() {
    let mut journey = decided(vec![opened()]);
    let before = journey.clone();
    let noticed = Noticed {
        target: Target::FirstResponse,
        policy: slug("default"),
        policy_version: 1,
        run: 1,
        due_at: Timestamp(0),
    };
    let breached = Event::Sla(SlaEvent::Breached(noticed));
    journey.take(GlobalPosition(9), Timestamp(900_000), &agent(), None, &breached);
    assert_eq!(journey, before);
}

#[test]
fn a_journey_survives_its_stored_form() {
    let journey = decided(vec![opened(), resolved()]);
    let stored = serde_json::to_string(&journey).unwrap();
    assert_eq!(serde_json::from_str::<Journey>(&stored).unwrap(), journey);
}
