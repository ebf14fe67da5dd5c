//! Every action in every situation, as one table to read: `every_action.txt`.

use super::escalation::{acknowledge, an_escalated_ticket, hand_back};
use super::work::{a_merged_ticket, a_snoozed_ticket, set_field, snooze, tag};
use super::*;
use crate::names::TicketNumber;
use std::fmt::Write;

/// What a supervisor's wish comes to in each situation, the situations with the same outcome on one line.
///
/// `!` is a refusal, `nothing happens` an empty list of events. When a rule changes on purpose, change the
/// file by hand; the failing test prints the whole table.
const TABLE: &str = include_str!("every_action.txt");

fn actions() -> [(&'static str, Action); 36] {
    [
        ("open", Action::Open(Box::new(open()))),
        ("assign to ines", assign("ines")),
        ("assign to omar", assign("omar")),
        ("take", Action::Take),
        ("unassign", Action::Unassign),
        ("offer", Action::Offer),
        ("change team to billing", change_team(Some("billing"))),
        ("change priority to high", Action::ChangePriority { to: Priority::High }),
        ("change category to billing", Action::ChangeCategory { to: slug("billing") }),
        ("reply", reply(7)),
        ("reply and wait", reply_then_pending(7)),
        ("customer reply", customer_reply(7)),
        ("note", note(7)),
        ("set pending for the customer", set_pending("customer")),
        ("set pending for a third party", set_pending("third-party")),
        ("set open", Action::SetOpen),
        ("escalate to team billing", escalate(to_team("billing"))),
        ("escalate to supervisor lena", escalate(to_supervisor("lena"))),
        ("resolve as solved", resolve("solved")),
        ("resolve as spam", resolve("spam")),
        ("reopen", Action::Reopen),
        ("seal", Action::Seal),
        ("acknowledge", acknowledge()),
        ("return", hand_back()),
        ("snooze", snooze(1)),
        ("tag", tag(&["refund"], &[])),
        ("untag", tag(&[], &["refund"])),
        ("set field", set_field(Some("A-4711"))),
        ("follow", Action::Follow),
        ("unfollow", Action::Unfollow),
        ("link", Action::Link { to: TicketNumber(18) }),
        ("unlink", Action::Unlink { to: TicketNumber(18) }),
        ("merge", Action::Merge { into: TicketNumber(18) }),
        ("unmerge", Action::Unmerge),
        ("confirm", Action::Confirm),
        ("refuse", refuse(7)),
    ]
}

fn situations() -> [(&'static str, Vec<TicketEvent>); 11] {
    [
        ("none", vec![]),
        ("new", a_new_ticket()),
        ("returned", a_returned_ticket()),
        ("open", an_open_ticket()),
        ("pending", a_pending_ticket()),
        ("resolved", a_resolved_ticket()),
        ("reopened", a_reopened_ticket()),
        ("sealed", a_sealed_ticket()),
        ("escalated", an_escalated_ticket()),
        ("snoozed", a_snoozed_ticket()),
        ("merged", a_merged_ticket()),
    ]
}

fn outcome(given: Vec<TicketEvent>, action: Action) -> String {
    match TicketDecider::decide(&lead(action), &ticket(given)) {
        Ok(events) if events.is_empty() => "nothing happens".to_owned(),
        Ok(events) => {
            let names = events.into_iter().map(|event| crate::event::Event::Ticket(event).name());
            names.map(|name| name.trim_start_matches("ticket.")).collect::<Vec<_>>().join(" + ")
        }
        Err(refusal) => format!("!{}", refusal.code()),
    }
}

#[test]
fn every_action_comes_to_what_the_table_says_in_every_situation() {
    let mut table = String::new();
    for (name, action) in actions() {
        writeln!(table, "{name}").unwrap();
        let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
        for (situation, given) in situations() {
            let outcome = outcome(given, action.clone());
            match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, situations)) => situations.push(situation),
                None => outcomes.push((outcome, vec![situation])),
            }
        }
        for (outcome, situations) in outcomes {
            writeln!(table, "  {outcome:28} {}", situations.join(", ")).unwrap();
        }
    }
    assert!(table == TABLE, "the table is now:\n{table}");
}

#[test]
fn the_table_shows_every_action() {
    for name in crate::ticket::command::ActionName::ALL {
        assert!(actions().iter().any(|(_, action)| action.name() == Some(name)), "{name:?}");
    }
}
