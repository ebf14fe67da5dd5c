//! What a crash left in the WAL: whether its end is a commit that was never finished, or damage.
//!
//! SQLite reads a WAL up to the first frame whose checksum is wrong and takes the rest for a torn write. A bit
//! that flipped further up looks the same, and everything after it, acknowledged or not, would be gone without a
//! word. The two can be told apart: each commit is synced before the next one begins, so behind a torn write there
//! is at most one commit. Source: <https://www.sqlite.org/fileformat2.html>, section 4; promise D7.

use std::io::{self, Read};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const MAGIC: u32 = 0x377f_0682;

/// The size of a log's pages, which never changes.
const PAGE_BYTES: usize = 4096;

/// The two numbers that tell the frames of one round through the WAL from those of the rounds before.
type Salts = u64;

/// Damage in a WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalDamage {
    /// Where it begins, from the start of the file. Unit: bytes.
    pub offset: u64,
    /// Commits that lie behind it. They were durable.
    pub commits: u64,
}

/// Looks for damage in the bytes of a WAL that no process has open.
///
/// A flip in the last commit cannot be told from a write that was torn.
///
/// # Errors
/// Those of reading.
pub fn find_wal_damage(mut wal: impl Read) -> io::Result<Option<WalDamage>> {
    let mut header = [0; HEADER_BYTES];
    if !fill(&mut wal, &mut header)? {
        return Ok(None);
    }
    let magic = number(&header, 0);
    let mut checksum = Checksum { swapped: magic & 1 == 1, sums: (0, 0) };
    checksum.add(&header[..24]);
    let is_header_sound = magic & !1 == MAGIC && checksum.is(&header[24..]);
    let mut salts = pair(&header, 16);
    // A header lies in one sector and is synced by itself, so it is never torn.
    let mut damage = (!is_header_sound).then_some(0);
    let (mut commits, mut offset) = (0, HEADER_BYTES as u64);
    let mut frame = vec![0; FRAME_HEADER_BYTES + PAGE_BYTES];
    while fill(&mut wal, &mut frame)? {
        let its_salts = pair(&frame, 8);
        if damage == Some(0) && offset == HEADER_BYTES as u64 && (salts ^ its_salts).count_ones() == 1 {
            // The flip is in the salts of the header.
            salts = its_salts;
        }
        let mut is_commit = its_salts == salts && number(&frame, 4) != 0;
        if damage.is_none() {
            let before = checksum;
            checksum.add_frame(&frame);
            if its_salts != salts || !checksum.is(&frame[16..24]) {
                damage = Some(offset);
                is_commit |= may_have_been_commit(&frame, salts, before);
            }
        }
        if damage.is_some() && is_commit {
            commits += 1;
        }
        offset += frame.len() as u64;
    }
    let is_certain = commits > 1 || (commits == 1 && damage == Some(0));
    Ok(damage.filter(|_| is_certain).map(|offset| WalDamage { offset, commits }))
}

/// Whether a damaged frame ended a commit before one of its bits flipped.
fn may_have_been_commit(frame: &[u8], salts: Salts, before: Checksum) -> bool {
    let is_sound = |frame: &[u8]| {
        let mut checksum = before;
        checksum.add_frame(frame);
        checksum.is(&frame[16..24])
    };
    let its_salts = pair(frame, 8);
    match number(frame, 4) {
        0 => (0..32).any(|bit| {
            let mut frame = frame.to_vec();
            frame[4 + bit / 8] = 1 << (bit % 8);
            its_salts == salts && is_sound(&frame)
        }),
        _ => (its_salts ^ salts).count_ones() == 1 && is_sound(frame),
    }
}

/// Reads a whole header or frame. What is shorter was never finished.
fn fill(wal: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match wal.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn pair(bytes: &[u8], at: usize) -> Salts {
    u64::from(number(bytes, at)) << 32 | u64::from(number(bytes, at + 4))
}

/// The running checksum of a WAL.
#[derive(Clone, Copy)]
struct Checksum {
    /// Whether its numbers are big-endian.
    swapped: bool,
    sums: (u32, u32),
}

impl Checksum {
    fn add_frame(&mut self, frame: &[u8]) {
        self.add(&frame[..8]);
        self.add(&frame[FRAME_HEADER_BYTES..]);
    }

    fn add(&mut self, bytes: &[u8]) {
        let (mut first, mut second) = self.sums;
        for part in bytes.chunks_exact(8) {
            let (left, right) = part.split_at(4);
            first = first.wrapping_add(self.word(left)).wrapping_add(second);
            second = second.wrapping_add(self.word(right)).wrapping_add(first);
        }
        self.sums = (first, second);
    }

    fn word(&self, bytes: &[u8]) -> u32 {
        let word = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if self.swapped { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    }

    fn is(&self, stored: &[u8]) -> bool {
        self.sums == (number(stored, 0), number(stored, 4))
    }
}
