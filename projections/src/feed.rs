//! Reads the log in pages and decodes each event once, for all projectors that stand at the same place.

use crate::log_event::LogEvent;
use docket_core::names::GlobalPosition;
use docket_core::store::{EventStore, ReadError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Events in a page.
const PAGE_EVENTS: usize = 1024;

/// Pages that are kept for projectors that come by a little later.
const PAGES_MAX: usize = 8;

/// Consecutive events of the log.
pub type Page = Arc<Vec<LogEvent>>;

/// The log as projectors read it.
pub struct Feed {
    store: Arc<dyn EventStore>,
    runtime: Handle,
    pages: Mutex<VecDeque<Page>>,
}

impl Feed {
    /// A feed that reads on the given runtime; it is called from threads outside it.
    pub fn new(store: Arc<dyn EventStore>, runtime: Handle) -> Self {
        Self { store, runtime, pages: Mutex::default() }
    }

    /// The last position of the log, and a way to wait for the next.
    pub fn head(&self) -> watch::Receiver<GlobalPosition> {
        self.store.head()
    }

    /// The runtime that waits for the log.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The store behind the feed.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.store
    }

    /// A page that holds the event after a position; empty at the end of the log.
    ///
    /// It may begin earlier: whoever reads skips what they have had.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn after(&self, position: GlobalPosition) -> Result<Page, ReadError> {
        // The lock is held while decoding, so that projectors in step wait for one decoder and do not all decode.
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = position.next();
        let holds = |page: &&Page| {
            page.first().is_some_and(|first| first.position <= wanted)
                && page.last().is_some_and(|last| last.position >= wanted)
        };
        if let Some(page) = pages.iter().rev().find(holds) {
            return Ok(page.clone());
        }
        let records = self.runtime.block_on(self.store.read_all(position, PAGE_EVENTS))?;
        let page: Page = Arc::new(records.iter().map(LogEvent::of).collect());
        if !page.is_empty() {
            if pages.len() == PAGES_MAX {
                pages.pop_front();
            }
            pages.push_back(page.clone());
        }
        Ok(page)
    }
}
