//! What an append comes to, given what is recorded: the one place that knows versions, keys and ids.

use super::{Append, AppendError, Appended, CommandKey, EVENTS_PER_APPEND_MAX, ExpectedVersion};
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{CommandMark, NewEvent, StoredRecord};

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

pub(super) fn stage<'a, R: Recorded>(
    append: &'a Append,
    recorded: &mut R,
) -> Result<Verdict<'a>, StageError<R::Error>> {
    let count: usize = append.streams.iter().map(|stream| stream.events.len()).sum();
    if count == 0 || count > EVENTS_PER_APPEND_MAX {
        let refusal =
            AppendError::Limit { what: "events in an append", max: EVENTS_PER_APPEND_MAX, is: count };
        return Err(StageError::Refused(refusal));
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

    let mut versions: Vec<(StreamName, StreamVersion)> = Vec::with_capacity(append.streams.len());
    let mut staged = Vec::with_capacity(count);
    for part in &append.streams {
        let known = versions.iter().position(|(stream, _)| *stream == part.stream);
        let mut version = match known {
            Some(index) => versions[index].1,
            None => recorded.version(&part.stream)?,
        };
        if let ExpectedVersion::Exactly(expected) = part.expected
            && expected != version
        {
            let stream = part.stream.clone();
            return Err(StageError::Refused(AppendError::Conflict { stream, expected, actual: version }));
        }
        for event in &part.events {
            version = version.next();
            let command = append.command.as_ref().filter(|_| staged.is_empty()).map(|key| CommandMark {
                principal: key.principal.clone(),
                key: key.key.clone(),
                digest: key.digest.clone(),
                events: u32::try_from(count).unwrap_or(u32::MAX),
            });
            staged.push(Staged { stream: &part.stream, version, command, event });
        }
        match known {
            Some(index) => versions[index].1 = version,
            None => versions.push((part.stream.clone(), version)),
        }
    }
    Ok(Verdict::Write { staged, versions })
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
fn find_ids<R: Recorded>(
    append: &Append,
    count: usize,
    recorded: &mut R,
) -> Result<Option<Appended>, StageError<R::Error>> {
    let mut first = None;
    let mut seen = std::collections::BTreeSet::new();
    let events = append.streams.iter().flat_map(|part| part.events.iter().map(move |event| (part, event)));
    for (index, (part, event)) in events.enumerate() {
        let position = recorded.position_of(event.id)?;
        if !seen.insert(event.id) {
            let position = position.unwrap_or_default();
            return Err(StageError::Refused(AppendError::IdReused { id: event.id, position }));
        }
        match (position, first) {
            (None, None) if index == 0 || first.is_none() => {}
            (Some(position), _) => {
                let expected = *first.get_or_insert(position.0.saturating_sub(index as u64));
                let in_place = index as u64 + expected == position.0 && expected > 0;
                if !in_place || !says_the_same(position, &part.stream, event, recorded)? {
                    return Err(StageError::Refused(AppendError::IdReused { id: event.id, position }));
                }
            }
            (None, Some(start)) => {
                // Some of its ids are there and some are not: that is another append's id, not this one's.
                let position = GlobalPosition(start);
                return Err(StageError::Refused(AppendError::IdReused { id: event.id, position }));
            }
            (None, None) => {}
        }
    }
    let Some(start) = first else { return Ok(None) };
    let last = GlobalPosition(start + count as u64 - 1);
    Ok(Some(found(GlobalPosition(start), last, recorded)?))
}

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
        && there.data.get() == event.event.data
        && there.occurred_at == event.occurred_at)
}

fn found<R: Recorded>(
    first: GlobalPosition,
    last: GlobalPosition,
    recorded: &mut R,
) -> Result<Appended, StageError<R::Error>> {
    let mut versions: Vec<(StreamName, StreamVersion)> = Vec::new();
    for position in first.0..=last.0 {
        let record = recorded.record(GlobalPosition(position))?;
        let Ok(event) = record.decode() else { continue };
        let Ok(stream) = StreamName::new(&event.stream) else { continue };
        match versions.iter_mut().find(|(name, _)| *name == stream) {
            Some((_, version)) => *version = event.version,
            None => versions.push((stream, event.version)),
        }
    }
    Ok(Appended { first, last, versions, found: true })
}
