//! The table of the support guides (docs/GUIDE.md) against the code: no line is left out, and what it names is there.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

use docket_core::event::CONTRACT;
use docket_core::ticket::command::ActionName;
use docket_projections::registry;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The sections of both guides, and how many lines each has.
const SECTIONS: [(&str, usize); 9] = [
    ("Support Ticket Handling", 2),
    ("Ticket Queue Overview", 6),
    ("Ticket Assignment", 4),
    ("Working a Ticket", 7),
    ("Response Templates", 6),
    ("Escalation Procedures", 6),
    ("Service Level Agreements", 6),
    ("Ticket Metrics", 6),
    ("Closing Tickets", 6),
];

const COLUMNS: [&str; 10] = [
    "line",
    "in English",
    "in Spanish",
    "command",
    "event",
    "read model",
    "endpoint",
    "page",
    "test",
    "so far",
];

/// A row of the table: what fulfils a line of the guides, or will.
struct Row {
    section: String,
    cells: Vec<String>,
}

impl Row {
    fn line(&self) -> &str {
        &self.cells[0]
    }

    fn cell(&self, column: &str) -> &str {
        &self.cells[COLUMNS.iter().position(|name| *name == column).unwrap()]
    }

    /// The cells that say what fulfils the line: from the command to the test.
    fn fulfilled_by(&self) -> &[String] {
        &self.cells[3..9]
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/GUIDE.md")).unwrap()
}

fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').trim_end_matches('|');
    row.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Every row, in the order of the page.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for section in page().split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap().to_owned();
        let mut table = section.lines().filter(|line| line.starts_with('|'));
        let Some(head) = table.next() else { continue };
        assert_eq!(cells(head), COLUMNS, "the head of the table under {heading}");
        for row in table.skip(1) {
            let cells = cells(row);
            assert_eq!(cells.len(), COLUMNS.len(), "as many cells as columns in: {row}");
            rows.push(Row { section: heading.clone(), cells });
        }
    }
    rows
}

/// The names in code marks in a cell.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The later works, as the list at the top of the page calls them.
fn still_to_come() -> Vec<String> {
    let page = page();
    let entries = page.lines().filter_map(|line| line.strip_prefix("- **")?.split_once("**: "));
    let works: Vec<String> = entries.map(|(name, _)| name.to_owned()).collect();
    assert!(!works.is_empty(), "the list of what is still to come is where it is looked for");
    works
}

/// Whether a text leaves something to one of the later works.
fn waits(text: &str, works: &[String]) -> bool {
    works.iter().any(|work| text.contains(&format!("with {work}")))
}

/// Everything that a column names is there; `instead` tells whoever moved it how to go on.
#[track_caller]
fn assert_there(column: &str, is_there: impl Fn(&str) -> bool, instead: &str) {
    let (mut named, mut gone) = (0, Vec::new());
    for row in &rows() {
        for name in names(row.cell(column)) {
            named += 1;
            if !is_there(name) {
                gone.push(format!("  {}: {name}", row.line()));
            }
        }
    }
    assert!(named > 0, "the column {column} is where it is looked for");
    assert!(gone.is_empty(), "docs/GUIDE.md, {column}: not there.\n{}\n{instead}", gone.join("\n"));
}

/// The sources of the API, one after the other.
fn api() -> String {
    let mut directories = vec![root().join("server/src/api")];
    let mut text = String::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            } else if path.is_dir() {
                directories.push(path);
            }
        }
    }
    text
}

/// An address without its query.
fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap()
}

/// Whether the API describes an address, given as method and path.
fn is_endpoint(api: &str, name: &str) -> bool {
    let Some((method, address)) = name.split_once(' ') else { return false };
    let path = path_of(address);
    let described = format!("({}, path = \"{path}\"", method.to_lowercase());
    // A macro describes the commands on a ticket: it takes name, path and fields.
    let is_command = || method == "POST" && api.contains(&format!(", \"{path}\", "));
    api.contains(&described) || is_command() || is_of_settings(api, method, path)
}

/// Whether it is one of the four addresses that a macro describes for each catalogue of settings.
fn is_of_settings(api: &str, method: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/v1/settings/") else { return false };
    let (catalogue, action) = rest.split_once('/').unwrap_or((rest, ""));
    let of_method = match action {
        "" | "{name}" => method == "GET",
        "{name}/publish" | "{name}/retire" => method == "POST",
        _ => false,
    };
    of_method && api.contains(&format!("\"/api/v1/settings/{catalogue}\""))
}

