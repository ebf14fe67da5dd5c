//! What forms do: once, decided on what was shown, and never at the price of what was typed.

use super::desk::{Desk, Page};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use docket_core::actor::{Actor, Role};
use docket_core::agent::Availability;
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::staff::{StaffAction, StaffCommand};
use docket_core::text::Line;
use docket_core::ticket::Status;
use docket_core::ticket::event::{Language, Priority};
use docket_core::ticket::follow_up::possible;
use std::collections::BTreeSet;

async fn shown(desk: &Desk, number: TicketNumber) -> Page {
    let page = desk.get(&format!("/tickets/{number}")).await;
    assert_eq!(page.status, StatusCode::OK);
    page
}

/// Sends a form of the ticket as it is shown, and gives the page that follows.
async fn does(desk: &Desk, number: TicketNumber, action: &str, typed: &[(&str, &str)]) -> Page {
    let page = shown(desk, number).await;
    let sent = desk.submit(&page, &format!("/tickets/{number}/{action}"), typed).await;
    desk.follow(&sent).await
}

#[tokio::test]
async fn every_form_does_what_it_says() {
    let desk = Desk::open().await;
    let number = desk.ticket("Charged twice", "Please help").await;
    does(&desk, number, "assign", &[("to", "ines")]).await.shows("Assigned.");
    assert_eq!(desk.state(number).await.assignee.unwrap().as_str(), "ines");
    let page = does(&desk, number, "reply", &[("body", "Which day?"), ("then", "pending")]).await;
    page.shows("Your reply is sent.");
    page.shows(">Which day?</div>");
    page.shows("set it pending: waiting for the customer");
    assert_eq!(desk.state(number).await.status, Status::Pending);
    does(&desk, number, "customer-reply", &[("body", "In March")])
        .await
        .shows("customer, written down by local");
    assert_eq!(desk.state(number).await.status, Status::Open);
    does(&desk, number, "note", &[("body", "Seen it before")]).await.shows(">Seen it before</div>");
    does(&desk, number, "set-pending", &[("reason", "third-party")]).await.shows("Set pending.");
    does(&desk, number, "set-open", &[]).await.shows("set it open again");
    does(&desk, number, "change-priority", &[("to", "urgent")]).await.shows("from High to Urgent");
    assert_eq!(desk.state(number).await.priority, Some(Priority::Urgent));
    does(&desk, number, "change-category", &[("to", "account")]).await.shows("from Billing to Account");
    does(&desk, number, "change-team", &[("to", "account")]).await.shows("to the team Account");
    let escalation = [("reason", "complaint"), ("to", "billing"), ("supervisor", ""), ("context", "Angry")];
    let page = does(&desk, number, "escalate", &escalation).await;
    page.shows("Escalated: Complaint");
    page.shows(">Angry</div>");
    assert_eq!(desk.state(number).await.assignee, None);
    does(&desk, number, "assign", &[("to", "local")]).await.shows("local took the ticket");
    does(&desk, number, "unassign", &[]).await.shows("local returned it to the queue");
    does(&desk, number, "assign", &[("to", "local")]).await;
    let resolution = [("resolution", "solved"), ("notes", "Refunded"), ("confirmation", "yes")];
    does(&desk, number, "resolve", &resolution).await.shows("closing notes, staff only");
    assert_eq!(desk.state(number).await.status, Status::Resolved);
    does(&desk, number, "reopen", &[]).await.shows("local reopened it, cycle 2");
    does(&desk, number, "resolve", &[("resolution", "answered"), ("notes", " ")]).await.shows("Resolved.");
    does(&desk, number, "seal", &[]).await.shows("This ticket is sealed and takes no more messages.");
    assert!(desk.state(number).await.sealed);
}

#[tokio::test]
async fn a_returned_ticket_leads_to_the_context_of_the_escalation_that_stands_again() {
    let desk = Desk::open().await;
    let number = desk.ticket("Charged twice", "Please help").await;
    let mut contexts = Vec::new();
    for team in ["account", "content"] {
        let escalation = [("reason", "complaint"), ("to", team), ("supervisor", ""), ("context", "Angry")];
        let page = does(&desk, number, "escalate", &escalation).await;
        contexts.push(format!("href=\"#e{}\"", desk.state(number).await.version.0));
        page.shows(contexts.last().unwrap());
    }
    let page = does(&desk, number, "return", &[("context", "Not ours")]).await;
    page.shows(&contexts[0]);
    page.hides(&contexts[1]);
}

