//! Who asks for help, and their accounts: read by the staff, changed by those who work tickets.

use super::body::{Asked, NamePath, Object, Sent, position};
use super::commands::told;
use super::cursor::Cursor;
use super::parameters::{Keyed, OfAccount, OfCustomer};
use super::refusals::{ChangeOneRefusals, ChangeRefusals, ReadOneRefusals, ReadRefusals};
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::customer::account::{AccountAction, AccountCommand};
use docket_core::customer::{
    AccountDecider, AccountProfile, CustomFields, CustomerAction, CustomerCommand, CustomerProfile,
    CustomerRefusal,
};
use docket_core::handler::settings::Settled;
use docket_core::names::{AccountId, ActorId};
use docket_core::personal::PersonalText;
use docket_core::text::Line;
use docket_projections::read_model::FileError;
use docket_projections::{Connection, directory};
use views::{
    AccountChangeFields, AccountFields, AccountPage, AccountProfileFields, AccountView, CustomFieldsSent,
    CustomerAccountFields, CustomerAnswer, CustomerChangeFields, CustomerFields, CustomerPage,
    CustomerProfileFields, CustomerQuery, CustomerView, DirectoryQuery, PositionQuery,
};

pub(super) mod views;

/// Rows in a page unless it is said.
const LIMIT_DEFAULT: usize = 50;

fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=directory::ENTRIES_PER_PAGE_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid("limit", format!("use 1 to {}", directory::ENTRIES_PER_PAGE_MAX)))
}

/// Reads a page of the directory after the cursor of the one before, and tells the position that the first one showed and
/// the cursor of the next.
async fn page(
    app: &App,
    query: &str,
    after: Option<&str>,
    at_least: Option<u64>,
    read: impl FnOnce(&Connection, Option<&str>) -> Result<directory::Page, FileError> + Send + 'static,
) -> Result<(Shown, Vec<directory::Entry>, Option<String>), Problem> {
    let after = after.map(|text| Cursor::<String>::read(app, query, "after", text)).transpose()?;
    let began_at = after.as_ref().map(|after| after.began_at);
    // A page never shows less than the one before it did.
    let at_least = position(at_least).max(began_at);
    let place = after.map(|after| after.place);
    let (shown, page) =
        app.query_at("directory", at_least, move |connection| read(connection, place.as_deref())).await?;
    let began_at = began_at.unwrap_or(shown);
    let next = page.next.map(|place| Cursor { began_at, place }.write(app, query));
    Ok((Shown { position: shown.0, began_at: began_at.0, moved: shown > began_at }, page.entries, next))
}

/// What a page shows, and what the first one did.
struct Shown {
    position: u64,
    began_at: u64,
    moved: bool,
}

/// Nobody can have been added under what is no identifier.
fn customer_id(name: &str) -> Result<ActorId, Problem> {
    ActorId::new(name).map_err(|_| CustomerRefusal::NotFound.into())
}

fn account_id(name: &str) -> Result<AccountId, Problem> {
    AccountId::new(name).map_err(|_| CustomerRefusal::NotFound.into())
}

fn custom(sent: CustomFieldsSent) -> CustomFields {
    CustomFields(sent.0.into_iter().map(|(name, text)| (name, PersonalText::from(&text))).collect())
}

fn account_profile(Object(sent): Object<AccountProfileFields>) -> AccountProfile {
    AccountProfile {
        name: (&sent.name).into(),
        plan: sent.plan,
        tier: sent.tier,
        contact: sent.contact,
        language: sent.language.map(|language| language.0),
        custom: custom(sent.custom),
    }
}

fn customer_profile(Object(sent): Object<CustomerProfileFields>) -> Box<CustomerProfile> {
    Box::new(CustomerProfile {
        name: (&sent.name).into(),
        email: sent.email.as_ref().map(Into::into),
        phone: sent.phone.as_ref().map(Into::into),
        language: sent.language.map(|language| language.0),
        custom: custom(sent.custom),
    })
}

/// Lists customers in the order of their identifiers: all, those of an account, or those with an e-mail address.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, description = "A page", body = CustomerPage),
        ReadRefusals))]
