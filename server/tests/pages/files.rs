//! Files that come with what is written on a ticket's page, without a script.

use super::desk::{Desk, NewFile, Page};
use axum::http::StatusCode;
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::staff::{StaffAction, StaffCommand};
use docket_core::store::operational::Kind;
use docket_core::text::Line;
use docket_core::ticket::event::{Language, Priority};
use docket_server::uploads::FILE_BYTES_MAX;
use std::collections::BTreeSet;

fn picture(name: &'static str) -> NewFile {
    NewFile { name, kind: "image/png", content: [b"\x89PNG\r\n\x1a\n", name.as_bytes()].concat() }
}

async fn shown(desk: &Desk, number: TicketNumber) -> Page {
    let page = desk.get(&format!("/tickets/{number}")).await;
    assert_eq!(page.status, StatusCode::OK);
    page
}

/// Sends a form of the ticket as it is shown, with files.
async fn sends(desk: &Desk, number: TicketNumber, action: &str, body: &str, files: &[NewFile]) -> Page {
    let page = shown(desk, number).await;
    desk.upload(&page, &format!("/tickets/{number}/{action}"), &[("body", body)], files).await
}

/// The files that a form still holds, as it would send them again.
fn kept(page: &Page, address: &str) -> Vec<(String, String)> {
    let boxes = page.form(address).split("name=\"attachment\" value=\"").skip(1);
    boxes.map(|rest| ("attachment".to_owned(), rest.split('"').next().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn files_come_with_a_reply_a_note_and_what_a_customer_said_and_are_listed_under_it() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    for (action, body, name) in [
        ("reply", "As you see", "año nº 1.png"),
        ("note", "Seen before", "note.png"),
        ("customer-reply", "By phone", "phone.png"),
    ] {
        let page = desk.follow(&sends(&desk, number, action, body, &[picture(name)]).await).await;
        page.shows(&format!(">{body}</div>"));
        let (_, message) = page.html.split_once(&format!(">{body}</div>")).unwrap();
        let listed = message.split("</article>").next().unwrap();
        assert!(listed.contains(&format!("<bdi>{name}</bdi></a>")) && listed.contains("bytes"), "{listed}");
        let address = listed.split("<a href=\"").nth(1).unwrap().split('"').next().unwrap();
        let saved = desk.send_raw(address).await;
        assert_eq!(saved, picture(name).content, "{action}");
    }
    let internal: Vec<bool> =
        desk.state(number).await.memory.attachments.values().map(|file| file.public_name.is_none()).collect();
    assert_eq!(internal.iter().filter(|internal| **internal).count(), 1, "the note's");
}

/// The title of a problem in the texts of a language.
fn title(texts: &'static str, code: &str) -> &'static str {
    let start = format!("problem-{code} = ");
    texts.lines().find_map(|line| line.strip_prefix(&start)).unwrap()
}

#[tokio::test]
async fn a_file_that_comes_with_what_is_no_message_stops_it_and_says_where_files_go() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/change-priority");
    for (language, texts) in
        [("en", include_str!("../../locales/en/main.ftl")), ("es", include_str!("../../locales/es/main.ftl"))]
    {
        let page = shown(&desk, number).await;
        let address = format!("{address}?lang={language}");
        let refused = desk.upload(&page, &address, &[("to", "urgent")], &[picture("a.png")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows(title(texts, "no-message-to-attach-to"));
        assert_eq!(desk.state(number).await.version.0, 1, "nothing was done without it");
    }
    let page = shown(&desk, number).await;
    desk.upload(&page, &address, &[("to", "urgent")], &[]).await;
    assert_eq!(desk.state(number).await.priority, Some(Priority::Urgent));
}

#[tokio::test]
async fn a_form_with_a_choice_of_no_file_is_a_form_without() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let nothing = NewFile { name: "", kind: "application/octet-stream", content: Vec::new() };
    let sent = sends(&desk, number, "reply", "Hello", &[nothing]).await;
    desk.follow(&sent).await.shows(">Hello</div>");
    assert_eq!(desk.state(number).await.version.0, 2);
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_told_by_its_name_and_neither_text_nor_other_files_are_lost() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/reply");
    let large = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; FILE_BYTES_MAX as usize]].concat();
    let cases = [
        (
            "x.exe",
            "application/x-msdownload",
            b"MZ".to_vec(),
            415,
            "x.exe: Files of this type are not taken.",
        ),
        ("x.png", "image/png", Vec::new(), 422, "x.png: The file is empty."),
        ("x.png", "image/png", b"GIF89a".to_vec(), 422, "x.png: The file is not what it is said to be."),
        ("x.png", "image/png", large, 413, "x.png: The file is too large."),
    ];
    for (name, kind, content, status, why) in cases {
        let bad = NewFile { name, kind, content };
        let refused = sends(&desk, number, "reply", "Typed <it>", &[picture("good.png"), bad]).await;
        assert_eq!(refused.status.as_u16(), status, "{why}");
        refused.shows(why);
        refused.shows("Typed &#60;it&#62;</textarea>");
        assert_eq!(kept(&refused, &address).len(), 1, "{}", refused.form(&address));
        refused.shows("good.png");
        assert_eq!(desk.state(number).await.version.0, 1, "nothing was sent");
        assert_eq!(desk.incoming(), 0, "nothing of it is left");
    }
    let spanish = shown(&desk, number).await;
    let bad = NewFile { name: "x.png", kind: "image/png", content: Vec::new() };
    let refused = desk.upload(&spanish, &format!("{address}?lang=es"), &[("body", "Hola")], &[bad]).await;
    refused.shows("El archivo está vacío.");
    // Sent again with what the page kept, the file comes with it and is not sent again.
    let again = sends(&desk, number, "reply", "Typed", &[picture("good.png"), picture("good.png")]).await;
    desk.follow(&again).await.shows("good.png");
    assert_eq!(desk.state(number).await.memory.attachments.len(), 1);
}

/// How many files wait for their message.
fn waiting(desk: &Desk) -> usize {
    desk.app.operational.all(Kind::Upload).unwrap().len()
}

#[tokio::test]
async fn a_form_of_too_many_files_keeps_its_text_and_ten_and_says_so() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/reply");
    for (count, language, why) in [
        (11, "en", "At most ten files come with one message."),
        (90, "es", "Con un mensaje llegan diez archivos como mucho."),
    ] {
        let page = shown(&desk, number).await;
        let file = |of: u32| NewFile {
            content: [picture("").content, of.to_be_bytes().into()].concat(),
            ..picture("n.png")
        };
        let files: Vec<NewFile> = (0..count).map(file).collect();
        let here = format!("{address}?lang={language}");
        let refused = desk.upload(&page, &here, &[("body", "Typed <it>")], &files).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows(&format!("n.png: {why}"));
        refused.shows("Typed &#60;it&#62;</textarea>");
        assert_eq!(kept(&refused, &address).len(), 10);
        assert_eq!((waiting(&desk), desk.incoming()), (10, 0), "those that are too many wait for nothing");
        assert_eq!(desk.state(number).await.version.0, 1);
    }
}

