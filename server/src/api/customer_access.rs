//! How customers are let in: a link into one ticket, or a code with which they choose a password.

use super::body::{NamePath, Sent, TicketPath};
use super::commands::told;
use super::letting_in::InvitationView;
use super::parameters::{Keyed, OfCustomer, OfTicket};
use super::refusals::ChangeOneRefusals;
use super::session::NoFields;
use super::shapes;
use crate::app::App;
use crate::closing::ends;
use crate::credentials::Person;
use crate::credentials::link::LASTS_MAX;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::letting_in::Given;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, TicketNumber};
use docket_core::ticket::TicketRefusal;
use docket_core::ticket::closing::rateable;
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::queue;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a link is good unless it is said. Unit: days.
const LINK_DAYS: u32 = 30;

/// How long a link shall be good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkFields {
    /// For so many days, 1 to 90; 30 if left out.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 90)]
    #[serde(default)]
    days: Option<u32>,
}

/// A link into one ticket, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct LinkView {
    /// The ticket.
    ticket: u64,
    /// Send it as `Authorization: Bearer …`. It is not kept here, and cannot be shown again.
    secret: String,
    /// Until when it is good.
    #[schema(value_type = shapes::Instant)]
    expires_at: String,
}

impl LinkView {
    /// The link into a ticket that was recorded as made. The same is the same, however often it is asked for.
    pub(super) fn made(app: &App, ticket: TicketNumber, requester: &ActorId, expires_at: Timestamp) -> Self {
        let secret = app.credentials.links.make(ticket, requester, expires_at);
        Self { ticket: ticket.0, secret, expires_at: expires_at.to_rfc3339() }
    }
}

/// Makes a link with which whoever asked sees this ticket and answers in it, without a password, and sees nothing else.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/customer-link", tag = "customers",
    request_body = LinkFields, params(OfTicket, Keyed),
    responses((status = 201, description = "Made", body = LinkView,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn make_link(
    State(app): State<App>,
    TicketPath(number): TicketPath,
    caller: Caller,
    sent: Sent<LinkFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &caller.actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let lasts = DurationMs::from_hours(24 * i64::from(sent.fields.days.unwrap_or(LINK_DAYS)));
    if lasts <= DurationMs(0) || lasts > LASTS_MAX {
        return Err(Problem::invalid("days", "use 1 to 90"));
    }
    let ticket = app.handler.ticket(number).await?;
    let requester = ticket.requester.as_ref().filter(|_| caller.reach.sees(&ticket));
    let requester = requester.ok_or(TicketRefusal::NotFound)?;
    let (into, expires_at) = ((number, requester.clone()), app.now().plus(lasts));
    let Given { settled, what } = app.make_link(caller.actor, into, expires_at, key).await?;
    let view = LinkView { ticket: number.0, secret: what, expires_at: expires_at.to_rfc3339() };
    Ok((Problem::CREATED, told(settled.position, settled.version), Json(view)).into_response())
}

/// A link by which a customer rates, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct SurveyLinkView {
    /// The ticket.
    ticket: u64,
    /// What is rated: how often the ticket was taken up.
    cycle: u32,
    /// The page to send: looking at it records nothing, its form does. It is not kept here, and cannot be shown again.
    page: String,
    /// Until when it is good: until the ticket is sealed by itself.
    #[schema(value_type = shapes::Instant)]
    expires_at: String,
}

/// Makes a link by which whoever asked rates how the work went, without a password, and does nothing else. It was asked for
/// when the ticket was resolved (`survey`), and is good until it is sealed or taken up again.
#[utoipa::path(post, path = "/api/v1/tickets/{number}/survey-link", tag = "customers",
    request_body = NoFields, params(OfTicket, Keyed),
    responses((status = 201, description = "Made", body = SurveyLinkView,
        headers(("ETag" = String, description = "The version of the customer afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn make_survey_link(
    State(app): State<App>,
    TicketPath(number): TicketPath,
    caller: Caller,
    sent: Sent<NoFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &caller.actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let ticket = app.handler.ticket(number).await?;
    let requester = ticket.requester.clone().filter(|_| caller.reach.sees(&ticket));
    let requester = requester.ok_or(TicketRefusal::NotFound)?;
    let cycle = rateable(None, &ticket)?;
    let (_, ends) = ends(&app, number, Some(app.head())).await?;
    // What was resolved long before an import is never sealed by itself.
    let expires_at = ends.seals_at.unwrap_or_else(|| app.now().plus(LASTS_MAX));
    if expires_at <= app.now() {
        return Err(TicketRefusal::Sealed.into());
    }
    let of = (number, cycle, requester);
    let Given { settled, what } = app.make_survey_link(caller.actor, of, expires_at, key).await?;
    let (ticket, page, expires_at) = (number.0, format!("/rate/{what}"), expires_at.to_rfc3339());
    let view = SurveyLinkView { ticket, cycle, page, expires_at };
    Ok((Problem::CREATED, told(settled.position, settled.version), Json(view)).into_response())
}

/// Makes a code with which a customer chooses a password. Earlier codes of theirs are void; the password they have stays
/// good until they choose another.
#[utoipa::path(post, path = "/api/v1/customers/{name}/invite", tag = "customers",
    params(OfCustomer, Keyed),
    responses((status = 201, description = "Invited", body = InvitationView,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn invite(
    State(app): State<App>,
    NamePath(name): NamePath,
    caller: Caller,
    sent: Sent<NoFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &caller.actor, &sent.path, &sent.bytes, &app.digest_key)?;
    // Whoever an import does not name is many people: none of them may see the tickets of all.
    let customer = ActorId::new(&name).ok().filter(|id| id.as_str() != Actor::UNKNOWN_ID);
    let customer = customer.ok_or_else(Problem::customer_not_found)?;
    // Whoever holds the code could use it: nobody may hand out what they may not see themselves.
    let (reach, id) = (caller.reach, customer.clone());
    let known = app.query("queue", Some(app.head()), move |connection| {
        let snapshot = connection.unchecked_transaction()?;
        queue::knows(&snapshot, &reach, &id)
    });
    if !known.await? {
        return Err(Problem::customer_not_found());
    }
    // Whoever holds the code could use it in their place, who are somebody by then.
    let person = Person::Customer(customer.clone());
    let has_password = app.beside(move |kept| Ok(kept.password_digest(&person)?.is_some())).await?;
    if has_password && caller.actor.role != Role::Admin {
        return Err(Problem::customer_has_password());
    }
    Ok(InvitationView::answer(app.invite_customer(caller.actor, customer, key).await?, None))
}
