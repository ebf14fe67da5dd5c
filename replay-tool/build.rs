//! Turns the languages' messages into Rust: a message that is missing somewhere fails the build (PRODUCT section 9).
//!
//! For each message of `locales/*/*.ftl` it writes one member of `Texts`: a field for plain text, and a method
//! for text with variables or text that depends on a number. Code that names a message which does not exist
//! does not compile, and the compiler tells a message that no code names.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The language that says which messages there are, and the order of their variables.
const REFERENCE: &str = "en";

/// Plain messages that are chosen by a name at run time: the first word of their id, and one method each.
const FAMILIES: [&str; 4] = ["help", "placeholder", "purpose", "verdict"];

/// The variable that chooses the form of a word, and the one that shows it as the language writes numbers.
const COUNT: &str = "count";
const SHOWN: &str = "shown";

/// What a message is made of.
#[derive(Default)]
struct Message {
    /// The text, as far as it stands there as it is.
    text: String,
    /// Its variables in the order in which they come, each once.
    variables: Vec<String>,
    /// Whether it has forms that a number chooses from.
    counted: bool,
}

type Messages = BTreeMap<String, Message>;

fn main() {
    tell_cargo("rerun-if-changed=locales");
    let mut languages = BTreeMap::new();
    for directory in entries(Path::new("locales")) {
        let language = directory.file_name().and_then(|name| name.to_str());
        let language = language.expect("a language's name is ASCII").to_owned();
        let mut messages = Messages::new();
        entries(&directory).iter().for_each(|file| read(file, &mut messages));
        languages.insert(language, messages);
    }
    compare(&languages);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("texts.rs");
    std::fs::write(out, generate(&languages)).expect("OUT_DIR can be written");
}

#[allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]
fn tell_cargo(what: &str) {
    println!("cargo:{what}");
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("the locales are part of the sources");
    entries.map(|entry| entry.expect("the locales can be read").path()).collect()
}

fn read(path: &Path, messages: &mut Messages) {
    let shown = path.display();
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let resource = fluent_syntax::parser::parse(text.as_str())
        .unwrap_or_else(|(_, errors)| panic!("{shown}: {errors:?}"));
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        let pattern = message.value.unwrap_or_else(|| panic!("{shown}: {id} says nothing"));
        let mut understood = Message::default();
        understand(&pattern, &mut understood).unwrap_or_else(|what| panic!("{shown}: {id} {what}"));
        let before = messages.insert(id.to_owned(), understood);
        assert!(before.is_none(), "{shown}: {id} is there twice");
    }
}

fn understand(pattern: &Pattern<&str>, message: &mut Message) -> Result<(), &'static str> {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => message.text.push_str(value),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::StringLiteral { value } => message.text.push_str(value),
                InlineExpression::VariableReference { id } if id.name == COUNT => {
                    return Err("shows $count, which no language groups; it is there to choose by");
                }
                InlineExpression::VariableReference { id } => {
                    let known = id.name == SHOWN || message.variables.iter().any(|name| name == id.name);
                    if !known {
                        message.variables.push(id.name.to_owned());
                    }
                }
                _ => return Err("holds something else than text and variables"),
            },
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                let InlineExpression::VariableReference { id } = selector else {
                    return Err("chooses by something else than a variable");
                };
                if id.name != COUNT {
                    return Err("chooses by something else than $count");
                }
                message.counted = true;
                variants.iter().try_for_each(|variant| understand(&variant.value, message))?;
            }
        }
    }
    Ok(())
}

