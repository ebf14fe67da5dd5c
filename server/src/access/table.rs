//! The table itself: one line for each method and route.

use super::{Audience, Needs, Rule, Scope};
use docket_core::actor::Role;

const EVERYBODY: Audience = Audience::Everybody;
const SIGNED_IN: Audience = Audience::Roles(&[
    Role::Customer,
    Role::Agent,
    Role::Supervisor,
    Role::Admin,
    Role::Auditor,
    Role::Analyst,
]);
const OF_STAFF: Audience =
    Audience::Roles(&[Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor, Role::Analyst]);
const WORKERS: Audience = Audience::Roles(&[Role::Agent, Role::Supervisor, Role::Admin]);
const CUSTOMERS: Audience = Audience::Roles(&[Role::Customer]);
const READERS: Audience = Audience::Roles(&[Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor]);
const READERS_AND_CUSTOMERS: Audience =
    Audience::Roles(&[Role::Customer, Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor]);
const LEADS: Audience = Audience::Roles(&[Role::Supervisor, Role::Admin]);
const ADMINS: Audience = Audience::Roles(&[Role::Admin]);

const READ: Needs = Needs::Scope(Scope::Read);
const WORK: Needs = Needs::Scope(Scope::Work);
const REPORTS: Needs = Needs::Scope(Scope::Reports);
const SETTINGS: Needs = Needs::Scope(Scope::Settings);
const OPERATE: Needs = Needs::Scope(Scope::Operate);

const fn get(route: &'static str, audience: Audience, needs: Needs) -> Rule {
    Rule { method: "GET", route, audience, needs }
}

const fn post(route: &'static str, audience: Audience, needs: Needs) -> Rule {
    Rule { method: "POST", route, audience, needs }
}

const fn put(route: &'static str, audience: Audience, needs: Needs) -> Rule {
    Rule { method: "PUT", route, audience, needs }
}

const fn delete(route: &'static str, audience: Audience, needs: Needs) -> Rule {
    Rule { method: "DELETE", route, audience, needs }
}

