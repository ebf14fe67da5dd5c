//! What somebody has begun to write on a ticket and not sent yet, kept in the operational file.
//!
//! A draft is its author's alone. Each save makes another version, and a save that was not made on the version that stands
//! is refused with it: what was typed in two windows is never lost to either.

use crate::app::App;
use docket_core::access::Reach;
use docket_core::names::{ActorId, TicketNumber};
use docket_core::store::operational::{Change, Kind, Operational, OperationalError};
use docket_core::text::Body;
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Drafts that somebody may have at once.
pub const DRAFTS_OF_PERSON_MAX: usize = 200;

/// How long a draft is kept after it was saved last.
pub const DRAFT_LASTS: DurationMs = DurationMs::from_hours(24 * 30);

/// How often drafts are thrown away whose authors have lost the ticket.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Drafts that are looked at together while sweeping.
const SWEPT_AT_ONCE: u32 = 64;

/// Between the parts of an identifier: no part holds a control character.
const SEPARATOR: char = '\u{1f}';

/// What a draft will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftKind {
    /// A public reply.
    Reply,
    /// An internal note.
    Note,
}

impl DraftKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Reply, Self::Note];

    /// The name in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Which draft: one for each person, ticket and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftId {
    /// Whose.
    pub author: ActorId,
    /// On which ticket.
    pub ticket: TicketNumber,
    /// What it will be.
    pub kind: DraftKind,
}

impl DraftId {
    fn key(&self) -> String {
        let Self { author, ticket, kind } = self;
        format!("{author}{SEPARATOR}{ticket}{SEPARATOR}{}", kind.as_str())
    }

    fn read(key: &str) -> Option<Self> {
        let mut parts = key.split(SEPARATOR);
        let author = ActorId::new(parts.next()?).ok()?;
        let ticket = TicketNumber(parts.next()?.parse().ok()?);
        let kind = DraftKind::parse(parts.next()?)?;
        Some(Self { author, ticket, kind })
    }

    /// What the identifiers of all drafts of somebody begin with.
    fn all_of(author: &ActorId) -> String {
        format!("{author}{SEPARATOR}")
    }
}

/// A draft as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Another with each save, and never the same again.
    pub version: Uuid,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// What has been written.
    pub body: Body,
}

/// What stands before the text in an entry. The text itself is kept as it is, since JSON could make it six times as long.
#[derive(Serialize, Deserialize)]
struct Head {
    version: Uuid,
    saved_at: Timestamp,
}

impl Draft {
    fn write(&self) -> String {
        let head = Head { version: self.version, saved_at: self.saved_at };
        let head = serde_json::to_string(&head).unwrap_or_default();
        format!("{head}\n{}", self.body.as_str())
    }

    /// None where another release wrote it.
    fn read(data: &str) -> Option<Self> {
        let (head, body) = data.split_once('\n')?;
        let Head { version, saved_at } = serde_json::from_str(head).ok()?;
        Some(Self { version, saved_at, body: Body::new(body).ok()? })
    }
}

/// Why a draft was not kept or thrown away.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// It is not the version that it was decided on.
    #[error(
        "the draft was saved, sent or discarded elsewhere; what stands comes with this answer, if anything does"
    )]
    Changed {
        /// What stands; none when it was sent or discarded.
        standing: Option<Box<Draft>>,
    },
    /// There are too many.
    #[error("there are {DRAFTS_OF_PERSON_MAX} drafts of yours already; send or discard some first")]
    TooMany,
    /// Another release wrote it.
    #[error("what is kept of a draft cannot be read")]
    Unreadable,
    /// The file could not be used.
    #[error(transparent)]
    File(#[from] OperationalError),
}

/// All drafts. Blocking: whoever serves requests calls it away from the threads that do.
pub struct Drafts {
    operational: Arc<Operational>,
    /// Held from looking to writing, so that of two saves at once one is refused.
    changing: Mutex<()>,
}

