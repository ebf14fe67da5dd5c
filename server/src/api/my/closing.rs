//! What customers are asked once a ticket is solved, and what they say: that it is, that it is not, and how it was.

use super::OwnTicket;
use super::commands::{answered, not_ahead};
use crate::api::body::{Named, Sent};
use crate::api::commands::CommandAnswer;
use crate::api::enclosed::{attached, attachments};
use crate::api::parameters::{IfMatch, Keyed, OfTicket};
use crate::api::refusals::CommandRefusals;
use crate::api::session::NoFields;
use crate::api::shapes;
use crate::api::writing::MessageFields;
use crate::app::App;
use crate::closing::Ends;
use crate::idempotency::command_key;
use crate::identity::{Caller, Shown};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use docket_core::actor::{Actor, Role};
use docket_core::handler::{Handled, Request};
use docket_core::names::TicketNumber;
use docket_core::text::Body;
use docket_core::ticket::closing::ended;
use docket_core::ticket::command::ActionName;
use docket_core::ticket::decide::is_allowed;
use docket_core::ticket::event::{ConfirmedBy, RatedThrough, Score};
use docket_core::ticket::{Action, Ticket, TicketCommand};
use docket_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What its requester may do with a ticket now. Whatever has become of it, nothing that they say is lost.
pub(in crate::api) fn allowed(ticket: &Ticket) -> Vec<&'static str> {
    let asked = [ActionName::Confirm, ActionName::Refuse, ActionName::Rate];
    let requester = ticket.requester.clone().map(|id| Actor { id, role: Role::Customer, team: None });
    let may = |action: &ActionName| requester.as_ref().is_some_and(|who| is_allowed(who, *action, ticket));
    let asked = asked.into_iter().filter(may);
    std::iter::once("reply").chain(asked.map(ActionName::as_str)).collect()
}

/// What was asked about the solution, and what was said of it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ClosingView {
    /// Whether it is solved, where that was asked.
    confirmation: Option<ConfirmationView>,
    /// How it was, where that was asked.
    rating: Option<RatingView>,
    /// Until when a message takes the ticket up again; later ones open another that follows it. None once it is closed.
    #[schema(value_type = Option<shapes::Instant>)]
    closes_at: Option<String>,
}

/// Whether it is solved.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ConfirmationView {
    /// By what it counts as confirmed: `customer`, or `time` where nothing was said; none while it does not.
    #[schema(value_type = Option<shapes::ConfirmedBy>)]
    confirmed_by: Option<ConfirmedBy>,
    /// When it counts as confirmed if nothing is said.
    #[schema(value_type = Option<shapes::Instant>)]
    confirms_at: Option<String>,
}

/// How it was.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct RatingView {
    /// What the rating is of: how often the ticket was taken up.
    cycle: u32,
    /// `good` or `bad`; none as long as it is not rated.
    #[schema(value_type = Option<shapes::Score>)]
    score: Option<Score>,
}

impl ClosingView {
    /// Of a ticket that is solved; none of any other.
    pub(super) fn of(ticket: &Ticket, ends: Ends) -> Option<Self> {
        let closing = ended(ticket)?;
        let told = |at: Option<Timestamp>| at.filter(|_| !ticket.sealed).map(Timestamp::to_rfc3339);
        let confirms_at = told(ends.confirms_at).filter(|_| closing.confirmed.is_none());
        let confirmed_by = closing.confirmed;
        Some(Self {
            confirmation: closing.confirmation.then_some(ConfirmationView { confirmed_by, confirms_at }),
            rating: closing.survey.then_some(RatingView { cycle: ticket.cycle, score: closing.rated }),
            closes_at: told(ends.seals_at),
        })
    }
}

/// How it was.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RateFields {
    /// `good` or `bad`.
    #[schema(value_type = shapes::Score)]
    score: Named<Score>,
    /// What there is to say about it.
    #[schema(value_type = Option<shapes::Text>)]
    #[serde(default)]
    comment: Option<Body>,
    /// The `cycle` that was shown: refused if the ticket was taken up again since. The present one if left out.
    #[serde(default)]
    cycle: Option<u32>,
}

type Answered = Result<(HeaderMap, Json<CommandAnswer>), Problem>;

async fn say<T>(
    app: App,
    number: TicketNumber,
    caller: Caller,
    sent: Sent<T>,
    action: impl FnOnce(T) -> Action,
) -> Answered {
    let handled = said(&app, number, caller, sent, action).await?;
    answered(&app, &handled).await
}

async fn said<T>(
    app: &App,
    number: TicketNumber,
    Caller { actor, reach, .. }: Caller,
    sent: Sent<T>,
    action: impl FnOnce(T) -> Action,
) -> Result<Handled, Problem> {
    not_ahead(app, &reach, number, &sent.headers).await?;
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let command = TicketCommand { actor, action: action(sent.fields) };
    let (ticket, seen, correlation) = (Some(number), None, Uuid::now_v7());
    let handled = app.run(Request { ticket, seen, reach, command, key, correlation }).await;
    handled.map_err(Problem::for_customer)
}

/// Says that it is solved, as you were asked.
#[utoipa::path(post, path = "/api/v1/my/tickets/{number}/confirm", tag = "customers",
    request_body = NoFields, params(OfTicket, IfMatch, Keyed),
    responses((status = 200, description = "Confirmed, or already so", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        CommandRefusals))]
pub(in crate::api) async fn confirm(
    State(app): State<App>,
    OwnTicket(number): OwnTicket,
    caller: Caller,
    sent: Sent<NoFields>,
) -> Answered {
    say(app, number, caller, sent, |_| Action::Confirm).await
}

/// Says that it is not solved, and why: it is worked on again.
#[utoipa::path(post, path = "/api/v1/my/tickets/{number}/refuse", tag = "customers",
    request_body = MessageFields, params(OfTicket, IfMatch, Keyed),
    responses((status = 200, description = "Worked on again", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        CommandRefusals))]
pub(in crate::api) async fn refuse(
    State(app): State<App>,
    OwnTicket(number): OwnTicket,
    caller: Caller,
    sent: Sent<MessageFields>,
) -> Answered {
    let Sent { fields: MessageFields { body, attachments: named }, bytes, path, headers } = sent;
    let files = attachments(&app, &caller.actor, named).await?;
    let (message, enclosed, actor) = (Uuid::now_v7(), files.clone(), caller.actor.clone());
    let sent = Sent { fields: (), bytes, path, headers };
    let refuse = |()| Action::Refuse { message, body }.enclosing(enclosed, None);
    let handled = said(&app, number, caller, sent, refuse).await?;
    attached(&app, &actor, &files, &handled);
    answered(&app, &handled).await
}

/// Says how it was, as you were asked. A rating stays as it was given.
#[utoipa::path(post, path = "/api/v1/my/tickets/{number}/rate", tag = "customers",
    request_body = RateFields, params(OfTicket, IfMatch, Keyed),
    responses((status = 200, description = "Rated, or already so", body = CommandAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        CommandRefusals))]
pub(in crate::api) async fn rate(
    State(app): State<App>,
    OwnTicket(number): OwnTicket,
    caller: Caller,
    sent: Sent<RateFields>,
) -> Answered {
    let through = match caller.shown {
        Shown::Link(_) => RatedThrough::TicketLink,
        Shown::Session(_) | Shown::Token(_) | Shown::Headers => RatedThrough::SignedIn,
    };
    let action =
        |RateFields { score: Named(score), comment, cycle }| Action::Rate { cycle, score, comment, through };
    say(app, number, caller, sent, action).await
}