#[tokio::test]
async fn what_the_receiver_must_know_stands_on_top_of_every_part_of_the_thread_until_it_is_acknowledged() {
    let desk = Desk::open().await;
    let number = desk.ticket("Charged twice", "Please help").await;
    let to =
        |team, context| [("reason", "complaint"), ("to", team), ("supervisor", ""), ("context", context)];
    does(&desk, number, "escalate", &to("account", "Angry\nand <b>right</b>")).await;
    for _ in 0..500 {
        desk.customer_writes(number, "Still there").await;
    }
    let second = format!("/tickets/{number}?after=500");
    let top = "<div class=\"text\" dir=\"auto\">Angry\nand &#60;b&#62;right&#60;/b&#62;</div>";
    for (language, by) in [("en", "by "), ("es", "por ")] {
        let page = desk.get(&format!("{second}&lang={language}")).await;
        page.shows(top);
        page.shows(&format!("<span dir=\"auto\">{by}"));
        page.hides("id=\"e2\"");
    }
    // From where the newest messages are shown, since it is decided on those.
    let page = desk.get(&second).await;
    let typed = to("content", "Look at the photos");
    let sent = desk.submit(&page, &format!("/tickets/{number}/escalate"), &typed).await;
    desk.follow(&sent).await;
    let page = desk.get(&format!("/tickets/{number}")).await;
    assert_eq!(
        page.html.matches("Look at the photos").count(),
        1,
        "on top alone: it is on the next part of the thread"
    );
    let page = desk.get(&second).await;
    let sent = desk.submit(&page, &format!("/tickets/{number}/return"), &[("context", "Not ours")]).await;
    desk.follow(&sent).await;
    desk.get(&second).await.shows(top);
    desk.acknowledged_by(number, "toni").await;
    desk.get(&second).await.hides("Angry");
}

#[tokio::test]
async fn a_ticket_that_follows_a_sealed_one_leads_to_it_and_the_sealed_one_names_it() {
    let desk = Desk::open().await;
    let number = desk.ticket("Charged twice", "Please help").await;
    does(&desk, number, "assign", &[("to", "local")]).await;
    does(&desk, number, "resolve", &[("resolution", "answered"), ("notes", " ")]).await;
    does(&desk, number, "seal", &[]).await;
    let following = desk.customer_writes_late(number, "Charged again").await;
    for (language, follows, links) in [("en", "Follows", "Links"), ("es", "Continúa", "Enlaces")] {
        let page = desk.get(&format!("/tickets/{following}?lang={language}")).await;
        page.shows(&format!("<dt>{follows}</dt><dd><a href=\"/tickets/{number}\">#{number}</a></dd>"));
        page.hides(&format!("<dt>{links}</dt>"));
        let page = desk.get(&format!("/tickets/{number}?lang={language}")).await;
        page.shows(&format!("<dt>{links}</dt><dd>#{following}</dd>"));
        page.hides(&format!("<dt>{follows}</dt>"));
    }
}