pub(super) async fn list_customers(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<CustomerQuery>,
) -> Result<Json<CustomerPage>, Problem> {
    let limit = limit(asked.limit)?;
    if asked.account.is_some() && asked.email.is_some() {
        return Err(Problem::invalid("query", "ask by account or by email, not by both"));
    }
    let account = asked.account.as_deref().map(AccountId::new).transpose();
    let account = account.map_err(|error| Problem::invalid("account", error.to_string()))?;
    let email = asked.email.map(Line::new).transpose();
    let email = email.map_err(|error| Problem::invalid("email", error.to_string()))?;
    let query = format!("customers {account:?} {email:?} {:?}", caller.actor.id);
    let read = move |connection: &Connection, after: Option<&str>| match (account, email) {
        (Some(account), _) => directory::customers_of(connection, &account, after, limit),
        (None, Some(email)) => directory::by_email(connection, email.as_str(), after, limit),
        (None, None) => directory::customers(connection, after, limit),
    };
    let (shown, entries, next) = page(&app, &query, asked.after.as_deref(), asked.at_least, read).await?;
    let Shown { position, began_at, moved } = shown;
    let customers = entries.into_iter().map(CustomerView::of).collect();
    Ok(Json(CustomerPage { position, began_at, moved, customers, next }))
}

/// Reads one customer.
#[utoipa::path(get, path = "/api/v1/customers/{name}", tag = "customers",
    params(OfCustomer, PositionQuery),
    responses((status = 200, description = "They", body = CustomerView),
        ReadOneRefusals))]
pub(super) async fn read_customer(
    State(app): State<App>,
    NamePath(name): NamePath,
    Asked(asked): Asked<PositionQuery>,
) -> Result<Json<CustomerView>, Problem> {
    let id = customer_id(&name)?;
    let read = app
        .query("directory", position(asked.at_least), move |connection| directory::customer(connection, &id));
    let found = read.await?.ok_or(CustomerRefusal::NotFound)?;
    Ok(Json(CustomerView::of(found)))
}

/// Lists accounts in the order of their identifiers.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "customers", params(DirectoryQuery),
    responses((status = 200, description = "A page", body = AccountPage),
        ReadRefusals))]
pub(super) async fn list_accounts(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<DirectoryQuery>,
) -> Result<Json<AccountPage>, Problem> {
    let limit = limit(asked.limit)?;
    let query = format!("accounts {:?}", caller.actor.id);
    let read =
        move |connection: &Connection, after: Option<&str>| directory::accounts(connection, after, limit);
    let (shown, entries, next) = page(&app, &query, asked.after.as_deref(), asked.at_least, read).await?;
    let Shown { position, began_at, moved } = shown;
    let accounts = entries.into_iter().map(AccountView::of).collect();
    Ok(Json(AccountPage { position, began_at, moved, accounts, next }))
}

/// Reads one account. Its customers: `GET /api/v1/customers?account=…`.
#[utoipa::path(get, path = "/api/v1/accounts/{name}", tag = "customers",
    params(OfAccount, PositionQuery),
    responses((status = 200, description = "It", body = AccountView),
        ReadOneRefusals))]
pub(super) async fn read_account(
    State(app): State<App>,
    NamePath(name): NamePath,
    Asked(asked): Asked<PositionQuery>,
) -> Result<Json<AccountView>, Problem> {
    let id = account_id(&name)?;
    let read = app
        .query("directory", position(asked.at_least), move |connection| directory::account(connection, &id));
    let found = read.await?.ok_or(CustomerRefusal::NotFound)?;
    Ok(Json(AccountView::of(found)))
}

async fn account_is_known(app: &App, account: Option<&AccountId>) -> Result<bool, Problem> {
    let Some(account) = account else { return Ok(false) };
    Ok(app.accounts.read(account).await?.1.profile.is_some())
}

async fn contact_is_known(app: &App, contact: Option<&ActorId>) -> Result<bool, Problem> {
    let Some(contact) = contact else { return Ok(false) };
    Ok(app.customers.read(contact).await?.1.profile.is_some())
}

fn answer(id: String, settled: Settled) -> Response {
    let Settled { version, position, outcome } = settled;
    let answer = CustomerAnswer { id, version: version.0, position: position.0, outcome: outcome.as_str() };
    (told(position, version), Json(answer)).into_response()
}

/// Runs a command on an account.
async fn act_on_account<T>(
    app: App,
    account: AccountId,
    Caller { actor, .. }: Caller,
    sent: Sent<T>,
    wish: impl FnOnce(T) -> (AccountAction, AccountProfile),
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let (action, profile) = wish(sent.fields);
    let contact_is_known = contact_is_known(&app, profile.contact.as_ref()).await?;
    let command = AccountCommand { actor, account: account.clone(), action, profile, contact_is_known };
    let settled = app.change::<AccountDecider>(app.accounts.clone(), command, key).await?;
    Ok(answer(account.to_string(), settled))
}

