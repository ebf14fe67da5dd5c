//! What comes with a message: files, and the template that it was written from. All of it is recorded in the same append.

use super::command::Action;
use super::event::{Attached, Language, TemplateUsed, TicketEvent};
use super::refusal::TicketRefusal;
use super::state::Ticket;
use crate::actor::Role;
use crate::media_type::MediaType;
use crate::names::{FileDigest, FileName, Slug};
use std::collections::BTreeSet;

/// Files that may come with one message.
pub const ATTACHMENTS_MAX: usize = 10;

/// A message, and what comes with it.
#[derive(Clone, Debug)]
pub struct Enclosing {
    /// Opening, replying, noting, or the customer's message.
    pub action: Action,
    /// The files.
    pub attachments: Vec<Attachment>,
    /// The template that a reply was written from.
    pub template: Option<TemplateUse>,
}

/// A file that comes with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which file.
    pub digest: FileDigest,
    /// What it is called.
    pub name: FileName,
    /// What it is, if whoever wishes this has sent it. The server looks it up: knowing a digest gives nobody the file.
    pub sent: Option<SentFile>,
}

/// What is known of a file that somebody has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentFile {
    /// What it is.
    pub media_type: MediaType,
    /// How large. Unit: bytes.
    pub bytes: u64,
}

/// The version of a template that a reply was written from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUse {
    /// Which template.
    pub template: Slug,
    /// Its version.
    pub version: u32,
    /// In which language.
    pub language: Language,
}

impl Action {
    /// An action with what comes with it; the action itself where nothing does.
    #[must_use]
    pub fn enclosing(self, attachments: Vec<Attachment>, template: Option<TemplateUse>) -> Self {
        if attachments.is_empty() && template.is_none() {
            return self;
        }
        Self::Enclosing(Box::new(Enclosing { action: self, attachments, template }))
    }
}

impl Enclosing {
    /// The events of the message with those of what comes with it, right after it.
    pub(super) fn among(
        &self,
        mut events: Vec<TicketEvent>,
        role: Role,
        ticket: &Ticket,
    ) -> Result<Vec<TicketEvent>, TicketRefusal> {
        if self.attachments.len() > ATTACHMENTS_MAX {
            return Err(TicketRefusal::TooManyAttachments);
        }
        let (message, internal) = match events.first() {
            Some(TicketEvent::Opened(_)) => (None, false),
            Some(
                TicketEvent::Replied(said)
                | TicketEvent::CustomerReplied(said)
                | TicketEvent::ConfirmationRefused(said),
            ) => (Some(said.message), false),
            Some(TicketEvent::Noted(said)) => (Some(said.message), true),
            // It was said before, and came with what it came with then.
            None => return Ok(events),
            // Whoever sends a file with what is no message would look for it in vain.
            Some(_) if !self.attachments.is_empty() => return Err(TicketRefusal::NoMessageToAttachTo),
            Some(_) => return Ok(events),
        };
        let mut enclosed = Vec::new();
        if let (Some(used), Some(TicketEvent::Replied(said))) = (&self.template, events.first()) {
            let TemplateUse { template, version, language } = used.clone();
            let message = said.message;
            enclosed.push(TicketEvent::TemplateUsed(TemplateUsed { message, template, version, language }));
        }
        let mut named = BTreeSet::new();
        for Attachment { digest, name, sent } in &self.attachments {
            if !named.insert(digest) {
                continue;
            }
            let (media_type, bytes) = match sent {
                Some(sent) => (sent.media_type.as_str().to_owned(), sent.bytes),
                None => ticket.file(digest.as_str(), role).ok_or(TicketRefusal::UnknownAttachment)?,
            };
            let (digest, name) = (digest.to_string(), name.into());
            enclosed.push(TicketEvent::Attached(Box::new(Attached {
                message,
                digest,
                name,
                media_type,
                bytes,
                internal,
            })));
        }
        events.splice(1..1, enclosed);
        Ok(events)
    }
}

impl Ticket {
    /// What a file is that came with the ticket, if the role may see it there.
    fn file(&self, digest: &str, role: Role) -> Option<(String, u64)> {
        let file = self.memory.attachments.get(digest)?;
        let seen = role != Role::Customer || file.public_name.is_some();
        seen.then(|| (file.media_type.clone(), file.bytes))
    }
}
