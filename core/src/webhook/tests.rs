//! The promises about webhooks: given what happened, when somebody wishes something, then what follows.

use super::address::{Host, Scheme, UrlError};
use super::event::{AboutEndpoint, EndpointPaused};
use super::*;
use crate::actor::{Actor, Role};
use crate::event::CONTRACT;
use crate::names::ActorId;
use crate::strategies::{config, text};
use crate::text::Line;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

type Decision = Result<Vec<WebhookEvent>, WebhookRefusal>;

const SECRET_PATH: &str = "https://hooks.example.com/T0/very-secret";

fn id(number: u128) -> EndpointId {
    EndpointId(Uuid::from_u128(number))
}

fn url(text: &str) -> EndpointUrl {
    EndpointUrl::parse(text).unwrap()
}

fn by(role: Role, given: &[WebhookEvent], number: u128, action: WebhookAction) -> Decision {
    let actor = Actor { id: ActorId::new("somebody").unwrap(), role, team: None };
    let command = WebhookCommand { actor, endpoint: id(number), action };
    WebhookDecider::decide(&command, &WebhookDecider::fold(given))
}

fn admin(given: &[WebhookEvent], number: u128, action: WebhookAction) -> Decision {
    by(Role::Admin, given, number, action)
}

fn add(wished: Wished) -> WebhookAction {
    WebhookAction::Add { url: url(SECRET_PATH), wished }
}

fn wants(names: &[&str], internal: bool) -> Wished {
    let events = names.iter().map(|name| (*name).to_owned()).collect();
    Wished { events: Some(events), internal: Some(internal), ..Wished::default() }
}

fn one() -> Vec<WebhookEvent> {
    admin(&[], 1, add(Wished::default())).unwrap()
}

fn about(number: u128) -> AboutEndpoint {
    AboutEndpoint { endpoint: id(number) }
}

fn paused(reason: PauseReason) -> WebhookEvent {
    WebhookEvent::Paused(EndpointPaused { endpoint: id(1), reason })
}

#[test]
fn an_endpoint_that_says_nothing_else_is_told_everything_that_may_leave_the_house() {
    let [WebhookEvent::Added(set)] = &one()[..] else { panic!("one event") };
    assert_eq!((set.origin.as_str(), set.internal), ("https://hooks.example.com", false));
    assert_eq!((set.events.as_slice(), set.description.as_str()), (&["*".to_owned()][..], ""));
    assert_eq!(set.fingerprint, url(SECRET_PATH).fingerprint());
}

#[test]
fn nothing_of_an_address_but_its_origin_is_in_an_event_or_a_debug_print() {
    let command = add(Wished::default());
    for printed in [format!("{command:?}"), format!("{:?}", one()), one_encoded()] {
        assert!(!printed.contains("very-secret"), "{printed}");
    }
}

fn one_encoded() -> String {
    one().into_iter().map(|event| crate::event::Event::Webhook(event).encode().data).collect()
}

#[test]
fn only_admins_change_webhooks_and_docket_itself_only_pauses_them() {
    for role in Role::ALL {
        let expected = role == Role::Admin;
        assert_eq!(by(role, &[], 1, add(Wished::default())).is_ok(), expected, "{role:?}");
        for action in [WebhookAction::Remove, WebhookAction::RotateSecret, WebhookAction::Resume] {
            assert_eq!(by(role, &one(), 1, action).is_ok(), expected, "{role:?}");
        }
    }
    let pause = WebhookAction::Pause { reason: PauseReason::Failing };
    assert_eq!(by(Role::System, &one(), 1, pause.clone()), Ok(vec![paused(PauseReason::Failing)]));
    assert_eq!(by(Role::Agent, &one(), 1, pause), Err(WebhookRefusal::Role { role: Role::Agent }));
}

