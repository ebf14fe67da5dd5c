//! The search: everything within reach that says the words and nothing else, however the read model was made.

use super::reach::{People, desk, filter};
use super::support::{
    NOW, append, empty_log, events, facts, feed, log_of, raw_fact, runtime, start, wait_for_all,
};
use docket_core::access::Reach;
use docket_core::event::Event;
use docket_core::filter::{Facts, Filter, Parsed, parse, parse_own};
use docket_core::names::{ActorId, GlobalPosition, TicketNumber};
use docket_core::store::EventStore;
use docket_core::ticket::TicketEvent;
use docket_projections::Connection;
use docket_projections::log_event::LogEvent;
use docket_projections::queue::{self, QueueTicket};
use docket_projections::read_model::Purpose;
use docket_projections::rebuild::{Continue, rebuild};
use docket_projections::registry::all;
use docket_projections::runner::Projections;
use docket_projections::search::{Asked, Conditions, FoundIn, MATCHES_MAX, NotSearchable, Results, search};
use docket_tests::random::{Random, seeds};
use std::collections::{BTreeMap, BTreeSet};

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

fn everything() -> Reach {
    Reach::Everything
}

fn customer(name: &str) -> Reach {
    Reach::Own { requester: id(name) }
}

#[track_caller]
fn ask(live: &Projections, reach: &Reach, text: &str) -> Results {
    try_ask(live, reach, text).unwrap()
}

fn try_ask(live: &Projections, reach: &Reach, text: &str) -> Result<Results, NotSearchable> {
    let Parsed { filter, words } = parse(text).unwrap();
    page(live, reach, Conditions::Filter(&filter), &words, &id("ines"), (0, 50))
}

fn page(
    live: &Projections,
    reach: &Reach,
    conditions: Conditions<'_>,
    words: &[docket_core::filter::Word],
    me: &ActorId,
    (skip, limit): (usize, usize),
) -> Result<Results, NotSearchable> {
    let asked = Asked { reach, me, conditions, words, up_to: None, skip, limit, now: NOW };
    live.query("search", |connection| search(connection, &asked)).unwrap()
}

fn numbers(results: &Results) -> Vec<u64> {
    results.hits.iter().map(|hit| hit.number.0).collect()
}

