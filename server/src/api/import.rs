//! Takes facts of another system in while the server runs: a line of JSON for each row, read as it comes.
//!
//! Memory: one line, one batch, and some 200 bytes a case and 8 bytes a fact of what was sent.

mod lines;

use super::commands::POSITION;
use super::parameters::Keyed;
use super::refusals::ChangeRefusals;
use crate::access;
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::{Caller, still_admitted};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use docket_core::handler::import::{
    ANSWER_LINES_MAX, FactRefusal, ImportError, ImportRow, Intake, LINE_BYTES_MAX, LineRefusal, Taken,
    read_line,
};
use lines::{Line, Lines};
use serde::Serialize;
use utoipa::ToSchema;

/// Where imports are sent. What is sent there is not read before its handler, as all else is.
pub(crate) const IMPORT: &str = "/api/v1/import";

/// All that one import may send. Unit: bytes.
pub const IMPORT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Events that are appended at once. Whoever else writes waits for no more of them.
pub const IMPORT_BATCH_EVENTS: usize = 1024;

/// The longest reason and the longest case that are told. Unit: characters.
const TOLD_CHARS_MAX: usize = 300;

/// The types in which lines of JSON are sent.
const MEDIA_TYPES: [&str; 2] = ["application/x-ndjson", "application/jsonl"];

/// The tickets of an import.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportTicketsView {
    /// Tickets that are new.
    new: u64,
    /// Tickets that were there.
    already_there: u64,
    /// The lowest number that was given.
    first: Option<u64>,
    /// The highest number that was given.
    last: Option<u64>,
}

/// A line that could not be taken.
#[derive(Serialize, ToSchema)]
pub(super) struct RejectedLineView {
    /// Which line of what was sent, from 1.
    line: u64,
    /// A stable name of the reason.
    code: &'static str,
    /// Why.
    reason: String,
    /// The case, as far as it can be told.
    case: Option<String>,
    /// The ticket of the case, if it had one before this import.
    ticket: Option<u64>,
    /// `gap`: the number that comes next in the case.
    expected: Option<u64>,
    /// `gap`: the number that was sent. `other-content`: the number that is taken.
    seq: Option<u64>,
    /// `waits`: the line that it waits for.
    waits_for: Option<u64>,
}

impl RejectedLineView {
    fn new(line: u64, code: &'static str, reason: &dyn std::fmt::Display) -> Self {
        let reason = told(&reason.to_string());
        let (case, ticket, expected, seq, waits_for) = (None, None, None, None, None);
        Self { line, code, reason, case, ticket, expected, seq, waits_for }
    }

    fn of_line(line: u64, refusal: &LineRefusal) -> Self {
        Self::new(line, refusal.code(), refusal)
    }

    fn of_row(line: u64, case: Option<&str>, intake: Option<&Intake>, refusal: &FactRefusal) -> Self {
        let (expected, seq, waits_for) = match refusal {
            FactRefusal::Gap { expected, found } => (Some(*expected), Some(*found), None),
            FactRefusal::OtherContent { seq } => (None, Some(*seq), None),
            FactRefusal::Waits { line } => (None, None, Some(*line)),
            FactRefusal::Empty
            | FactRefusal::TooMany { .. }
            | FactRefusal::SeveralCases
            | FactRefusal::OtherSystem { .. }
            | FactRefusal::System(_)
            | FactRefusal::Missing(_)
            | FactRefusal::TooLong { .. }
            | FactRefusal::Nul
            | FactRefusal::Sealed(_)
            | FactRefusal::RestForm => (None, None, None),
        };
        let ticket = case.zip(intake).and_then(|(case, intake)| intake.ticket(case)).map(|ticket| ticket.0);
        let case = case.map(told);
        Self { case, ticket, expected, seq, waits_for, ..Self::new(line, refusal.code(), refusal) }
    }
}

fn told(text: &str) -> String {
    text.chars().take(TOLD_CHARS_MAX).collect()
}

/// The lines that could not be taken.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct RejectedView {
    /// How many.
    lines: u64,
    /// The first 4096 of them.
    #[schema(max_items = 4096)]
    first: Vec<RejectedLineView>,
}

impl RejectedView {
    fn add(&mut self, rejected: RejectedLineView) {
        self.lines += 1;
        if self.first.len() < ANSWER_LINES_MAX {
            self.first.push(rejected);
        }
    }
}

/// What an import came to. All that it counts is on the disk.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportView {
    /// The position that shows it.
    position: u64,
    /// Lines that were read, empty ones aside.
    lines: u64,
    /// Facts that are new.
    appended: u64,
    /// Facts that were there.
    already_there: u64,
    tickets: ImportTicketsView,
    rejected: RejectedView,
}

