//! Finds tickets by words: the newest matches first, then the best of them.

use super::expression::{NotSearchable, Term, columns, expression, terms};
use super::snippet::{Snippet, found, marks_for, snippet};
use super::{Search, SearchState, beginnings, spelling};
use crate::facts;
use crate::projector::Row;
use crate::queue::{QueuePersonal, QueueState};
use crate::read_model::FileError;
use crate::read_model::file::{checkpoint, decode_row};
use docket_core::access::Reach;
use docket_core::actor::Role;
use docket_core::filter::{Filter, OwnFilter, Word};
use docket_core::names::{ActorId, GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// The most tickets that a page of hits holds.
pub const HITS_PER_PAGE_MAX: usize = 50;

/// Matching texts within reach that are ranked at most, the newest of all.
pub const MATCHES_MAX: usize = 2_000;

/// Time after which a search tells what it has found so far.
pub const SEARCH_TIME_MAX: Duration = Duration::from_millis(75);

/// Words that are told for one that was widened, the nearest first.
const TOLD_MAX: usize = 8;

/// Matches after which the time is looked at.
const LOOK_AT_CLOCK: usize = 64;

/// How much a word counts by where it stands: subject, message, note, and the owner, which only narrows.
const WEIGHTS: &str = "4.0, 1.0, 1.0, 0.0";

/// What is looked for, and by whom.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// What they may see.
    pub reach: &'a Reach,
    /// Who `me` is.
    pub me: &'a ActorId,
    /// What tickets must be like.
    pub conditions: Conditions<'a>,
    /// What texts must say.
    pub words: &'a [Word],
    /// Texts after this position are left out.
    pub up_to: Option<GlobalPosition>,
    /// Tickets that have been shown.
    pub skip: usize,
    /// Tickets to show.
    pub limit: usize,
    /// The instant at which lateness is judged.
    pub now: Timestamp,
}

/// What tickets must be like.
#[derive(Clone, Copy, Debug)]
pub enum Conditions<'a> {
    /// As the staff asks.
    Filter(&'a Filter),
    /// As requesters ask, in their own words.
    Own(&'a OwnFilter),
}

impl Conditions<'_> {
    fn hold(self, queue: &QueueState, me: &ActorId, now: Timestamp) -> bool {
        match self {
            Self::Filter(filter) => filter.holds(facts::of(queue), me, now),
            Self::Own(filter) => filter.holds(&queue.ticket),
        }
    }

    /// As a condition on the columns of a row; what they do not tell is judged by the row.
    fn on_columns(self, me: &ActorId, now: Timestamp) -> String {
        match self {
            Self::Filter(filter) => facts::fits(filter, "$.queue.ticket", me, now),
            Self::Own(_) => "1".to_owned(),
        }
    }

    /// Whether columns do not tell all of it.
    fn needs_rows(self) -> bool {
        match self {
            Self::Filter(_) => false,
            Self::Own(filter) => !filter.is_empty(),
        }
    }
}

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundIn {
    /// In the subject.
    Subject,
    /// In what everybody with the ticket may read.
    Message,
    /// In what only the staff may read.
    Note,
}

/// A ticket that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its number.
    pub number: TicketNumber,
    /// How it stands.
    pub state: SearchState,
    /// What persons wrote, as far as a row shows it.
    pub personal: QueuePersonal,
    /// Whether an event of it could not be taken: then all this is as it last was.
    pub stale: bool,
    /// The event of its best text.
    pub position: GlobalPosition,
    /// When that was said.
    pub at: Timestamp,
    /// In which role.
    pub role: Role,
    /// Where in it.
    pub found_in: FoundIn,
    /// A piece of it.
    pub snippet: Snippet,
    /// How many of its texts match, of those that were ranked.
    pub texts: u64,
}

/// A word that nothing was found by, and what was found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widened {
    /// As it was typed.
    pub word: String,
    /// Words that stand in the hits of this page.
    pub to: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Results {
    /// The position that it shows.
    pub position: GlobalPosition,
    /// Tickets with a text that matches, of those that were ranked.
    pub tickets: u64,
    /// Whether all matches were ranked; otherwise only the newest were, for their number or for time.
    pub complete: bool,
    /// The best first.
    pub hits: Vec<Hit>,
    /// Words that nothing was found by, with what was looked for instead; empty if nothing was widened.
    pub widened: Vec<Widened>,
    /// Whether there are more.
    pub more: bool,
}

