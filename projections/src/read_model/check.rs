//! Checks a read model's file against itself, so that a byte that went wrong on the disk does not go on serving.

use super::file::{decode_row, open_for_reading, standing};
use super::{FileError, Projector, StateHash, Tally, blocks, context};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// Steps of SQLite's machine after which it is asked whether to stop.
const STEPS: i32 = 10_000;

/// Checks pages and indexes, and that hash, columns and counters are those of the rows.
///
/// What persons wrote is only checked to be readable: no hash covers it (DESIGN decision 9). It reads the whole
/// file in one transaction, so it is for the background.
///
/// # Errors
/// [`FileError::Damaged`] says what is wrong; an interruption by `stop` is SQLite's error for that.
pub(crate) fn check<P: Projector>(
    path: &Path,
    stop: impl FnMut() -> bool + Send + 'static,
) -> Result<(), FileError> {
    let mut connection = open_for_reading(path)?;
    connection.progress_handler(STEPS, Some(stop))?;
    let transaction = connection.unchecked_transaction()?;
    let verdict: String = transaction.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(FileError::Damaged(verdict));
    }
    let (hash, tallies, texts) = rows::<P>(&transaction)?;
    if P::TEXTS && texts != texts_there(&transaction)? {
        return Err(FileError::Damaged("the texts are not those that the rows tell of".into()));
    }
    if P::FACTS && facts_told::<P>(&transaction)? != facts_kept(&transaction)? {
        return Err(FileError::Damaged("the facts for reports are not those that the rows tell".into()));
    }
    let (checkpoint, _) = standing(&transaction)?;
    if checkpoint.hash != hash {
        return Err(FileError::Damaged("the rows do not hash to what the checkpoint says".into()));
    }
    let mut counted = transaction.prepare("SELECT name, bucket, count FROM tallies ORDER BY name, bucket")?;
    let counted =
        counted.query_map([], |row| Ok((Tally { name: row.get(0)?, bucket: row.get(1)? }, row.get(2)?)))?;
    if counted.collect::<Result<BTreeMap<Tally, i64>, _>>()? != tallies {
        return Err(FileError::Damaged("the counters do not count the rows".into()));
    }
    Ok(())
}

/// What the facts come to that the rows tell.
fn facts_told<P: Projector>(connection: &Connection) -> Result<StateHash, FileError> {
    let mut statement = connection.prepare("SELECT key, state FROM rows")?;
    let mut rows = statement.query([])?;
    let mut hash = StateHash::default();
    while let Some(row) = rows.next()? {
        let state = decode_row::<P>(&row.get::<_, String>(1)?, None)?.state;
        hash.add(blocks::fingerprint(row.get(0)?, &P::facts(&state)));
    }
    Ok(hash)
}

/// What the facts come to that are kept beside them.
fn facts_kept(connection: &Connection) -> Result<StateHash, FileError> {
    let mut hash = StateHash::default();
    blocks::everything(connection, |key, ledger| hash.add(blocks::fingerprint(key, ledger)))?;
    Ok(hash)
}

/// How many texts there are by row.
type TextCounts = BTreeMap<i64, u64>;

fn texts_there(connection: &Connection) -> Result<TextCounts, FileError> {
    let mut statement = connection.prepare("SELECT ticket, count(*) FROM texts GROUP BY ticket")?;
    let counted = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
    Ok(counted.collect::<Result<_, _>>()?)
}

/// Hash and counters of the rows, each read in full, and how many texts each tells of.
fn rows<P: Projector>(
    connection: &Connection,
) -> Result<(StateHash, BTreeMap<Tally, i64>, TextCounts), FileError> {
    let mut statement = connection.prepare("SELECT * FROM rows")?;
    let columns = P::COLUMNS.len();
    let (mut hash, mut tallies) = (context::hash::<P>(connection)?, BTreeMap::new());
    let mut texts = TextCounts::new();
    let text = |error: rusqlite::types::FromSqlError| FileError::Damaged(error.to_string());
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = row.get(0)?;
        let state = row.get_ref(columns + 1)?.as_str().map_err(text)?;
        let personal = row.get_ref(columns + 2)?.as_str_or_null().map_err(text)?;
        hash.add(StateHash::of(key, state.as_bytes()));
        let state = decode_row::<P>(state, personal)?.state;
        for (index, expected) in P::columns(&state).into_iter().enumerate() {
            if row.get::<_, i64>(index + 1)? != expected {
                let name = P::COLUMNS[index];
                return Err(FileError::Damaged(format!("column {name} of row {key} is wrong")));
            }
        }
        if P::texts(&state) > 0 {
            texts.insert(key, P::texts(&state));
        }
        for tally in P::tallies(&state) {
            *tallies.entry(tally).or_default() += 1;
        }
    }
    Ok((hash, tallies, texts))
}
