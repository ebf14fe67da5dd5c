//! Commands on the work beside what is said: taking, handing back, laying aside, sorting, merging.

use super::super::body::{Sent, TicketPath};
use super::super::parameters::{IfMatch, Keyed, MustMatch, OfTicket};
use super::super::refusals::{CommandRefusals, ThreadCommandRefusals};
use super::super::settings::When;
use super::super::shapes;
use super::{CommandAnswer, NoFields, act};
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use docket_core::names::{Slug, TicketNumber};
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Gone;
use docket_core::ticket::{Action, TAGS_MAX};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What whoever gets the ticket back must know.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ReturnFields {
    /// What they must know.
    #[schema(value_type = shapes::Text)]
    context: Body,
}

/// Until when to lay it aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct SnoozeFields {
    /// An instant ahead, at most 366 days.
    #[schema(value_type = shapes::Instant)]
    until: When,
}

impl SnoozeFields {
    pub(super) fn action(self) -> Action {
        let When(until) = self.until;
        Action::Snooze { until, now: until }
    }
}

/// Tags to put on and to take off; one that is named in both is put on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TagFields {
    /// To put on.
    #[schema(value_type = Vec<shapes::Slug>, max_items = 50)]
    #[serde(default, deserialize_with = "tags")]
    add: BTreeSet<Slug>,
    /// To take off.
    #[schema(value_type = Vec<shapes::Slug>, max_items = 50)]
    #[serde(default, deserialize_with = "tags")]
    remove: BTreeSet<Slug>,
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Slug>, D::Error> {
    let tags = Vec::deserialize(deserializer)?;
    if tags.len() > TAGS_MAX {
        return Err(serde::de::Error::custom(format!("must be at most {TAGS_MAX} tags")));
    }
    Ok(tags.into_iter().collect())
}

impl TagFields {
    pub(super) fn action(self) -> Action {
        Action::Tag { add: self.add, remove: self.remove }
    }
}

/// What a custom field shall hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct FieldFields {
    /// Which field.
    #[schema(value_type = shapes::Slug)]
    field: Slug,
    /// What it shall hold; `null` empties it. To be said in any case, since leaving it out may be an oversight.
    #[schema(value_type = Option<shapes::Line>, required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    to: Option<Line>,
}

impl FieldFields {
    pub(super) fn action(self) -> Action {
        Action::SetField { field: self.field, to: self.to }
    }
}

/// Another ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OtherFields {
    /// Its number.
    #[schema(value_type = shapes::TicketNumber)]
    ticket: u64,
}

impl OtherFields {
    pub(super) fn ticket(&self) -> TicketNumber {
        TicketNumber(self.ticket)
    }
}

/// The ticket that it becomes part of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct MergeFields {
    /// Its number.
    #[schema(value_type = shapes::TicketNumber)]
    into: u64,
}

impl MergeFields {
    pub(super) fn ticket(&self) -> TicketNumber {
        TicketNumber(self.into)
    }
}

command!(
    /// Takes the ticket oneself. Agents take what is nobody's; supervisors and admins also from whoever has it.
    take, "/api/v1/tickets/{number}/take", NoFields,
    |_fields| Action::Take
);
command!(
    /// Says that one has read what an escalation says.
    acknowledge, "/api/v1/tickets/{number}/acknowledge", NoFields,
    |_fields| Action::Acknowledge { of_team: false }
);
command!(
    /// Hands an escalated ticket back to the team it came from, and to whoever had it if they are still there.
    on_thread hand_back, "/api/v1/tickets/{number}/return", ReturnFields,
    |fields| Action::Return { context: fields.context, gone: Gone::default() }
);
command!(
    /// Lays the ticket aside until an instant: it is pending until then, or until the customer writes.
    on_thread snooze, "/api/v1/tickets/{number}/snooze", SnoozeFields,
    |fields| fields.action()
);
command!(
    /// Puts tags on and takes tags off.
    tag, "/api/v1/tickets/{number}/tag", TagFields,
    |fields| fields.action()
);
command!(
    /// Sets a custom field, or empties it.
    set_field, "/api/v1/tickets/{number}/set-field", FieldFields,
    |fields| fields.action()
);
command!(
    /// Follows the ticket oneself.
    follow, "/api/v1/tickets/{number}/follow", NoFields,
    |_fields| Action::Follow
);
command!(
    /// Follows the ticket oneself no more.
    unfollow, "/api/v1/tickets/{number}/unfollow", NoFields,
    |_fields| Action::Unfollow
);
command!(
    /// Links the ticket with another one; the link stands on both.
    link, "/api/v1/tickets/{number}/link", OtherFields,
    |fields| Action::Link { to: fields.ticket() }
);
command!(
    /// Takes a link away, on both tickets.
    unlink, "/api/v1/tickets/{number}/unlink", OtherFields,
    |fields| Action::Unlink { to: fields.ticket() }
);
command!(
    /// Makes the ticket part of another one of the same customer. What the customer writes to it goes there.
    merge, "/api/v1/tickets/{number}/merge", MergeFields,
    |fields| Action::Merge { into: fields.ticket() }
);
command!(
    /// Lets the ticket stand by itself again, as it did before it was merged.
    unmerge, "/api/v1/tickets/{number}/unmerge", NoFields,
    |_fields| Action::Unmerge
);
