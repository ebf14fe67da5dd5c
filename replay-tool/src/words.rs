//! Words and marks that several commands use for people.

/// Text that can be shown on a terminal: control characters and direction marks stand as escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let hidden = character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        if hidden {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_fool_a_terminal_is_shown_as_an_escape() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\té"), "a\\u{1b}[31m\\u{202e}b\\té");
    }
}
