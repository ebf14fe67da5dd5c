//! Opens the file of an import: compressed or not, whole or cut off, and in which encoding.

use super::rows::is_cut;
use crate::failure::Failure;
use crate::sentence::Sentence;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP: &[u8] = &[0x1f, 0x8b];
const UTF_8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const BUFFER_BYTES: usize = 128 * 1024;

/// A file that is ready to be read.
pub struct Input {
    /// Its text, without a byte order mark.
    pub reader: Box<dyn BufRead>,
    /// Whether it is compressed and breaks off.
    pub cut_off: bool,
    /// Its length as it lies on the disk. Unit: bytes.
    pub length: u64,
    read: Arc<AtomicU64>,
}

impl Input {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Failure::Input`] says what the file is instead.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let refuse = |why: Sentence| Failure::Input { path: path.to_owned(), why };
        let read_error = |error: std::io::Error| refuse(Sentence::verbatim(error.to_string()));
        let mut file = File::open(path).map_err(read_error)?;
        let about = file.metadata().map_err(read_error)?;
        if about.is_dir() {
            return Err(refuse(Sentence::fixed(|texts| texts.input_directory)));
        }
        let first = beginning(&mut file, 4).map_err(read_error)?;
        if first.starts_with(b"PK\x03\x04") {
            return Err(refuse(Sentence::fixed(|texts| texts.input_archive)));
        }
        let compressed = first.starts_with(GZIP);
        // The checksum stands at the end, and what is appended cannot be taken back: look before reading.
        let cut_off = compressed && breaks_off(path).map_err(&refuse)?;
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: Cursor::new(first).chain(file), read: read.clone() };
        let mut text: Box<dyn Read> = Box::new(counted);
        if compressed {
            text = Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, text)));
        }
        let mut first = beginning(&mut text, 3).map_err(read_error)?;
        match first.get(..2) {
            Some([0xff, 0xfe] | [0xfe, 0xff]) => {
                return Err(refuse(Sentence::fixed(|texts| texts.input_utf_16)));
            }
            None if first.is_empty() => return Err(refuse(Sentence::fixed(|texts| texts.input_empty))),
            _ => {}
        }
        if first.starts_with(UTF_8_MARK) {
            first.clear();
        }
        let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(first).chain(text)));
        Ok(Self { reader, cut_off, length: about.len(), read })
    }

    /// Tells how much of the file has been read. Unit: bytes of the disk.
    pub fn counter(&self) -> Arc<AtomicU64> {
        self.read.clone()
    }
}

/// The first bytes, fewer if there are not so many.
fn beginning(reader: &mut impl Read, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut first = Vec::new();
    match reader.take(bytes).read_to_end(&mut first) {
        Err(error) if !is_cut(error.kind()) => Err(error),
        _ => Ok(first),
    }
}

/// Whether a compressed file breaks off; a wrong checksum is an error, since nobody knows which part is wrong.
fn breaks_off(path: &Path) -> Result<bool, Sentence> {
    let file = File::open(path).map_err(|error| Sentence::verbatim(error.to_string()))?;
    let mut text = MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, file));
    match std::io::copy(&mut text, &mut std::io::sink()) {
        Ok(_) => Ok(false),
        Err(error) if is_cut(error.kind()) => Ok(true),
        Err(error) => {
            let error = error.to_string();
            Err(Sentence::new(move |texts| texts.input_compressed_damaged(&error)))
        }
    }
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.inner.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}
