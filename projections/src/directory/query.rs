//! Questions to the directory.

use super::{Directory, DirectoryPersonal, DirectoryState, Is, folded};
use crate::read_model::FileError;
use crate::read_model::file::decode_row;
use docket_core::names::{AccountId, ActorId};
use rusqlite::{Connection, Params};

/// The most entries that a page holds.
pub const ENTRIES_PER_PAGE_MAX: usize = 200;

/// A customer or an account as the directory shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is known, without text about persons.
    pub state: DirectoryState,
    /// Text about persons.
    pub personal: DirectoryPersonal,
}

/// A page, in the order of identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The identifier after which the next page begins, if there is one.
    pub next: Option<String>,
}

/// One customer.
///
/// # Errors
/// [`FileError`]
pub fn customer(connection: &Connection, id: &ActorId) -> Result<Option<Entry>, FileError> {
    one(connection, Is::Customer, id.as_str())
}

/// One account.
///
/// # Errors
/// [`FileError`]
pub fn account(connection: &Connection, id: &AccountId) -> Result<Option<Entry>, FileError> {
    one(connection, Is::Account, id.as_str())
}

fn one(connection: &Connection, is: Is, id: &str) -> Result<Option<Entry>, FileError> {
    let sql = "SELECT state, personal FROM rows WHERE key = ?1 AND json_extract(state, '$.id') = ?2";
    Ok(rows(connection, sql, (is.key(id), id))?.pop())
}

/// A page of all customers.
///
/// # Errors
/// [`FileError`]
pub fn customers(connection: &Connection, after: Option<&str>, limit: usize) -> Result<Page, FileError> {
    all(connection, Is::Customer, after, limit)
}

/// A page of all accounts.
///
/// # Errors
/// [`FileError`]
pub fn accounts(connection: &Connection, after: Option<&str>, limit: usize) -> Result<Page, FileError> {
    all(connection, Is::Account, after, limit)
}

fn all(connection: &Connection, is: Is, after: Option<&str>, limit: usize) -> Result<Page, FileError> {
    let sql = "SELECT state, personal FROM rows INDEXED BY rows_by_id
        WHERE kind = ?1 AND json_extract(state, '$.id') > ?2 ORDER BY json_extract(state, '$.id') LIMIT ?3";
    let (after, limit) = (after.unwrap_or_default(), limit.clamp(1, ENTRIES_PER_PAGE_MAX));
    page(rows(connection, sql, (is.number(), after, limit as i64 + 1))?, limit)
}

/// A page of the customers who belong to an account.
///
/// # Errors
/// [`FileError`]
pub fn customers_of(
    connection: &Connection,
    account: &AccountId,
    after: Option<&str>,
    limit: usize,
) -> Result<Page, FileError> {
    let sql = "SELECT state, personal FROM rows INDEXED BY rows_by_account
        WHERE json_extract(state, '$.account') = ?1 AND json_extract(state, '$.id') > ?2
        ORDER BY json_extract(state, '$.id') LIMIT ?3";
    let (after, limit) = (after.unwrap_or_default(), limit.clamp(1, ENTRIES_PER_PAGE_MAX));
    page(rows(connection, sql, (account.as_str(), after, limit as i64 + 1))?, limit)
}

/// A page of the customers with an e-mail address, written in whatever case. Several people may share one.
///
/// # Errors
/// [`FileError`]
pub fn by_email(
    connection: &Connection,
    email: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Page, FileError> {
    let sql = "SELECT state, personal FROM rows INDEXED BY rows_by_email
        WHERE json_extract(personal, '$.email_folded') = ?1 AND json_extract(state, '$.id') > ?2
        ORDER BY json_extract(state, '$.id') LIMIT ?3";
    let (after, limit) = (after.unwrap_or_default(), limit.clamp(1, ENTRIES_PER_PAGE_MAX));
    page(rows(connection, sql, (folded(email), after, limit as i64 + 1))?, limit)
}

fn page(mut entries: Vec<Entry>, limit: usize) -> Result<Page, FileError> {
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|last| last.state.id.clone());
    Ok(Page { entries, next })
}

fn rows(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Entry>, FileError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |error: rusqlite::types::FromSqlError| FileError::Damaged(error.to_string());
        let state = row.get_ref(0)?.as_str().map_err(text)?;
        let personal = row.get_ref(1)?.as_str_or_null().map_err(text)?;
        let decoded = decode_row::<Directory>(state, personal)?;
        found.push(Entry { state: decoded.state, personal: decoded.personal.unwrap_or_default() });
    }
    Ok(found)
}
