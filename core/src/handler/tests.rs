//! What the handler promises beyond the rules: versions, keys, roles and numbers, on a store in memory.

mod follow_up;

use super::*;
use crate::access::Reach;
use crate::actor::Role;
use crate::clock::ManualClock;
use crate::names::{ActorId, Slug};
use crate::store::memory::MemoryStore;
use crate::text::{Body, Line};
use crate::ticket::Action;
use crate::ticket::command::Open;
use crate::ticket::event::{Channel, Language, Priority};
use crate::time::Timestamp;

fn handler() -> (Arc<MemoryStore>, CommandHandler) {
    let clock = Arc::new(ManualClock::at(Timestamp(0)));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    (store.clone(), CommandHandler::new(store, clock, None))
}

pub(super) fn request(ticket: Option<u64>, seen: Option<u64>, role: Role, action: Action) -> Request {
    let actor = crate::actor::Actor { id: ActorId::new("ines").unwrap(), role, team: None };
    Request {
        ticket: ticket.map(TicketNumber),
        seen: seen.map(StreamVersion),
        reach: Reach::Everything,
        command: TicketCommand { actor, action },
        key: None,
        correlation: Uuid::nil(),
    }
}

pub(super) fn open() -> Action {
    Action::Open(Box::new(Open {
        requester: ActorId::new("noor").unwrap(),
        requester_name: None,
        requester_email: None,
        subject: Line::new("Charged twice").unwrap(),
        body: Body::new("Two payments in March.").unwrap(),
        channel: Channel::Api,
        language: Language::En,
        priority: Priority::Normal,
        category: None,
        team: None,
        follows: None,
    }))
}

fn body() -> Body {
    Body::new("Hello").unwrap()
}

fn reply() -> Action {
    Action::Reply { message: Uuid::now_v7(), body: body(), then_pending: false }
}

fn note() -> Action {
    Action::Note { message: Uuid::now_v7(), body: body() }
}

#[tokio::test]
async fn a_reply_past_an_unseen_message_stops_and_shows_it() {
    let (_, handler) = handler();
    handler.handle(request(None, None, Role::Agent, open())).await.unwrap();
    let customer = Action::CustomerReply { message: Uuid::now_v7(), body: body() };
    handler.handle(request(Some(1), None, Role::Customer, customer)).await.unwrap();
    let moved = handler.handle(request(Some(1), Some(1), Role::Agent, reply())).await;
    let Err(HandleError::ThreadMoved { missed, current, .. }) = moved else { panic!("{moved:?}") };
    assert_eq!((missed.len(), current), (1, StreamVersion(2)));
    handler.handle(request(Some(1), Some(2), Role::Agent, reply())).await.unwrap();
}

#[tokio::test]
async fn a_note_does_not_move_the_thread() {
    let (_, handler) = handler();
    handler.handle(request(None, None, Role::Agent, open())).await.unwrap();
    handler.handle(request(Some(1), None, Role::Agent, note())).await.unwrap();
    handler.handle(request(Some(1), Some(1), Role::Agent, reply())).await.unwrap();
}

#[tokio::test]
async fn who_may_not_do_it_is_not_shown_what_was_missed() {
    let (_, handler) = handler();
    handler.handle(request(None, None, Role::Agent, open())).await.unwrap();
    handler.handle(request(Some(1), None, Role::Agent, note())).await.unwrap();
    handler.handle(request(Some(1), None, Role::Agent, reply())).await.unwrap();
    let refused = handler.handle(request(Some(1), Some(0), Role::Customer, reply())).await;
    assert!(matches!(refused, Err(HandleError::Refused(TicketRefusal::Role { .. }))), "{refused:?}");
}

#[tokio::test]
async fn a_version_that_never_was_is_refused() {
    let (_, handler) = handler();
    handler.handle(request(None, None, Role::Agent, open())).await.unwrap();
    let ahead = handler.handle(request(Some(1), Some(9), Role::Agent, reply())).await;
    let current = StreamVersion(1);
    assert!(
        matches!(ahead, Err(HandleError::SeenAhead { current: found, .. }) if found == current),
        "{ahead:?}"
    );
}

#[tokio::test]
async fn the_highest_number_is_found_behind_gaps() {
    for gaps in [vec![], vec![2], vec![4], vec![8, 9], (16..70).collect(), vec![2, 4, 8, 16, 32, 64]] {
        let (store, handler) = handler();
        let before = Ticket::default();
        for number in (1..=100).filter(|number| !gaps.contains(number)) {
            let request = request(None, None, Role::Agent, open());
            let events = TicketDecider::decide(&request.command, &before).unwrap();
            handler.append(TicketNumber(number), &before, events, None, None, &request).await.unwrap();
        }
        let highest = CommandHandler::highest_number(store.as_ref()).await.unwrap();
        assert_eq!(highest, Some(TicketNumber(100)), "gaps {gaps:?}");
    }
}

