//! One command on many tickets at once: each is decided by itself and answered by itself.

mod run;

use super::super::body::{Named, Object, Sent};
use super::super::parameters::Keyed;
use super::super::refusals::ChangeRefusals;
use super::super::shapes;
use super::work::{FieldFields, MergeFields, OtherFields, SnoozeFields, TagFields};
use super::{
    AssignFields, CategoryFields, EscalateFields, NoFields, POSITION, PendingFields, PriorityFields,
    ResolveFields, TeamFields, TextFields,
};
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::pages::language::Titles;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use docket_core::handler::Handled;
use docket_core::names::{StreamVersion, TicketNumber};
use docket_core::text::Body;
use docket_core::ticket::Action;
use docket_core::ticket::command::ActionName;
use run::{Run, Wish};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Tickets in one request.
pub const BULK_TICKETS_MAX: usize = 1000;

/// All that one answer holds of what was missed on its tickets; the timeline has the rest. Unit: bytes.
pub const BULK_MISSED_BYTES_MAX: usize = 1024 * 1024;

/// The commands that make sense on many tickets at once.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api) enum BulkCommand {
    Take,
    Assign,
    Unassign,
    Offer,
    ChangeTeam,
    ChangePriority,
    ChangeCategory,
    Reply,
    Note,
    SetPending,
    SetOpen,
    Snooze,
    Escalate,
    Resolve,
    Reopen,
    Tag,
    SetField,
    Follow,
    Unfollow,
    Link,
    Unlink,
    Merge,
    Unmerge,
}

/// A public reply on many tickets: the same words to each, with no files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BulkReply {
    body: Body,
    #[serde(default)]
    then_pending: bool,
}

/// A ticket, and the version that the command was decided on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct BulkTicket {
    /// Its number.
    #[schema(value_type = shapes::TicketNumber)]
    ticket: u64,
    /// Its version when it was decided on. A command that depends on what was said requires it, unless
    /// `whatever_was_said`.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 9223372036854775807_i64)]
    #[serde(default)]
    version: Option<u64>,
}

/// A command on many tickets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct BulkFields {
    /// On which, at most 1,000, each named once.
    #[schema(value_type = Vec<BulkTicket>, min_items = 1, max_items = 1000)]
    tickets: Vec<Object<BulkTicket>>,
    /// Which command.
    #[schema(value_type = BulkCommand)]
    command: Named<BulkCommand>,
    /// The command's own fields, as its own address takes them.
    #[schema(value_type = Object)]
    #[serde(default)]
    with: Map<String, Value>,
    /// Act whatever was said meanwhile on the tickets that are named without a version.
    #[serde(default)]
    whatever_was_said: bool,
}

/// What came of the command on one ticket: an outcome or a problem.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct BulkResult {
    /// The ticket's number.
    ticket: u64,
    /// The ticket's version afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// `appended`, `found` or `already_so`.
    #[schema(value_type = Option<shapes::OutcomeName>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Why nothing was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// What came of a command on many tickets.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct BulkAnswer {
    /// The position that shows every effect, or that of the log where there is none: give it to a read as `at_least`.
    position: u64,
    /// On how many tickets it was done, or was so already.
    done: usize,
    /// On how many it was refused.
    refused: usize,
    /// One for each ticket, in the order in which they were named.
    results: Vec<BulkResult>,
}

/// The command's fields, with the path of what cannot be taken.
fn fields<T: DeserializeOwned>(with: &Map<String, Value>) -> Result<T, Problem> {
    let with = Value::Object(with.clone());
    let Object(fields) = serde_path_to_error::deserialize(with).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "with".to_owned() } else { format!("with.{path}") };
        let told = error.inner().to_string();
        Problem::lacking(&field, &told)
            .unwrap_or_else(|| Problem::invalid(field, format!("does not fit the command: {told}")))
    })?;
    Ok(fields)
}

fn action(command: BulkCommand, with: &Map<String, Value>) -> Result<Action, Problem> {
    let message = Uuid::now_v7();
    let nothing = || fields::<NoFields>(with);
    Ok(match command {
        BulkCommand::Take => nothing().map(|_| Action::Take)?,
        BulkCommand::Assign => Action::Assign { to: fields::<AssignFields>(with)?.to },
        BulkCommand::Unassign => nothing().map(|_| Action::Unassign)?,
        BulkCommand::Offer => nothing().map(|_| Action::Offer)?,
        BulkCommand::ChangeTeam => Action::ChangeTeam { to: fields::<TeamFields>(with)?.to },
        BulkCommand::ChangePriority => Action::ChangePriority { to: fields::<PriorityFields>(with)?.to.0 },
        BulkCommand::ChangeCategory => Action::ChangeCategory { to: fields::<CategoryFields>(with)?.to },
        BulkCommand::Reply => {
            let BulkReply { body, then_pending } = fields(with)?;
            Action::Reply { message, body, then_pending }
        }
        BulkCommand::Note => Action::Note { message, body: fields::<TextFields>(with)?.body },
        BulkCommand::SetPending => Action::SetPending { reason: fields::<PendingFields>(with)?.reason },
        BulkCommand::SetOpen => nothing().map(|_| Action::SetOpen)?,
        BulkCommand::Snooze => fields::<SnoozeFields>(with)?.action(),
        BulkCommand::Escalate => fields::<EscalateFields>(with)?.action(),
        BulkCommand::Resolve => fields::<ResolveFields>(with)?.action(),
        BulkCommand::Reopen => nothing().map(|_| Action::Reopen)?,
        BulkCommand::Tag => fields::<TagFields>(with)?.action(),
        BulkCommand::SetField => fields::<FieldFields>(with)?.action(),
        BulkCommand::Follow => nothing().map(|_| Action::Follow)?,
        BulkCommand::Unfollow => nothing().map(|_| Action::Unfollow)?,
        BulkCommand::Link => Action::Link { to: fields::<OtherFields>(with)?.ticket() },
        BulkCommand::Unlink => Action::Unlink { to: fields::<OtherFields>(with)?.ticket() },
        BulkCommand::Merge => Action::Merge { into: fields::<MergeFields>(with)?.ticket() },
        BulkCommand::Unmerge => nothing().map(|_| Action::Unmerge)?,
    })
}

