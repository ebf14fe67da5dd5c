# Everyday commands. `just` alone lists them.
default:
    @just --list

# Build, fill a demo data directory, and serve it.
demo:
    server/demo/run

# Every check and every test, as in CI.
test:
    tests/run

# Only what changes most: lints and tests.
quick:
    cargo clippy --workspace --all-targets -- -D warnings && cargo test --workspace

# All benchmarks, as a table; `just bench appends` runs one.
bench *section:
    cargo build --locked --release -p docket-server
    cargo run --locked --release -p docket-tests --bin bench -- {{section}}

# Kill the server under load, many more times than the tests do.
kill-test cycles="5000":
    DOCKET_KILL_CYCLES={{cycles}} cargo test --locked -p docket-server --test process kill -- --nocapture

# Compare open hours with a walk minute by minute in many more cases than the tests do.
open-hours cases="10000000":
    DOCKET_OPEN_HOURS_CASES={{cases}} cargo test --locked --release -p docket-core --lib brute_force -- --nocapture

# Format everything.
format:
    cargo fmt --all
