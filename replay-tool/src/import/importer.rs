//! Takes rows one after the other: reads what they say, and hands it on to whoever keeps the log.

use super::directory::Directory;
use super::mapping::vocabulary::Vocabulary;
use super::neutral::Neutral;
use super::problem::Problem;
use super::rejects::Rejects;
use super::rows::RawRow;
use super::server::Server;
use super::{Refused, RowReader};
use crate::failure::Failure;
use crate::sentence::Sentence;
use docket_core::handler::import::{ImportFact, ImportRow, Taken};
use docket_core::personal::PersonalText;
use docket_core::record::Source;

/// Whoever keeps the log.
pub enum Target<'a> {
    /// This program: nobody else has the directory.
    Directory(Directory<'a>),
    /// The server that has the directory.
    Server(Server),
}

/// An import under way.
pub struct Importer<'a> {
    target: Target<'a>,
    reader: Box<dyn RowReader>,
    vocabulary: Vocabulary,
    system: String,
    pub(super) rejects: Rejects,
    /// Rows seen.
    pub(super) rows: u64,
}

/// What an import has come to.
pub struct Imported {
    /// What was taken.
    pub(super) taken: Taken,
    /// The last position of the log.
    pub(super) head: u64,
    /// What the user should know.
    pub(super) remarks: Vec<Sentence>,
}

impl<'a> Importer<'a> {
    /// Begins.
    pub fn new(
        target: Target<'a>,
        reader: Box<dyn RowReader>,
        vocabulary: Vocabulary,
        system: &str,
        rejects: Rejects,
    ) -> Self {
        Self { target, reader, vocabulary, system: system.to_owned(), rejects, rows: 0 }
    }

    /// Takes a row, or keeps it in the report.
    ///
    /// # Errors
    /// [`Failure`] when the import cannot go on.
    pub fn row(&mut self, row: &RawRow) -> Result<(), Failure> {
        self.rows += 1;
        let facts = match self.reader.facts(row) {
            Ok(facts) => facts,
            Err(Refused { case, problem }) => return self.refuse(row, case.as_deref(), &problem),
        };
        let Some(first) = facts.first() else { return Ok(()) };
        if let Err(problem) = facts.iter().try_for_each(Neutral::check) {
            let case = first.case.clone();
            return self.refuse(row, Some(&case), &problem);
        }
        let counted = first.seq.is_none();
        let facts = facts.into_iter().map(|fact| self.fact(fact)).collect();
        let facts = ImportRow { line: row.line, facts, counted };
        let taken = match &mut self.target {
            Target::Directory(directory) => directory.take(row, facts, &mut self.rejects)?,
            Target::Server(server) => server.take(row, facts, &mut self.rejects)?,
        };
        if taken {
            self.reader.taken();
        }
        Ok(())
    }

    fn refuse(&mut self, row: &RawRow, case: Option<&str>, problem: &Problem) -> Result<(), Failure> {
        let case = case.filter(|case| !case.is_empty());
        match &mut self.target {
            Target::Directory(directory) => directory.refuse(row, case, problem, &mut self.rejects),
            Target::Server(server) => server.refuse(row, case, problem, &mut self.rejects),
        }
    }

    fn fact(&self, fact: Neutral) -> ImportFact {
        let event = self.vocabulary.event(&fact);
        let source = Source {
            system: self.system.clone(),
            case: fact.case,
            seq: fact.seq.unwrap_or_default(),
            row: fact.row,
            kind: fact.kind,
            from: fact.from,
            to: fact.to,
            actor: fact.actor,
            rest: fact.rest.map(PersonalText::Plain),
        };
        ImportFact { seq: fact.seq, event, occurred_at: fact.at, source }
    }

    /// Hands on what is left and closes the report.
    ///
    /// # Errors
    /// [`Failure`]
    pub fn finish(&mut self) -> Result<Imported, Failure> {
        let (taken, head) = match &mut self.target {
            Target::Directory(directory) => directory.finish()?,
            Target::Server(server) => server.finish(&mut self.rejects)?,
        };
        self.rejects.finish()?;
        Ok(Imported { taken, head, remarks: self.reader.remarks() })
    }
}
