//! What may be done on a ticket now, as forms: exactly what the rules allow.

use super::super::texts::Texts;
use crate::drafts::{Draft, DraftKind};
use docket_core::actor::Actor;
use docket_core::catalog;
use docket_core::names::{FileDigest, FileName, Slug, StreamVersion};
use docket_core::ticket::Ticket;
use docket_core::ticket::command::ActionName;
use docket_core::ticket::event::Priority;
use docket_core::ticket::follow_up::possible;
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
    /// The version of the draft that was in the editor.
    #[serde(skip_serializing)]
    pub(super) draft: String,
    pub(super) body: String,
    pub(super) then: String,
    /// The template to insert.
    pub(super) template: String,
    /// The version of it that was inserted; none before.
    pub(super) template_version: String,
    /// The language in which it was inserted.
    pub(super) template_language: String,
    /// The template that the reply is recorded as written from.
    pub(super) from_template: String,
    pub(super) to: String,
    pub(super) supervisor: String,
    pub(super) reason: String,
    pub(super) context: String,
    pub(super) resolution: String,
    pub(super) notes: String,
    pub(super) confirmation: String,
    pub(super) survey: String,
    /// Until when, as a browser writes a day and a time.
    pub(super) until: String,
    /// Files that were sent and wait for the message.
    #[serde(skip_deserializing)]
    pub(super) files: Vec<KeptFile>,
}

/// A file that was sent with a form and waits for its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::pages) struct KeptFile {
    pub(super) digest: FileDigest,
    pub(super) name: FileName,
    pub(super) bytes: u64,
}

impl Fields {
    /// Takes what a field of a form with files holds; what no form here has is passed over, as in one without.
    pub(super) fn set(&mut self, name: &str, value: String) {
        let field = match name {
            "key" => &mut self.key,
            "version" => {
                self.version = value.parse().unwrap_or_default();
                return;
            }
            "draft" => &mut self.draft,
            "body" => &mut self.body,
            "then" => &mut self.then,
            "template" => &mut self.template,
            "template_version" => &mut self.template_version,
            "template_language" => &mut self.template_language,
            "from_template" => &mut self.from_template,
            "to" => &mut self.to,
            "supervisor" => &mut self.supervisor,
            "reason" => &mut self.reason,
            "context" => &mut self.context,
            "resolution" => &mut self.resolution,
            "notes" => &mut self.notes,
            "confirmation" => &mut self.confirmation,
            "survey" => &mut self.survey,
            "until" => &mut self.until,
            _ => return,
        };
        *field = value;
    }

    /// As it is once it was kept as a draft.
    pub(super) fn with_draft(mut self, drafts: &Drafted, kind: DraftKind) -> Self {
        let kept = drafts.iter().find(|(of, _)| *of == kind);
        self.draft = kept.map(|(_, draft)| draft.version.to_string()).unwrap_or_default();
        self
    }

    /// Takes a file, once; tells what it is called where it is there already.
    pub(super) fn keep(&mut self, file: KeptFile) -> Option<FileName> {
        let same = self.files.iter().find(|kept| kept.digest == file.digest).map(|kept| kept.name.clone());
        if same.is_none() {
            self.files.push(file);
        }
        same
    }
}

/// Nothing typed yet.
static EMPTY: Fields = Fields {
    key: String::new(),
    version: 0,
    draft: String::new(),
    body: String::new(),
    then: String::new(),
    template: String::new(),
    template_version: String::new(),
    template_language: String::new(),
    from_template: String::new(),
    to: String::new(),
    supervisor: String::new(),
    reason: String::new(),
    context: String::new(),
    resolution: String::new(),
    notes: String::new(),
    confirmation: String::new(),
    survey: String::new(),
    until: String::new(),
    files: Vec::new(),
};

/// What is written where the thread ends.
pub(super) const WRITING: [ActionName; 3] = [ActionName::Reply, ActionName::Note, ActionName::CustomerReply];

/// For how long a ticket is laid aside by choosing. Unit: hours.
pub(super) const SNOOZE_HOURS: [i64; 4] = [1, 4, 24, 168];

/// What was begun on a ticket and kept.
pub(super) type Drafted = Vec<(DraftKind, Draft)>;

/// Templates by slug, with their labels.
pub(super) type Templates = Vec<(Slug, String)>;

/// Teams and people that a ticket can be escalated to: each by its name, and what is said of it.
#[derive(Default)]
pub(super) struct Destinations {
    pub(super) teams: Vec<(String, String)>,
    pub(super) people: Vec<(String, String)>,
}

/// What the forms need that stands elsewhere.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) drafts: Drafted,
    pub(super) templates: Templates,
    pub(super) offered: Offered,
    /// None where that cannot be told: then names are taken as they are typed.
    pub(super) destinations: Option<Destinations>,
    /// The largest file. Unit: bytes.
    pub(super) file_bytes_max: u64,
}

/// What a draft is a draft of.
const fn action_of_draft(kind: DraftKind) -> ActionName {
    match kind {
        DraftKind::Reply => ActionName::Reply,
        DraftKind::Note => ActionName::Note,
    }
}

