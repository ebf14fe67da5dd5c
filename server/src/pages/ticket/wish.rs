//! What a form on a ticket asks for, and why it cannot be taken as it is.

use super::super::texts::Texts;
use super::forms::{Fields, SNOOZE_HOURS};
use docket_core::catalog;
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::text::{Body, Line, TextError};
use docket_core::ticket::Action;
use docket_core::ticket::command::{ActionName, Gone};
use docket_core::ticket::enclosed::TemplateUse;
use docket_core::ticket::event::{Destination, Language, Priority};
use docket_core::time::{DurationMs, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a form cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormError {
    /// A text that is blank, too long or holds NUL.
    Text(TextError),
    /// A choice that is not offered, or none.
    Choice,
    /// Not a person's name.
    Name,
    /// Neither a team nor a supervisor, or both.
    Destination,
    /// Not a tag.
    Tag,
    /// A tag that is to be put on and taken off.
    TagTwice,
    /// Not a field's name.
    Field,
    /// Not a day and a time.
    Instant,
    /// Neither a span nor an instant.
    Span,
    /// Not a ticket's number.
    Ticket,
    /// No key, or none that Docket made.
    Key,
}

impl FormError {
    /// What to say about it.
    pub(super) fn text(self, t: &Texts) -> String {
        match self {
            Self::Text(TextError::TooLong { max, is }) => {
                t.form_too_long(t.number(is as u64), t.number(max as u64)).to_string()
            }
            Self::Text(TextError::Nul) => t.form_nul.to_owned(),
            Self::Text(TextError::Blank | TextError::LineBreak) => t.form_blank.to_owned(),
            Self::Choice => t.form_choice.to_owned(),
            Self::Name => t.form_name.to_owned(),
            Self::Destination => t.form_destination.to_owned(),
            Self::Tag => t.form_tag.to_owned(),
            Self::TagTwice => t.form_tag_twice.to_owned(),
            Self::Field => t.form_field.to_owned(),
            Self::Instant => t.form_instant.to_owned(),
            Self::Span => t.form_span.to_owned(),
            Self::Ticket => t.form_ticket.to_owned(),
            Self::Key => t.form_key.to_owned(),
        }
    }
}

/// What a form asks for.
///
/// # Errors
/// [`FormError`]
pub(super) fn wish(action: ActionName, fields: &Fields, now: Timestamp) -> Result<Action, FormError> {
    let message = Uuid::now_v7();
    Ok(match action {
        ActionName::Assign => Action::Assign { to: person(&fields.to)? },
        ActionName::Unassign => Action::Unassign,
        ActionName::Offer => Action::Offer,
        ActionName::ChangeTeam => Action::ChangeTeam { to: Some(chosen(&fields.to)?) },
        ActionName::ChangePriority => {
            Action::ChangePriority { to: Priority::parse(&fields.to).ok_or(FormError::Choice)? }
        }
        ActionName::ChangeCategory => Action::ChangeCategory { to: chosen(&fields.to)? },
        ActionName::Reply => {
            let reply =
                Action::Reply { message, body: body(&fields.body)?, then_pending: fields.then == "pending" };
            reply.enclosing(Vec::new(), used(fields)?)
        }
        ActionName::CustomerReply => Action::CustomerReply { message, body: body(&fields.body)? },
        ActionName::Note => Action::Note { message, body: body(&fields.body)? },
        ActionName::SetPending => {
            Action::SetPending { reason: choice(&fields.reason, catalog::PENDING_REASONS)? }
        }
        ActionName::SetOpen => Action::SetOpen,
        ActionName::Escalate => Action::Escalate {
            reason: chosen(&fields.reason)?,
            to: destination(&fields.to, &fields.supervisor)?,
            context: body(&fields.context)?,
        },
        ActionName::Resolve => Action::Resolve {
            resolution: chosen(&fields.resolution)?,
            needs_assignee: true,
            notes: optional(body(&fields.notes))?,
            confirmation: !fields.confirmation.is_empty(),
            survey: !fields.survey.is_empty(),
        },
        ActionName::Reopen => Action::Reopen,
        ActionName::Seal => Action::Seal,
        ActionName::Take => Action::Take,
        ActionName::Acknowledge => Action::Acknowledge { of_team: false },
        ActionName::Return => Action::Return { context: body(&fields.context)?, gone: Gone::default() },
        ActionName::Snooze => Action::Snooze { until: until(fields, now)?, now },
        ActionName::Tag => {
            let (add, remove) = (tags(&fields.to)?, tags(&fields.reason)?);
            if !add.is_disjoint(&remove) {
                return Err(FormError::TagTwice);
            }
            Action::Tag { add, remove }
        }
        ActionName::SetField => Action::SetField {
            field: Slug::new(fields.reason.trim()).map_err(|_| FormError::Field)?,
            to: optional(line(&fields.to))?,
        },
        ActionName::Follow => Action::Follow,
        ActionName::Unfollow => Action::Unfollow,
        ActionName::Link => Action::Link { to: ticket(&fields.to)? },
        ActionName::Unlink => Action::Unlink { to: ticket(&fields.to)? },
        ActionName::Merge => Action::Merge { into: ticket(&fields.to)? },
        ActionName::Unmerge => Action::Unmerge,
        ActionName::Confirm => Action::Confirm,
        ActionName::Refuse => Action::Refuse { message, body: body(&fields.body)? },
        // The customer's alone, and the timer's.
        ActionName::Rate | ActionName::Wake => return Err(FormError::Choice),
    })
}

/// What may be left out: nothing where nothing is to be seen.
fn optional<T>(text: Result<T, FormError>) -> Result<Option<T>, FormError> {
    match text {
        Err(FormError::Text(TextError::Blank)) => Ok(None),
        text => text.map(Some),
    }
}

/// Until when a ticket is laid aside: until an instant, as a browser writes it, or for one of the spans that are offered.
/// Pages know nobody's zone, so that they say and take UTC.
fn until(fields: &Fields, now: Timestamp) -> Result<Timestamp, FormError> {
    let typed = fields.until.trim();
    if !typed.is_empty() {
        let seconds = if typed.matches(':').count() == 1 { ":00" } else { "" };
        return Timestamp::parse_rfc3339(&format!("{typed}{seconds}Z")).map_err(|_| FormError::Instant);
    }
    let hours = SNOOZE_HOURS.into_iter().find(|hours| hours.to_string() == fields.to);
    Ok(now.plus(DurationMs::from_hours(hours.ok_or(FormError::Span)?)))
}

/// Tags as people type them: between spaces or commas.
fn tags(text: &str) -> Result<BTreeSet<Slug>, FormError> {
    let words = text.split([' ', ',', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.map(|word| Slug::new(&word.to_lowercase()).map_err(|_| FormError::Tag)).collect()
}

/// A ticket's number as people type it.
fn ticket(text: &str) -> Result<TicketNumber, FormError> {
    let number = text.trim().trim_start_matches('#').parse();
    number.ok().filter(|number| *number > 0).map(TicketNumber).ok_or(FormError::Ticket)
}

fn line(text: &str) -> Result<Line, FormError> {
    Line::new(text.trim()).map_err(FormError::Text)
}

/// The template that a reply was written from, unless its author says that it is no more.
fn used(fields: &Fields) -> Result<Option<TemplateUse>, FormError> {
    if fields.from_template.is_empty() {
        return Ok(None);
    }
    let template = Slug::new(&fields.from_template).map_err(|_| FormError::Choice)?;
    let version = fields.template_version.parse().map_err(|_| FormError::Choice)?;
    let language = Language::parse(&fields.template_language).ok_or(FormError::Choice)?;
    Ok(Some(TemplateUse { template, version, language }))
}

/// What was typed, as it was meant.
pub(super) fn body(text: &str) -> Result<Body, FormError> {
    // Browsers write line breaks in forms as two characters, whatever was typed (HTML, "constructing the
    // entry list"); the text that was meant has one.
    Body::new(text.replace("\r\n", "\n")).map_err(FormError::Text)
}

/// Something that is configured; whether it is in force is for the rules to say.
fn chosen(name: &str) -> Result<Slug, FormError> {
    Slug::new(name).map_err(|_| FormError::Choice)
}

fn choice(name: &str, offered: &[&str]) -> Result<Slug, FormError> {
    if !offered.contains(&name) {
        return Err(FormError::Choice);
    }
    Slug::new(name).map_err(|_| FormError::Choice)
}

fn person(name: &str) -> Result<ActorId, FormError> {
    ActorId::new(name.trim()).map_err(|_| FormError::Name)
}

fn destination(team: &str, supervisor: &str) -> Result<Destination, FormError> {
    match (team, supervisor.trim()) {
        ("", "") => Err(FormError::Destination),
        ("", supervisor) => Ok(Destination::Supervisor(person(supervisor)?)),
        (team, "") => Ok(Destination::Team(Slug::new(team).map_err(|_| FormError::Choice)?)),
        (_, _) => Err(FormError::Destination),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(change: impl Fn(&mut Fields)) -> Fields {
        let mut fields = Fields::default();
        change(&mut fields);
        fields
    }

    #[test]
    fn a_line_break_of_a_form_is_one_character() {
        let reply =
            wish(ActionName::Reply, &fields(|fields| fields.body = "a\r\nb".into()), Timestamp(0)).unwrap();
        assert!(matches!(reply, Action::Reply { body, .. } if body.as_str() == "a\nb"));
    }

    #[test]
    fn an_escalation_goes_to_a_team_or_a_supervisor_and_never_to_both() {
        let escalate = |to: &str, supervisor: &str| {
            let fields = fields(|fields| {
                fields.reason = "complaint".into();
                fields.context = "x".into();
                (fields.to, fields.supervisor) = (to.into(), supervisor.into());
            });
            wish(ActionName::Escalate, &fields, Timestamp(0)).map(|action| match action {
                Action::Escalate { to, .. } => Some(to),
                _ => None,
            })
        };
        let team = Destination::Team(Slug::new("billing").unwrap());
        assert_eq!(escalate("billing", "").unwrap(), Some(team));
        let supervisor = Destination::Supervisor(ActorId::new("rosa").unwrap());
        assert_eq!(escalate("", " rosa ").unwrap(), Some(supervisor));
        assert_eq!(escalate("billing", "rosa").unwrap_err(), FormError::Destination);
        assert_eq!(escalate("", "").unwrap_err(), FormError::Destination);
        assert_eq!(escalate("No Team", "").unwrap_err(), FormError::Choice);
    }

    #[test]
    fn a_ticket_is_laid_aside_until_an_instant_or_for_a_span() {
        let until = |until: &str, to: &str| {
            let fields = fields(|fields| (fields.until, fields.to) = (until.into(), to.into()));
            match wish(ActionName::Snooze, &fields, Timestamp(0)).unwrap() {
                Action::Snooze { until, .. } => until.to_rfc3339(),
                _ => String::new(),
            }
        };
        assert_eq!(until("2026-11-30T08:15", ""), "2026-11-30T08:15:00Z");
        assert_eq!(until("2026-11-30T08:15:30", "4"), "2026-11-30T08:15:30Z");
        assert_eq!(until(" ", "4"), "1970-01-01T04:00:00Z");
    }

    #[test]
    fn what_may_be_left_out_is_left_out_where_nothing_is_to_be_seen() {
        let resolve = fields(|fields| {
            (fields.resolution, fields.notes) = ("solved".into(), "\u{200b} \u{feff}".into());
        });
        let resolve = wish(ActionName::Resolve, &resolve, Timestamp(0)).unwrap();
        assert!(matches!(resolve, Action::Resolve { notes: None, .. }));
        let empty = fields(|fields| (fields.reason, fields.to) = ("order".into(), "\u{2060}".into()));
        let empty = wish(ActionName::SetField, &empty, Timestamp(0)).unwrap();
        assert!(matches!(empty, Action::SetField { to: None, .. }));
    }

    #[test]
    fn what_is_not_offered_is_not_taken() {
        let taken =
            |action, change: fn(&mut Fields)| wish(action, &fields(change), Timestamp(0)).unwrap_err();
        assert_eq!(taken(ActionName::Resolve, |_| {}), FormError::Choice);
        assert_eq!(taken(ActionName::ChangeTeam, |fields| fields.to = "No Team".into()), FormError::Choice);
        assert_eq!(taken(ActionName::Snooze, |fields| fields.to = "5000000".into()), FormError::Span);
        assert_eq!(taken(ActionName::Snooze, |fields| fields.until = "tomorrow".into()), FormError::Instant);
        assert_eq!(taken(ActionName::SetField, |fields| fields.reason = "Order №".into()), FormError::Field);
        let twice = |fields: &mut Fields| (fields.to, fields.reason) = ("vip, new".into(), "old VIP".into());
        assert_eq!(taken(ActionName::Tag, twice), FormError::TagTwice);
        assert_eq!(taken(ActionName::Tag, |fields| fields.to = "vip ¡!".into()), FormError::Tag);
        assert_eq!(taken(ActionName::Merge, |fields| fields.to = "#0".into()), FormError::Ticket);
        assert_eq!(taken(ActionName::SetPending, |_| {}), FormError::Choice);
        assert_eq!(taken(ActionName::Note, |_| {}), FormError::Text(TextError::Blank));
        assert_eq!(taken(ActionName::Assign, |fields| fields.to = "a\u{7}".into()), FormError::Name);
    }
}
