//! Reads the log in pages and decodes each event once, for all projectors that go through it together.

use crate::log_event::LogEvent;
use docket_core::names::GlobalPosition;
use docket_core::record::StoredRecord;
use docket_core::store::{EventStore, ReadError};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Events in a page.
const PAGE_EVENTS: usize = 1024;

/// Pages that are kept for projectors that come by a little later.
pub const PAGES_MAX: usize = 8;

/// Pages that are read before anybody asks for them.
const PAGES_AHEAD: usize = 2;

/// What has been read of a page.
type Records = Result<Vec<StoredRecord>, ReadError>;

/// Consecutive events of the log.
pub type Page = Arc<Vec<LogEvent>>;

/// The log as projectors read it.
pub struct Feed {
    store: Arc<dyn EventStore>,
    head: watch::Receiver<GlobalPosition>,
    runtime: Handle,
    window: Mutex<Window>,
    /// Wakes those who wait for the slowest.
    moved: Condvar,
}

/// The pages at hand, one after the other, and who goes through them.
#[derive(Default)]
struct Window {
    pages: VecDeque<Page>,
    /// What each [`Reader`] wants next.
    readers: BTreeMap<u64, GlobalPosition>,
    next_reader: u64,
    /// Where the page begins that somebody reads and decodes for all.
    loading: Option<GlobalPosition>,
    /// The records behind the last page, read while that page is worked on, and the position of the first.
    ahead: Option<(GlobalPosition, Receiver<Records>)>,
}

impl Window {
    fn find(&self, wanted: GlobalPosition) -> Option<Page> {
        self.pages.iter().rev().find(|page| holds(page, wanted)).cloned()
    }

    /// The position behind the last page.
    fn end(&self) -> Option<GlobalPosition> {
        self.pages.back().and_then(|page| page.last()).map(|event| event.position.next())
    }

    /// Whether somebody still has to come by the first page.
    fn holds_somebody(&self) -> bool {
        let Some([.., last]) = self.pages.front().map(|page| page.as_slice()) else { return false };
        self.readers.values().any(|wanted| *wanted <= last.position && self.find(*wanted).is_some())
    }

    /// Whether somebody stands in the window or right behind it.
    fn is_in_use(&self) -> bool {
        self.readers.values().any(|wanted| Some(*wanted) == self.end() || self.find(*wanted).is_some())
    }

    fn push(&mut self, page: &Page) {
        if page.first().map(|event| event.position) != self.end() {
            self.pages.clear();
        }
        if self.pages.len() == PAGES_MAX {
            self.pages.pop_front();
        }
        self.pages.push_back(page.clone());
    }
}

fn holds(page: &Page, wanted: GlobalPosition) -> bool {
    page.first().is_some_and(|first| first.position <= wanted)
        && page.last().is_some_and(|last| last.position >= wanted)
}

impl Feed {
    /// A feed that reads on the given runtime; it is called from threads outside it.
    pub fn new(store: Arc<dyn EventStore>, runtime: Handle) -> Self {
        let head = store.head();
        Self { store, head, runtime, window: Mutex::default(), moved: Condvar::new() }
    }

