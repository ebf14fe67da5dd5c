//! The page for customers, who have none of their own yet: it says where they stand, and where they do not.

use super::frame::{Frame, deliver, deliver_problem, render};
use super::language::Visit;
use super::texts::Texts;
use super::visible::Isolated;
use crate::problem::Problem;
use askama::Template;
use axum::response::Response;
use docket_core::names::ActorId;

#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage<'a> {
    t: &'static Texts,
    frame: Frame,
    /// Whose password was set just now.
    password_set: Option<Isolated<'a>>,
}

fn page(visit: &Visit, can_leave: bool, password_set: Option<&ActorId>) -> String {
    let frame = Frame { can_leave, ..Frame::outside(visit) };
    let password_set = password_set.map(|customer| Isolated(customer.as_str()));
    render(&CustomerPage { t: visit.texts, frame, password_set })
}

/// For a customer who has chosen a password.
pub(super) fn welcomed(visit: &Visit, customer: &ActorId) -> Response {
    deliver(page(visit, false, Some(customer)))
}

/// For a customer who signs in where the staff does, with the password that is theirs.
pub(super) fn known(visit: &Visit) -> Response {
    deliver(page(visit, false, None))
}

/// For a customer who has signed in elsewhere and comes to a page of the staff.
pub(super) fn refused(visit: &Visit, problem: &Problem) -> Response {
    deliver_problem(problem, page(visit, visit.has_session, None))
}
