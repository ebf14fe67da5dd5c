//! Parameters that many operations take, each described once.

use super::shapes;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema};

/// Declares a word for a parameter.
macro_rules! parameters {
    ($($(#[doc = $doc:literal])* $name:ident = $place:ident $label:literal $required:ident $shape:ty;)*) => {$(
        $(#[doc = $doc])*
        pub(super) struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                let parameter = ParameterBuilder::new()
                    .name($label)
                    .parameter_in(ParameterIn::$place)
                    .required(Required::$required)
                    .description(Some(concat!($($doc),*).trim()))
                    .schema(Some(<$shape>::schema()));
                vec![parameter.build()]
            }
        }
    )*};
}

parameters! {
    /// The ticket's number.
    OfTicket = Path "number" True shapes::TicketNumber;
    /// The identifier of somebody of the staff.
    OfMember = Path "name" True shapes::ActorId;
    /// The identifier of a customer.
    OfCustomer = Path "name" True shapes::ActorId;
    /// The identifier of a session or a token.
    OfCredential = Path "id" True shapes::Id;
    /// The identifier of an account.
    OfAccount = Path "name" True shapes::ActorId;
    /// The file, by the SHA-256 of what is in it.
    OfFile = Path "digest" True shapes::Digest;
    /// What the draft will be.
    OfDraft = Path "kind" True shapes::DraftKindName;
    /// What an item of a catalogue is known by.
    OfSetting = Path "name" True shapes::Slug;
    /// The identifier of a saved view.
    OfView = Path "id" True shapes::Id;
    /// The endpoint that events are sent to.
    OfWebhook = Path "id" True shapes::Id;
    /// The read model's name.
    OfProjection = Path "name" True shapes::Slug;
    /// Which report.
    OfReport = Path "name" True shapes::ReportName;
    /// The same key never acts twice: sent again with the same request, it is answered with what came of the first.
    Keyed = Header "Idempotency-Key" False shapes::Key;
    /// The ETag that the command was decided on; it goes through whatever was said since, as without.
    IfMatch = Header "If-Match" False shapes::SeenTag;
    /// The ETag that the command was decided on: 412 when somebody wrote since. `*` acts whatever was said meanwhile.
    MustMatch = Header "If-Match" True shapes::SeenTag;
}