#[tokio::test]
async fn resolving_again_with_other_notes_is_refused_rather_than_losing_them() {
    let (_, handler) = handler();
    handler.handle(request(None, None, Role::Agent, open())).await.unwrap();
    let assign = Action::Assign { to: ActorId::new("ines").unwrap() };
    handler.handle(request(Some(1), None, Role::Supervisor, assign)).await.unwrap();
    let resolve = |notes| Action::Resolve {
        resolution: Slug::new("solved").unwrap(),
        needs_assignee: true,
        notes,
        confirmation: false,
        survey: false,
    };
    handler.handle(request(Some(1), None, Role::Agent, resolve(Some(body())))).await.unwrap();
    let again = handler.handle(request(Some(1), None, Role::Agent, resolve(None))).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadySo);
    let other = handler.handle(request(Some(1), None, Role::Agent, resolve(Some(body())))).await;
    assert!(matches!(other, Err(HandleError::Refused(TicketRefusal::AlreadyResolved { .. }))), "{other:?}");
}

mod of_the_staff {
    use super::*;
    use crate::handler::settings::{SettingsError, SettingsHandler};
    use crate::staff::{StaffAction, StaffCommand, StaffDecider, StaffRefusal};
    use std::collections::BTreeSet;

    fn staff(store: &Arc<MemoryStore>) -> SettingsHandler<StaffDecider> {
        SettingsHandler::new(store.clone(), Arc::new(ManualClock::at(Timestamp(0))))
    }

    fn add(member: &str, role: Role) -> StaffCommand {
        let name = Line::new(member).unwrap();
        let action = StaffAction::Add {
            name,
            role,
            teams: BTreeSet::new(),
            not_in_force: BTreeSet::new(),
            language: Language::En,
        };
        StaffCommand {
            actor: crate::actor::Actor::system("setup"),
            member: ActorId::new(member).unwrap(),
            action,
        }
    }

    fn leave(member: &str) -> StaffCommand {
        StaffCommand { action: StaffAction::Deactivate { reason: None }, ..add(member, Role::Admin) }
    }

    fn key(name: &str, digest: &str) -> CommandKey {
        CommandKey { principal: "system/setup".into(), key: name.into(), digest: digest.into() }
    }

    #[tokio::test]
    async fn two_handlers_on_one_log_see_what_the_other_did() {
        let (store, _) = handler();
        let (one, other) = (staff(&store), staff(&store));
        one.handle(&add("alma", Role::Admin), None, Uuid::nil()).await.unwrap();
        let settled = other.handle(&add("ines", Role::Agent), None, Uuid::nil()).await.unwrap();
        assert_eq!(settled.version, StreamVersion(2));
        assert_eq!(one.known().len(), 1, "it has not looked");
        assert_eq!(one.refresh().await.unwrap().len(), 2);
        assert_eq!(other.known(), one.known());
    }

    #[tokio::test]
    async fn a_command_that_holds_already_appends_nothing() {
        let (store, _) = handler();
        let staff = staff(&store);
        let first = staff.handle(&add("alma", Role::Admin), None, Uuid::nil()).await.unwrap();
        let again = staff.handle(&add("alma", Role::Admin), None, Uuid::nil()).await.unwrap();
        assert_eq!((first.outcome, again.outcome), (Outcome::Appended, Outcome::AlreadySo));
        assert_eq!((again.version, again.position), (first.version, first.position));
    }

    #[tokio::test]
    async fn a_key_finds_what_its_command_came_to_also_where_it_would_be_refused_now() {
        let (store, _) = handler();
        let staff = staff(&store);
        staff.handle(&add("alma", Role::Admin), None, Uuid::nil()).await.unwrap();
        staff.handle(&add("otto", Role::Admin), None, Uuid::nil()).await.unwrap();
        let key = key("1", "otto leaves");
        let first = staff.handle(&leave("otto"), Some(&key), Uuid::nil()).await.unwrap();
        let again = staff.handle(&leave("otto"), Some(&key), Uuid::nil()).await.unwrap();
        assert_eq!((again.outcome, again.position), (Outcome::Found, first.position));
        let refused = staff.handle(&leave("alma"), None, Uuid::nil()).await;
        assert!(matches!(refused, Err(SettingsError::Refused(StaffRefusal::LastAdmin))));
        let other = CommandKey { digest: "another body".into(), ..key };
        let reused = staff.handle(&leave("alma"), Some(&other), Uuid::nil()).await;
        assert!(matches!(reused, Err(SettingsError::Append(AppendError::KeyReused { .. }))));
    }

    #[tokio::test]
    async fn of_two_admins_who_leave_at_once_one_stays() {
        for _ in 0..20 {
            let (store, _) = handler();
            let (one, other) = (staff(&store), staff(&store));
            one.handle(&add("alma", Role::Admin), None, Uuid::nil()).await.unwrap();
            one.handle(&add("otto", Role::Admin), None, Uuid::nil()).await.unwrap();
            let (alma, otto) = (leave("alma"), leave("otto"));
            let left =
                tokio::join!(one.handle(&alma, None, Uuid::nil()), other.handle(&otto, None, Uuid::nil()),);
            assert_eq!([left.0.is_ok(), left.1.is_ok()].into_iter().filter(|left| *left).count(), 1);
        }
    }
}
