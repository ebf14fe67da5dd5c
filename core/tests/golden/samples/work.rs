//! Samples of what happens while a ticket is worked and closed, beside what is said.

use super::{Sample, person, said, sealed, slug};
use docket_core::actor::Role;
use docket_core::agent::Availability;
use docket_core::names::TicketNumber;
use docket_core::ticket::TicketEvent as T;
use docket_core::ticket::event::{
    Absorbing, Acknowledged, Attached, Candidate, Confirmed, ConfirmedBy, FieldChanged, Following, Forwarded,
    Language, Linking, Merged, OfferCause, Offered, Rated, RatedThrough, Returned, Routed, Score, Snoozing,
    Standing, TagsChanged, TemplateUsed, ToldApartBy, Unmerged, WaitingFor,
};
use docket_core::time::Timestamp;
use uuid::Uuid;

const OTHER: TicketNumber = TicketNumber(18);

const MESSAGE: Uuid = Uuid::from_u128(0x01a1_2b3c_4d5e_7f60_8a9b_acbd_cedf_e0f2);

const UNTIL: Timestamp = Timestamp(1_795_300_000_000);

fn candidate(agent: &str, availability: Availability, standing: Standing) -> Candidate {
    let agent = person(agent);
    Candidate {
        agent,
        availability,
        load: 30,
        capacity: 100,
        weight: 10,
        last_taken_at: Some(UNTIL),
        standing,
    }
}

fn routed(to: Option<&str>, told_apart_by: Option<ToldApartBy>, waiting_for: Option<WaitingFor>) -> T {
    use Availability as A;
    use Standing as S;
    let candidates = vec![
        Candidate { last_taken_at: None, ..candidate("alma", A::Online, S::Eligible) },
        candidate("ines", A::Online, S::Eligible),
        candidate("lena", A::TransfersOnly, S::Unavailable),
        candidate("noor", A::Online, S::NotPermitted),
        candidate("omar", A::Online, S::Unskilled),
        candidate("paul", A::Online, S::Full),
    ];
    T::Routed(Box::new(Routed {
        list: slug("default"),
        version: 3,
        rule: Some(2),
        team: Some(slug("billing")),
        skill: Some(slug("refunds")),
        candidates,
        to: to.map(person),
        told_apart_by,
        waiting_for,
    }))
}

fn waiting(reason: WaitingFor) -> T {
    T::Routed(Box::new(Routed {
        list: slug("default"),
        version: 1,
        rule: None,
        team: None,
        skill: None,
        candidates: vec![],
        to: None,
        told_apart_by: None,
        waiting_for: Some(reason),
    }))
}

fn returned(to_team: Option<&str>, to_assignee: Option<&str>, context: super::PersonalText) -> T {
    let (to_team, to_assignee) = (to_team.map(slug), to_assignee.map(person));
    T::Returned(Box::new(Returned { to_team, to_assignee, context }))
}

fn attached(message: Option<Uuid>, name: super::PersonalText, internal: bool) -> T {
    let digest = "0123456789abcdef".repeat(4);
    T::Attached(Box::new(Attached {
        message,
        digest,
        name,
        media_type: "image/png".into(),
        bytes: 4096,
        internal,
    }))
}

fn rated(score: Score, comment: Option<super::PersonalText>, resolver: Option<&str>) -> T {
    let (resolver, through) = (resolver.map(person), None);
    T::Rated(Box::new(Rated { cycle: 1, score, comment, resolver, through }))
}

fn rated_through(through: RatedThrough) -> T {
    let (resolver, through) = (Some(person("ines")), Some(through));
    T::Rated(Box::new(Rated { cycle: 2, score: Score::Good, comment: None, resolver, through }))
}

fn of_routing() -> Vec<Sample> {
    use Sample as S;
    let system = |sample: Sample| sample.by("routing", Role::System, None);
    let mut samples = vec![
        system(S::ticket("ticket.routed.v1", routed(Some("alma"), Some(ToldApartBy::Idle), None))),
        system(S::ticket("ticket.routed.v1-alone", routed(Some("alma"), Some(ToldApartBy::Alone), None))),
        system(S::ticket(
            "ticket.routed.v1-spare",
            routed(Some("ines"), Some(ToldApartBy::SpareCapacity), None),
        )),
        system(S::ticket("ticket.routed.v1-hash", routed(Some("ines"), Some(ToldApartBy::Hash), None))),
        system(S::ticket("ticket.offered.v1", T::Offered(Offered { cause: OfferCause::AssigneeLeft }))),
        S::ticket("ticket.offered.v1-staff", T::Offered(Offered { cause: OfferCause::Staff })),
        S::ticket("ticket.offered.v1-returned", T::Offered(Offered { cause: OfferCause::Returned })),
    ];
    for (file, reason) in [
        ("ticket.routed.v1-rule", WaitingFor::Rule),
        ("ticket.routed.v1-member", WaitingFor::Member),
        ("ticket.routed.v1-permission", WaitingFor::Permission),
        ("ticket.routed.v1-skill", WaitingFor::Skill),
        ("ticket.routed.v1-availability", WaitingFor::Availability),
        ("ticket.routed.v1-capacity", WaitingFor::Capacity),
    ] {
        samples.push(system(S::ticket(file, waiting(reason))));
    }
    samples
}

