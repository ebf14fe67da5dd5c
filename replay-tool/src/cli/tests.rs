//! In English the command line tells what clap would; in Spanish, nothing in English is left.

use super::*;
use crate::language::Language;
use clap::Command as Built;
use std::collections::BTreeSet;

/// A command with all below it, each with the words that lead to it.
fn with_all_below(command: Built) -> Vec<Built> {
    let below = command.get_subcommands().cloned().collect::<Vec<_>>();
    std::iter::once(command).chain(below.into_iter().flat_map(with_all_below)).collect()
}

/// Every help text, short and long.
fn helps(mut command: Built) -> Vec<String> {
    command.build();
    let texts =
        |mut command: Built| [command.render_help().to_string(), command.render_long_help().to_string()];
    with_all_below(command).into_iter().flat_map(texts).collect()
}

fn spanish() -> &'static Texts {
    Texts::of(Language::Spanish)
}

#[test]
fn the_english_help_is_what_the_comments_say() {
    let clap = helps(Cli::command());
    let told = helps(help::in_language(Cli::command(), Texts::english()));
    assert!(clap.len() > 24, "{}", clap.len());
    // Clap indents the second line of what a value means by two more than we can, and leaves spaces on empty lines.
    let trimmed = |help: &String| help.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    for (clap, told) in clap.iter().zip(&told) {
        assert_eq!(trimmed(told), trimmed(clap));
    }
    assert_eq!(told.len(), clap.len());
}

/// Lines that are the same in both languages.
const THE_SAME: [&str; 3] = ["[TICKET]", "<TICKET>", "--limit <N>"];

#[test]
fn no_line_of_the_spanish_help_is_english() {
    let english: BTreeSet<String> = helps(Cli::command()).iter().flat_map(|help| lines(help)).collect();
    for help in helps(help::in_language(Cli::command(), spanish())) {
        for line in lines(&help) {
            assert!(!english.contains(&line) || THE_SAME.contains(&line.as_str()), "{line:?} in\n{help}");
        }
    }
}

/// The lines of a help text that have words, and not only names of options.
fn lines(help: &str) -> Vec<String> {
    let is_words = |line: &&str| line.split(' ').any(|word| !word.starts_with('-') && !word.is_empty());
    help.lines().map(str::trim).filter(is_words).map(str::to_owned).collect()
}

#[test]
fn every_argument_is_told_in_spanish() {
    let mut command = help::in_language(Cli::command(), spanish());
    command.build();
    for command in with_all_below(command) {
        let english = Texts::english();
        let name = command.get_name();
        assert!(command.get_about().is_some_and(|about| !about.to_string().is_empty()), "{name}");
        for argument in command.get_arguments() {
            let told = argument.get_help().unwrap().to_string();
            assert!(!told.is_empty(), "{name} {argument}");
            let key = format!("{name}-{}", argument.get_id());
            assert!(english.help(&key).is_none_or(|words| !told.starts_with(words)), "{key}");
        }
    }
}

#[test]
fn every_message_about_the_command_line_is_about_something() {
    let mut command = Cli::command();
    command.build();
    let mut known = BTreeSet::from(["placeholder-command".to_owned(), "placeholder-options".to_owned()]);
    for command in with_all_below(command) {
        let name = command.get_name().to_owned();
        known.extend([format!("help-{name}"), format!("help-{name}-more")]);
        for argument in command.get_arguments() {
            for owner in [&name, "any"] {
                let key = format!("help-{owner}-{}", argument.get_id());
                let values = argument.get_possible_values();
                known.extend(values.iter().map(|value| format!("{key}-{}", value.get_name())));
                known.extend([format!("{key}-more"), key]);
            }
            let names = argument.get_value_names().unwrap_or_default().iter();
            known.extend(
                names.map(|name| format!("placeholder-{}", name.to_lowercase().replace('|', "-or-"))),
            );
        }
    }
    let messages =
        include_str!("../../locales/en/command-line.ftl").lines().filter_map(|line| line.split_once(" ="));
    let about =
        messages.map(|(id, _)| id).filter(|id| id.starts_with("help-") || id.starts_with("placeholder-"));
    assert_eq!(about.filter(|id| !known.contains(*id)).collect::<Vec<_>>(), Vec::<&str>::new());
}

const MISTAKES: [&[&str]; 15] = [
    &["--json"],
    &["impor"],
    &["xyz"],
    &["stats", "--jsn"],
    &["stats", "--xyz"],
    &["stats", "surplus"],
    &["import"],
    &["back-up"],
    &["state", "A"],
    &["state", "18446744073709551616"],
    &["state", "1", "--lane", "closed"],
    &["state", "1", "--lane", "new"],
    &["state", "--at", "soon"],
    &["report", "metric"],
    &["stats", "--lang", "fr"],
];

/// The answers to mistakes, as clap words them and as we do.
fn answers(texts: &'static Texts) -> Vec<(String, String)> {
    let more: [&[&str]; 5] = [
        &["report", "metrics", "--by"],
        &["report", "metrics", "--from", "soon"],
        &["state", "--occurred"],
        &["state", "--limit", ""],
        &["stats", "--json", "--json"],
    ];
    let answer = |words: &&[&str]| {
        let line = std::iter::once(&"docket-replay").chain(*words).map(OsString::from).collect();
        let error = parse(line, texts).unwrap_err();
        (error.render().to_string(), mistake::told(&error, texts))
    };
    MISTAKES.iter().chain(&more).map(answer).collect()
}

#[test]
fn a_mistake_is_told_in_english_as_clap_does() {
    for (clap, told) in answers(Texts::english()) {
        assert_eq!(told, clap);
    }
}

#[test]
fn a_mistake_is_told_in_spanish() {
    let english = answers(Texts::english());
    for ((_, told), (_, english)) in answers(spanish()).iter().zip(english) {
        let shared = lines(told).into_iter().filter(|line| lines(&english).contains(line));
        assert_eq!(shared.collect::<Vec<_>>(), Vec::<String>::new(), "{told}");
        for word in ["tip:", "to pass", "subcommand", "invalid", "Usage", "OPTIONS", "argument ", "values"] {
            assert!(!told.contains(word), "{word} in {told}");
        }
    }
}

#[test]
fn asking_for_nothing_shows_the_help() {
    let error = parse(vec!["docket-replay".into()], spanish()).unwrap_err();
    let told = mistake::told(&error, spanish());
    assert!(told.contains("Uso: docket-replay [OPCIONES] <ORDEN>") && told.contains("Órdenes:"), "{told}");
}
