//! Reads what somebody typed: operators, words and phrases. What is not understood is told with its place.

use super::{Clause, Clock, DUE_SOON, Filter, LATE, ME, Mark, NOBODY, NONE, Operator, Person, Test};
use crate::names::{ActorId, Slug};
use crate::ticket::event::{Language, Priority};
use crate::ticket::{Lane, Status};
use std::fmt;

/// The longest text. Unit: bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 1024;

/// Operators in one text at most.
pub const CLAUSES_MAX: usize = 32;

/// Words and phrases in one text at most.
pub const WORDS_MAX: usize = 16;

/// How much of what was not understood is said again. Unit: characters.
const QUOTED_CHARS_MAX: usize = 40;

/// The operators, in the order in which they are told.
const FIELDS: &str =
    "lane, status, team, assignee, category, priority, language, requester, follower, tag and is";

/// The operators of requesters.
const OWN_FIELDS: &str = "status";

/// What somebody typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Its operators.
    pub filter: Filter,
    /// Its words and phrases.
    pub words: Vec<Word>,
}

/// A word or a phrase to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it was typed, without quotes, dash and star.
    pub text: String,
    /// Whether it stood in quotes.
    pub exact: bool,
    /// Whether it must not be there.
    pub not: bool,
    /// Whether longer words that begin like it will do.
    pub prefix: bool,
}

/// Why a text was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// Where: characters before it.
    pub at: usize,
    /// What was not understood, shortened.
    pub word: String,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The whole is too long.
    TooLong,
    /// A control character.
    Control,
    /// A quotation mark has no second one.
    Unclosed,
    /// There is no such operator.
    UnknownOperator,
    /// There is no such operator for requesters; those of the staff are not there for them either.
    UnknownOwnOperator,
    /// The operator has no such value; these it has.
    UnknownValue(&'static str),
    /// An operator without anything behind its colon.
    NoValue,
    /// A word where only operators are taken.
    NotAnOperator,
    /// One operator too many.
    TooManyOperators,
    /// One word too many.
    TooManyWords,
}

impl fmt::Display for FilterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = &self.word;
        write!(formatter, "character {}: ", self.at + 1)?;
        match self.why {
            Why::TooLong => write!(formatter, "the text is too long; use at most {TEXT_BYTES_MAX} bytes"),
            Why::Control => write!(formatter, "a control character is not taken; leave it out"),
            Why::Unclosed => {
                write!(formatter, "the quotation mark of {word:?} is not closed; add another one")
            }
            Why::UnknownOperator => {
                write!(
                    formatter,
                    "there is no operator {word:?}; use {FIELDS}, or quotation marks around a word"
                )
            }
            Why::UnknownOwnOperator => {
                write!(
                    formatter,
                    "there is no operator {word:?}; use {OWN_FIELDS}, or quotation marks around a word"
                )
            }
            Why::UnknownValue(valid) => write!(formatter, "{word:?} is not taken; use {valid}"),
            Why::NoValue => write!(
                formatter,
                "{word:?} has no value; write one right behind the colon, or quotation marks around the word"
            ),
            Why::NotAnOperator => {
                write!(formatter, "{word:?} is no operator; write it as name:value, with {FIELDS}")
            }
            Why::TooManyOperators => write!(formatter, "use at most {CLAUSES_MAX} operators"),
            Why::TooManyWords => write!(formatter, "use at most {WORDS_MAX} words and phrases"),
        }
    }
}

impl std::error::Error for FilterError {}

/// Reads operators, words and phrases.
///
/// # Errors
/// [`FilterError`] says where and what would be taken.
pub fn parse(text: &str) -> Result<Parsed, FilterError> {
    let (clauses, words) = read(text, Token::operator)?;
    let clauses = clauses.into_iter().map(|(test, not)| Clause { test, not });
    Ok(Parsed { filter: Filter { clauses: clauses.collect() }, words })
}

/// What operators ask for, each with whether it must not hold, and the words beside them.
type Read<T> = (Vec<(T, bool)>, Vec<Word>);

