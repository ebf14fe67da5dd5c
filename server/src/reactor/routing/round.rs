//! One round of decisions: the tickets that are to be decided, one after the other, among the people who are there.

use super::record::{Planned, append, append_all};
use super::wake::Wake;
use super::{Basis, ROSTER, TICKETS_PER_TURN, Trouble, Turn};
use crate::app::App;
use crate::tier::tier_of;
use docket_core::names::{ActorId, Slug, StreamVersion};
use docket_core::routing::{Aim, Facts, Person, Rules, aim, decide, follows, is_candidate};
use docket_core::staff::Member;
use docket_core::ticket::event::{Priority, Routed, WaitingFor};
use docket_core::time::Timestamp;
use docket_projections::Connection;
use docket_projections::read_model::FileError;
use docket_projections::roster::{
    Decided, Outdated, Present, Waiting, next_of_pool, outdated, pools, present, undecided, waiting,
};
use std::collections::{BTreeMap, BTreeSet};

/// Tickets of one pool that are looked at in a turn: when the first finds nobody, none of them does.
const TICKETS_PER_POOL: usize = 8;

/// A ticket that is to be decided.
struct Due {
    ticket: Waiting,
    /// The pool that it waits in; none when nothing has been decided about it as it stands.
    pool: Option<i64>,
    aim: Aim,
}

/// Decides on what there is, a bounded part of it.
pub(super) async fn turn(app: &App, basis: &Basis, wake: &mut Wake) -> Result<Turn, Trouble> {
    let (version, tickets, pooled) = (basis.rules.number, wake.tickets, wake.waiting);
    let found = app.query(ROSTER, None, move |connection| look(connection, version, tickets, pooled)).await?;
    let (planned, found_nobody) = decide_all(app, basis, found).await?;
    if !planned.is_empty() {
        return Ok(append_all(app, planned).await?);
    }
    if let Some(turn) = other_tiers(app, basis, wake).await? {
        return Ok(turn);
    }
    if !pooled {
        return Ok(Turn::Until(None));
    }
    // Only once nobody finds anything any more: what is said of tickets never holds up who takes one.
    let now = basis.now;
    let outdated =
        app.query(ROSTER, None, move |connection| say_again(connection, found_nobody, now)).await?;
    wake.says_at = outdated.next;
    let found = outdated.now.into_iter().map(|ticket| (ticket, None)).collect();
    let (planned, _) = decide_all(app, basis, found).await?;
    if planned.is_empty() { Ok(Turn::Until(None)) } else { Ok(append_all(app, planned).await?) }
}

/// Decides anew on tickets that wait and are for others, since whoever asked is treated otherwise; none when all are looked at.
async fn other_tiers(app: &App, basis: &Basis, wake: &mut Wake) -> Result<Option<Turn>, Trouble> {
    let (version, rules) = (basis.rules.number, &basis.rules.content.rules);
    if !rules.iter().any(|rule| rule.tiers.is_some()) {
        wake.tiers = None;
    }
    while let Some(after) = wake.tiers {
        let look = move |connection: &Connection| waiting(connection, version, after, TICKETS_PER_TURN);
        let page = app.query(ROSTER, None, look).await?;
        let last = page.last().map(Waiting::place);
        let found = page.into_iter().map(|ticket| (ticket, None)).collect();
        let (planned, _) = decide_all(app, basis, found).await?;
        if !planned.is_empty() {
            return Ok(Some(append_all(app, planned).await?));
        }
        wake.tiers = last;
    }
    Ok(None)
}

/// What is to be appended for these, and the pools of which nobody takes one, with the reason.
async fn decide_all(
    app: &App,
    basis: &Basis,
    found: Found,
) -> Result<(Vec<Planned>, BTreeMap<i64, WaitingFor>), Trouble> {
    let mut due = Vec::with_capacity(found.len());
    for (ticket, pool) in found {
        let aim = aim_of(app, basis, &ticket).await?;
        due.push(Due { ticket, pool, aim });
    }
    if due.is_empty() {
        return Ok(Default::default());
    }
    let teams: BTreeSet<&Slug> = due.iter().filter_map(|due| due.aim.team.as_ref()).collect();
    let is_asked = |member: &Member| teams.iter().any(|team| is_candidate(member, team));
    let asked: Vec<ActorId> =
        basis.staff.members().filter(|(_, member)| is_asked(member)).map(|(id, _)| id.clone()).collect();
    let people = app.query(ROSTER, None, move |connection| all_present(connection, asked)).await?;
    let mut round = Round { basis, people, full: BTreeMap::new() };
    let planned = due.into_iter().filter_map(|due| round.decide_one(due)).collect();
    Ok((planned, round.full))
}

