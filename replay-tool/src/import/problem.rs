//! Why a row cannot be taken.

use super::rows::ROW_BYTES_MAX;
use docket_core::time::TimeError;

/// Why a row cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The bytes are no text.
    #[error(
        "not UTF-8: byte {byte:#04x} at place {place} of the row; convert the file, for example with \
         iconv -f WINDOWS-1252 -t UTF-8"
    )]
    Encoding {
        /// The first byte that does not fit.
        byte: u8,
        /// Its place in the row, from 1.
        place: usize,
    },
    /// Too few or too many cells.
    #[error("{found} cells instead of {expected}")]
    Cells {
        /// As many as the header has.
        expected: usize,
        /// As many as the row has.
        found: usize,
    },
    /// A quote opens and never closes.
    #[error("a quote is opened here and not closed within {ROW_BYTES_MAX} bytes or the rest of the file")]
    OpenQuote,
    /// Text follows a closing quote.
    #[error("text follows a closing quote; a quote inside a quoted cell is written twice")]
    TextAfterQuote,
    /// The row is larger than any row of a log.
    #[error("longer than {ROW_BYTES_MAX} bytes; only its beginning is kept in the report")]
    RowTooLong,
    /// The file ends within the row.
    #[error("the file is cut off in this row")]
    CutOff,
    /// A cell that must be there is empty.
    #[error("no {0}")]
    Missing(&'static str),
    /// A cell is longer than allowed.
    #[error("{what} is {is} bytes long, at most {max} are taken")]
    TooLong {
        /// Which cell.
        what: &'static str,
        /// How long it may be.
        max: usize,
        /// How long it is.
        is: usize,
    },
    /// A cell holds U+0000.
    #[error("the character U+0000")]
    Nul,
    /// The time cannot be read.
    #[error("{column}: {source}")]
    Time {
        /// The column.
        column: String,
        /// Why.
        source: TimeError,
    },
    /// The number within the case is no number.
    #[error("seq is not a whole number from 0 on: {0:?}")]
    SeqForm(String),
    /// Facts of the case are missing before this one.
    #[error("seq {found} where {expected} comes next in its case")]
    Gap {
        /// What would come next.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The number is taken, by a fact that says something else.
    #[error("seq {seq} of its case is taken, and says something else; what is in the log is never changed")]
    OtherContent {
        /// The number within the case.
        seq: u64,
    },
    /// Sound in itself; its case lacks an earlier row.
    #[error("waits for line {line}, which comes before it in its case and could not be taken")]
    Waits {
        /// The line at fault.
        line: u64,
    },
    /// The line is not the JSON that is expected.
    #[error("not an event: {0}")]
    Json(String),
}

impl Problem {
    /// Whether the row is sound and only waits for another one of its case.
    pub const fn is_waiting(&self) -> bool {
        matches!(self, Self::Waits { .. })
    }
}
