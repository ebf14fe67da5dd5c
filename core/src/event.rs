//! The event contract: every event Docket knows, under its stored name and schema version.
//!
//! A stored event is never edited. A change of shape is a new schema version with one step in [`upcast`];
//! the golden samples of the old version stay for ever (docs/how-to/add-an-event.md).

pub mod upcast;

use crate::agent::AgentEvent;
use crate::customer::{AccountEvent, CustomerEvent};
use crate::json;
use crate::personal::Owner;
use crate::settings::SettingEvent;
use crate::sla::SlaEvent;
use crate::staff::StaffEvent;
use crate::ticket::TicketEvent;
use crate::views::ViewEvent;
use crate::webhook::WebhookEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Everything that can be in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// On a ticket's own stream.
    Ticket(TicketEvent),
    /// On a ticket's `sla-` stream.
    Sla(SlaEvent),
    /// On an agent's stream.
    Agent(AgentEvent),
    /// On the stream of the staff.
    Staff(StaffEvent),
    /// On the stream of a catalogue of settings.
    Setting(SettingEvent),
    /// On an account's stream.
    Account(AccountEvent),
    /// On a customer's stream.
    Customer(CustomerEvent),
    /// On the stream of saved views.
    View(ViewEvent),
    /// On the stream of where events are sent to.
    Webhook(WebhookEvent),
}

/// Why a stored event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A type this release does not know: a newer release wrote it.
    #[error("unknown event type {name:?}; a newer release wrote it, so use that release")]
    UnknownType {
        /// The stored name.
        name: String,
    },
    /// A schema version this release does not know: a newer release wrote it.
    #[error("unknown schema version {schema} of {name}; a newer release wrote it, so use that release")]
    UnknownSchema {
        /// The stored name.
        name: String,
        /// The stored version.
        schema: u16,
    },
    /// The type is known and its data is not what that type holds.
    #[error("data of {name} cannot be read")]
    Data {
        /// The stored name.
        name: String,
        /// What the decoder said.
        source: serde_json::Error,
    },
}

impl DecodeError {
    /// Whether a newer release can read it: then a projector waits rather than skips.
    pub const fn is_from_newer_release(&self) -> bool {
        matches!(self, Self::UnknownType { .. } | Self::UnknownSchema { .. })
    }
}

/// An event as it is stored: its name, its schema version and its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedEvent {
    /// The stored name.
    pub name: &'static str,
    /// The schema version that is written today.
    pub schema: u16,
    /// The data, a JSON object in canonical form: fields in their declared order, no white space.
    pub data: String,
}

macro_rules! contract {
    ($($group:ident :: $inner:ident { $($name:literal @ $schema:literal => $variant:ident,)* })*) => {
        /// The stored name and today's schema version of every event, in the order of docs/EVENTS.md.
        pub const CONTRACT: &[(&str, u16)] = &[$($(($name, $schema),)*)*];

        impl Event {
            /// The stored form.
            pub fn encode(&self) -> EncodedEvent {
                match self {
                    $($(Self::$group($inner::$variant(data)) =>
                        EncodedEvent { name: $name, schema: $schema, data: encode_data(data) },)*)*
                }
            }

            /// The stored name.
            pub const fn name(&self) -> &'static str {
                match self {
                    $($(Self::$group($inner::$variant(_)) => $name,)*)*
                }
            }

            /// Reads data of today's schema version; none when the name is unknown.
            fn decode_current(name: &str, data: &str) -> Option<Result<Self, serde_json::Error>> {
                match name {
                    $($($name => Some(decode_data(data).map(|data| Self::$group($inner::$variant(data)))),)*)*
                    _ => None,
                }
            }
        }
    };
}

