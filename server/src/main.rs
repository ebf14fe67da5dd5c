//! The server's program: reads the command line and runs what it says.

use clap::Parser;
use docket_server::assembly::{ServeError, invite_admin, serve};
use docket_server::config::{Command, Config};
use docket_server::telemetry;
use std::process::ExitCode;

fn main() -> ExitCode {
    // What customers write is for this user of the machine alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let command = Config::parse().command;
    telemetry::init(matches!(&command, Command::Serve(options) if options.log_json));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the machine has no threads left");
            return ExitCode::from(3);
        }
    };
    let result = match command {
        Command::Serve(options) => runtime.block_on(serve(options)),
        Command::InviteAdmin(options) => runtime.block_on(invite_admin(options)),
    };
    // What still reads the log, such as its verification, is not waited for: it writes nothing.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(match error {
                ServeError::LogFailed { .. } | ServeError::LogDamaged { .. } => 1,
                ServeError::NotLoopback { .. } | ServeError::Invitation(_) => 2,
                ServeError::DataDir(_)
                | ServeError::Log(_)
                | ServeError::Operational(_)
                | ServeError::Attachments(_)
                | ServeError::Credentials(_)
                | ServeError::Staff(_)
                | ServeError::Webhooks(_)
                | ServeError::Read(_)
                | ServeError::ReadModels(_)
                | ServeError::Address { .. }
                | ServeError::Sample(_) => 3,
            })
        }
    }
}
