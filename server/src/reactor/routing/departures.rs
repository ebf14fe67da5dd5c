//! Whoever may not work a ticket any more loses it while it is not resolved: who left, who got a role that works no tickets,
//! and who left the ticket's team. Each is put up for routing again. Resolved ones stay theirs.

use super::record::{Planned, append, append_all};
use super::wake::{Gone, Wake};
use super::{Basis, ROSTER, TICKETS_PER_TURN, Trouble, Turn};
use crate::app::App;
use docket_core::handler::named::{may_work, works};
use docket_core::names::ActorId;
use docket_core::staff::{Member, Staff};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{OfferCause, Offered, Unassigned};
use docket_projections::Connection;
use docket_projections::read_model::FileError;
use docket_projections::roster::{AgentRow, Present, TicketRow, Waiting, on_hands, present};

/// Takes tickets from those who may work them no more, a bounded part of them.
pub(super) async fn turn(app: &App, basis: &Basis, wake: &Wake) -> Result<Turn, Trouble> {
    let gone: Vec<ActorId> = match &wake.gone {
        Gone::Some(ids) => ids.iter().cloned().collect(),
        Gone::Anybody => basis.staff.members().map(|(id, _)| id.clone()).collect(),
    };
    if gone.is_empty() {
        return Ok(Turn::Until(None));
    }
    let staff = basis.staff.clone();
    let left = app.query(ROSTER, None, move |connection| left_behind(connection, &staff, &gone)).await?;
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

/// What is still on the hands of those who may not work it any more, a bounded part of it.
fn left_behind(
    connection: &Connection,
    staff: &Staff,
    gone: &[ActorId],
) -> Result<Vec<(Present, Vec<Waiting>)>, FileError> {
    let (mut left, mut room) = (Vec::new(), TICKETS_PER_TURN);
    // One snapshot, so that each ticket and the version of the agent's stream belong together.
    let snapshot = connection.unchecked_transaction()?;
    for id in gone {
        let Some(member) = staff.member(id) else { continue };
        let who = present(&snapshot, id)?;
        if works(member) && who.agent.left_teams.is_empty() {
            continue;
        }
        let (mut lost, mut after) = (Vec::new(), None);
        while lost.len() < room {
            let page = on_hands(&snapshot, id, after, TICKETS_PER_TURN)?;
            let Some(last) = page.last() else { break };
            after = Some(last.number);
            lost.extend(page.into_iter().filter(|found| loses(member, &who.agent, &found.row)));
        }
        lost.truncate(room);
        room -= lost.len();
        left.push((who, lost));
    }
    Ok(left)
}

/// Whether somebody loses a ticket that is theirs: one of a team that they have left since they have had it there, or any
/// once they work here no more.
fn loses(member: &Member, who: &AgentRow, row: &TicketRow) -> bool {
    let team = row.ticket.team.as_ref();
    if may_work(member, team) {
        return false;
    }
    if works(member) {
        // Not what a supervisor gave them of a team that they were not in.
        let left = team.and_then(|team| who.left_teams.get(team));
        return left.is_some_and(|left| row.taken.is_none_or(|taken| taken.in_team_since < *left));
    }
    // Who never worked tickets has those of an import only, and nobody acts on imported facts.
    if member.active && who.stopped_at.is_none() {
        return false;
    }
    let gone_at = [who.left_at, who.stopped_at].into_iter().flatten().min();
    let after_they_left = |at| gone_at.is_some_and(|gone| at > gone);
    !row.taken.is_some_and(|taken| taken.imported && after_they_left(taken.at))
}