fn of_the_work() -> Vec<Sample> {
    use Sample as S;
    let field = |to| T::FieldChanged(FieldChanged { field: slug("order-number"), to });
    let tags = |added: &[&str], removed: &[&str]| {
        let slugs = |names: &[&str]| names.iter().map(|name| slug(name)).collect();
        T::TagsChanged(TagsChanged { added: slugs(added), removed: slugs(removed) })
    };
    let template = |language| {
        T::TemplateUsed(TemplateUsed {
            message: MESSAGE,
            template: slug("password-reset"),
            version: 2,
            language,
        })
    };
    let forwarded = |body| T::Forwarded(Forwarded { from: OTHER, message: MESSAGE, body });
    let following = || Following { by: person("ines") };
    vec![
        S::ticket("ticket.attached.v1", attached(Some(MESSAGE), "invoice.png".into(), false)),
        S::ticket("ticket.attached.v1-opening", attached(None, sealed(), false)),
        S::ticket("ticket.attached.v1-note", attached(Some(MESSAGE), "chat.png".into(), true)),
        S::ticket("ticket.template_used.v1", template(Language::En)),
        S::ticket("ticket.template_used.v1-es", template(Language::Es)),
        S::ticket("ticket.tags_changed.v1", tags(&["refund", "vip"], &["new"])),
        S::ticket("ticket.tags_changed.v1-added", tags(&["refund"], &[])),
        S::ticket("ticket.tags_changed.v1-removed", tags(&[], &["refund"])),
        S::ticket("ticket.field_changed.v1", field(Some("A-4711".into()))),
        S::ticket("ticket.field_changed.v1-sealed", field(Some(sealed()))),
        S::ticket("ticket.field_changed.v1-empty", field(None)),
        S::ticket("ticket.followed.v1", T::Followed(following())),
        S::ticket("ticket.unfollowed.v1", T::Unfollowed(following())),
        S::ticket("ticket.linked.v1", T::Linked(Linking { to: OTHER })),
        S::ticket("ticket.unlinked.v1", T::Unlinked(Linking { to: OTHER })),
        S::ticket("ticket.snoozed.v1", T::Snoozed(Snoozing { until: UNTIL })),
        S::ticket("ticket.woken.v1", T::Woken(Snoozing { until: UNTIL })).noticed(),
        S::ticket("ticket.merged.v1", T::Merged(Merged { into: OTHER })),
        S::ticket("ticket.unmerged.v1", T::Unmerged(Unmerged { from: OTHER })),
        S::ticket("ticket.absorbed.v1", T::Absorbed(Absorbing { ticket: OTHER })),
        S::ticket("ticket.parted.v1", T::Parted(Absorbing { ticket: OTHER })),
        S::ticket("ticket.forwarded.v1", forwarded(Some("One more thing.".into()))).by(
            "carla",
            Role::Customer,
            None,
        ),
        S::ticket("ticket.forwarded.v1-sealed", forwarded(Some(sealed()))),
        S::ticket("ticket.forwarded.v1-bare", forwarded(None)),
        S::ticket("ticket.acknowledged.v1", T::Acknowledged(Acknowledged {})),
        S::ticket("ticket.returned.v1", returned(Some("support"), Some("ines"), "It was the cache.".into())),
        S::ticket("ticket.returned.v1-sealed", returned(None, None, sealed())),
    ]
}

fn of_the_customer() -> Vec<Sample> {
    use Sample as S;
    let carla = |sample: Sample| sample.by("carla", Role::Customer, None);
    let confirmed = |by| T::Confirmed(Confirmed { cycle: 1, by });
    let bare = docket_core::ticket::event::Message { body: None, ..said("") };
    vec![
        carla(S::ticket("ticket.confirmed.v1", confirmed(ConfirmedBy::Customer))),
        S::ticket("ticket.confirmed.v1-time", confirmed(ConfirmedBy::Time)).noticed(),
        carla(S::ticket("ticket.confirmation_refused.v1", T::ConfirmationRefused(said("Still the same.")))),
        carla(S::ticket("ticket.confirmation_refused.v1-sealed", T::ConfirmationRefused(said(sealed())))),
        carla(S::ticket("ticket.confirmation_refused.v1-bare", T::ConfirmationRefused(bare))),
        carla(S::ticket("ticket.rated.v1", rated(Score::Good, Some("Quick!".into()), Some("ines")))),
        carla(S::ticket("ticket.rated.v1-sealed", rated(Score::Bad, Some(sealed()), Some("ines")))),
        carla(S::ticket("ticket.rated.v1-bare", rated(Score::Good, None, None))),
        carla(S::ticket("ticket.rated.v1-signed_in", rated_through(RatedThrough::SignedIn))),
        carla(S::ticket("ticket.rated.v1-ticket_link", rated_through(RatedThrough::TicketLink))),
        carla(S::ticket("ticket.rated.v1-survey_link", rated_through(RatedThrough::SurveyLink))),
    ]
}

/// Every sample of this file.
pub(super) fn all() -> Vec<Sample> {
    let mut samples = of_routing();
    samples.extend(of_the_work());
    samples.extend(of_the_customer());
    samples
}
