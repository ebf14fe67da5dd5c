//! Which language the program speaks: the one asked for, or the environment's.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::ffi::{OsStr, OsString};

/// Where the environment says it, the first that says anything first. Source: POSIX.1-2017, section 8.2.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

/// Written by hand: a meaning for each value would make every command's help a long one.
impl ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::English, Self::Spanish]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.code()))
    }
}

impl Language {
    /// Its code, as `--lang` takes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    fn of_code(code: &OsStr) -> Option<Self> {
        Self::value_variants().iter().copied().find(|language| code == language.code())
    }

    /// What an environment asks for; `variable` looks a variable up.
    pub fn of_environment(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let values = VARIABLES.iter().filter_map(|name| variable(name));
        let locale = values.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        let locale = locale.to_string_lossy();
        match locale.split(['_', '.', '@', '-']).next() {
            Some("es") => Self::Spanish,
            _ => Self::English,
        }
    }

    /// What `--lang` asks for, looked for before the command line is understood: a help text and a mistake on
    /// the command line are told in that language too.
    pub(crate) fn asked(arguments: &[OsString]) -> Option<Self> {
        let options = arguments.iter().skip(1).take_while(|argument| *argument != "--");
        let options: Vec<&OsString> = options.collect();
        options.iter().enumerate().find_map(|(index, option)| {
            match option.to_str()?.strip_prefix("--lang")? {
                "" => Self::of_code(options.get(index + 1)?),
                value => Self::of_code(value.strip_prefix('=')?.as_ref()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_environment(variables: &[(&str, &str)]) -> Language {
        Language::of_environment(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_first_variable_that_says_anything_decides() {
        assert_eq!(of_environment(&[]), Language::English);
        assert_eq!(of_environment(&[("LANG", "es_ES.UTF-8")]), Language::Spanish);
        assert_eq!(of_environment(&[("LANG", "es")]), Language::Spanish);
        assert_eq!(of_environment(&[("LC_ALL", "C"), ("LANG", "es_MX")]), Language::English);
        assert_eq!(of_environment(&[("LC_ALL", ""), ("LC_MESSAGES", "es_AR@euro")]), Language::Spanish);
        assert_eq!(of_environment(&[("LANG", "est_EE")]), Language::English);
    }

    #[test]
    fn the_command_line_is_asked_before_it_is_understood() {
        let asked = |line: &str| Language::asked(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(asked("docket-replay stats --lang es"), Some(Language::Spanish));
        assert_eq!(asked("docket-replay --lang=en --help"), Some(Language::English));
        assert_eq!(asked("docket-replay stats --lang fr"), None);
        assert_eq!(asked("docket-replay stats --lang"), None);
        assert_eq!(asked("docket-replay history -- --lang es"), None);
    }
}
