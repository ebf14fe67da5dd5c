//! The index of texts that a read model may have beside its rows: what is found by words.
//!
//! It is derived from the events that the rows are made of, in the same transactions, and never hashed: it holds
//! what persons wrote (DESIGN decision 9). Source: docs/adr/0020-search.md.

use super::FileError;
use crate::projector::Text;
use compact_str::CompactString;
use rusqlite::Connection;
use std::collections::HashSet;

/// The tables, part of the schema fingerprint of a projector that has them.
///
/// `words` finds texts by words with accents folded, and `terms` are these words in their order; `spellings` finds words by
/// parts of three letters.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE texts (position INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, at INTEGER NOT NULL,
        role TEXT NOT NULL, owner TEXT NOT NULL, subject TEXT, message TEXT, note TEXT) STRICT;
    CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;
    CREATE VIRTUAL TABLE words USING fts5 (subject, message, note, owner, content = 'texts',
        content_rowid = 'position', tokenize = 'unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance);
    CREATE VIRTUAL TABLE spellings USING fts5 (word, content = 'vocabulary', content_rowid = 'id',
        detail = none, tokenize = 'trigram remove_diacritics 1');
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
    INSERT INTO spellings (spellings, rank) VALUES ('secure-delete', 1);";

/// Made last in a rebuild, as the indexes of rows are.
pub(crate) const INDEX: &str = "CREATE INDEX texts_by_position ON texts (position, ticket)";

/// A rebuild writes few and large pieces of the index, and joins them at the end.
pub(super) const BEFORE_REBUILD: &str = "
    INSERT INTO words (words, rank) VALUES ('automerge', 0);
    INSERT INTO words (words, rank) VALUES ('hashsize', 33554432);";

/// Ends a rebuild: one piece, and settings as of a live read model.
pub(super) const AFTER_REBUILD: &str = "
    INSERT INTO words (words) VALUES ('optimize');
    INSERT INTO words (words, rank) VALUES ('automerge', 4);
    INSERT INTO words (words, rank) VALUES ('hashsize', 1048576);";

/// Texts are written when there are this many bytes of them.
pub(super) const BYTES_MAX: usize = 8 << 20;

/// Words that are remembered as known; beyond that they are looked up again.
const SEEN_WORDS_MAX: usize = 1 << 16;

/// Words of these lengths are kept for what is mistyped. Unit: characters.
const WORD_CHARS: std::ops::RangeInclusive<usize> = 4..=24;

/// Texts that wait to be written.
#[derive(Default)]
pub(super) struct Texts {
    waiting: Vec<Text>,
    bytes: usize,
    seen: HashSet<CompactString>,
}

impl Texts {
    pub(super) fn push(&mut self, text: Text) {
        let parts = [&text.subject, &text.message, &text.note];
        self.bytes += parts.into_iter().flatten().map(String::len).sum::<usize>() + size_of::<Text>();
        self.waiting.push(text);
    }

    /// Unit: bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }

    /// Writes what waits, in a transaction of the caller's; returns the words that were new.
    pub(super) fn put(&self, connection: &Connection) -> Result<HashSet<CompactString>, FileError> {
        let mut fresh = HashSet::new();
        if self.waiting.is_empty() {
            return Ok(fresh);
        }
        let mut insert =
            connection.prepare_cached("INSERT INTO texts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        let mut index = connection.prepare_cached(
            "INSERT INTO words (rowid, subject, message, note, owner) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for Text { position, ticket, at, role, owner, subject, message, note } in &self.waiting {
            let (position, ticket) = (position.0 as i64, ticket.0 as i64);
            insert.execute((position, ticket, at.0, role.as_str(), owner, subject, message, note))?;
            index.execute((position, subject, message, note, owner))?;
            for text in [subject, message, note].into_iter().flatten() {
                self.learn(connection, text, &mut fresh)?;
            }
        }
        Ok(fresh)
    }

    /// Puts the words of a text into the vocabulary.
    fn learn(
        &self,
        connection: &Connection,
        text: &str,
        fresh: &mut HashSet<CompactString>,
    ) -> Result<(), FileError> {
        for word in text.split(|character: char| !character.is_alphanumeric()) {
            // Numbers are never mistyped into others: whoever looks for one means that one.
            let keep = WORD_CHARS.contains(&word.chars().count()) && word.chars().all(char::is_alphabetic);
            if !keep {
                continue;
            }
            let word = CompactString::from(word.to_lowercase());
            if self.seen.contains(&word) || fresh.contains(&word) {
                continue;
            }
            let mut insert =
                connection.prepare_cached("INSERT OR IGNORE INTO vocabulary (word) VALUES (?1)")?;
            if insert.execute([word.as_str()])? == 1 {
                connection
                    .prepare_cached("INSERT INTO spellings (rowid, word) VALUES (?1, ?2)")?
                    .execute((connection.last_insert_rowid(), word.as_str()))?;
            }
            fresh.insert(word);
        }
        Ok(())
    }

    /// Takes note that what waited has been written.
    pub(super) fn settle(&mut self, fresh: HashSet<CompactString>) {
        self.clear();
        if self.seen.len() + fresh.len() > SEEN_WORDS_MAX {
            self.seen.clear();
        }
        self.seen.extend(fresh);
    }
}
