//! Connections to the file of a read model that serves, for queries.

use crate::read_model::{FileError, file};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Connections kept for the next query; more are opened when needed and closed afterwards.
const IDLE_CONNECTIONS_MAX: usize = 8;

/// Read-only connections to one file.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    pub(super) fn with<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None if self.path.exists() => file::open_for_reading(&self.path)?,
            None => return Err(FileError::Damaged("the file is gone".into())),
        };
        let result = query(&connection);
        if result.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_CONNECTIONS_MAX {
                idle.push(connection);
            }
        }
        result
    }
}
