//! What is not taken, each with an error that says where (promises I1 to I3).

use super::desk::{Desk, opening};
use axum::body::{Body, Bytes};
use docket_server::api::BODY_BYTES_MAX;
use serde_json::{Value, json};
use std::io::ErrorKind;

async fn desk_with_a_ticket() -> Desk {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk
}

/// Opens a ticket with one field set to something; none to leave it out.
async fn open_with(desk: &Desk, field: &str, value: Option<Value>) -> super::call::Answer {
    let mut ticket = opening();
    let (parent, name) = match field.split_once('.') {
        Some((parent, name)) => (&mut ticket[parent], name),
        None => (&mut ticket, field),
    };
    match value {
        Some(value) => drop(parent.as_object_mut().unwrap().insert(name.into(), value)),
        None => drop(parent.as_object_mut().unwrap().remove(name)),
    }
    desk.post("/api/v1/tickets").json(&ticket).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_malformed() {
    let desk = desk_with_a_ticket().await;
    for text in [
        "{",
        "}",
        "{\"to\"",
        "{\"to\":",
        "{\"to\":\"in",
        "{\"to\":\"ines\"",
        "{to:\"ines\"}",
        "{'to':'ines'}",
        "{\"to\":\"ines\"}x",
        "{\"to\":\"ines\"}{}",
        "{\"to\":\"ines\",}",
        "nul",
        "ines",
        "\u{feff}{\"to\":\"ines\"}",
        "{\"to\":\"a\nb\"}",
        "{\"to\":\"\\x41\"}",
        "//\n{\"to\":\"ines\"}",
        " ",
        // Half of a character: no text can hold it.
        "{\"to\":\"\\ud800\"}",
        "{\"to\":\"\\udc00\\ud800\"}",
        "{\"to\":\"\\ud800x\"}",
    ] {
        desk.post("/api/v1/tickets/1/assign").text(text).await.problem(400, "malformed");
    }
    for bytes in [
        b"{\"to\":\"\xff\"}".as_slice(),
        b"{\"to\":\"\xc3\"}",
        b"\xff\xfe{\0}\0",
        b"\0",
        b"{\"to\":\"\xed\xa0\x80\"}",
    ] {
        desk.post("/api/v1/tickets/1/assign").text(bytes.to_vec()).await.problem(400, "malformed");
    }
    for number in ["NaN", "Infinity", "-Infinity", "01", "+1", "1.", ".5", "0x10", "1e", "--1"] {
        let text = opening().to_string().replacen('{', &format!("{{\"follows\":{number},"), 1);
        desk.post("/api/v1/tickets").text(text).await.problem(400, "malformed");
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_object_holds_fields() {
    let desk = desk_with_a_ticket().await;
    for text in
        ["[]", "[\"ines\"]", "\"ines\"", "null", "7", "true", "[{\"to\":\"ines\"}]", "[[\"to\",\"ines\"]]"]
    {
        for command in ["assign", "unassign", "reply"] {
            desk.post(format!("/api/v1/tickets/1/{command}")).text(text).await.problem(422, "invalid");
        }
    }
    let refused = open_with(&desk, "requester", Some(json!(["noor"]))).await.problem(422, "invalid");
    assert_eq!(refused["field"], "requester");
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_field_that_is_not_taken_is_named() {
    let desk = desk_with_a_ticket().await;
    let long = |bytes: usize| json!("x".repeat(bytes));
    for (field, value) in [
        ("requester", json!("noor")),
        ("requester", json!(null)),
        ("requester.id", json!(7)),
        ("requester.id", json!("")),
        ("requester.id", json!("a\u{7}b")),
        ("requester.id", long(129)),
        ("requester.name", long(513)),
        ("requester.name", json!("two\nlines")),
        ("requester.email", json!(" ")),
        ("requester.phone", json!("1")),
        ("subject", json!("")),
        ("subject", json!(" \t ")),
        ("subject", json!(null)),
        ("subject", json!("two\nlines")),
        ("subject", json!("two\u{2028}lines")),
        ("subject", json!("nul\0")),
        ("subject", long(513)),
        ("subject", json!("é".repeat(257))),
        ("body", json!("")),
        ("body", json!("a\0b")),
        ("body", long(64 * 1024 + 1)),
        ("body", json!(["x"])),
        ("priority", json!("critical")),
        ("priority", json!("URGENT")),
        ("priority", json!("")),
        ("priority", json!(1)),
        ("category", json!("Billing")),
        ("category", json!("with space")),
        ("category", json!("")),
        ("category", long(65)),
        ("team", json!("../etc")),
        ("language", json!("fr")),
        ("channel", json!("fax")),
        ("channel", json!({ "api": null })),
        ("follows", json!("1")),
        ("follows", json!(-1)),
        ("follows", json!(1.0)),
        ("follows", json!(1.5)),
        ("follows", json!(0)),
        ("follows", json!(18_446_744_073_709_551_615_u64)),
        ("nope", json!(1)),
        ("Subject", json!("x")),
        ("status", json!("resolved")),
        ("version", json!(1)),
        ("actor", json!({ "role": "admin" })),
    ] {
        let refused = open_with(&desk, field, Some(value.clone())).await;
        assert_eq!(refused.status, 422, "{field} {value}");
        assert_eq!(refused.problem(422, "invalid")["field"], field, "{value}");
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_beyond_64_bits_are_refused_and_not_rounded() {
    let desk = desk_with_a_ticket().await;
    for number in [
        "18446744073709551616",
        "1e400",
        "-0.0",
        "-9223372036854775809",
        "1E1",
        "123456789012345678901234567890",
    ] {
        let text = opening().to_string().replacen('{', &format!("{{\"follows\":{number},"), 1);
        let answer = desk.post("/api/v1/tickets").text(text).await;
        assert!([400, 422].contains(&answer.status), "{number}: {}", answer.text());
        answer.check_problem();
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_missing_is_told() {
    let desk = desk_with_a_ticket().await;
    for field in ["requester", "requester.id", "subject", "body"] {
        let refused = open_with(&desk, field, None).await.problem(422, "invalid");
        let name = field.rsplit('.').next().unwrap();
        assert!(refused["detail"].as_str().unwrap().contains(name), "{refused}");
    }
    // A team must be said, also when it is none: a forgotten field shall not move a ticket.
    let refused = desk.act(1, "change-team", json!({})).await.problem(422, "invalid");
    assert!(refused["detail"].as_str().unwrap().contains("to"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_there_twice_is_refused() {
    let desk = desk_with_a_ticket().await;
    for text in
        [r#"{"to":"ines","to":"bob"}"#, r#"{"to":"ines","to":"ines"}"#, r#"{"to":"ines","\u0074o":"bob"}"#]
    {
        let refused = desk.post("/api/v1/tickets/1/assign").text(text).await.problem(422, "invalid");
        assert!(refused["detail"].as_str().unwrap().contains("duplicate"), "{refused}");
    }
    let nested = r#"{"requester":{"id":"a","id":"b"},"subject":"x","body":"y"}"#;
    desk.post("/api/v1/tickets").text(nested).await.problem(422, "invalid");
    let destinations = r#"{"reason":"x","context":"y","to":{"team":"a","supervisor":"b"}}"#;
    desk.post("/api/v1/tickets/1/escalate").text(destinations).await.problem(422, "invalid");
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_one_team_or_one_supervisor() {
    let desk = desk_with_a_ticket().await;
    for to in [
        json!({}),
        json!("billing"),
        json!({ "agent": "x" }),
        json!({ "team": "a", "x": 1 }),
        json!({ "team": null }),
        json!(["team", "a"]),
        json!(null),
    ] {
        let body = json!({ "reason": "complaint", "to": to, "context": "x" });
        let refused = desk.act(1, "escalate", body).await.problem(422, "invalid");
        assert!(refused["field"].as_str().unwrap().starts_with("to"), "{to}: {refused}");
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nesting_of_any_depth_is_refused() {
    let desk = desk_with_a_ticket().await;
    for depth in [2, 127, 128, 129, 100_000] {
        for (open, close) in [("[", "]"), ("{\"to\":", "}"), ("{\"a\":", "}")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for whole in [text.clone(), format!("{{\"to\":{text}}}"), open.repeat(depth)] {
                if whole.len() <= BODY_BYTES_MAX {
                    let answer = desk.post("/api/v1/tickets/1/assign").text(whole).await;
                    assert!([400, 422].contains(&answer.status), "{depth} {open}: {}", answer.text());
                    answer.check_problem();
                }
            }
        }
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_text_hold_just_below_and_just_above() {
    let desk = desk_with_a_ticket().await;
    let longest = format!("/api/v1/settings/intake-categories/{}/publish", "a".repeat(64));
    let label = json!({ "content": { "label": { "en": "x", "es": "x" } }, "reason": "x" });
    desk.post(longest).by("alma", "admin").json(&label).await.ok(200);
    for (field, most, fits) in [
        ("subject", 512, "x"),
        ("body", 64 * 1024, "x"),
        ("requester.id", 128, "x"),
        ("requester.name", 512, "x"),
        ("category", 64, "a"),
        // Counted in bytes, and JSON may write one byte as six.
        ("subject", 512, "ñ"),
        ("body", 64 * 1024, "\u{1}"),
    ] {
        let text = |bytes: usize| Some(json!(fits.repeat(bytes / fits.len())));
        open_with(&desk, field, text(most)).await.ok(201);
        open_with(&desk, field, text(most + fits.len())).await.problem(422, "invalid");
    }
    assert_eq!(desk.head(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let desk = desk_with_a_ticket().await;
    let padded = |bytes: usize| {
        let text = r#"{"to":"ines"}"#;
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    desk.post("/api/v1/tickets/1/assign").text(padded(BODY_BYTES_MAX)).await.ok(200);
    // One that says how long it is, one that does not, and one that only says so.
    let too_long = padded(BODY_BYTES_MAX + 1);
    desk.post("/api/v1/tickets/1/assign").text(too_long.clone()).await.problem(413, "body-too-large");
    let pieces = too_long.as_bytes().chunks(60_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
    let stream = Body::from_stream(futures_util::stream::iter(pieces.collect::<Vec<_>>()));
    desk.post("/api/v1/tickets/1/assign").text(stream).await.problem(413, "body-too-large");
    let boast = desk.post("/api/v1/tickets/1/assign").header("content-length", "99999999999").text("{}");
    boast.await.problem(413, "body-too-large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_has_no_effect() {
    let desk = desk_with_a_ticket().await;
    for whole in [r#"{"to":"ines"}"#, r#"{"to":"#] {
        let pieces = [Ok(Bytes::from(whole)), Err(std::io::Error::from(ErrorKind::ConnectionReset))];
        let body = Body::from_stream(futures_util::stream::iter(pieces));
        let refused = desk.post("/api/v1/tickets/1/assign").text(body).await;
        refused.problem(400, "malformed");
    }
    assert_eq!(desk.head(), 1);
}

/// Time stands still until nothing else is left to do; then it is as late as whoever waits longest.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
    let desk = desk_with_a_ticket().await;
    let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let slow = desk.post("/api/v1/tickets/1/assign").text(Body::from_stream(never)).await;
    slow.problem(408, "too-slow");
    // Nor on any other route, those of pages that are open to everybody among them.
    for rule in docket_server::access::TABLE.iter().filter(|rule| ["POST", "PUT"].contains(&rule.method)) {
        let path = rule
            .route
            .replace("{number}", "1")
            .replace("{action}", "note")
            .replace("{kind}", "note")
            .replace("{digest}", &"0".repeat(64));
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let is_file = path.ends_with("/attachments");
        let kind = if is_file { "text/plain" } else { "application/x-www-form-urlencoded" };
        let form = desk.ask(rule.method, format!("{path}?name=x")).header("content-type", kind);
        let status = form.raw(Body::from_stream(never)).await.status;
        assert!([403, 408].contains(&status), "{} was answered with {status}", rule.route);
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_says_that_it_is_json() {
    let desk = desk_with_a_ticket().await;
    let assign = || desk.post("/api/v1/tickets/1/assign").raw(r#"{"to":"ines"}"#);
    assign().await.problem(415, "media-type");
    for wrong in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "application/json-patch+json",
        "",
        "json",
        "\"application/json\"",
    ] {
        assign().header("content-type", wrong).await.problem(415, "media-type");
    }
    assign().header("content-type", b"application/\xff").await.problem(415, "media-type");
    for right in
        ["application/json", "application/json; charset=utf-8", "Application/JSON", " application/json ;x=y"]
    {
        assign().header("content-type", right).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_comes_as_it_is_and_not_packed() {
    let desk = desk_with_a_ticket().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "identity", "x"] {
        let call = desk.act(1, "assign", json!({ "to": "ines" })).header("content-encoding", encoding);
        call.await.problem(415, "media-type");
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_tickets_are_written_in_one_way() {
    let desk = desk_with_a_ticket().await;
    for number in [
        "0",
        "-1",
        "+1",
        "007",
        "01",
        "1.0",
        "1e0",
        "0x1",
        "x",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999999999",
        "%20",
        "1%20",
        "%201",
        "%00",
        "1%00",
        "%FF",
        "%C3%28",
        "%D9%A1",
        "1%2F..%2F1",
        "%2e%2e",
        "*",
        "null",
        "{number}",
        "1;2",
        "1,2",
        "%",
    ] {
        for read in ["", "/timeline", "/sla"] {
            let answer = desk.get(format!("/api/v1/tickets/{number}{read}")).await;
            assert_eq!(answer.status, 404, "{number}{read}: {}", answer.text());
            answer.check_problem();
        }
        let answer = desk.post(format!("/api/v1/tickets/{number}/note")).json(&json!({ "body": "x" })).await;
        assert_eq!(answer.status, 404, "{number}");
        answer.check_problem();
    }
    // The same address in another spelling.
    desk.settled().await;
    assert_eq!(desk.get("/api/v1/tickets/%31").await.ok(200)["number"], 1);
    assert_eq!(desk.head(), 1);
}
