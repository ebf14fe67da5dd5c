//! Text that people type: what is taken, byte for byte, and what is not.
//!
//! The rule (promise I2): what is stored is what was sent, without normalising. NUL is refused, since it
//! ends strings in half the tools a log passes through. Other control characters and direction marks are
//! kept and shown visibly (docs/API.md, "Text").

use serde::Serialize;
use std::fmt;

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing that anybody could see.
    #[error("must not be blank")]
    Blank,
    /// Longer than allowed.
    #[error("must be at most {max} bytes long, is {is}")]
    TooLong {
        /// Bytes allowed.
        max: usize,
        /// Bytes given.
        is: usize,
    },
    /// Holds the character U+0000.
    #[error("must not contain the character U+0000")]
    Nul,
    /// Holds a line break where one line is expected.
    #[error("must be a single line")]
    LineBreak,
}

/// Whether a character is shown as nothing at all: Unicode's Default_Ignorable_Code_Point
/// (DerivedCoreProperties.txt, version 17).
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn check(text: &str, max: usize) -> Result<(), TextError> {
    if text.chars().all(|character| character.is_whitespace() || is_invisible(character)) {
        return Err(TextError::Blank);
    }
    if text.len() > max {
        return Err(TextError::TooLong { max, is: text.len() });
    }
    if text.contains('\0') { Err(TextError::Nul) } else { Ok(()) }
}

/// One line: a subject, a name. Not blank, at most [`Line::BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Line(String);

/// A message of any number of lines. Not blank, at most [`Body::BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Body(String);

impl Line {
    /// The longest line, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 512;

    /// Takes a line after checking it.
    ///
    /// # Errors
    /// [`TextError`] says what does not fit.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        check(&text, Self::BYTES_MAX)?;
        if text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            return Err(TextError::LineBreak);
        }
        Ok(Self(text))
    }
}

impl Body {
    /// The longest message, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 64 * 1024;

    /// Takes a message after checking it.
    ///
    /// # Errors
    /// [`TextError`] says what does not fit.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        check(&text, Self::BYTES_MAX)?;
        Ok(Self(text))
    }
}

macro_rules! text_type {
    ($($name:ident),*) => {$(
        impl $name {
            /// The text as it was sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
        impl From<&$name> for crate::personal::PersonalText {
            fn from(text: &$name) -> Self {
                Self::Plain(text.0.clone())
            }
        }
    )*};
}
text_type!(Line, Body);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_just_below_and_just_above() {
        assert!(Line::new("x".repeat(Line::BYTES_MAX)).is_ok());
        assert_eq!(Line::new("x".repeat(513)), Err(TextError::TooLong { max: 512, is: 513 }));
        assert!(Body::new("x".repeat(Body::BYTES_MAX)).is_ok());
        assert!(Body::new("x".repeat(Body::BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn what_is_taken_is_kept_byte_for_byte() {
        let odd = "e\u{301} \u{202e}abc\u{202c} \u{7} \tend ";
        assert_eq!(Body::new(odd).unwrap().as_str(), odd);
        assert_eq!(Body::new("a\0b"), Err(TextError::Nul));
        for blank in ["", " \n\t", "\u{200b}", "\u{e0041}", "\u{feff} \u{2060}", "\u{202e}"] {
            assert_eq!(Body::new(blank), Err(TextError::Blank), "{blank:?}");
        }
        assert!(Line::new("\u{200b}a").is_ok() && Line::new("👩\u{200d}👧").is_ok());
        assert_eq!(Line::new("a\nb"), Err(TextError::LineBreak));
    }
}