/// Whether a test is there, given as file and name.
fn is_test(name: &str) -> bool {
    let Some((file, test)) = name.split_once("::") else { return false };
    let Ok(text) = fs::read_to_string(root().join(file)) else { return false };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    if !file.ends_with(".rs") {
        return lines.iter().any(|line| line.contains("promise(") && line.contains(test));
    }
    let (head, marks) = (format!("fn {test}("), ["#[test]", "#[tokio::test"]);
    lines.windows(2).any(|pair| {
        let function = pair[1].strip_prefix("async ").unwrap_or(pair[1]);
        function.starts_with(&head) && marks.iter().any(|mark| pair[0].starts_with(mark))
    })
}

#[test]
fn every_line_of_the_guides_stands_in_the_table_once_and_in_order() {
    let lines_of = |(section, lines): (&'static str, usize)| {
        (1..=lines).map(move |number| (section.to_owned(), format!("{section} {number}")))
    };
    let expected: Vec<(String, String)> = SECTIONS.into_iter().flat_map(lines_of).collect();
    let listed: Vec<(String, String)> =
        rows().into_iter().map(|row| (row.section.clone(), row.line().to_owned())).collect();
    assert_eq!(listed, expected);
}

#[test]
fn every_line_is_quoted_in_a_few_words_of_both_languages() {
    for row in rows() {
        for column in ["in English", "in Spanish"] {
            let words = row.cell(column).split_whitespace().count();
            assert!((1..=8).contains(&words), "{}: {words} words {column}", row.line());
        }
    }
}

#[test]
fn every_cell_says_what_fulfils_the_line_or_what_will() {
    let works = still_to_come();
    for row in rows() {
        for (cell, column) in row.fulfilled_by().iter().zip(&COLUMNS[3..]) {
            let says = cell == "–" || !names(cell).is_empty() || waits(cell, &works);
            assert!(
                says,
                "{}: {column}: name it, or one of {works:?}, or say – if none is needed",
                row.line()
            );
        }
    }
}

#[test]
fn what_is_not_whole_says_what_is_missing_and_what_is_whole_waits_for_nothing() {
    let works = still_to_come();
    for row in rows() {
        let (far, line) = (row.cell("so far"), row.line());
        match far.split(':').next().unwrap() {
            "whole" => {
                assert!(!row.cells.iter().any(|cell| waits(cell, &works)), "{line} is whole and still waits");
                assert!(!names(row.cell("test")).is_empty(), "{line} is whole and no test says so");
            }
            "partly" | "not yet" => assert!(waits(far, &works), "{line}: say which of {works:?} fills it"),
            other => panic!("{line}: begin with whole, partly or not yet, instead of {other:?}"),
        }
    }
}

#[test]
fn every_later_work_on_the_list_has_something_to_fill() {
    let rows = rows();
    for work in still_to_come() {
        let named =
            rows.iter().any(|row| row.cells.iter().any(|cell| cell.contains(&format!("with {work}"))));
        assert!(named, "nothing waits for {work} any more: take it off the list");
    }
}

#[test]
fn every_command_is_there() {
    let api = api();
    assert_there(
        "command",
        |name| ActionName::ALL.iter().any(|action| action.as_str() == name) || is_endpoint(&api, name),
        "Commands are named as in docs/API.md.",
    );
}

#[test]
fn every_event_is_in_the_contract() {
    let is_event = |name: &str| CONTRACT.iter().any(|(event, _)| *event == name);
    assert_there("event", is_event, "Events are named as in docs/EVENTS.md.");
    let groups: BTreeSet<&str> = CONTRACT.iter().filter_map(|(event, _)| event.split('.').next()).collect();
    for row in rows() {
        for name in row.cells.iter().flat_map(|cell| names(cell)) {
            let looks_like_one = name.split_once('.').is_some_and(|(group, _)| groups.contains(group));
            assert!(!looks_like_one || is_event(name), "{}: there is no event {name}", row.line());
        }
    }
}

#[test]
fn every_read_model_is_in_the_registry() {
    let all = registry::all();
    assert_there(
        "read model",
        |name| all.iter().any(|definition| definition.name == name),
        "Read models are named as in projections/src/registry.rs.",
    );
}

#[test]
fn every_endpoint_is_described() {
    let api = api();
    assert_there(
        "endpoint",
        |name| is_endpoint(&api, name),
        "Endpoints are a method and a path as in server/src/api.",
    );
}

#[test]
fn every_page_is_routed() {
    let pages = fs::read_to_string(root().join("server/src/pages.rs")).unwrap();
    assert_there(
        "page",
        |name| pages.contains(&format!(".route(\"{}\", ", path_of(name))),
        "Pages are paths as in server/src/pages.rs.",
    );
}

#[test]
fn every_test_is_where_the_table_says() {
    assert_there("test", is_test, "Tests are a file, from the root, and a name: `tests/tests/guide.rs::…`.");
}
