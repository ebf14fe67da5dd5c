//! The thread of a ticket: what was said, in full, and what was done, in a sentence each.

use super::super::clock;
use super::super::moment::Moment;
use super::super::texts::Texts;
use super::super::visible::{Isolated, Visible};
use super::super::words::Words;
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, StreamVersion, TicketNumber};
use docket_core::time::Timestamp;
use docket_projections::timeline::{Entry, FileEntry, TimelineEntry};

/// What the thread is told with.
pub(super) struct Teller<'a> {
    pub(super) t: &'static Texts,
    pub(super) words: &'a Words,
    pub(super) now: Timestamp,
    pub(super) number: TicketNumber,
    pub(super) requester: Option<&'a ActorId>,
    pub(super) requester_name: &'a str,
    /// The customer's language, where it is not the page's.
    pub(super) language: Option<&'static str>,
    /// Messages after this version are marked as new.
    pub(super) seen: Option<StreamVersion>,
}

/// A part of the thread.
pub(super) enum Item<'a> {
    /// Something that was said.
    Said(Box<Said<'a>>),
    /// Something that was done.
    Step(Step),
}

impl<'a> Item<'a> {
    fn said(&mut self) -> Option<&mut Said<'a>> {
        match self {
            Item::Said(said) => Some(said),
            Item::Step(_) => None,
        }
    }
}

/// Something that was said.
pub(super) struct Said<'a> {
    pub(super) position: u64,
    /// `customer`, `staff`, `note` or `handover`: how it looks.
    pub(super) class: &'static str,
    /// What kind it is, in words.
    pub(super) kind: String,
    pub(super) who: String,
    pub(super) initials: String,
    pub(super) moment: Moment,
    pub(super) body: Option<Visible<'a>>,
    pub(super) language: Option<&'static str>,
    pub(super) heading: Option<String>,
    pub(super) new: bool,
    pub(super) files: Vec<Filed<'a>>,
}

/// A file that came with something that was said.
pub(super) struct Filed<'a> {
    pub(super) address: String,
    pub(super) name: Visible<'a>,
    pub(super) size: String,
}

/// Something that was done.
pub(super) struct Step {
    pub(super) position: u64,
    pub(super) text: String,
    pub(super) moment: Moment,
}

/// An event as the history lists it.
pub(super) struct HistoryRow<'a> {
    pub(super) position: u64,
    pub(super) version: u64,
    pub(super) event: &'a str,
    pub(super) who: String,
    pub(super) role: &'static str,
    pub(super) happened: Moment,
    pub(super) recorded: Moment,
    pub(super) imported: bool,
}

/// Whether an event is on the ticket's own stream, whose versions commands are decided on.
pub(super) fn is_on_ticket(entry: &Entry) -> bool {
    !entry.event.starts_with("sla.")
}

impl<'a> Teller<'a> {
    /// The thread of these entries.
    pub(super) fn thread(&self, entries: &'a [TimelineEntry]) -> Vec<Item<'a>> {
        let mut items = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(file) = &entry.entry.file
                && let Some(said) = items.iter_mut().rev().find_map(Item::said)
            {
                said.files.push(self.filed(file, entry.text.body.as_deref()));
                continue;
            }
            let body = entry.text.body.as_deref();
            let said = match entry.entry.event.as_str() {
                "ticket.opened" if body.is_some() => Some(self.customer(entry)),
                "ticket.customer_replied" | "ticket.forwarded" | "ticket.confirmation_refused" => {
                    Some(self.customer(entry))
                }
                "ticket.replied" => Some(self.staff(entry, "staff", self.t.kind_reply)),
                "ticket.noted" => Some(self.staff(entry, "note", self.t.kind_note)),
                "ticket.escalated" => {
                    let heading = Some(self.sentence(&entry.entry));
                    Some(Said { heading, ..self.staff(entry, "handover", self.t.kind_escalation) })
                }
                "ticket.returned" => {
                    let heading = Some(self.sentence(&entry.entry));
                    Some(Said { heading, ..self.staff(entry, "handover", self.t.kind_returned) })
                }
                _ => None,
            };
            if let Some(said) = said {
                items.push(Item::Said(Box::new(said)));
                continue;
            }
            items.push(Item::Step(self.step(entry)));
            if body.is_some() && entry.entry.event == "ticket.resolved" {
                let notes = self.staff(entry, "note", self.t.kind_closing);
                items.push(Item::Said(Box::new(notes)));
            }
        }
        items
    }

    /// How many messages were not seen yet, and the position of the first of them.
    pub(super) fn missed(&self, entries: &[TimelineEntry]) -> (u64, Option<u64>) {
        let missed = || entries.iter().filter(|entry| self.is_new(&entry.entry));
        (missed().count() as u64, missed().next().map(|entry| entry.position.0))
    }

