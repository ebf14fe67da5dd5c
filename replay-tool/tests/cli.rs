//! What the program promises on its command line, tested through the same function as `main` calls.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "cli/support.rs"]
mod support;

#[path = "cli/back_up.rs"]
mod back_up;
#[path = "cli/export.rs"]
mod export;
#[path = "cli/failures.rs"]
mod failures;
#[path = "cli/history.rs"]
mod history;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/interrupted.rs"]
mod interrupted;
#[path = "cli/json_lines.rs"]
mod json_lines;
#[path = "cli/mappings.rs"]
mod mappings;
#[path = "cli/rebuild.rs"]
mod rebuild;
#[path = "cli/rejects.rs"]
mod rejects;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/server.rs"]
mod server;
#[path = "cli/spanish.rs"]
mod spanish;
#[path = "cli/state.rs"]
mod state;
#[path = "cli/verify.rs"]
mod verify;
