//! Text that people wrote, made safe to look at: what would be invisible or turn the page around is shown.

use std::fmt::{self, Display, Write};

/// Text from a person or an import. It is escaped where it is put into a page, like all text.
#[derive(Clone, Copy)]
pub(super) struct Visible<'a>(pub(super) &'a str);

/// Text from a person inside a sentence: it cannot change the direction of what stands around it.
#[derive(Clone, Copy)]
pub(super) struct Isolated<'a>(pub(super) &'a str);

impl Display for Visible<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, odd)) = rest.char_indices().find(|(_, character)| is_odd(*character)) {
            out.write_str(&rest[..at])?;
            let after = &rest[at + odd.len_utf8()..];
            // A line break from a form or a mail is two characters; the page needs one.
            if !(odd == '\r' && after.starts_with('\n')) {
                write_odd(out, odd)?;
            }
            rest = after;
        }
        out.write_str(rest)
    }
}

impl Display for Isolated<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Scripts from right to left begin with Hebrew, U+0590.
        if self.0.chars().all(|character| character < '\u{590}') {
            return Visible(self.0).fmt(out);
        }
        write!(out, "\u{2068}{}\u{2069}", Visible(self.0))
    }
}

/// Whether a character must not reach the page as it is.
///
/// Direction marks (U+200E, U+200F, U+061C) pass: right-to-left text needs them, and each text is isolated, so
/// that they cannot reach out of it.
fn is_odd(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

fn write_odd(out: &mut fmt::Formatter<'_>, odd: char) -> fmt::Result {
    let name = match odd {
        '\u{202a}' => "LRE",
        '\u{202b}' => "RLE",
        '\u{202c}' => "PDF",
        '\u{202d}' => "LRO",
        '\u{202e}' => "RLO",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        // Unicode has a picture for each of the old control characters.
        '\0'..='\u{1f}' => return out.write_char(char::from_u32(0x2400 + odd as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => return out.write_char('\u{2421}'),
        _ => return write!(out, "[U+{:04X}]", odd as u32),
    };
    write!(out, "[{name}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_pictures_and_line_breaks_stay() {
        assert_eq!(Visible("a\r\nb\tc\nd").to_string(), "a\nb\tc\nd");
        assert_eq!(Visible("a\u{7}\u{1b}[31m\r\u{7f}\u{85}").to_string(), "a␇␛[31m␍␡[U+0085]");
    }

    #[test]
    fn what_turns_text_around_is_named_instead() {
        assert_eq!(Visible("invoice\u{202e}fdp.exe").to_string(), "invoice[RLO]fdp.exe");
        assert_eq!(Visible("\u{2066}a\u{2069}").to_string(), "[LRI]a[PDI]");
        assert_eq!(Visible("שלום\u{200f}!").to_string(), "שלום\u{200f}!");
    }

    #[test]
    fn a_name_inside_a_sentence_keeps_its_direction_to_itself() {
        assert_eq!(Isolated("Tomás").to_string(), "Tomás");
        assert_eq!(Isolated("דוד").to_string(), "\u{2068}דוד\u{2069}");
    }
}
