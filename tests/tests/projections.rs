//! What read models promise: rebuilt, live and folded by hand they say the same, whatever happens on the way.

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "projections/crash.rs"]
mod crash;
#[path = "projections/damage.rs"]
mod damage;
#[path = "projections/equality.rs"]
mod equality;
#[path = "projections/figures.rs"]
mod figures;
#[path = "projections/files.rs"]
mod files;
#[path = "projections/gate.rs"]
mod gate;
#[path = "projections/lanes.rs"]
mod lanes;
#[path = "projections/left.rs"]
mod left;
#[path = "projections/oracle.rs"]
mod oracle;
#[path = "projections/own.rs"]
mod own;
#[path = "projections/probes.rs"]
mod probes;
#[path = "projections/published.rs"]
mod published;
#[path = "projections/quarantine.rs"]
mod quarantine;
#[path = "projections/reach.rs"]
mod reach;
#[path = "projections/reports.rs"]
mod reports;
#[path = "projections/roster.rs"]
mod roster;
#[path = "projections/running.rs"]
mod running;
#[path = "projections/search.rs"]
mod search;
#[path = "projections/simulation.rs"]
mod simulation;
#[path = "projections/support.rs"]
mod support;
#[path = "projections/traces.rs"]
mod traces;
#[path = "projections/undone.rs"]
mod undone;
#[path = "projections/wishes.rs"]
mod wishes;
