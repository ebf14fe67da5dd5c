//! A second implementation that knows only the definitions: it walks through a ticket's life minute by minute, and asks in
//! each whether a clock runs, whether anybody is there, and what is promised.

use super::*;
use crate::catalog::{PENDING_CUSTOMER, PENDING_REASONS};
use crate::decider::Decider;
use crate::names::ZoneName;
use crate::settings::policy::{ByPriority, TargetSeconds, Targets, Warning};
use crate::settings::schedule::{Holiday, LocalDate, Schedule, Shift, Weekday};
use crate::settings::words::{Both, Label};
use crate::settings::{Published, SettingEvent, SlaPolicy};
use crate::strategies::{config, priority as any_priority};
use crate::text::Line;
use crate::ticket::{Status, Ticket, TicketDecider};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// How far the walk goes. Unit: minutes.
const END: i64 = 3 * 24 * 60;

/// A version of the policy and its schedule, and from which minute on.
#[derive(Clone, Debug)]
pub(super) struct Promise {
    pub(super) from: i64,
    /// By priority and target. Unit: minutes.
    pub(super) targets: [[Option<i64>; 5]; 4],
    /// Open from one to another minute of every day; at all times if none.
    pub(super) hours: Option<(u32, u32)>,
    /// Days on which nobody is there; the walk knows of none.
    pub(super) holidays: Vec<&'static str>,
}

fn label(text: &str) -> Label {
    let line = Line::new(text).unwrap();
    Both { en: line.clone(), es: line }
}

impl Promise {
    fn policy(&self) -> SlaPolicy {
        let schedule = self.hours.map(|_| slug("office"));
        let targets = |priority: Priority| {
            let target = |target: Target| {
                let minutes = self.targets[priority as usize][target as usize];
                minutes.map(|minutes| TargetSeconds(minutes * 60))
            };
            Targets {
                first_response_s: target(Target::FirstResponse).unwrap_or(TargetSeconds(60)),
                next_reply_s: target(Target::NextReply),
                requester_wait_s: target(Target::RequesterWait),
                agent_work_s: target(Target::AgentWork),
                resolution_s: target(Target::Resolution),
                schedule: schedule.clone(),
            }
        };
        let [urgent, high, normal, low] =
            [Priority::Urgent, Priority::High, Priority::Normal, Priority::Low].map(targets);
        let targets = ByPriority { urgent, high, normal, low };
        SlaPolicy { label: label("x"), targets, warning: Warning::default() }
    }

    fn target(&self, priority: Priority, target: Target) -> Option<i64> {
        let is = self.targets[priority as usize][target as usize];
        if target == Target::FirstResponse { is.or(Some(1)) } else { is }
    }

    fn is_open(&self, minute: i64) -> bool {
        // The walk begins at 09:30 UTC.
        let of_day = (minute + 9 * 60 + 30).rem_euclid(24 * 60) as u32;
        self.hours.is_none_or(|(opens, closes)| (opens..closes).contains(&of_day))
    }

    /// What the settings say once this is published.
    pub(super) fn publish(&self, number: u32, rules: &mut Rules) {
        let effective_at = START.plus(minutes(self.from));
        if let Some((opens_min, closes_min)) = self.hours {
            let shift = |day: Weekday| Shift { day, opens_min, closes_min };
            let zone = ZoneName::new("UTC").unwrap();
            let shifts = Weekday::ALL.map(shift).to_vec();
            let holiday = |date: &&str| Holiday { date: LocalDate::parse(date).unwrap(), label: label("x") };
            let holidays = self.holidays.iter().map(holiday).collect();
            let content = Schedule { label: label("x"), zone, tzdata: None, shifts, holidays };
            let (slug, reason) = (slug("office"), "x".into());
            let published = Published { slug, version: number, effective_at, content, reason };
            rules.take(&SettingEvent::SchedulePublished(Box::new(published)));
        }
        let (slug, content, reason) = (slug("default"), self.policy(), "x".into());
        let published = Published { slug, version: number, effective_at, content, reason };
        rules.take(&SettingEvent::SlaPolicyPublished(Box::new(published)));
    }
}

