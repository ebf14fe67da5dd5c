//! The page that says no: what is wrong in words, and where to go from there.

use super::customer;
use super::frame::{Frame, deliver_problem, render};
use super::language::Visit;
use super::texts::Texts;
use crate::problem::Problem;
use askama::Template;
use axum::response::Response;
use docket_core::actor::Role;
use docket_core::names::TicketNumber;

/// Where most people go on.
const QUEUE: &str = "/queue?lane=new";

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    t: &'static Texts,
    frame: Frame,
    title: String,
    text: &'a str,
    hint: Option<&'a str>,
    again: Option<&'a str>,
    /// Where to go from here, and what that is called.
    back: (&'static str, &'static str),
}

/// What a problem is called in a language.
pub(super) fn text(texts: &Texts, problem: &Problem) -> &'static str {
    texts.problem(problem.code).unwrap_or(texts.problem_internal)
}

/// The page for a problem.
pub(super) fn page(visit: &Visit, problem: &Problem) -> Response {
    let t = visit.texts;
    let back = match problem.refused_role {
        Some(Role::Customer) => return customer::refused(visit, problem),
        // What an analyst may look at.
        Some(Role::Analyst) => ("/reports", t.error_back_reports),
        Some(Role::Agent | Role::Supervisor | Role::Auditor | Role::Admin | Role::System | Role::Unknown)
        | None => (QUEUE, t.error_back),
    };
    let again = problem.retry_after_s.map(|_| visit.here.as_str());
    let (title, text) = (t.error_title.to_owned(), text(t, problem));
    let page = ErrorPage { t, frame: Frame::bare(visit), title, text, hint: None, again, back };
    deliver_problem(problem, render(&page))
}

/// The page for a ticket that is not there.
pub(super) fn no_ticket(visit: &Visit, number: TicketNumber, problem: &Problem) -> Response {
    let t = visit.texts;
    let title = t.error_ticket(t.number(number.0)).to_string();
    let (text, hint) = (text(t, problem), Some(t.error_ticket_hint));
    let page = ErrorPage {
        t,
        frame: Frame::bare(visit),
        title,
        text,
        hint,
        again: None,
        back: (QUEUE, t.error_back),
    };
    deliver_problem(problem, render(&page))
}

#[cfg(test)]
mod tests {
    use crate::pages::texts::TEXTS;
    use docket_core::actor::Role;
    use docket_core::settings::SettingRefusal;
    use docket_core::staff::StaffRefusal;
    use docket_core::ticket::TicketRefusal;
    use docket_core::ticket::command::ActionName;
    use docket_core::ticket::refusal::Bound;
    use docket_core::views::ViewRefusal;
    use docket_core::webhook::WebhookRefusal;