/// Takes facts of another system in, as they were. What cannot be taken is told, and the rest goes in. Sent again, it
/// appends only what is missing, so that an import that broke off is simply sent again.
#[utoipa::path(post, path = "/api/v1/import", tag = "import", params(Keyed),
    request_body(content((String = "application/x-ndjson"), (String = "application/jsonl")),
        description = "A line of JSON for each row, of one system, 16 MiB at most: docs/how-to/import.md"),
    responses((status = 200, description = "Taken, as far as it could be", body = ImportView,
        headers(("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeRefusals))]
pub(super) async fn import(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    // The facts carry their own identifiers, so that a key adds nothing; one that is none is refused as everywhere.
    command_key(request.headers(), &caller.actor, request.uri().path(), b"", &app.digest_key)?;
    check_head(request.headers())?;
    let mut import = Import::by(&caller, app.clone());
    let ended = import.take_all(Lines::of(request)).await;
    if let Err(Stop::Import(ImportError::Append(error))) = &ended {
        app.note_refusal(error);
    }
    let taken = ended.map_err(|stop| import.broken_off(stop))?;
    let position = app.head();
    let Import { lines, rejected, .. } = import;
    let (who, appended) = (&caller.actor.id, taken.appended);
    tracing::info!(%who, lines, appended, rejected = rejected.lines, "facts of another system were taken in");
    let view = ImportView {
        position: position.0,
        lines,
        appended,
        already_there: taken.already_there,
        tickets: ImportTicketsView {
            new: taken.new_tickets,
            already_there: taken.known_tickets,
            first: taken.given.map(|(first, _)| first.0),
            last: taken.given.map(|(_, last)| last.0),
        },
        rejected,
    };
    Ok(([(POSITION, HeaderValue::from(position.0))], Json(view)).into_response())
}

/// Why an import ends before its end.
enum Stop {
    Request(Problem),
    Import(ImportError),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Request(problem)
    }
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Request(problem) => problem,
            Stop::Import(error) => error.into(),
        }
    }
}

/// An import under way.
struct Import {
    app: App,
    caller: Caller,
    /// How often something had been taken away from somebody at the last look.
    looked: Option<u64>,
    /// None until the first line says whose cases they are.
    intake: Option<Intake>,
    lines: u64,
    rejected: RejectedView,
}

impl Import {
    fn by(caller: &Caller, app: App) -> Self {
        let (caller, rejected) = (caller.clone(), RejectedView::default());
        Self { app, caller, looked: None, intake: None, lines: 0, rejected }
    }

    async fn take_all(&mut self, mut lines: Lines) -> Result<Taken, Stop> {
        while let Some(line) = lines.next(&self.app).await? {
            self.lines += 1;
            self.check_admitted()?;
            self.take(&line).await?;
        }
        self.check_admitted()?;
        match &mut self.intake {
            Some(intake) => Ok(intake.finish().await?),
            None => Ok(Taken::default()),
        }
    }

    /// What is sent may take its time: whoever lost something meanwhile puts nothing more into the log (promise S2).
    fn check_admitted(&mut self) -> Result<(), Problem> {
        let taken_away = Some(*self.app.credentials.taken_away.borrow());
        if self.looked == taken_away {
            return Ok(());
        }
        self.looked = taken_away;
        let rule = access::rule(&Method::POST, IMPORT);
        let admitted = rule.is_some_and(|rule| still_admitted(&self.app, &self.caller, rule));
        if admitted { Ok(()) } else { Err(Problem::access_changed()) }
    }

    /// Why it broke off, and whether anything was recorded by then.
    fn broken_off(&self, stop: Stop) -> Problem {
        let problem = Problem::from(stop);
        match &self.intake {
            Some(intake) if intake.may_have_appended() => problem.with_outcome_unknown(),
            Some(_) | None => problem,
        }
    }

    /// Takes a line, or tells why not.
    async fn take(&mut self, line: &Line) -> Result<(), Stop> {
        let row = match &line.bytes {
            Some(bytes) => read_line(bytes, line.number),
            None => {
                let reason = format!("longer than {LINE_BYTES_MAX} bytes");
                self.rejected.add(RejectedLineView::new(line.number, "too-long", &reason));
                return Ok(());
            }
        };
        match row {
            Ok(row) => self.take_row(row).await,
            Err(refusal) => {
                self.rejected.add(RejectedLineView::of_line(line.number, &refusal));
                Ok(())
            }
        }
    }

    async fn take_row(&mut self, row: ImportRow) -> Result<(), Stop> {
        let (line, case) = (row.line, row.case().map(str::to_owned));
        let system = match row.system() {
            Ok(system) => system,
            Err(refusal) => {
                let intake = self.intake.as_ref();
                self.rejected.add(RejectedLineView::of_row(line, case.as_deref(), intake, &refusal));
                return Ok(());
            }
        };
        let intake = match &mut self.intake {
            Some(intake) => intake,
            None => {
                let begun = Intake::begin(self.app.handler.clone(), system.as_str(), IMPORT_BATCH_EVENTS);
                // What an import that broke off had begun ends in a moment.
                let begun = tokio::time::timeout(self.app.wait_max, begun).await;
                self.intake.insert(begun.map_err(|_| Problem::import_running())?)
            }
        };
        if let Some(case) = intake.must_meet(&row) {
            intake.meet(case).await?;
        }
        if let Err(refusal) = intake.take(row) {
            self.rejected.add(RejectedLineView::of_row(line, case.as_deref(), Some(intake), &refusal));
        }
        while intake.is_full() {
            intake.send().await?;
        }
        Ok(())
    }
}

fn check_head(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|value| value.split(';').next()).map(str::trim).unwrap_or_default();
    let is_known = MEDIA_TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known));
    if !is_known || headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::media_type("application/x-ndjson without a content encoding"));
    }
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    match announced {
        Some(length) if length > IMPORT_BYTES_MAX => Err(Problem::too_large(IMPORT_BYTES_MAX)),
        Some(_) | None => Ok(()),
    }
}
