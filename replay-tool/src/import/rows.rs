//! Rows of a text file as they stand there: their line, their bytes, and their cells.
//!
//! A reader of its own rather than a CSV library's, since a row that cannot be taken must be kept byte for
//! byte, and since one quote that is never closed must not swallow the rest of the file.

use super::problem::Problem;
use std::io::{BufRead, ErrorKind, Read};

/// The longest row. Unit: bytes. Written as JSON it stays below the largest record of a log.
pub const ROW_BYTES_MAX: usize = 128 * 1024;

/// A row, with or without a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRow {
    /// The line it begins on, from 1.
    pub line: u64,
    /// Its bytes without the line end.
    pub bytes: Vec<u8>,
    /// Whether it lacks a line end: the file ends here, or was cut off.
    pub unended: bool,
    /// Why it cannot be taken, as far as its bytes tell.
    pub problem: Option<Problem>,
}

/// How rows end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// With the line.
    Lines,
    /// With the line, unless a quoted cell goes on (RFC 4180).
    Csv {
        /// What separates cells.
        delimiter: u8,
    },
}

/// Reads rows one after the other.
pub struct Rows<R> {
    reader: R,
    shape: Shape,
    /// The line that comes next, from 1.
    line: u64,
    /// Lines that were read and given back, and how far they have been read again.
    pending: Vec<u8>,
    pending_read: usize,
    /// The reader is known to break off: its end is no end of a file.
    cut_off: bool,
    /// The last row had no line end.
    unended: bool,
}

impl<R: BufRead> Rows<R> {
    /// Reads rows of a shape. `cut_off` says that the reader is known to break off before the file's end.
    pub fn new(reader: R, shape: Shape, cut_off: bool) -> Self {
        Self { reader, shape, line: 1, pending: Vec::new(), pending_read: 0, cut_off, unended: false }
    }

    /// Whether the last row had no line end, as when a file is cut off between two cells.
    pub fn ends_without_line_end(&self) -> bool {
        self.unended
    }

    /// The reader behind it.
    pub fn reader(&self) -> &R {
        &self.reader
    }

    /// The next row that is not empty; none at the end.
    ///
    /// # Errors
    /// What the reader says; a compressed stream that breaks off is no error but the end.
    pub fn next_row(&mut self) -> std::io::Result<Option<RawRow>> {
        loop {
            let row = self.next_or_empty()?;
            match row {
                Some(row) if row.bytes.is_empty() && row.problem.is_none() => {}
                row => return Ok(row),
            }
        }
    }

    fn next_or_empty(&mut self) -> std::io::Result<Option<RawRow>> {
        let mut row = RawRow { line: self.line, ..RawRow::default() };
        let mut quotes = Quotes::default();
        let mut first_line_end = None;
        loop {
            let begin = row.bytes.len();
            let ended = self.read_line(&mut row)?;
            if row.bytes.is_empty() {
                return Ok(None);
            }
            let first_line_end = *first_line_end.get_or_insert(row.bytes.len());
            self.line += 1;
            if row.problem.is_some() {
                break;
            }
            let open = match self.shape {
                Shape::Csv { delimiter } => quotes.are_open_after(&row.bytes[begin..], delimiter),
                Shape::Lines => false,
            };
            if open && ended && row.bytes.len() < ROW_BYTES_MAX {
                continue;
            }
            if open {
                // One stray quote must not take the lines after it along.
                let given_back = row.bytes.split_off(first_line_end);
                self.line = row.line + 1;
                self.pending.splice(..self.pending_read, given_back);
                self.pending_read = 0;
                row.problem = Some(Problem::OpenQuote);
            }
            row.unended = !ended && self.pending_read == self.pending.len();
            self.unended = row.unended;
            if row.unended && self.cut_off {
                row.problem = Some(Problem::CutOff);
            }
            break;
        }
        trim_line_end(&mut row.bytes);
        if row.problem.is_none()
            && let Err(error) = std::str::from_utf8(&row.bytes)
        {
            let at = error.valid_up_to();
            row.problem = Some(Problem::Encoding { byte: row.bytes[at], place: at + 1 });
        }
        Ok(Some(row))
    }

