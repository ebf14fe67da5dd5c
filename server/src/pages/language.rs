//! Which language a page is shown in: the one asked for, the one chosen before, or the browser's.

use super::texts::Texts;
use crate::identity;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use std::convert::Infallible;

/// The cookie that remembers a choice.
pub(super) const COOKIE: &str = "docket_lang";

/// How long a choice is remembered. Unit: seconds.
const COOKIE_AGE_S: u32 = 365 * 24 * 60 * 60;

/// Parameters that say how to come to a page and are no part of its address.
const PASSING: [&str; 3] = ["lang", "at_least", "done"];

/// A visit to a page: the language it is shown in, and its address.
#[derive(Clone)]
pub struct Visit {
    /// Everything the page says.
    pub(super) texts: &'static Texts,
    /// Path and query, without what is only passing.
    pub(super) here: String,
    /// Whether the browser shows a session, which may have ended.
    pub(super) has_session: bool,
}

impl Visit {
    /// The visit of a request.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let has_session = identity::cookie(headers).is_some();
        Self { texts: choose(uri, headers), here: here(uri), has_session }
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

/// What problems are called in the language that a program asks for.
#[derive(Clone, Copy)]
pub struct Titles(&'static Texts);

impl Titles {
    /// By `Accept-Language`; a program has neither an address nor a cookie that says it.
    pub fn wanted(headers: &HeaderMap) -> Self {
        Self(accepted(headers).unwrap_or_else(Texts::fallback))
    }

    /// What the problem with a code is called.
    pub fn of(self, code: &str) -> Option<&'static str> {
        self.0.problem(code)
    }

    /// The language's code.
    pub fn language(self) -> &'static str {
        self.0.code
    }
}

/// The cookie to set when an address asks for a language.
pub(super) fn cookie(uri: &Uri) -> Option<HeaderValue> {
    let texts = asked(uri)?;
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age={COOKIE_AGE_S}; SameSite=Lax; HttpOnly", texts.code);
    HeaderValue::from_str(&cookie).ok()
}

fn choose(uri: &Uri, headers: &HeaderMap) -> &'static Texts {
    asked(uri).or_else(|| remembered(headers)).or_else(|| accepted(headers)).unwrap_or_else(Texts::fallback)
}

fn parameters(uri: &Uri) -> impl Iterator<Item = &str> {
    uri.query().unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty())
}

fn asked(uri: &Uri) -> Option<&'static Texts> {
    parameters(uri).find_map(|parameter| Texts::of(parameter.strip_prefix("lang=")?))
}

fn remembered(headers: &HeaderMap) -> Option<&'static Texts> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, code)| Texts::of(code))
}

/// The best of `Accept-Language` that is there. Source: RFC 9110, section 12.5.4.
fn accepted(headers: &HeaderMap) -> Option<&'static Texts> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, &'static Texts)> = None;
    for range in value.split(',') {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight: f32 = weight.trim().strip_prefix("q=").and_then(|text| text.parse().ok()).unwrap_or(0.0);
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(texts) = Texts::of(&primary)
            && weight > best.map_or(0.0, |(weight, _)| weight)
        {
            best = Some((weight, texts));
        }
    }
    best.map(|(_, texts)| texts)
}

fn here(uri: &Uri) -> String {
    let stays = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default();
        !PASSING.contains(&name)
    };
    let kept: Vec<&str> = parameters(uri).filter(stays).collect();
    if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(uri: &str, cookie: &str, accept: &str) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
        choose(&uri.parse().unwrap(), &headers).code
    }

    #[test]
    fn the_address_comes_before_the_cookie_and_the_cookie_before_the_browser() {
        assert_eq!(chosen("/?lang=es", "docket_lang=en", "en"), "es");
        assert_eq!(chosen("/", "a=b; docket_lang=es", "en"), "es");
        assert_eq!(chosen("/", "", "es-AR,en;q=0.8"), "es");
        assert_eq!(chosen("/?lang=xx", "docket_lang=../..", "de, *;q=0.1"), "en");
    }

    #[test]
    fn the_browser_is_taken_by_its_weights() {
        assert_eq!(chosen("/", "", "en;q=0.4, es;q=0.9"), "es");
        assert_eq!(chosen("/", "", "es;q=0, en;q=0.1"), "en");
        assert_eq!(chosen("/", "", "fr-CH, fr;q=0.9, es;q=0.7, en;q=0.7"), "es");
    }

    #[test]
    fn an_address_keeps_what_belongs_to_the_page() {
        let uri: Uri = "/queue?lane=open&lang=es&after=1_2&at_least=9&done=reply".parse().unwrap();
        assert_eq!(here(&uri), "/queue?lane=open&after=1_2");
        assert_eq!(here(&"/reports".parse().unwrap()), "/reports");
        assert!(cookie(&uri).unwrap().to_str().unwrap().starts_with("docket_lang=es; Path=/;"));
        assert_eq!(cookie(&"/?lang=x%0d".parse().unwrap()), None);
    }
}
