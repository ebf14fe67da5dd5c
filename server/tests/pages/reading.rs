//! What pages show to whoever reads.

use super::desk::{Desk, NOW};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, Slug};
use docket_core::ticket::Action;
use docket_core::ticket::event::Language;
use docket_core::time::DurationMs;

#[tokio::test]
async fn the_first_page_is_the_lane_of_what_came_in() {
    let page = Desk::open().await.get("/").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.headers[header::LOCATION], "/queue?lane=new");
}

#[tokio::test]
async fn every_lane_shows_its_tickets_with_counts_and_what_is_late() {
    let desk = Desk::with_samples().await;
    let new = desk.get("/queue?lane=new").await;
    new.shows("<h1>New</h1><p class=\"quiet\">9 tickets, <span class=\"late\">1 late</span></p>");
    new.shows("Charged twice for March");
    new.shows("1 h 8 min late</time>");
    new.shows("due soon, 14 min</time>");
    new.shows("due in 42 min</time>");
    new.shows(">escalated by Support</bdi>");
    new.shows(">returned by bruno</bdi>");
    new.shows("aria-sort=\"ascending\">Next deadline");
    new.shows("title=\"First response: due 21 Nov 2026, ");
    let open = desk.get("/queue?lane=open").await;
    open.shows("6 tickets, <span class=\"late\">1 late</span>");
    open.shows(">reopened</bdi>");
    let pending = desk.get("/queue?lane=pending").await;
    pending.shows("<p class=\"quiet\">3 tickets</p>");
    pending.shows(">waiting for a third party</bdi>");
    let resolved = desk.get("/queue?lane=resolved").await;
    resolved.shows("aria-sort=\"descending\">Resolved");
    resolved.shows(">sealed</bdi>");
    resolved.shows("closed without reply</time>");
    resolved.shows("answered 2 h late</time>");
    for page in [new, open, pending, resolved] {
        assert_eq!(page.status, StatusCode::OK);
        page.shows("aria-current=\"page\"");
        page.shows("As of position 117, 21 Nov 2026, 09:30 UTC");
    }
}

#[tokio::test]
async fn a_row_says_how_its_ticket_came_back_without_naming_who_did_not_give_it_back() {
    let desk = Desk::open().await;
    let (ines, lena) = (staff("ines", Role::Agent), staff("lena", Role::Supervisor));
    let cases = [
        (ines.clone(), "returned by ines", "devuelto por ines"),
        (lena, "taken from ines", "retirado a ines"),
        (Actor::system("router"), "ines no longer works on it", "ines ya no lo atiende"),
    ];
    for (by, english, spanish) in cases {
        let number = desk.ticket("Charged twice", "Two payments in March.").await;
        desk.run(Some(number), ines.clone(), Action::Take).await;
        desk.run(Some(number), by, Action::Unassign).await;
        let page = desk.get("/queue?lane=new").await;
        page.shows(english);
        desk.get("/queue?lane=new&lang=es").await.shows(spanish);
        desk.run(Some(number), ines.clone(), Action::Take).await;
        desk.get("/queue?lane=open").await.hides(english);
    }
}

