//! Hands rows to the server that has the directory, batch by batch, as if they went into the log themselves.
//!
//! The server judges them by the same rules. What it says about a line is told about the row that the line was made of, in
//! the order of the file.

use super::http::{Answer, Client};
use super::problem::Problem;
use super::rejects::Rejects;
use super::rows::RawRow;
use crate::failure::Failure;
use crate::sentence::Sentence;
use crate::texts::Texts;
use docket_core::handler::import::{ANSWER_LINES_MAX, ImportRow, Taken, write_line};
use docket_core::names::TicketNumber;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

/// Rows that are sent at once: as many as the server tells about one by one.
const BATCH_ROWS_MAX: usize = ANSWER_LINES_MAX;

/// What is sent at once, but for the last line. Unit: bytes.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// How often a batch is sent that the server cannot take just now.
const ATTEMPTS_MAX: u32 = 8;

/// The longest pause before it is sent again.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A row of a batch.
struct Entry {
    row: RawRow,
    case: Option<String>,
    /// Whether its facts were counted as they came.
    counted: bool,
    standing: Standing,
}

/// What is known of a row before the server has answered.
enum Standing {
    Sent,
    Refused(Problem),
    /// An earlier row of its case could not be taken; which one, the answer will tell.
    Waits,
}

/// The server, and what has become of the rows handed to it.
pub struct Server {
    client: Client,
    address: SocketAddr,
    entries: Vec<Entry>,
    body: Vec<u8>,
    /// The number of the next fact, in cases whose facts are counted as they come.
    next: HashMap<String, u64>,
    /// Cases that wait, for which line.
    held: HashMap<String, u64>,
    /// Cases that something of this batch will make wait.
    will_wait: HashSet<String>,
    /// Cases that have a ticket.
    known: HashSet<String>,
    taken: Taken,
    head: Option<u64>,
}

#[derive(Deserialize)]
struct Told {
    position: u64,
    appended: u64,
    already_there: u64,
    tickets: ToldTickets,
    rejected: ToldRejected,
}

#[derive(Deserialize)]
struct ToldTickets {
    new: u64,
    first: Option<u64>,
    last: Option<u64>,
}

#[derive(Deserialize)]
struct ToldRejected {
    lines: u64,
    first: Vec<ToldLine>,
}

#[derive(Deserialize)]
struct ToldLine {
    line: u64,
    code: String,
    reason: String,
    ticket: Option<u64>,
    expected: Option<u64>,
    seq: Option<u64>,
}

/// What a problem says, as far as it is told here.
#[derive(Deserialize)]
struct ToldProblem {
    code: String,
    title: String,
    detail: String,
}

impl Server {
    /// A server that holds a directory.
    pub fn new(client: Client, address: SocketAddr) -> Self {
        Self {
            client,
            address,
            entries: Vec::new(),
            body: Vec::new(),
            next: HashMap::new(),
            held: HashMap::new(),
            will_wait: HashSet::new(),
            known: HashSet::new(),
            taken: Taken::default(),
            head: None,
        }
    }

    fn waits(&self, case: &str) -> bool {
        self.held.contains_key(case) || self.will_wait.contains(case)
    }

    /// Hands a row over; tells whether it was taken, as far as can be told before the server has answered.
    ///
    /// # Errors
    /// [`Failure`] when the import cannot go on.
    pub fn take(&mut self, row: &RawRow, facts: ImportRow, rejects: &mut Rejects) -> Result<bool, Failure> {
        let (case, counted) = (facts.case().map(str::to_owned), facts.counted);
        let name = case.as_deref().unwrap_or_default();
        let standing = if counted && self.waits(name) {
            Standing::Waits
        } else {
            let first = self.next.get(name).copied().unwrap_or_default();
            match write_line(&facts, first) {
                Ok(line) => {
                    self.body.extend_from_slice(line.as_bytes());
                    self.body.push(b'\n');
                    if counted {
                        self.next.insert(name.to_owned(), first + facts.facts.len() as u64);
                    }
                    Standing::Sent
                }
                Err(refusal) => Standing::Refused(refusal.into()),
            }
        };
        let sent = matches!(standing, Standing::Sent);
        self.add(Entry { row: row.clone(), case, counted, standing }, rejects)?;
        Ok(sent)
    }

    /// Keeps a row in the report that cannot even be read; what comes after it in its case waits.
    ///
    /// # Errors
    /// [`Failure`] when the import cannot go on.
    pub fn refuse(
        &mut self,
        row: &RawRow,
        case: Option<&str>,
        problem: &Problem,
        rejects: &mut Rejects,
    ) -> Result<(), Failure> {
        let (case, standing) = (case.map(str::to_owned), Standing::Refused(problem.clone()));
        self.add(Entry { row: row.clone(), case, counted: true, standing }, rejects)
    }

    fn add(&mut self, entry: Entry, rejects: &mut Rejects) -> Result<(), Failure> {
        if let (Standing::Refused(_), Some(case)) = (&entry.standing, &entry.case) {
            self.will_wait.insert(case.clone());
        }
        self.entries.push(entry);
        if self.entries.len() >= BATCH_ROWS_MAX || self.body.len() >= BATCH_BYTES {
            self.send(rejects)?;
        }
        Ok(())
    }

