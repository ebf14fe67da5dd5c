//! Sends requests to the server on this machine: HTTP/1.1 as far as that takes, one request a connection.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the server may take to read or to write the next part. A batch waits for a few writers at most.
const PART_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest answer. Unit: bytes.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A server, and what lets this program in.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    token: String,
    language: &'static str,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When it makes sense to ask again. Unit: seconds.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// A client that shows a token, and asks for problems in a language.
    pub fn new(address: SocketAddr, token: String, language: &'static str) -> Self {
        Self { address, token, language }
    }

    /// Sends a body and waits for the answer.
    ///
    /// # Errors
    /// What the system says; `InvalidData` where the answer is no HTTP.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.address, CONNECT_TIMEOUT)?;
        stream.set_read_timeout(Some(PART_TIMEOUT))?;
        stream.set_write_timeout(Some(PART_TIMEOUT))?;
        stream.set_nodelay(true)?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\naccept-language: {}\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.address,
            self.token,
            self.language,
            body.len()
        );
        // A server that refuses need not read to the end: what it says counts.
        let written = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        let mut answer = Vec::new();
        let read = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer);
        match parse(&answer) {
            Some(answer) => Ok(answer),
            None => {
                written.and(read)?;
                Err(io::Error::new(ErrorKind::InvalidData, "the answer is no HTTP"))
            }
        }
    }
}

/// The answer, if it is whole.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let (mut length, mut retry_after_s) = (None, None);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse::<usize>().ok()?);
        } else if name.eq_ignore_ascii_case("retry-after") {
            retry_after_s = value.parse().ok();
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return None;
        }
    }
    let body = bytes.get(end + 4..end + 4 + length?)?.to_vec();
    Some(Answer { status, retry_after_s, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let text = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\ncontent-length: 2\r\n\r\n{}";
        let answer = Answer { status: 503, retry_after_s: Some(7), body: b"{}".to_vec() };
        assert_eq!(parse(text), Some(answer));
        for end in 0..text.len() {
            assert_eq!(parse(&text[..end]), None, "{end}");
        }
        for other in [
            "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nx",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 abc OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        ] {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
    }
}
