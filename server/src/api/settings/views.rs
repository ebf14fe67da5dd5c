//! What is sent and answered about settings.

use crate::api::shapes;
use docket_core::names::{ActorId, Slug};
use docket_core::text::Line;
use docket_core::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// When.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct SettingsQuery {
    /// What is in force at this time, as RFC 3339; now if left out.
    #[param(value_type = shapes::Instant, inline, required = false)]
    pub(super) at: Option<String>,
}

/// A content that is not copied to be shown.
pub(in crate::api) struct Shared<C>(pub(super) Arc<C>);

impl<C: Serialize> Serialize for Shared<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A catalogue, and what of it is in force.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct SettingsView<T> {
    /// The instant that `in_force` is about.
    #[schema(value_type = shapes::Instant)]
    pub(super) at: String,
    /// Everything that there ever was, in the order of slugs.
    pub(super) items: Vec<ItemView<T>>,
}

/// What is known by one slug.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ItemView<T> {
    /// Its stable name.
    #[schema(value_type = shapes::Slug)]
    pub(super) slug: Slug,
    /// What is in force; absent before the first version and once it is retired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_force: Option<VersionView<T>>,
}

/// A version.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct VersionView<T> {
    /// 1, 2, 3, …
    pub(super) version: u32,
    /// All that it says.
    pub(super) content: T,
}

/// All that happened to one item.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct HistoryView<T> {
    /// Its stable name.
    #[schema(value_type = shapes::Slug)]
    pub(super) slug: Slug,
    /// The instant that `in_force` is about.
    #[schema(value_type = shapes::Instant)]
    pub(super) at: String,
    /// Every change, in the order in which they were made.
    pub(super) changes: Vec<ChangeView<T>>,
}

/// A version that was published, or that it was retired.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ChangeView<T> {
    /// The version; absent when it was retired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u32>,
    /// From when on it counts; absent for what Docket ships with, which counts from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Instant>)]
    pub(super) effective_at: Option<String>,
    /// Whether it is what counts at the instant asked about.
    pub(super) in_force: bool,
    /// All that it says; absent when it was retired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<T>,
    /// Who made the change; absent for what Docket ships with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::ActorId>)]
    pub(super) by: Option<ActorId>,
    /// When it was recorded; absent for what Docket ships with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Instant>)]
    pub(super) recorded_at: Option<String>,
    /// Why; absent for what Docket ships with, and once it has been erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// What shall be in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PublishFields<T> {
    /// All that it shall say; what is left out is not taken from the version before.
    pub(super) content: T,
    /// From when on, as RFC 3339; at once if left out. Not before now.
    #[schema(value_type = Option<shapes::Instant>)]
    #[serde(default)]
    pub(super) effective_at: Option<When>,
    /// Why, for whoever looks back.
    #[schema(value_type = shapes::Line)]
    pub(super) reason: Line,
}

/// What shall be in force no more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RetireFields {
    /// From when on, as RFC 3339; at once if left out. Not before now.
    #[schema(value_type = Option<shapes::Instant>)]
    #[serde(default)]
    pub(super) effective_at: Option<When>,
    /// Why, for whoever looks back.
    #[schema(value_type = shapes::Line)]
    pub(super) reason: Line,
}

/// An instant in a body.
pub(in crate::api) struct When(pub(in crate::api) Timestamp);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // RFC 3339 writes leap seconds so. There is no instant here that it would be.
        if text.get(17..19) == Some("60") {
            return Err(serde::de::Error::custom("seconds go from 00 to 59"));
        }
        Timestamp::parse_rfc3339(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// What came of a command on a setting.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct SettingAnswer {
    /// Which item it was about.
    #[schema(value_type = shapes::Slug)]
    pub(super) slug: Slug,
    /// The version of the catalogue's stream afterwards.
    pub(super) version: u64,
    /// The position that shows the effect.
    pub(super) position: u64,
    /// `appended`, `found` (the same command had been sent before) or `already_so`.
    #[schema(value_type = shapes::OutcomeName)]
    pub(super) outcome: &'static str,
}
