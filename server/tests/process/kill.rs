//! Killed at any moment under load: whatever was acknowledged is there, nothing is there in part, and every
//! read model is what the log says (promises D1, D3, D4, O1 and P1).

#[path = "kill/commands.rs"]
mod commands;
#[path = "kill/ledger.rs"]
mod ledger;
#[path = "kill/models.rs"]
mod models;

use super::client::Client;
use super::server::{PATIENCE, Server, Starting, serve};
use commands::{Commands, Sent, Told};
use docket_tests::random::{Random, seeds};
use ledger::Ledger;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// How often the server is killed, unless `DOCKET_KILL_CYCLES` says otherwise.
const CYCLES: usize = 200;

/// Cycles on one log, so that checking all of it stays quick.
const CYCLES_PER_LOG: usize = 25;

/// Cycles after which everything is checked from the beginning, and the read models too.
const CYCLES_PER_CHECK: usize = 5;

/// Clients at the same time.
const CLIENTS: usize = 6;

/// The longest pause after the last acknowledgement that is waited for. Unit: microseconds.
const PAUSE_US: u64 = 4000;

/// When the server is killed.
#[derive(Debug)]
enum Moment {
    /// While the system still loads it.
    AtOnce,
    /// While it opens its files.
    FirstLogLine,
    /// Before anybody has asked it anything.
    Listening,
    /// Under load, so long after so many acknowledgements.
    Acknowledged(u64, Duration),
}

impl Moment {
    fn any(random: &mut Random) -> Self {
        match random.below(25) {
            0 => Self::AtOnce,
            1 => Self::FirstLogLine,
            2 => Self::Listening,
            _ => {
                // A pause of its own: the moment right after an answer is only one of many.
                let pause = Duration::from_micros(random.below(PAUSE_US));
                Self::Acknowledged(1 + random.below(80), pause)
            }
        }
    }
}

/// A log, what was sent to it, and what is known of what came of it.
struct Life {
    commands: Vec<Commands>,
    ledger: Ledger,
}

impl Life {
    fn new(seed: u64) -> Self {
        let commands = (0..CLIENTS).map(|client| Commands::new(client, seed));
        Self { commands: commands.collect(), ledger: Ledger::default() }
    }

    fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.commands.iter().flat_map(|commands| &commands.sent)
    }

    /// Starts the server, lets everybody work, and kills it.
    fn cycle(&mut self, data: &Path, moment: &Moment) {
        let starting = Starting::new(serve(data, "127.0.0.1:0"));
        let exit = match moment {
            Moment::AtOnce => starting.kill(),
            Moment::FirstLogLine => {
                starting.first_log_line();
                starting.kill()
            }
            Moment::Listening => starting.listening().kill(),
            Moment::Acknowledged(count, pause) => self.load(starting.listening(), *count, *pause),
        };
        assert_eq!(exit.code, None, "it ended by itself: {exit:?}");
        assert!(!exit.said.contains("panicked") && !exit.said.contains("ERROR"), "{exit:?}");
    }

    fn load(&mut self, server: Server, acknowledgements: u64, pause: Duration) -> super::server::Exit {
        let (acknowledged, acknowledgement) = channel();
        let (address, ledger) = (server.address, &self.ledger);
        std::thread::scope(|scope| {
            for commands in &mut self.commands {
                let acknowledged = acknowledged.clone();
                scope.spawn(move || work(commands, ledger, address, &acknowledged));
            }
            drop(acknowledged);
            for _ in 0..acknowledgements {
                if acknowledgement.recv_timeout(PATIENCE).is_err() {
                    panic!("nobody is acknowledged any more: {:?}", server.kill());
                }
            }
            // Nothing is waited for here: the moment is what is chosen at random.
            std::thread::sleep(pause);
            server.kill()
        })
    }
}

/// Repeats what nobody knows the outcome of, then sends one command after the other until it is cut off.
fn work(commands: &mut Commands, ledger: &Ledger, address: SocketAddr, acknowledged: &Sender<()>) {
    let Ok(client) = Client::connect(address) else { return };
    let mut client = client.named(&commands.principal);
    for sent in commands.sent.iter_mut().filter(|sent| sent.told == Told::Nothing) {
        let Ok(answer) = client.post(&sent.path, &sent.key, &sent.body) else { return };
        sent.take_again(&answer, ledger.position_of(sent));
        let _ = acknowledged.send(());
    }
    loop {
        let sent = commands.next();
        let Ok(answer) = client.post(&sent.path, &sent.key, &sent.body) else { return };
        sent.take(&answer);
        commands.learn();
        let _ = acknowledged.send(());
    }
}

fn cycles() -> usize {
    std::env::var("DOCKET_KILL_CYCLES").map_or(CYCLES, |cycles| cycles.parse().expect("a number of cycles"))
}

#[test]
fn a_server_that_is_killed_at_any_moment_loses_nothing_it_acknowledged() {
    for seed in seeds([]) {
        println!("DOCKET_SEED={seed}");
        let mut random = Random::new(seed);
        let (mut acknowledged, mut unknown, mut events) = (0, 0, 0);
        for first in (0..cycles()).step_by(CYCLES_PER_LOG) {
            let directory = tempfile::tempdir().unwrap();
            let mut life = Life::new(random.bits());
            for cycle in 1..=CYCLES_PER_LOG.min(cycles() - first) {
                let moment = Moment::any(&mut random);
                life.cycle(directory.path(), &moment);
                let last = cycle == CYCLES_PER_LOG;
                if !directory.path().join("log.db").exists() {
                    continue;
                }
                if last || cycle % CYCLES_PER_CHECK == 0 {
                    life.ledger.check_all(directory.path());
                    models::check(directory.path());
                }
                life.ledger.read_on(directory.path());
                life.ledger.check(life.sent());
            }
            acknowledged += life.sent().filter(|sent| matches!(sent.told, Told::Done { .. })).count();
            unknown += life.sent().filter(|sent| sent.was_unknown).count();
            events += life.ledger.head();
        }
        println!("{acknowledged} commands acknowledged, {unknown} once unknown, {events} events");
        assert!(acknowledged > cycles(), "too little load to mean anything");
    }
}