#[test]
fn only_what_is_sent_can_be_wished_and_internal_events_only_by_internal_endpoints() {
    let adds = |names: &[&str], internal| admin(&[], 1, add(wants(names, internal)));
    assert!(adds(&["ticket.opened", "ticket.resolved"], false).is_ok());
    assert!(adds(&["ticket.noted", "sla.breached"], true).is_ok());
    assert_eq!(adds(&[], false), Err(WebhookRefusal::NoEvents));
    for unknown in ["ticket.unheard_of", "staff.added", "agent.ticket_taken", "webhook.added", "**", ""] {
        let name = unknown.to_owned();
        assert_eq!(adds(&[unknown], true), Err(WebhookRefusal::UnknownEvent { name }));
    }
    for internal in INTERNAL {
        let name = (*internal).to_owned();
        assert_eq!(adds(&["*", internal], false), Err(WebhookRefusal::InternalEvent { name }));
    }
    // Nor by taking the mark away later.
    let given = adds(&["ticket.noted"], true).unwrap();
    let change = Wished { internal: Some(false), ..Wished::default() };
    let refused = admin(&given, 1, WebhookAction::Change { wished: change });
    assert_eq!(refused, Err(WebhookRefusal::InternalEvent { name: "ticket.noted".into() }));
}

const INTERNAL: &[&str] = disclosure::INTERNAL_NAMES;

#[test]
fn what_is_not_wished_stays_as_it_is() {
    let wished = Wished { description: Some(Line::new("CRM").unwrap()), ..Wished::default() };
    let changed = admin(&one(), 1, WebhookAction::Change { wished: wished.clone() }).unwrap();
    let [WebhookEvent::Changed(set)] = &changed.clone()[..] else { panic!("one event") };
    assert_eq!((set.origin.as_str(), set.description.as_str()), ("https://hooks.example.com", "CRM"));
    let given = [one(), changed].concat();
    assert_eq!(admin(&given, 1, WebhookAction::Change { wished }), Ok(vec![]));
    // Another path is another address, although the event shows none.
    let url = Some(url("https://hooks.example.com/T0/another"));
    let moved = admin(&given, 1, WebhookAction::Change { wished: Wished { url, ..Wished::default() } });
    assert!(matches!(&moved.unwrap()[..], [WebhookEvent::Changed(to)] if to.fingerprint != set.fingerprint));
}

#[test]
fn a_pause_keeps_its_first_reason_through_changes_until_it_is_resumed() {
    let gone = WebhookAction::Pause { reason: PauseReason::Gone };
    let wished = WebhookAction::Pause { reason: PauseReason::Wished };
    let mut given = one();
    assert_eq!(admin(&given, 1, WebhookAction::Resume), Ok(vec![]));
    given.extend(by(Role::System, &given, 1, gone).unwrap());
    assert_eq!(admin(&given, 1, wished), Ok(vec![]));
    let change = Wished { internal: Some(true), ..Wished::default() };
    given.extend(admin(&given, 1, WebhookAction::Change { wished: change }).unwrap());
    let webhooks = WebhookDecider::fold(&given);
    assert_eq!(webhooks.endpoint(id(1)).unwrap().paused, Some(PauseReason::Gone));
    assert_eq!(admin(&given, 1, WebhookAction::Resume), Ok(vec![WebhookEvent::Resumed(about(1))]));
}

#[test]
fn what_is_not_there_is_not_found_and_removing_it_again_is_nothing() {
    let actions = [
        WebhookAction::RotateSecret,
        WebhookAction::Resume,
        WebhookAction::Pause { reason: PauseReason::Wished },
        WebhookAction::Change { wished: Wished::default() },
    ];
    for action in actions {
        assert_eq!(admin(&one(), 2, action), Err(WebhookRefusal::NotFound));
    }
    assert_eq!(admin(&one(), 1, WebhookAction::Remove), Ok(vec![WebhookEvent::Removed(about(1))]));
    assert_eq!(admin(&[], 1, WebhookAction::Remove), Ok(vec![]));
}

#[test]
fn there_is_room_for_a_bounded_number_and_removing_makes_room() {
    let mut given: Vec<WebhookEvent> = Vec::new();
    for number in 0..ENDPOINTS_MAX as u128 {
        given.extend(admin(&given, number, add(Wished::default())).unwrap());
    }
    assert_eq!(admin(&given, 99, add(Wished::default())), Err(WebhookRefusal::TooMany));
    assert_eq!(admin(&given, 1, add(wants(&["sla.warned"], true))), Err(WebhookRefusal::AlreadyThere));
    given.push(WebhookEvent::Removed(about(0)));
    assert!(admin(&given, 99, add(Wished::default())).is_ok());
}

