//! What is written in columns and one by one reads back as it was, and what is damaged is said to be.

use super::*;
use crate::holder::Holder;

fn fact(seed: u64) -> Fact {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut names = [const { None }; Dimension::ALL.len()];
    for name in &mut names {
        let number = next(4);
        *name = (number > 0).then(|| CompactString::from(format!("ñame {number}")));
    }
    let spread = [1, 200, 60_000, 4_000_000_000, u64::MAX / 4][next(5) as usize];
    let mut instant = || Timestamp((next(spread) as i64) - (spread / 2) as i64);
    let (began, ended, missed_after) = (instant(), instant(), instant());
    Fact {
        measure: Measure::NextReply,
        outcome: Outcome::ALL[next(19) as usize],
        flags: Flags(next(64) as u8),
        began,
        ended: (next(3) > 0).then_some(ended),
        value_s: next(spread) as i64 - 7,
        missed_after: (next(3) > 1).then_some(missed_after),
        names,
        began_position: (next(4) > 0).then(|| GlobalPosition(1 + next(1 << 40))),
        ended_position: (next(4) > 0).then(|| GlobalPosition(1 + next(1 << 20))),
    }
}

#[test]
fn facts_read_back_from_columns_as_they_were() {
    for count in [0, 1, 2, 300] {
        let facts: Vec<Fact> = (0..count).map(|seed| fact(seed + 1000 * count)).collect();
        let numbered: Vec<(u16, &Fact)> =
            facts.iter().enumerate().map(|(place, fact)| (place as u16 * 3, fact)).collect();
        let (figures, positions) = write_facts(&numbered);
        let (figures, positions) =
            (Columns::figures(&figures).unwrap(), Columns::positions(&positions).unwrap());
        assert_eq!((figures.len, positions.len), (facts.len(), facts.len()));
        let position =
            |column, place| positions.at(column).get(place).map(|at: i64| GlobalPosition(at as u64));
        for (place, (ticket, expected)) in numbered.into_iter().enumerate() {
            let (found, mut fact) = figures.fact(Measure::NextReply, place).unwrap();
            (fact.began_position, fact.ended_position) = (position(0, place), position(1, place));
            assert_eq!((found, &fact), (ticket, expected));
        }
    }
}

#[test]
fn a_ledger_reads_back_as_it_was_and_no_part_of_it_does() {
    let holder =
        Holder { team: Some(Slug::new("billing").unwrap()), assignee: Some(ActorId::new("ines").unwrap()) };
    let ledger = Ledger { holder, facts: (1..40).map(fact).collect() };
    let bytes = write_ledger(&ledger);
    assert_eq!(read_ledger(&bytes).unwrap(), ledger);
    for length in 0..bytes.len() {
        assert!(read_ledger(&bytes[..length]).is_err(), "{length} bytes");
    }
    assert!(read_ledger(&[bytes, vec![0]].concat()).is_err());
}

#[test]
fn columns_that_break_off_are_damaged() {
    let facts: Vec<Fact> = (1..9).map(fact).collect();
    let numbered: Vec<(u16, &Fact)> = facts.iter().map(|fact| (1, fact)).collect();
    let (figures, _) = write_facts(&numbered);
    for length in 0..figures.len() {
        assert!(Columns::figures(&figures[..length]).is_err(), "{length} bytes");
    }
}
