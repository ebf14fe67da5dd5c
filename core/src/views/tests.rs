//! The promises about saved views: given what was saved, when somebody wishes something, then what follows.

use super::event::{Removed, Saved};
use super::*;
use crate::actor::{Actor, Role};
use crate::filter::parse_filter;
use crate::filter::tests::any_filter;
use crate::strategies::{actor_id, config, line, personal, role};
use crate::text::Line;
use proptest::collection::vec;
use proptest::prelude::*;

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

fn view(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn saved(number: u128, author: &str, shared: bool) -> ViewEvent {
    let (name, filter) = ("Mine".into(), parse_filter("assignee:me").unwrap());
    ViewEvent::Saved(Saved { view: view(number), name, filter, author: id(author), shared })
}

fn save(shared: bool) -> ViewAction {
    let (name, filter) = (Line::new("Mine").unwrap(), parse_filter("assignee:me").unwrap());
    ViewAction::Save { name, filter, shared }
}

type Decision = Result<Vec<ViewEvent>, ViewRefusal>;

#[track_caller]
fn check(given: &[ViewEvent], who: (&str, Role), number: u128, action: ViewAction, then: Decision) {
    let actor = Actor { id: id(who.0), role: who.1, team: None };
    let command = ViewCommand { actor, view: view(number), action };
    assert_eq!(ViewsDecider::decide(&command, &ViewsDecider::fold(given)), then);
}

const INES: (&str, Role) = ("ines", Role::Agent);
const BEATRIZ: (&str, Role) = ("beatriz", Role::Supervisor);

#[test]
fn whoever_works_here_saves_views_of_their_own() {
    for role in Role::ALL {
        let then =
            if role.is_staff() { Ok(vec![saved(1, "x", false)]) } else { Err(ViewRefusal::Role { role }) };
        check(&[], ("x", role), 1, save(false), then);
    }
    check(&[saved(1, "ines", false)], INES, 1, save(false), Ok(vec![]));
    let removed = ViewEvent::Removed(Removed { view: view(1) });
    check(&[saved(1, "ines", false)], INES, 1, ViewAction::Remove, Ok(vec![removed]));
}

#[test]
fn nobody_touches_or_learns_of_another_ones_view() {
    let given = [saved(1, "omar", false)];
    for who in [INES, BEATRIZ, ("alma", Role::Admin)] {
        for action in [ViewAction::Remove, save(false), save(true)] {
            if matches!((who.1, &action), (Role::Agent, ViewAction::Save { shared: true, .. })) {
                continue;
            }
            check(&given, who, 1, action, Err(ViewRefusal::NotFound));
        }
        check(&given, who, 2, ViewAction::Remove, Err(ViewRefusal::NotFound));
    }
}

#[test]
fn what_is_shared_is_for_supervisors_and_admins_to_change() {
    let refused = Err(ViewRefusal::Shared { role: Role::Agent });
    check(&[], INES, 1, save(true), refused.clone());
    let given = [saved(1, "beatriz", true)];
    for action in [ViewAction::Remove, save(true), save(false)] {
        check(&given, INES, 1, action, refused.clone());
    }
    check(&given, ("alma", Role::Admin), 1, save(false), Ok(vec![saved(1, "alma", false)]));
    check(&given, ("alma", Role::Admin), 1, save(true), Ok(vec![]));
    // Whose own it becomes takes it out of the sight of the others.
    let views =
        ViewsDecider::fold(&[saved(1, "beatriz", true), saved(2, "omar", false), saved(3, "ines", false)]);
    let shown: Vec<Uuid> = views.of(&id("ines")).map(|(view, _)| *view).collect();
    assert_eq!(shown, [view(1), view(3)]);
    assert!(views.one(&view(2), &id("ines")).is_none() && views.one(&view(2), &id("omar")).is_some());
}

#[test]
fn limits_hold_just_below_and_just_above() {
    let own = |count| (1..=count as u128).map(|number| saved(number, "ines", false)).collect::<Vec<_>>();
    check(&own(OWN_VIEWS_MAX - 1), INES, 99, save(false), Ok(vec![saved(99, "ines", false)]));
    check(&own(OWN_VIEWS_MAX), INES, 99, save(false), Err(ViewRefusal::TooMany));
    check(&own(OWN_VIEWS_MAX), INES, 1, save(false), Ok(vec![]));
    check(&own(OWN_VIEWS_MAX), BEATRIZ, 99, save(false), Ok(vec![saved(99, "beatriz", false)]));
    let shared = |count| (1..=count as u128).map(|number| saved(number, "alma", true)).collect::<Vec<_>>();
    check(&shared(SHARED_VIEWS_MAX - 1), BEATRIZ, 99, save(true), Ok(vec![saved(99, "beatriz", true)]));
    check(&shared(SHARED_VIEWS_MAX), BEATRIZ, 99, save(true), Err(ViewRefusal::TooManyShared));
    let full = [shared(SHARED_VIEWS_MAX), vec![saved(99, "beatriz", false)]].concat();
    check(&full, BEATRIZ, 99, save(true), Err(ViewRefusal::TooManyShared));
}

/// One of few, so that views are saved over.
fn which() -> impl Strategy<Value = Uuid> {
    (0..6_u128).prop_map(Uuid::from_u128)
}

pub(crate) fn any_event() -> impl Strategy<Value = ViewEvent> {
    let saved = (which(), personal(), any_filter(), actor_id(), any::<bool>());
    let saved =
        saved.prop_map(|(view, name, filter, author, shared)| Saved { view, name, filter, author, shared });
    prop_oneof![
        3 => saved.prop_map(ViewEvent::Saved),
        1 => which().prop_map(|view| ViewEvent::Removed(Removed { view })),
    ]
}

fn any_command() -> impl Strategy<Value = ViewCommand> {
    let save = (line(), any_filter(), any::<bool>());
    let save = save.prop_map(|(name, filter, shared)| ViewAction::Save { name, filter, shared });
    let action = prop_oneof![3 => save, 1 => Just(ViewAction::Remove)];
    (actor_id(), role(), which(), action).prop_map(|(id, role, view, action)| ViewCommand {
        actor: Actor { id, role, team: None },
        view,
        action,
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_wish_that_was_granted_holds(history in vec(any_event(), 0..20), command in any_command()) {
        let views = ViewsDecider::fold(&history);
        let Ok(events) = ViewsDecider::decide(&command, &views) else { return Ok(()) };
        let views = events.iter().fold(views, ViewsDecider::evolve);
        let there = views.one(&command.view, &command.actor.id);
        match &command.action {
            ViewAction::Remove => prop_assert!(there.is_none()),
            ViewAction::Save { filter, .. } => {
                prop_assert_eq!(&there.unwrap().filter, filter);
                prop_assert_eq!(ViewsDecider::decide(&command, &views), Ok(vec![]));
            }
        }
    }
}
