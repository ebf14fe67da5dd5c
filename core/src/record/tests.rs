//! What holds for the encoding of every record, whatever text it holds.

use super::*;
use crate::agent::{AgentEvent, TicketReleased, TicketTaken};
use crate::names::{Slug, TicketNumber};
use crate::settings::{Stored, Team};
use crate::sla::{Noticed, SlaEvent, Target};
use crate::strategies::{actor, config, event, instant, personal, slug, text};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn any_event() -> impl Strategy<Value = Event> {
    let clock = (select(Target::ALL.as_slice()), any::<u32>());
    let noticed = (clock, slug(), any::<u32>(), instant());
    let noticed = noticed.prop_map(|((target, run), policy, policy_version, due_at)| Noticed {
        target,
        policy,
        policy_version,
        run,
        due_at,
    });
    let sla = (noticed, any::<bool>()).prop_map(|(noticed, late)| {
        if late { SlaEvent::Breached(noticed) } else { SlaEvent::Warned(noticed) }
    });
    let agent = (any::<u64>().prop_map(TicketNumber), any::<bool>()).prop_map(|(ticket, taken)| {
        if taken {
            AgentEvent::TicketTaken(TicketTaken { ticket })
        } else {
            AgentEvent::TicketReleased(TicketReleased { ticket })
        }
    });
    prop_oneof![
        8 => event().prop_map(Event::Ticket),
        1 => sla.prop_map(Event::Sla),
        1 => agent.prop_map(Event::Agent),
        2 => crate::staff::tests::any_event().prop_map(Event::Staff),
        1 => crate::customer::tests::any_event().prop_map(Event::Customer),
        1 => crate::settings::tests::any_team_event().prop_map(|event| Event::Setting(Team::wrap(event))),
        1 => crate::views::tests::any_event().prop_map(Event::View),
        1 => crate::webhook::tests::any_event().prop_map(Event::Webhook),
    ]
}

prop_compose! {
    fn source()(
        (system, case, row, kind) in (text(), text(), text(), text()),
        (from, to, actor) in (text(), text(), text()),
        seq: u64,
        rest in option::of(personal()),
    ) -> Source {
        Source { system, case, seq, row, kind, from, to, actor, rest }
    }
}

prop_compose! {
    fn mark()(principal in text(), key in text(), digest in text(), events: u32) -> CommandMark {
        CommandMark { principal, key, digest, events }
    }
}

/// Any instant that has a plain form.
fn id() -> impl Strategy<Value = EventId> {
    any::<u128>().prop_map(|id| EventId(Uuid::from_u128(id)))
}

prop_compose! {
    fn new_event()(
        event in any_event(),
        (id, causation, correlation) in (id(), option::of(id()), any::<u128>()),
        occurred_at in instant(),
        actor in actor(),
        origin in select(vec![Origin::Decided, Origin::Import]),
        source in option::of(source()),
    ) -> (Event, NewEvent) {
        let encoded = event.encode();
        let correlation = Uuid::from_u128(correlation);
        (event, NewEvent { id, event: encoded, occurred_at, actor, correlation, causation, origin, source })
    }
}

prop_compose! {
    /// A place in the log: position, stream, version, when it was recorded, and a mark.
    fn place()(
        (position, version, recorded_at) in (any::<u64>(), any::<u64>(), instant()),
        stream in text().prop_filter_map("no name", |text| StreamName::new(&text).ok()),
        command in option::of(mark()),
    ) -> (GlobalPosition, StreamName, StreamVersion, Timestamp, Option<CommandMark>) {
        (GlobalPosition(position), stream, StreamVersion(version), recorded_at, command)
    }
}

fn stored(position: GlobalPosition, bytes: Vec<u8>) -> StoredRecord {
    StoredRecord { position, hash: hash(&bytes), bytes }
}

