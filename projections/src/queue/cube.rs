//! Counts by filter from counters: one for each team, category, lane, status, priority, language and whether anybody is
//! responsible. What asks for more than these is counted in an index.

use super::QueueState;
use super::filtered::Wanted;
use crate::facts;
use crate::projector::Tally;
use crate::read_model::FileError;
use docket_core::access::Reach;
use docket_core::filter::{Filter, Person, Test};
use docket_core::names::Slug;
use docket_core::ticket::event::{Language, Priority};
use docket_core::ticket::{Lane, Status};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Counts tickets by category: the bucket. It tells which categories there are.
const CATEGORY: i64 = 40;

/// Teams by categories that are summed up at most; beyond that the index is faster.
const PAIRS_MAX: usize = 2_048;

/// What tickets are counted by, beside team and category.
struct Cell {
    lane: i64,
    status: i64,
    priority: i64,
    language: i64,
    assigned: bool,
}

impl Cell {
    fn of(state: &QueueState) -> Self {
        let ticket = &state.ticket;
        Self {
            lane: state.lane() as i64,
            status: facts::status(ticket.status),
            priority: facts::priority(ticket.priority),
            language: facts::language(state.language),
            assigned: ticket.assignee.is_some(),
        }
    }

    /// The bucket of its counter.
    fn pack(&self) -> i64 {
        self.lane | self.status << 2 | self.priority << 4 | self.language << 7 | i64::from(self.assigned) << 9
    }

    fn unpack(bucket: i64) -> Self {
        Self {
            lane: bucket & 3,
            status: bucket >> 2 & 3,
            priority: bucket >> 4 & 7,
            language: bucket >> 7 & 3,
            assigned: bucket >> 9 == 1,
        }
    }
}

// Each value has room for itself in a bucket.
const _: () = {
    assert!(Lane::ALL.len() <= 4 && Status::ALL.len() <= 4 && Priority::ALL.len() < 8);
    assert!((Language::Es as i64) + 1 < 4);
};

/// The name of the counters of a team and a category.
fn pair(team: i64, category: i64) -> i64 {
    team.rotate_left(17) ^ category ^ 0x5bd1_e995_9e37_79b9
}

/// The counters that a ticket adds one to each.
pub(super) fn tallies(state: &QueueState, team: i64) -> [Tally; 2] {
    let category = facts::code_or_none(state.ticket.category.as_ref().map(|category| category.as_str()));
    [
        Tally { name: CATEGORY, bucket: category },
        Tally { name: pair(team, category), bucket: Cell::of(state).pack() },
    ]
}

/// What a test may be asked of.
#[derive(Clone, Copy)]
enum Level<'a> {
    Team(i64),
    Category(i64),
    Cell(&'a Cell),
}

/// Whether counters tell what a test asks for.
const fn is_counted(test: &Test) -> bool {
    match test {
        Test::Team(_)
        | Test::Category(_)
        | Test::Lane(_)
        | Test::Status(_)
        | Test::Priority(_)
        | Test::Language(_)
        | Test::Assignee(Person::Nobody) => true,
        Test::Assignee(Person::Me | Person::Named(_))
        | Test::Requester(_)
        | Test::Tag(_)
        | Test::Follower(_)
        | Test::Mark(_)
        | Test::Clock(_) => false,
    }
}

/// What a test says; none where it asks about something else.
fn says(test: &Test, of: Level<'_>) -> Option<bool> {
    let code = |slug: &Option<Slug>| facts::code_or_none(slug.as_ref().map(|slug| slug.as_str()));
    match (of, test) {
        (Level::Team(team), Test::Team(wanted)) => Some(team == code(wanted)),
        (Level::Category(category), Test::Category(wanted)) => Some(category == code(wanted)),
        (Level::Cell(cell), Test::Lane(lane)) => Some(cell.lane == *lane as i64),
        (Level::Cell(cell), Test::Status(status)) => Some(cell.status == facts::status(*status)),
        (Level::Cell(cell), Test::Priority(priority)) => Some(cell.priority == facts::priority(*priority)),
        (Level::Cell(cell), Test::Language(language)) => Some(cell.language == facts::language(*language)),
        (Level::Cell(cell), Test::Assignee(Person::Nobody)) => Some(!cell.assigned),
        (Level::Team(_) | Level::Category(_) | Level::Cell(_), _) => None,
    }
}

/// Whether everything that a filter asks about this holds. All tests of a group ask about the same.
fn fits(filter: &Filter, of: Level<'_>) -> bool {
    filter.groups().iter().all(|group| {
        let mut said = group.any.iter().filter_map(|test| says(test, of)).peekable();
        said.peek().is_none() || said.any(|yes| yes) != group.not
    })
}

/// Counts what fits, but for tickets of other teams that the reach sees for being responsible; none when the
/// counters do not tell.
///
/// # Errors
/// [`FileError`]
pub(super) fn count(connection: &Connection, wanted: Wanted<'_>) -> Result<Option<i64>, FileError> {
    let filter = wanted.filter;
    if !filter.groups().iter().all(|group| group.any.iter().all(|test| is_counted(test))) {
        return Ok(None);
    }
    let mut teams: BTreeSet<i64> = super::tally::teams(connection)?;
    match wanted.reach {
        Reach::Everything => {}
        Reach::Teams { teams: mine, .. } => {
            let mine = facts::teams(mine.iter());
            teams.retain(|team| mine.contains(team));
        }
        Reach::Nothing => teams.clear(),
        Reach::Own { .. } => return Ok(None),
    }
    teams.retain(|team| fits(filter, Level::Team(*team)));
    let mut there = connection.prepare_cached("SELECT bucket FROM tallies WHERE name = ?1")?;
    let mut categories = there.query_map([CATEGORY], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    categories.retain(|category| fits(filter, Level::Category(*category)));
    if teams.len() * categories.len() > PAIRS_MAX {
        return Ok(None);
    }
    let mut cells = connection.prepare_cached("SELECT bucket, count FROM tallies WHERE name = ?1")?;
    let mut sum = 0;
    for (team, category) in teams.iter().flat_map(|team| categories.iter().map(move |it| (*team, *it))) {
        let mut rows = cells.query([pair(team, category)])?;
        while let Some(row) = rows.next()? {
            if fits(filter, Level::Cell(&Cell::unpack(row.get(0)?))) {
                sum += row.get::<_, i64>(1)?;
            }
        }
    }
    Ok(Some(sum))
}
