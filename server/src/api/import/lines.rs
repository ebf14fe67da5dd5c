//! Reads the lines of an import as they come, within limits of length and time.

use super::IMPORT_BYTES_MAX;
use crate::app::App;
use crate::problem::Problem;
use axum::body::{BodyDataStream, Bytes};
use axum::extract::Request;
use docket_core::handler::import::LINE_BYTES_MAX;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::Instant;

/// How long a client may take to send the next part of a body.
const PART_TIMEOUT: Duration = Duration::from_secs(30);

/// How long all parts together may be waited for: whoever else imports has to wait meanwhile.
const BODY_TIMEOUT: Duration = Duration::from_secs(300);

/// A line of what is sent.
pub(super) struct Line {
    /// Which, from 1.
    pub(super) number: u64,
    /// Its bytes without the end; none where there are too many.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Reads lines as they come, without keeping more than one.
pub(super) struct Lines {
    body: BodyDataStream,
    part: Bytes,
    read: usize,
    waited: Duration,
    number: u64,
}

impl Lines {
    pub(super) fn of(request: Request) -> Self {
        let body = request.into_body().into_data_stream();
        Self { body, part: Bytes::new(), read: 0, waited: Duration::ZERO, number: 0 }
    }

    /// The next line that is not empty; none at the end.
    pub(super) async fn next(&mut self, app: &App) -> Result<Option<Line>, Problem> {
        loop {
            let Some(line) = self.next_or_empty(app).await? else { return Ok(None) };
            if line.bytes.as_ref().is_none_or(|bytes| !bytes.trim_ascii().is_empty()) {
                return Ok(Some(line));
            }
        }
    }

    async fn next_or_empty(&mut self, app: &App) -> Result<Option<Line>, Problem> {
        let mut bytes = Some(Vec::new());
        let mut any = false;
        self.number += 1;
        loop {
            if self.part.is_empty() {
                match self.next_part(app).await? {
                    Some(part) => self.part = part,
                    None if any => return Ok(Some(Line { number: self.number, bytes })),
                    None => return Ok(None),
                }
                continue;
            }
            any = true;
            let end = self.part.iter().position(|byte| *byte == b'\n');
            let more = self.part.split_to(end.map_or(self.part.len(), |end| end + 1));
            let more = if end.is_some() { &more[..more.len() - 1] } else { &more };
            let room = bytes.as_ref().map_or(0, |bytes| LINE_BYTES_MAX - bytes.len());
            match &mut bytes {
                Some(bytes) if more.len() <= room => bytes.extend_from_slice(more),
                // What is too long is let go of at once, and read to its end.
                _ => bytes = None,
            }
            if end.is_some() {
                return Ok(Some(Line { number: self.number, bytes }));
            }
        }
    }

    async fn next_part(&mut self, app: &App) -> Result<Option<Bytes>, Problem> {
        // Whoever sends quickly would keep others from their turn.
        tokio::task::yield_now().await;
        let (begun, patience) = (Instant::now(), PART_TIMEOUT.min(BODY_TIMEOUT - self.waited));
        let part = tokio::select! {
            part = tokio::time::timeout(patience, self.body.next()) => part,
            // What was begun is finished; what comes after it can be sent again.
            () = app.shutdown.cancelled() => return Err(Problem::shutting_down()),
        };
        self.waited = BODY_TIMEOUT.min(self.waited + begun.elapsed());
        let part = match part {
            Err(_) => return Err(Problem::too_slow()),
            Ok(None) => return Ok(None),
            Ok(Some(part)) => part.map_err(|_| Problem::malformed("the body was cut off"))?,
        };
        self.read += part.len();
        if self.read > IMPORT_BYTES_MAX {
            return Err(Problem::too_large(IMPORT_BYTES_MAX));
        }
        Ok(Some(part))
    }
}
