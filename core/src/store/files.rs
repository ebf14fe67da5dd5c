//! Files that came with messages, each kept once under the digest of what is in it.
//!
//! ```text
//! attachments/incoming/<uuid>    one that is coming in; whatever is there at the start was cut off
//! attachments/ab/<sha256>        one that is whole and on the disk
//! ```
//!
//! Blocking: whoever serves requests calls it away from the threads that do.

use super::data_dir::make_directory;
use crate::names::FileDigest;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;
use uuid::Uuid;

/// Where files are while they come in.
const INCOMING: &str = "incoming";

/// Bytes that are read at once while checking.
const PIECE_BYTES: usize = 64 * 1024;

/// The directory of files.
#[derive(Clone, Debug)]
pub struct FileStore {
    root: PathBuf,
}

/// A file that comes in. Let go of before it is [`Incoming::finish`]ed, nothing of it is left.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
}

/// A file that came in whole and is on the disk, under no digest yet.
#[derive(Debug)]
pub struct Whole {
    incoming: Incoming,
    /// The digest of what is in it.
    pub digest: FileDigest,
    /// How large it is.
    pub bytes: u64,
}

/// How a file is that should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is what its digest says.
    Good,
    /// It is not there.
    Missing,
    /// It is something else.
    Altered,
}

impl FileStore {
    /// The store in a directory, whether that exists or not.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes its directory where it is missing, and throws away what was cut off while it came in.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(&self) -> std::io::Result<()> {
        let incoming = self.root.join(INCOMING);
        make_directory(&incoming)?;
        for entry in std::fs::read_dir(&incoming)? {
            std::fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Begins to take a file.
    ///
    /// # Errors
    /// What the system said.
    pub fn begin(&self) -> std::io::Result<Incoming> {
        let path = self.root.join(INCOMING).join(Uuid::new_v4().to_string());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Incoming { file: options.open(&path)?, path, hash: Sha256::new(), bytes: 0 })
    }

    /// Keeps a whole file under its digest; nothing happens where it is there already.
    ///
    /// # Errors
    /// What the system said.
    pub fn keep(&self, whole: &Whole) -> std::io::Result<()> {
        let path = self.path(&whole.digest);
        let directory = path.parent().unwrap_or(&self.root);
        make_directory(directory)?;
        // Over one of the same content: should that one be damaged, it is whole now.
        std::fs::rename(&whole.incoming.path, &path)?;
        File::open(directory)?.sync_all()
    }

    /// Opens a file to be read; none where it is not there.
    ///
    /// # Errors
    /// What the system said.
    pub fn read(&self, digest: &FileDigest) -> std::io::Result<Option<File>> {
        match File::open(self.path(digest)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a file is there.
    pub fn holds(&self, digest: &FileDigest) -> bool {
        self.path(digest).is_file()
    }

    /// Throws a file away; nothing happens where it is not there.
    ///
    /// # Errors
    /// What the system said.
    pub fn remove(&self, digest: &FileDigest) -> std::io::Result<()> {
        match std::fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Reads a whole file and tells whether it is what its digest says.
    ///
    /// # Errors
    /// What the system said.
    pub fn check(&self, digest: &FileDigest) -> std::io::Result<Condition> {
        let Some(mut file) = self.read(digest)? else { return Ok(Condition::Missing) };
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE_BYTES]);
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            hash.update(&piece[..read]);
        }
        let is = FileDigest::of(hash.finalize().into());
        Ok(if is == *digest { Condition::Good } else { Condition::Altered })
    }

    fn path(&self, digest: &FileDigest) -> PathBuf {
        self.root.join(&digest.as_str()[..2]).join(digest.as_str())
    }
}

impl Incoming {
    /// Takes the next piece.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        self.file.write_all(piece)
    }

    /// How much has come in. Unit: bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts the file on the disk once it is whole.
    ///
    /// # Errors
    /// What the system said.
    pub fn finish(mut self) -> std::io::Result<Whole> {
        self.file.sync_all()?;
        let digest = FileDigest::of(std::mem::take(&mut self.hash).finalize().into());
        let bytes = self.bytes;
        Ok(Whole { incoming: self, digest, bytes })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Not there any more once it is kept; otherwise the next start throws it away.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, FileStore) {
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::at(directory.path().join("attachments"));
        store.open().unwrap();
        (directory, store)
    }

    fn came_in(store: &FileStore, pieces: &[&[u8]]) -> Whole {
        let mut incoming = store.begin().unwrap();
        for piece in pieces {
            incoming.write(piece).unwrap();
        }
        incoming.finish().unwrap()
    }

    fn left(store: &FileStore) -> usize {
        std::fs::read_dir(store.root.join(INCOMING)).unwrap().count()
    }

    #[test]
    fn a_file_is_kept_under_the_digest_of_what_is_in_it() {
        let (_directory, store) = store();
        let whole = came_in(&store, &[b"ab", b"c"]);
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((whole.digest.as_str(), whole.bytes), (abc, 3));
        assert_eq!(store.check(&whole.digest).unwrap(), Condition::Missing);
        store.keep(&whole).unwrap();
        drop(whole);
        let digest = FileDigest::new(abc).unwrap();
        assert!(store.root.join("ba").join(abc).is_file() && store.holds(&digest));
        assert_eq!((store.check(&digest).unwrap(), left(&store)), (Condition::Good, 0));
        let mut text = String::new();
        store.read(&digest).unwrap().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        store.remove(&digest).unwrap();
        store.remove(&digest).unwrap();
        assert!(store.read(&digest).unwrap().is_none());
    }

    #[test]
    fn what_is_not_finished_leaves_nothing_behind_not_even_after_a_crash() {
        let (_directory, store) = store();
        let mut cut_off = store.begin().unwrap();
        cut_off.write(b"half").unwrap();
        assert_eq!(left(&store), 1);
        drop(cut_off);
        assert_eq!(left(&store), 0);
        drop(came_in(&store, &[b"whole and not kept"]));
        assert_eq!(left(&store), 0);
        // As after a crash: nobody dropped it.
        std::fs::write(store.root.join(INCOMING).join("x"), "half").unwrap();
        store.open().unwrap();
        assert_eq!(left(&store), 0);
    }

    #[test]
    fn a_file_that_was_altered_is_found_and_whole_again_once_it_is_sent_again() {
        let (_directory, store) = store();
        let whole = came_in(&store, &[b"abc"]);
        store.keep(&whole).unwrap();
        std::fs::write(store.path(&whole.digest), "abd").unwrap();
        assert_eq!(store.check(&whole.digest).unwrap(), Condition::Altered);
        store.keep(&came_in(&store, &[b"abc"])).unwrap();
        assert_eq!(store.check(&whole.digest).unwrap(), Condition::Good);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, store) = store();
        let whole = came_in(&store, &[b"abc"]);
        store.keep(&whole).unwrap();
        for path in [store.root.clone(), store.path(&whole.digest)] {
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{path:?}");
        }
    }
}