#[tokio::test]
async fn the_same_file_by_two_names_is_not_passed_over_without_a_word() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/note");
    let twin = |name| NewFile { name, ..picture("a.png") };
    let refused = sends(&desk, number, "note", "Typed", &[twin("a.png"), twin("b.png")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("b.png");
    refused.shows("It is the same file as");
    refused.shows("Typed</textarea>");
    let again = kept(&refused, &address);
    assert_eq!((again.len(), waiting(&desk)), (1, 1));
    let typed = [("body", "Typed"), ("attachment", again[0].1.as_str())];
    let sent = desk.follow(&desk.upload(&refused, &address, &typed, &[]).await).await;
    sent.shows("<bdi>a.png</bdi></a>");
    // By one name it is sent twice by mistake.
    let sent = sends(&desk, number, "note", "Twice", &[twin("a.png"), twin("a.png")]).await;
    desk.follow(&sent).await.shows(">Twice</div>");
}

#[tokio::test]
async fn a_name_that_cannot_be_taken_is_told_as_such() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    for (language, why) in [("en", "Rename the file"), ("es", "Cambia el nombre del archivo")] {
        let page = shown(&desk, number).await;
        let address = format!("/tickets/{number}/note?lang={language}");
        let refused = desk.upload(&page, &address, &[("body", "Typed")], &[picture("docs/a.png")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows(why);
        refused.shows("Typed</textarea>");
    }
    assert_eq!(waiting(&desk), 0);
}

#[tokio::test]
async fn files_that_no_form_holds_any_more_do_not_wait() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/note");
    // Left out of the form that had kept them.
    let refused = sends(&desk, number, "note", " ", &[picture("a.png"), picture("b.png")]).await;
    let both = kept(&refused, &address);
    assert_eq!((both.len(), waiting(&desk)), (2, 2));
    let typed = [("body", "Typed"), ("attachment", both[1].1.as_str())];
    let sent = desk.follow(&desk.upload(&refused, &address, &typed, &[]).await).await;
    sent.shows("<bdi>b.png</bdi></a>");
    sent.hides("a.png");
    assert_eq!(waiting(&desk), 1, "what came with the note");
    // Sent with what is no message.
    let page = shown(&desk, number).await;
    let priority = format!("/tickets/{number}/change-priority");
    desk.upload(&page, &priority, &[("to", "urgent")], &[picture("c.png")]).await;
    assert_eq!(waiting(&desk), 1);
    // Sent with a form that breaks off.
    let cut = "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"d.txt\"\r\nContent-Type: text/plain\r\n\r\n\
         whole\r\n--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nHel";
    let cut = desk.send_form(&address, "multipart/form-data; boundary=x", cut).await;
    assert_eq!((cut.status, waiting(&desk), desk.incoming()), (StatusCode::BAD_REQUEST, 1, 0));
}

#[tokio::test]
async fn what_stops_keeps_the_files_and_sends_them_with_the_next_try() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/reply");
    let page = shown(&desk, number).await;
    desk.customer_writes(number, "It works again!").await;
    let moved = desk.upload(&page, &address, &[("body", "Look")], &[picture("a.png")]).await;
    assert_eq!(moved.status, StatusCode::PRECONDITION_FAILED);
    moved.shows("Look</textarea>");
    let again = kept(&moved, &address);
    assert_eq!(again.len(), 1);
    let typed = [("body", "Look"), ("attachment", again[0].1.as_str())];
    let sent = desk.upload(&moved, &address, &typed, &[picture("b.png")]).await;
    let page = desk.follow(&sent).await;
    page.shows("<bdi>a.png</bdi></a>");
    page.shows("<bdi>b.png</bdi></a>");
    // One that nobody has sent is not theirs, whatever the form says.
    let forged = [("body", "Look"), ("attachment", &*"0".repeat(64))];
    let refused = desk.upload(&page, &format!("/tickets/{number}/note"), &forged, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("You have sent no such file lately");
}

#[tokio::test]
async fn a_form_with_files_that_is_sent_twice_acts_once_and_with_other_files_it_is_another() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let page = shown(&desk, number).await;
    let address = format!("/tickets/{number}/note");
    let send = |files: Vec<NewFile>| {
        let (desk, page, address) = (&desk, &page, &address);
        async move { desk.upload(page, address, &[("body", "Hello")], &files).await }
    };
    let first = send(vec![picture("a.png")]).await;
    let second = send(vec![picture("a.png")]).await;
    assert_eq!(first.headers["location"], second.headers["location"]);
    let version = desk.state(number).await.version;
    send(vec![picture("b.png")]).await.shows("This form was sent before with other words");
    assert_eq!(desk.state(number).await.version, version);
}

