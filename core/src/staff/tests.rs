//! The promises about the staff: given what happened, when somebody wishes something, then what follows.

mod letting_in;

use super::event::{
    ActivityChanged, Added, CapacityChanged, PermissionsChanged, Renamed, RoleChanged, SkillsChanged,
    TeamsChanged,
};
use super::*;
use crate::actor::Actor;
use crate::strategies::{config, line, personal};
use crate::text::Line;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

fn slugs<S: FromIterator<Slug>>(names: &[&str]) -> S {
    names.iter().map(|name| Slug::new(name).unwrap()).collect()
}

fn text(line: &str) -> Line {
    Line::new(line).unwrap()
}

fn added(member: &str, role: Role, teams: &[&str]) -> StaffEvent {
    StaffEvent::Added(Added {
        member: id(member),
        name: PersonalText::from(&text(member)),
        role,
        teams: slugs(teams),
        language: Language::En,
    })
}

fn add(member: &str, role: Role, teams: &[&str]) -> (ActorId, StaffAction) {
    let (name, teams) = (text(member), slugs(teams));
    (
        id(member),
        StaffAction::Add { name, role, teams, not_in_force: BTreeSet::new(), language: Language::En },
    )
}

fn left(member: &str) -> StaffEvent {
    StaffEvent::Deactivated(ActivityChanged { member: id(member), reason: None })
}

/// Alma looks after people, Ines works tickets.
fn two() -> Vec<StaffEvent> {
    vec![added("alma", Role::Admin, &[]), added("ines", Role::Agent, &["billing"])]
}

/// What follows when somebody in this role wishes something.
fn by(role: Role, given: &[StaffEvent], member: ActorId, action: StaffAction) -> Decision {
    let actor = Actor { id: id("somebody"), role, team: None };
    StaffDecider::decide(&StaffCommand { actor, member, action }, &StaffDecider::fold(given))
}

type Decision = Result<Vec<StaffEvent>, StaffRefusal>;

fn admin(given: &[StaffEvent], member: &str, action: StaffAction) -> Decision {
    by(Role::Admin, given, id(member), action)
}

fn role(to: Role) -> StaffAction {
    StaffAction::ChangeRole { to, reason: None }
}

#[test]
fn whoever_has_the_machine_makes_the_first_admin_and_admins_the_others() {
    let (alma, action) = add("alma", Role::Admin, &[]);
    let first = by(Role::System, &[], alma, action);
    assert_eq!(first, Ok(vec![added("alma", Role::Admin, &[])]));
    let (ines, action) = add("ines", Role::Agent, &["support", "billing"]);
    let second = by(Role::Admin, &two()[..1], ines, action);
    assert_eq!(second, Ok(vec![added("ines", Role::Agent, &["billing", "support"])]));
}

#[test]
fn nobody_else_changes_the_staff() {
    for asking in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Admin | Role::System)) {
        let refused = Err(StaffRefusal::Role { role: asking });
        let (member, action) = add("otto", Role::Agent, &[]);
        assert_eq!(by(asking, &two(), member, action), refused);
        assert_eq!(by(asking, &two(), id("ines"), role(Role::Admin)), refused);
        assert_eq!(by(asking, &two(), id("nobody"), role(Role::Admin)), refused, "nor learns who is there");
    }
}

#[test]
fn an_identifier_is_of_one_person_for_ever() {
    let (member, action) = add("ines", Role::Supervisor, &[]);
    assert_eq!(by(Role::Admin, &two(), member, action), Err(StaffRefusal::AlreadyThere));
    let (member, action) = add("ines", Role::Agent, &["billing"]);
    assert_eq!(by(Role::Admin, &two(), member, action), Ok(vec![]), "the same again is nothing");
    let given = [two(), vec![left("ines")]].concat();
    let (member, action) = add("ines", Role::Agent, &["billing"]);
    assert_eq!(by(Role::Admin, &given, member, action), Err(StaffRefusal::AlreadyThere));
}

#[test]
fn only_roles_of_the_staff_are_given() {
    for other in [Role::Customer, Role::System, Role::Unknown] {
        let refused = Err(StaffRefusal::NotOfStaff { role: other });
        let (member, action) = add("otto", other, &[]);
        assert_eq!(by(Role::Admin, &two(), member, action), refused);
        assert_eq!(admin(&two(), "ines", role(other)), refused);
    }
}

