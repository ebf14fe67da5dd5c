//! The promises about settings: given what was published, when somebody wishes something, then what follows.

mod contents;

use super::words::{Both, Label};
use super::*;
use crate::actor::Actor;
use crate::names::ActorId;
use crate::personal::PersonalText;
use crate::settings::refusal::SettingRefusal as Refusal;
use crate::strategies::{config, line, personal};
use crate::text::Line;
use crate::time::DurationMs;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// When everybody in here acts.
const NOW: Timestamp = Timestamp(1_795_253_400_000);

/// Hours from now on.
fn later(hours: i64) -> Timestamp {
    NOW.plus(DurationMs::from_hours(hours))
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn text(line: &str) -> Line {
    Line::new(line).unwrap()
}

fn label(en: &str, es: &str) -> Label {
    Both { en: text(en), es: text(es) }
}

fn team(name: &str) -> Team {
    Team { label: label(name, name) }
}

fn reason(name: &str) -> EscalationReason {
    EscalationReason { label: label(name, name) }
}

fn by(role: Role) -> Actor {
    Actor { id: ActorId::new("alma").unwrap(), role, team: None }
}

fn command<C>(name: &str, at: Option<Timestamp>, action: SettingAction<C>) -> SettingCommand<C> {
    let (actor, reason, around) = (by(Role::Admin), text("as agreed"), Surroundings::default());
    SettingCommand { actor, now: NOW, slug: slug(name), effective_at: at, reason, action, around }
}

fn publish<C>(name: &str, content: C, at: Option<Timestamp>) -> SettingCommand<C> {
    command(name, at, SettingAction::Publish { content })
}

fn retire<C>(name: &str, at: Option<Timestamp>) -> SettingCommand<C> {
    command(name, at, SettingAction::Retire)
}

type Decision<C> = Result<Vec<ShelfEvent<C>>, Refusal>;

/// What follows from a command after others that went through.
fn decided<C: Catalogue>(given: &[SettingCommand<C>], when: &SettingCommand<C>) -> Decision<C> {
    ShelfDecider::decide(when, &shelf(given))
}

/// The catalogue after commands that all go through.
#[track_caller]
fn shelf<C: Catalogue>(given: &[SettingCommand<C>]) -> Shelf<C> {
    given.iter().fold(Shelf::default(), |shelf, command| {
        let events = ShelfDecider::decide(command, &shelf).unwrap();
        events.iter().fold(shelf, ShelfDecider::evolve)
    })
}

/// The number of the version in force.
fn number<C>(shelf: &Shelf<C>, name: &str, at: Timestamp) -> Option<u32> {
    shelf.in_force(&slug(name), at).map(|version| version.number)
}

#[test]
fn a_catalogue_begins_with_what_docket_ships_with_in_force_from_the_beginning() {
    fn check<C: Catalogue>(slugs: &[&str]) {
        let shelf = Shelf::<C>::default();
        for at in [Timestamp::MIN, NOW, Timestamp::MAX] {
            let there = Vec::from_iter(shelf.all_in_force(at).map(|(slug, version)| {
                assert_eq!(version.number, 1);
                slug.as_str()
            }));
            let mut slugs = slugs.to_vec();
            slugs.sort_unstable();
            assert_eq!(there, slugs);
        }
    }
    check::<Team>(crate::catalog::TEAMS);
    check::<IntakeCategory>(crate::catalog::INTAKE_CATEGORIES);
    check::<ResolutionCategory>(crate::catalog::RESOLUTION_CATEGORIES);
    check::<EscalationReason>(crate::catalog::ESCALATION_REASONS);
    check::<Template>(&["password-reset", "billing-inquiry", "technical-support", "content-request"]);
    check::<Routing>(&["default"]);
    check::<SlaPolicy>(&["default"]);
    check::<Schedule>(&["always", "madrid-office", "new-york-office"]);
    check::<Closing>(&["default"]);
}

#[test]
fn the_first_change_of_something_shipped_is_version_2_and_of_something_new_version_1() {
    let of = |name: &str, version| {
        let (reason, content) = (PersonalText::from("as agreed"), team("Other"));
        let published = Published { slug: slug(name), version, effective_at: NOW, content, reason };
        Ok(vec![ShelfEvent::Published(Box::new(published))])
    };
    assert_eq!(decided(&[], &publish("billing", team("Other"), None)), of("billing", 2));
    assert_eq!(decided(&[], &publish("legal", team("Other"), None)), of("legal", 1));
}

#[test]
fn what_was_stays_and_what_comes_takes_effect_at_its_date() {
    let shelf = shelf(&[
        publish("complaint", reason("Second"), Some(later(10))),
        publish("complaint", reason("Third"), Some(later(5))),
        retire("complaint", Some(later(20))),
    ]);
    let at = |instant| number(&shelf, "complaint", instant);
    assert_eq!([at(Timestamp::MIN), at(NOW), at(later(4))], [Some(1); 3]);
    assert_eq!([at(later(5)), at(later(9))], [Some(3); 2], "a later version may take effect earlier");
    assert_eq!([at(later(10)), at(later(19))], [Some(2); 2]);
    assert_eq!([at(later(20)), at(Timestamp::MAX)], [None; 2]);
    assert_eq!(at(Timestamp(later(20).0 - 1)), Some(2), "half-open intervals");
}

#[test]
fn of_two_that_take_effect_at_once_the_one_published_later_counts() {
    let twice =
        [publish("billing", team("A"), Some(later(1))), publish("billing", team("B"), Some(later(1)))];
    assert_eq!(number(&shelf(&twice), "billing", later(1)), Some(3));
}

#[test]
fn what_was_is_never_rewritten() {
    let past = Some(Timestamp(NOW.0 - 1));
    assert_eq!(decided(&[], &publish("billing", team("Other"), past)), Err(Refusal::Past { now: NOW }));
    assert_eq!(decided(&[], &retire::<Team>("billing", past)), Err(Refusal::Past { now: NOW }));
    assert!(decided(&[], &publish("billing", team("Other"), Some(NOW))).is_ok());
}

#[test]
fn the_same_again_is_nothing() {
    assert_eq!(decided(&[], &publish("legal", team("Legal"), None)).unwrap().len(), 1);
    let given = [publish("legal", team("Legal"), None)];
    assert_eq!(decided(&given, &given[0]), Ok(vec![]));
    assert_eq!(decided(&given, &publish("legal", team("Legal"), Some(later(3)))), Ok(vec![]));
    assert_eq!(decided(&given, &publish("legal", team("Other"), None)).unwrap().len(), 1);
    let gone = [given[0].clone(), retire("legal", None)];
    assert_eq!(decided(&gone, &gone[1]), Ok(vec![]));
    assert_eq!(decided(&gone, &given[0]).unwrap().len(), 1, "what was retired can come back");
}

#[test]
fn only_what_is_there_is_retired_and_nothing_that_docket_needs() {
    let catalogue = CatalogueName::Teams;
    assert_eq!(decided(&[], &retire::<Team>("legal", None)), Err(Refusal::NotFound { catalogue }));
    let needed = |name| Some(Refusal::Needed { slug: slug(name) });
    assert_eq!(decided(&[], &retire::<Routing>("default", None)).err(), needed("default"));
    assert_eq!(decided(&[], &retire::<SlaPolicy>("default", Some(later(9)))).err(), needed("default"));
    assert_eq!(decided(&[], &retire::<Schedule>("always", None)).err(), needed("always"));
    assert_eq!(decided(&[], &retire::<Closing>("default", None)).err(), needed("default"));
    assert!(decided(&[], &retire::<Schedule>("madrid-office", None)).is_ok());
}

#[test]
fn each_role_changes_what_the_table_says_and_no_more() {
    fn check<C: Catalogue>(content: C, may: &[Role]) {
        for role in Role::ALL {
            let change = |action| SettingCommand { actor: by(role), ..command("new-one", None, action) };
            let refused = Err(Refusal::Role { role, catalogue: C::NAME });
            let published = decided(&[], &change(SettingAction::Publish { content: content.clone() }));
            if may.contains(&role) {
                assert_eq!(published.map(|events| events.len()), Ok(1), "{role:?} {:?}", C::NAME);
            } else {
                assert_eq!(published, refused);
                assert_eq!(decided(&[], &change(SettingAction::Retire)), refused, "nor learns what is there");
            }
        }
    }
    fn shipped<C: Catalogue>() -> C {
        C::defaults().remove(0).1
    }
    check::<Team>(shipped(), &[Role::Admin]);
    check::<IntakeCategory>(shipped(), &[Role::Admin]);
    check::<ResolutionCategory>(shipped(), &[Role::Admin]);
    check::<EscalationReason>(shipped(), &[Role::Admin]);
    check::<Template>(shipped(), &[Role::Supervisor, Role::Admin]);
    check::<Routing>(shipped(), &[Role::Supervisor, Role::Admin]);
    check::<SlaPolicy>(shipped(), &[Role::Supervisor, Role::Admin]);
    check::<Schedule>(shipped(), &[Role::Supervisor, Role::Admin]);
    check::<Closing>(shipped(), &[Role::Supervisor, Role::Admin]);
}

#[test]
fn what_another_setting_names_is_not_retired_before_that_is_changed() {
    let by = "version 1 of the routing list default".to_owned();
    assert_eq!(decided(&[], &retire::<Team>("billing", None)), Err(Refusal::InUse { by: by.clone() }));
    assert_eq!(decided(&[], &retire::<IntakeCategory>("billing", None)).err(), Some(Refusal::InUse { by }));
    // Once a list without it takes effect, and not a moment before.
    let without = Routing { rules: vec![] };
    let routing = Arc::new(shelf(&[publish("default", without, Some(later(2)))]));
    let around = Surroundings { routing, ..Surroundings::default() };
    let at =
        |hours| SettingCommand { around: around.clone(), ..retire::<Team>("billing", Some(later(hours))) };
    assert!(matches!(decided(&[], &at(1)), Err(Refusal::InUse { .. })));
    assert_eq!(decided(&[], &at(2)).map(|events| events.len()), Ok(1));

    let mut policy = SlaPolicy::defaults().remove(0).1;
    policy.targets.low.schedule = Some(slug("madrid-office"));
    let sla_policies = Arc::new(shelf(&[publish("office", policy, Some(later(5)))]));
    let around = Surroundings { sla_policies, ..Surroundings::default() };
    let office = SettingCommand { around, ..retire::<Schedule>("madrid-office", None) };
    let by = "version 1 of the SLA policy office".to_owned();
    assert_eq!(decided(&[], &office), Err(Refusal::InUse { by }), "also by one that is to come");
}

#[test]
fn a_team_is_not_retired_while_tickets_of_it_are_open() {
    let around = |open_tickets| {
        let routing = Arc::new(shelf(&[publish("default", Routing { rules: vec![] }, None)]));
        Surroundings { routing, open_tickets, ..Surroundings::default() }
    };
    let retire = |open, at| SettingCommand { around: around(open), ..retire::<Team>("billing", at) };
    for at in [None, Some(later(2))] {
        assert_eq!(decided(&[], &retire(2, at)), Err(Refusal::HoldsTickets { tickets: 2 }));
        assert_eq!(decided(&[], &retire(0, at)).map(|events| events.len()), Ok(1));
    }
}

#[test]
fn limits_hold_just_below_and_just_above() {
    let mut full = Shelf::<Team>::default();
    for number in full.items.len()..ITEMS_MAX {
        let change =
            Change { effective_at: NOW, version: Some(Version { number: 1, content: Arc::new(team("x")) }) };
        full.note(&slug(&format!("team-{number}")), change);
    }
    let new = publish("one-more", team("x"), None);
    assert_eq!(ShelfDecider::decide(&new, &full), Err(Refusal::TooManyItems));
    assert!(ShelfDecider::decide(&publish("billing", team("x"), None), &full).is_ok(), "a change makes none");
    full.items.remove(&slug("team-999"));
    assert!(ShelfDecider::decide(&new, &full).is_ok());
    full.changes = CHANGES_MAX - 1;
    assert!(ShelfDecider::decide(&new, &full).is_ok());
    full.changes = CHANGES_MAX;
    assert_eq!(ShelfDecider::decide(&new, &full), Err(Refusal::TooManyChanges));
}

#[test]
fn each_catalogue_has_a_stream_of_its_own() {
    let streams = CatalogueName::ALL.map(|name| name.stream().to_string());
    let expected = [
        "settings-teams",
        "settings-intake-categories",
        "settings-resolution-categories",
        "settings-escalation-reasons",
        "settings-templates",
        "settings-routing",
        "settings-sla-policies",
        "settings-schedules",
        "settings-closing",
    ];
    assert_eq!(streams, expected);
    for catalogue in CatalogueName::ALL {
        assert_eq!(catalogue.stream().kind(), crate::names::StreamKind::Settings);
    }
}

fn any_slug() -> impl Strategy<Value = Slug> {
    select(vec!["billing", "support", "legal", "sales"]).prop_map(slug)
}

fn any_team() -> impl Strategy<Value = Team> {
    select(vec!["One", "Two", "Three"]).prop_map(team)
}

/// Steps of a clock that never runs back, and effects from a little before to some time after.
fn any_commands() -> impl Strategy<Value = Vec<SettingCommand<Team>>> {
    let action = prop_oneof![
        3 => any_team().prop_map(|content| SettingAction::Publish { content }),
        1 => Just(SettingAction::Retire),
    ];
    let role = prop_oneof![6 => Just(Role::Admin), 1 => select(Role::ALL.as_slice())];
    let step = (0..3_i64, any_slug(), prop::option::of(-1..4_i64), line(), role, action);
    vec(step, 0..40).prop_map(|steps| {
        let mut now = NOW;
        let command =
            |(passed, slug, effect, reason, role, action): (i64, Slug, Option<i64>, Line, Role, _)| {
                now = now.plus(DurationMs::from_hours(passed));
                let effective_at = effect.map(|hours| now.plus(DurationMs::from_hours(hours)));
                // Nothing leans on teams in here, so that they come and go.
                let without = Routing { rules: vec![] };
                let routing = Arc::new(shelf(&[publish("default", without, None)]));
                let around = Surroundings { routing, ..Surroundings::default() };
                SettingCommand { actor: by(role), now, slug, effective_at, reason, action, around }
            };
        steps.into_iter().map(command).collect()
    })
}

/// What another release may have written: in any order, with any number and date.
pub(crate) fn any_team_event() -> impl Strategy<Value = ShelfEvent<Team>> {
    let instant = (Timestamp::MIN.0..=Timestamp::MAX.0).prop_map(Timestamp);
    let version = prop_oneof![4 => 0..5_u32, 1 => Just(u32::MAX)];
    let label = (line(), line()).prop_map(|(en, es)| Team { label: Both { en, es } });
    (any_slug(), version, instant, label, personal(), any::<bool>()).prop_map(
        |(slug, version, effective_at, content, reason, retired)| {
            if retired {
                return ShelfEvent::Retired(Retired { slug, effective_at, reason });
            }
            ShelfEvent::Published(Box::new(Published { slug, version, effective_at, content, reason }))
        },
    )
}

/// Every version with its number and content.
fn versions(shelf: &Shelf<Team>) -> Vec<(Slug, u32, Arc<Team>)> {
    let of = |(slug, item): (&Slug, &Item<Team>)| {
        let versions = item.changes().iter().filter_map(|change| change.version.clone());
        Vec::from_iter(versions.map(|version| (slug.clone(), version.number, version.content)))
    };
    shelf.items().flat_map(of).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn versions_have_no_gaps_never_change_and_deciding_again_yields_nothing(commands in any_commands()) {
        let mut shelf = Shelf::<Team>::default();
        for command in commands {
            let before = shelf.clone();
            let Ok(events) = ShelfDecider::decide(&command, &shelf) else { continue };
            prop_assert!(events.len() <= 1);
            shelf = events.iter().fold(shelf, ShelfDecider::evolve);
            prop_assert_eq!(ShelfDecider::decide(&command, &shelf), Ok(vec![]));
            let after = versions(&shelf);
            for version in versions(&before) {
                prop_assert!(after.contains(&version), "{:?}", version);
            }
            for (slug, item) in shelf.items() {
                let numbers = item.changes().iter().filter_map(|change| change.version.as_ref());
                let numbers = Vec::from_iter(numbers.map(|version| version.number));
                prop_assert_eq!(&numbers, &Vec::from_iter(1..=numbers.len() as u32), "{}", slug);
                // What was in force at any instant before this command still was.
                for hours in 0..40 {
                    let at = Timestamp(command.now.0 - 1).minus(DurationMs::from_hours(hours));
                    prop_assert_eq!(item.in_force(at), before.in_force(slug, at));
                }
            }
        }
    }

    #[test]
    fn any_history_is_folded_and_a_number_names_one_content(events in vec(any_team_event(), 0..40)) {
        let shelf = ShelfDecider::fold(&events);
        let versions = versions(&shelf);
        let names = versions.iter().map(|(slug, number, _)| (slug.clone(), *number));
        let names = Vec::from_iter(names);
        let different: std::collections::BTreeSet<_> = names.iter().cloned().collect();
        prop_assert_eq!(different.len(), names.len());
        for (slug, _) in shelf.items() {
            let _ = shelf.in_force(slug, NOW);
            prop_assert!(shelf.next_version(slug) >= 1);
        }
    }
}
