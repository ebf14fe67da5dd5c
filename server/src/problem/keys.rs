//! What is wrong with an `Idempotency-Key`, or what became of the request that had it.

use super::Problem;
use axum::http::StatusCode;

impl Problem {
    /// The key was used for something else.
    pub fn key_reused() -> Self {
        let detail = "this Idempotency-Key was used before with another request; choose a new one";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail)
    }

    /// The same request is being carried out.
    pub fn request_in_flight() -> Self {
        let detail = "a request with this Idempotency-Key is being carried out; send it again for its answer";
        Self::new(StatusCode::CONFLICT, "request-in-flight", detail)
    }

    /// The same request was carried out, and its answer is nowhere.
    pub fn answered_before() -> Self {
        let detail = "a request with this Idempotency-Key was carried out, and its answer is not kept since it is about \
                      a secret; look how things stand, and use a new key to do it again";
        Self::new(StatusCode::CONFLICT, "answered-before", detail)
    }

    /// The same request was begun, and nobody knows how it ended.
    pub fn key_interrupted() -> Self {
        let detail = "a request with this Idempotency-Key was begun, and the server ended before it was answered; look \
                      how things stand, and use a new key to do it again";
        Self::new(StatusCode::CONFLICT, "key-interrupted", detail)
    }

    /// There is no room, or no file, to remember a keyed request.
    pub fn answers_unavailable() -> Self {
        let detail = "keyed requests cannot be remembered now; nothing was done, try again later";
        Self::unavailable("answers-unavailable", detail)
    }
}
