//! `verify`: checks that every event is there, unaltered, and readable by this release, and so every file that one names.

use crate::Outcome;
use crate::core_words;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::progress::Progress;
use crate::sentence::Sentence;
use docket_core::event::Event;
use docket_core::names::{FileDigest, GlobalPosition};
use docket_core::record::Origin;
use docket_core::store::data_dir::DataDir;
use docket_core::store::files::{Condition, FileStore};
use docket_core::store::{ReadError, Verified};
use docket_core::ticket::TicketEvent;
use serde::Serialize;
use std::collections::BTreeMap;

/// Findings that are shown one by one.
const SHOWN_MAX: usize = 20;

#[derive(Serialize)]
struct Report {
    sound: bool,
    /// What was counted; none when the walk ended at damage.
    #[serde(flatten)]
    verified: Option<Counts>,
    findings: Vec<Finding>,
    /// Findings in all; more than are listed when there are many.
    findings_total: u64,
}

#[derive(Serialize)]
struct Counts {
    events: u64,
    streams: u64,
    bytes: u64,
    /// Files that events name.
    files: u64,
}

#[derive(Serialize)]
struct Finding {
    position: u64,
    kind: &'static str,
    /// In English: a program reads it. On the screen it is told in the user's language.
    what: Sentence,
}

/// Runs `verify`.
///
/// # Errors
/// [`Failure`] when the log cannot be read at all; damage is a finding.
pub fn run(data: &DataDir, json: bool, out: &mut Out) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let progress = Progress::begin(out.texts().progress_verifying, log.head().0, out);
    let verified = log.verify(progress.for_store());
    drop(progress);
    let mut report = Report { sound: true, verified: None, findings: Vec::new(), findings_total: 0 };
    match verified {
        Ok(Verified { events, streams, bytes }) => {
            let named = read_all(&log, GlobalPosition(events), &mut report, out)?;
            report.verified = Some(Counts { events, streams, bytes, files: named.len() as u64 });
            check_files(&FileStore::at(data.attachments()), &named, &mut report);
        }
        Err(ReadError::Damaged { position, what }) => {
            report.find(position, "damaged", core_words::damage(what))
        }
        Err(error) => return Err(error.into()),
    }
    report.show(json, out)
}

/// Reads the data of every event, which the store itself does not understand.
fn read_all(log: &Log, up_to: GlobalPosition, report: &mut Report, out: &mut Out) -> Result<Named, Failure> {
    let mut named = Named::new();
    let mut progress = Progress::begin(out.texts().progress_reading, up_to.0, out);
    log.scan(GlobalPosition::START, up_to, |record| {
        if record.position.0.is_multiple_of(4096) {
            progress.at(record.position.0, out);
        }
        match record.decode() {
            Ok(recorded) => match recorded.event() {
                // An import tells of files and brings none.
                Ok(Event::Ticket(TicketEvent::Attached(attached))) if recorded.origin == Origin::Decided => {
                    named.entry(attached.digest).or_insert(record.position);
                }
                Ok(_) => {}
                Err(error) => {
                    let newer = error.is_from_newer_release();
                    let kind = if newer { "newer_release" } else { "unreadable" };
                    let what = Sentence::new(move |texts| core_words::event(&error, texts));
                    report.find(record.position, kind, what);
                }
            },
            Err(error) => {
                let what = Sentence::new(move |texts| core_words::record(&error, texts));
                report.find(record.position, "unreadable", what);
            }
        }
        Ok(())
    })?;
    Ok(named)
}

/// The files that events name, each with the first that does.
type Named = BTreeMap<String, GlobalPosition>;

/// Reads every file that an event names.
fn check_files(files: &FileStore, named: &Named, report: &mut Report) {
    for (digest, position) in named {
        let condition = FileDigest::new(digest.as_str()).map(|digest| files.check(&digest));
        let name = digest.clone();
        match condition {
            Ok(Ok(Condition::Good)) => {}
            Ok(Ok(Condition::Missing)) | Err(_) => {
                let what = Sentence::new(move |texts| texts.file_missing(&name));
                report.find(*position, "file_missing", what);
            }
            Ok(Ok(Condition::Altered)) => {
                let what = Sentence::new(move |texts| texts.file_altered(&name));
                report.find(*position, "file_altered", what);
            }
            Ok(Err(error)) => {
                let why = error.to_string();
                let what = Sentence::new(move |texts| texts.file_unreadable(&name, &why));
                report.find(*position, "file_unreadable", what);
            }
        }
    }
}

impl Report {
    fn find(&mut self, position: GlobalPosition, kind: &'static str, what: Sentence) {
        self.sound = false;
        self.findings_total += 1;
        if self.findings.len() < SHOWN_MAX {
            self.findings.push(Finding { position: position.0, kind, what });
        }
    }

    fn show(&self, json: bool, out: &mut Out) -> Result<Outcome, Failure> {
        if json {
            out.json(self)?;
        } else {
            self.tell(out)?;
        }
        Ok(if self.sound { Outcome::Fine } else { Outcome::Found })
    }

    fn tell(&self, out: &mut Out) -> Result<(), Failure> {
        let texts = out.texts();
        if let Some(Counts { events, streams, bytes, .. }) = self.verified {
            let (events, streams) = (texts.events(events), texts.streams(streams));
            out.line(&texts.verify_whole(events, streams, texts.number(bytes)))?;
        }
        if self.sound {
            return out.line(texts.verify_readable);
        }
        for Finding { position, what, .. } in &self.findings {
            out.line(&texts.at_position(position, what.told(texts)))?;
        }
        let more = self.findings_total - self.findings.len() as u64;
        if more > 0 {
            out.line(&texts.and_more(texts.number(more)))?;
        }
        if self.verified.is_none() {
            out.line(texts.verify_stopped)?;
            out.line(texts.verify_restore)?;
        }
        Ok(())
    }
}
