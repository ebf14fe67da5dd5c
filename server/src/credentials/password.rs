//! Passwords: argon2id, the same time for names that exist and names that do not.

use super::{CredentialError, Credentials, Person};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use docket_core::store::operational::{Change, Kind};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The shortest password. Unit: characters. Source: NIST SP 800-63B section 3.1.1.2 asks for 8, and for 15 where nothing
/// stands beside the password; limits on guessing stand beside it here.
pub const CHARS_MIN: usize = 12;

/// The longest password. Unit: bytes.
pub const BYTES_MAX: usize = 256;

/// Fewer different characters than this make a password that is guessed.
const DIFFERENT_CHARS_MIN: usize = 5;

/// What the passwords that are tried first are made of, in the languages that people write in here and in what a keyboard
/// suggests. Small letters. Source: what the lists of the most used passwords have in common.
const TRIED_FIRST: &str = "password passw0rd passwort contraseña contrasena clave secreto secret qwertyuiop qwerty asdfghjkl asdfgh \
    zxcvbnm 1q2w3e4r5t 1q2w3e4r 1qaz2wsx qazwsx abcdefgh abc123 abcd letmein welcome bienvenido bienvenida hello \
    iloveyou teamo tequiero amor princess princesa superman batman dragon monkey football futbol fútbol baseball \
    sunshine shadow master admin administrator administrador support soporte ticket docket helpdesk changeme \
    cambiame cámbiame default test prueba login user usuario whatever trustno summer verano";

/// As many of the same character, or of characters that follow each other, are one.
const RUN_CHARS_MIN: usize = 3;

/// Passwords that are hashed at once; each takes 19 MiB for a moment.
pub const HASHING_MAX: usize = 2;

/// How long a password waits for its turn to be checked.
const TURN_WAIT: Duration = Duration::from_secs(5);

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

/// Something to do with a password.
type Job = Box<dyn FnOnce() + Send>;

/// Who hashes passwords, room for those that wait, and a digest that belongs to nobody.
///
/// The threads are its own: each that has ever hashed a password keeps its memory, and those that serve requests are many.
pub(crate) struct Hashing {
    room: Semaphore,
    jobs: Sender<Job>,
    nobodys: String,
}

impl Hashing {
    /// Some 30 ms, so that the first wrong name takes no longer than any other.
    pub(super) fn new() -> Result<Self, CredentialError> {
        let (jobs, waiting) = std::sync::mpsc::channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..HASHING_MAX {
            let waiting = waiting.clone();
            let next = move || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let work = move || {
                while let Ok(job) = next() {
                    // Whoever waits for it is told that there is no answer.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            };
            let thread = std::thread::Builder::new().name("passwords".to_owned());
            thread.spawn(work).map_err(|_| CredentialError::NoThread)?;
        }
        Ok(Self { room: Semaphore::new(HASHING_MAX), jobs, nobodys: hashed("a password of nobody's")? })
    }
}

impl Credentials {
    /// Works on passwords, a few at a time: each takes memory and a core for a moment.
    ///
    /// # Errors
    /// [`CredentialError::Busy`] when no turn comes in time, or what the work comes to.
    pub async fn hashing<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        let turn = tokio::time::timeout(TURN_WAIT, self.hashing.room.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(CredentialError::Busy) };
        let (credentials, (tell, told)) = (self.clone(), tokio::sync::oneshot::channel());
        let job = Box::new(move || {
            let _ = tell.send(work(&credentials));
        });
        self.hashing.jobs.send(job).map_err(|_| CredentialError::NoThread)?;
        told.await.unwrap_or(Err(CredentialError::NoThread))
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
    let mut rest = password.to_lowercase();
    let different = rest.chars().collect::<BTreeSet<_>>().len();
    // What is left of it without their name, and without what is tried first, would have to do.
    let name = person.id().as_str().to_lowercase();
    for guess in TRIED_FIRST.split_whitespace().chain([name.as_str()]) {
        rest = rest.replace(guess, "");
    }
    if different < DIFFERENT_CHARS_MIN || without_runs(&rest) < CHARS_MIN / 2 {
        return Err(Weak::Guessed);
    }
    Ok(())
}

/// How many characters there are, counting each run such as `aaaa`, `1234` or `cba` once.
fn without_runs(text: &str) -> usize {
    let (mut count, mut run, mut before) = (0, 1, None::<(char, i64)>);
    for character in text.chars() {
        let step = before.map(|(last, _)| i64::from(u32::from(character)) - i64::from(u32::from(last)));
        let goes_on = step.is_some_and(|step| {
            step.abs() <= 1 && before.is_some_and(|(_, earlier)| run == 1 || earlier == step)
        });
        count += 1;
        run = if goes_on { run + 1 } else { 1 };
        if run == RUN_CHARS_MIN {
            count -= RUN_CHARS_MIN - 1;
        } else if run > RUN_CHARS_MIN {
            count -= 1;
        }
        before = Some((character, step.unwrap_or_default()));
    }
    count
}

/// Argon2id with the parameters that RFC 9106 and OWASP recommend for machines that do other work too (19 MiB, two
/// passes, one lane): the defaults of the library.
fn hashed(password: &str) -> Result<String, CredentialError> {
    let digest = Argon2::default().hash_password(password.as_bytes());
    digest.map(|digest| digest.to_string()).map_err(|_| CredentialError::NoRandomness)
}

impl Credentials {
    /// The digest of somebody's password, if this is it. It takes as long for nobody's. Blocking, for some 30 ms.
    ///
    /// # Errors
    /// [`CredentialError::Wrong`], or the file's.
    pub fn verify_password(&self, person: &Person, password: &str) -> Result<String, CredentialError> {
        let kept = self.password_digest(person)?;
        let digest = match &kept {
            Some(digest) => digest.as_str(),
            None => &self.hashing.nobodys,
        };
        let fits = password.len() <= BYTES_MAX;
        let password = if fits { password } else { "" };
        let parsed = PasswordHash::new(digest).map_err(|_| CredentialError::Wrong)?;
        let same = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        kept.filter(|_| fits && same).ok_or(CredentialError::Wrong)
    }

    /// The digest of somebody's password, if they have ever chosen one. Blocking.
    ///
    /// # Errors
    /// [`CredentialError::File`]
    pub fn password_digest(&self, person: &Person) -> Result<Option<String>, CredentialError> {
        Ok(self.operational.find(Kind::Password, &person.key())?)
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
        for tried in [
            "123456789012",
            "passwordpassword",
            "Password1234",
            "contraseña123",
            "Contraseña2026!",
            "qwertyuiop123",
            "aaaaaabbbbbbcccccdddddeeee",
            "abcdefghijkl",
            "987654321098",
            "docketdocket1",
            "TeamoTeamo2025",
        ] {
            assert_eq!(refused(tried), Weak::Guessed, "{tried}");
        }
        for taken in ["four words and a lamp", "tres gatos en la azotea", "xk7#pQ2v!mR9"] {
            assert_eq!(check(taken, &rosa), Ok(()), "{taken}");
        }
        assert_eq!(check("señal y canción", &rosa), Ok(()));
        assert_eq!(check(&"correct horse".repeat(19), &rosa), Ok(()));
    }
}
