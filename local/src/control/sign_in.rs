//! The issuer as browsers meet it: OpenID Connect's authorization code flow with PKCE, for public clients.
//!
//! | asked | answered |
//! |---|---|
//! | `GET /_local/authorize` | the page where one chooses whom to be; back at the client with `login_required` where `prompt=none` and nobody was chosen yet |
//! | `GET /_local/authorize/as` | back at the client with a code |
//! | `POST /_local/oauth/token` | the code's tokens, or an error of RFC 6749 section 5.2 |
//! | `GET /_local/end-session` | back at the client, and nobody is remembered |

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Control, json_response, none, ok};
use crate::codes::{Grant, Redeemed};
use crate::issuer::{CLOUDS, TokenRequest};
use crate::persona::Persona;
use crate::{form, html, sign_in_page};

/// How long a token of a sign-in lasts, unless asked otherwise.
const HOUR: i64 = 3_600;
/// Who was chosen last in this browser.
const COOKIE_NAME: &str = "local_persona";
/// What a client asks with.
const ASKED: [&str; 10] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
];

/// The routes.
pub(super) fn routes() -> Router<Control> {
    // Pages of other origins ask these, so they are open to all, as those of real issuers are.
    let open = Router::new()
        .route("/.well-known/openid-configuration", get(configuration).options(none_at_all))
        .route("/.well-known/jwks.json", get(keys).options(none_at_all))
        .route("/_local/oauth/token", post(redeem).options(none_at_all))
        .layer(middleware::from_fn(opened));
    Router::new()
        .route("/_local/authorize", get(authorize))
        .route("/_local/authorize/as", get(authorize_as))
        .route("/_local/end-session", get(end_session))
        .merge(open)
}

async fn configuration(State(control): State<Control>) -> Response<Body> {
    ok(&control.issuer.configuration())
}

async fn keys(State(control): State<Control>) -> Response<Body> {
    ok(&control.issuer.keys())
}

async fn none_at_all() -> Response<Body> {
    none()
}

