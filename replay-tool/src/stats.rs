//! `stats`: how much is in a log, of what, and since when.

use crate::Outcome;
use crate::failure::Failure;
use crate::log::{Log, decode};
use crate::out::Out;
use crate::progress::Progress;
use crate::words::visible;
use docket_core::names::{GlobalPosition, StreamKind, StreamName};
use docket_core::record::{Origin, RecordedEvent};
use docket_core::store::data_dir::DataDir;
use docket_core::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

#[derive(Default, Serialize)]
struct Stats {
    head: u64,
    tickets: u64,
    streams: u64,
    record_bytes: u64,
    file_bytes: u64,
    decided: u64,
    imported: u64,
    events_by_type: BTreeMap<String, u64>,
    imported_by_system: BTreeMap<String, u64>,
    occurred: Option<Span>,
    recorded: Option<Span>,
}

/// The earliest and the latest of some instants.
#[derive(Clone, Serialize)]
struct Span {
    #[serde(serialize_with = "rfc3339")]
    first: Timestamp,
    #[serde(serialize_with = "rfc3339")]
    last: Timestamp,
}

fn rfc3339<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

impl Span {
    fn with(span: Option<&Self>, at: Timestamp) -> Self {
        span.map_or(Self { first: at, last: at }, |span| Self {
            first: span.first.min(at),
            last: span.last.max(at),
        })
    }
}

/// Runs `stats`.
///
/// # Errors
/// [`Failure`]
pub fn run(data: &DataDir, json: bool, out: &mut Out) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let head = log.head();
    let mut stats = Stats { head: head.0, ..Stats::default() };
    let mut streams = HashSet::new();
    let mut progress = Progress::begin(out.texts().progress_reading, head.0, out);
    log.scan(GlobalPosition::START, head, |record| {
        if record.position.0.is_multiple_of(4096) {
            progress.at(record.position.0, out);
        }
        stats.record_bytes += record.bytes.len() as u64;
        stats.take(&decode(record)?, &mut streams);
        Ok(())
    })?;
    drop(progress);
    stats.streams = streams.len() as u64;
    // The part that is not yet taken over into the file counts as well.
    let length = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |about| about.len());
    stats.file_bytes = length(&data.log()) + length(&data.log().with_extension("db-wal"));
    if json {
        out.json(&stats)?
    } else {
        stats.tell(out)?
    }
    Ok(Outcome::Fine)
}

impl Stats {
    fn take(&mut self, event: &RecordedEvent<'_>, streams: &mut HashSet<String>) {
        *self.events_by_type.entry(event.name.clone().into_owned()).or_default() += 1;
        match event.origin {
            Origin::Decided => self.decided += 1,
            Origin::Import => self.imported += 1,
        }
        if let Some(source) = &event.source {
            match self.imported_by_system.get_mut(&source.system) {
                Some(count) => *count += 1,
                None => drop(self.imported_by_system.insert(source.system.clone(), 1)),
            }
        }
        if !streams.contains(event.stream.as_ref()) {
            let kind = StreamName::new(&event.stream).map_or(StreamKind::Other, |stream| stream.kind());
            self.tickets += u64::from(matches!(kind, StreamKind::Ticket(_)));
            streams.insert(event.stream.clone().into_owned());
        }
        self.occurred = Some(Span::with(self.occurred.as_ref(), event.occurred_at));
        self.recorded = Some(Span::with(self.recorded.as_ref(), event.recorded_at));
    }

    fn tell(&self, out: &mut Out) -> Result<(), Failure> {
        let texts = out.texts();
        let (events, tickets) = (texts.events(self.head), texts.tickets(self.tickets));
        out.line(&texts.stats_events(events, tickets, texts.streams(self.streams)))?;
        out.line(&texts.stats_origins(texts.number(self.decided), texts.number(self.imported)))?;
        for (system, count) in &self.imported_by_system {
            let count = format!("{:>12}", texts.number(*count));
            out.line(&format!("  {}", texts.stats_system(count, visible(system))))?;
        }
        if let Some(Span { first, last }) = &self.occurred {
            out.line(&texts.stats_happened(first, last))?;
        }
        if let Some(Span { first, last }) = &self.recorded {
            out.line(&texts.stats_recorded(first, last))?;
        }
        out.line(&texts.stats_bytes(texts.number(self.record_bytes), texts.number(self.file_bytes)))?;
        let mut types: Vec<_> = self.events_by_type.iter().collect();
        types.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (name, count) in types {
            out.line(&format!("  {:>12}  {}", texts.number(*count), visible(name)))?;
        }
        Ok(())
    }
}
