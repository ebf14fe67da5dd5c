//! Events in a few words, for people in their language.

mod work;

use crate::texts::Texts;
use docket_core::agent::AgentEvent;
use docket_core::customer::{AccountEvent, CustomerEvent};
use docket_core::event::Event;
use docket_core::names::Slug;
use docket_core::personal::PersonalText;
use docket_core::record::Source;
use docket_core::settings::SettingEvent;
use docket_core::sla::{Noticed, SlaEvent};
use docket_core::staff::{Permission, StaffEvent};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{Destination, ReopenCause};
use docket_core::views::ViewEvent;
use docket_core::webhook::{PauseReason, WebhookEvent};
use std::fmt::Display;

/// What happened, and the text that goes with it.
pub(super) fn event(
    event: &Event,
    source: Option<&Source>,
    texts: &'static Texts,
) -> (String, Option<String>) {
    let (what, text) = match event {
        Event::Ticket(event) => ticket(event, texts),
        Event::Sla(event) => (sla(event, texts), None),
        Event::Agent(AgentEvent::TicketTaken(taken)) => (texts.happened_taken(taken.ticket), None),
        Event::Agent(AgentEvent::TicketReleased(released)) => {
            (texts.happened_given_up(released.ticket), None)
        }
        Event::Agent(AgentEvent::TicketReweighed(ticket)) => (texts.happened_reweighed(ticket.ticket), None),
        Event::Agent(AgentEvent::AvailabilityChanged(changed)) => {
            let (from, to) = (changed.from.as_str(), changed.to.as_str());
            (texts.happened_availability(from, to), changed.reason.as_ref())
        }
        Event::Staff(event) => staff(event, texts),
        Event::Setting(event) => setting(event, texts),
        Event::Account(event) => account(event, texts),
        Event::Customer(event) => customer(event, texts),
        Event::View(event) => view(event, texts),
        Event::Webhook(event) => (webhook(event, texts), None),
    };
    let text = text.map(|text| text.plain().unwrap_or(texts.sealed_text).to_owned());
    match source {
        Some(source) => (format!("{what}  [{}]", said(source, texts)), text),
        None => (what, text),
    }
}

/// What the source of an import said itself.
fn said(source: &Source, texts: &'static Texts) -> String {
    let row = if source.row.is_empty() { String::new() } else { texts.source_row(&source.row) };
    let step = match (source.from.as_str(), source.to.as_str()) {
        ("", "") => String::new(),
        ("", to) => format!(" {to}"),
        (from, "") => format!(" {from} -> {}", texts.source_nothing),
        (from, to) => format!(" {from} -> {to}"),
    };
    format!("{}{step}{row}", source.kind)
}

fn or_none(value: Option<&impl Display>, texts: &'static Texts) -> String {
    value.map_or_else(|| texts.none.to_owned(), ToString::to_string)
}

