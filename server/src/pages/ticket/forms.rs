//! What may be done on a ticket now, as forms: exactly what the rules allow.

use super::super::texts::Texts;
use docket_core::actor::Actor;
use docket_core::catalog;
use docket_core::names::StreamVersion;
use docket_core::ticket::Ticket;
use docket_core::ticket::command::ActionName;
use docket_core::ticket::decide::allowed;
use docket_core::ticket::event::Priority;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a form on a ticket sends; each action reads what it needs.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::pages) struct Fields {
    /// The form's own key: sending it twice is sending it once.
    #[serde(skip_serializing)]
    pub(super) key: String,
    /// The version of the ticket that the page showed.
    #[serde(skip_serializing)]
    pub(super) version: u64,
    pub(super) body: String,
    pub(super) then: String,
    pub(super) to: String,
    pub(super) supervisor: String,
    pub(super) reason: String,
    pub(super) context: String,
    pub(super) resolution: String,
    pub(super) notes: String,
    pub(super) confirmation: String,
    pub(super) survey: String,
}

/// Nothing typed yet.
static EMPTY: Fields = Fields {
    key: String::new(),
    version: 0,
    body: String::new(),
    then: String::new(),
    to: String::new(),
    supervisor: String::new(),
    reason: String::new(),
    context: String::new(),
    resolution: String::new(),
    notes: String::new(),
    confirmation: String::new(),
    survey: String::new(),
};

/// What is written where the thread ends.
pub(super) const WRITING: [ActionName; 3] = [ActionName::Reply, ActionName::Note, ActionName::CustomerReply];

/// For how long a ticket is laid aside by choosing. Unit: hours.
pub(super) const SNOOZE_HOURS: [i64; 4] = [1, 4, 24, 168];

/// Something to choose: its name and its label.
pub(super) type Choice = (&'static str, &'static str);

/// What may be done on a ticket now.
pub(super) struct Forms {
    allowed: Vec<ActionName>,
    /// A new key for each time the page is shown; each form adds its action.
    pub(super) key: Uuid,
    /// The version that is shown.
    pub(super) version: StreamVersion,
    /// Whether it is somebody else's or nobody's.
    pub(super) can_take: bool,
    pub(super) unassigned: bool,
    pub(super) teams: Vec<Choice>,
    pub(super) reasons: Vec<Choice>,
    pub(super) resolutions: Vec<Choice>,
    pub(super) pending: Vec<Choice>,
    pub(super) priorities: Vec<Choice>,
    pub(super) categories: Vec<Choice>,
    /// For how long it may be laid aside.
    pub(super) snooze: Vec<Choice>,
    /// The numbers of the tickets that it is linked with.
    pub(super) links: Vec<String>,
    /// What was typed into a form that was not taken.
    kept: Option<(ActionName, Fields)>,
}

impl Forms {
    /// The forms for somebody on a ticket, as of a version.
    pub(super) fn of(
        t: &'static Texts,
        actor: &Actor,
        ticket: &Ticket,
        version: StreamVersion,
        kept: Option<(ActionName, Fields)>,
    ) -> Self {
        let choices = |names: &[&'static str], family: fn(&Texts, &str) -> Option<&'static str>, is: &str| {
            let others = names.iter().filter(|name| **name != is);
            others.map(|name| (*name, family(t, name).unwrap_or(name))).collect::<Vec<Choice>>()
        };
        let slug = |slug: &Option<docket_core::names::Slug>| {
            slug.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        let unassigned = ticket.assignee.is_none();
        let resolutions =
            if unassigned { catalog::RESOLUTIONS_WITHOUT_WORK } else { catalog::RESOLUTION_CATEGORIES };
        let allowed = allowed(actor, ticket);
        Self {
            key: Uuid::new_v4(),
            version,
            can_take: allowed.contains(&ActionName::Take),
            allowed,
            unassigned,
            teams: choices(catalog::TEAMS, Texts::team, &slug(&ticket.team)),
            reasons: choices(catalog::ESCALATION_REASONS, Texts::reason, ""),
            resolutions: choices(resolutions, Texts::resolution, ""),
            pending: choices(catalog::PENDING_REASONS, Texts::pending, &slug(&ticket.pending_reason)),
            priorities: choices(
                &Priority::ALL.map(Priority::as_str),
                Texts::priority,
                ticket.priority.map_or("", Priority::as_str),
            ),
            categories: choices(catalog::INTAKE_CATEGORIES, Texts::category, &slug(&ticket.category)),
            snooze: vec![("1", t.snooze_1), ("4", t.snooze_4), ("24", t.snooze_24), ("168", t.snooze_168)],
            links: ticket.links.iter().map(ToString::to_string).collect(),
            kept,
        }
    }

    /// Whether a form for sorting the ticket was sent and not taken.
    pub(super) fn sorts(&self) -> bool {
        let sorting = [ActionName::Tag, ActionName::SetField, ActionName::Link, ActionName::Unlink];
        sorting.into_iter().any(|action| self.is_kept(action))
    }

    /// Whether anything is offered beside writing.
    pub(super) fn any(&self) -> bool {
        self.allowed.iter().any(|action| !WRITING.contains(action))
    }

    /// Whether an action is offered.
    pub(super) fn may(&self, action: ActionName) -> bool {
        self.allowed.contains(&action)
    }

    /// Whether a form was sent and not taken: then it is shown open.
    pub(super) fn is_kept(&self, action: ActionName) -> bool {
        self.kept.as_ref().is_some_and(|(kept, _)| *kept == action)
    }

    /// What was typed into a form before.
    pub(super) fn fields(&self, action: ActionName) -> &Fields {
        self.kept.as_ref().filter(|(kept, _)| *kept == action).map_or(&EMPTY, |(_, fields)| fields)
    }

    /// Text that somebody typed into a form that is not offered any more: it must not be lost.
    pub(super) fn stranded(&self) -> Option<&str> {
        let (action, fields) = self.kept.as_ref().filter(|(action, _)| !self.may(*action))?;
        let text = match action {
            ActionName::Escalate | ActionName::Return => &fields.context,
            ActionName::Resolve => &fields.notes,
            ActionName::Reply
            | ActionName::Note
            | ActionName::CustomerReply
            | ActionName::Assign
            | ActionName::Unassign
            | ActionName::SetPending
            | ActionName::SetOpen
            | ActionName::Reopen
            | ActionName::Seal
            | ActionName::Confirm
            | ActionName::Refuse
            | ActionName::Rate
            | ActionName::Wake
            | ActionName::ChangeTeam
            | ActionName::ChangePriority
            | ActionName::ChangeCategory
            | ActionName::Take
            | ActionName::Acknowledge
            | ActionName::Snooze
            | ActionName::Tag
            | ActionName::SetField
            | ActionName::Follow
            | ActionName::Unfollow
            | ActionName::Link
            | ActionName::Unlink
            | ActionName::Merge
            | ActionName::Unmerge => &fields.body,
        };
        Some(text.as_str()).filter(|text| !text.is_empty())
    }

    /// The kind of message that is being written: the one that was not taken, or the first that is offered.
    pub(super) fn writes(&self, action: ActionName) -> bool {
        let kept = WRITING.into_iter().find(|kind| self.is_kept(*kind) && self.may(*kind));
        kept.or_else(|| WRITING.into_iter().find(|kind| self.may(*kind))) == Some(action)
    }
}
