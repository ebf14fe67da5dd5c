//! A server without a network: pages asked for and forms sent as a browser does, on a clock that stands still.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::clock::{Clock, ManualClock};
use docket_core::handler::{CustomerMessage, Request as Wish};
use docket_core::names::{ActorId, GlobalPosition, Slug, TicketNumber};
use docket_core::store::EventStore;
use docket_core::store::data_dir::DataDir;
use docket_core::store::memory::MemoryStore;
use docket_core::text::{Body as Text, Line};
use docket_core::ticket::command::Open;
use docket_core::ticket::event::{Channel, Language, Priority};
use docket_core::ticket::{Action, Ticket, TicketCommand};
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::registry;
use docket_server::app::App;
use docket_server::identity::Entry;
use docket_server::{assembly, listener};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;
use uuid::Uuid;

/// 2026-11-21T09:30:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_253_400_000);

/// A server and whoever looks at it.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) clock: ManualClock,
    router: Router,
    /// Holds the read models' files until the end.
    directory: tempfile::TempDir,
}

/// Between the parts of a form with files.
const BOUNDARY: &str = "----WebKitFormBoundaryq1w2e3r4";

/// A file that somebody chooses.
pub(crate) struct NewFile {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) content: Vec<u8>,
}

/// What a browser got.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(NOW);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let data = DataDir::at(directory.path());
        drop(data.lock("test").unwrap());
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new(shared.clone()));
        let app = assembly::assemble(&data, store, shared).await.unwrap();
        let app = App { entry: Entry::Headers, ..app };
        let router = listener::router(app.clone());
        for definition in registry::all() {
            let mut status = app.projections.watch(definition.name).unwrap();
            status.wait_for(|status| status.checkpoint.is_some()).await.unwrap();
        }
        Self { app, clock, router, directory }
    }

    /// A server with the sample tickets.
    pub(crate) async fn with_samples() -> Self {
        let desk = Self::open().await;
        docket_server::sample::add(&desk.app).await.unwrap();
        desk.caught_up().await;
        desk
    }

    /// Waits until every page shows the end of the log.
    pub(crate) async fn caught_up(&self) {
        let head: GlobalPosition = *self.app.store.head().borrow();
        for definition in registry::all() {
            self.app.projections.wait_for(definition.name, head, Duration::from_secs(30)).await.unwrap();
        }
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Page {
        let host = HeaderValue::from_static("127.0.0.1:7333");
        request.headers_mut().entry(header::HOST).or_insert(host);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.unwrap();
        Page { status: parts.status, headers: parts.headers, html: String::from_utf8(bytes.into()).unwrap() }
    }

    pub(crate) async fn get(&self, address: &str) -> Page {
        self.send(Request::get(address).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_as(&self, role: &str, address: &str) -> Page {
        self.send(Request::get(address).header("docket-role", role).body(Body::empty()).unwrap()).await
    }

    /// Sends a form of a page that was shown, with its hidden fields and what is typed.
    pub(crate) async fn submit(&self, page: &Page, address: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.hidden(address);
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(address, &fields).await
    }

    pub(crate) async fn post(&self, address: &str, fields: &[(String, String)]) -> Page {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")));
        self.send(request.unwrap()).await
    }

    /// Sends a form of a page that was shown as browsers send one with files.
    pub(crate) async fn upload(
        &self,
        page: &Page,
        address: &str,
        typed: &[(&str, &str)],
        files: &[NewFile],
    ) -> Page {
        let mut fields = page.hidden(address.split('?').next().unwrap());
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        }
        for NewFile { name, kind, content } in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 Content-Type: {kind}\r\n\r\n"
            );
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.send_form(address, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await
    }

    /// Sends a body of a type.
    pub(crate) async fn send_form(&self, address: &str, kind: &str, body: impl Into<Body>) -> Page {
        let request = Request::post(address).header(header::CONTENT_TYPE, kind).body(body.into());
        self.send(request.unwrap()).await
    }

    /// What is at an address, whatever it is.
    pub(crate) async fn send_raw(&self, address: &str) -> Vec<u8> {
        let request = Request::get(address).header(header::HOST, "127.0.0.1:7333").body(Body::empty());
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        to_bytes(response.into_body(), 1 << 24).await.unwrap().into()
    }

    /// What is left of files that are coming in.
    pub(crate) fn incoming(&self) -> usize {
        std::fs::read_dir(self.directory.path().join("attachments/incoming")).unwrap().count()
    }

    /// Follows a redirect.
    pub(crate) async fn follow(&self, page: &Page) -> Page {
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        let address = page.headers[header::LOCATION].to_str().unwrap();
        self.get(address.split('#').next().unwrap()).await
    }

    /// Opens a ticket as a customer.
    pub(crate) async fn ticket(&self, subject: &str, body: &str) -> TicketNumber {
        self.ticket_of("Noor Haddad", subject, body, Language::En).await
    }

    pub(crate) async fn ticket_of(
        &self,
        name: &str,
        subject: &str,
        body: &str,
        language: Language,
    ) -> TicketNumber {
        let requester = ActorId::new("noor").unwrap();
        let action = Action::Open(Box::new(Open {
            requester: requester.clone(),
            requester_name: Some(Line::new(name).unwrap()),
            requester_email: None,
            subject: Line::new(subject).unwrap(),
            body: Text::new(body).unwrap(),
            channel: Channel::Portal,
            language,
            priority: Priority::High,
            category: Some(Slug::new("billing").unwrap()),
            team: Some(Slug::new("billing").unwrap()),
            follows: None,
        }));
        let actor = Actor { id: requester, role: Role::Customer, team: None };
        self.run(None, actor, action).await
    }

    /// A message of the customer, by whatever way it came.
    pub(crate) async fn customer_writes(&self, number: TicketNumber, text: &str) {
        let actor = Actor { id: ActorId::new("noor").unwrap(), role: Role::Customer, team: None };
        let action = Action::CustomerReply { message: Uuid::now_v7(), body: Text::new(text).unwrap() };
        self.run(Some(number), actor, action).await;
    }

    /// A message of the customer to a sealed ticket; the ticket that it opens.
    pub(crate) async fn customer_writes_late(&self, number: TicketNumber, text: &str) -> TicketNumber {
        let id = ActorId::new("noor").unwrap();
        let message = CustomerMessage {
            seen: None,
            ticket: number,
            body: Text::new(text).unwrap(),
            attachments: Vec::new(),
            actor: Actor { id: id.clone(), role: Role::Customer, team: None },
            reach: Reach::Own { requester: id },
            channel: Channel::Portal,
            language: None,
            asked_in: Language::En,
            link_until: None,
            key: None,
        };
        let taken = self.app.handler.take_message(message).await.unwrap();
        self.caught_up().await;
        taken.ticket
    }

    /// Whoever it was escalated to has read why.
    pub(crate) async fn acknowledged_by(&self, number: TicketNumber, id: &str) {
        let actor = Actor { id: ActorId::new(id).unwrap(), role: Role::Agent, team: None };
        self.run(Some(number), actor, Action::Acknowledge { of_team: true }).await;
    }

    /// Runs a command that goes through, until every page shows it.
    pub(crate) async fn run(
        &self,
        ticket: Option<TicketNumber>,
        actor: Actor,
        action: Action,
    ) -> TicketNumber {
        let number = self.begin(ticket, actor, action).await;
        self.caught_up().await;
        number
    }

    async fn begin(&self, ticket: Option<TicketNumber>, actor: Actor, action: Action) -> TicketNumber {
        let command = TicketCommand { actor, action };
        let wish = Wish {
            ticket,
            seen: None,
            reach: Reach::Everything,
            command,
            key: None,
            correlation: Uuid::now_v7(),
        };
        self.app.handler.handle(wish).await.unwrap().ticket
    }

    /// Notes that no page shows yet.
    pub(crate) async fn notes_behind_the_pages(&self, number: TicketNumber, count: usize) {
        self.app.projections.stop();
        for _ in 0..count {
            let actor = Actor { id: ActorId::new("ines").unwrap(), role: Role::Agent, team: None };
            let action = Action::Note { message: Uuid::now_v7(), body: Text::new("Called back").unwrap() };
            self.begin(Some(number), actor, action).await;
        }
    }

    pub(crate) async fn state(&self, number: TicketNumber) -> Ticket {
        Ticket::clone(&self.app.handler.ticket(number).await.unwrap())
    }

    pub(crate) fn later(&self, minutes: i64) {
        self.clock.set(self.app.now().plus(DurationMs::from_minutes(minutes)));
    }
}

impl Page {
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.html.contains(text), "{text:?} is not in {}", self.html);
    }

    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.html.contains(text), "{text:?} is in {}", self.html);
    }

    /// The hidden fields of the form that is sent to an address.
    #[track_caller]
    pub(crate) fn hidden(&self, address: &str) -> Vec<(String, String)> {
        let form = self.form(address);
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |input: &str| {
            let (name, rest) = input.split_once("\" value=\"")?;
            Some((name.to_owned(), rest.split('"').next()?.to_owned()))
        };
        inputs.filter_map(field).collect()
    }

    /// The last form that is sent to an address.
    #[track_caller]
    pub(crate) fn form(&self, address: &str) -> &str {
        let from = self.html.rfind(&format!("action=\"{address}\"")).expect("the form is offered");
        self.html[from..].split("</form>").next().unwrap()
    }

    /// The actions whose forms are offered, each once, in the order of their names.
    pub(crate) fn offered(&self, number: TicketNumber) -> Vec<String> {
        let start = format!("action=\"/tickets/{number}/");
        let after = self.html.split(&start).skip(1);
        let mut names: Vec<String> = after.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
