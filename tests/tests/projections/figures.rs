//! Reports against a plain fold of the log: every measure of every ticket, every group and trend, to the second, however the
//! facts are kept; and every figure against the facts that explain it.

use super::reach::{People, desk};
use super::support::{events, facts, feed, log_of, runtime};
use docket_core::access::Reach;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, Slug, TicketNumber};
use docket_core::sla::{Course, Outcome as ClockOutcome, Rules, Target};
use docket_core::ticket::event::{Channel, Score};
use docket_core::ticket::{Status, Ticket, TicketDecider, TicketEvent};
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::Connection;
use docket_projections::ledger::{Dimension, Fact, Flags, Measure, Outcome};
use docket_projections::log_event::LogEvent;
use docket_projections::metrics;
use docket_projections::metrics::figures::{quantile, round};
use docket_projections::metrics::report::{GroupBy, GroupFigures};
use docket_projections::read_model::Purpose;
use docket_projections::rebuild::{Continue, rebuild};
use docket_projections::registry::{self, Definition, Model};
use docket_projections::reports::answer::{Answer, Asked, Placed, ReportName, Told, answer};
use docket_projections::reports::explain::{FactId, Wanted, explain};
use docket_tests::random::{Random, seeds};
use std::collections::BTreeMap;
use std::path::Path;

const END: GlobalPosition = GlobalPosition(u64::MAX);
const EVER: (Timestamp, Timestamp) = (Timestamp::MIN, Timestamp(Timestamp::MAX.0 + 1));

fn reports() -> Definition {
    registry::all().into_iter().find(|definition| definition.name == "reports").unwrap()
}

/// A fact in plain words, as both sides say it.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    measure: Measure,
    outcome: Outcome,
    flags: u8,
    began: (i64, u64),
    ended: Option<(i64, u64)>,
    value_s: i64,
    names: BTreeMap<&'static str, String>,
}

impl Plain {
    fn of(fact: &Fact) -> Self {
        let names = Dimension::ALL.into_iter().filter_map(|dimension| {
            Some((dimension.as_str(), fact.names[dimension as usize].as_ref()?.to_string()))
        });
        Self {
            measure: fact.measure,
            outcome: fact.outcome,
            flags: fact.flags.0,
            began: (fact.began.0, fact.began_position.map_or(0, |at| at.0)),
            ended: fact.ended.map(|at| (at.0, fact.ended_position.map_or(0, |at| at.0))),
            value_s: fact.value_s,
            names: names.collect(),
        }
    }
}

/// A ticket's events, and how it stood after each by the rules.
struct Past {
    events: Vec<LogEvent>,
    after: Vec<Ticket>,
}

impl Past {
    fn happened(&self, index: usize) -> &TicketEvent {
        match &self.events[index].event {
            Ok(Event::Ticket(happened)) => happened,
            other => panic!("{other:?} is nothing that happened to a ticket"),
        }
    }

    fn at(&self, index: usize) -> (i64, u64) {
        (self.events[index].occurred_at.0, self.events[index].position.0)
    }

    fn last(&self) -> &Ticket {
        self.after.last().unwrap()
    }

    fn all(&self, wanted: impl Fn(&TicketEvent) -> bool) -> Vec<usize> {
        (0..self.events.len()).filter(|index| wanted(self.happened(*index))).collect()
    }

    fn replies(&self) -> Vec<usize> {
        let mut replies = self.all(|happened| matches!(happened, TicketEvent::Replied(_)));
        replies.retain(|index| self.events[*index].actor.role.answers_for_staff());
        replies
    }

    /// Its status after an event, and whether it waits for the customer. A merge that was undone is as if it had not been.
    fn stands(&self, index: usize) -> (Status, bool) {
        let ticket = &self.after[index];
        let (status, reason) = match &ticket.merge {
            // What its customer wrote meanwhile opened it again.
            Some(merge) if merge.status == Status::Resolved && merge.written_to => {
                return (Status::Open, false);
            }
            Some(merge) => (merge.status, &merge.pending_reason),
            None => (ticket.status, &ticket.pending_reason),
        };
        let waits = match reason.as_ref().map(|reason| reason.as_str()) {
            Some("customer") => true,
            // Laid aside, it waits for whom it waited for before.
            Some("snoozed") => {
                let snoozed = |at: &usize| matches!(self.happened(*at), TicketEvent::Snoozed(_));
                let last = (1..=index).rev().find(snoozed);
                last.is_some_and(|last| self.stands(last - 1).1)
            }
            _ => false,
        };
        (status, waits)
    }

