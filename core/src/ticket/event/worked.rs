//! What happens to a ticket while it is worked, beside what is said. Source: PRODUCT sections 2, 4 and 5.

use super::Language;
use crate::names::{ActorId, Slug, TicketNumber};
use crate::personal::PersonalText;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A file came with a message, or with the opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The message that it came with; none for the opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
    /// SHA-256 of the file in lower-case hexadecimal, by which it is kept.
    pub digest: String,
    /// What it is called.
    pub name: PersonalText,
    /// What it is, by its content.
    pub media_type: String,
    /// How large. Unit: bytes.
    pub bytes: u64,
    /// Whether it came with a note, and only the staff may see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
}

/// A reply was written from a template. What was sent stands in the reply, whatever becomes of the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateUsed {
    /// The reply.
    pub message: Uuid,
    /// The template.
    pub template: Slug,
    /// Its version.
    pub version: u32,
    /// The language of the text that was taken.
    pub language: Language,
}

/// Tags were put on, or taken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsChanged {
    /// Put on, in the order of slugs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Slug>,
    /// Taken off, in the order of slugs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Slug>,
}

/// A custom field was set, or emptied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChanged {
    /// Which field.
    pub field: Slug,
    /// What it holds now; none when it was emptied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PersonalText>,
}

/// Somebody of the staff follows the ticket, or does no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Following {
    /// Who.
    pub by: ActorId,
}

/// The ticket was linked with another, or is no more. It is recorded on both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linking {
    /// The other ticket.
    pub to: TicketNumber,
}

/// The ticket was laid aside until an instant, or the instant came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snoozing {
    /// Until when.
    pub until: Timestamp,
}

/// The ticket was merged into another: what its requester writes to it goes there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merged {
    /// The other ticket.
    pub into: TicketNumber,
}

/// The ticket stands by itself again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmerged {
    /// The ticket that it was merged into.
    pub from: TicketNumber,
}

/// Another ticket was merged into this one, or stands by itself again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absorbing {
    /// The other ticket.
    pub ticket: TicketNumber,
}

/// The customer wrote to a ticket that is merged into this one: the same message, which stays there as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forwarded {
    /// The ticket that they wrote to.
    pub from: TicketNumber,
    /// The message's own identifier, the same on both tickets.
    pub message: Uuid,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<PersonalText>,
}

/// Whoever an escalation went to has read what they must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {}

/// An escalated ticket went back to where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// The team that it went back to, if it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_team: Option<Slug>,
    /// The person whom it went back to, if it came from one who is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_assignee: Option<ActorId>,
    /// What they must know.
    pub context: PersonalText,
}
