//! What the program says: the members of [`Texts`] are made from `locales/` by `build.rs`.

use crate::language::Language;
use fluent_templates::{LanguageIdentifier, Loader, langid};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Marks around names and numbers would break what people copy from a terminal.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

impl Texts {
    /// The texts of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        TEXTS.iter().find(|texts| texts.code == language.code()).unwrap_or(&TEXTS[0])
    }

    /// What programs read: the messages of errors as JSON, and the reasons that are kept in files.
    pub(crate) fn english() -> &'static Self {
        Self::of(Language::English)
    }

    fn say(&self, id: &str, count: Option<u64>, values: &[(&'static str, &dyn Display)]) -> String {
        let mut arguments = HashMap::with_capacity(values.len() + 2);
        for (name, value) in values {
            arguments.insert(Cow::Borrowed(*name), value.to_string().into());
        }
        if let Some(count) = count {
            arguments.insert(Cow::Borrowed("count"), count.into());
            arguments.insert(Cow::Borrowed("shown"), self.number(count).into());
        }
        LOCALES.lookup_with_args(&self.identifier, id, &arguments)
    }

    /// A whole number with its groups set apart.
    pub(crate) fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let from = self.number_group_from.parse().unwrap_or(usize::MAX);
        if digits.len() < from {
            return digits;
        }
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push_str(self.number_group);
            }
            text.push(digit);
        }
        text
    }

    /// A number with two decimals.
    pub(crate) fn hundredths(&self, number: f64) -> String {
        format!("{number:.2}").replace('.', self.number_decimal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> [&'static Texts; 2] {
        [Texts::of(Language::English), Texts::of(Language::Spanish)]
    }

    #[test]
    fn numbers_are_grouped_as_each_language_does() {
        let shown = |number| texts().map(|texts| texts.number(number));
        assert_eq!(shown(0), ["0", "0"]);
        assert_eq!(shown(999), ["999", "999"]);
        assert_eq!(shown(1_234), ["1,234", "1234"]);
        assert_eq!(shown(1_234_567), ["1,234,567", "1.234.567"]);
        assert_eq!(texts().map(|texts| texts.hundredths(1.5)), ["1.50", "1,50"]);
    }

    #[test]
    fn numbers_choose_the_form_of_the_word() {
        let said = |count| texts().map(|texts| texts.events(count));
        assert_eq!(said(0), ["0 events", "0 eventos"]);
        assert_eq!(said(1), ["1 event", "1 evento"]);
        assert_eq!(said(12_345), ["12,345 events", "12.345 eventos"]);
    }

    #[test]
    fn no_marks_are_put_around_what_is_filled_in() {
        assert_eq!(texts().map(|texts| texts.at_position(4, "x")), ["position 4: x", "posición 4: x"]);
    }
}
