//! Commands on tickets: each handler turns what was sent into an action and runs it.

use super::body::{Named, Object, Seen, Sent, TicketPath, seen};
use super::enclosed::{AttachmentFields, attached, attachments};
use super::my::commands::known_language;
use super::parameters::{IfMatch, Keyed, MustMatch, OfTicket};
use super::refusals::{ChangeRefusals, CommandRefusals, ThreadCommandRefusals};
use super::shapes;
use super::tickets::continued;
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use docket_core::handler::{Handled, Request};
use docket_core::names::{ActorId, GlobalPosition, Slug, TicketNumber};
use docket_core::text::{Body, Line};
use docket_core::ticket::command::{ActionName, Open};
use docket_core::ticket::event::{Channel, Destination, Language, Priority};
use docket_core::ticket::{Action, TicketCommand};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use utoipa::ToSchema;
use uuid::Uuid;

/// The header with the position of a command's last event; a read can wait for it.
pub(super) const POSITION: HeaderName = HeaderName::from_static("docket-position");

/// What came of a command.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CommandAnswer {
    /// The ticket's number.
    ticket: u64,
    /// The ticket's version afterwards; its ETag.
    version: u64,
    /// The position that shows the effect: give it to a read as `at_least`.
    position: u64,
    /// `appended`, `found` (the same command had been sent before) or `already_so`.
    #[schema(value_type = shapes::OutcomeName)]
    outcome: &'static str,
}

/// Who asks for help.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RequesterFields {
    /// Opaque identifier.
    #[schema(value_type = shapes::ActorId)]
    id: ActorId,
    /// Name.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    name: Option<Line>,
    /// E-mail address.
    #[schema(value_type = Option<shapes::Line>)]
    #[serde(default)]
    email: Option<Line>,
}

/// A new ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OpenFields {
    /// Who asks for help.
    #[schema(value_type = RequesterFields)]
    requester: Object<RequesterFields>,
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
    /// How urgent; `normal` if left out.
    #[schema(value_type = Option<shapes::Priority>)]
    #[serde(default)]
    priority: Option<Named<Priority>>,
    /// Intake category.
    #[schema(value_type = Option<shapes::Slug>)]
    #[serde(default)]
    category: Option<Slug>,
    /// The team whose queue it starts in.
    #[schema(value_type = Option<shapes::Slug>)]
    #[serde(default)]
    team: Option<Slug>,
    /// The language to answer in. If left out, the one that whoever asks is known to be written to in, or else `en`.
    #[schema(value_type = Option<shapes::Language>)]
    #[serde(default)]
    language: Option<Named<Language>>,
    /// The way it came in; `api` if left out.
    #[schema(value_type = Option<shapes::Channel>)]
    #[serde(default)]
    channel: Option<Named<Channel>>,
    /// The sealed ticket that it continues.
    #[schema(value_type = Option<shapes::TicketNumber>)]
    #[serde(default)]
    follows: Option<u64>,
}

/// Whom to assign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AssignFields {
    /// Who shall be responsible.
    #[schema(value_type = shapes::ActorId)]
    to: ActorId,
}

/// No fields.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NoFields {}

/// A team, or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TeamFields {
    /// The team; `null` to leave any. To be said in any case, since leaving it out may be an oversight.
    #[schema(value_type = Option<shapes::Slug>, required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    to: Option<Slug>,
}

/// A priority.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PriorityFields {
    /// `urgent`, `high`, `normal` or `low`.
    #[schema(value_type = shapes::Priority)]
    to: Named<Priority>,
}

/// An intake category.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CategoryFields {
    /// The category.
    #[schema(value_type = shapes::Slug)]
    to: Slug,
}

/// A text, and nothing that comes with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TextFields {
    /// What it says.
    #[schema(value_type = shapes::Text)]
    pub(in crate::api) body: Body,
}

/// What to wait for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PendingFields {
    /// `customer` or `third-party`.
    #[schema(value_type = shapes::Slug)]
    reason: Slug,
}

/// Where an escalation goes: one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct DestinationFields {
    /// Into a team's queue.
    #[serde(default)]
    team: Option<Slug>,
    /// To a supervisor in person.
    #[serde(default)]
    supervisor: Option<ActorId>,
}

/// A destination that is exactly one.
#[derive(Deserialize)]
#[serde(try_from = "Object<DestinationFields>")]
pub(in crate::api) struct OneDestination(Destination);

impl TryFrom<Object<DestinationFields>> for OneDestination {
    type Error = &'static str;

