//! Logs in which a row is an event.

use super::layout::{Layout, Place};
use super::neutral::Neutral;
use super::problem::Problem;
use super::rows::RawRow;
use super::{Refused, RowReader};

/// Reads a row as one fact.
pub struct Events {
    layout: Layout,
    kind: Place,
    seq: Place,
    actor: Place,
    from: Place,
    to: Place,
    row: Place,
    requester: Place,
    subject: Place,
    body: Place,
}

impl Events {
    /// A reader for a file of this layout.
    pub fn new(layout: Layout) -> Self {
        let columns = &layout.mapping().columns;
        let place = |column: &Option<String>| layout.place(column.as_ref());
        Self {
            kind: place(&columns.kind),
            seq: place(&columns.seq),
            actor: place(&columns.actor),
            from: place(&columns.from),
            to: place(&columns.to),
            row: place(&columns.row),
            requester: place(&columns.requester),
            subject: place(&columns.subject),
            body: place(&columns.body),
            layout,
        }
    }

    fn fact(&self) -> Result<Neutral, Problem> {
        let cell = |place: Place| self.layout.cell(place).to_owned();
        Ok(Neutral {
            case: cell(self.layout.case),
            seq: self.seq.is_some().then(|| seq(self.layout.cell(self.seq))).transpose()?,
            at: self.layout.at()?,
            kind: cell(self.kind),
            actor: cell(self.actor),
            from: cell(self.from),
            to: cell(self.to),
            row: cell(self.row),
            requester: cell(self.requester),
            subject: cell(self.subject),
            body: cell(self.body),
            rest: self.layout.rest(),
        })
    }
}

fn seq(cell: &str) -> Result<u64, Problem> {
    let digits = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    let form = || Problem::SeqForm(cell.chars().take(64).collect());
    if digits { cell.parse().map_err(|_| form()) } else { Err(form()) }
}

impl RowReader for Events {
    fn facts(&mut self, row: &RawRow) -> Result<Vec<Neutral>, Refused> {
        self.layout.split(row)?;
        let case = self.layout.cell(self.layout.case);
        match self.fact() {
            Ok(fact) => Ok(vec![fact]),
            Err(problem) => Err(Refused::in_case(case, problem)),
        }
    }
}
