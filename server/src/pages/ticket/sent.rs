//! Reads what a form on a ticket sends: words, and files that wait for their message from then on.

use super::super::FORM_BYTES_MAX;
use super::act::Failure;
use super::forms::{Fields, KeptFile};
use super::multipart::{Head, Parts, is_multipart};
use crate::access;
use crate::api::attachments::take_back;
use crate::api::attachments::upload::Arrival;
use crate::app::App;
use crate::idempotency::principal;
use crate::identity::{Caller, still_admitted};
use crate::problem::Problem;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use axum::http::Method;
use docket_core::names::{FileDigest, FileName};
use docket_core::ticket::TicketRefusal;
use docket_core::ticket::enclosed::ATTACHMENTS_MAX;

/// The route of every form on a ticket.
pub(in crate::pages) const ROUTE: &str = "/tickets/{number}/{action}";

/// Fields in one form, files kept before among them.
const FIELDS_MAX: usize = 64;

/// Files in one form, most of which are too many and passed over.
const FILES_MAX: usize = 1000;

/// What a form sent.
pub(super) struct Sent {
    pub(super) fields: Fields,
    /// What was wrong with the first file that was not taken.
    pub(super) refused: Option<Failure>,
    /// Files that wait since this form came.
    arrived: Vec<FileDigest>,
    /// Files that the page showed as kept.
    shown: Vec<FileDigest>,
}

impl Sent {
    fn of(fields: Fields) -> Self {
        Self { fields, refused: None, arrived: Vec::new(), shown: Vec::new() }
    }
}

/// Lets go of files that no form holds any more. Where that fails they wait a day.
pub(super) async fn let_go(app: &App, caller: &Caller, files: Vec<FileDigest>) {
    for digest in files {
        if let Err(problem) = take_back::let_go(app, &caller.actor, digest).await {
            tracing::warn!("a file that nobody needs waits for a day: {}", problem.detail);
        }
    }
}

/// Reads a form, with files or without.
///
/// # Errors
/// A problem when it is no form, is too large, or broke off.
pub(super) async fn read(app: &App, caller: &Caller, request: Request) -> Result<Sent, Problem> {
    if !is_multipart(request.headers()) {
        let form = Form::<Fields>::from_request(request, &()).await;
        let Form(fields) = form.map_err(|rejection| problem_of(&rejection))?;
        return Ok(Sent::of(fields));
    }
    let (parts, body) = request.into_parts();
    // As much as ten of the largest files: what is too large is read to its end, since browsers do not look at an answer
    // before, and it could not be said what was wrong.
    let bytes_max = FORM_BYTES_MAX as u64 + ATTACHMENTS_MAX as u64 * app.file_bytes_max;
    let mut parts = Parts::of(&parts.headers, body.into_data_stream(), bytes_max)?;
    let mut sent = Sent::of(Fields::default());
    let read = all(app, caller, &mut parts, &mut sent).await;
    // A form may take its time: whoever lost something meanwhile does nothing with it (promise S2).
    let rule = access::rule(&Method::POST, ROUTE);
    let admitted = || rule.is_some_and(|rule| still_admitted(app, caller, rule));
    match read.and_then(|()| if admitted() { Ok(()) } else { Err(Problem::access_changed()) }) {
        Ok(()) => {
            // What was shown as kept and is not wanted any more waits for nothing.
            let wanted = |digest: &FileDigest| sent.fields.files.iter().any(|file| file.digest == *digest);
            let unwanted = sent.shown.iter().filter(|digest| !wanted(digest)).cloned().collect();
            let_go(app, caller, unwanted).await;
            Ok(sent)
        }
        Err(problem) => {
            // The page that says so holds none of them.
            let_go(app, caller, std::mem::take(&mut sent.arrived)).await;
            Err(problem)
        }
    }
}

