//! Messages that a ticket answers for another one while that is merged into it, and that go back with it.
//!
//! Source: docs/adr/0025-working-a-ticket.md, PRODUCT section 2: unmerging puts each later message where it belongs.

use crate::names::TicketNumber;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is unanswered, if the oldest message of it was written to another ticket: that one and those after it, the first of
/// each ticket, until one of this ticket's own. There are no more than tickets that can be part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Borrowed(Vec<Heard>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Heard {
    at: Timestamp,
    /// The ticket that it was written to; none if it was this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<TicketNumber>,
}

/// What is unanswered once another ticket stands by itself again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The same as before.
    AsItWas,
    /// Nothing.
    Nothing,
    /// A message that came later than the one that is gone.
    Since(Timestamp),
}

impl Borrowed {
    /// Nothing.
    pub const NONE: Self = Self(Vec::new());

    /// Whether the oldest unanswered message is this ticket's own, or none is unanswered.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a message; the first one is that before which everything was answered.
    pub fn hear(&mut self, is_first: bool, at: Timestamp, from: Option<TicketNumber>) {
        let counts = match self.0.last() {
            _ if is_first => from.is_some(),
            Some(last) => last.from.is_some() && !self.0.iter().any(|heard| heard.from == from),
            None => false,
        };
        if is_first {
            self.0.clear();
        }
        if counts {
            self.0.push(Heard { at, from });
        }
    }

    /// Everything is answered.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Another ticket stands by itself again, and what was written to it is its own.
    pub fn part(&mut self, ticket: TicketNumber) -> Left {
        let was_oldest = self.0.first().is_some_and(|heard| heard.from == Some(ticket));
        self.0.retain(|heard| heard.from != Some(ticket));
        let left = match self.0.first() {
            _ if !was_oldest => Left::AsItWas,
            Some(heard) => Left::Since(heard.at),
            None => Left::Nothing,
        };
        if self.0.first().is_some_and(|heard| heard.from.is_none()) {
            self.0.clear();
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<TicketNumber> = Some(TicketNumber(1));
    const TWO: Option<TicketNumber> = Some(TicketNumber(2));

    #[track_caller]
    fn check(heard: &[Option<TicketNumber>], parts: &[(u64, Left)]) {
        let mut borrowed = Borrowed::default();
        for (at, from) in heard.iter().enumerate() {
            borrowed.hear(at == 0, Timestamp(at as i64), *from);
        }
        let left = parts.iter().map(|(ticket, _)| (*ticket, borrowed.part(TicketNumber(*ticket))));
        assert_eq!(Vec::from_iter(left), parts, "{heard:?}");
    }

    #[test]
    fn what_is_left_is_the_oldest_message_that_is_not_gone() {
        check(&[ONE], &[(2, Left::AsItWas), (1, Left::Nothing), (1, Left::AsItWas)]);
        check(&[ONE, ONE, None, None], &[(1, Left::Since(Timestamp(2))), (2, Left::AsItWas)]);
        check(&[ONE, TWO, ONE], &[(2, Left::AsItWas), (1, Left::Nothing)]);
        check(&[ONE, TWO, None], &[(1, Left::Since(Timestamp(1))), (2, Left::Since(Timestamp(2)))]);
        check(&[None, ONE], &[(1, Left::AsItWas)]);
    }

    #[test]
    fn what_came_before_an_answer_is_not_looked_at_again() {
        let mut borrowed = Borrowed::default();
        borrowed.hear(true, Timestamp(0), ONE);
        borrowed.clear();
        assert_eq!((borrowed.is_empty(), borrowed.part(TicketNumber(1))), (true, Left::AsItWas));
        // As for a ticket whose opening is unanswered.
        borrowed.hear(false, Timestamp(1), ONE);
        assert_eq!(borrowed.part(TicketNumber(1)), Left::AsItWas);
    }
}
