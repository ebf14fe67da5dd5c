//! When a resolved ticket comes to its end by itself, for whoever asks about one ticket.

use crate::app::App;
use crate::problem::Problem;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::ticket::due::Deed;
use docket_core::time::Timestamp;
use docket_projections::due;

/// What happens by itself to a ticket, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends {
    /// When it counts as confirmed if its requester says nothing; none when nothing is awaited.
    pub confirms_at: Option<Timestamp>,
    /// When it takes no more messages; none when it is not resolved, or was long before an import.
    pub seals_at: Option<Timestamp>,
}

/// When a ticket comes to its end, and the position that this shows.
///
/// # Errors
/// A problem: what falls due cannot be read now, or does not show the position in time.
pub async fn ends(
    app: &App,
    number: TicketNumber,
    at_least: Option<GlobalPosition>,
) -> Result<(GlobalPosition, Ends), Problem> {
    let read = app.query_at("due", at_least, move |connection| due::ticket(connection, number));
    let (shown, due) = read.await?;
    let shelf = app.catalogues.closing.refresh().await?;
    let ends = due.and_then(|due| {
        let waits = shelf.followed(due.resolved_at()?)?;
        let [confirms_at, seals_at] = [Deed::Confirm, Deed::Seal].map(|deed| due.falls_due(deed, waits));
        Some(Ends { confirms_at, seals_at })
    });
    Ok((shown, ends.unwrap_or_default()))
}
