//! `back-up`: a copy of the log as of one moment, while a server may go on writing.

use crate::Outcome;
use crate::cli::BackUpArguments;
use crate::failure::{Failure, not_docket_s_own};
use crate::log::Log;
use crate::out::Out;
use docket_core::store::ReadError;
use docket_core::store::data_dir::DataDir;

/// Runs `back-up`.
///
/// # Errors
/// [`Failure::Usage`] when the file is there already; [`Failure::Output`] when it cannot be written.
pub fn run(
    arguments: &BackUpArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let file = &arguments.out;
    not_docket_s_own(data, file)?;
    if file.exists() {
        let file = file.clone();
        return Err(Failure::usage(move |texts| texts.file_is_there(file.display())));
    }
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
        let directory = directory.to_owned();
        return Err(Failure::usage(move |texts| texts.no_directory(directory.display())));
    }
    log.wait(log.store().back_up(file)).map_err(|error| match error {
        // The log was opened and read; what cannot be done without damage to it is to write the copy.
        ReadError::Unavailable { why } => {
            Failure::Output { path: file.clone(), source: std::io::Error::other(why) }
        }
        damaged @ ReadError::Damaged { .. } => Failure::Read(damaged),
    })?;
    let bytes = std::fs::metadata(file).map_or(0, |about| about.len());
    if json {
        out.json(&serde_json::json!({ "file": file.display().to_string(), "bytes": bytes }))?;
    } else {
        out.line(&out.texts().back_up_done(file.display()))?;
    }
    Ok(Outcome::Fine)
}
