//! What can happen to a setting. Stored names are written by hand and never change (docs/EVENTS.md).

use super::{
    Catalogue, Closing, EscalationReason, IntakeCategory, ResolutionCategory, Routing, Schedule, SlaPolicy,
    Team, Template,
};
use crate::names::Slug;
use crate::personal::PersonalText;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A version of a setting was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published<C> {
    /// Which item of the catalogue.
    pub slug: Slug,
    /// Which version of it: 2 for the first change of what Docket ships with, 1 for a new item.
    pub version: u32,
    /// From when on it is in force; never before it was recorded.
    pub effective_at: Timestamp,
    /// All that it says.
    pub content: C,
    /// Why, in the words of who published it.
    pub reason: PersonalText,
}

/// A setting is in force no more. What refers to it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// Which item of the catalogue.
    pub slug: Slug,
    /// From when on; never before it was recorded.
    pub effective_at: Timestamp,
    /// Why, in the words of who retired it.
    pub reason: PersonalText,
}

/// An event of one catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum ShelfEvent<C> {
    Published(Box<Published<C>>),
    Retired(Retired),
}

/// A catalogue whose events have stored names.
pub trait Stored: Catalogue {
    /// An event of the catalogue as the log takes it.
    fn wrap(event: ShelfEvent<Self>) -> SettingEvent;

    /// An event of the log, if it is one of this catalogue.
    fn unwrap(event: SettingEvent) -> Option<ShelfEvent<Self>>;
}

macro_rules! setting_events {
    ($($content:ident => $published:ident, $retired:ident;)*) => {
        /// An event on the stream of a catalogue.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each variant is documented at the type it carries")]
        pub enum SettingEvent {
            $($published(Box<Published<$content>>), $retired(Retired),)*
        }

        impl SettingEvent {
            /// The item that it is about, its version if one was published, since when, and why.
            pub fn about(&self) -> (&Slug, Option<u32>, Timestamp, &PersonalText) {
                match self {
                    $(Self::$published(event) => {
                        (&event.slug, Some(event.version), event.effective_at, &event.reason)
                    }
                    Self::$retired(event) => (&event.slug, None, event.effective_at, &event.reason),)*
                }
            }

            /// The same without what its author wrote about it.
            pub fn without_reason(mut self) -> Self {
                let nothing = PersonalText::Plain(String::new());
                match &mut self {
                    $(Self::$published(event) => event.reason = nothing,
                    Self::$retired(event) => event.reason = nothing,)*
                }
                self
            }

            /// Which catalogue it is about.
            pub const fn catalogue(&self) -> super::CatalogueName {
                match self {
                    $(Self::$published(_) | Self::$retired(_) => <$content as Catalogue>::NAME,)*
                }
            }
        }

        $(impl Stored for $content {
            fn wrap(event: ShelfEvent<Self>) -> SettingEvent {
                match event {
                    ShelfEvent::Published(event) => SettingEvent::$published(event),
                    ShelfEvent::Retired(event) => SettingEvent::$retired(event),
                }
            }

            fn unwrap(event: SettingEvent) -> Option<ShelfEvent<Self>> {
                if let SettingEvent::$published(event) = event {
                    return Some(ShelfEvent::Published(event));
                }
                if let SettingEvent::$retired(event) = event { Some(ShelfEvent::Retired(event)) } else { None }
            }
        })*
    };
}

setting_events! {
    Team => TeamPublished, TeamRetired;
    IntakeCategory => IntakeCategoryPublished, IntakeCategoryRetired;
    ResolutionCategory => ResolutionCategoryPublished, ResolutionCategoryRetired;
    EscalationReason => EscalationReasonPublished, EscalationReasonRetired;
    Template => TemplatePublished, TemplateRetired;
    Routing => RoutingPublished, RoutingRetired;
    SlaPolicy => SlaPolicyPublished, SlaPolicyRetired;
    Schedule => SchedulePublished, ScheduleRetired;
    Closing => ClosingPublished, ClosingRetired;
}
