//! What a message after the end becomes.

use super::*;
use crate::names::TicketNumber;
use crate::personal::{PersonalText, Sealed};
use crate::ticket::event::Priority;
use crate::ticket::follow_up::{LateMessage, follow_up};

const NUMBER: TicketNumber = TicketNumber(17);

fn late(text: &str) -> LateMessage {
    let (language, asked_in) = (None, Language::En);
    LateMessage { requester: id("noor"), body: body(text), channel: Channel::Api, language, asked_in }
}

fn opening() -> Opened {
    let TicketEvent::Opened(opened) = opened() else { panic!("the first event opens") };
    *opened
}

#[test]
fn a_follow_up_is_of_the_same_requester_and_subject_and_goes_to_the_team_that_knows_the_ticket() {
    let mut before = opening();
    before.requester.name = Some("Noor Haddad".into());
    before.requester.email = Some("noor@example.test".into());
    before.language = Some(Language::Es);
    let ticket = Ticket { team: Some(slug("billing")), category: Some(slug("content")), ..Ticket::default() };
    let open = follow_up(NUMBER, &ticket, Some(&before), late("Again."));
    assert_eq!((&open.requester, open.follows), (&id("noor"), Some(NUMBER)));
    assert_eq!(Some(open.subject.as_str()), before.subject.plain());
    let told = [&open.requester_name, &open.requester_email].map(|line| line.as_ref().unwrap().as_str());
    assert_eq!(told, ["Noor Haddad", "noor@example.test"]);
    assert_eq!((open.body.as_str(), open.channel), ("Again.", Channel::Api));
    assert_eq!((open.team, open.category), (ticket.team, ticket.category));
    // How urgent the one before was is told about the one before.
    assert_eq!((open.priority, open.language), (Priority::Normal, Language::Es));
}

#[test]
fn a_follow_up_is_in_the_language_of_its_requester_before_that_of_the_earlier_ticket() {
    let language = |known, earlier, asked_in| {
        let before = Opened { language: earlier, ..opening() };
        let late = LateMessage { language: known, asked_in, ..late("x") };
        follow_up(NUMBER, &Ticket::default(), Some(&before), late).language
    };
    let (en, es) = (Language::En, Language::Es);
    assert_eq!(language(Some(es), Some(en), en), es);
    assert_eq!(language(None, Some(es), en), es);
    assert_eq!(language(None, None, es), es);
}

#[test]
fn a_follow_up_of_what_cannot_be_read_has_the_first_line_of_the_message_as_its_subject() {
    let sealed =
        PersonalText::Sealed(Sealed { key: "k".into(), nonce: String::new(), sealed: String::new() });
    let hidden = Opened { subject: sealed, ..opening() };
    let imported = Opened { subject: "two\nlines".into(), ..opening() };
    for before in [None, Some(&hidden), Some(&imported)] {
        let subject = |text: &str| follow_up(NUMBER, &Ticket::default(), before, late(text)).subject;
        assert_eq!(subject("\n \u{2028}Still broken.\nSince Monday.").as_str(), "Still broken.");
        let long = "ñ".repeat(400);
        assert_eq!(subject(&long).as_str(), "ñ".repeat(256));
        // Nothing of it shows within the length of a line.
        let dark = format!("{}a", "\u{200b}".repeat(300));
        assert_eq!(subject(&dark).as_str(), "#17");
    }
}