/// Runs a command on a customer.
async fn act_on_customer<T>(
    app: App,
    customer: ActorId,
    Caller { actor, .. }: Caller,
    sent: Sent<T>,
    action: impl AsyncFnOnce(&App, T) -> Result<CustomerAction, Problem>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let action = action(&app, sent.fields).await?;
    let command = CustomerCommand { actor, customer: customer.clone(), action };
    let settled = app.change(app.customers.clone(), command, key).await?;
    Ok(answer(customer.to_string(), settled))
}

/// Takes an account in.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "customers", request_body = AccountFields,
    params(Keyed),
    responses((status = 201, description = "It is known", body = CustomerAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeRefusals))]
pub(super) async fn add_account(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<AccountFields>,
) -> Result<Response, Problem> {
    let id = sent.fields.id.clone();
    let wish = |fields: AccountFields| (AccountAction::Add, account_profile(fields.profile));
    let added = act_on_account(app, id, caller, sent, wish).await?;
    Ok((Problem::CREATED, added).into_response())
}

/// Knows other things of an account: this and no more.
#[utoipa::path(post, path = "/api/v1/accounts/{name}/change", tag = "customers",
    request_body = AccountChangeFields,
    params(OfAccount, Keyed),
    responses((status = 200, description = "Done, or already so", body = CustomerAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn change_account(
    State(app): State<App>,
    NamePath(name): NamePath,
    caller: Caller,
    sent: Sent<AccountChangeFields>,
) -> Result<Response, Problem> {
    let wish = |fields: AccountChangeFields| {
        (AccountAction::Change { reason: fields.reason }, account_profile(fields.profile))
    };
    act_on_account(app, account_id(&name)?, caller, sent, wish).await
}

/// Takes a customer in.
#[utoipa::path(post, path = "/api/v1/customers", tag = "customers", request_body = CustomerFields,
    params(Keyed),
    responses((status = 201, description = "They are known", body = CustomerAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeRefusals))]
pub(super) async fn add_customer(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<CustomerFields>,
) -> Result<Response, Problem> {
    let id = sent.fields.id.clone();
    let action = async |app: &App, fields: CustomerFields| {
        let account_is_known = account_is_known(app, fields.account.as_ref()).await?;
        let (profile, account) = (customer_profile(fields.profile), fields.account);
        Ok(CustomerAction::Add { profile, account, account_is_known })
    };
    let added = act_on_customer(app, id, caller, sent, action).await?;
    Ok((Problem::CREATED, added).into_response())
}

/// Knows other things of a customer: this and no more.
#[utoipa::path(post, path = "/api/v1/customers/{name}/change", tag = "customers",
    request_body = CustomerChangeFields,
    params(OfCustomer, Keyed),
    responses((status = 200, description = "Done, or already so", body = CustomerAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn change_customer(
    State(app): State<App>,
    NamePath(name): NamePath,
    caller: Caller,
    sent: Sent<CustomerChangeFields>,
) -> Result<Response, Problem> {
    let action = async |_: &App, fields: CustomerChangeFields| {
        Ok(CustomerAction::Change { profile: customer_profile(fields.profile), reason: fields.reason })
    };
    act_on_customer(app, customer_id(&name)?, caller, sent, action).await
}

/// Lets a customer belong to another account, or to none.
#[utoipa::path(post, path = "/api/v1/customers/{name}/change-account", tag = "customers",
    request_body = CustomerAccountFields,
    params(OfCustomer, Keyed),
    responses((status = 200, description = "Done, or already so", body = CustomerAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn change_customer_account(
    State(app): State<App>,
    NamePath(name): NamePath,
    caller: Caller,
    sent: Sent<CustomerAccountFields>,
) -> Result<Response, Problem> {
    let action = async |app: &App, fields: CustomerAccountFields| {
        let account_is_known = account_is_known(app, fields.to.as_ref()).await?;
        let reason: Option<Line> = fields.reason;
        Ok(CustomerAction::ChangeAccount { to: fields.to, account_is_known, reason })
    };
    act_on_customer(app, customer_id(&name)?, caller, sent, action).await
}