/// Reads what is typed, in a language of one's own for operators.
pub(super) fn read<T>(
    text: &str,
    operator: impl Fn(&Token) -> Result<Option<T>, FilterError>,
) -> Result<Read<T>, FilterError> {
    let (mut clauses, mut words) = (Vec::new(), Vec::new());
    for token in tokens(text)? {
        match operator(&token)? {
            Some(_) if clauses.len() == CLAUSES_MAX => return Err(token.wrong(Why::TooManyOperators)),
            Some(test) => clauses.push((test, token.not)),
            None if words.len() == WORDS_MAX => return Err(token.wrong(Why::TooManyWords)),
            None => words.push(token.word()),
        }
    }
    Ok((clauses, words))
}

/// Reads operators only.
///
/// # Errors
/// [`FilterError`], also when there is a word among them.
pub fn parse_filter(text: &str) -> Result<Filter, FilterError> {
    let parsed = parse(text)?;
    if parsed.words.is_empty() {
        return Ok(parsed.filter);
    }
    let wrong = tokens(text)?.into_iter().find(|token| token.name.is_none());
    Err(wrong.map_or_else(|| at(0, text, Why::NotAnOperator), |token| token.wrong(Why::NotAnOperator)))
}

/// What stands between two gaps.
pub(super) struct Token {
    /// Characters before it.
    at: usize,
    not: bool,
    /// What stands before a colon; none where there is none that could be an operator's.
    pub(super) name: Option<String>,
    /// What follows, without quotes.
    pub(super) value: String,
    quoted: bool,
}

fn at(at: usize, word: &str, why: Why) -> FilterError {
    FilterError { at, word: word.chars().take(QUOTED_CHARS_MAX).collect(), why }
}

fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(at(0, text, Why::TooLong));
    }
    let characters: Vec<char> = text.chars().collect();
    let control = |character: &char| character.is_control() && !character.is_whitespace();
    if let Some(place) = characters.iter().position(control) {
        return Err(at(place, "", Why::Control));
    }
    let (mut tokens, mut place) = (Vec::new(), 0);
    while place < characters.len() {
        if characters[place].is_whitespace() {
            place += 1;
            continue;
        }
        let (token, end) = token(&characters, place)?;
        tokens.extend(token);
        place = end;
    }
    Ok(tokens)
}

/// Reads the token that begins at a place, and says where it ends. A dash or quotes without anything are none.
fn token(characters: &[char], begin: usize) -> Result<(Option<Token>, usize), FilterError> {
    let not = characters[begin] == '-';
    let mut place = begin + usize::from(not);
    let run = |from: usize, stop: &dyn Fn(char) -> bool| {
        let rest = characters[from..].iter();
        from + rest.take_while(|character| !stop(**character)).count()
    };
    let end = run(place, &|character| character.is_whitespace() || matches!(character, ':' | '"'));
    let letters =
        characters[place..end].iter().all(|character| character.is_alphabetic() || *character == '_');
    let follows = |offset: usize| characters.get(end + offset).copied();
    // An address such as https://… is a word.
    let is_operator = end > place
        && letters
        && follows(0) == Some(':')
        && follows(1).is_some_and(|next| !next.is_whitespace())
        && (follows(1), follows(2)) != (Some('/'), Some('/'));
    let name = is_operator.then(|| characters[place..end].iter().collect::<String>());
    if is_operator {
        place = end + 1;
    }
    let quoted = characters.get(place) == Some(&'"');
    let (value, end) = if quoted {
        unquote(characters, place)?
    } else {
        let end = run(place, &|character| character.is_whitespace() || character == '"');
        (characters[place..end].iter().collect(), end)
    };
    let token = Token { at: begin, not, name, value, quoted };
    let empty = token.name.is_none() && token.value.is_empty();
    Ok(((!empty).then_some(token), end.max(begin + 1)))
}

/// Reads what stands in quotes, in which a backslash leads a quotation mark or another backslash.
fn unquote(characters: &[char], begin: usize) -> Result<(String, usize), FilterError> {
    let (mut value, mut place) = (String::new(), begin + 1);
    while let Some(character) = characters.get(place) {
        match (character, characters.get(place + 1)) {
            ('"', _) => return Ok((value, place + 1)),
            ('\\', Some(escaped @ ('"' | '\\'))) => {
                value.push(*escaped);
                place += 2;
            }
            (other, _) => {
                value.push(*other);
                place += 1;
            }
        }
    }
    Err(at(begin, &value, Why::Unclosed))
}