    #[test]
    fn every_refusal_of_a_rule_has_its_words_in_every_language() {
        let (role, action) = (Role::Analyst, ActionName::Reply);
        let slug = || docket_core::names::Slug::new("other").unwrap();
        let id = || docket_core::names::ActorId::new("ines").unwrap();
        let other = docket_core::names::TicketNumber(2);
        let of_tickets = [
            TicketRefusal::NotFound,
            TicketRefusal::AlreadyOpened,
            TicketRefusal::Resolved,
            TicketRefusal::NotResolved,
            TicketRefusal::AlreadyResolved { resolution: "solved".into() },
            TicketRefusal::Sealed,
            TicketRefusal::NoAssignee,
            TicketRefusal::NotStarted,
            TicketRefusal::Role { role, action },
            TicketRefusal::RoleMayNotOpen { role },
            TicketRefusal::EscalatedToItself,
            TicketRefusal::OfSomebodyElse { assignee: id() },
            TicketRefusal::UnknownAssignee { id: id() },
            TicketRefusal::UnknownSupervisor { id: id() },
            TicketRefusal::TeamWithoutMembers { team: slug() },
            TicketRefusal::NotEscalated,
            TicketRefusal::NotTheReceiver,
            TicketRefusal::SnoozeOutOfRange,
            TicketRefusal::TooMany { what: Bound::Tags, max: 1 },
            TicketRefusal::Merged { into: other },
            TicketRefusal::MergedIntoSealed { other },
            TicketRefusal::NotMerged,
            TicketRefusal::MergedIntoItself,
            TicketRefusal::MergedInACircle { other },
            TicketRefusal::TargetMerged { other, into: other },
            TicketRefusal::TargetSealed { other },
            TicketRefusal::TargetFull { other, max: 1 },
            TicketRefusal::HasMerged { other },
            TicketRefusal::OfAnotherCustomer { other },
            TicketRefusal::LinkedToItself,
            TicketRefusal::OtherNotFound { other },
            TicketRefusal::UnknownTeam { team: slug() },
            TicketRefusal::UnknownCategory { category: slug() },
            TicketRefusal::UnknownReason { reason: slug() },
            TicketRefusal::UnknownResolution { resolution: slug() },
            TicketRefusal::UnknownTemplate { template: slug() },
            TicketRefusal::TemplateValueMissing { variables: Vec::new() },
            TicketRefusal::RenderedTooLong,
            TicketRefusal::UnknownAttachment,
            TicketRefusal::NoMessageToAttachTo,
            TicketRefusal::TooManyAttachments,
        ];
        let of_the_staff = [
            StaffRefusal::Role { role },
            StaffRefusal::NotFound,
            StaffRefusal::AlreadyThere,
            StaffRefusal::Inactive,
            StaffRefusal::LastAdmin,
            StaffRefusal::NotOfStaff { role },
            StaffRefusal::TooManyTeams,
            StaffRefusal::UnknownTeam { team: slug() },
            StaffRefusal::TooMany,
        ];
        let of_views = [
            ViewRefusal::Role { role },
            ViewRefusal::Shared { role },
            ViewRefusal::NotFound,
            ViewRefusal::TooMany,
            ViewRefusal::TooManyShared,
        ];
        let name = String::new();
        let of_webhooks = [
            WebhookRefusal::Role { role },
            WebhookRefusal::NotFound,
            WebhookRefusal::AlreadyThere,
            WebhookRefusal::TooMany,
            WebhookRefusal::NoEvents,
            WebhookRefusal::UnknownEvent { name: name.clone() },
            WebhookRefusal::InternalEvent { name },
        ];
        let of_tickets = of_tickets.iter().map(TicketRefusal::code);
        // What no test of the API comes to: it would take thousands of changes.
        let of_settings = [SettingRefusal::TooManyItems, SettingRefusal::TooManyChanges];
        let of_settings = of_settings.iter().map(SettingRefusal::code);
        for code in of_tickets
            .chain(of_the_staff.iter().map(StaffRefusal::code))
            .chain(of_settings)
            .chain(of_views.iter().map(ViewRefusal::code))
            .chain(of_webhooks.iter().map(WebhookRefusal::code))
        {
            for texts in &TEXTS {
                assert!(texts.problem(code).is_some(), "{code} in {}", texts.code);
            }
        }
    }

    #[test]
    fn every_problem_has_its_words_in_every_language() {
        let source = concat!(include_str!("../problem.rs"), include_str!("../problem/webhooks.rs"));
        let made = ["StatusCode::", "unavailable("].into_iter().flat_map(|maker| source.split(maker).skip(1));
        // The first text after the status is the code, whether it stands on the same line or the next.
        let mut codes: Vec<&str> = made.filter_map(|rest| rest.split('"').nth(1)).collect();
        let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        codes.retain(|code| is_code(code));
        assert!(
            ["busy", "thread-moved", "webhook-lost"].iter().all(|code| codes.contains(code)),
            "{codes:?}"
        );
        for (texts, code) in TEXTS.iter().flat_map(|texts| codes.iter().map(move |code| (texts, code))) {
            assert!(texts.problem(code).is_some(), "{code} in {}", texts.code);
        }
    }
}
