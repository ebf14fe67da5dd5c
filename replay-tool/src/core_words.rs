//! What the layers below say about failures, in the user's language.
//!
//! They word their errors in English, for logs and programs. Here each variant is worded again from what it
//! carries; a test holds that the English is the same. What a library or the system said is left as it is.

use crate::sentence::Sentence;
use crate::texts::Texts;
use docket_core::event::DecodeError;
use docket_core::handler::HistoryError;
use docket_core::names::NameError;
use docket_core::record::RecordError;
use docket_core::store::data_dir::DataDirError;
use docket_core::store::sqlite::{LOG_FORMAT, OpenError};
use docket_core::store::{AppendError, ReadError};
use docket_core::time::TimeError;
use docket_projections::read_model::{ApplyError, FileError};
use docket_projections::rebuild::RebuildError;

/// A data directory that cannot be used.
pub(crate) fn data_dir(error: &DataDirError, texts: &'static Texts) -> String {
    match error {
        DataDirError::Empty { path } => texts.holds_no_log(path.display()),
        DataDirError::InUse { path, holder } => match &holder.address {
            Some(address) => texts.in_use_at(path.display(), &holder.program, holder.pid, address),
            None => texts.in_use(path.display(), known(&holder.program, texts), holder.pid),
        },
        DataDirError::Foreign { path } => texts.holds_other_files(path.display()),
        DataDirError::Io { path, source } => {
            texts.cannot_be_used(known(&path.to_string_lossy(), texts), source)
        }
    }
}

/// A log that cannot be opened.
pub(crate) fn open(error: &OpenError, texts: &'static Texts) -> String {
    match error {
        OpenError::SqliteTooOld { found } => texts.sqlite_too_old(found),
        OpenError::NotALog { path } => texts.is_no_log(path),
        OpenError::NewerFormat { path, found } => texts.newer_format(path, found, LOG_FORMAT),
        OpenError::Damaged { position, what } => texts.damaged_at_the_end(position, known(what, texts)),
        OpenError::DamagedWal { path, offset, commits } => texts.damaged_wal(*commits, path, offset),
        OpenError::Unreadable { path, source } => texts.cannot_be_read(path, source),
        OpenError::ReadOnly { path } => texts.read_only(path),
        OpenError::HeldBack { path } => texts.held_back(path),
        OpenError::Setting { setting } => texts.setting_not_kept(setting),
        OpenError::Sqlite { path, source } => texts.cannot_be_opened(path, source),
    }
}

/// A log that cannot be read.
pub(crate) fn read(error: &ReadError, texts: &'static Texts) -> String {
    match error {
        ReadError::Damaged { position, what } => texts.log_damaged(position, known(what, texts)),
        ReadError::Unavailable { why } => texts.log_unavailable(why),
    }
}

/// A log that took no events.
pub(crate) fn append(error: &AppendError, texts: &'static Texts) -> String {
    match error {
        AppendError::Conflict { stream, expected, actual } => texts.conflict(stream, actual, expected),
        AppendError::KeyReused { position } => texts.key_reused(position),
        AppendError::IdReused { id, position } => texts.id_reused(id, position),
        AppendError::Limit { what, max, is } => texts.limit(what, max, is),
        AppendError::Busy => texts.busy.into(),
        AppendError::StorageFull => texts.storage_full.into(),
        AppendError::OutcomeUnknown => texts.outcome_unknown.into(),
        AppendError::Closed { why } => texts.log_closed(why),
    }
}

/// A name that is none, after the text that was given.
pub(crate) fn name(error: &NameError, texts: &'static Texts) -> String {
    match error {
        NameError::Empty => texts.name_empty.into(),
        NameError::TooLong { max, is } => texts.name_too_long(max, is),
        NameError::Character { character, allowed } => {
            texts.name_character(format!("{character:?}"), known(allowed, texts))
        }
    }
}

/// A time that is none.
pub(crate) fn time(error: &TimeError, texts: &'static Texts) -> String {
    match error {
        TimeError::Form { text, expected } => texts.time_form(known(expected, texts), format!("{text:?}")),
        TimeError::Range => texts.time_range.into(),
    }
}

