//! Reads a form that may bring files (RFC 7578), part by part, so that no more than a piece of a file is ever in memory.
//!
//! Browsers write such forms in one way (HTML, "multipart form data"); what is written otherwise is refused.

use crate::problem::Problem;
use axum::body::BodyDataStream;
use axum::http::HeaderMap;
use axum::http::header;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::Instant;

/// The longest head of one part: its name and that of a file. Unit: bytes.
const HEAD_BYTES_MAX: usize = 4 * 1024;

/// The longest boundary (RFC 2046 section 5.1.1). Unit: bytes.
const BOUNDARY_BYTES_MAX: usize = 70;

/// How long a client may take to send the next piece.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long all of a form may be waited for.
const FORM_TIMEOUT: Duration = Duration::from_secs(600);

/// What stands between the head of a part and what is in it.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Whether a form is written so that it may bring files.
pub(in crate::pages) fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// What a part is called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The field.
    pub(super) name: String,
    /// What the file is called; empty where none was chosen, and none for a field that is no file.
    pub(super) file: Option<String>,
    /// What the file is said to be.
    pub(super) kind: String,
}

/// The parts of a form while it comes in.
pub(super) struct Parts {
    body: BodyDataStream,
    /// What has come and was not handed on. The boundary before the first part has no line before it, so one is put there.
    buffer: Vec<u8>,
    delimiter: Vec<u8>,
    /// Whether there is still something of a part to be handed on.
    inside: bool,
    over: bool,
    /// How much may still come. Unit: bytes.
    left: u64,
    bytes_max: u64,
    until: Instant,
}

impl Parts {
    /// Begins to read a form of so many bytes at most.
    ///
    /// # Errors
    /// A problem when the head names no boundary.
    pub(super) fn of(headers: &HeaderMap, body: BodyDataStream, bytes_max: u64) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
        };
        let fits = |boundary: &String| (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len());
        let boundary = kind.split(';').skip(1).find_map(parameter).filter(fits);
        let boundary =
            boundary.ok_or_else(|| Problem::malformed("the form names no boundary between its parts"))?;
        Ok(Self {
            body,
            buffer: b"\r\n".to_vec(),
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            inside: true,
            over: false,
            left: bytes_max,
            bytes_max,
            until: Instant::now() + FORM_TIMEOUT,
        })
    }

    /// The next part, after whatever is left of the one before; none after the last.
    ///
    /// # Errors
    /// A problem when the form breaks off, is too long or too slow, or is no such form.
    pub(super) async fn next(&mut self) -> Result<Option<Head>, Problem> {
        while self.piece().await?.is_some() {}
        if self.over {
            return Ok(None);
        }
        while self.buffer.len() < 2 {
            self.more().await?;
        }
        if self.buffer.starts_with(b"--") {
            self.over = true;
            return Ok(None);
        }
        loop {
            // The line break after the boundary is the first of the head, which may hold nothing.
            if let Some(end) = self.buffer.windows(HEAD_END.len()).position(|bytes| bytes == HEAD_END) {
                let head = head(&self.buffer[..end])?;
                self.buffer.drain(..end + HEAD_END.len());
                self.inside = true;
                return Ok(Some(head));
            }
            if self.buffer.len() > HEAD_BYTES_MAX {
                return Err(Problem::malformed("the head of a part of the form is too long"));
            }
            self.more().await?;
        }
    }

    /// The next piece of the part; none at its end.
    ///
    /// # Errors
    /// As for [`Parts::next`].
    pub(super) async fn piece(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        while self.inside {
            let end = find(&self.buffer, &self.delimiter);
            if end == Some(0) {
                self.buffer.drain(..self.delimiter.len());
                self.inside = false;
                break;
            }
            // What may be the beginning of a boundary waits for its end.
            let whole = end.unwrap_or(self.buffer.len().saturating_sub(self.delimiter.len() - 1));
            if whole > 0 {
                return Ok(Some(self.buffer.drain(..whole).collect()));
            }
            self.more().await?;
        }
        Ok(None)
    }

    async fn more(&mut self) -> Result<(), Problem> {
        let wait = PIECE_TIMEOUT.min(self.until.saturating_duration_since(Instant::now()));
        let next = tokio::time::timeout(wait, self.body.next()).await.map_err(|_| Problem::too_slow())?;
        let piece = next
            .and_then(Result::ok)
            .ok_or_else(|| Problem::malformed("the form broke off; send it again"))?;
        let left = self.left.checked_sub(piece.len() as u64);
        let too_large = || Problem::too_large(usize::try_from(self.bytes_max).unwrap_or(usize::MAX));
        self.left = left.ok_or_else(too_large)?;
        self.buffer.extend_from_slice(&piece);
        Ok(())
    }
}

