//! Files that somebody has sent and that come with no message yet: whose they are, for how long, and how many.
//!
//! Whoever sent a file may attach it; knowing its digest gives nobody else the file. A file that no event names is thrown away
//! a day after it was sent. A file without an entry here is never thrown away, so that losing the operational file loses none
//! (docs/adr/0023-attachments.md).

mod sweep;

use docket_core::media_type::MediaType;
use docket_core::names::{FileDigest, FileName, GlobalPosition};
use docket_core::store::files::{FileStore, Whole};
use docket_core::store::operational::{Change, Kind, Operational, OperationalError};
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub use sweep::upkeep;

/// The largest file, unless the operator says otherwise. Unit: bytes.
pub const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// How long a file waits for its message.
pub const UPLOAD_LASTS: DurationMs = DurationMs::from_hours(24);

/// A file that is being attached waits at least so long, so that it is there until the message is recorded.
const HELD_FOR: DurationMs = DurationMs::from_hours(12);

/// Files of one person that may wait for their message.
pub const UPLOADS_OF_PERSON_MAX: usize = 100;

/// All that one person's waiting files may hold. Unit: bytes.
pub const UPLOAD_BYTES_OF_PERSON_MAX: u64 = 200 * 1024 * 1024;

/// Between the parts of an identifier: no part holds a control character.
const SEPARATOR: char = '\u{1f}';

/// A file as its sender sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// What they call it.
    pub name: FileName,
    /// What it is.
    pub media_type: MediaType,
    /// How large. Unit: bytes.
    pub bytes: u64,
    /// When it came in, or was last used.
    pub at: Timestamp,
    /// The last position of the log when it came in: an event that names it comes after.
    since: GlobalPosition,
    /// Whether the file was there before, and belongs to a message that is recorded.
    kept: bool,
    /// Whether a command named it, so that an event may.
    claimed: bool,
    /// Whether its sender took it back while a command may still have been naming it: it goes when its time is over, and is
    /// nobody's until then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    taken_back: bool,
    /// Whether an event is known to name it: then it is nobody's burden any more.
    #[serde(skip)]
    attached: bool,
}

impl Upload {
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.at.plus(UPLOAD_LASTS)
    }

    /// Whether it waits for a message of its sender's.
    fn waits(&self, now: Timestamp) -> bool {
        !self.is_over(now) && !self.taken_back
    }
}

/// Why a file was not taken, or cannot be attached.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// There are too many of theirs.
    #[error(
        "files of yours that no message names yet are bounded to {UPLOADS_OF_PERSON_MAX} and \
         {UPLOAD_BYTES_OF_PERSON_MAX} bytes; use some first, or wait a day"
    )]
    TooMany,
    /// No space.
    #[error("there is no space for the file")]
    Full,
    /// The directory of files could not be used.
    #[error("the files cannot be used: {0}")]
    Io(std::io::Error),
    /// The operational file could not be used.
    #[error(transparent)]
    File(#[from] OperationalError),
    /// Another release wrote an entry.
    #[error("what is kept of a file cannot be read: {0}")]
    Damaged(String),
}

impl From<std::io::Error> for UploadError {
    fn from(error: std::io::Error) -> Self {
        let full = [std::io::ErrorKind::StorageFull, std::io::ErrorKind::QuotaExceeded];
        if full.contains(&error.kind()) { Self::Full } else { Self::Io(error) }
    }
}

type OfDigest = BTreeMap<String, Upload>;

#[derive(Default)]
struct Waiting {
    /// By digest, and then by sender.
    files: BTreeMap<FileDigest, OfDigest>,
    /// What is coming in: how many of each sender, and how much they may become.
    coming: HashMap<String, (usize, u64)>,
}

/// All files that were sent lately. Blocking, where it is said.
pub struct Uploads {
    /// Where files are kept.
    pub files: FileStore,
    operational: Arc<Operational>,
    waiting: Mutex<Waiting>,
    /// Held while entries and files change on the disk, one after the other. What waits is looked up without it, so that
    /// nobody who serves requests waits for a disk.
    changing: Mutex<()>,
}

