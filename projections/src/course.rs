//! How rows follow what the clocks of a ticket run by.

use crate::log_event::LogEvent;
use docket_core::record::Origin;
use docket_core::sla::Course;
use docket_core::ticket::TicketEvent;

/// Takes an event of a ticket, and tells whether its clocks have to be judged anew.
pub(crate) fn follow(course: &mut Option<Course>, event: &LogEvent, ticket_event: &TicketEvent) -> bool {
    let at = event.occurred_at;
    if let TicketEvent::Opened(opened) = ticket_event {
        *course = Some(Course::opened(at, opened.priority));
    }
    let Some(followed) = course else { return false };
    let before = followed.moments.len();
    followed.take(at, event.actor.role, ticket_event);
    if event.origin == Origin::Import {
        followed.imported(at, event.recorded_at);
    }
    // Undoing a merge may put one moment in the place of another.
    followed.moments.len() != before
        || matches!(ticket_event, TicketEvent::Opened(_) | TicketEvent::Unmerged(_))
}