/// The best text of a ticket.
struct Best {
    ticket: i64,
    /// The lower the better. Unit: thousandths, so that nearly the same is the same and the newer one wins.
    score: i64,
    position: i64,
    texts: u64,
}

/// Looks for words within reach.
///
/// # Errors
/// [`FileError`]; inside, [`NotSearchable`] says why there is nothing to look for.
pub fn search(
    connection: &Connection,
    asked: &Asked<'_>,
) -> Result<Result<Results, NotSearchable>, FileError> {
    let mut terms = match terms(asked.words) {
        Ok(terms) => terms,
        Err(why) => return Ok(Err(why)),
    };
    let snapshot = connection.unchecked_transaction()?;
    let position = checkpoint(&snapshot)?.position;
    let until = Instant::now() + SEARCH_TIME_MAX;
    beginnings::look_up(&snapshot, &mut terms)?;
    let (mut found, mut complete) = matches(&snapshot, asked, &terms, until)?;
    let mut widened = false;
    if found.is_empty() && complete && widen(&snapshot, &mut terms, asked.reach)? {
        (found, complete) = matches(&snapshot, asked, &terms, until)?;
        widened = true;
    }
    found.sort_unstable_by_key(|best| (best.score, -best.position));
    let tickets = found.len() as u64;
    let limit = asked.limit.clamp(1, HITS_PER_PAGE_MAX);
    let more = found.len() > asked.skip + limit;
    let (mut hits, mut shown) = (Vec::with_capacity(limit), BTreeSet::new());
    let matching = expression(&terms, asked.reach);
    for best in found.into_iter().skip(asked.skip).take(limit) {
        let Some((hit, words)) = hit(&snapshot, asked, &matching, &best)? else { continue };
        hits.push(hit);
        shown.extend(words.iter().map(|word| spelling::fold(word)));
    }
    snapshot.commit()?;
    let widened = if widened { told(&terms, &shown) } else { Vec::new() };
    Ok(Ok(Results { position, tickets, complete, hits, widened, more }))
}

/// The best text of each ticket among the newest matches, and whether these were all.
fn matches(
    connection: &Connection,
    asked: &Asked<'_>,
    terms: &[Term],
    until: Instant,
) -> Result<(Vec<Best>, bool), FileError> {
    // Whether a match is within reach is judged here and not left to SQLite, so that time is looked at on the way.
    let fits = format!(
        "EXISTS (SELECT 1 FROM rows INDEXED BY rows_by_key WHERE key = texts.ticket AND {} AND {})",
        facts::within(asked.reach),
        asked.conditions.on_columns(asked.me, asked.now)
    );
    let mut statement = connection.prepare(&format!(
        "SELECT words.rowid, texts.ticket, CASE WHEN {fits} THEN bm25(words, {WEIGHTS}) END
         FROM words CROSS JOIN texts INDEXED BY texts_by_position ON texts.position = words.rowid
         WHERE words MATCH ?1 AND words.rowid <= ?2 ORDER BY words.rowid DESC"
    ))?;
    let up_to = asked.up_to.map_or(i64::MAX, |position| position.0 as i64);
    let mut rows = statement.query((expression(terms, asked.reach), up_to))?;
    let mut best: HashMap<i64, Best> = HashMap::new();
    // What has been read of rows; a requester has few tickets.
    let mut wanted: HashMap<i64, bool> = HashMap::new();
    let (mut looked_at, mut ranked) = (0_usize, 0);
    let mut complete = true;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        if ranked == MATCHES_MAX || (looked_at.is_multiple_of(LOOK_AT_CLOCK) && Instant::now() > until) {
            complete = false;
            break;
        }
        let Some(score) = row.get::<_, Option<f64>>(2)? else { continue };
        let (position, ticket, score) = (row.get(0)?, row.get(1)?, (score * 1_000.0) as i64);
        if asked.conditions.needs_rows() {
            let fits = match wanted.get(&ticket) {
                Some(fits) => *fits,
                None => {
                    let row = stored(connection, ticket)?.0;
                    *wanted.entry(ticket).or_insert(asked.conditions.hold(
                        &row.state.queue,
                        asked.me,
                        asked.now,
                    ))
                }
            };
            if !fits {
                continue;
            }
        }
        ranked += 1;
        let one = best.entry(ticket).or_insert(Best { ticket, score, position, texts: 0 });
        one.texts += 1;
        if score < one.score {
            (one.score, one.position) = (score, position);
        }
    }
    Ok((best.into_values().collect(), complete))
}

