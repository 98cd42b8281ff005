//! SESv2 as far as `SendEmail` goes: `POST /v2/email/outbound-emails` takes a mail and keeps it, every field of it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::Clock;

/// How many mails are kept; the oldest go first.
const KEPT: usize = 10_000;

/// What the mail service does next, once.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum MailFailure {
    /// `MessageRejected`, 400.
    Reject,
    /// Takes the request and never answers.
    Timeout,
}

/// The mails of one set.
#[derive(Debug)]
pub(crate) struct Mailbox {
    clock: Arc<Clock>,
    mails: Mutex<Vec<Mail>>,
    next: Mutex<Option<MailFailure>>,
}

#[derive(Debug)]
struct Mail {
    id: String,
    sent_at: Timestamp,
    request: Value,
}

impl Mailbox {
    /// An empty one.
    pub(crate) fn new(clock: Arc<Clock>) -> Arc<Self> {
        Arc::new(Self { clock, mails: Mutex::default(), next: Mutex::default() })
    }

    /// The service.
    pub(crate) fn routes(self: Arc<Self>) -> Router {
        Router::new().route("/v2/email/outbound-emails", post(send)).with_state(self)
    }

    /// What it does with the next mail.
    pub(crate) fn fail_next(&self, failure: Option<MailFailure>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// The mails, newest first.
    pub(crate) fn items(&self) -> Vec<Value> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().map(Mail::shown).collect()
    }

    fn keep(&self, request: Value) -> String {
        let id = format!("{}-000000", Uuid::new_v4());
        let mail = Mail { id: id.clone(), sent_at: self.clock.now(), request };
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= KEPT {
            mails.remove(0);
        }
        mails.push(mail);
        id
    }
}

impl Mail {
    fn shown(&self) -> Value {
        let request = &self.request;
        let simple = &request["Content"]["Simple"];
        let addresses = |list: &Value| {
            let list: Vec<_> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            list.join(", ")
        };
        json!({
            "messageId": self.id,
            "sentAt": self.sent_at.to_string(),
            "from": request["FromEmailAddress"],
            "to": addresses(&request["Destination"]["ToAddresses"]),
            "replyTo": addresses(&request["ReplyToAddresses"]),
            "subject": simple["Subject"]["Data"],
            "text": simple["Body"]["Text"]["Data"],
            "html": simple["Body"]["Html"]["Data"],
            "headers": pairs(&simple["Headers"]),
            "tags": pairs(&request["EmailTags"]),
            "request": request,
        })
    }
}

/// `[{"Name","Value"}]` as an object.
fn pairs(list: &Value) -> Value {
    let pairs = list.as_array().into_iter().flatten();
    pairs.filter_map(|pair| Some((pair["Name"].as_str()?.to_owned(), pair["Value"].clone()))).collect()
}

async fn send(State(mailbox): State<Arc<Mailbox>>, body: Bytes) -> Response<Body> {
    let next = mailbox.next.lock().unwrap_or_else(PoisonError::into_inner).take();
    match next {
        Some(MailFailure::Timeout) => std::future::pending().await,
        Some(MailFailure::Reject) => refused("MessageRejected", "Email address is not verified."),
        None => match serde_json::from_slice::<Value>(&body) {
            Ok(request) if request["Content"].is_object() => {
                answer(StatusCode::OK, None, &json!({ "MessageId": mailbox.keep(request) }))
            }
            Ok(_) | Err(_) => refused("BadRequestException", "Content is missing, or the body is not JSON."),
        },
    }
}

fn refused(name: &'static str, message: &str) -> Response<Body> {
    answer(StatusCode::BAD_REQUEST, Some(name), &json!({ "message": message }))
}

fn answer(status: StatusCode, error: Option<&'static str>, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", axum::http::HeaderValue::from_static("application/json"));
    if let Some(error) = error {
        headers.insert("x-amzn-errortype", axum::http::HeaderValue::from_static(error));
    }
    response
}
