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
use shared::{Error, store::Store, telemetry};

use crate::event::{Reported, parse};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    recorded: bool,
}

pub(crate) async fn handle(deps: &Deps, event: LambdaEvent<Value>) -> Result<Answer, lambda_runtime::Error> {
    let Some(reported) = parse(&event.payload) else {
        telemetry::delivery(&event.context.request_id, "not ours");
        return Ok(Answer { recorded: false });
    };
    match record(&deps.store, &reported).await {
        Ok(recorded) => {
            telemetry::delivery(&event.context.request_id, if recorded { "recorded" } else { "nothing new" });
            Ok(Answer { recorded })
        }
        Err(error) => {
            let cause = error.cause();
            telemetry::delivery_failed(&event.context.request_id, &cause);
            Err(cause.into())
        }
    }
}

async fn record(store: &Store, reported: &Reported) -> Result<bool, Error> {
    let Reported { partner_id, invitation_id, attempt_id, event } = reported;
    let now = Timestamp::MIN; // an invitation past its time still learns of its mail
    let seen = match store.invitation(*partner_id, *invitation_id, now).await {
        Ok(seen) => seen,
        Err(Error::Refused(_)) => return Ok(false), // cleaned up since
        Err(other) => return Err(other),
    };
    let before = seen.version();
    let after = store.report_mail(seen, *attempt_id, event).await?;
    Ok(after.version() != before)
}
