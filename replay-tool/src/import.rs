//! `import`: takes the log of another system in, fact by fact, as it was.
//!
//! Read in this order: [`input`] (the file), [`rows`] (its rows), [`mapping`] (what they mean), [`events`],
//! [`snapshots`] and [`json_lines`] (rows to [`neutral`] facts), [`mapping::vocabulary`] (facts to events),
//! [`importer`] (all of it in order), [`directory`] and [`server`] (where it goes), [`rejects`] (what is left). Which facts are there
//! already and which must wait is judged by [`docket_core::handler::import`].

pub mod directory;
pub mod events;
pub mod http;
pub mod importer;
pub mod input;
mod json;
pub mod json_lines;
pub mod layout;
pub mod mapping;
pub mod neutral;
pub mod problem;
pub mod rejects;
pub mod rows;
pub mod server;
pub mod snapshots;
mod summary;
pub mod time;
mod token;

use crate::Outcome;
use crate::cli::{ImportArguments, MappingsArguments};
use crate::core_words;
use crate::failure::{Failure, not_docket_s_own};
use crate::log::Log;
use crate::out::Out;
use crate::progress::Progress;
use crate::sentence::Sentence;
use crate::texts::Texts;
use directory::Directory;
use docket_core::names::Slug;
use docket_core::store::data_dir::{DataDir, DataDirError};
use http::Client;
use importer::{Importer, Target};
use input::Input;
use layout::Layout;
use mapping::vocabulary::Vocabulary;
use mapping::{BUILT_IN, Mapping, NEUTRAL};
use neutral::Neutral;
use problem::Problem;
use rejects::{Form, Rejects};
use rows::{RawRow, Rows, Shape};
use server::Server;
use std::io::BufRead;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::Ordering;
use summary::Summary;

/// Rows between two looks at the progress.
const PROGRESS_ROWS: u64 = 256;

/// Turns rows into facts.
pub trait RowReader {
    /// The facts of a row, in order.
    ///
    /// # Errors
    /// Why the row cannot be taken.
    fn facts(&mut self, row: &RawRow) -> Result<Vec<Neutral>, Refused>;

    /// The facts given last were taken.
    fn taken(&mut self) {}

    /// What the user should know, once all is read.
    fn remarks(&self) -> Vec<Sentence> {
        Vec::new()
    }
}

/// A row that cannot be taken, and its case as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The case, whose later rows have to wait.
    pub case: Option<String>,
    /// Why.
    pub problem: Problem,
}

impl Refused {
    /// A row of a case; an empty name is none.
    pub fn in_case(case: &str, problem: Problem) -> Self {
        Self { case: (!case.is_empty()).then(|| case.to_owned()), problem }
    }
}

/// How a file is read, before it is open.
enum Kind {
    Csv(Box<Mapping>),
    JsonLines,
}

impl Kind {
    fn of(arguments: &ImportArguments) -> Result<Self, Failure> {
        let name = arguments.file.to_string_lossy();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let lines = [".jsonl", ".ndjson"].iter().any(|extension| name.ends_with(extension));
        match &arguments.mapping {
            None if lines => Ok(Self::JsonLines),
            None => Err(Failure::Usage(Sentence::fixed(|texts| texts.mapping_needed))),
            Some(_) if lines => Err(Failure::Usage(Sentence::fixed(|texts| texts.mapping_not_needed))),
            Some(name) => Ok(Self::Csv(Box::new(Mapping::find(name)?))),
        }
    }

    fn shape(&self) -> Shape {
        match self {
            Self::Csv(mapping) => Shape::Csv { delimiter: mapping.delimiter },
            Self::JsonLines => Shape::Lines,
        }
    }

    fn system<'a>(&'a self, arguments: &'a ImportArguments) -> Result<&'a str, Failure> {
        let Some(system) = &arguments.system else {
            return Ok(match self {
                Self::Csv(mapping) => &mapping.system,
                Self::JsonLines => mapping::JSON_LINES_SYSTEM,
            });
        };
        Slug::new(system).map_err(|error| {
            let option = format!("--system {system:?}");
            Failure::usage(move |texts| format!("{option} {}", core_words::name(&error, texts)))
        })?;
        Ok(system)
    }

    fn name(&self) -> &str {
        match self {
            Self::Csv(mapping) => &mapping.name,
            Self::JsonLines => "JSON lines",
        }
    }
}

/// A file whose beginning has been understood.
struct Opened {
    reader: Box<dyn RowReader>,
    vocabulary: Vocabulary,
    form: Form,
    /// The first row, where it is no header.
    first: Option<RawRow>,
}

fn begin<R: BufRead>(kind: &Kind, rows: &mut Rows<R>, file: &Path) -> Result<Opened, Failure> {
    let refuse = |why: Sentence| Failure::Input { path: file.to_owned(), why };
    let first = rows.next_row().map_err(|error| refuse(Sentence::verbatim(error.to_string())))?;
    let first = first.ok_or_else(|| refuse(Sentence::fixed(|texts| texts.input_empty)))?;
    match kind {
        Kind::JsonLines if json_lines::is_export(&first) => {
            Err(refuse(Sentence::fixed(|texts| texts.input_export)))
        }
        Kind::JsonLines => {
            let (vocabulary, form) = (mapping::neutral(), Form::JsonLines);
            Ok(Opened { reader: Box::new(json_lines::JsonLines), vocabulary, form, first: Some(first) })
        }
        Kind::Csv(mapping) => {
            if let Some(problem) = first.problem {
                return Err(refuse(Sentence::new(move |texts| texts.input_header(problem.told(texts)))));
            }
            let layout = Layout::find(mapping, &first, file)?;
            let reader: Box<dyn RowReader> = match &mapping.snapshots {
                Some(rules) => Box::new(snapshots::SnapshotReader::new(layout, rules)),
                None => Box::new(events::Events::new(layout)),
            };
            let form = Form::Csv { header: first.bytes, delimiter: mapping.delimiter };
            Ok(Opened { reader, vocabulary: mapping.vocabulary.clone(), form, first: None })
        }
    }
}

