//! Puts the program together, runs it, and takes it apart again in order.

use crate::app::{App, WAIT_MAX};
use crate::config::{InviteAdmin, Serve};
use crate::credentials::catch_up::TakenAway;
use crate::credentials::{self, CredentialError, Credentials};
use crate::drafts::{self, Drafts};
use crate::idempotency::once::Answers;
use crate::identity::{CALLER_QUOTA, Entry};
use crate::invitation::{self, InvitationError};
use crate::rate_limit::{BUCKETS_MAX, Quota, RateLimit};
use crate::streams::{STREAMS_MAX, STREAMS_OF_CALLER_MAX, Streams};
use crate::uploads::{self, FILE_BYTES_MAX, UploadError, Uploads};
use crate::webhooks::guard::Guard;
use crate::webhooks::network::SystemNetwork;
use crate::webhooks::post::{Limits, Poster};
use crate::webhooks::{self, WebhookError, Webhooks};
use crate::{listener, reactor, sample, telemetry};
use docket_core::clock::{Clock, SystemClock};
use docket_core::handler::CommandHandler;
use docket_core::handler::settings::SettingsHandler;
use docket_core::handler::things::ThingHandler;
use docket_core::names::GlobalPosition;
use docket_core::store::data_dir::{DataDir, DataDirError, Holder};
use docket_core::store::files::FileStore;
use docket_core::store::operational::{Operational, OperationalError};
use docket_core::store::sqlite::{OpenError, SqliteOptions};
use docket_core::store::{EventStore, Progress, ReadError};
use docket_core::time::Timestamp;
use docket_projections::read_model::FileError;
use docket_projections::{registry, runner::Projections};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Why the server did not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can be reached from elsewhere, over plain HTTP.
    #[error(
        "{address} is not a loopback address, and what is served is plain HTTP; listen on 127.0.0.1 or [::1], and put a \
         proxy with TLS in front"
    )]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The data directory.
    #[error("{0}{advice}", advice = advice(.0))]
    DataDir(DataDirError),
    /// The log.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// What is kept beside the log.
    #[error(
        "{0}; nothing of the log is lost when the file is moved away, but everybody must be invited anew"
    )]
    Operational(#[from] OperationalError),
    /// The files that came with messages.
    #[error("the attachments cannot be kept: {0}")]
    Attachments(#[from] UploadError),
    /// What lets people in cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// Who works here cannot be read.
    #[error("who works here cannot be read: {0}")]
    Staff(String),
    /// Where events are sent to cannot be read.
    #[error("the webhooks cannot be read: {0}")]
    Webhooks(#[from] WebhookError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The read models' directory.
    #[error("the read models cannot be kept: {0}")]
    ReadModels(#[from] FileError),
    /// The address is taken or not this machine's.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Address {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody could be invited.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// The sample tickets could not be added.
    #[error("the sample tickets could not be added: {0}")]
    Sample(String),
    /// The log was found damaged while it was running.
    #[error(
        "the log is {what}; the server stopped, and starting it again changes nothing: restore a back-up"
    )]
    LogDamaged {
        /// Where, and what is wrong.
        what: String,
    },
    /// The log failed while it was running; the server stopped so that it acknowledges nothing wrongly.
    #[error("the log has failed and the server stopped to protect it: {why}; start it again to recover")]
    LogFailed {
        /// What failed.
        why: String,
    },
}

/// What to do about a data directory that cannot be used, where that is not said yet.
fn advice(error: &DataDirError) -> &'static str {
    match error {
        DataDirError::InUse { .. } => "; stop that process, or choose another directory with --data",
        DataDirError::Io { .. } => "; let the server read and write it, or choose another one with --data",
        DataDirError::Empty { .. } | DataDirError::Foreign { .. } => "",
    }
}

impl From<DataDirError> for ServeError {
    fn from(error: DataDirError) -> Self {
        Self::DataDir(error)
    }
}

