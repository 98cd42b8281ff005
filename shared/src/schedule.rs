//! Functions that a schedule starts.

use std::future::Future;

use jiff::Timestamp;
use lambda_runtime::{Context, Error as RuntimeError, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};

use crate::{Error, deadline::Stopwatch};

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
        let (watch, tick, request_id) = (Stopwatch::start(), event.payload, event.context.request_id.clone());
        let run = act(deps, tick, event.context);
        async move {
            let (outcome, duration_ms) = (run.await, watch.milliseconds());
            match outcome {
                Ok(report) => {
                    let line = serde_json::to_string(&report).unwrap_or_default();
                    tracing::info!(request_id, time = %tick.time, report = line, duration_ms, "ran");
                    Ok(report)
                }
                Err(error) => {
                    let cause = error.cause();
                    tracing::error!(request_id, time = %tick.time, cause, duration_ms, "failed");
                    Err(RuntimeError::from(cause))
                }
            }
        }
    }))
    .await
}