/// What the quick way takes, the general one takes too, and as the same.
fn check_scan(stored: &StoredRecord) {
    let general = stored.decode().ok().map(|record| {
        let event = record.event();
        (record, event)
    });
    if let Ok(read) = stored.read() {
        let (record, event) = general.as_ref().expect("what is read is a record");
        assert_eq!((&read.stream, read.version), (&record.stream, record.version));
        assert_eq!((read.occurred_at, read.recorded_at), (record.occurred_at, record.recorded_at));
        assert_eq!((&read.actor, read.origin, &read.source), (&record.actor, record.origin, &record.source));
        assert_eq!(read.event.is_err(), event.is_err());
        assert_eq!(read.event.ok().as_ref(), event.as_ref().ok());
    }
    let Some(quick) = scan::envelope(&stored.bytes) else { return };
    if Event::decode(quick.name, quick.schema, quick.data).is_ok() && quick.position == stored.position {
        let (record, _) = general.as_ref().expect("what is scanned is a record");
        let id = |text: &str| Uuid::parse_str(text).unwrap();
        assert_eq!((id(quick.id), quick.schema, quick.name), (record.id.0, record.schema, &*record.name));
        assert_eq!(id(quick.correlation), record.correlation);
        assert_eq!(quick.causation.map(id), record.causation.map(|id| id.0));
        assert_eq!((quick.command.as_ref(), quick.data.trim()), (record.command.as_ref(), record.data.get()));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_record_is_read_as_it_was_written((event, new) in new_event(), place in place()) {
        let (position, stream, version, recorded_at, command) = place;
        let bytes = encode(position, &stream, version, recorded_at, command.clone(), &new);
        let stored = stored(position, bytes);
        let read = stored.decode().unwrap();
        prop_assert_eq!((read.position, read.version, read.recorded_at), (position, version, recorded_at));
        prop_assert_eq!((&*read.stream, read.command.clone()), (stream.as_str(), command));
        prop_assert_eq!((read.id, read.causation), (new.id, new.causation));
        prop_assert_eq!((read.correlation, read.schema), (new.correlation, new.event.schema));
        prop_assert_eq!((read.occurred_at, read.origin), (new.occurred_at, new.origin));
        prop_assert_eq!((&read.actor, &read.source), (&new.actor, &new.source));
        prop_assert_eq!(&*read.name, new.event.name);
        prop_assert_eq!(read.event().unwrap(), event);
        prop_assert_eq!(read.encode(), stored.bytes.clone());
    }

    #[test]
    fn the_quick_way_to_read_a_record_says_the_same_as_the_general_one(
        (_, new) in new_event(),
        place in place(),
        at: Index,
        byte in select(b"\"\\{}[]:,-+0019aeE \n\x80".as_slice()),
        replaced: bool,
    ) {
        let (position, stream, version, recorded_at, command) = place;
        let mut bytes = encode(position, &stream, version, recorded_at, command, &new);
        prop_assert!(stored(position, bytes.clone()).read().unwrap().event.is_ok());
        let index = at.index(bytes.len());
        if replaced { bytes[index] = byte } else { bytes.insert(index, byte) }
        for bytes in [bytes.clone(), bytes[..index].to_vec()] {
            check_scan(&stored(position, bytes));
        }
    }

    #[test]
    fn a_record_is_one_line_without_a_control_character((_, new) in new_event(), place in place()) {
        let (position, stream, version, recorded_at, command) = place;
        let bytes = encode(position, &stream, version, recorded_at, command, &new);
        prop_assert!(bytes.iter().all(|byte| *byte >= b' '));
        prop_assert!(std::str::from_utf8(&bytes).is_ok());
    }

    #[test]
    fn damaged_bytes_have_another_hash_and_never_panic(
        (_, new) in new_event(),
        place in place(),
        at: Index,
        bit in 0..8,
        cut: Index,
    ) {
        let (position, stream, version, recorded_at, command) = place;
        let whole = encode(position, &stream, version, recorded_at, command, &new);
        let mut flipped = whole.clone();
        *at.get_mut(&mut flipped) ^= 1_u8 << bit;
        prop_assert_ne!(hash(&flipped), hash(&whole));
        if let Ok(read) = stored(position, flipped).decode() {
            let _ = read.event();
        }
        let cut = whole[..cut.index(whole.len())].to_vec();
        prop_assert!(stored(position, cut).decode().is_err());
    }

    #[test]
    fn an_event_is_read_as_it_was_written(event in any_event()) {
        let encoded = event.encode();
        prop_assert_eq!(encoded.name, event.name());
        let read = Event::decode(encoded.name, encoded.schema, &encoded.data).unwrap();
        prop_assert_eq!(read.encode(), encoded);
        prop_assert_eq!(read, event);
    }

    #[test]
    fn odd_data_is_refused_without_a_panic(
        name in select(crate::event::CONTRACT).prop_map(|(name, _)| name),
        data in prop_oneof![text(), event().prop_map(|event| Event::Ticket(event).encode().data)],
    ) {
        if let Ok(event) = Event::decode(name, 1, &data) {
            prop_assert_eq!(event.name(), name);
        }
    }
}

#[test]
fn the_hash_is_sha_256() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let hex: String = hash(b"abc").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
}

#[test]
fn a_record_of_another_position_is_not_taken() {
    let new = NewEvent {
        id: EventId(Uuid::nil()),
        event: Event::Agent(AgentEvent::TicketTaken(TicketTaken { ticket: TicketNumber(1) })).encode(),
        occurred_at: Timestamp(0),
        actor: Actor { team: Some(Slug::new("support").unwrap()), ..Actor::system("router") },
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    let stream = StreamName::new("agent-ines").unwrap();
    let bytes = encode(GlobalPosition(2), &stream, StreamVersion(1), Timestamp(0), None, &new);
    let error = stored(GlobalPosition(3), bytes).decode().unwrap_err();
    assert!(matches!(error, RecordError::Position { claimed: GlobalPosition(2), .. }), "{error}");
}
