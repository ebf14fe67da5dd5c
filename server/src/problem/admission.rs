//! Why somebody is not let in, or not let do something: the refusals before any handler.

use super::Problem;
use crate::access::Scope;
use crate::credentials::{CredentialError, Denied};
use crate::letting_in::LettingInError;
use crate::rate_limit::Exhausted;
use axum::http::StatusCode;
use docket_core::actor::Role;

/// The code of a name or a password that is not right.
const SIGN_IN_REFUSED: &str = "sign-in-refused";

impl Problem {
    /// The role may not use this route (PRODUCT section 10).
    pub fn role_not_allowed(role: Role, allowed: &[Role]) -> Self {
        let allowed: Vec<&str> = allowed.iter().map(|role| role.as_str()).collect();
        let detail = format!("the role {} may not do this; {} may", role.as_str(), allowed.join(", "));
        Self { refused_role: Some(role), ..Self::new(StatusCode::FORBIDDEN, "role-not-allowed", detail) }
    }

    /// Somebody of the staff would rate for a customer.
    pub fn rating_of_the_customer() -> Self {
        let detail = "only the customer says how it was; send them the link";
        Self::new(StatusCode::FORBIDDEN, "role-not-allowed", detail)
    }

    /// The token does not have the scope.
    pub fn scope_missing(scope: Scope) -> Self {
        let detail = format!("this token lacks the scope {}; use one that has it", scope.as_str());
        Self::new(StatusCode::FORBIDDEN, "scope-missing", detail)
    }

    /// Only a person who has signed in may do it.
    pub fn session_needed() -> Self {
        let detail = "only somebody who has signed in with a password may do this, and no token or link";
        Self::new(StatusCode::FORBIDDEN, "session-needed", detail)
    }

    /// Nobody of that name has asked for anything, as far as whoever asks may know.
    pub fn customer_not_found() -> Self {
        let detail = "there is no customer of that name all of whose tickets you see; an admin sees them all";
        Self::new(StatusCode::NOT_FOUND, "customer-not-found", detail)
    }

    /// A customer who has chosen a password is let in anew by admins alone.
    pub fn customer_has_password() -> Self {
        let detail = "they have chosen a password; an admin can invite them to choose another";
        Self::new(StatusCode::CONFLICT, "customer-has-password", detail)
    }

    /// Whether signing in would help.
    pub fn asks_to_sign_in(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED.as_u16()
    }

    /// Whether it is that the name or the password is not right.
    pub fn is_wrong_password(&self) -> bool {
        self.code == SIGN_IN_REFUSED
    }

    /// Too many passwords are being checked.
    pub fn sign_in_busy() -> Self {
        Self::unavailable("sign-in-busy", "many people are signing in; try again in a moment")
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, denied.code(), denied.to_string())
    }
}

impl From<Exhausted> for Problem {
    fn from(exhausted: Exhausted) -> Self {
        let Exhausted { quota, retry_after_s } = exhausted;
        let detail = format!(
            "more than {} within {} seconds; try again in {retry_after_s} seconds",
            quota.burst, quota.window_s
        );
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail);
        Self { retry_after_s: Some(retry_after_s), ..problem }
    }
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        let detail = error.to_string();
        match error {
            CredentialError::Wrong => Self::new(StatusCode::UNAUTHORIZED, SIGN_IN_REFUSED, detail),
            CredentialError::CodeInvalid => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "code-invalid", detail)
            }
            CredentialError::Weak(_) => {
                let field = Some("password".to_owned());
                Self { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "password-weak", detail) }
            }
            CredentialError::NotFound => Self::not_found(),
            CredentialError::Busy => Self::sign_in_busy(),
            CredentialError::TooMany { .. } => {
                Self::new(StatusCode::CONFLICT, "too-many-credentials", detail)
            }
            CredentialError::File(_)
            | CredentialError::Damaged(_)
            | CredentialError::NoRandomness
            | CredentialError::NoThread => {
                // Why is the operator's business.
                tracing::error!("credentials cannot be used: {error}");
                Self::unavailable("credentials-unavailable", "signing in does not work now; try again later")
            }
        }
    }
}

impl From<LettingInError> for Problem {
    fn from(error: LettingInError) -> Self {
        match error {
            LettingInError::Staff(error) => error.into(),
            LettingInError::Customer(error) => error.into(),
            LettingInError::Credential(error) => error.into(),
            LettingInError::GivenBefore => Self::answered_before(),
        }
    }
}
