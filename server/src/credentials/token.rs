//! What programs show instead of a password: tokens with scopes and an end, kept as digests.

use super::secret::{Digest, Secret, digest, from_hexadecimal, hexadecimal};
use super::{CredentialError, Credentials, Denied, Person};
use crate::access::Scope;
use docket_core::store::operational::{Change, Kind, Operational};
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// What every token begins with.
pub const PREFIX: &str = "dkt_";

/// How long a token may last.
pub const LASTS_MAX: DurationMs = DurationMs::from_hours(366 * 24);

/// How long a token that has ended is remembered, so that it is told why it is refused.
const REMEMBERED: DurationMs = DurationMs::from_hours(30 * 24);

/// Tokens that one person may have.
pub const PER_PERSON_MAX: usize = 50;

/// A token, without the secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// Its public name, to revoke it by.
    pub id: Uuid,
    /// Whose rights it carries, as far as its scopes go.
    pub person: Person,
    /// What it is for, in the words of whoever made it.
    pub name: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    fn kept(&self, digest: &Digest) -> Result<Change, CredentialError> {
        Ok(Change::Put {
            kind: Kind::Token,
            id: hexadecimal(digest),
            data: serde_json::to_string(self)?,
            expires_at: Some(self.expires_at.plus(REMEMBERED)),
        })
    }
}

/// A token, and when it was used last since the start.
#[derive(Debug)]
struct Held {
    token: Arc<Token>,
    used_at: AtomicI64,
}

/// Every token that was given out.
pub struct Tokens {
    by_digest: RwLock<HashMap<Digest, Held>>,
}

impl Tokens {
    pub(super) fn load(operational: &Operational) -> Result<Self, CredentialError> {
        let mut by_digest = HashMap::new();
        for entry in operational.all(Kind::Token)? {
            let token: Token = serde_json::from_str(&entry.data)?;
            if let Some(digest) = from_hexadecimal(&entry.id) {
                let held = Held { token: Arc::new(token), used_at: AtomicI64::new(Timestamp::MIN.0) };
                by_digest.insert(digest, held);
            }
        }
        Ok(Self { by_digest: RwLock::new(by_digest) })
    }

    /// The token of a secret, if it may be used now. One digest and one look into memory.
    ///
    /// # Errors
    /// [`Denied`] says why not.
    pub fn find(&self, secret: &str, now: Timestamp) -> Result<Arc<Token>, Denied> {
        if !Secret::fits(PREFIX, secret) {
            return Err(Denied::TokenMalformed);
        }
        let by_digest = self.by_digest();
        let held = by_digest.get(&digest(secret)).ok_or(Denied::TokenUnknown)?;
        if held.token.revoked_at.is_some() {
            return Err(Denied::TokenRevoked);
        }
        if now >= held.token.expires_at {
            return Err(Denied::TokenExpired);
        }
        held.used_at.fetch_max(now.0, Ordering::Relaxed);
        Ok(held.token.clone())
    }

    /// Tokens with when they were last used since the start, the newest first.
    pub fn of(&self, whose: Option<&Person>) -> Vec<(Arc<Token>, Option<Timestamp>)> {
        let by_digest = self.by_digest();
        let theirs =
            by_digest.values().filter(|held| whose.is_none_or(|person| held.token.person == *person));
        let used = |at: i64| Some(Timestamp(at)).filter(|at| *at > Timestamp::MIN);
        let mut theirs: Vec<_> =
            theirs.map(|held| (held.token.clone(), used(held.used_at.load(Ordering::Relaxed)))).collect();
        theirs.sort_by_key(|(token, _)| std::cmp::Reverse(token.id));
        theirs
    }

    /// A token by its public name; of anybody's where none is named.
    pub fn named(&self, whose: Option<&Person>, id: Uuid) -> Option<Arc<Token>> {
        let by_digest = self.by_digest();
        let mut tokens = by_digest.values().map(|held| &held.token);
        let found = tokens.find(|token| token.id == id && whose.is_none_or(|whose| token.person == *whose));
        found.cloned()
    }

    /// Whether a token may be used.
    pub fn is_good(&self, id: Uuid, now: Timestamp) -> bool {
        let by_digest = self.by_digest();
        let mut tokens = by_digest.values().map(|held| &held.token);
        tokens.any(|token| token.id == id && token.revoked_at.is_none() && now < token.expires_at)
    }

    fn by_digest(&self) -> std::sync::RwLockReadGuard<'_, HashMap<Digest, Held>> {
        self.by_digest.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Credentials {
    /// Whether somebody may have one token more.
    ///
    /// # Errors
    /// [`CredentialError::TooMany`]
    pub fn room_for_token(&self, person: &Person, now: Timestamp) -> Result<(), CredentialError> {
        let theirs = self.tokens.of(Some(person));
        let good = |token: &Token| token.revoked_at.is_none() && now < token.expires_at;
        if theirs.iter().filter(|(token, _)| good(token)).count() >= PER_PERSON_MAX {
            return Err(CredentialError::TooMany { max: PER_PERSON_MAX });
        }
        Ok(())
    }

    /// Gives out a token that there is room for; the secret is shown once. Blocking.
    ///
    /// # Errors
    /// Those of the file.
    pub fn give_token(&self, token: Token) -> Result<Secret, CredentialError> {
        let secret = Secret::random(PREFIX)?;
        self.operational.write(&[token.kept(&secret.digest())?])?;
        let held = Held { token: Arc::new(token), used_at: AtomicI64::new(Timestamp::MIN.0) };
        let mut by_digest = self.tokens.by_digest.write().unwrap_or_else(PoisonError::into_inner);
        by_digest.insert(secret.digest(), held);
        Ok(secret)
    }

    /// Takes everything back that lets somebody in, but for their password. Blocking.
    ///
    /// # Errors
    /// Those of the file; in memory it is taken back all the same.
    pub fn take_everything(&self, person: &Person, now: Timestamp) -> Result<(), CredentialError> {
        let ended = self.end_sessions(person);
        let tokens = self.tokens.of(Some(person)).into_iter().filter(|(token, _)| token.revoked_at.is_none());
        let revoked = tokens.map(|(token, _)| self.revoke_token(token.id, now)).collect::<Vec<_>>();
        revoked.into_iter().collect::<Result<(), _>>().and(ended)
    }

    /// Takes a token back. One that is taken back already is written again, since the file may not have it. Blocking.
    ///
    /// # Errors
    /// [`CredentialError::NotFound`], or the file's.
    pub fn revoke_token(&self, id: Uuid, now: Timestamp) -> Result<(), CredentialError> {
        let change = {
            let mut by_digest = self.tokens.by_digest.write().unwrap_or_else(PoisonError::into_inner);
            let found = by_digest.iter_mut().find(|(_, held)| held.token.id == id);
            let (digest, held) = found.ok_or(CredentialError::NotFound)?;
            // In memory first: from now on it is refused, whatever becomes of the file.
            let revoked_at = Some(held.token.revoked_at.unwrap_or(now));
            let revoked = Token { revoked_at, ..Token::clone(&held.token) };
            let change = revoked.kept(digest)?;
            held.token = Arc::new(revoked);
            change
        };
        self.look_again();
        self.operational.write(&[change])?;
        Ok(())
    }
}
