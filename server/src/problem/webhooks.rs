//! What is wrong with a wish about webhooks.

use super::Problem;
use crate::webhooks::WebhookError;
use crate::webhooks::guard::NotAllowed;
use axum::http::StatusCode;
use docket_core::webhook::WebhookRefusal;

impl From<WebhookRefusal> for Problem {
    fn from(refusal: WebhookRefusal) -> Self {
        let of_events = matches!(
            refusal,
            WebhookRefusal::NoEvents
                | WebhookRefusal::UnknownEvent { .. }
                | WebhookRefusal::InternalEvent { .. }
        );
        let field = of_events.then(|| "events".to_owned());
        let status = match refusal {
            WebhookRefusal::NotFound => StatusCode::NOT_FOUND,
            WebhookRefusal::Role { .. } => StatusCode::FORBIDDEN,
            WebhookRefusal::AlreadyThere | WebhookRefusal::TooMany => StatusCode::CONFLICT,
            WebhookRefusal::NoEvents
            | WebhookRefusal::UnknownEvent { .. }
            | WebhookRefusal::InternalEvent { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { field, ..Self::new(status, refusal.code(), refusal.to_string()) }
    }
}

impl From<NotAllowed> for Problem {
    fn from(error: NotAllowed) -> Self {
        let detail = error.to_string();
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "webhook-address-refused", detail);
        Self { field: Some("url".into()), ..problem }
    }
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Settings(error) => error.into(),
            WebhookError::Address(error) => error.into(),
            WebhookError::Read(error) => error.into(),
            WebhookError::Lost => Self::new(StatusCode::CONFLICT, "webhook-lost", error.to_string()),
            WebhookError::File(_) | WebhookError::Damaged(_) | WebhookError::Secret(_) => {
                // Why is the operator's business.
                tracing::error!("what is kept of webhooks cannot be used: {error}");
                Self::unavailable("webhooks-unavailable", "webhooks cannot be changed now; try again later")
            }
        }
    }
}
