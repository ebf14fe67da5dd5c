//! What stands beside the thread: deadlines with their reasons, and the ticket's properties.

use super::super::clock::ClockWhy;
use super::super::moment::Moment;
use super::super::texts::Texts;
use super::super::visible::{Isolated, Visible};
use super::super::words::Words;
use docket_core::names::Slug;
use docket_core::routing::waits_for;
use docket_core::sla::{Clock, Rules};
use docket_core::ticket::event::{Channel, Language, Priority};
use docket_core::time::Timestamp;
use docket_projections::queue::QueueTicket;
use std::collections::BTreeSet;

/// What stands beside the thread.
pub(super) struct Side<'a> {
    pub(super) clocks: Vec<ClockWhy>,
    pub(super) properties: Vec<(&'static str, Value<'a>)>,
}

/// A property's value.
pub(super) enum Value<'a> {
    /// Something Docket has a word for, or a number.
    Word(String),
    /// Something that people or an import named.
    Name(Visible<'a>),
    /// Another ticket.
    Ticket(u64),
    /// When.
    At(Moment),
    /// Nothing.
    None,
}

impl<'a> Side<'a> {
    pub(super) fn of(
        (t, words): (&'static Texts, &'a Words),
        row: &'a QueueTicket,
        (clocks, rules): &(Vec<Clock>, Rules),
        staffed: Option<&BTreeSet<&Slug>>,
        now: Timestamp,
    ) -> Self {
        let clocks = clocks.iter().map(|clock| ClockWhy::of(t, clock, rules, now)).collect();
        Self { clocks, properties: properties((t, words), row, staffed, now) }
    }
}

fn properties<'a>(
    (t, words): (&'static Texts, &'a Words),
    row: &'a QueueTicket,
    staffed: Option<&BTreeSet<&Slug>>,
    now: Timestamp,
) -> Vec<(&'static str, Value<'a>)> {
    let (state, ticket) = (&row.state, &row.state.ticket);
    let word = |text: Option<&'static str>| text.map_or(Value::None, |text| Value::Word(text.to_owned()));
    let slug = |family: fn(&'a Words, &'a str) -> &'a str, slug: &'a Option<Slug>| {
        slug.as_ref().map_or(Value::None, |slug| Value::Name(Visible(family(words, slug.as_str()))))
    };
    let requester = ticket.requester.as_ref().map(|id| id.as_str());
    let name = row.personal.requester_name.as_deref().or(requester);
    let assignee = ticket.assignee.as_ref().map(|id| id.as_str());
    let named = |name: Option<&'a str>| name.map_or(Value::None, |name| Value::Name(Visible(name)));
    let mut list = vec![
        (t.property_requester, named(name)),
        (t.property_status, word(t.status(ticket.status.as_str()))),
    ];
    if let Some(reason) = ticket.pending_reason.as_ref().map(Slug::as_str) {
        list.push((t.property_pending, named(Some(t.pending(reason).unwrap_or(reason)))));
    }
    if ticket.resolution.is_some() {
        list.push((t.property_resolution, slug(Words::resolution, &ticket.resolution)));
    }
    list.extend([
        (t.property_priority, word(t.priority(ticket.priority.map_or("", Priority::as_str)))),
        (t.property_category, slug(Words::category, &ticket.category)),
        (t.property_team, slug(Words::team, &ticket.team)),
        (
            t.property_assignee,
            assignee.map_or(Value::Word(t.nobody.to_owned()), |id| Value::Name(Visible(id))),
        ),
        (t.property_language, word(state.language.map(|language| customer_language(t, language)))),
        (t.property_channel, word(state.channel.map(|channel| channel_name(t, channel)))),
        (t.property_opened, Value::At(Moment::relative(t, state.opened_at, now))),
        (t.property_updated, Value::At(Moment::relative(t, state.updated_at, now))),
    ]);
    if let Some(at) = state.resolved_at {
        list.push((t.property_resolved, Value::At(Moment::relative(t, at, now))));
    }
    list.extend(work(t, row, staffed, now));
    list.extend([
        (t.property_cycle, Value::Word(t.number(u64::from(ticket.cycle)))),
        (t.property_version, Value::Word(t.number(ticket.version.0))),
    ]);
    list
}

/// What the work on the ticket left, as far as there is any.
fn work<'a>(
    t: &'static Texts,
    row: &'a QueueTicket,
    staffed: Option<&BTreeSet<&Slug>>,
    now: Timestamp,
) -> Vec<(&'static str, Value<'a>)> {
    let ticket = &row.state.ticket;
    let joined = |words: Vec<String>| (!words.is_empty()).then(|| Value::Word(words.join(", ")));
    let numbers = |numbers: &BTreeSet<docket_core::names::TicketNumber>| {
        joined(numbers.iter().map(|number| format!("#{number}")).collect())
    };
    // The one that it follows has a line of its own.
    let links = ticket.links.iter().filter(|other| ticket.follows != Some(**other));
    let list = [
        (
            t.property_waiting,
            waits_for(ticket, staffed)
                .map(|reason| Value::Word(t.waiting(reason.as_str()).unwrap_or(reason.as_str()).to_owned())),
        ),
        (t.property_snoozed, ticket.snoozed_until.map(|until| Value::At(Moment::relative(t, until, now)))),
        (t.property_merged_into, ticket.merge.as_ref().map(|merge| Value::Word(format!("#{}", merge.into)))),
        (t.property_merged, numbers(&ticket.absorbed)),
        (t.property_follows, ticket.follows.map(|earlier| Value::Ticket(earlier.0))),
        (t.property_links, joined(links.map(|number| format!("#{number}")).collect())),
        (t.property_tags, joined(ticket.tags.iter().map(ToString::to_string).collect())),
        (
            t.property_followers,
            joined(ticket.followers.iter().map(|id| Isolated(id.as_str()).to_string()).collect()),
        ),
        (
            t.property_fields,
            joined(
                row.personal
                    .fields
                    .iter()
                    .map(|(field, text)| format!("{field}: {}", Isolated(text)))
                    .collect(),
            ),
        ),
    ];
    list.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn customer_language(t: &Texts, language: Language) -> &'static str {
    match language {
        Language::En => t.language_en,
        Language::Es => t.language_es,
    }
}

fn channel_name(t: &Texts, channel: Channel) -> &'static str {
    match channel {
        Channel::Api => t.channel_api,
        Channel::Portal => t.channel_portal,
        Channel::Web => t.channel_web,
        Channel::Phone => t.channel_phone,
        Channel::Email => t.channel_email,
        Channel::Import => t.channel_import,
    }
}