contract! {
    Ticket::TicketEvent {
        "ticket.opened" @ 1 => Opened,
        "ticket.assigned" @ 1 => Assigned,
        "ticket.reassigned" @ 1 => Reassigned,
        "ticket.unassigned" @ 1 => Unassigned,
        "ticket.team_changed" @ 1 => TeamChanged,
        "ticket.priority_changed" @ 1 => PriorityChanged,
        "ticket.category_changed" @ 1 => CategoryChanged,
        "ticket.replied" @ 1 => Replied,
        "ticket.customer_replied" @ 1 => CustomerReplied,
        "ticket.noted" @ 1 => Noted,
        "ticket.set_pending" @ 1 => SetPending,
        "ticket.set_open" @ 1 => SetOpen,
        "ticket.escalated" @ 1 => Escalated,
        "ticket.resolved" @ 1 => Resolved,
        "ticket.reopened" @ 1 => Reopened,
        "ticket.sealed" @ 1 => Sealed,
        "ticket.routed" @ 1 => Routed,
        "ticket.offered" @ 1 => Offered,
        "ticket.attached" @ 1 => Attached,
        "ticket.template_used" @ 1 => TemplateUsed,
        "ticket.tags_changed" @ 1 => TagsChanged,
        "ticket.field_changed" @ 1 => FieldChanged,
        "ticket.followed" @ 1 => Followed,
        "ticket.unfollowed" @ 1 => Unfollowed,
        "ticket.linked" @ 1 => Linked,
        "ticket.unlinked" @ 1 => Unlinked,
        "ticket.snoozed" @ 1 => Snoozed,
        "ticket.woken" @ 1 => Woken,
        "ticket.merged" @ 1 => Merged,
        "ticket.unmerged" @ 1 => Unmerged,
        "ticket.absorbed" @ 1 => Absorbed,
        "ticket.parted" @ 1 => Parted,
        "ticket.forwarded" @ 1 => Forwarded,
        "ticket.acknowledged" @ 1 => Acknowledged,
        "ticket.returned" @ 1 => Returned,
        "ticket.confirmed" @ 1 => Confirmed,
        "ticket.confirmation_refused" @ 1 => ConfirmationRefused,
        "ticket.rated" @ 1 => Rated,
        "source.recorded" @ 1 => SourceRecorded,
    }
    Sla::SlaEvent {
        "sla.warned" @ 1 => Warned,
        "sla.breached" @ 1 => Breached,
    }
    Agent::AgentEvent {
        "agent.ticket_taken" @ 1 => TicketTaken,
        "agent.ticket_released" @ 1 => TicketReleased,
        "agent.availability_changed" @ 1 => AvailabilityChanged,
        "agent.ticket_reweighed" @ 1 => TicketReweighed,
    }
    Staff::StaffEvent {
        "staff.added" @ 1 => Added,
        "staff.renamed" @ 1 => Renamed,
        "staff.role_changed" @ 1 => RoleChanged,
        "staff.teams_changed" @ 1 => TeamsChanged,
        "staff.deactivated" @ 1 => Deactivated,
        "staff.reactivated" @ 1 => Reactivated,
        "staff.skills_changed" @ 1 => SkillsChanged,
        "staff.permissions_changed" @ 1 => PermissionsChanged,
        "staff.capacity_changed" @ 1 => CapacityChanged,
        "staff.invited" @ 1 => Invited,
        "staff.token_made" @ 1 => TokenMade,
        "staff.token_revoked" @ 1 => TokenRevoked,
        "staff.sessions_revoked" @ 1 => SessionsRevoked,
    }
    Setting::SettingEvent {
        "team.published" @ 1 => TeamPublished,
        "team.retired" @ 1 => TeamRetired,
        "intake_category.published" @ 1 => IntakeCategoryPublished,
        "intake_category.retired" @ 1 => IntakeCategoryRetired,
        "resolution_category.published" @ 1 => ResolutionCategoryPublished,
        "resolution_category.retired" @ 1 => ResolutionCategoryRetired,
        "escalation_reason.published" @ 1 => EscalationReasonPublished,
        "escalation_reason.retired" @ 1 => EscalationReasonRetired,
        "template.published" @ 1 => TemplatePublished,
        "template.retired" @ 1 => TemplateRetired,
        "routing.published" @ 1 => RoutingPublished,
        "routing.retired" @ 1 => RoutingRetired,
        "sla_policy.published" @ 1 => SlaPolicyPublished,
        "sla_policy.retired" @ 1 => SlaPolicyRetired,
        "schedule.published" @ 1 => SchedulePublished,
        "schedule.retired" @ 1 => ScheduleRetired,
        "closing.published" @ 1 => ClosingPublished,
        "closing.retired" @ 1 => ClosingRetired,
    }
    Account::AccountEvent {
        "account.added" @ 1 => Added,
        "account.changed" @ 1 => Changed,
    }
    Customer::CustomerEvent {
        "customer.added" @ 1 => Added,
        "customer.changed" @ 1 => Changed,
        "customer.account_changed" @ 1 => AccountChanged,
        "customer.invited" @ 1 => Invited,
        "customer.link_made" @ 1 => LinkMade,
        "customer.survey_link_made" @ 1 => SurveyLinkMade,
    }
    View::ViewEvent {
        "view.saved" @ 1 => Saved,
        "view.removed" @ 1 => Removed,
    }
    Webhook::WebhookEvent {
        "webhook.added" @ 1 => Added,
        "webhook.changed" @ 1 => Changed,
        "webhook.removed" @ 1 => Removed,
        "webhook.secret_rotated" @ 1 => SecretRotated,
        "webhook.paused" @ 1 => Paused,
        "webhook.resumed" @ 1 => Resumed,
    }
}

fn encode_data<T: Serialize>(data: &T) -> String {
    let mut json = String::new();
    json::write(&mut json, data);
    json
}