/// Every language must say the same things with the same variables.
fn compare(languages: &BTreeMap<String, Messages>) {
    let mut missing = Vec::new();
    let reference = &languages[REFERENCE];
    for (language, messages) in languages {
        let only_here = messages.keys().filter(|id| !reference.contains_key(*id));
        missing.extend(only_here.map(|id| format!("{id} is in {language} and not in {REFERENCE}")));
        for (id, message) in reference {
            let Some(translated) = messages.get(id) else {
                missing.push(format!("{id} is not in {language}"));
                continue;
            };
            let sorted = |message: &Message| {
                let mut names = message.variables.clone();
                names.sort_unstable();
                names
            };
            if sorted(message) != sorted(translated) || message.counted != translated.counted {
                missing.push(format!("{id} has other variables in {language}"));
            }
        }
    }
    assert!(missing.is_empty(), "the languages differ:\n  {}", missing.join("\n  "));
}

impl Message {
    fn is_plain(&self) -> bool {
        self.variables.is_empty() && !self.counted
    }
}

fn generate(languages: &BTreeMap<String, Messages>) -> String {
    let reference = &languages[REFERENCE];
    let mut code =
        String::from("/// Everything the program says, in one language.\npub(crate) struct Texts {\n");
    code.push_str("    /// The language's code.\n    pub(crate) code: &'static str,\n");
    code.push_str("    /// The language, as Fluent takes it.\n    identifier: LanguageIdentifier,\n");
    for (id, _) in plain(reference) {
        let _ = writeln!(code, "    /// `{id}`.\n    pub(crate) {}: &'static str,", name(id));
    }
    code.push_str("}\n\nimpl Texts {\n");
    reference.iter().for_each(|(id, message)| method(&mut code, id, message));
    FAMILIES.iter().for_each(|family| lookup(&mut code, family, reference));
    code.push_str("}\n");
    let count = languages.len();
    let _ = writeln!(code, "\n/// Every language, in the order of their codes.");
    let _ = writeln!(code, "pub(crate) static TEXTS: [Texts; {count}] = [");
    for (language, messages) in languages {
        let _ = writeln!(code, "    Texts {{\n        code: {language:?},");
        let _ = writeln!(code, "        identifier: langid!({language:?}),");
        for (id, message) in plain(messages) {
            let _ = writeln!(code, "        {}: {:?},", name(id), message.text);
        }
        code.push_str("    },\n");
    }
    code.push_str("];\n");
    code
}

fn plain(messages: &Messages) -> impl Iterator<Item = (&String, &Message)> {
    messages.iter().filter(|(_, message)| message.is_plain())
}

fn method(code: &mut String, id: &str, message: &Message) {
    if message.is_plain() {
        return;
    }
    let names: Vec<String> = message.variables.iter().map(|variable| name(variable)).collect();
    let mut parameters = String::new();
    if message.counted {
        parameters.push_str(", count: u64");
    }
    for name in &names {
        let _ = write!(parameters, ", {name}: impl Display");
    }
    let rust = name(id);
    let values: Vec<String> = message
        .variables
        .iter()
        .zip(&names)
        .map(|(variable, name)| format!("({variable:?}, &{name})"))
        .collect();
    let count = if message.counted { "Some(count)" } else { "None" };
    let _ = writeln!(code, "    /// `{id}`.\n    pub(crate) fn {rust}(&self{parameters}) -> String {{");
    let _ = writeln!(code, "        self.say({id:?}, {count}, &[{}])\n    }}", values.join(", "));
}

fn lookup(code: &mut String, family: &str, reference: &Messages) {
    let _ = writeln!(code, "    /// The message of the family `{family}` for a name, if there is one.");
    let _ = writeln!(code, "    pub(crate) fn {family}(&self, name: &str) -> Option<&'static str> {{");
    code.push_str("        Some(match name {\n");
    for (id, _) in plain(reference) {
        if let Some(member) = id.strip_prefix(family).and_then(|rest| rest.strip_prefix('-')) {
            let _ = writeln!(code, "            {member:?} => self.{},", name(id));
        }
    }
    code.push_str("            _ => return None,\n        })\n    }\n");
}

/// A message's id as a Rust name.
fn name(id: &str) -> String {
    id.replace('-', "_")
}
