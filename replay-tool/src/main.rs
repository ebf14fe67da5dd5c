//! `docket-replay`: see the library for what it does.

use docket_replay::out::Out;
use std::process::ExitCode;

fn main() -> ExitCode {
    docket_replay::run(std::env::args_os(), &mut Out::standard())
}