#[test]
fn a_change_says_what_was_what_is_and_why() {
    let reason = Some(text("promoted"));
    let said = Some(PersonalText::from("promoted"));
    let changed = admin(&two(), "ines", StaffAction::ChangeRole { to: Role::Supervisor, reason });
    let (from, to) = (Role::Agent, Role::Supervisor);
    let expected = RoleChanged { member: id("ines"), from, to, reason: said };
    assert_eq!(changed, Ok(vec![StaffEvent::RoleChanged(expected)]));

    let teams = StaffAction::ChangeTeams {
        to: slugs(&["technical", "account"]),
        not_in_force: BTreeSet::new(),
        reason: None,
    };
    let (from, to) = (slugs(&["billing"]), slugs(&["account", "technical"]));
    let expected = TeamsChanged { member: id("ines"), from, to, reason: None };
    assert_eq!(admin(&two(), "ines", teams), Ok(vec![StaffEvent::TeamsChanged(expected)]));

    let renamed = admin(&two(), "ines", StaffAction::Rename { to: text("Inés") });
    let expected = Renamed { member: id("ines"), to: "Inés".into() };
    assert_eq!(renamed, Ok(vec![StaffEvent::Renamed(expected)]));
}

#[test]
fn what_somebody_can_do_is_changed_whole_and_said_before_and_after() {
    let skills = StaffAction::ChangeSkills { to: slugs(&["refunds", "playback"]), reason: None };
    let (from, to) = (vec![], slugs(&["playback", "refunds"]));
    let expected = SkillsChanged { member: id("ines"), from, to, reason: None };
    assert_eq!(admin(&two(), "ines", skills), Ok(vec![StaffEvent::SkillsChanged(expected)]));

    let to = BTreeSet::from([Permission::TakeEscalated]);
    let permissions = StaffAction::ChangePermissions { to, reason: Some(text("senior now")) };
    let (from, to) = (vec![Permission::TakeRouted], vec![Permission::TakeEscalated]);
    let expected = PermissionsChanged { member: id("ines"), from, to, reason: Some("senior now".into()) };
    assert_eq!(admin(&two(), "ines", permissions), Ok(vec![StaffEvent::PermissionsChanged(expected)]));

    let half = Capacity { points: 5, ..Capacity::default() };
    let capacity = StaffAction::ChangeCapacity { to: half.clone(), reason: None };
    let expected = CapacityChanged { member: id("ines"), from: Capacity::default(), to: half, reason: None };
    let expected = vec![StaffEvent::CapacityChanged(Box::new(expected))];
    assert_eq!(admin(&two(), "ines", capacity.clone()), Ok(expected.clone()));
    let given = [two(), expected].concat();
    assert_eq!(admin(&given, "ines", capacity), Ok(vec![]));
}

#[test]
fn everybody_begins_with_what_their_role_needs() {
    let staff = StaffDecider::fold(&[
        added("alma", Role::Admin, &[]),
        added("ines", Role::Agent, &[]),
        added("lena", Role::Supervisor, &[]),
        added("aud", Role::Auditor, &[]),
    ]);
    let of = |member: &str| Vec::from_iter(staff.member(&id(member)).unwrap().permissions.clone());
    assert_eq!(of("ines"), [Permission::TakeRouted]);
    assert_eq!(of("lena"), [Permission::TakeEscalated]);
    assert_eq!((of("alma"), of("aud")), (vec![], vec![]));
    let capacity = &staff.member(&id("ines")).unwrap().capacity;
    let weights =
        [capacity.weights.urgent, capacity.weights.high, capacity.weights.normal, capacity.weights.low];
    assert_eq!((capacity.points, weights), (10, [3, 2, 1, 1]), "part of what was, so it never changes");
}

#[test]
fn who_has_left_comes_back_before_anything_else_about_them_changes() {
    let given = [two(), vec![left("ines")]].concat();
    for action in [role(Role::Admin), StaffAction::Rename { to: text("Inés") }] {
        assert_eq!(admin(&given, "ines", action), Err(StaffRefusal::Inactive));
    }
    assert_eq!(admin(&given, "ines", StaffAction::Deactivate { reason: None }), Ok(vec![]));
    let back = ActivityChanged { member: id("ines"), reason: None };
    let expected = Ok(vec![StaffEvent::Reactivated(back)]);
    assert_eq!(admin(&given, "ines", StaffAction::Reactivate { reason: None }), expected);
    assert_eq!(admin(&two(), "ines", StaffAction::Reactivate { reason: None }), Ok(vec![]));
}

#[test]
fn teams_that_are_not_in_force_are_given_to_nobody_and_stay_whose_they_are() {
    let none = || slugs(&["billing", "gone"]);
    let to = |teams: &[&str]| {
        let action = StaffAction::ChangeTeams { to: slugs(teams), not_in_force: none(), reason: None };
        admin(&two(), "ines", action)
    };
    let unknown = |team: &str| Err(StaffRefusal::UnknownTeam { team: Slug::new(team).unwrap() });
    assert_eq!(to(&["account", "gone"]), unknown("gone"));
    assert!(to(&["account", "billing"]).is_ok(), "hers already, and retired since");
    assert_eq!(to(&["billing"]), Ok(vec![]));
    assert!(to(&[]).is_ok());
    let add = |teams: &[&str]| {
        let (name, teams, not_in_force) = (text("Otto"), slugs(teams), none());
        let action =
            StaffAction::Add { name, role: Role::Agent, teams, not_in_force, language: Language::En };
        admin(&two(), "otto", action)
    };
    assert_eq!(add(&["account", "billing"]), unknown("billing"));
    assert!(add(&["account"]).is_ok());
}

