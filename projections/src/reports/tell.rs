//! Tells the facts of a ticket from what happened to it. Definitions: docs/METRICS.md.

mod people;

use super::work::{From, unanswered, worked};
use super::{Deed, Kept, Mark, Place, ReportState};
use crate::ledger::{Dimension, Fact, Flags, Ledger, Measure, Names, Outcome};
use compact_str::CompactString;
use docket_core::names::{ActorId, GlobalPosition, Slug};
use docket_core::sla::{Course, Outcome as ClockOutcome, Target, Turn};
use docket_core::ticket::event::{Channel, Destination, Priority};
use docket_core::time::Timestamp;

/// How a ticket stood after an event, as far as facts are attributed to it.
#[derive(Clone, Default)]
struct Standing<'a> {
    priority: Option<Priority>,
    category: Option<&'a Slug>,
    team: Option<&'a Slug>,
    assignee: Option<&'a ActorId>,
}

impl<'a> Standing<'a> {
    fn take(&mut self, deed: &'a Deed) {
        match deed {
            Deed::Opened { priority, category, team } => {
                (self.priority, self.category, self.team) = (*priority, category.as_ref(), team.as_ref());
            }
            Deed::Priority(priority) => self.priority = Some(*priority),
            Deed::Category(category) => self.category = Some(category),
            Deed::Team(team) => self.team = team.as_ref(),
            Deed::Assigned(to) => self.assignee = Some(to),
            Deed::Unassigned => self.assignee = None,
            Deed::Escalated(Destination::Team(team)) => (self.team, self.assignee) = (Some(team), None),
            Deed::Escalated(Destination::Supervisor(supervisor)) => self.assignee = Some(supervisor),
            Deed::Returned { team, assignee } => {
                (self.team, self.assignee) = (team.as_ref(), assignee.as_ref())
            }
            Deed::Replied
            | Deed::Noted
            | Deed::Asked
            | Deed::Resolved { .. }
            | Deed::Sealed
            | Deed::Reopened
            | Deed::Acknowledged
            | Deed::Rated { .. }
            | Deed::Merged
            | Deed::Unmerged => {}
        }
    }
}

/// To whom a fact is attributed.
#[derive(Clone, Copy, Default)]
struct By<'a> {
    agent: Option<&'a ActorId>,
    team: Option<&'a Slug>,
}

impl<'a> By<'a> {
    fn of(place: &'a Place) -> Self {
        Self { agent: Some(&place.by), team: place.team.as_ref() }
    }
}

/// What has happened to a ticket, and the facts that are told so far.
struct Teller<'a> {
    state: &'a ReportState,
    opened: &'a Mark,
    /// After each mark, by the mark's place.
    standings: Vec<Standing<'a>>,
    intake: Option<&'a Slug>,
    /// The merge that stands.
    merged: Option<&'a Mark>,
    facts: Vec<Fact>,
}

/// The facts of a ticket. One whose opening is not in the log has none.
pub(super) fn ledger(state: &ReportState) -> Ledger {
    let holder = state.holder.clone();
    let Some(mut teller) = Teller::of(state) else { return Ledger { holder, facts: Vec::new() } };
    teller.first_response();
    teller.resolutions();
    teller.spells();
    teller.satisfaction();
    teller.activity();
    teller.hand_overs();
    if let Some(course) = &state.course {
        teller.next_replies(course);
        teller.work(course, Measure::RequesterWait, From::Opening);
        teller.work(course, Measure::AgentWork, From::TakingUp);
        state.clocks.iter().for_each(|kept| teller.target(course, kept));
    }
    let mut facts = teller.facts;
    facts.sort_by_key(|fact| fact.measure);
    Ledger { holder, facts }
}

impl<'a> Teller<'a> {
    fn of(state: &'a ReportState) -> Option<Self> {
        let opened = state.marks.iter().rfind(|mark| matches!(mark.is, Deed::Opened { .. }))?;
        let (mut standing, mut intake, mut merged) = (Standing::default(), None, None);
        let mut standings = Vec::with_capacity(state.marks.len());
        for mark in &state.marks {
            standing.take(&mark.is);
            intake = intake.or(standing.category);
            if mark.is == Deed::Merged {
                merged = merged.or(Some(mark));
            } else if mark.is == Deed::Unmerged {
                merged = None;
            }
            standings.push(standing.clone());
        }
        Some(Self { state, opened, standings, intake, merged, facts: Vec::new() })
    }

