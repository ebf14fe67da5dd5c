//! Who is signed in: a secret in a cookie for each browser, which can be listed and ended.

use super::place::Place;
use super::secret::{Digest, Secret, digest, from_hexadecimal, hexadecimal};
use super::{CredentialError, Credentials, Denied, Person};
use docket_core::store::operational::{Change, Kind, Operational};
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use uuid::Uuid;

/// How long a session lasts at most.
pub const LASTS: DurationMs = DurationMs::from_hours(7 * 24);

/// How long a session lasts without being used.
pub const IDLE: DurationMs = DurationMs::from_hours(12);

/// Sessions that one person may have; the next one ends the one that was used longest ago.
pub const PER_PERSON_MAX: usize = 20;

/// Sessions that there may be.
pub const SESSIONS_MAX: usize = 200_000;

/// How exactly the last use of a session is kept on the disk.
const USE_KEPT_EVERY: DurationMs = DurationMs::from_minutes(10);

/// Somebody who is signed in somewhere.
#[derive(Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its public name, to end it by.
    pub id: Uuid,
    /// Who it is.
    pub person: Person,
    /// When they signed in.
    pub began_at: Timestamp,
    /// Where they did.
    pub place: Place,
    /// When it was last used, as far as it is kept.
    used_at: AtomicMs,
}

/// An instant that changes while it is read.
#[derive(Debug)]
struct AtomicMs(AtomicI64);

impl Serialize for AtomicMs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.load(Ordering::Relaxed).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AtomicMs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|ms| Self(AtomicI64::new(ms)))
    }
}

impl Session {
    /// When it was last used.
    pub fn used_at(&self) -> Timestamp {
        Timestamp(self.used_at.0.load(Ordering::Relaxed))
    }

    /// When it ends unless it is used before.
    pub fn ends_at(&self) -> Timestamp {
        self.began_at.plus(LASTS).min(self.used_at().plus(IDLE))
    }

    fn kept(&self, digest: &Digest) -> Result<Change, CredentialError> {
        Ok(Change::Put {
            kind: Kind::Session,
            id: hexadecimal(digest),
            data: serde_json::to_string(self)?,
            expires_at: Some(self.began_at.plus(LASTS)),
        })
    }
}

/// Everybody who is signed in.
pub struct Sessions {
    by_digest: RwLock<HashMap<Digest, Arc<Session>>>,
    /// Those that have ended and may still be in the file, since it could not be written.
    left: Mutex<HashSet<Digest>>,
}

impl Sessions {
    pub(super) fn load(operational: &Operational) -> Result<Self, CredentialError> {
        let mut by_digest = HashMap::new();
        for entry in operational.all(Kind::Session)? {
            let session: Session = serde_json::from_str(&entry.data)?;
            if let Some(digest) = from_hexadecimal(&entry.id) {
                by_digest.insert(digest, Arc::new(session));
            }
        }
        Ok(Self { by_digest: RwLock::new(by_digest), left: Mutex::default() })
    }

    /// The session of a secret, if it may be used from a place now.
    ///
    /// # Errors
    /// [`Denied::SessionEnded`] or [`Denied::SessionMoved`]
    pub fn find(&self, secret: &str, place: &Place, now: Timestamp) -> Result<Arc<Session>, Denied> {
        if !Secret::fits("", secret) {
            return Err(Denied::SessionEnded);
        }
        let session = self.by_digest().get(&digest(secret)).cloned().ok_or(Denied::SessionEnded)?;
        if now >= session.ends_at() {
            return Err(Denied::SessionEnded);
        }
        if session.place != *place {
            return Err(Denied::SessionMoved);
        }
        session.used_at.0.fetch_max(now.0, Ordering::Relaxed);
        Ok(session)
    }

    /// The session of a secret, whoever shows it.
    pub fn of_secret(&self, secret: &str) -> Option<Arc<Session>> {
        self.by_digest().get(&digest(secret)).cloned()
    }

    /// Somebody's sessions that have not ended, the one used last first.
    pub fn of(&self, person: &Person, now: Timestamp) -> Vec<Arc<Session>> {
        let by_digest = self.by_digest();
        let theirs = by_digest.values().filter(|session| session.person == *person);
        let mut theirs: Vec<_> = theirs.filter(|session| now < session.ends_at()).cloned().collect();
        theirs.sort_by_key(|session| std::cmp::Reverse((session.used_at(), session.id)));
        theirs
    }

    /// Whether a session has not ended.
    pub fn is_open(&self, id: Uuid, now: Timestamp) -> bool {
        self.by_digest().values().any(|session| session.id == id && now < session.ends_at())
    }

    /// Ends every session of somebody. Blocking.
    pub(super) fn end_all(&self, operational: &Operational, person: &Person) -> Result<(), CredentialError> {
        self.end(operational, |session| session.person == *person).map(drop)
    }

