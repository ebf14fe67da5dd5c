//! What FTS5 is asked: words and phrases in quotes, so that nothing that was typed is taken for its syntax.

use crate::facts;
use docket_core::access::Reach;
use docket_core::filter::Word;
use std::fmt::Write;

/// Letters before a star at least: fewer begin too many words.
const PREFIX_CHARS_MIN: usize = 3;

/// Why there is nothing to search by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSearchable {
    /// Only operators, signs, or words that must not be there.
    #[error("there is no word to look for; add one of letters or digits")]
    NoWord,
    /// Too little before a star.
    #[error("{0:?} begins too many words; write at least {PREFIX_CHARS_MIN} letters before the star")]
    ShortPrefix(String),
}

/// A word with other ways to write it.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) word: Word,
    /// Words of the vocabulary that it may have been meant for.
    pub(super) others: Vec<String>,
    /// All words of the index that it is the beginning of, where they were looked up.
    pub(super) begun: Option<Vec<String>>,
}

/// Checks that there is something to look for; words without letters and digits are left out.
///
/// # Errors
/// [`NotSearchable`]
pub(super) fn terms(words: &[Word]) -> Result<Vec<Term>, NotSearchable> {
    let letters = |word: &Word| word.text.chars().filter(|character| character.is_alphanumeric()).count();
    let mut terms = Vec::with_capacity(words.len());
    for word in words.iter().filter(|word| letters(word) > 0) {
        if word.prefix && letters(word) < PREFIX_CHARS_MIN {
            return Err(NotSearchable::ShortPrefix(format!("{}*", word.text)));
        }
        terms.push(Term { word: word.clone(), others: Vec::new(), begun: None });
    }
    if terms.iter().all(|term| term.word.not) { Err(NotSearchable::NoWord) } else { Ok(terms) }
}

/// The columns that a reach may look into.
pub(super) fn columns(reach: &Reach) -> &'static [&'static str] {
    if reach.sees_notes() { &["subject", "message", "note"] } else { &["subject", "message"] }
}

/// The expression for `MATCH`.
pub(super) fn expression(terms: &[Term], reach: &Reach) -> String {
    let mut text = String::from("(");
    for (index, term) in terms.iter().filter(|term| !term.word.not).enumerate() {
        text.push_str(if index > 0 { " AND " } else { "" });
        alternatives(&mut text, term);
    }
    text.push(')');
    for term in terms.iter().filter(|term| term.word.not) {
        text = format!("({text} NOT ");
        alternatives(&mut text, term);
        text.push(')');
    }
    let mut whole = format!("{{{}}} : {text}", columns(reach).join(" "));
    if let Reach::Own { requester } = reach {
        // Theirs are few among many: the index itself leaves the others out.
        let _ = write!(whole, " AND owner : \"{}\"", facts::owner(requester));
    }
    whole
}

fn alternatives(text: &mut String, term: &Term) {
    text.push('(');
    let begun = term.begun.as_deref().unwrap_or_default();
    // Without any word that begins so, the beginning itself finds nothing.
    quote(text, &term.word.text, term.word.prefix && begun.is_empty());
    for other in begun.iter().chain(&term.others) {
        text.push_str(" OR ");
        quote(text, other, false);
    }
    text.push(')');
}

fn quote(text: &mut String, word: &str, prefix: bool) {
    text.push('"');
    text.push_str(&word.replace('"', "\"\""));
    text.push('"');
    if prefix {
        text.push('*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::filter::parse;
    use docket_core::names::ActorId;

    #[test]
    fn what_was_typed_is_quoted_and_notes_are_out_of_a_customers_reach() {
        let words = parse(r#"a"b NEAR( subject:x -col* "two ""words" * invo*"#);
        assert!(words.is_err(), "subject is no operator");
        let words = parse(r#"NEAR( "two \" words" -colon * invo*"#).unwrap().words;
        let terms = terms(&words).unwrap();
        assert_eq!(
            expression(&terms, &Reach::Everything),
            r#"{subject message note} : ((("NEAR(") AND ("two "" words") AND ("invo"*)) NOT ("colon"))"#
        );
        let own = Reach::Own { requester: ActorId::new("noor").unwrap() };
        let expression = expression(&terms, &own);
        assert!(expression.starts_with("{subject message} : ("), "{expression}");
        assert!(expression.contains(" AND owner : \"r"), "{expression}");
    }

    #[test]
    fn what_would_find_nearly_everything_or_nothing_is_refused() {
        let why = |text: &str| terms(&parse(text).unwrap().words).unwrap_err();
        assert_eq!(why("-word"), NotSearchable::NoWord);
        assert_eq!(why("* ** \"!?\" status:open"), NotSearchable::NoWord);
        assert_eq!(why("word ab*"), NotSearchable::ShortPrefix("ab*".into()));
        assert!(terms(&parse("a").unwrap().words).is_ok());
    }
}