impl Drafts {
    /// Those that are in the file.
    pub fn new(operational: Arc<Operational>) -> Self {
        Self { operational, changing: Mutex::new(()) }
    }

    /// The draft as it stands, if there is one.
    ///
    /// # Errors
    /// [`DraftError::Unreadable`] or [`DraftError::File`]
    pub fn find(&self, id: &DraftId, now: Timestamp) -> Result<Option<Draft>, DraftError> {
        let found = self.operational.find(Kind::Draft, &id.key())?;
        // Overwriting what another release wrote would lose it.
        let found = found.map(|data| Draft::read(&data).ok_or(DraftError::Unreadable)).transpose()?;
        Ok(found.filter(|draft| now < draft.saved_at.plus(DRAFT_LASTS)))
    }

    /// Keeps a text that was written on a version, or where there was none.
    ///
    /// # Errors
    /// [`DraftError`]
    pub fn save(
        &self,
        id: &DraftId,
        seen: Option<Uuid>,
        body: Body,
        now: Timestamp,
    ) -> Result<Draft, DraftError> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = self.find(id, now)?;
        match standing {
            // Sent twice, or the same typed in two windows: the wish holds.
            Some(standing) if standing.body == body => return Ok(standing),
            Some(standing) if seen != Some(standing.version) => {
                return Err(DraftError::Changed { standing: Some(Box::new(standing)) });
            }
            None if seen.is_some() => return Err(DraftError::Changed { standing: None }),
            None if self.is_full(&id.author)? => return Err(DraftError::TooMany),
            Some(_) | None => {}
        }
        let draft = Draft { version: Uuid::now_v7(), saved_at: now, body };
        let expires_at = Some(now.plus(DRAFT_LASTS));
        let change = Change::Put { kind: Kind::Draft, id: id.key(), data: draft.write(), expires_at };
        self.operational.write(&[change])?;
        Ok(draft)
    }

    /// Keeps a draft no more. With a version only that one: what was written since in another window stays.
    ///
    /// # Errors
    /// [`DraftError::Changed`] or [`DraftError::File`]
    pub fn discard(&self, id: &DraftId, seen: Option<Uuid>, now: Timestamp) -> Result<bool, DraftError> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(standing) = self.find(id, now)? else { return Ok(false) };
        if seen.is_some_and(|seen| seen != standing.version) {
            return Err(DraftError::Changed { standing: Some(Box::new(standing)) });
        }
        self.operational.write(&[Change::Remove { kind: Kind::Draft, id: id.key() }])?;
        Ok(true)
    }

    /// Throws away all drafts of somebody who has left.
    ///
    /// # Errors
    /// [`DraftError::File`]
    pub fn discard_all(&self, author: &ActorId) -> Result<(), DraftError> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let changes: Vec<_> = self.keys_of(author)?.into_iter().map(remove).collect();
        Ok(self.operational.write(&changes)?)
    }

    fn is_full(&self, author: &ActorId) -> Result<bool, DraftError> {
        Ok(self.keys_of(author)?.len() >= DRAFTS_OF_PERSON_MAX)
    }

    fn keys_of(&self, author: &ActorId) -> Result<Vec<String>, DraftError> {
        let prefix = DraftId::all_of(author);
        let found = self.operational.after(Kind::Draft, &prefix, DRAFTS_OF_PERSON_MAX as u32)?;
        let own = found.into_iter().take_while(|entry| entry.id.starts_with(&prefix));
        Ok(own.map(|entry| entry.id).collect())
    }

    /// The drafts after a key, a few at a time.
    fn some_after(&self, key: &str) -> Result<Vec<String>, DraftError> {
        let found = self.operational.after(Kind::Draft, key, SWEPT_AT_ONCE)?;
        Ok(found.into_iter().map(|entry| entry.id).collect())
    }

    fn throw_away(&self, keys: Vec<String>) -> Result<(), DraftError> {
        let changes: Vec<_> = keys.into_iter().map(remove).collect();
        Ok(self.operational.write(&changes)?)
    }
}

