//! What is known of a ticket as whole numbers: the columns by which it is found, filtered and counted.
//!
//! A name is told by 64 bits of its SHA-256, so that nobody can choose a name that passes for another one.

use crate::queue::QueueState;
use docket_core::access::Reach;
use docket_core::filter::{Clock, Facts, Filter, Group, Mark, Person, Test};
use docket_core::names::{ActorId, Slug};
use docket_core::sla::Course;
use docket_core::ticket::event::{Language, Priority};
use docket_core::ticket::{Lane, Status};
use docket_core::time::Timestamp;
use sha2::{Digest, Sha256};

/// The columns, in the order of [`columns`].
pub(crate) const COLUMNS: &[&str] = &[
    "lane",
    "rank",
    "status",
    "priority",
    "language",
    "team",
    "category",
    "assignee",
    "requester",
    "warns",
    "tags",
    "followers",
    "marks",
    "judged",
];

/// The one that is 1 where a change of the rules can move a clock.
pub(crate) const JUDGED: Option<&str> = Some("judged");

/// Finds the rows that a change of the rules concerns.
pub(crate) const JUDGED_INDEX: &str = "CREATE INDEX rows_judged ON rows (key) WHERE judged = 1";

/// Stands for no name, no priority and no language.
pub(crate) const NONE: i64 = 0;

/// When a target comes near whose clock does not run: after every instant.
const NEVER: i64 = Timestamp::MAX.0 + 1;

/// The number of a name.
pub(crate) fn code(name: &str) -> i64 {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(bytes)
}

/// One of 63 bits for a tag or a person. A row that lacks it lacks them, so that few others have to be read to know.
fn bit(name: &str) -> i64 {
    1 << code(name).rem_euclid(63)
}

/// The bit of a mark.
const fn mark(mark: Mark) -> i64 {
    1 << mark as i64
}

/// The number of a person as one word of letters and digits, for an index of words.
pub(crate) fn owner(id: &ActorId) -> String {
    format!("r{:016x}", code(id.as_str()))
}

/// The number of a name that may be missing.
pub(crate) fn code_or_none(name: Option<&str>) -> i64 {
    name.map_or(NONE, code)
}

/// The number of a status.
pub(crate) const fn status(status: Status) -> i64 {
    status as i64
}

/// The number of a priority that may be missing.
pub(crate) fn priority(priority: Option<Priority>) -> i64 {
    priority.map_or(NONE, |priority| priority as i64 + 1)
}

/// The number of a language that may be missing.
pub(crate) fn language(language: Option<Language>) -> i64 {
    language.map_or(NONE, |language| language as i64 + 1)
}

/// The values of [`COLUMNS`].
pub(crate) fn columns(state: &QueueState) -> Vec<i64> {
    let ticket = &state.ticket;
    let clock = state.clock.as_ref().filter(|_| ticket.status != Status::Resolved);
    vec![
        state.lane() as i64,
        state.rank(),
        status(ticket.status),
        priority(ticket.priority),
        language(state.language),
        code_or_none(ticket.team.as_ref().map(|team| team.as_str())),
        code_or_none(ticket.category.as_ref().map(|category| category.as_str())),
        code_or_none(ticket.assignee.as_ref().map(|id| id.as_str())),
        code_or_none(ticket.requester.as_ref().map(|id| id.as_str())),
        clock.and_then(|clock| clock.near_at).map_or(NEVER, |near| near.0),
        ticket.tags.iter().fold(NONE, |bits, tag| bits | bit(tag.as_str())),
        ticket.followers.iter().fold(NONE, |bits, id| bits | bit(id.as_str())),
        Mark::ALL.into_iter().filter(|mark| mark.is_on(ticket)).fold(NONE, |bits, on| bits | mark(on)),
        i64::from(state.course.as_ref().is_some_and(Course::is_open)),
    ]
}

/// The teams within a reach as numbers, those without a team among them.
pub(crate) fn teams<'a>(teams: impl Iterator<Item = &'a Slug>) -> Vec<i64> {
    std::iter::once(NONE).chain(teams.map(|team| code(team.as_str()))).collect()
}

/// Numbers as SQL lists them.
pub(crate) fn listed(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The condition on [`COLUMNS`] that [`Reach::sees`] is; of numbers only, so there is nothing to escape.
pub(crate) fn within(reach: &Reach) -> String {
    match reach {
        Reach::Everything => "1".to_owned(),
        Reach::Teams { me, teams: mine } => {
            let (teams, me) = (listed(&teams(mine.iter())), code(me.as_str()));
            format!("(team IN ({teams}) OR assignee = {me})")
        }
        Reach::Own { requester } => format!("requester = {}", code(requester.as_str())),
        Reach::Nothing => "0".to_owned(),
    }
}

/// What a filter asks about.
pub(crate) fn of(state: &QueueState) -> Facts<'_> {
    Facts { ticket: &state.ticket, language: state.language, clock: state.clock.as_ref() }
}

