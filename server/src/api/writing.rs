//! What the staff writes on a ticket: a public reply, an internal note, what a customer said elsewhere.

use super::body::{Named, Object, Seen, Sent, TicketPath, seen};
use super::commands::{CommandAnswer, answer};
use super::enclosed::{AttachmentFields, TemplateFields, attached, attachments, people};
use super::my::commands::known_language;
use super::parameters::{IfMatch, Keyed, MustMatch, OfTicket};
use super::refusals::{ChangeOneRefusals, CommandRefusals, ThreadCommandRefusals};
use super::shapes;
use crate::app::App;
use crate::drafts::{DraftId, DraftKind};
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use docket_core::handler::templates::TemplateWish;
use docket_core::handler::{CustomerMessage, HandleError, Handled, Outcome, Request};
use docket_core::names::{Slug, StreamVersion, TicketNumber};
use docket_core::store::CommandKey;
use docket_core::text::Body;
use docket_core::ticket::enclosed::{Attachment, TemplateUse};
use docket_core::ticket::event::{Channel, Language};
use docket_core::ticket::{Action, TicketCommand};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A public reply.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyFields {
    /// What to say. With a template it may be left out, and is then what the template says, filled in.
    #[schema(value_type = Option<shapes::Text>)]
    #[serde(default)]
    body: Option<Body>,
    /// The template that it was written from.
    #[schema(value_type = Option<TemplateFields>)]
    #[serde(default)]
    template: Option<Object<TemplateFields>>,
    /// Files that come with it.
    #[schema(value_type = Vec<AttachmentFields>, required = false, max_items = 10)]
    #[serde(default)]
    attachments: Vec<Object<AttachmentFields>>,
    /// Wait for the customer afterwards.
    #[serde(default)]
    then_pending: bool,
    /// The version of your draft that this was: it is discarded, and one that was saved since stays. If left out, whatever
    /// draft of a reply you have is.
    #[schema(value_type = Option<shapes::Id>)]
    #[serde(default)]
    draft: Option<Uuid>,
}

/// An internal note.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteFields {
    /// What it says.
    #[schema(value_type = shapes::Text)]
    body: Body,
    /// Files that come with it, for the staff only.
    #[schema(value_type = Vec<AttachmentFields>, required = false, max_items = 10)]
    #[serde(default)]
    attachments: Vec<Object<AttachmentFields>>,
    /// The version of your draft that this was: it is discarded, and one that was saved since stays. If left out, whatever
    /// draft of a note you have is.
    #[schema(value_type = Option<shapes::Id>)]
    #[serde(default)]
    draft: Option<Uuid>,
}

/// A message of the customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageFields {
    /// What it says.
    #[schema(value_type = shapes::Text)]
    pub(super) body: Body,
    /// Files that come with it.
    #[schema(value_type = Vec<AttachmentFields>, required = false, max_items = 10)]
    #[serde(default)]
    pub(super) attachments: Vec<Object<AttachmentFields>>,
}

/// Answers the customer in public.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/reply", tag = "commands", request_body = ReplyFields,
    params(OfTicket, MustMatch, Keyed),
    responses((status = 200, description = "Done, or already so", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ThreadCommandRefusals))]
pub(super) async fn reply(
    State(app): State<App>,
    TicketPath(ticket): TicketPath,
    caller: Caller,
    sent: Sent<ReplyFields>,
) -> Result<Response, Problem> {
    let key = key(&app, &caller, &sent)?;
    let seen = match seen(&sent.headers)? {
        Seen::Unsaid => return Err(Problem::precondition_required()),
        seen => seen,
    };
    let ReplyFields { body, template, attachments, then_pending, draft } = sent.fields;
    let template = template.map(|Object(fields)| TemplateUse::from(fields));
    let body = match (body, &template) {
        (Some(body), _) => body,
        (None, None) => return Err(Problem::invalid("body", "say something, or name a template")),
        (None, Some(used)) => match rendered(&app, ticket, &caller, used.clone()).await {
            Ok(body) => body,
            // The template may be in force no more, and the reply was sent all the same.
            Err(problem) => return found(&app, ticket, key.as_ref(), problem).await,
        },
    };
    let action = Action::Reply { message: Uuid::now_v7(), body, then_pending };
    let message = Message { action, attachments, template, seen, key };
    let handled = message.send(&app, ticket, &caller).await?;
    discard(&app, &handled, &caller, DraftKind::Reply, draft).await;
    Ok(answer(&handled).into_response())
}

