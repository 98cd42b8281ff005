//! HTTP at the edge: from an API Gateway event to an act's input, and from its outcome to an answer.

mod answer;
mod call;
mod identity;
mod json;
mod problem;
pub mod view;

pub use answer::Answer;
pub use call::Call;
pub use json::{Field, Fields};

use std::{convert::Infallible, future::Future};

use lambda_http::{Request, RequestExt, Response, service_fn};

use tracing::Instrument;

use crate::{Error, deadline::Stopwatch};

/// Runs an act as a Lambda function behind the HTTP API: every event becomes a [`Call`], every outcome an
/// answer, and each invocation leaves one line in the log.
pub async fn serve<D, A, F>(deps: D, act: A) -> Result<(), lambda_http::Error>
where
    D: Send + Sync + 'static,
    A: Fn(&'static D, Call) -> F + Sync + Send,
    F: Future<Output = Result<Answer, Error>> + Send,
{
    // One for the life of the process, so that an act can borrow it across its awaits.
    let deps: &'static D = Box::leak(Box::new(deps));
    lambda_http::run(service_fn(|request: Request| {
        let watch = Stopwatch::start();
        let lambda_request_id = request.lambda_context_ref().map(|context| context.request_id.clone());
        let call = Call::new(request);
        let trace = call.trace();
        let span = tracing::info_span!("invocation", request_id = trace.request_id);
        let outcome = act(deps, call).instrument(span);
        async move {
            let answer = outcome.await.unwrap_or_else(|error| problem::answer(&error, &trace.request_id));
            tracing::info!(
                request_id = trace.request_id,
                lambda_request_id,
                route = trace.route,
                tenant = trace.tenant,
                status = answer.status(),
                outcome = answer.outcome(),
                duration_ms = watch.milliseconds(),
                "answered"
            );
            Ok::<Response<lambda_http::Body>, Infallible>(answer.into_response())
        }
    }))
    .await
}
