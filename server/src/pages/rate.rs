//! The page of a survey link: how a cycle of a ticket went, from whoever holds the link.
//!
//! Looking at it records nothing, since mail scanners follow links; only its form does. It lets nobody into anything else,
//! and shows nothing of the ticket but its number (promise S1). Who works here is told that it is the customer's.

use super::error;
use super::frame::{Frame, deliver, deliver_problem, render};
use super::language::Visit;
use super::texts::Texts;
use crate::app::App;
use crate::credentials::Denied;
use crate::credentials::survey::SurveyClaim;
use crate::identity::{From, STRANGER_QUOTA, StaffHere};
use crate::problem::Problem;
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::handler::Request;
use docket_core::names::ActorId;
use docket_core::text::{Body, TextError};
use docket_core::ticket::closing::{ended, rateable};
use docket_core::ticket::event::{RatedThrough, Score};
use docket_core::ticket::{Action, Ticket, TicketCommand, TicketRefusal};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    score: String,
    comment: String,
}

#[derive(Template)]
#[template(path = "rate.html")]
struct RatePage<'a> {
    t: &'static Texts,
    frame: Frame,
    /// Of which ticket; none where the link is not believed.
    number: Option<String>,
    /// Where the form goes; none where there is nothing to rate.
    action: Option<&'a str>,
    /// How it was rated.
    rated: Option<&'static str>,
    /// Why something is not so.
    refused: Option<&'a str>,
    fields: Fields,
}

/// What a link that is believed leads to.
struct Survey {
    claim: SurveyClaim,
    requester: ActorId,
    ticket: Arc<Ticket>,
}

/// Reads a link. All that are not believed are answered alike, whatever there is or was (promise S7), and whoever tries
/// many is slowed down.
async fn opened(app: &App, secret: &str, from: &From) -> Result<Survey, Problem> {
    let survey = match app.credentials.surveys.read(secret, app.now()) {
        Some(claim) => {
            let ticket = app.handler.ticket(claim.ticket).await?;
            let requester = ticket.requester.clone();
            let believed = requester.filter(|id| app.credentials.surveys.believes(&claim, id));
            believed.map(|requester| Survey { claim, requester, ticket })
        }
        None => None,
    };
    match survey {
        Some(survey) => Ok(survey),
        None => {
            app.rates.take(&from.place.network, STRANGER_QUOTA, app.now())?;
            Err(Denied::LinkInvalid.into())
        }
    }
}

/// Shows the page. It records nothing.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    from: From,
    here: StaffHere,
    Path(secret): Path<String>,
) -> Response {
    match opened(&app, &secret, &from).await {
        Ok(survey) if here.0 => of_the_customer(&visit, &survey),
        Ok(survey) => deliver(page(&visit, &survey, None, Fields::default())),
        Err(problem) => refused(&visit, &problem),
    }
}

/// Takes what the form says.
pub(super) async fn rate(
    State(app): State<App>,
    visit: Visit,
    from: From,
    here: StaffHere,
    Path(secret): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let survey = match opened(&app, &secret, &from).await {
        Ok(survey) => survey,
        Err(problem) => return refused(&visit, &problem),
    };
    if here.0 {
        return of_the_customer(&visit, &survey);
    }
    let Form(fields) = form.unwrap_or_else(|_| Form(Fields::default()));
    let (score, comment) = match (Score::parse(&fields.score), comment(&fields.comment)) {
        (Some(score), Ok(comment)) => (score, comment),
        (None, _) => return not_taken(&visit, &survey, "score", visit.texts.rate_choose, fields),
        (Some(_), Err(error)) => {
            let t = visit.texts;
            let why = if error == TextError::Nul { t.form_nul } else { t.rate_too_long };
            return not_taken(&visit, &survey, "comment", why, fields);
        }
    };
    let Survey { claim, requester, .. } = &survey;
    let actor = Actor { id: requester.clone(), role: Role::Customer, team: None };
    let through = RatedThrough::SurveyLink;
    let action = Action::Rate { cycle: Some(claim.cycle), score, comment, through };
    let request = Request {
        ticket: Some(claim.ticket),
        seen: None,
        reach: Reach::Own { requester: requester.clone() },
        command: TicketCommand { actor, action },
        key: None,
        correlation: Uuid::now_v7(),
    };
    match app.run(request).await.map_err(Problem::for_customer) {
        // Going back and forth asks for the page again, and sends nothing twice.
        Ok(_) => Redirect::to(&visit.here).into_response(),
        Err(problem) => match opened(&app, &secret, &from).await {
            Ok(survey) => {
                let text = error::text(visit.texts, &problem);
                deliver_problem(&problem, page(&visit, &survey, Some(text), fields))
            }
            Err(problem) => refused(&visit, &problem),
        },
    }
}

/// What there is to say; nothing where nothing is to be seen.
fn comment(text: &str) -> Result<Option<Body>, TextError> {
    // Browsers write line breaks in forms as two characters, whatever was typed.
    let text = text.replace("\r\n", "\n");
    match Body::new(text) {
        Err(TextError::Blank) => Ok(None),
        text => text.map(Some),
    }
}

fn not_taken(visit: &Visit, survey: &Survey, field: &str, why: &'static str, fields: Fields) -> Response {
    deliver_problem(&Problem::invalid(field, why), page(visit, survey, Some(why), fields))
}

/// For somebody who works here: nobody says for the customer how it was, least of all whoever made the link.
fn of_the_customer(visit: &Visit, survey: &Survey) -> Response {
    let (t, frame) = (visit.texts, Frame::outside(visit));
    let (number, refused) = (Some(t.number(survey.claim.ticket.0)), Some(t.rate_of_the_customer));
    let (action, rated, fields) = (None, None, Fields::default());
    let page = render(&RatePage { t, frame, number, action, rated, refused, fields });
    deliver_problem(&Problem::rating_of_the_customer(), page)
}

fn page(visit: &Visit, survey: &Survey, refused: Option<&str>, fields: Fields) -> String {
    let (t, frame) = (visit.texts, Frame::outside(visit));
    let Survey { claim, ticket, .. } = survey;
    let standing = rateable(Some(claim.cycle), ticket).err();
    let open = standing.is_none();
    let rated = ended(ticket).filter(|_| ticket.cycle == claim.cycle).and_then(|closing| closing.rated);
    let why = standing.filter(|_| rated.is_none()).map(|refusal| match refusal {
        // Messages are not what this page is about.
        TicketRefusal::Sealed => t.rate_closed,
        refusal => error::text(t, &Problem::for_customer(refusal.into())),
    });
    render(&RatePage {
        t,
        frame,
        number: Some(t.number(claim.ticket.0)),
        action: open.then_some(visit.here.as_str()),
        rated: rated.map(|score| match score {
            Score::Good => t.rate_was_good,
            Score::Bad => t.rate_was_bad,
        }),
        // What keeps anybody from rating says more than that this form was not taken.
        refused: why.or(refused),
        fields,
    })
}

/// For a link that is not believed.
fn refused(visit: &Visit, problem: &Problem) -> Response {
    let (t, frame) = (visit.texts, Frame::outside(visit));
    let refused = Some(error::text(t, problem));
    let (number, action, rated, fields) = (None, None, None, Fields::default());
    deliver_problem(problem, render(&RatePage { t, frame, number, action, rated, refused, fields }))
}
