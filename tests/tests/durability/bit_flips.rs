//! A single bit that flips in the stored events is found, and never served as good (promise D7).

use super::{PATH, open, run};
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use docket_core::record::StoredRecord;
use docket_core::store::sqlite::{SqliteOptions, SqliteStore};
use docket_core::store::{Append, Appended, CommandKey, EventStore, ReadError};
use docket_tests::crash_disk::CrashDisk;
use docket_tests::store_conformance::samples::{
    ANY, append, id, key, keyed, log, no_progress, one, stream, to,
};
use rusqlite::{Connection, OpenFlags};

/// A log of 40 events in its file, with nothing in a WAL, and all that a read of it can return.
struct Flipped {
    disk: CrashDisk,
    answers: Answers,
}

/// What every read returns.
struct Answers {
    log: Vec<StoredRecord>,
    streams: Vec<(StreamName, Vec<StoredRecord>)>,
    ids: Vec<(EventId, Option<GlobalPosition>)>,
    commands: Vec<(CommandKey, Option<Appended>)>,
}

fn appends() -> Vec<Append> {
    (0..10)
        .flat_map(|number| {
            let (ticket, text) = (format!("ticket-{}", number % 3), |what: &str| format!("{what} {number}"));
            let parts = [to(&ticket, ANY, &[&text("a"), &text("b")]), to("agent-ines", ANY, &[&text("c")])];
            [keyed(key(&text("key"), "body"), append(parts)), one("sla-1", ANY, &text("d"))]
        })
        .collect()
}

/// Whether an answer is the right one, or one that nobody can take for right.
fn is_honest<T: PartialEq, E>(answer: &Result<T, E>, right: &T) -> bool {
    answer.as_ref().map_or(true, |answer| answer == right)
}

impl Answers {
    async fn of(store: &SqliteStore) -> Self {
        let log = log(store).await;
        let mut streams = Vec::new();
        for name in ["ticket-0", "ticket-1", "ticket-2", "agent-ines", "sla-1", "ticket-9"] {
            let records = store.read_stream(&stream(name), StreamVersion::NONE, 100).await.unwrap();
            streams.push((stream(name), records));
        }
        let mut ids = vec![(id("not there"), None)];
        for record in &log {
            let id = record.decode().unwrap().id;
            ids.push((id, store.position_of(id).await.unwrap()));
        }
        let mut commands = vec![(key("not there", "body"), None)];
        for key in appends().into_iter().filter_map(|append| append.command) {
            let found = store.find_command(&key).await.unwrap();
            assert!(found.is_some());
            commands.push((key, found));
        }
        Self { log, streams, ids, commands }
    }

    /// Whether every read answers as before; and that none returns a wrong record, position or answer as good.
    ///
    /// An index that lost an entry may hide what it led to, which only a check of the whole file can tell.
    async fn are_the_same(&self, store: &SqliteStore, reads: Reads, context: &str) -> bool {
        let all = store.read_all(GlobalPosition::START, 100).await;
        let mut same = all.as_ref() == Ok(&self.log);
        if let Ok(all) = all {
            assert!(self.log.starts_with(&all), "{context}: a wrong record was served");
        }
        let Reads::Streams(first) = reads else { return same };
        for (name, right) in &self.streams {
            let answer = store.read_stream(name, StreamVersion::NONE, 100).await;
            same &= answer.as_ref() == Ok(right);
            if let Ok(answer) = answer {
                assert!(right.starts_with(&answer), "{context}: a wrong record was served in {name}");
            }
        }
        for (id, right) in self.ids.iter().skip(first % 7).step_by(7) {
            let answer = store.position_of(*id).await;
            same &= answer.as_ref() == Ok(right);
            assert!(is_honest(&answer, right) || answer == Ok(None), "{context}: {answer:?} for {right:?}");
        }
        for (key, right) in self.commands.iter().skip(first % 7).step_by(7) {
            let answer = store.find_command(key).await;
            same &= answer.as_ref() == Ok(right);
            assert!(is_honest(&answer, right) || answer == Ok(None), "{context}: {answer:?} for {right:?}");
        }
        same
    }
}