    fn try_from(Object(fields): Object<DestinationFields>) -> Result<Self, Self::Error> {
        match (fields.team, fields.supervisor) {
            (Some(team), None) => Ok(Self(Destination::Team(team))),
            (None, Some(supervisor)) => Ok(Self(Destination::Supervisor(supervisor))),
            (Some(_), Some(_)) | (None, None) => Err("name either a team or a supervisor"),
        }
    }
}

/// An escalation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct EscalateFields {
    /// Why.
    #[schema(value_type = shapes::Slug)]
    reason: Slug,
    /// Where to: `{"team": "billing"}` or `{"supervisor": "ines"}`.
    #[schema(value_type = shapes::Destination)]
    to: OneDestination,
    /// What the receiver must know.
    #[schema(value_type = shapes::Text)]
    context: Body,
}

impl EscalateFields {
    fn action(self) -> Action {
        Action::Escalate { reason: self.reason, to: self.to.0, context: self.context }
    }
}

/// How the work ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ResolveFields {
    /// Resolution category.
    #[schema(value_type = shapes::Slug)]
    resolution: Slug,
    /// Closing notes for staff.
    #[schema(value_type = Option<shapes::Text>)]
    #[serde(default)]
    notes: Option<Body>,
    /// Ask the customer to confirm.
    #[serde(default)]
    confirmation: bool,
    /// Send a survey.
    #[serde(default)]
    survey: bool,
}

impl ResolveFields {
    fn action(self) -> Action {
        let Self { resolution, notes, confirmation, survey } = self;
        Action::Resolve { resolution, needs_assignee: true, notes, confirmation, survey }
    }
}

/// Opens a ticket for a customer.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "commands", request_body = OpenFields,
    params(Keyed),
    responses((status = 201, description = "Opened", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"),
            ("Location" = String, description = "Where the ticket is"))),
        ChangeRefusals))]
pub(super) async fn open_ticket(
    State(app): State<App>,
    Caller { actor, reach, .. }: Caller,
    sent: Sent<OpenFields>,
) -> Result<Response, Problem> {
    let fields = sent.fields;
    let follows = continued(&app, &reach, fields.follows).await?;
    let Object(requester) = fields.requester;
    let language = match fields.language {
        Some(Named(language)) => language,
        None => known_language(&app, &requester.id).await.unwrap_or(Language::En),
    };
    let open = Open {
        requester: requester.id,
        requester_name: requester.name,
        requester_email: requester.email,
        subject: fields.subject,
        body: fields.body,
        channel: fields.channel.map_or(Channel::Api, |Named(channel)| channel),
        language,
        priority: fields.priority.map_or(Priority::Normal, |Named(priority)| priority),
        category: fields.category,
        team: fields.team,
        follows,
    };
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let files = attachments(&app, &actor, fields.attachments).await?;
    let action = Action::Open(Box::new(open)).enclosing(files.clone(), None);
    let command = TicketCommand { actor: actor.clone(), action };
    let request = Request { ticket: None, seen: None, reach, command, key, correlation: Uuid::now_v7() };
    let handled = app.run(request).await?;
    attached(&app, &actor, &files, &handled);
    let location = format!("/api/v1/tickets/{}", handled.ticket);
    let created = Problem::CREATED;
    Ok((created, [(header::LOCATION, location)], answer(&handled)).into_response())
}

/// Runs an action on a ticket.
async fn act<T>(
    app: App,
    ticket: TicketNumber,
    Caller { actor, reach, .. }: Caller,
    sent: Sent<T>,
    action: impl FnOnce(T) -> Action,
) -> Result<Response, Problem> {
    let seen = seen(&sent.headers)?;
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let action = action(sent.fields);
    let seen = match seen {
        Seen::At(version) => Some(version),
        Seen::Whatever => None,
        Seen::Unsaid if action.name().is_some_and(ActionName::depends_on_the_thread) => {
            return Err(Problem::precondition_required());
        }
        Seen::Unsaid => None,
    };
    let command = TicketCommand { actor, action };
    let request = Request { ticket: Some(ticket), seen, reach, command, key, correlation: Uuid::now_v7() };
    Ok(answer(&app.run(request).await?).into_response())
}

/// The headers of every command's answer: the position that shows its effect, and the version as ETag.
pub(super) fn told(position: GlobalPosition, version: impl Display) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(POSITION, HeaderValue::from(position.0));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers
}

/// The answer to a command of the staff.
pub(super) fn answer(handled: &Handled) -> (HeaderMap, Json<CommandAnswer>) {
    answer_at(handled, handled.version.0)
}