    /// Sends what is left; gives what it has come to, and the end of the log.
    ///
    /// # Errors
    /// [`Failure`]
    pub fn finish(&mut self, rejects: &mut Rejects) -> Result<(Taken, u64), Failure> {
        // Also with nothing to send: whoever may not import shall be told so.
        if !self.entries.is_empty() || self.head.is_none() {
            self.send(rejects)?;
        }
        self.taken.known_tickets = (self.known.len() as u64).saturating_sub(self.taken.new_tickets);
        Ok((self.taken, self.head.unwrap_or_default()))
    }

    /// Sends the batch, and keeps in the report what could not be taken.
    fn send(&mut self, rejects: &mut Rejects) -> Result<(), Failure> {
        let told = if self.body.is_empty() && self.head.is_some() { None } else { Some(self.ask()?) };
        self.body.clear();
        let rejected = told.map(|told| self.note(told)).transpose()?.unwrap_or_default();
        let mut line = 0;
        for entry in std::mem::take(&mut self.entries) {
            let problem = match entry.standing {
                Standing::Refused(problem) => problem,
                Standing::Waits => self.waiting(entry.case.as_deref(), entry.row.line),
                Standing::Sent => {
                    line += 1;
                    match rejected.get(&line) {
                        None => {
                            self.known.extend(entry.case);
                            continue;
                        }
                        Some(told) => {
                            if let (Some(_), Some(case)) = (told.ticket, &entry.case) {
                                self.known.insert(case.clone());
                            }
                            self.problem(told, entry.case.as_deref(), entry.row.line)
                        }
                    }
                }
            };
            rejects.keep(&entry.row, &problem)?;
            // A repetition that says something else holds up nothing where facts carry their numbers.
            let repetition = matches!(problem, Problem::OtherContent { .. }) && !entry.counted;
            if let Some(case) = entry.case.filter(|_| !repetition) {
                self.held.entry(case).or_insert(entry.row.line);
            }
        }
        self.will_wait.clear();
        Ok(())
    }

    /// Takes note of an answer; gives the lines that could not be taken.
    fn note(&mut self, told: Told) -> Result<HashMap<u64, ToldLine>, Failure> {
        let Told { position, appended, already_there, tickets, rejected } = told;
        self.head = Some(position);
        self.taken.appended += appended;
        self.taken.already_there += already_there;
        self.taken.new_tickets += tickets.new;
        if let (Some(first), Some(last)) = (tickets.first, tickets.last) {
            let (first, last) = (TicketNumber(first), TicketNumber(last));
            let given = self.taken.given.unwrap_or((first, last));
            self.taken.given = Some((given.0.min(first), given.1.max(last)));
        }
        if rejected.lines != rejected.first.len() as u64 {
            return Err(self.failure(Sentence::fixed(|texts| texts.server_answer)));
        }
        Ok(rejected.first.into_iter().map(|line| (line.line, line)).collect())
    }

    /// What the server says of a line, in the words for the file.
    fn problem(&self, told: &ToldLine, case: Option<&str>, line: u64) -> Problem {
        match (told.code.as_str(), told.expected, told.seq) {
            ("gap", Some(_), Some(_)) if case.is_some_and(|case| self.held.contains_key(case)) => {
                self.waiting(case, line)
            }
            ("gap", Some(expected), Some(found)) => Problem::Gap { expected, found },
            ("other-content", _, Some(seq)) => Problem::OtherContent { seq },
            ("waits", _, _) => self.waiting(case, line),
            ("rest-form", _, _) => Problem::RestForm,
            _ => Problem::Json(told.reason.clone()),
        }
    }

    /// The row waits for the one that its case is held up by.
    fn waiting(&self, case: Option<&str>, line: u64) -> Problem {
        let held = case.and_then(|case| self.held.get(case));
        Problem::Waits { line: held.copied().unwrap_or(line) }
    }

    fn ask(&self) -> Result<Told, Failure> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let answer = self.client.post("/api/v1/import", "application/x-ndjson", &self.body);
            let answer = answer.map_err(|error| {
                let why = error.to_string();
                self.failure(Sentence::new(move |texts| texts.server_unreachable(&why)))
            })?;
            match (answer.status, answer.retry_after_s) {
                (200, _) => return self.read(&answer.body),
                // Whatever of it is in the log is not added twice.
                (429 | 503, Some(seconds)) if attempt < ATTEMPTS_MAX => {
                    std::thread::sleep(Duration::from_secs(seconds).min(PAUSE_MAX));
                }
                _ => return Err(self.refusal(&answer)),
            }
        }
    }

    fn read<T: for<'a> Deserialize<'a>>(&self, body: &[u8]) -> Result<T, Failure> {
        let told = serde_json::from_slice(body);
        told.map_err(|_| self.failure(Sentence::fixed(|texts| texts.server_answer)))
    }

    /// What the server says of the whole request.
    fn refusal(&self, answer: &Answer) -> Failure {
        let problem: ToldProblem = match self.read(&answer.body) {
            Ok(problem) => problem,
            Err(failure) => return failure,
        };
        let ToldProblem { code, title, detail } = problem;
        // Its title is in the language that was asked for, its detail is for programs.
        let why = Sentence::new(move |texts| {
            let english = texts.code == Texts::english().code;
            texts.server_refused(if english { &detail } else { &title }, &code)
        });
        match answer.status {
            401 | 403 => Failure::NotLetIn { address: self.address, why },
            _ => self.failure(why),
        }
    }

    fn failure(&self, why: Sentence) -> Failure {
        Failure::Server { address: self.address, why }
    }
}
