//! `rebuild`: makes read models anew from the log, or checks those that are there without touching them.

use crate::Outcome;
use crate::cli::RebuildArguments;
use crate::core_words;
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;
use crate::progress::Progress;
use crate::sentence::Sentence;
use crate::texts::Texts;
use crate::words::visible;
use docket_core::names::GlobalPosition;
use docket_core::store::data_dir::DataDir;
use docket_projections::feed::Feed;
use docket_projections::read_model::{ApplyError, FileError};
use docket_projections::rebuild::{Built, Continue, RebuildError, rebuild};
use docket_projections::registry::{self, Definition};
use docket_projections::runner::{Kept, install, kept};
use serde::Serialize;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What came of one read model.
#[derive(Serialize)]
struct Verdict {
    name: &'static str,
    position: u64,
    /// What the log says.
    digest: String,
    /// What the file said at that position.
    found: Option<String>,
    /// `equal`, `differs`, `damaged`, `missing` or `replaced`.
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Sentence>,
}

/// How often the progress is shown.
const SHOW_EVERY: Duration = Duration::from_millis(100);

/// Runs `rebuild`.
///
/// # Errors
/// [`Failure`]
pub fn run(
    arguments: &RebuildArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let definitions = chosen(&arguments.names)?;
    let data = data.clone().existing()?;
    let log = if arguments.check { Log::to_read(&data)? } else { Log::to_write(&data)? };
    // Where a read model stands is read first, so that the fold goes exactly that far.
    let before = definitions
        .iter()
        .map(|one| Found::of(kept(&data.read_models(), one)))
        .collect::<Result<Vec<Found>, Failure>>()?;
    let scratch = if arguments.check { Scratch::elsewhere()? } else { Scratch::within(&data)? };
    let targets = before.iter().map(|found| match (arguments.check, found) {
        (true, Found::There(kept)) => kept.checkpoint.position,
        (true, Found::Missing | Found::Damaged(_)) | (false, _) => log.head(),
    });
    let jobs: Vec<Job<'_>> = definitions
        .iter()
        .zip(targets)
        .map(|(definition, target)| Job { definition, target, path: scratch.file(definition) })
        .collect();
    let built = fold_all(&log, &jobs, out)?;
    let mut verdicts = Vec::new();
    for ((job, built), found) in jobs.iter().zip(built).zip(&before) {
        let mut verdict = compare(job.definition.name, &built, found);
        if !arguments.check {
            install(&data.read_models(), job.definition, &job.path).map_err(file_failed)?;
            verdict.verdict = "replaced";
        }
        verdicts.push(verdict);
    }
    let sound = verdicts.iter().all(|verdict| !matches!(verdict.verdict, "differs" | "damaged"));
    tell(&verdicts, json, out)?;
    Ok(if sound { Outcome::Fine } else { Outcome::Found })
}

fn chosen(names: &[String]) -> Result<Vec<Definition>, Failure> {
    let all = registry::all();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|known| known.name != name.as_str())) {
        let known = all.iter().map(|definition| definition.name).collect::<Vec<&str>>().join(", ");
        let unknown = format!("{unknown:?}");
        return Err(Failure::usage(move |texts| texts.unknown_read_model(&unknown, &known)));
    }
    Ok(all.into_iter().filter(|one| names.is_empty() || names.iter().any(|name| name == one.name)).collect())
}

/// What the data directory has of a read model.
enum Found {
    There(Kept),
    Missing,
    Damaged(Sentence),
}

impl Found {
    fn of(kept: Result<Option<Kept>, FileError>) -> Result<Self, Failure> {
        match kept {
            Ok(Some(kept)) => Ok(Self::There(kept)),
            Ok(None) => Ok(Self::Missing),
            Err(error @ FileError::Io { .. }) => Err(file_failed(error)),
            // One wrong bit in its header can make SQLite say nearly anything about a file.
            Err(error) => Ok(Self::Damaged(Sentence::new(move |texts| core_words::file(&error, texts)))),
        }
    }
}

/// One read model to be made.
struct Job<'a> {
    definition: &'a Definition,
    target: GlobalPosition,
    path: PathBuf,
}

/// Where new files are made: among the read models to be moved into place, elsewhere to compare.
struct Scratch {
    directory: PathBuf,
}

