//! The Lambda Runtime API, as far as `lambda_runtime` uses it, one path per instance:
//! `/<function>/<instance>/2018-06-01/runtime/…`.
//!
//! | request | answer |
//! |---|---|
//! | `GET invocation/next` | the next event, as soon as there is one |
//! | `POST invocation/{id}/response`, `POST invocation/{id}/error` | 202; 400 where that invocation is over |
//! | `POST init/error` | 202; the process ends by itself |

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use uuid::Uuid;

use crate::clock;
use crate::environment::{ACCOUNT, REGION};
use crate::instance::{Failure, Outcome};
use crate::instances::Instances;
use crate::logs::Logs;

/// Lambda takes answers of up to 6 MiB, and a little for their envelope.
const MOST: usize = 7 * 1024 * 1024;

#[derive(Debug, Clone)]
struct Api {
    instances: Arc<Instances>,
    logs: Arc<Logs>,
}

/// The routes.
pub(crate) fn routes(instances: Arc<Instances>, logs: Arc<Logs>) -> Router {
    let runtime = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{request}/response", post(response))
        .route("/invocation/{request}/error", post(error))
        .route("/init/error", post(init_error));
    Router::new()
        .nest("/{function}/{instance}/2018-06-01/runtime", runtime)
        .layer(DefaultBodyLimit::max(MOST))
        .with_state(Api { instances, logs })
}

async fn next(State(api): State<Api>, Path((function, id)): Path<(String, u64)>) -> Response<Body> {
    let Some(instance) = api.instances.instance(&function, id) else { return status(StatusCode::GONE) };
    let Some((request, event)) = instance.next().await else { return status(StatusCode::GONE) };
    let timeout = i64::try_from(api.instances.timeout(&function).as_millis()).unwrap_or(i64::MAX);
    let deadline = clock::real_now().as_millisecond().saturating_add(timeout);
    let trace = Uuid::new_v4().simple().to_string();
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", request)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"))
        .header("lambda-runtime-trace-id", format!("Root=1-{}-{};Sampled=0", &trace[..8], &trace[8..]))
        .body(Body::from(event))
        .unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn response(
    State(api): State<Api>,
    Path((function, id, request)): Path<(String, u64, String)>,
    body: Bytes,
) -> Response<Body> {
    answer(&api, &function, id, &request, Ok(body))
}

async fn error(
    State(api): State<Api>,
    Path((function, id, request)): Path<(String, u64, String)>,
    body: Bytes,
) -> Response<Body> {
    api.logs.add(&function, format!("RequestId: {request} Error: {}", String::from_utf8_lossy(&body)));
    answer(&api, &function, id, &request, Err(Failure::Reported(body)))
}

async fn init_error(State(api): State<Api>, Path((function, _)): Path<(String, u64)>, body: Bytes) -> Response<Body> {
    api.logs.add(&function, format!("did not start: {}", String::from_utf8_lossy(&body)));
    status(StatusCode::ACCEPTED)
}

fn answer(api: &Api, function: &str, id: u64, request: &str, outcome: Outcome) -> Response<Body> {
    match api.instances.instance(function, id) {
        Some(instance) if instance.answer(request, outcome) => status(StatusCode::ACCEPTED),
        Some(_) => status(StatusCode::BAD_REQUEST),
        None => status(StatusCode::GONE),
    }
}

/// An answer without a word: the runtime looks at nothing but the status.
fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from("{}"));
    *response.status_mut() = status;
    response
}