/// Runs `import`.
///
/// # Errors
/// [`Failure`]; what was appended by then stays, and the same import goes on from there.
pub fn run(
    arguments: &ImportArguments,
    data: &DataDir,
    json: bool,
    out: &mut Out,
) -> Result<Outcome, Failure> {
    let kind = Kind::of(arguments)?;
    let system = kind.system(arguments)?;
    let file = &arguments.file;
    let input = Input::open(file)?;
    let (read, length, cut_off) = (input.counter(), input.length, input.cut_off);
    let mut rows = Rows::new(input.reader, kind.shape(), cut_off);
    // The file is understood before the directory is touched: a wrong mapping changes nothing.
    let opened = begin(&kind, &mut rows, file)?;
    let keeper = Keeper::of(data, arguments, out.texts())?;
    let report = arguments.rejects.clone().unwrap_or_else(|| rejects::default_path(data, file));
    if same_file(&report, file) {
        return Err(Failure::Usage(Sentence::fixed(|texts| texts.rejects_same_file)));
    }
    not_docket_s_own(data, &report)?;
    let rejects = Rejects::new(report, opened.form)?;
    let target = keeper.target(system)?;
    let mut importer = Importer::new(target, opened.reader, opened.vocabulary, system, rejects);

    let mut progress = Progress::begin(out.texts().progress_importing, length, out);
    let mut next = opened.first;
    loop {
        let row = match next.take() {
            Some(row) => row,
            None => match rows.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => {
                    let why = Sentence::verbatim(error.to_string());
                    return Err(Failure::Input { path: file.clone(), why });
                }
            },
        };
        importer.row(&row)?;
        if importer.rows.is_multiple_of(PROGRESS_ROWS) {
            progress.at(read.load(Ordering::Relaxed), out);
        }
    }
    let mut imported = importer.finish()?;
    drop(progress);
    if cut_off {
        imported.remarks.push(Sentence::fixed(|texts| texts.remark_cut_off));
    } else if rows.ends_without_line_end() && matches!(kind, Kind::Csv(_)) {
        imported.remarks.push(Sentence::fixed(|texts| texts.remark_no_line_end));
    }
    let summary = Summary::of(file, kind.name(), system, &importer, cut_off, imported);
    summary.show(json, out)
}

/// Whoever keeps the log of a directory.
enum Keeper {
    Nobody(Log),
    Server(SocketAddr, Client),
}

impl Keeper {
    fn of(data: &DataDir, arguments: &ImportArguments, texts: &'static Texts) -> Result<Self, Failure> {
        let (path, holder) = match Log::to_write(data) {
            Ok(log) => return Ok(Self::Nobody(log)),
            Err(Failure::DataDir(DataDirError::InUse { path, holder })) => (path, holder),
            Err(failure) => return Err(failure),
        };
        // Another program than a server listens nowhere.
        let Some(address) = &holder.address else {
            return Err(Failure::DataDir(DataDirError::InUse { path, holder }));
        };
        let Some(token) = token::given(arguments.token_file.as_deref())? else {
            return Err(Failure::HeldByServer(DataDirError::InUse { path, holder }));
        };
        // Over a network the token could be read on the way.
        match address.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => {
                Ok(Self::Server(address, Client::new(address, token, texts.code)))
            }
            Ok(_) | Err(_) => {
                let address = address.clone();
                Err(Failure::usage(move |texts| texts.server_elsewhere(&address)))
            }
        }
    }

    fn target(&self, system: &str) -> Result<Target<'_>, Failure> {
        Ok(match self {
            Self::Nobody(log) => Target::Directory(Directory::new(log, system)?),
            Self::Server(address, client) => Target::Server(Server::new(client.clone(), *address)),
        })
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Runs `mappings`.
///
/// # Errors
/// [`Failure::Mapping`] when there is none of the name.
pub fn mappings(arguments: &MappingsArguments, json: bool, out: &mut Out) -> Result<Outcome, Failure> {
    let all = || BUILT_IN.iter().chain([&NEUTRAL]);
    match &arguments.name {
        None if json => out.json(&all().map(|(name, _)| *name).collect::<Vec<_>>())?,
        None => {
            let texts = out.texts();
            for (name, _) in all() {
                out.line(&format!("{name:12} {}", texts.purpose(name).unwrap_or_default()))?;
            }
        }
        Some(wanted) => match all().find(|(name, _)| name == wanted) {
            Some((_, text)) if json => out.json(&serde_json::json!({ "name": wanted, "toml": text }))?,
            Some((_, text)) => out.bytes(text.as_bytes())?,
            None => return Err(mapping::MappingError::Unknown { name: wanted.clone() }.into()),
        },
    }
    Ok(Outcome::Fine)
}
