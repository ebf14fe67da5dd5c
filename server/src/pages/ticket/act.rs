//! Reads a form on a ticket and runs what it asks for.

use super::super::texts::Texts;
use super::forms::{Choice, Destinations, Drafted, Fields, Offered, SNOOZE_HOURS, Templates};
use crate::api::enclosed::{attached, claimed};
use crate::api::routing::destinations;
use crate::app::App;
use crate::drafts::{DraftError, DraftId, DraftKind};
use crate::idempotency;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue};
use docket_core::catalog;
use docket_core::handler::{HandleError, Handled, Request};
use docket_core::names::{ActorId, FileName, Slug, StreamVersion, TicketNumber};
use docket_core::settings::words::Label;
use docket_core::text::{Body, Line, TextError};
use docket_core::ticket::command::{ActionName, Gone};
use docket_core::ticket::decide::is_allowed;
use docket_core::ticket::enclosed::{Attachment, TemplateUse};
use docket_core::ticket::event::{Destination, Language, Priority};
use docket_core::ticket::{Action, TicketCommand, TicketRefusal};
use docket_core::time::{DurationMs, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a form cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormError {
    /// A text that is blank, too long or holds NUL.
    Text(TextError),
    /// A choice that is not offered, or none.
    Choice,
    /// Not a person's name.
    Name,
    /// Neither a team nor a supervisor, or both.
    Destination,
    /// Not a tag.
    Tag,
    /// A tag that is to be put on and taken off.
    TagTwice,
    /// Not a field's name.
    Field,
    /// Not a day and a time.
    Instant,
    /// Neither a span nor an instant.
    Span,
    /// Not a ticket's number.
    Ticket,
    /// No key, or none that Docket made.
    Key,
}

impl FormError {
    /// What to say about it.
    pub(super) fn text(self, t: &Texts) -> String {
        match self {
            Self::Text(TextError::TooLong { max, is }) => {
                t.form_too_long(t.number(is as u64), t.number(max as u64)).to_string()
            }
            Self::Text(TextError::Nul) => t.form_nul.to_owned(),
            Self::Text(TextError::Blank | TextError::LineBreak) => t.form_blank.to_owned(),
            Self::Choice => t.form_choice.to_owned(),
            Self::Name => t.form_name.to_owned(),
            Self::Destination => t.form_destination.to_owned(),
            Self::Tag => t.form_tag.to_owned(),
            Self::TagTwice => t.form_tag_twice.to_owned(),
            Self::Field => t.form_field.to_owned(),
            Self::Instant => t.form_instant.to_owned(),
            Self::Span => t.form_span.to_owned(),
            Self::Ticket => t.form_ticket.to_owned(),
            Self::Key => t.form_key.to_owned(),
        }
    }
}

/// What is said when a draft was kept.
pub(super) const SAVED: &str = "save-draft";

/// What is said when a draft was discarded.
pub(super) const DISCARDED: &str = "discard-draft";

/// The action of a name in an address.
pub(super) fn action_of(name: &str) -> Option<ActionName> {
    ActionName::ALL.into_iter().find(|action| action.as_str() == name)
}

/// What a form asks for.
///
/// # Errors
/// [`FormError`]
pub(super) fn wish(action: ActionName, fields: &Fields, now: Timestamp) -> Result<Action, FormError> {
    let message = Uuid::now_v7();
    Ok(match action {
        ActionName::Assign => Action::Assign { to: person(&fields.to)? },
        ActionName::Unassign => Action::Unassign,
        ActionName::Offer => Action::Offer,
        ActionName::ChangeTeam => Action::ChangeTeam { to: Some(chosen(&fields.to)?) },
        ActionName::ChangePriority => {
            Action::ChangePriority { to: Priority::parse(&fields.to).ok_or(FormError::Choice)? }
        }
        ActionName::ChangeCategory => Action::ChangeCategory { to: chosen(&fields.to)? },
        ActionName::Reply => {
            let reply =
                Action::Reply { message, body: body(&fields.body)?, then_pending: fields.then == "pending" };
            reply.enclosing(Vec::new(), used(fields)?)
        }
        ActionName::CustomerReply => Action::CustomerReply { message, body: body(&fields.body)? },
        ActionName::Note => Action::Note { message, body: body(&fields.body)? },
        ActionName::SetPending => {
            Action::SetPending { reason: choice(&fields.reason, catalog::PENDING_REASONS)? }
        }
        ActionName::SetOpen => Action::SetOpen,
        ActionName::Escalate => Action::Escalate {
            reason: chosen(&fields.reason)?,
            to: destination(&fields.to, &fields.supervisor)?,
            context: body(&fields.context)?,
        },
        ActionName::Resolve => Action::Resolve {
            resolution: chosen(&fields.resolution)?,
            needs_assignee: true,
            notes: optional(body(&fields.notes))?,
            confirmation: !fields.confirmation.is_empty(),
            survey: !fields.survey.is_empty(),
        },
        ActionName::Reopen => Action::Reopen,
        ActionName::Seal => Action::Seal,
        ActionName::Take => Action::Take,
        ActionName::Acknowledge => Action::Acknowledge { of_team: false },
        ActionName::Return => Action::Return { context: body(&fields.context)?, gone: Gone::default() },
        ActionName::Snooze => Action::Snooze { until: until(fields, now)?, now },
        ActionName::Tag => {
            let (add, remove) = (tags(&fields.to)?, tags(&fields.reason)?);
            if !add.is_disjoint(&remove) {
                return Err(FormError::TagTwice);
            }
            Action::Tag { add, remove }
        }
        ActionName::SetField => Action::SetField {
            field: Slug::new(fields.reason.trim()).map_err(|_| FormError::Field)?,
            to: optional(line(&fields.to))?,
        },
        ActionName::Follow => Action::Follow,
        ActionName::Unfollow => Action::Unfollow,
        ActionName::Link => Action::Link { to: ticket(&fields.to)? },
        ActionName::Unlink => Action::Unlink { to: ticket(&fields.to)? },
        ActionName::Merge => Action::Merge { into: ticket(&fields.to)? },
        ActionName::Unmerge => Action::Unmerge,
        ActionName::Confirm => Action::Confirm,
        ActionName::Refuse => Action::Refuse { message, body: body(&fields.body)? },
        // The customer's alone, and the timer's.
        ActionName::Rate | ActionName::Wake => return Err(FormError::Choice),
    })
}

/// What may be left out: nothing where nothing is to be seen.
fn optional<T>(text: Result<T, FormError>) -> Result<Option<T>, FormError> {
    match text {
        Err(FormError::Text(TextError::Blank)) => Ok(None),
        text => text.map(Some),
    }
}

/// Until when a ticket is laid aside: until an instant, as a browser writes it, or for one of the spans that are offered.
/// Pages know nobody's zone, so that they say and take UTC.
fn until(fields: &Fields, now: Timestamp) -> Result<Timestamp, FormError> {
    let typed = fields.until.trim();
    if !typed.is_empty() {
        let seconds = if typed.matches(':').count() == 1 { ":00" } else { "" };
        return Timestamp::parse_rfc3339(&format!("{typed}{seconds}Z")).map_err(|_| FormError::Instant);
    }
    let hours = SNOOZE_HOURS.into_iter().find(|hours| hours.to_string() == fields.to);
    Ok(now.plus(DurationMs::from_hours(hours.ok_or(FormError::Span)?)))
}

/// Tags as people type them: between spaces or commas.
fn tags(text: &str) -> Result<BTreeSet<Slug>, FormError> {
    let words = text.split([' ', ',', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.map(|word| Slug::new(&word.to_lowercase()).map_err(|_| FormError::Tag)).collect()
}

/// A ticket's number as people type it.
fn ticket(text: &str) -> Result<TicketNumber, FormError> {
    let number = text.trim().trim_start_matches('#').parse();
    number.ok().filter(|number| *number > 0).map(TicketNumber).ok_or(FormError::Ticket)
}

fn line(text: &str) -> Result<Line, FormError> {
    Line::new(text.trim()).map_err(FormError::Text)
}

/// The template that a reply was written from, unless its author says that it is no more.
fn used(fields: &Fields) -> Result<Option<TemplateUse>, FormError> {
    if fields.from_template.is_empty() {
        return Ok(None);
    }
    let template = Slug::new(&fields.from_template).map_err(|_| FormError::Choice)?;
    let version = fields.template_version.parse().map_err(|_| FormError::Choice)?;
    let language = Language::parse(&fields.template_language).ok_or(FormError::Choice)?;
    Ok(Some(TemplateUse { template, version, language }))
}

/// Puts a template into the reply behind what was typed.
pub(super) async fn insert(
    app: &App,
    caller: &Caller,
    number: TicketNumber,
    mut fields: Fields,
) -> (Fields, Result<(), Failure>) {
    let Ok(template) = Slug::new(&fields.template) else {
        return (fields, Err(Failure::Form(FormError::Choice)));
    };
    let rendered = match app.render_template(caller, number, template, None, None).await {
        Ok(rendered) => rendered,
        Err(problem) => return (fields, Err(Failure::Problem(problem))),
    };
    let typed = fields.body.replace("\r\n", "\n");
    let between = if typed.trim().is_empty() { "" } else { "\n\n" };
    fields.body = format!("{}{between}{}", typed.trim_end(), rendered.body.as_str());
    fields.template_version = rendered.used.version.to_string();
    fields.template_language = rendered.used.language.as_str().to_owned();
    fields.from_template.clone_from(&fields.template);
    (fields, Ok(()))
}

/// What is in force of teams, categories and reasons, by their labels in a language; what cannot be read is not offered.
pub(super) async fn offered(app: &App, language: Language) -> Offered {
    let (all, now) = (&app.catalogues, app.now());
    fn choice(slug: &Slug, label: &Label, language: Language) -> Choice {
        (slug.to_string(), label.of(language).as_str().to_owned())
    }
    let mut offered = Offered::default();
    if let Ok(shelf) = all.teams.refresh().await {
        let teams = shelf.all_in_force(now);
        offered.teams = teams.map(|(slug, team)| choice(slug, &team.content.label, language)).collect();
    }
    if let Ok(shelf) = all.intake_categories.refresh().await {
        let categories = shelf.all_in_force(now);
        offered.categories =
            categories.map(|(slug, category)| choice(slug, &category.content.label, language)).collect();
    }
    if let Ok(shelf) = all.escalation_reasons.refresh().await {
        let reasons = shelf.all_in_force(now);
        offered.reasons =
            reasons.map(|(slug, reason)| choice(slug, &reason.content.label, language)).collect();
    }
    if let Ok(shelf) = all.resolution_categories.refresh().await {
        let resolutions = shelf.all_in_force(now);
        offered.resolutions = resolutions
            .map(|(slug, of)| (choice(slug, &of.content.label, language), of.content.needs_assignee))
            .collect();
    }
    offered
}

/// The templates in force, by their labels in a language; none where they cannot be read.
pub(super) async fn templates(app: &App, language: Language) -> Templates {
    let Ok(shelf) = app.catalogues.templates.refresh().await else { return Templates::new() };
    let in_force = shelf.all_in_force(app.now());
    let label = |label: &Label| label.of(language).as_str().to_owned();
    in_force.map(|(slug, version)| (slug.clone(), label(&version.content.label))).collect()
}

fn body(text: &str) -> Result<Body, FormError> {
    // Browsers write line breaks in forms as two characters, whatever was typed (HTML, "constructing the
    // entry list"); the text that was meant has one.
    Body::new(text.replace("\r\n", "\n")).map_err(FormError::Text)
}

/// Something that is configured; whether it is in force is for the rules to say.
fn chosen(name: &str) -> Result<Slug, FormError> {
    Slug::new(name).map_err(|_| FormError::Choice)
}

fn choice(name: &str, offered: &[&str]) -> Result<Slug, FormError> {
    if !offered.contains(&name) {
        return Err(FormError::Choice);
    }
    Slug::new(name).map_err(|_| FormError::Choice)
}

fn person(name: &str) -> Result<ActorId, FormError> {
    ActorId::new(name.trim()).map_err(|_| FormError::Name)
}

fn destination(team: &str, supervisor: &str) -> Result<Destination, FormError> {
    match (team, supervisor.trim()) {
        ("", "") => Err(FormError::Destination),
        ("", supervisor) => Ok(Destination::Supervisor(person(supervisor)?)),
        (team, "") => Ok(Destination::Team(Slug::new(team).map_err(|_| FormError::Choice)?)),
        (_, _) => Err(FormError::Destination),
    }
}

/// Why a form came to nothing.
pub(super) enum Failure {
    /// It cannot be taken.
    Form(FormError),
    /// A file that came with it cannot be taken: its name, and why.
    File(String, Problem),
    /// A file whose name cannot be taken.
    FileName(String),
    /// A file that is there already by another name: its name, and the other.
    SameFile(String, FileName),
    /// What it asks for was not granted.
    Handle(HandleError),
    /// A draft was not kept.
    Draft(DraftError),
    /// A template was not filled in.
    Problem(Problem),
}

/// What kind of draft a form asks to keep, if it does.
pub(super) fn draft_of(action: ActionName, fields: &Fields) -> Option<DraftKind> {
    DraftKind::parse(action.as_str()).filter(|_| fields.then == "draft")
}

/// Keeps what was typed as a draft, or discards the draft when everything in it was deleted; tells which of the two.
pub(super) async fn keep(
    app: &App,
    caller: &Caller,
    number: TicketNumber,
    kind: DraftKind,
    fields: &Fields,
) -> Result<&'static str, Failure> {
    let ticket = app.handler.ticket(number).await.map_err(Failure::Handle)?;
    if !ticket.exists || !caller.reach.sees(&ticket) {
        return Err(Failure::Handle(TicketRefusal::NotFound.into()));
    }
    let (id, seen) = (of(caller, number, kind), seen(fields));
    if fields.body.trim().is_empty() {
        let discarded = app.on_drafts(move |drafts, now| match (seen, drafts.find(&id, now)?) {
            (Some(_), _) => drafts.discard(&id, seen, now).map(drop),
            // The page had shown none: what is there was begun elsewhere, and nobody asked for it to go.
            (None, Some(standing)) => Err(DraftError::Changed { standing: Some(Box::new(standing)) }),
            (None, None) => Ok(()),
        });
        return discarded.await.map(|()| DISCARDED).map_err(Failure::Draft);
    }
    let body = body(&fields.body).map_err(Failure::Form)?;
    let kept = app.on_drafts(move |drafts, now| drafts.save(&id, seen, body, now)).await;
    kept.map(|_| SAVED).map_err(Failure::Draft)
}

/// What somebody has begun on a ticket. Where that cannot be read the page is shown without it.
pub(super) async fn begun(app: &App, caller: &Caller, number: TicketNumber) -> Drafted {
    if !caller.actor.role.is_staff() {
        return Drafted::new();
    }
    let ids = DraftKind::ALL.map(|kind| of(caller, number, kind));
    let found = app.on_drafts(move |drafts, now| {
        let mut found = Drafted::new();
        for id in ids {
            found.extend(drafts.find(&id, now)?.map(|draft| (id.kind, draft)));
        }
        Ok(found)
    });
    found.await.unwrap_or_else(|error| {
        tracing::warn!("drafts cannot be read: {error}");
        Drafted::new()
    })
}

/// Discards the draft that was sent. Where the page had shown none, whatever is there was begun elsewhere.
pub(super) async fn sent(
    app: &App,
    caller: &Caller,
    number: TicketNumber,
    action: ActionName,
    fields: &Fields,
) {
    if let (Some(kind), Some(seen)) = (DraftKind::parse(action.as_str()), seen(fields)) {
        app.sent(of(caller, number, kind), Some(seen)).await;
    }
}

fn of(caller: &Caller, ticket: TicketNumber, kind: DraftKind) -> DraftId {
    DraftId { author: caller.actor.id.clone(), ticket, kind }
}

fn seen(fields: &Fields) -> Option<Uuid> {
    fields.draft.parse().ok()
}

/// Runs what a form asks for, once for each key.
pub(super) async fn run(
    app: &App,
    caller: &Caller,
    number: TicketNumber,
    action: ActionName,
    fields: &Fields,
) -> Result<Handled, Failure> {
    let wish = wish(action, fields, app.now()).map_err(Failure::Form)?;
    let files = fields.files.iter().map(|file| (file.digest.clone(), Some(file.name.clone()))).collect();
    let files = claimed(app, &caller.actor, files).await.map_err(Failure::Problem)?;
    let key = || -> Result<_, Problem> {
        let value = HeaderValue::from_str(&fields.key).map_err(|_| Problem::invalid("key", "is no key"))?;
        let headers =
            HeaderMap::from_iter([(axum::http::HeaderName::from_static(idempotency::HEADER), value)]);
        // The words of the form without its key and version: sent again from a newer page it is the same.
        let words = serde_json::to_vec(fields).unwrap_or_default();
        let path = format!("/tickets/{number}/{}", action.as_str());
        idempotency::command_key(&headers, &caller.actor, &path, &words, &app.digest_key)
    };
    let key = key().map_err(|_| Failure::Form(FormError::Key))?;
    if let Action::CustomerReply { body, .. } = wish {
        let seen = Some(StreamVersion(fields.version));
        return app.take_down(number, caller, body, (files, seen), key).await.map_err(Failure::Handle);
    }
    let request = Request {
        ticket: Some(number),
        seen: Some(StreamVersion(fields.version)),
        reach: caller.reach.clone(),
        command: TicketCommand { actor: caller.actor.clone(), action: bringing(wish, files.clone()) },
        key,
        correlation: Uuid::now_v7(),
    };
    let handled = app.run(request).await.map_err(Failure::Handle)?;
    attached(app, &caller.actor, &files, &handled);
    Ok(handled)
}

/// A message with the files that come with it.
fn bringing(wish: Action, files: Vec<Attachment>) -> Action {
    match wish {
        Action::Enclosing(mut enclosing) => {
            enclosing.attachments = files;
            Action::Enclosing(enclosing)
        }
        wish => wish.enclosing(files, None),
    }
}

/// Where a ticket can be escalated to, in the words of a language; none where nobody was ever added to the staff, or it
/// cannot be read: then names are taken as they are typed.
pub(super) async fn destinations(
    app: &App,
    t: &Texts,
    caller: &Caller,
    number: TicketNumber,
) -> Option<Destinations> {
    let ticket = app.handler.ticket(number).await.ok()?;
    if !is_allowed(&caller.actor, ActionName::Escalate, &ticket) || app.staff.known().is_empty() {
        return None;
    }
    let listed = destinations::destinations(app, &ticket).await;
    let listed = listed
        .inspect_err(|problem| tracing::warn!("destinations cannot be read: {}", problem.detail))
        .ok()?;
    let language = Language::parse(t.code).unwrap_or(Language::En);
    let number = |number: u64| t.number(number);
    let teams = listed.teams.into_iter().map(|team| {
        let label = team.label.of(language).as_str();
        let (online, members) = (number(team.online.into()), number(team.members.into()));
        let told = t.destination_team(label, online, members, number(team.load), number(team.capacity));
        (team.team.to_string(), told.to_string())
    });
    let people = listed.supervisors.into_iter().map(|person| {
        let name = person.name.unwrap_or_else(|| person.supervisor.to_string());
        let there = t.availability(person.availability.as_str()).unwrap_or_default();
        let told =
            t.destination_person(name, there, number(person.load.into()), number(person.capacity.into()));
        (person.supervisor.to_string(), told.to_string())
    });
    Some(Destinations { teams: teams.collect(), people: people.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(change: impl Fn(&mut Fields)) -> Fields {
        let mut fields = Fields::default();
        change(&mut fields);
        fields
    }

    #[test]
    fn a_line_break_of_a_form_is_one_character() {
        let reply =
            wish(ActionName::Reply, &fields(|fields| fields.body = "a\r\nb".into()), Timestamp(0)).unwrap();
        assert!(matches!(reply, Action::Reply { body, .. } if body.as_str() == "a\nb"));
    }

    #[test]
    fn an_escalation_goes_to_a_team_or_a_supervisor_and_never_to_both() {
        let escalate = |to: &str, supervisor: &str| {
            let fields = fields(|fields| {
                fields.reason = "complaint".into();
                fields.context = "x".into();
                (fields.to, fields.supervisor) = (to.into(), supervisor.into());
            });
            wish(ActionName::Escalate, &fields, Timestamp(0)).map(|action| match action {
                Action::Escalate { to, .. } => Some(to),
                _ => None,
            })
        };
        let team = Destination::Team(Slug::new("billing").unwrap());
        assert_eq!(escalate("billing", "").unwrap(), Some(team));
        let supervisor = Destination::Supervisor(ActorId::new("rosa").unwrap());
        assert_eq!(escalate("", " rosa ").unwrap(), Some(supervisor));
        assert_eq!(escalate("billing", "rosa").unwrap_err(), FormError::Destination);
        assert_eq!(escalate("", "").unwrap_err(), FormError::Destination);
        assert_eq!(escalate("No Team", "").unwrap_err(), FormError::Choice);
    }

    #[test]
    fn a_ticket_is_laid_aside_until_an_instant_or_for_a_span() {
        let until = |until: &str, to: &str| {
            let fields = fields(|fields| (fields.until, fields.to) = (until.into(), to.into()));
            match wish(ActionName::Snooze, &fields, Timestamp(0)).unwrap() {
                Action::Snooze { until, .. } => until.to_rfc3339(),
                _ => String::new(),
            }
        };
        assert_eq!(until("2026-11-30T08:15", ""), "2026-11-30T08:15:00Z");
        assert_eq!(until("2026-11-30T08:15:30", "4"), "2026-11-30T08:15:30Z");
        assert_eq!(until(" ", "4"), "1970-01-01T04:00:00Z");
    }

    #[test]
    fn what_may_be_left_out_is_left_out_where_nothing_is_to_be_seen() {
        let resolve = fields(|fields| {
            (fields.resolution, fields.notes) = ("solved".into(), "\u{200b} \u{feff}".into());
        });
        let resolve = wish(ActionName::Resolve, &resolve, Timestamp(0)).unwrap();
        assert!(matches!(resolve, Action::Resolve { notes: None, .. }));
        let empty = fields(|fields| (fields.reason, fields.to) = ("order".into(), "\u{2060}".into()));
        let empty = wish(ActionName::SetField, &empty, Timestamp(0)).unwrap();
        assert!(matches!(empty, Action::SetField { to: None, .. }));
    }

    #[test]
    fn what_is_not_offered_is_not_taken() {
        let taken =
            |action, change: fn(&mut Fields)| wish(action, &fields(change), Timestamp(0)).unwrap_err();
        assert_eq!(taken(ActionName::Resolve, |_| {}), FormError::Choice);
        assert_eq!(taken(ActionName::ChangeTeam, |fields| fields.to = "No Team".into()), FormError::Choice);
        assert_eq!(taken(ActionName::Snooze, |fields| fields.to = "5000000".into()), FormError::Span);
        assert_eq!(taken(ActionName::Snooze, |fields| fields.until = "tomorrow".into()), FormError::Instant);
        assert_eq!(taken(ActionName::SetField, |fields| fields.reason = "Order №".into()), FormError::Field);
        let twice = |fields: &mut Fields| (fields.to, fields.reason) = ("vip, new".into(), "old VIP".into());
        assert_eq!(taken(ActionName::Tag, twice), FormError::TagTwice);
        assert_eq!(taken(ActionName::Tag, |fields| fields.to = "vip ¡!".into()), FormError::Tag);
        assert_eq!(taken(ActionName::Merge, |fields| fields.to = "#0".into()), FormError::Ticket);
        assert_eq!(taken(ActionName::SetPending, |_| {}), FormError::Choice);
        assert_eq!(taken(ActionName::Note, |_| {}), FormError::Text(TextError::Blank));
        assert_eq!(taken(ActionName::Assign, |fields| fields.to = "a\u{7}".into()), FormError::Name);
    }
}
