//! The help texts in the user's language.
//!
//! Clap builds the command from the attributes and comments in `cli.rs`, and words of its own. All of it is
//! replaced here by what `locales/` says; a test holds that the English stays as clap would print it.

use crate::texts::Texts;
use clap::builder::PossibleValue;
use clap::{Arg, Command};

/// What clap calls the options in a usage line; it has no setting for it.
const OPTIONS: &str = "[OPTIONS]";

/// A command that tells its help in a language.
pub(super) fn in_language(mut command: Command, texts: &'static Texts) -> Command {
    // Only a built command has the arguments and the command that clap adds: --help, --version and help.
    command.build();
    translate(command, texts)
}

fn translate(command: Command, texts: &'static Texts) -> Command {
    let name = command.get_name().to_owned();
    let short = texts.help(&name).unwrap_or_default();
    let mut command = command
        .about(short)
        .subcommand_help_heading(texts.heading_commands)
        .subcommand_value_name(texts.placeholder_command)
        .mut_args(|argument| translate_argument(argument, &name, texts))
        .mut_subcommands(|command| translate(command, texts));
    // The copies below `help` have no more than a line.
    let more = command.get_long_about().and(texts.help(&format!("{name}-more")));
    if let Some(more) = more {
        command = command.long_about(format!("{short}.\n\n{more}"));
    }
    if command.get_after_help().is_some() {
        command = command.after_help(texts.exit_codes);
    }
    let usage = usage(&command.render_usage().to_string(), texts);
    command.help_template(format!("{{about-with-newline}}\n{usage}\n\n{{all-args}}{{after-help}}"))
}

/// A usage line of clap's, with its own words in a language.
pub(super) fn usage(line: &str, texts: &'static Texts) -> String {
    let usage = line.split_once(": ").map_or(line, |(_, usage)| usage);
    format!("{} {}", texts.usage, usage.replace(OPTIONS, texts.placeholder_options))
}

fn translate_argument(argument: Arg, command: &str, texts: &'static Texts) -> Arg {
    let heading = if argument.is_positional() { texts.heading_arguments } else { texts.heading_options };
    let names = argument.get_value_names().unwrap_or_default();
    let placeholders: Vec<&'static str> = names.iter().filter_map(|name| placeholder(name, texts)).collect();
    let specials = specials(&argument, texts);
    let (short, long) = texts_of(&argument, command, texts);
    let listed = listed(&argument, command, texts);
    let inline = possible_names(&argument).map(|names| texts.special_values(names));
    let in_short = short + &specials.iter().chain(&inline).map(|text| format!(" {text}")).collect::<String>();
    let specials = match &listed {
        Some(_) => specials,
        None => specials.into_iter().chain(inline).collect(),
    };
    let specials = (!specials.is_empty()).then(|| specials.join("\n"));
    let in_long: Vec<String> = [Some(long), listed, specials].into_iter().flatten().collect();
    let argument = match placeholders.is_empty() {
        true => argument,
        false => argument.value_names(placeholders),
    };
    argument
        .help_heading(heading)
        .help(in_short)
        .long_help(in_long.join("\n\n"))
        // They are told in the texts above, in the user's language.
        .hide_possible_values(true)
        .hide_default_value(true)
        .hide_env(true)
}

/// What an argument is for, in a line and in full.
fn texts_of(argument: &Arg, command: &str, texts: &'static Texts) -> (String, String) {
    let id = argument.get_id().as_str();
    if id == "help" && argument.get_long_help().is_some() {
        return (texts.print_help_see_more.to_owned(), texts.print_help_see_summary.to_owned());
    }
    let short = message(command, id, "", texts).unwrap_or_default();
    let long = match message(command, id, "-more", texts) {
        Some(more) => format!("{short}.\n\n{more}"),
        None => short.to_owned(),
    };
    (short.to_owned(), long)
}

/// The message about an argument: the command's own, or that of every command that has the argument.
fn message(command: &str, id: &str, rest: &str, texts: &'static Texts) -> Option<&'static str> {
    let own = texts.help(&format!("{command}-{id}{rest}"));
    own.or_else(|| texts.help(&format!("any-{id}{rest}")))
}

/// Where else a value can come from: the environment, and what is taken without one.
fn specials(argument: &Arg, texts: &'static Texts) -> Vec<String> {
    let environment = argument.get_env().map(|name| {
        let value = std::env::var_os(name).unwrap_or_default();
        texts.special_environment(name.to_string_lossy(), value.to_string_lossy())
    });
    let defaults = argument.get_default_values();
    let has_default = argument.get_action().takes_values() && !defaults.is_empty();
    let default = has_default.then(|| {
        let values: Vec<_> = defaults.iter().map(|value| value.to_string_lossy()).collect();
        texts.special_default(values.join(" "))
    });
    environment.into_iter().chain(default).collect()
}

fn possible_names(argument: &Arg) -> Option<String> {
    let values = argument.get_possible_values();
    let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The values that an argument takes, each with what it means; none where they mean what they say.
fn listed(argument: &Arg, command: &str, texts: &'static Texts) -> Option<String> {
    let values = argument.get_possible_values();
    let named: Vec<(&str, &str)> = values
        .iter()
        .map(PossibleValue::get_name)
        .filter_map(|name| {
            Some((name, message(command, argument.get_id().as_str(), &format!("-{name}"), texts)?))
        })
        .collect();
    let width = named.iter().map(|(name, _)| name.len()).max()?;
    let line =
        |(name, meaning): &(&str, &str)| format!("\n- {:<1$} {meaning}", format!("{name}:"), width + 1);
    Some(texts.values_heading.to_owned() + &named.iter().map(line).collect::<String>())
}

fn placeholder(name: &str, texts: &'static Texts) -> Option<&'static str> {
    texts.placeholder(&name.to_lowercase().replace('|', "-or-"))
}