    /// The entries as events, one row each.
    pub(super) fn history(&self, entries: &'a [TimelineEntry]) -> Vec<HistoryRow<'a>> {
        let row = |entry: &'a TimelineEntry| HistoryRow {
            position: entry.position.0,
            version: entry.entry.version.0,
            event: &entry.entry.event,
            who: self.who(&entry.entry.actor),
            role: self.t.role(entry.entry.actor.role.as_str()).unwrap_or_default(),
            happened: Moment::absolute(self.t, entry.entry.at, self.now),
            recorded: Moment::absolute(self.t, entry.entry.recorded_at, self.now),
            imported: entry.entry.imported,
        };
        entries.iter().map(row).collect()
    }

    fn is_new(&self, entry: &Entry) -> bool {
        let message = matches!(
            entry.event.as_str(),
            "ticket.replied" | "ticket.customer_replied" | "ticket.forwarded" | "ticket.confirmation_refused"
        );
        message && self.seen.is_some_and(|seen| entry.version > seen)
    }

    fn customer(&self, entry: &'a TimelineEntry) -> Said<'a> {
        let actor = &entry.entry.actor;
        // An agent may write down what a customer said on the telephone.
        let written_down = actor.role.is_staff();
        let kind = if written_down {
            format!("{}, {}", self.t.kind_customer, self.t.kind_written_down(self.who(actor)))
        } else {
            self.t.kind_customer.to_owned()
        };
        Said {
            kind,
            who: Visible(self.requester_name).to_string(),
            initials: initials(self.requester_name),
            language: self.language,
            ..self.staff(entry, "customer", "")
        }
    }

    fn staff(&self, entry: &'a TimelineEntry, class: &'static str, kind: &str) -> Said<'a> {
        let actor = &entry.entry.actor;
        let team = actor.team.as_ref().map(|team| Visible(self.words.team(team.as_str())));
        let name = Visible(actor.id.as_str());
        Said {
            position: entry.position.0,
            class,
            kind: kind.to_owned(),
            who: team.map_or_else(|| name.to_string(), |team| format!("{name} · {team}")),
            initials: initials(actor.id.as_str()),
            moment: Moment::relative(self.t, entry.entry.at, self.now),
            body: entry.text.body.as_deref().map(Visible),
            language: if class == "staff" { self.language } else { None },
            heading: None,
            new: self.is_new(&entry.entry),
            files: Vec::new(),
        }
    }