fn ticket<'a>(event: &'a TicketEvent, texts: &'static Texts) -> (String, Option<&'a PersonalText>) {
    let what = match event {
        TicketEvent::Opened(opened) => {
            let subject = opened.subject.plain().unwrap_or(texts.sealed_text);
            return (texts.happened_opened(&opened.requester.id, subject), opened.body.as_ref());
        }
        TicketEvent::Assigned(assigned) => texts.happened_assigned(&assigned.to),
        TicketEvent::Reassigned(reassigned) => texts.happened_reassigned(&reassigned.from, &reassigned.to),
        TicketEvent::Unassigned(unassigned) => texts.happened_unassigned(&unassigned.from),
        TicketEvent::TeamChanged(changed) => {
            texts.happened_team(or_none(changed.from.as_ref(), texts), or_none(changed.to.as_ref(), texts))
        }
        TicketEvent::PriorityChanged(changed) => {
            let from = changed.from.map(|from| from.as_str());
            texts.happened_priority(or_none(from.as_ref(), texts), changed.to.as_str())
        }
        TicketEvent::CategoryChanged(changed) => {
            texts.happened_category(or_none(changed.from.as_ref(), texts), &changed.to)
        }
        TicketEvent::Replied(message) => return (texts.happened_replied.into(), message.body.as_ref()),
        TicketEvent::CustomerReplied(message) => {
            return (texts.happened_customer_replied.into(), message.body.as_ref());
        }
        TicketEvent::Noted(message) => return (texts.happened_noted.into(), message.body.as_ref()),
        TicketEvent::SetPending(pending) => texts.happened_pending(&pending.reason),
        TicketEvent::SetOpen(_) => texts.happened_open.into(),
        TicketEvent::Escalated(escalated) => {
            let to = match &escalated.to {
                Destination::Team(team) => texts.to_team(team),
                Destination::Supervisor(supervisor) => supervisor.to_string(),
            };
            return (texts.happened_escalated(to, &escalated.reason), Some(&escalated.context));
        }
        TicketEvent::Resolved(resolved) => {
            let resolution = or_none(resolved.resolution.as_ref(), texts);
            return (texts.happened_resolved(resolution), resolved.notes.as_ref());
        }
        TicketEvent::Reopened(reopened) => {
            let cause = match reopened.cause {
                ReopenCause::CustomerReply => texts.cause_customer,
                ReopenCause::Staff => texts.cause_staff,
                ReopenCause::Unknown => texts.cause_unknown,
            };
            texts.happened_reopened(reopened.cycle, cause)
        }
        TicketEvent::Sealed(_) => texts.happened_sealed.into(),
        TicketEvent::Routed(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Attached(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::FieldChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Unmerged(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Forwarded(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Returned(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::ConfirmationRefused(_)
        | TicketEvent::Rated(_) => return work::describe(event, texts),
        TicketEvent::SourceRecorded(_) => texts.happened_source.into(),
    };
    (what, None)
}

fn sla(event: &SlaEvent, texts: &'static Texts) -> String {
    let (SlaEvent::Warned(noticed) | SlaEvent::Breached(noticed)) = event;
    let Noticed { target, policy, policy_version, run: _, due_at } = noticed;
    let target = target.as_str();
    match event {
        SlaEvent::Warned(_) => texts.happened_warned(target, policy, policy_version, due_at),
        SlaEvent::Breached(_) => texts.happened_breached(target, policy, policy_version, due_at),
    }
}

fn view<'a>(event: &'a ViewEvent, texts: &'static Texts) -> (String, Option<&'a PersonalText>) {
    match event {
        ViewEvent::Saved(saved) => {
            let filter =
                if saved.filter.is_empty() { texts.none.to_owned() } else { saved.filter.to_string() };
            let shared = saved.shared;
            let what =
                if shared { texts.happened_view_shared(filter) } else { texts.happened_view_saved(filter) };
            (what, Some(&saved.name))
        }
        ViewEvent::Removed(_) => (texts.happened_view_removed.into(), None),
    }
}

fn staff<'a>(event: &'a StaffEvent, texts: &'static Texts) -> (String, Option<&'a PersonalText>) {
    let teams = |teams: &[Slug]| match teams {
        [] => texts.none.to_owned(),
        teams => Vec::from_iter(teams.iter().map(Slug::as_str)).join(", "),
    };
    let permissions = |permissions: &[Permission]| match permissions {
        [] => texts.none.to_owned(),
        permissions => Vec::from_iter(permissions.iter().map(|one| one.as_str())).join(", "),
    };
    match event {
        StaffEvent::Added(added) => {
            let (name, role) = (added.name.plain().unwrap_or(texts.sealed_text), added.role.as_str());
            (texts.happened_added(&added.member, name, role, teams(&added.teams)), None)
        }
        StaffEvent::Renamed(renamed) => (texts.happened_renamed(&renamed.member), Some(&renamed.to)),
        StaffEvent::RoleChanged(changed) => {
            let (from, to) = (changed.from.as_str(), changed.to.as_str());
            (texts.happened_role(&changed.member, from, to), changed.reason.as_ref())
        }
        StaffEvent::TeamsChanged(changed) => {
            let (from, to) = (teams(&changed.from), teams(&changed.to));
            (texts.happened_teams(&changed.member, from, to), changed.reason.as_ref())
        }
        StaffEvent::Deactivated(left) => (texts.happened_left(&left.member), left.reason.as_ref()),
        StaffEvent::SkillsChanged(changed) => {
            let (from, to) = (teams(&changed.from), teams(&changed.to));
            (texts.happened_skills(&changed.member, from, to), changed.reason.as_ref())
        }
        StaffEvent::PermissionsChanged(changed) => {
            let (from, to) = (permissions(&changed.from), permissions(&changed.to));
            (texts.happened_permissions(&changed.member, from, to), changed.reason.as_ref())
        }
        StaffEvent::CapacityChanged(changed) => {
            let (from, to) = (changed.from.points, changed.to.points);
            (texts.happened_capacity(&changed.member, from, to), changed.reason.as_ref())
        }
        StaffEvent::Reactivated(back) => (texts.happened_came_back(&back.member), back.reason.as_ref()),
        StaffEvent::Invited(invited) => (texts.happened_invited(&invited.member, invited.expires_at), None),
        StaffEvent::TokenMade(made) => {
            let (scopes, until) = (teams(&made.scopes), made.expires_at);
            (texts.happened_token_made(made.token, &made.member, scopes, until), Some(&made.name))
        }
        StaffEvent::TokenRevoked(revoked) => {
            (texts.happened_token_revoked(revoked.token, &revoked.member), None)
        }
        StaffEvent::SessionsRevoked(ended) => (texts.happened_sessions_revoked(&ended.member), None),
    }
}

fn setting<'a>(event: &'a SettingEvent, texts: &'static Texts) -> (String, Option<&'a PersonalText>) {
    let (slug, version, effective_at, reason) = event.about();
    let catalogue = event.catalogue().as_str();
    let what = match version {
        Some(version) => texts.happened_published(catalogue, slug, version, effective_at),
        None => texts.happened_retired(catalogue, slug, effective_at),
    };
    (what, Some(reason))
}

fn account<'a>(event: &'a AccountEvent, texts: &'static Texts) -> (String, Option<&'a PersonalText>) {
    match event {
        AccountEvent::Added(added) => {
            (texts.happened_account_added(&added.account), Some(&added.profile.name))
        }
        AccountEvent::Changed(changed) => {
            (texts.happened_account_changed(&changed.account), changed.reason.as_ref())
        }
    }
}

fn customer<'a>(event: &'a CustomerEvent, texts: &'static Texts) -> (String, Option<&'a PersonalText>) {
    match event {
        CustomerEvent::Added(added) => {
            (texts.happened_customer_added(&added.customer), Some(&added.profile.name))
        }
        CustomerEvent::Changed(changed) => {
            (texts.happened_customer_changed(&changed.customer), changed.reason.as_ref())
        }
        CustomerEvent::AccountChanged(changed) => {
            let (from, to) = (or_none(changed.from.as_ref(), texts), or_none(changed.to.as_ref(), texts));
            (texts.happened_customer_moved(&changed.customer, from, to), changed.reason.as_ref())
        }
        CustomerEvent::Invited(invited) => {
            (texts.happened_customer_invited(&invited.customer, invited.expires_at), None)
        }
        CustomerEvent::LinkMade(made) => {
            let until = made.expires_at;
            (texts.happened_link_made(&made.customer, made.ticket, until), None)
        }
        CustomerEvent::SurveyLinkMade(made) => {
            let until = made.expires_at;
            (texts.happened_survey_link_made(&made.customer, made.ticket, until), None)
        }
    }
}

fn webhook(event: &WebhookEvent, texts: &'static Texts) -> String {
    match event {
        WebhookEvent::Added(set) => texts.happened_webhook_added(&set.origin, set.events.join(", ")),
        WebhookEvent::Changed(set) => texts.happened_webhook_changed(&set.origin, set.events.join(", ")),
        WebhookEvent::Removed(about) => texts.happened_webhook_removed(about.endpoint),
        WebhookEvent::SecretRotated(about) => texts.happened_webhook_rotated(about.endpoint),
        WebhookEvent::Paused(paused) => {
            let reason = match paused.reason {
                PauseReason::Wished => texts.pause_wished,
                PauseReason::Gone => texts.pause_gone,
                PauseReason::Failing => texts.pause_failing,
                PauseReason::DeadLetters => texts.pause_dead_letters,
            };
            texts.happened_webhook_paused(paused.endpoint, reason)
        }
        WebhookEvent::Resumed(about) => texts.happened_webhook_resumed(about.endpoint),
    }
}
