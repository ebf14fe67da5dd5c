//! What is written to a merged ticket arrives on the other one whole: the message, and the files that came with it.

use super::work::{a_merged_ticket, a_snoozed_ticket};
use super::*;
use crate::media_type::MediaType;
use crate::names::{FileDigest, FileName, TicketNumber};
use crate::ticket::counterpart::effects;
use crate::ticket::enclosed::{ATTACHMENTS_MAX, Attachment, SentFile};
use crate::ticket::event::{Attached, Unmerged};
use proptest::prelude::*;
use proptest::sample::select;

const THIS: TicketNumber = TicketNumber(17);
const OTHER: TicketNumber = TicketNumber(18);

fn file(number: u8) -> Attachment {
    let sent = Some(SentFile { media_type: MediaType::Png, bytes: u64::from(number) + 1 });
    let name = FileName::new(format!("{number}.png")).unwrap();
    Attachment { digest: FileDigest::of([number; 32]), name, sent }
}

/// The files that events bring, in their order.
fn files(events: &[TicketEvent]) -> Vec<&Attached> {
    let mut files = Vec::new();
    for event in events {
        if let TicketEvent::Attached(file) = event {
            files.push(file.as_ref());
        }
    }
    files
}

/// What a command on the merged ticket comes to there and on the other.
fn both(command: &TicketCommand, that: &Ticket) -> [Vec<TicketEvent>; 2] {
    let before = ticket(a_merged_ticket());
    let events = TicketDecider::decide(command, &before).unwrap();
    let effects = effects(THIS, &before, &events, that).unwrap();
    [events, effects]
}

#[test]
fn the_files_of_a_message_to_a_merged_ticket_arrive_with_it() {
    let said = customer_reply(7).enclosing(vec![file(1), file(2)], None);
    let [here, there] = both(&customer(said), &ticket(a_resolved_ticket()));
    assert_eq!(there[1..3], here[1..3]);
    assert_eq!(files(&there).len(), 2);
    assert!(matches!((&there[0], &there[3]), (TicketEvent::Forwarded(_), TicketEvent::Reopened(_))));
    let that = after_events(a_resolved_ticket(), &there);
    for file in files(&here) {
        let known = &that.memory.attachments[&file.digest];
        assert_eq!((known.public_name.as_ref(), known.bytes), (Some(&file.name), file.bytes));
    }
}

#[test]
fn the_files_of_a_note_on_a_merged_ticket_stay_there() {
    let [here, there] = both(&agent(note(7).enclosing(vec![file(1)], None)), &ticket(an_open_ticket()));
    assert_eq!((files(&here).len(), there), (1, vec![]));
}

#[test]
fn a_file_of_a_ticket_that_stands_by_itself_again_goes_nowhere() {
    let apart = [a_merged_ticket(), vec![TicketEvent::Unmerged(Unmerged { from: OTHER })]].concat();
    let said = customer_reply(7).enclosing(vec![file(1)], None);
    let events = TicketDecider::decide(&customer(said), &ticket(apart.clone())).unwrap();
    assert_eq!(crate::ticket::counterpart::other(&events, &ticket(apart)), None);
}

fn after_events(given: Vec<TicketEvent>, events: &[TicketEvent]) -> Ticket {
    events.iter().fold(ticket(given), TicketDecider::evolve)
}

proptest! {
    /// Whatever is written while it is merged, and however the other stands: each public message is on both tickets with the
    /// same files in the same order right behind it, and stays so on the one it was written to once they are apart.
    #[test]
    fn a_message_is_on_both_tickets_with_the_same_files(
        said in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec(0..4_u8, 0..=ATTACHMENTS_MAX)), 1..6),
        that in select(vec![a_new_ticket(), an_open_ticket(), a_pending_ticket(), a_snoozed_ticket(), a_resolved_ticket()]),
    ) {
        let (mut this, mut that) = (ticket(a_merged_ticket()), ticket(that));
        let mut public = Vec::new();
        for (number, (by_customer, numbers)) in said.into_iter().enumerate() {
            let enclosed: Vec<_> = numbers.iter().map(|number| file(*number)).collect();
            let number = 100 + number as u128;
            let command = if by_customer {
                customer(customer_reply(number).enclosing(enclosed, None))
            } else {
                agent(note(number).enclosing(enclosed, None))
            };
            let here = TicketDecider::decide(&command, &this).unwrap();
            let there = effects(THIS, &this, &here, &that).unwrap();
            prop_assert_eq!(files(&there), if by_customer { files(&here) } else { vec![] });
            let behind = there.iter().skip(1).take(files(&there).len());
            prop_assert!(behind.into_iter().all(|event| matches!(event, TicketEvent::Attached(_))));
            if by_customer {
                public.extend(files(&here).into_iter().map(|file| file.digest.clone()));
            }
            this = here.iter().fold(this, TicketDecider::evolve);
            that = there.iter().fold(that, TicketDecider::evolve);
        }
        this = TicketDecider::evolve(this, &TicketEvent::Unmerged(Unmerged { from: OTHER }));
        for digest in &public {
            prop_assert!(this.memory.attachments[digest].public_name.is_some());
            prop_assert_eq!(&this.memory.attachments[digest].public_name, &that.memory.attachments[digest].public_name);
        }
        prop_assert!(that.memory.attachments.len() <= public.len());
    }
}