/// Room for a file while it comes in.
pub struct Room {
    uploads: Arc<Uploads>,
    sender: String,
    bytes: u64,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut waiting = self.uploads.waiting();
        if let Some((count, bytes)) = waiting.coming.get_mut(&self.sender) {
            *count -= 1;
            *bytes -= self.bytes;
            if *count == 0 {
                waiting.coming.remove(&self.sender);
            }
        }
    }
}

impl Uploads {
    /// Those that are in the file; what was cut off while it came in is thrown away. Blocking.
    ///
    /// # Errors
    /// [`UploadError`]
    pub fn load(files: FileStore, operational: Arc<Operational>) -> Result<Self, UploadError> {
        files.open()?;
        let mut waiting = Waiting::default();
        for entry in operational.all(Kind::Upload)? {
            let damaged = || UploadError::Damaged(entry.id.clone());
            let (digest, sender) = entry.id.split_once(SEPARATOR).ok_or_else(damaged)?;
            let digest = FileDigest::new(digest).map_err(|_| damaged())?;
            let upload = serde_json::from_str(&entry.data).map_err(|_| damaged())?;
            waiting.files.entry(digest).or_default().insert(sender.to_owned(), upload);
        }
        Ok(Self { files, operational, waiting: Mutex::new(waiting), changing: Mutex::default() })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps others from changing what is on the disk. Blocking.
    fn alone(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room for a file that may become so large.
    ///
    /// # Errors
    /// [`UploadError::TooMany`]
    pub fn room(self: &Arc<Self>, sender: &str, bytes: u64, now: Timestamp) -> Result<Room, UploadError> {
        let mut waiting = self.waiting();
        let of_sender = waiting.files.values().filter_map(|senders| senders.get(sender));
        let burdens = of_sender.filter(|upload| !upload.attached && upload.waits(now));
        let (count, held) = burdens.fold((0, 0), |(count, held), upload| (count + 1, held + upload.bytes));
        let (coming, to_come) = waiting.coming.get(sender).copied().unwrap_or_default();
        if count + coming >= UPLOADS_OF_PERSON_MAX || held + to_come + bytes > UPLOAD_BYTES_OF_PERSON_MAX {
            return Err(UploadError::TooMany);
        }
        waiting.coming.insert(sender.to_owned(), (coming + 1, to_come + bytes));
        Ok(Room { uploads: self.clone(), sender: sender.to_owned(), bytes })
    }

    /// Keeps a file that came in whole, as its sender's. Blocking.
    ///
    /// # Errors
    /// [`UploadError`]; then it is not kept.
    pub fn keep(
        &self,
        sender: &str,
        whole: &Whole,
        (name, media_type): (FileName, MediaType),
        since: GlobalPosition,
        now: Timestamp,
    ) -> Result<Upload, UploadError> {
        let _alone = self.alone();
        let others = self.waiting().files.get(&whole.digest).cloned();
        let kept = match &others {
            Some(others) => others.values().any(|other| other.kept),
            None => self.files.holds(&whole.digest),
        };
        let own = others.as_ref().and_then(|others| others.get(sender));
        let upload = Upload {
            name,
            media_type,
            bytes: whole.bytes,
            at: now,
            since: own.map_or(since, |own| own.since.min(since)),
            kept,
            taken_back: false,
            claimed: own.is_some_and(|own| own.claimed),
            attached: own.is_some_and(|own| own.attached),
        };
        // The entry goes first: a file without one is kept for ever.
        self.put(&whole.digest, sender, &upload)?;
        self.files.keep(whole)?;
        self.note(&whole.digest, sender, upload.clone());
        Ok(upload)
    }

    /// What somebody sent of these digests, held for a while for the command that names them; nothing for what they have not
    /// sent. Blocking.
    ///
    /// # Errors
    /// [`UploadError::File`]
    pub fn claim(
        &self,
        sender: &str,
        digests: &[FileDigest],
        now: Timestamp,
    ) -> Result<BTreeMap<FileDigest, Upload>, UploadError> {
        let _alone = self.alone();
        let mut claimed = BTreeMap::new();
        for digest in digests {
            let own = self.sent(sender, digest, now);
            let Some(mut own) = own.filter(|_| self.files.holds(digest)) else { continue };
            let ends_soon = now.plus(HELD_FOR) > own.at.plus(UPLOAD_LASTS);
            if !own.claimed || ends_soon {
                own = Upload { at: if ends_soon { now } else { own.at }, claimed: true, ..own };
                self.put(digest, sender, &own)?;
                self.note(digest, sender, own.clone());
            }
            claimed.insert(digest.clone(), own);
        }
        Ok(claimed)
    }

    /// A file that somebody has sent and that still waits.
    pub fn sent(&self, sender: &str, digest: &FileDigest, now: Timestamp) -> Option<Upload> {
        let waiting = self.waiting();
        let own = waiting.files.get(digest).and_then(|senders| senders.get(sender));
        own.filter(|own| own.waits(now)).cloned()
    }

    /// Calls a file that somebody has sent otherwise, while it waits. Blocking.
    ///
    /// # Errors
    /// [`UploadError::File`]
    pub fn rename(
        &self,
        sender: &str,
        digest: &FileDigest,
        name: FileName,
        now: Timestamp,
    ) -> Result<(), UploadError> {
        let _alone = self.alone();
        let Some(own) = self.sent(sender, digest, now) else { return Ok(()) };
        let own = Upload { name, ..own };
        self.put(digest, sender, &own)?;
        self.note(digest, sender, own);
        Ok(())
    }

    /// Lets go of a file that waits for its sender's message; tells whether there was one. One that a command named before
    /// may be named by an event by now, so that it stays until the log was asked. Blocking.
    ///
    /// # Errors
    /// [`UploadError`]
    pub fn take_back(&self, sender: &str, digest: &FileDigest, now: Timestamp) -> Result<bool, UploadError> {
        let _alone = self.alone();
        let Some(own) = self.sent(sender, digest, now).filter(|own| !own.attached) else { return Ok(false) };
        if own.claimed {
            let own = Upload { taken_back: true, ..own };
            self.put(digest, sender, &own)?;
            self.note(digest, sender, own);
            return Ok(true);
        }
        let of_others = self.waiting().files.get(digest).is_some_and(|senders| senders.len() > 1);
        if !own.kept && !of_others {
            self.files.remove(digest)?;
        }
        let (kind, id) = (Kind::Upload, format!("{digest}{SEPARATOR}{sender}"));
        self.operational.write(&[Change::Remove { kind, id }])?;
        let mut waiting = self.waiting();
        if let Some(senders) = waiting.files.get_mut(digest) {
            senders.remove(sender);
            if senders.is_empty() {
                waiting.files.remove(digest);
            }
        }
        Ok(true)
    }

    /// Takes note that an event names these files.
    pub fn attached(&self, sender: &str, digests: &[FileDigest]) {
        let mut waiting = self.waiting();
        for digest in digests {
            if let Some(own) = waiting.files.get_mut(digest).and_then(|senders| senders.get_mut(sender)) {
                own.attached = true;
            }
        }
    }

    /// Remembers what was written. That an event names it may have been noted meanwhile.
    fn note(&self, digest: &FileDigest, sender: &str, upload: Upload) {
        let mut waiting = self.waiting();
        let senders = waiting.files.entry(digest.clone()).or_default();
        let attached = upload.attached || senders.get(sender).is_some_and(|known| known.attached);
        senders.insert(sender.to_owned(), Upload { attached, ..upload });
    }

    fn put(&self, digest: &FileDigest, sender: &str, upload: &Upload) -> Result<(), UploadError> {
        let data = serde_json::to_string(upload).unwrap_or_default();
        let (kind, id) = (Kind::Upload, format!("{digest}{SEPARATOR}{sender}"));
        Ok(self.operational.write(&[Change::Put { kind, id, data, expires_at: None }])?)
    }
}
