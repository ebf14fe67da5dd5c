//! What every event store promises, as one list of tests that runs on any of them.
//!
//! A store is put under test by saying how to make an empty one ([`StoreUnderTest`]), and by one call:
//!
//! ```text
//! docket_tests::store_conformance!(postgres => PostgresUnderTest::new());
//! ```
//!
//! Each promise is a function of its own, named as it is promised, and becomes a test of its own.

#![allow(clippy::unwrap_used, reason = "what fails in a promise is to fail its test")]

pub mod atomicity;
pub mod backing_up;
pub mod concurrency;
pub mod facts;
pub mod following;
pub mod ids;
pub mod keys;
pub mod limits;
pub mod reading;
pub mod restoring;
pub mod samples;
pub mod time;
pub mod versions;

use docket_core::clock::Clock;
use docket_core::record::StoredRecord;
use docket_core::store::EventStore;
use std::path::Path;
use std::sync::Arc;

/// A kind of event store, as the promises need it.
#[allow(async_fn_in_trait, reason = "the promises run on the test's own thread, which needs no Send")]
pub trait StoreUnderTest {
    /// A new store without events, which takes its time from `clock`.
    async fn empty(&self, clock: Arc<dyn Clock>) -> Arc<dyn EventStore>;

    /// A directory for back-ups, empty at first.
    fn directory(&self) -> &Path;

    /// The records in a back-up, after checking whatever the store's own format lets one check.
    async fn records_of_back_up(&self, back_up: &Path) -> Vec<StoredRecord>;
}

/// Makes a module of tests, one for each promise, for one kind of store.
#[macro_export]
macro_rules! store_conformance {
    ($store:ident => $under_test:expr) => {
        mod $store {
            #[allow(unused_imports, reason = "what makes the store may come from anywhere")]
            use super::*;

            $crate::store_conformance! { @tests $under_test;
                versions:
                    an_append_to_a_new_stream_starts_at_version_1,
                    an_append_at_the_expected_version_goes_through,
                    an_append_at_another_version_is_told_the_current_one,
                    any_version_always_goes_through,
                    of_64_appends_expecting_the_same_version_exactly_one_wins;
                concurrency:
                    positions_are_gapless_and_versions_contiguous_under_concurrent_appends,
                    the_events_of_an_append_are_contiguous_under_concurrent_appends,
                    refused_appends_leave_nothing_and_do_not_harm_the_others,
                    every_outcome_fits_one_order_of_all_appends;
                atomicity:
                    an_append_over_several_streams_comes_in_the_order_given,
                    one_stream_at_another_version_refuses_the_append_to_all,
                    a_stream_may_come_twice_in_an_append,
                    an_append_may_depend_on_a_stream_without_adding_to_it,
                    a_dependence_that_does_not_hold_refuses_the_append;
                keys:
                    the_same_key_and_body_find_the_first_answer,
                    a_key_is_found_after_the_versions_have_moved,
                    the_same_key_with_another_body_is_refused,
                    a_key_belongs_to_its_principal,
                    of_concurrent_appends_with_one_key_exactly_one_has_an_effect,
                    a_refused_append_does_not_use_up_its_key,
                    the_mark_of_a_command_is_on_its_first_event_only,
                    a_key_tells_what_its_command_came_to;
                ids:
                    an_append_whose_ids_are_all_there_is_found,
                    an_append_is_found_by_its_ids_whatever_set_it_off,
                    an_id_that_is_there_for_something_else_is_refused,
                    an_append_of_which_a_part_is_there_is_refused,
                    ids_that_are_there_in_another_order_are_refused,
                    an_id_twice_in_an_append_is_refused,
                    of_concurrent_appends_with_the_same_ids_exactly_one_has_an_effect;
                limits:
                    an_append_without_events_is_refused,
                    the_most_events_pass_and_one_more_is_refused,
                    the_most_streams_pass_and_one_more_is_refused,
                    the_largest_record_passes_and_one_byte_more_is_refused,
                    the_most_facts_pass_and_one_more_is_refused,
                    a_fact_that_is_too_large_is_refused_and_the_store_goes_on;
                time:
                    recorded_times_never_run_backwards,
                    occurred_times_are_kept_as_they_are;
                reading:
                    what_is_read_is_what_was_appended,
                    a_record_hashes_to_what_it_says_and_is_canonical,
                    a_stream_is_read_in_pages,
                    the_log_is_read_in_pages,
                    a_read_returns_no_more_than_the_most_records,
                    a_read_returns_no_more_than_the_most_bytes,
                    a_read_past_the_end_returns_nothing,
                    names_of_streams_are_told_apart_byte_for_byte,
                    an_event_is_found_by_its_id,
                    a_check_counts_what_is_there;
                following:
                    the_head_is_the_last_position,
                    a_follower_sees_each_position_once_and_in_order,
                    a_reader_never_finds_anything_below_what_it_has_seen;
                facts:
                    facts_are_appended_in_order_at_whatever_version,
                    facts_that_are_there_are_left_out,
                    facts_appended_twice_are_there_once,
                    no_facts_are_no_error;
                restoring:
                    a_log_is_restored_byte_for_byte_and_hash_for_hash,
                    a_restore_continues_where_the_log_ends,
                    a_record_that_does_not_continue_the_log_is_refused,
                    a_record_that_is_not_sound_is_refused,
                    a_record_that_does_not_continue_its_stream_is_refused,
                    a_record_whose_id_or_key_is_there_is_refused,
                    a_restore_is_all_or_nothing,
                    a_restored_log_knows_its_keys_ids_versions_and_times;
                backing_up:
                    a_back_up_under_load_restores_to_a_prefix_of_the_log,
                    a_back_up_never_overwrites;
            }
        }
    };
    (@tests $under_test:expr; $($group:ident: $($promise:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                let (store, minute) = ($under_test, std::time::Duration::from_secs(60));
                let promise = $crate::store_conformance::$group::$promise(&store);
                tokio::time::timeout(minute, promise).await.expect("somebody waits for what never comes");
            }
        )+)+
    };
}
