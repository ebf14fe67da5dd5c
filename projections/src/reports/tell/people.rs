//! Tells what people did with a ticket, what its customer thought of it, and how long it was handed over.

use super::super::{Deed, Mark, Place};
use super::{By, Teller};
use crate::ledger::{Dimension, Fact, Flags, Measure, Outcome};
use crate::metrics::hand_over::{End, Ended, HandOver};
use compact_str::CompactString;
use docket_core::names::{ActorId, GlobalPosition};
use docket_core::ticket::event::Score;
use docket_core::time::Timestamp;

impl<'a> Teller<'a> {
    /// What became of each resolved cycle's survey. The last rating of a cycle stands.
    pub(super) fn satisfaction(&mut self) {
        let mut cycle = 1;
        let mut cycles: Vec<Cycle<'a>> = Vec::new();
        for mark in &self.state.marks {
            if mark.is == Deed::Reopened {
                cycle += 1;
            }
            if let Deed::Resolved { assignee, survey, .. } = &mark.is
                && cycles.iter().all(|known| known.number != cycle)
            {
                let began = (mark.at, Some(mark.place.position));
                let fact = self.resolution(Measure::Satisfaction, began, mark);
                let flags = Flags::default().with(Flags::ASKED, *survey);
                let outcome = Outcome::Unrated;
                let fact = Fact { outcome, flags, ended: None, ended_position: None, ..fact };
                let resolver = assignee.as_ref().or(Some(&mark.place.by));
                cycles.push(Cycle { number: cycle, fact, resolver });
            }
            if let Deed::Rated { cycle: number, score, commented, resolver } = &mark.is {
                if cycles.iter().all(|known| known.number != *number) {
                    let began = (mark.at, Some(mark.place.position));
                    let fact = self.finished(Measure::Satisfaction, began, (mark.at, &mark.place));
                    cycles.push(Cycle { number: *number, fact, resolver: None });
                }
                if let Some(cycle) = cycles.iter_mut().find(|known| known.number == *number) {
                    cycle.rated(mark, *score, *commented, resolver.as_ref());
                }
            }
        }
        self.facts.extend(cycles.into_iter().map(Cycle::told));
    }

    /// What people did, each at one instant.
    pub(super) fn activity(&mut self) {
        let mut resolver: Option<&'a Place> = None;
        let mut facts = Vec::new();
        for mark in &self.state.marks {
            let (outcome, by) = match &mark.is {
                Deed::Replied => (Outcome::PublicReply, By::of(&mark.place)),
                Deed::Noted => (Outcome::Note, By::of(&mark.place)),
                Deed::Assigned(to) => {
                    let team = self.standing_at(mark.place.position).team;
                    (Outcome::Taken, By { agent: Some(to), team })
                }
                Deed::Resolved { .. } => {
                    resolver = resolver.or(Some(&mark.place));
                    (Outcome::Resolved, By::of(&mark.place))
                }
                Deed::Reopened => (Outcome::Reopened, resolver.take().map(By::of).unwrap_or_default()),
                Deed::Escalated(_) => (Outcome::Escalated, By::of(&mark.place)),
                Deed::Opened { .. }
                | Deed::Priority(_)
                | Deed::Category(_)
                | Deed::Team(_)
                | Deed::Unassigned
                | Deed::Asked
                | Deed::Sealed
                | Deed::Acknowledged
                | Deed::Returned { .. }
                | Deed::Rated { .. }
                | Deed::Merged
                | Deed::Unmerged => continue,
            };
            let at = (mark.at, Some(mark.place.position));
            // Of a mark that is no resolution it is told as of any other.
            let mut fact = self.resolution(Measure::Activity, at, mark);
            fact.outcome = outcome;
            fact.names[Dimension::Agent as usize] = by.agent.map(|id| CompactString::new(id.as_str()));
            fact.names[Dimension::Team as usize] = by.team.map(|team| CompactString::new(team.as_str()));
            facts.push(fact);
        }
        self.facts.extend(facts);
    }

    pub(super) fn hand_overs(&mut self) {
        let mut marks = self.state.marks.iter();
        let mut facts = Vec::new();
        for hand_over in &self.state.hand_overs.measured {
            let began = marks.find(|mark| matches!(mark.is, Deed::Escalated(_)));
            let began = (hand_over.at, began.map(|mark| mark.place.position));
            let ended_with = |ended: &Ended| {
                let mut later = marks.clone();
                later.find(|mark| mark.at == ended.at && mark.place.by == ended.by)
            };
            facts.push(self.hand_over(hand_over, began, hand_over.ended.as_ref().and_then(ended_with)));
        }
        self.facts.extend(facts);
    }

    fn hand_over(
        &self,
        hand_over: &'a HandOver,
        began: (Timestamp, Option<GlobalPosition>),
        ended: Option<&'a Mark>,
    ) -> Fact {
        let standing = ended.map_or_else(|| self.present(), |mark| self.standing_at(mark.place.position));
        let names = self.names(&standing, By { agent: hand_over.person(), team: hand_over.team() }, None);
        let (outcome, acknowledged) = match &hand_over.ended {
            None => (Outcome::Open, false),
            Some(Ended { how: End::Merged, .. }) => (Outcome::Merged, false),
            Some(Ended { how: End::Acknowledged, .. }) => (Outcome::Done, true),
            Some(Ended { how: End::Returned | End::MovedOn | End::Resolved, .. }) => (Outcome::Done, false),
        };
        let ended_at = hand_over.ended.as_ref().map(|ended| ended.at);
        let done = ended_at.filter(|_| outcome == Outcome::Done);
        Fact {
            measure: Measure::HandOver,
            outcome,
            flags: Flags::default().with(Flags::ACKNOWLEDGED, acknowledged),
            began: began.0,
            ended: ended_at,
            value_s: done.map_or(0, |at| at.since(hand_over.at).whole_seconds()),
            missed_after: None,
            names,
            began_position: began.1,
            ended_position: ended.map(|mark| mark.place.position),
        }
    }
}

/// A resolved cycle, and what its customer thought of it.
struct Cycle<'a> {
    number: u32,
    fact: Fact,
    resolver: Option<&'a ActorId>,
}

impl<'a> Cycle<'a> {
    fn rated(&mut self, mark: &Mark, score: Score, commented: bool, resolver: Option<&'a ActorId>) {
        let fact = &mut self.fact;
        fact.outcome = match score {
            Score::Good => Outcome::Good,
            Score::Bad => Outcome::Bad,
        };
        fact.flags = Flags(fact.flags.0 & !Flags::COMMENTED).with(Flags::COMMENTED, commented);
        fact.value_s = mark.at.since(fact.began).whole_seconds();
        (fact.ended, fact.ended_position) = (Some(mark.at), Some(mark.place.position));
        self.resolver = resolver.or(self.resolver);
    }

    fn told(mut self) -> Fact {
        self.fact.names[Dimension::Agent as usize] = self.resolver.map(|id| CompactString::new(id.as_str()));
        self.fact
    }
}
