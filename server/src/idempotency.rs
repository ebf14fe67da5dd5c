//! The same `Idempotency-Key` never acts twice (promise D4).

pub mod once;

use crate::problem::Problem;
use crate::single;
use axum::http::HeaderMap;
use docket_core::actor::{Actor, Role};
use docket_core::store::CommandKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that carries the key.
pub const HEADER: &str = "idempotency-key";

/// The longest key. Unit: bytes.
pub const KEY_BYTES_MAX: usize = 128;

/// The key of a request, with a digest of what it asks for.
///
/// # Errors
/// A problem when the header is there twice or holds anything but 1 to 128 visible ASCII characters.
pub fn command_key(
    headers: &HeaderMap,
    actor: &Actor,
    path: &str,
    body: &[u8],
    digest_key: &[u8; 32],
) -> Result<Option<CommandKey>, Problem> {
    let Some(key) = key_of(headers)? else { return Ok(None) };
    let digest = digest(digest_key, &[path.as_bytes(), body]);
    Ok(Some(CommandKey { principal: principal(actor), key: key.to_owned(), digest }))
}

/// Whose keys they are. A customer may be called as somebody of the staff is, and must not find what that one sent.
pub fn principal(actor: &Actor) -> String {
    let of_customer = if actor.role == Role::Customer { "customer/" } else { "" };
    format!("{of_customer}{}", actor.id)
}

/// The key of a request.
fn key_of(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = single::header(headers, HEADER)? else { return Ok(None) };
    let fits = |key: &&str| {
        (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = value.to_str().ok().filter(fits);
    key.map(Some).ok_or_else(|| Problem::invalid(HEADER, "must be 1 to 128 visible ASCII characters"))
}

/// HMAC-SHA-256 over length-prefixed parts, its first 128 bits (RFC 2104 section 5) in hexadecimal.
fn digest(key: &[u8; 32], parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