    /// Ends the sessions of some people that began at some time, and tells how many. Blocking.
    pub(super) fn end_those(
        &self,
        operational: &Operational,
        which: impl Fn(&Person, Timestamp) -> bool,
    ) -> Result<usize, CredentialError> {
        self.end(operational, |session| which(&session.person, session.began_at))
    }

    /// Ends some sessions, and tells how many. Blocking.
    fn end(
        &self,
        operational: &Operational,
        which: impl Fn(&Session) -> bool,
    ) -> Result<usize, CredentialError> {
        let ended: Vec<Digest> = {
            let by_digest = self.by_digest();
            let ended = by_digest.iter().filter(|(_, session)| which(session));
            ended.map(|(digest, _)| *digest).collect()
        };
        // In memory first: from now on nobody is let in by them, whatever becomes of the file.
        {
            let mut by_digest = self.by_digest.write().unwrap_or_else(PoisonError::into_inner);
            for digest in &ended {
                by_digest.remove(digest);
            }
        }
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.extend(&ended);
        let removed: Vec<Change> = left
            .iter()
            .map(|digest| Change::Remove { kind: Kind::Session, id: hexadecimal(digest) })
            .collect();
        operational.write(&removed)?;
        left.clear();
        Ok(ended.len())
    }

    fn by_digest(&self) -> std::sync::RwLockReadGuard<'_, HashMap<Digest, Arc<Session>>> {
        self.by_digest.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Credentials {
    /// Signs somebody in at a place whose password has this digest; the secret is for their cookie. Blocking.
    ///
    /// # Errors
    /// [`CredentialError::TooMany`], [`CredentialError::Wrong`] when the password was changed meanwhile, or the file's.
    pub fn begin_session_with(
        &self,
        password_digest: &str,
        person: Person,
        place: Place,
        now: Timestamp,
    ) -> Result<(Secret, Arc<Session>), CredentialError> {
        let (secret, session) = self.begin_session(person, place, now)?;
        // A change of the password ends the sessions that are there: this one may have come a moment after that.
        if self.password_digest(&session.person)?.as_deref() != Some(password_digest) {
            self.end_session(&session.person, session.id)?;
            return Err(CredentialError::Wrong);
        }
        Ok((secret, session))
    }

    /// Signs somebody in at a place; the secret is for their cookie. Blocking.
    ///
    /// # Errors
    /// [`CredentialError::TooMany`], or the file's.
    pub fn begin_session(
        &self,
        person: Person,
        place: Place,
        now: Timestamp,
    ) -> Result<(Secret, Arc<Session>), CredentialError> {
        let theirs = self.sessions.of(&person, now);
        if let Some(oldest) = theirs.get(PER_PERSON_MAX - 1) {
            let oldest = oldest.id;
            self.end_session(&person, oldest)?;
        }
        if self.sessions.by_digest().len() >= SESSIONS_MAX {
            return Err(CredentialError::TooMany { max: SESSIONS_MAX });
        }
        let secret = Secret::random("")?;
        let used_at = AtomicMs(AtomicI64::new(now.0));
        let session = Arc::new(Session { id: Uuid::now_v7(), person, began_at: now, place, used_at });
        self.operational.write(&[session.kept(&secret.digest())?])?;
        let mut by_digest = self.sessions.by_digest.write().unwrap_or_else(PoisonError::into_inner);
        by_digest.insert(secret.digest(), session.clone());
        Ok((secret, session))
    }

    /// Ends one of somebody's sessions. Blocking.
    ///
    /// # Errors
    /// [`CredentialError::NotFound`], or the file's.
    pub fn end_session(&self, person: &Person, id: Uuid) -> Result<(), CredentialError> {
        let theirs = |session: &Session| session.id == id && session.person == *person;
        let ended = self.sessions.end(&self.operational, theirs)?;
        self.look_again();
        if ended == 0 { Err(CredentialError::NotFound) } else { Ok(()) }
    }

    /// Ends all of somebody's sessions. Blocking.
    ///
    /// # Errors
    /// Those of the file.
    pub fn end_sessions(&self, person: &Person) -> Result<(), CredentialError> {
        self.sessions.end_all(&self.operational, person)?;
        self.look_again();
        Ok(())
    }

    /// Puts on the disk when sessions were last used, and lets go of those that have ended. Blocking.
    ///
    /// # Errors
    /// Those of the file.
    pub fn keep_sessions(&self, now: Timestamp) -> Result<(), CredentialError> {
        self.sessions.end(&self.operational, |session| now >= session.ends_at())?;
        let used = {
            let by_digest = self.sessions.by_digest();
            let since = Timestamp(now.0.saturating_sub(USE_KEPT_EVERY.0));
            let used = by_digest.iter().filter(|(_, session)| session.used_at() >= since);
            used.map(|(digest, session)| session.kept(digest)).collect::<Result<Vec<_>, _>>()?
        };
        self.operational.write(&used)?;
        Ok(())
    }
}