fn decode_data<T: DeserializeOwned>(data: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(data)
}

impl Event {
    /// Reads a stored event, bringing an old schema version up to today's first.
    ///
    /// # Errors
    /// [`DecodeError`] tells a newer release's event from data that cannot be read.
    pub fn decode(name: &str, schema: u16, data: &str) -> Result<Self, DecodeError> {
        let Some((_, current)) = CONTRACT.iter().find(|(known, _)| *known == name) else {
            return Err(DecodeError::UnknownType { name: name.to_owned() });
        };
        let failed = |source| DecodeError::Data { name: name.to_owned(), source };
        let raised;
        let data = if schema == *current {
            data
        } else if schema == 0 || schema > *current {
            return Err(DecodeError::UnknownSchema { name: name.to_owned(), schema });
        } else {
            raised = upcast::raise(upcast::STEPS, name, schema, *current, data).map_err(failed)?;
            &raised
        };
        match Self::decode_current(name, data) {
            Some(result) => result.map_err(failed),
            None => Err(DecodeError::UnknownType { name: name.to_owned() }),
        }
    }
}

/// Every personal field: event, field (a dotted path; `*` is every name in an object), and whose it is. Source:
/// DESIGN decision 12.
pub const PERSONAL_FIELDS: &[(&str, &str, Owner)] = &[
    ("ticket.opened", "requester.name", Owner::Requester),
    ("ticket.opened", "requester.email", Owner::Requester),
    ("ticket.opened", "subject", Owner::Requester),
    ("ticket.opened", "body", Owner::Requester),
    ("ticket.replied", "body", Owner::Requester),
    ("ticket.customer_replied", "body", Owner::Requester),
    ("ticket.noted", "body", Owner::Requester),
    ("ticket.escalated", "context", Owner::Requester),
    ("ticket.resolved", "notes", Owner::Requester),
    ("ticket.attached", "name", Owner::Requester),
    ("ticket.field_changed", "to", Owner::Requester),
    ("ticket.forwarded", "body", Owner::Requester),
    ("ticket.returned", "context", Owner::Requester),
    ("ticket.confirmation_refused", "body", Owner::Requester),
    ("ticket.rated", "comment", Owner::Requester),
    ("agent.availability_changed", "reason", Owner::Member),
    ("staff.added", "name", Owner::Member),
    ("staff.renamed", "to", Owner::Member),
    ("staff.role_changed", "reason", Owner::Member),
    ("staff.teams_changed", "reason", Owner::Member),
    ("staff.deactivated", "reason", Owner::Member),
    ("staff.reactivated", "reason", Owner::Member),
    ("staff.skills_changed", "reason", Owner::Member),
    ("staff.permissions_changed", "reason", Owner::Member),
    ("staff.capacity_changed", "reason", Owner::Member),
    ("staff.token_made", "name", Owner::Member),
    ("team.published", "reason", Owner::Actor),
    ("team.retired", "reason", Owner::Actor),
    ("intake_category.published", "reason", Owner::Actor),
    ("intake_category.retired", "reason", Owner::Actor),
    ("resolution_category.published", "reason", Owner::Actor),
    ("resolution_category.retired", "reason", Owner::Actor),
    ("escalation_reason.published", "reason", Owner::Actor),
    ("escalation_reason.retired", "reason", Owner::Actor),
    ("template.published", "reason", Owner::Actor),
    ("template.retired", "reason", Owner::Actor),
    ("routing.published", "reason", Owner::Actor),
    ("routing.retired", "reason", Owner::Actor),
    ("sla_policy.published", "reason", Owner::Actor),
    ("sla_policy.retired", "reason", Owner::Actor),
    ("schedule.published", "reason", Owner::Actor),
    ("schedule.retired", "reason", Owner::Actor),
    ("closing.published", "reason", Owner::Actor),
    ("closing.retired", "reason", Owner::Actor),
    ("account.added", "profile.name", Owner::Account),
    ("account.added", "profile.custom.*", Owner::Account),
    ("account.changed", "profile.name", Owner::Account),
    ("account.changed", "profile.custom.*", Owner::Account),
    ("account.changed", "reason", Owner::Account),
    ("customer.added", "profile.name", Owner::Customer),
    ("customer.added", "profile.email", Owner::Customer),
    ("customer.added", "profile.phone", Owner::Customer),
    ("customer.added", "profile.custom.*", Owner::Customer),
    ("customer.changed", "profile.name", Owner::Customer),
    ("customer.changed", "profile.email", Owner::Customer),
    ("customer.changed", "profile.phone", Owner::Customer),
    ("customer.changed", "profile.custom.*", Owner::Customer),
    ("customer.changed", "reason", Owner::Customer),
    ("customer.account_changed", "reason", Owner::Customer),
    ("view.saved", "name", Owner::Actor),
];
