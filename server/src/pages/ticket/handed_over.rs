//! What whoever a ticket was escalated to must know, on top of it until somebody acknowledges it.

use super::super::moment::Moment;
use super::super::texts::Texts;
use super::super::visible::{Isolated, Visible};
use super::super::words::Words;
use crate::app::App;
use crate::problem::Problem;
use docket_core::handler;
use docket_core::time::Timestamp;
use docket_projections::queue::QueueTicket;
use docket_projections::timeline::TimelineEntry;

/// The escalation that brought the ticket to whoever looks at it now.
pub(super) struct HandedOver {
    /// Why.
    pub(super) reason: String,
    /// Where it is in the thread, if that part of it is shown.
    pub(super) position: Option<u64>,
    pub(super) told: Option<Told>,
}

/// What came with it.
pub(super) struct Told {
    pub(super) by: String,
    pub(super) moment: Moment,
    /// None where the text cannot be read.
    pub(super) context: Option<String>,
}

/// What came with the escalation that stands, while nobody has acknowledged it. It is read from the log: the thread on the
/// page may be another part than where it was escalated.
pub(super) async fn told(app: &App, row: &QueueTicket) -> Result<Option<handler::HandedOver>, Problem> {
    let standing = row.state.ticket.escalation.as_ref().filter(|standing| !standing.acknowledged);
    let Some(standing) = standing else { return Ok(None) };
    Ok(app.handler.handed_over(row.number, standing).await?)
}

impl HandedOver {
    pub(super) fn of(
        (t, words): (&'static Texts, &Words),
        row: &QueueTicket,
        entries: &[TimelineEntry],
        told: Option<handler::HandedOver>,
        now: Timestamp,
    ) -> Option<Self> {
        let standing = row.state.ticket.escalation.as_ref().filter(|standing| !standing.acknowledged)?;
        let reason = words.reason(standing.reason.as_str());
        let escalation = entries
            .iter()
            .find(|entry| entry.entry.version == standing.version && entry.entry.event == "ticket.escalated");
        let told = told.map(|told| Told {
            by: t.ticket_handed_over_by(Isolated(told.by.as_str())).to_string(),
            moment: Moment::relative(t, told.at, now),
            context: told.context.plain().map(str::to_owned),
        });
        Some(Self {
            reason: t.ticket_handed_over(Visible(reason)).to_string(),
            position: escalation.map(|entry| entry.position.0),
            told,
        })
    }
}
