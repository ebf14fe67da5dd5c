//! Passwords: argon2id, the same time for names that exist and names that do not.

use super::{CredentialError, Credentials, Person};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use docket_core::store::operational::{Change, Kind};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// The shortest password. Unit: characters. Source: NIST SP 800-63B section 3.1.1.2 asks for 8, and for 15 where nothing
/// stands beside the password; limits on guessing stand beside it here.
pub const CHARS_MIN: usize = 12;

/// The longest password. Unit: bytes.
pub const BYTES_MAX: usize = 256;

/// Fewer different characters than this make a password that is guessed.
const DIFFERENT_CHARS_MIN: usize = 5;

/// Passwords that are hashed at once; each takes 19 MiB for a moment.
pub const HASHING_MAX: usize = 2;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too short.
    #[error("use at least {CHARS_MIN} characters; several words are easy to keep in mind")]
    Short,
    /// Too long.
    #[error("use at most {BYTES_MAX} bytes")]
    Long,
    /// Its name, or the same few characters again and again.
    #[error("this password is easily guessed; use several words that have nothing to do with each other")]
    Guessed,
}

/// Room for passwords that are hashed, and a digest that belongs to nobody.
pub(crate) struct Hashing {
    pub(crate) room: Semaphore,
    nobodys: OnceLock<String>,
}

impl Hashing {
    pub(super) fn new() -> Self {
        Self { room: Semaphore::new(HASHING_MAX), nobodys: OnceLock::new() }
    }

    fn nobodys(&self) -> Result<&str, CredentialError> {
        if let Some(digest) = self.nobodys.get() {
            return Ok(digest);
        }
        let digest = hashed("a password of nobody's")?;
        Ok(self.nobodys.get_or_init(|| digest))
    }
}

/// Checks that a password can be taken by somebody.
///
/// # Errors
/// [`Weak`]
pub fn check(password: &str, person: &Person) -> Result<(), Weak> {
    if password.len() > BYTES_MAX {
        return Err(Weak::Long);
    }
    if password.chars().count() < CHARS_MIN {
        return Err(Weak::Short);
    }
    let lower = password.to_lowercase();
    let different = lower.chars().collect::<BTreeSet<_>>().len();
    // What is left of it without their name would have to do.
    let without_name = lower.replace(&person.id().as_str().to_lowercase(), "");
    if different < DIFFERENT_CHARS_MIN || without_name.chars().count() < CHARS_MIN / 2 {
        return Err(Weak::Guessed);
    }
    Ok(())
}

/// Argon2id with the parameters that RFC 9106 and OWASP recommend for machines that do other work too (19 MiB, two
/// passes, one lane): the defaults of the library.
fn hashed(password: &str) -> Result<String, CredentialError> {
    let digest = Argon2::default().hash_password(password.as_bytes());
    digest.map(|digest| digest.to_string()).map_err(|_| CredentialError::NoRandomness)
}

impl Credentials {
    /// Whether a password is somebody's. It takes as long for nobody's. Blocking, for some 30 ms.
    ///
    /// # Errors
    /// [`CredentialError::Wrong`], or the file's.
    pub fn verify_password(&self, person: &Person, password: &str) -> Result<(), CredentialError> {
        let kept = self.operational.find(Kind::Password, &person.key())?;
        let digest = match &kept {
            Some(digest) => digest.as_str(),
            None => self.hashing.nobodys()?,
        };
        let fits = password.len() <= BYTES_MAX;
        let password = if fits { password } else { "" };
        let parsed = PasswordHash::new(digest).map_err(|_| CredentialError::Wrong)?;
        let same = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        if kept.is_some() && fits && same { Ok(()) } else { Err(CredentialError::Wrong) }
    }

    /// Sets somebody's password, and ends every session of theirs. Blocking, for some 30 ms.
    ///
    /// # Errors
    /// [`CredentialError::Weak`], or the file's.
    pub fn set_password(
        &self,
        person: &Person,
        password: &str,
        more: Vec<Change>,
    ) -> Result<(), CredentialError> {
        check(password, person)?;
        let mut changes = more;
        changes.push(Change::Put {
            kind: Kind::Password,
            id: person.key(),
            data: hashed(password)?,
            expires_at: None,
        });
        self.operational.write(&changes)?;
        self.sessions.end_all(&self.operational, person)?;
        self.look_again();
        Ok(())
    }

    /// Whether somebody has ever chosen a password.
    ///
    /// # Errors
    /// [`CredentialError::File`]
    pub fn has_password(&self, person: &Person) -> Result<bool, CredentialError> {
        Ok(self.operational.find(Kind::Password, &person.key())?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::names::ActorId;

    #[test]
    fn what_is_easily_guessed_is_not_taken() {
        let rosa = Person::Staff(ActorId::new("rosa.lima").unwrap());
        let refused = |password: &str| check(password, &rosa).unwrap_err();
        assert_eq!(refused("short words"), Weak::Short);
        assert_eq!(refused(&"x".repeat(257)), Weak::Long);
        assert_eq!(refused("abababababab"), Weak::Guessed);
        assert_eq!(refused("Rosa.Lima2026"), Weak::Guessed);
        assert_eq!(check("señal y canción", &rosa), Ok(()));
        assert_eq!(check(&"correct horse".repeat(19), &rosa), Ok(()));
    }
}
