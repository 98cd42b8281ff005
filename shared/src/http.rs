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
pub(crate) use problem::slug;

use std::{convert::Infallible, future::Future};

use lambda_http::{Request, RequestExt, Response, service_fn};

use tracing::Instrument;

use crate::{
    Error,
    telemetry::{self, Told},
};

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
        let lambda_request_id = request.lambda_context_ref().map(|context| context.request_id.clone());
        let call = Call::new(request);
        let (trace, time) = (call.trace(), call.now().ok());
        let span = tracing::info_span!("invocation", request_id = trace.request_id);
        let act = act(deps, call).instrument(span);
        async move {
            let request_id = trace.request_id.clone();
            let answered = async {
                match act.await {
                    Ok(answer) => (answer, None),
                    Err(error) => (problem::answer(&error, &request_id), error.broke()),
                }
            };
            let tell = |(answer, cause): &(Answer, Option<String>)| Told {
                request_id: trace.request_id,
                lambda_request_id,
                route: trace.route,
                tenant: trace.tenant,
                status: Some(answer.status()),
                outcome: answer.outcome(),
                cause: cause.clone(),
                ..Told::default()
            };
            let (answer, _) = telemetry::invocation(time, answered, tell).await;
            Ok::<Response<lambda_http::Body>, Infallible>(answer.into_response())
        }
    }))
    .await
}
