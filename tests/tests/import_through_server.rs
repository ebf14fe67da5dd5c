//! An import through a running server is the same as one into the directory: the log, the summary, the report of rejected
//! rows, the figures.

#![allow(clippy::unwrap_used, reason = "what fails in here is to fail its test")]
#![allow(clippy::print_stdout, reason = "a random test prints its seed")]

use docket_core::actor::{Actor, Role};
use docket_core::clock::{Clock, SystemClock};
use docket_core::names::ActorId;
use docket_core::staff::{StaffAction, StaffCommand};
use docket_core::store::data_dir::{DataDir, Holder, WriteLock};
use docket_core::store::sqlite::SqliteOptions;
use docket_core::text::Line;
use docket_core::ticket::event::Language;
use docket_core::time::{DurationMs, Timestamp};
use docket_replay::out::Out;
use docket_server::access::Scope;
use docket_server::app::App;
use docket_server::credentials::Person;
use docket_server::credentials::token::Token;
use docket_server::{assembly, listener};
use docket_tests::random::{Random, seeds};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// What the program said and with which code it ended.
struct Ran {
    code: u8,
    text: String,
    notes: String,
}

impl Ran {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.text, self.notes))
    }
}

/// A data directory, with or without a server that has it.
struct Place {
    directory: TempDir,
    server: Option<Server>,
}

/// A server that has a directory, and a token that lets an import in.
struct Server {
    runtime: Runtime,
    app: App,
    _lock: WriteLock,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), server: None }
    }

    /// With a server that listens on this machine.
    fn served() -> Self {
        let place = Self::new();
        let data = DataDir::at(place.path("data"));
        let mut lock = data.lock("docket-server").unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(SqliteOptions::new(data.log()).open(clock.clone()).unwrap());
        let app = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = Some(listener.local_addr().unwrap().to_string());
            let holder = Holder { program: "docket-server".into(), pid: std::process::id(), address };
            lock.announce(&holder).unwrap();
            let app = assembly::assemble(&data, store, clock).await.unwrap();
            hire(&app).await;
            tokio::spawn(listener::serve(listener, app.clone()));
            app
        });
        std::fs::write(place.path("token"), token(&app, Scope::Operate)).unwrap();
        Self { server: Some(Server { runtime, app, _lock: lock }), ..place }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let (mut out, captured) = Out::captured();
        let mut words: Vec<OsString> = ["docket-replay"].iter().chain(arguments).map(Into::into).collect();
        words.extend(["--data".into(), self.path("data").into_os_string()]);
        let code = docket_replay::run_to_code(words, &mut out);
        Ran { code, text: captured.text(), notes: captured.notes() }
    }

    /// Imports a file, through the server where there is one. What it came to, without what is another's in each place.
    fn import(&self, file: &Path, options: &[&str]) -> (u8, Value, String) {
        let (report, token) = (self.path("rejected"), self.path("token"));
        let _ = std::fs::remove_file(&report);
        let mut arguments =
            vec!["import", file.to_str().unwrap(), "--json", "--rejects", report.to_str().unwrap()];
        arguments.extend(options);
        if self.server.is_some() {
            arguments.extend(["--token-file", token.to_str().unwrap()]);
        }
        let ran = self.run(&arguments);
        let mut summary = ran.json();
        assert!(summary["head"].take().is_u64(), "{summary}");
        if !summary["rejected"]["report"].is_null() {
            summary["rejected"]["report"] = json!("the report");
        }
        (ran.code, summary, std::fs::read_to_string(report).unwrap_or_default())
    }

    /// Everything that was imported, without when that was, and where in the log it stands beside what else is there.
    fn facts(&self) -> Vec<Value> {
        let exported = self.run(&["export"]).text;
        let records = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut facts: Vec<Value> = records.filter(|record| record["origin"] == "import").collect();
        for fact in &mut facts {
            for field in ["recorded_at", "position"] {
                fact.as_object_mut().unwrap().remove(field);
            }
        }
        facts
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.shutdown.cancel();
        self.runtime.block_on(listener::drained(&self.app));
    }
}

