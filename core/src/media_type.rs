//! What kinds of files are taken, and what a file is by its content: whoever sends one may lie about it.
//!
//! Nothing here is complete: it tells kinds apart by how they begin (WHATWG MIME Sniffing, section 6), and texts by being
//! text throughout. What is served is never run, whatever it is (docs/adr/0023-attachments.md).

use serde::{Deserialize, Serialize};

/// How much of a file's beginning tells what it is. Unit: bytes.
const HEAD_BYTES: usize = 64;

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the kind of its name")]
pub enum MediaType {
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/gif")]
    Gif,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "application/pdf")]
    Pdf,
    #[serde(rename = "text/plain")]
    Text,
    #[serde(rename = "text/csv")]
    Csv,
    #[serde(rename = "application/json")]
    Json,
    #[serde(rename = "application/zip")]
    Zip,
    #[serde(rename = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    #[serde(rename = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Xlsx,
    #[serde(rename = "video/mp4")]
    Mp4,
}

/// What a file looks like from inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Png,
    Jpeg,
    Gif,
    Webp,
    Pdf,
    Zip,
    Office,
    Mp4,
    Markup,
    Text,
    Unknown,
}

impl MediaType {
    /// Every kind that is taken, in the order of the docs.
    pub const ALL: [Self; 12] = [
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Pdf,
        Self::Text,
        Self::Csv,
        Self::Json,
        Self::Zip,
        Self::Docx,
        Self::Xlsx,
        Self::Mp4,
    ];

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Zip => "application/zip",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Mp4 => "video/mp4",
        }
    }

    /// The kind of a name as `Content-Type` says it, parameters aside.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let name = parts.next().unwrap_or_default().trim();
        // It is given out without its parameters, so that another encoding would be lost.
        let readable = |part: &str| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                let value = value.trim().trim_matches('"');
                ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
            }
            Some(_) | None => true,
        };
        if !parts.all(readable) {
            return None;
        }
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether a browser may show it in its place: pictures, which run nothing.
    pub const fn is_picture(self) -> bool {
        match self {
            Self::Png | Self::Jpeg | Self::Gif | Self::Webp => true,
            Self::Pdf
            | Self::Text
            | Self::Csv
            | Self::Json
            | Self::Zip
            | Self::Docx
            | Self::Xlsx
            | Self::Mp4 => false,
        }
    }

    const fn fits(self, looks: Looks) -> bool {
        match self {
            Self::Png => matches!(looks, Looks::Png),
            Self::Jpeg => matches!(looks, Looks::Jpeg),
            Self::Gif => matches!(looks, Looks::Gif),
            Self::Webp => matches!(looks, Looks::Webp),
            Self::Pdf => matches!(looks, Looks::Pdf),
            Self::Text | Self::Csv | Self::Json => matches!(looks, Looks::Text),
            // A document is an archive as well.
            Self::Zip => matches!(looks, Looks::Zip | Looks::Office),
            Self::Docx | Self::Xlsx => matches!(looks, Looks::Office),
            Self::Mp4 => matches!(looks, Looks::Mp4),
        }
    }
}

/// Looks at a file piece by piece as it comes in.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    head: Vec<u8>,
    /// A character whose end is in the next piece.
    cut: Vec<u8>,
    no_text: bool,
}

impl Inspection {
    /// Looks at the next piece.
    pub fn take(&mut self, piece: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        if self.no_text {
            return;
        }
        let joined;
        let mut rest = if self.cut.is_empty() {
            piece
        } else {
            joined = [self.cut.as_slice(), piece].concat();
            joined.as_slice()
        };
        let mut cut = Vec::new();
        if let Err(error) = std::str::from_utf8(rest) {
            let end = error.valid_up_to();
            // Only what is cut off at the end may still become a character.
            self.no_text = error.error_len().is_some();
            cut = rest[end..].to_vec();
            rest = &rest[..end];
        }
        self.no_text |= rest.iter().any(|byte| is_control(*byte));
        self.cut = cut;
    }

    /// Whether all that was taken is what it is said to be.
    pub fn is(&self, kind: MediaType) -> bool {
        kind.fits(self.looks())
    }

    fn looks(&self) -> Looks {
        let head = self.head.as_slice();
        let at = |place: usize, bytes: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(bytes));
        if at(0, b"\x89PNG\r\n\x1a\n") {
            Looks::Png
        } else if at(0, b"\xff\xd8\xff") {
            Looks::Jpeg
        } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
            Looks::Gif
        } else if at(0, b"RIFF") && at(8, b"WEBP") {
            Looks::Webp
        } else if at(0, b"%PDF-") {
            Looks::Pdf
        } else if at(0, b"PK\x03\x04") && OFFICE_PARTS.iter().any(|part| at(ZIP_NAME_AT, part)) {
            Looks::Office
        } else if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") {
            Looks::Zip
        } else if at(4, b"ftyp") {
            Looks::Mp4
        } else if self.no_text || !self.cut.is_empty() {
            Looks::Unknown
        } else if is_markup(head) {
            Looks::Markup
        } else {
            Looks::Text
        }
    }
}

