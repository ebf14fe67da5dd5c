//! One file: what is durable, what was changed since, and what is left of it when the power goes.

use super::Kept;
use crate::random::Random;

/// The unit that a drive writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A file in the order of its history: `durable`, then `changes`, together `current`.
#[derive(Debug, Default)]
pub(super) struct StoredFile {
    durable: Vec<u8>,
    changes: Vec<(Standing, Change)>,
    current: Vec<u8>,
    name_is_durable: bool,
}

#[derive(Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Resize { len: usize },
    Flip { offset: usize, mask: u8 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unsynced,
    /// A sync that should have written it has failed, and no later one will try again.
    Abandoned,
    /// Durable, but kept in the list because something before it is not and must not be put over it.
    Synced,
}

impl StoredFile {
    pub(super) fn len_bytes(&self) -> u64 {
        self.current.len() as u64
    }

    pub(super) fn contents(&self) -> &[u8] {
        &self.current
    }

    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        self.change(Standing::Unsynced, Change::Write { offset, bytes: bytes.to_vec() });
    }

    pub(super) fn resize(&mut self, len: usize) {
        self.change(Standing::Unsynced, Change::Resize { len });
    }

    /// Corrupts a byte where it lies; no later loss takes that back.
    pub(super) fn flip(&mut self, offset: usize, mask: u8) {
        self.change(Standing::Synced, Change::Flip { offset, mask });
    }

    fn change(&mut self, standing: Standing, change: Change) {
        change.apply(&mut self.current);
        self.changes.push((standing, change));
    }

    pub(super) fn sync(&mut self) {
        self.name_is_durable = true;
        self.mark_unsynced(Standing::Synced);
        let settled = self.changes.iter().take_while(|(standing, _)| *standing == Standing::Synced).count();
        for (_, change) in self.changes.drain(..settled) {
            change.apply(&mut self.durable);
        }
    }

    pub(super) fn sync_fails(&mut self) {
        self.mark_unsynced(Standing::Abandoned);
    }

    fn mark_unsynced(&mut self, now: Standing) {
        for (standing, _) in &mut self.changes {
            if *standing == Standing::Unsynced {
                *standing = now;
            }
        }
    }

    /// Settles what a loss of power leaves of the file; false when not even its name.
    pub(super) fn survives_power_loss(&mut self, kept: Kept, random: &mut Random) -> bool {
        // A ratio per file and loss: a fixed one would almost never lose all, or all but one.
        let kept_of_16 = random.below(17);
        for (standing, change) in std::mem::take(&mut self.changes) {
            match (standing, kept) {
                (Standing::Synced, _) | (_, Kept::Everything) => change.apply(&mut self.durable),
                (_, Kept::Nothing) => {}
                (_, Kept::Random) if random.below(16) < kept_of_16 => change.apply(&mut self.durable),
                (_, Kept::Random) if random.coin() => change.apply_torn(&mut self.durable, random),
                (_, Kept::Random) => {}
            }
        }
        self.current.clone_from(&self.durable);
        self.name_is_durable |= match kept {
            Kept::Nothing => false,
            Kept::Everything => true,
            Kept::Random => random.coin(),
        };
        self.name_is_durable
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => overwrite(content, *offset, bytes),
            Self::Resize { len } => content.resize(*len, 0),
            Self::Flip { offset, mask } => {
                // The byte may have been cut off since, or lost with the write that brought it.
                if let Some(byte) = content.get_mut(*offset) {
                    *byte ^= mask;
                }
            }
        }
    }

    /// Leaves some sectors of a write out; what fits into one sector is atomic, so it is lost whole.
    fn apply_torn(&self, content: &mut Vec<u8>, random: &mut Random) {
        let Self::Write { offset, bytes } = self else { return };
        let first_sector = SECTOR_BYTES - offset % SECTOR_BYTES;
        if bytes.len() <= first_sector {
            return;
        }
        let (head, tail) = bytes.split_at(first_sector);
        let mut at = *offset;
        for sector in std::iter::once(head).chain(tail.chunks(SECTOR_BYTES)) {
            if random.coin() {
                overwrite(content, at, sector);
            }
            at += sector.len();
        }
    }
}

fn overwrite(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if content.len() < offset {
        content.resize(offset, 0);
    }
    let (over, beyond) = bytes.split_at(bytes.len().min(content.len() - offset));
    content[offset..offset + over.len()].copy_from_slice(over);
    content.extend_from_slice(beyond);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_loss(mut file: StoredFile, kept: Kept) -> Vec<u8> {
        file.survives_power_loss(kept, &mut Random::new(0));
        file.contents().to_vec()
    }

    #[test]
    fn a_sync_after_a_failed_one_does_not_make_the_lost_write_durable() {
        let mut file = StoredFile::default();
        file.write(0, b"abandoned");
        file.sync_fails();
        file.sync();
        assert_eq!(file.contents(), b"abandoned");
        assert_eq!(after_loss(file, Kept::Nothing), b"");
    }

    #[test]
    fn a_write_given_up_by_a_failed_sync_never_lands_on_a_newer_synced_one() {
        for kept in [Kept::Nothing, Kept::Everything, Kept::Random] {
            let mut file = StoredFile::default();
            file.write(0, b"older");
            file.sync_fails();
            file.write(0, b"newer");
            file.sync();
            assert_eq!(after_loss(file, kept), b"newer");
        }
    }

    #[test]
    fn a_torn_write_keeps_whole_sectors_only() {
        let mut shapes = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut file = StoredFile::default();
            file.write(0, &[1; 4 * SECTOR_BYTES]);
            file.sync();
            file.write(100, &[2; 3 * SECTOR_BYTES]);
            file.survives_power_loss(Kept::Random, &mut Random::new(seed));
            let content = file.contents();
            assert!(content[..100].iter().all(|byte| *byte == 1), "seed {seed}");
            for sector in content[SECTOR_BYTES..3 * SECTOR_BYTES].chunks(SECTOR_BYTES) {
                assert!(sector.iter().all(|byte| *byte == sector[0]), "seed {seed}");
            }
            shapes.insert([content[100], content[SECTOR_BYTES], content[2 * SECTOR_BYTES]]);
        }
        assert_eq!(shapes.len(), 8, "every subset of the sectors is possible");
    }
}
