//! Reads what a form on a ticket sends: words, and files that wait for their message from then on.

use super::super::FORM_BYTES_MAX;
use super::forms::{Fields, KeptFile};
use super::multipart::{Head, Parts, is_multipart};
use crate::access;
use crate::api::attachments::upload::Arrival;
use crate::app::App;
use crate::idempotency::principal;
use crate::identity::{Caller, still_admitted};
use crate::problem::Problem;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use axum::http::Method;
use docket_core::names::FileDigest;
use docket_core::ticket::TicketRefusal;
use docket_core::ticket::enclosed::ATTACHMENTS_MAX;

/// The route of every form on a ticket.
pub(in crate::pages) const ROUTE: &str = "/tickets/{number}/{action}";

/// Parts in one form: fields, files, and what is sent twice by mistake.
const PARTS_MAX: usize = 64;

/// What a form sent.
pub(super) struct Sent {
    pub(super) fields: Fields,
    /// The first file that was not taken, by its name, and why.
    pub(super) refused: Option<(String, Problem)>,
}

/// Reads a form, with files or without.
///
/// # Errors
/// A problem when it is no form, is too large, or broke off.
pub(super) async fn read(app: &App, caller: &Caller, request: Request) -> Result<Sent, Problem> {
    if !is_multipart(request.headers()) {
        let form = Form::<Fields>::from_request(request, &()).await;
        let Form(fields) = form.map_err(|rejection| problem_of(&rejection))?;
        return Ok(Sent { fields, refused: None });
    }
    let (parts, body) = request.into_parts();
    // As much as ten of the largest files: what is too large is read to its end, since browsers do not look at an answer
    // before, and it could not be said what was wrong.
    let bytes_max = FORM_BYTES_MAX as u64 + ATTACHMENTS_MAX as u64 * app.file_bytes_max;
    let mut parts = Parts::of(&parts.headers, body.into_data_stream(), bytes_max)?;
    let mut sent = Sent { fields: Fields::default(), refused: None };
    let (mut count, mut words) = (0, 0);
    while let Some(head) = parts.next().await? {
        count += 1;
        if count > PARTS_MAX {
            return Err(Problem::malformed("the form has too many parts"));
        }
        match head {
            Head { file: Some(name), .. } if name.is_empty() => {}
            Head { file: Some(name), kind, .. } => match arrive(app, caller, &mut parts, &name, &kind).await?
            {
                Ok(file) => sent.fields.keep(file),
                Err(problem) => {
                    sent.refused.get_or_insert((name, problem));
                }
            },
            Head { name, file: None, .. } => {
                let text = text(&mut parts, &mut words).await?;
                if name == "attachment" {
                    again(app, caller, &text, &mut sent);
                } else {
                    sent.fields.set(&name, text);
                }
            }
        }
    }
    // A form may take its time: whoever lost something meanwhile does nothing with it (promise S2).
    let rule = access::rule(&Method::POST, ROUTE);
    if rule.is_some_and(|rule| still_admitted(app, caller, rule)) {
        Ok(sent)
    } else {
        Err(Problem::access_changed())
    }
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
        Some(file) => sent.fields.keep(file),
        None => {
            let problem = || (String::new(), TicketRefusal::UnknownAttachment.into());
            sent.refused.get_or_insert_with(problem);
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
