//! How far a long command has come: a bar on a terminal, now and then a plain line elsewhere.

use crate::out::Out;
use docket_core::names::GlobalPosition;
use docket_core::store;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;

/// Work between two plain lines, as a part of the whole: every tenth.
const PLAIN_STEPS: u64 = 10;

/// Less work than this is done before anybody would read a plain line.
const PLAIN_MIN: u64 = 1 << 22;

/// How far a command has come towards a known end.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: &'static str,
    whole: u64,
    done: u64,
    steps_told: u64,
}

impl Progress {
    /// Begins; `what` says it in the user's language, `whole` in whatever unit [`Progress::at`] uses.
    pub fn begin(what: &'static str, whole: u64, out: &Out) -> Self {
        let bar = out.shows_progress().then(|| {
            let left = out.texts().progress_left("{eta}");
            let style = ProgressStyle::with_template(&format!("{{msg}} {{bar:32}} {{percent:>3}} %  {left}"));
            let bar = ProgressBar::new(whole).with_message(what);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, what, whole, done: 0, steps_told: 0 }
    }

    /// Has come so far.
    pub fn at(&mut self, done: u64, out: &mut Out) {
        self.done = done;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        if self.whole < PLAIN_MIN {
            return;
        }
        let step = done.saturating_mul(PLAIN_STEPS) / self.whole;
        if step > self.steps_told && step < PLAIN_STEPS {
            self.steps_told = step;
            out.note(&out.texts().progress_step(self.what, step * 100 / PLAIN_STEPS));
        }
    }

    /// Says something without spoiling the bar.
    pub fn note(&self, text: &str, out: &mut Out) {
        match &self.bar {
            Some(bar) => bar.suspend(|| out.note(text)),
            None => out.note(text),
        }
    }

    /// A form that a store can report to from another thread; it moves the bar only.
    pub fn for_store(&self) -> store::Progress {
        let bar = self.bar.clone();
        Arc::new(move |position: GlobalPosition| {
            if let Some(bar) = &bar {
                bar.set_position(position.0);
            }
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
