//! An instant in a page: told from now, with the instant itself for those who want it.

use super::format::datetime;
use super::texts::Texts;
use askama::Template;
use docket_core::time::{DurationMs, Timestamp};

/// `<time>`: relative text, absolute title.
#[derive(Template)]
#[template(path = "parts/time.html")]
pub(super) struct Moment {
    datetime: String,
    title: String,
    pub(super) text: String,
}

impl Moment {
    /// "3 h ago".
    pub(super) fn relative(texts: &Texts, at: Timestamp, now: Timestamp) -> Self {
        Self { datetime: datetime(at), title: texts.instant(at), text: texts.relative(at, now) }
    }

    /// "3 h": how long it has been.
    pub(super) fn span(texts: &Texts, since: Timestamp, now: Timestamp) -> Self {
        let span = DurationMs(now.since(since).0.max(0));
        Self { datetime: datetime(since), title: texts.instant(since), text: texts.span(span) }
    }

    /// "21 Nov 2026, 09:30 UTC", told from now in its title.
    pub(super) fn absolute(texts: &Texts, at: Timestamp, now: Timestamp) -> Self {
        Self { datetime: datetime(at), title: texts.relative(at, now), text: texts.instant(at) }
    }

    /// "21 Nov 2026, 09:30:08 UTC", told from now in its title.
    pub(super) fn to_the_second(texts: &Texts, at: Timestamp, now: Timestamp) -> Self {
        Self { text: texts.instant_to_the_second(at), ..Self::absolute(texts, at, now) }
    }
}
