//! Links that let a customer into one of their tickets without a password.
//!
//! Nothing is kept of them: a link carries the ticket and its end under an HMAC that also covers who asked, so it
//! is worth nothing for another ticket, or once the ticket is another requester's. Destroying the key ends all.

use super::Denied;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use docket_core::names::{ActorId, TicketNumber};
use docket_core::time::{DurationMs, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What every link's secret begins with.
pub const PREFIX: &str = "dkl_";

/// How long a link may be good.
pub const LASTS_MAX: DurationMs = DurationMs::from_hours(90 * 24);

/// Bytes of the HMAC that a link carries.
const MAC_BYTES: usize = 16;

/// Makes and reads links.
pub struct Links {
    key: [u8; 32],
}

/// What a link says, before it is believed.
pub struct Claim {
    /// The ticket.
    pub ticket: TicketNumber,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    mac: Vec<u8>,
}

impl Links {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A link's secret for who asked in a ticket.
    pub fn make(&self, ticket: TicketNumber, requester: &ActorId, expires_at: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(16 + MAC_BYTES);
        bytes.extend_from_slice(&ticket.0.to_be_bytes());
        bytes.extend_from_slice(&expires_at.0.to_be_bytes());
        let mac = self.mac(ticket, requester, expires_at).finalize().into_bytes();
        bytes.extend_from_slice(&mac[..MAC_BYTES]);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a link says.
    ///
    /// # Errors
    /// [`Denied::LinkInvalid`] when it is none, or its time is over.
    pub fn read(&self, secret: &str, now: Timestamp) -> Result<Claim, Denied> {
        let bytes = secret.strip_prefix(PREFIX).and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
        let bytes = bytes.filter(|bytes| bytes.len() == 16 + MAC_BYTES).ok_or(Denied::LinkInvalid)?;
        let number = |at: usize| bytes[at..at + 8].try_into().map_err(|_| Denied::LinkInvalid);
        let ticket = TicketNumber(u64::from_be_bytes(number(0)?));
        let expires_at = Timestamp(i64::from_be_bytes(number(8)?));
        if now >= expires_at {
            return Err(Denied::LinkInvalid);
        }
        Ok(Claim { ticket, expires_at, mac: bytes[16..].to_vec() })
    }

    /// Whether a link was made here for who asked in its ticket.
    ///
    /// # Errors
    /// [`Denied::LinkInvalid`]
    pub fn believe(&self, claim: &Claim, requester: &ActorId) -> Result<(), Denied> {
        let mac = self.mac(claim.ticket, requester, claim.expires_at);
        mac.verify_truncated_left(&claim.mac).map_err(|_| Denied::LinkInvalid)
    }

    fn mac(&self, ticket: TicketNumber, requester: &ActorId, expires_at: Timestamp) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(b"docket customer link 1");
        mac.update(&ticket.0.to_be_bytes());
        mac.update(&expires_at.0.to_be_bytes());
        mac.update(requester.as_str().as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_its_ticket_its_requester_and_its_time_only() {
        let (links, noor) = (Links::new([7; 32]), ActorId::new("noor").unwrap());
        let secret = links.make(TicketNumber(3), &noor, Timestamp(100));
        let claim = links.read(&secret, Timestamp(99)).unwrap();
        assert_eq!(claim.ticket, TicketNumber(3));
        assert_eq!(links.believe(&claim, &noor), Ok(()));
        assert_eq!(links.believe(&claim, &ActorId::new("ines").unwrap()), Err(Denied::LinkInvalid));
        assert!(links.read(&secret, Timestamp(100)).is_err());
        assert_eq!(Links::new([8; 32]).believe(&claim, &noor), Err(Denied::LinkInvalid));
        for at in 0..secret.len() {
            let mut changed = secret.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let believed = links
                .read(&changed, Timestamp(0))
                .and_then(|claim| links.believe(&claim, &noor).map(|()| claim.ticket));
            // The last character has two bits that stand for nothing; they cannot be changed either.
            assert!(believed.is_err(), "{at}");
        }
    }
}
