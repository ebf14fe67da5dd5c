//! Every read model that a killed server left behind goes on from where it stood and is what the log says.

use super::ledger::{open, read};
use docket_core::names::GlobalPosition;
use docket_projections::log_event::LogEvent;
use docket_projections::read_model::Purpose;
use docket_projections::registry;
use serde_json::Value;
use std::path::Path;

const END: GlobalPosition = GlobalPosition(u64::MAX);

/// Opens each as the server would, brings it up to date, and compares it with a plain fold of the log.
pub(super) fn check(data: &Path) {
    let log: Vec<LogEvent> = read(&open(data), 0).iter().map(LogEvent::of).collect();
    for definition in registry::all() {
        let name = definition.name;
        let directory = data.join("read-models");
        // One that was never finished is made anew by the next server.
        let Ok(manifest) = std::fs::read(directory.join(format!("{name}.json"))) else { continue };
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let Some(file) = manifest["current"].as_str() else { continue };
        let mut model = definition.open(&directory.join(file), Purpose::Live).unwrap();
        let position = model.checkpoint().position;
        assert!(position.0 <= log.len() as u64, "{name} is ahead of the log");
        let mut fold = definition.fold();
        fold.apply(&log, position).unwrap();
        fold.flush().unwrap();
        assert_eq!(model.digest(), fold.digest(), "{name} as it was left at {position}");
        assert_eq!(model.recompute().unwrap(), fold.digest(), "rows of {name} at {position}");
        model.apply(&log, END).unwrap();
        model.flush().unwrap();
        fold.apply(&log, END).unwrap();
        fold.flush().unwrap();
        assert_eq!(model.digest(), fold.digest(), "{name} at the end");
        assert_eq!(model.recompute().unwrap(), fold.digest(), "rows of {name} at the end");
        assert!(model.quarantine().is_empty());
    }
}