/// Every route that there is, and who may use it.
pub const TABLE: &[Rule] = &[
    // How the server is, and what it offers.
    get("/livez", EVERYBODY, Needs::Nothing),
    get("/readyz", EVERYBODY, Needs::Nothing),
    get("/metrics", EVERYBODY, Needs::Nothing),
    get("/api/openapi.json", EVERYBODY, Needs::Nothing),
    get("/api/docs", EVERYBODY, Needs::Nothing),
    get("/api/docs/", EVERYBODY, Needs::Nothing),
    get("/api/docs/{file}", EVERYBODY, Needs::Nothing),
    // Getting in, and out.
    post("/api/v1/session", EVERYBODY, Needs::Nothing),
    post("/api/v1/session/accept-invitation", EVERYBODY, Needs::Nothing),
    post("/api/v1/session/sign-out", SIGNED_IN, Needs::Session),
    get("/api/v1/me", SIGNED_IN, Needs::Nothing),
    post("/api/v1/me/change-password", SIGNED_IN, Needs::Session),
    get("/api/v1/me/sessions", SIGNED_IN, Needs::Session),
    post("/api/v1/me/sessions/{id}/revoke", SIGNED_IN, Needs::Session),
    get("/api/v1/me/tokens", OF_STAFF, Needs::Session),
    post("/api/v1/me/tokens", OF_STAFF, Needs::Session),
    post("/api/v1/me/tokens/{id}/revoke", OF_STAFF, Needs::Session),
    // Tickets.
    get("/api/v1/queue", READERS, READ),
    get("/api/v1/views", READERS, READ),
    post("/api/v1/views", WORKERS, WORK),
    post("/api/v1/views/{id}/remove", WORKERS, WORK),
    get("/api/v1/search", READERS_AND_CUSTOMERS, READ),
    post("/api/v1/tickets", WORKERS, WORK),
    get("/api/v1/tickets/{number}", READERS, READ),
    get("/api/v1/tickets/{number}/timeline", READERS, READ),
    get("/api/v1/tickets/{number}/sla", READERS, READ),
    get("/api/v1/tickets/{number}/routing", READERS, READ),
    get("/api/v1/tickets/{number}/destinations", READERS, READ),
    post("/api/v1/tickets/bulk", WORKERS, WORK),
    post("/api/v1/tickets/{number}/take", WORKERS, WORK),
    post("/api/v1/tickets/{number}/assign", LEADS, WORK),
    post("/api/v1/tickets/{number}/unassign", WORKERS, WORK),
    post("/api/v1/tickets/{number}/offer", LEADS, WORK),
    post("/api/v1/tickets/{number}/change-team", WORKERS, WORK),
    post("/api/v1/tickets/{number}/change-priority", WORKERS, WORK),
    post("/api/v1/tickets/{number}/change-category", WORKERS, WORK),
    post("/api/v1/tickets/{number}/reply", WORKERS, WORK),
    post("/api/v1/tickets/{number}/customer-reply", WORKERS, WORK),
    post("/api/v1/tickets/{number}/note", WORKERS, WORK),
    post("/api/v1/tickets/{number}/render-template", WORKERS, WORK),
    post("/api/v1/tickets/{number}/set-pending", WORKERS, WORK),
    post("/api/v1/tickets/{number}/set-open", WORKERS, WORK),
    post("/api/v1/tickets/{number}/escalate", WORKERS, WORK),
    post("/api/v1/tickets/{number}/acknowledge", WORKERS, WORK),
    post("/api/v1/tickets/{number}/return", WORKERS, WORK),
    post("/api/v1/tickets/{number}/snooze", WORKERS, WORK),
    post("/api/v1/tickets/{number}/resolve", WORKERS, WORK),
    post("/api/v1/tickets/{number}/confirm", WORKERS, WORK),
    post("/api/v1/tickets/{number}/refuse", WORKERS, WORK),
    post("/api/v1/tickets/{number}/reopen", WORKERS, WORK),
    post("/api/v1/tickets/{number}/seal", WORKERS, WORK),
    post("/api/v1/tickets/{number}/tag", WORKERS, WORK),
    post("/api/v1/tickets/{number}/set-field", WORKERS, WORK),
    post("/api/v1/tickets/{number}/follow", WORKERS, WORK),
    post("/api/v1/tickets/{number}/unfollow", WORKERS, WORK),
    post("/api/v1/tickets/{number}/link", WORKERS, WORK),
    post("/api/v1/tickets/{number}/unlink", WORKERS, WORK),
    post("/api/v1/tickets/{number}/merge", WORKERS, WORK),
    post("/api/v1/tickets/{number}/unmerge", WORKERS, WORK),
    // What somebody has begun to write.
    get("/api/v1/tickets/{number}/drafts/{kind}", WORKERS, READ),
    put("/api/v1/tickets/{number}/drafts/{kind}", WORKERS, WORK),
    delete("/api/v1/tickets/{number}/drafts/{kind}", WORKERS, WORK),
    // Files that come with messages.
    post("/api/v1/attachments", WORKERS, WORK),
    delete("/api/v1/attachments/{digest}", WORKERS, WORK),
    get("/api/v1/tickets/{number}/attachments/{digest}", READERS, READ),
    post("/api/v1/my/attachments", CUSTOMERS, Needs::Own),
    delete("/api/v1/my/attachments/{digest}", CUSTOMERS, Needs::Own),
    get("/api/v1/my/tickets/{number}/attachments/{digest}", CUSTOMERS, Needs::Own),
    // Customers: what a link leads to is its own ticket alone, so it lists and opens none.
    get("/api/v1/my/tickets", CUSTOMERS, Needs::Session),
    post("/api/v1/my/tickets", CUSTOMERS, Needs::Session),
    get("/api/v1/my/tickets/{number}", CUSTOMERS, Needs::Own),
    post("/api/v1/my/tickets/{number}/reply", CUSTOMERS, Needs::Own),
    post("/api/v1/my/tickets/{number}/confirm", CUSTOMERS, Needs::Own),
    post("/api/v1/my/tickets/{number}/refuse", CUSTOMERS, Needs::Own),
    post("/api/v1/my/tickets/{number}/rate", CUSTOMERS, Needs::Own),
    post("/api/v1/tickets/{number}/customer-link", WORKERS, WORK),
    post("/api/v1/tickets/{number}/survey-link", WORKERS, WORK),
    post("/api/v1/customers/{name}/invite", LEADS, Needs::Session),
    // What other systems have kept.
    post("/api/v1/import", ADMINS, OPERATE),
    // What happened, and figures.
    get("/api/v1/events", READERS, READ),
    get("/api/v1/events/stream", READERS, READ),
    get("/api/v1/reports/metrics", OF_STAFF, REPORTS),
    get("/api/v1/reports/sla", OF_STAFF, REPORTS),
    get("/api/v1/reports/{name}", OF_STAFF, REPORTS),
    get("/api/v1/reports/{name}/facts", OF_STAFF, REPORTS),
    // People.
    get("/api/v1/staff", READERS, READ),
    post("/api/v1/staff", ADMINS, SETTINGS),
    get("/api/v1/staff/{name}", READERS, READ),
    post("/api/v1/staff/{name}/rename", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/change-role", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/change-teams", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/change-skills", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/change-permissions", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/change-capacity", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/set-availability", WORKERS, WORK),
    post("/api/v1/staff/{name}/deactivate", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/reactivate", ADMINS, SETTINGS),
    post("/api/v1/staff/{name}/invite", ADMINS, Needs::Session),
    get("/api/v1/staff/{name}/sessions", ADMINS, Needs::Session),
    post("/api/v1/staff/{name}/revoke-sessions", ADMINS, Needs::Session),
    get("/api/v1/tokens", ADMINS, Needs::Session),
    post("/api/v1/tokens/{id}/revoke", ADMINS, Needs::Session),
    // Customers.
    get("/api/v1/customers", READERS, READ),
    post("/api/v1/customers", WORKERS, WORK),
    get("/api/v1/customers/{name}", READERS, READ),
    post("/api/v1/customers/{name}/change", WORKERS, WORK),
    post("/api/v1/customers/{name}/change-account", WORKERS, WORK),
    get("/api/v1/accounts", READERS, READ),
    post("/api/v1/accounts", WORKERS, WORK),
    get("/api/v1/accounts/{name}", READERS, READ),
    post("/api/v1/accounts/{name}/change", WORKERS, WORK),
    get("/api/v1/roster", READERS, READ),
    // What is configured.
    get("/api/v1/settings/teams", READERS, READ),
    get("/api/v1/settings/teams/{name}", READERS, READ),
    post("/api/v1/settings/teams/{name}/publish", ADMINS, SETTINGS),
    post("/api/v1/settings/teams/{name}/retire", ADMINS, SETTINGS),
    get("/api/v1/settings/intake-categories", READERS, READ),
    get("/api/v1/settings/intake-categories/{name}", READERS, READ),
    post("/api/v1/settings/intake-categories/{name}/publish", ADMINS, SETTINGS),
    post("/api/v1/settings/intake-categories/{name}/retire", ADMINS, SETTINGS),
    get("/api/v1/settings/resolution-categories", READERS, READ),
    get("/api/v1/settings/resolution-categories/{name}", READERS, READ),
    post("/api/v1/settings/resolution-categories/{name}/publish", ADMINS, SETTINGS),
    post("/api/v1/settings/resolution-categories/{name}/retire", ADMINS, SETTINGS),
    get("/api/v1/settings/escalation-reasons", READERS, READ),
    get("/api/v1/settings/escalation-reasons/{name}", READERS, READ),
    post("/api/v1/settings/escalation-reasons/{name}/publish", ADMINS, SETTINGS),
    post("/api/v1/settings/escalation-reasons/{name}/retire", ADMINS, SETTINGS),
    get("/api/v1/settings/templates", READERS, READ),
    get("/api/v1/settings/templates/{name}", READERS, READ),
    post("/api/v1/settings/templates/{name}/publish", LEADS, SETTINGS),
    post("/api/v1/settings/templates/{name}/retire", LEADS, SETTINGS),
    get("/api/v1/settings/routing", READERS, READ),
    get("/api/v1/settings/routing/{name}", READERS, READ),
    post("/api/v1/settings/routing/{name}/publish", LEADS, SETTINGS),
    post("/api/v1/settings/routing/{name}/retire", LEADS, SETTINGS),
    post("/api/v1/settings/routing/{name}/try", LEADS, SETTINGS),
    get("/api/v1/settings/sla-policies", READERS, READ),
    get("/api/v1/settings/sla-policies/{name}", READERS, READ),
    post("/api/v1/settings/sla-policies/{name}/publish", LEADS, SETTINGS),
    post("/api/v1/settings/sla-policies/{name}/retire", LEADS, SETTINGS),
    get("/api/v1/settings/schedules", READERS, READ),
    get("/api/v1/settings/schedules/{name}", READERS, READ),
    post("/api/v1/settings/schedules/{name}/publish", LEADS, SETTINGS),
    post("/api/v1/settings/schedules/{name}/retire", LEADS, SETTINGS),
    get("/api/v1/settings/closing", READERS, READ),
    get("/api/v1/settings/closing/{name}", READERS, READ),
    post("/api/v1/settings/closing/{name}/publish", LEADS, SETTINGS),
    post("/api/v1/settings/closing/{name}/retire", LEADS, SETTINGS),
    // Webhooks.
    get("/api/v1/webhooks", ADMINS, OPERATE),
    post("/api/v1/webhooks", ADMINS, OPERATE),
    get("/api/v1/webhooks/{id}", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/change", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/remove", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/rotate-secret", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/pause", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/resume", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/test", ADMINS, OPERATE),
    get("/api/v1/webhooks/{id}/deliveries", ADMINS, OPERATE),
    get("/api/v1/webhooks/{id}/dead-letters", ADMINS, OPERATE),
    post("/api/v1/webhooks/{id}/dead-letters/replay", ADMINS, OPERATE),
    // Read models.
    get("/api/v1/projections", READERS, READ),
    post("/api/v1/projections/{name}/rebuild", LEADS, OPERATE),
    post("/api/v1/projections/{name}/roll-back", LEADS, OPERATE),
    post("/api/v1/projections/{name}/retry/{number}", LEADS, OPERATE),
    // Pages.
    get("/", EVERYBODY, Needs::Nothing),
    get("/assets/{name}", EVERYBODY, Needs::Nothing),
    get("/rate/{link}", EVERYBODY, Needs::Nothing),
    post("/rate/{link}", EVERYBODY, Needs::Nothing),
    get("/sign-in", EVERYBODY, Needs::Nothing),
    post("/sign-in", EVERYBODY, Needs::Nothing),
    get("/welcome", EVERYBODY, Needs::Nothing),
    post("/welcome", EVERYBODY, Needs::Nothing),
    post("/sign-out", SIGNED_IN, Needs::Session),
    get("/queue", READERS, Needs::Session),
    post("/availability", WORKERS, Needs::Session),
    get("/tickets/{number}", READERS, Needs::Session),
    get("/tickets/{number}/{action}", READERS, Needs::Session),
    post("/tickets/{number}/{action}", WORKERS, Needs::Session),
    get("/reports", OF_STAFF, Needs::Session),
];
