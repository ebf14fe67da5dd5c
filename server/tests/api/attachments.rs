//! Files: taken whole or not at all, theirs who sent them, seen by whoever sees the message, and kept as they were.

use super::call::Call;
use super::customer_access::{customer, shown};
use super::desk::{Desk, opening};
use super::letting_in::{guarded, hired};
use axum::body::{Body, Bytes};
use docket_core::actor::Role;
use docket_core::names::FileDigest;
use docket_core::store::operational::{Change, Kind};
use docket_core::time::DurationMs;
use docket_server::uploads::{UPLOAD_BYTES_OF_PERSON_MAX, UPLOAD_LASTS, UPLOADS_OF_PERSON_MAX};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A picture, as far as anybody looks.
pub(crate) fn picture(of: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".as_slice(), of.as_bytes()].concat()
}

pub(crate) fn send<'a>(desk: &'a Desk, name: &str, kind: &str, content: impl Into<Body>) -> Call<'a> {
    sent_to(desk, "/api/v1/attachments", name, kind, content)
}

fn send_mine<'a>(desk: &'a Desk, name: &str, content: impl Into<Body>) -> Call<'a> {
    sent_to(desk, "/api/v1/my/attachments", name, "image/png", content)
}

fn sent_to<'a>(desk: &'a Desk, at: &str, name: &str, kind: &str, content: impl Into<Body>) -> Call<'a> {
    let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    desk.post(format!("{at}?name={name}")).header("content-type", kind).raw(content.into())
}

/// Sends a picture; returns its digest.
async fn sent(desk: &Desk, of: &str) -> String {
    let sent = send(desk, &format!("{of}.png"), "image/png", picture(of)).await.ok(201);
    sent["digest"].as_str().unwrap().to_owned()
}

fn with(body: &str, digests: &[&str]) -> Value {
    let files: Vec<_> = digests.iter().map(|digest| json!({ "digest": digest })).collect();
    json!({ "body": body, "attachments": files })
}

fn file(ticket: u64, digest: &str) -> String {
    format!("/api/v1/tickets/{ticket}/attachments/{digest}")
}

fn my_file(ticket: u64, digest: &str) -> String {
    format!("/api/v1/my/tickets/{ticket}/attachments/{digest}")
}

/// Where a file lies.
fn path(desk: &Desk, digest: &str) -> PathBuf {
    desk.directory().join("attachments").join(&digest[..2]).join(digest)
}

