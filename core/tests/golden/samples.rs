//! Today's events as typed values, each with the name of the file that holds its record for ever.
//!
//! To add one: add it here, then run `DOCKET_ADD_GOLDEN_SAMPLES=1 cargo test -p docket-core --test golden`.
//! That writes files that are not there yet and never touches one that is. When an event gets a new schema
//! version, its samples here become samples of that version; the files of the old one stay.

#[path = "samples/work.rs"]
mod work;

use docket_core::actor::{Actor, Role};
use docket_core::agent::{
    AgentEvent, Availability, AvailabilityChanged, TicketReleased, TicketReweighed, TicketTaken,
};
use docket_core::customer::event::{
    AccountAdded, AccountChanged, CustomerAccountChanged, CustomerAdded, CustomerChanged, CustomerInvited,
    LinkMade, SurveyLinkMade,
};
use docket_core::customer::{AccountEvent, AccountProfile, CustomFields, CustomerEvent, CustomerProfile};
use docket_core::event::Event;
use docket_core::filter::parse_filter;
use docket_core::names::{
    AccountId, ActorId, EventId, GlobalPosition, Slug, StreamName, StreamVersion, TicketNumber,
};
use docket_core::personal::{PersonalText, Sealed};
use docket_core::record::{self, CommandMark, NewEvent, Origin, Source};
use docket_core::settings::policy::TargetSeconds;
use docket_core::settings::{
    Closing, EscalationReason, IntakeCategory, Published, ResolutionCategory, Retired, Routing, Schedule,
    SettingEvent, ShelfEvent, SlaPolicy, Stored, Team, Template,
};
use docket_core::sla::{Noticed, SlaEvent, Target};
use docket_core::staff::event::{
    ActivityChanged, Added, Capacity, CapacityChanged, Invited, Permission, PermissionsChanged, Renamed,
    RoleChanged, SessionsRevoked, SkillsChanged, TeamsChanged, TokenMade, TokenRevoked,
};
use docket_core::staff::{StaffEvent, TokenId};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{
    Assigned, CategoryChanged, Channel, Destination, Escalated, Language, Message, Opened, Priority,
    PriorityChanged, Reassigned, ReopenCause, Reopened, Requester, Resolved, SealedForGood, SetOpen,
    SetPending, SourceRecorded, TeamChanged, Unassigned,
};
use docket_core::time::Timestamp;
use docket_core::views::ViewEvent;
use docket_core::views::event::{Removed, Saved};
use docket_core::webhook::event::{AboutEndpoint, EndpointPaused};
use docket_core::webhook::{EndpointId, EndpointSet, EndpointUrl, PauseReason, WebhookEvent};
use uuid::Uuid;

const TICKET: TicketNumber = TicketNumber(17);

/// A record and where it stands; what a sample does not say is the same in all.
struct Sample {
    file: &'static str,
    stream: StreamName,
    position: GlobalPosition,
    version: StreamVersion,
    recorded_at: Timestamp,
    command: Option<CommandMark>,
    event: NewEvent,
}

impl Sample {
    fn new(file: &'static str, stream: StreamName, event: &Event) -> Self {
        let event = NewEvent {
            id: EventId::deterministic(&format!("golden/{file}")),
            event: event.encode(),
            occurred_at: Timestamp(1_795_253_400_000),
            actor: actor("ines", Role::Agent, Some("support")),
            correlation: Uuid::from_u128(0x01a1_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f1),
            causation: None,
            origin: Origin::Decided,
            source: None,
        };
        let (position, version) = (GlobalPosition(4711), StreamVersion(3));
        let recorded_at = Timestamp(1_795_253_400_007);
        Self { file, stream, position, version, recorded_at, command: None, event }
    }

    fn ticket(file: &'static str, event: TicketEvent) -> Self {
        Self::new(file, StreamName::ticket(TICKET), &Event::Ticket(event))
    }

    fn by(mut self, id: &str, role: Role, team: Option<&str>) -> Self {
        self.event.actor = actor(id, role, team);
        self
    }

