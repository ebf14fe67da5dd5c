//! The command line: what can be said to the program.
//!
//! What is told about it is in `locales/`, in every language. The comments on arguments are the English once more,
//! and a test holds that they are the same.

mod help;
pub(crate) mod mistake;

use crate::core_words;
use crate::language::Language;
use crate::past::Moment;
use crate::sentence::Sentence;
use crate::texts::Texts;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use docket_core::ticket::Lane;
use docket_core::time::Timestamp;
use std::ffi::OsString;
use std::path::PathBuf;

/// What the exit codes mean; the end of every help text.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  done, and something was found: damage, a difference, rows that could not be taken
  2  the command line, the mapping or the input file cannot be used; nothing was changed
  3  the data directory cannot be used: in use, missing, not writable, full, or from a newer release
  4  the log itself is damaged, or failed while it was read or written";

/// Takes logs into Docket, shows what is in one, and checks that it is whole.
///
/// Commands that only read (all but import, restore and rebuild without --check) work while a server runs on
/// the same data; import goes through that server.
#[derive(Debug, Parser)]
#[command(name = "docket-replay", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The data directory.
    #[arg(long, global = true, env = "DOCKET_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of what people read [default: that of LC_ALL, LC_MESSAGES or LANG].
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Language>,
}

/// Understands a command line; what is wrong with it is told by [`mistake::told`].
pub(crate) fn parse(arguments: Vec<OsString>, texts: &'static Texts) -> Result<Cli, clap::Error> {
    let mut command = help::in_language(Cli::command(), texts);
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take the events of another system in, as they were.
    ///
    /// Importing the same file again, or after it was interrupted, appends only what is missing. Rows that
    /// cannot be taken are reported with their line and reason and kept in a report; the rest goes in.
    #[command(after_help = EXIT_CODES)]
    Import(ImportArguments),
    /// List the mappings that are built in, or print one as a start for your own.
    #[command(after_help = EXIT_CODES)]
    Mappings(MappingsArguments),
    /// Check that every event is there, unaltered and readable.
    #[command(after_help = EXIT_CODES)]
    Verify,
    /// Write the log out: one JSON record a line, byte for byte what is stored.
    #[command(after_help = EXIT_CODES)]
    Export(ExportArguments),
    /// Put an export back into an empty data directory: the same log, hash for hash.
    #[command(after_help = EXIT_CODES)]
    Restore(RestoreArguments),
    /// Show who did what to a ticket, and when.
    #[command(after_help = EXIT_CODES)]
    History(HistoryArguments),
    /// Show how much is in the log, of what, and since when.
    #[command(after_help = EXIT_CODES)]
    Stats,
    /// Show the queue, or one ticket, as it was at any moment.
    #[command(after_help = EXIT_CODES)]
    State(StateArguments),
    /// Print figures: metrics, sla, or those to lay beside somebody else's (reference, tickets, resolvers).
    #[command(after_help = EXIT_CODES)]
    Report(ReportArguments),
    /// Make read models anew from the log, or check those that are there without touching them.
    #[command(after_help = EXIT_CODES)]
    Rebuild(RebuildArguments),
    /// Copy the log, as of one moment, to a new file; a server may go on writing meanwhile.
    #[command(after_help = EXIT_CODES)]
    BackUp(BackUpArguments),
}

/// What `import` is told.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The file: .csv or .jsonl, also compressed with gzip.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How to read a CSV file: a built-in mapping (plain, servicenow) or the path of your own (.toml).
    /// A .jsonl file needs none.
    #[arg(long, value_name = "NAME|PATH")]
    pub mapping: Option<String>,
    /// The name under which the cases are kept apart from those of other sources, instead of the mapping's.
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// Where to write the rows that cannot be taken [default: import-rejects/ in the data directory].
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// A file with an API token, needed where a server has the directory: the import goes through it
    /// [default: what DOCKET_TOKEN says].
    #[arg(id = "token-file", long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// What `mappings` is told.
