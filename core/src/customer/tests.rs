//! The promises about customers and accounts: given what happened, when somebody wishes something, then what follows.

use super::account::AccountAction;
use super::event::{AccountAdded, AccountChanged};
use super::fields::CUSTOM_FIELDS_MAX;
use super::*;
use crate::names::Slug;
use crate::strategies::{config, instant, line, personal};
use crate::ticket::event::Language;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

fn account(name: &str) -> AccountId {
    AccountId::new(name).unwrap()
}

fn by(role: Role) -> Actor {
    Actor { id: id("ines"), role, team: None }
}

fn profile(name: &str) -> CustomerProfile {
    let email = Some("carla@example.org".into());
    let (phone, language) = (None, Some(Language::Es));
    CustomerProfile { name: name.into(), email, phone, language, custom: CustomFields::default() }
}

fn fields(count: usize) -> CustomFields {
    let field = |number| (Slug::new(&format!("field-{number}")).unwrap(), PersonalText::from("x"));
    CustomFields((0..count).map(field).collect())
}

fn wish(role: Role, action: CustomerAction) -> CustomerCommand {
    CustomerCommand { actor: by(role), customer: id("carla"), action }
}

fn add(name: &str, to: Option<&str>, account_is_known: bool) -> CustomerCommand {
    let (profile, account) = (Box::new(profile(name)), to.map(account));
    wish(Role::Agent, CustomerAction::Add { profile, account, account_is_known })
}

fn change(profile: CustomerProfile) -> CustomerCommand {
    wish(Role::Agent, CustomerAction::Change { profile: Box::new(profile), reason: None })
}

fn decide(given: &[CustomerCommand], when: &CustomerCommand) -> Result<Vec<CustomerEvent>, CustomerRefusal> {
    CustomerDecider::decide(when, &customer(given))
}

/// The customer after commands that all go through.
fn customer(given: &[CustomerCommand]) -> Customer {
    given.iter().fold(Customer::default(), |customer, command| {
        let events = CustomerDecider::decide(command, &customer).unwrap();
        events.iter().fold(customer, CustomerDecider::evolve)
    })
}

#[test]
fn a_customer_is_added_once_and_changed_whole() {
    let added = CustomerAdded { customer: id("carla"), profile: profile("Carla"), account: None };
    let expected = Ok(vec![CustomerEvent::Added(Box::new(added))]);
    assert_eq!(decide(&[], &add("Carla", None, false)), expected);
    let given = [add("Carla", None, false)];
    assert_eq!(decide(&given, &given[0]), Ok(vec![]), "the same again is nothing");
    assert_eq!(decide(&given, &add("Another", None, false)), Err(CustomerRefusal::AlreadyThere));

    let bare = CustomerProfile { email: None, language: None, ..profile("Carla Núñez") };
    let changed = CustomerChanged { customer: id("carla"), profile: bare.clone(), reason: None };
    let expected = Ok(vec![CustomerEvent::Changed(Box::new(changed))]);
    assert_eq!(decide(&given, &change(bare.clone())), expected);
    let given = [given[0].clone(), change(bare.clone())];
    assert_eq!(customer(&given).profile, Some(bare.clone()), "what was left out is known no more");
    assert_eq!(decide(&given, &change(bare)), Ok(vec![]));
    assert_eq!(decide(&[], &change(profile("Carla"))), Err(CustomerRefusal::NotFound));
}

#[test]
fn a_customer_belongs_to_an_account_that_is_there_or_to_none() {
    let to = |name: Option<&str>, account_is_known| {
        let reason = Some(Line::new("new job").unwrap());
        wish(Role::Agent, CustomerAction::ChangeAccount { to: name.map(account), account_is_known, reason })
    };
    assert_eq!(decide(&[], &add("Carla", Some("acme"), false)), Err(CustomerRefusal::UnknownAccount));
    assert_eq!(decide(&[], &to(Some("acme"), true)), Err(CustomerRefusal::NotFound));
    let given = [add("Carla", Some("acme"), true)];
    assert_eq!(decide(&given, &to(Some("acme"), true)), Ok(vec![]));
    assert_eq!(decide(&given, &to(Some("other"), false)), Err(CustomerRefusal::UnknownAccount));
    let from = Some(account("acme"));
    let reason = Some("new job".into());
    let moved = CustomerAccountChanged { customer: id("carla"), from, to: None, reason };
    assert_eq!(decide(&given, &to(None, false)), Ok(vec![CustomerEvent::AccountChanged(moved)]));
    let given = [given[0].clone(), to(Some("other"), true)];
    assert_eq!(customer(&given).account, Some(account("other")));
    assert_eq!(customer(&given).profile, Some(profile("Carla")), "and stays who they are");
}

