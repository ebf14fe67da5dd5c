//! What lets this program into the server: an API token, from a file or from the environment.
//!
//! Not from the command line, which everybody on the machine can read.

use crate::failure::Failure;
use crate::sentence::Sentence;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The variable of the environment that may hold the token.
const VARIABLE: &str = "DOCKET_TOKEN";

/// The longest token that is taken. Unit: bytes.
const TOKEN_BYTES_MAX: usize = 256;

/// What is read of a file at most. Unit: bytes.
const FILE_BYTES_MAX: u64 = 4096;

/// The token that was given, if any.
///
/// # Errors
/// [`Failure::Input`] when the file cannot be read, [`Failure::Usage`] when it holds no token.
pub(super) fn given(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let text = match file {
        Some(path) => {
            let refuse = |error: std::io::Error| Failure::Input {
                path: path.to_owned(),
                why: Sentence::verbatim(error.to_string()),
            };
            Some(read(path).map_err(refuse)?)
        }
        None => std::env::var_os(VARIABLE).map(OsString::into_encoded_bytes),
    };
    text.map(|text| token(&text)).transpose()
}

/// As much of a file as shows whether it holds a token: it may be anything, and endless.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
    Ok(text)
}

/// The token of a text. Anything else would be put into the head of a request.
fn token(text: &[u8]) -> Result<String, Failure> {
    let token = text.trim_ascii();
    let fits = (1..=TOKEN_BYTES_MAX).contains(&token.len()) && token.iter().all(u8::is_ascii_graphic);
    match String::from_utf8(token.to_vec()) {
        Ok(token) if fits => Ok(token),
        Ok(_) | Err(_) => Err(Failure::Usage(Sentence::fixed(|texts| texts.token_form))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word() {
        assert_eq!(token(b" dkt_abc\r\n").unwrap(), "dkt_abc");
        for wrong in ["", " ", "dkt a", "dkt_\u{e9}", "a\r\nhost: b", &"x".repeat(257)] {
            assert!(matches!(token(wrong.as_bytes()), Err(Failure::Usage(_))), "{wrong:?}");
        }
        assert!(matches!(token(b"dkt_\xff"), Err(Failure::Usage(_))));
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let given = given(Some(Path::new("/dev/zero")));
        assert!(matches!(given, Err(Failure::Usage(_))), "{given:?}");
    }
}