/// Leaves an internal note.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/note", tag = "commands", request_body = NoteFields,
    params(OfTicket, IfMatch, Keyed),
    responses((status = 200, description = "Done, or already so", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        CommandRefusals))]
pub(super) async fn note(
    State(app): State<App>,
    TicketPath(ticket): TicketPath,
    caller: Caller,
    sent: Sent<NoteFields>,
) -> Result<Response, Problem> {
    let (key, seen) = (key(&app, &caller, &sent)?, seen(&sent.headers)?);
    let NoteFields { body, attachments, draft } = sent.fields;
    let action = Action::Note { message: Uuid::now_v7(), body };
    let message = Message { action, attachments, template: None, seen, key };
    let handled = message.send(&app, ticket, &caller).await?;
    discard(&app, &handled, &caller, DraftKind::Note, draft).await;
    Ok(answer(&handled).into_response())
}

/// A ticket that was opened by what a customer said to one that was sealed.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowedAnswer {
    #[serde(flatten)]
    opened: CommandAnswer,
    /// The sealed ticket that it follows.
    follows: u64,
}

/// Writes down what the customer said elsewhere. Said of a sealed ticket, it opens another that follows it (201).
#[utoipa::path(post, path = "/api/v1/tickets/{number}/customer-reply", tag = "commands", request_body = MessageFields,
    params(OfTicket, IfMatch, Keyed),
    responses((status = 200, description = "Done, or already so", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        (status = 201, description = "The ticket was sealed: another one was opened, which follows it",
            body = FollowedAnswer,
            headers(("Location" = String, description = "The new ticket"),
                ("ETag" = String, description = "Its version"),
                ("Docket-Position" = u64, description = "The position that shows the effect"))),
        CommandRefusals))]
pub(super) async fn customer_reply(
    State(app): State<App>,
    TicketPath(ticket): TicketPath,
    caller: Caller,
    sent: Sent<MessageFields>,
) -> Result<Response, Problem> {
    let (key, seen) = (key(&app, &caller, &sent)?, seen(&sent.headers)?);
    let MessageFields { body, attachments: files } = sent.fields;
    let files = attachments(&app, &caller.actor, files).await?;
    let handled = app.take_down(ticket, &caller, body, (files, version(seen)), key).await?;
    let (headers, Json(answer)) = answer(&handled);
    if handled.ticket == ticket {
        return Ok((headers, Json(answer)).into_response());
    }
    let location = [(header::LOCATION, format!("/api/v1/tickets/{}", handled.ticket))];
    let answer = FollowedAnswer { opened: answer, follows: ticket.0 };
    Ok((Problem::CREATED, location, headers, Json(answer)).into_response())
}

/// The version that something was decided on, if it says one.
const fn version(seen: Seen) -> Option<StreamVersion> {
    match seen {
        Seen::At(version) => Some(version),
        Seen::Whatever | Seen::Unsaid => None,
    }
}

/// Which template to fill in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenderFields {
    /// The template: the version of it that is in force.
    #[schema(value_type = shapes::Slug)]
    template: Slug,
    /// The language. If left out, that of the ticket, or else of the customer, or else `en`.
    #[schema(value_type = Option<shapes::Language>)]
    #[serde(default)]
    language: Option<Named<Language>>,
}

/// A template that was filled in.
#[derive(Serialize, ToSchema)]
pub(super) struct RenderedView {
    /// The template.
    template: String,
    /// The version that was in force.
    version: u32,
    /// The language that was taken.
    #[schema(value_type = shapes::Language)]
    language: &'static str,
    /// What it says.
    body: String,
}

/// Fills in a template for a ticket. Nothing is recorded: the reply names the template that it was written from.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/render-template", tag = "commands",
    request_body = RenderFields, params(OfTicket, Keyed),
    responses((status = 200, description = "What it says", body = RenderedView), ChangeOneRefusals))]
pub(super) async fn render_template(
    State(app): State<App>,
    TicketPath(ticket): TicketPath,
    caller: Caller,
    sent: Sent<RenderFields>,
) -> Result<Json<RenderedView>, Problem> {
    // Nothing comes of it twice either; a key that is none is refused as everywhere.
    key(&app, &caller, &sent)?;
    let RenderFields { template, language } = sent.fields;
    let language = language.map(|Named(language)| language);
    let rendered = app.render_template(&caller, ticket, template, None, language).await?;
    Ok(Json(RenderedView {
        template: rendered.used.template.to_string(),
        version: rendered.used.version,
        language: rendered.used.language.as_str(),
        body: rendered.body.as_str().to_owned(),
    }))
}

