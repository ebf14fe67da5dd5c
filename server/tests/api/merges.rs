//! Many tickets that are merged into one at once, and how many that may be.

use super::desk::Desk;
use super::work::refused;
use docket_core::ticket::ABSORBED_MAX;
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn however_many_are_merged_into_one_at_once_all_go_through_beside_what_its_customer_writes() {
    const AT_ONCE: u64 = 64;
    let desk = Desk::on_sqlite().await;
    for _ in 0..=AT_ONCE {
        desk.ticket().await;
    }
    let merges =
        (2..=AT_ONCE + 1).map(|ticket| desk.act(ticket, "merge", json!({ "into": 1 })).into_future());
    let written = (0..8).map(|_| desk.act(1, "customer-reply", json!({ "body": "x" })).into_future());
    let (merged, written) = tokio::join!(join_all(merges), join_all(written));
    for answer in merged.iter().chain(&written) {
        assert_eq!(answer.ok(200)["outcome"], "appended");
    }
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!(shown["merged"].as_array().unwrap().len() as u64, AT_ONCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_merged_into_one_than_it_may_have_until_some_stand_by_themselves_again() {
    let desk = Desk::open().await;
    let last = ABSORBED_MAX as u64 + 2;
    for _ in 0..last {
        desk.ticket().await;
    }
    for ticket in 2..last {
        desk.done(ticket, "merge", json!({ "into": 1 })).await;
    }
    refused(&desk, last, "merge", json!({ "into": 1 }), 409, "merge-target-full").await;
    for (language, words) in [
        ("en", "As many tickets are merged into the other one"),
        ("es", "ya tiene fusionados todos los que puede"),
    ] {
        let merge = desk.act(last, "merge", json!({ "into": 1 })).header("accept-language", language).await;
        let title = merge.problem(409, "merge-target-full")["title"].clone();
        assert!(title.as_str().unwrap().contains(words), "{title}");
    }
    desk.done(2, "unmerge", json!({})).await;
    desk.done(last, "merge", json!({ "into": 1 })).await;
}