async fn hire(app: &App) {
    let (name, role) = (Line::new("Alma Ruiz").unwrap(), Role::Admin);
    let action = StaffAction::Add {
        name,
        role,
        teams: BTreeSet::new(),
        not_in_force: BTreeSet::new(),
        language: Language::En,
    };
    let member = ActorId::new("alma").unwrap();
    let command = StaffCommand { actor: Actor::system("test"), member, action };
    app.change_staff(command, None).await.unwrap();
}

fn token(app: &App, scope: Scope) -> String {
    let token = Token {
        id: Uuid::now_v7(),
        person: Person::Staff(ActorId::new("alma").unwrap()),
        name: "import".into(),
        scopes: BTreeSet::from([scope]),
        made_at: app.now(),
        expires_at: app.now().plus(DurationMs::from_hours(1)),
        revoked_at: None,
    };
    app.credentials.give_token(token).unwrap().reveal().to_owned()
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/servicenow-incidents").join(name)
}

#[test]
fn the_incidents_give_the_same_log_and_the_same_figures() {
    for (file, mapping) in [("events.csv.gz", "plain"), ("incident_event_log.csv.gz", "servicenow")] {
        let (direct, served) = (Place::new(), Place::served());
        let import = |place: &Place| place.import(&sample(file), &["--mapping", mapping]);
        let (first, through) = (import(&direct), import(&served));
        assert_eq!(first.1["events"], json!({ "appended": 10_801, "already_there": 0 }));
        assert_eq!(through, first, "{file}");
        assert_eq!(served.facts(), direct.facts());
        for report in [&["report", "reference"][..], &["report", "tickets"], &["report", "resolvers"]] {
            let (expected, told) = (direct.run(report), served.run(report));
            assert_eq!((told.code, &told.text), (0, &expected.text), "{report:?}");
        }
        // Again, it is there; and the summary says so in the same words.
        assert_eq!(import(&served), import(&direct));
        assert_eq!(import(&served).1["tickets"]["already_there"], 1000);
    }
}

/// A log in which each kind of row that cannot be taken may come, in any order.
fn any_log(random: &mut Random, numbered: bool) -> String {
    let mut log = "ticket_id,seq,at,type,actor,from,to,src_row\n".to_owned();
    let mut next = [0_u64; 5];
    for row in 0..30 + random.below(60) {
        let case = random.index(next.len());
        let at = match random.below(25) {
            0 => "soon".to_owned(),
            _ => Timestamp(1_700_000_000_000 + (random.below(1_000_000) * 1000).cast_signed()).to_rfc3339(),
        };
        let seq = match random.below(12) {
            0 => next[case] + 1 + random.below(3),
            1 => random.below(next[case] + 1),
            _ => next[case],
        };
        next[case] = next[case].max(seq + 1);
        let kind = random.pick(&[
            "created",
            "assigned",
            "resolved",
            "reopened",
            "closed",
            "agent_reply",
            "ärger",
            "",
        ]);
        let to = random.pick(&["ines", "bo", "", "a\u{202e}b", "\"quoted, twice\""]);
        let row_name = if random.coin() { row.to_string() } else { String::new() };
        log += &match numbered {
            true => format!("C{case},{seq},{at},{kind},ana,,{to},{row_name}\n"),
            false => format!(
                "{}\n",
                json!({ "case": format!("C{case}"), "type": kind, "at": at, "to": to, "row": row_name })
            ),
        };
        if random.chance(3) {
            log += random.pick(&["nonsense\n", "C1,0\n", "{}\n", "\n"]);
        }
    }
    match numbered {
        true => log,
        false => log.split_once('\n').unwrap().1.to_owned(),
    }
}

