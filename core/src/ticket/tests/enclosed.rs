//! What comes with a message: files and the template that it was written from, in the same append, right after it.

use super::*;
use crate::media_type::MediaType;
use crate::names::{FileDigest, FileName};
use crate::ticket::enclosed::{ATTACHMENTS_MAX, Attachment, SentFile, TemplateUse};
use crate::ticket::event::{Attached, TemplateUsed};

fn digest(number: u8) -> FileDigest {
    FileDigest::of([number; 32])
}

/// A file that whoever wishes it has sent.
fn sent(number: u8) -> Attachment {
    let sent = Some(SentFile { media_type: MediaType::Png, bytes: 7 });
    Attachment { sent, ..named(number) }
}

/// A file that is only named.
fn named(number: u8) -> Attachment {
    Attachment { digest: digest(number), name: FileName::new("a.png").unwrap(), sent: None }
}

fn attached(number: u8, message: Option<Uuid>, internal: bool) -> TicketEvent {
    TicketEvent::Attached(Box::new(Attached {
        message,
        digest: digest(number).to_string(),
        name: (&FileName::new("a.png").unwrap()).into(),
        media_type: "image/png".into(),
        bytes: 7,
        internal,
    }))
}

fn used() -> TemplateUse {
    TemplateUse { template: slug("password-reset"), version: 3, language: Language::Es }
}

fn template_used(reply: u128) -> TicketEvent {
    let TemplateUse { template, version, language } = used();
    TicketEvent::TemplateUsed(TemplateUsed { message: message(reply), template, version, language })
}

#[test]
fn what_comes_with_a_message_follows_it_at_once() {
    let reply = reply_then_pending(7).enclosing(vec![sent(1), sent(2)], Some(used()));
    let (first, second) = (attached(1, Some(message(7)), false), attached(2, Some(message(7)), false));
    let then = vec![replied(7), template_used(7), first, second, pending("customer")];
    check(a_new_ticket(), agent(reply), Happened(then));
    let said = customer_reply(7).enclosing(vec![sent(1)], None);
    let events = TicketDecider::decide(&customer(said), &ticket(a_resolved_ticket())).unwrap();
    assert_eq!(events[..2], [customer_replied(7), attached(1, Some(message(7)), false)]);
    assert!(matches!(events[2], TicketEvent::Reopened(_)));
    let open = Action::Open(Box::new(open())).enclosing(vec![sent(1)], None);
    check([], customer(open), Happened(vec![opened(), attached(1, None, false)]));
}

#[test]
fn a_file_of_a_note_is_for_the_staff() {
    let note = note(7).enclosing(vec![sent(1)], None);
    check(a_new_ticket(), agent(note), Happened(vec![noted(7), attached(1, Some(message(7)), true)]));
}

#[test]
fn a_file_that_was_not_sent_must_have_come_with_the_ticket_where_one_sees_it() {
    let with = |action: Action| action.enclosing(vec![named(1)], None);
    let unknown = || Refused(TicketRefusal::UnknownAttachment);
    check(a_new_ticket(), agent(with(reply(7))), unknown());
    let for_staff = || [a_new_ticket(), vec![noted(6), attached(1, Some(message(6)), true)]].concat();
    let then = vec![replied(7), attached(1, Some(message(7)), false)];
    check(for_staff(), agent(with(reply(7))), Happened(then));
    check(for_staff(), customer(with(customer_reply(7))), unknown());
    let shown = [for_staff(), vec![replied(7), attached(1, Some(message(7)), false)]].concat();
    let then = vec![customer_replied(8), attached(1, Some(message(8)), false)];
    check(shown, customer(with(customer_reply(8))), Happened(then));
}

#[test]
fn a_file_named_twice_came_once_and_no_more_than_ten_come() {
    let twice = note(7).enclosing(vec![sent(1), sent(1)], None);
    check(a_new_ticket(), agent(twice), Happened(vec![noted(7), attached(1, Some(message(7)), true)]));
    let files = |count: usize| (0..count as u8).map(sent).collect::<Vec<_>>();
    let most = TicketDecider::decide(
        &agent(note(7).enclosing(files(ATTACHMENTS_MAX), None)),
        &ticket(a_new_ticket()),
    );
    assert_eq!(most.unwrap().len(), 1 + ATTACHMENTS_MAX);
    let more = note(7).enclosing(files(ATTACHMENTS_MAX + 1), None);
    check(a_new_ticket(), agent(more), Refused(TicketRefusal::TooManyAttachments));
}

#[test]
fn a_message_that_is_refused_or_was_sent_before_brings_nothing() {
    let reply = || reply(7).enclosing(vec![sent(1)], Some(used()));
    check(a_sealed_ticket(), agent(reply()), Refused(TicketRefusal::Sealed));
    check([a_new_ticket(), vec![replied(7)]].concat(), agent(reply()), NothingHappened);
    // Only a message brings anything, and only a reply is written from a template.
    let with_file = assign("omar").enclosing(vec![sent(1)], None);
    check(a_new_ticket(), lead(with_file), Refused(TicketRefusal::NoMessageToAttachTo));
    let assign = assign("omar").enclosing(Vec::new(), Some(used()));
    check(a_new_ticket(), lead(assign), Happened(vec![assigned("omar")]));
    let note = note(8).enclosing(Vec::new(), Some(used()));
    check(a_new_ticket(), agent(note), Happened(vec![noted(8)]));
    let by_auditor = TicketCommand {
        actor: Actor { role: Role::Auditor, ..agent(Action::Unassign).actor },
        action: reply(),
    };
    let refused = TicketDecider::decide(&by_auditor, &ticket(a_new_ticket()));
    assert!(matches!(refused, Err(TicketRefusal::Role { .. })));
}
