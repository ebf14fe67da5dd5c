//! What may be done to a read model on request: rebuild it, go back to the one before, retry a ticket.

use super::{Slot, lock};
use crate::log_event::LogEvent;
use crate::read_model::Purpose;
use crate::rebuild::{RebuildError, remove};
use crate::registry::Model;
use crate::runner::{ChangeError, Rebuilt};
use docket_core::names::{GlobalPosition, StreamName, StreamVersion, TicketNumber};
use docket_core::store::{READ_RECORDS_MAX, ReadError, may_go_on};
use std::path::Path;

impl Slot {
    pub(in crate::runner) fn rebuild(&self, accept_difference: bool) -> Result<Rebuilt, ChangeError> {
        let Ok(_running) = self.rebuilding.try_lock() else { return Err(ChangeError::Running(self.name())) };
        let path = lock(&self.files).next(&self.definition.fingerprint);
        let result = self.rebuild_to(&path, accept_difference);
        if !matches!(result, Ok(Rebuilt { took_over: true, .. })) {
            remove(&path)?;
        }
        result
    }

    fn rebuild_to(&self, path: &Path, accept_difference: bool) -> Result<Rebuilt, ChangeError> {
        self.build_to(path)?;
        let mut model = self.definition.open(path, Purpose::Live)?;
        // Most of what came in meanwhile is taken while the old one goes on; the rest while it is held.
        self.catch_up(model.as_mut(), self.status().position())?;
        let mut live = lock(&self.live);
        // Either may be ahead: the new one was built to the end of the log, which the old one may not have reached.
        if let Some(old) = live.as_mut() {
            self.catch_up(old.as_mut(), model.checkpoint().position)?;
        }
        let position = live.as_ref().map_or(model.checkpoint().position, |old| old.checkpoint().position);
        self.catch_up(model.as_mut(), position)?;
        let digest = model.digest();
        let served = live.as_ref().map(|old| old.digest());
        let took_over = accept_difference || served.is_none_or(|served| served == digest);
        if took_over {
            *live = None;
            drop(live);
            let mut files = lock(&self.files);
            files.take_over(path)?;
            self.serve(&files, path, model, true);
        }
        Ok(Rebuilt { position, digest, served, took_over })
    }

    fn catch_up(&self, model: &mut dyn Model, to: GlobalPosition) -> Result<(), RebuildError> {
        while model.checkpoint().position < to {
            let page = self.feed.after(model.checkpoint().position)?;
            if page.is_empty() {
                break;
            }
            model.apply(&page, to)?;
            model.flush()?;
        }
        Ok(())
    }

    pub(in crate::runner) fn roll_back(&self) -> Result<(), ChangeError> {
        let Ok(_running) = self.rebuilding.try_lock() else { return Err(ChangeError::Running(self.name())) };
        let earlier = self.earlier(&lock(&self.files));
        let Some(path) = earlier else { return Err(ChangeError::NoEarlier(self.name())) };
        let model = self.definition.open(&path, Purpose::Live)?;
        *lock(&self.live) = None;
        let mut files = lock(&self.files);
        files.swap_back()?;
        self.serve(&files, &path, model, false);
        drop(files);
        // It stands where it stood when it was replaced; the thread brings it up to date.
        self.damaged.send_modify(|_| {});
        self.check();
        Ok(())
    }

    pub(in crate::runner) fn retry(&self, ticket: TicketNumber) -> Result<bool, ChangeError> {
        let events = self.events_of(ticket).map_err(RebuildError::Read)?;
        let mut live = lock(&self.live);
        let Some(model) = live.as_mut() else { return Err(ChangeError::Running(self.name())) };
        let taken = model.retry(ticket, &events).map_err(RebuildError::Apply)?;
        let phase = self.status.borrow().phase.clone();
        self.publish(model.as_ref(), phase);
        Ok(taken)
    }

    /// All events of a ticket, from both of its streams, in the order of the log.
    fn events_of(&self, ticket: TicketNumber) -> Result<Vec<LogEvent>, ReadError> {
        let mut events = Vec::new();
        for stream in [StreamName::ticket(ticket), StreamName::sla(ticket)] {
            let mut after = StreamVersion::NONE;
            loop {
                let page = self.feed.store().read_stream(&stream, after, READ_RECORDS_MAX);
                let page = self.feed.runtime().block_on(page)?;
                after = StreamVersion(after.0 + page.len() as u64);
                events.extend(page.iter().map(LogEvent::of));
                if !may_go_on(&page, READ_RECORDS_MAX) {
                    break;
                }
            }
        }
        events.sort_by_key(|event| event.position);
        Ok(events)
    }
}