/// The tickets of which something is said that is not so any more, and when others may be told of.
fn say_again(
    connection: &Connection,
    found_nobody: BTreeMap<i64, WaitingFor>,
    now: Timestamp,
) -> Result<Outdated, FileError> {
    let (snapshot, mut all) = (connection.unchecked_transaction()?, Outdated::default());
    for (pool, reason) in found_nobody {
        let room = TICKETS_PER_TURN - all.now.len();
        let Outdated { now, next } = outdated(&snapshot, pool, reason, now, room)?;
        all.now.extend(now);
        all.next = [all.next, next].into_iter().flatten().min();
    }
    Ok(all)
}

type Found = Vec<(Waiting, Option<i64>)>;

/// The tickets to be decided, each once: the most urgent first, then who has waited longest.
fn look(connection: &Connection, version: u32, tickets: bool, pooled: bool) -> Result<Found, FileError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = Vec::new();
    if tickets {
        let new = undecided(&snapshot, version, TICKETS_PER_TURN)?;
        found.extend(new.into_iter().map(|ticket| (ticket, None)));
    }
    if pooled {
        for pool in pools(&snapshot)? {
            let next = next_of_pool(&snapshot, pool, TICKETS_PER_POOL)?;
            found.extend(next.into_iter().map(|ticket| (ticket, Some(pool))));
        }
    }
    found.sort_by_key(|(ticket, pool)| {
        (
            ticket.row.ticket.priority.unwrap_or(Priority::Normal),
            ticket.row.since,
            ticket.number,
            pool.is_some(),
        )
    });
    found.dedup_by_key(|(ticket, _)| ticket.number);
    Ok(found)
}

async fn aim_of(app: &App, basis: &Basis, ticket: &Waiting) -> Result<Aim, Trouble> {
    let (rules, row) = (&basis.rules.content.rules, &ticket.row);
    let asks_for_tier = rules.iter().any(|rule| rule.tiers.is_some());
    let tier = match &row.ticket.requester {
        Some(requester) if asks_for_tier => tier_of(app, requester).await?,
        Some(_) | None => None,
    };
    let facts = Facts {
        category: row.ticket.category.as_ref(),
        priority: row.ticket.priority,
        language: row.language,
        tier: tier.as_ref(),
    };
    Ok(aim(&row.ticket, &facts, rules))
}

fn all_present(
    connection: &Connection,
    asked: Vec<ActorId>,
) -> Result<BTreeMap<ActorId, Present>, FileError> {
    let snapshot = connection.unchecked_transaction()?;
    asked.into_iter().map(|id| present(&snapshot, &id).map(|present| (id, present))).collect()
}

struct Round<'a> {
    basis: &'a Basis,
    /// Everybody who is asked about, each decision of this round taken in.
    people: BTreeMap<ActorId, Present>,
    /// Pools whose first ticket found nobody, and why.
    full: BTreeMap<i64, WaitingFor>,
}

impl Round<'_> {
    /// What is to be appended for a ticket; nothing when it is known already why nobody takes it.
    fn decide_one(&mut self, due: Due) -> Option<Planned> {
        let Due { ticket: Waiting { number, row }, pool, aim } = due;
        if pool.is_some_and(|pool| self.full.contains_key(&pool)) {
            return None;
        }
        let basis = self.basis;
        let (version, content) = (basis.rules.number, &basis.rules.content);
        let rules = Rules { list: &basis.list, version, rules: &content.rules };
        let routed = decide(number, &row.ticket, aim, &rules, self.asked());
        if let Some(reason) = routed.waiting_for {
            self.full.extend(pool.map(|pool| (pool, reason)));
            if row.decided.as_ref().is_some_and(|decided| stands(decided, &routed, basis.now)) {
                return None;
            }
        }
        let chosen = routed.to.clone();
        let events = follows(&row.ticket, routed);
        let append = append(basis, number, &row.ticket, events, |id| self.version_of(id));
        if let Some(present) = chosen.as_ref().and_then(|id| self.people.get_mut(id)) {
            let held = present.held.of_mut(row.ticket.priority.unwrap_or(Priority::Normal));
            *held = held.saturating_add(1);
            present.agent.version = present.agent.version.next();
            present.agent.last_taken_at = present.agent.last_taken_at.max(Some(basis.now));
        }
        Some(Planned { append, agent: chosen })
    }

    fn asked(&self) -> impl Iterator<Item = Person<'_>> {
        self.people.iter().filter_map(|(id, present)| {
            let member = self.basis.staff.member(id)?;
            let (availability, last_taken_at) = (present.agent.availability, present.agent.last_taken_at);
            Some(Person { id, member, availability, held: &present.held, last_taken_at })
        })
    }

    fn version_of(&self, id: &ActorId) -> StreamVersion {
        self.people.get(id).map_or(StreamVersion::NONE, |present| present.agent.version)
    }
}

/// Whether nothing new is to be said of a ticket for which nobody was found: it is what was said last, or that was too often
/// something else of late.
fn stands(decided: &Decided, routed: &Routed, now: Timestamp) -> bool {
    let same_aim =
        decided.version == routed.version && decided.team == routed.team && decided.skill == routed.skill;
    same_aim && (routed.waiting_for == Some(decided.reason) || now < decided.stands_until())
}