/// Reads every part.
async fn all(app: &App, caller: &Caller, parts: &mut Parts, sent: &mut Sent) -> Result<(), Problem> {
    let (mut fields, mut files, mut words) = (0, 0, 0);
    while let Some(head) = parts.next().await? {
        match head {
            Head { file: Some(name), .. } if name.is_empty() => {}
            Head { file: Some(name), kind, .. } => {
                files += 1;
                if files > FILES_MAX {
                    return Err(Problem::malformed("the form has too many files"));
                }
                if let Err(failure) = file(app, caller, parts, sent, (name, kind)).await? {
                    sent.refused.get_or_insert(failure);
                }
            }
            Head { name, file: None, .. } => {
                fields += 1;
                if fields > FIELDS_MAX {
                    return Err(Problem::malformed("the form has too many fields"));
                }
                let text = text(parts, &mut words).await?;
                match name.as_str() {
                    "attachment" => again(app, caller, &text, sent),
                    "shown" => sent.shown.extend(FileDigest::new(text)),
                    name => sent.fields.set(name, text),
                }
            }
        }
    }
    Ok(())
}

/// Takes one file of a form. What is wrong with it alone keeps neither the text nor other files from being read.
async fn file(
    app: &App,
    caller: &Caller,
    parts: &mut Parts,
    sent: &mut Sent,
    (name, kind): (String, String),
) -> Result<Result<(), Failure>, Problem> {
    // One more than a message takes is not kept waiting.
    if sent.fields.files.len() >= ATTACHMENTS_MAX {
        return Ok(Err(Failure::File(name, TicketRefusal::TooManyAttachments.into())));
    }
    if FileName::new(&*name).is_err() {
        return Ok(Err(Failure::FileName(name)));
    }
    let file = match arrive(app, caller, parts, &name, &kind).await? {
        Ok(file) => file,
        Err(problem) => return Ok(Err(Failure::File(name, problem))),
    };
    let digest = file.digest.clone();
    match sent.fields.keep(file) {
        None => sent.arrived.push(digest),
        // By another name it would be listed once, and nobody would know where the other went.
        Some(other) if other.as_str() != name => {
            // It is called what it was called first, as the form shows it.
            take_back::rename(app, &caller.actor, digest, other.clone()).await?;
            return Ok(Err(Failure::SameFile(name, other)));
        }
        Some(_) => {}
    }
    Ok(Ok(()))
}

/// Takes a file; what is wrong with it alone keeps nothing else from being read.
async fn arrive(
    app: &App,
    caller: &Caller,
    parts: &mut Parts,
    name: &str,
    kind: &str,
) -> Result<Result<KeptFile, Problem>, Problem> {
    let mut arrival = match Arrival::begin(app, &caller.actor, name, kind).await {
        Ok(arrival) => arrival,
        Err(problem) => return Ok(Err(problem)),
    };
    while let Some(piece) = parts.piece().await? {
        if let Err(problem) = arrival.take(app, piece.into()).await {
            return Ok(Err(problem));
        }
    }
    Ok(arrival.keep(app).await.map(|(digest, upload)| KeptFile {
        digest,
        name: upload.name,
        bytes: upload.bytes,
    }))
}

/// A file that came with the form before, which was not taken then.
fn again(app: &App, caller: &Caller, digest: &str, sent: &mut Sent) {
    let digest = FileDigest::new(digest).ok();
    let found = digest.and_then(|digest| {
        let upload = app.uploads.sent(&principal(&caller.actor), &digest, app.now())?;
        Some(KeptFile { digest, name: upload.name, bytes: upload.bytes })
    });
    match found {
        Some(file) => drop(sent.fields.keep(file)),
        None => {
            let unknown = TicketRefusal::UnknownAttachment;
            sent.refused.get_or_insert_with(|| Failure::File(String::new(), unknown.into()));
        }
    }
}

/// What a field holds; all of them together as much as a form without files may.
async fn text(parts: &mut Parts, words: &mut usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = parts.piece().await? {
        *words += piece.len();
        if *words > FORM_BYTES_MAX {
            return Err(Problem::too_large(FORM_BYTES_MAX));
        }
        bytes.extend(piece);
    }
    String::from_utf8(bytes).map_err(|_| Problem::malformed("the form is not written in UTF-8"))
}

fn problem_of(rejection: &FormRejection) -> Problem {
    match rejection {
        FormRejection::InvalidFormContentType(_) => Problem::media_type("application/x-www-form-urlencoded"),
        FormRejection::BytesRejection(_) => Problem::too_large(FORM_BYTES_MAX),
        _ => Problem::invalid("", ""),
    }
}
