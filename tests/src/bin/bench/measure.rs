//! Times, percentiles and memory.

use std::time::{Duration, Instant};

/// Latencies of one round, and how long the round took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    sorted_ns: Vec<u64>,
    elapsed: Duration,
}

impl Latencies {
    pub(crate) fn new(mut nanoseconds: Vec<u64>, elapsed: Duration) -> Self {
        nanoseconds.sort_unstable();
        Self { sorted_ns: nanoseconds, elapsed }
    }

    /// The smallest latency that this share of all does not exceed. Unit: milliseconds.
    pub(crate) fn percentile_ms(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.sorted_ns.len() as f64).ceil() as usize;
        self.sorted_ns[rank.clamp(1, self.sorted_ns.len()) - 1] as f64 / 1e6
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.sorted_ns.len() as f64 / self.elapsed.as_secs_f64()
    }
}

/// The median over rounds of something that each of them has.
pub(crate) fn median_of<T>(rounds: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    median(rounds.iter().map(figure).collect())
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Times one call. Unit: seconds.
pub(crate) fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let result = work();
    (began.elapsed().as_secs_f64(), result)
}

/// Times each of many calls.
pub(crate) fn latencies(calls: usize, mut call: impl FnMut(usize)) -> Latencies {
    let began = Instant::now();
    let each = (0..calls)
        .map(|index| {
            let began = Instant::now();
            call(index);
            began.elapsed().as_nanos() as u64
        })
        .collect();
    Latencies::new(each, began.elapsed())
}

/// The most memory this process has had so far. Unit: MiB.
pub(crate) fn peak_memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}
