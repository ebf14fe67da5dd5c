//! Teams, categories and reasons that Docket ships with, under the slugs of [`crate::catalog`].

use super::{label, slug};
use crate::catalog::RESOLUTIONS_WITHOUT_WORK;
use crate::names::Slug;
use crate::settings::words::{EscalationReason, IntakeCategory, ResolutionCategory, Team};

/// Who works tickets.
pub(in crate::settings) fn teams() -> Vec<(Slug, Team)> {
    let of = |name, en, es| (slug(name), Team { label: label(en, es) });
    vec![
        of("support", "Support", "Soporte"),
        of("account", "Account", "Cuentas"),
        of("billing", "Billing", "Facturación"),
        of("technical", "Technical", "Equipo técnico"),
        of("content", "Content", "Contenido"),
    ]
}

/// What tickets are about ("Response Templates" in the guide, and a rest).
pub(in crate::settings) fn intake_categories() -> Vec<(Slug, IntakeCategory)> {
    let of = |name, en, es| (slug(name), IntakeCategory { label: label(en, es) });
    vec![
        of("account", "Account", "Cuenta"),
        of("billing", "Billing", "Facturación"),
        of("technical", "Technical", "Técnico"),
        of("content", "Content", "Contenido"),
        of("other", "Other", "Otros"),
    ]
}

/// How tickets end ("Closing Tickets" in the guide).
pub(in crate::settings) fn resolution_categories() -> Vec<(Slug, ResolutionCategory)> {
    let of = |name: &str, en, es| {
        let needs_assignee = !RESOLUTIONS_WITHOUT_WORK.contains(&name);
        (slug(name), ResolutionCategory { label: label(en, es), needs_assignee })
    };
    vec![
        of("solved", "Solved", "Solucionado"),
        of("workaround", "Workaround", "Solución provisional"),
        of("answered", "Question answered", "Pregunta respondida"),
        of("not-reproducible", "Not reproducible", "No se reproduce"),
        of("declined", "Declined", "Rechazado"),
        of("duplicate", "Duplicate", "Duplicado"),
        of("spam", "Spam", "Spam"),
    ]
}

/// Why tickets are handed over ("Escalation Procedures" in the guide).
pub(in crate::settings) fn escalation_reasons() -> Vec<(Slug, EscalationReason)> {
    let of = |name, en, es| (slug(name), EscalationReason { label: label(en, es) });
    vec![
        of("needs-expertise", "Needs expertise", "Requiere un especialista"),
        of("needs-permission", "Needs permission", "Requiere una autorización"),
        of("customer-request", "The customer asks for it", "Lo pide el cliente"),
        of("deadline-at-risk", "The deadline is at risk", "El plazo está en riesgo"),
        of("complaint", "Complaint", "Queja"),
        of("other", "Other", "Otro motivo"),
    ]
}