/// Where the name of an archive's first file stands (APPNOTE.TXT section 4.3.7).
const ZIP_NAME_AT: usize = 30;

/// How the name of the first file in a document begins (ECMA-376 part 2).
const OFFICE_PARTS: [&[u8]; 5] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/"];

/// How documents begin that a browser would run.
const MARKUP: [&str; 5] = ["<!doctype html", "<html", "<script", "<svg", "<iframe"];

fn is_markup(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    MARKUP
        .iter()
        .any(|begin| head.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin.as_bytes())))
}

/// Control characters that no text holds; those of terminals (escape) are in many a log.
const fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_at(pieces: &[&[u8]]) -> Inspection {
        let mut inspection = Inspection::default();
        for piece in pieces {
            inspection.take(piece);
        }
        inspection
    }

    fn samples() -> Vec<(MediaType, Vec<u8>)> {
        let archive = |name: &str| [b"PK\x03\x04".as_slice(), &[0; 26], name.as_bytes()].concat();
        vec![
            (MediaType::Png, b"\x89PNG\r\n\x1a\n\0\0".to_vec()),
            (MediaType::Jpeg, b"\xff\xd8\xff\xe0\0".to_vec()),
            (MediaType::Gif, b"GIF89a\x01\0".to_vec()),
            (MediaType::Webp, b"RIFF\x10\0\0\0WEBPVP8 ".to_vec()),
            (MediaType::Pdf, b"%PDF-1.7\n".to_vec()),
            (MediaType::Text, "Año 2026\n\x1b[31mrojo".as_bytes().to_vec()),
            (MediaType::Csv, b"a,b\r\n1,2\r\n".to_vec()),
            (MediaType::Json, b"{}".to_vec()),
            (MediaType::Zip, archive("photos/1.png")),
            (MediaType::Docx, archive("[Content_Types].xml")),
            (MediaType::Xlsx, archive("_rels/.rels")),
            (MediaType::Mp4, b"\0\0\0\x18ftypmp42".to_vec()),
        ]
    }

    #[test]
    fn each_kind_is_what_it_is_and_none_passes_for_one_of_another_look() {
        for (kind, content) in samples() {
            let inspection = looked_at(&[&content]);
            assert!(inspection.is(kind), "{kind:?}");
            for (other, _) in samples() {
                let alike = |kind: MediaType| match kind {
                    MediaType::Text | MediaType::Csv | MediaType::Json => MediaType::Text,
                    MediaType::Docx | MediaType::Xlsx => MediaType::Docx,
                    other => other,
                };
                let archive = other == MediaType::Zip && alike(kind) == MediaType::Docx;
                assert_eq!(
                    inspection.is(other),
                    alike(kind) == alike(other) || archive,
                    "{kind:?} as {other:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_text_anywhere_is_no_text_however_it_comes() {
        let long = "x".repeat(5000);
        for bad in [b"\0".as_slice(), b"\xff", b"\xc3", b"\x07", b"\xed\xa0\x80"] {
            assert!(!looked_at(&[long.as_bytes(), bad]).is(MediaType::Text), "{bad:?}");
            assert!(!looked_at(&[bad, long.as_bytes()]).is(MediaType::Text), "{bad:?}");
        }
        // A character that two pieces share is one.
        let text = "Peña €".as_bytes();
        for cut in 0..text.len() {
            assert!(looked_at(&[&text[..cut], &text[cut..]]).is(MediaType::Text), "{cut}");
        }
        let each: Vec<&[u8]> = text.chunks(1).collect();
        assert!(looked_at(&each).is(MediaType::Text));
    }

    #[test]
    fn what_a_browser_would_run_is_no_text() {
        for page in ["<!DOCTYPE html><p>", " \n<HTML>", "\u{feff}<script>alert(1)</script>", "<svg onload=x>"]
        {
            assert!(!looked_at(&[page.as_bytes()]).is(MediaType::Text), "{page}");
        }
        assert!(looked_at(&[b"a <b> c"]).is(MediaType::Text));
    }

    #[test]
    fn names_are_read_as_headers_write_them() {
        for kind in MediaType::ALL {
            assert_eq!(MediaType::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(MediaType::parse("Text/Plain; charset=utf-8"), Some(MediaType::Text));
        assert_eq!(MediaType::parse("text/plain; charset=\"US-ASCII\"; x=y"), Some(MediaType::Text));
        assert_eq!(MediaType::parse("text/plain; charset=utf-16"), None);
        for name in ["text/html", "image/svg+xml", "", "text", "application/octet-stream"] {
            assert_eq!(MediaType::parse(name), None, "{name}");
        }
    }
}