/// The condition on a row that [`Filter::holds`] is: on [`COLUMNS`], and for tags and followers on what its `state` holds of
/// the ticket at a path.
pub(crate) fn fits(filter: &Filter, path: &str, me: &ActorId, now: Timestamp) -> String {
    let mut condition = "1".to_owned();
    for group in filter.groups() {
        let alternatives: Vec<String> = group.any.iter().map(|test| holds(test, path, me, now)).collect();
        let not = if group.not { "NOT " } else { "" };
        condition.push_str(&format!(" AND {not}({})", alternatives.join(" OR ")));
    }
    format!("{condition} AND lane IN ({})", listed(&lanes(filter)))
}

/// The lanes that a filter can find tickets in, so that the others are not looked through.
fn lanes(filter: &Filter) -> Vec<i64> {
    let groups = filter.groups();
    let may_be = |group: &Group<'_>, lane: Lane| {
        group.not
            || group.any.iter().any(|test| match test {
                Test::Lane(wanted) => *wanted == lane,
                Test::Status(status) => {
                    [false, true].into_iter().any(|assigned| Lane::of(*status, assigned) == lane)
                }
                Test::Clock(_) => lane != Lane::Resolved,
                Test::Team(_)
                | Test::Assignee(_)
                | Test::Category(_)
                | Test::Priority(_)
                | Test::Language(_)
                | Test::Requester(_)
                | Test::Tag(_)
                | Test::Follower(_)
                | Test::Mark(_) => true,
            })
    };
    let lanes = Lane::ALL.into_iter().filter(|lane| groups.iter().all(|group| may_be(group, *lane)));
    lanes.map(|lane| lane as i64).collect()
}

/// Whether a row's list at a path holds a name. What people call themselves may hold a quotation mark.
fn among(column: &str, path: &str, name: &str) -> String {
    let quoted = name.replace('\'', "''");
    let listed = format!("SELECT 1 FROM json_each(state, '{path}.{column}') WHERE value = '{quoted}'");
    format!("({column} & {} <> 0 AND EXISTS ({listed}))", bit(name))
}

fn holds(test: &Test, path: &str, me: &ActorId, now: Timestamp) -> String {
    let slug = |slug: &Option<Slug>| code_or_none(slug.as_ref().map(|slug| slug.as_str()));
    let person = |person: &Person| match person {
        Person::Me => code(me.as_str()),
        Person::Nobody => NONE,
        Person::Named(id) => code(id.as_str()),
    };
    match test {
        Test::Lane(lane) => format!("lane = {}", *lane as i64),
        Test::Status(wanted) => format!("status = {}", status(*wanted)),
        Test::Team(team) => format!("team = {}", slug(team)),
        Test::Assignee(who) => format!("assignee = {}", person(who)),
        Test::Category(category) => format!("category = {}", slug(category)),
        Test::Priority(wanted) => format!("priority = {}", priority(*wanted)),
        Test::Language(wanted) => format!("language = {}", language(*wanted)),
        Test::Requester(who) => format!("requester = {}", person(who)),
        Test::Tag(None) => format!("tags = {NONE}"),
        Test::Tag(Some(tag)) => among("tags", path, tag.as_str()),
        Test::Follower(Person::Nobody) => format!("followers = {NONE}"),
        Test::Follower(Person::Me) => among("followers", path, me.as_str()),
        Test::Follower(Person::Named(id)) => among("followers", path, id.as_str()),
        Test::Mark(wanted) => format!("marks & {} <> 0", mark(*wanted)),
        Test::Clock(Clock::Late) => late(now),
        // Where no clock runs, the target never comes near.
        Test::Clock(Clock::DueSoon) => format!("(warns <= {0} AND rank >= {0})", now.0),
    }
}

/// The condition that a ticket is late: only resolved ones are ranked by what is no deadline and may have passed. The lanes
/// one by one, so that an index by lane and rank leads to those that are late.
pub(crate) fn late(now: Timestamp) -> String {
    let lanes: Vec<i64> =
        Lane::ALL.iter().filter(|lane| **lane != Lane::Resolved).map(|lane| *lane as i64).collect();
    format!("(lane IN ({}) AND rank < {})", listed(&lanes), now.0)
}