/// A small desk: what three customers asked, what was answered, and what the staff says among itself.
fn small() -> (tokio::runtime::Runtime, tempfile::TempDir, Projections) {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = empty_log();
    let live = start(&runtime, directory.path(), &store);
    let say = |ticket, name, body: &str| {
        raw_fact(ticket, name, 1, &format!(r#"{{"message":"{}","body":"{body}"}}"#, uuid::Uuid::now_v7()))
    };
    let open = |ticket, requester: &str, team: &str, subject: &str, body: &str| {
        let data = format!(
            r#"{{"requester":{{"id":"{requester}"}},"subject":"{subject}","body":"{body}","channel":"api","team":"{team}"}}"#
        );
        raw_fact(ticket, "ticket.opened", 1, &data)
    };
    let facts = vec![
        open(1, "noor", "billing", "Cobro duplicado en la factura", "Me habéis cobrado dos veces en marzo."),
        open(2, "olga", "technical", "Export stops", "The export of invoices stops half-way, NEAR(the end)."),
        open(3, "noor", "technical", "Two factor", "The código never arrives; reference A-1234."),
        say(1, "ticket.noted", "suspected chargeback, call the bank"),
        say(1, "ticket.replied", "Lo revisamos: dos pagos en Marzo."),
        say(2, "ticket.customer_replied", "Still stops. Facturación says the invoice is fine."),
        say(3, "ticket.noted", "refund him nothing"),
    ];
    let head = append(&runtime, store.as_ref(), facts);
    wait_for_all(&runtime, &live, head);
    (runtime, directory, live)
}

#[test]
fn words_phrases_and_operators_find_what_they_say() {
    let (_runtime, _directory, live) = small();
    for (text, expected) in [
        ("marzo", vec![1]),
        ("MARZO", vec![1]),
        ("habeis", vec![1]),
        ("facturacion", vec![2]),
        ("\"dos pagos\"", vec![1]),
        ("\"pagos dos\" marzo", vec![]),
        ("stops export", vec![2]),
        ("export -still", vec![2]),
        ("stops -export", vec![2]),
        ("invo*", vec![2]),
        ("INVO* -stops", vec![]),
        ("fáct*", vec![1, 2, 3]),
        ("factu* expo*", vec![]),
        ("invo* the*", vec![2]),
        ("zzz*", vec![]),
        ("dos-pag*", vec![1]),
        ("1234", vec![3]),
        ("A-1234", vec![3]),
        ("chargeback", vec![1]),
        ("the team:technical", vec![3, 2]),
        ("the -team:technical", vec![1]),
        ("the lane:resolved", vec![]),
        ("noor", vec![]),
        ("near", vec![2]),
        ("NEAR(the", vec![2]),
        ("owner:x", vec![]),
        ("\"subject:export\"", vec![]),
        ("\"export\"\"", vec![]),
    ] {
        let found = match parse(text) {
            Ok(_) => ask(&live, &everything(), text),
            Err(_) => continue,
        };
        let mut shown = numbers(&found);
        let mut wanted: Vec<u64> = expected;
        shown.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(shown, wanted, "{text}");
        assert!(found.complete && found.widened.is_empty() && !found.more, "{text}");
        assert_eq!(found.tickets, shown.len() as u64);
    }
}

#[test]
fn a_hit_says_where_it_was_found_and_marks_the_words() {
    let (_runtime, _directory, live) = small();
    let hit = |text: &str| ask(&live, &everything(), text).hits.remove(0);
    let subject = hit("duplicado");
    assert_eq!((subject.found_in, subject.position), (FoundIn::Subject, GlobalPosition(1)));
    assert_eq!(subject.snippet.text, "Cobro duplicado en la factura");
    assert_eq!(subject.snippet.marks, std::slice::from_ref(&(6..15)));
    let message = hit("codigo");
    assert_eq!(message.found_in, FoundIn::Message);
    assert_eq!(message.snippet.marks, std::slice::from_ref(&(4..10)));
    let note = hit("chargeback");
    assert_eq!((note.found_in, note.position), (FoundIn::Note, GlobalPosition(4)));
    assert_eq!(hit("marzo").texts, 2);
}

#[test]
fn what_is_out_of_reach_is_neither_found_nor_counted_nor_suggested() {
    let (_runtime, _directory, live) = small();
    let found = |reach: &Reach, text: &str| {
        let results = ask(&live, reach, text);
        assert_eq!(results.tickets as usize, results.hits.len());
        assert!(results.complete);
        (numbers(&results), results.widened)
    };
    let (noor, olga, stranger) = (customer("noor"), customer("olga"), customer("x"));
    assert_eq!(found(&noor, "marzo").0, [1]);
    assert_eq!(found(&olga, "marzo"), (vec![], vec![]));
    assert_eq!(found(&olga, "stops").0, [2]);
    for text in ["the", "marzo", "marso", "stops", "stpos"] {
        assert_eq!(found(&stranger, text), (vec![], vec![]), "{text}");
        assert_eq!(found(&Reach::Nothing, text), (vec![], vec![]), "{text}");
    }
    // Notes are the staff's: neither their words nor what comes near them say anything to the customer.
    for text in ["chargeback", "chargebak", "suspected", "bank*", "refund"] {
        assert_eq!(found(&noor, text), (vec![], vec![]), "{text}");
        assert!(!found(&everything(), text).0.is_empty(), "{text}");
    }
    let billing = Reach::Teams { me: id("ines"), teams: BTreeSet::from(["billing".parse().unwrap()]) };
    assert_eq!(found(&billing, "the").0, [1]);
    assert_eq!(found(&billing, "invoice"), (vec![], vec![]));
    assert_eq!(found(&billing, "invoicee"), (vec![], vec![]));
    assert_eq!(found(&everything(), "invoicee").0, [2]);
}

#[test]
fn nobody_crowds_out_words_to_find_out_which_of_them_stand_where_they_may_not_look() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = empty_log();
    let live = start(&runtime, directory.path(), &store);
    // One letter differs in each, and the one in the note comes before them all.
    let own: Vec<String> = ('e'..='l').map(|letter| format!("zyxwacm{letter}")).collect();
    let open = |ticket: u64, requester: &str, body: &str| {
        let data = format!(
            r#"{{"requester":{{"id":"{requester}"}},"subject":"x","body":"{body}","channel":"api"}}"#
        );
        raw_fact(ticket, "ticket.opened", 1, &data)
    };
    let note = format!(r#"{{"message":"{}","body":"zyxwacma"}}"#, uuid::Uuid::now_v7());
    let facts =
        vec![open(1, "olga", "y"), raw_fact(1, "ticket.noted", 1, &note), open(2, "noor", &own.join(" "))];
    let head = append(&runtime, store.as_ref(), facts);
    wait_for_all(&runtime, &live, head);
    let results = ask(&live, &customer("noor"), "zyxwacmz");
    assert_eq!(results.widened[0].to, own);
}

#[test]
fn what_is_mistyped_is_looked_for_as_it_was_meant_and_that_is_said() {
    let (_runtime, _directory, live) = small();
    for (typed, meant, ticket) in [
        ("chargebakc", "chargeback", 1),
        ("expotr", "export", 2),
        ("duplicaddo", "duplicado", 1),
        ("cdigo", "código", 3),
        ("nvoic", "invoice", 2),
        ("faturacion", "facturación", 2),
    ] {
        let results = ask(&live, &everything(), typed);
        assert_eq!(numbers(&results), [ticket], "{typed}");
        assert!(results.widened[0].to.contains(&meant.to_owned()), "{typed}: {:?}", results.widened);
        assert_eq!(results.widened[0].word, typed);
    }
    // A number, a phrase and a beginning are meant as they are typed.
    for typed in ["1235", "\"expotr\"", "expotr*", "zzzzzz"] {
        assert_eq!(numbers(&ask(&live, &everything(), typed)), [0_u64; 0], "{typed}");
    }
    // What is found as typed is not widened.
    assert_eq!(numbers(&ask(&live, &everything(), "invoice")), [2]);
    assert!(ask(&live, &everything(), "invoice").widened.is_empty());
}

#[test]
fn what_is_typed_is_never_taken_for_the_index_s_own_language() {
    let (_runtime, _directory, live) = small();
    for text in [
        "a",
        "the",
        "*the",
        "^the",
        "the^",
        "{the}",
        "the:",
        ":the",
        "(the",
        "the)",
        "the AND",
        "OR the",
        "NOT",
        "AND",
        "NEAR",
        "the+end",
        "the;",
        "'the'",
        "''",
        "--the",
        "the--",
        "%the%",
        "_the_",
        "the\\",
        "\\\"the",
        "𝕿he the",
        "e\u{301} the",
        "\u{202e}the",
        "the\u{0}",
        "x' OR 1=1; --",
        "{subject} : the",
        "[the]",
        "\"the\" \"\"",
        "r0000000000000000",
        "?1 the",
        "@the",
        "$the",
        "the\"",
    ] {
        let Ok(parsed) = parse(text) else { continue };
        let asked = page(
            &live,
            &everything(),
            Conditions::Filter(&parsed.filter),
            &parsed.words,
            &id("ines"),
            (0, 50),
        );
        match asked {
            Ok(results) => assert!(results.complete, "{text}"),
            Err(refused) => assert_eq!(refused, NotSearchable::NoWord, "{text}"),
        }
    }
    assert_eq!(try_ask(&live, &everything(), "ab*").unwrap_err(), NotSearchable::ShortPrefix("ab*".into()));
    assert_eq!(try_ask(&live, &everything(), "status:open").unwrap_err(), NotSearchable::NoWord);
}

/// Words as the index knows them: in small letters and without accents.
fn words_of(text: &str) -> Vec<String> {
    let fold = |character: char| match character {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        other => other,
    };
    let folded: String = text.to_lowercase().chars().map(fold).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Words of one event that everybody with the ticket may read, and those that only the staff may.
type Words = (Vec<String>, Vec<String>);

/// What each event says, by ticket.
fn said(events: &[LogEvent]) -> BTreeMap<TicketNumber, Vec<Words>> {
    let mut said = BTreeMap::<TicketNumber, Vec<_>>::new();
    for event in events {
        let (Some(number), Ok(Event::Ticket(happened))) = (event.ticket(), &event.event) else { continue };
        let (mut public, mut internal) = (String::new(), String::new());
        match happened {
            TicketEvent::Opened(opened) => {
                let body = opened.body.as_ref().and_then(|body| body.plain()).unwrap_or_default();
                public = format!("{} {body}", opened.subject.plain().unwrap());
            }
            TicketEvent::Replied(message)
            | TicketEvent::CustomerReplied(message)
            | TicketEvent::ConfirmationRefused(message) => {
                public = message.body.as_ref().unwrap().plain().unwrap().to_owned();
            }
            TicketEvent::Noted(message) => {
                internal = message.body.as_ref().unwrap().plain().unwrap().to_owned();
            }
            TicketEvent::Forwarded(forwarded) => {
                public = forwarded.body.as_ref().unwrap().plain().unwrap().to_owned();
            }
            TicketEvent::Rated(rated) => {
                public =
                    rated.comment.as_ref().and_then(|comment| comment.plain()).unwrap_or_default().to_owned();
            }
            TicketEvent::Returned(returned) => internal = returned.context.plain().unwrap().to_owned(),
            TicketEvent::Escalated(escalated) => internal = escalated.context.plain().unwrap().to_owned(),
            TicketEvent::Resolved(resolved) => {
                internal =
                    resolved.notes.as_ref().and_then(|notes| notes.plain()).unwrap_or_default().to_owned();
            }
            _ => continue,
        }
        said.entry(number).or_default().push((words_of(&public), words_of(&internal)));
    }
    said
}

#[test]
fn a_search_finds_exactly_what_says_the_words_within_reach() {
    for seed in seeds([95]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, _directory, live, tickets, store) = desk(seed);
        let log = events(&runtime, store.as_ref());
        let (people, said) = (People::of(&tickets), said(&log));
        let row = |number: TicketNumber| -> QueueTicket {
            live.query("queue", |connection| queue::ticket(connection, number)).unwrap().unwrap()
        };
        let rows: BTreeMap<TicketNumber, QueueTicket> =
            said.keys().map(|number| (*number, row(*number))).collect();
        let vocabulary: Vec<&String> =
            said.values().flatten().flat_map(|(public, internal)| public.iter().chain(internal)).collect();
        let mut random = Random::new(seed);
        let (mut some, mut none) = (0, 0);
        for _ in 0..300 {
            let (reach, filter) = (people.reach(&mut random), filter(&people, &mut random));
            let filter = if random.coin() { Filter::default() } else { filter };
            let own =
                parse_own(random.pick(&["", "status:in_progress", "-status:solved", "status:received"]));
            let own = own.unwrap().filter;
            let by_requester = matches!(reach, Reach::Own { .. }) && random.coin();
            let conditions = if by_requester { Conditions::Own(&own) } else { Conditions::Filter(&filter) };
            let me = people.somebody(&mut random);
            let words: Vec<String> = (0..1 + random.below(2))
                .map(|_| vocabulary[random.index(vocabulary.len())].clone())
                .collect();
            let parsed = parse(&words.join(" ")).unwrap();
            let says = |texts: &[Words]| {
                texts.iter().any(|(public, internal)| {
                    let has = |word| public.contains(word) || (reach.sees_notes() && internal.contains(word));
                    words.iter().all(has)
                })
            };
            let fits = |row: &QueueTicket| {
                let state = &row.state;
                let clock = state.clock.as_ref();
                let facts = Facts { ticket: &state.ticket, language: state.language, clock };
                let wanted =
                    if by_requester { own.holds(&state.ticket) } else { filter.holds(facts, &me, NOW) };
                reach.sees(&state.ticket) && wanted
            };
            let expected: BTreeSet<TicketNumber> = said
                .iter()
                .filter(|(number, texts)| says(texts) && fits(&rows[*number]))
                .map(|(number, _)| *number)
                .collect();
            let (mut found, mut skip) = (Vec::new(), 0);
            loop {
                let results = page(&live, &reach, conditions, &parsed.words, &me, (skip, 50)).unwrap();
                if !results.widened.is_empty() {
                    assert!(expected.is_empty(), "{words:?} was found as typed");
                    break;
                }
                assert!(results.complete);
                if !expected.is_empty() {
                    assert_eq!(results.tickets, expected.len() as u64, "{words:?} {conditions:?} {reach:?}");
                }
                found.extend(results.hits.iter().map(|hit| hit.number));
                skip += 50;
                if !results.more {
                    break;
                }
            }
            let shown: BTreeSet<TicketNumber> = found.iter().copied().collect();
            assert_eq!(shown.len(), found.len(), "each ticket once");
            assert_eq!(shown, expected, "{words:?} {conditions:?} within {reach:?}");
            if expected.is_empty() { none += 1 } else { some += 1 }
        }
        assert!(some > 50 && none > 20, "{some} searches found something and {none} nothing");
    }
}

/// Everything that is found by: texts, words, and what the index itself says of being whole.
fn contents(connection: &Connection) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for query in [
        "SELECT position, ticket, at, role, owner, subject, message, note FROM texts ORDER BY position",
        "SELECT word FROM vocabulary ORDER BY word",
    ] {
        let mut statement = connection.prepare(query).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            lines.push((0..width).map(|index| format!("{:?}", row.get_ref(index).unwrap())).collect());
        }
    }
    lines
}

