//! The promises about routing: given a ticket, the rules and the people, then who takes it and why.

use super::choice::{CANDIDATES_MAX, again, is_borne_out};
use super::*;
use crate::decider::Decider;
use crate::personal::PersonalText;
use crate::staff::Capacity;
use crate::strategies::{config, history};
use crate::ticket::event::{OfferCause, Offered, ToldApartBy};
use crate::ticket::{TicketDecider, TicketEvent};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

const NONE_HELD: ByPriority<u32> = ByPriority { urgent: 0, high: 0, normal: 0, low: 0 };

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

fn event(name: &str, data: &str) -> TicketEvent {
    match crate::event::Event::decode(name, 1, data).unwrap() {
        crate::event::Event::Ticket(event) => event,
        other => panic!("{other:?} is of no ticket"),
    }
}

fn ticket(events: &[TicketEvent]) -> Ticket {
    TicketDecider::fold(events)
}

fn opened(more: &str) -> TicketEvent {
    let data = format!(
        r#"{{"requester":{{"id":"noor"}},"subject":"x","channel":"api","language":"en","priority":"normal"{more}}}"#
    );
    event("ticket.opened", &data)
}

/// Somebody of the team billing who may take what routing finds.
#[derive(Clone, Debug)]
struct Someone {
    id: ActorId,
    member: Member,
    availability: Availability,
    held: ByPriority<u32>,
    last_taken_at: Option<Timestamp>,
}

impl Someone {
    fn online(name: &str) -> Self {
        let teams = BTreeSet::from([slug("billing")]);
        let member = Member::new(PersonalText::from(name), Role::Agent, teams, Language::En);
        let availability = Availability::Online;
        Self { id: id(name), member, availability, held: NONE_HELD, last_taken_at: None }
    }

    fn holding(mut self, normal: u32) -> Self {
        self.held.normal = normal;
        self
    }

    fn with_room(mut self, points: u32) -> Self {
        self.member.capacity.points = points;
        self
    }

    fn last_taken(mut self, at: i64) -> Self {
        self.last_taken_at = Some(Timestamp(at));
        self
    }

    fn person(&self) -> Person<'_> {
        let Self { id, member, availability, held, last_taken_at } = self;
        Person { id, member, availability: *availability, held, last_taken_at: *last_taken_at }
    }
}

fn rule(team: &str) -> Rule {
    let (categories, priorities, languages, tiers) = (None, None, None, None);
    Rule { categories, priorities, languages, tiers, team: slug(team), skill: None }
}

/// What is decided on a ticket of category billing with number 17.
fn routed(ticket: &Ticket, rules: &[Rule], people: &[Someone]) -> Routed {
    let facts = Facts { category: ticket.category.as_ref(), priority: ticket.priority, ..Facts::default() };
    let list = slug("default");
    let aim = aim(ticket, &facts, rules);
    let rules = Rules { list: &list, version: 3, rules };
    decide(TicketNumber(17), ticket, aim, &rules, people.iter().map(Someone::person))
}

#[track_caller]
fn check(people: &[Someone], expected: Result<(&str, ToldApartBy), WaitingFor>) {
    let new = ticket(&[opened("")]);
    let decided = routed(&new, &[rule("billing")], people);
    let said = match (&decided.to, decided.told_apart_by, decided.waiting_for) {
        (Some(to), Some(by), None) => Ok((to.as_str(), by)),
        (None, None, Some(why)) => Err(why),
        other => panic!("{other:?}"),
    };
    assert_eq!(said, expected);
    assert!(is_borne_out(TicketNumber(17), &decided));
    let backwards: Vec<Someone> = people.iter().rev().cloned().collect();
    assert_eq!(routed(&new, &[rule("billing")], &backwards), decided, "whoever is asked first");
}

