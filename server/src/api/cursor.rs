//! Cursors: where a page ended, bound to the query it belongs to and to the position at which the reading began.

use crate::app::App;
use crate::problem::Problem;
use docket_core::names::GlobalPosition;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Whole numbers that say where a page ended.
const PLACE_NUMBERS: usize = 3;

/// What a cursor says: the digest of the query, the position, the place.
const PAYLOAD_BYTES: usize = 8 + 8 + 8 * PLACE_NUMBERS;

/// How much of the HMAC is kept (RFC 2104 section 5).
const SEAL_BYTES: usize = 16;

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The position that the first page showed.
    pub(super) began_at: GlobalPosition,
    /// The last row, in numbers that only the query understands.
    pub(super) place: [i64; PLACE_NUMBERS],
}

impl Cursor {
    /// The cursor as clients carry it: opaque, and sealed so that a changed one is noticed.
    pub(super) fn write(self, app: &App, query: &str) -> String {
        let mut bytes = Vec::with_capacity(PAYLOAD_BYTES + SEAL_BYTES);
        bytes.extend(digest(query));
        bytes.extend(self.began_at.0.to_le_bytes());
        bytes.extend(self.place.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(seal(&app.digest_key, &bytes));
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a cursor back.
    ///
    /// # Errors
    /// A problem when it was changed on the way, or belongs to another query.
    pub(super) fn read(app: &App, query: &str, field: &str, text: &str) -> Result<Self, Problem> {
        let bytes = unhex(text).ok_or_else(|| Problem::cursor_not_valid(field))?;
        let (payload, sealed) = bytes.split_at(PAYLOAD_BYTES);
        if seal(&app.digest_key, payload) != sealed {
            return Err(Problem::cursor_not_valid(field));
        }
        if payload[..8] != digest(query) {
            return Err(Problem::cursor_of_another_query(field));
        }
        let number = |index: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&payload[8 * index..8 * index + 8]);
            u64::from_le_bytes(number)
        };
        let place = [2, 3, 4].map(|index| number(index).cast_signed());
        Ok(Self { began_at: GlobalPosition(number(1)), place })
    }
}

fn digest(query: &str) -> [u8; 8] {
    let mut digest = [0; 8];
    digest.copy_from_slice(&Sha256::digest(query.as_bytes())[..8]);
    digest
}

/// Under the key of this installation, apart from what else the key is used for.
fn seal(key: &[u8; 32], payload: &[u8]) -> [u8; SEAL_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"cursor\0");
    mac.update(payload);
    let mut seal = [0; SEAL_BYTES];
    seal.copy_from_slice(&mac.finalize().into_bytes()[..SEAL_BYTES]);
    seal
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * (PAYLOAD_BYTES + SEAL_BYTES) || !text.is_ascii() {
        return None;
    }
    let pair = |index: usize| u8::from_str_radix(text.get(index..index + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}
