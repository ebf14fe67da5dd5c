//! Mappings: which column says what, and what each type of fact becomes in Docket.

mod file;
pub mod vocabulary;

use super::snapshots::{Compare, Opening, Snapshots, StateNames};
use super::time::TimeReader;
use crate::core_words;
use crate::sentence::Sentence;
use crate::texts::Texts;
use docket_core::names::Slug;
use file::{CompareTable, FirstRow, KindKey, MAPPING_SCHEMA, MappingFile, StateTable, VocabularyFile};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vocabulary::Vocabulary;

/// The mappings that are built in, by name.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("plain", include_str!("../../mappings/plain.toml")),
    ("servicenow", include_str!("../../mappings/servicenow.toml")),
];

/// The vocabulary that mappings share, by name.
pub const NEUTRAL: (&str, &str) = ("neutral", include_str!("../../mappings/neutral.toml"));

/// The version of Docket's own JSON lines; see docs/how-to/import.md.
pub const JSON_LINES_SYSTEM: &str = "jsonl";

/// Why a mapping cannot be used. Each names the mapping and the key. Its `Display` is English, for programs.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.told(Texts::english()))]
pub enum MappingError {
    /// Nothing has this name.
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file cannot be read.
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not TOML, or has keys or values that no mapping has.
    Toml {
        /// Which mapping.
        name: String,
        /// What the reader said, with the place.
        why: String,
    },
    /// A value that makes no sense.
    Key {
        /// Which mapping.
        name: String,
        /// Which key.
        key: String,
        /// What is wrong with it.
        why: Sentence,
    },
    /// The file has not the columns that the mapping names.
    Columns {
        /// Which mapping.
        name: String,
        /// Which file.
        file: PathBuf,
        /// Columns that are not there, or more than once.
        missing: Vec<Missing>,
        /// Columns that are there.
        present: Vec<String>,
        /// What seems to separate the cells instead of the mapping's delimiter.
        other_delimiter: Option<char>,
    },
}

/// A column that a mapping names and that a file does not have, or has more than once.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Its name.
    pub column: String,
    /// The key that names it.
    pub key: String,
    /// Whether it is there more than once.
    pub repeated: bool,
}

impl MappingError {
    /// What is wrong, in a language.
    pub(crate) fn told(&self, texts: &'static Texts) -> String {
        match self {
            Self::Unknown { name } => {
                let [(plain, _), (servicenow, _)] = BUILT_IN;
                texts.mapping_unknown(format!("{name:?}"), plain, servicenow)
            }
            Self::Read { path, source } => texts.mapping_unreadable(path.display(), source),
            Self::Toml { name, why } => format!("{}\n{why}", texts.mapping_not_toml(name)),
            Self::Key { name, key, why } => texts.mapping_key(name, key, why.told(texts)),
            Self::Columns { name, file, missing, present, other_delimiter } => {
                let missing: Vec<String> = missing.iter().map(|one| one.told(texts)).collect();
                let (missing, present) = (quoted(&missing), quoted(present));
                let mut told = texts.mapping_columns(name, missing, file.display(), present);
                if let Some(delimiter) = other_delimiter {
                    told.push_str(&texts.mapping_delimiter_hint(format!("{delimiter:?}")));
                }
                told
            }
        }
    }
}

impl Missing {
    fn told(&self, texts: &'static Texts) -> String {
        let named = format!("{} ({})", self.column, self.key);
        if self.repeated { texts.mapping_column_once(named) } else { named }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// How to read the files of a source.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Its name.
    pub name: String,
    /// The name space of the cases.
    pub system: String,
    /// Cells that mean "no value", besides the empty one.
    pub missing: BTreeSet<String>,
    /// Columns that a file may do without.
    pub optional: BTreeSet<String>,
    /// What separates cells.
    pub delimiter: u8,
    /// Which column says what.
    pub columns: Columns,
    /// How times are written.
    pub time: TimeReader,
    /// How rows are compared; none where a row is an event.
    pub snapshots: Option<Snapshots>,
    /// What each type becomes.
    pub vocabulary: Vocabulary,
}

/// Which column says what.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "named like the fields of `Neutral` that they fill")]
pub struct Columns {
    pub case: String,
    pub at: String,
    pub kind: Option<String>,
    pub seq: Option<String>,
    pub actor: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub row: Option<String>,
    pub requester: Option<String>,
    pub subject: Option<String>,
    pub body: Option<String>,
}

/// Says which key of which mapping is wrong, and why.
pub(super) struct Check<'a>(&'a str);

