//! What customers do: open tickets of their own, and answer in them.

use super::OwnTicket;
use crate::api::body::{Named, Object, Seen, Sent, seen};
use crate::api::commands::{CommandAnswer, answer_at};
use crate::api::customer_access::LinkView;
use crate::api::enclosed::{AttachmentFields, attached, attachments};
use crate::api::parameters::{IfMatch, Keyed, OfTicket};
use crate::api::refusals::{ChangeRefusals, CommandRefusals};
use crate::api::shapes;
use crate::api::tickets::continued;
use crate::api::writing::MessageFields;
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::{Caller, Shown};
use crate::pages::language::Titles;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use docket_core::access::Reach;
use docket_core::handler::{CustomerMessage, Handled, Request};
use docket_core::names::{ActorId, OwnVersion, Slug, TicketNumber};
use docket_core::text::{Body, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::event::{Channel, Language, Priority};
use docket_core::ticket::{Action, TicketCommand, TicketRefusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A new ticket of one's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct MyOpenFields {
    /// One line about it.
    #[schema(value_type = shapes::Line)]
    subject: Line,
    /// The first message.
    #[schema(value_type = shapes::Text)]
    body: Body,
    /// Files that come with it.
    #[schema(value_type = Vec<AttachmentFields>, required = false, max_items = 10)]
    #[serde(default)]
    attachments: Vec<Object<AttachmentFields>>,
    /// What it is about.
    #[schema(value_type = Option<shapes::Slug>)]
    #[serde(default)]
    category: Option<Slug>,
    /// The language to be answered in. If left out, the one that you are known to be written to in, or else the one of
    /// `Accept-Language`.
    #[schema(value_type = Option<shapes::Language>)]
    #[serde(default)]
    language: Option<Named<Language>>,
    /// The closed ticket of your own that it continues.
    #[schema(value_type = Option<shapes::TicketNumber>)]
    #[serde(default)]
    follows: Option<u64>,
}

/// Opens a ticket of your own.
#[utoipa::path(post, path = "/api/v1/my/tickets", tag = "customers", request_body = MyOpenFields,
    params(Keyed),
    responses((status = 201, description = "Opened", body = CommandAnswer,
        headers(("Location" = String, description = "The ticket"),
            ("ETag" = String, description = "Its version"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeRefusals))]
pub(in crate::api) async fn open(
    State(app): State<App>,
    Caller { actor, reach, .. }: Caller,
    sent: Sent<MyOpenFields>,
) -> Result<Response, Problem> {
    let fields = sent.fields;
    let follows = continued(&app, &reach, fields.follows).await?;
    let language = match fields.language {
        Some(Named(language)) => language,
        None => known_language(&app, &actor.id).await.unwrap_or_else(|| asked_in(&sent.headers)),
    };
    let open = Open {
        requester: actor.id.clone(),
        requester_name: None,
        requester_email: None,
        subject: fields.subject,
        body: fields.body,
        channel: Channel::Api,
        language,
        priority: Priority::Normal,
        category: fields.category,
        team: None,
        follows,
    };
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let files = attachments(&app, &actor, fields.attachments).await?;
    let action = Action::Open(Box::new(open)).enclosing(files.clone(), None);
    let command = TicketCommand { actor: actor.clone(), action };
    let request = Request { ticket: None, seen: None, reach, command, key, correlation: Uuid::now_v7() };
    let handled = app.run(request).await.map_err(Problem::for_customer)?;
    attached(&app, &actor, &files, &handled);
    let location = format!("/api/v1/my/tickets/{}", handled.ticket);
    Ok((Problem::CREATED, [(header::LOCATION, location)], answered(&app, &handled).await?).into_response())
}

/// A ticket that was opened by a message to one that was closed.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct FollowUpAnswer {
    #[serde(flatten)]
    opened: CommandAnswer,
    /// The closed ticket that it follows.
    follows: u64,
    /// Into the new ticket, for whoever came by the link of the closed one, as long as that one works; none for whoever
    /// has signed in.
    link: Option<LinkView>,
}

/// Answers in one of your tickets. A solved one is worked on again; a message to a closed one opens another that follows
/// it, which is then told (201).
#[utoipa::path(post, path = "/api/v1/my/tickets/{number}/reply", tag = "customers",
    request_body = MessageFields,
    params(OfTicket, IfMatch, Keyed),
    responses((status = 200, description = "Done", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        (status = 201, description = "The ticket was closed: another one was opened, which follows it",
            body = FollowUpAnswer,
            headers(("Location" = String, description = "The new ticket"),
                ("ETag" = String, description = "Its version"),
                ("Docket-Position" = u64, description = "The position that shows the effect"))),
        CommandRefusals))]
