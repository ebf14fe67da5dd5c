//! Why a row cannot be taken.

use super::rows::ROW_BYTES_MAX;
use crate::core_words;
use crate::texts::Texts;
use docket_core::handler::import::FactRefusal;
use docket_core::time::TimeError;

/// Why a row cannot be taken. Its `Display` is English, for programs and for the report of rejected rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.told(Texts::english()))]
pub enum Problem {
    /// The bytes are no text.
    Encoding {
        /// The first byte that does not fit.
        byte: u8,
        /// Its place in the row, from 1.
        place: usize,
    },
    /// Too few or too many cells.
    Cells {
        /// As many as the header has.
        expected: usize,
        /// As many as the row has.
        found: usize,
    },
    /// A quote opens and never closes.
    OpenQuote,
    /// Text follows a closing quote.
    TextAfterQuote,
    /// The row is larger than any row of a log.
    RowTooLong,
    /// The file ends within the row.
    CutOff,
    /// A cell that must be there is empty.
    Missing(&'static str),
    /// A cell is longer than allowed.
    TooLong {
        /// Which cell.
        what: &'static str,
        /// How long it may be.
        max: usize,
        /// How long it is.
        is: usize,
    },
    /// A cell holds U+0000.
    Nul,
    /// The time cannot be read.
    Time {
        /// The column.
        column: String,
        /// Why.
        source: TimeError,
    },
    /// The number within the case is no number.
    SeqForm(String),
    /// Facts of the case are missing before this one.
    Gap {
        /// What would come next.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The number is taken, by a fact that says something else.
    OtherContent {
        /// The number within the case.
        seq: u64,
    },
    /// Sound in itself; its case lacks an earlier row.
    Waits {
        /// The line at fault.
        line: u64,
    },
    /// The line is not the JSON that is expected.
    Json(String),
    /// What an event of JSON lines says beside what Docket knows is no object.
    RestForm,
}

impl From<FactRefusal> for Problem {
    fn from(refusal: FactRefusal) -> Self {
        match refusal {
            FactRefusal::Missing(what) => Self::Missing(what),
            FactRefusal::TooLong { what, max, is } => Self::TooLong { what, max, is },
            FactRefusal::Nul => Self::Nul,
            FactRefusal::RestForm => Self::RestForm,
            FactRefusal::Gap { expected, found } => Self::Gap { expected, found },
            FactRefusal::OtherContent { seq } => Self::OtherContent { seq },
            FactRefusal::Waits { line } => Self::Waits { line },
            // What is read from rows is never any of these, but for a mapping that compares hundreds of columns.
            FactRefusal::Empty
            | FactRefusal::TooMany { .. }
            | FactRefusal::SeveralCases
            | FactRefusal::OtherSystem { .. }
            | FactRefusal::System(_)
            | FactRefusal::Sealed(_) => Self::Json(refusal.to_string()),
        }
    }
}

impl Problem {
    /// Why, in a language.
    pub(super) fn told(&self, texts: &'static Texts) -> String {
        match self {
            Self::Encoding { byte, place } => texts.row_encoding(format!("{byte:#04x}"), place),
            Self::Cells { expected, found } => texts.row_cells(*found as u64, expected),
            Self::OpenQuote => texts.row_open_quote(ROW_BYTES_MAX),
            Self::TextAfterQuote => texts.row_text_after_quote.into(),
            Self::RowTooLong => texts.row_too_long(ROW_BYTES_MAX),
            Self::CutOff => texts.row_cut_off.into(),
            Self::Missing(what) => texts.row_lacks(field(what, texts)),
            Self::TooLong { what, max, is } => texts.row_value_too_long(field(what, texts), is, max),
            Self::Nul => texts.row_nul.into(),
            Self::Time { column, source } => format!("{column}: {}", core_words::time(source, texts)),
            Self::SeqForm(text) => texts.row_seq_form(format!("{text:?}")),
            Self::Gap { expected, found } => texts.row_gap(found, expected),
            Self::OtherContent { seq } => texts.row_other_content(seq),
            Self::Waits { line } => texts.row_waits(line),
            Self::Json(why) => texts.row_no_event(why),
            Self::RestForm => texts.row_no_event(texts.rest_form),
        }
    }

    /// Whether the row is sound and only waits for another one of its case.
    pub const fn is_waiting(&self) -> bool {
        matches!(self, Self::Waits { .. })
    }
}

/// What a field is called: by its name in the log's layout, or in words where it has none there.
fn field(name: &'static str, texts: &'static Texts) -> &'static str {
    match name {
        THE_TIME => texts.the_time,
        THE_EVENT => texts.the_event,
        name => name,
    }
}

/// The field that a row's time is in, whatever the mapping calls it.
pub(super) const THE_TIME: &str = "time";

/// The event that a row becomes.
pub(super) const THE_EVENT: &str = "the event";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_english_a_row_is_refused_in_the_words_of_the_layer_below() {
        for refusal in [
            FactRefusal::Missing("case"),
            FactRefusal::TooLong { what: "actor", max: 1, is: 2 },
            FactRefusal::TooLong { what: THE_EVENT, max: 1, is: 2 },
            FactRefusal::Nul,
            FactRefusal::Gap { expected: 1, found: 3 },
            FactRefusal::OtherContent { seq: 2 },
            FactRefusal::Waits { line: 4 },
        ] {
            assert_eq!(Problem::from(refusal.clone()).to_string(), refusal.to_string());
        }
    }
}
