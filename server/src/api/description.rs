//! What the description says beside what stands with each route.

use super::refusals;
use crate::access::{self, Audience, Needs};
use crate::identity::COOKIE;
use crate::problem::Problem;
use axum::http::Method;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Content, RefOr, Required};

/// What an API token is called among the ways to be let in.
const TOKEN: &str = "token";

/// What a session is called among them.
const SESSION: &str = "session";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Docket",
        description = "Commands append events, reads show projections. People sign in and get a cookie; programs \
                       send an API token as `Authorization: Bearer …`."
    ),
    servers((url = "/", description = "This server")),
    components(schemas(Problem))
)]
struct Description;

/// The description before there are routes in it.
pub(super) fn begun() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// The description with what holds for all routes.
pub(super) fn complete(mut description: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let components = description.components.get_or_insert_default();
    refusals::describe(components);
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token")).build();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(token));
    let session = ApiKeyValue::with_description(COOKIE, "Set by signing in");
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in [(Method::GET, &mut item.get), (Method::POST, &mut item.post)] {
            let Some(operation) = operation else { continue };
            operation.security = Some(shown(&method, path));
            if let Some(rule) = access::rule(&method, path) {
                let said = operation.description.take().map_or(String::new(), |said| said + "\n\n");
                operation.description = Some(format!("{said}For {rule}."));
            }
            allow_no_body(operation, components);
        }
    }
    description
}

/// What is shown to be let in: either of the two, or nothing where everybody may ask.
fn shown(method: &Method, path: &str) -> Vec<SecurityRequirement> {
    let Some(rule) = access::rule(method, path) else { return Vec::new() };
    let needs = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    match (rule.audience, rule.needs) {
        (Audience::Everybody, _) => Vec::new(),
        (Audience::Roles(_), Needs::Session) => vec![needs(SESSION)],
        (Audience::Roles(_), Needs::Nothing | Needs::Scope(_) | Needs::Own) => {
            vec![needs(TOKEN), needs(SESSION)]
        }
    }
}

/// A body that is left out is read as one without fields.
fn allow_no_body(operation: &mut Operation, components: &Components) {
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && body.content.values().all(|content| may_be_empty(content, components))
    {
        body.required = Some(Required::False);
    }
}

/// Whether a body of this shape has no field that must be there.
fn may_be_empty(content: &RefOr<Content>, components: &Components) -> bool {
    let RefOr::T(Content { schema: Some(schema), .. }) = content else { return false };
    let schema = match schema {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            components.schemas.get(name).and_then(|schema| match schema {
                RefOr::T(schema) => Some(schema),
                RefOr::Ref(_) => None,
            })
        }
    };
    let is_object = |schema_type: &SchemaType| *schema_type == SchemaType::new(Type::Object);
    matches!(schema, Some(Schema::Object(object)) if is_object(&object.schema_type) && object.required.is_empty())
}