#[test]
fn the_highest_share_of_spare_capacity_comes_first_then_the_longest_idle_then_a_hash() {
    let [ines, omar, lena] = ["ines", "omar", "lena"].map(Someone::online);
    check(std::slice::from_ref(&ines), Ok(("ines", ToldApartBy::Alone)));
    // 6 of 9 and 5 of 7 are free: 66.7 % and 71.4 %. More points are not a higher share.
    let people = [ines.clone().with_room(9).holding(3), omar.clone().with_room(7).holding(2)];
    check(&people, Ok(("omar", ToldApartBy::SpareCapacity)));
    // One third as 333 of 999 and as 1 of 3 is the same share, which no division would say.
    let [many, few] = [ines.clone().with_room(999).holding(666), omar.clone().with_room(3).holding(2)];
    check(&[many.clone().last_taken(5), few.clone().last_taken(4)], Ok(("omar", ToldApartBy::Idle)));
    check(&[many.clone().last_taken(4), few.clone().last_taken(5)], Ok(("ines", ToldApartBy::Idle)));
    check(&[many.last_taken(4), few], Ok(("omar", ToldApartBy::Idle)));
    let alike = [ines, omar, lena];
    let decided = routed(&ticket(&[opened("")]), &[rule("billing")], &alike);
    assert_eq!(decided.told_apart_by, Some(ToldApartBy::Hash));
    let chosen = |number| {
        let candidates = &decided.candidates;
        choose(TicketNumber(number), candidates).unwrap().0
    };
    let over_tickets: BTreeSet<ActorId> = (1..50).map(chosen).collect();
    assert_eq!(over_tickets.len(), 3, "among equals nobody always comes first");
}

#[test]
fn what_is_missing_is_said_and_of_several_the_nearest_to_being_overcome() {
    let able = Someone::online("ines");
    let full = able.clone().holding(10);
    let just_room = able.clone().holding(9);
    let mut away = Someone::online("omar");
    away.availability = Availability::Away;
    let mut unpermitted = Someone::online("lena");
    unpermitted.member.permissions.clear();
    check(&[], Err(WaitingFor::Member));
    check(std::slice::from_ref(&unpermitted), Err(WaitingFor::Permission));
    check(&[unpermitted.clone(), away.clone()], Err(WaitingFor::Availability));
    check(&[full.clone(), away.clone(), unpermitted], Err(WaitingFor::Capacity));
    check(&[just_room, away.clone()], Ok(("ines", ToldApartBy::Alone)));
    for availability in Availability::ALL {
        let there = Someone { availability, ..able.clone() };
        let expected = match availability {
            Availability::Online => Ok(("ines", ToldApartBy::Alone)),
            Availability::Away | Availability::TransfersOnly | Availability::Offline => {
                Err(WaitingFor::Availability)
            }
        };
        check(&[there], expected);
    }
    let new = ticket(&[opened("")]);
    let skilled = Rule { skill: Some(slug("refunds")), ..rule("billing") };
    let waits = routed(&new, std::slice::from_ref(&skilled), &[full, away]);
    assert_eq!((waits.waiting_for, waits.skill), (Some(WaitingFor::Skill), Some(slug("refunds"))));
    let mut knows = able;
    knows.member.skills.insert(slug("refunds"));
    assert_eq!(routed(&new, &[skilled], &[knows]).to, Some(id("ines")));
}

#[test]
fn only_who_works_the_teams_tickets_is_asked() {
    let asked = |change: fn(&mut Member)| {
        let mut someone = Someone::online("ines");
        change(&mut someone.member);
        !routed(&ticket(&[opened("")]), &[rule("billing")], &[someone]).candidates.is_empty()
    };
    assert!(asked(|_| {}));
    assert!(asked(|member| member.role = Role::Supervisor));
    assert!(!asked(|member| member.role = Role::Admin));
    assert!(!asked(|member| member.role = Role::Auditor));
    assert!(!asked(|member| member.active = false));
    assert!(!asked(|member| member.teams = BTreeSet::from([slug("technical")])));
}

#[test]
fn the_first_rule_that_fits_counts_and_what_is_not_known_fits_no_condition() {
    let set = |name: &str| Some(BTreeSet::from([slug(name)]));
    let rules = [
        Rule { categories: set("billing"), tiers: set("gold"), ..rule("account") },
        Rule { priorities: Some(BTreeSet::from([Priority::Urgent])), ..rule("technical") },
        Rule { languages: Some(BTreeSet::from([Language::Es])), ..rule("content") },
        Rule { categories: set("billing"), ..rule("billing") },
    ];
    let (billing, gold) = (slug("billing"), slug("gold"));
    let known = Facts { category: Some(&billing), ..Facts::default() };
    let found = |facts: Facts<'_>| first_fitting(&rules, &facts).map(|(number, _)| number);
    assert_eq!(found(Facts { tier: Some(&gold), ..known }), Some(1));
    assert_eq!(found(Facts { priority: Some(Priority::Urgent), ..known }), Some(2));
    assert_eq!(
        found(Facts { language: Some(Language::Es), priority: Some(Priority::Low), ..known }),
        Some(3)
    );
    assert_eq!(found(known), Some(4));
    assert_eq!(found(Facts { tier: Some(&gold), ..Facts::default() }), None);
    let waits = routed(&ticket(&[opened("")]), &rules, &[Someone::online("ines")]);
    assert_eq!((waits.rule, waits.team, waits.waiting_for), (None, None, Some(WaitingFor::Rule)));
}

