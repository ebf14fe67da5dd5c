//! Takes connections within limits, and puts the guards before every route.

use crate::api::read_body;
use crate::app::App;
use crate::idempotency::once;
use crate::pages::language::Titles;
use crate::problem::Problem;
use crate::{access, api, identity, pages, problem, telemetry};
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Service;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// Connections that may be open at once; others wait in the system's backlog.
pub const CONNECTIONS_MAX: usize = 2048;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take no byte of its answer before it is let go of (promise A3). Open event streams are among them:
/// whoever comes back goes on at its last position.
const STALLED_MAX: Duration = Duration::from_secs(30);

/// The largest head of a request. Unit: bytes.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Bodies that are held at once, those of a few bytes aside. Unit: KiB.
pub const BODIES_KIB_MAX: usize = 16 * 1024;

/// A body up to this length is taken without asking for room. Unit: bytes.
const SMALL_BODY_BYTES: usize = 8 * 1024;

/// Header fields that a request may have.
const HEADERS_MAX: usize = 64;

/// How long what was accepted may take to finish when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(6);

/// Everything that is served, with the guards before it.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(pages::router())
        .merge(api::routes_with_description())
        .layer(CsrfLayer::new().with_rejection_response(|_| {
            Problem::foreign_site("a request that changes something must come from this site").into_response()
        }))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            Problem::internal().into_response()
        }))
        .layer(from_fn_with_state(Arc::new(app.clone()), guard))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(CompressionLayer::new())
        .with_state(app)
}

