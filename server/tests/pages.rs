//! The promises of the pages: what they show, what their forms do, and what they never let through.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

#[path = "pages/desk.rs"]
mod desk;
#[path = "pages/files.rs"]
mod files;
#[path = "pages/forms.rs"]
mod forms;
#[path = "pages/reading.rs"]
mod reading;
#[path = "pages/safety.rs"]
mod safety;
#[path = "pages/words.rs"]
mod words;