/// Where a delimiter begins; it begins with a line break.
fn find(bytes: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(offset) = bytes[from..].iter().position(|byte| *byte == b'\r') {
        let at = from + offset;
        if bytes[at..].starts_with(delimiter) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn head(bytes: &[u8]) -> Result<Head, Problem> {
    let unknown = || Problem::malformed("a part of the form is not written as browsers write it");
    let text = std::str::from_utf8(bytes).map_err(|_| unknown())?;
    let field = |wanted: &str| {
        let named = |line: &'_ str| {
            line.split_once(':').filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).is_some()
        };
        let line = text.split("\r\n").find(|line| named(line))?;
        line.split_once(':').map(|(_, value)| value.trim())
    };
    let disposition = field("content-disposition").ok_or_else(unknown)?;
    let name = quoted(disposition, "name").ok_or_else(unknown)?;
    let kind = field("content-type").unwrap_or_default().to_owned();
    Ok(Head { name, file: quoted(disposition, "filename"), kind })
}

/// The value of a parameter. Browsers write quotes and line breaks in names by their numbers.
fn quoted(disposition: &str, wanted: &str) -> Option<String> {
    let (_, mut rest) = disposition.split_once(';')?;
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let (value, behind) = after.split_once('"')?;
        if name.trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, Bytes};
    use axum::http::HeaderValue;
    use futures_util::stream;
    use proptest::prelude::*;
    use std::convert::Infallible;

    const FORM: &[u8] = b"--x-1\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nHello\r\n--x\r\n\
        --x-1\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a %22b%22.png\"\r\n\
        Content-Type: image/png\r\n\r\n\r\r\n--x-\r\n\r\n--x-1\r\n\
        Content-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n\r\n--x-1--\r\n";

    fn headers() -> HeaderMap {
        let kind = HeaderValue::from_static("multipart/form-data; boundary=x-1");
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind)])
    }

    /// Every part of a form that comes in pieces of so many bytes.
    async fn read(form: &[u8], piece: usize, bytes_max: u64) -> Result<Vec<(Head, Vec<u8>)>, Problem> {
        let pieces: Vec<_> = form
            .chunks(piece.max(1))
            .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)))
            .collect();
        let body = Body::from_stream(stream::iter(pieces)).into_data_stream();
        let mut parts = Parts::of(&headers(), body, bytes_max)?;
        let mut all = Vec::new();
        while let Some(head) = parts.next().await? {
            let mut content = Vec::new();
            while let Some(piece) = parts.piece().await? {
                content.extend(piece);
            }
            all.push((head, content));
        }
        Ok(all)
    }

    fn expected() -> Vec<(Head, Vec<u8>)> {
        let file = |name: &str, kind: &str| Head {
            name: "files".into(),
            file: Some(name.into()),
            kind: kind.into(),
        };
        let body = Head { name: "body".into(), file: None, kind: String::new() };
        vec![
            (body, b"Hello\r\n--x".to_vec()),
            (file("a \"b\".png", "image/png"), b"\r\r\n--x-\r\n".to_vec()),
            (file("", "application/octet-stream"), Vec::new()),
        ]
    }

    #[tokio::test]
    async fn a_form_is_read_alike_however_it_is_cut_into_pieces() {
        for piece in 1..=FORM.len() {
            assert_eq!(read(FORM, piece, 4096).await.unwrap(), expected(), "{piece}");
        }
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_is_too_long_or_is_none_is_refused() {
        // But for the line break behind the last boundary, which nobody needs.
        for end in 0..FORM.len() - 4 {
            assert_eq!(read(&FORM[..end], 7, 4096).await.unwrap_err().code, "malformed", "{end}");
        }
        assert_eq!(read(FORM, 7, FORM.len() as u64 - 8).await.unwrap_err().code, "body-too-large");
        let long = format!("--x-1\r\nX: {}\r\n\r\n", "y".repeat(HEAD_BYTES_MAX));
        assert_eq!(read(long.as_bytes(), 512, 1 << 20).await.unwrap_err().code, "malformed");
        let unnamed = b"--x-1\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x-1--\r\n";
        assert_eq!(read(unnamed, 512, 4096).await.unwrap_err().code, "malformed");
        let body = || Body::empty().into_data_stream();
        assert!(Parts::of(&HeaderMap::new(), body(), 1).is_err());
    }

    proptest! {
        #[test]
        fn no_form_makes_it_panic_and_what_is_in_a_part_arrives_as_it_was(
            content in proptest::collection::vec(any::<u8>(), 0..200),
            noise in proptest::collection::vec(any::<u8>(), 0..200),
            piece in 1..40_usize,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let _ = runtime.block_on(read(&noise, piece, 4096));
            prop_assume!(find(&content, b"\r\n--x-1").is_none());
            let mut form = b"--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".to_vec();
            form.extend(&content);
            form.extend(b"\r\n--x-1--\r\n");
            let read = runtime.block_on(read(&form, piece, 4096)).unwrap();
            prop_assert_eq!(&read[0].1, &content);
        }
    }
}
