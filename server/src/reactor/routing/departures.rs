//! Whoever left loses the tickets that are not resolved: each is put up for routing again. Their resolved ones stay theirs.

use super::record::{Planned, append, append_all};
use super::wake::{Gone, Wake};
use super::{Basis, ROSTER, TICKETS_PER_TURN, Trouble, Turn};
use crate::app::App;
use docket_core::names::ActorId;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{OfferCause, Offered, Unassigned};
use docket_projections::Connection;
use docket_projections::read_model::FileError;
use docket_projections::roster::{Present, TicketRow, Waiting, on_hands, present};

/// Takes tickets from those who left, a bounded part of them.
pub(super) async fn turn(app: &App, basis: &Basis, wake: &Wake) -> Result<Turn, Trouble> {
    let has_left = |id: &ActorId| basis.staff.member(id).is_some_and(|member| !member.active);
    let gone: Vec<ActorId> = match &wake.gone {
        Gone::Some(ids) => ids.iter().filter(|id| has_left(id)).cloned().collect(),
        Gone::Anybody => basis.staff.members().map(|(id, _)| id).filter(|id| has_left(id)).cloned().collect(),
    };
    if gone.is_empty() {
        return Ok(Turn::Until(None));
    }
    let left = app.query(ROSTER, None, move |connection| left_behind(connection, &gone)).await?;
    let mut planned = Vec::with_capacity(left.len());
    for (who, tickets) in left {
        let mut version = who.agent.version;
        for Waiting { number, row } in tickets {
            let events = vec![
                TicketEvent::Unassigned(Unassigned { from: who.agent.id.clone() }),
                TicketEvent::Offered(Offered { cause: OfferCause::AssigneeLeft }),
            ];
            let append = append(basis, number, &row.ticket, events, |_| version);
            planned.push(Planned { append, agent: Some(who.agent.id.clone()) });
            version = version.next();
        }
    }
    Ok(append_all(app, planned).await?)
}

/// What those who left still have on their hands, a bounded part of it.
fn left_behind(connection: &Connection, gone: &[ActorId]) -> Result<Vec<(Present, Vec<Waiting>)>, FileError> {
    let (mut left, mut room) = (Vec::new(), TICKETS_PER_TURN);
    // One snapshot, so that each ticket and the version of the agent's stream belong together.
    let snapshot = connection.unchecked_transaction()?;
    for id in gone {
        let who = present(&snapshot, id)?;
        let (mut lost, mut after) = (Vec::new(), None);
        while lost.len() < room {
            let page = on_hands(&snapshot, id, after, TICKETS_PER_TURN)?;
            let Some(last) = page.last() else { break };
            after = Some(last.number);
            lost.extend(page.into_iter().filter(|found| loses(&who, &found.row)));
        }
        lost.truncate(room);
        room -= lost.len();
        left.push((who, lost));
    }
    Ok(left)
}

/// Whether somebody who left loses a ticket: not one that was only imported as theirs after they had left, since nobody
/// acts on imported facts.
fn loses(who: &Present, row: &TicketRow) -> bool {
    let after_they_left = |at| who.agent.left_at.is_some_and(|left| at > left);
    !row.taken.is_some_and(|taken| taken.imported && after_they_left(taken.at))
}
