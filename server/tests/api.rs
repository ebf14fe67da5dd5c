//! What the API promises: every route, every command and read, every error, and hostile input (promises I1 to I3).

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "support/call.rs"]
mod call;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/events.rs"]
mod events;
#[path = "support/moody.rs"]
mod moody;

#[path = "api/admin_actions.rs"]
mod admin_actions;
#[path = "api/any_input.rs"]
mod any_input;
#[path = "api/attachments.rs"]
mod attachments;
#[path = "api/bulk.rs"]
mod bulk;
#[path = "api/bulk_commands.rs"]
mod bulk_commands;
#[path = "api/clocks.rs"]
mod clocks;
#[path = "api/closing.rs"]
mod closing;
#[path = "api/codes.rs"]
mod codes;
#[path = "api/commands.rs"]
mod commands;
#[path = "api/customer_access.rs"]
mod customer_access;
#[path = "api/customer_pages.rs"]
mod customer_pages;
#[path = "api/customers.rs"]
mod customers;
#[path = "api/description.rs"]
mod description;
#[path = "api/drafts.rs"]
mod drafts;
#[path = "api/escalations.rs"]
mod escalations;
#[path = "api/feed.rs"]
mod feed;
#[path = "api/figures.rs"]
mod figures;
#[path = "api/filters.rs"]
mod filters;
#[path = "api/follow_up.rs"]
mod follow_up;
#[path = "api/guards.rs"]
mod guards;
#[path = "api/health.rs"]
mod health;
#[path = "api/idempotency.rs"]
mod idempotency;
#[path = "api/if_match.rs"]
mod if_match;
#[path = "api/import_bounds.rs"]
mod import_bounds;
#[path = "api/imports.rs"]
mod imports;
#[path = "api/input.rs"]
mod input;
#[path = "api/leaks.rs"]
mod leaks;
#[path = "api/letting_in.rs"]
mod letting_in;
#[path = "api/links.rs"]
mod links;
#[path = "api/merges.rs"]
mod merges;
#[path = "api/once.rs"]
mod once;
#[path = "api/own.rs"]
mod own;
#[path = "api/reach.rs"]
mod reach;
#[path = "api/reads.rs"]
mod reads;
#[path = "api/refusals.rs"]
mod refusals;
#[path = "api/reports.rs"]
mod reports;
#[path = "api/rules.rs"]
mod rules;
#[path = "api/search.rs"]
mod search;
#[path = "api/settings.rs"]
mod settings;
#[path = "api/staff.rs"]
mod staff;
#[path = "api/templates.rs"]
mod templates;
#[path = "api/text.rs"]
mod text;
#[path = "api/transport.rs"]
mod transport;
#[path = "api/views.rs"]
mod views;
#[path = "api/what_fails.rs"]
mod what_fails;
#[path = "api/work.rs"]
mod work;