/// Serves until it is told to stop.
///
/// # Errors
/// [`ServeError`]
pub async fn serve(options: Serve) -> Result<(), ServeError> {
    if !options.listen.ip().is_loopback() {
        return Err(ServeError::NotLoopback { address: options.listen });
    }
    // From the first moment on, so that whoever sees the server start can also stop it in order.
    let stop = stop_signal();
    let data = DataDir::at(&options.data);
    // The address is taken before anything is touched: a port in use shall cost nothing.
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|source| ServeError::Address { address: options.listen, source })?;
    let mut lock = data.lock("docket-server")?;
    let address = listener.local_addr().unwrap_or(options.listen);
    let (program, pid) = ("docket-server".to_owned(), std::process::id());
    lock.announce(&Holder { program, pid, address: Some(address.to_string()) })?;

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sqlite = Arc::new(SqliteOptions::new(data.log()).open(clock.clone())?);
    let app = assemble(&data, sqlite.clone(), clock).await?;
    let entry = if options.no_sign_in { Entry::Headers } else { Entry::SignIn };
    let caller_quota = Quota { burst: options.requests_per_minute, ..CALLER_QUOTA };
    let file_bytes_max = u64::from(options.attachment_mib_max) * 1024 * 1024;
    let app = App { entry, caller_quota, file_bytes_max, ..app };
    let guard = if options.webhooks_anywhere { Guard::Anywhere } else { Guard::PublicOnly };
    let tls = webhooks::roots_of_this_machine();
    let app = App { poster: Arc::new(Poster { guard, tls, ..Poster::clone(&app.poster) }), ..app };
    if options.sample_tickets {
        sample::add(&app).await.map_err(|error| ServeError::Sample(error.to_string()))?;
    }
    telemetry::greet(address, &options, &app);

    let verification = tokio::spawn(verify(app.clone()));
    let timer = tokio::spawn(reactor::sla_timer::run(app.clone()));
    let closing = tokio::spawn(reactor::closing::run(app.clone()));
    let routing = tokio::spawn(reactor::routing::run(app.clone()));
    let webhooks = tokio::spawn(reactor::webhooks::run(app.clone()));
    let upkeep = tokio::spawn(telemetry::upkeep(app.clone()));
    let keeping = tokio::spawn(credentials::upkeep(app.clone()));
    let sweeping = tokio::spawn(drafts::upkeep(app.clone()));
    let clearing = tokio::spawn(uploads::upkeep(app.clone()));
    let result = tokio::select! {
        () = listener::serve(listener, app.clone()) => Ok(()),
        error = failure(&app) => Err(error),
        () = stop => {
            tracing::info!("stopping: finishing what was accepted");
            app.shutdown.cancel();
            listener::drained(&app).await;
            Ok(())
        }
    };
    app.shutdown.cancel();
    verification.abort();
    upkeep.abort();
    keeping.abort();
    sweeping.abort();
    clearing.abort();
    if result.is_ok() {
        // Timers and routing end by themselves at the next turn; their appends are harmless to repeat.
        let _ = timer.await;
        let _ = closing.await;
        let _ = routing.await;
        let _ = webhooks.await;
    }
    tokio::task::spawn_blocking(move || {
        app.projections.stop();
        sqlite.close();
    })
    .await
    .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    drop(lock);
    result
}

/// Makes an admin in a directory that no server holds, and prints the way in once.
///
/// # Errors
/// [`ServeError`]
pub async fn invite_admin(options: InviteAdmin) -> Result<(), ServeError> {
    let data = DataDir::at(&options.data);
    let lock = data.lock("docket-server")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sqlite = Arc::new(SqliteOptions::new(data.log()).open(clock.clone())?);
    let operational = Arc::new(Operational::open(&data.operational())?);
    let credentials = Credentials::load(operational, data.key("links.key")?, clock.now())?;
    let staff = SettingsHandler::new(sqlite.clone(), clock.clone());
    let invited = invitation::invite(&staff, &credentials, &options, clock.now()).await;
    let closed = tokio::task::spawn_blocking(move || sqlite.close()).await;
    closed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    drop(lock);
    telemetry::say(&invited?);
    Ok(())
}

