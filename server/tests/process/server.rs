//! Runs the program.

use super::client::Client;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Long enough for any machine; nothing waits for it to pass unless a promise is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A process that never outlives its test.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program, from the first line it says on.
pub(crate) struct Server {
    child: Owned,
    pub(crate) address: SocketAddr,
    /// What it says on standard output to whoever starts it.
    pub(crate) greeting: String,
    ended: Ended,
}

/// How the program ended, and what it said on standard error.
#[derive(Debug)]
pub(crate) struct Exit {
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

/// Collects standard error until its end, which is the program's end too.
struct Ended(Receiver<String>);

impl Ended {
    fn of(child: &mut Owned, mut first: impl FnMut() + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        let mut stderr = BufReader::new(child.0.stderr.take().unwrap());
        std::thread::spawn(move || {
            let mut said = String::new();
            if stderr.read_line(&mut said).is_ok_and(|length| length > 0) {
                first();
            }
            let _ = stderr.read_to_string(&mut said);
            let _ = sender.send(said);
        });
        Self(receiver)
    }

    #[track_caller]
    fn wait(&self, child: &mut Owned) -> Exit {
        let said = self.0.recv_timeout(PATIENCE).expect("the program ends");
        Exit { code: child.0.wait().unwrap().code(), said }
    }
}

/// The command line that serves a directory at an address.
pub(crate) fn serve(data: &Path, listen: &str) -> Command {
    let mut command = program();
    command.args(["serve", "--no-sign-in"]).arg("--data").arg(data).args(["--listen", listen]);
    command
}

/// The program without arguments, and with nothing from the environment that it would listen to.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docket-server"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in ["DOCKET_DATA", "DOCKET_LISTEN", "DOCKET_LOG"] {
        command.env_remove(variable);
    }
    command
}

/// Runs a command line that is not expected to serve; returns what it came to.
#[track_caller]
pub(crate) fn run(mut command: Command) -> Exit {
    let mut child = Owned(command.spawn().unwrap());
    let ended = Ended::of(&mut child, || {});
    ended.wait(&mut child)
}

/// A program that has only just been started.
pub(crate) struct Starting {
    child: Owned,
    ended: Ended,
    stdout: BufReader<ChildStdout>,
    first_log_line: Receiver<()>,
}

impl Starting {
    #[track_caller]
    pub(crate) fn new(mut command: Command) -> Self {
        let mut child = Owned(command.spawn().unwrap());
        let (sender, first_log_line) = channel();
        let ended = Ended::of(&mut child, move || {
            // Whoever started it may not be waiting for this.
            let _ = sender.send(());
        });
        let stdout = BufReader::new(child.0.stdout.take().unwrap());
        Self { child, ended, stdout, first_log_line }
    }

    /// Waits until it has said anything on standard error, or has ended.
    pub(crate) fn first_log_line(&self) {
        let _ = self.first_log_line.recv_timeout(PATIENCE);
    }

    /// Waits until it says where it listens.
    #[track_caller]
    pub(crate) fn listening(mut self) -> Server {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("Docket is listening on http://") else {
            panic!("it did not start: {:?}, {line:?}", self.ended.wait(&mut self.child));
        };
        let address = address.parse().unwrap();
        let mut greeting = line.clone();
        while !line.starts_with("Stop with") {
            line.clear();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "it says how to stop it: {greeting}");
            greeting += &line;
        }
        // Whatever else it says is read too, so that it never waits for a reader.
        let mut rest = self.stdout;
        std::thread::spawn(move || std::io::copy(&mut rest, &mut std::io::sink()));
        Server { child: self.child, address, greeting, ended: self.ended }
    }

    /// `kill -9`.
    #[track_caller]
    pub(crate) fn kill(mut self) -> Exit {
        self.child.0.kill().unwrap();
        self.ended.wait(&mut self.child)
    }
}

impl Server {
    /// Starts it on any free port.
    #[track_caller]
    pub(crate) fn start(data: &Path) -> Self {
        Starting::new(serve(data, "127.0.0.1:0")).listening()
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.0.id()
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    /// `kill -9`.
    #[track_caller]
    pub(crate) fn kill(mut self) -> Exit {
        self.child.0.kill().unwrap();
        self.ended.wait(&mut self.child)
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Exit {
        self.ended.wait(&mut self.child)
    }

    /// Sends a signal by its name.
    #[track_caller]
    pub(crate) fn signal(&self, name: &str) {
        // A command of every shell, so that nothing needs to be installed.
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.process())).status();
        assert!(sent.unwrap().success());
    }

    /// Asks it to stop, and waits until it has.
    #[track_caller]
    pub(crate) fn stop(self) -> Exit {
        self.signal("TERM");
        self.wait()
    }
}