fn promise() -> impl Strategy<Value = Promise> {
    let target = option::weighted(0.8, 1..900_i64);
    let targets = proptest::array::uniform4(proptest::array::uniform5(target));
    let hours = (0..1440_u32, 1..1440_u32).prop_map(|(opens, long)| (opens, (opens + long).min(1440)));
    (0..END, targets, option::of(hours)).prop_map(|(from, targets, hours)| Promise {
        from,
        targets,
        hours,
        holidays: Vec::new(),
    })
}

/// Versions in the order in which they take effect, the first before everything.
fn promises() -> impl Strategy<Value = Vec<Promise>> {
    vec(promise(), 1..4).prop_map(|mut promises| {
        promises.sort_by_key(|promise| promise.from);
        promises[0].from = -1;
        promises.dedup_by_key(|promise| promise.from);
        promises
    })
}

fn happening() -> impl Strategy<Value = (Role, TicketEvent)> {
    let pending = proptest::sample::select(PENDING_REASONS)
        .prop_map(|reason| (Role::Agent, TicketEvent::SetPending(SetPending { reason: slug(reason) })));
    let assigned = Assigned { to: ActorId::new("ines").unwrap() };
    prop_oneof![
        2 => any_priority().prop_map(|to| (Role::Agent, priority(to))),
        3 => Just((Role::Agent, replied())),
        3 => Just((Role::Customer, TicketEvent::CustomerReplied(message()))),
        3 => pending,
        1 => Just((Role::Agent, TicketEvent::SetOpen(crate::ticket::event::SetOpen {}))),
        2 => Just((Role::Agent, TicketEvent::Assigned(assigned))),
        2 => Just((Role::Agent, resolved())),
        2 => Just((Role::Customer, reopened())),
        1 => Just((Role::Agent, TicketEvent::Noted(message()))),
    ]
}

/// A life of a ticket: at most one thing in a minute.
fn life() -> impl Strategy<Value = Vec<(i64, Role, TicketEvent)>> {
    (vec(happening(), 0..14), btree_set(1..END, 14)).prop_map(|(happenings, at)| {
        at.into_iter().zip(happenings).map(|(at, (role, event))| (at, role, event)).collect()
    })
}

/// The minutes that a clock runs in, those that it stands still in, and when it ended.
#[derive(Clone, Debug, Default)]
struct Run {
    running: Vec<i64>,
    paused: Vec<i64>,
    ended: Option<i64>,
}

/// Every clock to a target, as the definitions say.
fn runs(target: Target, life: &[(i64, Role, TicketEvent)]) -> Vec<Run> {
    let mut ticket = Ticket { exists: true, ..Ticket::default() };
    let (mut runs, mut active, mut answered, mut taken_up) = (Vec::<Run>::new(), false, false, false);
    let mut asked = false;
    let mut steps = life.iter().peekable();
    for minute in 0..END {
        let was_resolved = ticket.status == Status::Resolved;
        let (mut replies, mut resolves, mut writes) = (false, false, false);
        if let Some((_, role, event)) = steps.next_if(|(at, _, _)| *at == minute) {
            replies = matches!(event, TicketEvent::Replied(_)) && *role == Role::Agent;
            resolves = matches!(event, TicketEvent::Resolved(_)) && !was_resolved;
            writes = matches!(event, TicketEvent::CustomerReplied(_));
            taken_up |= matches!(event, TicketEvent::Assigned(_));
            ticket = TicketDecider::evolve(ticket, event);
        }
        let is_resolved = ticket.status == Status::Resolved;
        let waits = ticket.pending_reason.as_ref().is_some_and(|reason| reason.as_str() == PENDING_CUSTOMER);
        asked |= writes && answered;
        let ends = match target {
            Target::FirstResponse | Target::NextReply => replies || resolves,
            Target::RequesterWait | Target::AgentWork | Target::Resolution => resolves,
        };
        if active && ends {
            runs.last_mut().unwrap().ended = Some(minute);
            active = false;
        }
        if replies || resolves {
            (answered, asked) = (true, false);
        }
        let begins = match target {
            Target::FirstResponse => runs.is_empty(),
            Target::RequesterWait | Target::Resolution => !active && !is_resolved,
            Target::AgentWork => !active && !is_resolved && taken_up,
            Target::NextReply => !active && !is_resolved && asked,
        };
        if begins {
            active = true;
            if runs.is_empty() || target == Target::NextReply {
                runs.push(Run::default());
            }
            runs.last_mut().unwrap().ended = None;
        }
        let pauses = waits && matches!(target, Target::RequesterWait | Target::AgentWork);
        if active {
            let run = runs.last_mut().unwrap();
            if pauses { &mut run.paused } else { &mut run.running }.push(minute);
        }
    }
    runs
}

