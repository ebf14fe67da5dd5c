//! Throws away files that no event came to name.

use super::{SEPARATOR, UploadError, Uploads};
use crate::app::App;
use docket_core::event::Event;
use docket_core::names::{FileDigest, GlobalPosition};
use docket_core::record::StoredRecord;
use docket_core::store::operational::{Change, Kind};
use docket_core::store::{READ_RECORDS_MAX, ReadError};
use docket_core::ticket::TicketEvent;
use docket_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often files are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// The stored name of the event that names a file.
const NAMES_A_FILE: &[u8] = b"ticket.attached";

impl Uploads {
    /// The files whose time is over, and from where on an event may name each; none where there is no need to look.
    fn over(&self, now: Timestamp) -> BTreeMap<FileDigest, Option<GlobalPosition>> {
        let waiting = self.waiting();
        let over =
            waiting.files.iter().filter(|(_, senders)| senders.values().all(|upload| upload.is_over(now)));
        over.map(|(digest, senders)| {
            let kept = senders.values().any(|upload| upload.kept);
            let claimed = senders.values().any(|upload| upload.claimed);
            let since = senders.values().map(|upload| upload.since).min();
            (digest.clone(), since.filter(|_| claimed && !kept))
        })
        .collect()
    }

    /// Lets go of the entries of files whose time is over, and of the files themselves where no event names them. Blocking.
    fn let_go(
        &self,
        over: &BTreeMap<FileDigest, Option<GlobalPosition>>,
        named: &BTreeSet<FileDigest>,
        now: Timestamp,
    ) -> Result<(), UploadError> {
        for digest in over.keys() {
            // Held while one file goes: nobody claims it or sends it again meanwhile.
            let _alone = self.alone();
            let Some(senders) = self.waiting().files.get(digest).cloned() else { continue };
            if senders.values().any(|upload| !upload.is_over(now)) {
                continue;
            }
            let kept = named.contains(digest) || senders.values().any(|upload| upload.kept);
            if !kept {
                self.files.remove(digest)?;
            }
            let entry = |sender: &String| Change::Remove {
                kind: Kind::Upload,
                id: format!("{digest}{SEPARATOR}{sender}"),
            };
            let entries: Vec<_> = senders.keys().map(entry).collect();
            self.operational.write(&entries)?;
            self.waiting().files.remove(digest);
        }
        Ok(())
    }
}

impl App {
    /// Throws away the files that were sent more than a day ago and that no event names.
    ///
    /// # Errors
    /// [`UploadError`], or the log's.
    pub async fn sweep_uploads(&self) -> Result<(), SweepError> {
        let now = self.now();
        let over = self.uploads.over(now);
        if over.is_empty() {
            return Ok(());
        }
        // What a command had claimed may be named from then on, and by nothing before.
        let named = match over.values().flatten().min() {
            Some(since) => self.named_since(*since).await?,
            None => BTreeSet::new(),
        };
        let uploads = self.uploads.clone();
        let swept = tokio::task::spawn_blocking(move || uploads.let_go(&over, &named, now)).await;
        Ok(swept.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?)
    }

    /// The files that events after a position name.
    async fn named_since(&self, mut after: GlobalPosition) -> Result<BTreeSet<FileDigest>, SweepError> {
        let mut named = BTreeSet::new();
        loop {
            let page = self.store.read_all(after, READ_RECORDS_MAX).await?;
            let Some(last) = page.last() else { return Ok(named) };
            after = last.position;
            for record in &page {
                named.extend(named_by(record)?);
            }
        }
    }
}

/// The file that a record names, if it does. One that cannot be read may name any, so that nothing is thrown away then.
fn named_by(record: &StoredRecord) -> Result<Option<FileDigest>, SweepError> {
    // Most do not, and reading them whole would take longer than finding that out.
    if !record.bytes.windows(NAMES_A_FILE.len()).any(|window| window == NAMES_A_FILE) {
        return Ok(None);
    }
    let event = record.decode().ok().and_then(|recorded| recorded.event().ok());
    let event = event.ok_or(SweepError::Unreadable(record.position))?;
    let Event::Ticket(TicketEvent::Attached(attached)) = event else { return Ok(None) };
    Ok(FileDigest::new(attached.digest).ok())
}

/// Why files were not swept.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The files or their entries.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The log.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event that may name a file.
    #[error("the event at position {0} cannot be read")]
    Unreadable(GlobalPosition),
}

/// Sweeps now and then, as long as the server runs.
pub async fn upkeep(app: App) {
    loop {
        if let Err(error) = app.sweep_uploads().await {
            tracing::warn!("files that nobody needs are still there: {error}");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
