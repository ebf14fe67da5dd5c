//! What fields and parameters may hold, as the description says it. Bounds and names are the domain's own, so that the
//! two cannot differ.

use crate::drafts::DraftKind;
use docket_core::actor::Role;
use docket_core::agent::Availability;
use docket_core::customer::fields::CUSTOM_FIELDS_MAX;
use docket_core::filter;
use docket_core::media_type::MediaType;
use docket_core::names;
use docket_core::sla::Target;
use docket_core::staff::Permission;
use docket_core::text;
use docket_core::ticket::event;
use docket_core::ticket::event::WaitingFor;
use docket_core::ticket::{Lane, OwnStatus, Status};
use docket_core::time::Timestamp;
use docket_core::webhook::{EVERYTHING, EndpointUrl, disclosure};
use docket_projections::ledger::{Dimension, Outcome as FactOutcome};
use docket_projections::reports::answer as reports;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// Declares the description of what a kind of field may hold, under its own name.
macro_rules! shapes {
    ($($(#[doc = $doc:literal])* $name:ident = $schema:expr;)*) => {$(
        $(#[doc = $doc])*
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let description = concat!($($doc),*).trim();
                $schema.description(Some(description)).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

shapes! {
    /// A stable short name of something that is configured: a category, a team, a reason.
    Slug = string(names::Slug::BYTES_MAX, "^[a-z0-9-]+$").examples(["billing"]);
    /// An opaque identifier of a person. At most 128 bytes of UTF-8.
    ActorId = string(names::ActorId::BYTES_MAX, r"^[^\u0000-\u001f\u007f-\u009f]+$").examples(["ines"]);
    /// An identifier that Docket gave.
    Id = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::Custom("uuid".to_owned())));
    /// One line of text, not blank. At most 512 bytes of UTF-8.
    Line = string(text::Line::BYTES_MAX,
        r"^[^\u0000\n\r\u2028\u2029]*[^\u0000\s][^\u0000\n\r\u2028\u2029]*$").examples(["I cannot pay"]);
    /// Text of any number of lines, not blank. At most 64 KiB of UTF-8.
    Text = string(text::Body::BYTES_MAX, r"^[^\u0000]*[^\u0000\s][^\u0000]*$")
        .examples(["It says that my card is refused."]);
    /// How urgent.
    Priority = one_of(event::Priority::ALL.map(event::Priority::as_str));
    /// The language that somebody is spoken to in.
    Language = one_of(["en", "es"]);
    /// By what a solution counts as confirmed.
    ConfirmedBy = one_of(["customer", "time"]);
    /// By which way a rating came.
    RatedThrough = one_of(event::RatedThrough::ALL.map(event::RatedThrough::as_str));
    /// How it was.
    Score = one_of(["good", "bad"]);
    /// The SHA-256 of a file.
    Digest = of_form("^[0-9a-f]{64}$").examples([format!("{:064x}", 0)]);
    /// What a file is called: no path, and no character that shows it as another. At most 255 bytes of UTF-8.
    FileNameText = string(names::FileName::BYTES_MAX,
        r"^[^/\\\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*[^/\\\u0000-\u0020\u007f-\u009f\u2028-\u202e\u2066-\u2069.\s][^/\\\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$")
        .examples(["invoice.pdf"]);
    /// What a file is.
    MediaTypeName = one_of(MediaType::ALL.map(MediaType::as_str));
    /// A file as it is.
    FileContent = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
    /// A file of JSON, as it is: any value.
    JsonContent = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    /// What a draft will be.
    DraftKindName = one_of(DraftKind::ALL.map(DraftKind::as_str));
    /// The way a ticket came in.
    Channel = one_of(["api", "portal", "web", "phone", "email", "import"]);
    /// What people who work here may do.
    StaffRole = one_of([Role::Agent, Role::Supervisor, Role::Auditor, Role::Analyst, Role::Admin].map(Role::as_str));
    /// A name of the IANA time zone database.
    Zone = string(names::ZoneName::BYTES_MAX, "^[!-~]+$").examples(["Europe/Madrid"]);
    /// A release of the IANA time zone database.
    Tzdata = string(names::TzdataVersion::BYTES_MAX, "^[!-~]+$").examples(["2026a"]);
    /// A day of the week.
    Weekday = one_of(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
    /// A day of the calendar.
    LocalDate = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .examples(["2027-12-25"]);
    /// What a template says, with variables such as `{{customer.name}}`. At most 8 KiB of UTF-8.
    TemplateBody = string(docket_core::settings::template::TEMPLATE_BYTES_MAX,
        r"^[^\u0000]*[^\u0000\s][^\u0000]*$").examples(["Hello {{customer.name}}, …"]);
    /// What somebody may do beyond what their role says.
    PermissionName = one_of(Permission::ALL.map(Permission::as_str));
    /// Whether somebody is there to take tickets.
    AvailabilityName = one_of(Availability::ALL.map(Availability::as_str));
    /// Fields of the business's own: a line of text by slug.
    CustomTexts = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Object))
        .max_properties(Some(CUSTOM_FIELDS_MAX))
        .property_names(Some(Slug::schema()))
        .additional_properties(Some(Line::schema()));
    /// A lane of the queue.
    LaneName = one_of(Lane::ALL.map(Lane::as_str));
    /// Why routing found nobody.
    WaitingForName = one_of(WaitingFor::ALL.map(WaitingFor::as_str));
    /// What a report is grouped by.
    GroupName = one_of(["category", "priority", "agent", "team"]);
    /// A report.
    ReportName = one_of(reports::ReportName::ALL.map(reports::ReportName::as_str));
    /// What figures are grouped by.
    DimensionName = one_of(Dimension::ALL.map(Dimension::as_str));
    /// What a trend goes by.
    EachName = one_of(["day", "week", "month"]);
    /// By which instant a fact belongs to a time.
    PlacedName = one_of(["began", "ended"]);
    /// How a fact stands.
    FactOutcomeName = one_of(FactOutcome::ALL.map(FactOutcome::as_str));
    /// A group, `(none)` for what has no name.
    GroupText = string(names::ActorId::BYTES_MAX, r"^[^\u0000-\u001f\u007f-\u009f]+$").examples(["billing"]);
    /// An instant, or a day of the calendar.
    InstantOrDay = OneOfBuilder::new()
        .item(of_format(KnownFormat::DateTime))
        .item(of_format(KnownFormat::Date))
        .examples(["2026-11-21"]);
    /// Where a ticket stands.
    StatusName = one_of(Status::ALL.map(Status::as_str));
    /// What a clock runs to.
    TargetName = one_of(Target::ALL.map(Target::as_str));
    /// Where a ticket stands, in the words for whoever asked. A message to one that is closed opens another.
    OwnStatusName = one_of(OwnStatus::ALL.map(OwnStatus::as_str));
    /// Where a ticket stands: in the staff's words, or the customer's.
    HitStatusName = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(
        Status::ALL.map(Status::as_str).into_iter().chain(OwnStatus::ALL.map(OwnStatus::as_str))
    ));
    /// What came of a command: `found` when the same one had been sent before, `already_so` when the wish already held.
    OutcomeName = one_of(["appended", "found", "already_so"]);
    /// A ticket's number.
    TicketNumber = integer(1, i64::MAX as u64);
    /// A position of the log; 0 is before the first.
    Position = integer(0, u64::MAX);
    /// An instant.
    Instant = of_format(KnownFormat::DateTime)
        .examples([Timestamp(1_795_253_400_000).to_rfc3339()]);
    /// Where to send events: an https address with a public host, at port 443 or at one of 1024 and above.
    HookUrl = of_form(r"^[Hh][Tt][Tt][Pp][Ss]?://[!$-;=?-\[\]_a-z~]+$")
        .max_length(Some(EndpointUrl::BYTES_MAX)).examples(["https://hooks.example.com/in"]);
    /// The name of an event that is sent, or `*` for all of them.
    HookEventName = ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
        .enum_values(Some(disclosure::NAMES.iter().copied().chain([EVERYTHING])));
    /// A name of your choice: 1 to 128 visible ASCII characters.
    Key = string(crate::idempotency::KEY_BYTES_MAX, "^[!-~]+$");
    /// The ETag that was decided on, or `*`.
    SeenTag = of_form(r#"^(\*|"[1-9][0-9]{0,19}")$"#).examples(["\"7\""]);
    /// The cursor of a page.
    Cursor = of_form("^[0-9a-f]{112}$");
    /// The cursor of a page in the order of identifiers.
    DirectoryCursor = of_form("^([0-9a-f]{2}){33,160}$");
    /// Operators, and where it is said words and phrases: at most 1,024 bytes of UTF-8.
    Filter = string(filter::TEXT_BYTES_MAX, r"^[^\u0000-\u0008\u000e-\u001f\u007f-\u009f]*$")
        .min_length(Some(0))
        .examples(["status:open"]);
    /// Where a text was found; a note is what only the staff may read.
    FoundInName = one_of(["subject", "message", "note"]);
    /// In which role something was said.
    RoleName = one_of(Role::ALL.map(Role::as_str));
}

/// A text of so many characters at most. Where the domain counts bytes, the shape's own words say so.
fn string(max: usize, pattern: &str) -> ObjectBuilder {
    of_form(pattern).min_length(Some(1)).max_length(Some(max))
}

fn of_form(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some(pattern))
}

/// A text in a format that JSON Schema names.
fn of_format(format: KnownFormat) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .format(Some(SchemaFormat::KnownFormat(format)))
}

