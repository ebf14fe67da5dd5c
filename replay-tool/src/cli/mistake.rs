//! What is wrong with a command line, in the user's language.
//!
//! Clap words its errors in English only, and says beside the words what they are about. They are worded again
//! from that; a test holds that the English is clap's. What it words without saying what it is about cannot be
//! translated and is left as it is: errors of kinds that no argument of ours can meet, such as text that is no
//! UTF-8, and tips of other kinds than those below.

use super::help;
use crate::sentence::Sentence;
use crate::texts::Texts;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error;
use std::num::{IntErrorKind, ParseIntError};

/// What a command line that asks for help, or that cannot be understood, is answered.
pub(crate) fn told(error: &clap::Error, texts: &'static Texts) -> String {
    let Some(what) = what(error, texts) else { return error.render().to_string() };
    let mut text = texts.mistake(what);
    for (index, tip) in tips(error, texts).iter().enumerate() {
        text.push_str(if index == 0 { "\n\n" } else { "\n" });
        text.push_str(&format!("  {}", texts.mistake_tip(tip)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        text.push_str("\n\n");
        text.push_str(&help::usage(&usage.to_string(), texts));
    }
    text.push_str(&format!("\n\n{}\n", texts.mistake_help("--help")));
    text
}

/// What is wrong; none where clap does not tell more than its words, and where nothing is wrong.
fn what(error: &clap::Error, texts: &'static Texts) -> Option<String> {
    let argument = || one(error, ContextKind::InvalidArg);
    Some(match error.kind() {
        ErrorKind::InvalidSubcommand => texts.mistake_command(one(error, ContextKind::InvalidSubcommand)?),
        ErrorKind::MissingSubcommand => {
            let what = texts.mistake_no_command(one(error, ContextKind::InvalidSubcommand)?);
            let commands = list(error, ContextKind::ValidSubcommand).join(", ");
            format!("{what}\n  {}", texts.special_commands(commands))
        }
        ErrorKind::UnknownArgument => texts.mistake_argument(argument()?),
        ErrorKind::MissingRequiredArgument => {
            let missing = list(error, ContextKind::InvalidArg);
            let lines: String = missing.iter().map(|argument| format!("\n  {argument}")).collect();
            format!("{}{lines}", texts.mistake_missing)
        }
        ErrorKind::ArgumentConflict => conflict(error, argument()?, texts)?,
        ErrorKind::InvalidValue => {
            let values = list(error, ContextKind::ValidValue);
            let what = match one(error, ContextKind::InvalidValue)? {
                "" => texts.mistake_no_value(argument()?),
                value => texts.mistake_value(value, argument()?),
            };
            match values.is_empty() {
                true => what,
                false => format!("{what}\n  {}", texts.special_values(values.join(", "))),
            }
        }
        ErrorKind::ValueValidation => {
            let what = texts.mistake_value(one(error, ContextKind::InvalidValue)?, argument()?);
            error.source().map_or(what.clone(), |source| texts.with_cause(what, cause(source, texts)))
        }
        _ => return None,
    })
}

fn conflict(error: &clap::Error, argument: &str, texts: &'static Texts) -> Option<String> {
    match error.get(ContextKind::PriorArg)? {
        ContextValue::String(prior) if prior == argument => Some(texts.mistake_twice(argument)),
        ContextValue::String(prior) => Some(texts.mistake_conflict(argument, prior)),
        _ => None,
    }
}

/// Why a value was not taken.
fn cause(source: &(dyn Error + 'static), texts: &'static Texts) -> String {
    if let Some(sentence) = source.downcast_ref::<Sentence>() {
        return sentence.told(texts);
    }
    match source.downcast_ref().map(ParseIntError::kind) {
        Some(IntErrorKind::Empty) => texts.number_empty.to_owned(),
        Some(IntErrorKind::InvalidDigit) => texts.number_digit.to_owned(),
        Some(IntErrorKind::PosOverflow) => texts.number_too_large.to_owned(),
        _ => source.to_string(),
    }
}

fn tips(error: &clap::Error, texts: &'static Texts) -> Vec<String> {
    let mut tips = Vec::new();
    let mut similar = |kind, tip: fn(&'static Texts, u64, String) -> String| {
        let names = list(error, kind);
        if !names.is_empty() {
            let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
            tips.push(tip(texts, names.len() as u64, quoted.join(", ")));
        }
    };
    similar(ContextKind::SuggestedSubcommand, |texts, count, names| texts.similar_commands(count, names));
    similar(ContextKind::SuggestedArg, |texts, count, names| texts.similar_arguments(count, names));
    similar(ContextKind::SuggestedValue, |texts, count, names| texts.similar_values(count, names));
    if let Some(ContextValue::StyledStrs(others)) = error.get(ContextKind::Suggested) {
        tips.extend(others.iter().map(|tip| other_tip(tip.to_string(), texts)));
    }
    tips
}

/// A tip that clap gives as text only: how to pass what begins with a dash. Any other is left as it is.
fn other_tip(tip: String, texts: &'static Texts) -> String {
    match tip.split('\'').collect::<Vec<&str>>()[..] {
        [_, value, _, usage, _] if Texts::english().tip_as_value(value, usage) == tip => {
            texts.tip_as_value(value, usage)
        }
        _ => tip,
    }
}

fn one(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn list(error: &clap::Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}
