//! The report of rows that could not be taken: each with its line, the reason, and its bytes as they were.

use super::layout::REJECT_COLUMNS;
use super::problem::Problem;
use super::rows::RawRow;
use crate::failure::Failure;
use docket_core::store::data_dir::DataDir;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Rows that are shown as well as counted.
const SHOWN_MAX: usize = 20;

/// A row that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its line in the file.
    pub line: u64,
    /// Why, in English: programs read it.
    pub reason: String,
    /// Why, for the screen.
    #[serde(skip)]
    pub problem: Problem,
}

/// How rows are written down.
#[derive(Clone, Debug)]
pub enum Form {
    /// As CSV under the file's own header, with two columns in front.
    Csv {
        /// The file's header as it stands there.
        header: Vec<u8>,
        /// What separates cells.
        delimiter: u8,
    },
    /// As JSON lines that hold the row as text.
    JsonLines,
}

/// Keeps what could not be taken.
pub struct Rejects {
    path: PathBuf,
    form: Form,
    file: Option<BufWriter<File>>,
    /// Rows that are wrong themselves.
    pub at_fault: u64,
    /// Rows that wait for such a one.
    pub waiting: u64,
    /// The first of them.
    pub shown: Vec<Rejected>,
}

/// Where the report goes unless it is told.
pub fn default_path(data: &DataDir, file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
    let extension = if name.ends_with(".jsonl") || name.ends_with(".ndjson") { "jsonl" } else { "csv" };
    data.path().join("import-rejects").join(format!("{name}.rejects.{extension}"))
}

impl Rejects {
    /// A report that is written once there is something to report. One of an earlier import is removed.
    ///
    /// # Errors
    /// [`Failure::Output`]
    pub fn new(path: PathBuf, form: Form) -> Result<Self, Failure> {
        if !is_report_or_free(&path) {
            return Err(Failure::usage(move |texts| texts.rejects_other_file(path.display())));
        }
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::Output { path, source });
            }
            _ => {}
        }
        Ok(Self { path, form, file: None, at_fault: 0, waiting: 0, shown: Vec::new() })
    }

    /// The report's path, if there is anything in it.
    pub fn path(&self) -> Option<&Path> {
        self.file.is_some().then_some(self.path.as_path())
    }

    /// How many rows are in it.
    pub fn rows(&self) -> u64 {
        self.at_fault + self.waiting
    }

    /// Keeps a row.
    ///
    /// # Errors
    /// [`Failure::Output`]
    pub fn keep(&mut self, row: &RawRow, problem: &Problem) -> Result<(), Failure> {
        let waiting = u64::from(problem.is_waiting());
        self.waiting += waiting;
        self.at_fault += 1 - waiting;
        // In English in every language: other programs read the report.
        let reason = problem.to_string();
        self.write(row, &reason)?;
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(Rejected { line: row.line, reason, problem: problem.clone() });
        }
        Ok(())
    }

    fn write(&mut self, row: &RawRow, reason: &str) -> Result<(), Failure> {
        let failed = |source| Failure::Output { path: self.path.clone(), source };
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut file = BufWriter::new(create(&self.path).map_err(failed)?);
                if let Form::Csv { header, delimiter } = &self.form {
                    write_csv(&mut file, REJECT_COLUMNS, *delimiter, header).map_err(failed)?;
                }
                self.file.insert(file)
            }
        };
        let line = row.line.to_string();
        match &self.form {
            Form::Csv { delimiter, .. } => write_csv(file, [&line, reason], *delimiter, &row.bytes),
            Form::JsonLines => write_json(file, row, reason),
        }
        .map_err(failed)
    }

    /// Makes sure that everything kept is on the disk.
    ///
    /// # Errors
    /// [`Failure::Output`]
    pub fn finish(&mut self) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let done = file.flush().and_then(|()| file.get_ref().sync_all());
        done.map_err(|source| Failure::Output { path: self.path.clone(), source })
    }
}

/// Whether an earlier report lies there, or nothing.
fn is_report_or_free(path: &Path) -> bool {
    if !path.exists() {
        return true;
    }
    let mut begins = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut begins));
    let reports = ["\"docket_reject_line\"", "{\"line\":", "{\"bytes_hex\":"];
    // An empty one may be what an interrupted import left.
    let is_report = begins.is_empty() || reports.iter().any(|report| begins.starts_with(report.as_bytes()));
    path.is_file() && read.is_ok() && is_report
}

fn create(path: &Path) -> std::io::Result<File> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    File::create(path)
}

fn write_csv(file: &mut impl Write, front: [&str; 2], delimiter: u8, row: &[u8]) -> std::io::Result<()> {
    for cell in front {
        let cell = cell.replace('"', "\"\"");
        write!(file, "\"{cell}\"{}", char::from(delimiter))?;
    }
    // The row itself stays as it is, so that what is wrong with it can be seen and mended.
    file.write_all(row)?;
    file.write_all(b"\n")
}

fn write_json(file: &mut impl Write, row: &RawRow, reason: &str) -> std::io::Result<()> {
    let text = match std::str::from_utf8(&row.bytes) {
        Ok(text) => serde_json::json!({ "line": row.line, "reason": reason, "text": text }),
        Err(_) => {
            let bytes: String = row.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            serde_json::json!({ "line": row.line, "reason": reason, "bytes_hex": bytes })
        }
    };
    writeln!(file, "{text}")
}