#[tokio::test]
async fn a_draft_and_a_template_leave_the_files_in_the_form() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/reply");
    for then in ["draft", "insert"] {
        let page = shown(&desk, number).await;
        let typed = [("body", "Begun"), ("then", then), ("template", "password-reset")];
        let page = desk.upload(&page, &address, &typed, &[picture("a.png")]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        page.shows("Begun");
        assert_eq!(kept(&page, &address).len(), 1, "{then}");
        if then == "draft" {
            page.shows("Your draft is saved.");
            let fields = [kept(&page, &address), vec![("body".to_owned(), "Begun".to_owned())]].concat();
            let typed: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let sent = desk.follow(&desk.upload(&page, &address, &typed, &[]).await).await;
            sent.shows("<bdi>a.png</bdi></a>");
            sent.hides("Begun</textarea>");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_cut_off_or_too_large_gets_a_page_that_says_so() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    let address = format!("/tickets/{number}/note");
    let kind = "multipart/form-data; boundary=x";
    let cut = desk
        .send_form(&address, kind, "--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nHel")
        .await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
    let unbounded = desk.send_form(&address, "multipart/form-data", "x").await;
    assert_eq!(unbounded.status, StatusCode::BAD_REQUEST);
    let long = "x".repeat(300_000);
    let page = shown(&desk, number).await;
    let large = desk.upload(&page, &address, &[("body", &long)], &[]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    large.shows("What was sent is too large.");
    assert_eq!(desk.state(number).await.version.0, 1);
}

#[tokio::test]
async fn an_escalation_offers_where_somebody_would_take_it_with_what_they_have_on_their_hands() {
    let desk = Desk::open().await;
    let number = desk.ticket("A subject", "A message").await;
    // While nobody was ever added to the staff, names are believed.
    let form = shown(&desk, number).await.form(&format!("/tickets/{number}/escalate")).to_owned();
    assert!(form.contains("<input name=\"supervisor\""), "{form}");
    for (id, role, team) in [
        ("alma", Role::Admin, None),
        ("lena", Role::Supervisor, Some("account")),
        ("ines", Role::Agent, Some("billing")),
    ] {
        let teams: BTreeSet<Slug> = team.map(|team| Slug::new(team).unwrap()).into_iter().collect();
        let name = Line::new(format!("{id} surname")).unwrap();
        let action =
            StaffAction::Add { name, role, teams, not_in_force: BTreeSet::new(), language: Language::En };
        let member = ActorId::new(id).unwrap();
        let command = StaffCommand { actor: Actor::system("test"), member, action };
        desk.app.change_staff(command, None).await.unwrap();
    }
    desk.caught_up().await;
    for (language, team, person) in [
        ("en", "Account: 0 of 1 there, load 0 of ", "lena surname: offline, load 0 of "),
        ("es", "Cuentas: 0 de 1 disponibles, carga 0 de ", "lena surname: sin conexión, carga 0 de "),
    ] {
        let page = desk.get(&format!("/tickets/{number}?lang={language}")).await;
        let form = page.form(&format!("/tickets/{number}/escalate"));
        assert!(form.contains(team) && form.contains(person), "{form}");
        assert!(!form.contains("value=\"billing\"") && !form.contains("value=\"technical\""), "{form}");
    }
    let page = shown(&desk, number).await;
    let typed = [("reason", "complaint"), ("to", ""), ("supervisor", "lena"), ("context", "Angry")];
    let sent = desk.submit(&page, &format!("/tickets/{number}/escalate"), &typed).await;
    desk.follow(&sent).await.shows("Escalated: Complaint");
    assert_eq!(desk.state(number).await.assignee.unwrap().as_str(), "lena");
}
