//! Who may use what: one table over every route, asked before any handler (PRODUCT section 10, promise S1).
//!
//! What is not in the table may be used by nobody. docs/ACCESS.md shows the same table to people, and a test compares
//! the three: the table, the page, and the routes that there are. Which tickets somebody sees is a question of
//! its own, answered by [`docket_core::access::Reach`].

mod table;

use axum::http::Method;
use docket_core::actor::Role;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;
pub use table::TABLE;
use utoipa::ToSchema;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever asks, signed in or not.
    Everybody,
    /// Whoever has one of these roles.
    Roles(&'static [Role]),
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reading tickets, the queue and the feed.
    Read,
    /// Commands on tickets.
    Work,
    /// Reading reports.
    Reports,
    /// Changing people and settings.
    Settings,
    /// Import, webhooks, and rebuilding read models.
    Operate,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Read, Self::Work, Self::Reports, Self::Settings, Self::Operate];

    /// The name that programs use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Work => "work",
            Self::Reports => "reports",
            Self::Settings => "settings",
            Self::Operate => "operate",
        }
    }

    /// The scope of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// What a token needs for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may, or any token.
    Nothing,
    /// This scope.
    Scope(Scope),
    /// To be the customer: by session, or by the link of the ticket.
    Own,
    /// A person at a browser: no token may do it, or one token could make others.
    Session,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The method; HEAD counts as GET.
    pub method: &'static str,
    /// The route, as it is written in the router.
    pub route: &'static str,
    /// Who may use it.
    pub audience: Audience,
    /// What a token needs.
    pub needs: Needs,
}

/// In words, after "for".
impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.audience {
            Audience::Everybody => formatter.write_str("everybody")?,
            Audience::Roles(roles) => {
                formatter
                    .write_str(&roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", "))?;
            }
        }
        match self.needs {
            Needs::Nothing => Ok(()),
            Needs::Scope(scope) => write!(formatter, "; a token needs the scope `{}`", scope.as_str()),
            Needs::Own => formatter.write_str("; by session or by the link of the ticket"),
            Needs::Session => formatter.write_str("; by session, not by token"),
        }
    }
}

/// The line for a method and a route.
pub fn rule(method: &Method, route: &str) -> Option<&'static Rule> {
    static BY_ROUTE: LazyLock<HashMap<(&str, &str), &Rule>> =
        LazyLock::new(|| TABLE.iter().map(|rule| ((rule.method, rule.route), rule)).collect());
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    BY_ROUTE.get(&(method, route)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_stands_in_the_table_once() {
        for (at, rule) in TABLE.iter().enumerate() {
            let again =
                TABLE[..at].iter().find(|other| (other.method, other.route) == (rule.method, rule.route));
            assert!(again.is_none(), "{} {} stands there twice", rule.method, rule.route);
        }
    }

    #[test]
    fn nobody_may_use_what_is_not_in_the_table() {
        assert!(rule(&Method::GET, "/api/v1/secrets").is_none());
        assert!(rule(&Method::DELETE, "/api/v1/queue").is_none());
        assert!(rule(&Method::HEAD, "/api/v1/queue").is_some());
    }

    #[test]
    fn nobody_acts_as_docket_itself_and_auditors_and_analysts_change_nothing() {
        for rule in TABLE {
            let Audience::Roles(roles) = rule.audience else { continue };
            assert!(!roles.contains(&Role::System) && !roles.contains(&Role::Unknown), "{rule:?}");
            let of_tickets_or_settings = matches!(rule.needs, Needs::Scope(scope) if scope != Scope::Reports);
            if rule.method != "GET" && of_tickets_or_settings {
                assert!(!roles.contains(&Role::Auditor) && !roles.contains(&Role::Analyst), "{rule:?}");
            }
        }
    }
}
