//! What a body lacks that people leave out most: each has a code of its own.

use super::Problem;
use axum::http::StatusCode;

/// How a reader of JSON says that a field is not there.
const MISSING: &str = "missing field `";

/// How it says that one holds nothing.
const NOTHING: [&str; 3] = ["must not be blank", "must not be empty", "invalid type: null"];

impl Problem {
    /// A field that was not read, in the reader's words, if it is one that has a code of its own.
    pub fn lacking(field: &str, told: &str) -> Option<Self> {
        let missing = told.strip_prefix(MISSING).and_then(|rest| rest.split('`').next());
        let (above, own) = field.rsplit_once('.').unwrap_or(("", field));
        let blank = NOTHING.iter().any(|nothing| told.starts_with(nothing)).then_some(own);
        let object = if missing.is_some() { field } else { above };
        let (code, field, detail) = match missing.or(blank)? {
            name @ "resolution" => {
                let detail =
                    "say how the work ended: a category of GET /api/v1/settings/resolution-categories";
                let field = if object.is_empty() { name.to_owned() } else { format!("{object}.{name}") };
                ("resolution-missing", field, detail.to_owned())
            }
            language @ ("en" | "es") => {
                let detail = format!("says nothing in {language}; write it in both languages, en and es");
                ("language-missing", object.to_owned(), detail)
            }
            _ => return None,
        };
        Some(Self { field: Some(field), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_leave_out_most_is_told_by_its_own_code_and_all_else_is_not() {
        let told = |field, words| Problem::lacking(field, words).map(|it| (it.code, it.field.unwrap()));
        for (field, words, code, named) in [
            ("", "missing field `resolution`", "resolution-missing", "resolution"),
            ("with", "missing field `resolution`", "resolution-missing", "with.resolution"),
            ("resolution", "invalid type: null, expected a string", "resolution-missing", "resolution"),
            ("with.resolution", "must not be empty", "resolution-missing", "with.resolution"),
            ("content.body", "missing field `es`", "language-missing", "content.body"),
            ("content.body.en", "must not be blank", "language-missing", "content.body"),
        ] {
            assert_eq!(told(field, words), Some((code, named.to_owned())), "{field}: {words}");
        }
        for (field, words) in [
            ("", "missing field `body`"),
            ("body", "must not be blank"),
            ("content.body.en", "must be at most 65536 bytes long, is 65537"),
            ("resolution", "invalid type: integer `1`, expected a string"),
        ] {
            assert_eq!(told(field, words), None, "{field}: {words}");
        }
    }
}
