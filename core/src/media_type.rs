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

/// Names that browsers and programs say for a kind that is registered under another one.
const OTHER_NAMES: [(&str, MediaType); 15] = [
    ("image/jpg", MediaType::Jpeg),
    ("image/pjpeg", MediaType::Jpeg),
    ("image/x-png", MediaType::Png),
    ("application/x-pdf", MediaType::Pdf),
    ("text/x-csv", MediaType::Csv),
    ("text/comma-separated-values", MediaType::Csv),
    ("application/csv", MediaType::Csv),
    ("application/x-csv", MediaType::Csv),
    // What a browser on Windows calls a file of CSV where a spreadsheet program is installed.
    ("application/vnd.ms-excel", MediaType::Csv),
    ("text/x-log", MediaType::Text),
    ("text/json", MediaType::Json),
    ("application/x-json", MediaType::Json),
    ("application/x-zip", MediaType::Zip),
    ("application/x-zip-compressed", MediaType::Zip),
    ("video/x-mp4", MediaType::Mp4),
];

/// Encodings that are UTF-8, or part of it.
const READABLE: [&str; 4] = ["utf-8", "utf8", "us-ascii", "ascii"];

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
    /// Text in another encoding than UTF-8.
    OtherText,
    /// A document as office programs wrote them before 2007.
    OldOffice,
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
        let name = text.split(';').next().unwrap_or_default().trim();
        let registered = Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name));
        let known = || OTHER_NAMES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        registered.or_else(|| known().map(|(_, kind)| *kind))
    }

    /// Whether `Content-Type` says that a text is written in another encoding than UTF-8. It is given out without its
    /// parameters, so that this would be lost.
    pub fn says_other_encoding(text: &str) -> bool {
        let of_charset = text.split(';').skip(1).filter_map(|part| part.split_once('='));
        let mut charsets = of_charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        charsets.any(|(_, value)| {
            let value = value.trim().trim_matches('"');
            !READABLE.iter().any(|readable| value.eq_ignore_ascii_case(readable))
        })
    }

    /// Whether it is text.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Csv | Self::Json)
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
    no_utf8: bool,
    /// Whether there is a control character that no text holds.
    control: bool,
}

impl Inspection {
    /// Looks at the next piece.
    pub fn take(&mut self, piece: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        self.control |= piece.iter().any(|byte| is_control(*byte));
        if self.no_utf8 {
            return;
        }
        let joined;
        let rest = if self.cut.is_empty() {
            piece
        } else {
            joined = [self.cut.as_slice(), piece].concat();
            joined.as_slice()
        };
        let mut cut = Vec::new();
        if let Err(error) = std::str::from_utf8(rest) {
            let end = error.valid_up_to();
            // Only what is cut off at the end may still become a character.
            self.no_utf8 = error.error_len().is_some();
            cut = rest[end..].to_vec();
        }
        self.cut = cut;
    }

    /// Whether all that was taken is what it is said to be.
    pub fn is(&self, kind: MediaType) -> bool {
        kind.fits(self.looks())
    }

    /// Whether it is text in another encoding than UTF-8, as far as that can be told.
    pub fn is_other_text(&self) -> bool {
        self.looks() == Looks::OtherText
    }

    /// Whether it is a document of a kind that is not taken, whatever it is said to be.
    pub fn is_old_office(&self) -> bool {
        self.looks() == Looks::OldOffice
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
        } else if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            Looks::OldOffice
        } else if is_utf16(head) {
            Looks::OtherText
        } else if self.control {
            Looks::Unknown
        } else if self.no_utf8 || !self.cut.is_empty() {
            // Some byte for each character, such as windows-1252: nothing else is free of control characters throughout.
            Looks::OtherText
        } else if is_markup(head) {
            Looks::Markup
        } else {
            Looks::Text
        }
    }
}

/// Whether it begins as text of two bytes a character does: with a mark of their order, or with letters each of which has an
/// empty half.
fn is_utf16(head: &[u8]) -> bool {
    let halves = |from: usize| head.iter().skip(from).step_by(2);
    let empty = |from: usize| head.len() >= 4 && halves(from).all(|byte| *byte == 0);
    let filled = |from: usize| halves(from).all(|byte| *byte != 0);
    head.starts_with(b"\xff\xfe")
        || head.starts_with(b"\xfe\xff")
        || (empty(0) && filled(1))
        || (empty(1) && filled(0))
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
        for (text, other) in [
            (b"A\xf1o,2026\r\n".as_slice(), true),
            (b"Ma\xf1", true),
            (b"\xff\xfeA\0\xf1\0o\0", true),
            (b"\xfe\xff\0A\0\xf1", true),
            (b"A\0b\0c\0", true),
            (b"\0A\0b\0c", true),
            ("A\u{f1}o".as_bytes(), false),
            (b"\x01\xf1\x02", false),
            (b"\0\0\0\0", false),
            (b"MZ\x90\0\x03\0", false),
        ] {
            let looked = looked_at(&[text]);
            assert_eq!(looked.is_other_text(), other, "{text:?}");
            assert!(!other || MediaType::ALL.into_iter().all(|kind| !looked.is(kind)), "{text:?}");
        }
        let old = looked_at(&[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"]);
        assert!(old.is_old_office() && MediaType::ALL.into_iter().all(|kind| !old.is(kind)));
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
        for name in ["text/plain; charset=\"US-ASCII\"; x=y", "text/plain; charset=UTF-8", "text/csv"] {
            assert!(MediaType::parse(name).is_some() && !MediaType::says_other_encoding(name), "{name}");
        }
        for name in ["text/plain; charset=utf-16", "text/csv;x=y;Charset=\"windows-1252\""] {
            assert!(MediaType::parse(name).is_some() && MediaType::says_other_encoding(name), "{name}");
        }
        for (name, kind) in [
            ("application/x-zip-compressed", MediaType::Zip),
            ("Application/Vnd.MS-Excel", MediaType::Csv),
            ("image/jpg", MediaType::Jpeg),
            ("text/x-csv; charset=utf-8", MediaType::Csv),
        ] {
            assert_eq!(MediaType::parse(name), Some(kind), "{name}");
        }
        for (name, _) in OTHER_NAMES {
            assert!(MediaType::ALL.into_iter().all(|kind| kind.as_str() != name), "{name}");
        }
        for name in ["text/html", "image/svg+xml", "", "text", "application/octet-stream"] {
            assert_eq!(MediaType::parse(name), None, "{name}");
        }
    }
}
