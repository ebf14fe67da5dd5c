//! What a directory keeps of a read model, read beside whoever writes to it.

use super::files::{Files, is_of};
use crate::projector::StateHash;
use crate::read_model::file::{open_for_reading, standing};
use crate::read_model::{Checkpoint, FileError, with_quarantine};
use crate::registry::Definition;
use std::path::Path;

/// A read model as its file says it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How far it has come.
    pub checkpoint: Checkpoint,
    /// The digest at that position.
    pub digest: StateHash,
}

/// Reads how a read model stands and checks its file against itself; none when none of this definition is there.
///
/// # Errors
/// [`FileError::Damaged`] says what is wrong with the file.
pub fn kept(directory: &Path, definition: &Definition) -> Result<Option<Kept>, FileError> {
    let current = Files::read(directory, definition.name)?.current();
    let Some(path) = current.filter(|path| path.is_file()) else { return Ok(None) };
    if !is_of(&path, definition.name, &definition.fingerprint) {
        return Ok(None);
    }
    definition.check(&path, Box::new(|| false))?;
    let connection = open_for_reading(&path)?;
    let (checkpoint, quarantine) = standing(&connection)?;
    Ok(Some(Kept { checkpoint, digest: with_quarantine(checkpoint.hash, quarantine.values()) }))
}

/// Puts a finished file in the place of the read model that a directory keeps, which stays for a roll-back.
///
/// # Errors
/// [`FileError`]
pub fn install(directory: &Path, definition: &Definition, built: &Path) -> Result<(), FileError> {
    let mut files = Files::open(directory, definition.name)?;
    let path = files.next(&definition.fingerprint);
    std::fs::rename(built, &path).map_err(|error| FileError::io(&path, error))?;
    files.take_over(&path)
}
