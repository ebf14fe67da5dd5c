//! What a command on a ticket names of the settings, looked up for the moment at which it is decided.

use super::catalogues::Catalogues;
use super::{CommandHandler, HandleError};
use crate::ticket::named::Named;
use crate::ticket::{Action, TicketCommand, TicketRefusal};
use std::borrow::Cow;
use std::sync::Arc;

impl CommandHandler {
    /// The settings that commands are checked against.
    pub fn catalogues(&self) -> &Arc<Catalogues> {
        &self.catalogues
    }

    /// The command with what its rules need to know of the settings.
    pub(super) async fn looked_up<'a>(
        &self,
        command: &'a TicketCommand,
    ) -> Result<Cow<'a, TicketCommand>, HandleError> {
        let Action::Resolve { resolution, .. } = &command.action else { return Ok(Cow::Borrowed(command)) };
        let shelf = self.catalogues.resolution_categories.refresh().await?;
        let category = shelf.in_force(resolution, self.clock.now());
        let needs = category.is_none_or(|category| category.content.needs_assignee);
        let mut command = command.clone();
        if let Action::Resolve { needs_assignee, .. } = &mut command.action {
            *needs_assignee = needs;
        }
        Ok(Cow::Owned(command))
    }

    /// Refuses an action that names something which is not in force now.
    pub(super) async fn check_named(&self, action: &Action) -> Result<(), HandleError> {
        let (all, now) = (&self.catalogues, self.clock.now());
        for named in action.names() {
            let in_force = match named {
                Named::Team(slug) => all.teams.refresh().await?.in_force(slug, now).is_some(),
                Named::Category(slug) => all.intake_categories.refresh().await?.in_force(slug, now).is_some(),
                Named::Reason(slug) => all.escalation_reasons.refresh().await?.in_force(slug, now).is_some(),
                Named::Resolution(slug) => {
                    all.resolution_categories.refresh().await?.in_force(slug, now).is_some()
                }
            };
            if !in_force {
                return Err(TicketRefusal::from(named).into());
            }
        }
        Ok(())
    }
}
