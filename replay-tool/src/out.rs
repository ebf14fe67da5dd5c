//! Where a command says what it has to say.
//!
//! Everything printed goes through here, so that commands can be tested as functions, and so that a reader
//! who stops reading (`| head`) ends the program quietly.

use crate::failure::Failure;
use crate::language::Language;
use crate::texts::Texts;
use serde::Serialize;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The standard output and the standard error, or what stands in for them.
pub struct Out {
    text: Box<dyn Write + Send>,
    notes: Box<dyn Write + Send>,
    notes_terminal: bool,
    language: Language,
}

/// What a command printed, kept for a test.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    text: Arc<Mutex<Vec<u8>>>,
    notes: Arc<Mutex<Vec<u8>>>,
}

impl Out {
    /// The process's own standard output and error, in the language that the environment asks for.
    pub fn standard() -> Self {
        let notes_terminal = std::io::stderr().is_terminal();
        let text = BufWriter::with_capacity(64 * 1024, std::io::stdout());
        let language = Language::of_environment(|name| std::env::var_os(name));
        Self { text: Box::new(text), notes: Box::new(std::io::stderr()), notes_terminal, language }
    }

    /// Keeps what is printed; in English unless [`Out::speak`] says otherwise.
    pub fn captured() -> (Self, Captured) {
        let captured = Captured::default();
        let text = Shared(captured.text.clone());
        let notes = Shared(captured.notes.clone());
        let language = Language::default();
        (Self { text: Box::new(text), notes: Box::new(notes), notes_terminal: false, language }, captured)
    }

    /// Prints to this writer instead of the standard output; notes are dropped.
    pub fn to(text: impl Write + Send + 'static) -> Self {
        let (notes, language) = (Box::new(std::io::sink()), Language::default());
        Self { text: Box::new(text), notes, notes_terminal: false, language }
    }

    /// Speaks this language from now on.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
    }

    /// Everything there is to say, in the language spoken.
    pub(crate) fn texts(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    /// Whether notes go to a terminal, where a progress bar makes sense.
    pub fn shows_progress(&self) -> bool {
        self.notes_terminal
    }

    /// Prints a line.
    ///
    /// # Errors
    /// [`Failure::PipeClosed`] when nobody reads any more; [`Failure::Output`] otherwise.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())?;
        self.bytes(b"\n")
    }

    /// Prints bytes as they are.
    ///
    /// # Errors
    /// As for [`Out::line`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.text.write_all(bytes).map_err(failed)
    }

    /// Prints a value as one JSON document.
    ///
    /// # Errors
    /// As for [`Out::line`].
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).expect("what is printed has string keys only");
        self.line(&text)
    }

    /// Prints CSV, row by row.
    pub fn csv(&mut self) -> Csv<'_> {
        Csv { writer: csv::Writer::from_writer(&mut *self.text) }
    }

    /// Makes sure that everything printed has arrived.
    ///
    /// # Errors
    /// As for [`Out::line`].
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.text.flush().map_err(failed)
    }

    /// Says something beside the output, on the standard error.
    pub fn note(&mut self, text: &str) {
        // There is nowhere left to say that the standard error is closed.
        let _ = writeln!(self.notes, "{text}");
    }
}

/// CSV on its way to the standard output.
pub struct Csv<'a> {
    writer: csv::Writer<&'a mut (dyn Write + Send)>,
}

impl Csv<'_> {
    /// Prints a row; all rows have as many cells as the first.
    ///
    /// # Errors
    /// As for [`Out::line`].
    pub fn row<T: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<(), Failure> {
        let failed = |error: csv::Error| match error.into_kind() {
            csv::ErrorKind::Io(source) => failed(source),
            other => failed(std::io::Error::other(format!("{other:?}"))),
        };
        for cell in cells {
            let cell = cell.as_ref();
            if is_formula(cell) {
                self.writer.write_field([b"'", cell].concat()).map_err(failed)?;
            } else {
                self.writer.write_field(cell).map_err(failed)?;
            }
        }
        self.writer.write_record(None::<&[u8]>).map_err(failed)
    }

    /// Hands on what is left.
    ///
    /// # Errors
    /// As for [`Out::line`].
    pub fn end(mut self) -> Result<(), Failure> {
        self.writer.flush().map_err(failed)
    }
}

/// Whether a spreadsheet would run a cell instead of showing it (promise S5; OWASP, "CSV Injection"). A number may have a
/// sign.
fn is_formula(cell: &[u8]) -> bool {
    let begins = cell.first().is_some_and(|first| b"=+-@\t\r".contains(first));
    begins && std::str::from_utf8(cell).ok().and_then(|text| text.parse::<f64>().ok()).is_none()
}

fn failed(source: std::io::Error) -> Failure {
    match source.kind() {
        ErrorKind::BrokenPipe => Failure::PipeClosed,
        _ => Failure::Output { path: "the standard output".into(), source },
    }
}

impl Captured {
    /// What went to the standard output.
    pub fn text(&self) -> String {
        read(&self.text)
    }

    /// What went to the standard error.
    pub fn notes(&self) -> String {
        read(&self.notes)
    }
}

fn read(bytes: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_other_one_is_as_it_was() {
        let (mut out, captured) = Out::captured();
        let mut csv = out.csv();
        csv.row(["=1+2", "+x", "@SUM(A1)", "-a", "\t=1", "-12.5", "+3", "a=b", ""]).unwrap();
        csv.end().unwrap();
        assert_eq!(captured.text(), "'=1+2,'+x,'@SUM(A1),'-a,'\t=1,-12.5,+3,a=b,\n");
    }
}
