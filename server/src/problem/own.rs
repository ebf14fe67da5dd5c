//! What customers are told went wrong, where the staff is told more.

use super::Problem;
use axum::http::StatusCode;
use docket_core::handler::HandleError;
use docket_core::names::{OwnVersion, TicketNumber};
use docket_core::ticket::TicketRefusal;

impl Problem {
    /// A customer's command was decided on a version that they were never told.
    pub fn own_version_ahead(seen: OwnVersion, current: OwnVersion) -> Self {
        let detail =
            format!("the ticket is at version {current}, and has never been at {seen}; read it again");
        let problem = Self::new(StatusCode::PRECONDITION_FAILED, "version-ahead", detail);
        Self { current_version: Some(current.0), ..problem }
    }

    /// A customer answers on a ticket that was made part of another one of theirs. To unmerge it is the staff's affair.
    fn own_ticket_joined(into: TicketNumber) -> Self {
        let detail = format!(
            "this ticket was joined with your ticket #{into}, where it goes on; answer there, or write a message here, which \
             arrives there as well"
        );
        Self::new(StatusCode::CONFLICT, "ticket-joined", detail)
    }

    /// What a customer is told of a command that was not carried out. Versions and records of the stream would tell what
    /// the staff does among itself (promise S1), and what is in force stands where customers cannot look.
    pub fn for_customer(error: HandleError) -> Self {
        if let HandleError::Refused(TicketRefusal::Merged { into }) = &error {
            return Self::own_ticket_joined(*into);
        }
        let no_category = matches!(&error, HandleError::Refused(TicketRefusal::UnknownCategory { .. }));
        let problem = Self { current_version: None, missed: Vec::new(), ..Self::from(error) };
        if !no_category {
            return problem;
        }
        let detail = "there is no such category now; leave it out".to_owned();
        Self { detail, field: Some("category".to_owned()), ..problem }
    }
}
