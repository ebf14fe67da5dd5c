//! A receiver of webhooks on this machine that answers as it is told to.

use super::desk::PATIENCE;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    pub(crate) fn position(&self) -> u64 {
        self.json()["data"]["position"].as_u64().unwrap()
    }

    pub(crate) fn ticket(&self) -> u64 {
        self.json()["data"]["ticket"].as_u64().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

/// What the receiver does about a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers with a status.
    Status(u16),
    /// Sends these bytes, whatever they are.
    Raw(Vec<u8>),
    /// Says nothing, ever.
    Hang,
}

type Decide = Box<dyn Fn(&Received) -> Reply + Send>;

pub(crate) struct Receiver {
    pub(crate) port: u16,
    decide: Arc<Mutex<Decide>>,
    received: tokio::sync::Mutex<mpsc::UnboundedReceiver<Received>>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn open() -> Self {
        Self::listen(None).await
    }

    /// One that speaks TLS as `hooks.example.com`, with a certificate of the root in `root.pem`.
    pub(crate) async fn encrypted() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificate = CertificateDer::from_pem_slice(include_bytes!("receiver.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("receiver.key.pem")).unwrap();
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = builder.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key);
        Self::listen(Some(TlsAcceptor::from(Arc::new(config.unwrap())))).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let decide: Arc<Mutex<Decide>> = Arc::new(Mutex::new(Box::new(|_| Reply::Status(204))));
        let (sender, received) = mpsc::unbounded_channel();
        let shared = decide.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (decide, sender, tls) = (shared.clone(), sender.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &decide, &sender).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &decide, &sender).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, decide, received: tokio::sync::Mutex::new(received) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    /// From now on answers like this.
    pub(crate) fn answers(&self, decide: impl Fn(&Received) -> Reply + Send + 'static) {
        *self.decide.lock().unwrap() = Box::new(decide);
    }

    pub(crate) fn always(&self, reply: Reply) {
        self.answers(move |_| reply.clone());
    }

    /// The next request.
    pub(crate) async fn next(&self) -> Received {
        let mut received = self.received.lock().await;
        tokio::time::timeout(PATIENCE, received.recv()).await.expect("something is sent").unwrap()
    }

    /// The next requests.
    pub(crate) async fn take(&self, count: usize) -> Vec<Received> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.next().await);
        }
        all
    }

    /// What has come in and was not looked at.
    pub(crate) async fn rest(&self) -> Vec<Received> {
        let mut received = self.received.lock().await;
        std::iter::from_fn(|| received.try_recv().ok()).collect()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    decide: &Mutex<Decide>,
    sender: &mpsc::UnboundedSender<Received>,
) {
    let Some(received) = read(&mut stream).await else { return };
    let reply = decide.lock().unwrap()(&received);
    let _ = sender.send(received);
    match reply {
        Reply::Status(status) => {
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Hang => {
            // Until the other side has had enough.
            let _ = stream.read(&mut [0; 1]).await;
        }
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next()?.to_owned();
    let pair =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<_, _> = lines.filter_map(pair).collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { line, headers, body: bytes[end..].to_vec() })
}
