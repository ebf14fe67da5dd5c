//! `export`: writes the log out, one record a line, byte for byte what is stored.

use crate::Outcome;
use crate::cli::ExportArguments;
use crate::failure::{Failure, not_docket_s_own};
use crate::log::Log;
use crate::out::Out;
use crate::progress::Progress;
use docket_core::names::GlobalPosition;
use docket_core::store::data_dir::DataDir;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Summary {
    file: PathBuf,
    events: u64,
    first: Option<u64>,
    last: Option<u64>,
}

/// Runs `export`. The file appears under its name once it is whole.
///
/// # Errors
/// [`Failure`]
pub fn run(
    arguments: &ExportArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let log = Log::to_read(data)?;
    let (after, head) = (GlobalPosition(arguments.after), log.head());
    if after > head {
        return Err(Failure::usage(move |texts| texts.after_the_end(after, head)));
    }
    if arguments.out.as_os_str() == "-" {
        log.scan(after, head, |record| {
            out.bytes(&record.bytes)?;
            out.bytes(b"\n")
        })?;
        return Ok(Outcome::Fine);
    }
    let file = &arguments.out;
    not_docket_s_own(data, file)?;
    if file.exists() && !arguments.force {
        let file = file.clone();
        return Err(Failure::usage(move |texts| texts.file_is_there_force(file.display())));
    }
    let mut partial = file.clone().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = write(&log, after, head, &partial, file, out);
    if written.is_err() {
        // Half an export must not be taken for a whole one; if it cannot be removed, its name says it.
        let _ = std::fs::remove_file(&partial);
    }
    written?;
    let events = head.0 - after.0;
    let (first, last) = if events == 0 { (None, None) } else { (Some(after.0 + 1), Some(head.0)) };
    let summary = Summary { file: file.clone(), events, first, last };
    if json {
        out.json(&summary)?;
    } else {
        out.line(&out.texts().export_done(events, file.display(), head))?;
    }
    Ok(Outcome::Fine)
}

fn write(
    log: &Log,
    after: GlobalPosition,
    head: GlobalPosition,
    partial: &Path,
    file: &Path,
    out: &mut Out,
) -> Result<(), Failure> {
    let failed = |source| Failure::Output { path: file.to_owned(), source };
    let mut writer = Writer::create(partial, file).map_err(failed)?;
    let mut progress = Progress::begin(out.texts().progress_exporting, head.0, out);
    log.scan(after, head, |record| {
        if record.position.0.is_multiple_of(4096) {
            progress.at(record.position.0, out);
        }
        writer.line(&record.bytes).map_err(failed)
    })?;
    writer.finish().map_err(failed)?;
    std::fs::rename(partial, file).map_err(failed)
}

/// A file, compressed or not.
enum Writer {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl Writer {
    fn create(path: &Path, named: &Path) -> std::io::Result<Self> {
        let file = BufWriter::with_capacity(128 * 1024, File::create(path)?);
        let gzip = named.extension().is_some_and(|extension| extension == "gz");
        Ok(if gzip { Self::Gzip(GzEncoder::new(file, Compression::default())) } else { Self::Plain(file) })
    }

    fn line(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let writer: &mut dyn Write = match self {
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer,
        };
        writer.write_all(bytes)?;
        writer.write_all(b"\n")
    }

    fn finish(self) -> std::io::Result<()> {
        let file = match self {
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer.finish()?,
        };
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    }
}