fn one_of<const N: usize>(names: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(names))
}

fn integer(min: u64, max: u64) -> ObjectBuilder {
    // The format has no name for more than 63 bits.
    let format = i64::try_from(max).is_ok().then_some(SchemaFormat::KnownFormat(KnownFormat::Int64));
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Integer))
        .format(format)
        .minimum(Some(min))
        .maximum(Some(max))
}

/// Where an escalation goes: into a team's queue, or to a supervisor in person.
pub(super) struct Destination;

impl PartialSchema for Destination {
    fn schema() -> RefOr<Schema> {
        let one = |name: &str, shape: RefOr<Schema>, other: &str| {
            let nothing = ObjectBuilder::new().schema_type(SchemaType::new(Type::Null));
            ObjectBuilder::new()
                .property(name, shape)
                .property(other, nothing)
                .required(name)
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        };
        OneOfBuilder::new()
            .item(one("team", Slug::schema(), "supervisor"))
            .item(one("supervisor", ActorId::schema(), "team"))
            .description(Some("Where to: one of the two"))
            .into()
    }
}

impl ToSchema for Destination {}

/// A number of rows in a page.
pub(super) fn up_to<const MAX: usize>() -> Schema {
    integer(1, MAX as u64).into()
}

/// A time to wait. Unit: milliseconds.
pub(super) fn wait_up_to<const MAX_MS: u64>() -> Schema {
    integer(0, MAX_MS).into()
}
