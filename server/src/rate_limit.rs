//! How often somebody may ask: by token, by session, and by address where nobody is signed in.
//!
//! Each is a bucket that fills at a steady rate, kept as the one instant at which it will be full again (the generic
//! cell rate algorithm). There is room for a bounded number of them: the one not used for longest is full again anyway.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use docket_core::time::Timestamp;
use lru::LruCache;
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Buckets that are kept.
pub const BUCKETS_MAX: NonZeroUsize = NonZeroUsize::new(100_000).expect("more than none");

/// How much may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What it is called in the headers.
    pub name: &'static str,
    /// How many at once.
    pub burst: u32,
    /// How long it takes until all of them are there again. Unit: seconds.
    pub window_s: u32,
}

/// Where a request leaves its quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Of which quota.
    pub quota: Quota,
    /// How many more may follow at once.
    pub remaining: u32,
    /// Until all of them are there again. Unit: seconds, rounded up.
    pub full_in_s: u32,
}

/// The quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Of which quota.
    pub quota: Quota,
    /// Until one more is taken. Unit: seconds, rounded up.
    pub retry_after_s: u32,
}

/// Buckets of whoever asked lately.
pub struct RateLimit {
    /// When each is full again. Unit: microseconds since the epoch.
    full_at: Mutex<LruCache<u64, i64>>,
    /// Names are kept as a number that nobody outside can compute.
    hasher: RandomState,
}

impl Left {
    /// Says it in the headers of an answer (draft-ietf-httpapi-ratelimit-headers-10).
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Quota { name, burst, window_s } = self.quota;
        let policy = format!("\"{name}\";q={burst};w={window_s}");
        let left = format!("\"{name}\";r={};t={}", self.remaining, self.full_in_s);
        for (header, value) in [(POLICY, policy), (LEFT, left)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(header, value);
            }
        }
    }
}

impl RateLimit {
    /// Room for so many buckets.
    pub fn new(buckets_max: NonZeroUsize) -> Self {
        Self { full_at: Mutex::new(LruCache::new(buckets_max)), hasher: RandomState::new() }
    }

    /// Takes one out of somebody's bucket.
    ///
    /// # Errors
    /// [`Exhausted`] when it is empty; nothing is taken then.
    pub fn take(&self, whose: &impl Hash, quota: Quota, now: Timestamp) -> Result<Left, Exhausted> {
        let key = self.hasher.hash_one((quota.name, whose));
        let window_us = i64::from(quota.window_s) * 1_000_000;
        // More than one in each microsecond is as many as anybody can send.
        let each_us = (window_us / i64::from(quota.burst).max(1)).max(1);
        let now_us = now.0.saturating_mul(1000);
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back leaves buckets that look emptier than empty.
        let full_at =
            all.get(&key).map_or(now_us, |at| (*at).clamp(now_us, now_us.saturating_add(window_us)));
        let after = full_at + each_us;
        let seconds = |us: i64| us.max(0).unsigned_abs().div_ceil(1_000_000) as u32;
        if after - now_us > window_us {
            all.put(key, full_at);
            return Err(Exhausted { quota, retry_after_s: seconds(after - now_us - window_us).max(1) });
        }
        all.put(key, after);
        let remaining = ((window_us - (after - now_us)) / each_us) as u32;
        Ok(Left { quota, remaining, full_in_s: seconds(after - now_us) })
    }

    /// Fills somebody's bucket again.
    pub fn forgive(&self, whose: &impl Hash, quota: Quota) {
        let key = self.hasher.hash_one((quota.name, whose));
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).pop(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::time::DurationMs;

    const QUOTA: Quota = Quota { name: "test", burst: 3, window_s: 30 };

    fn limit() -> RateLimit {
        RateLimit::new(NonZeroUsize::new(2).unwrap())
    }

    #[test]
    fn a_bucket_is_empty_after_its_burst_and_fills_at_its_rate() {
        let (limit, mut now) = (limit(), Timestamp(1_000_000));
        let left = [0, 1, 2].map(|_| limit.take(&"a", QUOTA, now).unwrap());
        assert_eq!(left.map(|left| left.remaining), [2, 1, 0]);
        assert_eq!(left[2].full_in_s, 30);
        assert_eq!(limit.take(&"a", QUOTA, now), Err(Exhausted { quota: QUOTA, retry_after_s: 10 }));
        limit.take(&"b", QUOTA, now).unwrap();
        now = now.plus(DurationMs(9_999));
        assert!(limit.take(&"a", QUOTA, now).is_err());
        now = now.plus(DurationMs(1));
        assert_eq!(limit.take(&"a", QUOTA, now).unwrap().remaining, 0);
        assert!(limit.take(&"a", QUOTA, now).is_err());
        assert_eq!(limit.take(&"a", QUOTA, now.plus(DurationMs(1 << 40))).unwrap().remaining, 2);
    }

    #[test]
    fn a_quota_that_nobody_can_use_up_is_a_quota() {
        let limit = limit();
        for burst in [0, 1, 60_000_000, u32::MAX] {
            let quota = Quota { name: "any", burst, window_s: 60 };
            assert!(limit.take(&burst, quota, Timestamp(1_000_000)).is_ok(), "{burst}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_window() {
        let (limit, late) = (limit(), Timestamp(1 << 40));
        for _ in 0..3 {
            limit.take(&"a", QUOTA, late).unwrap();
        }
        let early = Timestamp(1_000_000);
        let refused = limit.take(&"a", QUOTA, early).unwrap_err();
        assert!(refused.retry_after_s <= 30);
        limit.take(&"a", QUOTA, early.plus(DurationMs(30_000))).unwrap();
    }

    #[test]
    fn there_is_room_for_a_bounded_number_and_a_bucket_can_be_forgiven() {
        let (limit, now) = (limit(), Timestamp(0));
        for who in 0..100 {
            limit.take(&who, QUOTA, now).unwrap();
        }
        assert_eq!(limit.full_at.lock().unwrap().len(), 2);
        for _ in 0..2 {
            limit.take(&99, QUOTA, now).unwrap();
        }
        assert!(limit.take(&99, QUOTA, now).is_err());
        limit.forgive(&99, QUOTA);
        assert!(limit.take(&99, QUOTA, now).is_ok());
    }
}