#[test]
fn texts_are_the_same_live_and_rebuilt_in_pieces_of_any_size() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let facts = facts(96, 1_800);
    let store = empty_log();
    let live = start(&runtime, &directory.path().join("live"), &store);
    for page in facts.chunks(170) {
        let head = append(&runtime, store.as_ref(), page.to_vec());
        wait_for_all(&runtime, &live, head);
    }
    let head = *store.head().borrow();
    let definition = all().into_iter().find(|definition| definition.name == "search").unwrap();
    let path = directory.path().join("rebuilt.db");
    rebuild(&definition, &feed(&runtime, &store), &path, head, |_| Continue::Yes).unwrap();
    let rebuilt = definition.open(&path, Purpose::Live).unwrap();
    let expected = live.query("search", |connection| Ok(contents(connection))).unwrap();
    assert!(expected.len() > 600);
    assert_eq!(contents(rebuilt.connection().unwrap()), expected);
    let whole = |index: &str| {
        let check = format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)");
        rebuilt.connection().unwrap().execute_batch(&check).unwrap();
    };
    ["words", "spellings"].into_iter().for_each(whole);
    drop(rebuilt);
    definition.check(&path, Box::new(|| false)).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("DELETE FROM texts WHERE position = (SELECT min(position) FROM texts)", []).unwrap();
    drop(connection);
    assert!(definition.check(&path, Box::new(|| false)).is_err(), "a lost text is noticed");
}