#[test]
fn any_log_comes_to_the_same_with_what_cannot_be_taken_and_in_parts() {
    let (direct, served) = (Place::new(), Place::served());
    for seed in seeds(0..12) {
        println!("DOCKET_SEED={seed}");
        let mut random = Random::new(seed);
        let numbered = random.coin();
        let log = any_log(&mut random, numbered);
        let name = if numbered { "log.csv" } else { "log.jsonl" };
        let system = format!("s{seed}");
        let mut options = vec!["--system", system.as_str()];
        if numbered {
            options.extend(["--mapping", "plain"]);
        }
        let mut rejected = 0;
        // A part of it first, then all of it, then another log of the same cases.
        let other = any_log(&mut random, numbered);
        let lines: Vec<&str> = log.split_inclusive('\n').collect();
        let part = lines[..1 + random.index(lines.len())].concat();
        for text in [&part, &log, &other] {
            let file = direct.path(name);
            std::fs::write(&file, text).unwrap();
            let (expected, told) = (direct.import(&file, &options), served.import(&file, &options));
            for field in ["rows", "events", "tickets", "rejected", "remarks"] {
                assert_eq!(told.1[field], expected.1[field], "{field} of\n{text}");
            }
            assert_eq!(told, expected);
            rejected += expected.1["rejected"]["rows"].as_u64().unwrap();
        }
        assert!(rejected > 0, "nothing was refused, so nothing was compared");
        assert_eq!(served.facts(), direct.facts());
    }
    assert_eq!(served.run(&["verify"]).code, 0);
}

#[test]
fn a_snapshot_that_cannot_be_taken_holds_up_its_case_through_the_server_too() {
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(
        std::fs::File::open(sample("incident_event_log.csv.gz")).unwrap(),
    ));
    let text = text.unwrap();
    let lines: Vec<&str> = text.lines().take(40).collect();
    let (direct, served) = (Place::new(), Place::served());
    let whole = lines.join("\n") + "\n";
    let file = direct.path("log.csv");
    for text in [whole.replacen("29/2/2016 13:41", "29/2/2016 1a:41", 1), whole] {
        std::fs::write(&file, text).unwrap();
        let import = |place: &Place| place.import(&file, &["--mapping", "servicenow"]);
        assert_eq!(import(&served), import(&direct));
    }
    assert_eq!(served.facts(), direct.facts());
}

#[test]
fn whoever_may_not_import_is_told_so_in_their_language_and_nothing_is_sent() {
    let place = Place::served();
    let server = place.server.as_ref().unwrap();
    let file = sample("events.csv.gz");
    let import = |more: &[&str]| {
        let arguments = ["import", file.to_str().unwrap(), "--mapping", "plain"];
        place.run(&[&arguments[..], more].concat())
    };
    let before = server.app.head();
    let says = |ran: Ran, code: u8, words: &[&str]| {
        assert_eq!(ran.code, code, "{}", ran.notes);
        for word in words {
            assert!(ran.notes.contains(word), "{word}: {}", ran.notes);
        }
    };
    says(import(&[]), 3, &["in use by docket-server", "--token-file", "scope operate"]);
    says(import(&["--lang", "es"]), 3, &["está en uso por docket-server", "--token-file", "permiso operate"]);
    let file = place.path("wrong");
    for (token, code, title) in [
        (token(&server.app, Scope::Read), "scope-missing", "Este token no sirve para esto."),
        (format!("dkt_{}", "A".repeat(43)), "token-unknown", "Aquí no se conoce este token."),
    ] {
        std::fs::write(&file, token).unwrap();
        let option = ["--token-file", file.to_str().unwrap()];
        says(import(&option), 3, &[code, "says: this token"]);
        says(import(&[&option[..], &["--lang", "es"]].concat()), 3, &[code, title, "permiso operate"]);
        says(
            import(&[&option[..], &["--json", "--lang", "es"]].concat()),
            3,
            &["\"kind\":\"not_let_in\"", "this token"],
        );
    }
    assert_eq!(server.app.head(), before);
}
