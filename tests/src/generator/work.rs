//! What is done with a ticket beside talking about it: the odds of tags, links, merges, escalations that are read, and of
//! what customers say once it is solved. Only logs without end have it; the shares are those of docs/BENCHMARKS.md.

use super::desk::{Case, Desk, slug};
use super::people;
use docket_core::actor::Actor;
use docket_core::media_type::MediaType;
use docket_core::names::{FileDigest, FileName, TicketNumber};
use docket_core::text::Line;
use docket_core::ticket::command::Gone;
use docket_core::ticket::enclosed::{Attachment, SentFile, TemplateUse};
use docket_core::ticket::event::{Language, RatedThrough, Score};
use docket_core::ticket::{Action, Status, TicketCommand};
use docket_core::time::{DurationMs, Timestamp};
use std::collections::BTreeSet;

const TAGS: [&str; 6] = ["vip", "refund", "outage", "bug", "renewal", "call-back"];

const TEMPLATES: [&str; 4] = ["password-reset", "billing-inquiry", "technical-support", "content-request"];

const FILES: [(&str, MediaType); 4] = [
    ("captura de pantalla.png", MediaType::Png),
    ("invoice.pdf", MediaType::Pdf),
    ("protocol.txt", MediaType::Text),
    ("foto.jpg", MediaType::Jpeg),
];

/// How long what is laid aside rests at most. Unit: hours.
const REST_MAX_H: u64 = 12;

/// Something beside the talk, now and then; `other` is another ticket that is worked on.
pub(super) fn beside(
    case: &Case,
    desk: &mut Desk,
    other: TicketNumber,
    now: Timestamp,
) -> Option<TicketCommand> {
    let acting = people::acting(case.ticket.assignee.as_ref(), desk.beside());
    let staff = |action: Action| Some(TicketCommand { actor: acting.clone(), action });
    if case.ticket.merge.is_some() {
        return if desk.beside().chance(15) { staff(Action::Unmerge) } else { None };
    }
    match case.ticket.status {
        Status::Resolved => when_resolved(case, desk),
        Status::New | Status::Open | Status::Pending => {
            if let Some(original) = case.duplicate_of.filter(|_| desk.beside().chance(40)) {
                return staff(Action::Merge { into: original });
            }
            if case.ticket.escalation.is_some() && case.ticket.assignee.is_some() {
                return when_escalated(case, desk).map_or_else(|| sorting(case, desk, other, &acting), staff);
            }
            if case.ticket.status == Status::Open && desk.beside().chance(3) {
                let hours = 1 + desk.beside().below(REST_MAX_H) as i64;
                return staff(Action::Snooze { until: now.plus(DurationMs::from_hours(hours)), now });
            }
            sorting(case, desk, other, &acting)
        }
    }
}

fn when_escalated(case: &Case, desk: &mut Desk) -> Option<Action> {
    let acknowledged = case.ticket.escalation.as_ref().is_some_and(|escalation| escalation.acknowledged);
    match acknowledged {
        false => desk.beside().chance(50).then_some(Action::Acknowledge { of_team: true }),
        true if desk.beside().chance(15) => {
            let context = desk.message_beside(case.language);
            Some(Action::Return { context, gone: Gone::default() })
        }
        true => None,
    }
}

/// Tags, fields, followers, links, and back to routing.
fn sorting(case: &Case, desk: &mut Desk, other: TicketNumber, acting: &Actor) -> Option<TicketCommand> {
    let ticket = &case.ticket;
    let random = desk.beside();
    let tag = || BTreeSet::from([slug(TAGS[case.number.0 as usize % TAGS.len()])]);
    let action = match random.below(1_000) {
        0..30 => Action::Tag { add: BTreeSet::from([slug(random.pick(&TAGS))]), remove: BTreeSet::new() },
        30..36 => Action::Tag { add: BTreeSet::new(), remove: tag() },
        36..48 => Action::SetField {
            field: slug("order"),
            to: random.chance(90).then(|| order(random.below(100_000))),
        },
        48..66 => Action::Follow,
        66..72 => {
            let follower = ticket.followers.first()?;
            let actor = people::acting(Some(follower), random);
            return Some(TicketCommand { actor, action: Action::Unfollow });
        }
        72..80 => Action::Link { to: other },
        80..90 => Action::Unlink { to: *ticket.links.first()? },
        90..96 if ticket.status == Status::Open => {
            return Some(TicketCommand { actor: people::supervisor(random), action: Action::Offer });
        }
        _ => return None,
    };
    Some(TicketCommand { actor: acting.clone(), action })
}

fn order(number: u64) -> Line {
    Line::new(format!("A-{number:05}")).expect("a number is one line")
}

fn when_resolved(case: &Case, desk: &mut Desk) -> Option<TicketCommand> {
    let closing = case.ticket.closing.as_ref().filter(|_| !case.ticket.sealed)?;
    let asked = closing.confirmation && closing.confirmed.is_none();
    let rateable = closing.survey && closing.rated.is_none();
    let customer = case.customer.actor();
    let by = |actor: Actor, action: Action| Some(TicketCommand { actor, action });
    match desk.beside().below(100) {
        0..20 if asked => by(customer, Action::Confirm),
        20..35 if asked => by(Actor::system("closing"), Action::Confirm),
        35..42 if asked => {
            let message = desk.message_id_beside();
            let body = desk.message_beside(case.language);
            by(customer, Action::Refuse { message, body })
        }
        42..72 if rateable => {
            let score = if desk.beside().chance(82) { Score::Good } else { Score::Bad };
            let comment = desk.beside().chance(25).then(|| desk.message_beside(case.language));
            let through =
                if desk.beside().chance(60) { RatedThrough::SurveyLink } else { RatedThrough::SignedIn };
            by(customer, Action::Rate { cycle: None, score, comment, through })
        }
        _ => None,
    }
}

/// A message with what comes with it: now and then files, and for a quarter of the staff's answers a template.
pub(super) fn enclosing(action: Action, language: Language, desk: &mut Desk) -> Action {
    let (files, template) = match &action {
        Action::Open(_) => (12, false),
        Action::CustomerReply { .. } => (8, false),
        Action::Reply { .. } => (4, desk.beside().chance(25)),
        Action::Note { .. } => (3, false),
        _ => return action,
    };
    let random = desk.beside();
    let count = if random.chance(files) { 1 + random.index(2) } else { 0 };
    let attachments = (0..count).map(|_| attachment(desk)).collect();
    let template = template.then(|| TemplateUse {
        template: slug(desk.beside().pick(&TEMPLATES)),
        version: 1,
        language,
    });
    action.enclosing(attachments, template)
}

fn attachment(desk: &mut Desk) -> Attachment {
    let random = desk.beside();
    let (name, media_type) = random.pick(&FILES);
    let mut hash = [0; 32];
    hash.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&random.bits().to_le_bytes()));
    Attachment {
        digest: FileDigest::of(hash),
        name: FileName::new(name).expect("the names in here are names of files"),
        sent: Some(SentFile { media_type, bytes: 2_000 + random.below(900_000) }),
    }
}
