//! Turns the languages' messages into Rust: a message that is missing somewhere fails the build (PRODUCT section 9).
//!
//! For each message of `locales/*/main.ftl` it writes one member of `Texts`: a field for plain text, a method
//! for text with variables, and a method that asks Fluent for text that depends on a number. A template that
//! names a message which does not exist therefore does not compile, and plain text costs nothing to look up.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The language that says which messages there are, and the order of their variables.
const REFERENCE: &str = "en";

/// Messages that are chosen by a name at run time: the first word of their id, and one method each.
const FAMILIES: [&str; 18] = [
    "availability",
    "category",
    "done",
    "empty",
    "lane",
    "month",
    "pending",
    "policy",
    "target",
    "priority",
    "problem",
    "reason",
    "resolution",
    "role",
    "status",
    "team",
    "through",
    "waiting",
];

/// What a message is made of.
#[derive(Clone, PartialEq)]
enum Message {
    /// Text and variables, in order.
    Pieces(Vec<Piece>),
    /// Text that depends on the number `$count`.
    Counted,
}

#[derive(Clone, PartialEq)]
enum Piece {
    Text(String),
    Variable(String),
}

type Messages = BTreeMap<String, Message>;

fn main() {
    let directory = Path::new("locales");
    tell_cargo("rerun-if-changed=locales");
    let mut languages = BTreeMap::new();
    for entry in std::fs::read_dir(directory).expect("server/locales is part of the sources") {
        let entry = entry.expect("server/locales can be read");
        let language = entry.file_name().into_string().expect("a language's name is ASCII");
        languages.insert(language, read(&entry.path().join("main.ftl")));
    }
    compare(&languages);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("texts.rs");
    std::fs::write(out, generate(&languages)).expect("OUT_DIR can be written");
}

#[allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]
fn tell_cargo(what: &str) {
    println!("cargo:{what}");
}

fn read(path: &Path) -> Messages {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let resource = fluent_syntax::parser::parse(text.as_str())
        .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
    let mut messages = Messages::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        let pattern = message.value.unwrap_or_else(|| panic!("{}: {id} says nothing", path.display()));
        let message = understand(&pattern).unwrap_or_else(|what| panic!("{}: {id} {what}", path.display()));
        let before = messages.insert(id.to_owned(), message);
        assert!(before.is_none(), "{}: {id} is there twice", path.display());
    }
    messages
}

fn understand(pattern: &Pattern<&str>) -> Result<Message, &'static str> {
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value } => Piece::Text((*value).to_owned()),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::VariableReference { id } => Piece::Variable(id.name.to_owned()),
                InlineExpression::StringLiteral { value } => Piece::Text((*value).to_owned()),
                _ => return Err("holds something else than text and variables"),
            },
            PatternElement::Placeable { expression: Expression::Select { .. } } => {
                return Ok(Message::Counted);
            }
        };
        match (pieces.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => pieces.push(piece),
        }
    }
    Ok(Message::Pieces(pieces))
}

fn variables(message: &Message) -> Vec<&str> {
    let Message::Pieces(pieces) = message else { return Vec::new() };
    let mut names: Vec<&str> = Vec::new();
    for piece in pieces {
        if let Piece::Variable(name) = piece
            && !names.contains(&name.as_str())
        {
            names.push(name);
        }
    }
    names
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
            let (mut here, mut there) = (variables(message), variables(translated));
            here.sort_unstable();
            there.sort_unstable();
            if here != there || (*message == Message::Counted) != (*translated == Message::Counted) {
                missing.push(format!("{id} has other variables in {language}"));
            }
        }
    }
    assert!(missing.is_empty(), "the languages differ:\n  {}", missing.join("\n  "));
}