/// Adds other ways to write the words; tells whether there are any.
fn widen(connection: &Connection, terms: &mut [Term], reach: &Reach) -> Result<bool, FileError> {
    let mut any = false;
    for term in terms.iter_mut().filter(|term| !term.word.not && !term.word.exact && !term.word.prefix) {
        term.others = spelling::others(connection, &term.word.text, reach)?;
        any |= !term.others.is_empty();
    }
    Ok(any)
}

/// What was looked for instead, as far as the hits show it: a word from elsewhere would tell of what is out of reach.
fn told(terms: &[Term], shown: &BTreeSet<Vec<char>>) -> Vec<Widened> {
    let told = terms.iter().filter_map(|term| {
        let others = term.others.iter().filter(|other| shown.contains(&spelling::fold(other)));
        let to: Vec<String> = others.take(TOLD_MAX).cloned().collect();
        (!to.is_empty()).then(|| Widened { word: term.word.text.clone(), to })
    });
    told.collect()
}

/// A ticket that was found, with a piece of its best text and all that was found in it.
fn hit(
    connection: &Connection,
    asked: &Asked<'_>,
    matching: &str,
    best: &Best,
) -> Result<Option<(Hit, Vec<String>)>, FileError> {
    let (decoded, stale) = stored(connection, best.ticket)?;
    let queue = &decoded.state.queue;
    // A name that shares its number with another one shows nothing that is out of reach or was not wanted.
    if !asked.reach.sees(&queue.ticket) || !asked.conditions.hold(queue, asked.me, asked.now) {
        return Ok(None);
    }
    let (at, role): (i64, String) = connection
        .prepare_cached("SELECT at, role FROM texts WHERE position = ?1")?
        .query_row([best.position], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (found_in, snippet, words) = piece(connection, asked.reach, matching, best.position)?;
    let hit = Hit {
        number: TicketNumber(best.ticket as u64),
        state: decoded.state,
        personal: decoded.personal.unwrap_or_default(),
        stale,
        position: GlobalPosition(best.position as u64),
        at: Timestamp(at),
        role: Role::parse(&role).unwrap_or(Role::Unknown),
        found_in,
        snippet,
        texts: best.texts,
    };
    Ok(Some((hit, words)))
}

/// The row of a ticket, and whether an event of it could not be taken.
fn stored(connection: &Connection, ticket: i64) -> Result<(Row<Search>, bool), FileError> {
    let (state, personal, stale): (String, Option<String>, bool) = connection
        .prepare_cached(
            "SELECT state, personal, EXISTS (SELECT 1 FROM quarantine WHERE ticket = key) FROM rows WHERE key = ?1",
        )?
        .query_row([ticket], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok((decode_row::<Search>(&state, personal.as_deref())?, stale))
}

/// A piece of a text, of the first place within reach that matches, and what was found in all of these places.
fn piece(
    connection: &Connection,
    reach: &Reach,
    matching: &str,
    position: i64,
) -> Result<(FoundIn, Snippet, Vec<String>), FileError> {
    let (mut first, mut words) = (None, Vec::new());
    for (index, column) in columns(reach).iter().enumerate() {
        let text: Option<String> = connection
            .prepare_cached(&format!("SELECT {column} FROM texts WHERE position = ?1"))?
            .query_row([position], |row| row.get(0))?;
        let Some(text) = text else { continue };
        let marks = marks_for(&text);
        let marked: String = connection
            .prepare_cached(&format!(
                "SELECT highlight(words, {index}, ?1, ?2) FROM words WHERE words MATCH ?3 AND rowid = ?4"
            ))?
            .query_row((&marks[0], &marks[1], matching, position), |row| row.get(0))?;
        words.extend(found(&marked, &marks));
        first = first.or_else(|| Some((FoundIn::ALL[index], snippet(&marked, &marks)?)));
    }
    let missing = || FileError::Damaged(format!("the text at {position} does not hold what it was found by"));
    first.map(|(found_in, snippet)| (found_in, snippet, words)).ok_or_else(missing)
}

impl FoundIn {
    /// In the order of the columns.
    const ALL: [Self; 3] = [Self::Subject, Self::Message, Self::Note];

    /// A stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Message => "message",
            Self::Note => "note",
        }
    }
}
