//! Where webhooks may not go, however they are led there (promise S6).

use super::desk::Desk;
use super::receiver::{Receiver, Reply};
use super::support::{add, added, admin, anywhere, outbox, pass_to_next, sending, until_failed, until_sent};
use async_trait::async_trait;
use docket_server::webhooks::guard::Guard;
use docket_server::webhooks::network::Network;
use docket_server::webhooks::post::Poster;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// A port at which nobody listens.
pub(crate) async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// A network whose names lead where the test says, and whose connections all end at one receiver.
struct Staged {
    /// What the name leads to at each look, the last one for ever.
    answers: Mutex<Vec<Vec<IpAddr>>>,
    own: Vec<IpAddr>,
    /// Where connections were made to.
    connected: Mutex<Vec<SocketAddr>>,
    /// How often the name was looked up.
    looked: Mutex<usize>,
    port: u16,
}

impl Staged {
    fn new(receiver: &Receiver, answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parsed).collect()),
            own: vec!["93.184.215.99".parse().unwrap()],
            connected: Mutex::default(),
            looked: Mutex::default(),
            port: receiver.port,
        })
    }

    fn connected(&self) -> Vec<String> {
        self.connected.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

#[async_trait]
impl Network for Staged {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(name, "hooks.example.com");
        *self.looked.lock().unwrap() += 1;
        let mut answers = self.answers.lock().unwrap();
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.connected.lock().unwrap().push(address);
        TcpStream::connect(("127.0.0.1", self.port)).await
    }

    fn is_own(&self, address: IpAddr) -> bool {
        self.own.contains(&address)
    }
}

/// The certificates of the test were made for any time, but no machine's clock is asked.
#[derive(Debug)]
struct Then;

impl TimeProvider for Then {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(1_900_000_000)))
    }
}

/// Trusts the root of the test's receiver.
fn trust() -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(include_bytes!("root.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(Then));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

fn public(network: Arc<Staged>) -> Poster {
    Poster { network, guard: Guard::PublicOnly, tls: Some(trust()), ..anywhere() }
}

async fn hooked(desk: &Desk) -> String {
    add(desk, json!({ "url": "https://hooks.example.com/in" })).await.0
}

async fn failure(desk: &Desk, id: &str, attempts: usize) -> String {
    until_failed(desk, id, attempts).await.progress.last_failure.unwrap().what
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_looked_up_once_for_each_attempt_and_only_what_was_checked_is_connected_to() {
    let receiver = Receiver::encrypted().await;
    let network = Staged::new(&receiver, &[&["93.184.215.14", "2606:4700::1111"], &["127.0.0.1"]]);
    let desk = sending(public(network.clone())).await;
    let id = hooked(&desk).await;
    desk.ticket().await;
    assert_eq!(receiver.next().await.headers["host"], "hooks.example.com");
    until_sent(&desk, &id).await;
    assert_eq!(network.connected(), ["93.184.215.14:443"]);
    // The name leads elsewhere from now on.
    desk.ticket().await;
    assert_eq!(failure(&desk, &id, 2).await, "not-public");
    assert_eq!((network.connected().len(), *network.looked.lock().unwrap()), (1, 2));
    assert!(receiver.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_that_is_not_public_is_enough_to_refuse_a_name() {
    for answer in [
        &["127.0.0.1"][..],
        &["93.184.215.14", "10.0.0.1"],
        &["93.184.215.14", "::1"],
        &["::ffff:169.254.169.254"],
        &["169.254.169.254"],
        &["64:ff9b::a9fe:a9fe"],
        &["fd00:ec2::254"],
        &["0.0.0.0"],
        // Public, and this machine's own.
        &["93.184.215.99"],
    ] {
        let receiver = Receiver::encrypted().await;
        let network = Staged::new(&receiver, &[answer]);
        let desk = sending(public(network.clone())).await;
        let id = hooked(&desk).await;
        desk.ticket().await;
        assert_eq!(failure(&desk, &id, 1).await, "not-public", "{answer:?}");
        assert_eq!(network.connected(), Vec::<String>::new());
        let ping = admin(desk.post(format!("/api/v1/webhooks/{id}/test"))).await.ok(200);
        assert_eq!((&ping["delivered"], &ping["what"]), (&json!(false), &json!("not-public")));
        assert_eq!(network.connected(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_an_address_is_tried_again() {
    let receiver = Receiver::encrypted().await;
    let network = Staged::new(&receiver, &[&[], &["93.184.215.14"]]);
    let desk = sending(public(network)).await;
    let id = hooked(&desk).await;
    desk.ticket().await;
    assert_eq!(failure(&desk, &id, 1).await, "name-not-found");
    pass_to_next(&desk, &outbox(&desk, &id).health());
    receiver.next().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let (desk, receiver, inside) =
        (sending(anywhere()).await, Receiver::open().await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    for (attempts, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
        let head = format!("HTTP/1.1 {status} x\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", inside.url());
        receiver.always(Reply::Raw(head.into_bytes()));
        match attempts {
            0 => drop(desk.ticket().await),
            _ => pass_to_next(&desk, &outbox(&desk, &id).health()),
        }
        assert_eq!(failure(&desk, &id, attempts + 1).await, format!("status-{status}"));
    }
    assert!(inside.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_cannot_prove_who_it_is_gets_nothing() {
    let receiver = Receiver::encrypted().await;
    let network = Staged::new(&receiver, &[&["93.184.215.14"]]);
    let strangers = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let strangers = strangers.with_safe_default_protocol_versions().unwrap();
    let strangers = strangers.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    for (tls, what) in [(Some(Arc::new(strangers)), "tls-failed"), (None, "no-root-certificates")] {
        let desk = sending(Poster { tls, ..public(network.clone()) }).await;
        let id = hooked(&desk).await;
        desk.ticket().await;
        assert_eq!(failure(&desk, &id, 1).await, what);
    }
    assert!(receiver.rest().await.is_empty());
    // In the clear, where TLS is spoken, is no answer either.
    let desk = sending(anywhere()).await;
    let (id, _) = add(&desk, json!({ "url": format!("http://127.0.0.1:{}/", receiver.port) })).await;
    desk.ticket().await;
    assert_eq!(failure(&desk, &id, 1).await, "broken-answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_be_right_is_refused_when_it_is_set_up() {
    let receiver = Receiver::open().await;
    let desk = sending(public(Staged::new(&receiver, &[&["93.184.215.14"]]))).await;
    let id = hooked(&desk).await;
    let before = desk.head();
    let add = |url: &str| admin(desk.post("/api/v1/webhooks")).json(&json!({ "url": url }));
    for url in [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://intranet/",
        "https://169.254.169.254/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:6379x/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://user:pw@hooks.example.com/",
        "gopher://a.example/",
        "",
        "hooks.example.com",
    ] {
        let refused = add(url).await;
        let problem = if url.contains("6379x") || refused.json()["code"] == "invalid" {
            refused.problem(422, "invalid")
        } else {
            refused.problem(422, "webhook-address-refused")
        };
        assert_eq!(problem["field"], "url", "{url}");
        if refused.json()["code"] == "webhook-address-refused" {
            let call = admin(desk.post(format!("/api/v1/webhooks/{id}/change")));
            call.json(&json!({ "url": url })).await.problem(422, "webhook-address-refused");
        }
    }
    assert_eq!(desk.head(), before);
}