#[test]
fn a_team_that_people_chose_is_not_left_and_one_that_a_rule_chose_is() {
    let rules = [rule("technical")];
    let chosen = ticket(&[opened(r#","team":"billing""#)]);
    let decided = routed(&chosen, &rules, &[Someone::online("ines")]);
    assert_eq!((decided.rule, decided.team.clone()), (None, Some(slug("billing"))));
    let names = |ticket: &Ticket, routed: &Routed| {
        let events = follows(ticket, routed.clone()).into_iter();
        Vec::from_iter(events.map(|event| crate::event::Event::Ticket(event).name()))
    };
    assert_eq!(names(&chosen, &decided), ["ticket.routed", "ticket.assigned"]);
    // A rule sends it to a team; other rules may send it to another while it waits.
    let new = ticket(&[opened("")]);
    let first = routed(&new, &[rule("technical")], &[]);
    let events = follows(&new, first);
    let waits = events.iter().fold(new, TicketDecider::evolve);
    assert_eq!((waits.team.clone(), team_by_hand(&waits)), (Some(slug("technical")), None));
    let second = routed(&waits, &[rule("billing")], &[Someone::online("ines")]);
    assert_eq!(names(&waits, &second), ["ticket.routed", "ticket.team_changed", "ticket.assigned"]);
    let moved = TicketDecider::evolve(waits, &event("ticket.team_changed", r#"{"to":"account"}"#));
    assert_eq!(team_by_hand(&moved), Some(&slug("account")));
}

#[test]
fn an_escalated_ticket_is_for_those_of_the_team_who_may_take_escalated_ones() {
    let escalated = event(
        "ticket.escalated",
        r#"{"reason":"complaint","to":{"team":"billing"},"context":"x","from_team":"technical"}"#,
    );
    let escalated = ticket(&[opened(""), escalated]);
    assert!(is_up(&escalated));
    let mut lead = Someone::online("lena");
    lead.member.permissions = BTreeSet::from([Permission::TakeEscalated]);
    let people = [Someone::online("ines"), lead];
    let decided = routed(&escalated, &[rule("technical")], &people);
    assert_eq!((decided.team, decided.to), (Some(slug("billing")), Some(id("lena"))));
}

#[test]
fn whoever_takes_only_what_is_handed_over_is_there_for_what_is_escalated_and_for_nothing_else() {
    let escalated =
        event("ticket.escalated", r#"{"reason":"complaint","to":{"team":"billing"},"context":"x"}"#);
    let (new, escalated) = (ticket(&[opened("")]), ticket(&[opened(""), escalated]));
    let mut lead = Someone::online("lena");
    lead.member.permissions.insert(Permission::TakeEscalated);
    for availability in Availability::ALL {
        let people = [Someone { availability, ..lead.clone() }];
        let finds = |ticket| {
            let decided = routed(ticket, &[rule("billing")], &people);
            assert!(is_borne_out(TicketNumber(17), &decided));
            decided.to.ok_or(decided.waiting_for)
        };
        let (there, away) = (Ok(id("lena")), Err(Some(WaitingFor::Availability)));
        let (of_new, of_escalated) = match availability {
            Availability::Online => (there.clone(), there),
            Availability::TransfersOnly => (away, there),
            Availability::Away | Availability::Offline => (away.clone(), away),
        };
        assert_eq!((finds(&new), finds(&escalated)), (of_new, of_escalated), "{availability:?}");
    }
    // Not granted, it helps nobody that they are there.
    lead.member.permissions.remove(&Permission::TakeEscalated);
    let decided = routed(
        &escalated,
        &[rule("billing")],
        &[Someone { availability: Availability::TransfersOnly, ..lead }],
    );
    assert_eq!(decided.waiting_for, Some(WaitingFor::Permission));
}

#[test]
fn what_people_decided_is_left_alone_until_it_is_offered() {
    let (assigned, unassigned) =
        (event("ticket.assigned", r#"{"to":"ines"}"#), event("ticket.unassigned", r#"{"from":"ines"}"#));
    let offered = TicketEvent::Offered(Offered { cause: OfferCause::Staff });
    let pending = event("ticket.set_pending", r#"{"reason":"third-party"}"#);
    let spam = event("ticket.resolved", r#"{"resolution":"spam"}"#);
    let reopened = event("ticket.reopened", r#"{"cause":"customer_reply","cycle":2}"#);
    let mut history = vec![opened("")];
    let mut up = vec![is_up(&ticket(&history))];
    for event in [assigned, unassigned, offered, pending, spam, reopened] {
        history.push(event);
        up.push(is_up(&ticket(&history)));
    }
    assert_eq!(up, [true, false, false, true, false, false, true]);
    assert!(!is_up(&Ticket::default()));
}

#[test]
fn a_decision_names_the_foremost_of_a_large_team() {
    let mut people: Vec<Someone> = (0..CANDIDATES_MAX + 100)
        .map(|number| Someone::online(&format!("agent-{number:04}")).holding(10))
        .collect();
    people[CANDIDATES_MAX + 50].held.normal = 3;
    let decided = routed(&ticket(&[opened("")]), &[rule("billing")], &people);
    assert_eq!(decided.candidates.len(), CANDIDATES_MAX);
    assert_eq!(decided.to, Some(people[CANDIDATES_MAX + 50].id.clone()));
    assert!(is_borne_out(TicketNumber(17), &decided));
    let longest = "\"".repeat(ActorId::BYTES_MAX - 4);
    let named = |(number, someone): (usize, Someone)| {
        let id = id(&format!("{longest}{number:04}"));
        Someone {
            id,
            last_taken_at: Some(Timestamp::MIN),
            availability: Availability::TransfersOnly,
            ..someone
        }
    };
    let people: Vec<Someone> = people.into_iter().enumerate().map(named).collect();
    let decided = routed(&ticket(&[opened("")]), &[rule("billing")], &people);
    let stored = crate::event::Event::Ticket(TicketEvent::Routed(Box::new(decided))).encode();
    // A record may be 1 MiB.
    assert!(stored.data.len() < 512 * 1024, "{}", stored.data.len());
}

prop_compose! {
    fn someone()(
        name in "[a-z]{1,6}",
        (points, weight) in (0..=1000_u32, 1..=1000_u32),
        small in any::<bool>(),
        role in select(vec![Role::Agent, Role::Agent, Role::Supervisor, Role::Admin]),
        availability in select(vec![Availability::Online, Availability::Online, Availability::Away]),
        (urgent, normal, low) in (0..4_u32, 0..12_u32, 0..3_u32),
        permitted in prop::bool::weighted(0.9),
        last_taken_at in option::of((0..3_i64).prop_map(Timestamp)),
        in_team in prop::bool::weighted(0.9),
    ) -> Someone {
        let mut someone = Someone::online(&name);
        let capacity = Capacity {
            points: if small { points % 12 } else { points },
            weights: ByPriority { urgent: 3, high: 2, normal: if small { 1 } else { weight }, low: 1 },
        };
        let permissions = permitted.then_some(Permission::TakeRouted).into_iter().collect();
        let teams = BTreeSet::from([slug(if in_team { "billing" } else { "content" })]);
        someone.member = Member { capacity, permissions, teams, role, ..someone.member };
        Someone { availability, held: ByPriority { urgent, high: 0, normal, low }, last_taken_at, ..someone }
    }
}

/// People, each there once.
fn people() -> impl Strategy<Value = Vec<Someone>> {
    vec(someone(), 0..24).prop_map(|mut people| {
        people.sort_by(|one, other| one.id.cmp(&other.id));
        people.dedup_by(|one, other| one.id == other.id);
        people
    })
}

/// Somebody of any role, who may have left, with any permissions.
fn anybody() -> impl Strategy<Value = Someone> {
    let permissions = prop::sample::subsequence(Permission::ALL.to_vec(), 0..=Permission::ALL.len());
    let (role, active) = (select(Role::ALL.to_vec()), prop::bool::weighted(0.8));
    (someone(), role, active, permissions).prop_map(|(someone, role, active, permissions)| {
        let permissions = permissions.into_iter().collect();
        Someone { member: Member { role, active, permissions, ..someone.member }, ..someone }
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn where_a_ticket_can_be_escalated_to_somebody_would_take_it_if_they_were_there(
        mut people in vec(anybody(), 0..6),
        asks in select(vec![Permission::TakeRouted, Permission::TakeEscalated]),
    ) {
        people.sort_by(|one, other| one.id.cmp(&other.id));
        people.dedup_by(|one, other| one.id == other.id);
        let billing = slug("billing");
        let is_offered = takes_escalated(&billing, people.iter().map(|someone| &someone.member));
        let could = people.iter().any(|someone| could_take(&someone.member, &billing, asks));
        for someone in &mut people {
            (someone.availability, someone.held) = (Availability::Online, NONE_HELD);
            someone.member.capacity.points = someone.member.capacity.weight(None);
        }
        let (list, rules) = (slug("default"), []);
        let rules = Rules { list: &list, version: 1, rules: &rules };
        let decided = |permission| {
            let aim = Aim { rule: None, team: Some(billing.clone()), skill: None, permission };
            let people = people.iter().map(Someone::person);
            decide(TicketNumber(17), &ticket(&[opened("")]), aim, &rules, people).to
        };
        prop_assert_eq!(is_offered, decided(Permission::TakeEscalated).is_some());
        prop_assert_eq!(could, decided(asks).is_some());
    }

    #[test]
    fn a_recorded_decision_alone_gives_the_same_agent(people in people(), number: u64, priority in 0..4_usize) {
        let number = TicketNumber(number);
        let mut new = ticket(&[opened("")]);
        new.priority = Some(Priority::ALL[priority]);
        let (list, rules) = (slug("default"), [rule("billing")]);
        let aim = aim(&new, &Facts::default(), &rules);
        let rules = Rules { list: &list, version: 1, rules: &rules };
        let decided = decide(number, &new, aim, &rules, people.iter().map(Someone::person));
        let event = TicketEvent::Routed(Box::new(decided.clone()));
        let stored = crate::event::Event::Ticket(event).encode();
        let read = crate::event::Event::decode(stored.name, stored.schema, &stored.data).unwrap();
        let crate::event::Event::Ticket(TicketEvent::Routed(read)) = read else { panic!("{read:?}") };
        prop_assert!(is_borne_out(number, &read));
        prop_assert_eq!(again(number, &read).ok().map(|(to, _)| to), decided.to.clone());
        // Whoever is chosen has room for it, and nobody who has room has a higher share free.
        let Some(to) = &decided.to else {
            prop_assert!(decided.candidates.iter().all(|other| other.standing != Standing::Eligible));
            return Ok(());
        };
        let chosen = decided.candidates.iter().find(|candidate| candidate.agent == *to).unwrap();
        prop_assert!(chosen.load + chosen.weight <= chosen.capacity);
        for other in decided.candidates.iter().filter(|other| other.standing == Standing::Eligible) {
            let share = |of: &Candidate| (u64::from(of.capacity - of.load), u64::from(of.capacity));
            let ((spare, room), (others_spare, others_room)) = (share(chosen), share(other));
            prop_assert!(spare * others_room >= others_spare * room);
        }
    }

    #[test]
    fn whatever_a_decision_says_can_be_computed_again(events in history()) {
        for event in events {
            if let TicketEvent::Routed(routed) = event {
                let _ = is_borne_out(TicketNumber(1), &routed);
            }
        }
    }

    #[test]
    fn what_follows_from_a_decision_is_what_the_ticket_becomes(people in people(), team: bool) {
        let new = ticket(&[opened(if team { r#","team":"billing""# } else { "" })]);
        let decided = routed(&new, &[rule("billing")], &people);
        let after = follows(&new, decided.clone()).iter().fold(new, TicketDecider::evolve);
        prop_assert_eq!((&after.assignee, after.waiting_for), (&decided.to, decided.waiting_for));
        prop_assert_eq!(&after.team, &Some(slug("billing")));
        prop_assert_eq!(is_up(&after), decided.to.is_none());
    }
}