impl Check<'_> {
    pub(super) fn error(&self, key: impl Into<String>, why: Sentence) -> MappingError {
        MappingError::Key { name: self.0.to_owned(), key: key.into(), why }
    }

    pub(super) fn fixed(
        &self,
        key: impl Into<String>,
        why: fn(&'static Texts) -> &'static str,
    ) -> MappingError {
        self.error(key, Sentence::fixed(why))
    }
}

impl Mapping {
    /// The mapping of a name, or of a path that ends in `.toml`.
    ///
    /// # Errors
    /// [`MappingError`] names the key.
    pub fn find(name: &str) -> Result<Self, MappingError> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, text);
        }
        let path = Path::new(name);
        if path.extension().is_none_or(|extension| extension != "toml") {
            return Err(MappingError::Unknown { name: name.to_owned() });
        }
        let text = std::fs::read_to_string(path)
            .map_err(|source| MappingError::Read { path: path.to_owned(), source })?;
        Self::parse(name, &text)
    }

    /// Reads a mapping from its text; `shown` names it in errors.
    ///
    /// # Errors
    /// [`MappingError`] names the key.
    pub fn parse(shown: &str, text: &str) -> Result<Self, MappingError> {
        let check = Check(shown);
        let file: MappingFile = toml::from_str(text)
            .map_err(|error| MappingError::Toml { name: shown.to_owned(), why: error.to_string() })?;
        if file.mapping != MAPPING_SCHEMA {
            let found = file.mapping;
            let why = Sentence::new(move |texts| texts.mapping_schema(found, MAPPING_SCHEMA));
            return Err(check.error("mapping", why));
        }
        Slug::new(&file.system).map_err(|error| {
            check.error("system", Sentence::new(move |texts| core_words::name(&error, texts)))
        })?;
        let delimiter = match file.delimiter {
            None => b',',
            Some(character) if character.is_ascii() && !matches!(character, '"' | '\r' | '\n') => {
                character as u8
            }
            Some(_) => return Err(check.fixed("delimiter", |texts| texts.mapping_delimiter)),
        };
        let time = TimeReader::new(&file.time.format, &file.time.zone)
            .map_err(|(key, why)| check.error(key, why))?;
        let snapshots = snapshots(&file, &check)?;
        let vocabulary = read_vocabulary(&file, &check)?;
        let columns = columns(&file, &check)?;
        Ok(Self {
            name: file.name,
            system: file.system,
            missing: file.missing.into_iter().chain([String::new()]).collect(),
            optional: file.optional.into_iter().collect(),
            delimiter,
            columns,
            time,
            snapshots,
            vocabulary,
        })
    }
}

impl Mapping {
    /// Every column that the mapping names, with the key that does.
    pub fn named_columns(&self) -> Vec<(String, String)> {
        let columns = &self.columns;
        let needed = [("columns.case", &columns.case), ("columns.at", &columns.at)];
        let others = [
            ("columns.type", &columns.kind),
            ("columns.seq", &columns.seq),
            ("columns.actor", &columns.actor),
            ("columns.from", &columns.from),
            ("columns.to", &columns.to),
            ("columns.row", &columns.row),
            ("columns.requester", &columns.requester),
            ("columns.subject", &columns.subject),
            ("columns.body", &columns.body),
        ];
        let others = others.into_iter().filter_map(|(key, column)| Some((key, column.as_ref()?)));
        let named = needed.into_iter().chain(others);
        let named = named.map(|(key, column)| (key.to_owned(), column.clone()));
        let compared = self.snapshots.iter().flat_map(super::snapshots::Snapshots::named_columns);
        named.chain(compared).collect()
    }
}

