//! Signatures by the Standard Webhooks specification (version 1.0.0, scheme `v1`: HMAC-SHA256).

use crate::credentials::CredentialError;
use crate::credentials::secret::random;
use base64::prelude::{BASE64_STANDARD, Engine};
use docket_core::time::{DurationMs, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// Random bytes of a secret; the specification asks for 24 to 64.
const BYTES: usize = 32;

/// How long a secret signs along after another one took its place.
pub const OLD_SECRET_SIGNS: DurationMs = DurationMs::from_hours(24);

/// Secrets that sign at once: the one of now and those before it that still do.
pub const SECRETS_MAX: usize = 3;

/// What signs, as its owner was shown it. Never printed by a debug print (promise S8).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// Makes one.
    ///
    /// # Errors
    /// [`CredentialError::NoRandomness`]
    pub fn random() -> Result<Self, CredentialError> {
        Ok(Self(format!("{PREFIX}{}", BASE64_STANDARD.encode(random::<BYTES>()?))))
    }

    /// What to show, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The signature of a message: `v1,` and the base64 of an HMAC over identifier, time and body.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        // What was kept is what was made; a damaged one would sign with something nobody knows.
        let key = BASE64_STANDARD.decode(self.0.trim_start_matches(PREFIX)).unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(…)")
    }
}

/// A secret, and until when it signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signing {
    /// The secret.
    pub secret: SigningSecret,
    /// From when on it signs no more; never if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Puts a new secret in front; those before sign along for a while.
pub fn rotate(secrets: &[Signing], new: SigningSecret, now: Timestamp) -> Vec<Signing> {
    let ends = now.plus(OLD_SECRET_SIGNS);
    let old = secrets.iter().filter(|old| old.until.is_none_or(|until| now < until));
    let old = old.map(|old| Signing { until: Some(old.until.unwrap_or(ends)), ..old.clone() });
    let all = std::iter::once(Signing { secret: new, until: None }).chain(old);
    all.take(SECRETS_MAX).collect()
}

/// The header with the signatures of every secret that signs at an instant, the newest first.
pub fn signatures(secrets: &[Signing], id: &str, now: Timestamp, body: &[u8]) -> String {
    let good = secrets.iter().filter(|signing| signing.until.is_none_or(|until| now < until));
    let timestamp_s = now.0.div_euclid(1000);
    Vec::from_iter(good.map(|signing| signing.secret.sign(id, timestamp_s, body))).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SigningSecret {
        SigningSecret(text.to_owned())
    }

    #[test]
    fn signatures_are_those_of_the_specification() {
        // Source: the specification's reference libraries, which all test with this one.
        let known = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = known.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_part_of_a_message_is_signed() {
        let secret = SigningSecret::random().unwrap();
        let signed = secret.sign("a", 1, b"x");
        for other in [secret.sign("b", 1, b"x"), secret.sign("a", 2, b"x"), secret.sign("a", 1, b"y")] {
            assert_ne!(signed, other);
        }
        assert_ne!(signed, SigningSecret::random().unwrap().sign("a", 1, b"x"));
        assert_eq!(BASE64_STANDARD.decode(&secret.reveal()[PREFIX.len()..]).unwrap().len(), BYTES);
    }

    #[test]
    fn an_old_secret_signs_along_for_a_day_and_a_bounded_number_do() {
        let now = Timestamp(1_000_000);
        let first = vec![Signing { secret: secret("whsec_YQ=="), until: None }];
        let both = rotate(&first, secret("whsec_Yg=="), now);
        let [new, old] = ["whsec_Yg==", "whsec_YQ=="].map(|text| secret(text).sign("a", 1000, b"x"));
        assert_eq!(signatures(&both, "a", now, b"x"), format!("{new} {old}"));
        let later = now.plus(OLD_SECRET_SIGNS);
        assert_eq!(signatures(&both, "a", later, b"x").split(' ').count(), 1);
        assert_eq!(rotate(&both, secret("whsec_Yw=="), later).len(), 2);
        let mut many = first;
        for _ in 0..9 {
            many = rotate(&many, SigningSecret::random().unwrap(), now);
        }
        assert_eq!(many.len(), SECRETS_MAX);
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let secret = SigningSecret::random().unwrap();
        let signing = Signing { secret: secret.clone(), until: None };
        assert!(!format!("{signing:?}").contains(&secret.reveal()[PREFIX.len()..]));
    }
}
