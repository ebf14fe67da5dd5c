//! Who of several takes a ticket: the highest share of spare capacity, then the longest idle, then a hash.
//!
//! In whole numbers throughout, so that it comes out the same on every machine and in every year.

use crate::names::{ActorId, TicketNumber};
use crate::ticket::event::{Candidate, Routed, Standing, ToldApartBy, WaitingFor};
use sha2::{Digest, Sha256};
use std::cmp::{Ordering, Reverse};

/// Candidates that a decision names. In a larger team these are the foremost; the others had no better claim.
///
/// A record holds 1 MiB; at some 400 bytes for a candidate with the longest name this is a fifth of it.
pub const CANDIDATES_MAX: usize = 500;

/// Who of the candidates is chosen and what told them from the others, or why nobody is.
///
/// # Errors
/// The reason that is nearest to being overcome.
pub fn choose(number: TicketNumber, candidates: &[Candidate]) -> Result<(ActorId, ToldApartBy), WaitingFor> {
    let eligible = || candidates.iter().filter(|candidate| candidate.standing == Standing::Eligible);
    let Some(best) = eligible().min_by(|one, other| foremost(number, one, other)) else {
        return Err(waiting_for(candidates));
    };
    let others = eligible().filter(|other| other.agent != best.agent);
    let told_apart_by = match others.min_by(|one, other| foremost(number, one, other)) {
        None => ToldApartBy::Alone,
        Some(second) if by_share(best, second) != Ordering::Equal => ToldApartBy::SpareCapacity,
        Some(second) if by_idleness(best, second) != Ordering::Equal => ToldApartBy::Idle,
        Some(_) => ToldApartBy::Hash,
    };
    Ok((best.agent.clone(), told_apart_by))
}

/// Who is chosen and what told them from the others, or why nobody is, by a recorded decision alone.
///
/// # Errors
/// The reason that nobody was found.
pub fn again(number: TicketNumber, routed: &Routed) -> Result<(ActorId, ToldApartBy), WaitingFor> {
    if routed.team.is_none() { Err(WaitingFor::Rule) } else { choose(number, &routed.candidates) }
}

/// Whether a recorded decision says of itself what its candidates say.
pub fn is_borne_out(number: TicketNumber, routed: &Routed) -> bool {
    match again(number, routed) {
        Ok((to, by)) => {
            routed.to.as_ref() == Some(&to)
                && routed.told_apart_by == Some(by)
                && routed.waiting_for.is_none()
        }
        Err(why) => routed.to.is_none() && routed.told_apart_by.is_none() && routed.waiting_for == Some(why),
    }
}

/// The candidates that a decision names, the foremost where there are too many.
pub(super) fn keep_foremost(number: TicketNumber, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    if candidates.len() > CANDIDATES_MAX {
        let claim = |candidate: &Candidate| Reverse(nearness(candidate.standing));
        candidates
            .sort_by(|one, other| claim(one).cmp(&claim(other)).then_with(|| foremost(number, one, other)));
        candidates.truncate(CANDIDATES_MAX);
    }
    candidates
}

fn foremost(number: TicketNumber, one: &Candidate, other: &Candidate) -> Ordering {
    by_share(one, other)
        .then_with(|| by_idleness(one, other))
        .then_with(|| lot(number, one).cmp(&lot(number, other)))
        // Not even a hash that is the same leaves it open.
        .then_with(|| one.agent.cmp(&other.agent))
}

/// The higher share of spare capacity first. Shares are compared crosswise, since a division would round.
fn by_share(one: &Candidate, other: &Candidate) -> Ordering {
    let spare = |of: &Candidate| u64::from(of.capacity.saturating_sub(of.load));
    let room = |of: &Candidate| u64::from(of.capacity.max(1));
    (spare(other) * room(one)).cmp(&(spare(one) * room(other)))
}

/// Who has waited longer for a ticket first, and before them who never had one.
fn by_idleness(one: &Candidate, other: &Candidate) -> Ordering {
    one.last_taken_at.cmp(&other.last_taken_at)
}

/// Different for each ticket, so that among equals nobody always comes first.
fn lot(number: TicketNumber, candidate: &Candidate) -> [u8; 32] {
    Sha256::new()
        .chain_update(number.0.to_be_bytes())
        .chain_update(candidate.agent.as_str())
        .finalize()
        .into()
}

/// How little was missing.
const fn nearness(standing: Standing) -> u8 {
    match standing {
        Standing::NotPermitted => 0,
        Standing::Unskilled => 1,
        Standing::Unavailable => 2,
        Standing::Full => 3,
        Standing::Eligible => 4,
    }
}

/// Why there is nobody: what was missing of those who lacked least.
fn waiting_for(candidates: &[Candidate]) -> WaitingFor {
    let standings = candidates.iter().map(|candidate| candidate.standing);
    match standings.max_by_key(|standing| nearness(*standing)) {
        None => WaitingFor::Member,
        Some(Standing::NotPermitted) => WaitingFor::Permission,
        Some(Standing::Unskilled) => WaitingFor::Skill,
        Some(Standing::Unavailable) => WaitingFor::Availability,
        // Nobody asks when somebody could be chosen.
        Some(Standing::Full | Standing::Eligible) => WaitingFor::Capacity,
    }
}
