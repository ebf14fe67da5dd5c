//! Why a ticket is back in the lane New, in the queue's words.

use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, Slug};
use docket_core::ticket::event::Unassigned;
use serde::{Deserialize, Serialize};

/// Why an open ticket without an assignee is back in the lane New.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Badge {
    /// Handed over by another team or person.
    Escalated {
        /// The reason given.
        reason: Slug,
        /// The team it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_team: Option<Slug>,
    },
    /// Given back, by whoever had it or by whoever it was escalated to.
    Returned {
        /// Who gave it back.
        by: ActorId,
    },
    /// Taken from whoever had it, by somebody else.
    Taken {
        /// Who had it.
        from: ActorId,
        /// Who took it.
        by: ActorId,
    },
    /// Free again since whoever had it may not work it any more.
    Left {
        /// Who had it.
        from: ActorId,
    },
}

impl Badge {
    /// By whom a ticket lost its assignee: nobody gave back what was taken from them.
    pub(super) fn unassigned(actor: &Actor, left: &Unassigned) -> Self {
        let (from, by) = (left.from.clone(), actor.id.clone());
        if by == from {
            Self::Returned { by }
        } else if actor.role == Role::System {
            Self::Left { from }
        } else {
            Self::Taken { from, by }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ActorId {
        ActorId::new(name).unwrap()
    }

    #[track_caller]
    fn check(actor: &Actor, expected: &Badge) {
        assert_eq!(&Badge::unassigned(actor, &Unassigned { from: id("ines") }), expected);
    }

    #[test]
    fn only_whoever_had_a_ticket_gives_it_back() {
        let staff = |name: &str, role| Actor { id: id(name), role, team: None };
        check(&staff("ines", Role::Agent), &Badge::Returned { by: id("ines") });
        check(&staff("ines", Role::Supervisor), &Badge::Returned { by: id("ines") });
        check(&staff("lena", Role::Supervisor), &Badge::Taken { from: id("ines"), by: id("lena") });
        check(&Actor::system("router"), &Badge::Left { from: id("ines") });
    }
}
