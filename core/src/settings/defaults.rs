//! What Docket ships with: version 1 of everything, in force from the beginning.
//!
//! A state begins with these, so they never change; a later release publishes nothing and edits nothing here
//! (`core/tests/defaults/` holds them). Sources: the support guides in both languages, PRODUCT sections 3
//! and 6.

pub mod schedules;
pub mod templates;
pub mod words;

use super::closing::{Closing, Days};
use super::policy::{ByPriority, SlaPolicy, TargetSeconds, Targets, Warning};
use super::routing::{Routing, Rule};
use super::words::{Both, Label};
use crate::names::Slug;
use crate::text::Line;
use std::collections::BTreeSet;

/// The routing list and the waits that are followed, and the policy of tickets for which no other is chosen.
pub const MAIN: &str = "default";

/// The schedule that is always open.
pub const ALWAYS: &str = "always";

fn slug(name: &str) -> Slug {
    Slug::new(name).expect("what Docket ships with has valid slugs")
}

fn label(en: &str, es: &str) -> Label {
    let line = |text| Line::new(text).expect("what Docket ships with has short labels");
    Both { en: line(en), es: line(es) }
}

/// Tickets of a category go to the team of that name, all others to the first team.
pub(super) fn routing() -> Vec<(Slug, Routing)> {
    let rule = |categories, team| Rule {
        categories,
        priorities: None,
        languages: None,
        tiers: None,
        team: slug(team),
        skill: None,
    };
    let of = |category| rule(Some(BTreeSet::from([slug(category)])), category);
    let rules = vec![of("account"), of("billing"), of("technical"), of("content"), rule(None, "support")];
    vec![(slug(MAIN), Routing { rules })]
}

/// "Service Level Agreements" in the guide: first response within 1, 4, 24 and 48 hours of calendar time.
pub(super) fn sla_policies() -> Vec<(Slug, SlaPolicy)> {
    let hours = |hours: i64| Targets {
        first_response_s: TargetSeconds(hours * 3600),
        next_reply_s: None,
        requester_wait_s: None,
        agent_work_s: None,
        resolution_s: None,
        schedule: None,
    };
    let targets = ByPriority { urgent: hours(1), high: hours(4), normal: hours(24), low: hours(48) };
    let label = label("Standard", "Estándar");
    // Written out: what is shipped must not follow a changed default.
    let warning = Warning { share_percent: 20, at_least_s: 900 };
    vec![(slug(MAIN), SlaPolicy { label, targets, warning })]
}

/// A week for an answer, and two until a ticket is sealed (PRODUCT section 2).
pub(super) fn closing() -> Vec<(Slug, Closing)> {
    vec![(slug(MAIN), Closing { confirm_after_days: Days(7), seal_after_days: Days(14) })]
}
