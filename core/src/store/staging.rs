//! What an append comes to, given what is recorded: the one place that knows versions, keys and ids.

use super::{Append, AppendError, Appended, BulkAppended, CommandKey, EVENTS_PER_APPEND_MAX};
use super::{ExpectedVersion, Fact, RECORD_BYTES_MAX};
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{self, CommandMark, NewEvent, StoredRecord};
use crate::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// What is in the log, committed or staged ahead in the same transaction.
pub(super) trait Recorded {
    type Error;
    fn version(&mut self, stream: &StreamName) -> Result<StreamVersion, Self::Error>;
    fn position_of(&mut self, id: EventId) -> Result<Option<GlobalPosition>, Self::Error>;
    fn command(&mut self, key: &CommandKey) -> Result<Option<GlobalPosition>, Self::Error>;
    fn record(&mut self, position: GlobalPosition) -> Result<StoredRecord, Self::Error>;
}

/// An event and its place, ready to be written.
pub(super) struct Staged<'a> {
    pub(super) stream: &'a StreamName,
    pub(super) version: StreamVersion,
    pub(super) command: Option<CommandMark>,
    pub(super) event: &'a NewEvent,
}

impl Staged<'_> {
    /// The record of the event at a position.
    ///
    /// # Errors
    /// [`AppendError::Limit`] when it is too large.
    pub(super) fn encode(
        &self,
        position: GlobalPosition,
        recorded_at: Timestamp,
    ) -> Result<StoredRecord, AppendError> {
        let command = self.command.clone();
        let bytes = record::encode(position, self.stream, self.version, recorded_at, command, self.event);
        if bytes.len() > RECORD_BYTES_MAX {
            let (what, max, is) = ("bytes in a record", RECORD_BYTES_MAX, bytes.len());
            return Err(AppendError::Limit { what, max, is });
        }
        Ok(StoredRecord { position, hash: record::hash(&bytes), bytes })
    }
}

/// What an append comes to.
pub(super) enum Verdict<'a> {
    /// It was appended before.
    Found(Appended),
    /// Write these, in order.
    Write { staged: Vec<Staged<'a>>, versions: Vec<(StreamName, StreamVersion)> },
}

/// Why nothing was staged.
pub(super) enum StageError<E> {
    Refused(AppendError),
    Store(E),
}

impl<E> From<E> for StageError<E> {
    fn from(error: E) -> Self {
        Self::Store(error)
    }
}

/// The versions of streams as they will be once what is staged is written.
#[derive(Default)]
struct Versions<'a>(HashMap<&'a StreamName, StreamVersion>);

impl<'a> Versions<'a> {
    fn of<R: Recorded>(
        &mut self,
        stream: &'a StreamName,
        recorded: &mut R,
    ) -> Result<&mut StreamVersion, R::Error> {
        use std::collections::hash_map::Entry;
        Ok(match self.0.entry(stream) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(recorded.version(stream)?),
        })
    }
}

/// Refuses more than an append may hold.
pub(super) fn at_most(what: &'static str, is: usize) -> Result<(), AppendError> {
    let max = EVENTS_PER_APPEND_MAX;
    if is <= max { Ok(()) } else { Err(AppendError::Limit { what, max, is }) }
}

pub(super) fn stage<'a, R: Recorded>(
    append: &'a Append,
    recorded: &mut R,
) -> Result<Verdict<'a>, StageError<R::Error>> {
    let count: usize = append.streams.iter().map(|stream| stream.events.len()).sum();
    at_most("events in an append", count).map_err(StageError::Refused)?;
    at_most("streams in an append", append.streams.len()).map_err(StageError::Refused)?;
    if count == 0 {
        let (what, max) = ("events in an append", EVENTS_PER_APPEND_MAX);
        return Err(StageError::Refused(AppendError::Limit { what, max, is: 0 }));
    }
    // The key comes first: a retry must find its first answer even though the versions have moved since.
    if let Some(key) = &append.command
        && let Some(found) = find_command(key, recorded)?
    {
        return Ok(Verdict::Found(found));
    }
    if let Some(found) = find_ids(append, count, recorded)? {
        return Ok(Verdict::Found(found));
    }

    let mut versions = Versions::default();
    let mut staged = Vec::with_capacity(count);
    for part in &append.streams {
        let version = versions.of(&part.stream, recorded)?;
        if let ExpectedVersion::Exactly(expected) = part.expected
            && expected != *version
        {
            let stream = part.stream.clone();
            return Err(StageError::Refused(AppendError::Conflict { stream, expected, actual: *version }));
        }
        for event in &part.events {
            *version = version.next();
            let command = append.command.as_ref().filter(|_| staged.is_empty()).map(|key| CommandMark {
                principal: key.principal.clone(),
                key: key.key.clone(),
                digest: key.digest.clone(),
                events: u32::try_from(count).unwrap_or(u32::MAX),
            });
            staged.push(Staged { stream: &part.stream, version: *version, command, event });
        }
    }
    let versions = versions_after(staged.iter().map(|event| (event.stream.clone(), event.version)));
    Ok(Verdict::Write { staged, versions })
}