/// Stored bytes that are no record, with the cause.
pub(crate) fn record(error: &RecordError, texts: &'static Texts) -> String {
    match error {
        RecordError::Encoding { position, source } => {
            texts.with_cause(texts.record_unreadable(position), source)
        }
        RecordError::Position { position, claimed } => texts.record_elsewhere(position, claimed),
    }
}

/// A history that cannot be understood, with the cause.
pub(crate) fn history(error: &HistoryError, texts: &'static Texts) -> String {
    match error {
        HistoryError::Record(error) => record(error, texts),
        HistoryError::Event(error) => event(error, texts),
        HistoryError::Gap(version) => texts.version_missing(version),
    }
}

/// An event that cannot be understood, with the cause.
pub(crate) fn event(error: &DecodeError, texts: &'static Texts) -> String {
    match error {
        DecodeError::UnknownType { name } => texts.unknown_type(format!("{name:?}")),
        DecodeError::UnknownSchema { name, schema } => texts.unknown_schema(schema, name),
        DecodeError::Data { name, source } => texts.with_cause(texts.event_unreadable(name), source),
    }
}

/// A read model's file that is of no use.
pub(crate) fn file(error: &FileError, texts: &'static Texts) -> String {
    match error {
        FileError::OtherProjector { found } => texts.other_projector(found),
        FileError::Damaged(what) => texts.file_damaged(known(what, texts)),
        FileError::Io { path, source } => texts.cannot_be_used(path, source),
        FileError::Sqlite(source) => source.to_string(),
    }
}

/// A read model that was not made.
pub(crate) fn rebuild(error: &RebuildError, texts: &'static Texts) -> String {
    match error {
        RebuildError::Read(error) => read(error, texts),
        RebuildError::Apply(ApplyError::Held { position, why }) => texts.waits_at(position, why),
        RebuildError::Apply(ApplyError::File(error)) => file(error, texts),
        RebuildError::Mismatch => texts.rebuild_mismatch.into(),
        RebuildError::Stopped => texts.rebuild_stopped.into(),
    }
}

/// Words of the layers below that carry no data of their own, with their translation.
const FIXED: [fn(&'static Texts) -> &'static str; 21] = [
    |texts| texts.damage_record_missing,
    |texts| texts.damage_hash,
    |texts| texts.damage_record_form,
    |texts| texts.damage_hash_form,
    |texts| texts.damage_column_stream,
    |texts| texts.damage_column_version,
    |texts| texts.damage_column_event_id,
    |texts| texts.damage_column_command,
    |texts| texts.damage_index,
    |texts| texts.damage_dated,
    |texts| texts.damage_no_read_model,
    |texts| texts.damage_checkpoint,
    |texts| texts.damage_rows,
    |texts| texts.damage_counters,
    |texts| texts.name_takes_slug,
    |texts| texts.name_takes_text,
    |texts| texts.time_unix,
    |texts| texts.time_unix_ms,
    |texts| texts.standard_output,
    |texts| texts.the_runtime,
    |texts| texts.another_process,
];

/// Such words around one value.
const AROUND_A_VALUE: [fn(&'static Texts, &str) -> String; 3] = [
    |texts, position| texts.damage_position_missing(position),
    |texts, verdict| texts.damage_file(verdict),
    |texts, number| texts.damage_command(number),
];

/// Stands for the value while the words around it are compared.
const VALUE: &str = "\u{0}";

/// Words that arrive as text only, in a language. What is not known is left as it is.
pub(crate) fn known(words: &str, texts: &'static Texts) -> String {
    let english = Texts::english();
    if let Some(fixed) = FIXED.iter().find(|fixed| fixed(english) == words) {
        return fixed(texts).to_owned();
    }
    let around = AROUND_A_VALUE.iter().find_map(|around| {
        let pattern = around(english, VALUE);
        let (before, after) = pattern.split_once(VALUE)?;
        Some(around(texts, words.strip_prefix(before)?.strip_suffix(after)?))
    });
    around.unwrap_or_else(|| words.to_owned())
}

/// What is wrong at a position, as far as it is known in words.
pub(crate) fn damage(what: String) -> Sentence {
    Sentence::new(move |texts| known(&what, texts))
}

#[cfg(test)]
mod tests;
