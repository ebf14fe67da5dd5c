//! The read models as of a moment: the log folded up to it in memory, by the projectors that the server uses.

use crate::cli::MomentArguments;
use crate::core_words;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::progress::Progress;
use crate::sentence::Sentence;
use crate::words::visible;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use docket_projections::Connection;
use docket_projections::log_event::LogEvent;
use docket_projections::read_model::{ApplyError, FileError, Purpose, Quarantined};
use docket_projections::registry::{self, Model};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

/// A moment of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After the event at this position.
    Position(GlobalPosition),
    /// After everything that had been recorded by this instant.
    Time(Timestamp),
}

impl FromStr for Moment {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(GlobalPosition(position)));
        }
        Timestamp::parse_rfc3339(text).map(Self::Time).map_err(|_| {
            let text = format!("{text:?}");
            Sentence::new(move |texts| texts.no_moment(&text))
        })
    }
}

/// Read models in memory, as of a moment.
pub struct Past {
    models: Vec<(&'static str, Box<dyn Model>)>,
    /// The last position that is in them.
    pub position: GlobalPosition,
    /// The instant that what depends on the time of day is judged at.
    pub evaluated_at: Timestamp,
}

impl Past {
    /// Folds the log up to a moment, or to its end, into the read models that are named.
    ///
    /// With `occurred`, a time is compared with when events happened instead of when they were recorded: what
    /// the world was like then, as far as the log knows today. Later imports can change that.
    ///
    /// # Errors
    /// [`Failure::Usage`] when there is no such moment.
    pub fn fold(log: &Log, names: &[&str], moment: &MomentArguments, out: &mut Out) -> Result<Self, Failure> {
        let head = log.head();
        let (end, happened_by) = match (moment.at, moment.occurred) {
            (None, _) => (head, None),
            (Some(Moment::Position(position)), _) if position > head => {
                return Err(Failure::usage(move |texts| texts.no_position(head, position)));
            }
            (Some(Moment::Position(_)), true) => {
                return Err(Failure::Usage(Sentence::fixed(|texts| texts.occurred_needs_time)));
            }
            (Some(Moment::Position(position)), false) => (position, None),
            (Some(Moment::Time(time)), true) => (head, Some(time)),
            (Some(Moment::Time(time)), false) => (last_recorded_by(log, time)?, None),
        };
        let mut models = Vec::new();
        for definition in registry::all().into_iter().filter(|definition| names.contains(&definition.name)) {
            let model = definition.open(Path::new(""), Purpose::Memory).map_err(failed)?;
            models.push((definition.name, model));
        }
        let mut past = Self { models, position: end, evaluated_at: Timestamp(0) };
        past.take(log, end, happened_by, out)?;
        if let Some(Moment::Time(time)) = moment.at {
            past.evaluated_at = time;
        }
        Ok(past)
    }

    fn take(
        &mut self,
        log: &Log,
        end: GlobalPosition,
        happened_by: Option<Timestamp>,
        out: &mut Out,
    ) -> Result<(), Failure> {
        let mut progress = Progress::begin(out.texts().progress_folding, end.0, out);
        let mut last = Timestamp(0);
        log.scan(GlobalPosition::START, end, |record| {
            let event = LogEvent::of(record);
            last = event.recorded_at;
            if record.position.0.is_multiple_of(4096) {
                progress.at(record.position.0, out);
            }
            if happened_by.is_some_and(|time| event.occurred_at > time) {
                return Ok(());
            }
            for (_, model) in &mut self.models {
                model.apply(std::slice::from_ref(&event), end).map_err(failed)?;
            }
            Ok(())
        })?;
        self.evaluated_at = last;
        for (_, model) in &mut self.models {
            model.finish().map_err(failed)?;
        }
        self.tell_set_aside(out);
        Ok(())
    }

    /// Says which tickets an event was missing from, so that no figure is taken for whole that is not.
    fn tell_set_aside(&self, out: &mut Out) {
        let set_aside: BTreeMap<TicketNumber, Quarantined> = self
            .models
            .iter()
            .flat_map(|(_, model)| model.quarantine())
            .map(|entry| (entry.ticket, entry))
            .collect();
        if let Some(first) = set_aside.values().next() {
            let Quarantined { ticket, position, why } = first;
            let tickets = set_aside.len() as u64;
            out.note(&out.texts().set_aside(tickets, ticket, position, visible(why)));
        }
    }

    /// Asks one of the read models.
    ///
    /// # Errors
    /// [`Failure::ReadModel`]
    pub fn query<T>(
        &self,
        name: &str,
        query: impl FnOnce(&Connection) -> Result<T, FileError>,
    ) -> Result<T, Failure> {
        let connection = self.models.iter().find(|(known, _)| *known == name);
        let connection = connection.and_then(|(_, model)| model.connection());
        let missing = || {
            let name = name.to_owned();
            Failure::ReadModel { why: Sentence::new(move |texts| texts.no_such_read_model(&name)) }
        };
        query(connection.ok_or_else(missing)?).map_err(failed)
    }
}

fn failed(error: impl Into<ApplyError>) -> Failure {
    match error.into() {
        ApplyError::Held { position, why } => {
            Failure::Record { position: position.0, why: Sentence::verbatim(why) }
        }
        ApplyError::File(error) => {
            Failure::ReadModel { why: Sentence::new(move |texts| core_words::file(&error, texts)) }
        }
    }
}

/// The last position that was recorded at or before an instant. Recorded times never run backwards.
fn last_recorded_by(log: &Log, time: Timestamp) -> Result<GlobalPosition, Failure> {
    let (mut known, mut beyond) = (0, log.head().0 + 1);
    while beyond - known > 1 {
        let middle = known + (beyond - known) / 2;
        let records = log.wait(log.store().read_all(GlobalPosition(middle - 1), 1))?;
        let recorded_at = match records.first() {
            Some(record) => crate::log::decode(record)?.recorded_at,
            None => Timestamp::MAX,
        };
        if recorded_at <= time { known = middle } else { beyond = middle }
    }
    Ok(GlobalPosition(known))
}
