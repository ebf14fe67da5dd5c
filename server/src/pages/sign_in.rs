//! The pages before all others: signing in, choosing a password with a code, and signing out.

use super::customer;
use super::error;
use super::frame::{Frame, deliver, deliver_problem, render};
use super::language::Visit;
use super::texts::Texts;
use crate::api::session::{choose, enter as entered, is_of_customer, leave as left, let_in};
use crate::app::App;
use crate::credentials::Person;
use crate::identity::{Caller, Entry, From};
use crate::problem::Problem;
use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use docket_core::names::ActorId;
use serde::Deserialize;

/// Where somebody goes once they are in.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    to: String,
}

/// What somebody types to sign in.
#[derive(Default, Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    id: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    to: String,
}

/// What somebody types who was invited.
#[derive(Default, Deserialize)]
pub(super) struct Welcome {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage<'a> {
    t: &'static Texts,
    frame: Frame,
    /// Whether nobody works here yet, so that nobody can sign in.
    nobody: bool,
    refused: Option<&'a str>,
    id: &'a str,
    to: &'a str,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    t: &'static Texts,
    frame: Frame,
    refused: Option<&'a str>,
    code: &'a str,
}

/// Leads to the page where one signs in, and from there back.
pub(super) fn lead(visit: &Visit) -> Response {
    let to: String = form_urlencoded(&visit.here);
    Redirect::to(&format!("/sign-in?to={to}")).into_response()
}

/// Shows the page where one signs in.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    if app.entry == Entry::Headers {
        return Redirect::to("/queue?lane=new").into_response();
    }
    let to = asked.map(|Query(asked)| asked.to).unwrap_or_default();
    let form = SignIn { to, ..SignIn::default() };
    deliver(page(&app, &visit, &form, None))
}

fn page(app: &App, visit: &Visit, form: &SignIn, refused: Option<&str>) -> String {
    let nobody = app.staff.known().is_empty();
    let (t, frame) = (visit.texts, Frame::outside(visit));
    render(&SignInPage { t, frame, nobody, refused, id: &form.id, to: &form.to })
}

/// Signs somebody in.
pub(super) async fn enter(
    State(app): State<App>,
    visit: Visit,
    from: From,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let Ok(Form(mut form)) = form else { return error::page(&visit, &Problem::invalid("", "")) };
    let password = std::mem::take(&mut form.password);
    // What is no identifier is nobody's, and takes as long to say so.
    let id = ActorId::new(form.id.trim()).or_else(|_| ActorId::new("-"));
    let Ok(id) = id else { return error::page(&visit, &Problem::internal()) };
    let problem = match entered(&app, Person::Staff(id.clone()), password.clone(), from).await {
        Ok((_, cookie)) => {
            return ([(header::SET_COOKIE, cookie)], Redirect::to(inside(&form.to))).into_response();
        }
        Err(problem) => problem,
    };
    // A customer's own password says who they are. There is nothing here to let them into, so they are told that.
    if problem.is_wrong_password() && is_of_customer(&app, id, password).await.unwrap_or(false) {
        return customer::known(&visit);
    }
    let text = error::text(visit.texts, &problem);
    deliver_problem(&problem, page(&app, &visit, &form, Some(text)))
}

/// Shows the page where a code is typed in.
pub(super) async fn welcome(State(app): State<App>, visit: Visit) -> Response {
    if app.entry == Entry::Headers {
        return Redirect::to("/queue?lane=new").into_response();
    }
    deliver(welcome_page(&visit, "", None))
}

fn welcome_page(visit: &Visit, code: &str, refused: Option<&str>) -> String {
    render(&WelcomePage { t: visit.texts, frame: Frame::outside(visit), refused, code })
}

/// Lets somebody in who was invited.
pub(super) async fn accept(
    State(app): State<App>,
    visit: Visit,
    from: From,
    form: Result<Form<Welcome>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return error::page(&visit, &Problem::invalid("", "")) };
    let done = match choose(&app, form.code.clone(), form.password, &from).await {
        Ok(Person::Customer(id)) => return customer::welcomed(&visit, &id),
        Ok(member @ Person::Staff(_)) => let_in(&app, member, from).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok((_, cookie)) => ([(header::SET_COOKIE, cookie)], Redirect::to("/queue?lane=new")).into_response(),
        Err(problem) => {
            let text = error::text(visit.texts, &problem);
            deliver_problem(&problem, welcome_page(&visit, &form.code, Some(text)))
        }
    }
}

/// Signs somebody out.
pub(super) async fn leave(State(app): State<App>, caller: Caller, visit: Visit) -> Response {
    match left(&app, &caller).await {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response(),
        Err(problem) => error::page(&visit, &problem),
    }
}

/// A place of this site to go to; anything else would lead somebody who has just signed in to a stranger's page.
fn inside(to: &str) -> &str {
    let is_here = to.starts_with('/')
        && !to.starts_with("//")
        && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_here { to } else { "/queue?lane=new" }
}

/// A path and query as the value of a parameter.
fn form_urlencoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site_after_signing_in() {
        for here in ["/", "/queue?lane=open", "/tickets/7"] {
            assert_eq!(inside(here), here);
        }
        for elsewhere in ["", "//evil.test", "https://evil.test", "/\\evil.test", "/a\r\nb", "javascript:x"] {
            assert_eq!(inside(elsewhere), "/queue?lane=new", "{elsewhere}");
        }
    }

    #[test]
    fn an_address_survives_being_a_parameter() {
        assert_eq!(form_urlencoded("/queue?lane=open&x=ñ"), "/queue%3Flane%3Dopen%26x%3D%C3%B1");
    }
}