/// The answer with the version that whoever asked may know: customers are told another one than the stream's.
pub(super) fn answer_at(handled: &Handled, version: u64) -> (HeaderMap, Json<CommandAnswer>) {
    let headers = told(handled.position, version);
    let outcome = handled.outcome.as_str();
    let (ticket, position) = (handled.ticket.0, handled.position.0);
    (headers, Json(CommandAnswer { ticket, version, position, outcome }))
}

/// Writes the handler and the description of a command on a ticket: one that commutes with messages, or `on_thread` one
/// that depends on what was said ([`ActionName::depends_on_the_thread`]).
macro_rules! command {
    ($(#[$doc:meta])* on_thread $name:ident, $path:literal, $fields:ident, |$sent:ident| $action:expr) => {
        command!(@ $(#[$doc])* $name, $path, $fields, MustMatch, ThreadCommandRefusals, |$sent| $action);
    };
    ($(#[$doc:meta])* $name:ident, $path:literal, $fields:ident, |$sent:ident| $action:expr) => {
        command!(@ $(#[$doc])* $name, $path, $fields, IfMatch, CommandRefusals, |$sent| $action);
    };
    (@ $(#[$doc:meta])* $name:ident, $path:literal, $fields:ident, $seen:ident, $refusals:ident,
        |$sent:ident| $action:expr) => {
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "commands", request_body = $fields,
            params(OfTicket, $seen, Keyed),
            responses((status = 200, description = "Done, or already so", body = CommandAnswer,
                headers(("ETag" = String, description = "The version afterwards"),
                    ("Docket-Position" = u64, description = "The position that shows the effect"))),
                $refusals))]
        pub(in crate::api) async fn $name(
            State(app): State<App>,
            TicketPath(ticket): TicketPath,
            caller: Caller,
            sent: Sent<$fields>,
        ) -> Result<Response, Problem> {
            act(app, ticket, caller, sent, |$sent| $action).await
        }
    };
}

pub(crate) mod bulk;
pub(super) mod work;

command!(
    /// Makes somebody responsible, whoever was before.
    assign, "/api/v1/tickets/{number}/assign", AssignFields,
    |fields| Action::Assign { to: fields.to }
);
command!(
    /// Makes nobody responsible.
    unassign, "/api/v1/tickets/{number}/unassign", NoFields,
    |_fields| Action::Unassign
);
command!(
    /// Gives the ticket to routing again, whoever had it.
    offer, "/api/v1/tickets/{number}/offer", NoFields,
    |_fields| Action::Offer
);
command!(
    /// Moves the ticket into a team's queue, or out of any.
    change_team, "/api/v1/tickets/{number}/change-team", TeamFields,
    |fields| Action::ChangeTeam { to: fields.to }
);
command!(
    /// Sets how urgent the ticket is.
    change_priority, "/api/v1/tickets/{number}/change-priority", PriorityFields,
    |fields| Action::ChangePriority { to: fields.to.0 }
);
command!(
    /// Sets what the ticket is about.
    change_category, "/api/v1/tickets/{number}/change-category", CategoryFields,
    |fields| Action::ChangeCategory { to: fields.to }
);
command!(
    /// Waits for somebody outside.
    on_thread set_pending, "/api/v1/tickets/{number}/set-pending", PendingFields,
    |fields| Action::SetPending { reason: fields.reason }
);
command!(
    /// Takes the ticket up again without a message of the customer.
    on_thread set_open, "/api/v1/tickets/{number}/set-open", NoFields,
    |_fields| Action::SetOpen
);
command!(
    /// Hands the ticket over to people who know or may do more.
    on_thread escalate, "/api/v1/tickets/{number}/escalate", EscalateFields,
    |fields| fields.action()
);
command!(
    /// Declares the work done.
    on_thread resolve, "/api/v1/tickets/{number}/resolve", ResolveFields,
    |fields| fields.action()
);
command!(
    /// Works on a resolved ticket again.
    on_thread reopen, "/api/v1/tickets/{number}/reopen", NoFields,
    |_fields| Action::Reopen
);
command!(
    /// Seals a resolved ticket: it takes no more messages.
    on_thread seal, "/api/v1/tickets/{number}/seal", NoFields,
    |_fields| Action::Seal
);
command!(
    /// Writes down that the customer said it is solved, as they were asked.
    confirm, "/api/v1/tickets/{number}/confirm", NoFields,
    |_fields| Action::Confirm
);
command!(
    /// Writes down that the customer said it is not solved, and why: it is worked on again.
    refuse, "/api/v1/tickets/{number}/refuse", TextFields,
    |fields| Action::Refuse { message: Uuid::now_v7(), body: fields.body }
);