#[test]
fn of_very_many_matches_the_newest_are_ranked_and_that_is_said() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let say = |index: usize| {
        let (ticket, message) = (1 + index as u64 % 7, uuid::Uuid::now_v7());
        raw_fact(ticket, "ticket.replied", 1, &format!(r#"{{"message":"{message}","body":"pago recibido"}}"#))
    };
    let facts = (0..MATCHES_MAX + 10).map(say).collect();
    let store = log_of(&runtime, facts);
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, *store.head().borrow());
    let results = ask(&live, &everything(), "recibido");
    assert!(!results.complete);
    assert_eq!((results.tickets, results.hits.len()), (7, 7));
    // Equally good, so the newest is first.
    assert_eq!(results.hits[0].position, *store.head().borrow());
}

#[test]
fn a_beginning_finds_every_word_that_begins_so_however_many_there_are() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let say = |index: u64| {
        let (message, half) = (uuid::Uuid::now_v7(), if index.is_multiple_of(2) { "par" } else { "ímpar" });
        let body = format!(r#"{{"message":"{message}","body":"Número{index:03} {half}{index}x"}}"#);
        raw_fact(1 + index, "ticket.replied", 1, &body)
    };
    let store = log_of(&runtime, (0..300).map(say).collect());
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, *store.head().borrow());
    for (text, expected) in [
        ("numero*", 300),
        ("nume*", 300),
        ("número1*", 100),
        ("numero12*", 10),
        ("numero299*", 1),
        ("numero3*", 0),
        ("impar*", 150),
        ("par1* numero*", 55),
    ] {
        // A search has little time, and may be kept from using it by what else the machine does; it says so.
        let all = std::iter::repeat_with(|| ask(&live, &everything(), text)).find(|found| found.complete);
        assert_eq!(all.unwrap().tickets, expected, "{text}");
    }
}
