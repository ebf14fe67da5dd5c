//! What comes with a message: files that were sent before, and the template that it was written from.

use super::body::{Named, Object};
use super::shapes;
use crate::app::App;
use crate::idempotency::principal;
use crate::problem::Problem;
use docket_core::actor::Actor;
use docket_core::handler::templates::People;
use docket_core::handler::{Handled, Outcome};
use docket_core::names::{FileDigest, FileName, Slug, TicketNumber};
use docket_core::ticket::TicketRefusal;
use docket_core::ticket::enclosed::{ATTACHMENTS_MAX, Attachment, SentFile, TemplateUse};
use docket_core::ticket::event::Language;
use serde::Deserialize;
use utoipa::ToSchema;

/// A file that comes with a message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttachmentFields {
    /// The digest that the file was answered with, or that of one which came with the ticket before.
    #[schema(value_type = shapes::Digest)]
    digest: FileDigest,
    /// What it is called; as it was sent if left out.
    #[schema(value_type = Option<shapes::FileNameText>)]
    #[serde(default)]
    name: Option<FileName>,
}

/// The version of a template that a reply was written from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateFields {
    /// The template.
    #[schema(value_type = shapes::Slug)]
    pub(super) template: Slug,
    /// Its version.
    #[schema(minimum = 1)]
    pub(super) version: u32,
    /// The language of the text that was taken.
    #[schema(value_type = shapes::Language)]
    pub(super) language: Named<Language>,
}

impl From<TemplateFields> for TemplateUse {
    fn from(fields: TemplateFields) -> Self {
        let TemplateFields { template, version, language: Named(language) } = fields;
        Self { template, version, language }
    }
}

/// Files of whoever sends a message, as far as they are theirs: the others must have come with the ticket before.
pub(super) async fn attachments(
    app: &App,
    actor: &Actor,
    fields: Vec<Object<AttachmentFields>>,
) -> Result<Vec<Attachment>, Problem> {
    let fields = fields.into_iter().map(|Object(AttachmentFields { digest, name })| (digest, name));
    claimed(app, actor, fields.collect()).await
}

/// As [`attachments`], of files by their digests, each as it is called or as it was sent.
///
/// # Errors
/// A problem when there are too many, or one is not theirs and was not told by name.
pub(crate) async fn claimed(
    app: &App,
    actor: &Actor,
    files: Vec<(FileDigest, Option<FileName>)>,
) -> Result<Vec<Attachment>, Problem> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    if files.len() > ATTACHMENTS_MAX {
        return Err(TicketRefusal::TooManyAttachments.into());
    }
    let digests: Vec<_> = files.iter().map(|(digest, _)| digest.clone()).collect();
    let (uploads, sender, now) = (app.uploads.clone(), principal(actor), app.now());
    let claimed = tokio::task::spawn_blocking(move || uploads.claim(&sender, &digests, now)).await;
    let sent = claimed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    let attachment = |(digest, name): (FileDigest, Option<FileName>)| {
        let sent = sent.get(&digest);
        let name = name.or_else(|| sent.map(|sent| sent.name.clone()));
        let name = name.ok_or(Problem::from(TicketRefusal::UnknownAttachment))?;
        let sent = sent.map(|sent| SentFile { media_type: sent.media_type, bytes: sent.bytes });
        Ok(Attachment { digest, name, sent })
    };
    files.into_iter().map(attachment).collect()
}

/// Takes note of files that a command named, once it was granted.
pub(crate) fn attached(app: &App, actor: &Actor, attachments: &[Attachment], handled: &Handled) {
    if handled.outcome != Outcome::AlreadySo {
        let digests: Vec<_> = attachments.iter().map(|attachment| attachment.digest.clone()).collect();
        app.uploads.attached(&principal(actor), &digests);
    }
}

/// What is known of whoever answers a ticket, and of whoever asked.
pub(crate) async fn people(app: &App, actor: &Actor, number: TicketNumber) -> Result<People, Problem> {
    let staff = app.staff.known();
    let member = staff.member(&actor.id).and_then(|member| member.name.plain().map(str::to_owned));
    // Where headers say who asks, it may be somebody who does not work here.
    let agent = Some(member.unwrap_or_else(|| actor.id.to_string()));
    let ticket = app.handler.ticket(number).await?;
    let Some(requester) = &ticket.requester else { return Ok(People { agent, ..People::default() }) };
    let (_, customer) = app.customers.read(requester).await.map_err(Problem::from)?;
    let profile = customer.profile.as_ref();
    let language = profile.and_then(|profile| profile.language);
    let customer = profile.and_then(|profile| profile.name.plain().map(str::to_owned));
    Ok(People { agent, customer, language })
}