/// Takes connections until the server stops.
pub async fn serve(listener: TcpListener, app: App) {
    let router = router(app.clone());
    loop {
        let (room, accepted) = tokio::select! {
            // First, so that nothing is taken, nor room kept for it, once the server stops.
            biased;
            () = app.shutdown.cancelled() => {
                drop(listener);
                return std::future::pending().await;
            }
            taken = take(&listener, &app) => taken,
        };
        let (stream, address) = match accepted {
            Ok(taken) => taken,
            Err(error) => {
                // Out of file descriptors, most likely: give those that are open a moment to end.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Answers are small and written whole; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let talking = talk(stream, address, router.clone(), app.shutdown.clone());
        tokio::spawn(async move {
            talking.await;
            drop(room);
        });
    }
}

/// Answers one client until it goes, takes nothing for too long, or the server stops.
async fn talk(
    stream: impl AsyncRead + AsyncWrite,
    address: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
) {
    let asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let asked = asked.clone();
        move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(address);
            router.clone().call(request.map(Body::new))
        }
    });
    let mut stream = Box::pin(TimeoutStream::new(stream));
    stream.as_mut().set_write_timeout_pinned(Some(STALLED_MAX));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        // Hyper looks at what it has read so far, so its own limits only bound the memory; what goes beyond ours by less
        // is told why.
        .max_buf_size(2 * HEAD_BYTES_MAX)
        .max_headers(2 * HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that breaks off or sends no HTTP is its own affair.
        _ = connection.as_mut() => {}
        () = shutdown.cancelled() => {
            // One that was opened ahead and never used would have to ask first.
            if asked.load(Ordering::Relaxed) {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

/// Waits until every connection has ended, for a while at most.
pub async fn drained(app: &App) {
    let all = app.connections.acquire_many(CONNECTIONS_MAX as u32);
    if tokio::time::timeout(DRAIN_TIMEOUT, all).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Everything that is looked at before a route and after it. It is one layer, since each is copied for each request with
/// all that is inside it: three more took a quarter of the commands per second (docs/BENCHMARKS.md).
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let measured = telemetry::Measured::begin(&request);
    let titles = Titles::wanted(request.headers());
    let allowed = check_head(&request)
        .and_then(|()| check_host(&request))
        .and_then(|()| not_stopping(&app, &request))
        .and_then(|()| room_for_body(&app, &request));
    let mut response = match allowed {
        Ok(_room) => problem::entitle(admitted(&app, request, next).await, titles),
        Err(problem) => problem::entitle(problem.into_response(), titles),
    };
    // Kept for the next request it would keep whoever comes next waiting.
    if app.connections.available_permits() < CONNECTIONS_MAX / 4 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    measured.end(&response);
    response
}

/// Hands a request on with who is asking, if they may ask; what is not in the table of access may be used by nobody.
async fn admitted(app: &App, request: Request, next: Next) -> Response {
    let Some(route) = request.extensions().get::<MatchedPath>().cloned() else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Some(rule) = access::rule(&parts.method, route.as_str()) else {
        return pages::refusal(&parts, Problem::method_not_allowed());
    };
    if let Err(problem) = check_condition(&parts, route.as_str()) {
        return pages::refusal(&parts, problem);
    }
    let (mut caller, left) = match identity::admit(app, rule, &parts).await {
        Ok(admitted) => admitted,
        Err(problem) => return pages::refusal(&parts, problem),
    };
    // A body may take its time. Whoever lost something meanwhile is asked again who they are (promise S2). An import or
    // a file is longer than what is held in memory, and looks itself as it goes.
    let has_body = parts.method == Method::POST || parts.method == Method::PUT;
    let streamed = api::STREAMED.contains(&route.as_str()) || pages::may_bring_files(&parts, route.as_str());
    let body = if has_body && !streamed {
        let before = *app.credentials.taken_away.borrow();
        let bytes = match read_body(&parts.headers, body).await {
            Ok(bytes) => bytes,
            Err(problem) => return pages::refusal(&parts, problem),
        };
        if before != *app.credentials.taken_away.borrow() {
            caller = match identity::admit(app, rule, &parts).await {
                Ok((caller, _)) => caller,
                Err(problem) => return pages::refusal(&parts, problem),
            };
        }
        Body::from(bytes)
    } else {
        body
    };
    let somebodys = caller.is_some();
    if let Some(caller) = caller {
        parts.extensions.insert(caller);
    }
    let request = Request::from_parts(parts, body);
    let mut response = once::run(app, route.as_str(), request, next).await;
    if somebodys && !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    if let Some(left) = left {
        left.tell(response.headers_mut());
    }
    response
}

/// Refuses a condition that would not be looked at: whoever sends one relies on it (RFC 9110 section 13.1.1).
fn check_condition(parts: &Parts, route: &str) -> Result<(), Problem> {
    let mut conditions = parts.headers.get_all(header::IF_MATCH).iter();
    let on_ticket =
        route.starts_with("/api/v1/tickets/{number}/") || route.starts_with("/api/v1/my/tickets/{number}/");
    let decides = parts.method == Method::POST && !route.ends_with("/render-template");
    let looked_at = on_ticket && decides;
    let changes = [Method::POST, Method::PUT, Method::DELETE].contains(&parts.method);
    if !changes || looked_at || conditions.all(|condition| condition == "*") {
        return Ok(());
    }
    Err(Problem::invalid("if-match", "only commands on tickets take it; leave it out here, or send *"))
}

/// Refuses what changes something once the server is about to end.
fn not_stopping(app: &App, request: &Request) -> Result<(), Problem> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && app.shutdown.is_cancelled() { Err(Problem::shutting_down()) } else { Ok(()) }
}

/// Takes room for a large body, or refuses it: what is sent slowly stays in memory for long.
fn room_for_body(app: &App, request: &Request) -> Result<Option<OwnedSemaphorePermit>, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    // Without a length it may become as long as any.
    let most = if request.headers().contains_key(header::TRANSFER_ENCODING) { usize::MAX } else { 0 };
    let length = length.unwrap_or(most).min(api::BODY_BYTES_MAX);
    if length <= SMALL_BODY_BYTES {
        return Ok(None);
    }
    let room = app.bodies.clone().try_acquire_many_owned(length.div_ceil(1024) as u32);
    room.map(Some).map_err(|_| Problem::too_many_bodies())
}

/// Waits for room, and then for a connection.
async fn take(
    listener: &TcpListener,
    app: &App,
) -> (OwnedSemaphorePermit, std::io::Result<(TcpStream, SocketAddr)>) {
    let room = app.connections.clone().acquire_owned().await;
    let room = room.expect("the semaphore is never closed");
    (room, listener.accept().await)
}

/// Refuses a head that is too long or has too many fields.
fn check_head(request: &Request) -> Result<(), Problem> {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let line = request.method().as_str().len() + address + "  HTTP/1.1\r\n".len();
    let fields =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let bytes = line + fields.sum::<usize>() + "\r\n".len();
    if bytes > HEAD_BYTES_MAX || request.headers().len() > HEADERS_MAX {
        return Err(Problem::head_too_large(HEAD_BYTES_MAX, HEADERS_MAX));
    }
    Ok(())
}

/// Answers only to names of this machine: another site's name that leads here is an attack on the browser.
fn check_host(request: &Request) -> Result<(), Problem> {
    // One that cannot be read is no name of this machine either.
    let mut hosts = request.headers().get_all(header::HOST).iter();
    // A whole address in the request line goes before the header (RFC 9112 section 3.2.2).
    let whole = request.uri().authority().is_none_or(|authority| is_loopback(authority.as_str()));
    if whole && hosts.all(|host| host.to_str().is_ok_and(is_loopback)) {
        return Ok(());
    }
    Err(Problem::foreign_site("use the address that the server listens on, such as 127.0.0.1"))
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{STALLED_MAX, is_loopback, talk};
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use std::convert::Infallible;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    /// A stream of bytes without end.
    fn endless() -> Router {
        let bytes = || futures_util::stream::repeat(Ok::<_, Infallible>("data: again\n\n"));
        Router::new().route("/", get(move || async move { Body::from_stream(bytes()) }))
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_of_an_answer_is_let_go_of_and_whoever_takes_a_little_is_not() {
        let (client, server) = tokio::io::duplex(1024);
        let address = "127.0.0.1:1".parse().unwrap();
        let talking = tokio::spawn(talk(server, address, endless(), CancellationToken::new()));
        let (mut answer, mut asking) = tokio::io::split(client);
        asking.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut piece = [0; 512];
        for _ in 0..10 {
            tokio::time::sleep(STALLED_MAX * 9 / 10).await;
            answer.read_exact(&mut piece).await.unwrap();
        }
        assert!(!talking.is_finished());
        let stalled = Instant::now();
        talking.await.unwrap();
        assert!(stalled.elapsed() <= STALLED_MAX * 2, "{:?}", stalled.elapsed());
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "LOCALHOST:7333", "127.0.0.1", "127.0.0.1:80", "[::1]:7333", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["example.com", "127.0.0.1.example.com", "10.0.0.1:80", "", "localhost.example.com:1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