/// What is left of files that are coming in.
fn left(desk: &Desk) -> usize {
    std::fs::read_dir(desk.directory().join("attachments/incoming")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_with_a_message_and_is_read_again_as_it_was_sent() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let content = picture(&"x".repeat(700_000));
    let name = "captura \"año\" nº 1.png";
    let sent = send(&desk, name, "image/png; x=y", content.clone()).await.ok(201);
    let digest = sent["digest"].as_str().unwrap();
    let is = json!({
        "digest": digest, "name": name, "media_type": "image/png", "bytes": content.len(),
        "expires_at": desk.app.now().plus(UPLOAD_LASTS).to_rfc3339(),
    });
    assert_eq!(sent, is);
    let before = desk.head();
    let reply = json!({ "body": "As you see.", "then_pending": true, "attachments": [{ "digest": digest }] });
    desk.done(1, "reply", reply).await;
    let events = desk.events_after(before).await;
    assert_eq!(
        events,
        ["ticket-1 ticket.replied", "ticket-1 ticket.attached", "ticket-1 ticket.set_pending"]
    );
    let log = desk.log().await;
    let attached = json!({
        "message": log[before as usize]["data"]["message"], "digest": digest, "name": name,
        "media_type": "image/png", "bytes": content.len(),
    });
    assert_eq!(log[before as usize + 1]["data"], attached);
    let listed = json!({ "digest": digest, "name": name, "media_type": "image/png", "bytes": content.len() });
    let timeline = desk.read("/api/v1/tickets/1/timeline").await;
    assert_eq!(timeline["entries"][2]["file"], listed);
    let mine = desk.get(format!("/api/v1/my/tickets/1?at_least={}", desk.head())).by("noor", "customer");
    assert_eq!(mine.await.ok(200)["messages"][1]["files"], json!([listed]));
    for call in [desk.get(file(1, digest)), desk.get(my_file(1, digest)).by("noor", "customer")] {
        let read = call.await;
        assert_eq!((read.status, &read.bytes), (200, &Bytes::from(content.clone())));
        for (header, value) in [
            ("content-type", "image/png"),
            ("content-length", content.len().to_string().as_str()),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cache-control", "private, no-store"),
        ] {
            assert_eq!(read.header(header), Some(value), "{header}");
        }
        let saved_as = read.header("content-disposition").unwrap();
        assert!(saved_as.starts_with("attachment; filename=\"captura "), "{saved_as}");
        assert!(
            saved_as.ends_with("filename*=UTF-8''captura%20%22a%C3%B1o%22%20n%C2%BA%201.png"),
            "{saved_as}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_with_an_opening_a_note_and_what_a_customer_says() {
    let desk = Desk::open().await;
    let digest = sent(&desk, "one").await;
    let mut fields = opening();
    fields["attachments"] = json!([{ "digest": digest, "name": "renamed.png" }]);
    desk.post("/api/v1/tickets").json(&fields).await.ok(201);
    assert_eq!(desk.log().await[1]["data"].get("message"), None);
    desk.done(1, "note", with("Seen", &[&sent(&desk, "two").await])).await;
    desk.done(1, "customer-reply", with("By phone", &[&sent(&desk, "three").await])).await;
    let mine = send_mine(&desk, "mine.png", picture("mine")).by("noor", "customer").await.ok(201);
    let reply = desk.post("/api/v1/my/tickets/1/reply").by("noor", "customer");
    reply.json(&with("Look", &[mine["digest"].as_str().unwrap()])).await.ok(200);
    let named: Vec<_> = desk
        .log()
        .await
        .iter()
        .filter_map(|event| event["data"]["name"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(named, ["renamed.png", "two.png", "three.png", "mine.png"]);
    let internal: Vec<_> = desk.log().await.iter().map(|event| event["data"]["internal"] == true).collect();
    assert_eq!(internal.iter().filter(|internal| **internal).count(), 1);
    // A message to a closed ticket opens another, and its files go with it.
    desk.done(1, "resolve", json!({ "resolution": "spam" })).await;
    desk.done(1, "seal", json!({})).await;
    let late = send_mine(&desk, "late.png", picture("late")).by("noor", "customer").await.ok(201);
    let late = late["digest"].as_str().unwrap();
    let reply = desk.post("/api/v1/my/tickets/1/reply").by("noor", "customer");
    let followed = reply.json(&with("Again", &[late])).await.ok(201);
    let next = followed["ticket"].as_u64().unwrap();
    assert_eq!(desk.get(my_file(next, late)).by("noor", "customer").await.status, 200);
    let own = json!({ "subject": "x", "body": "y", "attachments": [{ "digest": late }] });
    desk.post("/api/v1/my/tickets").by("noor", "customer").json(&own).await.ok(201);
}

/// Files that are not taken: what is sent, its status and code, and words of the title in English and Spanish.
fn not_taken(desk: &Desk) -> Vec<(Call<'_>, u16, &'static str, [&'static str; 2])> {
    let png = |content: Vec<u8>| send(desk, "a.png", "image/png", content);
    let broken = || {
        let pieces: [Result<Bytes, std::io::Error>; 2] =
            [Ok(picture("half").into()), Err(std::io::Error::other("the line was cut"))];
        Body::from_stream(futures_util::stream::iter(pieces))
    };
    let pieces = || {
        let pieces = (0..11).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 100])));
        Body::from_stream(futures_util::stream::iter(pieces))
    };
    let exe = b"MZ\x90\0\x03".to_vec();
    let empty = ["is empty", "vacío"];
    let cut = ["broke off", "se cortó"];
    let large = ["too large", "demasiado grande"];
    let kind = ["of this type", "este tipo"];
    let differs = ["is not what", "no es lo que"];
    let utf_8 = ["Save it as UTF-8", "Guárdalo como UTF-8"];
    let (media_type, invalid) = (["not of a type", "no es de un tipo"], ["cannot be taken", "no se admite"]);
    vec![
        (png(Vec::new()), 422, "attachment-empty", empty),
        (png(Vec::new()).header("content-length", "0"), 422, "attachment-empty", empty),
        (send(desk, "a.png", "image/png", broken()), 400, "attachment-truncated", cut),
        (png(picture("short")).header("content-length", "900"), 400, "attachment-truncated", cut),
        (png(picture(&"x".repeat(993))), 413, "attachment-too-large", large),
        (png(picture("x")).header("content-length", "1001"), 413, "attachment-too-large", large),
        (send(desk, "a.txt", "text/plain", pieces()), 413, "attachment-too-large", large),
        (send(desk, "a.html", "text/html", "<p>"), 415, "attachment-type-not-allowed", kind),
        (send(desk, "a.svg", "image/svg+xml", "<svg/>"), 415, "attachment-type-not-allowed", kind),
        (desk.post("/api/v1/attachments?name=a").raw("x"), 415, "attachment-type-not-allowed", kind),
        (png(exe.clone()), 422, "attachment-type-differs", differs),
        (png(b"GIF89a".to_vec()), 422, "attachment-type-differs", differs),
        (send(desk, "a.txt", "text/plain", exe.clone()), 422, "attachment-type-differs", differs),
        (send(desk, "a.txt", "text/plain", "<!doctype html>"), 422, "attachment-type-differs", differs),
        (send(desk, "a.csv", "text/csv", b"A\xf1o,2026".to_vec()), 422, "attachment-not-utf-8", utf_8),
        (send(desk, "a.txt", "text/plain", b"\xff\xfea\0".to_vec()), 422, "attachment-not-utf-8", utf_8),
        (send(desk, "a.txt", "text/plain; charset=windows-1252", "x"), 422, "attachment-not-utf-8", utf_8),
        (
            send(desk, "a.xls", "application/vnd.ms-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()),
            415,
            "attachment-type-not-allowed",
            kind,
        ),
        (png(picture("x")).header("content-encoding", "gzip"), 415, "media-type", media_type),
        (send(desk, "../a", "image/png", picture("x")), 422, "invalid", invalid),
        (send(desk, "a\u{202e}gnp.exe", "image/png", picture("x")), 422, "invalid", invalid),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_or_not_what_it_is_said_to_be_is_refused_and_leaves_nothing_behind() {
    let desk = Desk::open().await.with(|app| app.file_bytes_max = 1000);
    for (language, place) in [("en", 0), ("es", 1)] {
        for (call, status, code, words) in not_taken(&desk) {
            let problem = call.header("accept-language", language).await.problem(status, code);
            assert!(problem["title"].as_str().unwrap().contains(words[place]), "{problem}");
            assert_eq!(left(&desk), 0, "{code}");
        }
    }
    assert_eq!(desk.app.operational.all(Kind::Upload).unwrap(), []);
    let there = std::fs::read_dir(desk.directory().join("attachments")).unwrap().count();
    assert_eq!(there, 1, "only the directory of what is coming in");
    // Exactly as much as may be is taken.
    send(&desk, "a.png", "image/png", picture(&"x".repeat(992))).await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_is_taken_by_the_names_that_browsers_have_for_it() {
    let desk = Desk::open().await;
    let zip = b"PK\x03\x04\0\0".to_vec();
    for (said, content, is) in [
        ("application/x-zip-compressed", zip, "application/zip"),
        ("application/vnd.ms-excel", b"a;b\r\n1;2\r\n".to_vec(), "text/csv"),
        ("text/x-csv", b"a,b".to_vec(), "text/csv"),
        ("image/jpg", b"\xff\xd8\xff\xe0".to_vec(), "image/jpeg"),
    ] {
        let sent = send(&desk, "a", said, content).await.ok(201);
        assert_eq!(sent["media_type"], is, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_waits_is_taken_back_by_whoever_sent_it() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let back = |digest: &str| desk.ask("DELETE", format!("/api/v1/attachments/{digest}"));
    let waits = || desk.app.operational.all(Kind::Upload).unwrap().len();
    let mut digests = Vec::new();
    for number in 0..UPLOADS_OF_PERSON_MAX {
        digests.push(sent(&desk, &number.to_string()).await);
    }
    let one_more = || send(&desk, "a.png", "image/png", picture("one more"));
    one_more().await.problem(409, "too-many-uploads");
    // Nobody else does, and a customer of the same name is somebody else.
    back(&digests[0]).by("omar", "agent").await.problem(404, "attachment-not-found");
    let mine = desk.ask("DELETE", format!("/api/v1/my/attachments/{}", digests[0])).by("local", "customer");
    mine.await.problem(404, "attachment-not-found");
    back("0").await.problem(404, "attachment-not-found");
    assert!(path(&desk, &digests[0]).is_file());
    assert_eq!(back(&digests[0]).await.ok(200), json!({ "taken_back": true }));
    assert!(!path(&desk, &digests[0]).exists() && waits() == UPLOADS_OF_PERSON_MAX - 1);
    back(&digests[0]).await.problem(404, "attachment-not-found");
    one_more().await.ok(201);
    desk.act(1, "note", with("x", &[&digests[0]])).await.problem(422, "unknown-attachment");
    // What a command that was refused had named waits until nobody can be about to record it, and is nobody's burden.
    desk.act(9, "note", with("x", &[&digests[1]])).await.problem(404, "ticket-not-found");
    assert_eq!(back(&digests[1]).await.ok(200), json!({ "taken_back": true }));
    back(&digests[1]).await.problem(404, "attachment-not-found");
    send(&desk, "b.png", "image/png", picture("two more")).await.ok(201);
    desk.act(1, "note", with("x", &[&digests[1]])).await.problem(422, "unknown-attachment");
    desk.pass(UPLOAD_LASTS);
    desk.app.sweep_uploads().await.unwrap();
    assert!(!path(&desk, &digests[1]).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_lost_to_nobody_else() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let back = |digest: &str| desk.ask("DELETE", format!("/api/v1/attachments/{digest}"));
    // What came with a message stays with it.
    let kept = sent(&desk, "kept").await;
    desk.done(1, "note", with("x", &[&kept])).await;
    back(&kept).await.problem(404, "attachment-not-found");
    sent(&desk, "kept").await;
    back(&kept).by("omar", "agent").await.problem(404, "attachment-not-found");
    assert_eq!(desk.get(file(1, &kept)).await.status, 200);
    // What two have sent is the other's still.
    let shared = sent(&desk, "shared").await;
    send(&desk, "b.png", "image/png", picture("shared")).by("omar", "agent").await.ok(201);
    back(&shared).await.ok(200);
    desk.act(1, "note", with("x", &[&shared])).by("omar", "agent").await.ok(200);
    assert_eq!(desk.get(file(1, &shared)).await.status, 200);
    // Of a message that is recorded it is not known here: sent again by somebody else, and taken back.
    send(&desk, "c.png", "image/png", picture("kept")).by("eva", "agent").await.ok(201);
    back(&kept).by("eva", "agent").await.ok(200);
    // And a customer theirs.
    let own = send_mine(&desk, "d.png", picture("own")).by("noor", "customer").await.ok(201);
    let own = own["digest"].as_str().unwrap();
    let call = || desk.ask("DELETE", format!("/api/v1/my/attachments/{own}"));
    call().by("eva", "customer").await.problem(404, "attachment-not-found");
    call().by("noor", "customer").await.ok(200);
    desk.pass(UPLOAD_LASTS);
    desk.app.sweep_uploads().await.unwrap();
    assert_eq!(desk.get(file(1, &kept)).await.status, 200);
    assert_eq!(desk.get(file(1, &shared)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_half_way_leaves_nothing_behind() {
    let desk = Desk::open().await;
    let (parts, body) = tokio::sync::mpsc::unbounded_channel::<Result<Bytes, std::io::Error>>();
    let stream =
        futures_util::stream::unfold(
            body,
            |mut body| async move { body.recv().await.map(|part| (part, body)) },
        );
    parts.send(Ok(picture(&"x".repeat(300 * 1024)).into())).unwrap();
    let sending =
        std::future::IntoFuture::into_future(send(&desk, "a.png", "image/png", Body::from_stream(stream)));
    let begun = async {
        while left(&desk) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        answer = sending => panic!("{answer:?}"),
        () = begun => {}
    }
    let gone = async {
        while left(&desk) > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::desk::PATIENCE, gone).await.unwrap();
    assert_eq!(desk.app.operational.all(Kind::Upload).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn knowing_a_digest_gives_nobody_the_file() {
    let desk = Desk::open().await;
    for _ in 0..2 {
        desk.ticket().await;
    }
    let digest = sent(&desk, "secret").await;
    let refused = desk.act(1, "note", with("x", &[&digest])).by("omar", "agent").await;
    refused.problem(422, "unknown-attachment");
    // Somebody of the staff who is called as the sender is and a customer of the same name are two.
    let own = desk.post("/api/v1/my/tickets/1/reply").by("local", "customer");
    let named =
        |digest: &str| json!({ "body": "y", "attachments": [{ "digest": digest, "name": "again.png" }] });
    own.json(&named(&digest)).await.problem(404, "ticket-not-found");
    for customer in ["noor", "local"] {
        let open = desk.post("/api/v1/my/tickets").by(customer, "customer");
        let fields =
            json!({ "subject": "x", "body": "y", "attachments": [{ "digest": digest, "name": "x" }] });
        open.json(&fields).await.problem(422, "unknown-attachment");
    }
    desk.get(file(1, &digest)).await.problem(404, "attachment-not-found");
    desk.done(1, "note", with("x", &[&digest])).await;
    // It is on this ticket now, for whoever works it, and on no other.
    desk.act(1, "note", with("y", &[&digest])).by("omar", "agent").await.problem(422, "unknown-attachment");
    let named =
        |digest: &str| json!({ "body": "y", "attachments": [{ "digest": digest, "name": "again.png" }] });
    desk.act(1, "note", named(&digest)).by("omar", "agent").await.ok(200);
    desk.act(2, "note", named(&digest)).by("omar", "agent").await.problem(422, "unknown-attachment");
    desk.get(file(2, &digest)).await.problem(404, "attachment-not-found");
    // What came with a note is nothing for its customer, whatever they name.
    let reply = || desk.post("/api/v1/my/tickets/1/reply").by("noor", "customer");
    reply().json(&named(&digest)).await.problem(422, "unknown-attachment");
    desk.get(my_file(1, &digest)).by("noor", "customer").await.problem(404, "attachment-not-found");
    // Until somebody shows it to them; what it was called in the note they are not told.
    let shown = json!({ "body": "z", "attachments": [{ "digest": digest, "name": "shown.png" }] });
    desk.done(1, "reply", shown).await;
    let read = desk.get(my_file(1, &digest)).by("noor", "customer").await;
    assert_eq!(read.status, 200);
    assert!(read.header("content-disposition").unwrap().contains("shown.png"), "{:?}", read.headers);
    reply().json(&named(&digest)).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_out_of_reach_with_its_ticket() {
    let desk = guarded().await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    let omar = hired(&desk, "omar", Role::Agent, &["technical"]).await;
    let sent = send(&desk, "a.png", "image/png", picture("a")).header("cookie", &ines).await.ok(201);
    let digest = sent["digest"].as_str().unwrap();
    let mut fields = opening();
    fields["team"] = json!("billing");
    fields["attachments"] = json!([{ "digest": digest }]);
    desk.post("/api/v1/tickets").header("cookie", &ines).json(&fields).await.ok(201);
    assert_eq!(desk.get(file(1, digest)).header("cookie", &ines).await.status, 200);
    desk.get(file(1, digest)).header("cookie", &omar).await.problem(404, "ticket-not-found");
    let eva = customer(&desk, "eva").await;
    shown(desk.get(my_file(1, digest)), &eva).await.problem(404, "ticket-not-found");
    let noor = customer(&desk, "noor").await;
    assert_eq!(shown(desk.get(my_file(1, digest)), &noor).await.status, 200);
    for nothing in ["x", &"0".repeat(64), &digest.to_uppercase()] {
        shown(desk.get(my_file(1, nothing)), &noor).await.problem(404, "attachment-not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_sent_to_a_merged_ticket_is_there_under_both_numbers_for_whoever_sees_them() {
    let desk = guarded().await;
    let lena = hired(&desk, "lena", Role::Admin, &[]).await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    let (noor, eva) = (customer(&desk, "noor").await, customer(&desk, "eva").await);
    let own = json!({ "subject": "Charged twice", "body": "Two payments in March." });
    for _ in 0..2 {
        desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&own).await.ok(201);
    }
    let staff =
        |ticket: u64, command: &str, body: Value| desk.act(ticket, command, body).header("cookie", &lena);
    staff(1, "change-team", json!({ "to": "billing" })).await.ok(200);
    staff(2, "change-team", json!({ "to": "technical" })).await.ok(200);
    staff(1, "merge", json!({ "into": 2 })).await.ok(200);
    let sent = send_mine(&desk, "april.png", picture("april")).header("cookie", &noor).await.ok(201);
    let digest = sent["digest"].as_str().unwrap();
    let before = desk.head();
    let reply = desk.post("/api/v1/my/tickets/1/reply").header("cookie", &noor);
    reply.json(&with("And in April as well.", &[digest])).await.ok(200);
    assert_eq!(
        desk.events_after(before).await,
        [
            "ticket-1 ticket.customer_replied",
            "ticket-1 ticket.attached",
            "ticket-2 ticket.forwarded",
            "ticket-2 ticket.attached"
        ]
    );
    let listed =
        json!({ "digest": digest, "name": "april.png", "media_type": "image/png", "bytes": sent["bytes"] });
    for apart in [false, true] {
        if apart {
            staff(1, "unmerge", json!({})).await.ok(200);
        }
        for number in [1, 2] {
            let timeline = desk.read_by(&lena, &format!("/api/v1/tickets/{number}/timeline")).await;
            let entries = timeline["entries"].as_array().unwrap();
            let files: Vec<_> = entries.iter().filter(|entry| !entry["file"].is_null()).collect();
            assert_eq!((files.len(), &files[0]["file"]), (1, &listed), "{number}");
            let mine = desk.read_by(&noor, &format!("/api/v1/my/tickets/{number}")).await;
            let said = mine["messages"].as_array().unwrap().last().unwrap();
            assert_eq!((&said["body"], &said["files"]), (&json!("And in April as well."), &json!([listed])));
            let read = desk.get(my_file(number, digest)).header("cookie", &noor).await;
            assert_eq!((read.status, &read.bytes), (200, &Bytes::from(picture("april"))));
            assert_eq!(desk.get(file(number, digest)).header("cookie", &lena).await.status, 200);
            let others = desk.get(my_file(number, digest)).header("cookie", &eva).await;
            others.problem(404, "ticket-not-found");
        }
        // Whoever sees one of the two has the file there, and not under the other's number.
        assert_eq!(desk.get(file(1, digest)).header("cookie", &ines).await.status, 200);
        desk.get(file(2, digest)).header("cookie", &ines).await.problem(404, "ticket-not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_event_names_is_thrown_away_after_a_day_and_no_other() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let (alone, refused, named) =
        (sent(&desk, "alone").await, sent(&desk, "refused").await, sent(&desk, "named").await);
    desk.act(7, "note", with("x", &[&refused])).await.problem(404, "ticket-not-found");
    desk.done(1, "note", with("x", &[&named])).await;
    desk.pass(DurationMs(UPLOAD_LASTS.0 - 1));
    desk.app.sweep_uploads().await.unwrap();
    assert!([&alone, &refused, &named].iter().all(|digest| path(&desk, digest).is_file()));
    // Sent again, it waits for another day.
    let again = sent(&desk, "again").await;
    desk.pass(DurationMs(1));
    desk.act(1, "note", with("x", &[&alone])).await.problem(422, "unknown-attachment");
    desk.app.sweep_uploads().await.unwrap();
    let there = [&alone, &named, &again].map(|digest| path(&desk, digest).is_file());
    assert_eq!(there, [false, true, true]);
    // One that a command had named waits a little longer, and goes as well.
    desk.pass(UPLOAD_LASTS);
    desk.app.sweep_uploads().await.unwrap();
    let there = [&refused, &named, &again].map(|digest| path(&desk, digest).is_file());
    assert_eq!(there, [false, true, false]);
    assert_eq!(desk.app.operational.all(Kind::Upload).unwrap(), []);
    // Whoever sends it once more does not get it thrown away under the message that it belongs to.
    assert_eq!(sent(&desk, "named").await, named);
    desk.pass(UPLOAD_LASTS);
    desk.app.sweep_uploads().await.unwrap();
    assert_eq!(desk.get(file(1, &named)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_what_is_known_of_who_sent_what_loses_no_file() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let digest = sent(&desk, "kept").await;
    desk.done(1, "note", with("x", &[&digest])).await;
    for entry in desk.app.operational.all(Kind::Upload).unwrap() {
        desk.app.operational.write(&[Change::Remove { kind: Kind::Upload, id: entry.id }]).unwrap();
    }
    let files = desk.app.uploads.files.clone();
    let loaded = docket_server::uploads::Uploads::load(files, desk.app.operational.clone()).unwrap();
    let desk = desk.with(|app| app.uploads = std::sync::Arc::new(loaded));
    assert_eq!(sent(&desk, "kept").await, digest);
    desk.pass(UPLOAD_LASTS);
    desk.app.sweep_uploads().await.unwrap();
    assert!(path(&desk, &digest).is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_message_is_bounded_for_each_person() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let mut last = String::new();
    for number in 0..UPLOADS_OF_PERSON_MAX {
        last = sent(&desk, &number.to_string()).await;
    }
    let one_more = || send(&desk, "a.png", "image/png", picture("one more"));
    one_more().await.problem(409, "too-many-uploads");
    one_more().by("omar", "agent").await.ok(201);
    // What a message names is nobody's burden any more.
    desk.done(1, "note", with("x", &[&last])).await;
    one_more().await.ok(201);
    desk.pass(UPLOAD_LASTS);
    one_more().await.ok(201);
    // Nor is there room for more than so many bytes, those that are still to come among them.
    let desk = desk.with(|app| app.file_bytes_max = UPLOAD_BYTES_OF_PERSON_MAX + 1);
    let much = send(&desk, "a.png", "image/png", picture("much"))
        .by("eva", "agent")
        .header("content-length", (UPLOAD_BYTES_OF_PERSON_MAX + 1).to_string());
    much.await.problem(409, "too-many-uploads");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_files_come_with_a_message_and_no_more() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let mut digests = Vec::new();
    for number in 0..11 {
        digests.push(sent(&desk, &number.to_string()).await);
    }
    let digests: Vec<&str> = digests.iter().map(String::as_str).collect();
    desk.act(1, "note", with("x", &digests)).await.problem(422, "too-many-attachments");
    let before = desk.head();
    desk.done(1, "note", with("x", &digests[..10])).await;
    assert_eq!(desk.head(), before + 11);
    // Named twice it came once.
    let before = desk.head();
    desk.done(1, "note", with("x", &[digests[0], digests[0]])).await;
    assert_eq!(desk.head(), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_files_that_is_sent_again_is_found_also_when_they_wait_no_more() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let digest = sent(&desk, "once").await;
    let note = || desk.act(1, "note", with("x", &[&digest])).key("k");
    let first = note().await.ok(200);
    assert_eq!(note().await.ok(200)["outcome"], "found");
    let named = json!({ "body": "y", "attachments": [{ "digest": digest, "name": "a.png" }] });
    let second = desk.act(1, "reply", named.clone()).key("l").await.ok(200);
    desk.pass(UPLOAD_LASTS);
    desk.app.sweep_uploads().await.unwrap();
    assert_eq!(desk.act(1, "reply", named).key("l").await.ok(200)["position"], second["position"]);
    assert!(first["position"].as_u64() < second["position"].as_u64());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_lost_or_altered_is_never_given_out_as_good() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let small = sent(&desk, "small").await;
    let large = send(&desk, "large.png", "image/png", picture(&"x".repeat(600_000))).await.ok(201);
    let large = large["digest"].as_str().unwrap().to_owned();
    desk.done(1, "note", with("x", &[&small, &large])).await;
    for digest in [&small, &large] {
        let mut content = std::fs::read(path(&desk, digest)).unwrap();
        *content.last_mut().unwrap() ^= 1;
        std::fs::write(path(&desk, digest), content).unwrap();
    }
    desk.get(file(1, &small)).await.problem(500, "attachment-damaged");
    // What was begun is broken off before its end.
    let begun = desk.start(desk.get(file(1, &large)).request()).await;
    assert_eq!(begun.status(), 200);
    assert!(axum::body::to_bytes(begun.into_body(), usize::MAX).await.is_err());
    std::fs::write(path(&desk, &large), "cut off").unwrap();
    desk.get(file(1, &large)).await.problem(500, "attachment-damaged");
    std::fs::remove_file(path(&desk, &large)).unwrap();
    desk.get(file(1, &large)).await.problem(500, "attachment-damaged");
    // Sent again it is whole again.
    assert_eq!(sent(&desk, "small").await, small);
    assert_eq!(desk.get(file(1, &small)).await.bytes, picture("small"));
    assert!(FileDigest::new(small).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_kept_are_said_and_nothing_of_why_is_told() {
    let desk = Desk::open().await;
    std::fs::remove_dir_all(desk.directory().join("attachments")).unwrap();
    send(&desk, "a.png", "image/png", picture("a")).await.problem(503, "attachments-unavailable");
}
