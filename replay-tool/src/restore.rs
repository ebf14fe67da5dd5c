//! `restore`: puts an exported log back into an empty data directory, hash for hash.

use crate::Outcome;
use crate::cli::RestoreArguments;
use crate::core_words;
use crate::failure::Failure;
use crate::import::input::Input;
use crate::log::{Log, decode};
use crate::out::Out;
use crate::progress::Progress;
use crate::sentence::Sentence;
use docket_core::names::{GlobalPosition, StreamName, StreamVersion};
use docket_core::record::{self, StoredRecord};
use docket_core::store::data_dir::DataDir;
use docket_core::store::{EVENTS_PER_APPEND_MAX, RECORD_BYTES_MAX};
use docket_core::time::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::Path;
use std::sync::atomic::Ordering;

#[derive(Serialize)]
struct Summary {
    events: u64,
    already_there: u64,
    head: u64,
}

/// Runs `restore`. The whole file is checked before anything is written; an interrupted restore goes on.
///
/// # Errors
/// [`Failure::Input`] names the line that is wrong.
pub fn run(
    arguments: &RestoreArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let file = &arguments.file;
    let mut check = Check::default();
    walk(file, out.texts().progress_checking, out, |line, record| {
        check.line(line, &record).map_err(|why| wrong_line(file, line, why))
    })?;
    if check.command_lacks > 0 {
        let lacks = u64::from(check.command_lacks);
        let why = Sentence::new(move |texts| texts.restore_cut_off(texts.events(lacks)));
        return Err(wrong_line(file, check.lines + 1, why));
    }
    let log = Log::to_write(data)?;
    let there = log.head();
    let mut batch = Vec::with_capacity(EVENTS_PER_APPEND_MAX);
    let mut compare = Compare::new(&log, there);
    let mut restored = 0;
    walk(file, out.texts().progress_restoring, out, |_, record| {
        if record.position <= there {
            return compare.same(&record, data, file);
        }
        // A command is written whole or not at all, here too.
        let begins = decode(&record)?.command.map_or(1, |mark| mark.events as usize);
        if batch.len() + begins > EVENTS_PER_APPEND_MAX {
            log.wait(log.store().restore(std::mem::take(&mut batch)))?;
        }
        restored += 1;
        batch.push(record);
        Ok(())
    })?;
    if check.lines < there.0 {
        return Err(not_empty(data, file));
    }
    if !batch.is_empty() {
        log.wait(log.store().restore(batch))?;
    }
    let summary = Summary { events: restored, already_there: there.0, head: log.head().0 };
    if json {
        out.json(&summary)?;
    } else {
        let texts = out.texts();
        out.line(&texts.restore_done(restored, summary.head))?;
        if there.0 > 0 {
            out.line(&texts.restore_went_on(there))?;
        }
    }
    Ok(Outcome::Fine)
}

fn not_empty(data: &DataDir, file: &Path) -> Failure {
    Failure::NotEmpty { path: data.path().to_owned(), file: file.to_owned() }
}

fn wrong_line(file: &Path, line: u64, why: Sentence) -> Failure {
    let why = Sentence::new(move |texts| texts.restore_wrong_line(line, why.told(texts)));
    Failure::Input { path: file.to_owned(), why }
}

/// Hands every record of an export to a function, with its line.
fn walk(
    file: &Path,
    what: &'static str,
    out: &mut Out,
    mut take: impl FnMut(u64, StoredRecord) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut input = Input::open(file)?;
    let counter = input.counter();
    let mut progress = Progress::begin(what, input.length, out);
    let mut line = 0;
    loop {
        line += 1;
        if line % 4096 == 0 {
            progress.at(counter.load(Ordering::Relaxed), out);
        }
        let mut bytes = Vec::new();
        let mut limited = (&mut input.reader).take(RECORD_BYTES_MAX as u64 + 2);
        let read = limited.read_until(b'\n', &mut bytes);
        read.map_err(|error| {
            let error = error.to_string();
            wrong_line(file, line, Sentence::new(move |texts| texts.restore_file_damaged(&error)))
        })?;
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.pop() != Some(b'\n') {
            return Err(wrong_line(file, line, Sentence::fixed(|texts| texts.restore_no_line_end)));
        }
        let record = StoredRecord { position: GlobalPosition(line), hash: record::hash(&bytes), bytes };
        take(line, record)?;
    }
}

/// Checks an export as a whole, so that nothing of a wrong one is written.
#[derive(Default)]
struct Check {
    lines: u64,
    versions: HashMap<StreamName, StreamVersion>,
    recorded_at: Option<Timestamp>,
    /// Events that are still to come of the command that the last line belongs to.
    command_lacks: u32,
}

impl Check {
    fn line(&mut self, line: u64, record: &StoredRecord) -> Result<(), Sentence> {
        let event =
            record.decode().map_err(|error| Sentence::new(move |texts| core_words::record(&error, texts)))?;
        if event.encode() != record.bytes {
            return Err(Sentence::fixed(|texts| texts.restore_changed));
        }
        let stream = StreamName::new(&event.stream).map_err(|error| {
            Sentence::new(move |texts| texts.restore_stream_name(core_words::name(&error, texts)))
        })?;
        let version = self.versions.entry(stream).or_default();
        if event.version != version.next() {
            let (expected, stream) = (version.next(), event.stream.into_owned());
            return Err(Sentence::new(move |texts| texts.restore_version_missing(expected, &stream)));
        }
        *version = event.version;
        if self.recorded_at.is_some_and(|last| event.recorded_at < last) {
            return Err(Sentence::fixed(|texts| texts.restore_dated));
        }
        self.recorded_at = Some(event.recorded_at);
        self.command_lacks = match (event.command, self.command_lacks) {
            (Some(mark), 0) if (1..=EVENTS_PER_APPEND_MAX as u32).contains(&mark.events) => mark.events - 1,
            (Some(_), _) => {
                return Err(Sentence::fixed(|texts| texts.restore_command));
            }
            (None, lacks) => lacks.saturating_sub(1),
        };
        self.lines = line;
        Ok(())
    }
}

/// Compares the beginning of an export with what is in the log already.
struct Compare<'a> {
    log: &'a Log,
    there: GlobalPosition,
    page: std::vec::IntoIter<StoredRecord>,
}

impl<'a> Compare<'a> {
    fn new(log: &'a Log, there: GlobalPosition) -> Self {
        Self { log, there, page: Vec::new().into_iter() }
    }

    fn same(&mut self, record: &StoredRecord, data: &DataDir, file: &Path) -> Result<(), Failure> {
        let mut next = self.page.next();
        if next.is_none() {
            let after = GlobalPosition(record.position.0 - 1);
            let limit = 4096.min((self.there.0 - after.0) as usize);
            self.page = self.log.wait(self.log.store().read_all(after, limit))?.into_iter();
            next = self.page.next();
        }
        match next {
            Some(known) if known.hash == record.hash => Ok(()),
            _ => Err(not_empty(data, file)),
        }
    }
}
