//! Functions that a schedule starts.

use std::future::Future;

use jiff::Timestamp;
use lambda_runtime::{Context, Error as RuntimeError, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    telemetry::{self, Told},
};

/// What the schedule sends: the time it was to start at, which is the act's now.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Tick {
    /// The scheduled time.
    pub time: Timestamp,
}

/// Runs an act as a scheduled Lambda function: its report is the function's answer, and each run leaves one
/// line in the log. An act that fails fails the invocation, which the platform tries again and then hands to
/// the failure destination.
pub async fn serve<D, A, F, R>(deps: D, act: A) -> Result<(), RuntimeError>
where
    D: Send + Sync + 'static,
    A: Fn(&'static D, Tick, Context) -> F,
    F: Future<Output = Result<R, Error>>,
    R: Serialize,
{
    let deps: &'static D = Box::leak(Box::new(deps));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Tick>| {
        let (tick, request_id) = (event.payload, event.context.request_id.clone());
        let run = act(deps, tick, event.context);
        async move {
            let tell = |outcome: &Result<R, Error>| match outcome {
                Ok(report) => {
                    let report = serde_json::to_value(report).ok();
                    Told { request_id, outcome: "ok", report, ..Told::default() }
                }
                Err(error) => Told::failed(request_id, error),
            };
            let outcome = telemetry::invocation(Some(tick.time), run, tell).await;
            outcome.map_err(|error| RuntimeError::from(error.cause()))
        }
    }))
    .await
}
