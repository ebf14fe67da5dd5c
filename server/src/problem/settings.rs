//! What rules about settings and about customers refuse, as problems.

use super::{Problem, shortened};
use axum::http::StatusCode;
use docket_core::agent::AgentRefusal;
use docket_core::customer::CustomerRefusal;
use docket_core::settings::SettingRefusal;

impl From<AgentRefusal> for Problem {
    fn from(refusal: AgentRefusal) -> Self {
        let status = match refusal {
            AgentRefusal::Role { .. } | AgentRefusal::OfAnother => StatusCode::FORBIDDEN,
            AgentRefusal::NotFound => StatusCode::NOT_FOUND,
            AgentRefusal::Inactive | AgentRefusal::TakesNoTickets { .. } => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<CustomerRefusal> for Problem {
    fn from(refusal: CustomerRefusal) -> Self {
        let status = match refusal {
            CustomerRefusal::Role { .. } => StatusCode::FORBIDDEN,
            CustomerRefusal::NotFound => StatusCode::NOT_FOUND,
            CustomerRefusal::AlreadyThere => StatusCode::CONFLICT,
            CustomerRefusal::UnknownAccount
            | CustomerRefusal::UnknownContact
            | CustomerRefusal::TooManyFields => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<SettingRefusal> for Problem {
    fn from(refusal: SettingRefusal) -> Self {
        use SettingRefusal as R;
        let status = match &refusal {
            R::NotFound { .. } => StatusCode::NOT_FOUND,
            R::Role { .. } => StatusCode::FORBIDDEN,
            R::Needed { .. }
            | R::InUse { .. }
            | R::HoldsTickets { .. }
            | R::TooManyItems
            | R::TooManyChanges => StatusCode::CONFLICT,
            R::Past { .. }
            | R::TemplateTooLong { .. }
            | R::UnknownVariable { .. }
            | R::UnbalancedBraces { .. }
            | R::TooManyRules
            | R::EmptyCondition { .. }
            | R::ShadowedRule { .. }
            | R::UnknownTeam { .. }
            | R::UnknownCategory { .. }
            | R::UnknownSchedule { .. }
            | R::TargetOutOfRange { .. }
            | R::NeverDue { .. }
            | R::WarningOutOfRange
            | R::UnknownZone { .. }
            | R::OtherTzdata { .. }
            | R::NeverOpen
            | R::ShiftOutOfRange { .. }
            | R::OverlappingShifts { .. }
            | R::HolidayTwice { .. }
            | R::ScheduleTooLong
            | R::DaysOutOfRange { .. }
            | R::SealedBeforeConfirmed => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, refusal.code(), shortened(&refusal.to_string()))
    }
}
