//! Cursors: where a page ended, bound to the query it belongs to and to the position at which the reading began.

use crate::app::App;
use crate::problem::Problem;
use docket_core::names::{ActorId, GlobalPosition};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What stands before the place: the digest of the query, and the position.
const HEAD_BYTES: usize = 8 + 8;

/// The longest place: an identifier.
const PLACE_BYTES_MAX: usize = ActorId::BYTES_MAX;

/// How much of the HMAC is kept (RFC 2104 section 5).
const SEAL_BYTES: usize = 16;

/// What only the query understands: the last row of a page.
pub(super) trait Place: Sized {
    /// Its bytes, at most [`PLACE_BYTES_MAX`].
    fn bytes(&self) -> Vec<u8>;

    /// The place of some bytes; none when they are no such place.
    fn of(bytes: &[u8]) -> Option<Self>;
}

/// Whole numbers.
impl<const N: usize> Place for [i64; N] {
    fn bytes(&self) -> Vec<u8> {
        self.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let numbers = <[[u8; 8]; N]>::try_from(numbers).ok().filter(|_| rest.is_empty())?;
        Some(numbers.map(i64::from_le_bytes))
    }
}

/// An identifier.
impl Place for String {
    fn bytes(&self) -> Vec<u8> {
        self.clone().into_bytes()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        Self::from_utf8(bytes.to_vec()).ok()
    }
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor<P = [i64; 3]> {
    /// The position that the first page showed.
    pub(super) began_at: GlobalPosition,
    /// The last row.
    pub(super) place: P,
}

impl<P: Place> Cursor<P> {
    /// The cursor as clients carry it: opaque, and sealed so that a changed one is noticed.
    pub(super) fn write(&self, app: &App, query: &str) -> String {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + PLACE_BYTES_MAX + SEAL_BYTES);
        bytes.extend(digest(query));
        bytes.extend(self.began_at.0.to_le_bytes());
        bytes.extend(self.place.bytes());
        let seal = seal(&app.digest_key, &bytes).finalize().into_bytes();
        bytes.extend(&seal[..SEAL_BYTES]);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a cursor back.
    ///
    /// # Errors
    /// A problem when it was changed on the way, or belongs to another query.
    pub(super) fn read(app: &App, query: &str, field: &str, text: &str) -> Result<Self, Problem> {
        let not_valid = || Problem::cursor_not_valid(field);
        let bytes = unhex(text).ok_or_else(not_valid)?;
        let (payload, sealed) = bytes.split_at(bytes.len() - SEAL_BYTES);
        // In constant time: how much of a made-up seal is right must not be told by how long it took.
        seal(&app.digest_key, payload).verify_truncated_left(sealed).map_err(|_| not_valid())?;
        let (head, place) = payload.split_at(HEAD_BYTES);
        let (of, began_at) = head.split_at(8);
        if of != digest(query) {
            return Err(Problem::cursor_of_another_query(field));
        }
        let began_at = began_at.try_into().map(u64::from_le_bytes).map_err(|_| not_valid())?;
        let place = P::of(place).ok_or_else(not_valid)?;
        Ok(Self { began_at: GlobalPosition(began_at), place })
    }
}

fn digest(query: &str) -> [u8; 8] {
    let mut digest = [0; 8];
    digest.copy_from_slice(&Sha256::digest(query.as_bytes())[..8]);
    digest
}

/// Under the key of this installation, apart from what else the key is used for.
fn seal(key: &[u8; 32], payload: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"cursor\0");
    mac.update(payload);
    mac
}

/// The bytes of a text that can hold a cursor.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.len() / 2;
    let fits = (HEAD_BYTES + SEAL_BYTES..=HEAD_BYTES + PLACE_BYTES_MAX + SEAL_BYTES).contains(&bytes);
    // In one way only: capital letters would make a second cursor of the same bytes.
    let is_digit = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    if !fits || text.len() % 2 == 1 || !text.bytes().all(is_digit) {
        return None;
    }
    let pair = |index: usize| u8::from_str_radix(text.get(index..index + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_as_nothing_else() {
        let numbers = [1, -2, i64::MAX];
        assert_eq!(<[i64; 3]>::of(&numbers.bytes()), Some(numbers));
        for bytes in [&[][..], &[0; 23], &[0; 25], &[0; 32]] {
            assert_eq!(<[i64; 3]>::of(bytes), None, "{}", bytes.len());
        }
        assert_eq!(String::of(&"Peña".to_owned().bytes()), Some("Peña".to_owned()));
        assert_eq!(String::of(b"\xff"), None);
    }

    #[test]
    fn only_the_one_form_of_a_cursor_is_read() {
        let shortest = HEAD_BYTES + SEAL_BYTES;
        assert_eq!(unhex(&"0f".repeat(shortest)), Some(vec![15; shortest]));
        let longest = shortest + PLACE_BYTES_MAX;
        assert!(unhex(&"0f".repeat(longest)).is_some());
        for text in [
            "0f".repeat(shortest - 1),
            "0f".repeat(longest + 1),
            "0F".repeat(shortest),
            "+f".repeat(shortest),
            format!("{}0", "0f".repeat(shortest)),
            "ñ".repeat(shortest),
        ] {
            assert_eq!(unhex(&text), None, "{text}");
        }
    }
}