async fn opened(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "authorization, content-type"),
        ("access-control-max-age", "3600"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a client asks for.
struct Ask {
    parameters: BTreeMap<String, String>,
    redirect_uri: String,
    /// Its scheme, host and port.
    redirect_origin: String,
}

impl Ask {
    /// It, and what else was sent; or why it is for people to read: where nobody safe is named to send it to, it goes nowhere.
    fn read(uri: &Uri) -> Result<(Self, BTreeMap<String, String>), &'static str> {
        let pairs = form::pairs(uri.query().unwrap_or_default());
        let (parameters, more): (BTreeMap<_, _>, BTreeMap<_, _>) =
            pairs.partition(|(name, _)| ASKED.contains(&name.as_str()));
        let redirect_uri = parameters.get("redirect_uri").cloned().unwrap_or_default();
        let redirect_origin = loopback_origin(&redirect_uri)
            .ok_or("redirect_uri must be http, on this machine: 127.0.0.1, localhost or [::1], any port")?;
        Ok((Self { parameters, redirect_uri, redirect_origin }, more))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// What is wrong with it, as the client is told (RFC 6749 section 4.1.2.1).
    fn problem(&self) -> Option<(&'static str, &'static str)> {
        let wrong = |description| Some(("invalid_request", description));
        if self.get("response_type") != Some("code") {
            return Some(("unsupported_response_type", "response_type must be code"));
        }
        if self.get("client_id").is_none() {
            return wrong("client_id is missing");
        }
        if self.get("code_challenge_method") != Some("S256") {
            return wrong("code_challenge_method must be S256");
        }
        if self.get("code_challenge").is_none_or(|challenge| challenge.len() != 43) {
            return wrong("code_challenge must be the 43 characters of a SHA-256");
        }
        None
    }

    /// Back to the client, with these parameters and its state.
    fn back(&self, control: &Control, parameters: &[(&str, &str)]) -> Response<Body> {
        let state = self.get("state").map(|state| ("state", state));
        let all = parameters.iter().copied().chain(state).chain([("iss", control.issuer.base())]);
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        redirect(&format!("{}{separator}{}", self.redirect_uri, form::encoded(all)))
    }

    fn back_with_code(&self, control: &Control, person: TokenRequest) -> Response<Body> {
        let text = |name: &str| self.get(name).unwrap_or_default().to_owned();
        let grant = Grant {
            person,
            client_id: text("client_id"),
            redirect_uri: self.redirect_uri.clone(),
            scope: text("scope"),
            nonce: self.get("nonce").map(str::to_owned),
            challenge: text("code_challenge"),
        };
        let code = control.codes.issue(grant, control.clock.now());
        self.back(control, &[("code", &code)])
    }
}

/// The origin of a redirect that stays on this machine (RFC 8252 section 7.3), whatever its port.
fn loopback_origin(redirect_uri: &str) -> Option<String> {
    let uri: Uri = redirect_uri.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let is_loopback = matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
    let is_plain = scheme == "http" && !authority.as_str().contains('@') && !redirect_uri.contains('#');
    (is_loopback && is_plain).then(|| format!("http://{authority}"))
}

async fn authorize(State(control): State<Control>, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let ask = match Ask::read(&uri) {
        Ok((ask, _)) => ask,
        Err(why) => return refused_page(why),
    };
    if let Some((error, description)) = ask.problem() {
        return ask.back(&control, &[("error", error), ("error_description", description)]);
    }
    if ask.get("prompt") != Some("none") {
        let asked: Vec<_> = ask.parameters.clone().into_iter().collect();
        let page = sign_in_page::choose(&asked, ask.get("login_hint"));
        return html::page(page, &sign_in_page::policy(&ask.redirect_origin));
    }
    match remembered(&headers) {
        Some(person) => ask.back_with_code(&control, person),
        None => ask.back(&control, &[("error", "login_required")]),
    }
}

async fn authorize_as(State(control): State<Control>, uri: Uri) -> Response<Body> {
    let (ask, chosen) = match Ask::read(&uri) {
        Ok(read) => read,
        Err(why) => return refused_page(why),
    };
    if let Some((error, description)) = ask.problem() {
        return ask.back(&control, &[("error", error), ("error_description", description)]);
    }
    let person = match person(&chosen) {
        Ok(person) => person,
        Err(why) => return refused_page(&why),
    };
    let mut response = ask.back_with_code(&control, person.clone());
    if let Some(cookie) = remembering(&person) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// Who was chosen on the page: by name, or by what was filled in.
fn person(chosen: &BTreeMap<String, String>) -> Result<TokenRequest, String> {
    let text = |name: &str| chosen.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let lasts =
        text("expiresInSeconds").map_or(Ok(HOUR), str::parse).map_err(|_| "The token lasts a number of seconds.")?;
    let person = match text("persona") {
        Some(key) => Persona::find(key).and_then(Persona::request).ok_or("There is no such persona.")?,
        None => {
            let owned = |name: &str| text(name).map(str::to_owned);
            let roles = text("roles").unwrap_or_default().split(',').map(|role| role.trim().to_owned());
            TokenRequest {
                tenant_id: text("tenantId").unwrap_or_default().parse().map_err(|_| "The tenant is a UUID.")?,
                roles: Some(roles.filter(|role| !role.is_empty()).collect()),
                name: owned("name"),
                email: owned("email"),
                country: owned("country").map(|country| country.to_ascii_uppercase()),
                cloud: owned("cloud"),
                expires_in_seconds: None,
            }
        }
    };
    if person.cloud().is_some_and(|cloud| !CLOUDS.contains(&cloud)) {
        return Err(format!("The cloud is one of {}.", CLOUDS.join(", ")));
    }
    Ok(TokenRequest { expires_in_seconds: Some(lasts), ..person })
}

/// OpenID Connect RP-Initiated Logout 1.0, without a question.
async fn end_session(uri: Uri) -> Response<Body> {
    let mut given = form::pairs(uri.query().unwrap_or_default());
    let back = given.find(|(name, _)| name == "post_logout_redirect_uri").map(|(_, back)| back);
    let mut response = match back.filter(|back| loopback_origin(back).is_some()) {
        Some(back) => redirect(&back),
        None => refused_page("Signed out; but post_logout_redirect_uri must be http, on this machine"),
    };
    let gone = format!("{COOKIE_NAME}=; Path=/_local; HttpOnly; SameSite=Lax; Max-Age=0");
    if let Ok(gone) = HeaderValue::try_from(gone) {
        response.headers_mut().insert(SET_COOKIE, gone);
    }
    response
}

fn remembering(person: &TokenRequest) -> Option<HeaderValue> {
    let value = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(person).ok()?);
    HeaderValue::try_from(format!("{COOKIE_NAME}={value}; Path=/_local; HttpOnly; SameSite=Lax")).ok()
}

fn remembered(headers: &HeaderMap) -> Option<TokenRequest> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

async fn redeem(State(control): State<Control>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let mut response = match tokens(&control, &headers, &body) {
        Ok(tokens) => ok(&tokens),
        Err((error, description)) => {
            let body = json!({ "error": error, "error_description": description });
            json_response(StatusCode::BAD_REQUEST, Body::from(body.to_string()))
        }
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn tokens(control: &Control, headers: &HeaderMap, body: &[u8]) -> Result<Value, (&'static str, String)> {
    let invalid = |description: &str| ("invalid_request", description.to_owned());
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(invalid("send application/x-www-form-urlencoded"));
    }
    let body = std::str::from_utf8(body).map_err(|_| invalid("the body is not UTF-8"))?;
    let given: BTreeMap<String, String> = form::pairs(body).collect();
    let text = |name: &str| given.get(name).map(String::as_str).filter(|value| !value.is_empty());
    if text("grant_type") != Some("authorization_code") {
        return Err(("unsupported_grant_type", "grant_type must be authorization_code".to_owned()));
    }
    let required = |name: &str| text(name).ok_or_else(|| invalid(&format!("{name} is missing")));
    let redeemed = Redeemed {
        code: required("code")?,
        client_id: required("client_id")?,
        redirect_uri: required("redirect_uri")?,
        verifier: required("code_verifier")?,
    };
    let now = control.clock.now();
    let grant = control.codes.redeem(&redeemed, now).map_err(|why| ("invalid_grant", why.to_owned()))?;
    let failed = |error: anyhow::Error| ("server_error", format!("{error:#}"));
    let mut tokens = json!({
        "access_token": control.issuer.token(&grant.person, now).map_err(failed)?,
        "token_type": "Bearer", "expires_in": grant.person.lasts(), "scope": grant.scope,
    });
    if grant.scope.split(' ').any(|scope| scope == "openid") {
        let identity = control.issuer.identity(&grant.person, &grant.client_id, grant.nonce.as_deref(), now);
        tokens["id_token"] = json!(identity.map_err(failed)?);
    }
    Ok(tokens)
}

pub(super) fn redirect(to: &str) -> Response<Body> {
    let mut response = none();
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = HeaderValue::try_from(to) {
        response.headers_mut().insert(LOCATION, to);
    }
    response
}

fn refused_page(why: &str) -> Response<Body> {
    let mut response = html::page(sign_in_page::refused(why), &sign_in_page::policy(""));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATOR_TENANT;

    #[test]
    fn people_are_sent_back_to_this_machine_only() {
        for (uri, origin) in [
            ("http://127.0.0.1:8787/signed-in", Some("http://127.0.0.1:8787")),
            ("http://localhost:3000/signed-in?a=b", Some("http://localhost:3000")),
            ("http://[::1]:1/", Some("http://[::1]:1")),
            ("https://127.0.0.1/", None),
            ("http://127.0.0.1.a.example/", None),
            ("http://127.0.0.1:80@a.example/", None),
            ("http://a.example/#http://127.0.0.1", None),
            ("http://127.0.0.1/#a", None),
            ("//127.0.0.1/", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(loopback_origin(uri).as_deref(), origin, "{uri}");
        }
    }

    #[test]
    fn a_person_is_one_of_the_examples_or_described() {
        let chosen = |pairs: &[(&str, &str)]| {
            person(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        let known = chosen(&[("persona", "operator"), ("expiresInSeconds", "5")]).unwrap();
        assert_eq!((known.tenant_id.to_string().as_str(), known.lasts()), (OPERATOR_TENANT, 5));
        let tenant = "55555555-5555-4555-8555-555555555555";
        let other = [("tenantId", tenant), ("roles", "SalesAgent, ,Guest"), ("country", "de"), ("name", " ")];
        let other = chosen(&other).unwrap();
        assert_eq!(other.roles.clone().unwrap(), ["SalesAgent", "Guest"]);
        assert_eq!((other.country.as_deref(), other.name.as_deref(), other.lasts()), (Some("DE"), None, HOUR));
        for wrong in [
            &[("persona", "nobody")][..],
            &[("tenantId", "x")],
            &[("tenantId", tenant), ("cloud", "moon")],
            &[("persona", "operator"), ("expiresInSeconds", "soon")],
        ] {
            assert!(chosen(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn who_was_chosen_is_found_again_among_cookies() {
        let operator = Persona::find("operator").and_then(Persona::request).unwrap();
        let set = remembering(&operator).unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        assert!(remembered(&headers).is_none());
        headers.insert(COOKIE, HeaderValue::try_from(format!("theme=dark; {pair}; a=b")).unwrap());
        assert_eq!(remembered(&headers).unwrap().tenant_id, operator.tenant_id);
        headers.insert(COOKIE, HeaderValue::from_static("local_persona=nonsense"));
        assert!(remembered(&headers).is_none());
    }
}
