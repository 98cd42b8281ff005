//! What only exists here: `/_local/…`, and the issuer's `/.well-known/…`.
//!
//! What cannot be understood is answered 400 (no JSON) or 422 (JSON that says something else) with `{"message":"…"}`.

mod demo;
mod mail;
mod sign_in;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::codes::Codes;
use crate::fault::Fault;
use crate::gateway::Gateway;
use crate::instance::Failure;
use crate::instances::Instances;
use crate::issuer::{CLOUDS, Issuer, TokenRequest};
use crate::mailbox::Mailbox;
use crate::schedule::Scheduler;
use crate::store::Store;

/// All that can be asked and set.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(crate) clock: Arc<Clock>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) store: Arc<Store>,
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) instances: Arc<Instances>,
    /// Codes that clients have not redeemed yet.
    pub(crate) codes: Arc<Codes>,
    /// The API itself, for what is asked of it from here.
    pub(crate) gateway: Arc<Gateway>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    now: Timestamp,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunAt {
    time: Option<Timestamp>,
}

/// An answer, or why there is none.
type Answer = Result<Response<Body>, Refused>;

/// Why there is no answer: the status, and what to do about it.
#[derive(Debug)]
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        json_response(self.0, Body::from(json!({ "message": self.1 }).to_string()))
    }
}

impl Control {
    /// The routes.
    pub(crate) fn routes(self) -> Router {
        Router::new()
            .route("/_local/token", post(token))
            .merge(sign_in::routes())
            .merge(demo::routes())
            .merge(mail::routes())
            .route("/_local/clock", put(set_clock).get(show_clock).delete(reset_clock))
            .route("/_local/store/fault", post(fail_store))
            .route("/_local/store/calls", get(calls).delete(reset_calls))
            .route("/_local/schedule/{function}", post(run))
            .route("/_local/{*rest}", get(unknown).fallback(unknown))
            .method_not_allowed_fallback(not_that_way)
            .with_state(self)
    }
}

async fn token(State(control): State<Control>, body: Bytes) -> Answer {
    let request: TokenRequest = parsed(&body)?;
    if let Some(cloud) = request.cloud().filter(|cloud| !CLOUDS.contains(cloud)) {
        let message = format!("cloud: `{cloud}` is none of {}", CLOUDS.join(", "));
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    let token = control.issuer.token(&request, control.clock.now());
    token
        .map(|token| ok(&json!({ "access_token": token, "token_type": "Bearer", "expires_in": request.lasts() })))
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")))
}

async fn set_clock(State(control): State<Control>, body: Bytes) -> Answer {
    let SetClock { now } = parsed(&body)?;
    if now < Timestamp::UNIX_EPOCH {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "now: before 1970 there are no events"));
    }
    control.clock.set(now);
    Ok(clock(&control))
}

async fn show_clock(State(control): State<Control>) -> Response<Body> {
    clock(&control)
}

async fn reset_clock(State(control): State<Control>) -> Response<Body> {
    control.clock.reset();
    clock(&control)
}

fn clock(control: &Control) -> Response<Body> {
    ok(&json!({ "now": control.clock.now() }))
}

async fn fail_store(State(control): State<Control>, body: Bytes) -> Answer {
    let fault: Fault = parsed(&body)?;
    if !(0.0..=1.0).contains(&fault.rate) {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "rate: a share from 0 to 1"));
    }
    control.store.faults.set(fault);
    Ok(none())
}

async fn calls(State(control): State<Control>) -> Response<Body> {
    ok(&control.store.calls())
}

async fn reset_calls(State(control): State<Control>) -> Response<Body> {
    control.store.reset();
    none()
}

async fn run(State(control): State<Control>, Path(function): Path<String>, body: Bytes) -> Answer {
    let RunAt { time } = if body.is_empty() { RunAt::default() } else { parsed(&body)? };
    let at = time.unwrap_or_else(|| control.clock.now());
    match control.scheduler.run_at(&function, at).await {
        Some(Ok(report)) => Ok(json_response(StatusCode::OK, report.into())),
        Some(Err(failure)) => Err(failed(&function, &failure)),
        None => {
            let known = control.scheduler.functions().join(", ");
            Err(refused(StatusCode::NOT_FOUND, format!("nothing schedules `{function}`; scheduled are: {known}")))
        }
    }
}

fn failed(function: &str, failure: &Failure) -> Refused {
    let (status, why) = match failure {
        Failure::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "it timed out".to_owned()),
        Failure::Reported(error) => (StatusCode::BAD_GATEWAY, String::from_utf8_lossy(error).into_owned()),
        Failure::Crashed(reason) => (StatusCode::BAD_GATEWAY, reason.clone()),
        Failure::Unknown => (StatusCode::NOT_FOUND, "there is no such function".to_owned()),
    };
    refused(status, format!("{function}: {why}"))
}

async fn unknown() -> Refused {
    refused(StatusCode::NOT_FOUND, "nothing of that name here; see the table of `/_local` in docs")
}

async fn not_that_way() -> Refused {
    refused(StatusCode::METHOD_NOT_ALLOWED, "not with this method")
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| refused(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}")))?;
    serde_path_to_error::deserialize(value)
        .map_err(|error| refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}

fn ok(value: &Value) -> Response<Body> {
    json_response(StatusCode::OK, Body::from(value.to_string()))
}

fn none() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn refused(status: StatusCode, message: impl Into<String>) -> Refused {
    Refused(status, message.into())
}

fn json_response(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}