/// A draft as if it had just been typed.
fn typed(draft: Draft) -> Fields {
    let (version, body) = (draft.version.to_string(), draft.body.as_str().to_owned());
    Fields { draft: version, body, ..Fields::default() }
}

/// Something to choose: its name and its label.
pub(super) type Choice = (String, String);

/// What is configured, by its labels in a language.
#[derive(Default)]
pub(super) struct Offered {
    pub(super) teams: Vec<Choice>,
    pub(super) categories: Vec<Choice>,
    pub(super) reasons: Vec<Choice>,
    /// Each with whether somebody must have been responsible.
    pub(super) resolutions: Vec<(Choice, bool)>,
}

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
    /// What was begun and kept.
    drafts: Vec<(ActionName, Fields)>,
    /// The templates that a reply may begin with.
    pub(super) templates: Templates,
    /// Where it can be escalated to.
    pub(super) destinations: Option<Destinations>,
    /// How large a file may be, in words.
    pub(super) file_size: String,
}

impl Forms {
    /// The forms for somebody on a ticket, as of a version.
    pub(super) fn of(
        t: &'static Texts,
        actor: &Actor,
        ticket: &Ticket,
        version: StreamVersion,
        kept: Option<(ActionName, Fields)>,
        beside: Beside,
    ) -> Self {
        let Beside { drafts, templates, offered, destinations, file_bytes_max } = beside;
        let Offered { teams, categories, reasons, resolutions } = offered;
        let choices = |names: &[&'static str], family: fn(&Texts, &str) -> Option<&'static str>, is: &str| {
            let others = names.iter().filter(|name| **name != is);
            let choice = |name: &&str| ((*name).to_owned(), family(t, name).unwrap_or(name).to_owned());
            others.map(choice).collect::<Vec<Choice>>()
        };
        let slug = |slug: &Option<Slug>| slug.as_ref().map(ToString::to_string).unwrap_or_default();
        let unassigned = ticket.assignee.is_none();
        let without = |choices: Vec<Choice>, is: Option<&Slug>| {
            let is = is.map_or("", |slug| slug.as_str());
            choices.into_iter().filter(|(name, _)| name != is).collect::<Vec<Choice>>()
        };
        let resolutions =
            resolutions.into_iter().filter(|(_, needs_assignee)| !(unassigned && *needs_assignee));
        let allowed = possible(actor, ticket);
        Self {
            key: Uuid::new_v4(),
            version,
            can_take: allowed.contains(&ActionName::Take),
            allowed,
            unassigned,
            teams: without(teams, ticket.team.as_ref()),
            reasons,
            resolutions: resolutions.map(|(choice, _)| choice).collect(),
            pending: choices(catalog::PENDING_REASONS, Texts::pending, &slug(&ticket.pending_reason)),
            priorities: choices(
                &Priority::ALL.map(Priority::as_str),
                Texts::priority,
                ticket.priority.map_or("", Priority::as_str),
            ),
            categories: without(categories, ticket.category.as_ref()),
            snooze: [("1", t.snooze_1), ("4", t.snooze_4), ("24", t.snooze_24), ("168", t.snooze_168)]
                .map(|(hours, label)| (hours.to_owned(), label.to_owned()))
                .into(),
            links: ticket.links.iter().map(ToString::to_string).collect(),
            kept,
            drafts: drafts.into_iter().map(|(kind, draft)| (action_of_draft(kind), typed(draft))).collect(),
            templates,
            destinations,
            file_size: t.size(file_bytes_max),
        }
    }

    /// Whether a form for sorting the ticket was sent and not taken.
    pub(super) fn sorts(&self) -> bool {
        let sorting = [ActionName::Tag, ActionName::SetField, ActionName::Link, ActionName::Unlink];
        sorting.into_iter().any(|action| self.is_kept(action))
    }

    /// What a template is called that was inserted into the reply.
    pub(super) fn inserted(&self) -> Option<&str> {
        let fields = self.fields(ActionName::Reply);
        let (_, label) = self.templates.iter().find(|(slug, _)| slug.as_str() == fields.from_template)?;
        (!fields.template_version.is_empty()).then_some(label)
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

    /// What was typed into a form before: just now, or kept as a draft.
    pub(super) fn fields(&self, action: ActionName) -> &Fields {
        let mut typed = self.kept.iter().chain(&self.drafts);
        typed.find(|(kept, _)| *kept == action).map_or(&EMPTY, |(_, fields)| fields)
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
            | ActionName::Offer
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

    /// The kind of message that is being written: the one that was not taken, the first that was begun, or the first that
    /// is offered.
    pub(super) fn writes(&self, action: ActionName) -> bool {
        let mut offered = WRITING.into_iter().filter(|kind| self.may(*kind));
        let begun = |kind: &ActionName| self.drafts.iter().any(|(drafted, _)| drafted == kind);
        let kept = offered.clone().find(|kind| self.is_kept(*kind));
        kept.or_else(|| offered.clone().find(begun)).or_else(|| offered.next()) == Some(action)
    }
}
