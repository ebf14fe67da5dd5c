//! A mapping as it is written down, key by key. What the keys mean is told in docs/how-to/import.md.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The version of the schema that this release reads.
pub(super) const MAPPING_SCHEMA: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindKey {
    /// A row is an event.
    Events,
    /// A row is what a case looked like after an update.
    Snapshots,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingFile {
    pub(super) mapping: u32,
    pub(super) name: String,
    pub(super) kind: KindKey,
    pub(super) system: String,
    #[serde(default)]
    pub(super) missing: Vec<String>,
    #[serde(default)]
    pub(super) optional: Vec<String>,
    pub(super) delimiter: Option<char>,
    pub(super) vocabulary: Option<String>,
    pub(super) columns: ColumnsTable,
    pub(super) time: TimeTable,
    pub(super) opening: Option<OpeningTable>,
    #[serde(default)]
    pub(super) compare: Vec<CompareTable>,
    pub(super) otherwise: Option<OtherwiseTable>,
    #[serde(default)]
    pub(super) rule: Vec<RuleTable>,
    #[serde(default)]
    pub(super) labels: LabelTables,
}

/// Tables that turn labels of the source into values of Docket, by the table's name.
pub(super) type LabelTables = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VocabularyFile {
    pub(super) rule: Vec<RuleTable>,
    #[serde(default)]
    pub(super) labels: LabelTables,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnsTable {
    pub(super) case: String,
    pub(super) at: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) seq: Option<String>,
    pub(super) actor: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) row: Option<String>,
    pub(super) requester: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeTable {
    pub(super) format: String,
    pub(super) zone: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpeningTable {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) at: Option<String>,
    pub(super) actor: Option<String>,
    pub(super) to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherwiseTable {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub(super) enum CompareTable {
    Value(ValueTable),
    State(StateTable),
    Flag(FlagTable),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FirstRow {
    /// What a first row sets has the opening's time and actor.
    Opening,
    /// What a first row sets has the row's own.
    Row,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueTable {
    pub(super) column: String,
    pub(super) set: String,
    pub(super) changed: String,
    pub(super) cleared: String,
    pub(super) first_row: Option<FirstRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateTable {
    pub(super) column: String,
    pub(super) changed: String,
    pub(super) resolved: String,
    pub(super) closed: String,
    pub(super) cancelled: String,
    pub(super) reopened: String,
    pub(super) classes: ClassesTable,
    #[serde(default)]
    pub(super) names: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassesTable {
    #[serde(default)]
    pub(super) resolved: Vec<String>,
    #[serde(default)]
    pub(super) closed: Vec<String>,
    #[serde(default)]
    pub(super) cancelled: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagTable {
    pub(super) column: String,
    pub(super) from: String,
    pub(super) to: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    pub(super) types: Vec<String>,
    pub(super) to: Option<Vec<String>>,
    pub(super) event: String,
    pub(super) value: Option<ValueKey>,
    pub(super) labels: Option<String>,
    #[serde(default)]
    pub(super) set: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ValueKey {
    From,
    To,
    Actor,
}
