//! How long a token's check takes: one digest and one look into memory, among many tokens.
//!
//! `cargo bench -p docket-server`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that fails has nothing to go on with"
)]

use docket_core::names::ActorId;
use docket_core::store::operational::Operational;
use docket_core::time::{DurationMs, Timestamp};
use docket_server::access::Scope;
use docket_server::credentials::place::Place;
use docket_server::credentials::token::{PER_PERSON_MAX, Token};
use docket_server::credentials::{Credentials, Person};
use std::hint::black_box;
use std::time::Instant;
use uuid::Uuid;

/// People who have as many tokens as one may have, and a session each.
const PEOPLE: usize = 200;

/// Checks in a round.
const CHECKS: usize = 100_000;

/// Rounds over which the median is taken.
const ROUNDS: usize = 9;

const NOW: Timestamp = Timestamp(1_795_253_400_000);

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let operational = Operational::open(&directory.path().join("operational.db")).unwrap();
    let credentials = Credentials::load(operational.into(), [7; 32], NOW).unwrap();
    let place = Place::of(Some("bench"), None);
    let (mut tokens, mut sessions) = (Vec::new(), Vec::new());
    for number in 0..PEOPLE {
        let person = Person::Staff(ActorId::new(&format!("agent-{number}")).unwrap());
        for _ in 0..PER_PERSON_MAX {
            let token = Token {
                id: Uuid::now_v7(),
                person: person.clone(),
                name: "bench".into(),
                scopes: [Scope::Read].into(),
                made_at: NOW,
                expires_at: NOW.plus(DurationMs::from_hours(24)),
                revoked_at: None,
            };
            tokens.push(credentials.give_token(token).unwrap());
        }
        sessions.push(credentials.begin_session(person, place.clone(), NOW).unwrap().0);
    }
    let each_ns = median(|at| {
        let secret = tokens[at * 7919 % tokens.len()].reveal();
        black_box(credentials.tokens.find(black_box(secret), NOW).unwrap());
    });
    println!("a token of {}: {each_ns:.0} ns each; 50,000 ns are allowed", tokens.len());
    let each_ns = median(|at| {
        let secret = sessions[at % sessions.len()].reveal();
        black_box(credentials.sessions.find(black_box(secret), &place, NOW).unwrap());
    });
    println!("a session of {}: {each_ns:.0} ns each", sessions.len());
}

/// The median time of a check over rounds. Unit: nanoseconds.
fn median(check: impl Fn(usize)) -> f64 {
    let mut rounds = [0.0; ROUNDS];
    for round in &mut rounds {
        let began = Instant::now();
        (0..CHECKS).for_each(&check);
        *round = began.elapsed().as_nanos() as f64 / CHECKS as f64;
    }
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
