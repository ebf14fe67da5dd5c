//! A small HTTP client on one connection that is kept open.

use super::server::PATIENCE;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// One connection.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    principal: String,
}

/// An answer that came in full.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), principal: "ines".to_owned() })
    }

    /// The same connection, asking as somebody else.
    pub(crate) fn named(mut self, principal: &str) -> Self {
        principal.clone_into(&mut self.principal);
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, "", "")
    }

    pub(crate) fn post(&mut self, path: &str, key: &str, body: &str) -> io::Result<Answer> {
        self.send("POST", path, key, body)
    }

    /// Sends a request without waiting for its answer.
    pub(crate) fn begin(&mut self, method: &str, path: &str, key: &str, body: &str) -> io::Result<()> {
        let principal = &self.principal;
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ndocket-actor: {principal}\r\n");
        if !key.is_empty() {
            request += &format!("idempotency-key: {key}\r\n");
        }
        if method == "POST" {
            let length = body.len();
            request += "if-match: *\r\n";
            request += &format!("content-type: application/json\r\ncontent-length: {length}\r\n");
        }
        request += "\r\n";
        request += body;
        self.stream.get_mut().write_all(request.as_bytes())
    }

    fn send(&mut self, method: &str, path: &str, key: &str, body: &str) -> io::Result<Answer> {
        self.begin(method, path, key, body)?;
        self.answer()
    }

    /// Reads an answer. Only one that came in full counts.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let head = self.head()?;
        let invalid = || io::Error::new(ErrorKind::InvalidData, head.clone());
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(invalid)?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.ok_or_else(invalid)?];
        self.stream.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(|_| invalid())?;
        Ok(Answer { status, head, body })
    }

    /// Reads the head of an answer.
    pub(crate) fn head(&mut self) -> io::Result<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(head)
    }

    /// Reads a line of a body that goes on.
    pub(crate) fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }

    /// Opens a ticket that says nothing special; returns its number.
    #[track_caller]
    pub(crate) fn open_ticket(&mut self) -> u64 {
        let body = r#"{"requester":{"id":"noor"},"subject":"Charged twice","body":"Two payments."}"#;
        let opened = self.post("/api/v1/tickets", "", body).unwrap().ok();
        opened["ticket"].as_u64().unwrap()
    }
}
