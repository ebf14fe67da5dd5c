//! What one client sends, and what it was told.

use super::super::client::Answer;
use docket_tests::random::Random;

/// Tickets that a client works on, besides those it opened first.
const TICKETS_MAX: usize = 12;

/// The commands of one client, each under a key of its own.
pub(super) struct Commands {
    pub(super) principal: String,
    pub(super) sent: Vec<Sent>,
    random: Random,
    tickets: Vec<u64>,
}

/// A command that was sent.
pub(super) struct Sent {
    pub(super) principal: String,
    pub(super) key: String,
    pub(super) path: String,
    pub(super) body: String,
    pub(super) told: Told,
    /// Whether nobody knew for a while what had come of it.
    pub(super) was_unknown: bool,
}

/// What the client was told of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: it was cut off.
    Nothing,
    /// It is done, and this is the position of its last event.
    Done { position: u64, ticket: u64 },
    /// The wish held already.
    AlreadySo,
    /// It was refused.
    Refused,
}

impl Commands {
    pub(super) fn new(client: usize, seed: u64) -> Self {
        let random = Random::new(seed.wrapping_add(client as u64));
        Self { principal: format!("client-{client}"), sent: Vec::new(), random, tickets: Vec::new() }
    }

    /// The next command, of any kind.
    pub(super) fn next(&mut self) -> &mut Sent {
        let key = format!("{}-{}", self.principal, self.sent.len());
        let random = &mut self.random;
        // Tickets of one's own most of the time; the first ones are everybody's.
        let ticket = match self.tickets.len() {
            0 => 1,
            own => [1 + random.below(3), self.tickets[random.index(own)]][usize::from(random.chance(80))],
        };
        let agent = random.pick(&["ines", "bob", "sofia"]);
        let (command, body) = match random.below(20) {
            0..3 => ("assign", format!(r#"{{"to":"{agent}"}}"#)),
            3..8 => ("note", format!(r#"{{"body":"{key}"}}"#)),
            8..12 => ("reply", format!(r#"{{"body":"{key}","then_pending":{}}}"#, random.coin())),
            12..14 => ("customer-reply", format!(r#"{{"body":"{key}"}}"#)),
            14 => (
                "escalate",
                format!(r#"{{"reason":"complaint","to":{{"supervisor":"{agent}"}},"context":"{key}"}}"#),
            ),
            15..17 => ("resolve", format!(r#"{{"resolution":"solved","notes":"{key}"}}"#)),
            17 => ("reopen", "{}".to_owned()),
            _ => ("", String::new()),
        };
        let opens = command.is_empty() || (self.tickets.is_empty() && random.coin());
        let (path, body) = if opens && self.tickets.len() < TICKETS_MAX {
            let body = format!(r#"{{"requester":{{"id":"noor"}},"subject":"{key}","body":"{key}"}}"#);
            ("/api/v1/tickets".to_owned(), body)
        } else if opens {
            (format!("/api/v1/tickets/{ticket}/unassign"), "{}".to_owned())
        } else {
            (format!("/api/v1/tickets/{ticket}/{command}"), body)
        };
        let principal = self.principal.clone();
        self.sent.push(Sent { principal, key, path, body, told: Told::Nothing, was_unknown: false });
        self.sent.last_mut().expect("it was just put there")
    }

    /// Takes note of a ticket that was just opened.
    pub(super) fn learn(&mut self) {
        if let Some(Sent { told: Told::Done { ticket, .. }, path, .. }) = self.sent.last()
            && path == "/api/v1/tickets"
        {
            self.tickets.push(*ticket);
        }
    }
}

impl Sent {
    /// Takes the answer to the first attempt.
    pub(super) fn take(&mut self, answer: &Answer) {
        let outcome = self.judge(answer);
        assert_ne!(outcome.as_deref(), Some("found"), "nobody has sent {} before: {answer:?}", self.key);
    }

    /// Takes the answer to another attempt, given what the log already holds of it.
    pub(super) fn take_again(&mut self, answer: &Answer, in_the_log: Option<u64>) {
        self.was_unknown = true;
        let outcome = self.judge(answer);
        match (in_the_log, &self.told) {
            (Some(position), Told::Done { position: told, .. }) => {
                assert_eq!(
                    (outcome.as_deref(), *told),
                    (Some("found"), position),
                    "{}: {answer:?}",
                    self.key
                );
            }
            (Some(_), told) => panic!("{} is in the log and was told {told:?}: {answer:?}", self.key),
            (None, _) => assert_ne!(outcome.as_deref(), Some("found"), "{}: {answer:?}", self.key),
        }
    }

    fn judge(&mut self, answer: &Answer) -> Option<String> {
        let json = answer.json();
        match answer.status {
            200 | 201 => {
                let number = |field: &str| json[field].as_u64().unwrap();
                let outcome = json["outcome"].as_str().unwrap().to_owned();
                self.told = match outcome.as_str() {
                    "already_so" => Told::AlreadySo,
                    _ => Told::Done { position: number("position"), ticket: number("ticket") },
                };
                Some(outcome)
            }
            404 | 409 => {
                self.told = Told::Refused;
                None
            }
            _ => panic!("{} {}: {answer:?}", self.path, self.body),
        }
    }
}
