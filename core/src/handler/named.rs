//! What a command on a ticket names of settings and people, looked up for the moment at which it is decided.

use super::catalogues::Catalogues;
use super::settings::SettingsHandler;
use super::{CommandHandler, HandleError};
use crate::actor::Role;
use crate::names::{ActorId, Slug};
use crate::routing::takes_escalated;
use crate::staff::event::Permission;
use crate::staff::{Member, StaffDecider};
use crate::ticket::command::Gone;
use crate::ticket::named::Named;
use crate::ticket::state::Escalation;
use crate::ticket::{Action, Ticket, TicketCommand, TicketRefusal};
use std::borrow::Cow;
use std::sync::Arc;

impl CommandHandler {
    /// The settings that commands are checked against.
    pub fn catalogues(&self) -> &Arc<Catalogues> {
        &self.catalogues
    }

    /// Who works here.
    pub fn staff(&self) -> &Arc<SettingsHandler<StaffDecider>> {
        &self.staff
    }

    /// The command with what its rules need to know of the settings, of who works here, and of the time.
    pub(super) async fn looked_up<'a>(
        &self,
        command: &'a TicketCommand,
        ticket: &Ticket,
    ) -> Result<Cow<'a, TicketCommand>, HandleError> {
        let mut command = Cow::Borrowed(command);
        match &command.action {
            Action::Resolve { resolution, .. } => {
                let shelf = self.catalogues.resolution_categories.refresh().await?;
                let category = shelf.in_force(resolution, self.clock.now());
                let needs = category.is_none_or(|category| category.content.needs_assignee);
                if let Action::Resolve { needs_assignee, .. } = &mut command.to_mut().action {
                    *needs_assignee = needs;
                }
            }
            Action::Return { .. } => {
                let found = self.gone(ticket).await?;
                if let Action::Return { gone, .. } = &mut command.to_mut().action {
                    *gone = found;
                }
            }
            Action::Acknowledge { .. } => {
                let works_for_it = |member: &Member| may_work(member, ticket.team.as_ref());
                let is = self.is_there(&command.actor.id, works_for_it).await?;
                if let Action::Acknowledge { of_team } = &mut command.to_mut().action {
                    *of_team = is;
                }
            }
            Action::Snooze { .. } => {
                let instant = self.clock.now();
                if let Action::Snooze { now, .. } = &mut command.to_mut().action {
                    *now = instant;
                }
            }
            // What is enclosed is a message, which looks nothing up.
            Action::Open(_)
            | Action::Enclosing(_)
            | Action::Take
            | Action::Assign { .. }
            | Action::Unassign
            | Action::Offer
            | Action::ChangeTeam { .. }
            | Action::ChangePriority { .. }
            | Action::ChangeCategory { .. }
            | Action::Reply { .. }
            | Action::CustomerReply { .. }
            | Action::Note { .. }
            | Action::SetPending { .. }
            | Action::SetOpen
            | Action::Escalate { .. }
            | Action::Reopen
            | Action::Seal
            | Action::Tag { .. }
            | Action::SetField { .. }
            | Action::Follow
            | Action::Unfollow
            | Action::Link { .. }
            | Action::Unlink { .. }
            | Action::Merge { .. }
            | Action::Unmerge
            | Action::Confirm
            | Action::Refuse { .. }
            | Action::Rate { .. }
            | Action::Wake { .. } => {}
        }
        Ok(command)
    }

    /// Where the escalations of a ticket came from and it cannot go back to now.
    async fn gone(&self, ticket: &Ticket) -> Result<Gone, HandleError> {
        let (teams, now) = (self.catalogues.teams.refresh().await?, self.clock.now());
        let mut gone = Gone::default();
        for Escalation { from_team, from_assignee, .. } in ticket.origins() {
            let retired = from_team.iter().filter(|team| teams.in_force(team, now).is_none());
            gone.teams.extend(retired.cloned());
            if let Some(from) = from_assignee
                && !self.is_there(from, |member| may_work(member, from_team.as_ref())).await?
            {
                gone.people.insert((from.clone(), from_team.clone()));
            }
        }
        Ok(gone)
    }

    /// Refuses an action that names something which is not in force, or somebody who is not there, now.
    pub(super) async fn check_named(&self, action: &Action) -> Result<(), HandleError> {
        let (all, now) = (&self.catalogues, self.clock.now());
        if let Action::Enclosing(enclosing) = action
            && let Some(used) = &enclosing.template
        {
            self.check_template(used).await?;
        }
        for named in action.names() {
            let in_force = match named {
                Named::Team(slug) => all.teams.refresh().await?.in_force(slug, now).is_some(),
                Named::Category(slug) => all.intake_categories.refresh().await?.in_force(slug, now).is_some(),
                Named::Reason(slug) => all.escalation_reasons.refresh().await?.in_force(slug, now).is_some(),
                Named::Resolution(slug) => {
                    all.resolution_categories.refresh().await?.in_force(slug, now).is_some()
                }
                Named::Receivers(team) => {
                    let staff = self.staff.refresh().await?;
                    staff.is_empty() || takes_escalated(team, staff.members().map(|(_, member)| member))
                }
                Named::Assignee(id) => self.works_here(id).await?,
                Named::Supervisor(id) => self.is_there(id, takes_escalations).await?,
            };
            if !in_force {
                return Err(TicketRefusal::from(named).into());
            }
        }
        Ok(())
    }

    /// Whether somebody works tickets now.
    async fn works_here(&self, id: &ActorId) -> Result<bool, HandleError> {
        self.is_there(id, works).await
    }

    /// While nobody has been added to the staff, names are believed as they come (docs/adr/0009-identity-from-the-request.md).
    async fn is_there(&self, id: &ActorId, fits: impl Fn(&Member) -> bool) -> Result<bool, HandleError> {
        let staff = self.staff.refresh().await?;
        Ok(staff.is_empty() || staff.member(id).is_some_and(fits))
    }
}

/// Whether somebody works tickets.
pub fn works(member: &Member) -> bool {
    member.active && member.role.is_staff()
}

/// Whether somebody works the tickets of a team, or of none. Admins work those of all.
pub fn may_work(member: &Member, team: Option<&Slug>) -> bool {
    works(member) && (member.role == Role::Admin || team.is_none_or(|team| member.teams.contains(team)))
}

/// Whether somebody can be escalated to in person.
pub fn takes_escalations(member: &Member) -> bool {
    works(member) && member.permissions.contains(&Permission::TakeEscalated)
}
