//! What an import came to, for people and as JSON.

use super::importer::Importer;
use super::rejects::Rejected;
use crate::Outcome;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::words::{counted, grouped, visible};
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
    remarks: Vec<String>,
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
        remarks: Vec<String>,
        log: &Log,
    ) -> Self {
        let (register, rejects) = (&importer.register, &importer.rejects);
        Self {
            file: file.to_owned(),
            mapping: mapping.to_owned(),
            system: system.to_owned(),
            rows: importer.rows,
            events: Events { appended: importer.facts.0, already_there: importer.facts.1 },
            tickets: Tickets {
                new: register.tickets.0,
                already_there: register.tickets.1,
                first: register.given.map(|(first, _)| first.0),
                last: register.given.map(|(_, last)| last.0),
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
            head: log.head().0,
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
        let rows = counted(self.rows, "row", "rows");
        out.line(&format!("{rows} of {} read with the mapping {}", self.file.display(), self.mapping))?;
        let new = counted(self.events.appended, "event", "events");
        out.line(&format!("{new} appended, {} were there already", grouped(self.events.already_there)))?;
        match (self.tickets.first, self.tickets.last) {
            (Some(first), Some(last)) => {
                let tickets = counted(self.tickets.new, "new ticket", "new tickets");
                out.line(&format!(
                    "{tickets}, numbered {first} to {last}; the log ends at position {}",
                    self.head
                ))?;
            }
            _ => out.line(&format!("no new tickets; the log ends at position {}", self.head))?,
        }
        for remark in &self.remarks {
            out.line(&format!("note: {}", visible(remark)))?;
        }
        let rejected = &self.rejected;
        if let Some(report) = &rejected.report {
            let (rows, waiting) = (counted(rejected.rows, "row", "rows"), rejected.waiting);
            let at_fault = rejected.at_fault;
            out.line(&format!(
                "{rows} could not be taken: {at_fault} at fault, {waiting} waiting for one of those"
            ))?;
            for row in &rejected.first {
                out.line(&format!("  line {}: {}", row.line, visible(&row.reason)))?;
            }
            let more = rejected.rows - rejected.first.len() as u64;
            if more > 0 {
                out.line(&format!("  and {}", counted(more, "more", "more")))?;
            }
            out.line(&format!("they are kept in {}", report.display()))?;
            out.line("mend the file and import it again: only what is missing is appended")?;
        }
        Ok(())
    }
}