/// Joins a log and its read models into what handlers share.
///
/// # Errors
/// [`ServeError`] when the log cannot be read or the read models cannot be kept.
pub async fn assemble(
    data: &DataDir,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
) -> Result<App, ServeError> {
    let runtime = tokio::runtime::Handle::current();
    let projections = Projections::start(&data.read_models(), store.clone(), &runtime, registry::all())?;
    let highest = CommandHandler::highest_number(store.as_ref()).await?;
    let handler = CommandHandler::new(store.clone(), clock.clone(), highest);
    let staff = SettingsHandler::new(store.clone(), clock.clone());
    let views = SettingsHandler::new(store.clone(), clock.clone());
    staff.refresh().await.map_err(|error| ServeError::Staff(error.to_string()))?;
    let operational = Arc::new(Operational::open(&data.operational())?);
    let credentials = Credentials::load(operational.clone(), data.key("links.key")?, clock.now())?;
    let mut taken = TakenAway::default();
    let told = staff.tell(|at, event| taken.note(at, event)).await;
    told.map_err(|error| ServeError::Staff(error.to_string()))?;
    credentials.catch_up(&taken)?;
    let agents = ThingHandler::new(store.clone(), clock.clone());
    let accounts = ThingHandler::new(store.clone(), clock.clone());
    let customers = ThingHandler::new(store.clone(), clock.clone());
    let webhooks = Webhooks::load(&store, clock.clone(), operational.clone()).await?;
    let (network, guard, limits) = (Arc::new(SystemNetwork), Guard::PublicOnly, Limits::default());
    Ok(App {
        store,
        operational: operational.clone(),
        drafts: Arc::new(Drafts::new(operational.clone())),
        uploads: Arc::new(Uploads::load(FileStore::at(data.attachments()), operational.clone())?),
        file_bytes_max: FILE_BYTES_MAX,
        answers: Arc::new(Answers::load(operational)?),
        entry: Entry::SignIn,
        credentials: Arc::new(credentials),
        rates: Arc::new(RateLimit::new(BUCKETS_MAX)),
        caller_quota: CALLER_QUOTA,
        catalogues: handler.catalogues().clone(),
        handler: Arc::new(handler),
        staff: Arc::new(staff),
        aside: Arc::default(),
        agents: Arc::new(agents),
        accounts: Arc::new(accounts),
        customers: Arc::new(customers),
        views: Arc::new(views),
        webhooks: Arc::new(webhooks),
        poster: Arc::new(Poster { network, guard, tls: None, limits }),
        projections: Arc::new(projections),
        clock,
        digest_key: Arc::new(data.key("idempotency.key")?),
        wait_max: WAIT_MAX,
        shutdown: CancellationToken::new(),
        streams: Streams::new(STREAMS_MAX, STREAMS_OF_CALLER_MAX),
        bodies: Arc::new(Semaphore::new(listener::BODIES_KIB_MAX)),
        connections: Arc::new(Semaphore::new(listener::CONNECTIONS_MAX)),
        damaged: tokio::sync::watch::Sender::new(None),
        verified: Arc::new(AtomicBool::new(false)),
        full_until: Arc::new(AtomicI64::new(Timestamp::MIN.0)),
        metrics: telemetry::metrics(),
    })
}

/// Verifies the whole log once, beside the work; a damaged log stops the server with the position.
async fn verify(app: App) {
    let progress: Progress = Arc::new(|_: GlobalPosition| {});
    match app.store.verify(progress).await {
        Ok(verified) => {
            tracing::info!(events = verified.events, "the log is verified");
            app.verified.store(true, Ordering::Relaxed);
        }
        Err(ReadError::Damaged { position, what }) => {
            app.damaged.send_replace(Some(format!("damaged at position {position}: {what}")));
        }
        // The log could not be read just now; readiness says that it is not verified.
        Err(ReadError::Unavailable { why }) => tracing::warn!("the log could not be verified: {why}"),
    }
}

/// Returns once the log has failed or was found damaged.
async fn failure(app: &App) -> ServeError {
    let mut failed = app.store.failure();
    let mut damaged = app.damaged.subscribe();
    let ended = || "its thread ended".to_owned();
    tokio::select! {
        why = failed.wait_for(Option::is_some) => {
            ServeError::LogFailed { why: why.ok().and_then(|why| why.clone()).unwrap_or_else(ended) }
        }
        what = damaged.wait_for(Option::is_some) => {
            ServeError::LogDamaged { what: what.ok().and_then(|what| what.clone()).unwrap_or_else(ended) }
        }
    }
}

/// Listens for SIGTERM and Ctrl-C from now on; the future returns once either has come.
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    // Where the system offers no such signal, nobody can send it.
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).ok());
    let received = async |signal: Option<Signal>| match signal {
        Some(mut signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    };
    async move {
        let [terminate, interrupt] = signals;
        tokio::select! {
            () = received(terminate) => {}
            () = received(interrupt) => {}
        }
    }
}