#[test]
fn the_last_admin_stays_one() {
    let leave = || StaffAction::Deactivate { reason: None };
    for action in [leave(), role(Role::Agent)] {
        assert_eq!(admin(&two(), "alma", action), Err(StaffRefusal::LastAdmin));
    }
    let with_another = [two(), vec![added("otto", Role::Admin, &[])]].concat();
    assert_eq!(admin(&with_another, "alma", leave()), Ok(vec![left("alma")]));
    // One who has left is none.
    let alone_again = [with_another, vec![left("otto")]].concat();
    assert_eq!(admin(&alone_again, "alma", leave()), Err(StaffRefusal::LastAdmin));
}

#[test]
fn nobody_who_was_never_added_is_changed() {
    for action in [role(Role::Agent), StaffAction::Deactivate { reason: None }] {
        assert_eq!(admin(&two(), "nobody", action), Err(StaffRefusal::NotFound));
    }
}

#[test]
fn limits_hold_just_below_and_just_above() {
    let teams = |count: usize| (0..count).map(|team| Slug::new(&format!("team-{team}")).unwrap()).collect();
    let change =
        |count| StaffAction::ChangeTeams { to: teams(count), not_in_force: BTreeSet::new(), reason: None };
    assert!(admin(&two(), "ines", change(TEAMS_PER_MEMBER_MAX)).is_ok());
    assert_eq!(admin(&two(), "ines", change(TEAMS_PER_MEMBER_MAX + 1)), Err(StaffRefusal::TooManyTeams));

    let skills =
        |count: usize| (0..count).map(|skill| Slug::new(&format!("skill-{skill}")).unwrap()).collect();
    let change = |count| StaffAction::ChangeSkills { to: skills(count), reason: None };
    assert!(admin(&two(), "ines", change(SKILLS_PER_MEMBER_MAX)).is_ok());
    assert_eq!(admin(&two(), "ines", change(SKILLS_PER_MEMBER_MAX + 1)), Err(StaffRefusal::TooManySkills));

    for (points, weight, fits) in [
        (POINTS_MAX, 1, true),
        (0, POINTS_MAX, true),
        (POINTS_MAX + 1, 1, false),
        (10, 0, false),
        (10, POINTS_MAX + 1, false),
    ] {
        let mut to = Capacity { points, ..Capacity::default() };
        to.weights.low = weight;
        let changed = admin(&two(), "ines", StaffAction::ChangeCapacity { to, reason: None });
        assert_eq!(changed.err(), (!fits).then_some(StaffRefusal::CapacityOutOfRange), "{points} {weight}");
    }

    let many = |count| (0..count).map(|member| added(&format!("m{member}"), Role::Agent, &[])).collect();
    let many: Vec<StaffEvent> = many(MEMBERS_MAX);
    let one_more = |given: &[StaffEvent]| {
        let (member, action) = add("one more", Role::Agent, &[]);
        by(Role::Admin, given, member, action)
    };
    assert!(one_more(&many[1..]).is_ok());
    assert_eq!(one_more(&many), Err(StaffRefusal::TooMany));
}

fn any_member() -> impl Strategy<Value = ActorId> {
    select(vec!["alma", "ines", "otto", "rosa"]).prop_map(id)
}

fn any_role() -> impl Strategy<Value = Role> {
    prop_oneof![3 => Just(Role::Admin), 5 => select(Role::ALL.as_slice())]
}

fn any_teams() -> impl Strategy<Value = BTreeSet<Slug>> {
    vec(select(vec!["billing", "support", "account"]), 0..3).prop_map(|names| slugs(&names))
}

fn any_permissions() -> impl Strategy<Value = Vec<Permission>> {
    vec(select(Permission::ALL.as_slice()), 0..4)
}

fn any_capacity() -> impl Strategy<Value = Capacity> {
    (0..1002_u32, 0..3_u32).prop_map(|(points, weight)| {
        let mut capacity = Capacity { points, ..Capacity::default() };
        capacity.weights.high = weight;
        capacity
    })
}

