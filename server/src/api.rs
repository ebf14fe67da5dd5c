//! The whole API on one screen. Each route's handler is in the file of its resource.

pub(crate) mod attachments;
mod body;
mod clocks;
pub(crate) mod commands;
mod cursor;
mod customer_access;
mod customers;
mod description;
mod drafts;
pub(crate) mod enclosed;
mod events;
mod figures;
mod health;
mod import;
mod letting_in;
mod me;
mod my;
mod parameters;
mod projections;
mod queue;
mod refusals;
mod reports;
pub(crate) mod routing;
mod search;
pub(crate) mod session;
mod settings;
mod shapes;
mod staff;
mod tickets;
mod viewer;
mod views;
mod webhooks;
mod writing;

use crate::app::App;
use crate::problem::Problem;
use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse;
use axum::routing::get;
pub use body::BODY_BYTES_MAX;
pub(crate) use body::read as read_body;
pub use commands::bulk::BULK_MISSED_BYTES_MAX;
pub use commands::bulk::BULK_TICKETS_MAX;
pub use drafts::DraftView;
pub(crate) use events::{PAGE_EVENTS_MAX, WAIT_MS_MAX};
pub(crate) use figures::FACTS_PER_PAGE_MAX;
pub use import::{IMPORT_BATCH_EVENTS, IMPORT_BYTES_MAX};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
pub(crate) use webhooks::LETTERS_PER_PAGE_MAX;

/// Where bodies are not read before their handlers.
pub(crate) const STREAMED: [&str; 3] =
    [import::IMPORT, attachments::upload::ATTACHMENTS, attachments::upload::MY_ATTACHMENTS];

/// All routes of the API, and their description.
pub fn router() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (routes, description) = routes().split_for_parts();
    (routes, description::complete(description))
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(description::begun())
        .routes(routes!(session::me))
        .routes(routes!(session::sign_in))
        .routes(routes!(session::accept_invitation))
        .routes(routes!(session::sign_out))
        .routes(routes!(me::change_password))
        .routes(routes!(me::sessions))
        .routes(routes!(me::revoke_session))
        .routes(routes!(me::tokens, me::make_token))
        .routes(routes!(me::revoke_token))
        .routes(routes!(queue::read_queue))
        .routes(routes!(search::read_search))
        .routes(routes!(commands::open_ticket))
        .routes(routes!(tickets::read_ticket))
        .routes(routes!(tickets::read_timeline))
        .routes(routes!(tickets::read_sla))
        .routes(routes!(routing::read_decisions))
        .routes(routes!(routing::read_destinations))
        .routes(routes!(routing::read_roster))
        .routes(routes!(routing::try_rules))
        .routes(routes!(commands::bulk::bulk))
        .routes(routes!(commands::work::take))
        .routes(routes!(commands::assign))
        .routes(routes!(commands::unassign))
        .routes(routes!(commands::offer))
        .routes(routes!(commands::change_team))
        .routes(routes!(commands::change_priority))
        .routes(routes!(commands::change_category))
        .routes(routes!(writing::reply))
        .routes(routes!(writing::customer_reply))
        .routes(routes!(writing::note))
        .routes(routes!(writing::render_template))
        .routes(routes!(commands::set_pending))
        .routes(routes!(commands::set_open))
        .routes(routes!(commands::escalate))
        .routes(routes!(commands::work::acknowledge))
        .routes(routes!(commands::work::hand_back))
        .routes(routes!(commands::work::snooze))
        .routes(routes!(commands::resolve))
        .routes(routes!(commands::confirm))
        .routes(routes!(commands::refuse))
        .routes(routes!(commands::reopen))
        .routes(routes!(commands::seal))
        .routes(routes!(commands::work::tag))
        .routes(routes!(commands::work::set_field))
        .routes(routes!(commands::work::follow))
        .routes(routes!(commands::work::unfollow))
        .routes(routes!(commands::work::link))
        .routes(routes!(commands::work::unlink))
        .routes(routes!(commands::work::merge))
        .routes(routes!(commands::work::unmerge))
        .routes(routes!(drafts::read, drafts::save, drafts::discard))
        .routes(routes!(attachments::upload::upload))
        .routes(routes!(attachments::upload::upload_mine))
        .routes(routes!(attachments::take_back::take_back))
        .routes(routes!(attachments::take_back::take_back_mine))
        .routes(routes!(attachments::download::download))
        .routes(routes!(attachments::download::download_mine))
        .routes(routes!(my::list, my::commands::open))
        .routes(routes!(my::read))
        .routes(routes!(my::commands::reply))
        .routes(routes!(my::closing::confirm))
        .routes(routes!(my::closing::refuse))
        .routes(routes!(my::closing::rate))
        .routes(routes!(customer_access::make_link))
        .routes(routes!(customer_access::make_survey_link))
        .routes(routes!(customer_access::invite))
        .routes(routes!(import::import))
        .routes(routes!(events::read_events))
        .routes(routes!(events::stream_events))
        .routes(routes!(reports::read_metrics))
        .routes(routes!(reports::read_attainment))
        .routes(routes!(figures::read_figures))
        .routes(routes!(figures::read_facts))
        .routes(routes!(staff::list, staff::add))
        .routes(routes!(staff::read_member))
        .routes(routes!(staff::rename))
        .routes(routes!(staff::change_role))
        .routes(routes!(staff::change_teams))
        .routes(routes!(staff::change_skills))
        .routes(routes!(staff::change_permissions))
        .routes(routes!(staff::change_capacity))
        .routes(routes!(staff::set_availability))
        .routes(routes!(staff::deactivate))
        .routes(routes!(staff::reactivate))
        .routes(routes!(letting_in::invite))
        .routes(routes!(letting_in::sessions))
        .routes(routes!(letting_in::revoke_sessions))
        .routes(routes!(letting_in::tokens))
        .routes(routes!(letting_in::revoke_token))
        .merge(settings::router())
        .routes(routes!(customers::list_customers, customers::add_customer))
        .routes(routes!(customers::read_customer))
        .routes(routes!(customers::change_customer))
        .routes(routes!(customers::change_customer_account))
        .routes(routes!(customers::list_accounts, customers::add_account))
        .routes(routes!(customers::read_account))
        .routes(routes!(customers::change_account))
        .routes(routes!(views::list, views::save))
        .routes(routes!(views::remove))
        .merge(webhooks::router())
        .routes(routes!(projections::list))
        .routes(routes!(projections::rebuild))
        .routes(routes!(projections::roll_back))
        .routes(routes!(projections::retry))
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
}

/// The routes with the description served beside them, and problems for what is not there.
pub fn routes_with_description() -> Router<App> {
    let (router, description) = router();
    let description = Bytes::from(serde_json::to_vec(&description).expect("a description is JSON"));
    router
        .route(viewer::DESCRIPTION, get(move || viewer::description(description.clone())))
        .route("/api/docs", get(viewer::entrance))
        .route("/api/docs/", get(viewer::page))
        .route("/api/docs/{file}", get(viewer::file))
        .fallback(|| async { Problem::not_found().into_response() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed().into_response() })
}
