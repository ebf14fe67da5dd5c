//! Every message is there in both languages, with the same variables, and somebody says it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The variables of each message, by file and id.
type Messages = BTreeMap<(String, String), BTreeSet<String>>;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths.flat_map(below).collect()
}

fn messages(language: &str) -> Messages {
    let mut messages = Messages::new();
    for path in files(&package().join("locales").join(language)) {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for entry in fluent_syntax::parser::parse(text.as_str()).unwrap().body {
            let Entry::Message(message) = entry else { continue };
            let mut variables = BTreeSet::new();
            collect(&message.value.unwrap(), &mut variables);
            let id = (file.clone(), message.id.name.to_owned());
            assert!(messages.insert(id, variables).is_none(), "{} is there twice", message.id.name);
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => drop(variables.insert(id.name.to_owned())),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variables.insert("count".to_owned());
                variants.iter().for_each(|variant| collect(&variant.value, variables));
            }
            PatternElement::Placeable { .. } | PatternElement::TextElement { .. } => {}
        }
    }
}

#[test]
fn the_languages_say_the_same_with_the_same_variables() {
    let english = messages("en");
    assert!(english.len() > 200, "{}", english.len());
    assert_eq!(english, messages("es"));
}

/// The texts of the sources.
fn sources() -> String {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let sources = files(&package().join("src")).into_iter().filter(is_rust);
    sources.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Messages that are chosen by a name at run time. A test in `src/cli/tests.rs` asks for those on the command line.
const ON_THE_COMMAND_LINE: [&str; 2] = ["help-", "placeholder-"];
const BY_A_NAME_IN_THE_SOURCES: [&str; 2] = ["purpose-", "verdict-"];

#[test]
fn every_message_is_said_somewhere() {
    let sources = sources();
    let words: BTreeSet<&str> = sources.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let is_said = |id: &String| {
        let name = BY_A_NAME_IN_THE_SOURCES.iter().find_map(|family| id.strip_prefix(family));
        match name {
            Some(name) => sources.contains(&format!("\"{name}\"")),
            None => words.contains(id.replace('-', "_").as_str()),
        }
    };
    let ids = messages("en").into_keys().map(|(_, id)| id);
    let ids = ids.filter(|id| !ON_THE_COMMAND_LINE.iter().any(|family| id.starts_with(family)));
    assert_eq!(ids.filter(|id| !is_said(id)).collect::<Vec<_>>(), Vec::<String>::new());
}

/// Spanish words that are never written without their accent, and endings that never are in the singular.
const WITHOUT_ACCENT: [&str; 11] =
    ["asi", "codigo", "dano", "indice", "linea", "mas", "ningun", "numero", "ordenes", "segun", "tambien"];
const ENDINGS_WITHOUT_ACCENT: [&str; 2] = ["cion", "sion"];

/// Names of fields and options, which have none in any language.
const NO_SPANISH: [&str; 1] = ["version"];

#[test]
fn no_spanish_message_lacks_its_accents() {
    for path in files(&package().join("locales/es")) {
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        for word in text.split(|character: char| !character.is_alphabetic()) {
            let ends = ENDINGS_WITHOUT_ACCENT.iter().any(|end| word.ends_with(end));
            let lacks = ends && !NO_SPANISH.contains(&word) || WITHOUT_ACCENT.contains(&word);
            assert!(!lacks, "{word} in {}", path.display());
        }
    }
}