fn generate(languages: &BTreeMap<String, Messages>) -> String {
    let reference = &languages[REFERENCE];
    let mut code = String::from("/// Everything Docket says, in one language.\npub(super) struct Texts {\n");
    code.push_str("    /// The language, as in `<html lang>`.\n    pub(super) code: &'static str,\n");
    code.push_str("    /// The language, as Fluent takes it.\n    identifier: LanguageIdentifier,\n");
    for (id, message) in reference {
        match message {
            Message::Pieces(_) if variables(message).is_empty() => {
                let _ = writeln!(code, "    /// `{id}`.\n    pub(super) {}: &'static str,", name(id));
            }
            Message::Pieces(_) => {
                let _ = writeln!(code, "    pattern_{}: Pattern,", name(id));
            }
            Message::Counted => {}
        }
    }
    code.push_str("}\n\nimpl Texts {\n");
    reference.iter().for_each(|(id, message)| method(&mut code, id, message));
    FAMILIES.iter().for_each(|family| lookup(&mut code, family, reference));
    code.push_str("}\n");
    let count = languages.len();
    let _ = writeln!(code, "\n/// Every language, in the order of their codes.");
    let _ = writeln!(code, "pub(super) static TEXTS: [Texts; {count}] = [");
    for (language, messages) in languages {
        statics(&mut code, language, messages, reference);
    }
    code.push_str("];\n");
    code
}

fn method(code: &mut String, id: &str, message: &Message) {
    let rust = name(id);
    let names = variables(message);
    if *message == Message::Counted {
        let _ = writeln!(code, "    /// `{id}`.\n    pub(super) fn {rust}(&self, count: u64) -> String {{");
        let _ = writeln!(code, "        self.counted({id:?}, count)\n    }}");
    } else if !names.is_empty() {
        let parameters: String =
            names.iter().map(|name| format!(", {}: impl Display", name.replace('-', "_"))).collect();
        let arguments: String = names.iter().map(|name| format!("&{}, ", name.replace('-', "_"))).collect();
        let _ =
            writeln!(code, "    /// `{id}`.\n    pub(super) fn {rust}(&self{parameters}) -> impl Display {{");
        let _ = writeln!(
            code,
            "        std::fmt::from_fn(move |out| self.pattern_{rust}.write(out, &[{arguments}]))"
        );
        code.push_str("    }\n");
    }
}

fn lookup(code: &mut String, family: &str, reference: &Messages) {
    let _ = writeln!(code, "    /// The message of the family `{family}` for a name, if there is one.");
    let _ = writeln!(code, "    pub(super) fn {family}(&self, name: &str) -> Option<&'static str> {{");
    code.push_str("        Some(match name {\n");
    let mut any = false;
    for (id, message) in reference {
        let member = id.strip_prefix(family).and_then(|rest| rest.strip_prefix('-'));
        if let (Some(member), true) = (member, variables(message).is_empty()) {
            let _ = writeln!(code, "            {member:?} => self.{},", name(id));
            any = true;
        }
    }
    assert!(any, "the family {family} has no messages");
    code.push_str("            _ => return None,\n        })\n    }\n");
}

fn statics(code: &mut String, language: &str, messages: &Messages, reference: &Messages) {
    let _ = writeln!(
        code,
        "    Texts {{\n        code: {language:?},\n        identifier: langid!({language:?}),"
    );
    for (id, message) in messages {
        let Message::Pieces(pieces) = message else { continue };
        let names = variables(&reference[id]);
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => format!("Piece::Text({text:?})"),
            Piece::Variable(variable) => {
                let index = names.iter().position(|name| name == variable).unwrap_or_default();
                format!("Piece::Variable({index})")
            }
        };
        if names.is_empty() {
            let text: String =
                pieces.iter().map(|piece| if let Piece::Text(text) = piece { text } else { "" }).collect();
            let _ = writeln!(code, "        {}: {text:?},", name(id));
        } else {
            let pieces: Vec<String> = pieces.iter().map(piece).collect();
            let _ = writeln!(code, "        pattern_{}: Pattern(&[{}]),", name(id), pieces.join(", "));
        }
    }
    code.push_str("    },\n");
}

/// A message's id as a Rust name.
fn name(id: &str) -> String {
    id.replace('-', "_")
}
