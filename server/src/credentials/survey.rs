//! Links by which a customer rates how a cycle of one of their tickets went, without a password.
//!
//! Nothing is kept of them, as of links into a ticket: a link carries ticket, cycle and its end under an HMAC that also
//! covers who asked. It is worth nothing for anything but this one rating.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use docket_core::names::{ActorId, TicketNumber};
use docket_core::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What every survey link's secret begins with.
pub const PREFIX: &str = "dks_";

/// Bytes of the HMAC that a link carries.
const MAC_BYTES: usize = 16;

/// Bytes before it: ticket, cycle and end.
const CLAIM_BYTES: usize = 20;

/// Makes and reads survey links.
pub struct Surveys {
    key: [u8; 32],
}

/// What a survey link says, before it is believed.
pub struct SurveyClaim {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The cycle.
    pub cycle: u32,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    mac: Vec<u8>,
}

impl Surveys {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A link's secret for who asked in a ticket.
    pub fn make(
        &self,
        ticket: TicketNumber,
        cycle: u32,
        requester: &ActorId,
        expires_at: Timestamp,
    ) -> String {
        let mut bytes = claimed(ticket, cycle, expires_at).to_vec();
        let mac = self.mac(&bytes, requester).finalize().into_bytes();
        bytes.extend_from_slice(&mac[..MAC_BYTES]);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a link says, unless it is none or its time is over.
    pub fn read(&self, secret: &str, now: Timestamp) -> Option<SurveyClaim> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(secret.strip_prefix(PREFIX)?).ok()?;
        if bytes.len() != CLAIM_BYTES + MAC_BYTES {
            return None;
        }
        let ticket = TicketNumber(u64::from_be_bytes(bytes[..8].try_into().ok()?));
        let cycle = u32::from_be_bytes(bytes[8..12].try_into().ok()?);
        let expires_at = Timestamp(i64::from_be_bytes(bytes[12..CLAIM_BYTES].try_into().ok()?));
        let mac = bytes[CLAIM_BYTES..].to_vec();
        (now < expires_at).then_some(SurveyClaim { ticket, cycle, expires_at, mac })
    }

    /// Whether a link was made here for who asked in its ticket.
    pub fn believes(&self, claim: &SurveyClaim, requester: &ActorId) -> bool {
        let bytes = claimed(claim.ticket, claim.cycle, claim.expires_at);
        self.mac(&bytes, requester).verify_truncated_left(&claim.mac).is_ok()
    }

    fn mac(&self, claimed: &[u8], requester: &ActorId) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        // Apart from links into a ticket, which the same key signs: neither passes for the other.
        mac.update(b"docket survey link 1");
        mac.update(claimed);
        mac.update(requester.as_str().as_bytes());
        mac
    }
}

fn claimed(ticket: TicketNumber, cycle: u32, expires_at: Timestamp) -> [u8; CLAIM_BYTES] {
    let mut bytes = [0; CLAIM_BYTES];
    bytes[..8].copy_from_slice(&ticket.0.to_be_bytes());
    bytes[8..12].copy_from_slice(&cycle.to_be_bytes());
    bytes[12..].copy_from_slice(&expires_at.0.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::link::{self, Links};

    #[test]
    fn a_link_is_good_for_its_cycle_its_requester_and_its_time_only() {
        let (surveys, noor) = (Surveys::new([7; 32]), ActorId::new("noor").unwrap());
        let secret = surveys.make(TicketNumber(3), 2, &noor, Timestamp(100));
        let claim = surveys.read(&secret, Timestamp(99)).unwrap();
        assert_eq!((claim.ticket, claim.cycle, claim.expires_at), (TicketNumber(3), 2, Timestamp(100)));
        assert!(surveys.believes(&claim, &noor));
        assert!(!surveys.believes(&claim, &ActorId::new("ines").unwrap()));
        assert!(surveys.read(&secret, Timestamp(100)).is_none());
        assert!(!Surveys::new([8; 32]).believes(&claim, &noor));
        for at in 0..secret.len() {
            let mut changed = secret.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let believed =
                surveys.read(&changed, Timestamp(0)).filter(|claim| surveys.believes(claim, &noor));
            assert!(believed.is_none(), "{at}");
        }
    }

    #[test]
    fn a_link_into_a_ticket_and_a_survey_link_never_pass_for_each_other() {
        let (links, surveys) = (Links::new([7; 32]), Surveys::new([7; 32]));
        let noor = ActorId::new("noor").unwrap();
        let into = links.make(TicketNumber(3), &noor, Timestamp(100)).replace(link::PREFIX, PREFIX);
        assert!(surveys.read(&into, Timestamp(0)).is_none());
        let rates = surveys.make(TicketNumber(3), 1, &noor, Timestamp(100)).replace(PREFIX, link::PREFIX);
        assert!(links.read(&rates, Timestamp(0)).is_err());
    }
}
