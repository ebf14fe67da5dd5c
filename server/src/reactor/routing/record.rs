//! What routing appends, and what came of it.

use super::{Basis, Turn};
use crate::app::App;
use docket_core::actor::Actor;
use docket_core::event::Event;
use docket_core::handler::append::{Happening, Prepared, Stamp};
use docket_core::names::{ActorId, EventId, StreamName, StreamVersion, TicketNumber};
use docket_core::settings::CatalogueName;
use docket_core::store::{Append, AppendError, ExpectedVersion, StreamAppend};
use docket_core::ticket::{Ticket, TicketEvent};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is appended for one ticket, on what it was decided on: the ticket, the staff, the rules, and whoever's load it
/// moves, as `version_of` knows them.
pub(super) fn append(
    basis: &Basis,
    number: TicketNumber,
    ticket: &Ticket,
    events: Vec<TicketEvent>,
    version_of: impl Fn(&ActorId) -> StreamVersion,
) -> Append {
    let stamp =
        Stamp { actor: Actor::system("routing"), occurred_at: basis.now, correlation: Uuid::now_v7() };
    let mut place = 0;
    // By the version that it follows from, so that doing it twice is doing it once.
    let id = |_: &Event| {
        let id = EventId::deterministic(&format!("routing/{number}/{}/{place}", ticket.version));
        place += 1;
        id
    };
    let mut prepared = Prepared::new(vec![Happening { ticket: number, before: ticket, events }], &stamp, id);
    prepared.expect(version_of);
    let mut streams = prepared.streams;
    let only_if = |stream, version| StreamAppend {
        stream,
        expected: ExpectedVersion::Exactly(version),
        events: Vec::new(),
    };
    streams.push(only_if(StreamName::staff(), basis.staff_version));
    streams.push(only_if(CatalogueName::Routing.stream(), basis.rules_version));
    Append { command: None, streams }
}

/// What is to be appended, and the agent whose load it moves; none when it says that nobody has room.
pub(super) struct Planned {
    pub(super) append: Append,
    pub(super) agent: Option<ActorId>,
}

/// Appends all of it, each by itself. What was decided on what another of these makes of an agent waits for that one, and is
/// given up with it: by the agent's version alone, somebody else's ticket could pass for the one that was to come before. That
/// nobody has room leans on all of them.
pub(super) async fn append_all(app: &App, planned: Vec<Planned>) -> Result<Turn, AppendError> {
    let mut turn = Turn::Until(None);
    let mut overtaken: BTreeSet<ActorId> = BTreeSet::new();
    for wave in waves(planned) {
        let stands = |planned: &Planned| match &planned.agent {
            Some(id) => !overtaken.contains(id),
            None => overtaken.is_empty(),
        };
        let (agents, appends): (Vec<_>, Vec<_>) =
            wave.into_iter().filter(stands).map(|planned| (planned.agent, planned.append)).unzip();
        let results = join_all(appends.into_iter().map(|append| app.store.append(append))).await;
        for (agent, result) in agents.into_iter().zip(results) {
            match result {
                Ok(appended) if !appended.found => turn = Turn::Moved,
                // Somebody was first, by hand or on another node: it is decided anew on what they made of it.
                Ok(_) | Err(AppendError::Conflict { .. } | AppendError::IdReused { .. }) => {
                    overtaken.extend(agent);
                    if turn != Turn::Moved {
                        turn = Turn::InVain;
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(turn)
}

/// The same, so that each comes in a wave after those that it leans on.
fn waves(planned: Vec<Planned>) -> Vec<Vec<Planned>> {
    let (mut waves, mut ahead): (Vec<Vec<Planned>>, BTreeMap<ActorId, usize>) = (Vec::new(), BTreeMap::new());
    let mut last = Vec::new();
    for one in planned {
        let Some(id) = &one.agent else {
            last.push(one);
            continue;
        };
        let ahead = ahead.entry(id.clone()).or_default();
        if waves.len() <= *ahead {
            waves.push(Vec::new());
        }
        waves[*ahead].push(one);
        *ahead += 1;
    }
    waves.push(last);
    waves
}