    fn with_key(mut self) -> Self {
        self.command = Some(CommandMark {
            principal: "carla".into(),
            key: "8f14e45f-ea3c".into(),
            digest: "9b0e7a3c5d1f2846".repeat(4),
            events: 2,
        });
        self
    }

    /// As a timer appends it: because of another event.
    fn noticed(mut self) -> Self {
        self.event.actor = Actor::system("sla-timer");
        self.event.causation = Some(EventId::deterministic("golden/cause"));
        self
    }

    fn imported(mut self, source: Source) -> Self {
        self.event.origin = Origin::Import;
        self.event.source = Some(source);
        self.event.occurred_at = Timestamp(1_456_737_600_000);
        self.by("unknown", Role::Unknown, None)
    }

    /// At the ends of what numbers and times can be.
    fn at_the_limits(mut self) -> Self {
        self.position = GlobalPosition(i64::MAX as u64);
        self.version = StreamVersion(i64::MAX as u64);
        (self.event.occurred_at, self.recorded_at) = (Timestamp::MIN, Timestamp::MAX);
        self
    }
}

fn actor(id: &str, role: Role, team: Option<&str>) -> Actor {
    Actor { id: person(id), role, team: team.map(slug) }
}

fn person(id: &str) -> ActorId {
    ActorId::new(id).unwrap()
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn sealed() -> PersonalText {
    let (key, nonce) =
        ("person-7".to_owned(), "00112233445566778899aabbccddeeff".to_owned() + "0011223344556677");
    PersonalText::Sealed(Sealed { key, nonce, sealed: "c0ffee".repeat(8) })
}

fn said(text: impl Into<PersonalText>) -> Message {
    let message = Uuid::from_u128(0x01a1_2b3c_4d5e_7f60_8a9b_0000_0000_0001);
    Message { message, body: Some(text.into()) }
}

fn opened() -> Opened {
    Opened {
        requester: Requester {
            id: person("carla"),
            name: Some("Carla Núñez".into()),
            email: Some("carla@example.org".into()),
        },
        subject: "No puedo entrar".into(),
        body: Some("Mi contraseña no funciona.\n¿Pueden ayudarme?".into()),
        channel: Channel::Portal,
        language: Some(Language::Es),
        priority: Some(Priority::Normal),
        category: Some(slug("account")),
        team: Some(slug("support")),
        follows: Some(TicketNumber(3)),
    }
}

/// What every way in but the portal looks like, in turn with the other values that are stored by name.
fn opened_by(channel: Channel, language: Language, priority: Priority) -> TicketEvent {
    TicketEvent::Opened(Box::new(Opened {
        requester: Requester { id: person("carla"), name: None, email: None },
        subject: "Cannot log in".into(),
        channel,
        language: Some(language),
        priority: Some(priority),
        follows: None,
        ..opened()
    }))
}

fn opened_in_an_import() -> TicketEvent {
    TicketEvent::Opened(Box::new(Opened {
        requester: Requester { id: person("Caller 2403"), name: None, email: None },
        subject: "INC0000045".into(),
        body: None,
        channel: Channel::Import,
        language: None,
        priority: None,
        category: None,
        team: None,
        follows: None,
    }))
}

fn resolved() -> TicketEvent {
    TicketEvent::Resolved(Box::new(Resolved {
        resolution: Some(slug("solved")),
        category: Some(slug("account")),
        assignee: Some(person("ines")),
        notes: Some("Password reset by mail.".into()),
        confirmation: true,
        survey: true,
    }))
}

fn resolved_in_an_import() -> TicketEvent {
    TicketEvent::Resolved(Box::new(Resolved {
        resolution: None,
        category: None,
        assignee: None,
        notes: None,
        confirmation: false,
        survey: false,
    }))
}

fn escalated(to: Destination, context: PersonalText, from: Option<(&str, &str)>) -> TicketEvent {
    escalated_by(None, to, context, from)
}

fn escalated_by(
    by: Option<&str>,
    to: Destination,
    context: PersonalText,
    from: Option<(&str, &str)>,
) -> TicketEvent {
    TicketEvent::Escalated(Box::new(Escalated {
        reason: slug("needs-permission"),
        to,
        context,
        from_team: from.map(|(team, _)| slug(team)),
        from_assignee: from.map(|(_, assignee)| person(assignee)),
        by: by.map(person),
    }))
}

fn team(from: Option<&str>, to: Option<&str>) -> TicketEvent {
    TicketEvent::TeamChanged(TeamChanged { from: from.map(slug), to: to.map(slug) })
}

fn priority(from: Option<Priority>, to: Priority) -> TicketEvent {
    TicketEvent::PriorityChanged(PriorityChanged { from, to })
}

fn category(from: Option<&str>, to: &str) -> TicketEvent {
    TicketEvent::CategoryChanged(CategoryChanged { from: from.map(slug), to: slug(to) })
}

fn noticed() -> Noticed {
    Noticed {
        target: Target::FirstResponse,
        policy: slug("default"),
        policy_version: 1,
        run: 1,
        due_at: Timestamp(1_795_339_800_000),
    }
}

/// Of a clock that each unanswered message starts anew.
fn noticed_again(target: Target) -> Noticed {
    Noticed { target, policy_version: 3, run: 2, ..noticed() }
}

/// Everything that a source can say.
fn source() -> Source {
    Source {
        system: "servicenow".into(),
        case: "INC0000045".into(),
        seq: 2,
        row: "row 118".into(),
        kind: "state_changed".into(),
        from: "Active".into(),
        to: "Awaiting Evidence".into(),
        actor: "Updated by 908".into(),
        rest: Some("reassignment_count=1".into()),
    }
}

/// The least that a source must say.
fn bare_source() -> Source {
    let nothing = String::new;
    Source {
        seq: 0,
        kind: "created".into(),
        row: nothing(),
        from: nothing(),
        to: nothing(),
        actor: nothing(),
        rest: None,
        ..source()
    }
}

const HOSTILE: &str =
    "e\u{301} \u{202e}abc\u{202c} \0\u{7}\u{1b}[31m\t\r\n\u{2028}\u{7f} \"\\/ </script> 👩\u{200d}👧 ";

fn of_tickets() -> Vec<Sample> {
    use Sample as S;
    use TicketEvent as T;
    let (ines, omar) = (|| person("ines"), || person("omar"));
    let reopened = |cause, cycle| T::Reopened(Reopened { cause, cycle });
    vec![
        S::ticket("ticket.opened.v1", T::Opened(Box::new(opened())))
            .by("carla", Role::Customer, None)
            .with_key(),
        S::ticket("ticket.opened.v1-api", opened_by(Channel::Api, Language::En, Priority::Urgent)),
        S::ticket("ticket.opened.v1-web", opened_by(Channel::Web, Language::En, Priority::High)),
        S::ticket("ticket.opened.v1-phone", opened_by(Channel::Phone, Language::Es, Priority::Low)),
        S::ticket("ticket.opened.v1-email", opened_by(Channel::Email, Language::En, Priority::Normal)),
        S::ticket("ticket.opened.v1-import", opened_in_an_import()).imported(bare_source()),
        S::ticket("ticket.assigned.v1", T::Assigned(Assigned { to: ines() })),
        S::ticket("ticket.reassigned.v1", T::Reassigned(Reassigned { from: ines(), to: omar() })).by(
            "lena",
            Role::Supervisor,
            Some("support"),
        ),
        S::ticket("ticket.unassigned.v1", T::Unassigned(Unassigned { from: ines() })),
        S::ticket("ticket.team_changed.v1", team(Some("support"), Some("billing"))),
        S::ticket("ticket.team_changed.v1-into", team(None, Some("billing"))),
        S::ticket("ticket.team_changed.v1-out", team(Some("billing"), None)),
        S::ticket("ticket.priority_changed.v1", priority(Some(Priority::Urgent), Priority::High)),
        S::ticket("ticket.priority_changed.v1-first", priority(None, Priority::Urgent)),
        S::ticket("ticket.priority_changed.v1-lower", priority(Some(Priority::Normal), Priority::Low)),
        S::ticket("ticket.category_changed.v1", category(Some("account"), "billing")),
        S::ticket("ticket.category_changed.v1-first", category(None, "category-37")),
        S::ticket("ticket.replied.v1", T::Replied(said("Use the link in the mail."))).with_key(),
        S::ticket("ticket.replied.v1-sealed", T::Replied(said(sealed()))),
        S::ticket("ticket.replied.v1-import", T::Replied(Message { body: None, ..said("") }))
            .imported(source()),
        S::ticket("ticket.customer_replied.v1", T::CustomerReplied(said("Gracias, ya funciona."))).by(
            "carla",
            Role::Customer,
            None,
        ),
        S::ticket("ticket.noted.v1", T::Noted(said("Second time this week."))).by("ana", Role::Admin, None),
        S::ticket("ticket.noted.v1-hostile", T::Noted(said(HOSTILE))).at_the_limits(),
        S::ticket("ticket.noted.v1-auditor", T::Noted(said("x"))).by("aud", Role::Auditor, None),
        S::ticket("ticket.noted.v1-analyst", T::Noted(said("x"))).by("any", Role::Analyst, None),
        S::ticket("ticket.set_pending.v1", T::SetPending(SetPending { reason: slug("customer") })),
        S::ticket("ticket.set_open.v1", T::SetOpen(SetOpen {})),
        S::ticket(
            "ticket.escalated.v1",
            escalated(Destination::Team(slug("billing")), "Third refund.".into(), Some(("support", "ines"))),
        ),
        S::ticket(
            "ticket.escalated.v1-supervisor",
            escalated(Destination::Supervisor(person("lena")), sealed(), None),
        ),
        S::ticket(
            "ticket.escalated.v1-by",
            escalated_by(
                Some("ines"),
                Destination::Team(slug("billing")),
                "Third refund.".into(),
                Some(("support", "ines")),
            ),
        ),
        S::ticket("ticket.resolved.v1", resolved()),
        S::ticket("ticket.resolved.v1-import", resolved_in_an_import()).imported(source()),
        S::ticket("ticket.reopened.v1", reopened(ReopenCause::Staff, 2)),
        S::ticket("ticket.reopened.v1-customer", reopened(ReopenCause::CustomerReply, 3)).by(
            "carla",
            Role::Customer,
            None,
        ),
        S::ticket("ticket.reopened.v1-import", reopened(ReopenCause::Unknown, 2)).imported(source()),
        S::ticket("ticket.sealed.v1", T::Sealed(SealedForGood {})).noticed(),
        S::ticket("source.recorded.v1", T::SourceRecorded(SourceRecorded {})).imported(source()),
        S::ticket("source.recorded.v1-sealed", T::SourceRecorded(SourceRecorded {}))
            .imported(Source { rest: Some(sealed()), ..source() }),
    ]
}

fn of_timers_and_agents() -> Vec<Sample> {
    let (timers, agents) = (|| StreamName::sla(TICKET), || StreamName::agent(&person("ines")));
    let taken = Event::Agent(AgentEvent::TicketTaken(TicketTaken { ticket: TICKET }));
    use Availability as A;
    let available = |from, to, reason| {
        Event::Agent(AgentEvent::AvailabilityChanged(AvailabilityChanged { from, to, reason }))
    };
    let released = Event::Agent(AgentEvent::TicketReleased(TicketReleased { ticket: TICKET }));
    let reweighed = Event::Agent(AgentEvent::TicketReweighed(TicketReweighed { ticket: TICKET }));
    vec![
        Sample::new("sla.warned.v1", timers(), &Event::Sla(SlaEvent::Warned(noticed()))).noticed(),
        Sample::new("sla.breached.v1", timers(), &Event::Sla(SlaEvent::Breached(noticed()))).noticed(),
        Sample::new(
            "sla.warned.v1-again",
            timers(),
            &Event::Sla(SlaEvent::Warned(noticed_again(Target::NextReply))),
        )
        .noticed(),
        Sample::new(
            "sla.breached.v1-again",
            timers(),
            &Event::Sla(SlaEvent::Breached(noticed_again(Target::AgentWork))),
        )
        .noticed(),
        Sample::new("agent.ticket_taken.v1", agents(), &taken),
        Sample::new("agent.ticket_released.v1", agents(), &released),
        Sample::new("agent.ticket_reweighed.v1", agents(), &reweighed),
        Sample::new("agent.availability_changed.v1", agents(), &available(A::Offline, A::Online, None)),
        Sample::new(
            "agent.availability_changed.v1-reason",
            agents(),
            &available(A::Online, A::Away, Some("lunch".into())),
        ),
        Sample::new(
            "agent.availability_changed.v1-sealed",
            agents(),
            &available(A::Away, A::TransfersOnly, Some(sealed())),
        )
        .by("lena", Role::Supervisor, Some("support")),
    ]
}

fn of_the_staff() -> Vec<Sample> {
    let member = || person("ines");
    let (teams, fewer) = (|| vec![slug("billing"), slug("support")], || vec![slug("support")]);
    let reason = || Some(PersonalText::from("back from leave"));
    let activity = |reason| ActivityChanged { member: member(), reason };
    let added = |name, language| {
        StaffEvent::Added(Added { member: member(), name, role: Role::Agent, teams: teams(), language })
    };
    let renamed = |to| StaffEvent::Renamed(Renamed { member: member(), to });
    let role = |reason| {
        let (from, to) = (Role::Agent, Role::Supervisor);
        StaffEvent::RoleChanged(RoleChanged { member: member(), from, to, reason })
    };
    let changed = |reason| {
        let (from, to) = (teams(), fewer());
        StaffEvent::TeamsChanged(TeamsChanged { member: member(), from, to, reason })
    };
    let skills = |reason| {
        let (from, to) = (vec![], vec![slug("playback"), slug("refunds")]);
        StaffEvent::SkillsChanged(SkillsChanged { member: member(), from, to, reason })
    };
    let permissions = |reason| {
        let (from, to) = (vec![Permission::TakeRouted], Permission::ALL.to_vec());
        StaffEvent::PermissionsChanged(PermissionsChanged { member: member(), from, to, reason })
    };
    let capacity = |reason| {
        let (from, to) = (Capacity::default(), Capacity { points: 0, ..Capacity::default() });
        StaffEvent::CapacityChanged(Box::new(CapacityChanged { member: member(), from, to, reason }))
    };
    let expires_at = Timestamp(1_795_426_200_000);
    let token = TokenId(Uuid::from_u128(0x01a1_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f3));
    let made = |name| {
        let scopes = vec![slug("read"), slug("work")];
        StaffEvent::TokenMade(Box::new(TokenMade { member: member(), token, name, scopes, expires_at }))
    };
    let samples = [
        ("staff.added.v1", added("Inés Peña".into(), Language::Es)),
        ("staff.added.v1-sealed", added(sealed(), Language::En)),
        ("staff.renamed.v1", renamed("Inés Peña Ruiz".into())),
        ("staff.renamed.v1-sealed", renamed(sealed())),
        ("staff.role_changed.v1", role(reason())),
        ("staff.role_changed.v1-sealed", role(Some(sealed()))),
        ("staff.role_changed.v1-bare", role(None)),
        ("staff.teams_changed.v1", changed(reason())),
        ("staff.teams_changed.v1-sealed", changed(Some(sealed()))),
        ("staff.deactivated.v1", StaffEvent::Deactivated(activity(reason()))),
        ("staff.deactivated.v1-sealed", StaffEvent::Deactivated(activity(Some(sealed())))),
        ("staff.reactivated.v1", StaffEvent::Reactivated(activity(reason()))),
        ("staff.reactivated.v1-sealed", StaffEvent::Reactivated(activity(Some(sealed())))),
        ("staff.skills_changed.v1", skills(reason())),
        ("staff.skills_changed.v1-sealed", skills(Some(sealed()))),
        ("staff.skills_changed.v1-bare", skills(None)),
        ("staff.permissions_changed.v1", permissions(reason())),
        ("staff.permissions_changed.v1-sealed", permissions(Some(sealed()))),
        ("staff.capacity_changed.v1", capacity(reason())),
        ("staff.capacity_changed.v1-sealed", capacity(Some(sealed()))),
        ("staff.invited.v1", StaffEvent::Invited(Invited { member: member(), expires_at })),
        ("staff.token_made.v1", made("exportación nocturna".into())),
        ("staff.token_made.v1-sealed", made(sealed())),
        ("staff.token_revoked.v1", StaffEvent::TokenRevoked(TokenRevoked { member: member(), token })),
        ("staff.sessions_revoked.v1", StaffEvent::SessionsRevoked(SessionsRevoked { member: member() })),
    ];
    let sample = |(file, event)| {
        Sample::new(file, StreamName::staff(), &Event::Staff(event)).by("alma", Role::Admin, None)
    };
    samples.map(sample).into()
}

/// What is published, in the fullest and the barest form that it has.
fn of_settings() -> Vec<Sample> {
    use SettingEvent as E;
    fn published<C: Stored>(content: C, reason: PersonalText) -> SettingEvent {
        let (slug, version) = (slug("new-one"), 3);
        let effective_at = Timestamp(1_795_339_800_000);
        C::wrap(ShelfEvent::Published(Box::new(Published { slug, version, effective_at, content, reason })))
    }
    fn shipped<C: Stored>(name: &str) -> C {
        C::defaults().into_iter().find(|(slug, _)| slug.as_str() == name).unwrap().1
    }
    let why = || PersonalText::from("as agreed with the department");
    let retired =
        |reason| Retired { slug: slug("new-one"), effective_at: Timestamp(1_795_339_800_000), reason };
    let mut policy: SlaPolicy = shipped("default");
    policy.targets.low.next_reply_s = Some(TargetSeconds(7200));
    policy.targets.low.resolution_s = Some(TargetSeconds(604_800));
    policy.targets.low.schedule = Some(slug("madrid-office"));
    let mut of_work: SlaPolicy = shipped("default");
    of_work.targets.high.requester_wait_s = Some(TargetSeconds(86_400));
    of_work.targets.high.agent_work_s = Some(TargetSeconds(43_200));
    let mut routing: Routing = shipped("default");
    routing.rules[0].priorities = Some(Priority::ALL.into());
    routing.rules[0].languages = Some([Language::En, Language::Es].into());
    routing.rules[0].tiers = Some([slug("gold")].into());
    routing.rules[0].skill = Some(slug("refunds"));
    let team = || shipped::<Team>("support");
    let samples = [
        ("team.published.v1", published(team(), why())),
        ("team.published.v1-sealed", published(team(), sealed())),
        ("team.retired.v1", E::TeamRetired(retired(why()))),
        ("team.retired.v1-sealed", E::TeamRetired(retired(sealed()))),
        ("intake_category.published.v1", published(shipped::<IntakeCategory>("billing"), why())),
        ("intake_category.retired.v1", E::IntakeCategoryRetired(retired(why()))),
        ("resolution_category.published.v1", published(shipped::<ResolutionCategory>("spam"), why())),
        ("resolution_category.published.v1-work", published(shipped::<ResolutionCategory>("solved"), why())),
        ("resolution_category.retired.v1", E::ResolutionCategoryRetired(retired(why()))),
        ("escalation_reason.published.v1", published(shipped::<EscalationReason>("complaint"), why())),
        ("escalation_reason.retired.v1", E::EscalationReasonRetired(retired(why()))),
        ("template.published.v1", published(shipped::<Template>("password-reset"), why())),
        ("template.retired.v1", E::TemplateRetired(retired(why()))),
        ("routing.published.v1", published(routing, why())),
        ("routing.retired.v1", E::RoutingRetired(retired(why()))),
        ("sla_policy.published.v1", published(policy, why())),
        ("sla_policy.published.v1-work", published(of_work, why())),
        ("sla_policy.retired.v1", E::SlaPolicyRetired(retired(why()))),
        ("schedule.published.v1", published(shipped::<Schedule>("madrid-office"), why())),
        ("schedule.published.v1-always", published(shipped::<Schedule>("always"), why())),
        ("schedule.retired.v1", E::ScheduleRetired(retired(why()))),
        ("closing.published.v1", published(shipped::<Closing>("default"), why())),
        ("closing.retired.v1", E::ClosingRetired(retired(why()))),
    ];
    let sample = |(file, event): (_, SettingEvent)| {
        let stream = event.catalogue().stream();
        Sample::new(file, stream, &Event::Setting(event)).by("alma", Role::Admin, None)
    };
    samples.map(sample).into()
}

fn of_customers() -> Vec<Sample> {
    let custom = |value| CustomFields([(slug("region"), value)].into());
    let (acme, carla) = (|| AccountId::new("acme").unwrap(), || person("carla"));
    let account = |name, value| AccountProfile {
        name,
        plan: Some(slug("premium")),
        tier: Some(slug("gold")),
        contact: Some(carla()),
        language: Some(Language::Es),
        custom: custom(value),
    };
    let bare_account = || AccountProfile {
        name: "Acme".into(),
        plan: None,
        tier: None,
        contact: None,
        language: None,
        custom: CustomFields::default(),
    };
    let profile = |name, email, phone, value| CustomerProfile {
        name,
        email: Some(email),
        phone: Some(phone),
        language: Some(Language::Es),
        custom: custom(value),
    };
    let full = || {
        profile("Carla Núñez".into(), "carla@example.org".into(), "+34 600 000 000".into(), "norte".into())
    };
    let hidden = || profile(sealed(), sealed(), sealed(), sealed());
    let bare = || CustomerProfile {
        name: "Carla".into(),
        email: None,
        phone: None,
        language: None,
        custom: CustomFields::default(),
    };
    let account_added = |profile| AccountEvent::Added(Box::new(AccountAdded { account: acme(), profile }));
    let account_changed = |profile, reason| {
        AccountEvent::Changed(Box::new(AccountChanged { account: acme(), profile, reason }))
    };
    let added = |profile, account| {
        CustomerEvent::Added(Box::new(CustomerAdded { customer: carla(), profile, account }))
    };
    let changed = |profile, reason| {
        CustomerEvent::Changed(Box::new(CustomerChanged { customer: carla(), profile, reason }))
    };
    let expires_at = Timestamp(1_795_426_200_000);
    let moved = |from, to, reason| {
        CustomerEvent::AccountChanged(CustomerAccountChanged { customer: carla(), from, to, reason })
    };
    let of_accounts = [
        ("account.added.v1", account_added(account("Acme, S. L.".into(), "norte".into()))),
        ("account.added.v1-sealed", account_added(account(sealed(), sealed()))),
        ("account.added.v1-bare", account_added(bare_account())),
        (
            "account.changed.v1",
            account_changed(account("Acme".into(), "sur".into()), Some("upgraded".into())),
        ),
        ("account.changed.v1-sealed", account_changed(account(sealed(), sealed()), Some(sealed()))),
        ("account.changed.v1-bare", account_changed(bare_account(), None)),
    ];
    let of_customers = [
        ("customer.added.v1", added(full(), Some(acme()))),
        ("customer.added.v1-sealed", added(hidden(), None)),
        ("customer.added.v1-bare", added(bare(), None)),
        ("customer.changed.v1", changed(full(), Some("new address".into()))),
        ("customer.changed.v1-sealed", changed(hidden(), Some(sealed()))),
        ("customer.changed.v1-bare", changed(bare(), None)),
        (
            "customer.account_changed.v1",
            moved(Some(acme()), AccountId::new("other").ok(), Some("new job".into())),
        ),
        ("customer.account_changed.v1-sealed", moved(Some(acme()), None, Some(sealed()))),
        ("customer.account_changed.v1-into", moved(None, Some(acme()), None)),
        ("customer.invited.v1", CustomerEvent::Invited(CustomerInvited { customer: carla(), expires_at })),
        (
            "customer.link_made.v1",
            CustomerEvent::LinkMade(LinkMade { customer: carla(), ticket: TICKET, expires_at }),
        ),
        (
            "customer.survey_link_made.v1",
            CustomerEvent::SurveyLinkMade(SurveyLinkMade {
                customer: carla(),
                ticket: TICKET,
                cycle: 2,
                expires_at,
            }),
        ),
    ];
    let of_accounts = of_accounts
        .map(|(file, event)| Sample::new(file, StreamName::account(&acme()), &Event::Account(event)));
    let of_customers = of_customers
        .map(|(file, event)| Sample::new(file, StreamName::customer(&carla()), &Event::Customer(event)));
    of_accounts.into_iter().chain(of_customers).collect()
}

/// Saved views: whole, of one person, and without any operator.
fn of_views() -> Vec<Sample> {
    let (view, author) = (Uuid::from_u128(0x7a11), ActorId::new("beatriz").unwrap());
    let saved = |name: PersonalText, filter: &str, shared| {
        let filter = parse_filter(filter).unwrap();
        ViewEvent::Saved(Saved { view, name, filter, author: author.clone(), shared })
    };
    let every = "lane:new status:open -team:billing team:none assignee:me -assignee:nobody assignee:ines \
                 category:billing priority:urgent -language:es requester:\"señor 7\" is:late is:due-soon";
    let samples = [
        ("view.saved.v1", saved("Facturación tardía".into(), every, true)),
        ("view.saved.v1-sealed", saved(sealed(), "assignee:me", false)),
        ("view.saved.v1-bare", saved("Todo".into(), "", false)),
        ("view.removed.v1", ViewEvent::Removed(Removed { view })),
    ];
    let sample = |(file, event)| {
        Sample::new(file, StreamName::views(), &Event::View(event)).by("beatriz", Role::Supervisor, None)
    };
    samples.map(sample).into()
}

fn of_webhooks() -> Vec<Sample> {
    let endpoint = EndpointId(Uuid::from_u128(0x01a1_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f2));
    let url = EndpointUrl::parse("https://hooks.example.com:8443/in/7f3a").unwrap();
    let set = |description: &str, events: &[&str], internal| EndpointSet {
        endpoint,
        origin: url.origin(),
        fingerprint: url.fingerprint(),
        description: description.to_owned(),
        events: events.iter().map(|name| (*name).to_owned()).collect(),
        internal,
    };
    let about = || AboutEndpoint { endpoint };
    let samples = [
        (
            "webhook.added.v1",
            WebhookEvent::Added(set("CRM, señales", &["ticket.noted", "ticket.replied"], true)),
        ),
        ("webhook.added.v1-bare", WebhookEvent::Added(set("", &["*"], false))),
        ("webhook.changed.v1", WebhookEvent::Changed(set("CRM", &["*"], true))),
        ("webhook.changed.v1-bare", WebhookEvent::Changed(set("", &["sla.breached"], false))),
        ("webhook.removed.v1", WebhookEvent::Removed(about())),
        ("webhook.secret_rotated.v1", WebhookEvent::SecretRotated(about())),
        ("webhook.resumed.v1", WebhookEvent::Resumed(about())),
    ];
    let sample = |(file, event)| {
        Sample::new(file, StreamName::settings("webhooks"), &Event::Webhook(event)).by(
            "alma",
            Role::Admin,
            None,
        )
    };
    let reasons = [
        ("webhook.paused.v1", PauseReason::Wished),
        ("webhook.paused.v1-gone", PauseReason::Gone),
        ("webhook.paused.v1-failing", PauseReason::Failing),
        ("webhook.paused.v1-dead_letters", PauseReason::DeadLetters),
    ];
    let paused = reasons.map(|(file, reason)| {
        let paused = WebhookEvent::Paused(EndpointPaused { endpoint, reason });
        let sample = Sample::new(file, StreamName::settings("webhooks"), &Event::Webhook(paused));
        match reason {
            PauseReason::Wished => sample.by("alma", Role::Admin, None),
            PauseReason::Gone | PauseReason::Failing | PauseReason::DeadLetters => {
                sample.by("webhooks", Role::System, None)
            }
        }
    });
    samples.map(sample).into_iter().chain(paused).collect()
}

/// The file's name and the record's bytes, for every sample of today.
pub(crate) fn today() -> Vec<(String, Vec<u8>)> {
    let samples = of_tickets()
        .into_iter()
        .chain(work::all())
        .chain(of_timers_and_agents())
        .chain(of_the_staff())
        .chain(of_settings())
        .chain(of_customers())
        .chain(of_views())
        .chain(of_webhooks());
    let encoded = samples.map(|sample| {
        let Sample { file, stream, position, version, recorded_at, command, event } = sample;
        (format!("{file}.json"), record::encode(position, &stream, version, recorded_at, command, &event))
    });
    encoded.collect()
}