    /// Adds the next line to the row; tells whether it had a line end.
    fn read_line(&mut self, row: &mut RawRow) -> std::io::Result<bool> {
        let begin = row.bytes.len();
        let pending = &self.pending[self.pending_read..];
        if pending.is_empty() {
            let mut limited = (&mut self.reader).take(ROW_BYTES_MAX as u64 + 1);
            match limited.read_until(b'\n', &mut row.bytes) {
                Ok(_) => {}
                Err(error) if self.cut_off && is_cut(error.kind()) => {}
                Err(error) => return Err(error),
            }
        } else {
            let end = pending.iter().position(|byte| *byte == b'\n').map_or(pending.len(), |at| at + 1);
            row.bytes.extend_from_slice(&pending[..end]);
            self.pending_read += end;
        }
        let ended = row.bytes.len() > begin && row.bytes.ends_with(b"\n");
        if row.bytes.len() - begin > ROW_BYTES_MAX {
            row.problem = Some(Problem::RowTooLong);
            row.bytes.truncate(begin + ROW_BYTES_MAX);
            if !ended {
                self.skip_line()?;
            }
        }
        Ok(ended)
    }

    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if self.cut_off && is_cut(error.kind()) => return Ok(()),
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |at| at + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

/// The errors by which a decompressor says that its input breaks off.
pub(super) fn is_cut(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof)
}

fn trim_line_end(bytes: &mut Vec<u8>) {
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
}

/// Follows a row from its beginning and tells whether it stands inside a quoted cell.
struct Quotes {
    open: bool,
    cell_begins: bool,
}

impl Default for Quotes {
    fn default() -> Self {
        Self { open: false, cell_begins: true }
    }
}

impl Quotes {
    fn are_open_after(&mut self, bytes: &[u8], delimiter: u8) -> bool {
        if !self.open && !bytes.contains(&b'"') {
            return false;
        }
        for byte in bytes {
            if *byte == b'"' && (self.open || self.cell_begins) {
                self.open = !self.open;
                // A second quote right after a closing one opens the cell again: it is a quote inside it.
                self.cell_begins = !self.open;
            } else {
                self.cell_begins = !self.open && *byte == delimiter;
            }
        }
        self.open
    }
}

/// The cells of a CSV row, quotes taken off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// Splits a row.
    ///
    /// # Errors
    /// [`Problem::TextAfterQuote`]; the cells before it are kept.
    pub fn split(&mut self, row: &str, delimiter: u8) -> Result<(), Problem> {
        self.text.clear();
        self.ends.clear();
        let mut rest = row;
        loop {
            let after = match rest.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted),
                None => {
                    let end = rest.bytes().position(|byte| byte == delimiter).unwrap_or(rest.len());
                    self.text.push_str(&rest[..end]);
                    &rest[end..]
                }
            };
            self.ends.push(self.text.len());
            match after.as_bytes().first() {
                None => return Ok(()),
                Some(byte) if *byte == delimiter => rest = &after[1..],
                Some(_) => return Err(Problem::TextAfterQuote),
            }
        }
    }

    /// Takes a quoted cell whose opening quote is off; gives what follows its closing quote.
    fn quoted<'row>(&mut self, mut rest: &'row str) -> &'row str {
        while let Some(quote) = rest.find('"') {
            self.text.push_str(&rest[..quote]);
            rest = &rest[quote + 1..];
            match rest.strip_prefix('"') {
                Some(more) => {
                    self.text.push('"');
                    rest = more;
                }
                None => return rest,
            }
        }
        self.text.push_str(rest);
        ""
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell of a column, from 0; empty when the row is too short.
    pub fn get(&self, column: usize) -> &str {
        let begin = match column {
            0 => 0,
            _ => self.ends.get(column - 1).copied().unwrap_or(self.text.len()),
        };
        let end = self.ends.get(column).copied().unwrap_or(begin);
        self.text.get(begin..end).unwrap_or_default()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.get(column))
    }
}

#[cfg(test)]
mod tests;
