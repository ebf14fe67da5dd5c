//! A piece of a text around what was found, with what was found as ranges: never as markup.

use std::ops::Range;

/// The longest piece. Unit: characters.
const CHARS_MAX: usize = 240;

/// What stands before the first range, at most. Unit: characters.
const BEFORE_CHARS: usize = 60;

/// A piece of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// As it was written.
    pub text: String,
    /// What was found. Unit: characters (Unicode scalar values) from the beginning of the piece; half-open.
    pub marks: Vec<Range<usize>>,
    /// Whether the text begins before the piece.
    pub cut_before: bool,
    /// Whether it goes on after the piece.
    pub cut_after: bool,
}

/// Two texts that are not in this one, to put around what is found.
pub(super) fn marks_for(text: &str) -> [String; 2] {
    // Noncharacters of Unicode, which nobody writes; if somebody did, there is always a next number.
    let mut free =
        (0_u32..).map(|number| format!("\u{fdd0}{number}\u{fdd1}")).filter(|mark| !text.contains(mark));
    [free.next().unwrap_or_default(), free.next().unwrap_or_default()]
}

/// What stands between marks.
pub(super) fn found(marked: &str, [open, close]: &[String; 2]) -> Vec<String> {
    let parts = marked.split(open.as_str()).skip(1);
    parts.filter_map(|part| part.split_once(close.as_str())).map(|(found, _)| found.to_owned()).collect()
}

/// Makes a piece of a text in which what was found stands between marks; none where nothing was found.
pub(super) fn snippet(marked: &str, [open, close]: &[String; 2]) -> Option<Snippet> {
    let (mut characters, mut ranges) = (Vec::new(), Vec::new());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once(open.as_str()) {
        let (found, after) = after.split_once(close.as_str())?;
        characters.extend(before.chars());
        let begin = characters.len();
        characters.extend(found.chars());
        ranges.push(begin..characters.len());
        rest = after;
    }
    characters.extend(rest.chars());
    let first = ranges.first()?.start;
    let begin = beginning(&characters, first);
    let end = ending(&characters, begin);
    let within = ranges.into_iter().filter(|range| range.start < end);
    let marks = within.map(|range| range.start - begin..range.end.min(end) - begin).collect();
    let text = characters[begin..end].iter().collect();
    Some(Snippet { text, marks, cut_before: begin > 0, cut_after: end < characters.len() })
}

/// A little before the first range, at the beginning of a word.
fn beginning(characters: &[char], first: usize) -> usize {
    let earliest = first.saturating_sub(BEFORE_CHARS);
    if earliest == 0 {
        return 0;
    }
    let gap = characters[earliest..first].iter().position(|character| character.is_whitespace());
    gap.map_or(first, |gap| earliest + gap + 1)
}

/// As far as a piece goes, at the end of a word.
fn ending(characters: &[char], begin: usize) -> usize {
    let latest = (begin + CHARS_MAX).min(characters.len());
    if latest == characters.len() {
        return latest;
    }
    let half = begin + CHARS_MAX / 2;
    let gap = characters[half..latest].iter().rposition(|character| character.is_whitespace());
    gap.map_or(latest, |gap| half + gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Snippet {
        let marks = ["[".to_owned(), "]".to_owned()];
        let snippet = snippet(text, &marks).unwrap();
        let plain = text.replace(['[', ']'], "");
        assert!(plain.contains(&snippet.text) && snippet.text.chars().count() <= CHARS_MAX);
        for mark in &snippet.marks {
            let found: String = snippet.text.chars().skip(mark.start).take(mark.len()).collect();
            assert!(text.contains(&format!("[{found}")), "{found}");
        }
        snippet
    }

    #[test]
    fn a_piece_shows_what_was_found_with_what_stands_around_it() {
        let short = check("Dos [pagos] en [marzo].");
        assert_eq!((short.text.as_str(), short.marks), ("Dos pagos en marzo.", vec![4..9, 13..18]));
        assert!(!short.cut_before && !short.cut_after);
        let long = check(&format!("{} [é👧é] {}", "so viel ".repeat(40), "so viel ".repeat(80)));
        assert!(long.cut_before && long.cut_after);
        assert_eq!(long.marks.len(), 1);
        assert!(long.text.starts_with("so ") || long.text.starts_with("viel "), "{}", long.text);
        check(&format!("[{}]", "x".repeat(1_000)));
    }

    #[test]
    fn marks_are_never_in_the_text() {
        assert_eq!(marks_for("plain"), ["\u{fdd0}0\u{fdd1}", "\u{fdd0}1\u{fdd1}"]);
        let [open, close] = marks_for("\u{fdd0}0\u{fdd1} \u{fdd0}2\u{fdd1}");
        assert_eq!((open.as_str(), close.as_str()), ("\u{fdd0}1\u{fdd1}", "\u{fdd0}3\u{fdd1}"));
        assert_eq!(snippet("nothing", &marks_for("nothing")), None);
    }
}