    /// The last position of the log, and a way to wait for the next.
    pub fn head(&self) -> watch::Receiver<GlobalPosition> {
        self.head.clone()
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
    /// It may begin earlier: whoever reads skips what they have had. For those who follow the log as it grows;
    /// whoever goes through all of it takes a [`Feed::reader`].
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn after(&self, position: GlobalPosition) -> Result<Page, ReadError> {
        if position >= *self.head.borrow() {
            return Ok(Page::default());
        }
        let wanted = position.next();
        let mut window = self.window();
        loop {
            if let Some(page) = window.find(wanted) {
                return Ok(page);
            }
            if !window.readers.is_empty() {
                // Whoever rebuilds keeps the pages; this one must neither wait for them nor take them away.
                drop(window);
                return self.load(wanted);
            }
            if window.loading.is_none() {
                return self.load_for_all(window, wanted, false);
            }
            // Projectors in step wait for one decoder and do not all decode.
            window = self.wait(window);
        }
    }

    /// Goes through the log from a position on, in step with everybody else who does.
    pub fn reader(&self, after: GlobalPosition) -> Reader<'_> {
        let mut window = self.window();
        let id = window.next_reader;
        window.next_reader += 1;
        window.readers.insert(id, after.next());
        Reader { feed: self, id }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, window: MutexGuard<'a, Window>) -> MutexGuard<'a, Window> {
        self.moved.wait(window).unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self, wanted: GlobalPosition) -> Result<Page, ReadError> {
        Ok(decode(&self.read(wanted)?))
    }

    fn read(&self, wanted: GlobalPosition) -> Records {
        let after = GlobalPosition(wanted.0.saturating_sub(1));
        self.runtime.block_on(self.store.read_all(after, PAGE_EVENTS))
    }

    /// Reads on from a position until the log ends or nobody takes the records any more.
    ///
    /// On a thread of its own: to hand each page to another thread takes as long as to read it.
    fn read_ahead(&self, wanted: GlobalPosition) -> std::io::Result<Receiver<Records>> {
        let (sender, receiver) = sync_channel(PAGES_AHEAD);
        let (store, runtime) = (self.store.clone(), self.runtime.clone());
        let mut after = GlobalPosition(wanted.0.saturating_sub(1));
        std::thread::Builder::new().name("log-reader".into()).spawn(move || {
            loop {
                let records = runtime.block_on(store.read_all(after, PAGE_EVENTS));
                match records.as_deref() {
                    Ok([]) => return,
                    Ok([.., last]) => after = last.position,
                    Err(_) => {}
                }
                let ends = records.is_err();
                if sender.send(records).is_err() || ends {
                    return;
                }
            }
        })?;
        Ok(receiver)
    }

    /// Reads a page into the window, which stays open to the others meanwhile.
    fn load_for_all(
        &self,
        mut window: MutexGuard<'_, Window>,
        wanted: GlobalPosition,
        go_on: bool,
    ) -> Result<Page, ReadError> {
        window.loading = Some(wanted);
        let ahead = window.ahead.take().filter(|(from, _)| go_on && *from == wanted);
        drop(window);
        let loading = Loading(self);
        let ahead = match ahead {
            Some((_, ahead)) => Some(ahead),
            // Without a thread to spare, each page is read when it is wanted.
            None if go_on => self.read_ahead(wanted).ok(),
            None => None,
        };
        // At the end of the log as it was, there may be more by now.
        let received = ahead.as_ref().and_then(|ahead| ahead.recv().ok());
        let ahead = ahead.filter(|_| received.is_some());
        let page = decode(&received.unwrap_or_else(|| self.read(wanted))?);
        let mut window = self.window();
        if let Some(last) = page.last() {
            window.ahead = ahead.map(|ahead| (last.position.next(), ahead));
            window.push(&page);
        }
        drop(window);
        drop(loading);
        Ok(page)
    }
}

/// Lets the others know when a page is there, or that somebody else has to try.
struct Loading<'a>(&'a Feed);

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.0.window().loading = None;
        self.0.moved.notify_all();
    }
}

fn decode(records: &[StoredRecord]) -> Page {
    Arc::new(records.iter().map(LogEvent::of).collect())
}

/// Somebody on their way through the log. The first one at a page's end decodes the next page for all; nobody
/// gets more than a few pages ahead of the slowest, who would otherwise have to decode them once more.
pub struct Reader<'a> {
    feed: &'a Feed,
    id: u64,
}

impl Reader<'_> {
    /// The next page; empty at the end of the log. It may begin with events that were in the one before.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn next_page(&mut self) -> Result<Page, ReadError> {
        let mut window = self.feed.window();
        loop {
            let wanted = window.readers[&self.id];
            if let Some(page) = window.find(wanted) {
                return Ok(self.took(&mut window, page));
            }
            let continues = window.end() == Some(wanted);
            let must_wait =
                window.loading.is_some() || window.pages.len() == PAGES_MAX && window.holds_somebody();
            if window.loading == Some(wanted) || continues && must_wait {
                window = self.feed.wait(window);
                continue;
            }
            if !continues && (window.loading.is_some() || window.is_in_use()) {
                // The others are elsewhere; this one reads for itself until it meets them.
                drop(window);
                let page = self.feed.load(wanted)?;
                return Ok(self.took(&mut self.feed.window(), page));
            }
            let page = self.feed.load_for_all(window, wanted, true)?;
            return Ok(self.took(&mut self.feed.window(), page));
        }
    }

    fn took(&self, window: &mut Window, page: Page) -> Page {
        if let Some(last) = page.last() {
            window.readers.insert(self.id, last.position.next());
            self.feed.moved.notify_all();
        }
        page
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut window = self.feed.window();
        window.readers.remove(&self.id);
        if window.readers.is_empty() {
            // Whoever reads ahead ends when nobody takes it.
            window.ahead = None;
        }
        drop(window);
        self.feed.moved.notify_all();
    }
}