fn remove(id: String) -> Change {
    Change::Remove { kind: Kind::Draft, id }
}

impl App {
    /// Works on the drafts away from the threads that serve requests.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn on_drafts<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Drafts, Timestamp) -> Result<T, DraftError> + Send + 'static,
    ) -> Result<T, DraftError> {
        let (drafts, now) = (self.drafts.clone(), self.now());
        let done = tokio::task::spawn_blocking(move || work(&drafts, now)).await;
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Lets go of the draft of what was sent. What was sent is recorded, whatever becomes of its draft.
    pub async fn sent(&self, id: DraftId, seen: Option<Uuid>) {
        match self.on_drafts(move |drafts, now| drafts.discard(&id, seen, now)).await {
            // What was written since, in another window, is not what was sent.
            Ok(_) | Err(DraftError::Changed { .. }) => {}
            Err(error) => tracing::warn!("the draft of what was sent is still there: {error}"),
        }
    }

    /// Throws away the drafts whose authors do not see the ticket any more, or have left.
    ///
    /// # Errors
    /// [`DraftError::File`]
    pub async fn sweep_drafts(&self) -> Result<(), DraftError> {
        let mut after = String::new();
        loop {
            let from = after.clone();
            let keys = self.on_drafts(move |drafts, _| drafts.some_after(&from)).await?;
            let Some(last) = keys.last() else { return Ok(()) };
            after.clone_from(last);
            let mut lost = Vec::new();
            for key in keys {
                if !self.still_theirs(&key).await {
                    lost.push(key);
                }
            }
            self.on_drafts(move |drafts, _| drafts.throw_away(lost)).await?;
        }
    }

    /// Whether the author of a draft still sees its ticket. Where that cannot be found out just now they may.
    async fn still_theirs(&self, key: &str) -> bool {
        let Some(id) = DraftId::read(key) else { return false };
        let reach = {
            let staff = self.staff.known();
            let member = staff.member(&id.author);
            if member.is_some_and(|member| !member.active) {
                return false;
            }
            // Where headers say who asks, they say for which teams too, whatever is recorded of whoever it is.
            if self.entry == crate::identity::Entry::Headers {
                return true;
            }
            let Some(member) = member else { return false };
            Reach::of(member.role, &id.author, &member.teams)
        };
        match self.handler.ticket(id.ticket).await {
            Ok(ticket) => ticket.exists && reach.sees(&ticket),
            Err(_) => true,
        }
    }
}

/// Sweeps now and then, as long as the server runs.
pub async fn upkeep(app: App) {
    loop {
        if let Err(error) = app.sweep_drafts().await {
            tracing::warn!("drafts could not be swept: {error}");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_as_it_was_written_and_fits_into_an_entry() {
        for text in ["a\nb\r\n", "\u{1}\"\\{}", &"\u{1}".repeat(Body::BYTES_MAX)] {
            let body = Body::new(text).unwrap();
            let draft = Draft { version: Uuid::now_v7(), saved_at: Timestamp(7), body };
            let written = draft.write();
            assert!(written.len() <= docket_core::store::operational::DATA_BYTES_MAX);
            assert_eq!(Draft::read(&written), Some(draft));
        }
        assert_eq!(Draft::read("{}"), None);
    }

    #[test]
    fn an_identifier_is_read_as_it_was_written_and_is_nobody_elses() {
        let id = |author: &str| DraftId {
            author: ActorId::new(author).unwrap(),
            ticket: TicketNumber(17),
            kind: DraftKind::Note,
        };
        for author in ["ines", "ines/17", "señor 7", "ines 17 note"] {
            assert_eq!(DraftId::read(&id(author).key()), Some(id(author)));
        }
        assert!(!id("ines2").key().starts_with(&DraftId::all_of(&id("ines").author)));
        assert_eq!(DraftId::read("ines"), None);
    }
}