fn columns(file: &MappingFile, check: &Check<'_>) -> Result<Columns, MappingError> {
    let columns = &file.columns;
    let of_events = [
        ("seq", &columns.seq),
        ("type", &columns.kind),
        ("from", &columns.from),
        ("to", &columns.to),
        ("body", &columns.body),
    ];
    match file.kind {
        KindKey::Events if columns.kind.is_none() => {
            return Err(check.fixed("columns.type", |texts| texts.mapping_type_needed));
        }
        KindKey::Events => {}
        KindKey::Snapshots => {
            if let Some((key, _)) = of_events.iter().find(|(_, column)| column.is_some()) {
                return Err(check.fixed(format!("columns.{key}"), |texts| texts.mapping_not_for_snapshots));
            }
        }
    }
    Ok(Columns {
        case: columns.case.clone(),
        at: columns.at.clone(),
        kind: columns.kind.clone(),
        seq: columns.seq.clone(),
        actor: columns.actor.clone(),
        from: columns.from.clone(),
        to: columns.to.clone(),
        row: columns.row.clone(),
        requester: columns.requester.clone(),
        subject: columns.subject.clone(),
        body: columns.body.clone(),
    })
}

fn snapshots(file: &MappingFile, check: &Check<'_>) -> Result<Option<Snapshots>, MappingError> {
    if file.kind == KindKey::Events {
        let given = [
            ("opening", file.opening.is_some()),
            ("compare", !file.compare.is_empty()),
            ("otherwise", file.otherwise.is_some()),
        ];
        return match given.iter().find(|(_, given)| *given) {
            Some((key, _)) => Err(check.fixed(*key, |texts| texts.mapping_not_for_events)),
            None => Ok(None),
        };
    }
    let needed = |key: &str| check.fixed(key, |texts| texts.mapping_snapshots_need);
    let opening = file.opening.as_ref().ok_or_else(|| needed("opening"))?;
    let otherwise = file.otherwise.as_ref().ok_or_else(|| needed("otherwise"))?;
    let opening = Opening {
        kind: opening.kind.clone(),
        at: opening.at.clone(),
        actor: opening.actor.clone(),
        to: opening.to.clone(),
    };
    let compare = file.compare.iter().map(compare).collect();
    Ok(Some(Snapshots { opening, compare, otherwise: otherwise.kind.clone() }))
}

fn compare(table: &CompareTable) -> Compare {
    match table {
        CompareTable::Value(value) => Compare::Value {
            column: value.column.clone(),
            set: value.set.clone(),
            changed: value.changed.clone(),
            cleared: value.cleared.clone(),
            dated_by_opening: value.first_row == Some(FirstRow::Opening),
        },
        CompareTable::State(state) => {
            Compare::State { column: state.column.clone(), names: state_names(state) }
        }
        CompareTable::Flag(flag) => Compare::Flag {
            column: flag.column.clone(),
            from: flag.from.clone(),
            to: flag.to.clone(),
            kind: flag.kind.clone(),
        },
    }
}

fn state_names(state: &StateTable) -> StateNames {
    let set = |names: &[String]| names.iter().cloned().collect();
    StateNames {
        changed: state.changed.clone(),
        resolved: state.resolved.clone(),
        closed: state.closed.clone(),
        cancelled: state.cancelled.clone(),
        reopened: state.reopened.clone(),
        resolved_states: set(&state.classes.resolved),
        closed_states: set(&state.classes.closed),
        cancelled_states: set(&state.classes.cancelled),
        names: state.names.clone().into_iter().collect(),
    }
}

/// A mapping's own rules come before the shared ones, and so do its labels.
fn read_vocabulary(file: &MappingFile, check: &Check<'_>) -> Result<Vocabulary, MappingError> {
    let shared = match file.vocabulary.as_deref() {
        None => None,
        Some(name) if name == NEUTRAL.0 => Some(neutral_file()),
        Some(other) => {
            let other = format!("{other:?}");
            let why = Sentence::new(move |texts| texts.mapping_vocabulary(&other, NEUTRAL.0));
            return Err(check.error("vocabulary", why));
        }
    };
    Vocabulary::compile(&file.rule, &file.labels, shared.as_ref(), check)
}

fn neutral_file() -> VocabularyFile {
    toml::from_str(NEUTRAL.1).expect("the built-in vocabulary is read in a test")
}

/// The vocabulary of Docket's own JSON lines.
pub fn neutral() -> Vocabulary {
    let shared = neutral_file();
    Vocabulary::compile(&[], &Default::default(), Some(&shared), &Check(NEUTRAL.0))
        .expect("the built-in vocabulary is read in a test")
}

#[cfg(test)]
mod tests;