#[test]
fn whoever_asked_is_let_in_also_before_anybody_wrote_down_who_they_are() {
    let (customer, expires_at) = (id("carla"), Timestamp(99));
    let invite = wish(Role::Agent, CustomerAction::Invite { expires_at });
    let invited = CustomerEvent::Invited(CustomerInvited { customer: customer.clone(), expires_at });
    let ticket = TicketNumber(17);
    let link = wish(Role::Agent, CustomerAction::MakeLink { ticket, expires_at });
    let made = CustomerEvent::LinkMade(LinkMade { customer, ticket, expires_at });
    let survey = wish(Role::System, CustomerAction::MakeSurveyLink { ticket, cycle: 2, expires_at });
    let asked = SurveyLinkMade { customer: id("carla"), ticket, cycle: 2, expires_at };
    let asked = CustomerEvent::SurveyLinkMade(asked);
    for given in [vec![], vec![add("Carla", None, false)]] {
        assert_eq!(decide(&given, &survey), Ok(vec![asked.clone()]));
        assert_eq!(decide(&given, &invite), Ok(vec![invited.clone()]));
        assert_eq!(decide(&given, &link), Ok(vec![made.clone()]));
    }
    assert!(decide(&[invite, link], &add("Carla", None, false)).is_ok(), "and can be taken in afterwards");
}

fn account_command(role: Role, action: AccountAction, contact: Option<(&str, bool)>) -> AccountCommand {
    let profile = AccountProfile {
        name: "Acme".into(),
        plan: Some(Slug::new("premium").unwrap()),
        tier: Some(Slug::new("gold").unwrap()),
        contact: contact.map(|(contact, _)| id(contact)),
        language: None,
        custom: CustomFields::default(),
    };
    let contact_is_known = contact.is_some_and(|(_, known)| known);
    AccountCommand { actor: by(role), account: account("acme"), action, profile, contact_is_known }
}

#[test]
fn an_account_is_added_once_and_changed_whole() {
    let decide = |given: &[AccountEvent], when: &AccountCommand| {
        AccountDecider::decide(when, &AccountDecider::fold(given))
    };
    let add = account_command(Role::Agent, AccountAction::Add, None);
    let added = AccountAdded { account: account("acme"), profile: add.profile.clone() };
    let added = vec![AccountEvent::Added(Box::new(added))];
    assert_eq!(decide(&[], &add), Ok(added.clone()));
    assert_eq!(decide(&added, &add), Ok(vec![]));
    let why = || AccountAction::Change { reason: Some(Line::new("upgraded").unwrap()) };
    let mut change = account_command(Role::Agent, why(), None);
    assert_eq!(decide(&[], &change), Err(CustomerRefusal::NotFound));
    assert_eq!(decide(&added, &change), Ok(vec![]), "the same profile is nothing");
    change.profile.plan = None;
    let reason = Some("upgraded".into());
    let expected = AccountChanged { account: account("acme"), profile: change.profile.clone(), reason };
    assert_eq!(decide(&added, &change), Ok(vec![AccountEvent::Changed(Box::new(expected))]));
    let again = AccountCommand { action: AccountAction::Add, ..change };
    assert_eq!(decide(&added, &again), Err(CustomerRefusal::AlreadyThere));
    let contact = |known| account_command(Role::Agent, AccountAction::Add, Some(("carla", known)));
    assert_eq!(decide(&[], &contact(false)), Err(CustomerRefusal::UnknownContact));
    assert!(decide(&[], &contact(true)).is_ok());
}

#[test]
fn those_who_work_tickets_look_after_customers_and_nobody_else() {
    for role in Role::ALL {
        let customer = CustomerCommand { actor: by(role), ..add("Carla", None, false) };
        let of_account = account_command(role, AccountAction::Add, None);
        let decided = decide(&[], &customer).err();
        let refused = match role {
            Role::Agent | Role::Supervisor | Role::Admin | Role::System => None,
            Role::Customer | Role::Auditor | Role::Analyst | Role::Unknown => {
                Some(CustomerRefusal::Role { role })
            }
        };
        assert_eq!(decided, refused);
        assert_eq!(AccountDecider::decide(&of_account, &Account::default()).err(), refused);
    }
}