#[test]
fn the_names_that_can_be_sent_are_all_those_of_tickets_and_targets() {
    let known = CONTRACT.iter().map(|(name, _)| *name);
    let of_tickets = known.filter(|name| name.starts_with("ticket.") || name.starts_with("sla."));
    assert_eq!(disclosure::NAMES, Vec::from_iter(of_tickets));
}

#[test]
fn an_endpoint_is_told_what_it_wants_and_may_know() {
    let endpoint = |names: &[&str], internal| {
        let given = admin(&[], 1, add(wants(names, internal))).unwrap();
        WebhookDecider::fold(&given).endpoint(id(1)).unwrap().clone()
    };
    let (outside, internal) = (Disclosure::Outside { hidden: &[] }, Disclosure::Internal);
    assert!(endpoint(&["*"], false).is_told("ticket.opened", outside));
    assert!(!endpoint(&["ticket.opened"], false).is_told("ticket.sealed", outside));
    assert!(!endpoint(&["*"], false).is_told("ticket.noted", internal));
    assert!(endpoint(&["*"], true).is_told("ticket.noted", internal));
    assert!(!endpoint(&["*"], true).is_told("staff.added", Disclosure::Never));
}

#[test]
fn an_address_is_read_in_one_way_only() {
    let read = url("HTTPS://Hooks.Example.COM:8443/a/b?c=d");
    assert_eq!(read.host(), &Host::Name("hooks.example.com".into()));
    assert_eq!((read.scheme(), read.port(), read.target()), (Scheme::Https, 8443, "/a/b?c=d"));
    assert_eq!(read.reveal(), "https://hooks.example.com:8443/a/b?c=d");
    assert_eq!(url("https://a.example:443").reveal(), "https://a.example/");
    assert_eq!(url("http://a.example?x").target(), "/?x");
    assert_eq!(url("https://[::ffff:127.0.0.1]:1/").authority(), "[::ffff:127.0.0.1]:1");
    assert_eq!(url("https://192.0.2.7/").host(), &Host::Address("192.0.2.7".parse().unwrap()));
    for (odd, error) in [
        ("", UrlError::Scheme),
        ("a.example/x", UrlError::Scheme),
        ("ftp://a.example/", UrlError::Scheme),
        ("file:///etc/passwd", UrlError::Scheme),
        (" https://a.example/", UrlError::Scheme),
        ("https://user@a.example/", UrlError::UserInfo),
        ("https://a.example@127.0.0.1/", UrlError::UserInfo),
        ("https:///x", UrlError::Host),
        ("https://2130706433/", UrlError::Host),
        ("https://0x7f000001/", UrlError::Host),
        ("https://0x7f.1/", UrlError::Host),
        ("https://127.1/", UrlError::Host),
        ("https://0177.0.0.1/", UrlError::Host),
        ("https://127.0.0.01/", UrlError::Host),
        ("https://127.0.0.1./", UrlError::Host),
        ("https://1.2.3.4.5/", UrlError::Host),
        ("https://256.0.0.1/", UrlError::Host),
        ("https://localhost./", UrlError::Host),
        ("https://a..example/", UrlError::Host),
        ("https://-a.example/", UrlError::Host),
        ("https://a_b.example/", UrlError::Host),
        ("https://ⓔxample.com/", UrlError::Host),
        ("https://①②⑦.⓪.⓪.①/", UrlError::Host),
        ("https://127%2e0.0.1/", UrlError::Host),
        ("https://[::1/", UrlError::Host),
        ("https://[::1%25eth0]/", UrlError::Host),
        ("https://[127.0.0.1]/", UrlError::Host),
        ("https://[::1]x/", UrlError::Host),
        ("https://::1/", UrlError::Port),
        ("https://a.example:/", UrlError::Port),
        ("https://a.example:0/", UrlError::Port),
        ("https://a.example:080/", UrlError::Port),
        ("https://a.example:+80/", UrlError::Port),
        ("https://a.example:65536/", UrlError::Port),
        ("https://a.example:80:90/", UrlError::Port),
        ("https://a.example/#x", UrlError::Target),
        ("https://a.example/a b", UrlError::Target),
        ("https://a.example/\r\nhost: b", UrlError::Target),
        ("https://a.example\\@127.0.0.1/", UrlError::Target),
        ("https://a.example/ñ", UrlError::Target),
    ] {
        assert_eq!(EndpointUrl::parse(odd).map(|url| url.reveal()), Err(error), "{odd}");
    }
    let long = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
    assert!(EndpointUrl::parse(&long(EndpointUrl::BYTES_MAX)).is_ok());
    assert_eq!(EndpointUrl::parse(&long(EndpointUrl::BYTES_MAX + 1)), Err(UrlError::TooLong));
}

