//! A command with a key has its effect once, however often it is sent (promise D4).

use super::StoreUnderTest;
use super::samples::{ANY, NEW, append, at, empty, found, key, keyed, log, one, texts, to, verified, wrote};
use docket_core::names::GlobalPosition;
use docket_core::record::CommandMark;
use docket_core::store::{AppendError, CommandKey};
use tokio::task::JoinSet;

/// The retry has the same positions and versions, and writes nothing.
pub async fn the_same_key_and_body_find_the_first_answer(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(one("agent-ines", NEW, "a")).await.unwrap();
    let parts = [to("agent-ines", at(1), &["b"]), to("ticket-1", NEW, &["c"]), to("agent-ines", ANY, &["d"])];
    let command = keyed(key("k", "body"), append(parts));
    let first = store.append(command.clone()).await.unwrap();
    assert_eq!(first, wrote(2, 4, &[("agent-ines", 3), ("ticket-1", 1)]));
    assert_eq!(store.append(command).await, Ok(found(first)));
    assert_eq!(texts(&*store).await, ["a", "b", "c", "d"]);
    verified(&*store).await;
}

/// A retry comes late, and with events that were decided anew, under new ids.
pub async fn a_key_is_found_after_the_versions_have_moved(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let command = |text| keyed(key("k", "body"), one("ticket-1", at(0), text));
    let first = store.append(command("a")).await.unwrap();
    for version in 1..4 {
        store.append(one("ticket-1", at(version), &format!("event {version}"))).await.unwrap();
    }
    assert_eq!(store.append(command("b")).await, Ok(found(first)));
    let other_stream = keyed(key("k", "body"), one("ticket-2", at(9), "c"));
    assert_eq!(store.append(other_stream).await, Ok(found(wrote(1, 1, &[("ticket-1", 1)]))));
    assert_eq!(texts(&*store).await, ["a", "event 1", "event 2", "event 3"]);
}

/// It is told where the first command is.
pub async fn the_same_key_with_another_body_is_refused(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    store.append(one("ticket-9", NEW, "earlier")).await.unwrap();
    store.append(keyed(key("k", "body"), append([to("ticket-1", NEW, &["a", "b"])]))).await.unwrap();
    let reused = AppendError::KeyReused { position: GlobalPosition(2) };
    let outcome = store.append(keyed(key("k", "other body"), one("ticket-1", at(2), "c"))).await;
    assert_eq!(outcome, Err(reused.clone()));
    assert_eq!(store.find_command(&key("k", "other body")).await, Err(reused));
    assert_eq!(texts(&*store).await, ["earlier", "a", "b"]);
    verified(&*store).await;
}

/// However principal and key are written, they are never mistaken for those of others.
pub async fn a_key_belongs_to_its_principal(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let pairs = [
        ("ines", "k"),
        ("omar", "k"),
        ("ines", "K"),
        ("ine", "sk"),
        ("", "inesk"),
        ("inesk", ""),
        ("ines\u{1f}", "k"),
        ("ines", "\u{1f}k"),
        ("1:", "k"),
        ("1", ":k"),
        ("ines\0", "k"),
        ("inés", "k"),
        ("ine\u{301}s", "k"),
    ];
    for (index, (principal, key)) in pairs.iter().enumerate() {
        let key = CommandKey {
            principal: (*principal).to_owned(),
            key: (*key).to_owned(),
            digest: format!("body {index}"),
        };
        let position = index as u64 + 1;
        let outcome = store.append(keyed(key.clone(), one("ticket-1", ANY, &format!("event {index}")))).await;
        assert_eq!(outcome, Ok(wrote(position, position, &[("ticket-1", position)])), "{key:?}");
        let again = store.find_command(&key).await;
        assert_eq!(again, Ok(outcome.ok().map(found)), "{key:?}");
    }
    verified(&*store).await;
}

/// The others find what the one did, also when all are decided anew.
pub async fn of_concurrent_appends_with_one_key_exactly_one_has_an_effect(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let mut appends = JoinSet::new();
    for caller in 0..64 {
        let (store, text) = (store.clone(), format!("caller {caller}"));
        let command =
            keyed(key("k", "body"), append([to("ticket-1", NEW, &[&text]), to("agent-ines", ANY, &[])]));
        appends.spawn(async move { store.append(command).await.unwrap() });
    }
    let outcomes = appends.join_all().await;
    let first = wrote(1, 1, &[("ticket-1", 1)]);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == first).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == found(first.clone())).count(), 63);
    assert_eq!(verified(&*store).await.events, 1);
}

/// What was refused is not remembered: sent again under the same key, it is decided anew.
pub async fn a_refused_append_does_not_use_up_its_key(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let refused = store.append(keyed(key("k", "body"), one("ticket-1", at(3), "a"))).await;
    assert!(matches!(refused, Err(AppendError::Conflict { .. })));
    assert_eq!(store.find_command(&key("k", "body")).await, Ok(None));
    let outcome = store.append(keyed(key("k", "other body"), one("ticket-1", at(0), "b"))).await;
    assert_eq!(outcome, Ok(wrote(1, 1, &[("ticket-1", 1)])));
    verified(&*store).await;
}

/// The first row carries who sent it, the key, the digest and how many events belong together.
pub async fn the_mark_of_a_command_is_on_its_first_event_only(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    let parts = [to("ticket-1", NEW, &["a", "b"]), to("agent-ines", NEW, &["c"])];
    store.append(keyed(key("k", "body"), append(parts))).await.unwrap();
    let marks: Vec<_> = log(&*store).await.iter().map(|record| record.decode().unwrap().command).collect();
    let mark = CommandMark { principal: "ines".into(), key: "k".into(), digest: "body".into(), events: 3 };
    assert_eq!(marks, [Some(mark), None, None]);
}

/// Without appending anything.
pub async fn a_key_tells_what_its_command_came_to(stores: &impl StoreUnderTest) {
    let store = empty(stores).await;
    assert_eq!(store.find_command(&key("k", "body")).await, Ok(None));
    let parts = [to("ticket-1", NEW, &["a", "b"]), to("agent-ines", NEW, &["c"])];
    let first = store.append(keyed(key("k", "body"), append(parts))).await.unwrap();
    store.append(one("ticket-1", at(2), "later")).await.unwrap();
    assert_eq!(store.find_command(&key("k", "body")).await, Ok(Some(found(first))));
    assert_eq!(store.find_command(&key("other", "body")).await, Ok(None));
}
