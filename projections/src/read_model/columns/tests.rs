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
        for part in Part::all() {
            let bytes = write_part(part, &numbered);
            let column = Column::of(&bytes).unwrap();
            assert_eq!(column.len, facts.len());
            let mut numbering = Numbering::default();
            for (place, (ticket, fact)) in numbered.iter().enumerate() {
                assert_eq!(column.get(place), part.of(*ticket, fact, &mut numbering), "{part:?} {place}");
                if let Part::Name(dimension) = part {
                    assert_eq!(column.name(place).unwrap(), fact.names[dimension as usize].as_deref());
                }
            }
        }
    }
}

#[test]
fn a_column_of_one_value_takes_no_bytes_for_it_and_the_widest_takes_eight() {
    for (values, width) in [
        (vec![Some(7); 50], 0),
        (vec![None; 50], 0),
        (vec![Some(1), Some(256)], 1),
        (vec![Some(1), None, Some(256)], 2),
        (vec![Some(i64::MIN), Some(i64::MAX)], 8),
        (vec![Some(-1), Some(1 << 39)], 5),
    ] {
        let bytes = write(&[], &values);
        let column = Column::of(&bytes).unwrap();
        assert_eq!(column.width, width, "{values:?}");
        let read: Vec<_> = (0..values.len()).map(|place| column.get(place)).collect();
        assert_eq!(read, values);
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
    for part in Part::all() {
        let bytes = write_part(part, &numbered);
        for length in 0..bytes.len() {
            assert!(Column::of(&bytes[..length]).is_err(), "{part:?}: {length} bytes");
        }
    }
}