fn any_id() -> impl Strategy<Value = EndpointId> {
    (0_u128..3).prop_map(id)
}

fn any_names() -> impl Strategy<Value = BTreeSet<String>> {
    let known = select(vec!["*", "ticket.opened", "ticket.noted", "sla.warned", "staff.added"]);
    btree_set(known.prop_map(str::to_owned), 0..3)
}

fn any_url() -> impl Strategy<Value = EndpointUrl> {
    select(vec!["https://a.example/1", "https://a.example/2", "http://[::1]:9/"]).prop_map(url)
}

fn any_wished() -> impl Strategy<Value = Wished> {
    let wished = (option::of(any_url()), option::of(any_names()), option::of(any::<bool>()));
    wished.prop_map(|(url, events, internal)| Wished { url, events, internal, description: None })
}

fn any_set() -> impl Strategy<Value = EndpointSet> {
    (any_id(), text(), text(), vec(text(), 0..3), any::<bool>()).prop_map(
        |(endpoint, origin, description, events, internal)| EndpointSet {
            endpoint,
            fingerprint: origin.clone(),
            origin,
            description,
            events,
            internal,
        },
    )
}

fn any_action() -> impl Strategy<Value = WebhookAction> {
    prop_oneof![
        4 => (any_url(), any_wished()).prop_map(|(url, wished)| WebhookAction::Add { url, wished }),
        3 => any_wished().prop_map(|wished| WebhookAction::Change { wished }),
        1 => Just(WebhookAction::Remove),
        2 => select(PauseReason::ALL.as_slice()).prop_map(|reason| WebhookAction::Pause { reason }),
        2 => Just(WebhookAction::Resume),
    ]
}

/// What another release may have written: in any order, about any endpoint.
pub(crate) fn any_event() -> impl Strategy<Value = WebhookEvent> {
    let about = || any_id().prop_map(|endpoint| AboutEndpoint { endpoint });
    let reasons = select(PauseReason::ALL.as_slice());
    prop_oneof![
        any_set().prop_map(WebhookEvent::Added),
        any_set().prop_map(WebhookEvent::Changed),
        about().prop_map(WebhookEvent::Removed),
        about().prop_map(WebhookEvent::SecretRotated),
        (any_id(), reasons)
            .prop_map(|(endpoint, reason)| WebhookEvent::Paused(EndpointPaused { endpoint, reason })),
        about().prop_map(WebhookEvent::Resumed),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_history_is_folded(events in vec(any_event(), 0..40)) {
        let webhooks = WebhookDecider::fold(&events);
        prop_assert_eq!(webhooks.len(), webhooks.endpoints().count());
    }

    #[test]
    fn deciding_again_yields_nothing_and_nobody_outside_is_told_what_is_internal(
        wishes in vec((any_id(), any_action()), 0..40),
    ) {
        let mut webhooks = Webhooks::default();
        for (endpoint, action) in wishes {
            let actor = Actor { id: ActorId::new("alma").unwrap(), role: Role::Admin, team: None };
            let command = WebhookCommand { actor, endpoint, action };
            let Ok(events) = WebhookDecider::decide(&command, &webhooks) else { continue };
            webhooks = events.iter().fold(webhooks, WebhookDecider::evolve);
            prop_assert_eq!(WebhookDecider::decide(&command, &webhooks), Ok(vec![]));
            for (_, endpoint) in webhooks.endpoints() {
                let internal = endpoint.events.iter().any(|name| INTERNAL.contains(&name.as_str()));
                prop_assert!(endpoint.internal || !internal);
            }
        }
    }

    #[test]
    fn an_address_that_is_taken_is_read_again_as_the_same(text in "(https?|HTTP)://[-a-z0-9.:\\[\\]x@%]{0,20}[/?#]?[ -~]{0,9}") {
        if let Ok(url) = EndpointUrl::parse(&text) {
            prop_assert_eq!(EndpointUrl::parse(&url.reveal()), Ok(url));
        }
    }
}
