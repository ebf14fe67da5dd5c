//! `docket-replay`: see the library for what it does.

use docket_replay::out::Out;
use std::process::ExitCode;

/// Events are decoded on one thread and given up on others, which the system's allocator takes long for
/// (docs/adr/0013-allocator.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What customers wrote is for this user of the machine alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    docket_replay::run(std::env::args_os(), &mut Out::standard())
}
