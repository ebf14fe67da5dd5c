//! What pages never let through, and what they never grow to.

use super::desk::{Desk, Page};
use axum::http::{StatusCode, header};
use docket_core::ticket::event::Language;

const HOSTILE: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}evil\u{7}\" onmouseover=\"x";

#[tokio::test]
async fn hostile_text_is_shown_and_never_obeyed() {
    let desk = Desk::open().await;
    let number = desk.ticket_of(HOSTILE, HOSTILE, HOSTILE, Language::En).await;
    let address = format!("/tickets/{number}");
    let page = desk.get(&address).await;
    let note = desk.submit(&page, &format!("{address}/note"), &[("body", HOSTILE)]).await;
    let assigned = desk.submit(&page, &format!("{address}/assign"), &[("to", "<b>\u{202e}ines")]).await;
    assert_eq!([note.status, assigned.status], [StatusCode::SEE_OTHER; 2]);
    desk.caught_up().await;
    let history = format!("{address}?events");
    for address in ["/queue?lane=open", "/reports?by=agent", &address, &history] {
        let page = desk.get(address).await;
        for never in
            ["<script", "<img", "onerror=alert(2)>", "\" onmouseover", "<b>\u{202e}", "\u{202e}", "\u{7}"]
        {
            page.hides(never);
        }
    }
    let page = desk.get(&address).await;
    page.shows("&#60;script&#62;alert(1)&#60;/script&#62;");
    page.shows("[RLO]evil␇&#34; onmouseover=&#34;x");
    page.shows("&#60;b&#62;[RLO]ines");
}

#[tokio::test]
async fn what_was_typed_comes_back_as_it_was_typed() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = desk.get(&format!("/tickets/{number}")).await;
    desk.customer_writes(number, "Wait").await;
    let typed = [("body", "</textarea><script>alert(1)</script>")];
    let page = desk.submit(&page, &format!("/tickets/{number}/reply"), &typed).await;
    page.shows("&#60;/textarea&#62;&#60;script&#62;");
    page.hides("<script");
}

#[tokio::test]
async fn pages_carry_a_strict_policy_and_need_nothing_that_it_forbids() {
    let desk = Desk::with_samples().await;
    let addresses = [
        "/queue",
        "/queue?lane=resolved",
        "/tickets/12",
        "/tickets/1?events",
        "/reports",
        "/tickets/999",
        "/queue?lane=x",
    ];
    for address in addresses {
        let Page { headers, html, .. } = desk.get(address).await;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{address}: {policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
        for never in ["<style", "style=", "<script", "javascript:", " onclick", "http://", "https://"] {
            assert!(!html.contains(never), "{never} in {address}");
        }
    }
}

#[tokio::test]
async fn notes_are_marked_as_internal_and_never_leave_the_staff_side() {
    let desk = Desk::with_samples().await;
    let page = desk.get("/tickets/19").await;
    page.shows("<article class=\"msg note\"");
    page.shows("<span class=\"kind\">internal note, staff only</span>");
    page.shows("Su dominio rechaza nuestros correos");
    desk.get("/queue?lane=new").await.hides("Su dominio rechaza");
    let says = [
        ("customer", "These pages are for people who work here"),
        ("analyst", "Your role does not allow this."),
    ];
    for (role, says) in says {
        for address in ["/tickets/19", "/tickets/19?events", "/queue", "/queue?lane=open"] {
            let page = desk.get_as(role, address).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role} {address}");
            page.hides("Su dominio rechaza");
            page.shows(says);
        }
    }
    assert_eq!(desk.get_as("analyst", "/reports").await.status, StatusCode::OK);
    assert_eq!(desk.get_as("customer", "/reports").await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.get_as("auditor", "/tickets/19").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_fifty_tickets_stays_within_forty_kilobytes() {
    let desk = Desk::open().await;
    let subject = "No puedo restablecer mi contraseña desde la aplicación del televisor";
    let body = "Hola. He pedido tres veces el enlace para cambiar la contraseña y el correo no llega, tampoco a la \
                carpeta de spam. ¿Me podéis ayudar?";
    for _ in 0..51 {
        let number = desk.ticket_of("María Fernanda Peñalver Ibáñez", subject, body, Language::Es).await;
        let address = format!("/tickets/{number}");
        let page = desk.get(&address).await;
        let fields = [("reason", "needs-expertise"), ("to", "technical"), ("context", "x")];
        assert_eq!(
            desk.submit(&page, &format!("{address}/escalate"), &fields).await.status,
            StatusCode::SEE_OTHER
        );
    }
    desk.caught_up().await;
    desk.later(300);
    for language in ["en", "es"] {
        let page = desk.get(&format!("/queue?lane=new&lang={language}")).await;
        assert_eq!(page.html.matches("<tr><td>").count(), 50);
        let size = page.html.len();
        assert!(size <= 40_000, "{size} bytes in {language}");
    }
}

#[tokio::test]
async fn assets_are_cached_for_as_long_as_their_content_stays() {
    let desk = Desk::open().await;
    let page = desk.get("/queue").await;
    let address = page.html.split("href=\"").find(|text| text.starts_with("/assets/docket.css")).unwrap();
    let address = address.split('"').next().unwrap();
    let style = desk.get(address).await;
    assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(style.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let other = desk.get("/assets/docket.css?v=0").await;
    assert_eq!(other.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(desk.get("/assets/..%2FCargo.toml").await.status, StatusCode::NOT_FOUND);
}