    fn merge(&self) -> Option<usize> {
        self.last().merge.as_ref()?;
        self.all(|happened| matches!(happened, TicketEvent::Merged(_))).pop()
    }

    /// The resolution that stands.
    fn resolution(&self) -> Option<usize> {
        let reopened = self.all(|happened| matches!(happened, TicketEvent::Reopened(_))).pop().unwrap_or(0);
        let mut ends = self.all(is_end).into_iter();
        ends.find(|index| *index > reopened)
    }

    fn names(&self, index: usize, agent: Option<&str>, team: Option<&str>) -> BTreeMap<&'static str, String> {
        let TicketEvent::Opened(opened) = self.happened(0) else {
            panic!("a ticket begins with its opening")
        };
        let channel = match opened.channel {
            Channel::Api => "api",
            Channel::Portal => "portal",
            Channel::Web => "web",
            Channel::Phone => "phone",
            Channel::Email => "email",
            Channel::Import => "import",
        };
        let (ticket, slug) =
            (&self.after[index], |slug: &Option<Slug>| slug.as_ref().map(ToString::to_string));
        let resolution = match self.happened(index) {
            TicketEvent::Resolved(resolved) => slug(&resolved.resolution),
            _ => None,
        };
        let intake = self.after.iter().find_map(|ticket| ticket.category.clone());
        [
            ("category", slug(&ticket.category)),
            ("intake", slug(&intake)),
            ("resolution", resolution),
            ("priority", ticket.priority.map(|priority| priority.as_str().to_owned())),
            ("team", team.map(str::to_owned)),
            ("agent", agent.map(str::to_owned)),
            ("channel", Some(channel.to_owned())),
            ("language", opened.language.map(|language| language.as_str().to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    fn done(&self, measure: Measure, began: (i64, u64), index: usize) -> Plain {
        let actor = &self.events[index].actor;
        let names = self.names(index, Some(actor.id.as_str()), actor.team.as_ref().map(Slug::as_str));
        let ended = self.at(index);
        let value_s = (ended.0 - began.0).div_euclid(1000);
        Plain { measure, outcome: Outcome::Done, flags: 0, began, ended: Some(ended), value_s, names }
    }

    fn open(&self, measure: Measure, began: (i64, u64)) -> Plain {
        let last = self.last();
        let (agent, team) =
            (last.assignee.as_ref().map(|id| id.as_str()), last.team.as_ref().map(Slug::as_str));
        let mut names = self.names(self.events.len() - 1, agent, team);
        names.remove("resolution");
        let (outcome, ended) = match self.merge() {
            Some(merge) => (Outcome::Merged, Some(self.at(merge))),
            None => (Outcome::Open, None),
        };
        Plain { measure, outcome, flags: 0, began, ended, value_s: 0, names }
    }

    fn facts(&self) -> Vec<Plain> {
        let began = self.at(0);
        let mut facts = Vec::new();
        let (replies, resolution) = (self.replies(), self.resolution());
        facts.push(match (replies.first(), self.merge(), resolution) {
            (Some(reply), _, _) => self.done(Measure::FirstResponse, began, *reply),
            (None, None, Some(resolution)) => Plain {
                outcome: Outcome::Without,
                value_s: 0,
                ..self.done(Measure::FirstResponse, began, resolution)
            },
            (None, _, _) => self.open(Measure::FirstResponse, began),
        });
        facts.extend(self.next_replies());
        let reopened = !self.all(|happened| matches!(happened, TicketEvent::Reopened(_))).is_empty();
        let resolved = self.all(|happened| matches!(happened, TicketEvent::Resolved(_)));
        let first = resolved.first().copied().or(self.all(is_end).first().copied());
        let flag = if reopened { Flags::REOPENED } else { 0 };
        facts.push(match first {
            Some(first) => Plain { flags: flag, ..self.done(Measure::FirstResolution, began, first) },
            None => Plain { flags: flag, ..self.open(Measure::FirstResolution, began) },
        });
        facts.push(match resolution {
            None => self.open(Measure::FullResolution, began),
            Some(resolution) => {
                let asked = self.all(is_message).into_iter();
                let again = replies.first().is_some_and(|reply| {
                    asked.clone().any(|message| *reply < message && message < resolution)
                });
                let mut flags = flag;
                flags |= if replies.len() < 2 { Flags::ONE_TOUCH } else { 0 };
                flags |= if reopened || again { 0 } else { Flags::FIRST_CONTACT };
                Plain { flags, ..self.done(Measure::FullResolution, began, resolution) }
            }
        });
        facts.push(self.waited());
        facts.extend(self.satisfaction());
        facts.extend(self.activity());
        facts.extend(self.spells());
        facts.sort_by_key(|fact| fact.measure);
        facts
    }

    fn next_replies(&self) -> Vec<Plain> {
        let (mut unanswered, mut since, mut asked_while_resolved) = (true, None, false);
        let mut facts = Vec::new();
        for index in 0..self.events.len() {
            let resolved_before = index > 0 && self.stands(index - 1).0 == Status::Resolved;
            match self.happened(index) {
                TicketEvent::Replied(_) if self.events[index].actor.role.answers_for_staff() => {
                    if let Some(began) = since.take() {
                        facts.push(self.done(Measure::NextReply, began, index));
                    }
                    (unanswered, asked_while_resolved) = (false, false);
                }
                happened if is_message(happened) && !unanswered => {
                    unanswered = true;
                    // Written to a ticket that was merged, and later was not any more: it opened it again.
                    let opens = self.after[index].merge.is_some() && self.merge() != Some(index);
                    if resolved_before && !opens {
                        asked_while_resolved = true;
                    } else {
                        since = Some(self.at(index));
                    }
                }
                happened if is_end(happened) && !resolved_before => {
                    if let Some(began) = since.take() {
                        let done = self.done(Measure::NextReply, began, index);
                        let mut names = done.names;
                        names.remove("resolution");
                        facts.push(Plain { outcome: Outcome::Without, value_s: 0, names, ..done });
                    }
                    unanswered = false;
                }
                TicketEvent::Reopened(_) if std::mem::take(&mut asked_while_resolved) => {
                    since = Some(self.at(index));
                }
                _ => {}
            }
            if self.merge() == Some(index) {
                if let Some(began) = since.take() {
                    let done = self.done(Measure::NextReply, began, index);
                    facts.push(Plain { outcome: Outcome::Merged, value_s: 0, ..done });
                }
                return facts;
            }
        }
        facts.extend(since.map(|began| self.open(Measure::NextReply, began)));
        facts
    }

    /// Second by second in effect: the time in states that count, from one event to the next.
    fn waited(&self) -> Plain {
        let merge = self.merge();
        let end = merge.unwrap_or(self.events.len());
        let mut elapsed = 0;
        for index in 1..=end.min(self.events.len() - 1) {
            let (status, waits) = self.stands(index - 1);
            if status != Status::Resolved && !(status == Status::Pending && waits) {
                elapsed += self.at(index).0 - self.at(index - 1).0;
            }
        }
        let began = self.at(0);
        match (merge, self.resolution()) {
            (Some(merge), Some(resolution)) if resolution < merge => Plain {
                value_s: elapsed.div_euclid(1000),
                ..self.done(Measure::RequesterWait, began, resolution)
            },
            (Some(merge), _) => Plain {
                outcome: Outcome::Merged,
                value_s: 0,
                ..self.done(Measure::RequesterWait, began, merge)
            },
            (None, Some(resolution)) => Plain {
                value_s: elapsed.div_euclid(1000),
                ..self.done(Measure::RequesterWait, began, resolution)
            },
            (None, None) => self.open(Measure::RequesterWait, began),
        }
    }

    fn satisfaction(&self) -> Vec<Plain> {
        let resolved = self.all(|happened| matches!(happened, TicketEvent::Resolved(_)));
        let cycle = |index: usize| self.after[index].cycle;
        let mut facts = Vec::new();
        for (place, index) in resolved.iter().enumerate() {
            if resolved[..place].iter().any(|earlier| cycle(*earlier) == cycle(*index)) {
                continue;
            }
            let TicketEvent::Resolved(how) = self.happened(*index) else { continue };
            let mut fact = self.done(Measure::Satisfaction, self.at(*index), *index);
            let resolver = how.assignee.as_ref().unwrap_or(&self.events[*index].actor.id);
            fact.names.insert("agent", resolver.to_string());
            (fact.outcome, fact.ended) = (Outcome::Unrated, None);
            fact.flags = if how.survey { Flags::ASKED } else { 0 };
            for rating in 0..self.events.len() {
                if let TicketEvent::Rated(rated) = self.happened(rating)
                    && rated.cycle == cycle(*index)
                {
                    fact.outcome = if rated.score == Score::Good { Outcome::Good } else { Outcome::Bad };
                    fact.ended = Some(self.at(rating));
                    fact.value_s = (self.at(rating).0 - fact.began.0).div_euclid(1000);
                    fact.flags &= Flags::ASKED;
                    fact.flags |= if rated.comment.is_some() { Flags::COMMENTED } else { 0 };
                    fact.names.extend(rated.resolver.as_ref().map(|id| ("agent", id.to_string())));
                }
            }
            facts.push(fact);
        }
        facts
    }

    fn activity(&self) -> Vec<Plain> {
        let mut facts = Vec::new();
        for index in 0..self.events.len() {
            let mut fact = self.done(Measure::Activity, self.at(index), index);
            fact.outcome = match self.happened(index) {
                TicketEvent::Replied(_) if self.events[index].actor.role.answers_for_staff() => {
                    Outcome::PublicReply
                }
                TicketEvent::Noted(_) => Outcome::Note,
                TicketEvent::Assigned(_) | TicketEvent::Reassigned(_) => {
                    let ticket = &self.after[index];
                    fact.names.insert("agent", ticket.assignee.as_ref().unwrap().to_string());
                    fact.names.remove("team");
                    fact.names.extend(ticket.team.as_ref().map(|team| ("team", team.to_string())));
                    Outcome::Taken
                }
                TicketEvent::Resolved(_) => Outcome::Resolved,
                TicketEvent::Reopened(_) => {
                    fact.names.remove("agent");
                    fact.names.remove("team");
                    let reopened = |other: &usize| matches!(self.happened(*other), TicketEvent::Reopened(_));
                    let since = (0..index).rev().find(reopened).map_or(0, |other| other + 1);
                    let resolved = |other: &usize| matches!(self.happened(*other), TicketEvent::Resolved(_));
                    if let Some(resolved) = (since..index).find(resolved) {
                        let actor = &self.events[resolved].actor;
                        fact.names.insert("agent", actor.id.to_string());
                        fact.names.extend(actor.team.as_ref().map(|team| ("team", team.to_string())));
                    }
                    Outcome::Reopened
                }
                TicketEvent::Escalated(_) => Outcome::Escalated,
                _ => continue,
            };
            facts.push(fact);
        }
        facts
    }

    fn spells(&self) -> Vec<Plain> {
        let mut since = Some(self.at(0));
        let mut facts = Vec::new();
        for index in 0..self.events.len() {
            match self.happened(index) {
                happened if is_end(happened) => {
                    facts.extend(since.take().map(|began| self.done(Measure::Spell, began, index)));
                }
                TicketEvent::Reopened(_) => since = since.or(Some(self.at(index))),
                _ => {}
            }
        }
        facts.extend(since.map(|began| self.open(Measure::Spell, began)));
        facts
    }
}

fn is_end(happened: &TicketEvent) -> bool {
    matches!(happened, TicketEvent::Resolved(_) | TicketEvent::Sealed(_))
}

fn is_message(happened: &TicketEvent) -> bool {
    matches!(
        happened,
        TicketEvent::CustomerReplied(_) | TicketEvent::ConfirmationRefused(_) | TicketEvent::Forwarded(_)
    )
}

fn pasts(events: &[LogEvent]) -> BTreeMap<TicketNumber, Past> {
    let mut pasts = BTreeMap::<TicketNumber, Past>::new();
    for event in events {
        let (Some(number), Ok(Event::Ticket(happened))) = (event.ticket(), &event.event) else { continue };
        let past = pasts.entry(number).or_insert_with(|| Past { events: Vec::new(), after: Vec::new() });
        let before = past.after.last().cloned().unwrap_or_default();
        past.after.push(TicketDecider::evolve(before, happened));
        past.events.push(event.clone());
    }
    pasts
}

fn asked(report: ReportName, by: Option<Dimension>, bounds: &[Timestamp]) -> Asked {
    let now = Timestamp(1_800_000_000_000);
    Asked { report, by, placed: Placed::Began, bounds: bounds.to_vec(), trend: bounds.len() > 2, now }
}

/// Every fact behind a report, page by page.
fn all_facts(
    connection: &Connection,
    reach: &Reach,
    asked: &Asked,
    group: Option<Option<String>>,
    limit: usize,
) -> Vec<(FactId, Fact)> {
    let mut facts = Vec::new();
    loop {
        let after = facts.last().map(|(id, _)| *id);
        let wanted = Wanted { asked: asked.clone(), group: group.clone(), outcome: None, after, limit };
        let page = explain(connection, reach, &wanted).unwrap();
        assert!(page.facts.is_sorted_by_key(|(id, _)| *id));
        assert!(!page.more || page.facts.len() == limit);
        facts.extend(page.facts);
        if !page.more {
            return facts;
        }
    }
}

/// A read model, and how it keeps its facts.
type Kept = (&'static str, Box<dyn Model>);

/// The same facts, kept in three ways: all told loosely, all sealed, and sealed with some told loosely since.
fn kept_in_all_ways(seed: u64, directory: &Path) -> (Vec<LogEvent>, [Kept; 3]) {
    let (runtime, definition) = (runtime(), reports());
    let store = log_of(&runtime, facts(seed, 6_000));
    let all = events(&runtime, store.as_ref());
    let mut loose = definition.open(Path::new(""), Purpose::Memory).unwrap();
    loose.apply(&all, END).unwrap();
    loose.flush().unwrap();
    let feed = feed(&runtime, &store);
    let [sealed, mixed] = [("sealed", all.len()), ("mixed", all.len() / 2)].map(|(name, up_to)| {
        let path = directory.join(format!("{name}-{seed}.db"));
        rebuild(&definition, &feed, &path, GlobalPosition(up_to as u64), |_| Continue::Yes).unwrap();
        let mut model = definition.open(&path, Purpose::Live).unwrap();
        model.apply(&all, END).unwrap();
        model.flush().unwrap();
        definition.check(&path, Box::new(|| false)).unwrap();
        model
    });
    assert_eq!(loose.digest(), sealed.digest());
    assert_eq!(loose.digest(), mixed.digest());
    (all, [("loose", loose), ("sealed", sealed), ("mixed", mixed)])
}

#[test]
fn facts_are_what_a_plain_fold_of_the_log_says_however_they_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let told_elsewhere = |report: &ReportName| {
        let elsewhere = [ReportName::AgentWork, ReportName::HandOver, ReportName::Response];
        elsewhere.contains(report) || report.as_str().starts_with("sla-")
    };
    for seed in seeds([301, 302]) {
        println!("DOCKET_SEED={seed}");
        let (all, kept) = kept_in_all_ways(seed, directory.path());
        let mut by_hand = BTreeMap::<Measure, Vec<(TicketNumber, Plain)>>::new();
        for (number, past) in pasts(&all) {
            for fact in past.facts() {
                by_hand.entry(fact.measure).or_default().push((number, fact));
            }
        }
        for (name, model) in &kept {
            for report in ReportName::ALL.into_iter().filter(|report| !told_elsewhere(report)) {
                let asked = asked(report, None, &[EVER.0, EVER.1]);
                let told = all_facts(model.connection().unwrap(), &Reach::Everything, &asked, None, 97);
                let expected = &by_hand[&report.measures()[0]];
                for ((id, fact), (number, plain)) in told.iter().zip(expected) {
                    assert_eq!(
                        (id.ticket, &Plain::of(fact)),
                        (*number, plain),
                        "{name}: {report:?} of {number}"
                    );
                }
                assert_eq!(told.len(), expected.len(), "{name}: {report:?}");
            }
        }
        for (measure, least) in [
            (Measure::NextReply, 40),
            (Measure::Satisfaction, 40),
            (Measure::Spell, 200),
            (Measure::Activity, 600),
        ] {
            assert!(by_hand[&measure].len() > least, "{measure:?}: {}", by_hand[&measure].len());
        }
    }
}

/// The figures of facts, by sorting and adding.
fn figures_by_hand(report: ReportName, facts: &[&Fact], now: Timestamp) -> Told {
    let mut told = Told::default();
    let count = |outcome| facts.iter().filter(|fact| fact.outcome == outcome).count() as u64;
    let mut seconds: Vec<i64> =
        facts.iter().filter(|fact| fact.outcome.is_measured()).map(|fact| fact.value_s).collect();
    seconds.sort_unstable();
    told.open = facts.iter().filter(|fact| fact.outcome.is_open()).count() as u64;
    told.sum_s = Some(seconds.iter().sum());
    told.n = seconds.len() as u64;
    told.mean_s = (told.n > 0).then(|| round(seconds.iter().sum::<i64>() as f64 / told.n as f64, 3));
    let percentile = |percent| quantile(&seconds, percent, 100).map(|value| round(value, 3));
    (told.p50_s, told.p90_s, told.p95_s) = (percentile(50), percentile(90), percentile(95));
    told.negative = Some(seconds.iter().filter(|value| **value < 0).count() as u64);
    let share = |part: u64, whole: u64| (whole > 0).then(|| round(part as f64 / whole as f64, 4));
    match report {
        ReportName::Activity => {
            told = Told { n: facts.len() as u64, open: 0, ..Told::default() };
        }
        ReportName::Satisfaction => {
            let (good, bad) = (count(Outcome::Good), count(Outcome::Bad));
            let asked = || facts.iter().filter(|fact| fact.flags.has(Flags::ASKED));
            let rated = asked().filter(|fact| fact.outcome != Outcome::Unrated).count() as u64;
            told = Told { n: good + bad, open: 0, ..Told::default() };
            told.rates.insert("satisfied", share(good, good + bad));
            told.rates.insert("response", share(rated, asked().count() as u64));
        }
        _ if report.as_str().starts_with("sla-") => {
            let (met, missed) = (count(Outcome::Met), count(Outcome::Missed));
            told.rates.insert("met", share(met, met + missed));
            let late = facts.iter().filter(|fact| fact.missed_after.is_some_and(|at| at < now)).count();
            told.counts.insert("running_missed", late as u64);
        }
        _ => {}
    }
    told
}

#[track_caller]
fn check_figures(report: ReportName, told: &Told, facts: &[&Fact], now: Timestamp, context: &str) {
    let by_hand = figures_by_hand(report, facts, now);
    let spread = |told: &Told| {
        (told.n, told.open, told.sum_s, told.mean_s, told.p50_s, told.p90_s, told.p95_s, told.negative)
    };
    assert_eq!(spread(told), spread(&by_hand), "{context}");
    for (name, rate) in &by_hand.rates {
        assert_eq!(told.rates.get(name), Some(rate), "{context}: {name}");
    }
    for (name, count) in &by_hand.counts {
        assert_eq!(told.counts.get(name), Some(count), "{context}: {name}");
    }
    // What was reopened is a deed in one report, and said of a resolution in another.
    let named_twice = |outcome| outcome == Outcome::Reopened && report != ReportName::Activity;
    for outcome in Outcome::ALL.into_iter().filter(|outcome| !named_twice(*outcome)) {
        if let Some(count) = told.counts.get(outcome.as_str()).filter(|_| outcome != Outcome::Running) {
            let expected = facts.iter().filter(|fact| fact.outcome == outcome).count() as u64;
            assert_eq!(*count, expected, "{context}: {outcome:?}");
        }
    }
}

/// Instants that cut the time of a log into periods of odd lengths.
fn bounds(random: &mut Random, facts: &[(FactId, Fact)], periods: usize) -> Vec<Timestamp> {
    let mut bounds: Vec<Timestamp> = (0..=periods)
        .map(|_| facts[random.index(facts.len())].1.began.plus(DurationMs(random.below(2) as i64)))
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

#[test]
fn every_figure_of_every_group_and_trend_is_what_its_facts_come_to() {
    let directory = tempfile::tempdir().unwrap();
    for seed in seeds([303]) {
        println!("DOCKET_SEED={seed}");
        let (_, kept) = kept_in_all_ways(seed, directory.path());
        let mut random = Random::new(seed);
        for report in ReportName::ALL {
            let connection = |way: usize| kept[way].1.connection().unwrap();
            let ever = asked(report, None, &[EVER.0, EVER.1]);
            let facts = all_facts(connection(0), &Reach::Everything, &ever, None, 1000);
            assert!(!facts.is_empty(), "{report:?}");
            for by in std::iter::once(None).chain(Dimension::ALL.map(Some)) {
                let mut asked = asked(report, by, &bounds(&mut random, &facts, 5));
                asked.placed = if random.coin() { Placed::Began } else { Placed::Ended };
                asked.now = facts[random.index(facts.len())].1.began;
                let answers = [0, 1, 2].map(|way| {
                    let told = answer(connection(way), &Reach::Everything, &asked).unwrap().unwrap();
                    Answer { position: GlobalPosition(0), ..told }
                });
                assert_eq!(answers[0], answers[1], "{report:?} by {by:?}: sealed");
                assert_eq!(answers[0], answers[2], "{report:?} by {by:?}: mixed");
                if report == ReportName::Backlog {
                    check_backlog(&asked, &answers[0], &facts);
                } else {
                    check_answer(&asked, &answers[0], &facts);
                }
            }
        }
    }
}

fn check_answer(asked: &Asked, answer: &Answer, facts: &[(FactId, Fact)]) {
    let of = |from: Timestamp, until: Timestamp, group: Option<&str>| -> Vec<&Fact> {
        let within = |fact: &&Fact| {
            let at = if asked.placed == Placed::Began { Some(fact.began) } else { fact.ended };
            let name = asked.by.map(|by| fact.names[by as usize].as_deref().unwrap_or("(none)"));
            at.is_some_and(|at| from <= at && at < until) && (group.is_none() || name == group)
        };
        facts.iter().map(|(_, fact)| fact).filter(within).collect()
    };
    let (first, last) = (asked.bounds[0], *asked.bounds.last().unwrap());
    let context = format!("{asked:?}");
    check_figures(asked.report, &answer.all, &of(first, last, None), asked.now, &context);
    let mut left = of(first, last, None).len();
    for (group, told) in &answer.groups {
        let facts = of(first, last, Some(group));
        left -= facts.len();
        check_figures(asked.report, told, &facts, asked.now, &format!("{context} {group}"));
    }
    assert!(asked.by.is_none() || left == 0, "{context}: {left} facts are of no group");
    assert_eq!(answer.periods.len(), asked.bounds.len() - 1);
    for (period, pair) in answer.periods.iter().zip(asked.bounds.windows(2)) {
        assert_eq!([period.from, period.until], [pair[0], pair[1]]);
        check_figures(asked.report, &period.all, &of(pair[0], pair[1], None), asked.now, &context);
        for (group, told) in &period.groups {
            check_figures(asked.report, told, &of(pair[0], pair[1], Some(group)), asked.now, &context);
        }
    }
}

fn check_backlog(asked: &Asked, answer: &Answer, facts: &[(FactId, Fact)]) {
    for (period, pair) in answer.periods.iter().zip(asked.bounds.windows(2)) {
        let groups = period.groups.iter().map(|(name, told)| (Some(name.as_str()), told));
        for (group, told) in groups.chain([(None, &period.all)]) {
            let of_group = |fact: &&Fact| {
                let name = asked.by.map(|by| fact.names[by as usize].as_deref().unwrap_or("(none)"));
                group.is_none() || name == group
            };
            let count = |wanted: &dyn Fn(&Fact) -> bool| {
                facts.iter().map(|(_, fact)| fact).filter(of_group).filter(|fact| wanted(fact)).count() as u64
            };
            let within = |at: Timestamp| pair[0] <= at && at < pair[1];
            let came = count(&|fact| within(fact.began));
            let ended = count(&|fact| fact.ended.is_some_and(within));
            let open = count(&|fact| fact.began < pair[1] && fact.ended.is_none_or(|at| at >= pair[1]));
            assert_eq!((told.n, told.counts["ended"], told.open), (came, ended, open), "{asked:?} {group:?}");
        }
    }
}

#[test]
fn a_page_of_facts_of_a_group_is_what_the_figure_of_the_group_counts() {
    let directory = tempfile::tempdir().unwrap();
    let (_, kept) = kept_in_all_ways(304, directory.path());
    for (way, model) in &kept {
        let connection = model.connection().unwrap();
        for report in [ReportName::Response, ReportName::Satisfaction, ReportName::SlaFirstResponse] {
            let asked = asked(report, Some(Dimension::Agent), &[EVER.0, EVER.1]);
            let answer = answer(connection, &Reach::Everything, &asked).unwrap().unwrap();
            assert!(answer.groups.len() > 3);
            for (group, told) in &answer.groups {
                let name = Some(group.clone()).filter(|name| name != "(none)");
                let facts = all_facts(connection, &Reach::Everything, &asked, Some(name), 11);
                let facts: Vec<&Fact> = facts.iter().map(|(_, fact)| fact).collect();
                check_figures(report, told, &facts, asked.now, &format!("{way} {group}"));
            }
        }
    }
}

#[test]
fn the_figures_are_those_of_the_metrics_and_of_the_clocks() {
    let directory = tempfile::tempdir().unwrap();
    let (all, kept) = kept_in_all_ways(305, directory.path());
    let folded = |name| {
        let definition = registry::all().into_iter().find(|definition| definition.name == name).unwrap();
        let mut model = definition.open(Path::new(""), Purpose::Memory).unwrap();
        model.apply(&all, END).unwrap();
        model.flush().unwrap();
        model
    };
    let metrics = folded("metrics");
    let metrics =
        metrics::report::report(metrics.connection().unwrap(), &Reach::Everything, GroupBy::Agent, EVER);
    let metrics = metrics.unwrap();
    type Pick = fn(&GroupFigures) -> (u64, i64);
    let picks: [(ReportName, Pick); 4] = [
        (ReportName::FirstResponse, |group| (group.first_response.n, group.first_response.sum_s)),
        (ReportName::FirstResolution, |group| (group.first_resolution.n, group.first_resolution.sum_s)),
        (ReportName::FullResolution, |group| (group.full_resolution.n, group.full_resolution.sum_s)),
        (ReportName::HandOver, |group| (group.hand_over.n, group.hand_over.sum_s)),
    ];
    let connection = kept[2].1.connection().unwrap();
    let told = |report, by| {
        answer(connection, &Reach::Everything, &asked(report, by, &[EVER.0, EVER.1])).unwrap().unwrap()
    };
    for (report, pick) in picks {
        let told = told(report, Some(Dimension::Agent));
        assert_eq!((told.all.n, told.all.sum_s.unwrap()), pick(&metrics.all), "{report:?}");
        for (name, group) in &metrics.groups {
            let of_group = told.groups.get(name).map_or((0, 0), |told| (told.n, told.sum_s.unwrap()));
            assert_eq!(of_group, pick(group), "{report:?} {name}");
        }
    }
    let mut rules = Rules::default();
    for event in &all {
        if let Ok(Event::Setting(setting)) = &event.event {
            rules.take(setting);
        }
    }
    let mut clocks = BTreeMap::<(Target, Outcome), u64>::new();
    for past in pasts(&all).values() {
        let TicketEvent::Opened(opened) = past.happened(0) else { panic!() };
        let mut course = Course::opened(past.events[0].occurred_at, opened.priority);
        for (index, event) in past.events.iter().enumerate() {
            course.take(event.occurred_at, event.actor.role, past.happened(index));
        }
        for clock in course.clocks(&rules) {
            let outcome = match clock.face.end.map(|end| (end.outcome, end.missed)) {
                None => Outcome::Running,
                Some((ClockOutcome::Responded | ClockOutcome::Resolved, false)) => Outcome::Met,
                Some((ClockOutcome::Responded | ClockOutcome::Resolved, true)) => Outcome::Missed,
                Some((ClockOutcome::FulfilledByResolution, false)) => Outcome::FulfilledByResolution,
                Some((ClockOutcome::FulfilledByResolution, true)) => Outcome::ResolvedLate,
                Some((ClockOutcome::CancelledByMerge, _)) => Outcome::Cancelled,
            };
            *clocks.entry((clock.face.target, outcome)).or_default() += 1;
        }
    }
    for (report, target) in [
        (ReportName::SlaFirstResponse, Target::FirstResponse),
        (ReportName::SlaNextReply, Target::NextReply),
        (ReportName::SlaRequesterWait, Target::RequesterWait),
        (ReportName::SlaAgentWork, Target::AgentWork),
        (ReportName::SlaResolution, Target::Resolution),
    ] {
        let attainment = told(report, None);
        let expected = |outcome| clocks.get(&(target, outcome)).copied().unwrap_or_default();
        for outcome in [
            Outcome::Met,
            Outcome::Missed,
            Outcome::FulfilledByResolution,
            Outcome::ResolvedLate,
            Outcome::Cancelled,
        ] {
            assert_eq!(attainment.all.counts[outcome.as_str()], expected(outcome), "{target:?} {outcome:?}");
        }
        assert_eq!(attainment.all.open, expected(Outcome::Running), "{target:?}");
        assert!(attainment.all.counts["met"] + attainment.all.counts["missed"] > 20, "{target:?}");
    }
}

#[test]
fn a_report_counts_the_facts_within_reach_and_no_others() {
    let seed = 306;
    let (runtime, directory, live, tickets, store) = desk(seed);
    let (people, mut random) = (People::of(&tickets), Random::new(seed));
    let feed = feed(&runtime, &store);
    let path = directory.path().join("sealed.db");
    rebuild(&reports(), &feed, &path, END, |_| Continue::Yes).unwrap();
    let sealed = reports().open(&path, Purpose::Live).unwrap();
    let everything = asked(ReportName::FullResolution, None, &[EVER.0, EVER.1]);
    let all = live
        .query("reports", |rows| Ok(all_facts(rows, &Reach::Everything, &everything, None, 500)))
        .unwrap();
    let mut some = 0;
    for _ in 0..30 {
        let reach = people.reach(&mut random);
        let seen: Vec<_> = all
            .iter()
            .filter(|(id, _)| {
                let ticket = &tickets[&id.ticket].ticket;
                reach.counts(ticket.team.as_ref(), ticket.assignee.as_ref())
            })
            .cloned()
            .collect();
        some += usize::from(!seen.is_empty() && seen.len() < all.len());
        let from_live =
            live.query("reports", |rows| Ok(all_facts(rows, &reach, &everything, None, 100))).unwrap();
        assert_eq!(from_live, seen, "{reach:?}");
        assert_eq!(
            all_facts(sealed.connection().unwrap(), &reach, &everything, None, 100),
            seen,
            "{reach:?}"
        );
        let told = live.query("reports", |rows| answer(rows, &reach, &everything)).unwrap().unwrap();
        let told_sealed = answer(sealed.connection().unwrap(), &reach, &everything).unwrap().unwrap();
        let facts: Vec<&Fact> = seen.iter().map(|(_, fact)| fact).collect();
        check_figures(everything.report, &told.all, &facts, everything.now, &format!("{reach:?}"));
        assert_eq!(told.all, told_sealed.all, "{reach:?}");
    }
    assert!(some > 5, "{some} reaches see some tickets and not all");
}