impl App {
    /// Takes down what a customer said elsewhere; said of a ticket that is sealed, it opens another, as if they had written.
    ///
    /// # Errors
    /// [`HandleError`]
    pub async fn take_down(
        &self,
        ticket: TicketNumber,
        caller: &Caller,
        body: Body,
        (attachments, seen): (Vec<Attachment>, Option<StreamVersion>),
        key: Option<CommandKey>,
    ) -> Result<Handled, HandleError> {
        let requester = self.handler.ticket(ticket).await?.requester.clone();
        let language = match &requester {
            Some(requester) => known_language(self, requester).await,
            None => None,
        };
        let message = CustomerMessage {
            ticket,
            body,
            attachments: attachments.clone(),
            actor: caller.actor.clone(),
            seen,
            reach: caller.reach.clone(),
            channel: Channel::Phone,
            language,
            asked_in: Language::En,
            link_until: None,
            key,
        };
        let handled = self.take_message(message).await?;
        attached(self, &caller.actor, &attachments, &handled);
        Ok(handled)
    }

    /// Fills in a template for a ticket as somebody would say it; in the version that is in force, unless one is named.
    ///
    /// # Errors
    /// A problem with the code of the refusal.
    pub async fn render_template(
        &self,
        caller: &Caller,
        ticket: TicketNumber,
        template: Slug,
        version: Option<u32>,
        language: Option<Language>,
    ) -> Result<docket_core::handler::templates::Rendered, Problem> {
        let (people, reach) = (people(self, &caller.actor, ticket).await?, caller.reach.clone());
        let wish = TemplateWish { ticket, reach, template, version, language, people };
        Ok(self.handler.render_template(wish).await?)
    }
}

/// What a template says that a reply names without words of its own.
async fn rendered(
    app: &App,
    ticket: TicketNumber,
    caller: &Caller,
    used: TemplateUse,
) -> Result<Body, Problem> {
    let TemplateUse { template, version, language } = used;
    Ok(app.render_template(caller, ticket, template, Some(version), Some(language)).await?.body)
}

/// What the same command came to before, by its key; otherwise why it comes to nothing now.
async fn found(
    app: &App,
    ticket: TicketNumber,
    key: Option<&CommandKey>,
    problem: Problem,
) -> Result<Response, Problem> {
    let Some(key) = key else { return Err(problem) };
    match app.handler.answered(ticket, key).await? {
        Some(handled) => Ok(answer(&handled).into_response()),
        None => Err(problem),
    }
}

fn key<T>(app: &App, caller: &Caller, sent: &Sent<T>) -> Result<Option<CommandKey>, Problem> {
    command_key(&sent.headers, &caller.actor, &sent.path, &sent.bytes, &app.digest_key)
}

/// A message with what comes with it.
struct Message {
    action: Action,
    attachments: Vec<Object<AttachmentFields>>,
    template: Option<TemplateUse>,
    seen: Seen,
    key: Option<CommandKey>,
}

impl Message {
    async fn send(self, app: &App, ticket: TicketNumber, caller: &Caller) -> Result<Handled, Problem> {
        let Self { action, attachments: files, template, seen, key } = self;
        let (actor, reach) = (caller.actor.clone(), caller.reach.clone());
        let files = attachments(app, &actor, files).await?;
        let action = action.enclosing(files.clone(), template);
        let (command, seen) = (TicketCommand { actor, action }, version(seen));
        let request =
            Request { ticket: Some(ticket), seen, reach, command, key, correlation: Uuid::now_v7() };
        let handled = app.run(request).await?;
        attached(app, &caller.actor, &files, &handled);
        Ok(handled)
    }
}

/// Discards the draft of what was sent. One that is not named may have been begun since the command was sent the first time.
async fn discard(app: &App, handled: &Handled, caller: &Caller, kind: DraftKind, seen: Option<Uuid>) {
    if seen.is_some() || handled.outcome == Outcome::Appended {
        let id = DraftId { author: caller.actor.id.clone(), ticket: handled.ticket, kind };
        app.sent(id, seen).await;
    }
}