    fn filed(&self, file: &'a FileEntry, name: Option<&'a str>) -> Filed<'a> {
        let address = format!("/api/v1/tickets/{}/attachments/{}", self.number, file.digest);
        Filed { address, name: Visible(name.unwrap_or(&file.digest)), size: self.t.size(file.bytes) }
    }

    fn step(&self, entry: &TimelineEntry) -> Step {
        let moment = Moment::relative(self.t, entry.entry.at, self.now);
        Step { position: entry.position.0, text: self.sentence(&entry.entry), moment }
    }

    /// Somebody's name in a sentence.
    fn who(&self, actor: &Actor) -> String {
        match actor.role {
            Role::System => self.t.role_system.to_owned(),
            _ if Some(&actor.id) == self.requester => Isolated(self.requester_name).to_string(),
            _ => Isolated(actor.id.as_str()).to_string(),
        }
    }

    /// What was done, in the words of the page's language.
    fn sentence(&self, entry: &Entry) -> String {
        let t = self.t;
        let who = self.who(&entry.actor);
        let (from, to, reason) = (entry.from.as_deref(), entry.to.as_deref(), entry.reason.as_deref());
        let plain = |name: Option<&str>| Isolated(name.unwrap_or("–")).to_string();
        let label = |family: fn(&Texts, &str) -> Option<&'static str>, name: Option<&str>| {
            let name = name.unwrap_or("–");
            Isolated(family(t, name).unwrap_or(name)).to_string()
        };
        // What an event names by a slug that people configured.
        let named = |family: for<'b> fn(&'b Words, &'b str) -> &'b str, slug: Option<&str>| {
            slug.map_or_else(|| plain(None), |slug| Isolated(family(self.words, slug)).to_string())
        };
        let took = to == Some(entry.actor.id.as_str());
        let left = from == Some(entry.actor.id.as_str());
        match entry.event.as_str() {
            "ticket.opened" => t.step_opened(who).to_string(),
            "ticket.assigned" | "ticket.reassigned" if took => t.step_taken(who).to_string(),
            "ticket.assigned" => t.step_assigned(who, plain(to)).to_string(),
            "ticket.reassigned" => t.step_reassigned(who, plain(from), plain(to)).to_string(),
            "ticket.unassigned" if left => t.step_returned(who).to_string(),
            "ticket.unassigned" => t.step_unassigned(who, plain(from)).to_string(),
            "ticket.team_changed" if to.is_none() => t.step_team_none(who).to_string(),
            "ticket.team_changed" => t.step_team(who, named(Words::team, to)).to_string(),
            "ticket.priority_changed" if from.is_none() => {
                t.step_priority(who, label(Texts::priority, to)).to_string()
            }
            "ticket.priority_changed" => {
                let (from, to) = (label(Texts::priority, from), label(Texts::priority, to));
                t.step_priority_changed(who, from, to).to_string()
            }
            "ticket.category_changed" if from.is_none() => {
                t.step_category(who, named(Words::category, to)).to_string()
            }
            "ticket.category_changed" => {
                let (from, to) = (named(Words::category, from), named(Words::category, to));
                t.step_category_changed(who, from, to).to_string()
            }
            "ticket.set_pending" => t.step_pending(who, label(Texts::pending, reason)).to_string(),
            "ticket.set_open" => t.step_open(who).to_string(),
            "ticket.escalated" => {
                t.step_escalated(who, named(Words::team, to), named(Words::reason, reason)).to_string()
            }
            "ticket.resolved" if to.is_none() => t.step_resolved_plain(who).to_string(),
            "ticket.resolved" => t.step_resolved(who, named(Words::resolution, to)).to_string(),
            "ticket.reopened" => t.step_reopened(who, plain(to)).to_string(),
            "ticket.sealed" => t.step_sealed(who).to_string(),
            "source.recorded" if from.is_none() && to.is_none() => {
                t.step_source(plain(entry.source.as_deref())).to_string()
            }
            "source.recorded" => {
                t.step_source_change(plain(entry.source.as_deref()), plain(from), plain(to)).to_string()
            }
            "ticket.routed" if to.is_some() => t.step_routed(plain(to)).to_string(),
            "ticket.routed" => t.step_waiting(label(Texts::waiting, reason)).to_string(),
            "ticket.offered" => t.step_offered(who).to_string(),
            "ticket.template_used" => t.step_template(who, plain(to)).to_string(),
            "ticket.tags_changed" if from.is_none() => t.step_tagged(who, plain(to)).to_string(),
            "ticket.tags_changed" if to.is_none() => t.step_untagged(who, plain(from)).to_string(),
            "ticket.tags_changed" => t.step_retagged(who, plain(to), plain(from)).to_string(),
            "ticket.field_changed" => t.step_field(who, plain(to)).to_string(),
            "ticket.followed" => t.step_followed(plain(to)).to_string(),
            "ticket.unfollowed" => t.step_unfollowed(plain(to)).to_string(),
            "ticket.linked" => t.step_linked(who, plain(to)).to_string(),
            "ticket.unlinked" => t.step_unlinked(who, plain(to)).to_string(),
            "ticket.snoozed" => t.step_snoozed(who, self.due(entry)).to_string(),
            "ticket.woken" => t.step_woken.to_owned(),
            "ticket.merged" => t.step_merged(who, plain(to)).to_string(),
            "ticket.unmerged" => t.step_unmerged(who, plain(from)).to_string(),
            "ticket.absorbed" => t.step_absorbed(who, plain(from)).to_string(),
            "ticket.parted" => t.step_parted(who, plain(to)).to_string(),
            "ticket.acknowledged" => t.step_acknowledged(who).to_string(),
            "ticket.returned" => t.step_sent_back(who, named(Words::team, to)).to_string(),
            "ticket.confirmed" if reason == Some("time") => t.step_confirmed_by_time.to_owned(),
            "ticket.confirmed" => t.step_confirmed(who).to_string(),
            "ticket.rated" => self.rated(entry, who),
            "ticket.attached" => t.step_attached(who).to_string(),
            "sla.warned" => clock::noticed(t, false, to, self.due(entry)),
            "sla.breached" => clock::noticed(t, true, to, self.due(entry)),
            other => t.step_other(who, other).to_string(),
        }
    }

    /// How it was rated, and by which way where that is known.
    fn rated(&self, entry: &Entry, who: String) -> String {
        let good = entry.reason.as_deref() == Some("good");
        let rated = if good {
            self.t.step_rated_good(who).to_string()
        } else {
            self.t.step_rated_bad(who).to_string()
        };
        match entry.through.as_deref().and_then(|through| self.t.through(through)) {
            Some(through) => self.t.step_rated_through(rated, through).to_string(),
            None => rated,
        }
    }

    fn due(&self, entry: &Entry) -> String {
        self.t.instant(entry.due_at.unwrap_or(entry.at))
    }
}

/// The first letters of a name's first and last word.
fn initials(name: &str) -> String {
    let mut words =
        name.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_first_letters_of_the_first_and_the_last_word() {
        assert_eq!(initials("Lucía Peñalver"), "LP");
        assert_eq!(initials("ines"), "I");
        assert_eq!(initials("Ángela de la Ossa"), "ÁO");
        assert_eq!(initials("…"), "");
    }
}
