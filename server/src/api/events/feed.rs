//! The feed as somebody may see it, for as long as they may see it.

use crate::access::{self, Rule};
use crate::app::App;
use crate::identity::{Caller, still_admitted};
use crate::problem::Problem;
use crate::streams::Place;
use axum::http::Method;
use axum::response::sse::Event;
use docket_core::access::Reach;
use docket_core::names::{GlobalPosition, StreamKind, StreamName};
use docket_core::record::StoredRecord;
use futures_core::Stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

/// Events that a stream reads ahead of its client.
const STREAM_PAGE_EVENTS: usize = 64;

/// How often a stream looks whether its session or token has run out by itself.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Leaves out what is of tickets that are out of reach, and for those who do not see everything also what is of no
/// ticket. Reach is asked as the tickets are now: whoever gets a ticket gets its past.
pub(super) async fn within(
    app: &App,
    reach: &Reach,
    records: Vec<StoredRecord>,
) -> Result<Vec<StoredRecord>, Problem> {
    if *reach == Reach::Everything {
        return Ok(records);
    }
    let mut seen = Vec::with_capacity(records.len());
    for record in records {
        let event = record.decode().map_err(|error| {
            tracing::error!("a record of the feed cannot be read: {error}");
            Problem::internal()
        })?;
        let ticket = match StreamName::new(&event.stream).map_or(StreamKind::Other, |stream| stream.kind()) {
            StreamKind::Ticket(number) | StreamKind::Sla(number) => app.handler.ticket(number).await?,
            StreamKind::Agent
            | StreamKind::Staff
            | StreamKind::Settings
            | StreamKind::Account
            | StreamKind::Customer
            | StreamKind::Views
            | StreamKind::Other => continue,
        };
        if reach.sees(&ticket) {
            seen.push(record);
        }
    }
    Ok(seen)
}

/// Waits for an event after a position, and for so long at most. Whoever may not look any more meanwhile is told so at
/// once, and shown nothing (promise S2).
pub(super) async fn wait(
    app: &App,
    caller: &Caller,
    after: GlobalPosition,
    most: Duration,
) -> Result<(), Problem> {
    let rule = access::rule(&Method::GET, "/api/v1/events");
    let admitted = || rule.is_some_and(|rule| still_admitted(app, caller, rule));
    let (mut head, mut taken_away) = (app.store.head(), app.credentials.taken_away.subscribe());
    let over = tokio::time::sleep(most);
    tokio::pin!(over);
    while admitted() {
        tokio::select! {
            _ = head.wait_for(|head| *head > after) => break,
            () = &mut over => break,
            _ = taken_away.changed() => {}
            () = app.shutdown.cancelled() => return Err(Problem::shutting_down()),
        }
    }
    // What woke it may be the very event that takes something away, which is known here a moment later.
    app.staff.refresh().await?;
    if admitted() { Ok(()) } else { Err(Problem::access_changed()) }
}

struct Following {
    app: App,
    caller: Caller,
    after: GlobalPosition,
    ready: VecDeque<StoredRecord>,
    head: tokio::sync::watch::Receiver<GlobalPosition>,
    taken_away: tokio::sync::watch::Receiver<u64>,
    /// How often something had been taken away from somebody at the last look.
    looked: u64,
    rule: Option<&'static Rule>,
    _place: Place,
}

/// Reads the log as fast as the client takes it, and no faster: nothing piles up for a slow one. Whoever may not look any
/// more is told so, and the stream ends (promise S2).
pub(super) fn follow(
    app: App,
    caller: Caller,
    after: GlobalPosition,
    place: Place,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let (head, taken_away) = (app.store.head(), app.credentials.taken_away.subscribe());
    let rule = access::rule(&Method::GET, "/api/v1/events/stream");
    let following = Following {
        app,
        caller,
        after,
        ready: VecDeque::new(),
        head,
        // At the first turn it looks in any case: something may have changed since the request came in.
        looked: u64::MAX,
        taken_away,
        rule,
        _place: place,
    };
    futures_util::stream::unfold(Some(following), |following| async move {
        let mut following = following?;
        match following.next().await {
            Next::Event(event) => Some((Ok(event), Some(following))),
            Next::TakenAway => {
                let data = "{\"code\":\"access-changed\"}";
                Some((Ok(Event::default().event("end").data(data)), None))
            }
            Next::End => None,
        }
    })
}

enum Next {
    Event(Event),
    TakenAway,
    End,
}

impl Following {
    async fn next(&mut self) -> Next {
        loop {
            // Asked before each event, since a slow client may have it waiting for long.
            if !self.admitted() {
                return Next::TakenAway;
            }
            if let Some(record) = self.ready.pop_front() {
                let Ok(text) = String::from_utf8(record.bytes) else { return Next::End };
                return Next::Event(Event::default().id(record.position.to_string()).data(text));
            }
            let after = self.after;
            let more = tokio::select! {
                more = self.head.wait_for(|head| *head > after) => more.is_ok(),
                changed = self.taken_away.changed() => changed.is_ok(),
                () = tokio::time::sleep(LOOK_EVERY), if self.caller.until.is_some() => true,
                () = self.app.shutdown.cancelled() => false,
            };
            if !more {
                return Next::End;
            }
            if *self.head.borrow() <= after {
                continue;
            }
            // A log that cannot be read ends the stream; the client comes back and is told why.
            let Ok(page) = self.app.store.read_all(self.after, STREAM_PAGE_EVENTS).await else {
                return Next::End;
            };
            let Some(last) = page.last() else { return Next::End };
            self.after = last.position;
            let Ok(page) = within(&self.app, &self.caller.reach, page).await else { return Next::End };
            self.ready = page.into();
        }
    }

    /// Whether the caller may still look: asked anew when something was taken away from somebody, or their time is over.
    fn admitted(&mut self) -> bool {
        let over = self.caller.until.is_some_and(|until| self.app.now() >= until);
        let times = *self.taken_away.borrow();
        if !over && times == self.looked {
            return true;
        }
        self.looked = times;
        let still = |rule| still_admitted(&self.app, &self.caller, rule);
        self.rule.is_some_and(still)
    }
}
