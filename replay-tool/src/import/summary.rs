//! What an import came to, for people and as JSON.

use super::importer::{Imported, Importer};
use super::rejects::Rejected;
use crate::Outcome;
use crate::failure::Failure;
use crate::out::Out;
use crate::sentence::Sentence;
use crate::words::visible;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
pub(super) struct Summary {
    file: PathBuf,
    mapping: String,
    system: String,
    rows: u64,
    events: Events,
    tickets: Tickets,
    rejected: RejectedRows,
    cut_off: bool,
    remarks: Vec<Sentence>,
    head: u64,
}

#[derive(Serialize)]
struct Events {
    appended: u64,
    already_there: u64,
}

#[derive(Serialize)]
struct Tickets {
    new: u64,
    already_there: u64,
    first: Option<u64>,
    last: Option<u64>,
}

#[derive(Serialize)]
struct RejectedRows {
    rows: u64,
    at_fault: u64,
    waiting: u64,
    report: Option<PathBuf>,
    first: Vec<Rejected>,
}

impl Summary {
    pub(super) fn of(
        file: &Path,
        mapping: &str,
        system: &str,
        importer: &Importer<'_>,
        cut_off: bool,
        imported: Imported,
    ) -> Self {
        let Imported { taken, head, remarks } = imported;
        let rejects = &importer.rejects;
        Self {
            file: file.to_owned(),
            mapping: mapping.to_owned(),
            system: system.to_owned(),
            rows: importer.rows,
            events: Events { appended: taken.appended, already_there: taken.already_there },
            tickets: Tickets {
                new: taken.new_tickets,
                already_there: taken.known_tickets,
                first: taken.given.map(|(first, _)| first.0),
                last: taken.given.map(|(_, last)| last.0),
            },
            rejected: RejectedRows {
                rows: rejects.rows(),
                at_fault: rejects.at_fault,
                waiting: rejects.waiting,
                report: rejects.path().map(Path::to_owned),
                first: rejects.shown.clone(),
            },
            cut_off,
            remarks,
            head,
        }
    }

    pub(super) fn show(&self, json: bool, out: &mut Out) -> Result<Outcome, Failure> {
        if json {
            out.json(self)?;
        } else {
            self.tell(out)?;
        }
        Ok(if self.rejected.rows > 0 || self.cut_off { Outcome::Found } else { Outcome::Fine })
    }

    fn tell(&self, out: &mut Out) -> Result<(), Failure> {
        let texts = out.texts();
        out.line(&texts.import_read(self.rows, self.file.display(), &self.mapping))?;
        let there = texts.number(self.events.already_there);
        out.line(&texts.import_appended(self.events.appended, there))?;
        match (self.tickets.first, self.tickets.last) {
            (Some(first), Some(last)) => {
                out.line(&texts.import_new_tickets(self.tickets.new, first, last, self.head))?;
            }
            _ => out.line(&texts.import_no_tickets(self.head))?,
        }
        for remark in &self.remarks {
            out.line(&texts.import_remark(visible(&remark.told(texts))))?;
        }
        let rejected = &self.rejected;
        if let Some(report) = &rejected.report {
            out.line(&texts.import_rejected(rejected.rows, rejected.at_fault, rejected.waiting))?;
            for row in &rejected.first {
                let why = visible(&row.problem.told(texts));
                out.line(&format!("  {}", texts.import_rejected_row(row.line, why)))?;
            }
            let more = rejected.rows - rejected.first.len() as u64;
            if more > 0 {
                out.line(&format!("  {}", texts.and_more(texts.number(more))))?;
            }
            out.line(&texts.import_kept(report.display()))?;
            out.line(texts.import_mend)?;
        }
        Ok(())
    }
}
