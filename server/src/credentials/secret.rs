//! Random secrets: shown once, kept as a digest.

use super::CredentialError;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use docket_core::record::hash;
use std::fmt;

/// Random bytes of a secret.
const BYTES: usize = 32;

/// The digest under which a secret is kept: SHA-256. Nobody can guess 256 random bits, so it needs no salt.
pub type Digest = [u8; 32];

/// A secret as it is shown to whom it is for. Never printed by a debug print (promise S8).
pub struct Secret(String);

impl Secret {
    /// Makes one; the prefix tells people and scanners what it is.
    ///
    /// # Errors
    /// [`CredentialError::NoRandomness`]
    pub fn random(prefix: &str) -> Result<Self, CredentialError> {
        Ok(Self(format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random::<BYTES>()?))))
    }

    /// What to show.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What to keep.
    pub fn digest(&self) -> Digest {
        digest(&self.0)
    }

    /// Whether a text has the shape of a secret with a prefix.
    pub fn fits(prefix: &str, text: &str) -> bool {
        // 32 bytes in base64 without padding.
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 43 && rest.bytes().all(is_base64))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The digest of a secret as it was given.
pub fn digest(secret: &str) -> Digest {
    hash(secret.as_bytes())
}

/// A digest as a text.
pub fn hexadecimal(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a text that [`hexadecimal`] made.
pub fn from_hexadecimal(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(digest)
}

/// Random bytes of the operating system.
///
/// # Errors
/// [`CredentialError::NoRandomness`]
pub fn random<const N: usize>() -> Result<[u8; N], CredentialError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CredentialError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_shape_and_is_never_the_same_twice() {
        let (one, other) = (Secret::random("dkt_").unwrap(), Secret::random("dkt_").unwrap());
        assert_ne!(one.reveal(), other.reveal());
        assert!(Secret::fits("dkt_", one.reveal()));
        for text in ["", "dkt_", "dkx_", &one.reveal()[..46], &format!("{}x", one.reveal()), "dkt_ñ"] {
            assert!(!Secret::fits("dkt_", text), "{text}");
        }
        assert!(!format!("{one:?}").contains(&one.reveal()[4..]));
    }

    #[test]
    fn a_digest_survives_being_written() {
        let digest = digest("x");
        assert_eq!(from_hexadecimal(&hexadecimal(&digest)), Some(digest));
        for text in ["", "zz", &"zz".repeat(32), &"ñ".repeat(32)] {
            assert_eq!(from_hexadecimal(text), None);
        }
    }
}
