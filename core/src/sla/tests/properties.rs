//! A second implementation that knows only the definition, and timers that look at any moment.

use super::notices::next;
use super::*;
use crate::names::TicketNumber;
use crate::sla::SlaEvent;
use crate::strategies::{config, event, priority as any_priority, role};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the definition says (PRODUCT section 6), seen from an instant: how it ended, and when it was missed.
///
/// Not a fold: it looks at the whole history at once. The first event that ends the clock ends it; the
/// changes of priority before that cut the time into stretches; the first stretch that exceeds its target
/// while it lasts is where the target was missed.
fn by_definition(
    opened: Option<Priority>,
    given: &[Step],
    now: DurationMs,
) -> (Option<(DurationMs, Outcome)>, Option<DurationMs>) {
    let target = |priority: Priority| match priority {
        Priority::Urgent => hours(1),
        Priority::High => hours(4),
        Priority::Normal => hours(24),
        Priority::Low => hours(48),
    };
    let outcome = |(_, role, event): &Step| match event {
        TicketEvent::Replied(_)
            if matches!(role, Role::Agent | Role::Supervisor | Role::Admin | Role::Unknown) =>
        {
            Some(Outcome::Responded)
        }
        TicketEvent::Resolved(_) | TicketEvent::Sealed(_) => Some(Outcome::FulfilledByResolution),
        _ => None,
    };
    let (mut kept, mut looked, mut merged) = (Vec::new(), Vec::new(), None);
    for step in given {
        match (&merged, &step.2) {
            // A merge that is undone is as if it had not been, but that what was missed by then stays missed.
            (Some(_), TicketEvent::Unmerged(_)) => merged = None,
            (Some(_), _) => {}
            (None, TicketEvent::Merged(_)) if !kept.iter().any(|step| outcome(step).is_some()) => {
                looked.push((kept.len(), step.0));
                merged = Some(step.0);
            }
            (None, _) => kept.push(step.clone()),
        }
    }
    let answered = kept.iter().position(|step| outcome(step).is_some());
    let end = answered.map(|index| (kept[index].0, outcome(&kept[index]).unwrap()));
    let end = end.or_else(|| merged.map(|at| (at, Outcome::CancelledByMerge)));
    let while_it_ran = &kept[..answered.unwrap_or(kept.len())];
    let mut stretches = vec![(DurationMs(0), opened.unwrap_or(Priority::Normal))];
    let mut looks = looked.into_iter().peekable();
    for (place, (after, _, event)) in while_it_ran.iter().enumerate() {
        let (_, current) = stretches[stretches.len() - 1];
        while let Some((_, at)) = looks.next_if(|(before, _)| *before <= place) {
            stretches.push((at, current));
        }
        if let TicketEvent::PriorityChanged(changed) = event
            && changed.to != current
        {
            stretches.push((*after, changed.to));
        }
    }
    let (_, current) = stretches[stretches.len() - 1];
    stretches.extend(looks.map(|(_, at)| (at, current)));
    let last = end.map_or(now, |(at, _)| at);
    let until = stretches.iter().skip(1).map(|(from, _)| *from).chain([last]);
    // A stretch that only goes on after a look began with the one before it.
    let mut begins_new = vec![true];
    begins_new.extend(stretches.windows(2).map(|pair| pair[0].1 != pair[1].1));
    let missed = stretches.iter().zip(until).zip(begins_new).find_map(|(((from, priority), until), new)| {
        let target = target(*priority);
        if new && *from > target { Some(*from) } else { (until > target).then_some(target) }
    });
    // What is seen from an instant lies before it.
    (end, missed.filter(|missed| *missed < now))
}