#[derive(Debug, Args)]
pub struct MappingsArguments {
    /// The mapping to print.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// What `export` is told.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The file to write, compressed if its name ends in .gz; `-` is the standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub out: PathBuf,
    /// Only what comes after this position.
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    pub after: u64,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// What `restore` is told.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The export, also compressed with gzip.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What `history` is told.
#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// The ticket's number; with --case, the case's identifier where it was imported from.
    #[arg(value_name = "TICKET")]
    pub ticket: String,
    /// TICKET is the identifier of an imported case.
    #[arg(long)]
    pub case: bool,
}

/// Which moment of the log a command looks at.
#[derive(Clone, Copy, Debug, Args)]
pub struct MomentArguments {
    /// The moment: after the event at a position, or after all that had been recorded by a time such as
    /// 2026-11-21T09:30:00Z [default: the end of the log].
    ///
    /// What an import brings is recorded when it is imported, not when it happened: see --occurred.
    #[arg(long, value_name = "POSITION|TIME")]
    pub at: Option<Moment>,
    /// Take the time of --at as one at which events happened: all that had happened by then, as far as the log
    /// knows today. A later import can change the answer.
    #[arg(long, requires = "at")]
    pub occurred: bool,
}

fn lane(name: &str) -> Result<Lane, Sentence> {
    Lane::parse(name).ok_or_else(|| Sentence::fixed(|texts| texts.no_lane))
}

fn instant(text: &str) -> Result<Timestamp, Sentence> {
    Timestamp::parse_rfc3339(text)
        .map_err(|error| Sentence::new(move |texts| core_words::time(&error, texts)))
}

/// What `state` is told.
#[derive(Debug, Args)]
pub struct StateArguments {
    /// The ticket's number; without it, the queue.
    #[arg(value_name = "TICKET", conflicts_with = "lane")]
    pub ticket: Option<u64>,
    /// Which moment.
    #[command(flatten)]
    pub moment: MomentArguments,
    /// Also list the tickets of a lane: new, open, pending or resolved.
    #[arg(long, value_name = "LANE", value_parser = lane)]
    pub lane: Option<Lane>,
    /// How many tickets to list.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportName {
    /// Response, resolution and hand-over times by category, priority, agent or team.
    Metrics,
    /// How the first-response targets stand.
    Sla,
    /// What another SLA policy would have meant.
    WhatIf,
    /// Totals and times under the keys of reference.json, as JSON.
    Reference,
    /// A row per ticket in the columns of `expected_tickets.csv`.
    Tickets,
    /// Resolved events by actor.
    Resolvers,
}

/// What the metrics are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Intake category: as of the resolving for resolutions, the present one otherwise.
    Category,
    /// Present priority.
    Priority,
    /// Who answered or resolved; for hand-overs, whom they went to.
    Agent,
    /// For which team they answered or resolved; for hand-overs, the team that they went to.
    Team,
}

/// What `report` is told.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Which report.
    #[arg(value_name = "REPORT")]
    pub name: ReportName,
    /// Which moment.
    #[command(flatten)]
    pub moment: MomentArguments,
    /// For metrics: what to group by [default: category].
    #[arg(long, value_name = "WHAT")]
    pub by: Option<By>,
    /// For metrics: only tickets opened from this time on.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub from: Option<Timestamp>,
    /// For metrics: only tickets opened before this time.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub until: Option<Timestamp>,
    /// For what-if: the policy, as it would be published.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// For what-if: the schedule that the policy names, as it would be published.
    #[arg(long, value_name = "FILE")]
    pub schedule: Option<PathBuf>,
    /// For what-if: judge each ticket by its last priority.
    #[arg(long)]
    pub by_last_priority: bool,
    /// For what-if: let clocks that pause for the customer pause for third parties too.
    #[arg(long)]
    pub pause_for_everybody: bool,
    /// Print CSV, as tickets and resolvers do anyway unless --json is given; reference is always JSON.
    #[arg(long)]
    pub csv: bool,
}

/// What `rebuild` is told.
#[derive(Debug, Args)]
pub struct RebuildArguments {
    /// The read models; without any, all of them.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Only compare what the log says with what is there; nothing is changed.
    #[arg(long)]
    pub check: bool,
}

/// What `back-up` is told.
#[derive(Debug, Args)]
pub struct BackUpArguments {
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[cfg(test)]
mod tests;