impl Token {
    pub(super) fn wrong(&self, why: Why) -> FilterError {
        let word = match (&self.name, why) {
            (Some(name), Why::UnknownOperator | Why::UnknownOwnOperator) => name,
            (_, _) => &self.value,
        };
        at(self.at, word, why)
    }

    fn word(self) -> Word {
        let prefix = !self.quoted && self.value.ends_with('*');
        let text = if prefix { self.value.trim_end_matches('*').to_owned() } else { self.value };
        Word { text, exact: self.quoted, not: self.not, prefix }
    }

    /// Refuses an operator that is there for whoever asks and has nothing behind its colon: looked for as a word, it would
    /// find anything but what was meant.
    pub(super) fn without_value(&self, is_there: impl Fn(Operator) -> bool) -> Result<(), FilterError> {
        let bare = self.value.strip_suffix(':').filter(|_| !self.quoted);
        match bare.and_then(Operator::parse) {
            Some(operator) if is_there(operator) => Err(self.wrong(Why::NoValue)),
            Some(_) | None => Ok(()),
        }
    }

    /// The condition that an operator stands for; none for a word.
    fn operator(&self) -> Result<Option<Test>, FilterError> {
        let Some(name) = &self.name else { return self.without_value(|_| true).map(|()| None) };
        let lower = self.value.to_ascii_lowercase();
        let unknown = |valid| self.wrong(Why::UnknownValue(valid));
        let lanes = "new, open, pending or resolved";
        let operator = Operator::parse(name).ok_or_else(|| self.wrong(Why::UnknownOperator))?;
        let test = match operator {
            Operator::Lane => Test::Lane(Lane::parse(&lower).ok_or_else(|| unknown(lanes))?),
            Operator::Status => Test::Status(Status::parse(&lower).ok_or_else(|| unknown(lanes))?),
            Operator::Team => Test::Team(self.slug(&lower, "a team's name of a-z, 0-9 and -, or none")?),
            Operator::Category => {
                Test::Category(self.slug(&lower, "a category's name of a-z, 0-9 and -, or none")?)
            }
            Operator::Assignee => Test::Assignee(match lower.as_str() {
                NOBODY if !self.quoted => Person::Nobody,
                _ => self.person("me, nobody or an identifier")?,
            }),
            Operator::Tag => Test::Tag(self.slug(&lower, "a tag of a-z, 0-9 and -, or none")?),
            Operator::Follower => Test::Follower(match lower.as_str() {
                NOBODY if !self.quoted => Person::Nobody,
                _ => self.person("me, nobody or an identifier")?,
            }),
            Operator::Requester => Test::Requester(self.person("me or an identifier")?),
            Operator::Priority => {
                let priority = one_or_none(&lower, Priority::parse);
                Test::Priority(priority.ok_or_else(|| unknown("urgent, high, normal, low or none"))?)
            }
            Operator::Language => {
                Test::Language(one_or_none(&lower, Language::parse).ok_or_else(|| unknown("en, es or none"))?)
            }
            Operator::Is => match lower.as_str() {
                LATE => Test::Clock(Clock::Late),
                DUE_SOON => Test::Clock(Clock::DueSoon),
                other => {
                    let mark = Mark::ALL.into_iter().find(|mark| mark.as_str() == other);
                    Test::Mark(mark.ok_or_else(|| unknown("late, due-soon, escalated, snoozed or merged"))?)
                }
            },
        };
        Ok(Some(test))
    }

    fn slug(&self, lower: &str, valid: &'static str) -> Result<Option<Slug>, FilterError> {
        if lower == NONE && !self.quoted {
            return Ok(None);
        }
        Slug::new(lower).map(Some).map_err(|_| self.wrong(Why::UnknownValue(valid)))
    }

    fn person(&self, valid: &'static str) -> Result<Person, FilterError> {
        if self.value.eq_ignore_ascii_case(ME) && !self.quoted {
            return Ok(Person::Me);
        }
        let named = ActorId::new(&self.value).map(Person::Named);
        named.map_err(|_| self.wrong(Why::UnknownValue(valid)))
    }
}

/// One of a list, or that there is none.
fn one_or_none<T>(name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if name == NONE { Some(None) } else { parse(name).map(Some) }
}
