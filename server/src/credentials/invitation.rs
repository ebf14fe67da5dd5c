//! Codes that let somebody choose their password, once.

use super::secret::{digest, hexadecimal, random};
use super::{CredentialError, Credentials, Person};
use docket_core::store::operational::{Change, Kind, OperationalError};
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a code can be used.
pub const LASTS: DurationMs = DurationMs::from_hours(48);

/// What a code is written in: digits and capitals without those that look alike (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 125 random bits.
const CODE_CHARS: usize = 25;

#[derive(Serialize, Deserialize)]
struct Invitation {
    person: Person,
    expires_at: Timestamp,
}

impl Credentials {
    /// Makes a code for somebody; earlier ones of theirs are void. It is shown once. Blocking.
    ///
    /// # Errors
    /// Those of the file.
    pub fn invite(&self, person: &Person, now: Timestamp) -> Result<(String, Timestamp), CredentialError> {
        let mut changes = Vec::new();
        for entry in self.operational.all(Kind::Invitation)? {
            let earlier: Invitation = serde_json::from_str(&entry.data)?;
            if earlier.person == *person {
                changes.push(Change::Remove { kind: Kind::Invitation, id: entry.id });
            }
        }
        let code = code(random()?);
        let expires_at = now.plus(LASTS);
        changes.push(Change::Put {
            kind: Kind::Invitation,
            id: hexadecimal(&digest(&plain(&code))),
            data: serde_json::to_string(&Invitation { person: person.clone(), expires_at })?,
            expires_at: Some(expires_at),
        });
        self.operational.write(&changes)?;
        Ok((code, expires_at))
    }

    /// Whose code it is.
    ///
    /// # Errors
    /// [`CredentialError::CodeInvalid`], or the file's.
    pub fn invited(&self, code: &str, now: Timestamp) -> Result<Person, CredentialError> {
        let id = hexadecimal(&digest(&plain(code)));
        let found = self.operational.find(Kind::Invitation, &id)?.ok_or(CredentialError::CodeInvalid)?;
        let invitation: Invitation = serde_json::from_str(&found)?;
        if now >= invitation.expires_at { Err(CredentialError::CodeInvalid) } else { Ok(invitation.person) }
    }

    /// Sets the password of whoever was invited, and uses the code up, both or neither. Blocking.
    ///
    /// # Errors
    /// [`CredentialError::CodeInvalid`], [`CredentialError::Weak`], or the file's.
    pub fn accept(&self, code: &str, password: &str, now: Timestamp) -> Result<Person, CredentialError> {
        let person = self.invited(code, now)?;
        let id = hexadecimal(&digest(&plain(code)));
        // Of two who use it at once, one comes first: the other finds it gone.
        let taken = Change::Take { kind: Kind::Invitation, id };
        match self.set_password(&person, password, vec![taken]) {
            Err(CredentialError::File(OperationalError::Gone)) => Err(CredentialError::CodeInvalid),
            set => set.map(|()| person),
        }
    }
}

/// Five groups of five characters.
fn code(random: [u8; CODE_CHARS]) -> String {
    let mut code = String::with_capacity(CODE_CHARS + 4);
    for (at, byte) in random.into_iter().enumerate() {
        if at > 0 && at % 5 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    code
}

/// A code as it was meant, however it was typed.
fn plain(code: &str) -> String {
    let typed = code.chars().filter(|character| !character.is_whitespace() && *character != '-');
    let meant = typed.map(|character| match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    meant.take(CODE_CHARS + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_however_it_is_typed() {
        let code = code([31; CODE_CHARS]);
        assert_eq!(code, "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ");
        assert_eq!(plain(" o1l-i0 zz"), "01110ZZ");
        assert_eq!(plain(&code), plain(&code.to_lowercase().replace('-', " ")));
        assert!(plain(&"A".repeat(100_000)).len() <= CODE_CHARS + 1);
    }
}
