//! Something to say, worded once it is known who hears it.

use crate::texts::Texts;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// Something to say in whichever language it is asked for.
///
/// An error is told on the screen in the user's language and as JSON in English, so it carries what it says
/// rather than the words.
#[derive(Clone)]
pub struct Sentence(Arc<Wording>);

type Wording = dyn Fn(&'static Texts) -> String + Send + Sync;

impl Sentence {
    /// What `wording` says in each language.
    pub(crate) fn new(wording: impl Fn(&'static Texts) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(wording))
    }

    /// What stands as it is among the messages.
    pub(crate) fn fixed(message: fn(&'static Texts) -> &'static str) -> Self {
        Self::new(move |texts| message(texts).to_owned())
    }

    /// Words that are the same in every language: a value's, the system's, or those of a library.
    pub(crate) fn verbatim(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::new(move |_| words.clone())
    }

    /// The words in a language.
    pub(crate) fn told(&self, texts: &'static Texts) -> String {
        (self.0)(texts)
    }
}

/// In English, for programs.
impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// In English, for programs.
impl fmt::Display for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.told(Texts::english()))
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.to_string())
    }
}

/// A parser of clap's can refuse a value with one, and what tells the mistake finds it again.
impl std::error::Error for Sentence {}