/// What is read after a flip, beside the log. It takes the most time.
#[derive(Clone, Copy)]
enum Reads {
    /// Nothing, unless a check of the file finds nothing.
    Log,
    /// All streams, and every seventh id and key from this one on.
    Streams(usize),
}

/// What became of one flip.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// It is told, with a position where that can be known.
    Found(Option<u64>),
    /// It is not told, and changes nothing that anybody could read.
    Harmless,
}

impl Flipped {
    async fn new() -> Self {
        let disk = CrashDisk::new(0);
        let store = open(&disk, 16).unwrap();
        for append in appends() {
            store.append(append).await.unwrap();
        }
        let answers = Answers::of(&store).await;
        assert_eq!(answers.log.len(), 40);
        store.close();
        drop(store);
        // Packed anew, so that no page holds an old copy of a row in its unused part.
        let packer =
            Connection::open_with_flags_and_vfs(PATH, OpenFlags::default(), disk.vfs_name()).unwrap();
        packer.execute_batch("PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        drop(packer);
        assert!(disk.file_len("-wal").is_none_or(|len| len == 0), "everything is in the file");
        Self { disk, answers }
    }

    /// Flips a bit, looks at what comes of it, and flips it back.
    async fn flip(&self, offset: usize, bit: u8, reads: Reads) -> Verdict {
        let context = format!("bit {bit} of byte {offset}");
        self.disk.flip_bit("log.db", offset as u64, bit);
        let verdict = match SqliteOptions::new(PATH).vfs(self.disk.vfs_name()).open_read_only() {
            Err(_) => Verdict::Found(None),
            Ok(store) => {
                let verified = store.verify(no_progress()).await;
                let reads = if verified.is_ok() { Reads::Streams(offset) } else { reads };
                let same = self.answers.are_the_same(&store, reads, &context).await;
                assert!(verified.is_err() || same, "{context}: it changes what is read, and is not found");
                match verified {
                    Ok(_) => Verdict::Harmless,
                    Err(ReadError::Damaged { position, .. }) => Verdict::Found(Some(position.0)),
                    Err(ReadError::Unavailable { .. }) => Verdict::Found(None),
                }
            }
        };
        self.disk.flip_bit("log.db", offset as u64, bit);
        verdict
    }

    /// Where bytes lie that are in the file once.
    fn place(&self, bytes: &[u8]) -> usize {
        let [place] = self.places(bytes)[..] else { panic!("a record lies in one piece, once") };
        place
    }

    /// Where bytes lie in the file.
    fn places(&self, bytes: &[u8]) -> Vec<usize> {
        let file = self.disk.file_contents("log.db").unwrap();
        file.windows(bytes.len())
            .enumerate()
            .filter(|(_, window)| *window == bytes)
            .map(|(at, _)| at)
            .collect()
    }
}

#[test]
fn every_bit_of_a_record_and_its_hash_is_found_at_its_position() {
    run(async {
        let log = Flipped::new().await;
        for position in [2, 23, 40] {
            let record = &log.answers.log[position - 1];
            let row = [record.bytes.as_slice(), &record.hash].concat();
            let start = log.place(&row);
            // All bits of one record; of the others one in a hundred and one.
            let step = if position == 2 { 1 } else { 101 };
            for place in (0..row.len() * 8).step_by(step) {
                let reads = if place.is_multiple_of(8) { Reads::Streams(place / 8) } else { Reads::Log };
                let verdict = log.flip(start + place / 8, (place % 8) as u8, reads).await;
                assert_eq!(
                    verdict,
                    Verdict::Found(Some(position as u64)),
                    "bit {place} of record {position}"
                );
            }
        }
    });
}

#[test]
fn every_bit_of_a_column_or_an_index_entry_is_found() {
    run(async {
        let log = Flipped::new().await;
        let event = log.answers.log[4].decode().unwrap();
        let mark = event.command.as_ref().unwrap();
        let (event_id, command) = (event.id.0.as_bytes(), format!("4:{}{}", mark.principal, mark.key));
        let place = |record: &StoredRecord| {
            let start = log.place(&record.bytes);
            start..start + record.bytes.len()
        };
        let records: Vec<_> = log.answers.log.iter().map(place).collect();
        // The id is the sixth to be looked up and the key the third, behind one that is not there.
        for (what, bytes, reads) in [
            ("the stream", event.stream.as_bytes(), Reads::Streams(0)),
            ("the event id", event_id.as_slice(), Reads::Streams(5)),
            ("the command", command.as_bytes(), Reads::Streams(2)),
        ] {
            let inside = |at: usize| records.iter().any(|record| record.contains(&at));
            let places: Vec<_> = log.places(bytes).into_iter().filter(|at| !inside(*at)).collect();
            // A column lies right ahead of its record; all other places are in an index.
            let column_of =
                |at: usize| records.iter().position(|record| (at..at + 80).contains(&record.start));
            let columns = places.iter().filter(|at| column_of(**at).is_some()).count();
            assert_eq!(places.len(), 2 * columns, "{what} is beside the record and in an index");
            for at in places {
                // What lies ahead says how long it is; what lies behind is the row's number.
                for place in (at - 4) * 8..(at + bytes.len() + 2) * 8 {
                    let verdict = log.flip(place / 8, (place % 8) as u8, reads).await;
                    if (at..at + bytes.len()).contains(&(place / 8)) {
                        let row = column_of(at).map(|index| index as u64 + 1);
                        let is_found = matches!(verdict, Verdict::Found(at) if row.is_none() || at == row);
                        assert!(is_found, "bit {place} of {what} in row {row:?}: {verdict:?}");
                    }
                }
            }
        }
    });
}

#[test]
fn any_bit_of_the_file_is_found_unless_it_changes_nothing_that_is_read() {
    run(async {
        let log = Flipped::new().await;
        let bits = log.disk.file_len("log.db").unwrap() as usize * 8;
        let (mut found, mut harmless) = (0, 0);
        // A prime, so that all bits of a byte come up.
        for place in (0..bits).step_by(401) {
            match log.flip(place / 8, (place % 8) as u8, Reads::Streams(place)).await {
                Verdict::Found(_) => found += 1,
                Verdict::Harmless => harmless += 1,
            }
        }
        // The header of the file and the schema, where a flip can turn the whole file into something else.
        for place in 0..100 * 8 {
            log.flip(place / 8, (place % 8) as u8, Reads::Streams(place)).await;
        }
        assert!(found > 0 && harmless > 0, "{found} were found, {harmless} changed nothing");
    });
}

#[test]
fn a_log_with_a_flipped_bit_at_its_end_is_not_opened_for_writing() {
    run(async {
        let log = Flipped::new().await;
        for position in 1..=40 {
            let record = &log.answers.log[position - 1].bytes;
            let middle = (log.place(record) + record.len() / 2) as u64;
            log.disk.flip_bit("log.db", middle, 2);
            let refusal = open(&log.disk, 16).err().expect("the newest records are checked").to_string();
            assert!(refusal.contains(&format!("damaged at position {position}:")), "{refusal}");
            log.disk.flip_bit("log.db", middle, 2);
        }
        open(&log.disk, 16).unwrap();
    });
}

#[test]
fn a_check_looks_at_the_disk_and_not_at_what_is_remembered() {
    run(async {
        let log = Flipped::new().await;
        let store = open(&log.disk, 16).unwrap();
        assert_eq!(store.verify(no_progress()).await.map(|verified| verified.events), Ok(40));
        assert_eq!(store.read_all(GlobalPosition::START, 100).await.map(|all| all.len()), Ok(40));
        let middle = log.place(&log.answers.log[6].bytes) as u64 + 100;
        log.disk.flip_bit("log.db", middle, 0);
        let damaged = store.verify(no_progress()).await;
        assert!(
            matches!(damaged, Err(ReadError::Damaged { position, .. }) if position.0 == 7),
            "{damaged:?}"
        );
    });
}