/// Stages the facts that are not in the log yet.
pub(super) fn stage_facts<'a, R: Recorded>(
    facts: &'a [Fact],
    recorded: &mut R,
) -> Result<(Vec<Staged<'a>>, BulkAppended), StageError<R::Error>> {
    at_most("facts in a bulk append", facts.len()).map_err(StageError::Refused)?;
    let mut versions = Versions::default();
    let mut seen = HashSet::with_capacity(facts.len());
    let mut staged = Vec::with_capacity(facts.len());
    for fact in facts {
        if !seen.insert(fact.event.id) || recorded.position_of(fact.event.id)?.is_some() {
            continue;
        }
        let version = versions.of(&fact.stream, recorded)?;
        *version = version.next();
        staged.push(Staged { stream: &fact.stream, version: *version, command: None, event: &fact.event });
    }
    let appended = staged.len() as u64;
    let outcome = BulkAppended { appended, already_there: facts.len() as u64 - appended };
    Ok((staged, outcome))
}

/// What a command with this key came to before.
pub(super) fn find_command<R: Recorded>(
    key: &CommandKey,
    recorded: &mut R,
) -> Result<Option<Appended>, StageError<R::Error>> {
    let Some(first) = recorded.command(key)? else { return Ok(None) };
    let record = recorded.record(first)?;
    let mark = record.decode().ok().and_then(|event| event.command);
    match mark {
        Some(mark) if mark.digest == key.digest => {
            let last = GlobalPosition(first.0 + u64::from(mark.events.max(1)) - 1);
            Ok(Some(found(first, last, recorded)?))
        }
        Some(_) | None => Err(StageError::Refused(AppendError::KeyReused { position: first })),
    }
}

/// Finds an append whose event ids are all in the log, contiguous and for the same events.
///
/// An append of which only a part is there is refused: to find it would lose the rest without a word.
fn find_ids<R: Recorded>(
    append: &Append,
    count: usize,
    recorded: &mut R,
) -> Result<Option<Appended>, StageError<R::Error>> {
    let reused = |id, position| Err(StageError::Refused(AppendError::IdReused { id, position }));
    let mut places = HashMap::with_capacity(count);
    let mut start = None;
    for (index, event) in append.streams.iter().flat_map(|part| &part.events).enumerate() {
        let place = recorded.position_of(event.id)?;
        if places.insert(event.id, place).is_some() {
            return reused(event.id, place.unwrap_or_default());
        }
        if let (None, Some(position)) = (start, place) {
            start = Some((event.id, position, index as u64));
        }
    }
    let Some((id_there, position_there, ahead)) = start else { return Ok(None) };
    if position_there.0 <= ahead {
        return reused(id_there, position_there);
    }
    let first = GlobalPosition(position_there.0 - ahead);
    let mut expected = first;
    for part in &append.streams {
        for event in &part.events {
            let Some(position) = places[&event.id] else { return reused(id_there, position_there) };
            if position != expected || !says_the_same(position, &part.stream, event, recorded)? {
                return reused(event.id, position);
            }
            expected = expected.next();
        }
    }
    let last = GlobalPosition(first.0 + count as u64 - 1);
    Ok(Some(found(first, last, recorded)?))
}

/// Whether a record is this event. What set it off may differ at a second attempt; what it says may not.
fn says_the_same<R: Recorded>(
    position: GlobalPosition,
    stream: &StreamName,
    event: &NewEvent,
    recorded: &mut R,
) -> Result<bool, StageError<R::Error>> {
    let record = recorded.record(position)?;
    let Ok(there) = record.decode() else { return Ok(false) };
    Ok(there.stream == stream.as_str()
        && there.name == event.event.name
        && there.schema == event.event.schema
        && there.data.get() == event.event.data
        && there.occurred_at == event.occurred_at
        && there.actor == event.actor
        && there.origin == event.origin
        && there.source == event.source)
}

fn found<R: Recorded>(
    first: GlobalPosition,
    last: GlobalPosition,
    recorded: &mut R,
) -> Result<Appended, StageError<R::Error>> {
    let mut events = Vec::new();
    for position in first.0..=last.0 {
        let record = recorded.record(GlobalPosition(position))?;
        let Ok(event) = record.decode() else { continue };
        let Ok(stream) = StreamName::new(&event.stream) else { continue };
        events.push((stream, event.version));
    }
    Ok(Appended { first, last, versions: versions_after(events), found: true })
}

/// The last version of each stream, in the order in which their first events come.
fn versions_after(
    events: impl IntoIterator<Item = (StreamName, StreamVersion)>,
) -> Vec<(StreamName, StreamVersion)> {
    let mut versions: Vec<(StreamName, StreamVersion)> = Vec::new();
    for (stream, version) in events {
        match versions.iter_mut().rfind(|(known, _)| *known == stream) {
            Some((_, known)) => *known = version,
            None => versions.push((stream, version)),
        }
    }
    versions
}