fn any_command() -> impl Strategy<Value = StaffCommand> {
    let why = || option::of(line());
    let add = (line(), any_role(), any_teams(), any_teams());
    let add = add.prop_map(|(name, role, teams, not_in_force)| StaffAction::Add {
        name,
        role,
        teams,
        not_in_force,
        language: Language::Es,
    });
    let action = prop_oneof![
        3 => add,
        1 => line().prop_map(|to| StaffAction::Rename { to }),
        3 => (any_role(), why()).prop_map(|(to, reason)| StaffAction::ChangeRole { to, reason }),
        1 => (any_teams(), any_teams(), why()).prop_map(|(to, not_in_force, reason)| {
            StaffAction::ChangeTeams { to, not_in_force, reason }
        }),
        1 => (any_teams(), why()).prop_map(|(to, reason)| StaffAction::ChangeSkills { to, reason }),
        1 => (any_permissions(), why()).prop_map(|(to, reason)| {
            StaffAction::ChangePermissions { to: to.into_iter().collect(), reason }
        }),
        1 => (any_capacity(), why()).prop_map(|(to, reason)| StaffAction::ChangeCapacity { to, reason }),
        3 => why().prop_map(|reason| StaffAction::Deactivate { reason }),
        1 => why().prop_map(|reason| StaffAction::Reactivate { reason }),
        2 => letting_in::any_wish().prop_map(StaffAction::LettingIn),
    ];
    let asking = prop_oneof![6 => Just(Role::Admin), 1 => select(Role::ALL.as_slice())];
    let who = prop_oneof![1 => Just(id("somebody")), 1 => any_member()];
    (asking, who, any_member(), action).prop_map(|(role, who, member, action)| StaffCommand {
        actor: Actor { id: who, role, team: None },
        member,
        action,
    })
}

/// What an import or another release may have written: in any order, about anybody.
pub(crate) fn any_event() -> impl Strategy<Value = StaffEvent> {
    let about = || (any_member(), option::of(personal()));
    let teams = || any_teams().prop_map(Vec::from_iter);
    prop_oneof![
        (any_member(), personal(), any_role(), teams()).prop_map(|(member, name, role, teams)| {
            StaffEvent::Added(Added { member, name, role, teams, language: Language::En })
        }),
        (any_member(), personal()).prop_map(|(member, to)| StaffEvent::Renamed(Renamed { member, to })),
        (about(), any_role(), any_role()).prop_map(|((member, reason), from, to)| {
            StaffEvent::RoleChanged(RoleChanged { member, from, to, reason })
        }),
        (about(), teams(), teams()).prop_map(|((member, reason), from, to)| {
            StaffEvent::TeamsChanged(TeamsChanged { member, from, to, reason })
        }),
        (about(), teams(), teams()).prop_map(|((member, reason), from, to)| {
            StaffEvent::SkillsChanged(SkillsChanged { member, from, to, reason })
        }),
        (about(), any_permissions(), any_permissions()).prop_map(|((member, reason), from, to)| {
            StaffEvent::PermissionsChanged(PermissionsChanged { member, from, to, reason })
        }),
        (about(), any_capacity(), any_capacity()).prop_map(|((member, reason), from, to)| {
            StaffEvent::CapacityChanged(Box::new(CapacityChanged { member, from, to, reason }))
        }),
        about().prop_map(|(member, reason)| StaffEvent::Deactivated(ActivityChanged { member, reason })),
        about().prop_map(|(member, reason)| StaffEvent::Reactivated(ActivityChanged { member, reason })),
        letting_in::any_event(),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_admin_always_remains_and_deciding_again_yields_nothing(commands in vec(any_command(), 0..40)) {
        let mut staff = Staff::default();
        let mut had_admin = false;
        for command in commands {
            let Ok(events) = StaffDecider::decide(&command, &staff) else { continue };
            prop_assert!(events.len() <= 1);
            let before = staff.clone();
            staff = events.iter().fold(staff, StaffDecider::evolve);
            if matches!(command.action, StaffAction::LettingIn(_)) {
                prop_assert_eq!(StaffDecider::decide(&command, &staff), Ok(events));
                prop_assert_eq!(&before, &staff);
                continue;
            }
            prop_assert_eq!(StaffDecider::decide(&command, &staff), Ok(vec![]));
            let has_admin = staff.members().any(|(_, member)| member.active && member.role == Role::Admin);
            prop_assert!(has_admin || !had_admin);
            had_admin |= has_admin;
            for (_, member) in staff.members() {
                prop_assert!(!matches!(member.role, Role::Customer | Role::System | Role::Unknown));
            }
        }
    }

    #[test]
    fn any_history_is_folded(events in vec(any_event(), 0..40)) {
        let staff = StaffDecider::fold(&events);
        let ever_added = events.iter().filter_map(|event| {
            if let StaffEvent::Added(added) = event { Some(&added.member) } else { None }
        });
        prop_assert_eq!(BTreeSet::from_iter(ever_added), staff.members().map(|(id, _)| id).collect());
        prop_assert_eq!(staff.len(), staff.members().count());
    }
}
