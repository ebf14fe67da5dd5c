//! The only place where Docket asks what time it is.

use crate::time::Timestamp;
use async_trait::async_trait;
use tokio::sync::watch;

/// Tells the time and waits for a time to come.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The present instant by the wall clock. It may step back; order comes from positions, never from it.
    fn now(&self) -> Timestamp;

    /// Returns once `now()` has reached the instant; at once if it has already.
    async fn sleep_until(&self, instant: Timestamp);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The longest single wait: a suspended machine or a stepped clock is noticed within it.
const SLEEP_MAX: std::time::Duration = std::time::Duration::from_secs(1);

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(chrono::Utc::now().timestamp_millis()).clamp(Timestamp::MIN, Timestamp::MAX)
    }

    async fn sleep_until(&self, instant: Timestamp) {
        // The timer runs on monotonic time and the instant is on the wall clock; waiting in short steps keeps
        // the two together when the wall clock is set or the machine was asleep.
        loop {
            let left = instant.since(self.now()).0;
            if left <= 0 {
                return;
            }
            tokio::time::sleep(SLEEP_MAX.min(std::time::Duration::from_millis(left.unsigned_abs()))).await;
        }
    }
}

/// A clock that stands still until it is set, for tests and for evaluating the past.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// A clock standing at an instant.
    pub fn at(instant: Timestamp) -> Self {
        Self { now: watch::Sender::new(instant) }
    }

    /// Sets the clock, forward or back, and wakes those whose instant has come.
    pub fn set(&self, instant: Timestamp) {
        self.now.send_replace(instant);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, instant: Timestamp) {
        // The sender lives in `self`, so the wait cannot end by its loss.
        let _ = self.now.subscribe().wait_for(|now| *now >= instant).await;
    }
}