pub(in crate::api) async fn reply(
    State(app): State<App>,
    OwnTicket(number): OwnTicket,
    Caller { actor, reach, shown, until }: Caller,
    sent: Sent<MessageFields>,
) -> Result<Response, Problem> {
    not_ahead(&app, &reach, number, &sent.headers).await?;
    let link_until = until.filter(|_| matches!(shown, Shown::Link(_)));
    let files = attachments(&app, &actor, sent.fields.attachments).await?;
    let message = CustomerMessage {
        // Customers write whatever was said: what they answer to is before them.
        seen: None,
        attachments: files.clone(),
        ticket: number,
        body: sent.fields.body,
        key: command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?,
        channel: Channel::Api,
        language: known_language(&app, &actor.id).await,
        asked_in: asked_in(&sent.headers),
        link_until,
        actor: actor.clone(),
        reach,
    };
    let handled = app.take_message(message).await.map_err(Problem::for_customer)?;
    attached(&app, &actor, &files, &handled);
    let (headers, Json(answer)) = answered(&app, &handled).await?;
    if handled.ticket == number {
        return Ok((headers, Json(answer)).into_response());
    }
    let link = link_until.map(|until| LinkView::made(&app, handled.ticket, &actor.id, until));
    let answer = FollowUpAnswer { opened: answer, follows: number.0, link };
    let location = [(header::LOCATION, format!("/api/v1/my/tickets/{}", handled.ticket))];
    Ok((Problem::CREATED, location, headers, Json(answer)).into_response())
}

/// The language that a customer is known to be written to in. Where that cannot be read it is not known: what somebody
/// says is worth more than the language to answer them in.
pub(crate) async fn known_language(app: &App, customer: &ActorId) -> Option<Language> {
    match app.customers.read(customer).await {
        Ok((_, customer)) => customer.profile.as_ref().and_then(|profile| profile.language),
        Err(error) => {
            tracing::warn!("the language of a customer cannot be read: {error}");
            None
        }
    }
}

/// The language that a request asks for.
fn asked_in(headers: &HeaderMap) -> Language {
    Language::parse(Titles::wanted(headers).language()).unwrap_or(Language::En)
}

/// Refuses a version that the customer has never been told. It is not the stream's, which counts what the staff does.
pub(super) async fn not_ahead(
    app: &App,
    reach: &Reach,
    number: TicketNumber,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    let Seen::At(seen) = seen(headers)? else { return Ok(()) };
    let ticket = app.handler.ticket(number).await?;
    if !ticket.exists || !reach.sees(&ticket) {
        return Err(TicketRefusal::NotFound.into());
    }
    let (seen, current) = (OwnVersion(seen.0), ticket.own_version);
    if seen > current { Err(Problem::own_version_ahead(seen, current)) } else { Ok(()) }
}

/// The answer to a customer's command, with the version that customers are told.
pub(super) async fn answered(
    app: &App,
    handled: &Handled,
) -> Result<(HeaderMap, Json<CommandAnswer>), Problem> {
    let version = app.handler.own_version(handled.ticket, handled.version).await?;
    Ok(answer_at(handled, version.0))
}
