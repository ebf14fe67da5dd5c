//! Words that begin as was typed: the index is asked for each of them, so that it need not join all their places before
//! it can tell the first match.

use super::expression::Term;
use super::spelling;
use crate::read_model::FileError;
use rusqlite::{Connection, OptionalExtension};

/// Words with the same beginning that are looked for one by one. Beyond that the index joins them itself, which takes as
/// long as going through all their places; so many words with one beginning are rare ones, such as numbers.
const WORDS_MAX: usize = 128;

/// Sorts before every other letter: the next word comes after a word with it.
const FIRST: char = '\u{1}';

/// Finds out which words of the index are meant by beginnings.
///
/// # Errors
/// [`FileError`]
pub(super) fn look_up(connection: &Connection, terms: &mut [Term]) -> Result<(), FileError> {
    for term in terms.iter_mut().filter(|term| term.word.prefix) {
        term.begun = words(connection, &term.word.text)?;
    }
    Ok(())
}

/// The words of the index that begin so; none when there are too many, or when it is more than one plain word.
fn words(connection: &Connection, typed: &str) -> Result<Option<Vec<String>>, FileError> {
    let beginning: String = spelling::fold(typed).into_iter().collect();
    if !beginning.chars().all(|character| character.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let mut next = connection.prepare_cached("SELECT term FROM terms WHERE term >= ?1 LIMIT 1")?;
    let (mut words, mut from) = (Vec::new(), beginning.clone());
    loop {
        let word: Option<String> = next.query_row([&from], |row| row.get(0)).optional()?;
        let Some(word) = word.filter(|word| word.starts_with(&beginning)) else { break };
        if words.len() == WORDS_MAX {
            return Ok(None);
        }
        from.clone_from(&word);
        from.push(FIRST);
        words.push(word);
    }
    Ok(Some(words))
}
