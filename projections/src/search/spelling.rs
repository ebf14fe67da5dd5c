//! Words that somebody may have meant: those of the vocabulary that share parts of three letters and are nearly the same.

use crate::facts;
use crate::read_model::FileError;
use docket_core::access::Reach;
use docket_core::names::ActorId;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Other words for one that was typed, at most. Those out of reach are among them: so many that nobody finds out what
/// stands there by crowding them out.
const OTHERS_MAX: usize = 64;

/// Texts of a customer's own in which words are looked for that they may have meant, the newest.
const OWN_TEXTS_MAX: i64 = 500;

/// What of these is looked through. Unit: bytes.
const OWN_BYTES_MAX: usize = 1 << 20;

/// Words of the vocabulary that are compared, those that share most first.
const CANDIDATES_MAX: i64 = 256;

/// The shortest word that may have been mistyped. Unit: characters.
const WORD_CHARS_MIN: usize = 4;

/// The longest. Unit: characters.
const WORD_CHARS_MAX: usize = 24;

/// Words of the vocabulary that a word may have been meant for, the nearest first.
///
/// # Errors
/// [`FileError`]
pub(super) fn others(connection: &Connection, word: &str, reach: &Reach) -> Result<Vec<String>, FileError> {
    let folded = fold(word);
    let allowed = match folded.len() {
        WORD_CHARS_MIN..=5 => 1,
        6..=WORD_CHARS_MAX => 2,
        _ => return Ok(Vec::new()),
    };
    if !folded.iter().all(|character| character.is_alphabetic()) {
        return Ok(Vec::new());
    }
    // A customer's own words: what else is in the vocabulary is not theirs to find out about, not even that it is there.
    let candidates = match reach {
        Reach::Own { requester } => own_words(connection, requester)?.into_iter().collect(),
        Reach::Everything | Reach::Teams { .. } | Reach::Nothing => alike(connection, &folded)?,
    };
    let mut near = Vec::new();
    for candidate in candidates {
        let other = fold(&candidate);
        // A part of a longer word will do as well: nobody types all of it.
        let within = other.windows(folded.len()).any(|part| part == folded);
        let distance = if within { 0 } else { distance(&folded, &other) };
        if distance <= allowed {
            near.push((distance, other.len().abs_diff(folded.len()), candidate));
        }
    }
    near.sort_unstable();
    near.truncate(OTHERS_MAX);
    Ok(near.into_iter().map(|(_, _, word)| word).collect())
}

/// Words of the vocabulary that share parts of three letters, those that share most first.
fn alike(connection: &Connection, folded: &[char]) -> Result<Vec<String>, FileError> {
    let parts: Vec<String> =
        folded.windows(3).map(|part| format!("\"{}\"", part.iter().collect::<String>())).collect();
    let mut statement = connection.prepare_cached(
        "SELECT word FROM spellings WHERE spellings MATCH ?1 ORDER BY rank, rowid LIMIT ?2",
    )?;
    let found = statement.query_map((parts.join(" OR "), CANDIDATES_MAX), |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Words that stand in what a customer may read.
fn own_words(connection: &Connection, requester: &ActorId) -> Result<BTreeSet<String>, FileError> {
    let mut statement = connection.prepare_cached(
        "SELECT texts.subject, texts.message FROM words CROSS JOIN texts ON texts.position = words.rowid
         WHERE words MATCH ?1 ORDER BY words.rowid DESC LIMIT ?2",
    )?;
    let owner = format!("owner : \"{}\"", facts::owner(requester));
    let mut rows = statement.query((owner, OWN_TEXTS_MAX))?;
    let (mut words, mut bytes) = (BTreeSet::new(), 0);
    while let Some(row) = rows.next()? {
        for text in [row.get::<_, Option<String>>(0)?, row.get(1)?].into_iter().flatten() {
            bytes += text.len();
            let letters = text.split(|character: char| !character.is_alphanumeric());
            words.extend(letters.filter(|word| word.len() >= WORD_CHARS_MIN).map(str::to_lowercase));
        }
        if bytes > OWN_BYTES_MAX {
            break;
        }
    }
    Ok(words)
}

/// A word without accents and in small letters, as far as the languages that people write in here need it.
pub(super) fn fold(word: &str) -> Vec<char> {
    let base = |character: char| match character {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    };
    let marks = '\u{300}'..='\u{36f}';
    word.to_lowercase().chars().filter(|character| !marks.contains(character)).map(base).collect()
}

/// Letters to leave out, put in, exchange or swap with the next one (optimal string alignment).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (index, row) in rows.iter_mut().enumerate() {
        row[0] = index;
    }
    rows[0] = (0..=other.len()).collect();
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let changed = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_counts_what_a_hand_gets_wrong() {
        for (one, other, expected) in [
            ("invoice", "invoice", 0),
            ("invocie", "invoice", 1),
            ("invoce", "invoice", 1),
            ("invoicee", "invoice", 1),
            ("Facturacion", "facturación", 0),
            ("facturasion", "facturación", 1),
            ("", "abc", 3),
            ("refund", "reward", 3),
        ] {
            assert_eq!(distance(&fold(one), &fold(other)), expected, "{one} {other}");
        }
    }

    #[test]
    fn accents_are_folded_however_they_are_written() {
        assert_eq!(fold("Año e\u{301}"), fold("ano é"));
    }
}
