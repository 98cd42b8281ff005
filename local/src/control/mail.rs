//! The mailbox: as JSON, as pages, and what becomes of its mails.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Control, Refused, failed, json_response, none, ok, parsed, refused};
use crate::html::page;
use crate::mail_event::{self, BounceType, Kind, Report};
use crate::mail_page;
use crate::mailbox::{Mail, MailFailure};

/// Who is told what became of a mail.
const RECORDER: &str = "record-delivery";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetMailFailure {
    next: Option<MailFailure>,
}

/// Which mail, and what SES reports of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reported {
    message_id: Option<String>,
    attempt: Option<String>,
    #[serde(rename = "type")]
    kind: Kind,
    bounce_type: Option<BounceType>,
    reason: Option<String>,
    time: Option<Timestamp>,
}

/// The routes.
pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/_local/mail", get(items))
        .route("/_local/mail/failure", post(fail))
        .route("/_local/mail/event", post(report))
        .route("/_local/mailbox", get(list))
        .route("/_local/mailbox/{id}", get(one))
        .route("/_local/mailbox/{id}/html", get(html))
}

async fn items(State(control): State<Control>) -> Response<Body> {
    ok(&json!({ "items": control.mailbox.items() }))
}

async fn fail(State(control): State<Control>, body: Bytes) -> Answer {
    let SetMailFailure { next } = parsed(&body)?;
    control.mailbox.fail_next(next);
    Ok(none())
}

async fn report(State(control): State<Control>, body: Bytes) -> Answer {
    let Reported { message_id, attempt, kind, bounce_type, reason, time } = parsed(&body)?;
    if bounce_type.is_some() && kind != Kind::Bounce {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "bounceType: only a bounce has one"));
    }
    let mail = match (message_id, attempt) {
        (Some(id), None) => by_id(&control, &id)?,
        (None, Some(attempt)) => {
            control.mailbox.find(|mail| mail.tag("attempt") == Some(&attempt)).ok_or_else(|| {
                refused(
                    StatusCode::NOT_FOUND,
                    format!("no mail has the attempt {attempt}; GET /_local/mail has their tags"),
                )
            })?
        }
        (Some(_), Some(_)) | (None, None) => {
            let message = "which mail: either messageId or attempt; GET /_local/mail has both";
            return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
    };
    let at = time.unwrap_or_else(|| control.clock.now());
    let report = Report { kind, bounce_type: bounce_type.unwrap_or_default(), reason, at };
    let event = mail_event::event(&mail, &report).to_string();
    match control.instances.invoke(RECORDER, event.into_bytes()).await {
        Ok(answer) => Ok(json_response(StatusCode::OK, answer.into())),
        Err(failure) => Err(failed(RECORDER, &failure)),
    }
}

async fn list(State(control): State<Control>) -> Response<Body> {
    page(mail_page::list(&control.mailbox.items()), mail_page::PAGE_POLICY)
}

async fn one(State(control): State<Control>, Path(id): Path<String>) -> Answer {
    Ok(page(mail_page::one(&by_id(&control, &id)?), mail_page::PAGE_POLICY))
}

async fn html(State(control): State<Control>, Path(id): Path<String>) -> Answer {
    let mail = by_id(&control, &id)?;
    let html = mail.html().ok_or_else(|| refused(StatusCode::NOT_FOUND, "this mail has no HTML part"))?;
    Ok(page(html.to_owned(), mail_page::PART_POLICY))
}

fn by_id(control: &Control, id: &str) -> Result<Mail, Refused> {
    let found = control.mailbox.find(|mail| mail.id == id);
    found.ok_or_else(|| refused(StatusCode::NOT_FOUND, format!("no mail {id}; GET /_local/mail lists them")))
}
