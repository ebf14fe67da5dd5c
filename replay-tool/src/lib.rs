//! The replay tool: takes logs in, shows what is in one, gives it out again, and checks that it is whole.
//!
//! Each command is a function from its arguments and a [`log::Log`] to an [`Outcome`]; what it says goes
//! through [`out::Out`], in the language of `locales/` that the user speaks. The library knows no process: [`run`] is all of the program but its exit.

pub mod back_up;
pub mod cli;
mod core_words;
pub mod export;
pub mod failure;
pub mod history;
pub mod import;
pub mod language;
pub mod log;
pub mod out;
pub mod past;
pub mod progress;
pub mod rebuild;
pub mod report;
pub mod restore;
pub mod sentence;
pub mod state;
pub mod stats;
mod texts;
pub mod verify;
mod words;

use cli::{Cli, Command};
use docket_core::store::data_dir::DataDir;
use failure::Failure;
use language::Language;
use out::Out;
use std::ffi::OsString;
use std::process::ExitCode;

/// What a command that ran to its end came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to remark. Exit code 0.
    Fine,
    /// Something was found: damage, a difference, rows that could not be taken. Exit code 1.
    Found,
}

/// Runs the program on its arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut Out) -> ExitCode {
    ExitCode::from(run_to_code(arguments, out))
}

/// The exit code of [`run`] as a number; the codes are those of [`cli::EXIT_CODES`].
pub fn run_to_code(arguments: impl IntoIterator<Item = OsString>, out: &mut Out) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(language) = Language::asked(&arguments) {
        out.speak(language);
    }
    let cli = match cli::parse(arguments, out.texts()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, out),
    };
    let json = cli.json;
    match command(cli, out).and_then(|outcome| out.flush().map(|()| outcome)) {
        Ok(Outcome::Fine) => 0,
        Ok(Outcome::Found) => 1,
        // Whoever reads, such as `head`, has seen enough.
        Err(Failure::PipeClosed) => 0,
        Err(failure) => {
            failure.tell(json, out);
            failure.code()
        }
    }
}

fn usage(error: &clap::Error, out: &mut Out) -> u8 {
    let text = cli::mistake::told(error, out.texts());
    if error.use_stderr() {
        out.note(text.trim_end());
        return 2;
    }
    match out.line(text.trim_end()).and_then(|()| out.flush()) {
        Ok(()) | Err(Failure::PipeClosed) => 0,
        Err(failure) => failure.code(),
    }
}

fn command(cli: Cli, out: &mut Out) -> Result<Outcome, Failure> {
    let json = cli.json;
    let data = || cli.data.clone().map(DataDir::at).ok_or(Failure::NoDataDir);
    match cli.command {
        Command::Import(arguments) => import::run(&arguments, &data()?, json, out),
        Command::Mappings(arguments) => import::mappings(&arguments, json, out),
        Command::Verify => verify::run(&data()?, json, out),
        Command::Export(arguments) => export::run(&arguments, &data()?, json, out),
        Command::Restore(arguments) => restore::run(&arguments, &data()?, json, out),
        Command::History(arguments) => history::run(&arguments, &data()?, json, out),
        Command::Stats => stats::run(&data()?, json, out),
        Command::State(arguments) => state::run(&arguments, &data()?, json, out),
        Command::Report(arguments) => report::run(&arguments, &data()?, json, out),
        Command::Rebuild(arguments) => rebuild::run(&arguments, &data()?, json, out),
        Command::BackUp(arguments) => back_up::run(&arguments, &data()?, json, out),
    }
}