/// The tickets of a request, each once.
fn wishes(tickets: Vec<Object<BulkTicket>>) -> Result<Vec<Wish>, Problem> {
    if tickets.is_empty() || tickets.len() > BULK_TICKETS_MAX {
        return Err(Problem::invalid("tickets", format!("must be 1 to {BULK_TICKETS_MAX} tickets")));
    }
    let fits = |number: u64| (1..=i64::MAX as u64).contains(&number);
    let mut named = BTreeSet::new();
    let wish = |(index, Object(BulkTicket { ticket, version }))| {
        let wrong = |field: &str, why| Err(Problem::invalid(format!("tickets[{index}].{field}"), why));
        if !fits(ticket) {
            return wrong("ticket", "must be the number of a ticket");
        }
        // Of two commands on one ticket it could not be told which of them was carried out before.
        if !named.insert(ticket) {
            return wrong("ticket", "is named before; name each ticket once");
        }
        if version.is_some_and(|version| !fits(version)) {
            return wrong("version", "must be a version, from 1");
        }
        Ok(Wish { ticket: TicketNumber(ticket), seen: version.map(StreamVersion) })
    };
    tickets.into_iter().enumerate().map(wish).collect()
}

/// Bounds what an answer holds of what was missed: of a thousand long threads it would be boundless.
fn within_bounds(problem: Problem, left: &mut usize) -> Problem {
    let bytes: usize = problem.missed.iter().map(|record| record.get().len()).sum();
    if bytes <= *left {
        *left -= bytes;
        return problem;
    }
    let detail = format!("{}; read what was said in the ticket's timeline", problem.detail);
    Problem { missed: Vec::new(), detail, ..problem }
}

/// Runs a command on many tickets, and says of each what came of it.
#[utoipa::path(post, path = "/api/v1/tickets/bulk", tag = "commands", request_body = BulkFields,
    params(Keyed),
    responses((status = 200, description = "What came of it, for each ticket", body = BulkAnswer,
        headers(("Docket-Position" = u64, description = "The position that shows every effect"))),
        ChangeRefusals))]
pub(in crate::api) async fn bulk(
    State(app): State<App>,
    Caller { actor, reach, .. }: Caller,
    sent: Sent<BulkFields>,
) -> Result<Response, Problem> {
    let BulkFields { tickets, command: Named(command), with, whatever_was_said } = sent.fields;
    let (wishes, action) = (wishes(tickets)?, action(command, &with)?);
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let titles = Titles::wanted(&sent.headers);
    let depends = action.name().is_some_and(ActionName::depends_on_the_thread);
    let unread = |wish: &Wish| depends && !whatever_was_said && wish.seen.is_none();
    let read: Vec<Wish> = wishes.iter().filter(|wish| !unread(wish)).copied().collect();
    let run = Run { app: app.clone(), actor, reach, action, key, correlation: Uuid::now_v7() };
    let handled = run.all(&read).await?;
    let shown = handled.iter().flatten().map(|handled| handled.position.0).max();
    // Where nothing came of it there is nothing to wait for but what it was decided on.
    let position = shown.unwrap_or_else(|| app.head().0);
    let mut left = BULK_MISSED_BYTES_MAX;
    let mut result = |wish: &Wish, handled: Result<Handled, Problem>| match handled {
        Ok(Handled { version, outcome, .. }) => {
            let (version, outcome) = (Some(version.0), Some(outcome.as_str()));
            BulkResult { ticket: wish.ticket.0, version, outcome, problem: None }
        }
        Err(problem) => {
            let problem = within_bounds(problem, &mut left);
            let problem = Problem { title: titles.of(problem.code), ..problem };
            BulkResult { ticket: wish.ticket.0, version: None, outcome: None, problem: Some(problem) }
        }
    };
    let mut handled = handled.into_iter();
    let results = wishes.iter().filter_map(|wish| {
        let unread = unread(wish).then(|| Err(Problem::version_required()));
        let came_of_it = unread.or_else(|| handled.next().map(|handled| handled.map_err(Problem::from)));
        came_of_it.map(|came_of_it| result(wish, came_of_it))
    });
    let results: Vec<BulkResult> = results.collect();
    let refused = results.iter().filter(|result| result.problem.is_some()).count();
    let headers = [(POSITION, HeaderValue::from(position))];
    let answer = BulkAnswer { position, done: results.len() - refused, refused, results };
    Ok((headers, Json(answer)).into_response())
}