    /// How the ticket stands after the last mark.
    fn present(&self) -> Standing<'a> {
        self.standings.last().cloned().unwrap_or_default()
    }

    /// How it stood right after an event.
    fn standing_at(&self, position: GlobalPosition) -> Standing<'a> {
        let after = self.state.marks.partition_point(|mark| mark.place.position <= position);
        after.checked_sub(1).and_then(|index| self.standings.get(index)).cloned().unwrap_or_default()
    }

    fn names(&self, standing: &Standing<'a>, by: By<'a>, resolution: Option<&Slug>) -> Names {
        let mut names = [const { None }; Dimension::ALL.len()];
        let mut name = |dimension: Dimension, name: Option<&str>| {
            names[dimension as usize] = name.map(CompactString::new);
        };
        name(Dimension::Category, standing.category.map(Slug::as_str));
        name(Dimension::Intake, self.intake.map(Slug::as_str));
        name(Dimension::Resolution, resolution.map(Slug::as_str));
        name(Dimension::Priority, standing.priority.map(Priority::as_str));
        name(Dimension::Team, by.team.map(Slug::as_str));
        name(Dimension::Agent, by.agent.map(ActorId::as_str));
        name(Dimension::Channel, self.state.channel.map(channel));
        name(Dimension::Language, self.state.language.map(|language| language.as_str()));
        names
    }

    /// A fact that has not ended, or ended with a merge: told of whose the ticket is now.
    fn unfinished(&self, measure: Measure, began: (Timestamp, Option<GlobalPosition>)) -> Fact {
        let standing = self.present();
        let by = By { agent: standing.assignee, team: standing.team };
        let outcome = if self.merged.is_some() { Outcome::Merged } else { Outcome::Open };
        Fact {
            measure,
            outcome,
            flags: Flags::default(),
            began: began.0,
            ended: self.merged.map(|merged| merged.at),
            value_s: 0,
            missed_after: None,
            names: self.names(&standing, by, None),
            began_position: began.1,
            ended_position: self.merged.map(|merged| merged.place.position),
        }
    }

    /// A fact that ended with an event; its value is the time between.
    fn finished(
        &self,
        measure: Measure,
        began: (Timestamp, Option<GlobalPosition>),
        (at, place): (Timestamp, &'a Place),
    ) -> Fact {
        Fact {
            measure,
            outcome: Outcome::Done,
            flags: Flags::default(),
            began: began.0,
            ended: Some(at),
            value_s: at.since(began.0).whole_seconds(),
            missed_after: None,
            names: self.names(&self.standing_at(place.position), By::of(place), None),
            began_position: began.1,
            ended_position: Some(place.position),
        }
    }

    /// Where everything begins that is measured from the opening on.
    fn opening(&self) -> (Timestamp, Option<GlobalPosition>) {
        (self.opened.at, Some(self.opened.place.position))
    }

    fn marks(&self, wanted: fn(&Deed) -> bool) -> impl Iterator<Item = &'a Mark> + use<'a> {
        self.state.marks.iter().filter(move |mark| wanted(&mark.is))
    }

    fn first_response(&mut self) {
        let reply = self.marks(|deed| matches!(deed, Deed::Replied)).next();
        let fact = match reply {
            Some(reply) => self.finished(Measure::FirstResponse, self.opening(), (reply.at, &reply.place)),
            None => {
                let mut fact = self.unfinished(Measure::FirstResponse, self.opening());
                if let (Outcome::Open, Some(resolved)) = (fact.outcome, self.standing_resolution()) {
                    fact = self.resolution(Measure::FirstResponse, self.opening(), resolved);
                    (fact.outcome, fact.value_s) = (Outcome::Without, 0);
                }
                fact
            }
        };
        self.facts.push(fact);
    }

    /// A fact that ended with a resolution: the category is the one that the resolution names.
    fn resolution(
        &self,
        measure: Measure,
        began: (Timestamp, Option<GlobalPosition>),
        resolved: &'a Mark,
    ) -> Fact {
        let mut fact = self.finished(measure, began, (resolved.at, &resolved.place));
        if let Deed::Resolved { category, resolution, .. } = &resolved.is {
            let mut standing = self.standing_at(resolved.place.position);
            standing.category = category.as_ref().or(standing.category);
            fact.names = self.names(&standing, By::of(&resolved.place), resolution.as_ref());
        }
        fact
    }

    /// The resolution that came first: whoever says so first counts, whatever was sealed without it.
    fn first_resolution(&self) -> Option<&'a Mark> {
        let resolved = self.marks(|deed| matches!(deed, Deed::Resolved { .. })).next();
        resolved.or_else(|| self.marks(|deed| matches!(deed, Deed::Sealed)).next())
    }

    /// The resolution that stands: the first since the ticket was last opened.
    fn standing_resolution(&self) -> Option<&'a Mark> {
        let reopened = self.state.marks.iter().rposition(|mark| mark.is == Deed::Reopened);
        let since = self.state.marks.get(reopened.map_or(0, |index| index + 1)..)?;
        since.iter().find(|mark| matches!(mark.is, Deed::Resolved { .. } | Deed::Sealed))
    }

    fn resolutions(&mut self) {
        let reopened = self.marks(|deed| *deed == Deed::Reopened).next().is_some();
        let replies = self.marks(|deed| *deed == Deed::Replied).count();
        let first = self.first_resolution();
        let fact = match first {
            Some(first) => self.resolution(Measure::FirstResolution, self.opening(), first),
            None => self.unfinished(Measure::FirstResolution, self.opening()),
        };
        self.facts.push(Fact { flags: Flags::default().with(Flags::REOPENED, reopened), ..fact });
        let fact = match self.standing_resolution() {
            Some(standing) => {
                let in_one = !reopened && !self.customer_wrote_again(standing);
                let flags = Flags::default()
                    .with(Flags::REOPENED, reopened)
                    .with(Flags::ONE_TOUCH, replies <= 1)
                    .with(Flags::FIRST_CONTACT, in_one);
                Fact { flags, ..self.resolution(Measure::FullResolution, self.opening(), standing) }
            }
            None => self.unfinished(Measure::FullResolution, self.opening()),
        };
        self.facts.push(fact);
    }

    /// Whether the customer wrote between the first public reply and a resolution.
    fn customer_wrote_again(&self, resolved: &Mark) -> bool {
        let answered = self.marks(|deed| *deed == Deed::Replied).next().map(|mark| mark.place.position);
        let mut asked = self.marks(|deed| *deed == Deed::Asked).map(|mark| mark.place.position);
        asked.any(|at| answered.is_some_and(|answered| answered < at) && at < resolved.place.position)
    }

    /// Each stretch that it was open: from opening or reopening to the next resolution.
    fn spells(&mut self) {
        let mut open = Some(self.opening());
        let mut facts = Vec::new();
        let since = self.state.marks.iter().skip_while(|mark| mark.place != self.opened.place);
        for mark in since {
            if matches!(mark.is, Deed::Resolved { .. } | Deed::Sealed) {
                facts.extend(open.take().map(|began| self.resolution(Measure::Spell, began, mark)));
            } else if mark.is == Deed::Reopened {
                open = open.or(Some((mark.at, Some(mark.place.position))));
            }
        }
        facts.extend(open.map(|began| self.unfinished(Measure::Spell, began)));
        self.facts.extend(facts);
    }

    /// A moment of the course, and the event that it stems from.
    fn moment(&self, course: &Course, index: usize) -> Option<(Timestamp, &'a Place)> {
        Some((course.moments.get(index)?.at, self.state.places.get(index)?))
    }

    fn next_replies(&mut self, course: &Course) {
        for message in unanswered(course) {
            let Some((at, place)) = self.moment(course, message.began) else { continue };
            let began = (at, Some(place.position));
            let ended = message.ended.and_then(|(index, is)| Some((self.moment(course, index)?, is)));
            let fact = match ended {
                None => self.unfinished(Measure::NextReply, began),
                Some((end, Turn::Answered)) => self.finished(Measure::NextReply, began, end),
                Some((end, is)) => {
                    let outcome = if is == Turn::Merged { Outcome::Merged } else { Outcome::Without };
                    Fact { outcome, value_s: 0, ..self.finished(Measure::NextReply, began, end) }
                }
            };
            self.facts.push(fact);
        }
    }

    fn work(&mut self, course: &Course, measure: Measure, from: From) {
        let Some(worked) = worked(course, from) else { return };
        let began = match worked.began {
            None => self.opening(),
            Some(index) => {
                let position = self.state.places.get(index).map(|place| place.position);
                (worked.began_at, position)
            }
        };
        let fact = match worked.ended.and_then(|index| self.moment(course, index)) {
            None => self.unfinished(measure, began),
            Some((at, place)) if worked.merged => {
                Fact { outcome: Outcome::Merged, value_s: 0, ..self.finished(measure, began, (at, place)) }
            }
            Some((at, place)) => {
                let resolved = self.state.marks.iter().find(|mark| mark.place.position == place.position);
                let fact = match resolved {
                    Some(resolved) => self.resolution(measure, began, resolved),
                    None => self.finished(measure, began, (at, place)),
                };
                Fact { value_s: worked.elapsed_ms.div_euclid(1000), ..fact }
            }
        };
        self.facts.push(fact);
    }

    /// A clock to a target, as the service level agreement in force at each moment judges it.
    fn target(&mut self, course: &Course, kept: &Kept) {
        let measure = match kept.target {
            Target::FirstResponse => Measure::SlaFirstResponse,
            Target::NextReply => Measure::SlaNextReply,
            Target::RequesterWait => Measure::SlaRequesterWait,
            Target::AgentWork => Measure::SlaAgentWork,
            Target::Resolution => Measure::SlaResolution,
        };
        let moment = |at: Timestamp, any: &[Turn]| {
            let is = |moment: &docket_core::sla::Moment| moment.at == at && any.contains(&moment.is);
            self.moment(course, course.moments.iter().position(is)?)
        };
        let begins: &[Turn] = match kept.target {
            Target::FirstResponse | Target::RequesterWait | Target::Resolution => &[],
            Target::NextReply => &[Turn::Asked, Turn::Reopened],
            Target::AgentWork => &[Turn::TakenUp, Turn::Reopened],
        };
        let began = match begins {
            [] => self.opening(),
            begins => (kept.started_at, moment(kept.started_at, begins).map(|(_, place)| place.position)),
        };
        let fact = match kept.end {
            None => {
                let missed_after = kept.missed_after;
                let open = self.unfinished(measure, began);
                Fact { outcome: Outcome::Running, ended: None, ended_position: None, missed_after, ..open }
            }
            Some(end) => {
                let (outcome, ends): (_, &[Turn]) = match (end.outcome, end.missed) {
                    (ClockOutcome::Responded, false) => (Outcome::Met, &[Turn::Answered]),
                    (ClockOutcome::Responded, true) => (Outcome::Missed, &[Turn::Answered]),
                    (ClockOutcome::Resolved, false) => (Outcome::Met, &[Turn::Resolved]),
                    (ClockOutcome::Resolved, true) => (Outcome::Missed, &[Turn::Resolved]),
                    (ClockOutcome::FulfilledByResolution, false) => {
                        (Outcome::FulfilledByResolution, &[Turn::Resolved])
                    }
                    (ClockOutcome::FulfilledByResolution, true) => (Outcome::ResolvedLate, &[Turn::Resolved]),
                    (ClockOutcome::CancelledByMerge, _) => (Outcome::Cancelled, &[Turn::Merged]),
                };
                let fact = match moment(end.at, ends) {
                    Some((at, place)) => self.finished(measure, began, (at, place)),
                    None => Fact { ended: Some(end.at), ..self.unfinished(measure, began) },
                };
                let value_s = if outcome.is_measured() { end.elapsed_ms.whole_seconds() } else { 0 };
                Fact { outcome, value_s, ..fact }
            }
        };
        self.facts.push(fact);
    }
}

/// The stored name of a channel.
const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Api => "api",
        Channel::Portal => "portal",
        Channel::Web => "web",
        Channel::Phone => "phone",
        Channel::Email => "email",
        Channel::Import => "import",
    }
}
