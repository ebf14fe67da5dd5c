//! Docket.

pub mod crash_disk;
