//! The slugs that Docket ships with: categories, teams and reasons, as the support guide names them.
//!
//! Slugs are stable for ever: events carry them. Labels in both languages live with the pages; from the
//! issue on that makes settings events, these are the defaults of an empty installation.

/// What a ticket is about when it comes in ("Response Templates" in the guide, and a rest).
pub const INTAKE_CATEGORIES: &[&str] = &["account", "billing", "technical", "content", "other"];

/// Who works tickets.
pub const TEAMS: &[&str] = &["support", "account", "billing", "technical", "content"];

/// Why a ticket is handed over ("Escalation Procedures" in the guide).
pub const ESCALATION_REASONS: &[&str] =
    &["needs-expertise", "needs-permission", "customer-request", "deadline-at-risk", "complaint", "other"];

/// How a ticket ended ("Closing Tickets" in the guide).
pub const RESOLUTION_CATEGORIES: &[&str] =
    &["solved", "workaround", "answered", "not-reproducible", "declined", "duplicate", "spam"];

/// What a pending ticket waits for. The first is what the guide calls Pending.
pub const PENDING_REASONS: &[&str] = &["customer", "third-party"];

/// Waiting for the customer, the usual reason to be pending.
pub const PENDING_CUSTOMER: &str = "customer";

/// Laid aside until an instant.
pub const PENDING_SNOOZED: &str = "snoozed";

/// Resolutions that need no assignee, since nobody works on such a ticket (PRODUCT section 2).
pub const RESOLUTIONS_WITHOUT_WORK: &[&str] = &["spam", "duplicate"];
