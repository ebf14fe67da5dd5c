//! Where the columns of a mapping stand in one file, and the reading of its rows into cells.

use super::mapping::{Mapping, MappingError, Missing};
use super::problem::{Problem, THE_TIME};
use super::rows::{Cells, RawRow};
use super::{Refused, json};
use docket_core::time::Timestamp;
use std::collections::BTreeSet;
use std::path::Path;

/// Columns that a report of rejected rows adds; they are not part of what a source says.
pub const REJECT_COLUMNS: [&str; 2] = ["docket_reject_line", "docket_reject_reason"];

/// Where a column stands; none when the mapping names none, or an optional one that the file has not.
pub type Place = Option<usize>;

/// A file's columns as the mapping sees them.
#[derive(Clone, Debug)]
pub struct Layout {
    mapping: Mapping,
    header: Vec<String>,
    /// Columns that the mapping does not name.
    uncovered: Vec<usize>,
    pub(super) case: Place,
    at: Place,
    cells: Cells,
}

impl Layout {
    /// Finds the mapping's columns in a header.
    ///
    /// # Errors
    /// [`MappingError::Columns`] says what is missing and what is there.
    pub fn find(mapping: &Mapping, header: &RawRow, file: &Path) -> Result<Self, MappingError> {
        let mut cells = Cells::default();
        let text = String::from_utf8_lossy(&header.bytes);
        let whole = cells.split(&text, mapping.delimiter);
        let header: Vec<String> = cells.iter().map(str::to_owned).collect();
        let mut layout = Self {
            mapping: mapping.clone(),
            uncovered: Vec::new(),
            case: header.iter().position(|name| *name == mapping.columns.case),
            at: header.iter().position(|name| *name == mapping.columns.at),
            header,
            cells,
        };
        let named = mapping.named_columns();
        let missing = |(key, name): &(String, String)| {
            let there = layout.header.iter().filter(|column| *column == name).count();
            match there {
                1 => None,
                0 if mapping.optional.contains(name) => None,
                0 => Some(Missing { column: name.clone(), key: key.clone(), repeated: false }),
                _ => Some(Missing { column: name.clone(), key: key.clone(), repeated: true }),
            }
        };
        let missing: Vec<Missing> = named.iter().filter_map(missing).collect();
        if !missing.is_empty() || whole.is_err() {
            let other_delimiter = other_delimiter(&layout.header, mapping.delimiter);
            let (name, file, present) = (mapping.name.clone(), file.to_owned(), layout.header);
            return Err(MappingError::Columns { name, file, missing, present, other_delimiter });
        }
        let named: BTreeSet<&str> =
            named.iter().map(|(_, name)| name.as_str()).chain(REJECT_COLUMNS).collect();
        let uncovered = |index: &usize| !named.contains(layout.header[*index].as_str());
        layout.uncovered = (0..layout.header.len()).filter(uncovered).collect();
        Ok(layout)
    }

    /// The mapping.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Where a column stands.
    pub fn place(&self, column: Option<&String>) -> Place {
        let column = column?;
        self.header.iter().position(|name| name == column)
    }

    /// Splits a row into the cells that [`Layout::cell`] then gives.
    ///
    /// # Errors
    /// Why the row cannot be taken, with its case as far as that can be told.
    pub fn split(&mut self, row: &RawRow) -> Result<(), Refused> {
        let text = String::from_utf8_lossy(&row.bytes);
        let split = self.cells.split(&text, self.mapping.delimiter);
        let problem = match (&row.problem, split) {
            (Some(problem), _) => problem.clone(),
            (None, Err(problem)) => problem,
            (None, Ok(())) if self.cells.len() < self.header.len() && row.unended => Problem::CutOff,
            (None, Ok(())) if self.cells.len() != self.header.len() => {
                Problem::Cells { expected: self.header.len(), found: self.cells.len() }
            }
            (None, Ok(())) if row.bytes.contains(&0) => Problem::Nul,
            (None, Ok(())) => return Ok(()),
        };
        // A case that is not text for certain could be another one.
        let case = self.cell(self.case);
        let case = (!case.is_empty() && !case.contains('\u{fffd}')).then(|| case.to_owned());
        Err(Refused { case, problem })
    }

    /// A cell of the row that was split last; empty when it means "no value".
    pub fn cell(&self, place: Place) -> &str {
        let cell = place.map_or("", |column| self.cells.get(column));
        if self.mapping.missing.contains(cell) { "" } else { cell }
    }

    /// Reads the time in a cell.
    ///
    /// # Errors
    /// [`Problem::Missing`] or [`Problem::Time`]
    pub fn time(&self, place: Place) -> Result<Timestamp, Problem> {
        let cell = self.cell(place);
        if cell.is_empty() {
            return Err(Problem::Missing(THE_TIME));
        }
        self.mapping.time.read(cell).map_err(|source| {
            let column = place.and_then(|place| self.header.get(place)).cloned().unwrap_or_default();
            Problem::Time { column, source }
        })
    }

    /// The row's own time.
    ///
    /// # Errors
    /// As for [`Layout::time`].
    pub fn at(&self) -> Result<Timestamp, Problem> {
        self.time(self.at)
    }

    /// What the row says in columns that the mapping does not name, as a JSON object.
    pub fn rest(&self) -> Option<String> {
        let said =
            self.uncovered.iter().map(|column| (self.header[*column].as_str(), self.cell(Some(*column))));
        let said: Vec<(&str, &str)> = said.filter(|(_, cell)| !cell.is_empty()).collect();
        (!said.is_empty()).then(|| json::object(&said))
    }
}

/// What seems to separate the cells of a header that lacks columns, where it is not what the mapping says.
fn other_delimiter(header: &[String], delimiter: u8) -> Option<char> {
    let [only] = header else { return None };
    [';', '\t', ',', '|'].into_iter().find(|other| *other as u8 != delimiter && only.contains(*other))
}
