//! Gives out ticket numbers, without gaps as far as one process can see.

use super::CommandHandler;
use crate::names::{StreamName, StreamVersion, TicketNumber};
use crate::store::{EventStore, ReadError};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

/// The longest run of numbers without a ticket that a search looks behind.
const GAP_MAX: u64 = 64;

/// The next number, and those that came back because no ticket was opened with them.
pub(super) struct Numbers(Mutex<(u64, BinaryHeap<Reverse<u64>>)>);

impl Numbers {
    /// Goes on after the highest number that is taken.
    pub(super) fn after(highest: Option<TicketNumber>) -> Self {
        Self(Mutex::new((highest.map_or(1, |number| number.0 + 1), BinaryHeap::new())))
    }

    /// Takes a number; nobody else gets it unless it is given back.
    pub(super) fn take(&self) -> TicketNumber {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Reverse(number)) = state.1.pop() {
            return TicketNumber(number);
        }
        let number = state.0;
        state.0 += 1;
        TicketNumber(number)
    }

    /// Gives back a number that no ticket was opened with.
    pub(super) fn give_back(&self, number: TicketNumber) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.push(Reverse(number.0));
    }

    /// Takes note that numbers up to here are taken, also by others.
    pub(super) fn skip_to(&self, highest: Option<TicketNumber>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let highest = highest.map_or(0, |number| number.0);
        state.0 = state.0.max(highest + 1);
        state.1.retain(|Reverse(number)| *number > highest);
    }
}

impl CommandHandler {
    /// Finds the highest ticket number in a log by reading its streams, so that the handler can go on after it.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn highest_number(store: &dyn EventStore) -> Result<Option<TicketNumber>, ReadError> {
        // Numbers are given out in order, so a doubling search bounds a binary search. A crash between taking
        // numbers and using them leaves gaps, each as short as the commands that were under way.
        let exists = async |number: u64| {
            let stream = StreamName::ticket(TicketNumber(number));
            store.read_stream(&stream, StreamVersion::NONE, 1).await.map(|records| !records.is_empty())
        };
        if !exists(1).await? {
            return Ok(None);
        }
        let mut taken = 1;
        loop {
            let mut free = taken + 1;
            while exists(free).await? {
                (taken, free) = (free, free.saturating_mul(2));
            }
            while free - taken > 1 {
                let middle = taken + (free - taken) / 2;
                if exists(middle).await? { taken = middle } else { free = middle }
            }
            // What was found may be a gap; whatever lies right behind it is found from here.
            let mut behind = None;
            for number in taken + 2..=taken + GAP_MAX {
                if exists(number).await? {
                    behind = Some(number);
                }
            }
            match behind {
                Some(number) => taken = number,
                None => break,
            }
        }
        Ok(Some(TicketNumber(taken)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_comes_back_is_given_out_again_first() {
        let numbers = Numbers::after(Some(TicketNumber(7)));
        assert_eq!((numbers.take().0, numbers.take().0), (8, 9));
        numbers.give_back(TicketNumber(8));
        assert_eq!((numbers.take().0, numbers.take().0), (8, 10));
    }

    #[test]
    fn numbers_that_others_took_are_skipped() {
        let numbers = Numbers::after(None);
        numbers.give_back(numbers.take());
        numbers.skip_to(Some(TicketNumber(5)));
        assert_eq!(numbers.take().0, 6);
    }
}
