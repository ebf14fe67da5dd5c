//! What a file is known by: the SHA-256 of what is in it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// SHA-256 of a file in lower-case hexadecimal. Two files of one digest are one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileDigest(String);

/// What was given is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a SHA-256 in 64 digits of lower-case hexadecimal")]
pub struct NotADigest;

impl FileDigest {
    /// How it is written. Unit: characters.
    pub const CHARS: usize = 64;

    /// Takes what is written as a digest.
    ///
    /// # Errors
    /// [`NotADigest`] for anything but 64 digits of lower-case hexadecimal: it also names a path.
    pub fn new(text: impl Into<String>) -> Result<Self, NotADigest> {
        let text = text.into();
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == Self::CHARS && text.bytes().all(is_digit) { Ok(Self(text)) } else { Err(NotADigest) }
    }

    /// The digest that a hash is written as.
    pub fn of(hash: [u8; 32]) -> Self {
        Self(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for FileDigest {
    type Error = NotADigest;

    fn try_from(text: String) -> Result<Self, NotADigest> {
        Self::new(text)
    }
}

impl From<FileDigest> for String {
    fn from(digest: FileDigest) -> Self {
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_digest_is_taken() {
        assert!(FileDigest::new("0f".repeat(32)).is_ok());
        for text in
            ["", "0F", "../../etc/passwd", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64), &"A".repeat(64)]
        {
            assert_eq!(FileDigest::new(text), Err(NotADigest), "{text}");
        }
        assert_eq!(FileDigest::of([0xab; 32]).as_str(), "ab".repeat(32));
    }
}