#[test]
fn fields_of_the_business_are_bounded_and_named_once() {
    let with = |count| CustomerProfile { custom: fields(count), ..profile("Carla") };
    let given = [add("Carla", None, false)];
    assert!(decide(&given, &change(with(CUSTOM_FIELDS_MAX))).is_ok());
    assert_eq!(decide(&given, &change(with(CUSTOM_FIELDS_MAX + 1))), Err(CustomerRefusal::TooManyFields));
    let mut full = account_command(Role::Agent, AccountAction::Add, None);
    full.profile.custom = fields(CUSTOM_FIELDS_MAX + 1);
    let refused = Err(CustomerRefusal::TooManyFields);
    assert_eq!(AccountDecider::decide(&full, &Account::default()), refused);
    let read = |json| serde_json::from_str::<CustomFields>(json);
    assert!(read(r#"{"region":"north","seats":"12"}"#).is_ok());
    for odd in [r#"{"a":"1","a":"2"}"#, r#"{"No Slug":"1"}"#, r#"{"a":1}"#, r#"[]"#, r#"{"a":null}"#] {
        assert!(read(odd).is_err(), "{odd}");
    }
}

fn any_fields() -> impl Strategy<Value = CustomFields> {
    let name = select(vec!["region", "seats", "since"]).prop_map(|name| Slug::new(name).unwrap());
    btree_map(name, personal(), 0..3).prop_map(CustomFields)
}

fn any_account() -> impl Strategy<Value = Option<AccountId>> {
    option::of(select(vec!["acme", "other"]).prop_map(account))
}

fn any_profile() -> impl Strategy<Value = CustomerProfile> {
    let language = option::of(select(Language::ALL.as_slice()));
    let texts = (personal(), option::of(personal()), option::of(personal()));
    (texts, language, any_fields()).prop_map(|((name, email, phone), language, custom)| CustomerProfile {
        name,
        email,
        phone,
        language,
        custom,
    })
}

/// Whatever a log may hold of a customer.
pub(crate) fn any_event() -> impl Strategy<Value = CustomerEvent> {
    let who = || select(vec!["carla", "noor"]).prop_map(id);
    prop_oneof![
        (who(), any_profile(), any_account()).prop_map(|(customer, profile, account)| {
            CustomerEvent::Added(Box::new(CustomerAdded { customer, profile, account }))
        }),
        (who(), any_profile(), option::of(personal())).prop_map(|(customer, profile, reason)| {
            CustomerEvent::Changed(Box::new(CustomerChanged { customer, profile, reason }))
        }),
        (who(), any_account(), any_account(), option::of(personal())).prop_map(
            |(customer, from, to, reason)| {
                CustomerEvent::AccountChanged(CustomerAccountChanged { customer, from, to, reason })
            }
        ),
        (who(), instant()).prop_map(|(customer, expires_at)| {
            CustomerEvent::Invited(CustomerInvited { customer, expires_at })
        }),
        (who(), any::<u64>(), instant()).prop_map(|(customer, ticket, expires_at)| {
            let ticket = TicketNumber(ticket);
            CustomerEvent::LinkMade(LinkMade { customer, ticket, expires_at })
        }),
        (who(), any::<u64>(), any::<u32>(), instant()).prop_map(|(customer, ticket, cycle, expires_at)| {
            let ticket = TicketNumber(ticket);
            CustomerEvent::SurveyLinkMade(SurveyLinkMade { customer, ticket, cycle, expires_at })
        }),
    ]
}

/// Whether a wish is another one each time.
fn is_letting_in(action: &CustomerAction) -> bool {
    match action {
        CustomerAction::Invite { .. }
        | CustomerAction::MakeLink { .. }
        | CustomerAction::MakeSurveyLink { .. } => true,
        CustomerAction::Add { .. } | CustomerAction::Change { .. } | CustomerAction::ChangeAccount { .. } => {
            false
        }
    }
}

fn any_command() -> impl Strategy<Value = CustomerCommand> {
    let profile = || any_profile().prop_map(Box::new);
    let action = prop_oneof![
        2 => (profile(), any_account(), any::<bool>()).prop_map(|(profile, account, account_is_known)| {
            CustomerAction::Add { profile, account, account_is_known }
        }),
        2 => (profile(), option::of(line()))
            .prop_map(|(profile, reason)| CustomerAction::Change { profile, reason }),
        2 => (any_account(), any::<bool>(), option::of(line())).prop_map(|(to, account_is_known, reason)| {
            CustomerAction::ChangeAccount { to, account_is_known, reason }
        }),
        1 => instant().prop_map(|expires_at| CustomerAction::Invite { expires_at }),
        1 => (any::<u64>(), instant()).prop_map(|(ticket, expires_at)| {
            CustomerAction::MakeLink { ticket: TicketNumber(ticket), expires_at }
        }),
        1 => (any::<u64>(), any::<u32>(), instant()).prop_map(|(ticket, cycle, expires_at)| {
            CustomerAction::MakeSurveyLink { ticket: TicketNumber(ticket), cycle, expires_at }
        }),
    ];
    let role = prop_oneof![6 => Just(Role::Agent), 1 => select(Role::ALL.as_slice())];
    (role, action).prop_map(|(role, action)| wish(role, action))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn deciding_again_yields_nothing_and_nobody_belongs_to_what_is_not_there(
        commands in vec(any_command(), 0..20),
    ) {
        let mut customer = Customer::default();
        for command in commands {
            let Ok(events) = CustomerDecider::decide(&command, &customer) else { continue };
            let before = customer.clone();
            customer = events.iter().fold(customer, CustomerDecider::evolve);
            if is_letting_in(&command.action) {
                prop_assert_eq!(CustomerDecider::decide(&command, &customer), Ok(events));
                prop_assert_eq!(&before, &customer);
                continue;
            }
            prop_assert_eq!(CustomerDecider::decide(&command, &customer), Ok(vec![]));
            prop_assert!(customer.profile.is_some());
            prop_assert!(events.is_empty() == (before == customer));
        }
    }

    #[test]
    fn any_history_is_folded(events in vec(any_event(), 0..20)) {
        let customer = CustomerDecider::fold(&events);
        let told = |event: &CustomerEvent| matches!(event, CustomerEvent::Added(_) | CustomerEvent::Changed(_));
        let told = events.iter().any(told);
        prop_assert_eq!(customer.profile.is_some(), told);
    }
}
