//! The work on a ticket beside what is said, in words.

use super::or_none;
use crate::texts::Texts;
use docket_core::names::Slug;
use docket_core::personal::PersonalText;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{ConfirmedBy, RatedThrough, TagsChanged};

/// What happened, and the text that goes with it; nothing for what is told elsewhere.
pub(super) fn describe<'a>(
    event: &'a TicketEvent,
    texts: &'static Texts,
) -> (String, Option<&'a PersonalText>) {
    let what = match event {
        TicketEvent::Routed(routed) => {
            let (list, version) = (&routed.list, routed.version);
            match (&routed.to, routed.waiting_for) {
                (Some(to), _) => texts.happened_routed(to, list, version),
                (None, waiting) => {
                    let why = or_none(waiting.map(|waiting| waiting.as_str()).as_ref(), texts);
                    texts.happened_waiting(why, list, version)
                }
            }
        }
        TicketEvent::Offered(_) => texts.happened_offered.into(),
        TicketEvent::Attached(attached) => {
            let what = texts.happened_attached(&attached.digest, &attached.media_type, attached.bytes);
            return (what, Some(&attached.name));
        }
        TicketEvent::TemplateUsed(used) => {
            texts.happened_template(&used.template, used.version, used.language.as_str())
        }
        TicketEvent::TagsChanged(TagsChanged { added, removed }) => {
            texts.happened_tags(list(added, texts), list(removed, texts))
        }
        TicketEvent::FieldChanged(changed) => {
            return (texts.happened_field(&changed.field), changed.to.as_ref());
        }
        TicketEvent::Followed(following) => texts.happened_followed(&following.by),
        TicketEvent::Unfollowed(following) => texts.happened_unfollowed(&following.by),
        TicketEvent::Linked(linking) => texts.happened_linked(linking.to),
        TicketEvent::Unlinked(linking) => texts.happened_unlinked(linking.to),
        TicketEvent::Snoozed(snoozing) => texts.happened_snoozed(snoozing.until),
        TicketEvent::Woken(_) => texts.happened_woken.into(),
        TicketEvent::Merged(merged) => texts.happened_merged(merged.into),
        TicketEvent::Unmerged(unmerged) => texts.happened_unmerged(unmerged.from),
        TicketEvent::Absorbed(other) => texts.happened_absorbed(other.ticket),
        TicketEvent::Parted(other) => texts.happened_parted(other.ticket),
        TicketEvent::Forwarded(forwarded) => {
            return (texts.happened_forwarded(forwarded.from), forwarded.body.as_ref());
        }
        TicketEvent::Acknowledged(_) => texts.happened_acknowledged.into(),
        TicketEvent::Returned(returned) => {
            let team = or_none(returned.to_team.as_ref(), texts);
            let assignee = or_none(returned.to_assignee.as_ref(), texts);
            return (texts.happened_sent_back(team, assignee), Some(&returned.context));
        }
        TicketEvent::Confirmed(confirmed) => match confirmed.by {
            ConfirmedBy::Customer => texts.happened_confirmed(confirmed.cycle),
            ConfirmedBy::Time => texts.happened_confirmed_by_time(confirmed.cycle),
        },
        TicketEvent::ConfirmationRefused(message) => {
            return (texts.happened_refused.into(), message.body.as_ref());
        }
        TicketEvent::Rated(rated) => {
            let resolver = or_none(rated.resolver.as_ref(), texts);
            let what = texts.happened_rated(rated.score.as_str(), rated.cycle, resolver);
            let what = match rated.through {
                Some(through) => texts.happened_rated_through(what, way(through, texts)),
                None => what,
            };
            return (what, rated.comment.as_ref());
        }
        TicketEvent::Opened(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Reassigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::TeamChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Replied(_)
        | TicketEvent::CustomerReplied(_)
        | TicketEvent::Noted(_)
        | TicketEvent::SetPending(_)
        | TicketEvent::SetOpen(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::Resolved(_)
        | TicketEvent::Reopened(_)
        | TicketEvent::Sealed(_)
        | TicketEvent::SourceRecorded(_) => String::new(),
    };
    (what, None)
}

fn way(through: RatedThrough, texts: &'static Texts) -> &'static str {
    match through {
        RatedThrough::SignedIn => texts.through_signed_in,
        RatedThrough::TicketLink => texts.through_ticket_link,
        RatedThrough::SurveyLink => texts.through_survey_link,
    }
}

fn list(slugs: &[Slug], texts: &'static Texts) -> String {
    let joined = slugs.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ");
    or_none((!slugs.is_empty()).then_some(joined).as_ref(), texts)
}
