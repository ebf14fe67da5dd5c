//! What is bounded and how far it may go (promise A2), as `docket_bound` of `/metrics` tells it.
//!
//! What is in use of a bound is a gauge of its own where it changes; who was refused for one is in
//! `docket_http_requests_total` by status: 413 and 431 for size, 503 for room.

use crate::credentials::{password, session, token};
use crate::drafts::DRAFTS_OF_PERSON_MAX;
use crate::rate_limit::BUCKETS_MAX;
use crate::reactor::closing::ASIDE_MAX;
use crate::webhooks::{kept, outbox, post, progress};
use crate::{api, listener, pages, streams, uploads};
use docket_core::calendar::PERIODS_MAX;
use docket_core::handler::append::AGENT_ATTEMPTS_MAX;
use docket_core::handler::import::{ANSWER_LINES_MAX, LINE_BYTES_MAX};
use docket_core::handler::{ATTEMPTS_MAX, MISSED_MAX, TICKETS_REMEMBERED_MAX};
use docket_core::store::sqlite::{
    BATCH_APPENDS_MAX, CHECKPOINT_AT_LENGTHS, IDLE_CONNECTIONS_MAX, VERSIONS_MAX, WAITING_MAX, WAL_PAGES,
};
use docket_core::store::{EVENTS_PER_APPEND_MAX, READ_BYTES_MAX, READ_RECORDS_MAX, RECORD_BYTES_MAX};
use docket_core::ticket::ABSORBED_MAX;
use docket_core::ticket::enclosed::ATTACHMENTS_MAX;
use docket_core::webhook::ENDPOINTS_MAX;
use docket_projections::queue::ROWS_PER_PAGE_MAX;
use docket_projections::read_model::{LIVE_ROWS_MAX, REBUILD_ROWS_MAX};
use docket_projections::reports::answer::CELLS_MAX;
use docket_projections::timeline::{BYTES_PER_PAGE_MAX, ENTRIES_PER_PAGE_MAX};

/// Every bound: what is bounded with its unit, and how far it may go.
pub const BOUNDS: [(&str, u64); 56] = [
    ("appends_waiting", WAITING_MAX as u64),
    ("appends_in_transaction", BATCH_APPENDS_MAX as u64),
    ("events_in_append", EVENTS_PER_APPEND_MAX as u64),
    ("record_bytes", RECORD_BYTES_MAX as u64),
    ("read_records", READ_RECORDS_MAX as u64),
    ("read_bytes", READ_BYTES_MAX as u64),
    ("wal_pages", WAL_PAGES as u64 * CHECKPOINT_AT_LENGTHS as u64),
    ("log_reader_connections", IDLE_CONNECTIONS_MAX as u64),
    ("stream_versions_remembered", VERSIONS_MAX.get() as u64),
    ("tickets_remembered", TICKETS_REMEMBERED_MAX.get() as u64),
    ("command_attempts", ATTEMPTS_MAX as u64),
    ("agent_attempts", AGENT_ATTEMPTS_MAX as u64),
    ("tickets_merged_into_one", ABSORBED_MAX as u64),
    ("due_aside", ASIDE_MAX as u64),
    ("missed_events_told", MISSED_MAX as u64),
    ("read_model_rows_live", LIVE_ROWS_MAX as u64),
    ("read_model_rows_rebuild", REBUILD_ROWS_MAX as u64),
    ("connections", listener::CONNECTIONS_MAX as u64),
    ("head_bytes", listener::HEAD_BYTES_MAX as u64),
    ("body_bytes", api::BODY_BYTES_MAX as u64),
    ("bodies_kib", listener::BODIES_KIB_MAX as u64),
    ("import_bytes", api::IMPORT_BYTES_MAX as u64),
    ("import_line_bytes", LINE_BYTES_MAX as u64),
    ("import_batch_events", api::IMPORT_BATCH_EVENTS as u64),
    ("import_rejected_lines_told", ANSWER_LINES_MAX as u64),
    ("form_bytes", pages::FORM_BYTES_MAX as u64),
    ("tickets_in_bulk", api::BULK_TICKETS_MAX as u64),
    ("event_streams", streams::STREAMS_MAX as u64),
    ("event_streams_of_caller", streams::STREAMS_OF_CALLER_MAX as u64),
    ("event_page", api::PAGE_EVENTS_MAX as u64),
    ("event_wait_ms", api::WAIT_MS_MAX),
    ("queue_page", ROWS_PER_PAGE_MAX as u64),
    ("timeline_page", ENTRIES_PER_PAGE_MAX as u64),
    ("timeline_page_bytes", BYTES_PER_PAGE_MAX as u64),
    ("report_periods", PERIODS_MAX as u64),
    ("report_cells", CELLS_MAX as u64),
    ("report_facts_page", api::FACTS_PER_PAGE_MAX as u64),
    ("sessions", session::SESSIONS_MAX as u64),
    ("sessions_of_person", session::PER_PERSON_MAX as u64),
    ("tokens_of_person", token::PER_PERSON_MAX as u64),
    ("attachments_of_message", ATTACHMENTS_MAX as u64),
    ("file_bytes", uploads::FILE_BYTES_MAX),
    ("uploads_of_person", uploads::UPLOADS_OF_PERSON_MAX as u64),
    ("upload_bytes_of_person", uploads::UPLOAD_BYTES_OF_PERSON_MAX),
    ("drafts_of_person", DRAFTS_OF_PERSON_MAX as u64),
    ("passwords_hashed_at_once", password::HASHING_MAX as u64),
    ("rate_limit_buckets", BUCKETS_MAX.get() as u64),
    ("webhooks", ENDPOINTS_MAX as u64),
    ("webhook_tickets_waiting", progress::LINES_MAX as u64),
    ("webhook_events_waiting", progress::WAITING_MAX as u64),
    ("webhook_deliveries_under_way", progress::UNDER_WAY_MAX as u64),
    ("webhook_dead_letters", kept::DEAD_LETTERS_MAX as u64),
    ("webhook_dead_letter_page", api::LETTERS_PER_PAGE_MAX as u64),
    ("webhook_attempts_remembered", outbox::ATTEMPTS_REMEMBERED_MAX as u64),
    ("webhook_answer_bytes", post::ANSWER_BYTES_MAX as u64),
    ("webhook_retry_seconds", progress::GIVE_UP_AFTER.whole_seconds() as u64),
];