impl Scratch {
    /// In a directory that this process holds the lock of; what a killed rebuild left there goes.
    fn within(data: &DataDir) -> Result<Self, Failure> {
        let directory = data.read_models().join("rebuilding");
        match std::fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::Output { path: directory, source: error });
            }
            Ok(()) | Err(_) => {}
        }
        std::fs::create_dir(&directory)
            .map_err(|source| Failure::Output { path: directory.clone(), source })?;
        Ok(Self { directory })
    }

    /// In a new directory among the system's temporary files, for the owner only: it holds what persons wrote.
    fn elsewhere() -> Result<Self, Failure> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let mut number = 0;
        loop {
            let name = format!("docket-rebuild-{}-{number}", std::process::id());
            let directory = std::env::temp_dir().join(name);
            match builder.create(&directory) {
                Ok(()) => return Ok(Self { directory }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(source) => return Err(Failure::Output { path: directory, source }),
            }
        }
    }

    fn file(&self, definition: &Definition) -> PathBuf {
        self.directory.join(format!("{}-{}-new.db", definition.name, definition.fingerprint))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is of no use to anybody; the next rebuild clears it from a data directory.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Makes all of them at once: each on a thread of its own, over one feed that decodes each event once.
fn fold_all(log: &Log, jobs: &[Job<'_>], out: &mut Out) -> Result<Vec<Built>, Failure> {
    let feed = Feed::new(log.shared_store(), log.runtime());
    let total: u64 = jobs.iter().map(|job| job.target.0).sum();
    let reached = AtomicU64::new(0);
    let waiting = std::thread::current();
    let results: Vec<Result<Built, RebuildError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = jobs
            .iter()
            .map(|job| {
                let (feed, reached, waiting) = (&feed, &reached, &waiting);
                scope.spawn(move || {
                    let mut last = 0;
                    let built = rebuild(job.definition, feed, &job.path, job.target, |progress| {
                        reached.fetch_add(progress.position.0 - last, Ordering::Relaxed);
                        last = progress.position.0;
                        Continue::Yes
                    });
                    waiting.unpark();
                    built
                })
            })
            .collect();
        let mut progress = Progress::begin(out.texts().progress_rebuilding, total, out);
        // A thread that panics is finished too.
        while !threads.iter().all(|thread| thread.is_finished()) {
            progress.at(reached.load(Ordering::Relaxed), out);
            std::thread::park_timeout(SHOW_EVERY);
        }
        threads.into_iter().map(|thread| thread.join().unwrap_or(Err(RebuildError::Stopped))).collect()
    });
    results.into_iter().map(|built| built.map_err(failed)).collect()
}

fn failed(error: RebuildError) -> Failure {
    match error {
        RebuildError::Read(error) => Failure::Read(error),
        RebuildError::Apply(ApplyError::Held { position, why }) => {
            Failure::Record { position: position.0, why: Sentence::verbatim(why) }
        }
        error @ (RebuildError::Apply(ApplyError::File(_))
        | RebuildError::Mismatch
        | RebuildError::Stopped) => {
            Failure::ReadModel { why: Sentence::new(move |texts| core_words::rebuild(&error, texts)) }
        }
    }
}

fn file_failed(error: FileError) -> Failure {
    Failure::ReadModel { why: Sentence::new(move |texts| core_words::file(&error, texts)) }
}

fn compare(name: &'static str, built: &Built, found: &Found) -> Verdict {
    let digest = built.digest.to_hex();
    let (found, verdict, why) = match found {
        Found::There(kept) if kept.checkpoint.position > built.position => {
            let reached = kept.checkpoint.position;
            let why = Sentence::new(move |texts| texts.ahead_of_log(reached));
            (Some(kept.digest.to_hex()), "differs", Some(why))
        }
        // The log has gone on: what the file says is of another position.
        Found::There(kept) if kept.checkpoint.position < built.position => (None, "missing", None),
        Found::There(kept) => {
            let verdict = if kept.digest == built.digest { "equal" } else { "differs" };
            (Some(kept.digest.to_hex()), verdict, None)
        }
        Found::Missing => (None, "missing", None),
        Found::Damaged(why) => (None, "damaged", Some(why.clone())),
    };
    Verdict { name, position: built.position.0, digest, found, verdict, why }
}

fn tell(verdicts: &[Verdict], json: bool, out: &mut Out) -> Result<(), Failure> {
    if json {
        return out.json(&verdicts);
    }
    let texts = out.texts();
    let width =
        VERDICTS.iter().map(|name| in_words(name, texts).chars().count()).max().unwrap_or_default() + 1;
    for Verdict { name, position, digest, verdict, why, .. } in verdicts {
        let line = texts.rebuild_verdict(position, digest);
        out.line(&format!("{name:<10} {:<width$} {line}", in_words(verdict, texts)))?;
        if let Some(why) = why {
            out.line(&format!("           {}", visible(&why.told(texts))))?;
        }
    }
    Ok(())
}

/// What can come of a read model.
const VERDICTS: [&str; 5] = ["equal", "differs", "damaged", "missing", "replaced"];

fn in_words(verdict: &'static str, texts: &'static Texts) -> &'static str {
    texts.verdict(verdict).unwrap_or(verdict)
}
