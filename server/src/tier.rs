//! How whoever asks is treated: the tier of their account, which routing rules may ask for.

use crate::app::App;
use docket_core::customer::CustomerRefusal;
use docket_core::handler::settings::SettingsError;
use docket_core::names::{ActorId, Slug};

/// The tier of a requester's account; none when they have no account, or it has no tier.
///
/// # Errors
/// [`SettingsError::Read`] or [`SettingsError::History`]
pub async fn tier_of(app: &App, requester: &ActorId) -> Result<Option<Slug>, SettingsError<CustomerRefusal>> {
    let (_, customer) = app.customers.read(requester).await?;
    let Some(account) = &customer.account else { return Ok(None) };
    let (_, account) = app.accounts.read(account).await?;
    Ok(account.profile.as_ref().and_then(|profile| profile.tier.clone()))
}
