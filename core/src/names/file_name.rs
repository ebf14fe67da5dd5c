//! What a file is called by whoever sends it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A file's name: one name without a path, at most [`FileName::BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

/// Why a file's name was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileNameError {
    /// Nothing that anybody could see, or a way through directories.
    #[error("must be the name of a file")]
    NoName,
    /// Longer than allowed.
    #[error("must be at most {max} bytes long, is {is}")]
    TooLong {
        /// Bytes allowed.
        max: usize,
        /// Bytes given.
        is: usize,
    },
    /// A character that would make a path of it, or show another name than it is.
    #[error("must not contain a slash, a control character or a mark of direction")]
    Character,
}

impl FileName {
    /// The longest name, in bytes of UTF-8: what most file systems take.
    pub const BYTES_MAX: usize = 255;

    /// Takes a name after checking it.
    ///
    /// # Errors
    /// [`FileNameError`]
    pub fn new(text: impl Into<String>) -> Result<Self, FileNameError> {
        let text = text.into();
        if text.trim().is_empty() || text == "." || text == ".." {
            return Err(FileNameError::NoName);
        }
        if text.len() > Self::BYTES_MAX {
            return Err(FileNameError::TooLong { max: Self::BYTES_MAX, is: text.len() });
        }
        if text.chars().any(is_refused) {
            return Err(FileNameError::Character);
        }
        Ok(Self(text))
    }

    /// The name as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `evil\u{202e}fdp.exe` is shown as `evilexe.pdf`.
fn is_refused(character: char) -> bool {
    character.is_control()
        || matches!(character, '/' | '\\' | '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Debug for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FileName({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for FileName {
    type Error = FileNameError;

    fn try_from(text: String) -> Result<Self, FileNameError> {
        Self::new(text)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

impl From<&FileName> for crate::personal::PersonalText {
    fn from(name: &FileName) -> Self {
        Self::Plain(name.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name_and_shows_what_it_is() {
        for name in ["factura año 2026.pdf", "a", "…", ".profile", "a..b", "x".repeat(255).as_str()] {
            assert_eq!(FileName::new(name).unwrap().as_str(), name);
        }
        for name in ["", " ", ".", ".."] {
            assert_eq!(FileName::new(name), Err(FileNameError::NoName), "{name:?}");
        }
        for name in ["a/b", "..\\b", "a\0", "a\nb", "a\u{202e}fdp.exe", "a\u{2066}b", "\u{7f}"] {
            assert_eq!(FileName::new(name), Err(FileNameError::Character), "{name:?}");
        }
        assert!(matches!(FileName::new("x".repeat(256)), Err(FileNameError::TooLong { max: 255, is: 256 })));
    }
}
