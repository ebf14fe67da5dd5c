//! What an operation may answer beside what it is for, in one word per kind of operation, so that none is forgotten.

use crate::problem::Problem;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Components, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// An answer that says no: its status, its name among the description's components, and when it is given.
struct Refusal {
    status: &'static str,
    name: &'static str,
    meaning: &'static str,
}

const fn refusal(status: &'static str, name: &'static str, meaning: &'static str) -> Refusal {
    Refusal { status, name, meaning }
}

/// Whatever is asked: the listener's guards, who asks, and what may fail in a server.
const ANY: &[Refusal] = &[
    refusal("401", "NotSignedIn", "Nobody is signed in, or what was shown is not taken"),
    refusal("403", "NotAllowed", "Not for this role or token, or not from this site"),
    refusal("422", "Invalid", "A header, a parameter or a field is not taken; `field` says which"),
    refusal("429", "TooOften", "Asked too often: again after `Retry-After`"),
    refusal("431", "HeadTooLarge", "The address and the headers are too long"),
    refusal("500", "Failed", "The server failed; nothing was changed unless `outcome` says otherwise"),
    refusal("503", "NotNow", "Not now: try again after `Retry-After`"),
];

/// What the path names.
const OF_ONE: &[Refusal] = &[refusal("404", "NotFound", "What the path names is not there")];

/// A position of the log that it has not come to.
const AHEAD: &[Refusal] = &[refusal("409", "Conflict", "It does not fit how things stand; `code` says why")];

/// A body, and rules about what may follow from it.
const OF_CHANGES: &[Refusal] = &[
    refusal("400", "Malformed", "The body is not JSON, or it broke off"),
    refusal("408", "TooSlow", "The body did not come in time"),
    refusal("409", "Conflict", "It does not fit how things stand; `code` says why"),
    refusal("413", "BodyTooLarge", "The body is too large"),
    refusal("415", "MediaType", "The body is of a type that is not taken"),
];

/// A version that it was decided on.
const OF_VERSIONS: &[Refusal] = &[refusal(
    "412",
    "ThreadMoved",
    "Somebody wrote since: `missed` holds what you have not seen. Or the ticket never had that version",
)];

/// A version that has to be said.
const OF_REQUIRED_VERSIONS: &[Refusal] = &[refusal("428", "VersionRequired", "`If-Match` is missing")];

/// Every refusal, to be listed among the components.
const ALL: [&[Refusal]; 5] = [ANY, OF_ONE, OF_CHANGES, OF_VERSIONS, OF_REQUIRED_VERSIONS];

/// Declares a word for what some kind of operation may refuse.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $($group:ident)&*;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                listed(&[$($group),*])
            }
        }
    )*};
}

refusals! {
    /// Of a read that names nothing in its path.
    ReadRefusals = ANY;
    /// Of a read of one thing, named in its path.
    ReadOneRefusals = ANY & OF_ONE;
    /// Of a read of the log after a position.
    FeedRefusals = ANY & AHEAD;
    /// Of a POST that names nothing in its path.
    ChangeRefusals = ANY & OF_CHANGES;
    /// Of a POST on one thing, named in its path.
    ChangeOneRefusals = ANY & OF_ONE & OF_CHANGES;
    /// Of a POST on one thing that takes `If-Match`.
    CommandRefusals = ANY & OF_ONE & OF_CHANGES & OF_VERSIONS;
    /// Of a POST on one thing that requires `If-Match`.
    ThreadCommandRefusals = ANY & OF_ONE & OF_CHANGES & OF_VERSIONS & OF_REQUIRED_VERSIONS;
}

fn listed(groups: &[&[Refusal]]) -> BTreeMap<String, RefOr<Response>> {
    let refusals = groups.iter().copied().flatten();
    refusals
        .map(|refusal| (refusal.status.to_owned(), RefOr::Ref(Ref::from_response_name(refusal.name))))
        .collect()
}

/// Describes each refusal once, for the operations to refer to.
pub(super) fn describe(components: &mut Components) {
    for refusal in ALL.into_iter().flatten() {
        components.responses.insert(refusal.name.to_owned(), RefOr::T(refusal.described()));
    }
}

impl Refusal {
    fn described(&self) -> Response {
        let schema = Ref::from_schema_name(Problem::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let text = |description: &str, kind: Type| {
            let schema = ObjectBuilder::new().schema_type(SchemaType::new(kind)).build();
            HeaderBuilder::new().description(Some(description)).schema(Some(schema)).build()
        };
        let language = text("The language of `title`", Type::String);
        let response = ResponseBuilder::new()
            .description(self.meaning)
            .content("application/problem+json", content)
            .header("Content-Language", language);
        let response = match self.status {
            "429" | "503" => response.header("Retry-After", text("Seconds to wait", Type::Integer)),
            _ => response,
        };
        response.build()
    }
}
