//! What the mail service reports becomes the invitation's `delivery`, or its reminder's.
//!
//! Started by an EventBridge rule on the events of the configuration set. They are delivered at least once,
//! in any order, and perhaps before the message's id is stored: a mail is known by the tags it carries, and a
//! state never moves backwards. An address that bounced for good or complained takes no more mail of that
//! partner.
//!
//! Answers `{"recorded": bool}`; false for what is not ours, or says nothing new. An event that fails is tried
//! again by Lambda and then handed to the failure destination.

use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::Value;
use shared::{
    Error,
    store::Store,
    telemetry::{self, Told},
};

use crate::event::{Reported, parse};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    recorded: bool,
}

/// What became of an event.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Recorded,
    NothingNew,
    NotOurs,
}

pub(crate) async fn handle(deps: &Deps, event: LambdaEvent<Value>) -> Result<Answer, lambda_runtime::Error> {
    let (request_id, reported) = (event.context.request_id, parse(&event.payload));
    let time = reported.as_ref().map(|reported| reported.event.at);
    let tell = |outcome: &Result<Outcome, Error>| match outcome {
        Ok(Outcome::Recorded) => Told { request_id, outcome: "recorded", ..Told::default() },
        Ok(Outcome::NothingNew) => Told { request_id, outcome: "nothing-new", ..Told::default() },
        Ok(Outcome::NotOurs) => Told { request_id, outcome: "not-ours", ..Told::default() },
        Err(error) => Told::failed(request_id, error),
    };
    match telemetry::invocation(time, record(&deps.store, reported.as_ref()), tell).await {
        Ok(outcome) => Ok(Answer { recorded: outcome == Outcome::Recorded }),
        Err(error) => Err(error.cause().into()),
    }
}

async fn record(store: &Store, reported: Option<&Reported>) -> Result<Outcome, Error> {
    let Some(reported) = reported else { return Ok(Outcome::NotOurs) };
    let Reported { partner_id, invitation_id, attempt_id, event } = reported;
    let now = Timestamp::MIN; // an invitation past its time still learns of its mail
    let seen = match store.invitation(*partner_id, *invitation_id, now).await {
        Ok(seen) => seen,
        Err(Error::Refused(_)) => return Ok(Outcome::NothingNew), // cleaned up since
        Err(other) => return Err(other),
    };
    let before = seen.version();
    let after = store.report_mail(seen, *attempt_id, event).await?;
    Ok(if after.version() == before { Outcome::NothingNew } else { Outcome::Recorded })
}