#[tokio::test]
async fn a_row_says_what_needed_no_work_and_until_when_a_ticket_is_laid_aside() {
    let desk = Desk::open().await;
    let ines = staff("ines", Role::Agent);
    for resolution in ["spam", "duplicate", "solved"] {
        let number = desk.ticket("Charged twice", "Two payments in March.").await;
        desk.run(Some(number), ines.clone(), Action::Take).await;
        let resolve = Action::Resolve {
            resolution: Slug::new(resolution).unwrap(),
            needs_assignee: true,
            notes: None,
            confirmation: false,
            survey: false,
        };
        desk.run(Some(number), ines.clone(), resolve).await;
    }
    let number = desk.ticket("A refund", "Later").await;
    desk.run(Some(number), ines.clone(), Action::Take).await;
    let (now, until) = (desk.app.now(), desk.app.now().plus(DurationMs::from_hours(24)));
    desk.run(Some(number), ines.clone(), Action::Snooze { until, now }).await;
    let (desk, english, spanish) = (&desk, "", "&lang=es");
    let page = async |lane: &str, lang: &str| desk.get(&format!("/queue?lane={lane}{lang}")).await;
    let resolved = page("resolved", english).await;
    resolved.shows(">Spam</bdi>");
    resolved.shows(">Duplicate</bdi>");
    resolved.hides(">Solved</bdi>");
    page("resolved", spanish).await.shows(">Duplicado</bdi>");
    page("pending", english).await.shows("laid aside until 22 Nov 2026, 09:30 UTC");
    page("pending", spanish).await.shows("pospuesto hasta el 22 nov 2026, 09:30 UTC");
    desk.run(Some(number), ines, Action::SetOpen).await;
    page("open", english).await.hides("laid aside");
}

fn staff(name: &str, role: Role) -> Actor {
    Actor { id: ActorId::new(name).unwrap(), role, team: None }
}

#[tokio::test]
async fn a_page_that_is_behind_the_log_says_by_how_much() {
    for (count, english, spanish) in [
        (1, "· 1 event behind, for 3 min", "· 1 evento de retraso, desde hace 3 min"),
        (2, "· 2 events behind, for 3 min", "· 2 eventos de retraso, desde hace 3 min"),
    ] {
        let desk = Desk::open().await;
        let number = desk.ticket("Charged twice", "Two payments in March.").await;
        let addresses = ["/queue?lane=new".to_owned(), format!("/tickets/{number}?"), "/reports?".to_owned()];
        for address in &addresses {
            desk.get(address).await.hides("behind");
        }
        desk.notes_behind_the_pages(number, count).await;
        desk.later(3);
        for address in &addresses {
            desk.get(address).await.shows(english);
            desk.get(&format!("{address}&lang=es")).await.shows(spanish);
        }
    }
}

#[tokio::test]
async fn adding_the_samples_twice_adds_nothing_twice() {
    let desk = Desk::with_samples().await;
    let head = desk.app.head();
    assert_eq!(docket_server::sample::add(&desk.app).await.unwrap(), 0);
    assert_eq!(desk.app.head(), head);
}

#[tokio::test]
async fn a_lane_is_read_on_from_the_last_row_of_the_page_before() {
    let desk = Desk::open().await;
    for number in 1..=51 {
        desk.ticket(&format!("Ticket number {number}."), "Hello").await;
        desk.later(1);
    }
    let first = desk.get("/queue?lane=new").await;
    first.shows("Ticket number 50.");
    first.hides("Ticket number 51.");
    first.shows("Next 50");
    let address = first.html.split("href=\"").find(|text| text.contains("after=")).unwrap();
    let address = address.split('"').next().unwrap().replace("&#38;", "&");
    let second = desk.get(&address).await;
    second.shows("Ticket number 51.");
    second.hides("Ticket number 50.");
    second.shows("Back to the first page");
}

#[tokio::test]
async fn an_empty_lane_says_what_to_do() {
    let desk = Desk::open().await;
    desk.get("/queue?lane=new")
        .await
        .shows("There are no tickets yet. Start the server with --sample-tickets");
    desk.ticket("A subject", "A message").await;
    desk.get("/queue?lane=open")
        .await
        .shows("<a class=\"button\" href=\"/queue?lane=new\">Take a new ticket</a>");
    desk.get("/queue?lane=new&after=9000000000000000000_1")
        .await
        .shows("There is nothing more in this lane.");
}

