//! A closed loop of HTTP requests over keep-alive connections, and a server process to send them to.
//!
//! One thread drives all connections, so that on two cores the load costs the server as little as it can.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server process on a data directory; killed when it is dropped.
pub struct ServerProcess {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl ServerProcess {
    /// Starts a server on a free port and waits until it says where it listens.
    ///
    /// # Errors
    /// When the program cannot be started or ends before it listens.
    pub fn start(program: &Path, data: &Path) -> std::io::Result<Self> {
        Self::start_with(program, data, &["--no-sign-in"])
    }

    fn start_with(program: &Path, data: &Path, options: &[&str]) -> std::io::Result<Self> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .arg("--data")
            .arg(data)
            .env("DOCKET_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let ended = || std::io::Error::other("the server ended before it listened");
        let output = child.stdout.take().ok_or_else(ended)?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().ok_or_else(ended)??;
        let address =
            first.rsplit("http://").next().and_then(|text| text.trim().parse().ok()).ok_or_else(ended)?;
        // The rest of what it says is read and dropped, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    /// Resident memory now, and at its highest. Unit: bytes.
    pub fn resident_bytes(&self) -> Option<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
        };
        Some((field("VmRSS:")?, field("VmHWM:")?))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server where one signs in, and a token of its admin.
pub struct Guarded {
    /// The server.
    pub server: ServerProcess,
    tokens: Vec<String>,
}

/// Tokens that are made: the server keeps a part of its room for streams for each.
const TOKENS: usize = 10;

impl Guarded {
    /// Makes an admin, starts a server that takes any number of requests, and makes a token.
    ///
    /// # Errors
    /// When the program does not do as it is told.
    pub fn start(program: &Path, data: &Path) -> std::io::Result<Self> {
        let told = Command::new(program).args(["invite-admin", "--data"]).arg(data).output()?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let missing = |what: &str| std::io::Error::other(format!("the server gave no {what}"));
        let code = told.split_whitespace().find(|word| word.len() == 29 && word.matches('-').count() == 4);
        let code = code.ok_or_else(|| missing("code"))?;
        let server = ServerProcess::start_with(program, data, &["--requests-per-minute", "100000000"])?;
        let chosen = format!(r#"{{"code":"{code}","password":"four words and a lamp"}}"#);
        let (head, _) = once(server.address, &post("/api/v1/session/accept-invitation", "in", &chosen))?;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        let cookie = format!("cookie: {}\r\n", cookie.ok_or_else(|| missing("cookie"))?);
        let wanted = r#"{"name":"bench","scopes":["read","work"]}"#;
        let token = |count: usize| {
            let made = post("/api/v1/me/tokens", &format!("token-{count}"), wanted);
            let (_, body) = once(server.address, &with_header(made, &cookie))?;
            let secret = body.split('"').find(|text| text.starts_with("dkt_"));
            secret.map(str::to_owned).ok_or_else(|| missing("token"))
        };
        let tokens = (0..TOKENS).map(token).collect::<Result<_, _>>()?;
        Ok(Self { server, tokens })
    }

    /// A request that shows a token.
    pub fn signed(&self, request: Vec<u8>) -> Vec<u8> {
        self.signed_by(0, request)
    }

    /// A request that shows one of the tokens, in turn.
    pub fn signed_by(&self, turn: usize, request: Vec<u8>) -> Vec<u8> {
        with_header(request, &format!("authorization: Bearer {}\r\n", self.tokens[turn % self.tokens.len()]))
    }
}

/// A request with one more header, ahead of the others.
fn with_header(mut request: Vec<u8>, header: &str) -> Vec<u8> {
    let line = request.windows(2).position(|bytes| bytes == b"\r\n").map_or(0, |at| at + 2);
    request.splice(line..line, header.bytes());
    request
}

/// Opens event streams that nobody reads; each is open once its head has come.
///
/// # Errors
/// When a connection breaks.
pub fn streams(
    address: SocketAddr,
    count: usize,
    request: impl Fn(usize) -> Vec<u8>,
) -> std::io::Result<Vec<std::net::TcpStream>> {
    use std::io::{Read, Write};
    let open = |turn| {
        let mut stream = std::net::TcpStream::connect(address)?;
        stream.write_all(&request(turn))?;
        let mut begun = [0; 15];
        stream.read_exact(&mut begun)?;
        if begun == *b"HTTP/1.1 200 OK" { Ok(stream) } else { Err(std::io::Error::other("no stream")) }
    };
    (0..count).map(open).collect()
}

/// What a closed loop measured.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Requests that were answered as expected.
    pub answered: u64,
    /// Requests that were answered otherwise.
    pub refused: u64,
    /// Time from the first to the last. Unit: seconds.
    pub seconds: f64,
    /// Latencies, sorted. Unit: microseconds.
    pub latencies_us: Vec<u64>,
    /// The largest body that came back. Unit: bytes.
    pub body_bytes_max: usize,
}

impl Load {
    /// Answered requests per second.
    pub fn per_second(&self) -> f64 {
        self.answered as f64 / self.seconds
    }

