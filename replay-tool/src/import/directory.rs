//! Takes rows into the log of a directory that nobody else has.

use super::problem::Problem;
use super::rejects::Rejects;
use super::rows::RawRow;
use crate::failure::Failure;
use crate::log::Log;
use docket_core::handler::import::{ImportRow, Intake, Taken};

/// The log of a directory, and what is taken into it.
pub struct Directory<'a> {
    log: &'a Log,
    intake: Intake,
}

impl<'a> Directory<'a> {
    /// Begins to take in the cases of a system.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn new(log: &'a Log, system: &str) -> Result<Self, Failure> {
        Ok(Self { log, intake: log.intake(system)? })
    }

    /// Takes a row, or keeps it in the report; tells whether it was taken.
    ///
    /// # Errors
    /// [`Failure`] when the import cannot go on.
    pub fn take(&mut self, row: &RawRow, facts: ImportRow, rejects: &mut Rejects) -> Result<bool, Failure> {
        if let Some(case) = self.intake.must_meet(&facts) {
            self.log.wait(self.intake.meet(case))?;
        }
        if let Err(refusal) = self.intake.take(facts) {
            rejects.keep(row, &refusal.into())?;
            return Ok(false);
        }
        while self.intake.is_full() {
            self.log.wait(self.intake.send())?;
        }
        Ok(true)
    }

    /// Keeps a row in the report that cannot even be read; what comes after it in its case waits.
    ///
    /// # Errors
    /// [`Failure`] when the import cannot go on.
    pub fn refuse(
        &mut self,
        row: &RawRow,
        case: Option<&str>,
        problem: &Problem,
        rejects: &mut Rejects,
    ) -> Result<(), Failure> {
        rejects.keep(row, problem)?;
        if let Some(case) = case {
            self.intake.hold(case, row.line);
        }
        Ok(())
    }

    /// Appends what is left; gives what it has come to, and the end of the log.
    ///
    /// # Errors
    /// [`Failure::Append`]
    pub fn finish(&mut self) -> Result<(Taken, u64), Failure> {
        let taken = self.log.wait(self.intake.finish())?;
        Ok((taken, self.log.head().0))
    }
}
