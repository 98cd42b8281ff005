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
    /// Takes the request, never answers, and keeps no mail: it was never sent.
    Timeout,
    /// Takes the request, keeps the mail, and never answers: it was sent, and the answer was lost.
    Lost,
}

/// The mails of one set.
#[derive(Debug)]
pub(crate) struct Mailbox {
    clock: Arc<Clock>,
    mails: Mutex<Vec<Mail>>,
    next: Mutex<Option<MailFailure>>,
}

/// One mail, as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// What SES answers as `MessageId`.
    pub(crate) id: String,
    /// By the virtual clock.
    pub(crate) sent_at: Timestamp,
    /// The request's body.
    pub(crate) request: Value,
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

    /// The newest mail of which `is` says so.
    pub(crate) fn find(&self, is: impl Fn(&Mail) -> bool) -> Option<Mail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().rev().find(|mail| is(mail)).cloned()
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
    /// The value of a tag.
    pub(crate) fn tag(&self, name: &str) -> Option<&str> {
        let mut tags = self.request["EmailTags"].as_array().into_iter().flatten();
        tags.find(|tag| tag["Name"] == name)?["Value"].as_str()
    }

    /// Its HTML part, if it has one.
    pub(crate) fn html(&self) -> Option<&str> {
        self.request["Content"]["Simple"]["Body"]["Html"]["Data"].as_str()
    }

    /// What `GET /_local/mail` says of it.
    pub(crate) fn shown(&self) -> Value {
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
            "configurationSet": request["ConfigurationSetName"],
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
        Some(MailFailure::Reject) => refused("MessageRejected", &unverified(&body)),
        Some(MailFailure::Lost) | None => match serde_json::from_slice::<Value>(&body) {
            Ok(request) if request["Content"].is_object() => {
                let id = mailbox.keep(request);
                if next.is_some() {
                    std::future::pending::<()>().await;
                }
                answer(StatusCode::OK, None, &json!({ "MessageId": id }))
            }
            Ok(_) | Err(_) => refused("BadRequestException", "Content is missing, or the body is not JSON."),
        },
    }
}

/// As SES refuses a mail while the account is in its sandbox, with the address in the sentence.
fn unverified(body: &[u8]) -> String {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let to = request["Destination"]["ToAddresses"][0].as_str().unwrap_or_default();
    format!("Email address is not verified. The following identities failed the check in region US-EAST-1: {to}")
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request() -> Bytes {
        json!({ "Content": { "Simple": {} }, "EmailTags": [{ "Name": "attempt", "Value": "a" }] }).to_string().into()
    }

    #[tokio::test]
    async fn a_lost_answer_keeps_the_mail_and_a_timeout_does_not() {
        let mailbox = Mailbox::new(Arc::default());
        for (failure, kept) in [(MailFailure::Timeout, false), (MailFailure::Lost, true)] {
            mailbox.fail_next(Some(failure));
            let answer = send(State(Arc::clone(&mailbox)), request());
            assert!(tokio::time::timeout(Duration::from_millis(20), answer).await.is_err(), "{failure:?}");
            assert_eq!(mailbox.find(|mail| mail.tag("attempt") == Some("a")).is_some(), kept, "{failure:?}");
        }
        assert_eq!(send(State(mailbox), request()).await.status(), StatusCode::OK);
    }
}