    /// A percentile of the latencies. Unit: milliseconds.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let last = self.latencies_us.len().saturating_sub(1);
        self.latencies_us.get(last * percent / 100).map_or(0.0, |micros| *micros as f64 / 1000.0)
    }
}

/// A request as it is sent.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// A command as it is sent, under an idempotency key.
pub fn post(path: &str, key: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nidempotency-key: {key}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends requests over a number of connections for a while, each as soon as the one before is answered.
///
/// `request` makes the n-th request of a connection. Answers below 300 count as expected.
///
/// # Errors
/// When a connection breaks.
pub fn closed_loop(
    address: SocketAddr,
    connections: usize,
    duration: Duration,
    request: impl Fn(usize, usize) -> Vec<u8>,
) -> std::io::Result<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let began = Instant::now();
        let until = began + duration;
        let loops = (0..connections).map(|index| one_connection(address, index, until, &request));
        let mut load = Load::default();
        for part in futures_util::future::try_join_all(loops).await? {
            load.answered += part.answered;
            load.refused += part.refused;
            load.latencies_us.extend(part.latencies_us);
            load.body_bytes_max = load.body_bytes_max.max(part.body_bytes_max);
        }
        load.seconds = began.elapsed().as_secs_f64();
        load.latencies_us.sort_unstable();
        Ok(load)
    })
}

/// The body of one answer, whatever its status.
///
/// # Errors
/// When the connection breaks.
pub fn text(address: SocketAddr, path: &str) -> std::io::Result<String> {
    once(address, &get(path)).map(|(_, body)| body)
}

/// Head and body of one answer, whatever its status.
///
/// # Errors
/// When nobody listens there, or what comes back is no answer.
pub fn once(address: SocketAddr, request: &[u8]) -> std::io::Result<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request).await?;
        let mut buffer = Vec::new();
        let (_, length) = answer(&mut stream, &mut buffer).await?;
        let (head, body) = buffer.split_at(buffer.len() - length);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ok((text(head), text(body)))
    })
}

async fn one_connection(
    address: SocketAddr,
    index: usize,
    until: Instant,
    request: &impl Fn(usize, usize) -> Vec<u8>,
) -> std::io::Result<Load> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut load = Load::default();
    let mut buffer = Vec::with_capacity(64 * 1024);
    for count in 0.. {
        let sent_at = Instant::now();
        if sent_at >= until {
            break;
        }
        stream.write_all(&request(index, count)).await?;
        let (status, body_bytes) = answer(&mut stream, &mut buffer).await?;
        load.latencies_us.push(sent_at.elapsed().as_micros() as u64);
        load.body_bytes_max = load.body_bytes_max.max(body_bytes);
        if status < 300 { load.answered += 1 } else { load.refused += 1 }
    }
    Ok(load)
}

/// Reads one answer with a content length; tells its status and the length of its body.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<(u16, usize)> {
    let broken = |what: &str| std::io::Error::other(what.to_owned());
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(broken("the server closed the connection"));
        }
        let Some(head) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).map_err(|_| broken("the head is no text"))?;
        let status = text.get(9..12).and_then(|code| code.parse().ok()).ok_or_else(|| broken("no status"))?;
        let length = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .ok_or_else(|| broken("no content length"))?;
        while buffer.len() < head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err(broken("the answer was cut off"));
            }
        }
        return Ok((status, length));
    }
}