/// An instant near the limits of the targets half of the time.
fn instant() -> impl Strategy<Value = DurationMs> {
    let near = (prop_oneof![Just(0), Just(1), Just(4), Just(24), Just(48)], -2..=2_i64)
        .prop_map(|(hour, off)| DurationMs(hours(hour).0 + off));
    prop_oneof![near, (-2..=60 * 60_i64).prop_map(minutes)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = any_priority().prop_map(priority);
    vec((instant(), role(), prop_oneof![event(), change]), 0..12)
}

/// Steps in order of time, as they are live.
fn steps_in_order() -> impl Strategy<Value = Vec<Step>> {
    steps().prop_map(|mut steps| {
        steps.retain(|(after, _, _)| after.0 >= 0);
        steps.sort_by_key(|(after, _, _)| *after);
        steps
    })
}

/// Notes what is past at an instant, as a timer does that looks then.
fn look(course: &mut Course, now: DurationMs, noted: &mut Vec<(DurationMs, SlaEvent)>) {
    while let Some((at, event)) = next(course).filter(|(at, _)| START.plus(now) > *at) {
        course.note(&event);
        noted.push((at.since(START), event));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_clock_agrees_with_the_definition(
        opened in option::of(any_priority()),
        given in steps(),
        now in instant(),
    ) {
        let clock = first_response(opened, &given);
        let from_start = |instant: Timestamp| instant.since(START);
        let said = (
            clock.face.end.map(|end| (from_start(end.at), end.outcome)),
            clock.face.missed(START.plus(now)).map(|breach| from_start(breach.at)),
        );
        prop_assert_eq!(said, by_definition(opened, &given, now));
    }

    #[test]
    fn intervals_follow_each_other_from_the_opening_to_the_end(
        opened in option::of(any_priority()),
        given in steps(),
    ) {
        let clock = first_response(opened, &given);
        prop_assert_eq!(clock.face.started_at, START);
        for pair in clock.intervals.windows(2) {
            prop_assert_eq!(pair[0].to, Some(pair[1].from));
            prop_assert_ne!(pair[0].terms.priority, pair[1].terms.priority);
        }
        prop_assert_eq!(clock.intervals.last().unwrap().to, clock.face.end.map(|end| end.at));
        let counted = clock.intervals.iter().filter_map(|interval| interval.elapsed_ms);
        let counted = DurationMs(counted.map(|span| span.0).sum());
        prop_assert_eq!(clock.face.end.map_or(counted, |end| end.elapsed_ms), counted);
    }

    #[test]
    fn a_breach_is_noted_once_and_the_same_whenever_timers_look(
        opened in option::of(any_priority()),
        given in steps_in_order(),
        looks in vec(instant(), 0..6),
    ) {
        let mut at_end = course(opened, &given);
        let mut noted_at_end = Vec::new();
        look(&mut at_end, hours(1000), &mut noted_at_end);

        let mut along = Course::opened(START, opened);
        let mut noted = Vec::new();
        for (after, role, event) in &given {
            for look_at in looks.iter().filter(|look_at| *look_at <= after) {
                look(&mut along, *look_at, &mut noted);
            }
            along.take(START.plus(*after), *role, event);
        }
        look(&mut along, hours(1000), &mut noted);

        let breaches = |noted: &[(DurationMs, SlaEvent)]| {
            let breaches = noted.iter().filter(|(_, event)| matches!(event, SlaEvent::Breached(_)));
            Vec::from_iter(breaches.cloned())
        };
        prop_assert_eq!(breaches(&noted), breaches(&noted_at_end));
        let clocks = at_end.clocks(&Rules::default());
        let breach = clocks[0].face.missed(START.plus(hours(1000))).map(|breach| breach.at.since(START));
        prop_assert_eq!(Vec::from_iter(breaches(&noted).iter().map(|(at, _)| *at)), Vec::from_iter(breach));

        let mut ids = BTreeMap::<_, usize>::new();
        for (_, event) in &noted {
            *ids.entry(event.id(TicketNumber(1))).or_default() += 1;
        }
        prop_assert!(ids.values().all(|count| *count == 1), "{:?}", noted);
        prop_assert!(noted.is_sorted_by_key(|(at, _)| *at), "{:?}", noted);
    }

    #[test]
    fn nothing_is_noted_that_fell_due_before_an_import(
        opened in option::of(any_priority()),
        given in steps_in_order(),
        imported in instant(),
    ) {
        let mut course = course(opened, &given);
        course.imported(START, START.plus(imported));
        let mut noted = Vec::new();
        look(&mut course, hours(1000), &mut noted);
        prop_assert!(noted.iter().all(|(at, _)| *at > imported), "{:?}", noted);
    }
}
