//! Fills in templates with what is known of a ticket.

use super::{CommandHandler, HandleError, Handled};
use crate::access::Reach;
use crate::names::{Slug, TicketNumber};
use crate::settings::template::{Variable, render};
use crate::settings::{Shelf, Team};
use crate::store::CommandKey;
use crate::text::Body;
use crate::ticket::TicketRefusal;
use crate::ticket::enclosed::TemplateUse;
use crate::ticket::event::Language;
use std::sync::Arc;

/// What is known of the people, beside what the ticket says.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// What whoever answers is called.
    pub agent: Option<String>,
    /// What the customer is called.
    pub customer: Option<String>,
    /// The language that the customer is known to be written to in.
    pub language: Option<Language>,
}

/// Which template for which ticket.
#[derive(Clone, Debug)]
pub struct TemplateWish {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The tickets that whoever asks may see; for them there are no others.
    pub reach: Reach,
    /// The template.
    pub template: Slug,
    /// Its version; the one in force if none.
    pub version: Option<u32>,
    /// The language; the customer's if none.
    pub language: Option<Language>,
    /// What is known of the people.
    pub people: People,
}

/// A template that was filled in.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// What it was made of.
    pub used: TemplateUse,
    /// What it says.
    pub body: Body,
}

impl CommandHandler {
    /// Fills in a template for a ticket.
    ///
    /// # Errors
    /// [`HandleError::Refused`] for a template that is not in force, a variable that stands for nothing, or a text that is longer
    /// than a message may be.
    pub async fn render_template(&self, wish: TemplateWish) -> Result<Rendered, HandleError> {
        let TemplateWish { ticket: number, reach, template, version, language, people } = wish;
        let ticket = self.ticket(number).await?;
        if !ticket.exists || !reach.sees(&ticket) {
            return Err(TicketRefusal::NotFound.into());
        }
        let shelf = self.catalogues.templates.refresh().await?;
        let now = self.clock.now();
        let version = match version {
            Some(version) => shelf.item(&template).and_then(|item| item.begun(version, now)),
            None => shelf.in_force(&template, now),
        };
        let Some(version) = version else { return Err(TicketRefusal::UnknownTemplate { template }.into()) };
        let opened = self.opening(number).await?;
        let of_ticket = opened.as_ref().and_then(|opened| opened.language);
        let language = language.or(of_ticket).or(people.language).unwrap_or(Language::En);
        let named = opened.as_ref().and_then(|opened| opened.requester.name.as_ref()?.plain());
        let subject = opened.as_ref().and_then(|opened| opened.subject.plain());
        let team = match &ticket.team {
            Some(team) => team_label(&*self.catalogues.teams.refresh().await?, team, language),
            None => None,
        };
        let number = number.to_string();
        let stands_for = |variable| match variable {
            Variable::CustomerName => people.customer.as_deref().or(named),
            Variable::TicketNumber => Some(number.as_str()),
            Variable::TicketSubject => subject,
            Variable::AgentName => people.agent.as_deref(),
            Variable::TeamName => team.as_deref(),
        };
        let said = render(version.content.body.of(language).as_str(), stands_for);
        let said = said.map_err(|variables| TicketRefusal::TemplateValueMissing { variables })?;
        let body = Body::new(said).map_err(|_| TicketRefusal::RenderedTooLong)?;
        Ok(Rendered { used: TemplateUse { template, version: version.number, language }, body })
    }

    /// What a command came to that was sent before with the same key.
    ///
    /// # Errors
    /// [`HandleError::Read`]
    pub async fn answered(
        &self,
        number: TicketNumber,
        key: &CommandKey,
    ) -> Result<Option<Handled>, HandleError> {
        Ok(self.store.find_command(key).await?.map(|appended| super::found(number, &appended)))
    }

    /// Refuses a template that nobody can have written from: a version that there is not, or not yet.
    pub(super) async fn check_template(&self, used: &TemplateUse) -> Result<(), HandleError> {
        let shelf = self.catalogues.templates.refresh().await?;
        let begun = shelf.item(&used.template).and_then(|item| item.begun(used.version, self.clock.now()));
        let unknown = || TicketRefusal::UnknownTemplate { template: used.template.clone() };
        begun.map(drop).ok_or_else(|| unknown().into())
    }
}

/// What a team is called, also one that is not in force any more.
fn team_label(teams: &Shelf<Team>, team: &Slug, language: Language) -> Option<String> {
    let changes = teams.item(team)?.changes();
    let last = changes.iter().rev().find_map(|change| change.version.as_ref())?;
    let content = Arc::clone(&last.content);
    Some(content.label.of(language).as_str().to_owned())
}