#[tokio::test]
async fn a_ticket_shows_its_thread_in_order_and_what_stands_beside_it() {
    let desk = Desk::with_samples().await;
    let page = desk.get("/tickets/12").await;
    page.shows(
        "<span class=\"num\">12</span> <bdi lang=\"es\">Tercera vez que reclamo el mismo reembolso</bdi>",
    );
    page.shows("marta took the ticket");
    page.shows("marta escalated it to rosa: Complaint");
    page.shows("<span class=\"kind\">public reply</span>");
    page.shows("Policy Default, version 1: 4 h for priority High, in calendar time.");
    page.shows("<dt>Language</dt><dd>Spanish</dd>");
    let order =
        ["Es la tercera vez", "marta took", "Lo siento mucho", "Reembolso de 29,97", "Autorizados tres"];
    // What the receiver must know stands above the thread as well.
    let places: Vec<_> = order.iter().map(|text| page.html.rfind(text).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn a_priority_that_changed_shows_both_targets() {
    let desk = Desk::with_samples().await;
    let page = desk.get("/tickets/9").await;
    page.shows("<dt>Normal, 1 d</dt>");
    page.shows("<dt>High, 4 h</dt>");
}

#[tokio::test]
async fn the_history_lists_every_event_with_position_time_and_actor() {
    let desk = Desk::with_samples().await;
    desk.get("/tickets/1").await.shows("History: 9 events");
    let page = desk.get("/tickets/1?events").await;
    assert_eq!(page.html.matches("<th scope=\"row\"><code>").count(), 9);
    page.shows("<code>ticket.sealed</code>");
    page.shows("<bdi>rosa</bdi> <span class=\"quiet\">supervisor</span>");
    page.shows("title=\"just now\">21 Nov 2026, 09:30 UTC</time>");
}

#[tokio::test]
async fn a_ticket_that_is_not_there_has_a_friendly_page() {
    let desk = Desk::open().await;
    let page = desk.get("/tickets/4711").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.shows("<h1>There is no ticket 4,711</h1>");
    page.shows("href=\"/queue?lane=new\"");
    let page = desk.get("/tickets/4711?lang=es").await;
    page.shows("<h1>No hay ningún ticket 4711</h1>");
    for odd in ["007", "x", "-1", "18446744073709551616"] {
        let page = desk.get(&format!("/tickets/{odd}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{odd}");
        page.shows("There is nothing at this address.");
    }
}

#[tokio::test]
async fn an_address_that_makes_no_sense_says_so() {
    let desk = Desk::open().await;
    for odd in ["/queue?lane=old", "/queue?after=x", "/queue?at_least=x", "/reports?by=x", "/reports?from=x"]
    {
        let page = desk.get(odd).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}");
        page.shows("Something in what was sent cannot be taken.");
    }
}

#[tokio::test]
async fn pages_speak_the_language_that_was_asked_for_and_remember_it() {
    let desk = Desk::with_samples().await;
    let page = desk.get("/queue?lane=new&lang=es").await;
    page.shows("<html lang=\"es\">");
    page.shows("1 h 8 min de retraso");
    page.shows("9 tickets, <span class=\"late\">1 vencido</span>");
    page.shows("hreflang=\"en\">English</a>");
    page.shows("href=\"/queue?lane=new&#38;lang=en\"");
    let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
    assert_eq!(cookie.split(';').next().unwrap(), "docket_lang=es");
    for (name, value) in [("cookie", "docket_lang=es"), ("accept-language", "es-MX, en;q=0.5")] {
        for address in ["/queue", "/tickets/19", "/reports", "/tickets/999"] {
            let request = Request::get(address).header(name, value).body(Body::empty()).unwrap();
            let page = desk.send(request).await;
            page.shows("<html lang=\"es\">");
            assert!(page.headers.get(header::SET_COOKIE).is_none());
        }
    }
    let ticket = desk.get("/tickets/19?lang=es").await;
    ticket.shows("nota interna, solo personal");
    ticket.shows("Enviar y dejar pendiente");
    ticket.shows("Primera respuesta");
    desk.get("/reports?lang=es").await.shows("Respondidos a tiempo, de todos los respondidos");
}

#[tokio::test]
async fn text_of_customers_carries_its_own_language() {
    let desk = Desk::open().await;
    let number = desk.ticket_of("Lucía", "No puedo entrar", "Hola", Language::Es).await;
    desk.get("/queue").await.shows("dir=\"auto\" lang=\"es\">No puedo entrar</a>");
    desk.get(&format!("/tickets/{number}"))
        .await
        .shows("<div class=\"text\" dir=\"auto\" lang=\"es\">Hola</div>");
    desk.get("/queue?lang=es").await.shows("dir=\"auto\">No puedo entrar</a>");
}

#[tokio::test]
async fn the_report_shows_figures_by_group_and_the_deadlines_that_were_kept() {
    let desk = Desk::with_samples().await;
    let page = desk.get("/reports").await;
    page.shows("24 tickets opened in this time");
    page.shows("<th scope=\"row\"><bdi>Billing</bdi></th><td>4</td>");
    page.shows("title=\"2,700 s\">45 min</span>");
    page.shows("<th scope=\"row\">Answered in time</th><td>10</td>");
    desk.get("/reports?by=agent").await.shows("<bdi>marta</bdi>");
    let teams = desk.get("/reports?by=team").await;
    teams.shows("<bdi>Technical</bdi>");
    teams.shows("From an escalation to its acknowledgement");
    desk.get("/reports?by=team&lang=es").await.shows("Desde un escalado hasta su acuse de recibo");
    desk.get("/reports?by=priority&lang=es").await.shows("<bdi>Urgente</bdi>");
    let today = desk.get("/reports?from=2026-11-21&until=2026-11-21").await;
    today.shows("9 tickets opened in this time");
    today.shows("value=\"2026-11-21\"");
    let never = desk.get("/reports?from=2030-01-01").await;
    never.shows("No ticket was opened in this time.");
    never.hides("<bdi>Billing</bdi>");
}

#[tokio::test]
async fn a_page_says_what_instant_it_shows() {
    let desk = Desk::open().await;
    desk.ticket("A subject", "A message").await;
    desk.later(90);
    let page = desk.get("/queue").await;
    page.shows("<time datetime=\"2026-11-21T09:30Z\" title=\"21 Nov 2026, 09:30 UTC\">1 h 30 min</time>");
    page.shows("11:00 UTC</footer>");
    assert_eq!(desk.app.now().since(NOW).0, 90 * 60_000);
}

#[tokio::test]
async fn an_address_that_cannot_be_read_and_a_method_that_is_not_taken_have_pages_too() {
    let desk = Desk::open().await;
    for address in ["/tickets/%FF?lang=es", "/tickets/%FF/note?lang=es", "/assets/%FF?lang=es"] {
        let page = desk.get(address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        page.shows("<html lang=\"es\"");
    }
    let request = axum::http::Request::put("/queue?lang=es").body(axum::body::Body::empty()).unwrap();
    let page = desk.send(request).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    page.shows("<html lang=\"es\"");
}

#[tokio::test]
async fn files_are_listed_with_their_size_under_the_message_that_they_came_with() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let upload =
        Request::post("/api/v1/attachments?name=%3Ca%3E%20a%C3%B1o.txt").header("content-type", "text/plain");
    let sent = desk.send(upload.body(Body::from("x".repeat(2000))).unwrap()).await;
    let digest = sent.html.split('"').nth(3).unwrap().to_owned();
    let note = format!("{{\"body\":\"Look\",\"attachments\":[{{\"digest\":\"{digest}\"}}]}}");
    let note = Request::post(format!("/api/v1/tickets/{number}/note"))
        .header("content-type", "application/json")
        .body(Body::from(note));
    assert_eq!(desk.send(note.unwrap()).await.status, StatusCode::OK);
    desk.caught_up().await;
    let page = desk.get(&format!("/tickets/{number}")).await;
    page.shows(&format!("<a href=\"/api/v1/tickets/{number}/attachments/{digest}\" download><bdi>&#60;a&#62; año.txt</bdi></a>"));
    page.shows("<span class=\"quiet\">2 KiB</span>");
}
