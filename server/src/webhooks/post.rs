//! One attempt: look the name up, check every address, connect to exactly that address, send, read the status.
//!
//! The check is made anew at each attempt and the connection goes to the address that was checked, so that a name that
//! leads elsewhere a moment later changes nothing. Redirects are not followed: they are failures. Of the answer only the
//! head is read. Source: TRAPS 29, promise S6.

use super::guard::Guard;
use super::network::Network;
use super::payload::Message;
use super::signature::{Signing, signatures};
use axum::body::Body;
use axum::http::{Method, Request, header};
use docket_core::time::Timestamp;
use docket_core::webhook::EndpointUrl;
use docket_core::webhook::address::{Host, Scheme};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The largest head of an answer. Unit: bytes.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Header fields that an answer may have.
const ANSWER_HEADERS_MAX: usize = 64;

/// Addresses of one name that are tried, one after the other.
const ADDRESSES_MAX: usize = 4;

/// The status by which an endpoint says that it is gone for good.
const GONE: u16 = 410;

/// How long an attempt may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until one address has taken the connection.
    pub connect: Duration,
    /// Until the answer's head is there, name and connection included.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(10) }
    }
}

/// Why a message did not get through. Safe to show: nothing of the address or of the machine is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The address is one that this server does not call.
    #[error("the address is not one that webhooks may go to")]
    NotAllowed,
    /// The name leads to an address that is not public, or to this machine.
    #[error("the name leads to an address that is not public")]
    NotPublic,
    /// The name cannot be looked up, or has no address.
    #[error("the name could not be looked up")]
    Name,
    /// Nothing takes connections there.
    #[error("no connection could be made")]
    Connect,
    /// No agreement on encryption, or a certificate that is not trusted.
    #[error("no trusted encrypted connection could be made")]
    Tls,
    /// This machine has no root certificates.
    #[error("this server has no root certificates to trust; install them (Debian: ca-certificates)")]
    NoRoots,
    /// The connection broke off, or what came was no answer.
    #[error("the connection broke off, or the answer was not HTTP")]
    Broken,
    /// It took too long.
    #[error("it took too long")]
    TimedOut,
    /// An answer that is no success.
    #[error("the answer was {0}")]
    Status(u16),
}

impl PostError {
    /// A stable name of what went wrong, for programs.
    pub fn code(self) -> String {
        let name = match self {
            Self::NotAllowed => "not-allowed",
            Self::NotPublic => "not-public",
            Self::Name => "name-not-found",
            Self::Connect => "no-connection",
            Self::Tls => "tls-failed",
            Self::NoRoots => "no-root-certificates",
            Self::Broken => "broken-answer",
            Self::TimedOut => "timed-out",
            Self::Status(status) => return format!("status-{status}"),
        };
        name.to_owned()
    }

    /// Whether the endpoint wants nothing more, ever.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Status(GONE))
    }
}

/// What every attempt uses.
#[derive(Clone)]
pub struct Poster {
    /// Names and connections.
    pub network: Arc<dyn Network>,
    /// Who may be spoken to.
    pub guard: Guard,
    /// Whom to trust; none when this machine has no root certificates.
    pub tls: Option<Arc<ClientConfig>>,
    /// How long an attempt may take.
    pub limits: Limits,
}

impl Poster {
    /// Sends a message, signed, and returns the status of success.
    ///
    /// # Errors
    /// [`PostError`] says what went wrong.
    pub async fn post(
        &self,
        url: &EndpointUrl,
        secrets: &[Signing],
        message: Message,
        now: Timestamp,
    ) -> Result<u16, PostError> {
        let attempt = self.attempt(url, secrets, message, now);
        let status = tokio::time::timeout(self.limits.total, attempt).await;
        let status = status.map_err(|_| PostError::TimedOut)??;
        if (200..300).contains(&status) { Ok(status) } else { Err(PostError::Status(status)) }
    }

    async fn attempt(
        &self,
        url: &EndpointUrl,
        secrets: &[Signing],
        message: Message,
        now: Timestamp,
    ) -> Result<u16, PostError> {
        // What was allowed when it was set up may not be any more.
        self.guard.check(url).map_err(|_| PostError::NotAllowed)?;
        let stream = self.connect(&self.addresses(url).await?, url.port()).await?;
        let request = request(url, secrets, message, now)?;
        match url.scheme() {
            Scheme::Http => exchange(stream, request).await,
            Scheme::Https => exchange(self.encrypt(url, stream).await?, request).await,
        }
    }

    /// Every address of the endpoint, if all of them may be called: one that may not tells that the name is not to be
    /// trusted.
    async fn addresses(&self, url: &EndpointUrl) -> Result<Vec<IpAddr>, PostError> {
        let addresses = match url.host() {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self.network.resolve(name).await.map_err(|_| PostError::Name)?,
        };
        if addresses.is_empty() {
            return Err(PostError::Name);
        }
        let allowed = |address: &IpAddr| self.guard.allows(*address, |address| self.network.is_own(address));
        if addresses.iter().all(allowed) { Ok(addresses) } else { Err(PostError::NotPublic) }
    }

    async fn connect(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, PostError> {
        for address in addresses.iter().take(ADDRESSES_MAX) {
            let connecting = self.network.connect(SocketAddr::new(*address, port));
            if let Ok(Ok(stream)) = tokio::time::timeout(self.limits.connect, connecting).await {
                return Ok(stream);
            }
        }
        Err(PostError::Connect)
    }

    async fn encrypt(
        &self,
        url: &EndpointUrl,
        stream: TcpStream,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + 'static, PostError> {
        let tls = self.tls.clone().ok_or(PostError::NoRoots)?;
        let name = match url.host() {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| PostError::Tls)?,
            Host::Address(address) => ServerName::from(*address),
        };
        TlsConnector::from(tls).connect(name, stream).await.map_err(|_| PostError::Tls)
    }
}

/// The request as it is sent. Its body is short and there, so it needs no waiting for the receiver's leave.
fn request(
    url: &EndpointUrl,
    secrets: &[Signing],
    message: Message,
    now: Timestamp,
) -> Result<Request<Body>, PostError> {
    let Message { id, body } = message;
    let request = Request::builder()
        .method(Method::POST)
        .uri(url.target())
        .header(header::HOST, url.authority())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, concat!("Docket/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .header("webhook-id", &id)
        .header("webhook-timestamp", now.0.div_euclid(1000))
        .header("webhook-signature", signatures(secrets, &id, now, &body))
        .body(Body::from(body));
    request.map_err(|_| PostError::NotAllowed)
}

/// Sends the request and reads the head of the answer; the connection ends with it.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Result<u16, PostError> {
    let handshake = http1::Builder::new()
        .max_buf_size(ANSWER_BYTES_MAX)
        .max_headers(ANSWER_HEADERS_MAX)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(|_| PostError::Broken)?;
    let answer = sender.send_request(request);
    tokio::pin!(connection, answer);
    // Both in one task, so that a time-out drops the connection too.
    tokio::select! {
        answer = &mut answer => answer.map(|answer| answer.status().as_u16()).map_err(|_| PostError::Broken),
        _ = &mut connection => {
            // The answer may have come with the last of the connection.
            answer.await.map(|answer| answer.status().as_u16()).map_err(|_| PostError::Broken)
        }
    }
}