/// The time that counts, and the last minute that met the target if it was missed.
fn judged(
    target: Target,
    run: &Run,
    priority_at: impl Fn(i64) -> Priority,
    promised_at: impl Fn(i64) -> Promise,
) -> (i64, Option<i64>) {
    let (mut elapsed, mut missed) = (0, None);
    let runs = run.running.iter().map(|minute| (minute, true));
    let stands = run.paused.iter().map(|minute| (minute, false));
    for (minute, runs) in BTreeMap::from_iter(runs.chain(stands)) {
        let promise = promised_at(*minute);
        let open = runs && promise.is_open(*minute);
        let exceeded = promise
            .target(priority_at(*minute), target)
            .is_some_and(|target| elapsed > target || (elapsed == target && open));
        if exceeded {
            missed = missed.or(Some(*minute));
        }
        elapsed += i64::from(open);
    }
    (elapsed, missed)
}

fn ranges(minutes: &[i64]) -> Vec<Range<i64>> {
    minutes.chunk_by(|a, b| a + 1 == *b).map(|run| run[0]..run[run.len() - 1] + 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * config().cases, ..config() })]

    #[test]
    fn every_clock_agrees_with_a_walk_through_the_minutes(
        opened in option::of(any_priority()),
        life in life(),
        promises in promises(),
    ) {
        let mut rules = Rules::default();
        for (place, promise) in promises.iter().enumerate() {
            promise.publish(place as u32 + 2, &mut rules);
        }
        let given = Vec::from_iter(life.iter().map(|(at, role, event)| (minutes(*at), *role, event.clone())));
        let clocks = course(opened, &given).clocks(&rules);
        let priority_at = |minute: i64| {
            let before = life.iter().take_while(|(at, _, _)| *at <= minute);
            let changed = before.filter_map(|(_, _, event)| match event {
                TicketEvent::PriorityChanged(changed) => Some(changed.to),
                _ => None,
            });
            changed.last().or(opened).unwrap_or(Priority::Normal)
        };
        let promised_at = |minute: i64| {
            promises.iter().rfind(|promise| promise.from <= minute).unwrap().clone()
        };
        for target in Target::ALL {
            let runs = runs(target, &life);
            let computed = Vec::from_iter(clocks.iter().filter(|clock| clock.face.target == target));
            let promised = promises.iter().any(|promise| {
                Priority::ALL.iter().any(|priority| promise.target(*priority, target).is_some())
            });
            if !promised {
                prop_assert!(computed.is_empty());
                continue;
            }
            // Those that never had a target are left out.
            prop_assert!(computed.len() <= runs.len(), "{:?} {:?}", target, computed);
            for run in &runs {
                let (elapsed, missed) = judged(target, run, priority_at, promised_at);
                let began = run.running.first().or(run.ended.as_ref()).copied();
                let clock = computed.iter().find(|clock| {
                    began == Some(clock.face.started_at.since(START).0 / 60_000)
                        || clock.intervals.iter().any(|stretch| {
                            ranges(&run.running).iter().any(|range| {
                                stretch.from == START.plus(minutes(range.start)) && !stretch.paused
                            })
                        })
                });
                let Some(clock) = clock else {
                    prop_assert_eq!(missed, None, "{:?} {:?}", target, ranges(&run.running));
                    continue;
                };
                let now = START.plus(minutes(END));
                let from_start = |at: Timestamp| at.since(START).0 / 60_000;
                prop_assert_eq!(clock.face.end.map(|end| from_start(end.at)), run.ended, "{:?}", clock);
                prop_assert_eq!(clock.elapsed(&rules, now), minutes(elapsed), "{:?}", clock);
                let said = clock.face.missed(now).map(|breach| from_start(breach.at));
                prop_assert_eq!(said, missed, "{:?}", clock);
                if let Some(end) = clock.face.end {
                    prop_assert_eq!(end.missed, missed.is_some(), "{:?}", clock);
                }
            }
        }
    }
}
