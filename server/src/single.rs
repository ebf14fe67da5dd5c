//! Headers of which there may be one: two would leave open which of them counts.

use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue};

/// The value of a header, if it is there.
///
/// # Errors
/// A problem when it is there twice.
pub fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Problem::invalid(name, "must be given once")),
    }
}
