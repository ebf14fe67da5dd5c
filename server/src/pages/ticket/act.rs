//! Reads a form on a ticket and runs what it asks for.

use super::super::texts::Texts;
use super::forms::{Choice, Destinations, Drafted, Fields, Offered, Templates};
use super::wish::{FormError, body, wish};
use crate::api::enclosed::{attached, claimed};
use crate::api::routing::destinations;
use crate::app::App;
use crate::drafts::{DraftError, DraftId, DraftKind};
use crate::idempotency;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue};
use docket_core::handler::{HandleError, Handled, Request};
use docket_core::names::{FileName, Slug, StreamVersion, TicketNumber};
use docket_core::settings::words::Label;
use docket_core::ticket::command::ActionName;
use docket_core::ticket::decide::is_allowed;
use docket_core::ticket::enclosed::Attachment;
use docket_core::ticket::event::Language;
use docket_core::ticket::{Action, TicketCommand, TicketRefusal};
use uuid::Uuid;

/// What is said when a draft was kept.
pub(super) const SAVED: &str = "save-draft";

/// What is said when a draft was discarded.
pub(super) const DISCARDED: &str = "discard-draft";

/// The action of a name in an address.
pub(super) fn action_of(name: &str) -> Option<ActionName> {
    ActionName::ALL.into_iter().find(|action| action.as_str() == name)
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
