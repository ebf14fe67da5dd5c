//! `back-up`: a copy of the log as of one moment, while a server may go on writing.

use crate::Outcome;
use crate::cli::BackUpArguments;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use docket_core::store::data_dir::DataDir;

/// Runs `back-up`.
///
/// # Errors
/// [`Failure::Usage`] when the file is there already.
pub fn run(
    arguments: &BackUpArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let file = &arguments.out;
    if file.exists() {
        return Err(Failure::Usage(format!("{} is there already; choose another file", file.display())));
    }
    log.wait(log.store().back_up(file))?;
    let bytes = std::fs::metadata(file).map_or(0, |about| about.len());
    if json {
        out.json(&serde_json::json!({ "file": file.display().to_string(), "bytes": bytes }))?;
    } else {
        out.line(&format!("{} holds the log; keep the directory keys/ with it", file.display()))?;
    }
    Ok(Outcome::Fine)
}
