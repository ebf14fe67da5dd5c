//! `verify`: checks that every event is there, unaltered, and readable by this release.

use crate::Outcome;
use crate::core_words;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::progress::Progress;
use crate::sentence::Sentence;
use docket_core::names::GlobalPosition;
use docket_core::store::data_dir::DataDir;
use docket_core::store::{ReadError, Verified};
use serde::Serialize;

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
            report.verified = Some(Counts { events, streams, bytes });
            read_all(&log, GlobalPosition(events), &mut report, out)?;
        }
        Err(ReadError::Damaged { position, what }) => {
            report.find(position, "damaged", core_words::damage(what))
        }
        Err(error) => return Err(error.into()),
    }
    report.show(json, out)
}

/// Reads the data of every event, which the store itself does not understand.
fn read_all(log: &Log, up_to: GlobalPosition, report: &mut Report, out: &mut Out) -> Result<(), Failure> {
    let mut progress = Progress::begin(out.texts().progress_reading, up_to.0, out);
    log.scan(GlobalPosition::START, up_to, |record| {
        if record.position.0.is_multiple_of(4096) {
            progress.at(record.position.0, out);
        }
        match record.decode() {
            Ok(event) => {
                if let Err(error) = event.event() {
                    let newer = error.is_from_newer_release();
                    let kind = if newer { "newer_release" } else { "unreadable" };
                    let what = Sentence::new(move |texts| core_words::event(&error, texts));
                    report.find(record.position, kind, what);
                }
            }
            Err(error) => {
                let what = Sentence::new(move |texts| core_words::record(&error, texts));
                report.find(record.position, "unreadable", what);
            }
        }
        Ok(())
    })
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
        if let Some(Counts { events, streams, bytes }) = self.verified {
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
