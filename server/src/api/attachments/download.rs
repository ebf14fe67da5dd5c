//! Gives files out to whoever sees the message that they came with: to be saved, and never to be run.

use super::blocking;
use crate::api::body::ticket_number;
use crate::api::parameters::{OfFile, OfTicket};
use crate::api::refusals::ReadOneRefusals;
use crate::api::shapes;
use crate::app::App;
use crate::identity::{Caller, Shown};
use crate::problem::Problem;
use crate::uploads::UploadError;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use docket_core::actor::Role;
use docket_core::media_type::MediaType;
use docket_core::names::{FileDigest, TicketNumber};
use docket_core::ticket::TicketRefusal;
use futures_util::stream::unfold;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;

/// What is read at once. Unit: bytes.
const PIECE_BYTES: usize = 256 * 1024;

/// A file that is nobody's page, whatever is in it: it runs nothing, and belongs to no site.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox";

/// A ticket's number and a file's digest in the path.
pub(in crate::api) struct FilePath {
    number: TicketNumber,
    digest: FileDigest,
}

impl<S: Send + Sync> FromRequestParts<S> for FilePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((number, digest)): Path<(String, String)> =
            Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        let number = ticket_number(&number)?;
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        // A link leads into its own ticket alone.
        if matches!(caller.shown, Shown::Link(ticket) if ticket != number) {
            return Err(TicketRefusal::NotFound.into());
        }
        let digest = FileDigest::new(digest).map_err(|_| Problem::no_attachment())?;
        Ok(Self { number, digest })
    }
}

/// Gives out a file that came with a ticket.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/attachments/{digest}", tag = "attachments",
    params(OfTicket, OfFile),
    responses((status = 200, description = "The file, of the type that it came in", content(
        (shapes::FileContent = "image/png"), (shapes::FileContent = "image/jpeg"),
        (shapes::FileContent = "image/gif"), (shapes::FileContent = "image/webp"),
        (shapes::FileContent = "application/pdf"), (shapes::FileContent = "text/plain"),
        (shapes::FileContent = "text/csv"), (shapes::JsonContent = "application/json"),
        (shapes::FileContent = "application/zip"),
        (shapes::FileContent = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (shapes::FileContent = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (shapes::FileContent = "video/mp4"), (shapes::FileContent = "application/octet-stream")),
        headers(("Content-Disposition" = String, description = "What it is called, to be saved as"))),
        ReadOneRefusals))]
pub(in crate::api) async fn download(
    State(app): State<App>,
    caller: Caller,
    path: FilePath,
) -> Result<Response, Problem> {
    give(app, caller, path).await
}

/// Gives out a file that came with what was said in one of your tickets.
#[utoipa::path(get, path = "/api/v1/my/tickets/{number}/attachments/{digest}", tag = "customers",
    params(OfTicket, OfFile),
    responses((status = 200, description = "The file, of the type that it came in", content(
        (shapes::FileContent = "image/png"), (shapes::FileContent = "image/jpeg"),
        (shapes::FileContent = "image/gif"), (shapes::FileContent = "image/webp"),
        (shapes::FileContent = "application/pdf"), (shapes::FileContent = "text/plain"),
        (shapes::FileContent = "text/csv"), (shapes::JsonContent = "application/json"),
        (shapes::FileContent = "application/zip"),
        (shapes::FileContent = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (shapes::FileContent = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (shapes::FileContent = "video/mp4"), (shapes::FileContent = "application/octet-stream")),
        headers(("Content-Disposition" = String, description = "What it is called, to be saved as"))),
        ReadOneRefusals))]
pub(in crate::api) async fn download_mine(
    State(app): State<App>,
    caller: Caller,
    path: FilePath,
) -> Result<Response, Problem> {
    give(app, caller, path).await
}

async fn give(app: App, caller: Caller, FilePath { number, digest }: FilePath) -> Result<Response, Problem> {
    let ticket = app.handler.ticket(number).await?;
    if !ticket.exists || !caller.reach.sees(&ticket) {
        return Err(TicketRefusal::NotFound.into());
    }
    let known = ticket.memory.attachments.get(digest.as_str()).ok_or_else(Problem::no_attachment)?;
    let name = if caller.reach.sees_notes() && caller.actor.role != Role::Customer {
        &known.name
    } else {
        // What came with a note alone is not there, and neither is what it was called there.
        known.public_name.as_ref().ok_or_else(Problem::no_attachment)?
    };
    let name = name.plain().unwrap_or(digest.as_str());
    let kind = MediaType::parse(&known.media_type).map_or("application/octet-stream", MediaType::as_str);
    let (length, disposition) = (known.bytes, disposition(name));
    let files = app.uploads.files.clone();
    let named = digest.clone();
    let begun = blocking(move || {
        let file = files.read(&named)?.filter(|file| file.metadata().is_ok_and(|meta| meta.len() == length));
        let Some(file) = file else { return Ok(None) };
        Reading { file, digest: named, hash: Sha256::new(), left: length }.next()
    });
    let Some((first, rest)) = begun.await? else { return Err(Problem::attachment_damaged(&digest)) };
    let body = Body::from_stream(unfold(Some((Ok(first), rest)), |step| async move {
        let (piece, rest) = step?;
        let Some(reading) = rest else { return Some((piece, None)) };
        let next = match blocking(move || reading.next()).await {
            Ok(Some((next, rest))) => Some((Ok(next), rest)),
            // Broken off, so that nobody takes it for whole.
            Ok(None) => Some((Err(std::io::Error::other("the file is not what it was")), None)),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        };
        Some((piece, next))
    }));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, body).into_response())
}

/// A file that is being given out.
struct Reading {
    file: File,
    digest: FileDigest,
    hash: Sha256,
    /// What is still to be read. Unit: bytes.
    left: u64,
}

impl Reading {
    /// The next piece, and what comes after it; none when the file is not what it was. The last piece is given out only when
    /// all of them are what the digest says.
    fn next(mut self) -> Result<Option<(Bytes, Option<Self>)>, UploadError> {
        let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(self.left).unwrap_or(PIECE_BYTES))];
        if let Err(error) = self.file.read_exact(&mut piece) {
            let cut_off = error.kind() == std::io::ErrorKind::UnexpectedEof;
            return if cut_off { Ok(None) } else { Err(error.into()) };
        }
        self.hash.update(&piece);
        self.left -= piece.len() as u64;
        if self.left > 0 {
            return Ok(Some((piece.into(), Some(self))));
        }
        let is = FileDigest::of(self.hash.finalize().into());
        Ok((is == self.digest).then(|| (piece.into(), None)))
    }
}

/// What a file is to be saved as (RFC 6266), with a name for those who know no other letters than those of ASCII.
fn disposition(name: &str) -> HeaderValue {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || " ._-".contains(character);
    let plain: String =
        name.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        // The letters of RFC 8187's `attr-char`, less the rarer ones.
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_is_told_in_its_own_letters_and_in_those_of_ascii() {
        let told = |name: &str| disposition(name).to_str().unwrap().to_owned();
        assert_eq!(
            told("factura nº 7.pdf"),
            "attachment; filename=\"factura n_ 7.pdf\"; filename*=UTF-8''factura%20n%C2%BA%207.pdf"
        );
        // What comes from an import may be anything.
        assert_eq!(
            told("a\"; filename=x.html\r\nset-cookie: y"),
            "attachment; filename=\"a__ filename_x.html__set-cookie_ y\"; \
             filename*=UTF-8''a%22%3B%20filename%3Dx.html%0D%0Aset-cookie%3A%20y"
        );
    }
}