#[tokio::test]
async fn the_forms_on_a_page_are_exactly_what_the_rules_allow() {
    let desk = Desk::with_samples().await;
    for number in (1..=24).map(TicketNumber) {
        let ticket = desk.state(number).await;
        for (name, role) in
            [("agent", Role::Agent), ("supervisor", Role::Supervisor), ("auditor", Role::Auditor)]
        {
            let page = desk.get_as(name, &format!("/tickets/{number}")).await;
            let mut names: Vec<_> =
                possible(&Actor { id: ActorId::new("local").unwrap(), role, team: None }, &ticket)
                    .iter()
                    .map(|action| action.as_str().to_owned())
                    .collect();
            names.sort();
            assert_eq!(page.offered(number), names, "ticket {number} for {name}");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_acts_once() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = shown(&desk, number).await;
    let address = format!("/tickets/{number}/reply");
    let (first, second) = tokio::join!(
        desk.submit(&page, &address, &[("body", "Hello")]),
        desk.submit(&page, &address, &[("body", "Hello")])
    );
    assert_eq!(first.headers[header::LOCATION], second.headers[header::LOCATION]);
    let again = desk.submit(&page, &address, &[("body", "Hello")]).await;
    let page = desk.follow(&again).await;
    assert_eq!(page.html.matches(">Hello</div>").count(), 1);
    assert_eq!(desk.state(number).await.version.0, 2);
}

#[tokio::test]
async fn a_form_that_is_sent_again_with_other_words_keeps_them_and_says_so() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = shown(&desk, number).await;
    let address = format!("/tickets/{number}/note");
    desk.follow(&desk.submit(&page, &address, &[("body", "First")]).await).await;
    let refused = desk.submit(&page, &address, &[("body", "Second")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("This form was sent before with other words");
    refused.shows("Second</textarea>");
    assert_eq!(desk.state(number).await.version.0, 2);
}

#[tokio::test]
async fn a_thread_that_moved_stops_the_reply_shows_what_is_new_and_keeps_what_was_typed() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = shown(&desk, number).await;
    let address = format!("/tickets/{number}/reply");
    desk.customer_writes(number, "It works again!").await;
    let typed = [("body", "Please restart <it>\r\nand wait"), ("then", "pending")];
    let moved = desk.submit(&page, &address, &typed).await;
    assert_eq!(moved.status, StatusCode::PRECONDITION_FAILED);
    moved.shows("The thread moved while you were writing");
    moved.shows("1 message is new and marked below.");
    moved.shows("It works again!");
    moved.shows("<span class=\"badge soon\">new</span>");
    moved.shows("Please restart &#60;it&#62;\r\nand wait</textarea>");
    assert_eq!(desk.state(number).await.version.0, 2, "nothing was sent");
    let sent = desk.submit(&moved, &address, &typed).await;
    desk.follow(&sent).await.shows("Please restart &#60;it&#62;\nand wait</div>");
}

#[tokio::test]
async fn what_is_refused_says_why_and_keeps_what_was_typed() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    does(&desk, number, "assign", &[("to", "ines")]).await;
    let page = shown(&desk, number).await;
    does(&desk, number, "unassign", &[]).await;
    let typed = [("resolution", "solved"), ("notes", "All done")];
    let refused = desk.submit(&page, &format!("/tickets/{number}/resolve"), &typed).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("Nobody is assigned. Assign the ticket before you resolve it.");
    refused.shows("All done</textarea>");
    let page = shown(&desk, number).await;
    let blank = desk.submit(&page, &format!("/tickets/{number}/reply"), &[("body", " \r\n")]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    blank.shows("Write something first.");
    let long = "x".repeat(64 * 1024 + 1);
    let long = desk.submit(&page, &format!("/tickets/{number}/note"), &[("body", &long)]).await;
    long.shows("The text is too long: 65,537 bytes, at most 65,536.");
    long.shows("xxx</textarea>");
}

#[tokio::test]
async fn text_for_a_form_that_is_gone_is_still_shown() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    does(&desk, number, "assign", &[("to", "local")]).await;
    let page = shown(&desk, number).await;
    does(&desk, number, "resolve", &[("resolution", "solved")]).await;
    let typed = [("reason", "complaint"), ("to", "account"), ("context", "They called twice")];
    let refused = desk.submit(&page, &format!("/tickets/{number}/escalate"), &typed).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("The ticket is resolved. Reopen it first.");
    refused.shows("readonly");
    refused.shows("They called twice</textarea>");
}

#[tokio::test]
async fn a_form_without_a_key_is_not_taken() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let fields = [("body".to_owned(), "Hello".to_owned()), ("version".to_owned(), "1".to_owned())];
    let page = desk.post(&format!("/tickets/{number}/note"), &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.shows("This page is too old. Send again.");
    page.shows("Hello</textarea>");
}

#[tokio::test]
async fn what_is_no_form_gets_a_page_that_says_so() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/note");
    let json =
        Request::post(&address).header(header::CONTENT_TYPE, "application/json").body(Body::from("{}"));
    let page = desk.send(json.unwrap()).await;
    assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    page.shows("What was sent is not of a type that is taken here.");
    let huge = [("body".to_owned(), "x".repeat(100_000))];
    let page = desk.post(&address, &huge).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.shows("What was sent is too large.");
    assert_eq!(desk.post(&format!("/tickets/{number}/explode"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        desk.post("/tickets/99/set-open", &[("key".into(), "k".into())]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_address_of_a_form_leads_back_to_the_ticket() {
    let desk = Desk::open().await;
    let page = desk.get("/tickets/5/reply").await;
    assert_eq!(
        (page.status, page.headers[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/tickets/5")
    );
    assert_eq!(desk.get("/tickets/5/explode").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_resolution_without_anybody_is_offered_only_for_spam_and_duplicates() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = shown(&desk, number).await;
    let form = page.form(&format!("/tickets/{number}/resolve"));
    assert!(form.contains("value=\"spam\"") && !form.contains("value=\"solved\""), "{form}");
    does(&desk, number, "resolve", &[("resolution", "spam")]).await.shows("local resolved it: Spam");
}

#[tokio::test]
async fn a_draft_is_in_the_editor_when_the_page_is_opened_again_until_it_is_sent() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let draft = [("body", "Dear <Noor>"), ("then", "draft")];
    let page = does(&desk, number, "reply", &draft).await;
    page.shows("Your draft is saved.");
    page.shows("Dear &#60;Noor&#62;</textarea>");
    assert_eq!(desk.state(number).await.version.0, 1, "a draft is no event");
    shown(&desk, number).await.shows("Dear &#60;Noor&#62;</textarea>");
    // An auditor has none, and nobody sees another one's.
    desk.get_as("auditor", &format!("/tickets/{number}")).await.hides("Dear");
    does(&desk, number, "note", &[("body", "Ask Omar"), ("then", "draft")])
        .await
        .shows("Ask Omar</textarea>");
    let page = does(&desk, number, "reply", &[("body", "Dear Noor, done")]).await;
    page.shows(">Dear Noor, done</div>");
    page.hides("Dear &#60;Noor&#62;");
    page.shows("Ask Omar</textarea>");
    let page = does(&desk, number, "note", &[("body", " "), ("then", "draft")]).await;
    page.shows("Your draft is discarded.");
    page.hides("Ask Omar");
}

#[tokio::test]
async fn a_draft_that_was_saved_in_another_window_is_shown_beside_what_was_typed() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/reply");
    let (here, there) = (shown(&desk, number).await, shown(&desk, number).await);
    desk.follow(&desk.submit(&here, &address, &[("body", "Here"), ("then", "draft")]).await).await;
    // An empty text throws away what its window has seen, and nothing else.
    let emptied = desk.submit(&there, &address, &[("body", ""), ("then", "draft")]).await;
    assert_eq!(emptied.status, StatusCode::CONFLICT);
    emptied.shows("\nHere</textarea>");
    let refused = desk.submit(&there, &address, &[("body", "There"), ("then", "draft")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("What is saved as your draft");
    refused.shows("\nHere</textarea>");
    refused.shows("\nThere</textarea>");
    let both = desk.submit(&refused, &address, &[("body", "Here and there"), ("then", "draft")]).await;
    desk.follow(&both).await.shows("\nHere and there</textarea>");
    // The reply that was sent in one window leaves what was saved since in the other.
    let sent = desk.submit(&here, &address, &[("body", "Here")]).await;
    desk.follow(&sent).await.shows("\nHere and there</textarea>");
}

#[tokio::test]
async fn a_template_is_inserted_behind_what_was_typed_and_told_with_the_reply() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/reply");
    let page = shown(&desk, number).await;
    page.shows("<option value=\"password-reset\">Password Reset</option>");
    let typed = [("body", "One moment."), ("template", "password-reset"), ("then", "insert")];
    let inserted = desk.submit(&page, &address, &typed).await;
    assert_eq!(inserted.status, StatusCode::OK);
    inserted.shows("\nOne moment.\n\nHello Noor Haddad,");
    inserted.shows("Written from the template Password Reset");
    assert_eq!(desk.state(number).await.version.0, 1, "nothing is recorded yet");
    // Another one that was chosen since and not inserted is not what was written from.
    let used =
        [("body", "Hello, edited"), ("template", "billing-inquiry"), ("from_template", "password-reset")];
    let sent = desk.follow(&desk.submit(&inserted, &address, &used).await).await;
    sent.shows(">Hello, edited</div>");
    sent.shows("password-reset");
    assert_eq!(desk.state(number).await.version.0, 3);
    // Whoever says that it is no more from the template is believed.
    let inserted = desk.submit(&shown(&desk, number).await, &address, &typed).await;
    let own = [("body", "My own words"), ("template", "password-reset")];
    desk.follow(&desk.submit(&inserted, &address, &own).await).await;
    assert_eq!(desk.state(number).await.version.0, 4);
    let none = [("body", "Kept"), ("template", ""), ("then", "insert")];
    let refused = desk.submit(&shown(&desk, number).await, &address, &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("Kept</textarea>");
}

#[tokio::test]
async fn every_team_that_is_configured_is_offered_and_so_is_every_category() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    for path in ["teams", "intake-categories", "resolution-categories", "escalation-reasons"] {
        let mut content = serde_json::json!({ "label": { "en": "Legal & tax", "es": "Legal e impuestos" } });
        if path == "resolution-categories" {
            content["needs_assignee"] = serde_json::json!(false);
        }
        let body = serde_json::json!({ "content": content, "reason": "as agreed" }).to_string();
        let request = Request::post(format!("/api/v1/settings/{path}/legal/publish"))
            .header("docket-role", "admin")
            .header("content-type", "application/json");
        let published = desk.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(published.status, StatusCode::OK, "{}", published.html);
    }
    let retire = Request::post("/api/v1/settings/intake-categories/other/retire")
        .header("docket-role", "admin")
        .header("content-type", "application/json");
    let retired = desk.send(retire.body(Body::from(r#"{"reason":"x"}"#)).unwrap()).await;
    assert_eq!(retired.status, StatusCode::OK, "{}", retired.html);
    for (language, label) in [("en", "Legal &#38; tax"), ("es", "Legal e impuestos")] {
        let page = desk.get(&format!("/tickets/{number}?lang={language}")).await;
        for action in ["change-team", "change-category", "resolve", "escalate"] {
            let form = page.form(&format!("/tickets/{number}/{action}"));
            assert!(form.contains(&format!("<option value=\"legal\">{label}</option>")), "{action}: {form}");
        }
        let form = page.form(&format!("/tickets/{number}/change-category"));
        assert!(!form.contains("value=\"other\""), "{form}");
    }
    does(&desk, number, "change-team", &[("to", "legal")]).await;
    assert_eq!(desk.state(number).await.team.unwrap().as_str(), "legal");
    // What is not configured is refused by the rules, with what was typed.
    does(&desk, number, "assign", &[("to", "ines")]).await;
    let page = desk.get(&format!("/tickets/{number}")).await;
    let typed = [("resolution", "magic"), ("notes", "Kept")];
    let refused = desk.submit(&page, &format!("/tickets/{number}/resolve"), &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("There is no such resolution category.");
    refused.shows("Kept</textarea>");
    does(&desk, number, "resolve", &[("resolution", "legal")]).await;
}

#[tokio::test]
async fn a_ticket_is_laid_aside_until_a_day_and_a_time_in_the_zone_that_the_page_names() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    for (language, zone) in
        [("en", "Or until a day and a time (UTC)"), ("es", "O hasta un día y una hora (UTC)")]
    {
        let page = desk.get(&format!("/tickets/{number}?lang={language}")).await;
        let form = page.form(&format!("/tickets/{number}/snooze"));
        assert!(form.contains(zone) && form.contains("type=\"datetime-local\""), "{form}");
    }
    let page = desk.get(&format!("/tickets/{number}")).await;
    let address = format!("/tickets/{number}/snooze");
    for (until, why) in [
        ("2026-11-20T08:00", "Choose an instant in the future"),
        ("soon", "Give a day and a time."),
        ("", "Choose for how long, or give a day and a time."),
    ] {
        let refused = desk.submit(&page, &address, &[("to", ""), ("until", until)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{until}");
        refused.shows(why);
        refused.shows(&format!("name=\"until\" value=\"{until}\""));
    }
    does(&desk, number, "snooze", &[("to", ""), ("until", "2026-11-30T08:15")]).await;
    let until = desk.state(number).await.snoozed_until.unwrap();
    assert_eq!(until.to_rfc3339(), "2026-11-30T08:15:00Z");
}

#[tokio::test]
async fn what_sorts_a_ticket_says_what_is_wrong_with_it() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = desk.get(&format!("/tickets/{number}")).await;
    for (action, typed, en, es) in [
        (
            "set-field",
            [("reason", "Order №"), ("to", "A-4711")],
            "The name of a field is made",
            "El nombre de un campo",
        ),
        (
            "tag",
            [("to", "vip new"), ("reason", "VIP")],
            "One tag stands in both fields",
            "Una etiqueta está en ambos campos",
        ),
    ] {
        for (language, said) in [("en", en), ("es", es)] {
            let address = format!("/tickets/{number}/{action}");
            let mut fields = page.hidden(&address);
            fields.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
            let refused = desk.post(&format!("{address}?lang={language}"), &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            refused.shows(said);
            refused.shows(typed[0].1);
        }
    }
    assert_eq!(desk.state(number).await.version.0, 1);
}

#[tokio::test]
async fn what_a_customer_said_of_a_sealed_ticket_leads_to_the_one_that_it_opens() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    does(&desk, number, "resolve", &[("resolution", "spam")]).await;
    does(&desk, number, "seal", &[]).await;
    let page = desk.get(&format!("/tickets/{number}")).await;
    let address = format!("/tickets/{number}/customer-reply");
    let sent = desk.submit(&page, &address, &[("body", "She called again")]).await;
    let again = desk.submit(&page, &address, &[("body", "She called again")]).await;
    assert_eq!(sent.headers["location"], again.headers["location"]);
    let new = desk.follow(&sent).await;
    new.shows("<h1><span class=\"num\">2</span>");
    new.shows(">She called again</div>");
    new.shows("<a href=\"/tickets/1\">");
}

#[tokio::test]
async fn whoever_takes_tickets_says_on_the_queue_whether_they_are_there() {
    let desk = Desk::open().await;
    let set = async |role: &str, fields: &str| {
        let request = Request::post("/availability")
            .header("docket-actor", "ines")
            .header("docket-role", role)
            .header("content-type", "application/x-www-form-urlencoded");
        desk.send(request.body(Body::from(fields.to_owned())).unwrap()).await
    };
    let seen = async |language: &str, more: &str| {
        let request =
            Request::get(format!("/queue?lane=open&lang={language}{more}")).header("docket-actor", "ines");
        desk.send(request.header("docket-role", "agent").body(Body::empty()).unwrap()).await
    };
    // Somebody who does not work here is not asked, and is told so where they say it all the same.
    seen("en", "").await.hides("action=\"/availability\"");
    assert_eq!(set("agent", "to=away").await.status, StatusCode::NOT_FOUND);
    let name = Line::new("Ines").unwrap();
    let teams = BTreeSet::from([Slug::new("billing").unwrap()]);
    let role = Role::Agent;
    let action =
        StaffAction::Add { name, role, teams, not_in_force: BTreeSet::new(), language: Language::En };
    let command =
        StaffCommand { actor: Actor::system("test"), member: ActorId::new("ines").unwrap(), action };
    desk.app.change_staff(command, None).await.unwrap();
    for (language, label, away) in
        [("en", "Your availability", "away"), ("es", "Tu disponibilidad", "ausente")]
    {
        let page = seen(language, "").await;
        let form = page.form("/availability");
        assert!(form.contains(label) && form.contains("<option value=\"offline\" selected>"), "{form}");
        assert!(form.contains(&format!("<option value=\"away\">{away}</option>")), "{form}");
    }
    let told = [
        (Availability::Online, "online", "en línea"),
        (Availability::TransfersOnly, "takes only what is handed over", "solo recibe lo que le pasan"),
        (Availability::Offline, "offline", "sin conexión"),
        (Availability::Away, "away", "ausente"),
    ];
    assert_eq!(
        BTreeSet::from(told.map(|(is, ..)| is.as_str())),
        Availability::ALL.map(Availability::as_str).into()
    );
    for (is, en, es) in told {
        let name = is.as_str();
        let sent = set("agent", &format!("to={name}&lane=open")).await;
        assert_eq!(sent.headers["location"], "/queue?lane=open&done=availability");
        for (language, said) in
            [("en", format!("Your availability: {en}.")), ("es", format!("Tu disponibilidad: {es}."))]
        {
            let page = seen(language, "&done=availability").await;
            page.shows(&format!("<p class=\"notice good\" role=\"status\">{said}</p>"));
            assert!(page.form("/availability").contains(&format!("<option value=\"{name}\" selected>")));
        }
    }
    let agent = desk.app.agents.read(&ActorId::new("ines").unwrap()).await.unwrap().1;
    assert_eq!(agent.availability, Availability::Away);
    assert_eq!(set("agent", "to=asleep&lane=open").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("auditor", "to=online").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        agent.availability,
        desk.app.agents.read(&ActorId::new("ines").unwrap()).await.unwrap().1.availability
    );
}
