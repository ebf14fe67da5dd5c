//! What the pages say: the members of [`Texts`] are made from `locales/` by `build.rs`.

use fluent_templates::{LanguageIdentifier, Loader, langid};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Display};

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Names from people are isolated where they are shown; marks around numbers would only be in the way.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// Text with places for variables.
struct Pattern(&'static [Piece]);

enum Piece {
    Text(&'static str),
    Variable(usize),
}

impl Pattern {
    fn write(&self, out: &mut fmt::Formatter<'_>, variables: &[&dyn Display]) -> fmt::Result {
        for piece in self.0 {
            match piece {
                Piece::Text(text) => out.write_str(text)?,
                Piece::Variable(index) => variables.get(*index).map_or(Ok(()), |value| value.fmt(out))?,
            }
        }
        Ok(())
    }
}

impl Texts {
    /// The texts of a language, if there are any.
    pub(super) fn of(code: &str) -> Option<&'static Self> {
        TEXTS.iter().find(|texts| texts.code == code)
    }

    /// The texts of the language that everybody gets who asks for none that is there.
    pub(super) fn fallback() -> &'static Self {
        Self::of("en").unwrap_or(&TEXTS[0])
    }

    /// Text that depends on a number.
    fn counted(&self, id: &str, count: u64) -> String {
        let arguments = HashMap::from([
            (Cow::Borrowed("count"), count.into()),
            (Cow::Borrowed("shown"), self.number(count).into()),
        ]);
        LOCALES.lookup_with_args(&self.identifier, id, &arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_core::actor::Role;
    use docket_core::catalog;
    use docket_core::ticket::command::ActionName;
    use docket_core::ticket::event::{Priority, RatedThrough, WaitingFor};
    use docket_core::ticket::{Lane, Status};

    #[test]
    fn numbers_choose_the_form_of_the_word() {
        let said = |code, count| Texts::of(code).unwrap().queue_tickets(count);
        assert_eq!(
            [said("en", 0), said("en", 1), said("en", 1234)],
            ["0 tickets", "1 ticket", "1,234 tickets"]
        );
        assert_eq!([said("es", 1), said("es", 2)], ["1 ticket", "2 tickets"]);
        assert_eq!(said("es", 12_345), "12.345 tickets");
    }

    #[test]
    fn variables_are_put_where_each_language_wants_them() {
        let said = |code| Texts::of(code).unwrap().badge_late("2 h").to_string();
        assert_eq!([said("en"), said("es")], ["2 h late", "2 h de retraso"]);
    }

    #[test]
    fn every_word_of_the_catalog_has_a_label_in_every_language() {
        for texts in &TEXTS {
            let all = |names: &[&str], label: fn(&Texts, &str) -> Option<&'static str>| {
                for name in names {
                    assert!(label(texts, name).is_some(), "{name} in {}", texts.code);
                }
            };
            all(catalog::INTAKE_CATEGORIES, Texts::category);
            all(catalog::TEAMS, Texts::team);
            all(catalog::ESCALATION_REASONS, Texts::reason);
            all(catalog::RESOLUTION_CATEGORIES, Texts::resolution);
            all(catalog::PENDING_REASONS, Texts::pending);
            all(&Priority::ALL.map(Priority::as_str), Texts::priority);
            all(&Role::ALL.map(Role::as_str), Texts::role);
            all(&Lane::ALL.map(Lane::as_str), Texts::lane);
            all(&Lane::ALL.map(Lane::as_str), Texts::empty);
            all(&ActionName::ALL.map(ActionName::as_str), Texts::done);
            all(&["new", "open", "pending", "resolved"], Texts::status);
            all(&RatedThrough::ALL.map(RatedThrough::as_str), Texts::through);
            all(&WaitingFor::ALL.map(WaitingFor::as_str), Texts::waiting);
            all(&[catalog::PENDING_SNOOZED], Texts::pending);
            let statuses = [Status::New, Status::Open, Status::Pending, Status::Resolved];
            all(&statuses.map(Status::as_str), Texts::status);
        }
    }

    #[test]
    fn no_language_says_a_plain_text_in_the_words_of_another_by_oversight() {
        for pair in TEXTS.windows(2) {
            assert_ne!(pair[0].skip_to_content, pair[1].skip_to_content);
            assert_ne!(pair[0].problem_internal, pair[1].problem_internal);
        }
    }
}
